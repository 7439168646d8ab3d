package intake

import (
	"reflect"
	"slices"

	"domainprovisioning/activities"
	"domainprovisioning/domains"
	"domainprovisioning/messages"
	"domainprovisioning/orders"
)

// version is a unit of work with the revision of the order that it goes by.
type version struct {
	order *orders.Order
	unit  orders.Unit
}

// changesBetween names what of a unit differs between two revisions of its order, in the order
// of messages.Changes.
func changesBetween(before, after version) []messages.Change {
	old, _ := before.order.Item(before.unit.Item)
	item, _ := after.order.Item(after.unit.Item)
	differs := map[messages.Change]bool{
		messages.ChangeCustomer:    !reflect.DeepEqual(before.order.Customer, after.order.Customer),
		messages.ChangeTransferKey: old.TransferKey().Reveal() != item.TransferKey().Reveal(),
		messages.ChangeParameters:  !reflect.DeepEqual(parametersOf(old), parametersOf(item)),
	}
	if was, now := before.unit.Domain, after.unit.Domain; was != nil && now != nil {
		differs[messages.ChangeContacts] = contactsDiffer(before, after)
		differs[messages.ChangeNameServers] = !slices.Equal(was.NameServers, now.NameServers) || !reflect.DeepEqual(was.Hosts, now.Hosts)
		differs[messages.ChangeYears] = was.Years != now.Years
		differs[messages.ChangeLanguage] = was.Language != now.Language
		differs[messages.ChangeExpires] = !was.Expires.Equal(now.Expires)
		differs[messages.ChangeSettings] = !reflect.DeepEqual(was.Settings, now.Settings)
		differs[messages.ChangePriceLimit] = !reflect.DeepEqual(was.PriceLimits, now.PriceLimits)
		differs[messages.ChangeDomainTemplate] = was.Template != now.Template
		differs[messages.ChangeBilling] = was.Billing != now.Billing
	}
	if was, now := before.unit.Hosting, after.unit.Hosting; was != nil && now != nil {
		differs[messages.ChangeHostingTemplate] = was.Template != now.Template
	}
	return slices.DeleteFunc(messages.Changes(), func(change messages.Change) bool { return !differs[change] })
}

func parametersOf(item orders.Item) map[string]string {
	values := map[string]string{}
	for _, parameter := range item.RegistrarParameters() {
		values[parameter.Name] = parameter.Value.Reveal()
	}
	return values
}

// contactsDiffer reports whether a role has other data. Data of the customer that are new in
// their own place are a change of the customer.
func contactsDiffer(before, after version) bool {
	was, now := activities.ContactsOf(before.order, before.unit), activities.ContactsOf(after.order, after.unit)
	for role, ref := range now.All() {
		old := *was.Of(role)
		if old == *ref && ref.Source != activities.FromAdditional {
			continue
		}
		oldData, known := dataOf(before.order, old)
		data, same := dataOf(after.order, *ref)
		if !known || !same || oldData != data {
			return true
		}
	}
	return false
}

// dataOf returns the data of a contact, if the order has them.
func dataOf(order *orders.Order, ref activities.ContactRef) (domains.Contact, bool) {
	switch ref.Source {
	case activities.FromCustomer:
		return order.Customer.Contact(), true
	case activities.FromAdditional:
		contact, ok := order.AdditionalContact(ref.ID)
		return contact.Contact(), ok
	}
	return domains.Contact{}, false
}
