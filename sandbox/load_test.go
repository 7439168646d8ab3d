package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.temporal.io/api/workflowservice/v1"

	"domainprovisioning/assembly"
	"domainprovisioning/config"
	"domainprovisioning/desk"
	"domainprovisioning/internal/postgrestest"
	"domainprovisioning/sandbox/measures"
	"domainprovisioning/store"
	"domainprovisioning/workflows"
)

// BenchmarkGateway measures the throughput of the gateway: orders accepted per second, each
// checked, asked about at the registrar, and stored before its answer, and most of them
// started in Temporal; and callbacks stored per second and then delivered to their workflows.
// No worker runs, so nothing else is measured. Run it with
//
//	go test -bench=Gateway ./sandbox -run=^$ -benchtime=1000x
func BenchmarkGateway(b *testing.B) {
	for _, database := range []struct {
		name string
		url  func(b *testing.B) string
	}{
		// A file that survives a crash of the process, as in production.
		{"sqlite", func(b *testing.B) string { b.Helper(); return "sqlite:" + filepath.Join(b.TempDir(), "load.db") }},
		{"postgres", func(b *testing.B) string { b.Helper(); return postgrestest.URL(b) }},
	} {
		b.Run("intake/"+database.name, func(b *testing.B) { benchmarkIntake(b, database.url(b)) })
		b.Run("callbacks/"+database.name, func(b *testing.B) { benchmarkCallbacks(b, database.url(b)) })
	}
}

// gatewayAlone starts a gateway on a database without running workers.
func gatewayAlone(b *testing.B, url string) (*fixture, caller) {
	b.Helper()
	ownServer(b)
	f := begin(b, worldOptions{manual: true}, func(cfg *config.Config) {
		cfg.Database.URL = config.Secret(url)
		cfg.Gateway.RequestsPerSecond, cfg.Gateway.Burst = 1e6, 1e6
	})
	f.workers.Stop()
	return f, f.client()
}

func orderNumber(b *testing.B, n int) []byte {
	b.Helper()
	text := strings.NewReplacer(`"number": "SO-1001",`, "", `"bücher"`, fmt.Sprintf(`"load%d"`, n),
		"max@buecher", fmt.Sprintf("max%d@buecher", n)).Replace(string(ownNameServers(b)))
	return []byte(text)
}

// benchmarkIntake places orders over HTTP. An order is answered with 201 when its workflow
// runs, or with 202 when it is stored and the relay is to start it, because Temporal was slow.
// Both are a promise: at the end each order has exactly one workflow.
func benchmarkIntake(b *testing.B, url string) {
	f, c := gatewayAlone(b, url)
	var numbers sync.Map
	var later atomic.Int64
	place := func(n int) {
		status, answer := c.send(http.MethodPost, "/v1/orders", orderNumber(b, n), nil)
		var placed desk.Placed
		if err := json.Unmarshal(answer, &placed); err != nil || status != http.StatusCreated && status != http.StatusAccepted {
			b.Errorf("%d %s, %v", status, answer, err)
			return
		}
		if _, twice := numbers.LoadOrStore(placed.Number, true); twice {
			b.Errorf("two orders have the number %s", placed.Number)
		}
		if status == http.StatusAccepted {
			later.Add(1)
		}
	}
	parallel(b, inFlight, func(n int) { place(b.N + n) }) // now connections exist
	later.Store(0)
	times := latencies{}
	end := profiled(b)
	b.ResetTimer()
	parallel(b, b.N, func(n int) {
		began := time.Now()
		place(n)
		times.add(time.Since(began))
	})
	b.StopTimer()
	reportParts(b, end(), b.N)
	times.report(b, "orders/s")
	b.ReportMetric(float64(later.Load())/float64(b.N), "accepted-later")
	f.eventually("all are started", func() bool {
		rows, err := f.Store.Backlog(b.Context(), time.Hour)
		return err == nil && rows.Unstarted == 0
	})
	f.eventually("all are listed", func() bool { return len(f.workflowsOfOrders()) >= inFlight+b.N })
	started := map[string]int{}
	for _, number := range f.workflowsOfOrders() {
		started[number]++
		if _, answered := numbers.Load(number); !answered {
			b.Errorf("order %s was started and not answered", number)
		}
	}
	numbers.Range(func(number, _ any) bool {
		if row, err := f.Store.Unit(b.Context(), number.(string), 0); err != nil || row.StartedAt == nil || started[number.(string)] != 1 {
			b.Errorf("order %s was started %d times: %+v, %v", number, started[number.(string)], row.StartedAt, err)
		}
		return true
	})
}

