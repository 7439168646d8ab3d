package store_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"domainprovisioning/store"
)

const key = "A-1/0/registration"

func intention(key string) store.Intention {
	return store.Intention{Key: key, Account: "netim-main", Kind: "registration", Domain: "shop.example", WorkflowID: "w"}
}

func intend(t *testing.T, s *store.Store, key string) {
	t.Helper()
	if _, created, err := s.Intend(t.Context(), intention(key)); err != nil || !created {
		t.Fatalf("created %v, %v", created, err)
	}
}

func learn(t *testing.T, s *store.Store, change store.LedgerChange) store.LedgerRow {
	t.Helper()
	row, err := s.Learn(t.Context(), key, change)
	if err != nil {
		t.Fatal(err)
	}
	return row
}

func TestIntentionIsWrittenOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		row, created, err := s.Intend(t.Context(), intention(key))
		if err != nil || !created || row.State != store.Intended || row.Submissions != 1 || !row.IntendedAt.Equal(c.now()) {
			t.Fatalf("got %+v, %v, %v", row, created, err)
		}
		c.advance(time.Hour)
		row, created, err = s.Intend(t.Context(), intention(key))
		if err != nil || created || row.Submissions != 1 || row.IntendedAt.Equal(c.now()) {
			t.Errorf("the second intention gives %+v, %v, %v", row, created, err)
		}
		other := intention(key)
		other.Domain = "other.example"
		if _, _, err := s.Intend(t.Context(), other); err == nil {
			t.Error("one key stands for two requests")
		}
	})
}

func TestOperationIsFollowedToItsEnd(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		intend(t, s, key)
		row := learn(t, s, store.LedgerChange{State: store.Pending, Reference: "77", Word: "Pending", Note: "answer"})
		if row.State != store.Pending || row.Reference != "77" || row.FinishedAt != nil {
			t.Errorf("got %+v", row)
		}
		c.advance(48 * time.Hour)
		row = learn(t, s, store.LedgerChange{State: store.Done, Word: "Done"})
		if row.State != store.Done || row.Reference != "77" || row.FinishedAt == nil || row.ToldAt != nil {
			t.Errorf("got %+v", row)
		}
		events, err := s.LedgerEvents(t.Context(), key)
		if err != nil || len(events) != 3 || events[0].State != store.Intended || events[2].HappenedAt.Sub(events[1].HappenedAt) != 48*time.Hour {
			t.Errorf("got %+v, %v", events, err)
		}
		// A change without news writes nothing.
		learn(t, s, store.LedgerChange{State: store.Done})
		if events, _ := s.LedgerEvents(t.Context(), key); len(events) != 3 {
			t.Errorf("%d events", len(events))
		}
	})
}

func TestOpenOperationsAreThoseWhoseOrdersDoNotKnowTheEnd(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, _ *clock) {
		open := func() int {
			rows, err := s.OpenRows(t.Context(), "netim-main")
			if err != nil {
				t.Fatal(err)
			}
			return len(rows)
		}
		intend(t, s, key)
		if open() != 1 {
			t.Error("an intended one is open")
		}
		learn(t, s, store.LedgerChange{State: store.Pending, Reference: "77"})
		learn(t, s, store.LedgerChange{State: store.Done})
		if open() != 1 {
			t.Error("an order that was not told is forgotten")
		}
		if err := s.MarkTold(t.Context(), key); err != nil {
			t.Fatal(err)
		}
		if open() != 0 {
			t.Error("a told one is still open")
		}
		other := intention("B/0/registration")
		other.Account = "another"
		if _, _, err := s.Intend(t.Context(), other); err != nil {
			t.Fatal(err)
		}
		if open() != 0 {
			t.Error("another account's operation is listed")
		}
	})
}

func TestMarkToldLeavesOpenOperationsAlone(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, _ *clock) {
		intend(t, s, key)
		if err := s.MarkTold(t.Context(), key); err != nil {
			t.Fatal(err)
		}
		if row, err := s.LedgerRow(t.Context(), key); err != nil || row.ToldAt != nil {
			t.Errorf("got %+v, %v", row, err)
		}
	})
}

// TestTransitions goes through every pair of states: done stays done, and a failed
// operation changes only if the registrar says so.
func TestTransitions(t *testing.T) {
	paths := map[store.LedgerState][]store.LedgerState{
		store.Intended: {}, store.Unknown: {store.Unknown}, store.Submitted: {store.Submitted},
		store.Pending: {store.Pending}, store.Done: {store.Done}, store.Failed: {store.Failed}, store.Cancelled: {store.Cancelled},
		store.Refused: {store.Refused},
	}
	allowed := map[store.LedgerState]string{
		store.Intended:  "submitted pending done failed cancelled unknown refused",
		store.Refused:   "refused failed",
		store.Unknown:   "unknown submitted pending done failed cancelled",
		store.Submitted: "submitted pending done failed cancelled",
		store.Pending:   "pending submitted done failed cancelled",
		store.Failed:    "failed done pending cancelled submitted",
		store.Cancelled: "cancelled done pending failed submitted",
		// Other news is ignored, so that a caller that asked earlier may write later.
		store.Done: "done submitted pending failed cancelled unknown intended refused",
	}
	onBoth(t, func(t *testing.T, s *store.Store, _ *clock) {
		for from, path := range paths {
			for to := range paths {
				k := "transition/" + string(from) + "/" + string(to)
				intend(t, s, k)
				for _, state := range path {
					if _, err := s.Learn(t.Context(), k, store.LedgerChange{State: state}); err != nil {
						t.Fatal(err)
					}
				}
				_, err := s.Learn(t.Context(), k, store.LedgerChange{State: to})
				want := contains(allowed[from], string(to))
				if (err == nil) != want || (err != nil && !errors.Is(err, store.ErrTransition)) {
					t.Errorf("%s to %s: %v", from, to, err)
				}
			}
		}
	})
}

