package outside

import "fmt"

// Effects counts what exists in the outside systems.
type Effects struct {
	Accounts, Members, Subscriptions, Domains, Registered, Bindings int
	Creates, Registrations, Contacts, BillingRows                   int
}

// Effects counts the effects for one domain name.
func (w *World) Effects(domain string) Effects {
	e := Effects{
		Accounts: len(w.Operations.Accounts()), Members: len(w.Operations.Members()),
		Subscriptions: len(w.Operations.Subscriptions()), Bindings: len(w.Operations.Bindings()),
		Creates: w.Netim.Creates(domain), Contacts: len(w.Netim.Contacts()), BillingRows: len(w.Billing.RowsOf(domain)),
	}
	for _, d := range w.Operations.Domains() {
		e.Domains++
		if d.RegistrarStatus == 2 {
			e.Registered++
		}
	}
	if _, ok := w.Netim.Registration(domain); ok {
		e.Registrations = 1
	}
	return e
}

// String shows the counts by name.
func (e Effects) String() string {
	type plain Effects
	return fmt.Sprintf("%+v", plain(e))
}
