package desk

import (
	"context"
	"maps"
	"slices"
	"time"

	"domainprovisioning/store"
)

// Figures tell how the orders of the last days went.
type Figures struct {
	Days  []Day     // each of the last FigureDays days, the oldest first
	Waits []Waiting // by registrar account
}

// FigureDays is how many days figures are about.
const FigureDays = 30

// Day counts the units of work that were accepted on a day, by what has become of them.
type Day struct {
	Day                           time.Time // its beginning, in UTC
	Done, Open, Cancelled, Failed int
}

// All counts all units of the day.
func (d Day) All() int { return d.Done + d.Open + d.Cancelled + d.Failed }

// Waiting tells how long a registrar account has taken for the requests that it has carried out.
type Waiting struct {
	Registrar string
	Requests  int
	// Half of the requests took at most Median, and nine of ten at most P90.
	Median, P90 time.Duration
}

// Figures counts the orders of the last days. It reads up to store.MostWaits rows, so callers keep
// the answer for some minutes.
func (d *Desk) Figures(ctx context.Context, now time.Time) (Figures, error) {
	today := now.UTC().Truncate(24 * time.Hour)
	first := today.AddDate(0, 0, 1-FigureDays)
	figures := Figures{Days: make([]Day, FigureDays)}
	place := map[string]int{}
	for n := range figures.Days {
		figures.Days[n].Day = first.AddDate(0, 0, n)
		place[figures.Days[n].Day.Format(time.DateOnly)] = n
	}
	counts, err := d.Store.CountDays(ctx, now.Sub(first))
	if err != nil {
		return figures, err
	}
	for _, count := range counts {
		n, shown := place[count.Day]
		if !shown {
			continue
		}
		day := &figures.Days[n]
		switch count.State {
		case store.UnitDone:
			day.Done += count.Count
		case store.UnitCancelled:
			day.Cancelled += count.Count
		case store.UnitFailed:
			day.Failed += count.Count
		default:
			day.Open += count.Count
		}
	}
	rows, err := d.Store.Waits(ctx, FigureDays*24*time.Hour)
	waits := map[string][]time.Duration{}
	for _, row := range rows {
		waits[row.Account] = append(waits[row.Account], row.FinishedAt.Sub(row.IntendedAt))
	}
	for _, account := range slices.Sorted(maps.Keys(waits)) {
		took := waits[account]
		slices.Sort(took)
		figures.Waits = append(figures.Waits, Waiting{
			Registrar: account, Requests: len(took), Median: took[(len(took)-1)/2], P90: took[(len(took)*9+9)/10-1],
		})
	}
	return figures, err
}
