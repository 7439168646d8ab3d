package activities_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"domainprovisioning/activities"
	"domainprovisioning/domains"
	"domainprovisioning/internal/outside"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

// TestAPersonMaySayThatNothingIsThere: if a registrar cannot tell, only a person's word
// says that it has nothing, and only for one submission.
func TestAPersonMaySayThatNothingIsThere(t *testing.T) {
	clock := outside.NewClock()
	w, in := placed(t, outside.Options{Now: clock.Now}, outside.NewCustomer)
	registrar := &scripted{submit: func(context.Context, registrars.Request) (registrars.Operation, error) {
		return registrars.Operation{}, ofClass(registrars.ClassOutcomeUnknown)
	}, finding: registrars.Finding{State: registrars.Unclear}}
	r := w.RegistrarActivities(registrar, nil)
	for range 3 {
		_, err := r.SubmitRequest(t.Context(), in)
		wantClass(t, err, registrars.ClassOutcomeUnknown)
	}
	if registrar.submits != 1 {
		t.Fatalf("%d submissions without a person's word", registrar.submits)
	}
	in.NothingThere, in.Reopenings = true, 1
	_, err := r.SubmitRequest(t.Context(), in)
	wantClass(t, err, registrars.ClassOutcomeUnknown)
	if registrar.submits != 1 {
		t.Fatalf("%d submissions while the first may still be on its way", registrar.submits)
	}
	clock.Advance(outside.Settle)
	registrar.submit = func(context.Context, registrars.Request) (registrars.Operation, error) {
		return registrars.Operation{Reference: "77", Status: registrars.StatusPending}, nil
	}
	got, err := r.SubmitRequest(t.Context(), in)
	if err != nil || got.Status != registrars.StatusPending || registrar.submits != 2 {
		t.Errorf("got %+v, %v after %d submissions", got, err, registrar.submits)
	}
}

// TestAFailedRequestThatIsThereUnderAnotherNumberIsNotMadeAgain: the registrar's support
// has carried it out by hand.
func TestAFailedRequestThatIsThereUnderAnotherNumberIsNotMadeAgain(t *testing.T) {
	for name, found := range map[string]registrars.Finding{
		"an operation": {State: registrars.FoundOperation, Operation: registrars.Operation{Reference: "107", Status: registrars.StatusPending}},
		"the effect":   {State: registrars.FoundObject, Operation: registrars.Operation{Status: registrars.StatusDone}},
	} {
		t.Run(name, func(t *testing.T) {
			w, in := placed(t, outside.Options{}, outside.NewCustomer)
			registrar := &scripted{submit: func(context.Context, registrars.Request) (registrars.Operation, error) {
				return registrars.Operation{Reference: "100", Status: registrars.StatusFailed}, nil
			}, operations: map[string]registrars.Operation{"100": {Reference: "100", Status: registrars.StatusFailed}}}
			r := w.RegistrarActivities(registrar, nil)
			if got, err := r.SubmitRequest(t.Context(), in); err != nil || got.Status != registrars.StatusFailed {
				t.Fatalf("got %+v, %v", got, err)
			}
			in.Reopenings, registrar.finding = 1, found
			got, err := r.SubmitRequest(t.Context(), in)
			if err != nil || got.Status != found.Operation.Status || registrar.submits != 1 {
				t.Errorf("got %+v, %v after %d submissions", got, err, registrar.submits)
			}
		})
	}
}

// TestLateNewsDoNotUndoWhatIsDone: the watch was faster than the look.
func TestLateNewsDoNotUndoWhatIsDone(t *testing.T) {
	w := outside.New(t, outside.Options{})
	noted(t, w, store.Pending, "77")
	var r *activities.Registrar
	registrar := &scripted{operations: map[string]registrars.Operation{"77": {Reference: "77", Status: registrars.StatusPending}}}
	r = w.RegistrarActivities(registrar, nil)
	r.Ledger = quicker{Ledger: w.Store, before: func() {
		if _, err := w.Store.Learn(t.Context(), "k", store.LedgerChange{State: store.Done}); err != nil {
			t.Error(err)
		}
	}}
	got, err := r.ConfirmRequest(t.Context(), activities.ConfirmRequestInput{Key: "k"})
	if err != nil || got.Status != registrars.StatusDone {
		t.Errorf("got %+v, %v", got, err)
	}
}

// quicker makes something happen just before news are written.
type quicker struct {
	activities.Ledger

	before func()
}

func (q quicker) Learn(ctx context.Context, key string, change store.LedgerChange) (store.LedgerRow, error) {
	q.before()
	return q.Ledger.Learn(ctx, key, change)
}