// workflowsOfOrders lists the order numbers of all runs of workflows of orders.
func (f *fixture) workflowsOfOrders() []string {
	f.t.Helper()
	var numbers []string
	request := &workflowservice.ListWorkflowExecutionsRequest{Query: workflows.OrderNumberKey.GetName() + " IS NOT NULL", PageSize: 1000}
	for {
		page, err := f.temporal.ListWorkflow(f.t.Context(), request)
		if err != nil {
			f.t.Fatal(err)
		}
		for _, run := range page.GetExecutions() {
			number, err := workflows.OrderNumberOf(run)
			if err != nil {
				f.t.Fatal(err)
			}
			numbers = append(numbers, number)
		}
		if request.NextPageToken = page.GetNextPageToken(); len(page.GetNextPageToken()) == 0 {
			return numbers
		}
	}
}

// addressees is how many orders the callbacks are about.
const addressees = 100

func benchmarkCallbacks(b *testing.B, url string) {
	f, c := gatewayAlone(b, url)
	for n := range addressees {
		c.want(http.StatusCreated, http.MethodPost, "/v1/orders", orderNumber(b, n), nil)
	}
	webhook, err := assembly.Webhook(string(f.Config.Registrars[netimAccount].CallbackSecret))
	if err != nil {
		b.Fatal(err)
	}
	times := latencies{}
	b.ResetTimer()
	parallel(b, b.N, func(n int) {
		body := fmt.Appendf(nil, `{"type":"registrar.operation","data":{"domain":"load%d.example","status":"done"}}`, n%addressees)
		header := webhook.Sign(fmt.Sprintf("event-%d", n), time.Now(), body)
		began := time.Now()
		if status, answer := c.send(http.MethodPost, "/v1/registrars/"+netimAccount+"/callbacks", body, header); status != http.StatusOK {
			b.Errorf("%d %s", status, answer)
		}
		times.add(time.Since(began))
	})
	stored := b.Elapsed()
	f.eventually("all are delivered", func() bool {
		backlog, err := f.Store.Backlog(b.Context(), time.Hour)
		return err == nil && backlog.Undelivered == 0
	})
	b.StopTimer()
	times.reportOver(b, stored, "stored/s")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "delivered/s")
	late, err := f.Store.Confirmations(b.Context(), store.ConfirmationFilter{State: store.Unmatched})
	if err != nil || len(late) != 0 {
		b.Errorf("%d are unmatched, %v", len(late), err)
	}
}

// latencies collects how long requests took.
type latencies struct {
	mu  sync.Mutex
	all []time.Duration
}

func (l *latencies) add(took time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, took)
}

func (l *latencies) report(b *testing.B, unit string) { l.reportOver(b, b.Elapsed(), unit) }

func (l *latencies) reportOver(b *testing.B, over time.Duration, unit string) {
	b.ReportMetric(float64(len(l.all))/over.Seconds(), unit)
	l.percentiles(b)
}

func (l *latencies) percentiles(b *testing.B) {
	slices.Sort(l.all)
	for percentile, unit := range map[int]string{50: measures.Median, 99: measures.Tail} {
		took := l.all[min(len(l.all)*percentile/100, len(l.all)-1)]
		b.ReportMetric(float64(took.Microseconds())/1000, unit)
	}
}
