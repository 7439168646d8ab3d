package store_test

import (
	"strconv"
	"testing"
	"time"

	"domainprovisioning/internal/postgrestest"
	"domainprovisioning/store"
)

// Reseal and Erase take the locks of an order in one order: neither is ended as the victim of a
// deadlock. A lock of the test's makes them meet at the same order.
func TestAnErasureAndResealingDoNotLockEachOtherOut(t *testing.T) {
	t.Parallel()
	url := postgrestest.URL(t)
	s := open(t, url, nil)
	asBefore(t, s)
	fill(t, s)
	if err := s.CloseUnit(t.Context(), "SO-1", 0, store.UnitDone, ""); err != nil {
		t.Fatal(err)
	}
	release, err := s.Hold(t.Context(), `SELECT 1 FROM order_revisions WHERE order_number = 'SO-1' FOR UPDATE`)
	if err != nil {
		t.Fatal(err)
	}
	results := make(chan error, 2)
	go func() { // it has the order, and waits for its revision
		_, err := s.Erase(t.Context(), store.Erasing{Number: "SO-1"})
		results <- err
	}()
	waitForLocks(t, s, 1)
	go func() { results <- s.Reseal(t.Context(), func(store.Resealed) {}) }()
	waitForLocks(t, s, 2)
	if err := release(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	if left := must[[]string](t)(s.Column(`SELECT wrapped FROM data_keys WHERE reference = 'order/SO-1' AND wrapped <> ''`)); len(left) > 0 {
		t.Error("the erased order has a key")
	}
}

// waitForLocks waits until so many statements wait for a lock.
func waitForLocks(t *testing.T, s *store.Store, want int) {
	t.Helper()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for late := time.After(30 * time.Second); ; {
		count := must[[]string](t)(s.Column(`SELECT CAST(COUNT(*) AS text) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`))
		if count[0] == strconv.Itoa(want) {
			return
		}
		select {
		case <-ticker.C:
		case <-late:
			t.Fatalf("%s wait for a lock, want %d", count[0], want)
		}
	}
}
