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

// ReadContacts returns the data of contacts and, from the order's item, the additional
// fields that the registry asks for.
func (b *ContactBook) ReadContacts(
	ctx context.Context, orderNumber string, accountID, item int, refs ...ContactRef,
) ([]domains.Contact, map[string]string, error) {
	order, err := b.Orders.Order(ctx, orderNumber)
	if err != nil {
		return nil, nil, err
	}
	contacts := make([]domains.Contact, len(refs))
	for i, ref := range refs {
		contact, err := b.details(ctx, order, accountID, ref)
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
	if ordered, ok := order.Item(item); ok {
		for _, parameter := range ordered.RegistrarParameters() {
			extra[parameter.Name] = parameter.Value.Reveal()
		}
	}
	return contacts, extra, nil
}

// TransferKey returns the auth code of a transfer; zero if the order has none.
func (b *ContactBook) TransferKey(ctx context.Context, orderNumber string, item int) (domains.Secret, error) {
	order, err := b.Orders.Order(ctx, orderNumber)
	if err != nil {
		return domains.Secret{}, err
	}
	ordered, _ := order.Item(item)
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
