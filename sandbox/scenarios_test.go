package main

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"domainprovisioning/config"
	"domainprovisioning/intake"
	"domainprovisioning/messages"
	"domainprovisioning/sandbox/standin/faults"
	"domainprovisioning/store"
	"domainprovisioning/workflows"
)

// historyBudget is the number of events that a full waiting order may take. A call that leaves the
// fast lane, as it does on a busy machine, takes detourEvents in addition.
const historyBudget, detourEvents = 40, 6

// detours counts the calls to Operations, Billing and the store in the ordinary lane.
func (f *fixture) detours(workflowID string) int {
	f.t.Helper()
	detours := 0
	for _, event := range f.events(workflowID) {
		if event.GetActivityTaskScheduledEventAttributes().GetTaskQueue().GetName() == workflows.TaskQueue {
			detours++
		}
	}
	return detours
}

func TestHappyPath(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{manual: true})
	placed := f.place(shop(t))
	progress := f.until(shopWorkflow, messages.Waiting)
	if progress.Step != 10 || !strings.Contains(note(progress, 9), "done: domain") {
		t.Errorf("waiting at step %d, step 9 %s", progress.Step, note(progress, 9))
	}
	if err := f.world.netim.Complete("shop.example"); err != nil {
		t.Fatal(err)
	}
	if state := f.confirm("event-1", "done"); state != store.Delivered {
		t.Errorf("the confirmation is %s", state)
	}
	result := f.finish(shopWorkflow)
	f.want("shop.example", whole())
	if result.OrderNumber != placed.Number || len(result.Differences) > 0 || result.Expires.IsZero() {
		t.Errorf("got %+v", result)
	}
	row := f.world.billing.RowsOf("shop.example")[0]
	if row.SubscriptionID != result.DomainSubscriptionID || row.ParentID != result.HostingSubscriptionID ||
		row.AccountID != result.AccountID || row.SubscriptionFee != 1250 || row.DomainID != result.BillingDomainID {
		t.Errorf("Billing has %+v", row)
	}
	final := f.progress(shopWorkflow)
	for _, line := range final.Steps {
		if line.State != messages.StepDone && line.Number != 12 {
			t.Errorf("step %d is %s", line.Number, line.State)
		}
	}
	events, detours := f.history(shopWorkflow), f.detours(shopWorkflow)
	if events > historyBudget+detours*detourEvents {
		t.Errorf("%d history events with %d detours, the budget is %d", events, detours, historyBudget)
	}
	t.Logf("%d history events, %d detours", events, detours)
	rows, err := f.Store.Units(t.Context(), store.UnitFilter{OrderNumber: placed.Number})
	if err != nil || len(rows) != 1 || rows[0].State != store.UnitDone {
		t.Errorf("the store has %+v, %v", rows, err)
	}
}

func TestRegisteredAtOnce(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{})
	f.place(shop(t))
	f.finish(shopWorkflow)
	f.want("shop.example", whole())
	if got := note(f.progress(shopWorkflow), 10); !strings.Contains(got, "answer to the request") {
		t.Errorf("step 10 is %s", got)
	}
}

