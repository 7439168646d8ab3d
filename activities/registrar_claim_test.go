package activities_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"domainprovisioning/activities"
	"domainprovisioning/internal/outside"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

// stopped is a worker that stands still during a submission, before or after its claim,
// and goes on when it is told to.
type stopped struct {
	*scripted

	reached, goOn chan struct{}
	// claimed makes it stand still between its claim and the bytes.
	claimed bool
	sent    bool
	answer  registrars.Operation
	err     error
}

func standStill(claimed bool) *stopped {
	return &stopped{
		scripted: &scripted{finding: registrars.Finding{State: registrars.FoundNothing}}, claimed: claimed,
		reached: make(chan struct{}), goOn: make(chan struct{}), answer: pending,
	}
}

// Submit claims at the point where an exchange would: just before it sends.
func (s *stopped) Submit(ctx context.Context, request registrars.Request) (registrars.Operation, error) {
	halt := func() { close(s.reached); <-s.goOn }
	if !s.claimed {
		halt()
	}
	if err := request.Claim(ctx); err != nil {
		return registrars.Operation{}, &registrars.Error{Registrar: "scripted", Call: "create", Class: registrars.ClassTemporary, Err: err}
	}
	if s.claimed {
		halt()
	}
	s.sent = true
	return s.answer, s.err
}

// TestAWorkerThatStoodStillBeforeItsClaimSendsNothing: another worker has taken over
// meanwhile.
func TestAWorkerThatStoodStillBeforeItsClaimSendsNothing(t *testing.T) {
	clock := outside.NewClock()
	w, in := placed(t, outside.Options{Now: clock.Now}, outside.NewCustomer)
	first := standStill(false)
	ended := make(chan error, 1)
	go func() {
		_, err := w.RegistrarActivities(first, nil).SubmitRequest(t.Context(), in)
		ended <- err
	}()
	<-first.reached
	second := &scripted{finding: registrars.Finding{State: registrars.FoundNothing}}
	r := w.RegistrarActivities(second, nil)
	_, err := r.SubmitRequest(t.Context(), in)
	wantClass(t, err, registrars.ClassOutcomeUnknown)
	clock.Advance(outside.Settle)
	if got, err := r.SubmitRequest(t.Context(), in); err != nil || got.Reference != pending.Reference {
		t.Fatalf("got %+v, %v", got, err)
	}
	close(first.goOn)
	if err := <-ended; !errors.Is(err, store.ErrOvertaken) && err == nil || first.sent || second.submits != 1 {
		t.Errorf("the first has sent %v, the second %d times: %v", first.sent, second.submits, err)
	}
	if row := operation(t, w, in); row.State != store.Pending || row.Submissions != 2 {
		t.Errorf("the ledger has %+v", row)
	}
}

// TestAWorkerThatIsSlowAndAloneTriesAgain: its claim has expired, and nothing was sent.
func TestAWorkerThatIsSlowAndAloneTriesAgain(t *testing.T) {
	clock := outside.NewClock()
	w, in := placed(t, outside.Options{Now: clock.Now}, outside.NewCustomer)
	first := standStill(false)
	ended := make(chan error, 1)
	go func() {
		_, err := w.RegistrarActivities(first, nil).SubmitRequest(t.Context(), in)
		ended <- err
	}()
	<-first.reached
	clock.Advance(outside.Settle)
	close(first.goOn)
	wantClass(t, <-ended, registrars.ClassTemporary)
	if row := operation(t, w, in); row.State != store.Refused || first.sent {
		t.Errorf("sent %v, the ledger has %+v", first.sent, row)
	}
	registrar := &scripted{}
	if got, err := w.RegistrarActivities(registrar, nil).SubmitRequest(t.Context(), in); err != nil || got.Reference != pending.Reference || registrar.finds != 0 {
		t.Errorf("got %+v, %v after %d looks", got, err, registrar.finds)
	}
}

