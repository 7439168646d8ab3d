package main

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"sync"
	"testing"
)

// rounds is how often each floor runs beside orders: often enough for a spread.
const rounds = 4

const floorBenchmark, apartBenchmark, orderBenchmark = "floor", "floor-two-queues", "provisioning"

// share is how many workflows of each benchmark one round has: as many as take about as
// long as those that run beside them.
func share() map[string]int {
	return map[string]int{floorBenchmark: 390, apartBenchmark: 370, orderBenchmark: 300}
}

// benchmarkRatio compares orders with both floors. Orders and a floor run side by side,
// each in a process and on a server of its own, so that whatever else the machine does
// weighs on both at the same time. It reports what share of a floor's throughput a
// processor reaches with orders, with half the width of its 95 % interval over the rounds:
// 0.85 with a ± of 0.02 is above 0.8 with confidence. The clock would say less: which of
// two processes gets the processor is not their own doing. What runs does not depend on
// b.N.
func benchmarkRatio(b *testing.B) {
	for _, against := range []struct{ floor, name string }{
		{floorBenchmark, "cpu-ratio"}, {apartBenchmark, "two-queues-cpu-ratio"},
	} {
		var floors, orders []float64
		for range rounds {
			costs := sideBySide(b, against.floor, orderBenchmark)
			floors, orders = append(floors, costs[against.floor]), append(orders, costs[orderBenchmark])
		}
		ratio, spread := compare(floors, orders)
		b.ReportMetric(ratio, against.name)
		b.ReportMetric(spread, against.name+"±")
	}
	b.ReportMetric(0, "ns/op")
}

// sideBySide runs benchmarks at once, and returns the milliseconds of processor time that
// one workflow of each took.
func sideBySide(b *testing.B, names ...string) map[string]float64 {
	b.Helper()
	costs := map[string]float64{}
	var lock sync.Mutex
	var group sync.WaitGroup
	for _, name := range names {
		group.Go(func() {
			run := exec.CommandContext(b.Context(), os.Args[0], "-test.run=^$",
				"-test.bench=^BenchmarkProvisioning$/^"+name+"$/^0$", fmt.Sprintf("-test.benchtime=%dx", share()[name]))
			run.Stderr = os.Stderr
			output, err := run.Output()
			cost, ok := readCost(output)
			if err != nil || !ok {
				b.Errorf("%s: %v: %s", name, err, output)
			}
			lock.Lock()
			defer lock.Unlock()
			costs[name] = cost
		})
	}
	group.Wait()
	if b.Failed() {
		b.FailNow()
	}
	return costs
}

var costReported = regexp.MustCompile(`([\d.]+) cpu-ms/order`)

// readCost reads what measure has reported.
func readCost(output []byte) (milliseconds float64, ok bool) {
	match := costReported.FindSubmatch(output)
	if match == nil {
		return 0, false
	}
	milliseconds, err := strconv.ParseFloat(string(match[1]), 64)
	return milliseconds, err == nil
}

// compare tells what share of the floor's speed the orders have, round by round: the
// geometric mean, and half the width of its 95 % interval, infinite for one round.
func compare(floor, orders []float64) (ratio, spread float64) {
	n := float64(len(orders))
	var sum, squares float64
	for i := range orders {
		l := math.Log(floor[i] / orders[i])
		sum += l
		squares += l * l
	}
	average := sum / n
	deviation := math.Sqrt(max(0, squares-n*average*average) / (n - 1))
	ratio = math.Exp(average)
	return ratio, ratio * student(len(orders)-1) * deviation / math.Sqrt(n)
}

// student is the 97.5 % point of Student's distribution; for the freedoms between
// those that stand here it is that of the next smaller one, which is wider.
func student(freedom int) float64 {
	t := math.Inf(1)
	for _, row := range []struct {
		freedom int
		t       float64
	}{{1, 12.71}, {2, 4.30}, {3, 3.18}, {4, 2.78}, {5, 2.57}, {7, 2.36}, {9, 2.26}} {
		if freedom >= row.freedom {
			t = row.t
		}
	}
	return t
}

func TestRatioAndItsSpread(t *testing.T) {
	t.Parallel()
	// Whatever slows both sides of a round alike, the ratio stands without a spread.
	ratio, spread := compare([]float64{4, 8, 40}, []float64{5, 10, 50})
	if math.Abs(ratio-0.8) > 1e-9 || spread > 1e-6 {
		t.Errorf("%v ± %v", ratio, spread)
	}
	// Rounds of 0.5 and 2: the logarithms are ∓0.69 around 0, their deviation 0.98.
	ratio, spread = compare([]float64{1, 2}, []float64{2, 1})
	if math.Abs(ratio-1) > 1e-9 || math.Abs(spread-12.71*math.Ln2) > 1e-2 {
		t.Errorf("%v ± %v", ratio, spread)
	}
	if student(0) != math.Inf(1) || student(6) != 2.57 || student(1000) != 2.26 {
		t.Error("the points of Student's distribution are misread")
	}
	output := []byte("BenchmarkProvisioning/floor/0-2 \t 390\t 84000000 ns/op\t 43.00 calls/order\t 83.79 cpu-ms/order\t 12.50 workflows/s\n")
	if got, ok := readCost(output); !ok || got != 83.79 {
		t.Errorf("read %v", got)
	}
	if _, ok := readCost([]byte("PASS\n")); ok {
		t.Error("no figure is read as one")
	}
}
