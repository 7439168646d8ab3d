package main

import (
	"time"

	"domainprovisioning/sandbox/standin/netim"
)

// adoption: a support case has brought a name into the registrar account, where it expires in
// seven months. It gets its customer. Another name is not in the account, so its order is
// refused before anything is made.
func adoption() scenario {
	const name, missing, dns1, dns2 = "found.example", "nowhere.example", "ns1.old.example", "ns2.old.example"
	var balance, accounts, members, subscriptions, registrations, contacts int
	return scenario{
		name: "adoption", help: "a domain that the registrar account has already is brought under a new customer",
		story: &story{
			orders: []ordered{
				{file: "scenarios/adoption-1.json", refused: "must be in the registrar account already"},
				{file: "scenarios/adoption-2.json"},
			},
			before: func(w *world) {
				created := time.Now().AddDate(0, -5, 0).UTC().Truncate(24 * time.Hour)
				w.netim.AddRegistration(netim.Registration{
					Domain: name, Created: created, Expires: created.AddDate(1, 0, 0), NameServers: []string{dns1, dns2},
				})
				balance, registrations, contacts = w.netim.Balance(), len(w.netim.Registrations()), len(w.netim.Contacts())
				accounts, members = len(w.operations.Accounts()), len(w.operations.Members())
				subscriptions = len(w.operations.Subscriptions())
			},
			counts: func(w *world) []count {
				registration, held := w.netim.Registration(name)
				domain, _ := w.operations.Domain(name)
				expires := registration.Expires.Format(time.DateOnly)
				rows := w.billing.RowsOf(name)
				counts := append(make([]count, 0, 13+2*len(rows)),
					effect("paid, in hundredths", balance-w.netim.Balance(), 0),
					effect("operations at Netim", len(w.netim.Operations()), 0),
					effect("registrations more", len(w.netim.Registrations())-registrations, 0),
					effect("contacts more", len(w.netim.Contacts())-contacts, 0),
					effect(name+" is registered as before", held && expires == registration.Created.AddDate(1, 0, 0).Format(time.DateOnly), true),
					effect("accounts more", len(w.operations.Accounts())-accounts, 1),
					effect("members more", len(w.operations.Members())-members, 1),
					effect("subscriptions more", len(w.operations.Subscriptions())-subscriptions, 2),
					effect("domains in Operations", len(w.operations.Domains()), 1),
					effect("its registrar status there", domain.RegistrarStatus, 2),
					effect("bindings", len(w.operations.Bindings()), 1),
					effect("domains of "+missing+" in Billing", len(w.billing.RowsOf(missing)), 0),
					effect("domains in Billing", len(rows), 1))
				for _, row := range rows {
					counts = append(counts,
						effect("expiry date in Billing", row.Expiration.Format(time.DateOnly), expires),
						effect("name servers in Billing", row.NameServers[0]+" "+row.NameServers[1], dns1+" "+dns2))
				}
				return counts
			},
		},
	}
}
