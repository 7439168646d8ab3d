package main

import (
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"domainprovisioning/desk"
)

func (s *starter) watchStatusCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "watch-status",
		Short: "Show when each registrar account was last asked for pending operations",
		Long: `Show when each registrar account was last asked for pending operations, as the workers
have recorded it. While a watch is late, orders whose confirmations were lost have to wait:
unpause a paused schedule in Temporal, and run a worker, without which nothing is asked.
NEWS counts what the registrar has written about the account itself, for the first time or
again, in the last seven days:
` + "`starter inbox --state account`" + ` lists it.`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			orders, closeAll, err := s.storedOrders(command.Context())
			if err != nil {
				return err
			}
			defer closeAll()
			watches, err := orders.Watches(command.Context())
			if err != nil {
				return err
			}
			return s.printWatches(watches)
		},
	}
}

func (s *starter) printWatches(lines []desk.Watch) error {
	if s.json {
		return s.printJSON(lines)
	}
	table := tabwriter.NewWriter(s.out, 0, 8, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "REGISTRAR\tSCHEDULE\tEVERY\tLAST GOOD ROUND\tNEWS\t")
	for _, line := range lines {
		last, late := "never", ""
		if line.LastRound != nil {
			last = age(time.Since(*line.LastRound)) + " ago"
		}
		if line.Late {
			late = "late"
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%d\t%s\n", line.Registrar, line.Schedule, line.Every, last, line.News, late)
	}
	return table.Flush()
}
