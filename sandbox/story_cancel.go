package main

import (
	"context"
	"strings"
	"time"

	"domainprovisioning/config"
	"domainprovisioning/messages"
	"domainprovisioning/sandbox/standin/faults"
	"domainprovisioning/sandbox/standin/netim"
	"domainprovisioning/sandbox/standin/realtimeregister"
)

// These are the stories of orders that are given up.

// removals are what calls have removed in Operations, in their order.
func removals(w *world) string { return strings.Join(w.operations.Removals(), ", ") }

// ending is how a cancelled order must end: what has become of what it made, and whether it is
// listed for a person because something was left.
type ending struct {
	order, undone string
	listed        bool
}

// takenBack tells how orders have ended.
func takenBack(ctx context.Context, b *sandbox, endings ...ending) ([]count, error) {
	counts := make([]count, 0, 3*len(endings))
	for _, end := range endings {
		things, _, err := undone(ctx, b, end.order)
		if err != nil {
			return nil, err
		}
		listed, err := lists(ctx, b, end.order)
		if err != nil {
			return nil, err
		}
		given, err := acts(ctx, b, end.order)
		if err != nil {
			return nil, err
		}
		counts = append(counts, effect("undo of "+end.order, things, end.undone), effect(end.order+" is listed as left", listed, end.listed),
			effect("on record for "+end.order, given, "cancel"))
	}
	return counts, nil
}

// cancelWhilePending: the customers withdraw while the registrar works. Netim withdraws one
// request and not the other; Realtime Register offers no withdrawal. What cannot be withdrawn is
// waited for.
func cancelWhilePending() scenario {
	const first, second, third = "withdrawn.example", "unstoppable.example", "unstoppable." + realtimeLater
	const refundDays = 5
	return scenario{
		name: "cancel-while-pending", help: "orders are given up while the registrar works: one request is withdrawn, others are waited for",
		story: &story{
			orders: []ordered{
				{file: "scenarios/cancel-while-pending-1.json", ends: messages.Cancelled},
				{file: "scenarios/cancel-while-pending-2.json", ends: messages.Cancelled},
				{file: "scenarios/cancel-while-pending-3.json", ends: messages.Cancelled},
			},
			configure: func(cfg *config.Config) {
				for _, account := range []string{netimAccount, realtimeAccount} {
					change(cfg, account, func(r *config.Registrar) { r.RefundDays = refundDays })
				}
			},
			before: func(w *world) {
				w.netim.SetBehaviour(first, netim.Behaviour{Manual: true})
				w.netim.SetBehaviour(second, netim.Behaviour{Manual: true, RefuseCancel: true})
				w.realtime.SetBehaviour(third, realtimeregister.Behaviour{Manual: true, NoCancel: true})
			},
			person: func(_ *world, progress messages.Progress) (*deed, error) {
				switch {
				case progress.Attention != nil:
					return nil, needs(*progress.Attention)
				case progress.State == messages.Waiting:
					return cancels(messages.Cancel{Reason: "the customer withdrew"}), nil
				case progress.State == messages.Undoing && strings.Contains(strings.Join(progress.Notes, "; "), "its end is waited for"):
					return happens("the registrar carries out what it does not withdraw", func(w *world) {
						if progress.Domain == third {
							_ = w.realtime.Complete(third)
						} else {
							_ = w.netim.Complete(second)
						}
					}), nil
				}
				return nil, nil //nolint:nilnil // nothing is to be done
			},
			counts: func(w *world) []count {
				_, one := w.netim.Registration(first)
				_, two := w.netim.Registration(second)
				_, three := w.realtime.Domain(third)
				return []count{
					effect(first+" is registered", one, false),
					effect(second+" is registered, once", two && w.netim.Creates(second) == 1, true),
					effect(third+" is registered, once", three && w.realtime.Count("create", third) == 1, true),
					effect("domains in Billing", len(w.billing.Rows()), 0),
				}
			},
			records: func(ctx context.Context, b *sandbox) ([]count, error) {
				const kept = "domain in Operations could-not, registration at the registrar kept, domain request and its DNS zone nothing, domain subscription "
				counts, err := takenBack(ctx, b,
					ending{"SC-1131", "domain in Operations could-not, registration at the registrar undone, domain request and its DNS zone nothing, domain subscription 1048576 kept", true},
					ending{"SC-1132", kept + "1048577 kept", true},
					ending{"SC-1133", kept + "1048578 kept", true})
				if err != nil {
					return nil, err
				}
				until := time.Now().UTC().AddDate(0, 0, refundDays).Format(time.DateOnly)
				for _, order := range []string{"SC-1132", "SC-1133"} {
					_, notes, err := undone(ctx, b, order)
					if err != nil {
						return nil, err
					}
					counts = append(counts, effect(order+" says until when it could be given back",
						strings.Contains(notes, "it could be given back until "+until), true))
				}
				return counts, nil
			},
		},
	}
}

// undoStepFails: the registry refuses the holder, and the order is given up. Operations refuses
// to remove one thing, and is away when another one is removed.
func undoStepFails() scenario {
	const name = "sticky.example"
	return scenario{
		name: "undo-step-fails", help: "one removal is refused and another one fails for a while: the rest is undone, and the list tells",
		story: &story{
			orders: []ordered{{file: "scenarios/undo-step-fails.json", ends: messages.Cancelled}},
			before: func(w *world) { w.netim.SetBehaviour(name, netim.Behaviour{FailWith: "not eligible"}) },
			person: whenNeeded(func(_ *world, attention messages.Attention) (*deed, error) {
				if attention.Reason != messages.RequestEnded("registration", "failed") {
					return nil, needs(attention)
				}
				command := cancels(messages.Cancel{Reason: "the customer withdrew"})
				command.outside = func(w *world) {
					w.operations.Faults.Add(faults.Fault{Method: "pem.removeDomainRequest", Kind: faults.HTTPError, Times: 2})
					w.operations.Faults.Add(faults.Fault{Method: "pem.removeSubscription", Kind: faults.Refuse, Times: faults.Always})
				}
				return command, nil
			}),
			counts: func(w *world) []count {
				_, registered := w.netim.Registration(name)
				return []count{
					effect(name+" is registered", registered, false),
					effect("removed in Operations, in this order", removals(w), "request "+name),
					effect("subscriptions that stay", len(w.operations.Subscriptions()), 1),
					effect("domains in Billing", len(w.billing.Rows()), 0),
				}
			},
			records: func(ctx context.Context, b *sandbox) ([]count, error) {
				return takenBack(ctx, b, ending{"SC-1141", "registration at the registrar undone, domain request and its DNS zone undone, " +
					"domain subscription 1048576 could-not, account 1048576 kept, staff members of the account could-not", true})
			},
		},
	}
}
