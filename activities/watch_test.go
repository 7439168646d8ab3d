package activities_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"domainprovisioning/activities"
	"domainprovisioning/domains"
	"domainprovisioning/internal/outside"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

// listing is a scripted registrar that lists pending operations.
type listing struct {
	*scripted

	list       []registrars.Operation
	unreadable []registrars.Unreadable
	err        error
	lists      int
}

func (l *listing) PendingOperations(context.Context) (registrars.Pending, error) {
	l.lists++
	return registrars.Pending{Operations: l.list, Unreadable: l.unreadable}, l.err
}

// watched is an account with a number of pending operations of ours, all of them on the
// registrar's list.
type watched struct {
	*outside.World
	*listing
	t        testing.TB
	notifier *told
}

func watch(t testing.TB, rows int, options ...outside.Options) *watched {
	t.Helper()
	w := &watched{
		World: outside.New(t, append(options, outside.Options{})[0]), t: t, notifier: &told{},
		listing: &listing{scripted: &scripted{operations: map[string]registrars.Operation{}, failing: map[string]error{}}},
	}
	for n := range rows {
		w.intend(n)
		w.learn(n, store.Pending)
		w.list = append(w.list, registrars.Operation{Reference: reference(n), Kind: registrars.Registration, Domain: name(n), Status: registrars.StatusPending})
	}
	return w
}

func key(n int) string        { return fmt.Sprintf("SO-%04d/0/registration", n) }
func reference(n int) string  { return fmt.Sprint(1000 + n) }
func name(n int) domains.Name { return domains.MustParseName(fmt.Sprintf("d%04d.example", n)) }

func (w *watched) intend(n int) {
	w.t.Helper()
	if _, _, err := w.Store.Intend(w.t.Context(), store.Intention{
		Key: key(n), Account: outside.Account, Kind: "registration", Domain: name(n).String(), WorkflowID: "domain-provisioning/" + name(n).String(),
	}); err != nil {
		w.t.Fatal(err)
	}
}

func (w *watched) learn(n int, state store.LedgerState) {
	w.t.Helper()
	if _, err := w.Store.Learn(w.t.Context(), key(n), store.LedgerChange{State: state, Reference: reference(n)}); err != nil {
		w.t.Fatal(err)
	}
}

// finish makes the registrar finish an operation.
func (w *watched) finish(n int, status registrars.Status) {
	for i, operation := range w.list {
		if operation.Reference == reference(n) {
			w.list = append(w.list[:i], w.list[i+1:]...)
			break
		}
	}
	w.operations[reference(n)] = registrars.Operation{Reference: reference(n), Status: status, Word: string(status)}
}

func (w *watched) round() (activities.SweepPendingOperationsResult, error) {
	w.t.Helper()
	var result activities.SweepPendingOperationsResult
	r := w.RegistrarActivities(w.listing, w.notifier)
	env := environment()
	env.RegisterActivity(r)
	value, err := env.ExecuteActivity(r.SweepPendingOperations, activities.SweepPendingOperationsInput{Registrar: outside.Account})
	if err == nil {
		err = value.Get(&result)
	}
	return result, err
}

func (w *watched) row(n int) store.LedgerRow {
	w.t.Helper()
	row, err := w.Store.LedgerRow(w.t.Context(), key(n))
	if err != nil {
		w.t.Fatal(err)
	}
	return row
}

func TestARoundCostsOneCallAndOneForEachThatHasFinished(t *testing.T) {
	w := watch(t, 300)
	for n := range 7 {
		w.finish(n*40, []registrars.Status{registrars.StatusDone, registrars.StatusFailed, registrars.StatusCancelled}[n%3])
	}
	got, err := w.round()
	if err != nil || got != (activities.SweepPendingOperationsResult{Open: 300, Calls: 8, Finished: 7}) {
		t.Errorf("got %+v, %v", got, err)
	}
	if w.lists != 1 || w.asked != 7 || len(w.notifier.confirmations) != 7 {
		t.Errorf("%d lists, %d questions, %d told", w.lists, w.asked, len(w.notifier.confirmations))
	}
	if w.notifier.workflows[0] != "domain-provisioning/d0000.example" || w.notifier.confirmations[0].Claim != "done" || w.notifier.confirmations[0].Source != "watch" {
		t.Errorf("told %s %+v", w.notifier.workflows[0], w.notifier.confirmations[0])
	}
	got, err = w.round()
	if err != nil || got != (activities.SweepPendingOperationsResult{Open: 293, Calls: 1}) || len(w.notifier.confirmations) != 7 {
		t.Errorf("the next round: %+v, %v, %d told", got, err, len(w.notifier.confirmations))
	}
}

func TestNothingOpenNothingAsked(t *testing.T) {
	w := watch(t, 0)
	if got, err := w.round(); err != nil || got != (activities.SweepPendingOperationsResult{}) || w.lists != 0 {
		t.Errorf("got %+v, %v after %d lists", got, err, w.lists)
	}
}

