package intake

import (
	"context"
	"errors"
	"fmt"

	"domainprovisioning/domains"
	"domainprovisioning/operations"
	"domainprovisioning/orders"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

// adoptable reports whether the registrar can tell that a domain is in its account, which an
// adoption relies on.
func (i *Intake) adoptable(in *orders.Incoming, unit orders.Unit, descriptor registrars.Descriptor) bool {
	if unit.Type != orders.Adoption || descriptor.Adopts() {
		return true
	}
	in.Refuse(orders.RuleRegistrar, orders.ItemField(in.Order.Place(unit.Item), "operation"),
		fmt.Sprintf("cannot be served: registrar account %q (%s) does not tell which domains it has, so nobody could tell whose the domain is",
			unit.Domain.Registrar, descriptor.Title))
	return false
}

// askAdoption asks the registrar for the domain that an order adopts: it must be in the
// account and registered, have the name servers that Billing needs, and expire when the order says.
func (i *Intake) askAdoption(ctx context.Context, unit orders.Unit) error {
	d := unit.Domain
	registrar := i.Accounts[d.Registrar].Registrar
	breaks := func(field, rule string) error {
		return (&registrars.Broken{Field: field, Rule: rule}).In(registrar.Describe().Name, "adoption")
	}
	domain, err := registrar.ReadDomain(ctx, d.Name)
	switch {
	case err != nil && registrars.ClassOf(err) == registrars.ClassNotFound:
		return breaks("domain", "must be in the registrar account already, and it is not: order a registration, "+
			"or a transfer if another registrar has it")
	case err != nil:
		return err
	case !domain.Active:
		return breaks("domain", fmt.Sprintf("must be registered, and the registrar has it in status %q: wait until that has changed", domain.Word))
	}
	if own := len(domain.NameServers); own > 0 && own < domains.MinNameServers { // with none it is recorded with those of its zone
		return breaks("domain", fmt.Sprintf("must have %d name servers for Billing, and the registrar has it with %d: "+
			"give it another one there, then order again", domains.MinNameServers, own))
	}
	_, broken := registrars.AdoptedExpiry(domain.Expires, d.Expires)
	return broken.In(registrar.Describe().Name, "adoption")
}

// askWhoseAdopted asks Operations about the domains that an order adopts. One that it has
// under another account, or as registered under a subscription, belongs to a customer already.
func (i *Intake) askWhoseAdopted(ctx context.Context, in *orders.Incoming, units []orders.Unit) {
	if i.Operations == nil {
		return
	}
	customer, _ := in.Order.Customer.AccountID()
	for _, unit := range units {
		if unit.Domain == nil || unit.Type != orders.Adoption || unit.Domain.Name.IsZero() {
			continue
		}
		field := orders.ItemField(in.Order.Place(unit.Item), "domain")
		domain, err := i.Operations.GetDomainByName(ctx, unit.Domain.Name)
		switch {
		case operations.IsNotFound(err):
		case err != nil:
			i.unasked(ctx, err)
		case domain.AccountID == 0: // it does not say whose, so step 11 parks the order
		case domain.AccountID != customer || !in.Order.Customer.IsExisting():
			in.Refuse(orders.RuleAccount, field, fmt.Sprintf("exists in Operations under account %d: "+
				"order the adoption for that account, or remove it there", domain.AccountID))
		case domain.RegistrarStatus == operations.RegistrarStatusRegistered && domain.SubscriptionID != 0:
			in.Refuse(orders.RuleAccount, field, fmt.Sprintf("is registered in Operations under account %d, subscription %d, already: "+
				"there is nothing to adopt", domain.AccountID, domain.SubscriptionID))
		}
	}
}

// refuseHeldElsewhere refuses to bring a domain that is held for another client, which would not
// learn of it. The operator may.
func (i *Intake) refuseHeldElsewhere(ctx context.Context, in *orders.Incoming, units []orders.Unit) error {
	caller := callerOf(ctx)
	for _, unit := range units {
		if caller.All || unit.Domain == nil || !unit.Type.Provisions() || unit.Domain.Name.IsZero() {
			continue
		}
		held, err := i.Store.Domain(ctx, unit.Domain.Name.String())
		switch {
		case errors.Is(err, store.ErrNotFound):
		case err != nil:
			return err
		case held.EndedAt == nil && held.Client != caller.Client && caller.Client != store.LocalClient:
			in.Refuse(orders.RuleAccount, orders.ItemField(in.Order.Place(unit.Item), "domain"), "is held for a customer of another client")
		}
	}
	return nil
}
