package main

import (
	"fmt"
	"strings"
	"time"

	"domainprovisioning/messages"
)

// renewedTwice: a name is renewed, and the same renewal comes again in another form and
// without a number. It waits until a person, who has seen both dates, says that it is meant.
func renewedTwice() scenario {
	const name = "renewed.example"
	return scenario{
		name: "renewed-twice", help: "a second renewal of one name within its period waits for a person",
		story: &story{
			orders: []ordered{{file: "scenarios/renewed-twice-1.json"}, {file: "scenarios/renewed-twice-2.xml"}},
			person: whenNeeded(func(w *world, attention messages.Attention) (*deed, error) {
				registration, _ := w.netim.Registration(name)
				switch renewals := len(w.netim.Effects(name).Renewals); {
				case renewals != 1:
					return nil, fmt.Errorf("%d renewals before anybody has said that the second is meant", renewals)
				case !strings.Contains(attention.Message, "order SC-1011 renewed the domain on ") ||
					!strings.Contains(attention.Message, "it expires on "+registration.Expires.Format(time.DateOnly)):
					return nil, fmt.Errorf("the dates are not shown: %s", attention.Message)
				}
				return retries(messages.Retry{Reason: "the customer wants two more years"}), nil
			}),
			counts: func(w *world) []count {
				registration, _ := w.netim.Registration(name)
				return []count{
					effect("renewals at Netim", len(w.netim.Effects(name).Renewals), 2),
					effect("years from its registration to its expiry", registration.Expires.Year()-registration.Created.Year(), 3),
					effect("new accounts in Operations", len(w.operations.Accounts()), 1), // that of seed
				}
			},
		},
	}
}

// returningCustomer: somebody who has an account orders again as a new customer. The refusal
// names the account, and the order that names it uses that.
func returningCustomer() scenario {
	return scenario{
		name: "returning-customer", help: "a customer who is known gets no second account: the refusal names the first one",
		story: &story{
			orders: []ordered{
				{file: "scenarios/returning-customer-1.json"},
				{file: "scenarios/returning-customer-2.json", refused: "which has account 1048576: give that in customer.accountId"},
				{file: "scenarios/returning-customer-3.json"},
			},
			counts: func(w *world) []count {
				accounts, members := 0, 0
				for _, member := range w.operations.Members() {
					if member.Login == "nina@coming-back.example" {
						members++
					}
				}
				for _, account := range w.operations.Accounts() {
					if account.ID != seededAccount {
						accounts++
					}
				}
				return []count{
					effect("new accounts in Operations", accounts, 1),
					effect("staff members with the login", members, 1),
					effect("registrations at Netim", w.netim.Creates("coming.example")+w.netim.Creates("back.example"), 2),
					effect("domains in Billing", len(w.billing.RowsOf("coming.example"))+len(w.billing.RowsOf("back.example")), 2),
				}
			},
		},
	}
}