// TestNameExists covers both branches of step 9 if the name exists already: under the
// customer's own account, and under another's.
func TestNameExists(t *testing.T) {
	t.Parallel()
	t.Run("under another account", func(t *testing.T) {
		t.Parallel()
		f := begin(t, worldOptions{manual: true})
		other := f.world.operations.AddExistingAccount(0)
		f.world.operations.AddExistingDomain("shop.example", other)
		f.place(shop(t))
		progress := f.until(shopWorkflow, messages.Waiting)
		if !strings.Contains(note(progress, 9), "skipped: no call") || len(f.world.operations.Bindings()) != 0 {
			t.Errorf("bound before the confirmation: %s", note(progress, 9))
		}
		f.completes()
		progress = f.until(shopWorkflow, messages.NeedsAttention)
		if progress.Step != 11 || progress.Attention.Reason != messages.ReasonConflict {
			t.Errorf("parked at step %d: %+v", progress.Step, progress.Attention)
		}
		if domain, _ := f.world.operations.Domain("shop.example"); domain.AccountID != other {
			t.Error("another customer's domain was touched without permission")
		}
		f.retry(shopWorkflow, messages.Retry{Actor: "tester", Reason: "the other account has lost the name", AllowTakeover: true})
		f.finish(shopWorkflow)
		want := whole()
		want.accounts, want.members = 2, len(f.world.operations.Members())
		f.want("shop.example", want)
		if domain, _ := f.world.operations.Domain("shop.example"); domain.AccountID == other || len(domain.Bound) != 1 {
			t.Errorf("not taken over and bound: %+v", domain)
		}
	})
	t.Run("under the customer's own account", func(t *testing.T) {
		t.Parallel()
		f := begin(t, worldOptions{manual: true})
		own := f.world.operations.AddExistingAccount(500100)
		existing := f.world.operations.AddExistingDomain("shop.example", own)
		f.place([]byte(existingCustomer))
		f.until(shopWorkflow, messages.Waiting)
		f.completes()
		result := f.finish(shopWorkflow)
		if result.DomainID != existing {
			t.Errorf("domain %d instead of the existing %d", result.DomainID, existing)
		}
		progress := f.progress(shopWorkflow)
		for step, want := range map[int]string{1: "skipped", 2: "skipped", 9: "skipped", 12: "done"} {
			if !strings.HasPrefix(note(progress, step), want) {
				t.Errorf("step %d is %s", step, note(progress, step))
			}
		}
	})
}

// existingCustomer is an order for an existing account.
const existingCustomer = `{
  "vendorAccountId": 1,
  "items": [
    {"id": 0, "planId": 20, "periodId": 36, "parentId": -1},
    {"id": 1, "planId": 5, "periodId": 1, "parentId": 0, "operation": "registration", "domain": "shop", "transferKey": ""}
  ],
  "customer": {"accountId": 500100}
}`

func TestConfirmedByWatch(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{manual: true})
	f.place(shop(t))
	f.until(shopWorkflow, messages.Waiting)
	before := f.world.netim.Calls("queryOpe")
	f.watch()
	if calls := f.world.netim.Calls("queryOpe"); calls != before {
		t.Errorf("a pending operation was asked for %d times in addition to the list", calls-before)
	}
	f.completes()
	f.finish(shopWorkflow)
	f.want("shop.example", whole())
	if calls := f.world.netim.Calls("queryOpe"); calls != before+1 {
		t.Errorf("the finished operation was asked for %d times", calls-before)
	}
	lists := f.world.netim.Calls("queryOpePending")
	f.watch()
	if f.world.netim.Calls("queryOpePending") != lists {
		t.Error("the registrar is asked although nothing is open")
	}
}

func TestCallbackTwiceLateContradicting(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{manual: true})
	f.place(shop(t))
	f.until(shopWorkflow, messages.Waiting)
	// The confirmation claims "done", but the registrar says pending: its answer decides.
	f.confirm("event-1", "done")
	f.eventually("the registrar was asked", func() bool { return f.world.netim.Calls("queryOpe") == 1 })
	f.confirm("event-1", "done") // repeated: no second look
	if err := f.world.netim.Complete("shop.example"); err != nil {
		t.Fatal(err)
	}
	f.confirm("event-2", "rejected") // contradicts the registrar, which decides
	f.finish(shopWorkflow)
	if calls := f.world.netim.Calls("queryOpe"); calls != 2 {
		t.Errorf("the registrar was asked %d times", calls)
	}
	if state := f.confirm("event-3", "rejected"); state != store.Late {
		t.Errorf("after the end a confirmation is %s", state)
	}
	f.want("shop.example", whole())
	events, err := f.Store.Confirmations(t.Context(), store.ConfirmationFilter{Domain: "shop.example"})
	if err != nil || len(events) != 3 {
		t.Errorf("%d confirmations are recorded, %v", len(events), err)
	}
}

func TestSubmitAnswerLost(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]worldOptions{
		"registered at once": {faults: []faults.Fault{fault(t, "netim:domainCreate:cut-after")}},
		"pending":            {manual: true, faults: []faults.Fault{fault(t, "netim:domainCreate:cut-after")}},
		"garbage":            {faults: []faults.Fault{fault(t, "netim:domainCreate:malformed")}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := begin(t, options)
			f.place(shop(t))
			if options.manual {
				f.until(shopWorkflow, messages.Waiting)
				f.completes()
			}
			f.finish(shopWorkflow)
			f.want("shop.example", whole())
		})
	}
}