// TestAWorkerThatStoodStillAfterItsClaim: no claim can prevent this. The answer that
// comes then is recorded, and the order is told.
func TestAWorkerThatStoodStillAfterItsClaim(t *testing.T) {
	for name, c := range map[string]struct {
		answer registrars.Operation
		err    error
		twice  bool
	}{
		"it was taken twice":      {answer: registrars.Operation{Reference: "78", Status: registrars.StatusDone}, twice: true},
		"it may have been":        {err: ofClass(registrars.ClassOutcomeUnknown), twice: true},
		"the registrar refuses":   {err: ofClass(registrars.ClassConflict)},
		"it is the same one":      {answer: pending},
		"it was cancelled there":  {answer: registrars.Operation{Reference: "78", Status: registrars.StatusCancelled}},
		"a passing refusal of it": {err: ofClass(registrars.ClassRateLimited)},
	} {
		t.Run(name, func(t *testing.T) {
			clock := outside.NewClock()
			w, in := placed(t, outside.Options{Now: clock.Now}, outside.NewCustomer)
			first := standStill(true)
			first.answer, first.err = c.answer, c.err
			ended := make(chan struct{})
			go func() {
				_, _ = w.RegistrarActivities(first, nil).SubmitRequest(t.Context(), in)
				close(ended)
			}()
			<-first.reached
			second := &scripted{finding: registrars.Finding{State: registrars.FoundNothing}}
			r := w.RegistrarActivities(second, nil)
			clock.Advance(outside.Settle - time.Second)
			_, err := r.SubmitRequest(t.Context(), in)
			wantClass(t, err, registrars.ClassOutcomeUnknown)
			clock.Advance(time.Second)
			if got, err := r.SubmitRequest(t.Context(), in); err != nil || got.Reference != pending.Reference {
				t.Fatalf("got %+v, %v", got, err)
			}
			close(first.goOn)
			<-ended
			ends, err := w.Store.LooseEnds(t.Context(), store.LooseEndFilter{Kind: store.PerhapsPaidTwice})
			if err != nil || (len(ends) == 1) != c.twice {
				t.Fatalf("loose ends %+v, %v", ends, err)
			}
			if c.twice && (ends[0].Reference != c.answer.Reference || ends[0].OtherReference != pending.Reference || ends[0].OrderNumber != in.OrderNumber) {
				t.Errorf("got %+v", ends[0])
			}
			if row := operation(t, w, in); row.State != store.Pending || row.Reference != pending.Reference {
				t.Errorf("the row is %+v", row)
			}
		})
	}
}

// slowLedger permits everything after a delay.
type slowLedger struct {
	activities.Ledger

	takes []time.Duration
	asked int
}

func (l *slowLedger) Claim(ctx context.Context, _ string, _ int, _ time.Duration) error {
	takes := l.takes[min(l.asked, len(l.takes)-1)]
	l.asked++
	select {
	case <-time.After(takes):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// TestAPermissionThatTookLongIsAskedForAnew: nobody knows how old it is.
func TestAPermissionThatTookLongIsAskedForAnew(t *testing.T) {
	for name, c := range map[string]struct {
		takes []time.Duration
		asked int
		fails bool
	}{
		"at once":        {[]time.Duration{0}, 1, false},
		"once late":      {[]time.Duration{2 * time.Second, 0}, 2, false},
		"always late":    {[]time.Duration{2 * time.Second}, 3, true},
		"without answer": {[]time.Duration{time.Hour}, 1, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			ledger := &slowLedger{takes: c.takes}
			r := &activities.Registrar{Ledger: ledger, Settle: time.Minute}
			err := activities.ClaimOf(r, store.LedgerRow{Key: "k", Submissions: 1})(t.Context())
			if (err != nil) != c.fails || ledger.asked != c.asked {
				t.Errorf("%s: asked %d times, %v", name, ledger.asked, err)
			}
		})
	}
}

// TestTheClockOfAWorkerDoesNotCount: it is ten minutes ahead of the database's clock, or
// behind it, but a request of unknown outcome settles by the database's clock.
func TestTheClockOfAWorkerDoesNotCount(t *testing.T) {
	for name, ahead := range map[string]time.Duration{"ahead": 10 * time.Minute, "behind": -10 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			var passed time.Duration
			database := func() time.Time { return time.Now().Add(passed - ahead) }
			w, in := placed(t, outside.Options{Now: database}, outside.NewCustomer)
			registrar := &scripted{finding: registrars.Finding{State: registrars.FoundNothing}}
			registrar.submit = func(ctx context.Context, request registrars.Request) (registrars.Operation, error) {
				if err := request.Claim(ctx); err != nil {
					t.Errorf("submission %d: %v", registrar.submits, err)
				}
				return registrars.Operation{}, ofClass(registrars.ClassOutcomeUnknown)
			}
			r := w.RegistrarActivities(registrar, nil)
			r.Settle = 5 * time.Minute
			for _, step := range []struct {
				passes  time.Duration
				submits int
			}{{0, 1}, {4 * time.Minute, 1}, {2 * time.Minute, 2}, {4 * time.Minute, 2}} {
				passed += step.passes
				_, err := r.SubmitRequest(t.Context(), in)
				wantClass(t, err, registrars.ClassOutcomeUnknown)
				if registrar.submits != step.submits {
					t.Errorf("%d submissions after %s, want %d", registrar.submits, passed, step.submits)
				}
			}
		})
	}
}
