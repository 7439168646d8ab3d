package intake

import (
	"context"
	"fmt"
	"maps"

	"domainprovisioning/activities"
	"domainprovisioning/domains"
	"domainprovisioning/operations"
	"domainprovisioning/orders"
	"domainprovisioning/registrars"
)

// people are the contacts of an order whose data are known: those in the order, and those
// that Operations has given.
type people map[activities.ContactRef]domains.Contact

// askOperations reads the account and the users that the order names. It adds the reasons
// that follow from them. What Operations does not answer stays unknown; the workflow asks
// again.
func (i *Intake) askOperations(ctx context.Context, in *orders.Incoming, units []orders.Unit) people {
	found := people{}
	order := in.Order
	account, existing := order.Customer.AccountID()
	if !order.Customer.IsExisting() {
		found[activities.ContactRef{Source: activities.FromCustomer}] = order.Customer.Contact()
	}
	for _, contact := range order.AdditionalContacts {
		found[activities.ContactRef{Source: activities.FromAdditional, ID: contact.ID}] = contact.Contact()
	}
	if i.Operations == nil {
		return found
	}
	if existing {
		read, err := i.Operations.GetAccountInfo(ctx, account)
		switch {
		case operations.IsNotFound(err):
			in.Refuse(orders.RuleAccount, orders.CustomerField("accountId"), fmt.Sprintf("%d is not an account in Operations", account))
		case err != nil:
			i.unasked(ctx, err)
		default:
			found[activities.ContactRef{Source: activities.FromAccount}] = read.Contact.Normalised()
		}
	}
	for _, unit := range units {
		if unit.Domain == nil {
			continue
		}
		for role, id := range unit.Domain.Contacts.All() {
			if *id != nil && !order.IsNewUser(**id) {
				i.askAboutUser(ctx, in, found, **id, orders.ItemField(order.Place(unit.Item), "contacts/"+string(role)))
			}
		}
	}
	return found
}

// askAboutUser reads an existing user who has a role.
func (i *Intake) askAboutUser(ctx context.Context, in *orders.Incoming, found people, id int, field orders.Field) {
	ref := activities.ContactRef{Source: activities.FromUser, ID: id}
	if _, known := found[ref]; known {
		return
	}
	member, err := i.Operations.GetMemberFullInfo(ctx, id)
	switch {
	case operations.IsNotFound(err):
		in.Refuse(orders.RuleAccount, field, fmt.Sprintf("names user %d, who is neither in Operations nor in the order", id))
	case err != nil:
		i.unasked(ctx, err)
	default:
		found[ref] = member.Contact.Normalised()
	}
}

func (i *Intake) unasked(ctx context.Context, err error) {
	i.Log.WarnContext(ctx, "Operations could not be asked at intake; the workflow asks again", "error", err)
}

// contacts returns the contacts of a request whose data are known.
func (p people) contacts(order *orders.Order, unit orders.Unit, kind registrars.Kind) map[registrars.Role]registrars.Contact {
	item, _ := order.Item(unit.Item)
	extra := map[string]string{}
	for _, parameter := range item.RegistrarParameters() {
		extra[parameter.Name] = parameter.Value.Reveal()
	}
	plan := planner{order: order, unit: unit}
	contacts := map[registrars.Role]registrars.Contact{}
	for _, role := range kind.Roles() {
		ref, _ := plan.contact(*unit.Domain.Contacts.Of(role), nil)
		details, known := p[ref]
		if !known || kind == registrars.ContactChange && *unit.Domain.Contacts.Of(role) == nil {
			continue
		}
		contact := registrars.Contact{Role: role, Domain: unit.Domain.Name, Details: details}
		if role == registrars.Owner {
			contact.Extra = maps.Clone(extra)
		}
		contacts[role] = contact
	}
	return contacts
}
