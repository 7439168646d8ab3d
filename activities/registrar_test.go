package activities_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"domainprovisioning/activities"
	"domainprovisioning/domains"
	"domainprovisioning/internal/outside"
	"domainprovisioning/orders"
	"domainprovisioning/registrars"
	standnetim "domainprovisioning/sandbox/standin/netim"
	"domainprovisioning/store"
)

// What a try of step 6 does, depending on the row that an earlier try left and on what it
// finds at the registrar.
func TestSubmitRegistrationLooksBeforeItSubmits(t *testing.T) {
	const settled, young, old = outside.Settle, time.Duration(0), 2 * time.Hour
	found := registrars.Finding{State: registrars.FoundOperation, Operation: pending}
	object := registrars.Finding{State: registrars.FoundObject, Operation: registrars.Operation{Status: registrars.StatusDone, Word: "ACTIVE"}}
	nothing := registrars.Finding{State: registrars.FoundNothing}
	unclear := registrars.Finding{State: registrars.Unclear}
	type want struct {
		class            registrars.Class // of the error; "" for none
		retried          bool
		state            store.LedgerState
		finds, submits   int
		ledgerSubmission int
	}
	for name, c := range map[string]struct {
		row        store.LedgerState // "" for none
		finding    registrars.Finding
		age        time.Duration
		reopenings int
		nothing    bool // a person has looked and says that nothing is there
		want       want
	}{
		"first submission":                           {"", nothing, young, 0, false, want{"", false, store.Pending, 0, 1, 1}},
		"intended, operation found":                  {store.Intended, found, young, 0, false, want{"", false, store.Pending, 1, 0, 1}},
		"intended, object found":                     {store.Intended, object, young, 0, false, want{"", false, store.Done, 1, 0, 1}},
		"intended, nothing yet":                      {store.Intended, nothing, young, 0, false, want{registrars.ClassOutcomeUnknown, true, store.Intended, 1, 0, 1}},
		"intended, nothing after Settle":             {store.Intended, nothing, settled, 0, false, want{"", false, store.Pending, 1, 1, 2}},
		"intended, unclear":                          {store.Intended, unclear, settled, 0, false, want{registrars.ClassOutcomeUnknown, true, store.Intended, 1, 0, 1}},
		"intended, unclear after GiveUp":             {store.Intended, unclear, old, 0, false, want{registrars.ClassOutcomeUnknown, false, store.Intended, 1, 0, 1}},
		"unknown, operation found":                   {store.Unknown, found, young, 0, false, want{"", false, store.Pending, 1, 0, 1}},
		"unknown, object found":                      {store.Unknown, object, old, 0, false, want{"", false, store.Done, 1, 0, 1}},
		"unknown, nothing yet":                       {store.Unknown, nothing, young, 0, false, want{registrars.ClassOutcomeUnknown, true, store.Unknown, 1, 0, 1}},
		"unknown, nothing after Settle":              {store.Unknown, nothing, settled, 0, false, want{"", false, store.Pending, 1, 1, 2}},
		"unknown, unclear":                           {store.Unknown, unclear, young, 0, false, want{registrars.ClassOutcomeUnknown, true, store.Unknown, 1, 0, 1}},
		"unknown, unclear after GiveUp":              {store.Unknown, unclear, old, 0, false, want{registrars.ClassOutcomeUnknown, false, store.Unknown, 1, 0, 1}},
		"pending is no reason to ask":                {store.Pending, nothing, old, 3, false, want{"", false, store.Pending, 0, 0, 1}},
		"submitted is no reason to ask":              {store.Submitted, nothing, old, 3, false, want{"", false, store.Submitted, 0, 0, 1}},
		"done is no reason to ask":                   {store.Done, nothing, old, 3, false, want{"", false, store.Done, 0, 0, 1}},
		"failed, nobody asked anew":                  {store.Failed, nothing, old, 0, false, want{"", false, store.Failed, 0, 0, 1}},
		"failed, a person asked anew":                {store.Failed, nothing, old, 1, false, want{"", false, store.Pending, 1, 1, 2}},
		"cancelled, nobody asked anew":               {store.Cancelled, nothing, old, 0, false, want{"", false, store.Cancelled, 0, 0, 1}},
		"cancelled, a person asked anew":             {store.Cancelled, nothing, old, 1, false, want{"", false, store.Pending, 1, 1, 2}},
		"intended, asked anew is no licence":         {store.Intended, nothing, young, 1, false, want{registrars.ClassOutcomeUnknown, true, store.Intended, 1, 0, 1}},
		"intended, a person found nothing too early": {store.Intended, unclear, young, 1, true, want{registrars.ClassOutcomeUnknown, true, store.Intended, 1, 0, 1}},
		"intended, a person found nothing":           {store.Intended, unclear, settled, 1, true, want{"", false, store.Pending, 1, 1, 2}},
		"unknown, a person found nothing":            {store.Unknown, unclear, old, 1, true, want{"", false, store.Pending, 1, 1, 2}},
		"unknown, the registrar has it after all":    {store.Unknown, found, old, 1, true, want{"", false, store.Pending, 1, 0, 1}},
		"refused needs no look":                      {store.Refused, unclear, young, 0, false, want{"", false, store.Pending, 0, 1, 2}},
		"failed, restarted at the registrar":         {store.Failed, found, old, 1, false, want{"", false, store.Pending, 1, 0, 1}},
		"cancelled, carried out after all":           {store.Cancelled, object, old, 1, false, want{"", false, store.Done, 1, 0, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			now := outside.NewClock()
			w, in := placed(t, outside.Options{Now: now.Now}, outside.NewCustomer)
			in.Reopenings, in.NothingThere = c.reopenings, c.nothing
			key := activities.RequestKey(in.OrderNumber, in.Item, registrars.Registration)
			if c.row != "" {
				if _, _, err := w.Store.Intend(t.Context(), store.Intention{
					Key: key, Account: outside.Account, Kind: "registration", Domain: shop, WorkflowID: "w",
				}); err != nil {
					t.Fatal(err)
				}
				if c.row != store.Intended {
					if _, err := w.Store.Learn(t.Context(), key, store.LedgerChange{State: c.row}); err != nil {
						t.Fatal(err)
					}
				}
			}
			now.Advance(c.age)
			registrar := &scripted{finding: c.finding}
			got, err := w.RegistrarActivities(registrar, nil).SubmitRequest(t.Context(), in)
			if c.want.class == "" {
				if err != nil {
					t.Fatal(err)
				}
				if string(got.Status) != map[store.LedgerState]string{store.Submitted: "unknown"}[c.want.state] &&
					string(got.Status) != string(c.want.state) {
					t.Errorf("the answer is %+v", got)
				}
			} else {
				wantClass(t, err, c.want.class)
				if application, _ := failure(t, err); application.NonRetryable() == c.want.retried {
					t.Errorf("retried: %t", !application.NonRetryable())
				}
			}
			row := operation(t, w, in)
			if row.State != c.want.state || row.Submissions != c.want.ledgerSubmission ||
				registrar.finds != c.want.finds || registrar.submits != c.want.submits {
				t.Errorf("%d looks, %d submissions, ledger %s with %d; want %+v",
					registrar.finds, registrar.submits, row.State, row.Submissions, c.want)
			}
		})
	}
}

