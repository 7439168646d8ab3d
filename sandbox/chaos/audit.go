//go:build unix

package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"go.temporal.io/api/workflowservice/v1"

	"domainprovisioning/messages"
)

// auditor checks that everything is as it must be.
type auditor struct {
	run   *chaos
	books *books
}

// standing is the state of the orders while nothing is disturbed.
type standing struct {
	open      int             // orders in progress
	waiting   map[string]bool // of these, those that rightly wait for a person
	attention int             // of the others, those that are parked
}

// stand reads the state of the orders.
func (a *auditor) stand(ctx context.Context) (standing, error) {
	units, err := a.books.units(ctx)
	if err != nil {
		return standing{}, err
	}
	waiting, err := a.books.forAPerson(ctx)
	if err != nil {
		return standing{}, err
	}
	s := standing{waiting: waiting}
	for _, u := range units {
		if u.state == "open" {
			s.open++
		}
	}
	parked, err := a.run.system.client.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{
		Query: `ProvisioningState = "attention" AND ExecutionStatus = "Running"`,
	})
	if err != nil {
		return s, fmt.Errorf("chaos: parked orders: %w", err)
	}
	s.attention = int(parked.GetCount())
	return s, nil
}

// findings are the results of the audit.
type findings struct {
	violations []string
	done       int // orders
	waiting    int // for a person, rightly
	effects    int
	calls      int // paid
	again      int // of these, those begun again after a look
	histories  int
}

func (f *findings) add(lines ...string) { f.violations = append(f.violations, lines...) }

// audit compares what was ordered, what the product says, and what exists outside.
func (a *auditor) audit(ctx context.Context) (f findings, err error) {
	units, err := a.books.units(ctx)
	if err != nil {
		return f, err
	}
	waiting, err := a.books.forAPerson(ctx)
	if err != nil {
		return f, err
	}
	byNumber := map[string]unit{}
	for _, u := range units {
		byNumber[u.number] = u
		f.add(a.state(ctx, &f, u, waiting)...)
	}
	f.add(a.run.disturber.undeployed...)
	f.add(a.endings()...)
	f.add(a.repeats(ctx)...)
	f.add(a.callers(byNumber)...)
	a.outside(&f, byNumber, waiting)
	held, err := a.books.held(ctx, waiting)
	if err != nil {
		return f, err
	}
	f.add(held...)
	if f.calls, f.again, err = a.books.again(ctx); err != nil {
		return f, err
	}
	return f, a.secrets(ctx, &f)
}

// state judges one unit of work by itself.
func (a *auditor) state(ctx context.Context, f *findings, u unit, waiting map[string]bool) []string {
	switch {
	case u.state == string(messages.Done):
		f.done++
		return nil
	case u.state != "open":
		return []string{fmt.Sprintf("%s (order %s) has ended as %s", u.workflow, u.number, u.state)}
	case waiting[u.number]:
		f.waiting++
		return nil
	}
	asking, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	progress, err := messages.ReadProgress().Ask(asking, a.run.system.client, u.workflow)
	if err != nil {
		return []string{fmt.Sprintf("%s (order %s) is open, and does not answer: %v", u.workflow, u.number, err)}
	}
	if attention := progress.Attention; attention != nil {
		return []string{fmt.Sprintf("%s (order %s) needs attention at step %d without a true reason: %s: %s",
			u.workflow, u.number, attention.Step, attention.Reason, attention.Message)}
	}
	return []string{fmt.Sprintf("%s (order %s) is %s at step %d", u.workflow, u.number, progress.State, progress.Step)}
}

// endings checks that no process has ended by itself more often than there was trouble: one that
// cannot start would leave the work to the others unseen.
func (a *auditor) endings() (violations []string) {
	trouble := a.run.disturber.happened()
	for _, p := range a.run.system.processes() {
		if ended := p.endedByItself(); ended > trouble {
			violations = append(violations, fmt.Sprintf("%s has ended by itself %d times in %d disturbances: see its log", p.name, ended, trouble))
		}
	}
	return violations
}

// callers checks that each caller has an answer, that all answers of one order are the
// same, that each answer has its order, and that each order was asked for.
func (a *auditor) callers(byNumber map[string]unit) (violations []string) {
	asked := map[string]*order{}
	for _, first := range a.run.orders {
		for o := first; o != nil; o = o.then {
			numbers, refused := a.run.callers.numbers(o)
			if refused != "" {
				violations = append(violations, fmt.Sprintf("%s (%s): %s", o.what, o.domain, refused))
			}
			if len(numbers) == 0 {
				if refused == "" {
					violations = append(violations, fmt.Sprintf("%s (%s): its caller has no answer", o.what, o.domain))
				}
				continue
			}
			for _, number := range numbers {
				u, stored := byNumber[number]
				switch {
				case number != numbers[0]:
					violations = append(violations, fmt.Sprintf("%s (%s): one order was answered as %s and as %s", o.what, o.domain, numbers[0], number))
				case !stored:
					violations = append(violations, fmt.Sprintf("%s: order %s was answered and is not stored", o.what, number))
				case u.domain != o.domain:
					violations = append(violations, fmt.Sprintf("%s: order %s is for %q and not for %q", o.what, number, u.domain, o.domain))
				}
				asked[number] = o
			}
		}
	}
	for number := range byNumber {
		if asked[number] == nil {
			violations = append(violations, "order "+number+" is stored, and no caller was told of it")
		}
	}
	slices.Sort(violations)
	return violations
}

// repeats checks that a caller who asks again gets the number of the existing order.
func (a *auditor) repeats(ctx context.Context) (violations []string) {
	for _, first := range a.run.orders {
		for o := first; o != nil; o = o.then {
			if numbers, _ := a.run.callers.numbers(o); len(numbers) == 0 {
				continue
			}
			asking, cancel := context.WithTimeout(ctx, askWithin)
			if err := a.run.callers.repeat(asking, o); err != nil {
				violations = append(violations, fmt.Sprintf("%s (%s): its repeat, in the calm: %v", o.what, o.domain, err))
			}
			cancel()
		}
	}
	return violations
}

// outside checks that every effect exists exactly once and belongs to an order.
func (a *auditor) outside(f *findings, byNumber map[string]unit, waiting map[string]bool) {
	found := lookOutside(a.run.system.world, a.run.orders)
	f.add(found.strays...)
	for _, first := range a.run.orders {
		less := false
		for o := first; o != nil; o = o.then {
			numbers, _ := a.run.callers.numbers(o)
			for _, number := range numbers {
				less = less || waiting[number]
			}
			if len(numbers) > 0 && byNumber[numbers[0]].state == "open" {
				less = true // this is reported as a violation already
			}
		}
		got := found.of[first]
		for what, n := range got {
			if what != "years" {
				f.effects += n
			}
		}
		for _, line := range got.difference(first.want, less) {
			numbers, _ := a.run.callers.numbers(first)
			f.add(fmt.Sprintf("%s (%s, order %v): %s", first.what, first.domain, numbers, line))
		}
	}
}

// secrets checks that no secret appears in a history or in a log.
func (a *auditor) secrets(ctx context.Context, f *findings) error {
	secrets, err := secretsOf(ctx, a.run.system, a.run.mark, a.run.orders)
	if err != nil {
		return err
	}
	found, histories, err := inHistories(ctx, a.run.system.client, a.run.system.codec, secrets)
	if err != nil {
		return err
	}
	f.histories = histories
	f.add(found...)
	found, err = inLogs(a.run.settings.logs, secrets)
	f.add(found...)
	return err
}
