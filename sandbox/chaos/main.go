//go:build unix

// Command chaos attacks the product. PostgreSQL, Temporal, two workers and two gateways
// run in separate processes, callers place orders of all types and try again, and a
// generator, whose seed is printed, causes disturbances. At the end everything is left
// alone for a while. Then every effect in the outside systems is counted; these live in
// this process and are not disturbed. The exit code is 1 if anything is missing, exists
// twice, is held, or is shown where it must not be.
//
//	make chaos SEED=7 ORDERS=300 DISTURBANCES=100
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"domainprovisioning/assembly"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "chaos:", err)
		os.Exit(1)
	}
}

// settings are the values of the flags.
type settings struct {
	seed         uint64
	orders       int
	disturbances int
	only         string
	kinds        string
	faults       int
	every        time.Duration
	calm         time.Duration
	clock        time.Duration
	limit        time.Duration
	logs         string
	version      bool
}

// ownLog is the log of this program, with the time of each disturbance.
const ownLog = "chaos.log"

func parse(args []string) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("chaos", flag.ContinueOnError)
	flags.Uint64Var(&s.seed, "seed", 0, "seed of the generator (default one from the clock)")
	flags.IntVar(&s.orders, "orders", 100, "how many callers there are, each with an order or two")
	flags.IntVar(&s.disturbances, "disturbances", 40, "how many disturbances there are, in addition to faults of the outside systems")
	flags.StringVar(&s.only, "only", "", "cause only disturbances whose name contains this text")
	flags.StringVar(&s.kinds, "kinds", "", "place only orders of kinds whose name contains this text, such as "+eppAccount)
	flags.IntVar(&s.faults, "faults", 4, "how many faults of the outside systems accompany a disturbance, at most")
	flags.DurationVar(&s.every, "every", 3*time.Second, "the time from one disturbance to the next, on average")
	flags.DurationVar(&s.calm, "calm", 12*time.Minute, "how long orders may take to end once nothing disturbs them")
	flags.DurationVar(&s.clock, "clock", 0, "offset of the database's clock, such as -10m, with which the workers' clocks are ahead; needs libfaketime")
	flags.DurationVar(&s.limit, "limit", time.Hour, "when everything ends, whatever is still running")
	flags.StringVar(&s.logs, "logs", "", "folder for the logs (default a new one)")
	flags.BoolVar(&s.version, "version", false, "print the version")
	if err := flags.Parse(args); err != nil || s.version {
		return s, err
	}
	switch {
	case s.orders < 1 || s.disturbances < 0 || s.faults < 0 || s.every < 100*time.Millisecond:
		return s, errors.New("-orders must be at least 1, -disturbances and -faults 0, and -every 100ms")
	case len(disturbances(s.only)) == 0:
		return s, fmt.Errorf("-only %q: no disturbance has such a name", s.only)
	case len(kinds(s.kinds)) == 0:
		return s, fmt.Errorf("-kinds %q: no kind of order has such a name", s.kinds)
	}
	if s.seed == 0 {
		s.seed = uint64(time.Now().Unix()) //nolint:gosec // after 1970
	}
	var err error
	if s.logs == "" {
		s.logs, err = os.MkdirTemp("", fmt.Sprintf("chaos-%d-", s.seed))
	} else {
		err = os.MkdirAll(s.logs, 0o700)
	}
	return s, err
}

// chaos is one run.
type chaos struct {
	settings  settings
	mark      string // prefix of every secret of this run
	orders    []*order
	system    *system
	callers   *callers
	disturber *disturber
	log       *slog.Logger
	out       io.Writer
}