func TestSubmitNeverArrived(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{faults: []faults.Fault{fault(t, "netim:domainCreate:cut-before")}})
	placed := f.place(shop(t))
	f.finish(shopWorkflow)
	f.want("shop.example", whole())
	row, err := f.Store.LedgerRow(t.Context(), placed.Number+"/1/registration")
	if err != nil || row.Submissions != 2 || row.State != store.Done {
		t.Errorf("the ledger has %+v, %v", row, err)
	}
}

func TestOperationsAnswerLost(t *testing.T) {
	t.Parallel()
	calls := []string{
		"pem.addAccount", "pem.addAccountMember", "pem.activateSubscription", "pem.addDomainRequest",
		"pem.getNameServers", "pem.addDomain", "pem.bindServicesToDomain",
	}
	for name, c := range map[string]struct {
		kind, billing  string
		errorsAsFaults bool
	}{
		"cut-after":                   {"cut-after", "cut-after", false},
		"cut-before":                  {"cut-before", "cut-before", false},
		"malformed":                   {"malformed", "malformed", false},
		"operations-faults":           {"fault", "malformed", false}, // a fault is how Billing refuses
		"cut-after, errors as faults": {"cut-after", "cut-after", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var list []faults.Fault
			for _, call := range calls {
				list = append(list, fault(t, "operations:"+call+":"+c.kind))
			}
			list = append(list, fault(t, "billing:DomainSubscrWithIDAdd_API:"+c.billing))
			f := begin(t, worldOptions{faults: list, errorsAsFaults: c.errorsAsFaults})
			f.place(shop(t))
			f.finish(shopWorkflow)
			f.want("shop.example", whole())
			// Twice for each of the two, because an existing domain is not added again.
			if adds := f.world.operations.Calls("pem.addDomain"); c.kind != "cut-before" && adds != 2 {
				t.Errorf("%d pem.addDomain", adds)
			}
		})
	}
}

func TestDoubleClick(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{manual: true})
	const clicks = 10
	numbers := make(chan string, clicks)
	var group sync.WaitGroup
	for range clicks {
		group.Go(func() {
			placed, err := f.intake.Place(t.Context(), shop(t))
			if err != nil {
				t.Error(err)
			}
			numbers <- placed.Number
		})
	}
	group.Wait()
	close(numbers)
	first := <-numbers
	for number := range numbers {
		if number != first {
			t.Errorf("one order has the numbers %s and %s", first, number)
		}
	}
	f.until(shopWorkflow, messages.Waiting)
	other := alter(t, shop(t), "jane@shop.example", "john@shop.example")
	_, err := f.intake.Place(t.Context(), other)
	if open, ok := errors.AsType[*store.DomainOpenError](err); !ok || open.OrderNumber != first {
		t.Errorf("the second order for the domain got %v", err)
	}
	f.completes()
	f.finish(shopWorkflow)
	f.want("shop.example", whole())
	// Its answer may have been lost, so for a while the same order is a repeat.
	if again, err := f.intake.Place(t.Context(), shop(t)); err != nil || !again.Existing || again.Number != first {
		t.Errorf("the same order after its end: %+v, %v", again, err)
	}
	f.intake.RepeatWindow = 0
	if again, err := f.intake.Place(t.Context(), shop(t)); err == nil {
		t.Errorf("the same order long after its end was accepted as %s", again.Number)
	} else if !strings.Contains(err.Error(), "is already used") {
		t.Errorf("the same order long after its end got %v", err)
	}
}

func TestOwnNameServers(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{})
	f.world.operations.AddExistingAccount(seededAccount)
	f.place(alter(t, []byte(existingCustomer), `"transferKey": ""`,
		`"transferKey": "", "nameServers": ["ns1.mine.example", "ns2.mine.example", "ns3.mine.example"]`))
	result := f.finish(shopWorkflow)
	registration, _ := f.world.netim.Registration("shop.example")
	want := "[ns1.mine.example ns2.mine.example ns3.mine.example]"
	var got []string
	for _, host := range registration.NameServers {
		if host != "" {
			got = append(got, host)
		}
	}
	if fmt.Sprint(got) != want || len(result.Differences) != 0 {
		t.Errorf("the registrar has %v, differences %v", got, result.Differences)
	}
	if row := f.world.billing.RowsOf("shop.example")[0]; row.NameServers[2] != "ns3.mine.example" {
		t.Errorf("Billing has %v", row.NameServers)
	}
}

