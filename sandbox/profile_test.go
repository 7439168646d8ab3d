package main

import (
	"bytes"
	"runtime/pprof"
	"strings"
	"testing"
	"time"

	"github.com/google/pprof/profile"
)

// part is whose processor time a sample of a profile is.
type part int

const (
	// everybodys is the garbage collector, the HTTP servers and connections outside of a
	// request, and the like. No frame tells for whom it is.
	everybodys part = iota
	ours            // the gateway, the intake, and the questions that they ask
	stores          // the store, with its driver; and with SQLite, the database
	starts          // Temporal's client, with which the intake starts the workflow
	others          // the Temporal server, the stand-ins, and the callers of the benchmark
)

// partOf returns whose a sample is. The innermost frame that tells decides.
func partOf(sample *profile.Sample) part {
	for _, location := range sample.Location {
		for _, line := range location.Line {
			name := line.Function.Name
			switch {
			case strings.HasPrefix(name, "domainprovisioning/sandbox"), strings.HasPrefix(name, "go.temporal.io/server/"):
				return others
			case strings.HasPrefix(name, "domainprovisioning/store."):
				return stores
			case strings.HasPrefix(name, "domainprovisioning/"):
				return ours
			case strings.HasPrefix(name, "go.temporal.io/sdk/"):
				return starts
			}
		}
	}
	return everybodys
}

// profiled profiles this process until told to end, and returns the processor time of each
// part; nil if somebody else profiles the process.
func profiled(b *testing.B) (end func() map[part]time.Duration) {
	b.Helper()
	var written bytes.Buffer
	if pprof.StartCPUProfile(&written) != nil {
		return func() map[part]time.Duration { return nil }
	}
	return func() map[part]time.Duration {
		pprof.StopCPUProfile()
		parsed, err := profile.Parse(&written)
		if err != nil {
			b.Fatal(err)
		}
		spent := map[part]time.Duration{}
		nanoseconds := len(parsed.SampleType) - 1 // after the number of samples
		for _, sample := range parsed.Sample {
			spent[partOf(sample)] += time.Duration(sample.Value[nanoseconds])
		}
		return spent
	}
}

// reportParts reports the milliseconds of processor time for each of a number of orders. Ours
// are those of gateway, intake and store.
func reportParts(b *testing.B, spent map[part]time.Duration, orders int) {
	b.Helper()
	if spent == nil {
		return
	}
	var all time.Duration
	for _, took := range spent {
		all += took
	}
	each := func(took time.Duration) float64 { return took.Seconds() * 1000 / float64(orders) }
	b.ReportMetric(each(spent[ours]+spent[stores]), "our-cpu-ms/order")
	b.ReportMetric(each(spent[stores]), "store-cpu-ms/order")
	b.ReportMetric(each(spent[starts]), "start-cpu-ms/order")
	b.ReportMetric(each(all), "cpu-ms/order")
}

func TestASampleBelongsToTheInnermostPartThatTells(t *testing.T) {
	t.Parallel()
	sample := func(names ...string) *profile.Sample {
		s := &profile.Sample{}
		for _, name := range names {
			s.Location = append(s.Location, &profile.Location{Line: []profile.Line{{Function: &profile.Function{Name: name}}}})
		}
		return s
	}
	const handler = "domainprovisioning/gateway.(*Gateway).placeOrder"
	for want, innermost := range map[part][]string{
		everybodys: {"runtime.gcDrain", "runtime.gcBgMarkWorker"},
		ours:       {"crypto/sha256.block", "domainprovisioning/intake.fingerprint", handler},
		stores:     {"modernc.org/sqlite/lib._sqlite3VdbeExec", "database/sql.(*DB).exec", "domainprovisioning/store.pool.ExecContext", handler},
		starts:     {"google.golang.org/grpc.(*ClientConn).Invoke", "go.temporal.io/sdk/internal.(*workflowClientInterceptor).ExecuteWorkflow", "domainprovisioning/intake.(*Intake).start", handler},
		others:     {"modernc.org/sqlite/lib._sqlite3VdbeExec", "go.temporal.io/server/common/persistence/sql.(*sqlExecutionStore).txExecute"},
	} {
		if got := partOf(sample(innermost...)); got != want {
			t.Errorf("%q is of part %d, want %d", innermost, got, want)
		}
	}
	if got := partOf(sample("encoding/json.Marshal", "domainprovisioning/sandbox/standin/netim.(*Server).ServeHTTP")); got != others {
		t.Errorf("a stand-in is of part %d", got)
	}
}