func TestALookThatComesTooEarlySaysWhenToComeAgain(t *testing.T) {
	now := outside.NewClock()
	w, in := placed(t, outside.Options{Now: now.Now}, outside.NewCustomer)
	r := w.RegistrarActivities(&scripted{
		finding: registrars.Finding{State: registrars.FoundNothing},
		submit: func(context.Context, registrars.Request) (registrars.Operation, error) {
			return registrars.Operation{}, errors.New("cut")
		},
	}, nil)
	r.Settle = 3 * time.Minute
	_, err := r.SubmitRequest(t.Context(), in)
	if application, _ := failure(t, err); application.NextRetryDelay() != 3*time.Minute {
		t.Errorf("again after %s", application.NextRetryDelay())
	}
	now.Advance(time.Minute)
	_, err = r.SubmitRequest(t.Context(), in)
	if application, _ := failure(t, err); application.NextRetryDelay() != 2*time.Minute {
		t.Errorf("again after %s", application.NextRetryDelay())
	}
}

func TestWhatARefusedRequestLeavesInTheLedger(t *testing.T) {
	for _, class := range registrars.Classes() {
		want := store.Failed
		switch class {
		case registrars.ClassOutcomeUnknown:
			want = store.Unknown
		case registrars.ClassTemporary, registrars.ClassRateLimited:
			want = store.Refused
		}
		t.Run(string(class), func(t *testing.T) {
			w, in := placed(t, outside.Options{}, outside.NewCustomer)
			registrar := &scripted{submit: func(context.Context, registrars.Request) (registrars.Operation, error) {
				return registrars.Operation{}, &registrars.Error{Class: class, Detail: "Jane Example", Err: unreadable{}}
			}}
			r := w.RegistrarActivities(registrar, nil)
			r.Settle = time.Hour
			_, err := r.SubmitRequest(t.Context(), in)
			wantClass(t, err, class)
			if _, trouble := failure(t, err); !trouble.Unreadable || trouble.Detail != "Jane Example" {
				t.Errorf("trouble %+v", trouble)
			}
			if strings.Contains(err.Error(), "Jane") {
				t.Errorf("the message quotes the customer: %v", err)
			}
			if row := operation(t, w, in); row.State != want {
				t.Errorf("the ledger has %s, want %s", row.State, want)
			}
			// The next try submits without a look only after a refusal that passes, which
			// proves that nothing of the request exists.
			registrar.finding = registrars.Finding{State: registrars.Unclear}
			_, _ = r.SubmitRequest(t.Context(), in)
			submits := 1
			if want == store.Refused {
				submits = 2
			}
			if registrar.submits != submits {
				t.Errorf("%d submissions, want %d", registrar.submits, submits)
			}
		})
	}
}

