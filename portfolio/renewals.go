// Package portfolio is about the domains that are held for customers, years after the orders that
// brought them: it has them renewed, and compares what we hold with what the registrars hold.
package portfolio

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"time"

	"go.temporal.io/sdk/client"

	"domainprovisioning/activities"
	"domainprovisioning/intake"
	"domainprovisioning/messages"
	"domainprovisioning/operations"
	"domainprovisioning/orders"
	"domainprovisioning/store"
)

// Renewals places the orders that renew domains. All fields are required.
type Renewals struct {
	Intake   *intake.Intake
	Temporal client.Client
	// Operations is asked whether the customer's hosting is terminated.
	Operations *operations.Client
	Log        *slog.Logger
}

// RenewalKey is the key under which the renewal of a domain is ordered, once for a date.
func RenewalKey(domain string, expires time.Time) string {
	return fmt.Sprintf("renewal/%s/%s", domain, expires.UTC().Format(time.DateOnly))
}

// PlaceRenewal orders the renewal of a domain for as long as its plan sells, or finds the order that
// was placed before. It orders nothing for a customer whose hosting is terminated, and nothing
// beside an order that moves or deletes the domain. An error is one that passes.
func (r *Renewals) PlaceRenewal(ctx context.Context, domain store.Domain, expires time.Time) (activities.PlaceRenewalResult, error) {
	key := RenewalKey(domain.Name, expires)
	if terminated, err := r.terminated(ctx, domain); err != nil || terminated {
		return activities.PlaceRenewalResult{
			Outcome: activities.RenewalUnpaid, Detail: fmt.Sprintf("hosting subscription %d is terminated", domain.Sells.HostingSubscription),
		}, err
	}
	if domain.Sells.Plan == 0 || domain.Sells.Account == 0 {
		return activities.PlaceRenewalResult{Outcome: activities.RenewalRefused, Detail: "no plan or no customer's account is known for it"}, nil
	}
	document, err := renewalOrder(domain, expires)
	if err != nil {
		return activities.PlaceRenewalResult{}, err
	}
	ctx = intake.WithCaller(ctx, intake.Caller{Client: domain.Client})
	// The order's body may read differently once plans or accounts have changed: the key alone
	// says that it is the same.
	placed, err := r.Intake.PlaceJSON(ctx, document, &store.Idempotency{Client: store.RenewalKeys, Key: key, Request: key})
	var result activities.PlaceRenewalResult
	_, isOpen := errors.AsType[*store.DomainOpenError](err)
	refusal, refused := errors.AsType[*intake.Refusal](err)
	switch {
	case err == nil:
		result = r.standing(ctx, placed)
	case isOpen:
		result = activities.PlaceRenewalResult{Outcome: activities.RenewalBlocked, Detail: refusal.Reasons[0]}
	case refused:
		result = activities.PlaceRenewalResult{Outcome: activities.RenewalRefused, Detail: refusal.Reasons[0]}
	default:
		return result, err
	}
	r.Log.InfoContext(ctx, "renewal of a domain", "domain", domain.Name, "outcome", result.Outcome, "order", result.Order)
	return result, nil
}

// terminated asks Operations about the hosting that the domain was sold with. It is terminated if
// Operations does not know it any more; one that is only disabled may come back, and its domain must
// still be there then.
func (r *Renewals) terminated(ctx context.Context, domain store.Domain) (bool, error) {
	if domain.Sells.HostingSubscription == 0 || r.Operations == nil {
		return false, nil
	}
	_, err := r.Operations.GetSubscription(ctx, domain.Sells.HostingSubscription)
	if operations.IsNotFound(err) {
		return true, nil
	}
	return false, err
}

// standing says how the order of a renewal stands, and has it tried again if it is parked for want
// of funds: the registrar has refused it, so nothing was paid, and a payment tells nobody.
func (r *Renewals) standing(ctx context.Context, placed intake.Placed) activities.PlaceRenewalResult {
	result := activities.PlaceRenewalResult{Outcome: activities.RenewalOver, Order: placed.Number}
	for _, unit := range placed.Units {
		if unit.State != store.UnitOpen {
			continue
		}
		result.Outcome = activities.RenewalPlaced
		if unit.Shown != messages.NeedsAttention {
			continue
		}
		result.Parked = messages.Reason(unit.Reason)
		if result.Parked != messages.ReasonBalance {
			continue
		}
		_, err := messages.RetryStep().Send(ctx, r.Temporal, unit.WorkflowID, "", messages.Retry{
			Actor: "life of " + unit.Domain, Reason: "asked again: the registrar account may have been paid into",
		})
		if err != nil {
			r.Log.WarnContext(ctx, "a renewal that lacks funds could not be tried again", "order", placed.Number, "error", err)
		}
	}
	return result
}

// renewalOrder is the order in its JSON form.
func renewalOrder(domain store.Domain, expires time.Time) ([]byte, error) {
	says := map[string]any{"operation": orders.Renewal, "expires": expires.UTC().Format(time.DateOnly), "transferKey": ""}
	if domain.Sells.Period != orders.NoPeriod {
		says["periodId"] = domain.Sells.Period
	}
	return orderOf(domain, says)
}

// orderOf is an order for a domain that is held, in its JSON form. says is what its item says besides
// the domain and its plan.
func orderOf(domain store.Domain, says map[string]any) ([]byte, error) {
	item := map[string]any{"id": 0, "planId": domain.Sells.Plan, "parentId": orders.NoParent, "domain": domain.Name}
	maps.Copy(item, says)
	document, err := json.Marshal(map[string]any{
		"vendorAccountId": domain.Sells.Vendor, "items": []any{item}, "customer": map[string]any{"accountId": domain.Sells.Account},
	})
	if err != nil {
		return nil, fmt.Errorf("portfolio: an order for %s: %w", domain.Name, err)
	}
	return document, nil
}
