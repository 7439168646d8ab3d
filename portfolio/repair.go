package portfolio

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"domainprovisioning/intake"
	"domainprovisioning/messages"
	"domainprovisioning/orders"
	"domainprovisioning/store"
)

// Repairs settles differences at a person's wish. All fields are required.
type Repairs struct {
	Store  *store.Store
	Intake *intake.Intake
	// Left tells the life of a domain that a person says it was transferred away.
	Left func(ctx context.Context, name, actor, reason string) error
	Log  *slog.Logger
}

// RepairAction is what is done about a difference.
type RepairAction string

// The actions.
const (
	// ByPerson: nothing can be done here; the text says what a person does.
	ByPerson RepairAction = "person"
	// OrderNameServers: an order sets the name servers again that we hold.
	OrderNameServers RepairAction = "order"
	// MarkAway: the domain is recorded as transferred away, which ends its life.
	MarkAway RepairAction = "transferred-away"
	// AcceptTheirs: what the registrar has is ours from now on.
	AcceptTheirs RepairAction = "accept"
)

// RepairActions lists every action.
func RepairActions() []RepairAction {
	return []RepairAction{ByPerson, OrderNameServers, MarkAway, AcceptTheirs}
}

// Repair is what is done about one difference.
type Repair struct {
	Fact   store.Fact
	Action RepairAction
	// Text says it to people, with the values.
	Text string
	// Safe says that it takes nothing from anybody. What is not safe is only done if its kind is named.
	Safe bool
}

// PlanRepair says what would be done about a difference; accept says that what the registrar has is
// right.
func PlanRepair(fact store.Fact, accept bool) Repair {
	person := func(format string, args ...any) Repair {
		return Repair{Fact: fact, Action: ByPerson, Text: fmt.Sprintf(format, args...)}
	}
	if accept && (fact.Kind == messages.DiffersExpiry || slices.Contains(messages.ReadDifferences(), fact.Kind)) {
		return Repair{Fact: fact, Action: AcceptTheirs, Text: fmt.Sprintf("hold what the registrar has: %s instead of %s", fact.Theirs, fact.Ours)}
	}
	switch fact.Kind {
	case messages.DiffersNameServers:
		return Repair{Fact: fact, Action: OrderNameServers, Safe: true, Text: "order a name-server-change to " + fact.Ours}
	case messages.DiffersMissing:
		return Repair{Fact: fact, Action: MarkAway, Text: "record that it was transferred away, which ends its life here"}
	case messages.DiffersUnknown:
		return person("`starter domains import` brings it in")
	case messages.DiffersDNSSEC, messages.DiffersLock, messages.DiffersPrivacy, messages.DiffersAutoRenewal:
		return person("order a settings-change to %s, or accept %s", fact.Ours, fact.Theirs)
	case messages.DiffersOwner:
		return person("ask who has changed the owner from %s to %s; order an owner-change, or accept it", fact.Ours, fact.Theirs)
	case messages.DiffersExpiry, messages.DiffersStatus:
		return person("ask the registrar why it has %s where we hold %s, or accept it", fact.Theirs, fact.Ours)
	case messages.DiffersBillingExpiry:
		// The documented calls of Billing add a subscription and read it; none changes its date.
		return person("set the expiration date of its subscription in Billing from %s to %s: Billing has no call for that", fact.Theirs, fact.Ours)
	case messages.DiffersBillingMissing:
		return person("add its subscription in Billing for %s", fact.Ours)
	case messages.DiffersOperationsMissing:
		return person("add it in Operations for %s", fact.Ours)
	}
	return person("correct it there: it has %s, and should have %s", fact.Theirs, fact.Ours)
}

// RepairKey is the key under which a repair places its order: once for a difference.
func RepairKey(fact store.Fact) string {
	return fmt.Sprintf("drift/%s/%s/%s", fact.Domain, fact.Kind, fact.FirstSeen.UTC().Format(time.RFC3339))
}

// ErrNotRepaired means that a repair cannot be carried out now.
var ErrNotRepaired = errors.New("portfolio: the repair cannot be carried out")

// Do carries out a repair, and returns what was done in a few words. A repeat does it once. Errors:
// *intake.Refusal, ErrNotRepaired, and those of a store or Temporal that is away.
func (r *Repairs) Do(ctx context.Context, repair Repair, actor, reason string) (string, error) {
	switch repair.Action {
	case OrderNameServers:
		return r.orderNameServers(ctx, repair.Fact)
	case MarkAway:
		return r.markAway(ctx, repair.Fact.Domain, actor, reason)
	case AcceptTheirs:
		if err := r.Store.AcceptTheirs(ctx, repair.Fact); err != nil {
			return "", err
		}
		return "accepted", nil
	}
	return "left to a person", nil
}

// orderNameServers orders the name servers that we hold. The difference is gone when a walk finds
// them set.
func (r *Repairs) orderNameServers(ctx context.Context, fact store.Fact) (string, error) {
	domain, err := r.Store.Domain(ctx, fact.Domain)
	if err != nil {
		return "", err
	}
	if domain.Held == nil || len(domain.Held.NameServers) == 0 || domain.Sells.Plan == 0 || domain.Sells.Account == 0 {
		return "", fmt.Errorf("%w: no name servers, no plan or no customer's account is known for %s", ErrNotRepaired, fact.Domain)
	}
	item := map[string]any{"operation": orders.NameServerChange, "nameServers": domain.Held.NameServers}
	if domain.Sells.Period != orders.NoPeriod {
		item["periodId"] = domain.Sells.Period
	}
	document, err := orderOf(domain, item)
	if err != nil {
		return "", err
	}
	key := RepairKey(fact)
	placed, err := r.Intake.PlaceJSON(intake.WithCaller(ctx, intake.Caller{Client: domain.Client}), document,
		&store.Idempotency{Client: store.RepairKeys, Key: key, Request: key})
	if err != nil {
		return "", err
	}
	for _, unit := range placed.Units {
		if unit.State == store.UnitFailed || unit.State == store.UnitCancelled {
			return "", fmt.Errorf("%w: order %s was placed for it before and is %s; order the name servers, or accept what the registrar has", ErrNotRepaired, placed.Number, unit.State)
		}
	}
	r.Log.InfoContext(ctx, "name servers are set again", "domain", domain.Name, "order", placed.Number)
	return "order " + placed.Number, nil
}

// markAway ends the life of a domain that was transferred away. It is not held any more then, so it
// differs in nothing.
func (r *Repairs) markAway(ctx context.Context, name, actor, reason string) (string, error) {
	if err := r.Left(ctx, name, actor, reason); err != nil {
		return "", err
	}
	return "transferred away", r.Store.ClearDrift(ctx, name, slices.DeleteFunc(messages.Differences(), func(kind messages.Difference) bool {
		return kind == messages.DiffersUnknown
	}))
}