func TestAnUnknownRequestIsRecognisedOnTheList(t *testing.T) {
	for _, state := range []store.LedgerState{store.Intended, store.Unknown} {
		w := watch(t, 0)
		w.intend(1)
		w.intend(2)
		if state == store.Unknown {
			if _, err := w.Store.Learn(t.Context(), key(1), store.LedgerChange{State: state}); err != nil {
				t.Fatal(err)
			}
		}
		w.list = []registrars.Operation{
			{Reference: "9", Kind: "", Domain: name(2)}, // of another kind
			{Reference: reference(1), Kind: registrars.Registration, Domain: name(1), Word: "Pending"},
		}
		got, err := w.round()
		if err != nil || got.Adopted != 1 || got.Calls != 1 || len(w.notifier.confirmations) != 1 {
			t.Errorf("%s: got %+v, %v, %d told", state, got, err, len(w.notifier.confirmations))
		}
		if row := w.row(1); row.State != store.Pending || row.Reference != reference(1) {
			t.Errorf("%s: the ledger has %+v", state, row)
		}
		if row := w.row(2); row.State != store.Intended {
			t.Errorf("%s: an operation of another kind was taken for ours: %+v", state, row)
		}
	}
}

func TestAnOrderThatCouldNotBeToldIsToldInTheNextRound(t *testing.T) {
	w := watch(t, 3)
	w.finish(1, registrars.StatusDone)
	w.notifier.err = errors.New("temporal is away")
	if got, err := w.round(); err != nil || got.Failed != 1 || got.Finished != 0 {
		t.Errorf("got %+v, %v", got, err)
	}
	if row := w.row(1); row.State != store.Done || row.ToldAt != nil {
		t.Errorf("the ledger has %+v", row)
	}
	w.notifier.err = nil
	got, err := w.round()
	if err != nil || got.Finished != 1 || w.asked != 1 {
		t.Errorf("got %+v, %v after %d questions", got, err, w.asked)
	}
	if row := w.row(1); row.ToldAt == nil {
		t.Error("the row is not marked as told")
	}
}

func TestTroubleWithOneDoesNotKeepTheOthersFromTheirNews(t *testing.T) {
	w := watch(t, 5)
	for n := range 5 {
		w.finish(n, registrars.StatusDone)
	}
	w.failing[reference(1)] = ofClass(registrars.ClassTemporary)
	if got, err := w.round(); err != nil || got.Failed != 1 || got.Finished != 4 {
		t.Errorf("got %+v, %v", got, err)
	}
	if len(w.notifier.confirmations) != 4 {
		t.Errorf("%d orders were told", len(w.notifier.confirmations))
	}
}

// TestAnAbandonedOperationIsCounted: its order was cancelled or terminated while it
// waited, but the registrar has finished it.
func TestAnAbandonedOperationIsCounted(t *testing.T) {
	w := watch(t, 2)
	w.finish(1, registrars.StatusDone)
	w.notifier.ended = true
	if got, err := w.round(); err != nil || got.Abandoned != 1 || got.Finished != 1 {
		t.Errorf("got %+v, %v", got, err)
	}
	if got, err := w.round(); err != nil || got.Abandoned != 0 {
		t.Errorf("told twice: %+v, %v", got, err)
	}
}

func TestARateLimitEndsTheRound(t *testing.T) {
	w := watch(t, 5)
	for n := range 5 {
		w.finish(n, registrars.StatusDone)
	}
	w.failing[reference(2)] = ofClass(registrars.ClassRateLimited)
	if got, err := w.round(); err != nil || got.Failed != 1 {
		t.Errorf("got %+v, %v", got, err)
	}
	if w.asked != 3 || len(w.notifier.confirmations) != 2 {
		t.Errorf("%d questions and %d told; the limit came with the third", w.asked, len(w.notifier.confirmations))
	}
}

// TestARateLimitEndsTheRoundForAllKindsOfRows: neither those that have their turn in a list that
// can be read in part only, nor those that have failed, are asked for after it.
func TestARateLimitEndsTheRoundForAllKindsOfRows(t *testing.T) {
	for _, partly := range []bool{false, true} {
		now := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
		w := watch(t, 3, outside.Options{Now: func() time.Time { return now }})
		w.finish(0, registrars.StatusFailed)
		if _, err := w.round(); err != nil {
			t.Fatal(err)
		}
		now = now.Add(7 * time.Hour) // so long that the failed one is asked for again
		w.finish(1, registrars.StatusDone)
		w.failing[reference(1)] = ofClass(registrars.ClassRateLimited)
		if partly {
			w.unreadable = []registrars.Unreadable{{Rule: "odd"}}
		}
		before := w.asked
		if got, err := w.round(); err != nil || got.Failed != 1 || w.asked != before+1 {
			t.Errorf("partly %v: got %+v, %v, asked %d times", partly, got, err, w.asked-before)
		}
	}
}

func TestAnOperationThatLeftTheListAndIsStillPendingIsNotToldAsFinished(t *testing.T) {
	w := watch(t, 2)
	w.finish(0, registrars.StatusPending)
	w.finish(1, registrars.StatusUnknown)
	if got, err := w.round(); err != nil || got.Finished != 0 || got.Calls != 3 || len(w.notifier.confirmations) != 0 {
		t.Errorf("got %+v, %v, %d told", got, err, len(w.notifier.confirmations))
	}
}

func TestARegistrarThatCannotListIsRefused(t *testing.T) {
	w := watch(t, 1)
	r := w.RegistrarActivities(w.scripted, w.notifier)
	_, err := r.SweepPendingOperations(t.Context(), activities.SweepPendingOperationsInput{})
	wantClass(t, err, registrars.ClassInvalid)
	w.err = ofClass(registrars.ClassAuth)
	_, err = w.round()
	wantClass(t, err, registrars.ClassAuth)
}
