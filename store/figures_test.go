package store_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"domainprovisioning/messages"
	"domainprovisioning/store"
)

func TestFiguresCountWhatTheListsShow(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		for n := range 4 {
			accepted := acceptance(fmt.Sprintf("A-%d", n), fmt.Sprintf("shop%d.example", n), fmt.Sprint(n))
			accepted.Units[0].Start = func(number string, _ map[store.IDRequest]int) (string, []byte, error) {
				return "domain-provisioning/" + number, fmt.Appendf(nil, `{"accountId":%d,"newAccount":false}`, 100+n/3), nil
			}
			if _, err := s.AcceptOrder(t.Context(), accepted); err != nil {
				t.Fatal(err)
			}
			c.advance(12 * time.Hour)
		}
		told := store.StateChange{OrderNumber: "A-1", At: c.now(), State: messages.NeedsAttention, Step: 6, Reason: "balance"}
		if err := s.RecordState(t.Context(), told); err != nil {
			t.Fatal(err)
		}
		if _, err := s.RecordRun(t.Context(), "A-2", 0, store.RunTerminated); err != nil {
			t.Fatal(err)
		}
		if err := s.CloseUnit(t.Context(), "A-0", 0, store.UnitDone, ""); err != nil {
			t.Fatal(err)
		}
		open, err := s.CountByState(t.Context())
		want := map[messages.State]int{messages.Running: 1, messages.Waiting: 0, messages.NeedsAttention: 2, messages.Undoing: 0}
		if err != nil || !reflect.DeepEqual(open, want) {
			t.Errorf("open: %v, %v", open, err)
		}
		days, err := s.CountDays(t.Context(), 40*time.Hour)
		if err != nil || !reflect.DeepEqual(days, []store.DayCount{
			{"2026-01-02", store.UnitOpen, 1}, {"2026-01-03", store.UnitOpen, 2},
		}) {
			t.Errorf("days: %v, %v", days, err)
		}
		units, err := s.Units(t.Context(), store.UnitFilter{Account: 100})
		if err != nil || len(units) != 3 || units[0].OrderNumber != "A-2" {
			t.Errorf("of the account: %+v, %v", units, err)
		}
		if units, err := s.Units(t.Context(), store.UnitFilter{Account: 10}); err != nil || len(units) != 0 {
			t.Errorf("of an account whose number begins alike: %+v, %v", units, err)
		}
	})
}

func TestWaitsAreThoseOfRequestsThatWereCarriedOutLately(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		intend(t, s, key)
		c.advance(3 * time.Hour)
		pending, err := s.CountPending(t.Context())
		if err != nil || !reflect.DeepEqual(pending, map[string]int{"netim-main": 1}) {
			t.Errorf("pending: %v, %v", pending, err)
		}
		learn(t, s, store.LedgerChange{State: store.Done, Reference: "101"})
		waits, err := s.Waits(t.Context(), time.Hour)
		if err != nil || len(waits) != 1 || waits[0].Account != "netim-main" || waits[0].FinishedAt.Sub(waits[0].IntendedAt) != 3*time.Hour {
			t.Errorf("waits: %+v, %v", waits, err)
		}
		c.advance(2 * time.Hour)
		if waits, err := s.Waits(t.Context(), time.Hour); err != nil || len(waits) != 0 {
			t.Errorf("earlier ones: %+v, %v", waits, err)
		}
	})
}
