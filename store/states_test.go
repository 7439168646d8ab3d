package store_test

import (
	"testing"
	"time"

	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// only returns the unit of an order that has one.
func only(t *testing.T, s *store.Store, number string) store.Unit {
	t.Helper()
	rows, err := s.Units(t.Context(), store.UnitFilter{OrderNumber: number})
	if err != nil || len(rows) != 1 {
		t.Fatalf("%s: %+v, %v", number, rows, err)
	}
	return rows[0]
}

// shows compares what lists are told about a unit.
func shows(t *testing.T, s *store.Store, number string, state messages.State, step int, reason string, since time.Time) {
	t.Helper()
	unit := only(t, s, number)
	if unit.Shown != state || unit.Step != step || unit.Reason != reason {
		t.Errorf("%s is %s at step %d, reason %q; want %s, %d, %q", number, unit.Shown, unit.Step, unit.Reason, state, step, reason)
	}
	if unit.Since == nil || !unit.Since.Equal(since) || unit.Since.Location() != time.UTC {
		t.Errorf("%s is so since %v, want %s", number, unit.Since, since)
	}
}

func place(t *testing.T, s *store.Store, number, domain string) {
	t.Helper()
	if _, err := s.AcceptOrder(t.Context(), acceptance(number, domain, number)); err != nil {
		t.Fatal(err)
	}
}

func tell(t *testing.T, s *store.Store, number string, at time.Time, state messages.State, step int, reason string) {
	t.Helper()
	err := s.RecordState(t.Context(), store.StateChange{OrderNumber: number, At: at, State: state, Step: step, Reason: reason, Since: at})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheLastStateThatAWorkflowToldCounts(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		accepted := c.now()
		place(t, s, "SO-1", "shop.example")
		shows(t, s, "SO-1", messages.Running, 1, "", accepted)
		// Temporal's clock is behind the database's.
		began := accepted.Add(-time.Hour).In(time.FixedZone("elsewhere", 3600))
		tell(t, s, "SO-1", began, messages.Waiting, 10, "")
		shows(t, s, "SO-1", messages.Waiting, 10, "", began)
		parked := began.Add(time.Minute + time.Nanosecond)
		tell(t, s, "SO-1", parked, messages.NeedsAttention, 11, "conflict")
		tell(t, s, "SO-1", began, messages.Waiting, 10, "") // an activity that ran late
		tell(t, s, "SO-1", parked, messages.NeedsAttention, 11, "conflict")
		shows(t, s, "SO-1", messages.NeedsAttention, 11, "conflict", parked.Truncate(time.Microsecond))
		// Of two states told at the same time the one that comes last counts.
		tell(t, s, "SO-1", parked, messages.Undoing, 11, "")
		if err := s.RecordState(t.Context(), store.StateChange{OrderNumber: "SO-1", At: parked.Add(time.Minute), State: messages.Running, Step: 12}); err != nil {
			t.Fatal(err)
		}
		shows(t, s, "SO-1", messages.Running, 12, "", parked.Add(time.Minute).Truncate(time.Microsecond))
	})
}

func TestTheEndOfAUnitIsItsLastState(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		place(t, s, "SO-1", "shop.example")
		tell(t, s, "SO-1", c.now(), messages.NeedsAttention, 6, "balance")
		c.advance(time.Hour)
		if err := s.CloseUnit(t.Context(), "SO-1", 0, store.UnitCancelled, ""); err != nil {
			t.Fatal(err)
		}
		ended := c.now()
		c.advance(time.Hour)
		tell(t, s, "SO-1", c.now(), messages.Running, 7, "")
		shows(t, s, "SO-1", messages.Cancelled, 6, "", ended)
		for _, state := range []messages.State{messages.Done, messages.Failed, messages.Cancelled, "lost", ""} {
			if err := s.RecordState(t.Context(), store.StateChange{OrderNumber: "SO-1", At: c.now(), State: state}); err == nil {
				t.Errorf("%q was recorded", state)
			}
		}
	})
}