// TestAnOwnerChangeIsLookedForWithTheOwnerOfItsFirstTry: the person's data may have
// changed since, and would create another contact.
func TestAnOwnerChangeIsLookedForWithTheOwnerOfItsFirstTry(t *testing.T) {
	w, in := placed(t, outside.Options{}, outside.NewCustomer)
	in.Kind, in.Contacts = registrars.OwnerChange, activities.Contacts{Owner: in.Contacts.Owner}
	keeper := &handles{scripted: &scripted{submit: func(context.Context, registrars.Request) (registrars.Operation, error) {
		return registrars.Operation{}, ofClass(registrars.ClassOutcomeUnknown)
	}, finding: registrars.Finding{State: registrars.Unclear}}, next: "A"}
	r := w.RegistrarActivities(keeper, nil)
	_, err := r.SubmitRequest(t.Context(), in)
	wantClass(t, err, registrars.ClassOutcomeUnknown)
	keeper.next = "B"
	book := r.Orders
	r.Orders = renamed{book}
	_, err = r.SubmitRequest(t.Context(), in)
	wantClass(t, err, registrars.ClassOutcomeUnknown)
	if got := keeper.looked.Contacts[registrars.Owner].Handle; got != "A" || keeper.submits != 1 {
		t.Errorf("looked for owner %q after %d submissions", got, keeper.submits)
	}
}

// TestAnOwnerChangeThatIsMadeAnewTellsItsOwnOwner: a person has corrected the data after
// the registrar failed the first request.
func TestAnOwnerChangeThatIsMadeAnewTellsItsOwnOwner(t *testing.T) {
	w, in := placed(t, outside.Options{}, outside.NewCustomer)
	in.Kind, in.Contacts = registrars.OwnerChange, activities.Contacts{Owner: in.Contacts.Owner}
	status := registrars.StatusFailed
	var submitted registrars.Request
	keeper := &handles{scripted: &scripted{submit: func(_ context.Context, request registrars.Request) (registrars.Operation, error) {
		submitted = request
		return registrars.Operation{Reference: "1", Status: status}, nil
	}, finding: registrars.Finding{State: registrars.FoundNothing}, operations: map[string]registrars.Operation{
		"1": {Reference: "1", Status: registrars.StatusFailed},
	}}, next: "A"}
	r := w.RegistrarActivities(keeper, nil)
	if state, err := r.SubmitRequest(t.Context(), in); err != nil || state.OwnerHandle != "A" || state.Status != registrars.StatusFailed {
		t.Fatalf("got %+v, %v", state, err)
	}
	keeper.next, status = "B", registrars.StatusDone
	r.Orders, in.Reopenings = renamed{r.Orders}, 1
	state, err := r.SubmitRequest(t.Context(), in)
	if err != nil || submitted.Contacts[registrars.Owner].Handle != "B" || state.OwnerHandle != "B" {
		t.Errorf("submitted with %q, told %q, %v", submitted.Contacts[registrars.Owner].Handle, state.OwnerHandle, err)
	}
}

// TestOwnersAreKeptApartWhereTheRegistrarDoes: elsewhere the same data are one contact in
// all roles.
func TestOwnersAreKeptApartWhereTheRegistrarDoes(t *testing.T) {
	for apart, want := range map[bool]int{false: 1, true: 2} {
		w, in := placed(t, outside.Options{}, outside.NewCustomer)
		keeper := &handles{scripted: &scripted{submit: func(context.Context, registrars.Request) (registrars.Operation, error) {
			return registrars.Operation{Reference: "1", Status: registrars.StatusDone}, nil
		}}, next: "A", apart: apart}
		if _, err := w.RegistrarActivities(keeper, nil).SubmitRequest(t.Context(), in); err != nil {
			t.Fatal(err)
		}
		if keeper.made != want || keeper.looks != 1 {
			t.Errorf("owners apart %t: %d contacts after %d looks", apart, keeper.made, keeper.looks)
		}
	}
}

// TestAContactWithoutAHandleIsLookedForAgain: if a registrar created it but did not
// return its handle, the next try asks for it.
func TestAContactWithoutAHandleIsLookedForAgain(t *testing.T) {
	w, in := placed(t, outside.Options{}, outside.NewCustomer)
	keeper := &handles{scripted: &scripted{checkError: ofClass(registrars.ClassTemporary)}}
	r := w.RegistrarActivities(keeper, nil)
	for try := range 2 {
		_, err := r.SubmitRequest(t.Context(), in)
		wantClass(t, err, registrars.ClassTemporary)
		if keeper.looks != try+1 {
			t.Errorf("%d looks in %d tries", keeper.looks, try+1)
		}
	}
}

// handles is a registrar that keeps contacts and assigns consecutive handles.
type handles struct {
	*scripted

	next        string
	apart       bool
	looks, made int
	looked      registrars.Request
}

func (h *handles) Describe() registrars.Descriptor {
	described := h.scripted.Describe()
	described.OwnersApart = h.apart
	return described
}

func (h *handles) FindContacts(_ context.Context, contacts []registrars.Contact) ([]string, error) {
	h.looks++
	return make([]string, len(contacts)), nil
}

func (h *handles) CreateContact(context.Context, registrars.Contact) (string, error) {
	h.made++
	return h.next, nil
}

func (h *handles) Find(ctx context.Context, request registrars.Request) (registrars.Finding, error) {
	h.looked = request
	return h.scripted.Find(ctx, request)
}

// renamed reads contacts whose data have changed.
type renamed struct{ activities.RequestReader }

