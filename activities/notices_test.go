package activities_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"go.temporal.io/sdk/testsuite"

	"domainprovisioning/activities"
	"domainprovisioning/internal/outside"
	"domainprovisioning/registrars"
)

// queueing is a scripted registrar that lists pending operations and keeps news.
type queueing struct {
	*listing

	news            []registrars.Notice
	nextErr, ackErr error
	stubborn        bool // returns a notice again after it was acknowledged
	acknowledged    []string
	inboxHas        func() int // how much news is stored
	tooEarly        bool       // acknowledged before it was stored
}

func (q *queueing) NextNotice(context.Context) (registrars.Notice, bool, error) {
	if q.nextErr != nil || len(q.news) == 0 {
		return registrars.Notice{}, false, q.nextErr
	}
	return q.news[0], true, nil
}

func (q *queueing) AcknowledgeNotice(_ context.Context, id string) error {
	if q.inboxHas() <= len(q.acknowledged) {
		q.tooEarly = true
	}
	if q.ackErr != nil {
		return q.ackErr
	}
	q.acknowledged = append(q.acknowledged, id)
	if !q.stubborn {
		q.news = q.news[1:]
	}
	return nil
}

// inbox records what it takes.
type inbox struct {
	taken []registrars.Notice
	err   error
}

func (i *inbox) Take(_ context.Context, account string, notice registrars.Notice) error {
	if i.err != nil {
		return i.err
	}
	if account != outside.Account {
		return fmt.Errorf("account %q", account)
	}
	i.taken = append(i.taken, notice)
	return nil
}

// queue returns an account with a number of pending operations and of news.
func queue(t *testing.T, rows, news int) (*watched, *queueing, *inbox) {
	t.Helper()
	w, in := watch(t, rows), &inbox{}
	q := &queueing{listing: w.listing, inboxHas: func() int { return len(in.taken) }}
	for n := range news {
		q.news = append(q.news, registrars.Notice{ID: fmt.Sprint(5001 + n), Reference: reference(n), Domain: name(n), Claim: "COMPLETED"})
	}
	return w, q, in
}

func (w *watched) roundOf(r registrars.Registrar, in activities.Inbox) (result activities.SweepPendingOperationsResult, err error) {
	w.t.Helper()
	made := w.RegistrarActivities(r, w.notifier)
	made.Inbox = in
	env := new(testsuite.WorkflowTestSuite).NewTestActivityEnvironment()
	env.RegisterActivity(made)
	value, err := env.ExecuteActivity(made.SweepPendingOperations, activities.SweepPendingOperationsInput{Registrar: outside.Account})
	if err == nil {
		err = value.Get(&result)
	}
	return result, err
}

func TestNewsIsStoredThenAcknowledged(t *testing.T) {
	w, q, in := queue(t, 2, 3)
	got, err := w.roundOf(q, in)
	// 4 reads, 3 acknowledgements, and the list of pending operations.
	if err != nil || got != (activities.SweepPendingOperationsResult{Open: 2, Calls: 8, Notices: 3}) {
		t.Errorf("got %+v, %v", got, err)
	}
	if len(in.taken) != 3 || in.taken[1].ID != "5002" || in.taken[1].Domain != name(1) || fmt.Sprint(q.acknowledged) != "[5001 5002 5003]" || q.tooEarly {
		t.Errorf("stored %v, acknowledged %v, too early %t", in.taken, q.acknowledged, q.tooEarly)
	}
}

// TestNewsIsTakenWhileNothingIsPending: the queue would fill up otherwise.
func TestNewsIsTakenWhileNothingIsPending(t *testing.T) {
	w, q, in := queue(t, 0, 1)
	got, err := w.roundOf(q, in)
	if err != nil || got != (activities.SweepPendingOperationsResult{Calls: 3, Notices: 1}) || w.lists != 0 {
		t.Errorf("got %+v, %v", got, err)
	}
}

