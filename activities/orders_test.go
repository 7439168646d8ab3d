package activities_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"domainprovisioning/activities"
	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/orders"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

func TestTheStateOfAnOrderIsRecorded(t *testing.T) {
	w := outside.New(t, outside.Options{})
	number := w.Place(t, outside.NewCustomer).Number
	at := time.Date(2026, 5, 6, 7, 8, 9, 0, time.UTC)
	recording := &activities.Orders{Store: w.Store}
	for _, in := range []activities.RecordStateInput{
		{OrderNumber: number, Item: 1, At: at, State: "attention", Step: 6, Reason: "balance", Since: at.Add(-time.Hour)},
		{OrderNumber: number, Item: 1, At: at.Add(time.Hour), State: "done", Step: 14}, // RecordOutcome tells the end
		{OrderNumber: "none", Item: 1, At: at, State: "running", Step: 1},
	} {
		if _, err := recording.RecordState(t.Context(), in); err != nil {
			t.Errorf("%+v: %v", in, err)
		}
	}
	rows, err := w.Store.Units(t.Context(), store.UnitFilter{OrderNumber: number})
	if err != nil || len(rows) != 1 {
		t.Fatalf("%+v, %v", rows, err)
	}
	if unit := rows[0]; unit.Shown != messages.NeedsAttention || unit.Step != 6 || unit.Reason != "balance" || !unit.Since.Equal(at.Add(-time.Hour)) {
		t.Errorf("got %+v", unit)
	}
	if err := w.Store.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = recording.RecordState(t.Context(), activities.RecordStateInput{OrderNumber: number, At: at, State: "running"})
	wantClass(t, err, registrars.ClassTemporary)
}

// amended stores a revision of an order in which texts are replaced.
func amended(t *testing.T, w *outside.World, number string, base int, pairs ...string) int {
	t.Helper()
	document, err := w.Store.RevisedDocument(t.Context(), number, base)
	if err != nil {
		t.Fatal(err)
	}
	stored, err := w.Store.AddRevision(t.Context(), store.Revision{OrderNumber: number, Item: 1, Base: base, Document: []byte(outside.Alter(t, string(document), pairs...))})
	if err != nil {
		t.Fatal(err)
	}
	return stored.Number
}

// plans is the activity about orders with other plans than those with which they were placed:
// plan 6 wants a parameter that no order has.
func plans(t *testing.T, w *outside.World) *activities.Orders {
	t.Helper()
	plan := orders.DomainPlan{
		PlanID: outside.DomainPlan, TLD: "example", Registrar: outside.Account, Years: 3, Periods: map[int]int{1: 3}, Template: 11,
		Billing: orders.BillingPlan{PlanID: 4, PeriodType: orders.PeriodYears, Period: 1, RegistrarID: 7},
	}
	demanding := plan
	demanding.PlanID, demanding.RequiredFields = outside.TwoYearPlan, []string{"taxId"}
	catalog, err := orders.NewCatalog(plan, demanding, orders.HostingPlan{PlanID: outside.HostingPlan, Template: 21})
	if err != nil {
		t.Fatal(err)
	}
	return &activities.Orders{Store: w.Store, Catalog: catalog}
}

func revisionOf(t *testing.T, w *outside.World, number string) int {
	t.Helper()
	latest, err := w.Store.LatestRevision(t.Context(), number)
	if err != nil {
		t.Fatal(err)
	}
	return latest
}

func TestThePlanOfARevisionIsReadAndTaken(t *testing.T) {
	w := outside.New(t, outside.Options{})
	number := w.Place(t, outside.NewCustomer).Number
	calls := plans(t, w)
	read := func(revision int) activities.ReadPlanResult {
		t.Helper()
		result, err := calls.ReadPlan(t.Context(), activities.ReadPlanInput{OrderNumber: number, Item: 1, Revision: revision})
		if err != nil || len(result.Refused) > 0 {
			t.Fatalf("revision %d: %+v, %v", revision, result, err)
		}
		return result
	}
	// What was corrected in the catalog is taken up.
	first := read(0)
	if d := first.Unit.Domain; d.Years != 3 || d.Template != 11 || d.Billing.PlanID != 4 || first.Unit.Hosting.Template != 21 || d.Name.String() != "shop.example" {
		t.Errorf("got %+v", d)
	}
	if first.Contacts.Owner.Source != activities.FromCustomer || revisionOf(t, w, number) != 0 {
		t.Errorf("contacts %+v, revision %d", first.Contacts, revisionOf(t, w, number))
	}
	revision := amended(t, w, number, 0, `"transferKey": ""`, `"transferKey": "", "contacts": {"owner": 1}, "nameServers": ["ns1.other.example", "ns2.other.example"]`,
		"\"customer\": {", `"additionalContacts": [{"id": 1, "contact": {"firstName": "Jo"}}], "customer": {`)
	second := read(revision)
	if second.Contacts.Owner != (activities.ContactRef{Source: activities.FromAdditional, ID: 1}) || len(second.Unit.Domain.NameServers) != 2 || revisionOf(t, w, number) != revision {
		t.Errorf("got %+v, revision %d", second, revisionOf(t, w, number))
	}
	if text, err := json.Marshal(second); err != nil || strings.Contains(string(text), "Jo") || strings.Contains(string(text), "jane") {
		t.Errorf("personal data: %s, %v", text, err)
	}
}