func (r renamed) ReadContacts(
	ctx context.Context, in activities.OrderedItem, refs ...activities.ContactRef,
) ([]domains.Contact, map[string]string, error) {
	contacts, extra, err := r.RequestReader.ReadContacts(ctx, in, refs...)
	for i := range contacts {
		contacts[i].LastName = "Renamed"
	}
	return contacts, extra, err
}

// TestAPersonIsToldOfACheckThatHoldsARequestTooLong: a reason that should pass may hold a
// request, but not forever. A registrar that is down is waited for without limit.
func TestAPersonIsToldOfACheckThatHoldsARequestTooLong(t *testing.T) {
	why := &registrars.Error{
		Registrar: "scripted", Call: "check", Class: registrars.ClassTemporary, Refused: true, Rule: "the zone is not there", After: time.Minute,
	}
	helpful := &registrars.Error{Registrar: "scripted", Call: "check", Class: registrars.ClassTemporary, Rule: "the server is overloaded"}
	tooOften := &registrars.Error{Registrar: "scripted", Call: "check", Class: registrars.ClassInvalid, Refused: true, Rule: "the name is too short"}
	for name, c := range map[string]struct {
		cause error
		since time.Duration
		want  registrars.Class
	}{
		"at first":             {why, 0, registrars.ClassTemporary},
		"too long":             {why, 2 * time.Hour, registrars.ClassRejected},
		"down too long":        {ofClass(registrars.ClassTemporary), 2 * time.Hour, registrars.ClassTemporary},
		"down, and it says so": {helpful, 2 * time.Hour, registrars.ClassTemporary},
		"a reason that stays":  {tooOften, 0, registrars.ClassInvalid},
		"an invalid part":      {ofClass(registrars.ClassInvalid), 2 * time.Hour, registrars.ClassInvalid},
	} {
		w, in := placed(t, outside.Options{}, outside.NewCustomer)
		registrar := &scripted{checkError: c.cause}
		r := w.RegistrarActivities(registrar, nil)
		r.TriedFor = func(context.Context) time.Duration { return c.since }
		_, err := r.SubmitRequest(t.Context(), in)
		wantClass(t, err, c.want)
		if registrar.submits != 0 {
			t.Errorf("%s: submitted", name)
		}
		if _, err := w.Store.LedgerRow(t.Context(), activities.RequestKey(in.OrderNumber, in.Item, in.Kind)); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s: the ledger has a row: %v", name, err)
		}
	}
}

// looking records the numbers of the submissions that a registrar is asked for.
type looking struct {
	*scripted

	looked []int
}

func (l *looking) Find(ctx context.Context, request registrars.Request) (registrars.Finding, error) {
	l.looked = append(l.looked, request.Submission)
	return l.scripted.Find(ctx, request)
}

// TestTheNumberOfASubmissionIsThatOfTheLedger: after a look that has found nothing, after a
// refusal that passed, and after a person's retry.
func TestTheNumberOfASubmissionIsThatOfTheLedger(t *testing.T) {
	clock := outside.NewClock()
	w, in := placed(t, outside.Options{Now: clock.Now}, outside.NewCustomer)
	var answer error
	status := registrars.StatusFailed
	var submitted []int
	registrar := &looking{scripted: &scripted{finding: registrars.Finding{State: registrars.FoundNothing}}}
	registrar.submit = func(ctx context.Context, request registrars.Request) (registrars.Operation, error) {
		if row, err := w.Store.LedgerRow(ctx, request.Key); err != nil || row.Submissions != request.Submission {
			t.Errorf("submitted %s with number %d, the ledger has %+v, %v", request.Key, request.Submission, row, err)
		}
		submitted = append(submitted, request.Submission)
		return registrars.Operation{Reference: "77", Status: status}, answer
	}
	registrar.operations = map[string]registrars.Operation{"77": {Reference: "77", Status: registrars.StatusFailed}}
	r := w.RegistrarActivities(registrar, nil)
	for _, answer = range []error{ofClass(registrars.ClassOutcomeUnknown), ofClass(registrars.ClassTemporary)} {
		_, err := r.SubmitRequest(t.Context(), in)
		wantClass(t, err, registrars.ClassOf(answer))
		clock.Advance(outside.Settle)
	}
	answer = nil
	if got, err := r.SubmitRequest(t.Context(), in); err != nil || got.Status != registrars.StatusFailed {
		t.Fatalf("got %+v, %v", got, err)
	}
	in.Reopenings, status = 1, registrars.StatusPending
	if got, err := r.SubmitRequest(t.Context(), in); err != nil || got.Status != registrars.StatusPending {
		t.Fatalf("got %+v, %v", got, err)
	}
	if !slices.Equal(submitted, []int{1, 2, 3, 4}) {
		t.Errorf("submitted with the numbers %d", submitted)
	}
	// Looked for the first, whose answer was lost, and before the last for the third, which failed.
	if !slices.Equal(registrar.looked, []int{1, 3}) {
		t.Errorf("looked for the submissions %d", registrar.looked)
	}
}
