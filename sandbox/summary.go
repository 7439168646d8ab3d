package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"domainprovisioning/intake"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// summary is the table at the end of several orders, with the results of each.
type summary struct{ lines []string }

func (s *summary) add(cells ...string) { s.lines = append(s.lines, strings.Join(cells, "\t")) }

func (s *summary) refused(file string) { s.add(filepath.Base(file), "refused", "-", "-", "-", "-") }

func (s *summary) print(out io.Writer) error {
	_, _ = fmt.Fprintln(out)
	table := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "FILE\tRESULT\tORDER\tDOMAIN\tREGISTRAR\tDONE AT THE REGISTRAR")
	for _, line := range s.lines {
		_, _ = fmt.Fprintln(table, line)
	}
	return table.Flush()
}

// summarise adds the line of a unit of work.
func (b *sandbox) summarise(ctx context.Context, table *summary, file string, unit intake.PlacedUnit) error {
	progress, err := messages.ReadProgress().Ask(ctx, b.client, unit.WorkflowID)
	if err != nil {
		return err
	}
	what, _, _ := strings.Cut(unit.WorkflowID, "/")
	var requests []string
	if unit.Domain != "" {
		rows, err := b.system.Store.LedgerRows(ctx, store.LedgerFilter{Domain: unit.Domain})
		if err != nil {
			return err
		}
		for _, row := range rows {
			requests = append(requests, fmt.Sprintf("%s %s", row.Kind, row.State))
		}
	}
	table.add(filepath.Base(file), string(progress.State), what, orDash(unit.Domain), orDash(progress.Registrar),
		orDash(strings.Join(requests, ", ")))
	return nil
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
