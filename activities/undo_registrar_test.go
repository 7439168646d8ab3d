package activities_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"domainprovisioning/activities"
	"domainprovisioning/domains"
	"domainprovisioning/internal/outside"
	"domainprovisioning/registrars"
	standnetim "domainprovisioning/sandbox/standin/netim"
	"domainprovisioning/store"
)

// withdrawer is a scripted registrar that withdraws operations, or answers with an error.
type withdrawer struct {
	scripted

	cancelError error
	cancelled   []string
	after       registrars.Status // of the operation once it has been asked
}

func (w *withdrawer) Cancel(_ context.Context, reference string) error {
	w.cancelled = append(w.cancelled, reference)
	if w.after != "" {
		w.operations = map[string]registrars.Operation{reference: {Reference: reference, Kind: registrars.Registration, Status: w.after, Word: string(w.after)}}
	}
	return w.cancelError
}

// What a withdrawal does, depending on the row and on what the registrar says.
func TestARequestIsTakenBack(t *testing.T) {
	const young, settled = time.Duration(0), outside.Settle
	found := registrars.Finding{State: registrars.FoundOperation, Operation: pending}
	object := registrars.Finding{State: registrars.FoundObject, Operation: registrars.Operation{Status: registrars.StatusDone, Word: "ACTIVE"}}
	nothing, unclear := registrars.Finding{State: registrars.FoundNothing}, registrars.Finding{State: registrars.Unclear}
	rejected, lost := ofClass(registrars.ClassRejected), ofClass(registrars.ClassOutcomeUnknown)
	type want struct {
		class     registrars.Class // of the error; "" for none
		status    registrars.Status
		withdrawn bool
		state     store.LedgerState
		cancels   int
		note      string
	}
	for name, c := range map[string]struct {
		row         store.LedgerState // "" for none
		finding     registrars.Finding
		findError   error
		age         time.Duration
		cancelError error
		after       registrars.Status
		want        want
	}{
		"never intended":                   {"", nothing, nil, young, nil, "", want{"", registrars.StatusCancelled, true, store.Cancelled, 0, ""}},
		"refused":                          {store.Refused, nothing, nil, young, nil, "", want{"", registrars.StatusCancelled, true, store.Cancelled, 0, ""}},
		"intended, nothing yet":            {store.Intended, nothing, nil, young, nil, "", want{registrars.ClassOutcomeUnknown, "", false, store.Intended, 0, ""}},
		"intended, nothing after Settle":   {store.Intended, nothing, nil, settled, nil, "", want{"", registrars.StatusCancelled, true, store.Cancelled, 0, ""}},
		"unknown, nothing after Settle":    {store.Unknown, nothing, nil, settled, nil, "", want{"", registrars.StatusCancelled, true, store.Cancelled, 0, ""}},
		"unknown, unclear yet":             {store.Unknown, unclear, nil, young, nil, "", want{registrars.ClassOutcomeUnknown, "", false, store.Unknown, 0, ""}},
		"unknown, unclear":                 {store.Unknown, unclear, nil, settled, nil, "", want{"", registrars.StatusUnknown, false, store.Unknown, 0, "cannot tell whether"}},
		"unknown, cannot be looked for":    {store.Unknown, unclear, ofClass(registrars.ClassConflict), settled, nil, "", want{"", registrars.StatusUnknown, false, store.Unknown, 0, "cannot tell whether"}},
		"unknown, no answer":               {store.Unknown, unclear, ofClass(registrars.ClassTemporary), settled, nil, "", want{registrars.ClassTemporary, "", false, store.Unknown, 0, ""}},
		"unknown, not permitted to look":   {store.Unknown, unclear, ofClass(registrars.ClassAuth), settled, nil, "", want{registrars.ClassAuth, "", false, store.Unknown, 0, ""}},
		"unknown, found and cancelled":     {store.Unknown, found, nil, young, nil, registrars.StatusCancelled, want{"", registrars.StatusCancelled, true, store.Cancelled, 1, ""}},
		"intended, carried out":            {store.Intended, object, nil, young, nil, "", want{"", registrars.StatusDone, false, store.Done, 0, ""}},
		"pending, cancelled":               {store.Pending, nothing, nil, young, nil, registrars.StatusCancelled, want{"", registrars.StatusCancelled, true, store.Cancelled, 1, ""}},
		"submitted, cancelled":             {store.Submitted, nothing, nil, young, nil, registrars.StatusCancelled, want{"", registrars.StatusCancelled, true, store.Cancelled, 1, ""}},
		"pending, cancelled later":         {store.Pending, nothing, nil, young, nil, registrars.StatusPending, want{"", registrars.StatusPending, false, store.Pending, 1, "does not show it as cancelled yet"}},
		"pending, refused":                 {store.Pending, nothing, nil, young, rejected, registrars.StatusPending, want{"", registrars.StatusPending, false, store.Pending, 1, "not cancelled: scripted: create: rejected"}},
		"pending, refused, for it is done": {store.Pending, nothing, nil, young, rejected, registrars.StatusDone, want{"", registrars.StatusDone, false, store.Done, 1, ""}},
		"pending, refused, for it failed":  {store.Pending, nothing, nil, young, rejected, registrars.StatusFailed, want{"", registrars.StatusFailed, true, store.Failed, 1, ""}},
		"pending, answer lost, cancelled":  {store.Pending, nothing, nil, young, lost, registrars.StatusCancelled, want{"", registrars.StatusCancelled, true, store.Cancelled, 1, ""}},
		"pending, answer lost":             {store.Pending, nothing, nil, young, lost, registrars.StatusPending, want{registrars.ClassOutcomeUnknown, "", false, store.Pending, 1, ""}},
		"pending, no answer":               {store.Pending, nothing, nil, young, ofClass(registrars.ClassTemporary), "", want{registrars.ClassTemporary, "", false, store.Pending, 1, ""}},
		"done":                             {store.Done, nothing, nil, young, nil, "", want{"", registrars.StatusDone, false, store.Done, 0, ""}},
		"failed":                           {store.Failed, found, nil, young, nil, "", want{"", registrars.StatusFailed, true, store.Failed, 0, ""}},
		"cancelled":                        {store.Cancelled, object, nil, young, nil, "", want{"", registrars.StatusCancelled, true, store.Cancelled, 0, ""}},
	} {
		t.Run(name, func(t *testing.T) {
			now := outside.NewClock()
			w, in := placed(t, outside.Options{Now: now.Now}, outside.NewCustomer)
			key := activities.RequestKey(in.OrderNumber, in.Item, registrars.Registration)
			if c.row != "" {
				if _, _, err := w.Store.Intend(t.Context(), store.Intention{
					Key: key, Account: outside.Account, Kind: "registration", Domain: shop, WorkflowID: "w",
				}); err != nil {
					t.Fatal(err)
				}
			}
			if c.row != "" && c.row != store.Intended {
				reference := "77"
				if c.row == store.Unknown || c.row == store.Refused {
					reference = ""
				}
				if _, err := w.Store.Learn(t.Context(), key, store.LedgerChange{State: c.row, Reference: reference}); err != nil {
					t.Fatal(err)
				}
			}
			now.Advance(c.age)
			registrar := &withdrawer{cancelError: c.cancelError, after: c.after}
			registrar.finding, registrar.findError = c.finding, c.findError
			r := w.RegistrarActivities(registrar, &told{})
			got, err := r.WithdrawRequest(t.Context(), activities.WithdrawRequestInput{Registrar: outside.Account, Key: key})
			if c.want.class != "" {
				wantClass(t, err, c.want.class)
			} else if err != nil {
				t.Fatal(err)
			}
			if got.State.Status != c.want.status || got.Withdrawn != c.want.withdrawn || !strings.Contains(got.Note, c.want.note) || (got.Note == "") != (c.want.note == "") {
				t.Errorf("got %+v", got)
			}
			if strings.Contains(got.Note, "Jane") {
				t.Errorf("the note has personal data: %s", got.Note)
			}
			row := operation(t, w, in)
			if row.State != c.want.state || row.WithdrawalAt == nil || len(registrar.cancelled) != c.want.cancels || registrar.submits != 0 {
				t.Errorf("the row is %s, asked at %v; %d cancels", row.State, row.WithdrawalAt, len(registrar.cancelled))
			}
			// Whatever came of it, nobody submits it any more.
			in.Reopenings, in.NothingThere = 1, true
			now.Advance(time.Hour)
			if _, err := r.SubmitRequest(t.Context(), in); err != nil || registrar.submits != 0 {
				t.Errorf("submitted %d times: %v", registrar.submits, err)
			}
		})
	}
}

