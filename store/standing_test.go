package store_test

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// Open orders are counted as lists show them, with the age of the one that has been so for
// longest; what has ended is not counted.
func TestOpenUnitsAreCountedAsTheyAreShown(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		for _, number := range []string{"SO-1", "SO-2", "SO-3", "SO-4", "SO-5"} {
			place(t, s, number, "shop"+number[3:]+".example")
			c.advance(time.Minute)
		}
		parked := c.now()
		tell(t, s, "SO-2", parked, messages.NeedsAttention, 6, "balance")
		c.advance(time.Minute)
		tell(t, s, "SO-3", c.now(), messages.NeedsAttention, 6, "balance")
		if _, err := s.RecordRun(t.Context(), "SO-4", 0, store.RunStuck); err != nil {
			t.Fatal(err)
		}
		stuck := c.now()
		if err := s.CloseUnit(t.Context(), "SO-5", 0, store.UnitCancelled, ""); err != nil {
			t.Fatal(err)
		}
		c.advance(time.Hour)
		counts, err := s.CountOpen(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for i := range counts { // how it was read is no part of it
			counts[i] = store.OpenCount{
				State: counts[i].State, Reason: counts[i].Reason, Registrar: counts[i].Registrar, Program: counts[i].Program,
				Count: counts[i].Count, Oldest: counts[i].Oldest,
			}
		}
		slices.SortFunc(counts, func(a, b store.OpenCount) int { return cmp.Compare(a.Reason, b.Reason) })
		unit := only(t, s, "SO-1")
		want := []store.OpenCount{
			{State: messages.Running, Count: 1, Oldest: c.now().Sub(unit.CreatedAt)},
			{State: messages.NeedsAttention, Reason: "balance", Count: 2, Oldest: c.now().Sub(parked)},
			{State: messages.NeedsAttention, Reason: "stuck", Count: 1, Oldest: c.now().Sub(stuck)},
		}
		for i := range want {
			want[i].Registrar, want[i].Program = unit.Registrar, "domain-provisioning"
		}
		if !slices.Equal(counts, want) {
			t.Errorf("got  %+v\nwant %+v", counts, want)
		}
	})
}

func TestUnknownOutcomesAreCountedByAccount(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		intend(t, s, key)
		began := c.now()
		if counts, err := s.CountUnknown(t.Context()); err != nil || len(counts) != 0 {
			t.Errorf("before the answer is lost: %+v, %v", counts, err)
		}
		c.advance(time.Minute)
		learn(t, s, store.LedgerChange{State: store.Unknown})
		c.advance(time.Hour)
		counts, err := s.CountUnknown(t.Context())
		if err != nil || len(counts) != 1 || counts[0].Account != "netim-main" || counts[0].Count != 1 || counts[0].Oldest != c.now().Sub(began) {
			t.Errorf("%+v, %v", counts, err)
		}
		learn(t, s, store.LedgerChange{State: store.Done})
		if counts, err := s.CountUnknown(t.Context()); err != nil || len(counts) != 0 {
			t.Errorf("after it was found: %+v, %v", counts, err)
		}
	})
}

func TestTheBacklogHasAnAge(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		accepted := c.now()
		place(t, s, "SO-1", "shop.example")
		c.advance(time.Minute)
		received := c.now()
		for _, id := range []string{"a", "b"} {
			if _, err := s.Receive(t.Context(), store.Confirmation{EventID: id, Source: "test", Domain: "x.example"}, 0); err != nil {
				t.Fatal(err)
			}
			c.advance(time.Minute)
		}
		if err := s.Handle(t.Context(), "b", store.Unmatched, ""); err != nil {
			t.Fatal(err)
		}
		addHook(t, s, "", "*")
		disabled := addHook(t, s, "", "*")
		happened := c.now()
		place(t, s, "SO-2", "other.example")
		if err := s.MarkStarted(t.Context(), "SO-2", 0); err != nil {
			t.Fatal(err)
		}
		c.advance(time.Minute)
		events, _ := claim(t, s, disabled)
		if _, _, err := s.DeliveryFailed(t.Context(), store.FailedDelivery{Hook: disabled.ID, EventID: events[0].EventID, Gone: true}); err != nil {
			t.Fatal(err)
		}
		if count, err := s.CountDisabledHooks(t.Context()); count != 1 || err != nil {
			t.Errorf("%d endpoints are disabled, %v", count, err)
		}
		backlog, err := s.Backlog(t.Context(), time.Hour)
		want := store.Backlog{
			Unstarted: 1, Undelivered: 1, Unmatched: 1, OldestUnstarted: c.now().Sub(accepted),
			OldestUndelivered: c.now().Sub(received), OldestUnmatched: c.now().Sub(received.Add(time.Minute)),
			News: 1, OldestNews: c.now().Sub(happened),
		}
		if err != nil || backlog != want {
			t.Errorf("got  %+v, %v\nwant %+v", backlog, err, want)
		}
	})
}
