package main

import (
	"strings"

	"domainprovisioning/messages"
)

// rejectedThenCorrected: the registry refuses the holders of four orders, each at another
// registrar, because nobody reads their mail. One command each replaces the address, for the
// registrar.
func rejectedThenCorrected() scenario {
	const refused, corrected = "vera@", "office@"
	names := []string{"corrected.example", "corrected." + realtimeLater, "corrected." + names4everTLD, "corrected." + exampleTLD}
	var accounts, members int
	return scenario{
		name: "rejected-then-corrected", help: "the registry refuses a holder, at each registrar: one command corrects the contact",
		story: &story{
			orders: []ordered{
				{file: "scenarios/rejected-then-corrected-netim.json"}, {file: "scenarios/rejected-then-corrected-realtimeregister.json"},
				{file: "scenarios/rejected-then-corrected-names4ever.json"}, {file: "scenarios/rejected-then-corrected-example.json"},
			},
			before: func(w *world) {
				accounts, members = len(w.operations.Accounts()), len(w.operations.Members())
				w.netim.RefuseHolder(refused + names[0])
				w.realtime.RefuseHolder(refused + names[1])
				w.names4ever.RefuseHolder(refused + names[2])
				w.sample.RefuseHolder(refused + names[3])
			},
			person: func(_ *world, progress messages.Progress) (*deed, error) {
				attention := progress.Attention
				switch {
				case attention == nil:
					return nil, nil //nolint:nilnil // nobody is needed
				case attention.Step != 6 || attention.Reason != messages.ReasonRejected && attention.Reason != messages.ReasonInvalid:
					return nil, needs(*attention)
				}
				_, tld, _ := strings.Cut(progress.Domain, ".")
				file := "rejected-then-corrected-" + map[string]string{
					defaultNamesTLD: "netim", realtimeLater: "realtimeregister", names4everTLD: "names4ever", exampleTLD: "example",
				}[tld] + "-amendment.json"
				return amends(file, "the customer gave another address"), nil
			},
			counts: func(w *world) []count {
				atNetim, _ := w.netim.Registration(names[0])
				atRealtime, _ := w.realtime.Domain(names[1])
				holders := map[string]string{}
				for _, contact := range w.netim.Contacts() {
					if contact.ID == atNetim.Owner {
						holders[names[0]] = contact.Fields["email"]
					}
				}
				for _, contact := range w.realtime.Contacts() {
					if contact.Handle == atRealtime.Registrant {
						holders[names[1]], _ = contact.Members["email"].(string)
					}
				}
				atNames4Ever, _ := w.names4ever.Registration(names[2])
				holders[names[2]] = atNames4Ever.Email
				for _, order := range w.sample.Orders() {
					if order.Name == names[3] && order.State == "done" {
						holders[names[3]] = order.Holder["email"]
					}
				}
				counts := append(make([]count, 0, 6+2*len(names)),
					effect("registrations at Netim", w.netim.Creates(names[0]), 1),
					effect("registrations at Realtime Register", w.realtime.Count("create", names[1]), 1),
					effect("registrations at Names4Ever", w.names4ever.Count("add-domain", names[2]), 1),
					effect("registrations at the example", w.sample.Count("register", names[3]), 1),
					effect("accounts more", len(w.operations.Accounts())-accounts, len(names)),
					effect("members more", len(w.operations.Members())-members, len(names)))
				for _, name := range names {
					counts = append(counts, effect("holder of "+name, holders[name], corrected+name),
						effect("domains of "+name+" in Billing", len(w.billing.RowsOf(name)), 1))
				}
				return counts
			},
			records: given([]string{"SC-1171", "SC-1172", "SC-1173", "SC-1174"}, "amend"),
		},
	}
}
