package main

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"domainprovisioning/desk"
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
  unmatched  no order fits; delivered if one appears within seven days
  account    about the registrar account itself; ` + "`starter quote`" + ` shows what the registrar has written`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			filter.State = store.ConfirmationState(state)
			if state != "" && !slices.Contains(store.ConfirmationStates(), filter.State) {
				return usage("--state is %q and must be one of %v", state, store.ConfirmationStates())
			}
			if filter.Limit < 1 || filter.Limit > store.MostListed {
				return usage("--limit must be 1 to %d", store.MostListed)
			}
			orders, closeAll, err := s.storedOrders(c.Context())
			if err != nil {
				return err
			}
			defer closeAll()
			reports, err := orders.Inbox(c.Context(), filter)
			if err != nil {
				return err
			}
			return s.printInbox(reports)
		},
	}
	flags := inbox.Flags()
	flags.StringVar(&state, "state", "", "only entries in this state: "+strings.Join(words(store.ConfirmationStates()), ", "))
	flags.StringVar(&filter.Domain, "domain", "", "only entries about this domain")
	flags.StringVar(&filter.Account, "registrar", "", "only entries of this registrar account")
	flags.IntVar(&filter.Limit, "limit", 100, "maximum number of entries, up to 1000")
	_ = inbox.RegisterFlagCompletionFunc("state", cobra.FixedCompletions(words(store.ConfirmationStates()), cobra.ShellCompDirectiveNoFileComp))
	_ = inbox.RegisterFlagCompletionFunc("registrar", s.completeAccounts)
	return inbox
}

func (s *starter) printInbox(lines []desk.Report) error {
	if s.json {
		return s.printJSON(lines)
	}
	table := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "RECEIVED\tSTATE\tSOURCE\tREGISTRAR\tDOMAIN\tREFERENCE\tMATTER\tCLAIM\tLAST SEEN\tQUOTE\tTRIES\tEVENT")
	for _, l := range lines {
		seen := ""
		if l.SeenAt != nil {
			seen = l.SeenAt.Format(time.DateTime)
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%d\t%s\n", l.ReceivedAt.Format(time.DateTime), l.State, l.Source,
			orDash(l.Registrar), orDash(l.Domain), orDash(l.Reference), orDash(l.Matter), orDash(l.Claim), orDash(seen), orDash(l.Quote), l.Attempts, l.EventID)
	}
	return table.Flush()
}