func run(ctx context.Context, args []string, out io.Writer) error {
	s, err := parse(args)
	if err != nil {
		return err
	}
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(out, format+"\n", args...) }
	if s.version {
		say("%s", assembly.ThisVersion().Line("chaos"))
		return nil
	}
	say("seed %d, %d orders, %d disturbances; logs in %s", s.seed, s.orders, s.disturbances, s.logs)
	ctx, cancel := context.WithTimeout(ctx, s.limit)
	defer cancel()
	dir, err := os.MkdirTemp("", "chaos-run-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	file, err := os.Create(filepath.Join(s.logs, ownLog))
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	began := time.Now()
	c := &chaos{
		settings: s, mark: fmt.Sprintf("chaos-secret-%d", s.seed), out: out,
		log: slog.New(slog.NewTextHandler(file, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	found, err := c.attack(ctx, dir, say)
	if err != nil {
		return err
	}
	return c.summary(found, time.Since(began))
}

// generator returns one of several generators of a seed, so that the values of one do not
// depend on how often another was used.
func (c *chaos) generator(stream uint64) *rand.Rand {
	return rand.New(rand.NewPCG(c.settings.seed, stream)) //nolint:gosec // repeatable, keeps no secret
}

// The numbers of the generators.
const (
	forOrders = iota
	forDisturbances
	forNews
	forCallers // and the numbers that follow
)

// attack runs everything and returns what the audit has found.
func (c *chaos) attack(ctx context.Context, dir string, say func(string, ...any)) (f findings, err error) {
	w, err := newWorld(ctx, c.mark)
	if err != nil {
		return f, err
	}
	defer func() { _ = w.close() }()
	during := max(time.Duration(c.settings.disturbances)*c.settings.every, 20*time.Second)
	p := &planner{random: c.generator(forOrders), world: w, mark: c.mark, during: during}
	if c.orders, err = p.plan(kinds(c.settings.kinds), c.settings.orders); err != nil {
		return f, err
	}
	if c.system, err = startSystem(ctx, dir, c.settings.logs, c.settings.clock, w, c.log); err != nil {
		return f, err
	}
	defer c.system.close()
	books, err := openBooks(c.system.url)
	if err != nil {
		return f, err
	}
	defer func() { _ = books.db.Close() }()
	a := &auditor{run: c, books: books}
	c.callers = newCallers(c.system.urls, c.system.key)
	n, err := newNews(w, c.system.urls, c.system.client, c.generator(forNews), c.log)
	if err != nil {
		return f, err
	}
	working, rest := context.WithCancel(ctx)
	defer rest()
	go n.run(working)
	var group sync.WaitGroup
	var left atomic.Int64
	left.Store(int64(len(c.orders)))
	for _, o := range c.orders {
		random := c.generator(forCallers + uint64(o.index)) //nolint:gosec // counts from 0
		group.Go(func() {
			defer left.Add(-1)
			c.callers.place(working, o, random, func(o *order) bool { return books.done(working, c.callers, o) })
		})
	}
	c.disturber = &disturber{system: c.system, random: c.generator(forDisturbances), log: c.log, counts: map[string]int{}, builds: firstBuild}
	began := time.Now()
	c.disturber.run(ctx, c.settings)
	c.disturber.calm()
	say("%s of disturbances are over; now it is calm", time.Since(began).Round(time.Second))
	c.wait(ctx, a, &left, say)
	rest()
	group.Wait()
	if ctx.Err() != nil {
		return f, fmt.Errorf("ended before its time: %w", context.Cause(ctx))
	}
	f, err = a.audit(ctx)
	return f, err
}

// wait returns when all orders have ended, except those that wait for a person, or when
// the calm has lasted long enough.
func (c *chaos) wait(ctx context.Context, a *auditor, left *atomic.Int64, say func(string, ...any)) {
	deadline := time.Now().Add(c.settings.calm)
	var parked time.Time
	for said := time.Now(); time.Now().Before(deadline); {
		asking, cancel := context.WithTimeout(ctx, 10*time.Second)
		s, err := a.stand(asking)
		undelivered, failed := a.books.texts(asking, `SELECT event_id FROM confirmations WHERE state = 'received'`)
		cancel()
		callers := left.Load()
		if err == nil && failed == nil && callers == 0 && len(undelivered) == 0 {
			switch rest := s.open - len(s.waiting); {
			case rest == 0:
				return
			case rest > s.attention:
				parked = time.Time{}
			case parked.IsZero():
				parked = time.Now()
			case time.Since(parked) > giveUpParked:
				return
			}
		}
		if time.Since(said) > 30*time.Second {
			said = time.Now()
			say("%d orders are open, %d of them need a person; %d callers wait", s.open, len(s.waiting)+s.attention, callers)
		}
		if !sleep(ctx, time.Second) {
			return
		}
	}
}

// giveUpParked is how long parked orders are watched: news may wake them.
const giveUpParked = 40 * time.Second
