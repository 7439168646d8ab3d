package main

import (
	"fmt"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"domainprovisioning/desk"
	"domainprovisioning/messages"
)

func (s *starter) listCommand() *cobra.Command {
	var filter desk.Filter
	command := &cobra.Command{
		Use:   "list",
		Short: "List orders, newest first",
		Long: `List orders, newest first, each with its state, step, reason and since when. The list
comes from the store, so it works while Temporal is away, and says so then. The state open
comprises all orders that have not ended; stopped those whose workflows do not go on by
themselves, which show as attention.`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			if err := checkFilter(filter); err != nil {
				return err
			}
			orders, closeAll, err := s.storedOrders(command.Context())
			if err != nil {
				return err
			}
			defer closeAll()
			page, err := orders.List(command.Context(), filter)
			if err != nil {
				return err
			}
			return s.printList(page)
		},
	}
	s.filterFlags(command, &filter, stepFilter)
	flags := command.Flags()
	flags.StringVar(&filter.Reason, "reason", "", "the same as --"+flagFor)
	flags.StringVar(&filter.Cursor, "cursor", "", "where the previous list ended, as printed there")
	flags.IntVar(&filter.Limit, "limit", 100, "maximum number of entries, up to 1000")
	command.MarkFlagsMutuallyExclusive(flagFor, "reason")
	_ = command.RegisterFlagCompletionFunc("reason", cobra.FixedCompletions(words(messages.Reasons()), cobra.ShellCompDirectiveNoFileComp))
	return command
}

func (s *starter) printList(page desk.Page) error {
	if s.json {
		return s.printJSON(page)
	}
	table := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "ORDER\tITEM\tDOMAIN\tOPERATION\tREGISTRAR\tSTATE\tSTEP\tREASON\tSINCE")
	for _, unit := range page.Orders {
		state, step, since := string(unit.State), "-", "-"
		if unit.Open() && !unit.Started {
			state += ", not started"
		}
		if unit.Step > 0 {
			step = strconv.Itoa(unit.Step)
		}
		if unit.Since != nil {
			since = unit.Since.Format(time.DateTime)
		}
		_, _ = fmt.Fprintf(table, "%s\t%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", unit.Order, unit.Item, orDash(unit.Domain), orDash(unit.Operation),
			orDash(unit.Registrar), state, step, orDash(unit.Reason), since)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if page.Note != "" {
		s.printf("%s\n", page.Note)
	}
	if page.Next != "" {
		s.printf("more with --cursor %s\n", page.Next)
	}
	return nil
}