// The comparison with Temporal knows less than the workflow itself, and may be late.
func TestWhatTemporalShowsCountsUntilTheRunHasToldItself(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		accepted, begun := c.now(), c.now().Add(time.Second)
		place(t, s, "SO-1", "shop.example")
		see := func(state messages.State, step int, reason string, begun time.Time) {
			t.Helper()
			if err := s.RecordSeen(t.Context(), store.StateChange{OrderNumber: "SO-1", State: state, Step: step, Reason: reason}, begun); err != nil {
				t.Fatal(err)
			}
		}
		c.advance(time.Minute)
		see(messages.Running, 1, "", begun)
		shows(t, s, "SO-1", messages.Running, 1, "", accepted)
		see(messages.Waiting, 10, "", begun)
		shows(t, s, "SO-1", messages.Waiting, 10, "", c.now())
		see(messages.Done, 14, "", begun)
		shows(t, s, "SO-1", messages.Waiting, 10, "", c.now())
		told := begun.Add(time.Hour)
		tell(t, s, "SO-1", told, messages.NeedsAttention, 11, "conflict")
		see(messages.Running, 1, "", begun)
		shows(t, s, "SO-1", messages.NeedsAttention, 11, "conflict", told)
		// What an earlier run told says nothing about the one that was started since.
		c.advance(2 * time.Hour)
		see(messages.Running, 1, "", told.Add(time.Second))
		shows(t, s, "SO-1", messages.Running, 1, "", c.now())
	})
}

// Orders that were begun before there were states have none until they are compared.
func TestAnOrderFromBeforeThereWereStatesHasNone(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		place(t, s, "SO-1", "shop.example")
		if err := s.Raw(`UPDATE provisionings SET shown = '', step = 0, since = NULL`); err != nil {
			t.Fatal(err)
		}
		seen := store.StateChange{OrderNumber: "SO-1", State: messages.NeedsAttention, Step: 6, Reason: "auth"}
		if err := s.RecordSeen(t.Context(), seen, c.now()); err != nil {
			t.Fatal(err)
		}
		if unit := only(t, s, "SO-1"); unit.Shown != messages.NeedsAttention || unit.Step != 6 || unit.Reason != "auth" || unit.Since != nil {
			t.Errorf("got %+v", unit)
		}
	})
}

func TestANewRunBeginsAtTheFirstStep(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		place(t, s, "SO-1", "shop.example")
		for _, told := range []bool{false, true} {
			if told {
				tell(t, s, "SO-1", c.now(), messages.NeedsAttention, 11, "conflict")
			}
			read := only(t, s, "SO-1")
			c.advance(time.Minute)
			if err := s.RecordBegun(t.Context(), read); err != nil {
				t.Fatal(err)
			}
			shows(t, s, "SO-1", messages.Running, 1, "", c.now())
			c.advance(time.Minute)
			tell(t, s, "SO-1", c.now(), messages.Waiting, 10, "")
			// Somebody else had seen the same terminated run.
			if err := s.RecordBegun(t.Context(), read); err != nil {
				t.Fatal(err)
			}
			shows(t, s, "SO-1", messages.Waiting, 10, "", c.now())
		}
	})
}

func TestAStoppedRunIsKnownSinceItWasFound(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		place(t, s, "SO-1", "shop.example")
		record := func(run store.RunState) {
			t.Helper()
			if _, err := s.RecordRun(t.Context(), "SO-1", 0, run); err != nil {
				t.Fatal(err)
			}
		}
		record(store.RunStuck)
		found := c.now()
		c.advance(time.Minute)
		record(store.RunStuck)
		if unit := only(t, s, "SO-1"); unit.RunSince == nil || !unit.RunSince.Equal(found) {
			t.Errorf("got %+v", unit)
		}
		for _, over := range []func() error{
			func() error { record(store.RunsWell); return nil },
			func() error { return s.MarkStarted(t.Context(), "SO-1", 0) },
			func() error { return s.Restart(t.Context(), "SO-1", 0) },
			func() error { return s.CloseUnit(t.Context(), "SO-1", 0, store.UnitFailed, "") },
		} {
			record(store.RunPaused)
			if err := over(); err != nil {
				t.Fatal(err)
			}
			if unit := only(t, s, "SO-1"); unit.Run != store.RunsWell || unit.RunSince != nil {
				t.Errorf("got %+v", unit)
			}
		}
	})
}
