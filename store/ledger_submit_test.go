package store_test

import (
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"domainprovisioning/internal/postgrestest"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

const (
	window = 4 * time.Minute
	settle = 5 * time.Minute
)

// begun returns a row that was just intended.
func begun(t *testing.T, s *store.Store) store.LedgerRow {
	t.Helper()
	row, created, err := s.Intend(t.Context(), intention(key))
	if err != nil || !created {
		t.Fatalf("created %v, %v", created, err)
	}
	return row
}

func again(t *testing.T, s *store.Store, seen store.LedgerRow) store.LedgerRow {
	t.Helper()
	row, err := s.BeginAgain(t.Context(), seen, store.Again{Settle: settle, Note: "looked"})
	if err != nil {
		t.Fatal(err)
	}
	return row
}

// TestAClaimIsForTheNewestSubmissionWhileItIsYoung: a process that was suspended gets
// none.
func TestAClaimIsForTheNewestSubmissionWhileItIsYoung(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		row := begun(t, s)
		if row.Age() != 0 || row.ClaimedAt != nil {
			t.Errorf("got %+v", row)
		}
		c.advance(window - time.Second)
		if err := s.Claim(t.Context(), key, 1, window); err != nil {
			t.Errorf("a young one: %v", err)
		}
		c.advance(time.Second)
		if err := s.Claim(t.Context(), key, 1, window); !errors.Is(err, store.ErrOvertaken) {
			t.Errorf("an old one: %v", err)
		}
		claimed, err := s.LedgerRow(t.Context(), key)
		if err != nil || claimed.ClaimedAt == nil || claimed.Age() != time.Second {
			t.Errorf("the age is counted from %v: %s, %v", claimed.ClaimedAt, claimed.Age(), err)
		}
		// Settling is counted from the claim, not from the intention.
		c.advance(settle - 2*time.Second)
		if _, err := s.BeginAgain(t.Context(), claimed, store.Again{Settle: settle}); !errors.Is(err, store.ErrMovedOn) {
			t.Errorf("begun again %s after the claim: %v", settle-time.Second, err)
		}
		c.advance(time.Second)
		if row = again(t, s, claimed); row.Submissions != 2 || row.ClaimedAt != nil {
			t.Errorf("got %+v", row)
		}
		for submission, want := range map[int]error{0: store.ErrOvertaken, 1: store.ErrOvertaken, 2: nil, 3: store.ErrOvertaken} {
			if err := s.Claim(t.Context(), key, submission, window); !errors.Is(err, want) {
				t.Errorf("submission %d: %v, want %v", submission, err, want)
			}
		}
		for _, state := range []store.LedgerState{store.Unknown, store.Pending, store.Done} {
			learn(t, s, store.LedgerChange{State: state, Reference: "77"})
			if err := s.Claim(t.Context(), key, 2, window); !errors.Is(err, store.ErrOvertaken) {
				t.Errorf("%s: %v", state, err)
			}
		}
	})
}

// TestAClaimAndABeginningExcludeOneAnother, whichever of the two processes is quicker.
func TestAClaimAndABeginningExcludeOneAnother(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		for range 30 {
			row, err := s.LedgerRow(t.Context(), key)
			if errors.Is(err, store.ErrNotFound) {
				row = begun(t, s)
			}
			c.advance(settle)
			var claimed, begunAgain atomic.Bool
			var group sync.WaitGroup
			group.Go(func() { claimed.Store(s.Claim(t.Context(), key, row.Submissions, settle+time.Second) == nil) })
			group.Go(func() {
				_, err := s.BeginAgain(t.Context(), row, store.Again{Settle: settle})
				begunAgain.Store(err == nil)
			})
			group.Wait()
			if claimed.Load() == begunAgain.Load() {
				t.Fatalf("claimed %v, begun again %v", claimed.Load(), begunAgain.Load())
			}
			if claimed.Load() {
				c.advance(settle)
			}
		}
	})
}

