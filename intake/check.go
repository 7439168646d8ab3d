package intake

import (
	"context"
	"errors"
	"fmt"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/orders"
	"domainprovisioning/registrars"
)

// checkTimeout bounds the question to the registrar while a caller waits. A
// registrar that does not answer is asked again in step 6.
const checkTimeout = 15 * time.Second

// resolve turns an order into units of work and refuses what cannot be served,
// before anything is stored.
func (i *Intake) resolve(ctx context.Context, order *orders.Order) ([]orders.Provisioning, error) {
	units, err := i.Catalog.Resolve(order)
	if err != nil {
		return nil, err
	}
	var refusal Refusal
	seen := map[domains.Name]int{}
	for _, unit := range units {
		if unit.Domain == nil {
			continue
		}
		if first, twice := seen[unit.Domain.Name]; twice {
			refusal.Reasons = append(refusal.Reasons,
				fmt.Sprintf("item %d: %s is ordered by item %d already", unit.Item, unit.Domain.Name, first))
			continue
		}
		seen[unit.Domain.Name] = unit.Item
		if err := i.check(ctx, unit); err != nil {
			refusal.Reasons = append(refusal.Reasons, fmt.Sprintf("item %d: %s", unit.Item, err))
		}
	}
	if len(refusal.Reasons) > 0 {
		return nil, &refusal
	}
	return units, nil
}

// check refuses a domain that the registrar cannot register, as far as can be
// told without spending anything.
func (i *Intake) check(ctx context.Context, unit orders.Provisioning) error {
	d := unit.Domain
	if unit.Operation != orders.Registration {
		return fmt.Errorf("OrderOperationType %d (%s) is not served yet; only 10 (registration) is", int(unit.Operation), unit.Operation)
	}
	account, ok := i.Accounts[d.Registrar]
	if !ok {
		return fmt.Errorf("registrar account %q is not configured", d.Registrar)
	}
	if !account.Registrar.Describe().Serves(registrars.Registration) {
		return fmt.Errorf("registrar account %q does not register domains", d.Registrar)
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	err := account.Registrar.Check(ctx, registrars.Request{
		Kind: registrars.Registration, Domain: d.Name, TLD: d.TLD, Years: d.Years, NameServers: d.NameServers,
	})
	failure, ok := errors.AsType[*registrars.Error](err)
	if !ok {
		return nil
	}
	switch failure.Class {
	case registrars.ClassUnavailable:
		// Billing's wording for a name that is taken (orders.md, section 7).
		return fmt.Errorf("Domain '%s' is already used.", d.Name) //nolint:staticcheck // the wire's own text
	case registrars.ClassInvalid, registrars.ClassRejected:
		return failure
	default:
		i.Log.WarnContext(ctx, "the registrar could not be asked at intake; step 6 asks again",
			"registrar", d.Registrar, "class", failure.Class)
		return nil
	}
}