func TestACheckThatRefusesSpendsNothingAndWritesNothing(t *testing.T) {
	w, in := placed(t, outside.Options{}, outside.NewCustomer)
	registrar := &scripted{checkError: ofClass(registrars.ClassUnavailable)}
	_, err := w.RegistrarActivities(registrar, nil).SubmitRequest(t.Context(), in)
	wantClass(t, err, registrars.ClassUnavailable)
	if _, err := w.Store.LedgerRow(t.Context(), activities.RequestKey(in.OrderNumber, in.Item, registrars.Registration)); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the ledger has a row: %v", err)
	}
	if registrar.submits != 0 {
		t.Error("submitted anyway")
	}
}

func TestACancellationDuringThePaidCallIsNotHeardByItAndTheAnswerIsRecorded(t *testing.T) {
	for name, answer := range map[string]struct {
		err  error
		want store.LedgerState
	}{
		"taken":   {nil, store.Pending},
		"lost":    {errors.New("connection reset"), store.Unknown},
		"refused": {ofClass(registrars.ClassBalance), store.Failed},
	} {
		t.Run(name, func(t *testing.T) {
			w, in := placed(t, outside.Options{}, outside.NewCustomer)
			ctx, cancel := context.WithCancel(t.Context())
			registrar := &scripted{submit: func(ctx context.Context, _ registrars.Request) (registrars.Operation, error) {
				cancel()
				if ctx.Err() != nil {
					t.Error("the paid call was cut short")
				}
				return pending, answer.err
			}}
			_, _ = w.RegistrarActivities(registrar, nil).SubmitRequest(ctx, in)
			if row := operation(t, w, in); row.State != answer.want {
				t.Errorf("the ledger has %s, want %s", row.State, answer.want)
			}
		})
	}
}

