package main

import (
	"math"
	"testing"
	"time"

	"domainprovisioning/sandbox/measures"
)

// rounds is how often each floor runs beside orders, which is enough to calculate a
// spread.
const rounds = 8

// window is how long they run side by side in a round. It is shorter than the time-outs
// of the activities, which the server checks when they are due.
const window = 25 * time.Second

// benchmarkRatio compares orders with both floors. Orders and a floor run side by side, each
// in its own process and on its own server, and are measured over the same seconds, so that
// any other load on the machine affects both alike. The outside systems run in a third
// process, as they do in production.
//
// It reports the throughput per processor with orders as a share of that of the floor, with
// half the width of its 95 % interval over the rounds: 0.85 with a ± of 0.02 is above 0.8
// with confidence. cpu-ratio is the ratio of the product: workers, intake and the Temporal
// server. The ratio with-stand-ins adds the outside systems to the orders' side. Wall-clock
// time would say less, because the processes do not decide which of them gets the processor.
// The work does not depend on b.N.
func benchmarkRatio(b *testing.B) {
	for _, against := range []struct{ floor, name string }{
		{measures.Floor, "cpu-ratio"}, {measures.Apart, "two-queues-cpu-ratio"},
	} {
		var floors, orders, whole []float64
		for range rounds {
			round := sideBySide(b, against.floor)
			floors, orders = append(floors, round.floor), append(orders, round.orders)
			whole = append(whole, round.orders+round.outside)
		}
		for _, side := range []struct {
			orders []float64
			name   string
		}{{orders, against.name}, {whole, against.name + "-with-stand-ins"}} {
			ratio, spread := measures.Ratio(floors, side.orders)
			b.ReportMetric(ratio, side.name)
			b.ReportMetric(spread, side.name+"±")
		}
	}
	b.ReportMetric(0, "ns/op")
}

// costs are milliseconds of processor time per workflow: for a floor, for orders, and for
// the outside systems that serve the orders.
type costs struct{ floor, orders, outside float64 }

// sideBySide runs a floor and orders at the same time.
func sideBySide(b *testing.B, floor string) costs {
	b.Helper()
	outside := startRunner(b, outsideRunner, "")
	addresses := outside.hear(b, warmLine)
	idle, orders := startRunner(b, floor, ""), startRunner(b, measures.Orders, addresses)
	// All are warm before the first of them is measured.
	idle.hear(b, warmLine)
	orders.hear(b, warmLine)
	all := []runner{idle, orders, outside}
	for _, r := range all {
		r.turn(b)
	}
	time.Sleep(window)
	for _, r := range all {
		r.turn(b)
	}
	floorTime, floors := idle.spent(b)
	orderTime, ordered := orders.spent(b)
	outsideTime, registered := outside.spent(b)
	for _, r := range all {
		r.stop()
	}
	// Workflows that are running at either end are in only one of the counts.
	if math.Abs(registered-ordered) > inFlight {
		b.Fatalf("%g registrations for %g orders", registered, ordered)
	}
	return costs{floorTime / floors, orderTime / ordered, outsideTime / ordered}
}
