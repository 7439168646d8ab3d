package activities_test

import (
	"testing"
	"time"

	"domainprovisioning/activities"
	"domainprovisioning/internal/outside"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

// quietly returns an account whose registrar has nothing but a queue of news, which stays empty,
// with pending operations, and what a round of its watch is.
func quietly(t *testing.T, rows int) (w *watched, clock *outside.Clock, round func(want activities.SweepPendingOperationsResult)) {
	t.Helper()
	clock = outside.NewClock()
	w = watch(t, rows, outside.Options{Now: clock.Now})
	queue := newsOnly{w.scripted, &queueing{listing: w.listing}}
	return w, clock, func(want activities.SweepPendingOperationsResult) {
		t.Helper()
		if got, err := w.roundOf(queue, &inbox{}); err != nil || got != want {
			t.Errorf("got %+v, %v, want %+v", got, err, want)
		}
		if w.lists != 0 {
			t.Error("the list was read")
		}
	}
}

// TestAQueueAloneCostsNothingWhileNothingIsOverdue: a round is the question for news, and no more.
func TestAQueueAloneCostsNothingWhileNothingIsOverdue(t *testing.T) {
	w, clock, round := quietly(t, 3)
	for range 35 { // of ten minutes
		round(activities.SweepPendingOperationsResult{Open: 3, Calls: 1})
		clock.Advance(10 * time.Minute)
	}
	if w.asked != 0 {
		t.Errorf("asked %d times within six hours", w.asked)
	}
}

// TestALostNoticeIsMadeUpFor after six hours, and what is still pending is asked for again after
// six more.
func TestALostNoticeIsMadeUpFor(t *testing.T) {
	w, clock, round := quietly(t, 3)
	w.finish(0, registrars.StatusDone)
	w.finish(1, registrars.StatusFailed)
	clock.Advance(6 * time.Hour)
	round(activities.SweepPendingOperationsResult{Open: 3, Calls: 4, Finished: 2})
	for n, want := range []store.LedgerState{store.Done, store.Failed, store.Pending} {
		if row := w.row(n); row.State != want || (row.ToldAt != nil) != want.Final() {
			t.Errorf("operation %d: %+v, want %s", n, row, want)
		}
	}
	if told := w.notifier.confirmations; len(told) != 2 || told[0].Claim != "done" || told[1].Claim != "failed" {
		t.Errorf("told %+v", told)
	}
	clock.Advance(5 * time.Hour)
	round(activities.SweepPendingOperationsResult{Open: 1, Calls: 1})
	clock.Advance(time.Hour)
	round(activities.SweepPendingOperationsResult{Open: 1, Calls: 2})
	if w.asked != 4 || len(w.notifier.confirmations) != 2 {
		t.Errorf("asked %d times, %d told", w.asked, len(w.notifier.confirmations))
	}
}

// TestARoundAsksForFewQuietOperations: those heard of longest ago come first, and one that cannot
// be read takes no other's turn.
func TestARoundAsksForFewQuietOperations(t *testing.T) {
	w, clock, round := quietly(t, 45)
	clock.Advance(time.Minute)
	w.learn(0, store.Submitted) // news of it came later than of the others
	w.failing[reference(1)] = cannotTell()
	w.finish(0, registrars.StatusDone)
	clock.Advance(6 * time.Hour)
	round(activities.SweepPendingOperationsResult{Open: 45, Calls: 21, Failed: 1})
	round(activities.SweepPendingOperationsResult{Open: 45, Calls: 21})
	round(activities.SweepPendingOperationsResult{Open: 45, Calls: 6, Finished: 1})
	round(activities.SweepPendingOperationsResult{Open: 44, Calls: 1})
	if w.asked != 45 {
		t.Errorf("asked %d times for 45 operations", w.asked)
	}
	delete(w.failing, reference(1))
	w.finish(1, registrars.StatusDone)
	clock.Advance(6 * time.Hour)
	round(activities.SweepPendingOperationsResult{Open: 44, Calls: 21, Finished: 1})
}

// TestARateLimitEndsTheQuestionsForQuietOperations of a round.
func TestARateLimitEndsTheQuestionsForQuietOperations(t *testing.T) {
	w, clock, round := quietly(t, 5)
	w.failing[reference(2)] = ofClass(registrars.ClassRateLimited)
	clock.Advance(6 * time.Hour)
	round(activities.SweepPendingOperationsResult{Open: 5, Calls: 4, Failed: 1})
	delete(w.failing, reference(2)) // nothing was heard of it
	round(activities.SweepPendingOperationsResult{Open: 5, Calls: 4})
}

// TestARegistrarThatIsAwayIsNotHeardOf: three questions in a row find that out, and every operation
// is asked for as soon as it is back.
func TestARegistrarThatIsAwayIsNotHeardOf(t *testing.T) {
	w, clock, round := quietly(t, 5)
	for n := range 5 {
		w.failing[reference(n)] = ofClass(registrars.ClassTemporary)
	}
	w.failing[reference(1)] = cannotTell() // an answer, which ends the row of failures
	clock.Advance(6 * time.Hour)
	round(activities.SweepPendingOperationsResult{Open: 5, Calls: 6, Failed: 5})
	round(activities.SweepPendingOperationsResult{Open: 5, Calls: 4, Failed: 3})
	clear(w.failing)
	w.finish(0, registrars.StatusDone)
	round(activities.SweepPendingOperationsResult{Open: 5, Calls: 5, Finished: 1})
	round(activities.SweepPendingOperationsResult{Open: 4, Calls: 1})
	if w.asked != 12 {
		t.Errorf("asked %d times", w.asked)
	}
}

// TestAnEndThatItsOrderDoesNotKnowIsTold for no call, in the next round.
func TestAnEndThatItsOrderDoesNotKnowIsTold(t *testing.T) {
	w, _, round := quietly(t, 2)
	w.learn(1, store.Done)
	round(activities.SweepPendingOperationsResult{Open: 2, Calls: 1, Finished: 1})
	if row := w.row(1); row.ToldAt == nil || w.asked != 0 || len(w.notifier.confirmations) != 1 {
		t.Errorf("the ledger has %+v; asked %d times", row, w.asked)
	}
	round(activities.SweepPendingOperationsResult{Open: 1, Calls: 1})
}

// TestWhatNobodyKnowsIsLeftToItsStep, however long nothing is heard of it: without a reference
// there is nothing to ask for, and the step looks.
func TestWhatNobodyKnowsIsLeftToItsStep(t *testing.T) {
	w, clock, round := quietly(t, 0)
	for n, state := range []store.LedgerState{store.Intended, store.Unknown, store.Refused} {
		w.intend(n)
		if state == store.Intended {
			continue
		}
		if _, err := w.Store.Learn(t.Context(), key(n), store.LedgerChange{State: state}); err != nil {
			t.Fatal(err)
		}
	}
	clock.Advance(48 * time.Hour)
	round(activities.SweepPendingOperationsResult{Open: 3, Calls: 1})
	if w.asked != 0 || w.finds != 0 || len(w.notifier.confirmations) != 0 {
		t.Errorf("asked %d times, looked %d times, %d told", w.asked, w.finds, len(w.notifier.confirmations))
	}
}