func TestARestartedOperationIsNotPaidForTwice(t *testing.T) {
	for _, restarted := range []registrars.Status{registrars.StatusDone, registrars.StatusPending} {
		w, in := placed(t, outside.Options{}, outside.NewCustomer)
		registrar := &scripted{submit: func(context.Context, registrars.Request) (registrars.Operation, error) {
			return registrars.Operation{Reference: "77", Status: registrars.StatusFailed, Word: "Failed"}, nil
		}}
		r := w.RegistrarActivities(registrar, nil)
		if _, err := r.SubmitRequest(t.Context(), in); err != nil {
			t.Fatal(err)
		}
		registrar.operations = map[string]registrars.Operation{"77": {Reference: "77", Status: restarted}}
		in.Reopenings = 1
		got, err := r.SubmitRequest(t.Context(), in)
		if err != nil || got.Status != restarted || registrar.submits != 1 {
			t.Errorf("%s: got %+v, %v after %d submissions", restarted, got, err, registrar.submits)
		}
	}
}

func TestContactsAreMadeOnceWhateverTheNumberOfTries(t *testing.T) {
	w, in := placed(t, outside.Options{Registration: standnetim.Behaviour{Manual: true}}, outside.NewCustomer)
	r := w.RegistrarActivities(w.Registrar, nil)
	w.Fault(t, "netim:contactCreate:cut-after")  // found by the next look
	w.Fault(t, "netim:domainCheck:http-error*2") // after the contacts
	var got activities.RequestState
	var err error
	for range 10 {
		if got, err = r.SubmitRequest(t.Context(), in); err == nil {
			break
		}
	}
	if err != nil || got.Status != registrars.StatusPending {
		t.Fatalf("got %+v, %v", got, err)
	}
	contacts := w.Netim.Contacts()
	if len(contacts) != 2 || contacts[0].IsOwner == contacts[1].IsOwner || w.Netim.Creates(shop) != 1 {
		t.Errorf("%d contacts, %d creates", len(contacts), w.Netim.Creates(shop))
	}
	// One list for all roles, and one more for the answer that was cut off.
	if lists, read := w.Netim.Calls("queryContactList"), w.Netim.Calls("contactInfo"); lists != 2 || read != 1 {
		t.Errorf("%d lists, %d contacts read", lists, read)
	}
	searches := w.Netim.Calls("queryContactList")
	if _, err := r.SubmitRequest(t.Context(), in); err != nil || w.Netim.Calls("queryContactList") != searches {
		t.Errorf("a repeat searches for contacts that were noted: %v", err)
	}
	// An equal contact at the registrar serves another order of the customer.
	w.Place(t, outside.Alter(t, outside.NewCustomer, `"domain": "shop"`, `"domain": "store"`, `"login": "jane@shop.example"`, `"login": "jane@store.example"`))
	other := in
	second := w.Temporal.Starts()[1].Input
	other.OrderNumber, other.Domain, other.Contacts = second.OrderNumber, second.Unit.Domain.Name, second.Contacts
	if _, err := r.SubmitRequest(t.Context(), other); err != nil || len(w.Netim.Contacts()) != 2 {
		t.Errorf("%d contacts after a second order of the same customer, %v", len(w.Netim.Contacts()), err)
	}
}

// readings counts how often an order is read.
type readings struct {
	activities.OrderReader
	count int
}

func (r *readings) Order(ctx context.Context, number string, revision int) (*orders.Order, error) {
	r.count++
	return r.OrderReader.Order(ctx, number, revision)
}

