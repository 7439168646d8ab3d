package store_test

import (
	"errors"
	"testing"
	"time"

	"domainprovisioning/store"
)

// After its order has asked to take it back, nothing of a request is submitted, by no claim and
// no person.
func TestAWithdrawnRequestIsNotSubmitted(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		const account = "netim-main"
		for _, state := range []store.LedgerState{store.Intended, store.Unknown, store.Pending, store.Failed, store.Refused} {
			key := "SO-1/0/" + string(state)
			intend(t, s, key)
			if state != store.Intended {
				if _, err := s.Learn(t.Context(), key, store.LedgerChange{State: state, Reference: "7"}); err != nil {
					t.Fatal(err)
				}
			}
			row, err := s.Withdraw(t.Context(), key, account)
			want := state
			if state == store.Refused {
				want = store.Cancelled
			}
			if err != nil || row.State != want || row.WithdrawalAt == nil || !row.WithdrawalAt.Equal(c.now()) || (row.FinishedAt != nil) != want.Final() {
				t.Errorf("%s: %+v, %v", state, row, err)
			}
			asked := *row.WithdrawalAt
			c.advance(time.Hour)
			if row, err = s.Withdraw(t.Context(), key, account); err != nil || !row.WithdrawalAt.Equal(asked) {
				t.Errorf("%s, twice: %+v, %v", state, row, err)
			}
			if err := s.Claim(t.Context(), key, 1, 24*time.Hour); !errors.Is(err, store.ErrOvertaken) {
				t.Errorf("%s: a claim got %v", state, err)
			}
			if _, err := s.BeginAgain(t.Context(), row, store.Again{Reopened: 1}); !errors.Is(err, store.ErrTransition) {
				t.Errorf("%s: begun again: %v", state, err)
			}
			events, err := s.LedgerEvents(t.Context(), key)
			if last := events[len(events)-1]; err != nil || last.Note != "its order asks to take it back" || !last.HappenedAt.Equal(asked) {
				t.Errorf("%s: %+v, %v", state, events, err)
			}
		}
	})
}

// A try that read the row before may not begin it again either, and one whose request is refused
// meanwhile leaves nothing behind.
func TestAWithdrawalWinsAgainstATryUnderWay(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		const key = "SO-1/0/registration"
		intend(t, s, key)
		seen, err := s.LedgerRow(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Withdraw(t.Context(), key, "netim-main"); err != nil {
			t.Fatal(err)
		}
		c.advance(time.Hour)
		if _, err := s.BeginAgain(t.Context(), seen, store.Again{}); !errors.Is(err, store.ErrMovedOn) {
			t.Errorf("begun again: %v", err)
		}
		if _, err := s.Learn(t.Context(), key, store.LedgerChange{State: store.Refused, Submission: 1, Answer: true}); err != nil {
			t.Fatal(err)
		}
		row, err := s.Withdraw(t.Context(), key, "netim-main")
		if err != nil || row.State != store.Cancelled || row.ToldAt == nil {
			t.Errorf("refused meanwhile: %+v, %v", row, err)
		}
		// An answer that comes after all is learned, not dropped.
		row, err = s.Learn(t.Context(), key, store.LedgerChange{State: store.Pending, Reference: "9", Submission: 1, Answer: true})
		if err != nil || row.State != store.Pending || row.Reference != "9" {
			t.Errorf("a late answer: %+v, %v", row, err)
		}
	})
}

func TestARequestThatNobodyHasIntendedIsForestalled(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, _ *clock) {
		accepted(t, s, "SO-1", "shop.example")
		const key = "SO-1/0/registration"
		row, err := s.Withdraw(t.Context(), key, "netim-main")
		if err != nil || row.State != store.Cancelled || row.Domain != "shop.example" || row.Kind != "registration" ||
			row.Submissions != 0 || row.WorkflowID != "domain-provisioning/shop.example" {
			t.Fatalf("got %+v, %v", row, err)
		}
		row, created, err := s.Intend(t.Context(), store.Intention{
			Key: key, Account: "netim-main", Kind: "registration", Domain: "shop.example", WorkflowID: row.WorkflowID,
		})
		if err != nil || created || row.State != store.Cancelled {
			t.Errorf("intended: %+v, %t, %v", row, created, err)
		}
		for _, key := range []string{"SO-2/0/registration", "SO-1/7/registration", "SO-1/0", "SO-1"} {
			if _, err := s.Withdraw(t.Context(), key, "netim-main"); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%s: %v", key, err)
			}
		}
	})
}