func TestUnknownStatusWord(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{manual: true, faults: []faults.Fault{fault(t, "netim:domainCreate:unknown-status")}})
	f.place(shop(t))
	progress := f.until(shopWorkflow, messages.Waiting)
	if !strings.Contains(note(progress, 10), "operation 101 is Suspended") { // the registrar's word, which nobody knows
		t.Errorf("step 10 is %s", note(progress, 10))
	}
	f.completes()
	f.finish(shopWorkflow)
	f.want("shop.example", whole())
}

func TestRejectedIsParkedAndRetried(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{manual: true})
	placed := f.place(shop(t))
	f.until(shopWorkflow, messages.Waiting)
	if err := f.world.netim.Fail("shop.example", "registrant not eligible"); err != nil {
		t.Fatal(err)
	}
	f.watch()
	progress := f.until(shopWorkflow, messages.NeedsAttention)
	if progress.Attention.Reason != messages.RequestEnded("registration", "failed") || fmt.Sprint(progress.Attention.Actions) != "[retry amend confirm cancel]" {
		t.Errorf("got %+v", progress.Attention)
	}
	rejected := whole()
	rejected.registered, rejected.registrations, rejected.billingRows = 0, 0, 0
	f.want("shop.example", rejected)
	f.retry(shopWorkflow, messages.Retry{Actor: "tester", Reason: "eligible now"})
	f.eventually("the registration was requested again", func() bool { return f.world.netim.Creates("shop.example") == 2 })
	if err := f.world.netim.Complete("shop.example"); err != nil {
		t.Fatal(err)
	}
	f.until(shopWorkflow, messages.Waiting)
	f.watch()
	f.finish(shopWorkflow)
	want := whole()
	want.creates = 2 // the failed one, and the one that a person asked for
	f.want("shop.example", want)
	row, err := f.Store.LedgerRow(t.Context(), placed.Number+"/1/registration")
	if err != nil || row.Reopened != 1 {
		t.Errorf("the ledger has %+v, %v", row, err)
	}
}

func TestPermanentErrorOfOperationsIsParkedAndRetried(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{}, func(cfg *config.Config) { cfg.Plans.Hosting[0].Template = 999 })
	f.place(shop(t))
	progress := f.until(shopWorkflow, messages.NeedsAttention)
	if progress.Step != 8 || progress.Attention.Reason != messages.ReasonNotFound {
		t.Errorf("parked at step %d: %+v", progress.Step, progress.Attention)
	}
	_, err := messages.RetryStep().Send(t.Context(), f.temporal, shopWorkflow, "", messages.Retry{})
	if err == nil || !strings.Contains(err.Error(), "actor is missing") {
		t.Errorf("an unsigned retry got %v", err)
	}
	f.retry(shopWorkflow, messages.Retry{Actor: "tester"})
	f.eventually("the step was tried again", func() bool {
		progress := f.progress(shopWorkflow)
		return progress.State == messages.NeedsAttention && len(progress.Troubles) == 1
	})
	if creates := f.world.netim.Creates("shop.example"); creates != 1 {
		t.Errorf("%d creates: what was done is repeated", creates)
	}
}

func TestOrderWithoutHostingAndHostingWithoutDomain(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{})
	f.world.operations.AddExistingAccount(500100)
	members, accounts := len(f.world.operations.Members()), len(f.world.operations.Accounts())
	f.place([]byte(`{"vendorAccountId": 1, "items": [{"id": 0, "planId": 5, "periodId": 1, "parentId": -1,
		"operation": "registration", "domain": "shop", "transferKey": ""}], "customer": {"accountId": 500100}}`))
	f.finish(shopWorkflow)
	f.want("shop.example", effects{
		accounts: accounts, members: members, subscriptions: 1, domains: 1, registered: 1,
		creates: 1, registrations: 1, contacts: 2, billingRows: 1,
	})
	if row := f.world.billing.RowsOf("shop.example")[0]; row.ParentID != -1 {
		t.Errorf("Billing has parent %d", row.ParentID)
	}
	placed := f.place([]byte(`{"vendorAccountId": 1, "items": [{"id": 0, "planId": 20, "periodId": 36, "parentId": -1}],
		"customer": {"accountId": 500100}}`))
	f.finish(placed.Units[0].WorkflowID)
	if subscriptions := len(f.world.operations.Subscriptions()); subscriptions != 2 {
		t.Errorf("%d subscriptions", subscriptions)
	}
	for step, want := range map[int]string{3: "skipped", 6: "skipped", 8: "done", 10: "skipped", 13: "skipped"} {
		if got := note(f.progress(placed.Units[0].WorkflowID), step); !strings.HasPrefix(got, want) {
			t.Errorf("step %d is %s", step, got)
		}
	}
}

