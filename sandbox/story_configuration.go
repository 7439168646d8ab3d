package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"domainprovisioning/config"
	"domainprovisioning/desk"
	"domainprovisioning/intake"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// These are the stories of a configuration that is wrong.

// wrongPlanCorrected: a plan names a service template that Operations does not have. One order
// goes on after the plan was corrected, and others are amended to plans that are right.
func wrongPlanCorrected() scenario {
	const corrected, moved, hosted = "plan.example", "moved.example", "hosted.example"
	const wrongPlan, otherWrongPlan, wrongHosting, noTemplate = 13, 14, 21, 97
	return scenario{
		name: "wrong-plan-corrected", help: "a plan names a template that does not exist: the plan is corrected, or the order amended to another plan",
		story: &story{
			orders: []ordered{{file: "scenarios/wrong-plan-corrected-1.json"}, {file: "scenarios/wrong-plan-corrected-2.json"}, {file: "scenarios/wrong-plan-corrected-3.json"}},
			configure: func(cfg *config.Config) {
				for _, number := range []int{wrongPlan, otherWrongPlan} {
					plan := cfg.Plans.Domains[0]
					plan.Plan, plan.Template = number, noTemplate
					cfg.Plans.Domains = append(cfg.Plans.Domains, plan)
				}
				cfg.Plans.Hosting = append(cfg.Plans.Hosting, config.HostingPlan{Plan: wrongHosting, Template: noTemplate})
			},
			person: func(_ *world, progress messages.Progress) (*deed, error) {
				attention := progress.Attention
				switch {
				case attention == nil:
					return nil, nil //nolint:nilnil // nobody is needed
				case attention.Reason != messages.ReasonNotFound:
					return nil, needs(*attention)
				case progress.Domain == moved && attention.Step == 3:
					return amends("wrong-plan-corrected-2-amendment.json", "the other plan is right"), nil
				case progress.Domain == hosted && attention.Step == 8:
					return amends("wrong-plan-corrected-3-amendment.json", "the other plan is right"), nil
				case progress.Domain != corrected || attention.Step != 3:
					return nil, needs(*attention)
				}
				command := retries(messages.Retry{Reason: "the plan names the right template now"})
				command.says = fmt.Sprintf("the template of plan %d is corrected in the configuration, and the worker restarted", wrongPlan)
				command.inside = func(ctx context.Context, b *sandbox, _ intake.PlacedUnit) error {
					return b.restart(ctx, func(cfg *config.Config) {
						n := slices.IndexFunc(cfg.Plans.Domains, func(plan config.DomainPlan) bool { return plan.Plan == wrongPlan })
						cfg.Plans.Domains[n].Template = domainTemplate
					})
				}
				return command, nil
			},
			counts: func(w *world) []count {
				templates := map[int]int{}
				for _, subscription := range w.operations.Subscriptions() {
					templates[subscription.TemplateID]++
				}
				counts := append(make([]count, 0, 9),
					effect("domain subscriptions in Operations", templates[domainTemplate], 3),
					effect("hosting subscriptions in Operations", templates[hostingTemplate], 1),
					effect("subscriptions from other templates", len(w.operations.Subscriptions())-templates[domainTemplate]-templates[hostingTemplate], 0))
				for _, name := range []string{corrected, moved, hosted} {
					counts = append(counts, effect("registrations of "+name+" at Netim", w.netim.Creates(name), 1),
						effect("domains of "+name+" in Billing", len(w.billing.RowsOf(name)), 1))
				}
				return counts
			},
			records: func(ctx context.Context, b *sandbox) ([]count, error) {
				first, err := given([]string{"SC-1181"}, "retry")(ctx, b)
				if err != nil {
					return nil, err
				}
				others, err := given([]string{"SC-1182", "SC-1183"}, "amend")(ctx, b)
				return append(first, others...), err
			},
		},
	}
}

