package portfolio_test

import (
	"testing"
	"time"

	"domainprovisioning/portfolio"
)

// Each domain of an account has its turn within the days, however many there are, and a round ends
// within its time.
func TestThePartsOfLargeAccounts(t *testing.T) {
	for _, c := range []struct {
		every       time.Duration
		held, parts int
	}{
		{24 * time.Hour, 0, 0},
		{24 * time.Hour, 1, 1},
		{24 * time.Hour, 751, 2},
		{24 * time.Hour, 106_000, 142},
		{24 * time.Hour, 110_000, 147},
		{24 * time.Hour, 300_000, 400},
		{24 * time.Hour, 1_000_000, 1334},
		{time.Hour, 1_000_000, 56},
		{7 * 24 * time.Hour, 1_000_000, 9334},
	} {
		w := &portfolio.Walk{Every: c.every, ReadDays: 30}
		parts, pause := w.PartsOf(c.held)
		if parts != c.parts || parts > 0 && pause <= 0 || time.Duration(parts)*pause > c.every {
			t.Errorf("%d held: %d parts with pauses of %s every %s, want %d", c.held, parts, pause, c.every, c.parts)
		}
	}
}
