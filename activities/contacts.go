package activities

import (
	"context"
	"strings"

	"domainprovisioning/domains"
	"domainprovisioning/operations"
	"domainprovisioning/orders"
	"domainprovisioning/registrars"
)

// ContactBook finds the data of contacts: those of new users in the order, those of
// existing users in Operations.
type ContactBook struct {
	Client *operations.Client
	Orders OrderReader
}

// OrderedItem is an item of a revision of an order, with the order's account in Operations.
type OrderedItem struct {
	OrderNumber               string
	Revision, Item, AccountID int
}

// ContactsOf says where the data of the contacts of a unit are. The customer has every role
// that the order leaves open, unless the unit changes a domain: then such a role stays as it
// is.
func ContactsOf(order *orders.Order, unit orders.Unit) Contacts {
	var contacts Contacts
	if unit.Domain == nil {
		return contacts
	}
	for role, id := range unit.Domain.Contacts.All() {
		if *id != nil || unit.Type.Provisions() {
			*contacts.Of(role) = ContactOf(order, *id)
		}
	}
	return contacts
}

// ContactOf says where the data of a user are; nil is the customer.
func ContactOf(order *orders.Order, id *int) ContactRef {
	switch {
	case id == nil && order.Customer.IsExisting():
		return ContactRef{Source: FromAccount}
	case id == nil:
		return ContactRef{Source: FromCustomer}
	case order.IsNewUser(*id):
		return ContactRef{Source: FromAdditional, ID: *id}
	}
	return ContactRef{Source: FromUser, ID: *id}
}

// ReadContacts returns the data of contacts and, from the order's item, the additional
// fields that the registry asks for.
func (b *ContactBook) ReadContacts(
	ctx context.Context, in OrderedItem, refs ...ContactRef,
) ([]domains.Contact, map[string]string, error) {
	order, err := b.Orders.Order(ctx, in.OrderNumber, in.Revision)
	if err != nil {
		return nil, nil, err
	}
	contacts := make([]domains.Contact, len(refs))
	for i, ref := range refs {
		contact, err := b.details(ctx, order, in.AccountID, ref)
		if err != nil {
			return nil, nil, err
		}
		contacts[i] = contact.Normalised()
		if fields := contacts[i].MissingFields(); len(fields) > 0 {
			return nil, nil, refuse(registrars.ClassInvalid,
				"activities: %s contact: missing: %s; complete it, then retry", ref.Source, strings.Join(fields, ", "))
		}
	}
	extra := map[string]string{}
	if ordered, ok := order.Item(in.Item); ok {
		for _, parameter := range ordered.RegistrarParameters() {
			extra[parameter.Name] = parameter.Value.Reveal()
		}
	}
	return contacts, extra, nil
}

// TransferKey returns the auth code of a transfer; zero if the order has none.
func (b *ContactBook) TransferKey(ctx context.Context, in OrderedItem) (domains.Secret, error) {
	order, err := b.Orders.Order(ctx, in.OrderNumber, in.Revision)
	if err != nil {
		return domains.Secret{}, err
	}
	ordered, _ := order.Item(in.Item)
	return ordered.TransferKey(), nil
}

func (b *ContactBook) details(ctx context.Context, order *orders.Order, accountID int, ref ContactRef) (domains.Contact, error) {
	switch ref.Source {
	case FromCustomer, FromAdditional:
		_, _, contact, err := credentials(order, ref)
		return contact, err
	case FromUser:
		member, err := b.Client.GetMemberFullInfo(ctx, ref.ID)
		return member.Contact, err
	case FromAccount:
		account, err := b.Client.GetAccountInfo(ctx, accountID)
		return account.Contact, err
	default:
		return domains.Contact{}, refuse(registrars.ClassInvalid, "activities: unknown contact source %q", ref.Source)
	}
}