func TestAnOrderIsReadOnceForAllContactsOfARequest(t *testing.T) {
	w, in := placed(t, outside.Options{}, outside.NewCustomer)
	book, ok := w.RegistrarActivities(w.Registrar, nil).Orders.(*activities.ContactBook)
	if !ok {
		t.Fatal("the contacts are not read from a contact book")
	}
	counted := &readings{OrderReader: book.Orders}
	book.Orders = counted
	item := activities.OrderedItem{OrderNumber: in.OrderNumber, Item: in.Item, AccountID: in.AccountID}
	contacts, _, err := book.ReadContacts(t.Context(), item, in.Contacts.Owner, in.Contacts.Admin)
	if err != nil || len(contacts) != 2 || counted.count != 1 {
		t.Errorf("%d contacts in %d readings, %v", len(contacts), counted.count, err)
	}
	in.Contacts.Admin.Source = "nobody"
	if contacts, _, err = book.ReadContacts(t.Context(), item, in.Contacts.Owner, in.Contacts.Admin); err == nil {
		t.Errorf("%d contacts, one of an unknown source", len(contacts))
	}
}

func TestExtraFieldsGoToTheOwnerOnly(t *testing.T) {
	w, in := placed(t, outside.Options{}, outside.Alter(t, outside.NewCustomer,
		`"transferKey": ""`, `"transferKey": "", "parameters": {"companyNumber": "12345"}`))
	registrar := &scripted{}
	if _, err := w.RegistrarActivities(registrar, nil).SubmitRequest(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	for role, contact := range registrar.last.Contacts {
		if want := role == registrars.Owner; (contact.Extra["companyNumber"] == "12345") != want || contact.Role != role || contact.Details.Email == "" {
			t.Errorf("%s has %d extra fields", role, len(contact.Extra))
		}
	}
	if len(registrar.last.Contacts) != 4 || registrar.last.Key != in.OrderNumber+"/1/registration" {
		t.Errorf("%d contacts under key %s", len(registrar.last.Contacts), registrar.last.Key)
	}
}

// ofOld is an order that was accepted before contacts were checked at the door.
type ofOld string

func (document ofOld) Order(context.Context, string, int) (*orders.Order, error) {
	return orders.ReadStored(strings.NewReader(string(document)))
}

func (document ofOld) KeepSecret(_ context.Context, _ string, secret domains.Secret) (domains.Secret, error) {
	return secret, nil
}

func TestAContactThatIsIncompleteIsRefusedWithTheField(t *testing.T) {
	w := outside.New(t, outside.Options{})
	book := &activities.ContactBook{Client: w.OperationsClient, Orders: ofOld(outside.Alter(t, outside.NewCustomer,
		`"transferKey": ""`, `"transferKey": "", "contacts": {"tech": 900}`,
		`  }}
}`, `  }}, "additionalContacts": [{"id": 900, "login": "jo", "contact": {"firstName": "Jo", "lastName": "Tech", "email": "jo@shop.example"}}]
}`))}
	_, _, err := book.ReadContacts(t.Context(), activities.OrderedItem{OrderNumber: "A-1", Item: 1}, activities.ContactRef{Source: activities.FromAdditional, ID: 900})
	wantClass(t, err, registrars.ClassInvalid)
	if !strings.Contains(err.Error(), "additional contact: ") || strings.Contains(err.Error(), "jo@") {
		t.Errorf("got %v", err)
	}
}

func TestConfirmRegistrationAsksUnlessItIsDone(t *testing.T) {
	for name, c := range map[string]struct {
		row       store.LedgerState
		reference string
		answer    registrars.Status
		want      registrars.Status
		asked     int
	}{
		"done, seen by the watch":                 {store.Done, "77", "", registrars.StatusDone, 0},
		"failed, seen by the watch: the reason":   {store.Failed, "77", registrars.StatusFailed, registrars.StatusFailed, 1},
		"cancelled, seen by the watch":            {store.Cancelled, "77", registrars.StatusCancelled, registrars.StatusCancelled, 1},
		"still pending":                           {store.Pending, "77", registrars.StatusPending, registrars.StatusPending, 1},
		"done since":                              {store.Pending, "77", registrars.StatusDone, registrars.StatusDone, 1},
		"an unknown word":                         {store.Pending, "77", registrars.StatusUnknown, registrars.StatusUnknown, 1},
		"failed, restarted since":                 {store.Failed, "77", registrars.StatusDone, registrars.StatusDone, 1},
		"failed, then cancelled by the registrar": {store.Failed, "77", registrars.StatusCancelled, registrars.StatusCancelled, 1},
		"failed, then a word nobody knows":        {store.Failed, "77", registrars.StatusUnknown, registrars.StatusUnknown, 1},
		"cancelled, pending again":                {store.Cancelled, "77", registrars.StatusPending, registrars.StatusPending, 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := outside.New(t, outside.Options{})
			noted(t, w, c.row, c.reference)
			registrar := &scripted{operations: map[string]registrars.Operation{"77": {Reference: "77", Status: c.answer, Reason: "because"}}}
			got, err := w.RegistrarActivities(registrar, nil).ConfirmRequest(t.Context(), activities.ConfirmRequestInput{Key: "k"})
			if err != nil || got.Status != c.want || registrar.asked != c.asked || (got.Told == "because") != (c.asked > 0 && (c.want == registrars.StatusFailed || c.want == registrars.StatusCancelled)) {
				t.Errorf("got %+v, %v after %d questions", got, err, registrar.asked)
			}
		})
	}
}

