package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"domainprovisioning/desk"
	"domainprovisioning/messages"
)

func (s *starter) confirmCommand() *cobra.Command {
	g := given{action: messages.ActionConfirm}
	var told desk.Confirmation
	var byHand, expires string
	confirm := &cobra.Command{
		Use:   "confirm [ORDER...]",
		Short: "Tell orders that the registrar may have finished; they ask the registrar at once",
		Long: long(`Tell orders that the registrar may have finished. The report is not believed: the order asks
the registrar at once and acts on its answer, so that neither --reason nor --actor is needed.

With --by-hand you state what the registrar has done, where it cannot be asked or its answer
stays unclear. The order goes by it; --reason is the evidence, such as who has said so.`, `confirm --for deadline-passed --registrar netim-main`),
		RunE: func(c *cobra.Command, arguments []string) error {
			command, err := byHandOf(byHand, expires)
			if err != nil {
				return err
			}
			if g.unreasoned = byHand == ""; !g.unreasoned {
				g.action = messages.ActionConfirmByHand
			}
			if err := checkHint(c, g.unreasoned, len(arguments) == 1); err != nil {
				return err
			}
			if err := s.check(c, &g, arguments); err != nil {
				return err
			}
			g.body = []any{command, told}
			if g.unreasoned {
				told := told
				told.EventID = cmp.Or(told.EventID, g.id) // an event belongs to its order
				return s.give(c.Context(), &g, arguments, hint(told))
			}
			command.Actor, command.Reason = g.actor, g.reason
			return s.give(c.Context(), &g, arguments, answers(func(ctx context.Context, orders orderDesk, unit desk.Unit, id string) (messages.Answer, error) {
				return orders.ConfirmByHand(ctx, unit, id, command)
			}))
		},
	}
	s.givenFlags(confirm, &g, stepFilter)
	flags := confirm.Flags()
	flags.Lookup("reason").Usage = "with --by-hand: the evidence, for the record (required)"
	flags.StringVar(&told.EventID, "event", "", "id of the event; the same id twice is one event (default a new one)")
	flags.StringVar(&told.Claim, "claim", "", "the claimed outcome, for the record")
	flags.StringVar(&told.Reference, "reference", "", "the registrar's id of the operation")
	flags.StringVar(&byHand, "by-hand", "", "state what has become of the request: "+strings.Join(words(messages.Outcomes()), " or "))
	flags.StringVar(&expires, "expires", "", "with --by-hand done: when the domain expires, such as 2027-03-01, if you know it")
	_ = confirm.RegisterFlagCompletionFunc("by-hand", cobra.FixedCompletions(words(messages.Outcomes()), cobra.ShellCompDirectiveNoFileComp))
	return confirm
}

// byHandOf reads what a person states.
func byHandOf(outcome, expires string) (messages.ConfirmByHand, error) {
	command := messages.ConfirmByHand{Outcome: messages.Outcome(outcome)}
	if outcome != "" && !slices.Contains(messages.Outcomes(), command.Outcome) {
		return command, usage("--by-hand is %q and must be %s", outcome, strings.Join(words(messages.Outcomes()), " or "))
	}
	if expires == "" {
		return command, nil
	}
	if command.Outcome != messages.OutcomeDone {
		return command, usage("--expires goes with --by-hand done")
	}
	var err error
	if command.Expires, err = time.Parse(time.DateOnly, expires); err != nil {
		return command, usage("--expires is %q and must be a day such as 2027-03-01", expires)
	}
	return command, nil
}

// checkHint refuses flags that have no meaning together.
func checkHint(c *cobra.Command, isHint, one bool) error {
	flags := c.Flags()
	for _, name := range []string{"event", "claim", "reference"} {
		if flags.Changed(name) && !isHint {
			return usage("--%s goes with a report that is not believed, and not with --by-hand", name)
		}
	}
	for _, name := range []string{"reason", "actor"} {
		if flags.Changed(name) && isHint {
			return usage("--%s goes with --by-hand; a report is not believed, and --claim notes what somebody says", name)
		}
	}
	if flags.Changed("reference") && !one {
		return usage("--reference is that of one operation, and goes with one order")
	}
	return nil
}

// hint reports that the registrar may have finished.
func hint(told desk.Confirmation) act {
	return func(ctx context.Context, orders orderDesk, unit desk.Unit, _ string) (taken, error) {
		confirmed, err := orders.Confirm(ctx, unit, told)
		return taken{EventID: confirmed.EventID, Next: fmt.Sprintf("confirmation %s: %s", confirmed.EventID, confirmed.State)}, err
	}
}