// What the catalog refuses is not taken, unless it refuses the order as it was placed as well.
func TestAPlanThatTheCatalogRefuses(t *testing.T) {
	w := outside.New(t, outside.Options{})
	number := w.Place(t, outside.NewCustomer).Number
	demanded := w.Place(t, outside.Alter(t, outside.DomainOnly, `"planId": 5`, `"planId": 6`, `"shop"`, `"store"`)).Number
	calls := plans(t, w)
	const wants = "items[1].parameters.taxId is missing: plan 6 at registrar account netim-1 requires it for a registration"
	for _, k := range []struct {
		in   activities.ReadPlanInput
		want string
	}{
		{activities.ReadPlanInput{OrderNumber: number, Item: 1, Revision: amended(t, w, number, 0, `"planId": 5`, `"planId": 6`)}, wants},
		{activities.ReadPlanInput{OrderNumber: number, Item: 1, Revision: amended(t, w, number, 0, `"planId": 5`, `"planId": 99`)}, "items[1].planId 99 is not in the plan catalog"},
		{activities.ReadPlanInput{OrderNumber: number, Item: 4}, "the order has no unit of work of item 4"},
		{activities.ReadPlanInput{OrderNumber: demanded, Item: 0}, strings.Replace(wants, "items[1]", "items[0]", 1)},
	} {
		result, err := calls.ReadPlan(t.Context(), k.in)
		if err != nil || len(result.Refused) != 1 || result.Refused[0] != k.want || result.Unit.Domain != nil {
			t.Errorf("%+v: got %+v, %v", k.in, result, err)
		}
	}
	if revisionOf(t, w, number) != 0 {
		t.Errorf("revision %d", revisionOf(t, w, number))
	}
	revision := amended(t, w, demanded, 0, `"transferKey": ""`, `"transferKey": "", "nameServers": ["ns1.other.example", "ns2.other.example"]`)
	result, err := calls.ReadPlan(t.Context(), activities.ReadPlanInput{OrderNumber: demanded, Item: 0, Revision: revision})
	if err != nil || len(result.Refused) > 0 || len(result.Unit.Domain.NameServers) != 2 || revisionOf(t, w, demanded) != revision {
		t.Errorf("an amendment of an order that the catalog of today refuses: %+v, %v", result, err)
	}
	_, err = calls.ReadPlan(t.Context(), activities.ReadPlanInput{OrderNumber: number, Item: 1, Revision: 7})
	wantClass(t, err, registrars.ClassNotFound)
}

func TestARunIsAdmitted(t *testing.T) {
	w := outside.New(t, outside.Options{})
	number := w.Place(t, outside.NewCustomer).Number
	calls := plans(t, w)
	admit := func(in activities.AdmitInput, want activities.AdmitResult) {
		t.Helper()
		if got, err := calls.Admit(t.Context(), in); got != want || err != nil {
			t.Errorf("%+v: got %+v, %v", in, got, err)
		}
	}
	in := activities.AdmitInput{OrderNumber: number, Item: 1, WorkflowID: "domain-provisioning/shop.example", RunID: "run-1"}
	admit(in, activities.AdmitResult{})
	admit(in, activities.AdmitResult{}) // a repeat
	if err := w.Store.TakeRevision(t.Context(), number, 1, amended(t, w, number, 0, "Jane", "Jo")); err != nil {
		t.Fatal(err)
	}
	in.RunID = "run-2"
	admit(in, activities.AdmitResult{Again: true, Revision: 1})
	stranger := in
	stranger.WorkflowID = "domain-provisioning/other.example"
	admit(stranger, activities.AdmitResult{Refusal: "no order " + number +
		" is carried by the workflow domain-provisioning/other.example; place orders by the starter or the gateway, and not by starting workflows"})
	if err := w.Store.CloseUnit(t.Context(), number, 1, store.UnitCancelled, ""); err != nil {
		t.Fatal(err)
	}
	in.RunID = "run-3"
	admit(in, activities.AdmitResult{Refusal: "order " + number + " is cancelled already, and nothing of it is done again"})
	if err := w.Store.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := calls.Admit(t.Context(), in)
	wantClass(t, err, registrars.ClassTemporary)
}

// TestARunThatHasEndedItsOrderMayAskAgain: its last workflow task, which was its first one too, is
// made again. Another run of an order that has ended is refused, and who gives the order up then
// hears that it is done.
func TestARunThatHasEndedItsOrderMayAskAgain(t *testing.T) {
	w := outside.New(t, outside.Options{})
	number := w.Place(t, outside.NewCustomer).Number
	calls := &activities.Orders{Store: w.Store}
	in := activities.AdmitInput{OrderNumber: number, Item: 1, WorkflowID: "domain-provisioning/shop.example", RunID: "run-1"}
	giveUp := activities.GiveUpInput{OrderNumber: number, Item: 1, Command: messages.Cancel{Actor: "tester", Reason: "for a test"}}
	if got, err := calls.Admit(t.Context(), in); err != nil || got != (activities.AdmitResult{}) {
		t.Fatalf("%+v, %v", got, err)
	}
	done := activities.RecordOutcomeInput{OrderNumber: number, Item: 1, State: "done"}
	if got, err := calls.RecordOutcome(t.Context(), done); err != nil || got.State != "done" {
		t.Fatalf("%+v, %v", got, err)
	}
	if got, err := calls.Admit(t.Context(), in); err != nil || got != (activities.AdmitResult{}) {
		t.Errorf("the same run: %+v, %v", got, err)
	}
	in.RunID = "run-2"
	if got, err := calls.Admit(t.Context(), in); err != nil || got.Refusal == "" {
		t.Errorf("another run: %+v, %v", got, err)
	}
	if got, err := calls.GiveUp(t.Context(), giveUp); err != nil || !got.Done {
		t.Errorf("given up too late: %+v, %v", got, err)
	}
}
