package intake_test

import (
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
	keep := 24 * time.Hour
	retention := &intake.Retention{
		Store: w.Store, Orders: keep, Refusals: keep, Inbox: keep, Requests: keep, Acts: 1000 * keep, News: keep,
		Removed: func(kind string, count int) { removed[kind] += count }, Log: slog.New(slog.DiscardHandler),
	}
	if err := retention.Round(ctx); err != nil || len(removed) > 0 {
		t.Fatalf("too early: %v, %v", removed, err)
	}
	clock.Advance(keep + time.Minute)
	if err := retention.Round(ctx); err != nil {
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
}
