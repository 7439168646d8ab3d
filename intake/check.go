package intake

import (
	"context"
	"errors"
	"fmt"
	"time"

	"domainprovisioning/orders"
	"domainprovisioning/registrars"
)

// checkTimeout bounds the question to the registrar while a caller waits. A
// registrar that does not answer is asked again in step 6.
const checkTimeout = 15 * time.Second

// resolve turns an order into units of work, and refuses what cannot be served
// whatever a registrar says.
func (i *Intake) resolve(order *orders.Order) ([]orders.Provisioning, error) {
	units, err := i.Catalog.Resolve(order)
	if err != nil {
		return nil, err
	}
	return units, eachDomain(units, i.served)
}

// askRegistrars refuses domains that cannot be registered, as far as can be told
// without spending anything.
func (i *Intake) askRegistrars(ctx context.Context, units []orders.Provisioning) error {
	return eachDomain(units, func(unit orders.Provisioning) error { return i.askRegistrar(ctx, unit) })
}

// eachDomain checks every domain of an order and collects the reasons to refuse it.
func eachDomain(units []orders.Provisioning, check func(orders.Provisioning) error) error {
	var refusal Refusal
	for _, unit := range units {
		if unit.Domain == nil {
			continue
		}
		if err := check(unit); err != nil {
			refusal.Reasons = append(refusal.Reasons, fmt.Sprintf("item %d: %s", unit.Item, err))
		}
	}
	if len(refusal.Reasons) > 0 {
		return &refusal
	}
	return nil
}

// served reports whether we have a registrar for the operation.
func (i *Intake) served(unit orders.Provisioning) error {
	if unit.Operation != orders.Registration {
		return fmt.Errorf("OrderOperationType %d (%s) is not served yet; only 10 (registration) is", int(unit.Operation), unit.Operation)
	}
	account, ok := i.Accounts[unit.Domain.Registrar]
	if !ok {
		return fmt.Errorf("registrar account %q is not configured", unit.Domain.Registrar)
	}
	if !account.Registrar.Describe().Serves(registrars.Registration) {
		return fmt.Errorf("registrar account %q does not register domains", unit.Domain.Registrar)
	}
	return nil
}

func (i *Intake) askRegistrar(ctx context.Context, unit orders.Provisioning) error {
	d := unit.Domain
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	err := i.Accounts[d.Registrar].Registrar.Check(ctx, registrars.Request{
		Kind: registrars.Registration, Domain: d.Name, TLD: d.TLD, Years: d.Years, NameServers: d.NameServers,
	})
	if err == nil {
		return nil
	}
	failure, _ := errors.AsType[*registrars.Error](err)
	switch registrars.ClassOf(err) {
	case registrars.ClassUnavailable:
		// Billing's wording for a name that is taken (orders.md, section 7).
		return fmt.Errorf("Domain '%s' is already used.", d.Name) //nolint:staticcheck // the wire's own text
	case registrars.ClassInvalid, registrars.ClassRejected:
		return failure
	default:
		i.Log.WarnContext(ctx, "the registrar could not be asked at intake; step 6 asks again",
			"registrar", d.Registrar, "class", registrars.ClassOf(err))
		return nil
	}
}
