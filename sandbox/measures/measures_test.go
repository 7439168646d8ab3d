package measures

import (
	"math"
	"testing"
)

func TestRatioAndItsSpread(t *testing.T) {
	t.Parallel()
	// If something slows down both sides of a round alike, the ratio has no spread.
	ratio, spread := Ratio([]float64{4, 8, 40}, []float64{5, 10, 50})
	if math.Abs(ratio-0.8) > 1e-9 || spread > 1e-6 {
		t.Errorf("%v ± %v", ratio, spread)
	}
	// Rounds of 0.5 and 2: the logarithms are ∓0.69 around 0, their deviation 0.98.
	ratio, spread = Ratio([]float64{1, 2}, []float64{2, 1})
	if math.Abs(ratio-1) > 1e-9 || math.Abs(spread-12.71*math.Ln2) > 1e-2 {
		t.Errorf("%v ± %v", ratio, spread)
	}
	// One round shows no spread, so nothing is certain.
	if ratio, spread = Ratio([]float64{3}, []float64{2}); math.Abs(ratio-1.5) > 1e-9 || !math.IsInf(spread, 1) {
		t.Errorf("%v ± %v", ratio, spread)
	}
	if student(0) != math.Inf(1) || student(6) != 2.57 || student(1000) != 2.26 {
		t.Error("the points of Student's distribution are misread")
	}
}
