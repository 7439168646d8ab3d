package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"slices"
	"text/tabwriter"
	"time"

	"domainprovisioning/sandbox/measures"
)

// rows are the lines of the table.
func rows() []struct{ title, benchmark, unit string } {
	return []struct{ title, benchmark, unit string }{
		{"processor time an order, ms", measures.Orders, measures.Processor},
		{"calls to the Temporal server", measures.Orders, measures.Calls},
		{"history events, registered at once", measures.Orders, measures.Events},
		{"history bytes, registered at once", measures.Orders, measures.History},
		{"history events, with waiting", measures.Waiting, measures.Events},
		{"history bytes, with waiting", measures.Waiting, measures.History},
		{"from submit to waiting, median, ms", measures.Latency, measures.Median},
		{"from submit to waiting, p99, ms", measures.Latency, measures.Tail},
		{"worker memory a waiting order, bytes", measures.Waiting, measures.Memory},
	}
}

// errNothing means that there was nothing to compare.
var errNothing = errors.New("neither build printed a measurement; it is from before there was one")

// report prints the table, and how it came about.
func report(out io.Writer, s settings, rev, now build, measured [2]measurements, began time.Time) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	line := func(cells ...any) { _, _ = fmt.Fprintf(table, "| %s\t| %s\t| %s\t| %s\t|\n", cells...) }
	line("an order", "revision", "now", "ratio")
	line("---", "---", "---", "---")
	printed := false
	for _, row := range rows() {
		before, after := measured[0].series(row.benchmark, row.unit), measured[1].series(row.benchmark, row.unit)
		printed = printed || before != nil || after != nil
		line(row.title, middle(before), middle(after), share(after, before))
	}
	if !printed {
		return errNothing
	}
	floor := measured[0].series(measures.Floor, measures.Processor)
	line("processor time against the floor of the revision",
		share(measured[0].series(measures.Orders, measures.Processor), floor),
		share(measured[1].series(measures.Orders, measures.Processor), floor), "")
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, `
The floor is a workflow of as many empty activities as an order of the revision has calls:
%s ms of processor time. A ratio is the mean of the rounds ± half of its 95 %% interval; orders that wait
are measured in one round.

command   go run ./sandbox/compare -rounds %d -orders %d %s
revision  %s
now       %s
machine   %d cores, %s/%s, %s
date      %s, took %s
`, middle(floor), s.rounds, s.orders, s.revision, rev.name, now.name,
		runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version(),
		began.UTC().Format("2006-01-02 15:04 MST"), time.Since(began).Round(time.Second))
	return err
}

// middle is the median of a series, "-" if there is none.
func middle(series []float64) string {
	if len(series) == 0 {
		return "-"
	}
	sorted := slices.Sorted(slices.Values(series))
	median := (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
	if median >= 1000 {
		return fmt.Sprintf("%.0f", median)
	}
	return fmt.Sprintf("%.4g", median)
}

// share is the ratio of two series with its spread, "-" if one is missing.
func share(a, b []float64) string {
	positive := func(series []float64) bool {
		return len(series) > 0 && !slices.ContainsFunc(series, func(value float64) bool { return value <= 0 })
	}
	if !positive(a) || !positive(b) {
		return "-"
	}
	ratio, spread := measures.Ratio(a, b)
	if math.IsInf(spread, 1) {
		return fmt.Sprintf("%.2f", ratio)
	}
	return fmt.Sprintf("%.2f ± %.2f", ratio, spread)
}
