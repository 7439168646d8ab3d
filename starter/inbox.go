package main

import (
	"fmt"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"domainprovisioning/store"
)

func (s *starter) inboxCommand() *cobra.Command {
	var filter store.ConfirmationFilter
	var state string
	inbox := &cobra.Command{
		Use:   "inbox",
		Short: "List what registrars and people have reported, oldest first",
		Long: `List what registrars and people have reported, oldest first.
  received   on its way to its order
delivered  reported to its order
  late       its order had ended
  unmatched  no order fits; delivered if one appears within seven days`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			filter.State = store.ConfirmationState(state)
			if state != "" && !slices.Contains(store.ConfirmationStates(), filter.State) {
				return fmt.Errorf("--state is %q and must be one of %v", state, store.ConfirmationStates())
			}
			return s.onStore(c.Context(), func(opened *store.Store) error {
				rows, err := opened.Confirmations(c.Context(), filter)
				if err != nil {
					return err
				}
				return s.printInbox(rows)
			})
		},
	}
	flags := inbox.Flags()
	flags.StringVar(&state, "state", "", "only entries in this state: received, delivered, late or unmatched")
	flags.StringVar(&filter.Domain, "domain", "", "only entries about this domain")
	flags.StringVar(&filter.Account, "registrar", "", "only entries of this registrar account")
	flags.IntVar(&filter.Limit, "limit", 100, "maximum number of entries, up to 1000")
	return inbox
}

func (s *starter) printInbox(rows []store.Confirmation) error {
	type line struct {
		EventID    string     `json:"eventId"`
		Source     string     `json:"source"`
		Registrar  string     `json:"registrar,omitempty"`
		Domain     string     `json:"domain,omitempty"`
		Reference  string     `json:"reference,omitempty"`
		Claim      string     `json:"claim,omitempty"`
		State      string     `json:"state"`
		Attempts   int        `json:"attempts"`
		Trouble    string     `json:"trouble,omitempty"`
		ReceivedAt time.Time  `json:"receivedAt"`
		HandledAt  *time.Time `json:"handledAt,omitempty"`
		WorkflowID string     `json:"workflowId,omitempty"`
	}
	lines := make([]line, len(rows))
	for i, r := range rows {
		lines[i] = line{
			r.EventID, string(r.Source), r.Account, r.Domain, r.Reference, r.Claim, string(r.State), r.Attempts, r.Trouble,
			r.ReceivedAt, r.HandledAt, r.WorkflowID,
		}
	}
	if s.json {
		return s.printJSON(lines)
	}
	table := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "RECEIVED\tSTATE\tSOURCE\tREGISTRAR\tDOMAIN\tREFERENCE\tCLAIM\tTRIES\tEVENT")
	for _, l := range lines {
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%d\t%s\n", l.ReceivedAt.Format(time.DateTime), l.State, l.Source,
			dash(l.Registrar), dash(l.Domain), dash(l.Reference), dash(l.Claim), l.Attempts, l.EventID)
	}
	return table.Flush()
}
