package main

import (
	"math"
	"runtime"
	"testing"
	"time"
)

// blockSize is how many workflows run before it is another contestant's turn: short
// enough that what disturbs the machine disturbs all contestants alike, and long enough
// that the start of a block weighs little, where all its workflows are in the same step
// and want the same connections and locks at once.
const blockSize = 4 * inFlight

// contestant is one side of a comparison.
type contestant struct {
	run     func(n int)
	started int
	blocks  []block
}

// block is what one workflow of a block took on average: seconds, and bytes of memory.
type block struct{ cpu, wall, bytes float64 }

// benchmarkRatio compares orders with both floors in one run. The three take turns,
// block by block, each in a namespace of one server, so that neighbours, heat, memory
// and what earlier workflows have left in the server weigh on all alike. It reports
// what share of the floor's throughput orders reach, by the processor's time and by
// the clock, with half the width of its 95 % interval over all turns: a ratio of 0.85
// with a ± of 0.02 is above 0.8 with confidence. The bytes that were allocated do not
// depend on the machine at all. b.N workflows of each kind run, in whole blocks.
func benchmarkRatio(b *testing.B, one, two load) {
	ownServer(b)
	floor, apart, ordered := &contestant{}, &contestant{}, &contestant{}
	_, floor.run = startFloor(b, one)
	_, apart.run = startFloor(b, two)
	f, place := startOrders(b)
	ordered.run = place
	turn := []*contestant{floor, ordered, apart}
	for _, c := range turn {
		c.block(b, inFlight) // sessions, caches and connections are there now
		c.blocks = nil
	}
	b.ResetTimer()
	for done := 0; done < b.N; done += blockSize {
		for _, c := range turn {
			c.block(b, blockSize)
		}
		// The other way round: whoever comes later is not always the same.
		turn[0], turn[2] = turn[2], turn[0]
	}
	b.StopTimer()
	kilobytes := func(b block) float64 { return b.bytes / 1000 }
	cpu := func(b block) float64 { return b.cpu }
	wall := func(b block) float64 { return b.wall }
	report := func(name string, over *contestant, of func(block) float64) {
		ratio, spread := compare(over.blocks, ordered.blocks, of)
		b.ReportMetric(ratio, name)
		b.ReportMetric(spread, name+"±")
	}
	report("cpu-ratio", floor, cpu)
	report("wall-ratio", floor, wall)
	report("two-queues-cpu-ratio", apart, cpu)
	report("two-queues-wall-ratio", apart, wall)
	b.ReportMetric(mean(floor.blocks, cpu)*1000, "floor-cpu-ms")
	b.ReportMetric(mean(apart.blocks, cpu)*1000, "two-queues-cpu-ms")
	b.ReportMetric(mean(ordered.blocks, cpu)*1000, "order-cpu-ms")
	b.ReportMetric(mean(floor.blocks, kilobytes), "floor-kB")
	b.ReportMetric(mean(ordered.blocks, kilobytes), "order-kB")
	b.ReportMetric(float64(len(ordered.blocks)), "turns")
	b.ReportMetric(0, "ns/op")
	if got := len(f.world.netim.Registrations()); got != ordered.started {
		b.Errorf("%d registrations for %d orders", got, ordered.started)
	}
}

// block runs one block, without the garbage that another has left.
func (c *contestant) block(b *testing.B, size int) {
	b.Helper()
	runtime.GC()
	var had, has runtime.MemStats
	runtime.ReadMemStats(&had)
	before, began := processorTime(b), time.Now()
	times(b, size, func(n int) { c.run(c.started + n) })
	wall, cpu := time.Since(began), processorTime(b)-before
	runtime.ReadMemStats(&has)
	c.blocks = append(c.blocks, block{
		cpu: cpu.Seconds() / float64(size), wall: wall.Seconds() / float64(size),
		bytes: float64(has.TotalAlloc-had.TotalAlloc) / float64(size),
	})
	c.started += size
}

// compare tells what share of the floor's speed the orders have, turn by turn: the
// geometric mean, and half the width of its 95 % interval, infinite for one turn.
func compare(floor, orders []block, of func(block) float64) (ratio, spread float64) {
	n := float64(len(orders))
	var sum, squares float64
	for i := range orders {
		l := math.Log(of(floor[i]) / of(orders[i]))
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
	}{{1, 12.71}, {2, 4.30}, {3, 3.18}, {4, 2.78}, {5, 2.57}, {7, 2.36}, {9, 2.26}, {14, 2.14}, {29, 2.05}, {59, 2.00}} {
		if freedom >= row.freedom {
			t = row.t
		}
	}
	return t
}

func mean(blocks []block, of func(block) float64) float64 {
	var sum float64
	for _, b := range blocks {
		sum += of(b)
	}
	return sum / float64(len(blocks))
}

func TestRatioAndItsSpread(t *testing.T) {
	t.Parallel()
	blocks := func(seconds ...float64) (all []block) {
		for _, s := range seconds {
			all = append(all, block{cpu: s})
		}
		return all
	}
	cpu := func(b block) float64 { return b.cpu }
	// Whatever slows both sides of a turn alike, the ratio stands without a spread.
	ratio, spread := compare(blocks(4, 8, 40), blocks(5, 10, 50), cpu)
	if math.Abs(ratio-0.8) > 1e-9 || spread > 1e-6 {
		t.Errorf("%v ± %v", ratio, spread)
	}
	// Turns of 0.5 and 2: the logarithms are ∓0.69 around 0, their deviation 0.98.
	ratio, spread = compare(blocks(1, 2), blocks(2, 1), cpu)
	if math.Abs(ratio-1) > 1e-9 || math.Abs(spread-12.71*math.Ln2) > 1e-2 {
		t.Errorf("%v ± %v", ratio, spread)
	}
	if student(0) != math.Inf(1) || student(6) != 2.57 || student(1000) != 2.00 {
		t.Error("the points of Student's distribution are misread")
	}
}
