package store_test

import (
	"maps"
	"testing"
	"time"

	"domainprovisioning/store"
)

// TestUnreadableOperations are those of the last round; what stays keeps its first time.
func TestUnreadableOperations(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		begin := c.now().UTC()
		record := func(news bool, items ...store.Unreadable) {
			t.Helper()
			if got, err := s.RecordUnreadable(t.Context(), "a", items); err != nil || got != news {
				t.Fatalf("news: %t, %v", got, err)
			}
		}
		list := func() []store.Unreadable {
			t.Helper()
			rows, err := s.UnreadableOperations(t.Context(), "a")
			if err != nil {
				t.Fatal(err)
			}
			return rows
		}
		const noNumber, noText = "id is not a number", "status is not a text"
		nameless, seven := store.Unreadable{Rule: noNumber}, store.Unreadable{Reference: "7", Rule: noText}
		record(false)
		record(true, nameless, seven, nameless)
		c.advance(time.Minute)
		record(false, seven, nameless, nameless) // another order is no news
		rows := list()
		if len(rows) != 2 || rows[0].Items != 2 || rows[0].Rule != noNumber || rows[1].Reference != "7" || rows[1].Items != 1 ||
			!rows[0].FirstSeen.Equal(begin) || !rows[0].LastSeen.Equal(begin.Add(time.Minute)) {
			t.Errorf("got %+v", rows)
		}
		c.advance(time.Minute)
		record(true, nameless, seven) // one fewer
		record(true, seven)
		if rows := list(); len(rows) != 1 || rows[0].Reference != "7" || !rows[0].FirstSeen.Equal(begin) {
			t.Errorf("got %+v", rows)
		}
		record(true, store.Unreadable{Reference: "7", Rule: noNumber}) // the same item, and another rule
		if _, err := s.RecordUnreadable(t.Context(), "b", []store.Unreadable{nameless, nameless}); err != nil {
			t.Fatal(err)
		}
		if err := s.RecordRound(t.Context(), "c"); err != nil {
			t.Fatal(err)
		}
		counts, err := s.CountUnreadable(t.Context())
		if err != nil || !maps.Equal(counts, map[string]int{"a": 1, "b": 2, "c": 0}) {
			t.Errorf("got %v, %v", counts, err)
		}
		if all, err := s.UnreadableOperations(t.Context(), ""); err != nil || len(all) != 2 {
			t.Errorf("got %+v, %v", all, err)
		}
		record(true)
		record(false)
		if rows := list(); len(rows) != 0 {
			t.Errorf("got %+v", rows)
		}
	})
}