// A registrar that cannot withdraw is waited for.
func TestARegistrarThatCannotWithdraw(t *testing.T) {
	w, in := placed(t, outside.Options{}, outside.NewCustomer)
	registrar := &scripted{}
	r := w.RegistrarActivities(registrar, &told{})
	state, err := r.SubmitRequest(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	got, err := r.WithdrawRequest(t.Context(), activities.WithdrawRequestInput{Key: state.Key})
	if err != nil || got.Withdrawn || got.State.Status != registrars.StatusPending || !strings.Contains(got.Note, `"netim-1" cannot withdraw operations`) {
		t.Errorf("got %+v, %v", got, err)
	}
}

// At the real plug-in: withdrawn once, also after a lost answer, and refused.
func TestAPendingRegistrationIsWithdrawnAtNetim(t *testing.T) {
	for name, c := range map[string]struct {
		refuse    bool
		fault     string
		withdrawn bool
		class     registrars.Class // of the first try
	}{
		"withdrawn": {false, "", true, ""}, "refused": {true, "", false, ""},
		"cut after": {false, "cut-after", true, ""}, "cut before": {false, "cut-before", true, registrars.ClassOutcomeUnknown},
		"garbage": {false, "malformed", true, ""}, "away": {false, "http-error", true, registrars.ClassOutcomeUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			w, in := placed(t, outside.Options{Registration: standnetim.Behaviour{Manual: true, RefuseCancel: c.refuse}}, outside.NewCustomer)
			w.Operations.AddExistingDomain(shop, w.Operations.AddExistingAccount(0)) // its zone is served
			r := w.RegistrarActivities(w.Registrar, &told{})
			state, err := r.SubmitRequest(t.Context(), in)
			if err != nil || state.Status != registrars.StatusPending {
				t.Fatalf("submitted: %+v, %v", state, err)
			}
			if c.fault != "" {
				w.Fault(t, "netim:cancelOpe:"+c.fault)
			}
			ask := activities.WithdrawRequestInput{Registrar: outside.Account, Key: state.Key}
			got, err := r.WithdrawRequest(t.Context(), ask)
			if c.class != "" {
				wantClass(t, err, c.class)
				got, err = r.WithdrawRequest(t.Context(), ask)
			}
			if err != nil || got.Withdrawn != c.withdrawn {
				t.Fatalf("got %+v, %v", got, err)
			}
			again, err := r.WithdrawRequest(t.Context(), ask)
			if err != nil || again.Withdrawn != c.withdrawn || again.State.Status != got.State.Status {
				t.Errorf("again: %+v, %v", again, err)
			}
			if all := w.Netim.Operations(); w.Netim.Creates(shop) != 1 || c.withdrawn != slices.ContainsFunc(all, func(o standnetim.Operation) bool { return o.Status == standnetim.Cancelled }) {
				t.Errorf("operations %+v", all)
			}
			if c.refuse {
				// It goes on, and ends as confirmed.
				if err := w.Netim.Complete(shop); err != nil {
					t.Fatal(err)
				}
				if got, err := r.WithdrawRequest(t.Context(), ask); err != nil || got.Withdrawn || got.State.Status != registrars.StatusDone {
					t.Errorf("carried out: %+v, %v", got, err)
				}
			}
		})
	}
}