// TestAnswersThatWereOvertakenAreKept takes the row at submission 2, the answer to
// submission 1 that arrives then, and what becomes of the two.
func TestAnswersThatWereOvertakenAreKept(t *testing.T) {
	claim := func(t *testing.T, s *store.Store) {
		t.Helper()
		if err := s.Claim(t.Context(), key, 2, window); err != nil {
			t.Fatal(err)
		}
	}
	becomes := func(changes ...store.LedgerChange) func(*testing.T, *store.Store) {
		return func(t *testing.T, s *store.Store) {
			t.Helper()
			claim(t, s)
			for _, change := range changes {
				learn(t, s, change)
			}
		}
	}
	for name, c := range map[string]struct {
		second func(*testing.T, *store.Store)
		answer store.LedgerChange
		state  store.LedgerState
		ref    string
		told   string // the claim by which the order is told; "" for none
		twice  bool
	}{
		"nothing newer was sent": {
			func(*testing.T, *store.Store) {}, store.LedgerChange{State: store.Pending, Reference: "1"},
			store.Pending, "1", "pending", false,
		},
		"nothing newer was sent, the old one may have arrived": {
			func(*testing.T, *store.Store) {}, store.LedgerChange{State: store.Unknown}, store.Unknown, "", "unknown", false,
		},
		"nothing newer was sent, the old one is refused": {
			func(*testing.T, *store.Store) {}, store.LedgerChange{State: store.Refused}, store.Intended, "", "", false,
		},
		"the newer one was refused because of the old one": {
			becomes(store.LedgerChange{State: store.Failed, Told: true}), store.LedgerChange{State: store.Done, Reference: "1"},
			store.Done, "1", "done", false,
		},
		"the newer one was refused for now": {
			becomes(store.LedgerChange{State: store.Refused}), store.LedgerChange{State: store.Done, Reference: "1"},
			store.Done, "1", "done", false,
		},
		"the newer one may be on its way": {
			claim, store.LedgerChange{State: store.Pending, Reference: "1"}, store.Intended, "", "perhaps-paid-twice", true,
		},
		"the newer one may have arrived": {
			becomes(store.LedgerChange{State: store.Unknown}), store.LedgerChange{State: store.Done, Reference: "1"},
			store.Unknown, "", "perhaps-paid-twice", true,
		},
		"both were taken": {
			becomes(store.LedgerChange{State: store.Done, Reference: "2", Told: true}), store.LedgerChange{State: store.Done, Reference: "1"},
			store.Done, "2", "perhaps-paid-twice", true,
		},
		"the newer one was taken, the old one may have arrived": {
			becomes(store.LedgerChange{State: store.Pending, Reference: "2"}), store.LedgerChange{State: store.Unknown},
			store.Pending, "2", "perhaps-paid-twice", true,
		},
		"it is the same operation": {
			becomes(store.LedgerChange{State: store.Pending, Reference: "1"}), store.LedgerChange{State: store.Pending, Reference: "1"},
			store.Pending, "1", "", false,
		},
		"the newer one was taken, the old one failed": {
			becomes(store.LedgerChange{State: store.Pending, Reference: "2"}), store.LedgerChange{State: store.Failed, Reference: "1"},
			store.Pending, "2", "", false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, s *store.Store, clock *clock) {
				row := begun(t, s)
				clock.advance(settle)
				again(t, s, row)
				c.second(t, s)
				answer := c.answer
				answer.Submission, answer.Answer = 1, true
				for range 2 { // a repeat changes nothing
					got := learn(t, s, answer)
					if got.State != c.state || got.Reference != c.ref || got.Submissions != 2 {
						t.Errorf("the row is %s with %q, want %s with %q", got.State, got.Reference, c.state, c.ref)
					}
				}
				told, err := s.Confirmations(t.Context(), store.ConfirmationFilter{})
				if err != nil || len(told) != min(1, len(c.told)) || c.told != "" &&
					(told[0].Claim != c.told || told[0].Source != messages.FromLedger || told[0].WorkflowID != "w") {
					t.Errorf("the order is told %+v, %v", told, err)
				}
				ends, err := s.LooseEnds(t.Context(), store.LooseEndFilter{Kind: store.PerhapsPaidTwice})
				if err != nil || (len(ends) == 1) != c.twice || len(ends) > 1 ||
					c.twice && (ends[0].Reference != c.answer.Reference || ends[0].OtherReference != c.ref || ends[0].OrderNumber != "A-1") {
					t.Errorf("loose ends %+v, %v", ends, err)
				}
				events, err := s.LedgerEvents(t.Context(), key)
				if err != nil || !strings.Contains(events[len(events)-1].Note, "answer to submission 1, overtaken by 2") {
					t.Errorf("the history ends with %+v, %v", events[len(events)-1], err)
				}
				if c.told == "pending" {
					if err := s.Claim(t.Context(), key, 2, window); !errors.Is(err, store.ErrOvertaken) {
						t.Errorf("the newer one may still be sent: %v", err)
					}
				}
			})
		})
	}
}

