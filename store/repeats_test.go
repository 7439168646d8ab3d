package store_test

import (
	"errors"
	"testing"
	"time"

	"domainprovisioning/store"
)

// TestWhatRepeatsAnOrder repeats by number, by key or by contents, while the first order
// is open, done or given up.
func TestWhatRepeatsAnOrder(t *testing.T) {
	click := &store.Idempotency{Client: "shop", Key: "click", Request: "body"}
	const within = time.Minute
	for name, c := range map[string]struct {
		number string
		key    *store.Idempotency
		state  store.UnitState // of the first
		after  time.Duration
		repeat bool
		refuse bool // with the state of the first
	}{
		"contents, open":                {state: store.UnitOpen, after: 2 * within, repeat: true},
		"contents, done":                {state: store.UnitDone, after: within / 2, repeat: true},
		"contents, done long ago":       {state: store.UnitDone, after: 2 * within},
		"contents, cancelled":           {state: store.UnitCancelled, after: within / 2},
		"contents, failed":              {state: store.UnitFailed, after: within / 2},
		"number, open":                  {number: "A-1", state: store.UnitOpen, after: 2 * within, repeat: true},
		"number, done":                  {number: "A-1", state: store.UnitDone, after: 2 * within, repeat: true},
		"number, cancelled":             {number: "A-1", state: store.UnitCancelled, after: within / 2, refuse: true},
		"number, failed":                {number: "A-1", state: store.UnitFailed, after: 2 * within, refuse: true},
		"key, open":                     {key: click, state: store.UnitOpen, after: 2 * within, repeat: true},
		"key, cancelled":                {key: click, state: store.UnitCancelled, after: 2 * within, repeat: true},
		"number and key, cancelled":     {number: "A-1", key: click, state: store.UnitCancelled, after: within / 2, repeat: true},
		"number and key, done long ago": {number: "A-1", key: click, state: store.UnitDone, after: 2 * within, repeat: true},
	} {
		t.Run(name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, s *store.Store, clock *clock) {
				order := acceptance(c.number, "shop.example", "one")
				order.Idempotency, order.RepeatWindow = c.key, within
				first, err := s.AcceptOrder(t.Context(), order)
				if err != nil {
					t.Fatal(err)
				}
				if c.state != store.UnitOpen {
					if err := s.CloseUnit(t.Context(), first.Number, 0, c.state, ""); err != nil {
						t.Fatal(err)
					}
				}
				clock.advance(c.after)
				found, repeat, err := s.FindRepeat(t.Context(), order)
				givenUp, refused := errors.AsType[*store.GivenUpError](err)
				if refused != c.refuse || !refused && err != nil || repeat != c.repeat && !refused {
					t.Fatalf("found %+v, %v, %v", found, repeat, err)
				}
				if refused && (givenUp.State != c.state || givenUp.Number != "A-1") {
					t.Errorf("it says %v", err)
				}
				again, err := s.AcceptOrder(t.Context(), order)
				switch {
				case c.refuse:
					if _, refused := errors.AsType[*store.GivenUpError](err); !refused {
						t.Errorf("accepted %+v, %v", again, err)
					}
				case err != nil:
					t.Fatal(err)
				case again.Existing != c.repeat || (again.Number == first.Number) != c.repeat:
					t.Errorf("accepted %+v after %+v", again, first)
				case c.repeat && again.Units[0].State != c.state:
					t.Errorf("the first is said to be %s, and is %s", again.Units[0].State, c.state)
				case c.repeat && (again.Keyed != (c.key != nil) || c.key != nil && again.KeyedFor != c.after):
					t.Errorf("keyed %v for %s", again.Keyed, again.KeyedFor)
				}
			})
		})
	}
}
