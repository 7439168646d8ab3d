//go:build unix

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"domainprovisioning/sandbox/standin/names4ever"
	"domainprovisioning/store"
	"domainprovisioning/vault"
)

// stoppedFor covers the time that Temporal takes to notice that a worker stands still,
// and the same again for what it had handed to that worker meanwhile.
const stoppedFor = 4 * time.Minute

// Scenario worker-stands-still, for every kind of request at every registrar: worker 1 is
// stopped while it commits its intentions. Worker 2 takes over, finds nothing at the
// registrars, and submits. Then worker 1 goes on: it also has everything that it needs to
// submit, but its claims are refused.
func TestAWorkerThatStandsStillSubmitsNothing(t *testing.T) {
	t.Parallel()
	p := beginProduction(t)
	p.world.seed(time.Now())
	p.want("applied", "migrate")
	var placed int
	files, err := filepath.Glob("orders/*")
	if err != nil {
		t.Fatal(err)
	}
	first, commits := p.stoppable()
	for _, file := range files {
		if filepath.Base(file) == "names4ever-2-name-server-change.json" {
			continue // for a domain that another of these orders registers
		}
		if strings.Contains(file, "adoption") {
			continue // it submits nothing
		}
		p.want("accepted", "order", file)
		placed++
	}
	commits.wait(t, placed)
	first.signal(syscall.SIGSTOP)
	ledger := p.ledger()
	rows := p.rows(ledger, "intended", placed, func(row store.LedgerRow) bool { return row.State == store.Intended })
	commits.release()

	p.startWorker("second", nil)
	p.each(ledger, rows, "is submitted by the second worker", func(row store.LedgerRow) bool {
		return row.Submissions == 2 && row.State != store.Intended
	})
	first.signal(syscall.SIGCONT)
	p.each(ledger, rows, "is given up by the first worker", func(row store.LedgerRow) bool {
		events, err := ledger.LedgerEvents(t.Context(), row.Key)
		if err != nil {
			t.Fatal(err)
		}
		return slices.ContainsFunc(events, func(event store.LedgerEvent) bool {
			return strings.HasPrefix(event.Note, "answer to submission 1, overtaken by 2: ") && strings.HasSuffix(event.Note, " is refused")
		})
	})
	for what, count := range p.world.submissions() {
		if count != 1 {
			t.Errorf("%s was submitted %d times", what, count)
		}
	}
	if ends, err := ledger.LooseEnds(t.Context(), store.LooseEndFilter{}); err != nil || len(ends) != 0 {
		t.Errorf("loose ends: %+v, %v", ends, err)
	}
}

// rows waits until the ledger has the wanted number of matching rows, and returns their
// keys.
func (p *production) rows(ledger *store.Store, what string, want int, fits func(store.LedgerRow) bool) []string {
	p.t.Helper()
	var keys []string
	p.eventually(func() string {
		keys = nil
		for _, row := range p.operations(ledger) {
			if fits(row) {
				keys = append(keys, row.Key)
			}
		}
		if len(keys) == want {
			return ""
		}
		return fmt.Sprintf("%d of %d rows are %s", len(keys), want, what)
	})
	return keys
}

// each waits until a condition holds for every row.
func (p *production) each(ledger *store.Store, keys []string, what string, holds func(store.LedgerRow) bool) {
	p.t.Helper()
	p.eventually(func() string {
		for _, row := range p.operations(ledger) {
			if slices.Contains(keys, row.Key) && !holds(row) {
				return fmt.Sprintf("it is not so that %s %s: %+v", row.Key, what, row)
			}
		}
		return ""
	})
}

func (p *production) operations(ledger *store.Store) []store.LedgerRow {
	p.t.Helper()
	rows, err := ledger.LedgerRows(p.t.Context(), store.LedgerFilter{})
	if err != nil {
		p.t.Fatal(err)
	}
	return rows
}

// eventually asks until nothing is missing.
func (p *production) eventually(missing func() string) {
	p.t.Helper()
	timeout := time.After(stoppedFor)
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for {
		what := missing()
		if what == "" {
			return
		}
		select {
		case <-ticker.C:
		case <-timeout:
			p.t.Fatal(what)
		}
	}
}

