package main

import (
	"context"
	"fmt"
	"time"

	"domainprovisioning/config"
	"domainprovisioning/desk"
	"domainprovisioning/messages"
	"domainprovisioning/sandbox/standin/netim"
)

// These are the stories of a registrar that refuses a key, is late, or refuses in the end.

// needs is the error of an order that came to a state which is not that of its story.
func needs(attention messages.Attention) error {
	return fmt.Errorf("the order needs attention because of %s: %s", attention.Reason, attention.Message)
}

// wrongTransferKey: the customer has given the key with a wrong digit.
func wrongTransferKey() scenario {
	const name, key, file = "carried.example", "TRANSFER-KEY-4", "scenarios/wrong-transfer-key.txt"
	const order, reason = "SC-1101", "the customer read the key out again"
	return scenario{
		name: "wrong-transfer-key", help: "the registrar refuses the transfer key; one command replaces it",
		story: &story{
			orders: []ordered{{file: "scenarios/wrong-transfer-key.json"}},
			before: func(w *world) { w.netim.AddTaken(name, key) },
			person: whenNeeded(func(w *world, attention messages.Attention) (*deed, error) {
				if attention.Reason != messages.ReasonInvalid || attention.Step != 6 || w.netim.Count("domainTransferIn", name) != 0 {
					return nil, needs(attention)
				}
				return &deed{
					command: typed("amend ORDER --transfer-key-file sandbox/"+file, reason, nil),
					give: func(ctx context.Context, d *desk.Desk, unit desk.Unit) error {
						_, err := d.Amend(ctx, unit, "", []byte(`{"transferKey": "`+key+`"}`), person, reason)
						return err
					},
				}, nil
			}),
			counts: func(w *world) []count {
				_, held := w.netim.Registration(name)
				return []count{
					effect("transfers at Netim", w.netim.Count("domainTransferIn", name), 1),
					effect(name+" is in the registrar account", held, true),
					effect("domains in Billing", len(w.billing.RowsOf(name)), 1),
				}
			},
			records: given([]string{order}, "amend"),
		},
	}
}

// given tells which commands about orders were accepted; they must be the same for each.
func given(orders []string, commands string) func(context.Context, *sandbox) ([]count, error) {
	return func(ctx context.Context, b *sandbox) ([]count, error) {
		counts := make([]count, 0, len(orders))
		for _, order := range orders {
			got, err := acts(ctx, b, order)
			if err != nil {
				return nil, err
			}
			counts = append(counts, effect("on record for "+order, got, commands))
		}
		return counts, nil
	}
}

// deadlinePassed: the registrar says that it will take some days more.
func deadlinePassed() scenario {
	const name, longer = "slow.example", 72 * time.Hour
	return scenario{
		name: "deadline-passed", help: "the registrar is late; one command waits longer, and then it finishes",
		story: &story{
			orders: []ordered{{file: "scenarios/deadline-passed.json"}},
			configure: func(cfg *config.Config) {
				change(cfg, netimAccount, func(r *config.Registrar) { r.PendingDeadline = 2 * time.Second })
			},
			before: func(w *world) { w.netim.SetBehaviour(name, netim.Behaviour{Manual: true}) },
			person: func(_ *world, progress messages.Progress) (*deed, error) {
				switch attention := progress.Attention; {
				case attention != nil && attention.Reason == messages.ReasonDeadlinePassed:
					return extends(longer, "the registry has a holiday"), nil
				case attention != nil:
					return nil, needs(*attention)
				case progress.State == messages.Waiting && time.Until(progress.Deadline) > longer/2:
					return happens("the registrar finishes", func(w *world) { _ = w.netim.Complete(name) }), nil // counted below
				}
				return nil, nil //nolint:nilnil // nothing is to be done
			},
			counts: func(w *world) []count {
				_, registered := w.netim.Registration(name)
				return []count{
					effect("registrations at Netim", w.netim.Creates(name), 1),
					effect(name+" is registered", registered, true),
					effect("domains in Billing", len(w.billing.RowsOf(name)), 1),
				}
			},
			records: given([]string{"SC-1111"}, "extend"),
		},
	}
}

// change changes a registrar account of the configuration.
func change(cfg *config.Config, account string, how func(*config.Registrar)) {
	changed := cfg.Registrars[account]
	how(&changed)
	cfg.Registrars[account] = changed
}

// rejectedAfterDays: the registry refuses two registrations in the end, and both are given up.
// One is for a new customer, the other one for a customer whom the company had before.
func rejectedAfterDays() scenario {
	const first, second = "unwanted.example", "unloved.example"
	var accounts int
	return scenario{
		name: "registrar-rejects-after-days", help: "the registrar refuses after days, and the order is given up: what it made is taken back in order",
		story: &story{
			orders: []ordered{
				{file: "scenarios/rejected-after-days-1.json", ends: messages.Cancelled},
				{file: "scenarios/rejected-after-days-2.json", ends: messages.Cancelled},
			},
			before: func(w *world) {
				accounts = len(w.operations.Accounts())
				for _, name := range []string{first, second} {
					w.netim.SetBehaviour(name, netim.Behaviour{Manual: true})
				}
			},
			person: func(_ *world, progress messages.Progress) (*deed, error) {
				switch attention := progress.Attention; {
				case progress.State == messages.Waiting:
					return happens("days later the registry refuses", func(w *world) { _ = w.netim.Fail(progress.Domain, "not eligible") }), nil
				case attention == nil:
					return nil, nil //nolint:nilnil // nothing is to be done
				case attention.Reason != messages.RequestEnded("registration", "failed"):
					return nil, needs(*attention)
				}
				return cancels(messages.Cancel{Reason: "the registry does not want this holder"}), nil
			},
			counts: func(w *world) []count {
				return []count{
					effect("registrations at Netim", len(w.netim.Registrations()), len(seededDomains())),
					effect("removed in Operations, in this order", removals(w), "subscription 100000, subscription 100001"),
					effect("accounts more", len(w.operations.Accounts())-accounts, 1), // beneath a domain that no known call removes
					effect("domains in Billing", len(w.billing.Rows()), 0),
				}
			},
			records: func(ctx context.Context, b *sandbox) ([]count, error) {
				const both = "hosting subscription %d undone, services of the hosting subscription on the domain undone, domain in Operations could-not, " +
					"registration at the registrar undone, domain request and its DNS zone nothing, domain subscription %d kept"
				return takenBack(ctx, b,
					ending{"SC-1121", fmt.Sprintf(both+", account %d kept, staff members of the account could-not", 100000, 1048576, 1048576), true},
					ending{"SC-1122", fmt.Sprintf(both, 100001, 1048577), true})
			},
		},
	}
}
