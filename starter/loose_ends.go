package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"domainprovisioning/assembly"
	"domainprovisioning/desk"
	"domainprovisioning/store"
)

// anyLooseEnd lists loose ends of every kind.
const anyLooseEnd = "loose"

func looseStates() []string {
	kinds := store.LooseEndKinds()
	states := append(make([]string, 0, 1+len(kinds)), anyLooseEnd)
	for _, kind := range kinds {
		states = append(states, string(kind))
	}
	return states
}

func (s *starter) listLooseEnds(ctx context.Context, orders orderDesk, state string, filter store.LooseEndFilter) error {
	if state != anyLooseEnd {
		filter.Kind = store.LooseEndKind(state)
	}
	lines, err := orders.LooseEnds(ctx, filter)
	if err != nil {
		return err
	}
	if s.json {
		return s.printJSON(lines)
	}
	if len(lines) == 0 {
		s.printf("nothing needs to be settled\n")
		return nil
	}
	table := tabwriter.NewWriter(s.out, 0, 8, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "ID\tKIND\tAGE\tDOMAIN\tORDER\tREFERENCE\tDETAIL")
	for _, line := range lines {
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", line.ID, line.Kind, age(time.Since(line.Since)), orDash(line.Domain),
			line.Order, orDash(strings.Join(slices.DeleteFunc([]string{line.Reference, line.OtherReference}, func(r string) bool { return r == "" }), ", ")),
			line.Detail)
	}
	return table.Flush()
}

func (s *starter) settleCommand() *cobra.Command {
	var actor, reason string
	settle := &cobra.Command{
		Use:   "settle ID...",
		Short: "Record that you have settled what no order takes care of",
		Long: `Record that you have settled what no order takes care of: given it back at the registrar,
charged it, or found that nothing needs to be done. ID is shown by "starter operations --state loose".
It is no longer listed, and an order that shows it no longer needs attention for it.`,
		Args:              cobra.MinimumNArgs(1),
		ValidArgsFunction: s.completeLooseEnds,
		RunE: func(command *cobra.Command, ids []string) error {
			if err := checkSaid(actor, reason); err != nil {
				return err
			}
			orders, closeAll, err := s.storedOrders(command.Context())
			if err != nil {
				return err
			}
			defer closeAll()
			settled := make([]settledEnd, 0, len(ids))
			var wrong []error
			for _, id := range ids {
				end, err := orders.Settle(command.Context(), id, actor, reason)
				if errors.Is(err, store.ErrNotFound) {
					err = assembly.Exit(assembly.ExitNotFound,
						fmt.Errorf("nothing has the id %s; `starter operations --state %s` lists what needs to be settled", id, anyLooseEnd))
				}
				line := settledEnd{ID: id, Error: faultOf(err)}
				if err == nil {
					line.Settled = &end
					if !s.json {
						s.printf("%s is settled, by %s: %s\n", end.ID, end.SettledBy, oneLine(end.SettledReason))
					}
				}
				settled, wrong = append(settled, line), append(wrong, err)
			}
			if s.json {
				wrong = append(wrong, s.printJSON(settled))
			}
			return errors.Join(wrong...)
		},
	}
	saidFlags(settle, &actor, &reason, "who has settled it", "how it was settled, for the record")
	return settle
}

// settledEnd is a loose end that was settled, or why it was not.
type settledEnd struct {
	ID      string         `json:"id"`
	Settled *desk.LooseEnd `json:"settled,omitempty"`
	Error   *fault         `json:"error,omitempty"`
}
