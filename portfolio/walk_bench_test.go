package portfolio_test

import (
	"database/sql"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"domainprovisioning/activities"
	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	standnetim "domainprovisioning/sandbox/standin/netim"
	"domainprovisioning/store"
)

// manyDomains is the size of an account in the benchmark.
const manyDomains = 100_000

// holdMany holds domains as if their lives had read them.
func (w *walked) holdMany(b *testing.B, names []string) {
	b.Helper()
	rows := make([]store.NewDomain, len(names))
	for i, name := range names {
		rows[i] = store.NewDomain{Name: name, Registrar: outside.Account}
	}
	for part := range len(rows) / 1000 {
		if _, err := w.World.Store.Import(b.Context(), rows[1000*part:1000*(part+1)]); err != nil {
			b.Fatal(err)
		}
	}
	db, err := sql.Open("sqlite", strings.TrimSuffix(strings.TrimPrefix(w.Database, "sqlite:"), "?synchronous=off"))
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	at := w.clock.Now().UTC()
	_, err = db.ExecContext(b.Context(), `UPDATE domains SET state = 'active', look_at = NULL, expires = $1, read_at = $2,
		held = '{"nameServers":["ns1.dns.example","ns2.dns.example"]}'`, at.AddDate(1, 0, 0).String(), at.String())
	if err != nil {
		b.Fatal(err)
	}
	w.clock.Advance(time.Hour)
}

// BenchmarkAWalk walks over the list of an account of 100,000 domains, of which one in a thousand
// has other name servers, or expires earlier, than we hold. The memory is above that of the idle
// process, and includes the answers that the stand-in writes.
func BenchmarkAWalk(b *testing.B) {
	b.Run("Realtime Register", func(b *testing.B) {
		w, standin := walkRealtime(b)
		names := make([]string, manyDomains)
		for i := range names {
			names[i] = fmt.Sprintf("d%06d.sync", i)
			domain := realtimeDomain(w, names[i])
			if i%1000 == 0 {
				domain.NameServers = []string{"ns1.other.example", "ns2.other.example"}
			}
			standin.AddDomain(domain)
		}
		w.holdMany(b, names)
		w.walks(b, messages.DiffersNameServers, func() int { return standin.Calls("domains.list") + standin.Calls("domains.get") })
	})
	b.Run("Netim", func(b *testing.B) {
		w := walkNetim(b)
		names := make([]string, manyDomains)
		for i := range names {
			names[i] = fmt.Sprintf("d%06d.example", i)
			w.atNetim(names[i], func(r *standnetim.Registration) {
				if i%1000 == 0 {
					r.Expires = r.Created.AddDate(0, 6, 0)
				}
			})
		}
		w.holdMany(b, names)
		w.walks(b, messages.DiffersExpiry, func() int { return w.Netim.Calls("queryDomainList") + w.Netim.Calls("domainInfo") })
	})
}

func (w *walked) walks(b *testing.B, kind messages.Difference, calls func() int) {
	b.Helper()
	heap := func() uint64 {
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return stats.HeapAlloc
	}
	runtime.GC()
	idle, peak, before, rounds := heap(), uint64(0), calls(), 0
	stop := make(chan struct{})
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		for {
			select {
			case <-stop:
				return
			case <-time.After(10 * time.Millisecond):
				if now := heap(); now > idle {
					peak = max(peak, now-idle)
				}
			}
		}
	}()
	for b.Loop() {
		rounds++
		plan, err := w.Begin(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		seen := 0
		for from, first := "", true; first || from != ""; first = false {
			page, err := w.Page(b.Context(), activities.WalkPageInput{Round: plan.Round, From: from})
			if err != nil {
				b.Fatal(err)
			}
			seen, from = seen+page.Domains, page.Next
		}
		missing, err := w.Missing(b.Context(), activities.WalkMissingInput{Round: plan.Round})
		if err != nil || missing.Domains != 0 || seen != manyDomains {
			b.Fatalf("%d seen, %d missing, %v", seen, missing.Domains, err)
		}
		if err := w.End(b.Context(), activities.EndWalkInput{Round: plan.Round, Listed: true}); err != nil {
			b.Fatal(err)
		}
	}
	close(stop)
	<-watched
	facts, err := w.World.Store.Facts(b.Context(), store.FactFilter{Kind: kind, Limit: 1000})
	if err != nil || len(facts) != manyDomains/1000 {
		b.Fatalf("%d differences, %v", len(facts), err)
	}
	b.ReportMetric(float64(calls()-before)/float64(rounds), "calls/walk")
	b.ReportMetric(float64(peak)/1e6, "peak-MB")
}
