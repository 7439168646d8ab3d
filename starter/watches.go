package main

import (
	"fmt"
	"maps"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"domainprovisioning/store"
)

// watchLine is the state of a registrar account's watch, for people and for scripts.
type watchLine struct {
	Registrar string `json:"registrar"`
	// Schedule is runs or paused, or never if no worker has set it up yet.
	Schedule  string        `json:"schedule"`
	Every     time.Duration `json:"everyNanoseconds"`
	LastRound *time.Time    `json:"lastRound,omitempty"` // the last successful one
	Late      bool          `json:"late"`
}

func (s *starter) watchStatusCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "watch-status",
		Short: "Show when each registrar account was last asked for pending operations",
		Long: `Show when each registrar account was last asked for pending operations, as the workers
have recorded it. While a watch is late, orders whose confirmations were lost have to wait:
unpause a paused schedule in Temporal, and run a worker, without which nothing is asked.`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			sys, closeAll, err := s.open(command.Context())
			if err != nil {
				return err
			}
			defer closeAll()
			watches, err := sys.Store.Watches(command.Context())
			if err != nil {
				return err
			}
			return s.printWatches(watchLines(sys.WatchEvery(), watches))
		},
	}
}

func watchLines(every map[string]time.Duration, watches []store.Watch) []watchLine {
	lines := make([]watchLine, 0, len(every))
	for _, name := range slices.Sorted(maps.Keys(every)) {
		line := watchLine{Registrar: name, Schedule: "never", Every: every[name], Late: true}
		for _, watch := range watches {
			if watch.Account == name {
				line.Schedule, line.LastRound, line.Late = string(watch.Schedule), watch.GoodAt, watch.Late(every[name])
			}
		}
		lines = append(lines, line)
	}
	return lines
}

func (s *starter) printWatches(lines []watchLine) error {
	if s.json {
		return s.printJSON(lines)
	}
	table := tabwriter.NewWriter(s.out, 0, 8, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "REGISTRAR\tSCHEDULE\tEVERY\tLAST GOOD ROUND\t")
	for _, line := range lines {
		last, late := "never", ""
		if line.LastRound != nil {
			last = age(time.Since(*line.LastRound)) + " ago"
		}
		if line.Late {
			late = "late"
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", line.Registrar, line.Schedule, line.Every, last, late)
	}
	return table.Flush()
}
