package activities_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"domainprovisioning/activities"
	"domainprovisioning/internal/outside"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

// A row that a restored database was given has no auth code: nobody makes one that the registrar
// never got while the request is only looked for, and one is made for what is sent after all.
func TestOnlyWhatIsSentGetsAnAuthCode(t *testing.T) {
	for name, c := range map[string]struct {
		finding registrars.FindingState
		codes   int
	}{
		"it is found":   {registrars.FoundObject, 0},
		"it cannot say": {registrars.Unclear, 0},
		"there is none": {registrars.FoundNothing, 1},
	} {
		t.Run(name, func(t *testing.T) {
			clock := outside.NewClock()
			w, in := placed(t, outside.Options{Now: clock.Now}, outside.NewCustomer)
			key := activities.RequestKey(in.OrderNumber, in.Item, in.Kind)
			err := w.Store.SeedRow(t.Context(), store.LedgerRow{Key: key, Account: outside.Account, Kind: string(in.Kind), Domain: shop, WorkflowID: "w", State: store.Unknown})
			if err != nil {
				t.Fatal(err)
			}
			clock.Advance(outside.Settle)
			registrar := &codeTaker{takes: true}
			registrar.finding = registrars.Finding{State: c.finding, Operation: registrars.Operation{Kind: in.Kind, Status: registrars.StatusDone}}
			_, err = w.RegistrarActivities(registrar, nil).SubmitRequest(t.Context(), in)
			if (err != nil) != (c.finding == registrars.Unclear) || len(registrar.submitted) != c.codes || len(registrar.seen) != 1 || !registrar.seen[0].IsZero() {
				t.Errorf("%v; %d submissions, %d looks, or one with a code", err, len(registrar.submitted), len(registrar.seen))
			}
			kept, err := w.Store.Secret(t.Context(), store.AuthCodeReference(outside.Account, shop, key))
			if c.codes == 0 && !errors.Is(err, store.ErrNotFound) || c.codes == 1 && (err != nil || kept.Reveal() != registrar.submitted[0].Reveal()) {
				t.Errorf("the store says %v", err)
			}
			events, err := w.Store.LedgerEvents(t.Context(), key)
			if err != nil || store.Answered(events) != (c.codes == 1) {
				t.Errorf("the history is %+v, %v", events, err)
			}
		})
	}
}

// A person's retry of what the registrar has refused for good sends a new code, and every try after
// it the same; what the registrar says is kept without either.
func TestARetryAfterARefusalHasANewAuthCode(t *testing.T) {
	clock := outside.NewClock()
	w, in := placed(t, outside.Options{Now: clock.Now}, outside.NewCustomer)
	in.Kind = registrars.AuthCodeChange
	registrar := &codeTaker{takes: true}
	answers := []error{ofClass(registrars.ClassInvalid), ofClass(registrars.ClassTemporary), ofClass(registrars.ClassOutcomeUnknown), nil}
	registrar.submit = func(context.Context, registrars.Request) (registrars.Operation, error) {
		err := answers[0]
		answers = answers[1:]
		return registrars.Operation{Reference: "77", Kind: in.Kind, Status: registrars.StatusPending}, err
	}
	registrar.finding = registrars.Finding{State: registrars.FoundNothing}
	r := w.RegistrarActivities(registrar, nil)
	for n := range 4 {
		in.Reopenings = min(n, 1)
		if _, err := r.SubmitRequest(t.Context(), in); (err == nil) != (n == 3) {
			t.Fatalf("try %d: %v", n, err)
		}
		clock.Advance(time.Minute)
	}
	sent := registrar.submitted
	if len(sent) != 4 || sent[0].Reveal() == sent[1].Reveal() || sent[1].Reveal() != sent[2].Reveal() || sent[2].Reveal() != sent[3].Reveal() {
		t.Fatalf("%d submissions, or not with their codes", len(sent))
	}
	if last := registrar.seen[len(registrar.seen)-1]; last.Reveal() != sent[1].Reveal() {
		t.Error("a look had another code")
	}
	key := activities.RequestKey(in.OrderNumber, in.Item, in.Kind)
	row, err := w.Store.LedgerRow(t.Context(), key)
	if err != nil || len(row.AuthCodeReferences()) != 2 {
		t.Fatalf("%+v, %v", row, err)
	}
	for n, reference := range row.AuthCodeReferences() { // the newest first
		if kept, err := w.Store.Secret(t.Context(), reference); err != nil || kept.Reveal() != sent[1-n].Reveal() {
			t.Errorf("code %d is not the one that was sent: %v", n, err)
		}
	}
	registrar.operations = map[string]registrars.Operation{"77": {
		Reference: "77", Kind: in.Kind, Status: registrars.StatusFailed, Word: "failed", Reason: "neither " + sent[0].Reveal() + " nor " + sent[1].Reveal() + " is liked",
	}}
	state, err := r.ConfirmRequest(t.Context(), activities.ConfirmRequestInput{Key: key})
	if err != nil || !strings.Contains(state.Told, "is liked") || strings.Contains(state.Told, sent[0].Reveal()) || strings.Contains(state.Told, sent[1].Reveal()) {
		t.Errorf("told %+v, %v", state, err)
	}
}
