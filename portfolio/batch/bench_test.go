package batch_test

import (
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"domainprovisioning/internal/outside"
	"domainprovisioning/internal/postgrestest"
	"domainprovisioning/portfolio/batch"
)

// BenchmarkTake measures how long the largest batch takes to be checked and stored, and how much memory
// that needs at most beyond what there was before: with orders of new customers and all their data,
// which are the longest kind, and with those of existing accounts. Run it with
//
//	go test ./portfolio/batch -bench=Take -run=^$ -benchtime=1x
func BenchmarkTake(b *testing.B) {
	for name, url := range map[string]func() string{"sqlite": func() string { return "" }, "postgres": func() string { return postgrestest.URL(b) }} {
		for kind, order := range map[string]string{"new": outside.NewCustomer, "existing": outside.DomainOnly} {
			b.Run(name+"/"+kind, func(b *testing.B) { benchmarkTake(b, url(), order) })
		}
	}
}

func benchmarkTake(b *testing.B, url, order string) {
	b.Helper()
	w := outside.New(b, outside.Options{Database: url})
	taker := batch.Taker{Store: w.Store, Intake: w.Intake, Log: slog.New(slog.DiscardHandler)}
	for range b.N {
		b.StopTimer()
		var all strings.Builder
		for n := range batch.MostLines {
			one := strings.NewReplacer(`"shop"`, fmt.Sprintf(`"n%d"`, n), "jane@shop", fmt.Sprintf("jane@n%d", n)).Replace(order)
			all.WriteString(strings.ReplaceAll(one, "\n", " ") + "\n")
		}
		runtime.GC()
		peak := watchHeap()
		b.StartTimer()
		report, err := taker.Take(b.Context(), batch.Wanted{Client: "shop"}, strings.NewReader(all.String()))
		b.StopTimer()
		b.ReportMetric(peak(), "MiB-peak")
		b.ReportMetric(float64(all.Len())/batch.MostLines, "B/order")
		if err != nil || report.Batch.Lines != batch.MostLines || report.Unpriced != nil {
			b.Fatalf("%+v, %v", report.Batch, err)
		}
		if _, err := w.Store.CancelBatch(b.Context(), report.Batch.ID); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

// watchHeap samples the heap until the function that it returns is called, which tells the most that
// was in use beyond the beginning, in MiB.
func watchHeap() func() float64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	began := stats.HeapInuse
	var most atomic.Uint64
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(20 * time.Millisecond)
		defer ticker.Stop()
		for {
			var now runtime.MemStats
			runtime.ReadMemStats(&now)
			most.Store(max(most.Load(), now.HeapInuse))
			select {
			case <-stop:
				return
			case <-ticker.C:
			}
		}
	}()
	return func() float64 {
		close(stop)
		<-done
		return float64(most.Load()-min(began, most.Load())) / (1 << 20)
	}
}