func TestNewContactsBecomeUsersAndContacts(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{})
	f.place(alter(t, shop(t),
		"<value><i4>8</i4></value>", "<value><i4>9</i4></value>",
		"<value><i4>3</i4></value>", "<value><i4>4</i4></value>",
		"<value>TransferKey=</value>", "<value>TransferKey=</value><value>TechContactID=900</value>",
		"<value>IPAddressID=192.0.2.10</value>\n      <value><i4>0</i4></value>",
		"<value>IPAddressID=192.0.2.10</value>\n      <value><i4>1</i4></value><value><i4>900</i4></value><value><i4>12</i4></value>"+
			"<value>LoginID=tech@shop.example</value><value>FirstNameID=Theo</value><value>LastNameID=Technic</value>"+
			"<value>AddressID=2 Side Street</value><value>CityID=Sampleton</value><value>ZipID=10001</value><value>StateID=NY</value>"+
			"<value>CountryID=us</value><value>EmailID=tech@shop.example</value><value>PhoneCountryID=1</value>"+
			"<value>PhoneAreaID=212</value><value>PhoneNumberID=5550101</value>"))
	result := f.finish(shopWorkflow)
	want := whole()
	want.members, want.contacts = 2, 3
	f.want("shop.example", want)
	row := f.world.billing.RowsOf("shop.example")[0]
	if row.Users[0] != row.Users[1] || row.Users[3] == row.Users[0] {
		t.Errorf("Billing has users %v", row.Users)
	}
	registration, _ := f.world.netim.Registration("shop.example")
	if registration.Tech == registration.Admin || result.AccountID == 0 {
		t.Errorf("the registrar has %+v", registration)
	}
}

func TestInvalidOrderIsRefusedWithEveryFaultAndNothingIsStored(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{})
	f.world.netim.AddTaken("taken.example", "")
	for name, c := range map[string]struct {
		order []byte
		want  []string
	}{
		"several faults": {alter(t, shop(t), "OrderOperationType=10", "OrderOperationType=30", "<value>TransferKey=</value>", "<value>TransferKey=x</value>", "5=1=1=0", "5=1=1=9"),
			[]string{"OrderOperationType 30 is not one of", "ParentItemID 9 is not an item of the order"}},
		"unknown plan":     {alter(t, shop(t), "5=1=1=0", "77=1=1=0"), []string{"item 1: PlanID 77 is not in the plan catalog"}},
		"not sold":         {alter(t, shop(t), "5=1=1=0", "7=1=1=0"), []string{"item 1: PlanID breaks a rule: ", "(registrar account netim-sandbox)"}},
		"taken":            {alter(t, shop(t), "DomainID=shop", "DomainID=taken"), []string{"Domain 'taken.example' is already used."}},
		"renewal":          {alter(t, shop(t), "OrderOperationType=10", "OrderOperationType=20"), []string{"a renewal is for a domain of an existing account"}},
		"not an order":     {[]byte("hello"), []string{"neither an XML-RPC call nor a JSON object"}},
		"nothing":          {nil, []string{"the order is empty"}},
		"another method":   {alter(t, shop(t), "PlaceOrderAndAuthorize_API", "GetOrder_API"), []string{"must be PlaceOrderAndAuthorize_API"}},
		"another server":   {alter(t, shop(t), "<value>BM</value>", "<value>DOMAINGATE</value>"), []string{"Server is \"DOMAINGATE\" and must be BM"}},
		"broken XML":       {shop(t)[:len(shop(t))/2], []string{"xmlrpc"}},
		"unknown field":    {[]byte(`{"vendorAccountId": 1, "itemz": []}`), []string{"itemz"}},
		"unlisted account": {[]byte(`{"vendorAccountId": 1, "items": [], "customer": {"accountId": 5}}`), []string{"no items"}},
	} {
		_, err := f.intake.Place(t.Context(), c.order)
		refusal, ok := errors.AsType[*intake.Refusal](err)
		if !ok {
			t.Errorf("%s: got %v", name, err)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(refusal.Error(), want) {
				t.Errorf("%s: %q is not in %v", name, want, refusal)
			}
		}
	}
	rows, err := f.Store.Units(t.Context(), store.UnitFilter{})
	refusals, _ := f.Store.Refusals(t.Context())
	if err != nil || len(rows) != 0 || refusals != 12 {
		t.Errorf("%d orders and %d refusals are stored, %v", len(rows), refusals, err)
	}
	f.want("shop.example", effects{})
}

