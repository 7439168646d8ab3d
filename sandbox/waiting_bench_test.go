package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"domainprovisioning/internal/postgrestest"
	"domainprovisioning/store"
)

// manyWaiting is the number of waiting orders that the product is built for.
const manyWaiting = 100_000

// BenchmarkWaitingOrders measures what 100,000 waiting orders cost: the worker's memory and its
// restart, a thousand confirmations at once, a round of the watch, and every question that
// people, metrics and the relay ask the database. Run it with `make bench-waiting`, or one part
// of it with
//
//	go test -bench='WaitingOrders/workflows' ./sandbox -run='^$' -timeout=1h
//
// The workflows are real, and as many as WAITING_ORDERS says, 20,000 without it, 200 with
// -short; a metric whose name begins with extrapolated- is calculated from theirs for 100,000.
func BenchmarkWaitingOrders(b *testing.B) {
	for _, database := range databases() {
		b.Run("rows/"+database.name, func(b *testing.B) { benchmarkRegister(b, database.url(b)) })
	}
	b.Run("workflows", benchmarkCrowd)
}

// database is a fresh, empty database in a form that survives a crash of the process.
type database struct {
	name string
	url  func(t testing.TB) string
}

func databases() []database {
	return []database{
		{"sqlite", func(t testing.TB) string { t.Helper(); return "sqlite:" + filepath.Join(t.TempDir(), "waiting.db") }},
		{"postgres", func(t testing.TB) string { t.Helper(); return postgrestest.URL(t) }},
	}
}

// closedBeside is how many orders have ended while the others wait.
const closedBeside = 3000

// benchmarkRegister measures every question to a database with 100,000 waiting orders, 1,000 with
// -short, and a round of the watch with as many operations on the registrar's list.
func benchmarkRegister(b *testing.B, url string) {
	waiting, closed := manyWaiting, closedBeside
	if testing.Short() {
		waiting, closed = waiting/100, closed/100
	}
	r := openRegister(b, url)
	r.lay(waiting, closed)
	r.count()
	for _, q := range r.questions() {
		b.Run(q.name, func(b *testing.B) {
			for b.Loop() {
				if got, err := q.ask(b.Context()); err != nil || got != q.want {
					b.Fatalf("got %d, want %d, %v", got, q.want, err)
				}
			}
			took := b.Elapsed() / time.Duration(b.N)
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(took.Seconds()*1000, "ms/answer")
			if took > time.Second {
				b.Errorf("an answer takes %s, more than a second", took)
			}
		})
	}
	b.Run("watch round at netim", func(b *testing.B) { r.round(netimAccount).report(b, waiting) })
	if strings.HasPrefix(url, "sqlite:") {
		b.Run("watch round at realtimeregister", func(b *testing.B) {
			r.layAtRealtimeRegister(waiting)
			r.round(realtimeAccount).report(b, waiting)
		})
	}
}

// round is a round of the watch, carried out by a worker in a process of its own.
type round struct {
	took                  time.Duration
	rest, allocated, peak float64 // bytes: before it, during it, and the most at a time
}

func (r *register) round(account string) round {
	r.t.Helper()
	worker := startMeasured(r.t, r.fixture)
	defer worker.stop()
	done := round{rest: worker.heap(r.t)} // it serves
	worker.used(r.t)
	began := time.Now()
	r.watchAt(account)
	done.took = time.Since(began)
	done.allocated, done.peak = worker.used(r.t)
	return done
}

func (r round) report(b *testing.B, operations int) {
	b.Helper()
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(r.took.Seconds(), "s/round")
	b.ReportMetric(mebibytes(r.allocated), "allocated-MiB")
	b.ReportMetric(mebibytes(r.peak), "peak-MiB")
	b.ReportMetric((r.peak-r.rest)/float64(operations), "peak-B/operation")
}

// layAtRealtimeRegister lays down operations that are pending there; its list has pages.
func (r *register) layAtRealtimeRegister(orders int) {
	r.t.Helper()
	names := make([]string, orders)
	for n := range names {
		names[n] = fmt.Sprintf("shop%d.%s", n, realtimeLater)
	}
	r.layAlso(realtimeAccount, r.world.realtime.AddRunning("create", names...))
}

// confirmedAtOnce is how many confirmations arrive together.
const confirmedAtOnce = 1000

// layingTime bounds how long orders are placed; a slow machine measures with fewer.
const layingTime = 30 * time.Minute

// waitingOrders returns how many workflows wait in the benchmark.
func waitingOrders(b *testing.B) int {
	b.Helper()
	text := os.Getenv("WAITING_ORDERS")
	switch {
	case text == "" && testing.Short():
		return 200
	case text == "":
		return 20_000
	}
	orders, err := strconv.Atoi(text)
	if err != nil || orders < 1 {
		b.Fatalf("WAITING_ORDERS is %q, and must be a number of orders", text)
	}
	return orders
}

