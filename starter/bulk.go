package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"domainprovisioning/assembly"
	"domainprovisioning/desk"
	"domainprovisioning/gateway"
	"domainprovisioning/intake"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// taken is what has become of a command about one order, for people and for scripts.
type taken struct {
	Order   string  `json:"order"`
	Item    int     `json:"item"`
	Domain  string  `json:"domain,omitempty"`
	Command string  `json:"command"`
	Outcome outcome `json:"outcome" jsonschema:"enum=accepted,enum=refused,enum=unknown,enum=failed,enum=not-given,enum=planned,description=unknown: nobody has answered\\, and it may still be carried out; failed: nobody has taken it\\, as far as can be told; not-given: not asked\\, because the person has interrupted; planned: a dry run"`
	// Step is the step that the order is at, and Next says what happens now.
	Step int    `json:"step,omitempty" jsonschema:"description=The step that the order is at"`
	Next string `json:"next,omitempty" jsonschema:"description=What happens now"`
	// Refusal says why the command was refused, Failure why it failed or is not known.
	Refusal string `json:"refusal,omitempty"`
	Failure string `json:"failure,omitempty"`
	// EventID identifies a confirmation.
	EventID string `json:"eventId,omitempty"`
	// Revision is the number of the amended order; Changes are what was or would be amended.
	Revision int               `json:"revision,omitempty"`
	Changes  []messages.Change `json:"changes,omitempty"`
	Notes    []string          `json:"notes,omitempty"`
	// Undo is what a cancellation would take back.
	Undo []messages.UndoLine `json:"undo,omitempty"`

	err error
}

// outcome is what has become of a command.
type outcome string

// The outcomes.
const (
	accepted outcome = "accepted"
	refused  outcome = "refused"
	unknown  outcome = "unknown" // nobody has answered: it may still be carried out
	failed   outcome = "failed"
	notGiven outcome = "not-given" // the person has interrupted
	planned  outcome = "planned"   // a dry run
)

// act gives a command to one order. The id makes a repeat harmless; "" stands for none.
type act func(ctx context.Context, orders orderDesk, unit desk.Unit, id string) (taken, error)

const (
	// atOnce is how many orders are asked at the same time.
	atOnce = 8
	// commandTimeout bounds a command that is under way when the person interrupts.
	commandTimeout = time.Minute
)

// giveAll gives a command to all units. When the context ends, no further unit is asked, and
// the commands that are under way are waited for.
func (s *starter) giveAll(ctx context.Context, orders orderDesk, g *given, units []desk.Unit, do act) []taken {
	results := make([]taken, len(units))
	for n, unit := range units {
		results[n] = taken{Order: unit.Order, Item: unit.Item, Domain: unit.Domain, Command: string(g.action), Outcome: notGiven}
	}
	next := make(chan int)
	var printing sync.Mutex
	done := 0
	var group sync.WaitGroup
	for range min(atOnce, len(units)) {
		group.Go(func() {
			for n := range next {
				results[n].settle(s.giveOne(ctx, orders, g, units[n], do))
				printing.Lock()
				done++
				s.printResult(results[n], done, len(units))
				printing.Unlock()
			}
		})
	}
	for n := 0; n < len(units) && ctx.Err() == nil; n++ {
		select {
		case <-ctx.Done():
		case next <- n:
		}
	}
	close(next)
	group.Wait()
	return results
}

func (s *starter) giveOne(ctx context.Context, orders orderDesk, g *given, unit desk.Unit, do act) (taken, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commandTimeout)
	defer cancel()
	id, err := g.idOf(ctx, orders, unit)
	if err != nil {
		return taken{}, err
	}
	answer, err := do(ctx, orders, unit, id)
	if isUnanswered(err) {
		err = fmt.Errorf("%w; the same command again with --id %s asks what has become of it", err, g.id)
	}
	return answer, err
}

// isUnanswered reports whether a command was given that nobody has answered.
func isUnanswered(err error) bool {
	if _, here := errors.AsType[*desk.UnansweredError](err); here {
		return true
	}
	problem, there := errors.AsType[*gateway.Problem](err)
	return there && problem.Command != ""
}