// graceful is a scripted registrar that tells the add grace period.
type graceful struct {
	scripted

	days  int
	known bool
	err   error
}

func (g *graceful) Phases(context.Context, string) (registrars.Phases, error) {
	if !g.known {
		return registrars.Phases{}, g.err
	}
	return registrars.Phases{AddGrace: new(time.Duration(g.days) * 24 * time.Hour)}, nil
}

func TestUntilWhenARegistrationCanBeGivenBack(t *testing.T) {
	confirmed := time.Date(2026, 3, 10, 15, 0, 0, 0, time.UTC)
	created := time.Date(2026, 3, 8, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		registrar  registrars.Registrar
		refundDays int
		until      time.Time
		source     string
		class      registrars.Class
	}{
		"nobody knows":             {&scripted{}, 0, time.Time{}, "", ""},
		"the configuration":        {&scripted{}, 5, confirmed.AddDate(0, 0, 5), "refund_days", ""},
		"the registrar":            {&graceful{days: 4, known: true}, 30, confirmed.AddDate(0, 0, 4), "the registrar", ""},
		"the registrar says: none": {&graceful{known: true}, 30, confirmed, "the registrar", ""},
		"the registrar is silent":  {&graceful{}, 30, confirmed.AddDate(0, 0, 30), "refund_days", ""},
		"neither":                  {&graceful{}, 0, time.Time{}, "", ""},
		"the registrar is away":    {&graceful{err: ofClass(registrars.ClassTemporary)}, 30, time.Time{}, "", registrars.ClassTemporary},
		"registered before":        {&scripted{domain: registrars.Domain{Created: created}}, 5, created.AddDate(0, 0, 5), "refund_days", ""},
		"gone":                     {&scripted{domainError: ofClass(registrars.ClassNotFound)}, 5, time.Time{}, "", ""},
		"not readable":             {&scripted{domainError: ofClass(registrars.ClassTemporary)}, 5, time.Time{}, "", registrars.ClassTemporary},
	} {
		t.Run(name, func(t *testing.T) {
			w := outside.New(t, outside.Options{})
			r := w.RegistrarActivities(c.registrar, &told{})
			r.RefundDays = c.refundDays
			got, err := r.ReturnableUntil(t.Context(), activities.ReturnableUntilInput{
				Registrar: outside.Account, TLD: "example", Domain: domains.MustParseName(shop), ConfirmedAt: confirmed,
			})
			if c.class != "" {
				wantClass(t, err, c.class)
			} else if err != nil {
				t.Fatal(err)
			}
			if !got.Until.Equal(c.until) || got.Source != c.source {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// A deletion that would come too late to give the registration back is refused, before anything
// is sent; one that was submitted in time is answered.
func TestADeletionTooLateIsRefused(t *testing.T) {
	w, in := placed(t, outside.Options{}, outside.NewCustomer)
	registrar := &scripted{}
	r := w.RegistrarActivities(registrar, &told{})
	in.Kind, in.GiveBack = registrars.Deletion, time.Now().Add(-time.Second)
	_, err := r.SubmitRequest(t.Context(), in)
	wantClass(t, err, registrars.ClassRejected)
	if registrar.submits+registrar.checks != 0 {
		t.Errorf("%d submissions, %d checks", registrar.submits, registrar.checks)
	}
	if _, err := w.Store.LedgerRow(t.Context(), activities.RequestKey(in.OrderNumber, in.Item, in.Kind)); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the ledger: %v", err)
	}
	in.GiveBack = time.Now().Add(time.Hour)
	if state, err := r.SubmitRequest(t.Context(), in); err != nil || state.Status != registrars.StatusPending {
		t.Errorf("in time: %+v, %v", state, err)
	}
	in.GiveBack = time.Now().Add(-time.Second)
	if state, err := r.SubmitRequest(t.Context(), in); err != nil || state.Status != registrars.StatusPending || registrar.submits != 1 {
		t.Errorf("afterwards: %+v, %v, %d submissions", state, err, registrar.submits)
	}
	// A request that stood still between the decision and its bytes is not sent.
	for _, late := range []bool{false, true} {
		if in.GiveBack = time.Now().Add(time.Hour); late {
			in.GiveBack = time.Now().Add(-time.Second)
		}
		asked := false
		err := activities.InTime(&activities.Registrar{}, in, func(context.Context) error { asked = true; return nil })(t.Context())
		if asked == late || (err == nil) == late {
			t.Errorf("late %t: asked for the claim %t, %v", late, asked, err)
		}
	}
}
