package main

import (
	"context"
	"fmt"
	"testing"
	"time"

	"domainprovisioning/intake"
	"domainprovisioning/messages"
	"domainprovisioning/orders"
	"domainprovisioning/store"
	"domainprovisioning/workflows"
)

// BenchmarkSleepingLives measures what a domain costs whose life sleeps: memory of the worker, and
// events and bytes of history. As many live as WAITING_ORDERS says.
//
//	go test -bench=SleepingLives ./sandbox -run='^$' -timeout=1h
func BenchmarkSleepingLives(b *testing.B) {
	lives := waitingOrders(b)
	ownServer(b)
	c := gather(b)
	defer c.worker.stop()
	before := c.worker.heap(b)
	began := time.Now()
	c.bear(lives)
	took := time.Since(began)
	info, err := c.temporal.DescribeWorkflowExecution(b.Context(), workflows.LifeID(lifeName(0)), "")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(lives), "lives")
	b.ReportMetric(float64(lives)/took.Seconds(), "begun/s")
	b.ReportMetric((c.worker.heap(b)-before)/float64(lives), "worker-B/life")
	b.ReportMetric(float64(info.GetWorkflowExecutionInfo().GetHistoryLength()), "events/life")
	b.ReportMetric(float64(info.GetWorkflowExecutionInfo().GetHistorySizeBytes()), "history-B/life")
}

func lifeName(n int) string { return fmt.Sprintf("life%d.example", n) }

// bear begins the lives of so many domains, and returns when all of them sleep.
func (c *crowd) bear(lives int) {
	c.t.Helper()
	r := netimRegistry{c.world.netim}
	expires := time.Now().AddDate(0, 11, 0).UTC().Truncate(24 * time.Hour)
	held := make([]store.NewDomain, 0, lives)
	for n := range lives {
		r.put(lifeName(n), expires, false)
		held = append(held, store.NewDomain{Name: lifeName(n), Registrar: netimAccount, Sells: store.Sells{
			TLD: defaultNamesTLD, Vendor: 1, Plan: domainPlan, Period: orders.NoPeriod, Account: seededAccount, Renewal: messages.RenewalByUs,
		}})
	}
	if _, err := c.Store.Import(c.t.Context(), held); err != nil {
		c.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(c.t.Context())
	defer cancel()
	relay := intake.NewRelay(c.intake, c.Log)
	relay.Every = 20 * time.Millisecond
	done := make(chan struct{})
	go func() { relay.Run(ctx); close(done) }()
	c.untilMost(fmt.Sprintf("%d lives sleep", lives), func() bool {
		last, err := c.Store.Domain(c.t.Context(), lifeName(lives-1))
		return err == nil && last.State == messages.LifeActive
	})
	for n := range lives {
		c.eventually(lifeName(n)+" sleeps", func() bool {
			row, err := c.Store.Domain(c.t.Context(), lifeName(n))
			return err == nil && row.State == messages.LifeActive
		})
	}
	cancel()
	<-done
}