// settle fills in how a command has ended.
func (r *taken) settle(answer taken, err error) {
	answer.Order, answer.Item, answer.Domain, answer.Command = r.Order, r.Item, r.Domain, r.Command
	*r = answer
	r.err = err
	if r.Outcome = accepted; err != nil {
		r.fail()
	}
}

// fail says why the command was not taken.
func (r *taken) fail() {
	text, wasRefused := refusal(r.err)
	switch {
	case wasRefused:
		r.Outcome, r.Refusal = refused, text
	case isUnanswered(r.err):
		r.Outcome, r.Failure = unknown, r.err.Error()
	default:
		r.Outcome, r.Failure = failed, r.err.Error()
	}
}

// refusal returns the sentence of an error that refuses a command, so that nothing was changed.
func refusal(err error) (text string, ok bool) {
	if refused, ok := errors.AsType[*desk.NotAllowedError](err); ok {
		return refused.Reason, true
	}
	if refused, ok := errors.AsType[*intake.Refusal](err); ok {
		return strings.Join(refused.Reasons, "; "), true
	}
	if problem, ok := errors.AsType[*gateway.Problem](err); ok && problem.Status >= 400 && problem.Status < 500 {
		if len(problem.Errors) > 0 || problem.Detail == "" {
			return problem.Error(), true
		}
		return problem.Detail, true
	}
	if _, reused := errors.AsType[*store.IdempotencyError](err); reused {
		return "the id was used for another command; use another id", true
	}
	return desk.ErrNotFound.Error(), errors.Is(err, desk.ErrNotFound)
}

// printResult prints a line as an order goes, with a counter on a terminal.
func (s *starter) printResult(r taken, done, all int) {
	if s.json || all == 1 && r.err != nil { // the error of the only order is that of the program
		return
	}
	if s.terminal && all > 1 {
		s.printf("%d/%d ", done, all)
	}
	switch {
	case r.Outcome == refused:
		s.printf("%s: refused: %s\n", titleOf(r), oneLine(r.Refusal))
	case r.Outcome == unknown:
		s.printf("%s: %s\n", titleOf(r), oneLine(r.Failure))
	case r.Outcome == failed:
		s.printf("%s: failed: %s\n", titleOf(r), oneLine(r.Failure))
	case r.Next == "":
		s.printf("%s goes on at step %d\n", titleOf(r), r.Step)
	default:
		s.printf("%s: %s\n", titleOf(r), oneLine(r.Next))
	}
	for _, note := range r.Notes {
		s.printf("  %s\n", oneLine(note))
	}
}

func titleOf(r taken) string {
	if r.Domain == "" {
		return "order " + r.Order
	}
	return "order " + r.Order + " " + r.Domain
}

// summarize prints how many orders took a command. The error says so if some did not.
func (s *starter) summarize(results []taken, bulk bool) error {
	counts := map[outcome]int{}
	worst := assembly.ExitOK
	for _, r := range results {
		counts[r.Outcome]++
		worst = worst.Worse(assembly.ExitCodeOf(r.err))
	}
	if s.json {
		if err := s.printJSON(results); err != nil {
			return err
		}
	}
	if !bulk {
		if r := results[0]; r.err != nil {
			return r.err
		}
	} else if !s.json {
		s.printf("%d accepted, %s\n", counts[accepted], untaken(counts))
	}
	switch {
	case counts[notGiven] > 0:
		return fmt.Errorf("interrupted: %d of %d orders were not asked; %d accepted, %s",
			counts[notGiven], len(results), counts[accepted], untaken(counts))
	case counts[refused]+counts[unknown]+counts[failed] > 0:
		return assembly.Exit(worst, fmt.Errorf("%d of %d orders did not take the command: %s",
			counts[refused]+counts[unknown]+counts[failed], len(results), untaken(counts)))
	}
	return nil
}

// untaken counts the orders that did not take a command, for people.
func untaken(counts map[outcome]int) string {
	text := fmt.Sprintf("%d refused, %d failed", counts[refused], counts[failed])
	if counts[unknown] > 0 {
		text += fmt.Sprintf(", %d not known yet", counts[unknown])
	}
	return text
}