// submissions counts what has arrived at the registrars, by registrar, kind and domain.
// It leaves out the kinds that an order may request more than once.
func (w *world) submissions() map[string]int {
	counts := map[string]int{}
	for _, operation := range w.netim.Operations() {
		if !strings.HasPrefix(operation.Code, "contact") {
			counts["netim "+operation.Code+" "+operation.Domain]++
		}
	}
	for _, process := range w.realtime.Processes() {
		counts["realtimeregister "+process.Label+" "+process.Domain]++
	}
	for _, order := range w.sample.Orders() {
		counts["example "+order.Type+" "+order.Name]++
	}
	for _, name := range append(w.epp.Domains(), gallery) {
		for _, label := range []string{
			"create", "transfer", "renew", "restore", "update:registrant", "update:contact", "update:ns", "update:secDNS", "update:status",
		} {
			if n := w.epp.Count(label, name); n > 0 {
				counts["epp "+label+" "+name] = n
			}
		}
	}
	counts["names4ever registration "+kiosk] = w.names4ever.Count(names4ever.AddDomain, kiosk)
	return counts
}

// database returns the URL of the database that the binaries use.
func (p *production) database() string {
	return p.variable("DP_DATABASE_URL")
}

// variable returns what the environment of the binaries sets, of several values the last.
func (p *production) variable(name string) string {
	p.t.Helper()
	for _, variable := range slices.Backward(p.environment) {
		if value, ok := strings.CutPrefix(variable, name+"="); ok {
			return value
		}
	}
	p.t.Fatalf("the environment has no %s", name)
	return ""
}

// ledger opens the database for reading what is not sealed in it.
func (p *production) ledger() *store.Store {
	p.t.Helper()
	sealer, err := vault.NewSealer([]vault.Key{{ID: "none", Material: make([]byte, vault.KeyBytes)}})
	if err != nil {
		p.t.Fatal(err)
	}
	s, err := store.Open(p.t.Context(), store.Options{URL: p.database(), Sealer: sealer, Ranges: store.DefaultRanges()})
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = s.Close() })
	return s
}

// haltable is a worker that can be stopped.
type haltable struct {
	t  *testing.T
	os *os.Process
}

func (p *haltable) signal(signal syscall.Signal) {
	p.t.Helper()
	if err := p.os.Signal(signal); err != nil {
		p.t.Fatal(err)
	}
}

// startWorker starts a worker with additional variables.
func (p *production) startWorker(name string, variables []string) *haltable {
	p.t.Helper()
	path := filepath.Join(p.t.TempDir(), name+".log")
	log, err := os.Create(path)
	if err != nil {
		p.t.Fatal(err)
	}
	cmd := p.command(p.t.Context(), "worker")
	cmd.Env = append(cmd.Env, variables...)
	cmd.Stderr = log
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() {
		if p.t.Failed() {
			content, _ := os.ReadFile(path)
			p.t.Logf("%s worker:\n%s", name, content)
		}
		_ = cmd.Process.Signal(syscall.SIGCONT)
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		_ = log.Close()
	})
	return &haltable{t: p.t, os: cmd.Process}
}

// commits are the intentions that a worker has committed without knowing it yet.
type commits struct {
	arrived  chan struct{} // receives a value for each one
	released chan struct{}
}

// stoppable starts a worker whose database connections block once it has committed an
// intention: the worker can be stopped at that point.
func (p *production) stoppable() (*haltable, *commits) {
	p.t.Helper()
	c := &commits{arrived: make(chan struct{}, 1000), released: make(chan struct{})}
	w, through := newWire(p.t, p.database())
	w.holds = c.hold
	return p.startWorker("first", []string{"DP_DATABASE_URL=" + through, "DP_DATABASE_MAX_CONNECTIONS=40"}), c
}

// hold delays the answer to the COMMIT of a transaction that has written an intention.
func (c *commits) hold() (sends, answers func([]byte)) {
	var intended bool // by the sending side
	var waits atomic.Bool
	return func(sent []byte) {
			intended = intended || bytes.Contains(sent, []byte("INSERT INTO registrar_operations\n"))
			if !intended || !bytes.Contains(sent, []byte("COMMIT")) {
				return
			}
			intended = false
			waits.Store(true)
			c.arrived <- struct{}{}
		}, func([]byte) {
			if waits.Swap(false) {
				<-c.released
			}
		}
}

// wait waits until the wanted number of intentions is on its way into the database.
func (c *commits) wait(t *testing.T, want int) {
	t.Helper()
	timeout := time.After(patience)
	for n := range want {
		select {
		case <-c.arrived:
		case <-timeout:
			t.Fatalf("%d of %d intentions are committed", n, want)
		}
	}
}

func (c *commits) release() { close(c.released) }