// TestTerminatedWorkflowIsTakenUpOrGivenUp: a terminated workflow cannot record anything,
// so its order stays open. Placing the same order again resumes it under the same ids;
// nothing is created twice.
func TestTerminatedWorkflowIsTakenUpOrGivenUp(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{manual: true})
	placed := f.place(shop(t))
	f.until(shopWorkflow, messages.Waiting)
	runs := func() bool {
		rows, err := f.Store.Units(t.Context(), store.UnitFilter{OrderNumber: placed.Number})
		if err != nil {
			t.Fatal(err)
		}
		running, err := f.intake.Runs(t.Context(), rows[0])
		if err != nil {
			t.Fatal(err)
		}
		return running
	}
	if !runs() {
		t.Error("a running order counts as ended")
	}
	if err := f.temporal.TerminateWorkflow(t.Context(), shopWorkflow, "", "test"); err != nil {
		t.Fatal(err)
	}
	f.eventually("the workflow has ended", func() bool { return !runs() })
	again := f.place(shop(t))
	if !again.Existing || again.Number != placed.Number {
		t.Errorf("got %+v", again)
	}
	if err := f.world.netim.Complete("shop.example"); err != nil {
		t.Fatal(err)
	}
	f.until(shopWorkflow, messages.Waiting)
	f.confirm("event-1", "done")
	f.finish(shopWorkflow)
	f.want("shop.example", whole())
}

func TestDeadlinePassed(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{manual: true}, func(cfg *config.Config) {
		r := cfg.Registrars[netimAccount]
		r.PendingDeadline = time.Second
		cfg.Registrars[netimAccount] = r
	})
	f.place(shop(t))
	progress := f.until(shopWorkflow, messages.NeedsAttention)
	if progress.Attention.Reason != messages.ReasonDeadlinePassed || progress.Step != 10 {
		t.Errorf("got %+v", progress.Attention)
	}
	f.completes()
	f.finish(shopWorkflow)
	f.want("shop.example", whole())
}

func TestRegistrarDownIsWaitedFor(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{faults: []faults.Fault{fault(t, "netim:*:http-error=503*3"), fault(t, "netim:domainCreate:session-expired")}})
	f.place(shop(t))
	f.finish(shopWorkflow)
	f.want("shop.example", whole())
}

// TestNoPersonalDataOutsideTheSealedOrder looks for the customer's data in the log, in
// ids, in search attributes, in the history and in the database file.
func TestNoPersonalDataOutsideTheSealedOrder(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{faults: []faults.Fault{fault(t, "operations:pem.addAccount:cut-after"), fault(t, "netim:contactCreate:malformed")}})
	f.place(shop(t))
	f.finish(shopWorkflow)
	personal := []string{"Jane", "jane@shop", "1 Main Street", "Sampleton", "5550100", "a-long-pass-phrase", registrarPass}
	places := map[string]string{"log": f.log.String(), "history": f.historyText(shopWorkflow), "database": f.databaseText()}
	for place, text := range places {
		for _, word := range personal {
			if strings.Contains(text, word) {
				t.Errorf("%q is in the %s", word, place)
			}
		}
	}
	if order, err := f.Store.OrderDocument(t.Context(), "DP00000001"); err != nil || !strings.Contains(string(order), "Jane") {
		t.Errorf("the sealed order cannot be opened: %v", err)
	}
}
