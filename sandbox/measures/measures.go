// Package measures names what the benchmarks of the sandbox print, and compares two series
// of measurements. sandbox/compare reads these names from the output of two builds, so a name
// that changes cannot be compared with what an earlier build printed.
package measures

import "math"

// Benchmark is what all of the following benchmarks are part of.
const Benchmark = "BenchmarkProvisioning"

// The benchmarks.
const (
	Floor   = "floor"            // a workflow of as many empty activities as an order has calls
	Apart   = "floor-two-queues" // the same, in two task queues
	Orders  = "provisioning"     // orders that are registered at once, many under way
	Latency = "latency"          // orders that wait, one after another
	Waiting = "waiting"          // orders that wait, and the memory that this takes
)

// The units in which they print, each per order of the benchmark.
const (
	Processor = "cpu-ms/order"    // milliseconds of processor time
	Calls     = "calls/order"     // calls to the Temporal server
	Events    = "events/order"    // events of the whole history
	History   = "history-B/order" // bytes of the whole history
	Memory    = "B/waiting"       // bytes of a worker's memory while the order waits
	Median    = "p50-ms"          // milliseconds that half of the orders do not exceed
	Tail      = "p99-ms"          // milliseconds that 99 % of the orders do not exceed
)

// Ratio is what the series a is of the series b, pair by pair: the geometric mean, and half
// the width of its 95 % interval, which is infinite for one pair.
func Ratio(a, b []float64) (ratio, spread float64) {
	n := float64(len(a))
	var sum, squares float64
	for i := range a {
		l := math.Log(a[i] / b[i])
		sum += l
		squares += l * l
	}
	average := sum / n
	ratio = math.Exp(average)
	if len(a) < 2 {
		return ratio, math.Inf(1)
	}
	deviation := math.Sqrt(max(0, squares-n*average*average) / (n - 1))
	return ratio, ratio * student(len(a)-1) * deviation / math.Sqrt(n)
}

// student returns the 97.5 % point of Student's distribution. For degrees of freedom that
// are not in the table it uses the next smaller one, whose interval is wider.
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