// benchmarkCrowd measures orders that wait as real workflows. The work does not depend on b.N.
func benchmarkCrowd(b *testing.B) {
	orders := waitingOrders(b)
	ownServer(b)
	c := gather(b)
	gateway := c.client()
	// These fill the worker's cache; what is needed beyond that is the cost of waiting.
	c.lay(c.Config.Worker.WorkflowCache, layingTime)
	warm, before := c.placed, c.worker.heap(b)
	began := time.Now()
	c.lay(orders, layingTime)
	orders = c.placed - warm
	b.ReportMetric(float64(orders), "waiting-orders")
	b.ReportMetric(float64(orders)/time.Since(began).Seconds(), "placed-orders/s")
	all := c.worker.heap(b)
	each := (all - before) / float64(orders)
	b.ReportMetric(mebibytes(all), "worker-MiB")
	b.ReportMetric(each, "worker-B/waiting-order")
	b.ReportMetric(mebibytes(before+each*manyWaiting), "extrapolated-worker-MiB")
	answered, watched := c.restart()
	_, peak := c.worker.used(b)
	b.ReportMetric(answered.Seconds(), "restart-to-answer-s")
	b.ReportMetric(watched.Seconds(), "restart-to-watch-round-s")
	// The round grows with the orders, the rest of a restart does not.
	b.ReportMetric((answered + (watched-answered)*manyWaiting/time.Duration(c.placed)).Seconds(), "extrapolated-restart-to-watch-round-s")
	b.ReportMetric(mebibytes(peak), "worker-MiB-at-watch-round")
	confirmed := min(confirmedAtOnce, c.placed)
	stored, delivered, ended := c.confirm(gateway, confirmed)
	b.ReportMetric(stored.Seconds(), "confirmations-stored-s")
	b.ReportMetric(float64(confirmed)/delivered.Seconds(), "confirmations-delivered/s")
	b.ReportMetric(ended.Seconds(), "confirmations-to-end-s")
	b.ReportMetric(float64(confirmed)/ended.Seconds(), "confirmed-orders/s")
	b.ReportMetric(0, "ns/op")
	if registered := len(c.world.netim.Registrations()); registered != confirmed {
		b.Errorf("%d domains are registered for %d confirmed orders", registered, confirmed)
	}
	b.Logf("%d orders have waited; what is called extrapolated- is calculated from them for %d", c.placed, manyWaiting)
}

func mebibytes(bytes float64) float64 { return bytes / (1 << 20) }

// TestWaitingOrders does what the benchmark does, with few orders.
func TestWaitingOrders(t *testing.T) {
	if testing.Short() {
		t.Skip("starts workers in processes of their own, and kills one")
	}
	c := gather(t)
	gateway := c.client()
	c.lay(24, patience)
	if bytes := c.worker.heap(t); bytes <= 0 {
		t.Errorf("the worker says that it needs %v bytes", bytes)
	}
	answered, watched := c.restart()
	if answered <= 0 || watched < answered {
		t.Errorf("answered after %s, watched after %s", answered, watched)
	}
	if allocated, peak := c.worker.used(t); allocated <= 0 || peak <= 0 {
		t.Errorf("%v bytes allocated, %v at most", allocated, peak)
	}
	calls := c.world.netim.Calls("queryOpePending")
	c.confirm(gateway, 8)
	if registered := len(c.world.netim.Registrations()); registered != 8 {
		t.Errorf("%d domains are registered", registered)
	}
	if c.world.netim.Calls("queryOpePending") != calls {
		t.Error("the confirmations made somebody read the list")
	}
	for n := range c.placed {
		want := 0
		if n < 8 {
			want = 1
		}
		if got := c.effects(crowdDomain(n)).registrations; got != want {
			t.Errorf("%s is registered %d times, want %d", crowdDomain(n), got, want)
		}
	}
}

// TestARegisterOfWaitingOrders does what the benchmark does, with few orders.
func TestARegisterOfWaitingOrders(t *testing.T) {
	if testing.Short() {
		t.Skip("starts workers in processes of their own")
	}
	for _, database := range databases() {
		t.Run(database.name, func(t *testing.T) {
			r := openRegister(t, database.url(t))
			r.lay(150, 10)
			r.count()
			for _, q := range r.questions() {
				if got, err := q.ask(t.Context()); err != nil || got != q.want {
					t.Errorf("%s: got %d, want %d, %v", q.name, got, q.want, err)
				}
			}
			document, err := r.Store.OrderDocument(t.Context(), "DP00000009")
			if err != nil || !strings.Contains(string(document), crowdDomain(7)) {
				t.Errorf("the copy of the order says %q, %v", document, err)
			}
			r.layAtRealtimeRegister(30)
			for account, calls := range map[string]func() int{
				netimAccount:    func() int { return r.world.netim.Calls("queryOpePending") + r.world.netim.Calls("queryOpe") },
				realtimeAccount: func() int { return r.world.realtime.Calls("processes.list") + r.world.realtime.Calls("processes.get") },
			} {
				before := calls()
				if round := r.round(account); round.allocated <= 0 || round.peak <= 0 {
					t.Errorf("a round at %s: %+v", account, round)
				}
				if got := calls() - before; got != 1 {
					t.Errorf("a round at %s in which nothing has finished takes %d calls", account, got)
				}
			}
			if err := r.world.netim.Complete("shop.example"); err != nil {
				t.Fatal(err)
			}
			r.round(netimAccount)
			rows, err := r.Store.LedgerRows(t.Context(), store.LedgerFilter{Domain: "shop.example"})
			if err != nil || len(rows) != 1 || rows[0].State != store.Done || rows[0].ToldAt == nil {
				t.Errorf("the ledger has %+v, %v", rows, err)
			}
		})
	}
}
