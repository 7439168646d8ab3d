package activities_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"domainprovisioning/activities"
	"domainprovisioning/internal/outside"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

// garble makes the item of an operation unreadable in the list.
func (w *watched) garble(n int, rule string) {
	w.t.Helper()
	for i, operation := range w.list {
		if operation.Reference == reference(n) {
			w.list = append(w.list[:i], w.list[i+1:]...)
			w.unreadable = append(w.unreadable, registrars.Unreadable{Rule: rule})
			return
		}
	}
	w.t.Fatalf("operation %d is not listed", n)
}

// TestAnUnreadableItemStopsNothing: ours is read by its reference, and the others count.
func TestAnUnreadableItemStopsNothing(t *testing.T) {
	w := watch(t, 5)
	w.garble(1, "status is not a text")
	w.garble(2, "status is not a text")
	w.operations[reference(2)] = registrars.Operation{Reference: reference(2), Status: registrars.StatusFailed, Word: "FAILED"}
	w.finish(4, registrars.StatusDone)
	got, err := w.round()
	if err != nil || got != (activities.SweepPendingOperationsResult{Open: 5, Calls: 4, Finished: 2, Unreadable: 2}) {
		t.Errorf("got %+v, %v", got, err)
	}
	for n, want := range []store.LedgerState{store.Pending, store.Pending, store.Failed, store.Pending, store.Done} {
		if row := w.row(n); row.State != want || (row.ToldAt != nil) != row.State.Final() {
			t.Errorf("operation %d: %+v, want %s", n, row, want)
		}
	}
	listed, err := w.Store.UnreadableOperations(t.Context(), outside.Account)
	if err != nil || len(listed) != 1 || listed[0].Items != 2 || listed[0].Rule != "status is not a text" {
		t.Errorf("recorded %+v, %v", listed, err)
	}
	watches, err := w.Store.Watches(t.Context())
	if err != nil || len(watches) != 1 || watches[0].GoodAt == nil {
		t.Errorf("the round does not count: %+v, %v", watches, err)
	}
	w.unreadable = nil
	if got, err := w.round(); err != nil || got.Unreadable != 0 {
		t.Errorf("got %+v, %v", got, err)
	}
	if listed, err := w.Store.UnreadableOperations(t.Context(), outside.Account); err != nil || len(listed) != 0 {
		t.Errorf("recorded %+v, %v", listed, err)
	}
}

// TestAListThatIsUnreadableAsAWholeIsRecordedInBounds: the items are all counted, and only some of
// them named.
func TestAListThatIsUnreadableAsAWholeIsRecordedInBounds(t *testing.T) {
	w := watch(t, 1)
	for n := range 600 {
		w.unreadable = append(w.unreadable, registrars.Unreadable{Reference: fmt.Sprint("odd-", n), Rule: "status is not a text"})
	}
	if got, err := w.round(); err != nil || got.Unreadable != 600 {
		t.Errorf("got %+v, %v", got, err)
	}
	listed, err := w.Store.UnreadableOperations(t.Context(), outside.Account)
	items := 0
	for _, item := range listed {
		items += item.Items
	}
	if err != nil || len(listed) != 501 || items != 600 {
		t.Errorf("%d rows for %d items, %v", len(listed), items, err)
	}
}

// TestNothingIsUnreadableWhereNothingIsRead: without an operation of ours the list is not read.
func TestNothingIsUnreadableWhereNothingIsRead(t *testing.T) {
	w := watch(t, 1)
	w.unreadable = []registrars.Unreadable{{Rule: "status is not a text"}}
	w.finish(0, registrars.StatusDone)
	for range 2 {
		if _, err := w.round(); err != nil {
			t.Fatal(err)
		}
	}
	counts, err := w.Store.CountUnreadable(t.Context())
	if err != nil || counts[outside.Account] != 0 {
		t.Errorf("counted %v, %v", counts, err)
	}
}