func TestALooseEndIsListedUntilAPersonSettlesIt(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, clock *clock) {
		row := begun(t, s)
		clock.advance(settle)
		again(t, s, row)
		if err := s.Claim(t.Context(), key, 2, window); err != nil {
			t.Fatal(err)
		}
		learn(t, s, store.LedgerChange{State: store.Done, Reference: "1", Submission: 1, Answer: true})
		counts, err := s.CountLooseEnds(t.Context())
		if err != nil || counts[store.PerhapsPaidTwice] != 1 || counts[store.Abandoned] != 0 {
			t.Errorf("got %v, %v", counts, err)
		}
		const id = "ledger/" + key + "/1"
		for _, actor := range []string{"jane", "john"} {
			end, err := s.SettleLooseEnd(t.Context(), id, actor, "refunded")
			if err != nil || end.SettledBy != "jane" || end.SettledReason != "refunded" || end.SettledAt == nil {
				t.Errorf("got %+v, %v", end, err)
			}
		}
		if open, err := s.LooseEnds(t.Context(), store.LooseEndFilter{}); err != nil || len(open) != 0 {
			t.Errorf("open: %+v, %v", open, err)
		}
		if settled, err := s.LooseEnds(t.Context(), store.LooseEndFilter{Settled: true, Domain: "shop.example"}); err != nil || len(settled) != 1 {
			t.Errorf("settled: %+v, %v", settled, err)
		}
		told, err := s.Confirmation(t.Context(), "settled/"+id)
		if err != nil || told.Claim != messages.Settled || told.WorkflowID != "w" {
			t.Errorf("its order is told %+v, %v", told, err)
		}
		if _, err := s.SettleLooseEnd(t.Context(), "nowhere", "jane", "x"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("got %v", err)
		}
	})
}

// TestTheClockIsTheDatabases: the clock of a process does not count, and the database's
// own times can be compared with times in arguments.
func TestTheClockIsTheDatabases(t *testing.T) {
	for name, url := range map[string]func() string{
		"sqlite":   func() string { return "sqlite:" + filepath.Join(t.TempDir(), "store.db") },
		"postgres": func() string { return postgrestest.URL(t) },
	} {
		t.Run(name, func(t *testing.T) {
			s, err := store.Open(t.Context(), store.Options{URL: url(), Sealer: sealer(t, "k1"), Ranges: store.DefaultRanges()})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.Close() })
			if _, err := s.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			before := time.Now()
			row := begun(t, s)
			after := time.Now()
			// The database is on this machine.
			if row.IntendedAt.Before(before.Add(-time.Millisecond)) || row.IntendedAt.After(after) || row.Age() < 0 || row.Age() > after.Sub(before) {
				t.Errorf("intended at %s, age %s, between %s and %s", row.IntendedAt, row.Age(), before, after)
			}
			if err := s.Claim(t.Context(), key, 1, -time.Hour); !errors.Is(err, store.ErrOvertaken) {
				t.Errorf("a window that has passed: %v", err)
			}
			if err := s.Claim(t.Context(), key, 1, time.Hour); err != nil {
				t.Errorf("a window of an hour: %v", err)
			}
			claimed, err := s.LedgerRow(t.Context(), key)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.BeginAgain(t.Context(), claimed, store.Again{Settle: time.Hour}); !errors.Is(err, store.ErrMovedOn) {
				t.Errorf("settled within an hour: %v", err)
			}
			if _, err := s.BeginAgain(t.Context(), claimed, store.Again{Settle: -time.Second}); err != nil {
				t.Errorf("settled at once: %v", err)
			}
			// Each page continues where the last one ended, by a time from the database.
			for n := range 20 {
				if _, err := s.AcceptOrder(t.Context(), acceptance("", "shop"+string(rune('a'+n))+".example", "x"+string(rune('a'+n)))); err != nil {
					t.Fatal(err)
				}
			}
			seen := 0
			filter := store.UnitFilter{Limit: 1}
			for {
				page, err := s.Units(t.Context(), filter)
				if err != nil {
					t.Fatal(err)
				}
				if len(page) == 0 {
					break
				}
				seen++
				at := page[0].Cursor()
				filter.After = &at
			}
			if seen != 20 {
				t.Errorf("%d of 20 orders are on the pages", seen)
			}
		})
	}
}