// wrongPassword: the password of the registrar account was changed there and not in the
// configuration. All orders stop, and one command for all of them goes on when it was corrected.
func wrongPassword() scenario {
	const reason = "the password is right again"
	orders := 0
	return scenario{
		name: "wrong-password-200-orders", help: "a wrong password stops 200 orders (-orders); it is corrected, and one command resumes all",
		story: &story{
			configure: func(cfg *config.Config) {
				change(cfg, netimAccount, func(r *config.Registrar) { r.Password = "not-the-password" })
			},
			play: func(ctx context.Context, b *sandbox, out io.Writer) error {
				orders = b.orders
				if err := b.placeMany(ctx, orders); err != nil {
					return err
				}
				stopped := desk.Filter{State: string(messages.NeedsAttention), Reason: string(messages.ReasonAuth), Registrar: netimAccount, Limit: listAtOnce}
				if err := b.until(ctx, stopped, orders); err != nil {
					return err
				}
				_, _ = fmt.Fprintf(out, "%d orders need attention: %s\n\nthe password is corrected in the configuration, and the worker restarted\n", orders, messages.ReasonAuth)
				if err := b.restart(ctx, func(cfg *config.Config) {
					change(cfg, netimAccount, func(r *config.Registrar) { r.Password = registrarPass })
				}); err != nil {
					return err
				}
				line := fmt.Sprintf("go run ./starter retry --for %s --registrar %s --reason %q --yes", messages.ReasonAuth, netimAccount, reason)
				if b.once {
					_, _ = fmt.Fprintf(out, "\n%s: %s\n\n", person, line)
					if err := b.retryAll(ctx, stopped, reason); err != nil {
						return err
					}
				} else {
					_, _ = fmt.Fprintf(out, "\nin another terminal, give the command\n  %s\n\n", line)
				}
				return b.until(ctx, desk.Filter{State: string(messages.Done), Limit: listAtOnce}, orders)
			},
			counts: func(w *world) []count {
				once, registered := 0, 0
				for n := range orders {
					name := manyName(n)
					if w.netim.Creates(name) == 1 {
						once++
					}
					if len(w.billing.RowsOf(name)) == 1 {
						registered++
					}
				}
				return []count{
					effect("names that were registered, each once", once, orders),
					effect("registrations more at Netim", len(w.netim.Registrations())-len(seededDomains()), orders),
					effect("domains in Billing, each once", registered, orders),
				}
			},
			records: func(ctx context.Context, b *sandbox) ([]count, error) {
				all, err := b.system.Store.Acts(ctx, store.ActFilter{Limit: listAtOnce})
				accepted := 0
				for _, act := range all {
					if act.Command == string(messages.ActionRetry) && act.Outcome == store.ActAccepted {
						accepted++
					}
				}
				return []count{effect("retries on record, accepted", accepted, orders)}, err
			},
		},
	}
}

const (
	// listAtOnce is how many orders are asked for in a page, and atOnce for how many a command is
	// given at a time, as the starter does.
	listAtOnce = 1000
	atOnce     = 8
)

func manyName(n int) string { return fmt.Sprintf("many%d.%s", n, defaultNamesTLD) }

// placeMany places orders that differ in number and name.
func (b *sandbox) placeMany(ctx context.Context, orders int) error {
	template, err := orderFiles.ReadFile("scenarios/wrong-password-200-orders.json")
	if err != nil {
		return err
	}
	return inParallel(orders, func(n int) error {
		name, _, _ := strings.Cut(manyName(n), ".")
		order := strings.NewReplacer("SC-NUMBER", fmt.Sprintf("SC-2%03d", n), "NAME", name).Replace(string(template))
		_, err := b.system.intake.Place(ctx, []byte(order))
		return err
	})
}

// inParallel does something for each number below the limit, and returns the first error.
func inParallel(limit int, do func(n int) error) error {
	var group sync.WaitGroup
	failed := make(chan error, limit)
	turns := make(chan struct{}, atOnce)
	for n := range limit {
		turns <- struct{}{}
		group.Go(func() {
			defer func() { <-turns }()
			if err := do(n); err != nil {
				failed <- err
			}
		})
	}
	group.Wait()
	close(failed)
	return <-failed
}

// until waits until the list has a number of orders.
func (b *sandbox) until(ctx context.Context, filter desk.Filter, orders int) error {
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for {
		page, err := b.system.Desk(b.client).List(ctx, filter)
		if err != nil || len(page.Orders) >= orders {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("stopped when %d of %d orders were %s", len(page.Orders), orders, filter.State)
		case <-ticker.C:
		}
	}
}

// retryAll resumes all orders that a filter finds.
func (b *sandbox) retryAll(ctx context.Context, filter desk.Filter, reason string) error {
	d := b.system.Desk(b.client)
	page, err := d.List(ctx, filter)
	if err != nil {
		return err
	}
	return inParallel(len(page.Orders), func(n int) error {
		_, err := d.Retry(ctx, page.Orders[n], "", messages.Retry{Actor: person, Reason: reason})
		return err
	})
}
