package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"domainprovisioning/desk"
	"domainprovisioning/messages"
)

func (s *starter) cancelCommand() *cobra.Command {
	g := given{action: messages.ActionCancel}
	var command messages.Cancel
	cancel := &cobra.Command{
		Use:   "cancel [ORDER...]",
		Short: "Give orders up, and take back what they made",
		Long: long(`Give orders up, and take back what they made, the latest first and as far as that is
possible. With --dry-run it lists what would become of each thing. Without it, the command
shows that list for an order that has made something, and asks; where nobody can be asked,
it needs --yes. A registration that the registrar has confirmed is kept, and reported with
the day until which it could be given back.`, `cancel --registrar netim-main --for unavailable --reason "they stop"`),
		RunE: func(c *cobra.Command, arguments []string) error {
			if err := s.check(c, &g, arguments); err != nil {
				return err
			}
			g.body = command
			command.Actor, command.Reason = g.actor, g.reason
			return s.give(c.Context(), &g, arguments, answers(func(ctx context.Context, orders orderDesk, unit desk.Unit, id string) (messages.Answer, error) {
				return orders.Cancel(ctx, unit, id, command)
			}))
		},
	}
	g.preview, g.printPlan = s.undoOf, s.printUndo
	s.givenFlags(cancel, &g, stepFilter)
	flags := cancel.Flags()
	flags.BoolVar(&command.Keep, "keep", false, "leave what they made as it is, and only list it")
	flags.BoolVar(&command.DeleteRegistration, "delete-registration", false, "delete a confirmed registration, as long as it can be given back")
	cancel.MarkFlagsMutuallyExclusive("keep", "delete-registration")
	return cancel
}

// undoOf lists what a cancellation of each unit would take back. It has to be agreed to if
// there is anything, or if nobody can tell.
func (s *starter) undoOf(ctx context.Context, orders orderDesk, units []desk.Unit) (plans []taken, agree bool, err error) {
	plans = plansFor(units, messages.ActionCancel, func(unit desk.Unit, plan *taken) {
		if !unit.Open() {
			plan.err = &desk.NotAllowedError{Reason: fmt.Sprintf("order %s is %s, and takes no command", unit.Order, unit.State)}
		} else if plan.Undo, plan.err = orders.Undo(ctx, unit); plan.err != nil {
			plan.err = fmt.Errorf("what it made cannot be listed: %w", plan.err)
		}
	})
	for _, plan := range plans {
		agree = agree || plan.Failure != "" || len(plan.Undo) > 0
	}
	return plans, agree, ctx.Err()
}

// printUndo prints what a cancellation would do about one order.
func (s *starter) printUndo(plan taken) error {
	if len(plan.Undo) == 0 {
		s.printf("%s has made nothing\n", titleOf(plan))
		return nil
	}
	s.printf("%s has made:\n", titleOf(plan))
	table := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "  MADE\tFATE\tNOTE")
	for _, line := range plan.Undo {
		_, _ = fmt.Fprintf(table, "  %s\t%s\t%s\n", oneLine(line.Title), line.State, oneLine(line.Note))
	}
	return table.Flush()
}

func (s *starter) closeCommand() *cobra.Command {
	g := given{action: messages.ActionClose}
	closing := &cobra.Command{
		Use:   "close [ORDER...]",
		Short: "Give up orders whose workflows were ended in Temporal, so that their domains can be ordered again",
		Long: long(`Give up orders whose workflows were ended in Temporal, so that their domains can be ordered
again. Nothing is undone in the outside systems: "starter cancel --keep" does the same, over a
gateway too, and "starter cancel" takes back what they made. To resume one instead, use
"starter retry".`, `close --state stopped --for terminated --reason "never started"`),
		RunE: func(c *cobra.Command, arguments []string) error {
			if err := s.check(c, &g, arguments); err != nil {
				return err
			}
			g.open = s.here
			return s.give(c.Context(), &g, arguments, answers(func(ctx context.Context, orders orderDesk, unit desk.Unit, _ string) (messages.Answer, error) {
				return orders.(*desk.Desk).Close(ctx, unit, g.actor, g.reason) //nolint:forcetypeassert // here opens no other
			}))
		},
	}
	s.givenFlags(closing, &g, stepFilter)
	return closing
}

// here opens the desk without a gateway.
func (s *starter) here(ctx context.Context) (orderDesk, func(), error) {
	sys, closeAll, err := s.connect(ctx)
	if err != nil {
		return nil, nil, err
	}
	return sys.desk, closeAll, nil
}
