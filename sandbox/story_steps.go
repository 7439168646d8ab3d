package main

import (
	"context"
	"fmt"
	"slices"

	"domainprovisioning/config"
	"domainprovisioning/messages"
	"domainprovisioning/sandbox/standin/billing"
	"domainprovisioning/sandbox/standin/netim"
)

// cancelAtEachStep: five registrations are given up at the steps where an order can stop. The
// further it came, the more is taken back or kept. workflows/cancel_test.go walks all steps of all
// orders.
func cancelAtEachStep() scenario {
	const rejected, waiting, recorded = "step6.example", "step10.example", "step13.example"
	const wrongPlan, wrongHosting, noTemplate, someoneElse = 13, 21, 97, 600100
	stops := []int{3, 6, 8, 10, 13}
	orders := make([]ordered, len(stops))
	for n, stop := range stops {
		orders[n] = ordered{file: fmt.Sprintf("scenarios/cancel-at-each-step-%d.json", stop), ends: messages.Cancelled}
	}
	var accounts int
	return scenario{
		name: "cancel-at-each-step", help: "orders are given up at steps 3, 6, 8, 10 and 13: each time what was made is taken back, the latest first",
		story: &story{
			orders: orders,
			configure: func(cfg *config.Config) {
				plan := cfg.Plans.Domains[0]
				plan.Plan, plan.Template = wrongPlan, noTemplate
				cfg.Plans.Domains = append(cfg.Plans.Domains, plan)
				cfg.Plans.Hosting = append(cfg.Plans.Hosting, config.HostingPlan{Plan: wrongHosting, Template: noTemplate})
			},
			before: func(w *world) {
				accounts = len(w.operations.Accounts())
				w.netim.SetBehaviour(rejected, netim.Behaviour{FailWith: "not eligible"})
				w.netim.SetBehaviour(waiting, netim.Behaviour{Manual: true})
				w.billing.AddExisting(billing.Row{FullDomainName: recorded, AccountID: someoneElse, DomainStatus: billing.Registered})
			},
			person: func(_ *world, progress messages.Progress) (*deed, error) {
				stopped := progress.Attention != nil || progress.State == messages.Waiting
				switch {
				case progress.State == messages.Undoing || !stopped || progress.Step == 10 && progress.Domain != waiting:
					return nil, nil //nolint:nilnil // nothing is to be done
				case !slices.Contains(stops, progress.Step):
					return nil, fmt.Errorf("the order stops at step %d", progress.Step)
				}
				return cancels(messages.Cancel{Reason: "the customer withdrew"}), nil
			},
			counts: func(w *world) []count {
				_, one := w.netim.Registration(rejected)
				_, two := w.netim.Registration(waiting)
				_, three := w.netim.Registration(recorded)
				return []count{
					effect("removed in Operations, in this order", removals(w),
						"account 1048576, request step6.example, subscription 1048577, account 1048577, subscription 100001, subscription 100002"),
					effect("accounts more", len(w.operations.Accounts())-accounts, 0),
					effect(rejected+" is registered", one, false),
					effect(waiting+" is registered", two, false),
					effect(recorded+" is registered", three, true),
					effect("domains in Billing", len(w.billing.Rows()), 1), // that of somebody else
				}
			},
			records: func(ctx context.Context, b *sandbox) ([]count, error) {
				const registration = "registration at the registrar "
				hosting := func(id int) string {
					return fmt.Sprintf("hosting subscription %d undone, services of the hosting subscription on the domain undone, ", id)
				}
				// No known call removes a domain, so what it stands on stays with it.
				domain := func(registered string, subscription int) string {
					return fmt.Sprintf("domain in Operations could-not, "+registration+"%s, domain request and its DNS zone nothing, domain subscription %d kept",
						registered, subscription)
				}
				return takenBack(ctx, b,
					ending{"SC-1191", "domain subscription 1048576 nothing, account 1048576 undone, staff members of the account undone", false},
					ending{"SC-1192", registration + "undone, domain request and its DNS zone undone, domain subscription 1048577 undone, " +
						"account 1048577 undone, staff members of the account undone", false},
					ending{"SC-1193", "hosting subscription 100000 nothing, " + domain("kept", 1048578), true},
					ending{"SC-1194", hosting(100001) + domain("undone", 1048579), true},
					ending{"SC-1195", "the domain's record in Billing nothing, " + hosting(100002) + domain("kept", 1048580), true})
			},
		},
	}
}
