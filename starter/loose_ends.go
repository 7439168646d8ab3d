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
	"domainprovisioning/store"
)

// looseEndLine is one thing that no order takes care of, for people and for scripts.
type looseEndLine struct {
	ID             string     `json:"id"`
	Kind           string     `json:"kind"`
	Order          string     `json:"order"`
	Domain         string     `json:"domain,omitempty"`
	Registrar      string     `json:"registrar,omitempty"`
	Reference      string     `json:"reference,omitempty"`
	OtherReference string     `json:"otherReference,omitempty"`
	Detail         string     `json:"detail"`
	Since          time.Time  `json:"since"`
	SettledAt      *time.Time `json:"settledAt,omitempty"`
	SettledBy      string     `json:"settledBy,omitempty"`
	SettledReason  string     `json:"settledReason,omitempty"`
}

func looseEndOf(end store.LooseEnd) looseEndLine {
	return looseEndLine{
		ID: end.ID, Kind: string(end.Kind), Order: end.OrderNumber, Domain: end.Domain, Registrar: end.Account,
		Reference: end.Reference, OtherReference: end.OtherReference, Detail: end.Detail, Since: end.FoundAt,
		SettledAt: end.SettledAt, SettledBy: end.SettledBy, SettledReason: end.SettledReason,
	}
}

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

func (s *starter) listLooseEnds(ctx context.Context, sys *assembly.Assembly, state string, filter store.LooseEndFilter) error {
	if !slices.Contains(looseStates(), state) {
		return fmt.Errorf("--state must be one of %s", strings.Join(looseStates(), ", "))
	}
	if state != anyLooseEnd {
		filter.Kind = store.LooseEndKind(state)
	}
	ends, err := sys.Store.LooseEnds(ctx, filter)
	if err != nil {
		return err
	}
	lines := make([]looseEndLine, len(ends))
	for i, end := range ends {
		lines[i] = looseEndOf(end)
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
		Use:   "settle ID",
		Short: "Record that you have settled what no order takes care of",
		Long: `Record that you have settled what no order takes care of: given it back at the registrar,
charged it, or found that nothing needs to be done. ID is shown by "starter operations --state loose".
It is no longer listed, and an order that shows it no longer needs attention for it.`,
		Args: cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, arguments []string) error {
			if actor == "" {
				actor = currentUser()
			}
			switch {
			case actor == "" || len(actor) > 100:
				return errors.New("--actor must say in at most 100 characters who has settled it")
			case strings.TrimSpace(reason) == "" || len(reason) > 1000:
				return errors.New("--reason must say in at most 1000 characters how it was settled")
			}
			sys, closeAll, err := s.open(command.Context())
			if err != nil {
				return err
			}
			defer closeAll()
			end, err := sys.Desk(nil).Settle(command.Context(), arguments[0], actor, reason)
			if errors.Is(err, store.ErrNotFound) {
				return fmt.Errorf("nothing has the id %s; `starter operations --state %s` lists what needs to be settled", arguments[0], anyLooseEnd)
			}
			if err != nil {
				return err
			}
			if s.json {
				return s.printJSON(looseEndOf(end))
			}
			s.printf("%s is settled, by %s: %s\n", end.ID, end.SettledBy, end.SettledReason)
			return nil
		},
	}
	flags := settle.Flags()
	flags.StringVar(&actor, "actor", "", "who has settled it (default your login name)")
	flags.StringVar(&reason, "reason", "", "how it was settled, for the record (required)")
	return settle
}