// TestConfirmRegistrationLooksWithoutAReference: if we never learned the number of an
// operation, it has to be looked for, or its order would wait forever.
func TestConfirmRegistrationLooksWithoutAReference(t *testing.T) {
	for state, want := range map[registrars.FindingState]registrars.Status{
		registrars.FoundObject: registrars.StatusDone, registrars.FoundOperation: registrars.StatusDone,
		registrars.FoundNothing: registrars.StatusPending, registrars.Unclear: registrars.StatusPending,
	} {
		w := outside.New(t, outside.Options{})
		noted(t, w, store.Pending, "")
		registrar := &scripted{finding: registrars.Finding{State: state, Operation: registrars.Operation{Status: registrars.StatusDone}}}
		got, err := w.RegistrarActivities(registrar, nil).ConfirmRequest(t.Context(), activities.ConfirmRequestInput{Key: "k"})
		if err != nil || got.Status != want {
			t.Errorf("%s: got %+v, %v", state, got, err)
		}
	}
}

// noted writes a row of the ledger as an earlier step left it.
func noted(t *testing.T, w *outside.World, state store.LedgerState, reference string) {
	t.Helper()
	if _, _, err := w.Store.Intend(t.Context(), store.Intention{Key: "k", Account: outside.Account, Kind: "registration", Domain: shop}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Store.Learn(t.Context(), "k", store.LedgerChange{State: state, Reference: reference}); err != nil {
		t.Fatal(err)
	}
}

// TestATransferThatIsDoneTellsWhenTheDomainExpires: nothing else can. If the registrar
// cannot be read at the moment, it is asked again, without a second transfer.
func TestATransferThatIsDoneTellsWhenTheDomainExpires(t *testing.T) {
	expires := time.Date(2027, 6, 1, 0, 0, 0, 0, time.UTC)
	w, in := placed(t, outside.Options{}, outside.NewCustomer)
	in.Kind = registrars.Transfer
	registrar := &scripted{submit: func(context.Context, registrars.Request) (registrars.Operation, error) {
		return registrars.Operation{Reference: "77", Status: registrars.StatusDone}, nil
	}, domainError: ofClass(registrars.ClassTemporary)}
	r := w.RegistrarActivities(registrar, nil)
	_, err := r.SubmitRequest(t.Context(), in)
	wantClass(t, err, registrars.ClassTemporary)
	registrar.domainError = ofClass(registrars.ClassNotFound)
	_, err = r.SubmitRequest(t.Context(), in)
	wantClass(t, err, registrars.ClassTemporary) // it is not shown yet
	registrar.domainError, registrar.domain = nil, registrars.Domain{Expires: expires}
	state, err := r.SubmitRequest(t.Context(), in)
	if err != nil || !state.Expires.Equal(expires) || registrar.submits != 1 {
		t.Errorf("got %+v, %v after %d submissions", state, err, registrar.submits)
	}
	state, err = r.ConfirmRequest(t.Context(), activities.ConfirmRequestInput{Key: activities.RequestKey(in.OrderNumber, in.Item, in.Kind)})
	if err != nil || !state.Expires.Equal(expires) {
		t.Errorf("after a confirmation: %+v, %v", state, err)
	}
}

func TestVerifyDomainNamesEachDifference(t *testing.T) {
	expires := time.Date(2027, 3, 2, 0, 0, 0, 0, time.UTC)
	good := registrars.Domain{NameServers: domains.NameServers{"a.example", "b.example"}, Handles: map[registrars.Role]string{registrars.Owner: "CT1"}, Expires: expires, Word: "ACTIVE", Active: true}
	for name, c := range map[string]struct {
		change func(*registrars.Domain)
		want   string
	}{
		"as ordered":             {func(*registrars.Domain) {}, ""},
		"another order is fine":  {func(d *registrars.Domain) { d.NameServers = domains.NameServers{"b.example", "a.example"} }, ""},
		"other servers":          {func(d *registrars.Domain) { d.NameServers = domains.NameServers{"c.example", "a.example"} }, "name servers at the registrar: [c.example a.example]"},
		"another holder":         {func(d *registrars.Domain) { d.Handles = map[registrars.Role]string{registrars.Owner: "CT2"} }, "holder at the registrar: contact CT2, ordered: contact CT1"},
		"not active":             {func(d *registrars.Domain) { d.Active, d.Word = false, "HOLD" }, `in status "HOLD"`},
		"a year too many":        {func(d *registrars.Domain) { d.Expires = expires.AddDate(1, 0, 0) }, "expires at the registrar on 2028-03-02, ordered: 2027-03-02"},
		"too short":              {func(d *registrars.Domain) { d.Expires = expires.AddDate(0, 0, -11) }, "expires at the registrar on 2027-02-19"},
		"two days off is a note": {func(d *registrars.Domain) { d.Expires = expires.AddDate(0, 0, 2) }, ""},
		"three days off":         {func(d *registrars.Domain) { d.Expires = expires.AddDate(0, 0, 3) }, "expires at the registrar on 2027-03-05"},
		"counted from the request, which was five days before": {func(d *registrars.Domain) { d.Expires = expires.AddDate(0, 0, -7) }, ""},
		"counted from before the request":                      {func(d *registrars.Domain) { d.Expires = expires.AddDate(0, 0, -8) }, "expires at the registrar on 2027-02-22"},
		"no expiry known":                                      {func(d *registrars.Domain) { d.Expires = time.Time{} }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			domain := good
			c.change(&domain)
			r := outside.New(t, outside.Options{}).RegistrarActivities(&scripted{domain: domain}, nil)
			got, err := r.VerifyDomain(t.Context(), activities.VerifyDomainInput{NameServers: good.NameServers, OwnerHandle: "CT1", Expires: expires, Earliest: expires.AddDate(0, 0, -5)})
			if noted := strings.Contains(fmt.Sprint(got.Notes), "by its calendar"); noted != (strings.Contains(name, "note") || strings.Contains(name, "five days before")) {
				t.Errorf("notes %q", got.Notes)
			}
			if err != nil || (c.want == "") != (len(got.Differences) == 0) || !strings.Contains(fmt.Sprint(got.Differences), c.want) {
				t.Errorf("got %q, %v; want %q", got.Differences, err, c.want)
			}
		})
	}
}