func contains(words, word string) bool {
	for len(words) > 0 {
		n := 0
		for n < len(words) && words[n] != ' ' {
			n++
		}
		if words[:n] == word {
			return true
		}
		words = words[min(n+1, len(words)):]
	}
	return false
}

func TestBeginAgain(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		first, _, err := s.Intend(t.Context(), intention(key))
		if err != nil {
			t.Fatal(err)
		}
		c.advance(time.Hour)
		row, err := s.BeginAgain(t.Context(), first, store.Again{Note: "looked"})
		if err != nil || row.Submissions != 2 || row.Reopened != 0 || !row.IntendedAt.Equal(c.now()) {
			t.Errorf("got %+v, %v", row, err)
		}
		if _, err := s.BeginAgain(t.Context(), first, store.Again{Note: "looked"}); !errors.Is(err, store.ErrMovedOn) {
			t.Errorf("two tries that looked at the same row both begin again: %v", err)
		}
		row = learn(t, s, store.LedgerChange{State: store.Failed, Reference: "77", Told: true})
		if _, err := s.BeginAgain(t.Context(), row, store.Again{}); !errors.Is(err, store.ErrTransition) {
			t.Errorf("a failed one was begun again without a person: %v", err)
		}
		row, err = s.BeginAgain(t.Context(), row, store.Again{Reopened: 1, Note: "asked anew"})
		if err != nil || row.State != store.Intended || row.Reference != "" || row.Reopened != 1 || row.Submissions != 3 || row.ToldAt != nil {
			t.Errorf("got %+v, %v", row, err)
		}
		row = learn(t, s, store.LedgerChange{State: store.Cancelled, Told: true})
		if _, err := s.BeginAgain(t.Context(), row, store.Again{Reopened: 1}); !errors.Is(err, store.ErrTransition) {
			t.Errorf("one word of a person was used twice: %v", err)
		}
		row = learn(t, s, store.LedgerChange{State: store.Done, Told: true})
		for _, reopened := range []int{0, 9} {
			if _, err := s.BeginAgain(t.Context(), row, store.Again{Reopened: reopened}); !errors.Is(err, store.ErrTransition) {
				t.Errorf("a done one was begun again: %v", err)
			}
		}
	})
}

func TestManyTriesBeginAgainOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, _ *clock) {
		seen, _, err := s.Intend(t.Context(), intention(key))
		if err != nil {
			t.Fatal(err)
		}
		var begun atomic.Int64
		var group sync.WaitGroup
		for range 10 {
			group.Go(func() {
				if _, err := s.BeginAgain(t.Context(), seen, store.Again{Note: "looked"}); err == nil {
					begun.Add(1)
				} else if !errors.Is(err, store.ErrMovedOn) {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if begun.Load() != 1 {
			t.Errorf("%d tries may submit", begun.Load())
		}
	})
}

func TestNewsOfAnEarlierSubmissionAreRefused(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, _ *clock) {
		first, _, err := s.Intend(t.Context(), intention(key))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.BeginAgain(t.Context(), first, store.Again{Note: "looked"}); err != nil {
			t.Fatal(err)
		}
		_, err = s.Learn(t.Context(), key, store.LedgerChange{State: store.Failed, Submission: 1})
		if !errors.Is(err, store.ErrMovedOn) {
			t.Errorf("got %v", err)
		}
		if row := learn(t, s, store.LedgerChange{State: store.Pending, Reference: "78", Submission: 2}); row.State != store.Pending {
			t.Errorf("got %+v", row)
		}
	})
}

// TestWordOfAPersonIsUsedUp: a person's request to try again that came before the
// submission, or while it was open, does not retry a later failure.
func TestWordOfAPersonIsUsedUp(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, _ *clock) {
		early := intention(key)
		early.Reopened = 2
		if row, _, err := s.Intend(t.Context(), early); err != nil || row.Reopened != 2 {
			t.Fatalf("got %+v, %v", row, err)
		}
		learn(t, s, store.LedgerChange{State: store.Pending, Reference: "77", Reopened: 3})
		row := learn(t, s, store.LedgerChange{State: store.Failed, Reopened: 1})
		if row.Reopened != 3 {
			t.Errorf("got %+v", row)
		}
		if _, err := s.BeginAgain(t.Context(), row, store.Again{Reopened: 3}); !errors.Is(err, store.ErrTransition) {
			t.Errorf("got %v", err)
		}
	})
}

func TestContactHandlesAreKept(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, _ *clock) {
		if handles, err := s.Contacts(t.Context(), "a", key, []string{"d"}); err != nil || len(handles) != 0 {
			t.Fatalf("got %v, %v", handles, err)
		}
		for _, handle := range []string{"C1", "C2"} {
			if err := s.KeepContact(t.Context(), "a", key, "d", handle); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.KeepContact(t.Context(), "a", "another", "d", "C3"); err != nil {
			t.Fatal(err)
		}
		if handles, err := s.Contacts(t.Context(), "a", key, []string{"d"}); err != nil || len(handles) != 1 || handles["d"] != "C1" {
			t.Errorf("got %v, %v", handles, err)
		}
	})
}
