package main

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"domainprovisioning/sandbox/measures"
)

// build is one of the two builds.
type build struct {
	name    string // its commit
	tree    string // the folder of its source
	program string // the test program of the sandbox
}

// The first build of a Temporal server takes minutes.
const (
	buildTimeout = 20 * time.Minute
	turnTimeout  = 15 * time.Minute
)

func (b build) compile(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, buildTimeout)
	defer cancel()
	command := exec.CommandContext(ctx, "go", "test", "-c", "-o", b.program, "./sandbox") //nolint:gosec // our own build
	command.Dir = b.tree
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("build of %s: %w\n%s", b.name, err, output)
	}
	return nil
}

// results are the measurements of one benchmark by their unit.
type results map[string]float64

// turn runs a benchmark of the build. The results are empty if the build has no such benchmark.
func (b build) turn(ctx context.Context, benchmark string, orders int) (results, error) {
	ctx, cancel := context.WithTimeout(ctx, turnTimeout)
	defer cancel()
	pattern := "^" + measures.Benchmark + "$/^" + benchmark + "$"
	if benchmark == measures.Floor || benchmark == measures.Orders {
		pattern += "/^0$" // they have rounds of their own
	}
	command := exec.CommandContext(ctx, b.program, //nolint:gosec // our own build
		"-test.run=^$", "-test.bench="+pattern,
		"-test.benchtime="+strconv.Itoa(orders)+"x", "-test.timeout="+turnTimeout.String())
	// The benchmarks read orders from the folder of their package.
	command.Dir = filepath.Join(b.tree, "sandbox")
	// The benchmark ends its own child processes, if it is asked to end rather than killed.
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	command.WaitDelay = 5 * time.Second
	output, err := command.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("%s of %s: %w\n%s", benchmark, b.name, err, output)
	}
	return read(string(output)), nil
}

// read returns the measurements in the output of one benchmark.
func read(output string) results {
	found := results{}
	for line := range strings.Lines(output) {
		fields := strings.Fields(line)
		if len(fields) == 0 || !strings.HasPrefix(fields[0], measures.Benchmark) {
			continue
		}
		// Name and number of runs, then pairs of a value and its unit.
		for n := 2; n+1 < len(fields); n += 2 {
			if value, err := strconv.ParseFloat(fields[n], 64); err == nil {
				found[fields[n+1]] = value
			}
		}
	}
	return found
}

// measurements are those of one build, by benchmark: one result a round.
type measurements map[string][]results

// series returns what a benchmark printed in a unit, round by round; nil unless it did each
// time.
func (m measurements) series(benchmark, unit string) []float64 {
	var all []float64
	for _, round := range m[benchmark] {
		value, printed := round[unit]
		if !printed {
			return nil
		}
		all = append(all, value)
	}
	return all
}

// memoryOrders is how many times as many orders the memory is measured with, in the first
// round only. A worker's heap grows by pages and by buffers for what is under way, which count
// among few orders; and other work on the machine does not change it.
const memoryOrders = 6

// measure lets both builds have their turns. What changes on the machine meanwhile meets both,
// because a round is short, and each is the first in every other round.
func measure(ctx context.Context, rev, now build, s settings, progress io.Writer) (both [2]measurements, err error) {
	both = [2]measurements{{}, {}}
	for round := range s.rounds {
		for _, benchmark := range []string{measures.Floor, measures.Orders, measures.Latency, measures.Waiting} {
			orders := s.orders
			if benchmark == measures.Waiting {
				if round > 0 {
					continue
				}
				orders *= memoryOrders
			}
			for n := range both {
				side := (n + round) % len(both)
				if side == 1 && benchmark == measures.Floor {
					continue // both are compared with the same floor
				}
				b := [...]build{rev, now}[side]
				_, _ = fmt.Fprintf(progress, "round %d of %d: %s of %s\n", round+1, s.rounds, benchmark, [...]string{"the revision", "the present tree"}[side])
				found, err := b.turn(ctx, benchmark, orders)
				if err != nil {
					return both, err
				}
				both[side][benchmark] = append(both[side][benchmark], found)
			}
		}
	}
	return both, nil
}
