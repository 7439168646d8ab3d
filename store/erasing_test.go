package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"domainprovisioning/store"
)

// An erasure and its act are there both or not at all, and one that is to be done once is recorded once.
func TestAnErasureIsRecordedWithIt(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		ctx := t.Context()
		must[store.Accepted](t)(s.AcceptOrder(ctx, acceptance("SO-1", "shop.example", "{}")))
		erasing := store.Erasing{Number: "SO-1", Once: true, Act: &store.Act{Actor: "job", Via: "job", Command: "erase", OrderNumber: "SO-1", Outcome: store.ActAccepted}}
		acts := func(want int) {
			t.Helper()
			if found := must[[]store.Act](t)(s.Acts(ctx, store.ActFilter{})); len(found) != want {
				t.Errorf("%d acts, want %d: %+v", len(found), want, found)
			}
		}
		if _, err := s.Erase(ctx, erasing); !isA[*store.OpenOrderError](err) {
			t.Errorf("open: %v", err)
		}
		acts(0)
		if err := s.CloseUnit(ctx, "SO-1", 0, store.UnitDone, ""); err != nil {
			t.Fatal(err)
		}
		// The last statement before the commit fails.
		if err := s.Raw(`ALTER TABLE acts RENAME TO acts_away`); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Erase(ctx, erasing); err == nil {
			t.Error("it could not be recorded")
		}
		if err := s.Raw(`ALTER TABLE acts_away RENAME TO acts`); err != nil {
			t.Fatal(err)
		}
		if _, err := s.OrderDocument(ctx, "SO-1"); err != nil {
			t.Errorf("erased without an act: %v", err)
		}
		if numbers := must[[]string](t)(s.ErasableOrders(ctx, -time.Hour, 10)); len(numbers) != 1 {
			t.Errorf("to be erased: %q", numbers)
		}
		at := must[time.Time](t)(s.Erase(ctx, erasing))
		acts(1)
		_, err := s.Erase(ctx, erasing)
		if erased, ok := errors.AsType[*store.ErasedError](err); !ok || !erased.At.Equal(at) {
			t.Errorf("twice: %v", err)
		}
		acts(1)
		if whole := must[store.ActsVerified](t)(s.VerifyActs(ctx, nil)); whole.Broken != 0 || whole.Checked != 1 {
			t.Errorf("the record: %+v", whole)
		}
	})
}

// The runs of an erased order are due until they are deleted, and those that remain after a time.
func TestTheRunsOfErasedOrdersAreDue(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		ctx := t.Context()
		for _, number := range []string{"SO-1", "SO-2", "SO-3"} {
			must[store.Accepted](t)(s.AcceptOrder(ctx, acceptance(number, number+".example", number)))
			if err := s.CloseUnit(ctx, number, 0, store.UnitDone, ""); err != nil {
				t.Fatal(err)
			}
		}
		due := func(limit int, want string) {
			t.Helper()
			if numbers := must[[]string](t)(s.OrdersWithRuns(ctx, limit)); fmt.Sprint(numbers) != want {
				t.Errorf("due: %v, want %s", numbers, want)
			}
		}
		due(10, "[]")
		for _, number := range []string{"SO-2", "SO-1"} {
			must[time.Time](t)(s.Erase(ctx, store.Erasing{Number: number}))
			c.advance(time.Second)
		}
		due(10, "[SO-2 SO-1]")
		due(1, "[SO-2]")
		if err := errors.Join(s.RunsRemain(ctx, "SO-2", time.Hour), s.RunsDeleted(ctx, "SO-1"), s.RunsRemain(ctx, "SO-3", 0)); err != nil {
			t.Fatal(err)
		}
		due(10, "[]")
		c.advance(time.Hour + time.Second)
		due(10, "[SO-2]")
		must[time.Time](t)(s.Erase(ctx, store.Erasing{Number: "SO-1"})) // again: something may have come since
		due(10, "[SO-2 SO-1]")
	})
}

// An order that only its contents tell from a new one is not erased while an equal one repeats it.
func TestARepeatableOrderIsNotErased(t *testing.T) {
	const within = time.Hour
	for name, c := range map[string]struct {
		number  string
		key     *store.Idempotency
		state   store.UnitState
		after   time.Duration
		refused bool
	}{
		"contents, done":           {state: store.UnitDone, after: within / 2, refused: true},
		"contents, done long ago":  {state: store.UnitDone, after: within},
		"contents, cancelled":      {state: store.UnitCancelled, after: within / 2},
		"number, done":             {number: "A-1", state: store.UnitDone, after: within / 2},
		"key, done":                {key: &store.Idempotency{Client: "shop", Key: "k", Request: "r"}, state: store.UnitDone, after: within / 2},
		"a number like ours, done": {number: "DP00000007", state: store.UnitDone, after: within / 2, refused: true},
	} {
		t.Run(name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, s *store.Store, clock *clock) {
				ctx := t.Context()
				order := acceptance(c.number, "", "one")
				order.Idempotency, order.RepeatWindow = c.key, within
				first := must[store.Accepted](t)(s.AcceptOrder(ctx, order))
				if err := s.CloseUnit(ctx, first.Number, 0, c.state, ""); err != nil {
					t.Fatal(err)
				}
				clock.advance(c.after)
				until := must[*time.Time](t)(s.RepeatableUntil(ctx, first.Number, within))
				_, err := s.Erase(ctx, store.Erasing{Number: first.Number, RepeatWindow: within})
				refusal, refused := errors.AsType[*store.RepeatableOrderError](err)
				if refused != c.refused || !refused && err != nil || (until != nil) != c.refused {
					t.Fatalf("until %v: %v", until, err)
				}
				if !refused {
					return
				}
				if want := first.AcceptedAt.Add(within); !until.Equal(want) || !refusal.Until.Equal(want) {
					t.Errorf("until %s and %s, want %s", until, refusal.Until, want)
				}
				if again := must[store.Accepted](t)(s.AcceptOrder(ctx, order)); !again.Existing {
					t.Errorf("the refused erasure has changed something: %+v", again)
				}
				must[time.Time](t)(s.Erase(ctx, store.Erasing{Number: first.Number})) // although it is
				if until := must[*time.Time](t)(s.RepeatableUntil(ctx, first.Number, within)); until != nil {
					t.Errorf("erased, and repeatable until %s", until)
				}
			})
		})
	}
}