// TestARoundTakesSoMuchNewsAndNoMore: and the next one goes on.
func TestARoundTakesSoMuchNewsAndNoMore(t *testing.T) {
	w, q, in := queue(t, 0, 230)
	for _, want := range []int{200, 30, 0} {
		if got, err := w.roundOf(q, in); err != nil || got.Notices != want {
			t.Errorf("got %+v, %v, want %d", got, err, want)
		}
	}
	if len(in.taken) != 230 || len(q.acknowledged) != 230 {
		t.Errorf("%d stored, %d acknowledged", len(in.taken), len(q.acknowledged))
	}
}

// TestNewsAboutTheAccountReachesTheInboxWithItsText, and nothing else: what a round answers is in
// the history.
func TestNewsAboutTheAccountReachesTheInboxWithItsText(t *testing.T) {
	w, q, in := queue(t, 0, 0)
	written := registrars.Notice{ID: "login/1", Account: registrars.AccountAccess, Claim: "login/password/2027-01-31", Text: "Jane, your password expires."}
	q.news = []registrars.Notice{written, {ID: "1001", Account: registrars.AccountFunds, Claim: "message", Text: "Your balance is low."}}
	got, err := w.roundOf(q, in)
	if err != nil || got != (activities.SweepPendingOperationsResult{Calls: 5, Notices: 2}) {
		t.Errorf("got %+v, %v", got, err)
	}
	if len(in.taken) != 2 || in.taken[0] != written || in.taken[1].Text != "Your balance is low." || q.tooEarly {
		t.Errorf("stored %+v, too early %t", in.taken, q.tooEarly)
	}
}

func TestAQueueInTroubleDoesNotKeepTheListFromBeingAskedFor(t *testing.T) {
	for trouble, c := range map[string]struct {
		spoil                 func(*queueing, *inbox)
		notices, acknowledged int
	}{
		"it cannot be read":         {func(q *queueing, _ *inbox) { q.nextErr = ofClass(registrars.ClassTemporary) }, 0, 0},
		"it is refused":             {func(q *queueing, _ *inbox) { q.nextErr = ofClass(registrars.ClassAuth) }, 0, 0},
		"the store is away":         {func(_ *queueing, in *inbox) { in.err = errors.New("away") }, 0, 0},
		"it cannot be acknowledged": {func(q *queueing, _ *inbox) { q.ackErr = ofClass(registrars.ClassOutcomeUnknown) }, 1, 0},
		"it gives the same forever": {func(q *queueing, _ *inbox) { q.stubborn = true }, 1, 1},
	} {
		t.Run(trouble, func(t *testing.T) {
			w, q, in := queue(t, 3, 2)
			w.finish(0, registrars.StatusDone)
			c.spoil(q, in)
			got, err := w.roundOf(q, in)
			if err != nil || !got.QueueFailed || got.Notices != c.notices || len(q.acknowledged) != c.acknowledged {
				t.Errorf("got %+v, %v, acknowledged %v", got, err, q.acknowledged)
			}
			if got.Open != 3 || got.Finished != 1 || w.lists != 1 || len(w.notifier.confirmations) != 1 {
				t.Errorf("the list was kept from being asked for: %+v, %d told", got, len(w.notifier.confirmations))
			}
		})
	}
}

// newsOnly is a registrar that keeps news but has no list.
type newsOnly struct {
	*scripted
	registrars.NoticeQueue
}

func TestARegistrarWithNewsAloneIsAskedForNoList(t *testing.T) {
	w, q, in := queue(t, 2, 1)
	got, err := w.roundOf(newsOnly{q.scripted, q}, in)
	if err != nil || got != (activities.SweepPendingOperationsResult{Open: 2, Calls: 3, Notices: 1}) || w.lists != 0 {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestWithoutAnInboxNewsStaysWhereItIs(t *testing.T) {
	w, q, _ := queue(t, 1, 2)
	if got, err := w.roundOf(q, nil); err != nil || got != (activities.SweepPendingOperationsResult{Open: 1, Calls: 1}) || len(q.news) != 2 {
		t.Errorf("got %+v, %v", got, err)
	}
}
