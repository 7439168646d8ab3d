package activities_test

import (
	"runtime"
	"testing"
	"time"

	"domainprovisioning/activities"
	"domainprovisioning/internal/outside"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

// TestAFailedOperationThatGoesOnIsNoticed: the registrar's support restarts what has
// failed. If it is pending again, that costs no call; if it has finished in between, a
// question every six hours finds it.
func TestAFailedOperationThatGoesOnIsNoticed(t *testing.T) {
	now := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	w := watch(t, 3, outside.Options{Now: func() time.Time { return now }})
	w.finish(0, registrars.StatusFailed)
	w.finish(1, registrars.StatusFailed)
	if got, err := w.round(); err != nil || got.Finished != 2 {
		t.Fatalf("got %+v, %v", got, err)
	}
	w.list = append(w.list, registrars.Operation{
		Reference: reference(0), Kind: registrars.Registration, Domain: name(0), Status: registrars.StatusPending,
	})
	w.operations[reference(1)] = registrars.Operation{Reference: reference(1), Status: registrars.StatusDone, Word: "Done"}
	now = now.Add(5 * time.Hour)
	got, err := w.round()
	if err != nil || got != (activities.SweepPendingOperationsResult{Open: 1, Calls: 1, Restarted: 1}) {
		t.Errorf("pending again: got %+v, %v", got, err)
	}
	if row := w.row(0); row.State != store.Pending || row.ToldAt != nil || row.FinishedAt != nil {
		t.Errorf("the ledger has %+v", row)
	}
	now = now.Add(2 * time.Hour)
	told := len(w.notifier.confirmations)
	got, err = w.round()
	if err != nil || got != (activities.SweepPendingOperationsResult{Open: 2, Calls: 2, Finished: 1, Restarted: 1}) {
		t.Errorf("done in between: got %+v, %v", got, err)
	}
	if row := w.row(1); row.State != store.Done || row.ToldAt == nil || len(w.notifier.confirmations) != told+1 {
		t.Errorf("the ledger has %+v; %d told", row, len(w.notifier.confirmations)-told)
	}
}

func TestAFailureIsKeptInViewForAWeek(t *testing.T) {
	now := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	w := watch(t, 1, outside.Options{Now: func() time.Time { return now }})
	w.finish(0, registrars.StatusFailed)
	if _, err := w.round(); err != nil {
		t.Fatal(err)
	}
	for hour := range 8 * 24 {
		now = now.Add(time.Hour)
		got, err := w.round()
		if inView := hour < 7*24; err != nil || (got.Calls > 0) != inView {
			t.Fatalf("after %d hours: %+v, %v", hour+1, got, err)
		}
	}
	// Once when it ends, and then every six hours.
	if w.asked != 1+7*24/6 {
		t.Errorf("asked %d times", w.asked)
	}
}

// TestARegistrarThatIsDownLosesNoRound: the next round makes up for it.
func TestARegistrarThatIsDownLosesNoRound(t *testing.T) {
	w := watch(t, 3)
	w.finish(1, registrars.StatusDone)
	w.err = ofClass(registrars.ClassTemporary)
	if _, err := w.round(); err == nil {
		t.Error("a round without the list succeeded")
	}
	if len(w.notifier.confirmations) != 0 {
		t.Error("an order was told without the list")
	}
	w.err = nil
	if got, err := w.round(); err != nil || got.Finished != 1 {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestCheckOperationAsksAtOnce(t *testing.T) {
	w := watch(t, 2)
	r := w.RegistrarActivities(w.listing, w.notifier)
	w.operations[reference(1)] = registrars.Operation{Reference: reference(1), Status: registrars.StatusPending, Word: "Pending"}
	got, err := r.CheckOperation(t.Context(), activities.CheckOperationInput{Key: key(1)})
	if err != nil || got.Before != "pending" || got.Now != "pending" || len(w.notifier.confirmations) != 0 {
		t.Errorf("got %+v, %v", got, err)
	}
	w.finish(1, registrars.StatusDone)
	got, err = r.CheckOperation(t.Context(), activities.CheckOperationInput{Key: key(1)})
	if err != nil || got.Before != "pending" || got.Now != "done" || len(w.notifier.confirmations) != 1 {
		t.Errorf("got %+v, %v, %d told", got, err, len(w.notifier.confirmations))
	}
	w.intend(7)
	_, err = r.CheckOperation(t.Context(), activities.CheckOperationInput{Key: key(7)})
	wantClass(t, err, registrars.ClassInvalid)
	_, err = r.CheckOperation(t.Context(), activities.CheckOperationInput{Key: "no/0/such"})
	wantClass(t, err, registrars.ClassNotFound)
}

// manyPending is a large account on a busy day.
const manyPending = 5000

func TestARoundWithManyPendingOperations(t *testing.T) {
	if testing.Short() {
		t.Skip("writes 5000 rows")
	}
	w := watch(t, manyPending)
	for n := range 20 {
		w.finish(n*200, registrars.StatusDone)
	}
	got, err := w.round()
	if err != nil || got != (activities.SweepPendingOperationsResult{Open: manyPending, Calls: 21, Finished: 20}) {
		t.Errorf("got %+v, %v", got, err)
	}
	if w.lists != 1 || w.asked != 20 || len(w.notifier.confirmations) != 20 {
		t.Errorf("%d lists, %d questions, %d told", w.lists, w.asked, len(w.notifier.confirmations))
	}
}

// BenchmarkRound measures a round of the watch with 5000 pending operations, none of them
// finished: its time, its calls and its allocations.
func BenchmarkRound(b *testing.B) {
	w := watch(b, manyPending)
	before := w.lists
	var start, end runtime.MemStats
	runtime.ReadMemStats(&start)
	b.ResetTimer()
	for b.Loop() {
		if got, err := w.round(); err != nil || got.Open != manyPending {
			b.Fatalf("got %+v, %v", got, err)
		}
	}
	runtime.ReadMemStats(&end)
	b.ReportMetric(float64(w.lists-before)/float64(b.N), "calls/round")
	b.ReportMetric(float64(end.TotalAlloc-start.TotalAlloc)/float64(b.N)/(1<<20), "MB/round")
}
