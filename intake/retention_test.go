package intake_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"testing"
	"time"

	"domainprovisioning/intake"
	"domainprovisioning/internal/outside"
	"domainprovisioning/store"
)

// A round removes what is due of each kind, erases orders with an act for each, and says how much.
func TestRetentionRemovesWhatIsDue(t *testing.T) {
	clock := outside.NewClock()
	w := outside.New(t, outside.Options{Now: clock.Now})
	ctx := t.Context()
	var numbers []string
	for _, name := range []string{"one", "two"} {
		placed, err := w.Intake.PlaceJSON(ctx, []byte(outside.Alter(t, outside.DomainOnly, `"shop"`, `"`+name+`"`)), &store.Idempotency{Client: "shop", Key: name, Request: name})
		if err != nil {
			t.Fatal(err)
		}
		numbers = append(numbers, placed.Number)
	}
	units, err := w.Store.Units(ctx, store.UnitFilter{OrderNumber: numbers[0]})
	if err != nil {
		t.Fatal(err)
	}
	for _, unit := range units {
		if err := w.Store.CloseUnit(ctx, numbers[0], unit.Item, store.UnitDone, ""); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Store.RecordRefusal(ctx, "json", []string{"old"}); err != nil {
		t.Fatal(err)
	}
	removed := map[string]int{}
	var asked, open []string
	away := errors.New("Temporal is away")
	keep := 24 * time.Hour
	retention := &intake.Retention{
		Store: w.Store, Orders: keep, Refusals: keep, Inbox: keep, Requests: keep, Acts: 1000 * keep, News: keep,
		DeleteRuns: func(_ context.Context, orders []string) ([]string, error) {
			asked = append(asked, fmt.Sprint(orders))
			return open, away
		},
		Removed: func(kind string, count int) { removed[kind] += count }, Log: slog.New(slog.DiscardHandler),
	}
	if err := retention.Round(ctx); err != nil || len(removed) > 0 {
		t.Fatalf("too early: %v, %v", removed, err)
	}
	clock.Advance(keep + time.Minute)
	if err := retention.Round(ctx); !errors.Is(err, away) {
		t.Fatal(err)
	}
	if want := map[string]int{"orders": 1, "refusals": 1, "idempotency-keys": 1}; !maps.Equal(removed, want) {
		t.Errorf("removed %v", removed)
	}
	for kind := range removed {
		if !slices.Contains(intake.RetentionKinds(), kind) {
			t.Errorf("%s is no kind", kind)
		}
	}
	_, err = w.Store.OrderDocument(ctx, numbers[0])
	if _, erased := errors.AsType[*store.ErasedError](err); !erased {
		t.Errorf("the order that has ended: %v", err)
	}
	if _, err := w.Store.OrderDocument(ctx, numbers[1]); err != nil {
		t.Errorf("the open order: %v", err)
	}
	acts, err := w.Store.Acts(ctx, store.ActFilter{OrderNumber: numbers[0]})
	if err != nil || len(acts) != 1 || acts[0].Command != "erase" || acts[0].Actor != "retention" {
		t.Errorf("acts: %s, %v", fmt.Sprint(acts), err)
	}
	// The runs come up again: while Temporal is away in each round, and then once they have ended.
	away, open = nil, []string{numbers[0]}
	clock.Advance(10 * time.Minute)
	err = retention.Round(ctx)
	clock.Advance(10 * time.Minute)
	if err = errors.Join(err, retention.Round(ctx)); err != nil || len(asked) != 2 {
		t.Errorf("asked for %q, %v", asked, err)
	}
	open = nil
	for range 2 {
		clock.Advance(time.Hour)
		if err := retention.Round(ctx); err != nil {
			t.Error(err)
		}
	}
	if len(asked) != 3 || asked[0] != fmt.Sprint(numbers[:1]) {
		t.Errorf("asked for %q", asked)
	}
	acts, err = w.Store.Acts(ctx, store.ActFilter{OrderNumber: numbers[0]})
	if err != nil || len(acts) != 1 {
		t.Errorf("acts: %s, %v", fmt.Sprint(acts), err)
	}
}

// A round keeps its claim for as long as it lasts, and stops as soon as another process has it.
func TestARoundEndsWithItsClaim(t *testing.T) {
	for name, c := range map[string]struct {
		step time.Duration // how long one takes
		lost bool
	}{
		"a long round": {4 * time.Minute, false}, "a process that stood still": {6 * time.Minute, true},
	} {
		t.Run(name, func(t *testing.T) {
			clock := outside.NewClock()
			w := outside.New(t, outside.Options{Now: clock.Now})
			ctx := t.Context()
			const steps = 3
			for n := range (steps-1)*100 + 1 {
				if err := w.Store.RecordRefusal(ctx, "json", []string{fmt.Sprint(n)}); err != nil {
					t.Fatal(err)
				}
			}
			clock.Advance(48 * time.Hour)
			removed, taken := 0, 0
			retention := &intake.Retention{
				Store: w.Store, Refusals: 24 * time.Hour, Log: slog.New(slog.DiscardHandler),
				DeleteRuns: func(context.Context, []string) ([]string, error) { return nil, nil },
				Removed: func(string, int) {
					removed++
					clock.Advance(c.step)
					job, err := w.Store.ClaimJob(ctx, "retention", time.Hour)
					if err != nil {
						t.Error(err)
					}
					if job != nil {
						taken++
					}
				},
			}
			want := steps
			if c.lost {
				want = 1
			}
			if err := retention.Round(ctx); (err != nil) != c.lost || removed != want || (taken > 0) != c.lost {
				t.Errorf("%d steps, taken over %d times: %v", removed, taken, err)
			}
		})
	}
}