// TestAFailingReadHidesNoOther, and is made again in the next round.
func TestAFailingReadHidesNoOther(t *testing.T) {
	w := watch(t, 3)
	for n := range 3 {
		w.garble(n, "id is not a number")
		w.operations[reference(n)] = registrars.Operation{Reference: reference(n), Status: registrars.StatusDone, Word: "Done"}
	}
	w.failing[reference(0)] = cannotTell()
	if got, err := w.round(); err != nil || got.Failed != 1 || got.Finished != 2 {
		t.Errorf("got %+v, %v", got, err)
	}
	delete(w.failing, reference(0))
	if got, err := w.round(); err != nil || got.Failed != 0 || got.Finished != 1 || w.row(0).State != store.Done {
		t.Errorf("got %+v, %v", got, err)
	}
}

// TestReadsInTurn: what a round does not come to has its turn in the next.
func TestReadsInTurn(t *testing.T) {
	const open = 450
	w := watch(t, open)
	for n := range open {
		w.garble(n, "id is not a number")
	}
	w.failing[reference(0)] = cannotTell() // it takes no other's turn
	w.operations[reference(open-1)] = registrars.Operation{Reference: reference(open - 1), Status: registrars.StatusDone, Word: "Done"}
	for round, asked := range []int{200, 400, 600} {
		got, err := w.round()
		if err != nil || w.asked != asked || (got.Finished == 1) != (round == 2) {
			t.Errorf("round %d: %+v, %v, %d questions", round+1, got, err, w.asked)
		}
	}
}

// TestTheLogTellsOncePerChange what cannot be read.
func TestTheLogTellsOncePerChange(t *testing.T) {
	w := watch(t, 3)
	var log bytes.Buffer
	round := func(lines int, want string) {
		t.Helper()
		r := w.RegistrarActivities(w.listing, w.notifier)
		r.Log = slog.New(slog.NewTextHandler(&log, nil))
		env := environment()
		env.RegisterActivity(r)
		if _, err := env.ExecuteActivity(r.SweepPendingOperations, activities.SweepPendingOperationsInput{Registrar: outside.Account}); err != nil {
			t.Fatal(err)
		}
		if got := strings.Count(log.String(), "\n"); got != lines || !strings.Contains(log.String(), want) {
			t.Errorf("%d lines, want %d with %s:\n%s", got, lines, want, &log)
		}
		log.Reset()
	}
	round(0, "")
	w.garble(0, "id is not a number")
	round(1, `level=WARN msg="items of the registrar's list cannot be read`)
	round(0, "")
	w.unreadable = append(w.unreadable, registrars.Unreadable{Reference: "77", Rule: "status is not a text"})
	round(1, "references=[77]")
	round(0, "")
	w.unreadable = nil
	round(1, "can be read in full again")
	round(0, "")
}

// TestAnOperationInDoubtIsShownAsSuch, and is neither success nor failure.
func TestAnOperationInDoubtIsShownAsSuch(t *testing.T) {
	w := watch(t, 2)
	w.list[0].Status, w.list[0].Word = registrars.StatusUnknown, "IN_DOUBT"
	for range 2 {
		if got, err := w.round(); err != nil || got != (activities.SweepPendingOperationsResult{Open: 2, Calls: 1}) {
			t.Errorf("got %+v, %v", got, err)
		}
		if row := w.row(0); row.State != store.Submitted || row.Word != "IN_DOUBT" {
			t.Errorf("the ledger has %+v", row)
		}
	}
	// Its order is told once, to look.
	if told := w.notifier.confirmations; len(told) != 1 || told[0].Claim != string(store.Submitted) {
		t.Errorf("told %+v", told)
	}
	w.list[0].Status, w.list[0].Word = registrars.StatusPending, "RUNNING"
	if _, err := w.round(); err != nil || w.row(0).State != store.Pending || w.row(0).Word != "RUNNING" {
		t.Errorf("%v; the ledger has %+v", err, w.row(0))
	}
	if len(w.notifier.confirmations) != 2 {
		t.Errorf("%d told", len(w.notifier.confirmations))
	}
}
