package intake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/orders"
	"domainprovisioning/registrars"
	"domainprovisioning/workflows"
)

// checkTimeout bounds the questions to registrars while a caller waits, for all items
// together. Step 6 asks again about items that were not answered in time.
const checkTimeout = 15 * time.Second

// checksAtOnce bounds how many items of an order are asked about at once.
const checksAtOnce = 4

// resolve splits an order into units of work. It refuses an order that cannot be served,
// whatever a registrar says.
func (i *Intake) resolve(order *orders.Order) ([]orders.Unit, error) {
	units, err := i.Catalog.Resolve(order)
	if err != nil {
		return nil, err
	}
	return units, eachDomain(order, units, func(unit orders.Unit) error {
		if _, existing := order.Contact.AccountID(); !existing && !unit.Type.Provisions() {
			return fmt.Errorf("a %s is for a domain of an existing account: say which in customer.accountId (AccountID)", unit.Type)
		}
		return i.served(unit)
	})
}

// askRegistrars refuses an order that a registrar would refuse, as far as it can tell
// without spending anything.
func (i *Intake) askRegistrars(ctx context.Context, order *orders.Order, units []orders.Unit) error {
	// The caller's deadline must leave time to store the order as well.
	within := checkTimeout
	if deadline, ok := ctx.Deadline(); ok {
		within = min(within, time.Until(deadline)/2)
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	answers := make(map[int]error, len(units)) // by item
	var mu sync.Mutex
	var group sync.WaitGroup
	tokens := make(chan struct{}, checksAtOnce)
	for _, unit := range units {
		if unit.Domain == nil {
			continue
		}
		tokens <- struct{}{}
		group.Go(func() {
			defer func() { <-tokens }()
			item, _ := order.Item(unit.Item)
			err := i.askRegistrar(ctx, unit, item.TransferKey())
			mu.Lock()
			defer mu.Unlock()
			answers[unit.Item] = err
		})
	}
	group.Wait()
	return eachDomain(order, units, func(unit orders.Unit) error { return answers[unit.Item] })
}

// eachDomain checks every domain of an order and collects the reasons to refuse it.
func eachDomain(order *orders.Order, units []orders.Unit, check func(orders.Unit) error) error {
	var refusal Refusal
	for _, unit := range units {
		if unit.Domain == nil {
			continue
		}
		if err := check(unit); err != nil {
			at := slices.IndexFunc(order.Items, func(item orders.Item) bool { return item.ID == unit.Item })
			refusal.Reasons = append(refusal.Reasons, fmt.Sprintf("item %d: %s", unit.Item, err))
			refusal.Pointers = append(refusal.Pointers, fmt.Sprintf("/items/%d", at))
		}
	}
	if len(refusal.Reasons) > 0 {
		return &refusal
	}
	return nil
}

// served returns an error unless the unit's registrar account is configured and serves
// what the unit orders.
func (i *Intake) served(unit orders.Unit) error {
	account, ok := i.Accounts[unit.Domain.Registrar]
	if !ok {
		return fmt.Errorf("registrar account %q is not configured", unit.Domain.Registrar)
	}
	descriptor := account.Registrar.Describe()
	for _, kind := range workflows.KindsOf(unit) {
		if !descriptor.Serves(kind) {
			return fmt.Errorf("registrar account %q (%s) does not serve a %s", unit.Domain.Registrar, descriptor.Title, kind)
		}
	}
	if unit.Hosting != nil && unit.Type != orders.Registration && unit.Type != orders.Transfer {
		return fmt.Errorf("a %s takes no hosting: order the hosting by itself", unit.Type)
	}
	return nil
}

func (i *Intake) askRegistrar(ctx context.Context, unit orders.Unit, key domains.Secret) error {
	for _, kind := range workflows.KindsOf(unit) {
		if err := i.askAbout(ctx, unit, kind, key); err != nil {
			return err
		}
	}
	return nil
}

// askAbout asks about one request. Intake does not know the contacts; they are checked
// before the request is submitted.
func (i *Intake) askAbout(ctx context.Context, unit orders.Unit, kind registrars.Kind, key domains.Secret) error {
	d := unit.Domain
	err := i.Accounts[d.Registrar].Registrar.Check(ctx, registrars.Request{
		Kind: kind, Domain: d.Name, TLD: d.TLD, Years: d.Years, Expires: d.Expires, Ordered: true,
		NameServers: d.NameServers, AuthCode: key, Settings: d.Settings,
	})
	if err == nil {
		return nil
	}
	failure, _ := errors.AsType[*registrars.Error](err)
	switch registrars.ClassOf(err) {
	case registrars.ClassUnavailable:
		// Billing's wording for a name that is taken (docs/protocols/orders.md,
		// section 7).
		return fmt.Errorf("Domain '%s' is already used.", d.Name) //nolint:staticcheck // the wire's own text
	case registrars.ClassInvalid, registrars.ClassRejected:
		return failure
	default:
		i.Log.WarnContext(ctx, "the registrar could not be asked at intake; the workflow asks again",
			"registrar", d.Registrar, "class", registrars.ClassOf(err))
		return nil
	}
}
