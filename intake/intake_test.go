package intake_test

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"

	"domainprovisioning/activities"
	"domainprovisioning/intake"
	"domainprovisioning/internal/outside"
	"domainprovisioning/store"
	"domainprovisioning/workflows"
)

const shopWorkflow = "domain-provisioning/shop.example"

func TestAnOrderIsStoredAndStarted(t *testing.T) {
	w := outside.New(t, outside.Options{PendingDeadline: 3 * time.Hour})
	placed := w.Place(t, outside.NewCustomer)
	if placed.Number != "DP00000001" || placed.Existing || len(placed.Units) != 1 {
		t.Fatalf("got %+v", placed)
	}
	unit := placed.Units[0]
	if unit.Item != 1 || unit.Domain != "shop.example" || unit.WorkflowID != shopWorkflow || unit.RunID != "run-of-"+shopWorkflow || !unit.Started {
		t.Errorf("got %+v", unit)
	}
	start := w.Temporal.Starts()[0]
	options := start.Options
	if options.ID != shopWorkflow || options.TaskQueue != workflows.TaskQueue || options.StaticSummary == "" || options.StaticDetails == "" ||
		options.WorkflowIDConflictPolicy != enumspb.WORKFLOW_ID_CONFLICT_POLICY_FAIL ||
		options.WorkflowIDReusePolicy != enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE || options.TypedSearchAttributes.Size() != 6 ||
		options.WorkflowExecutionTimeout != 0 || options.WorkflowRunTimeout != 0 {
		t.Errorf("started with %+v", options)
	}
	if start.Input.PendingDeadline != 3*time.Hour || start.Input.OrderNumber != placed.Number {
		t.Errorf("input %+v", start.Input)
	}
	rows, err := w.Store.Units(t.Context(), store.UnitFilter{})
	if err != nil || len(rows) != 1 || rows[0].State != store.UnitOpen || rows[0].Registrar != outside.Account {
		t.Errorf("the store has %+v, %v", rows, err)
	}
	for _, personal := range []string{"Jane", "jane@", "Main Street", "pass-phrase"} {
		if strings.Contains(rows[0].Plan+options.StaticSummary+options.StaticDetails, personal) {
			t.Errorf("%q is in the plan of the workflow", personal)
		}
		if strings.Contains(databaseText(t, w), personal) {
			t.Errorf("%q is in the database in clear", personal)
		}
	}
	if order, err := w.Stored().Order(t.Context(), placed.Number, 0); err != nil || order.Customer.Contact().FirstName != "Jane" {
		t.Errorf("the sealed order cannot be opened: %v", err)
	}
}

func databaseText(t *testing.T, w *outside.World) string {
	t.Helper()
	var b bytes.Buffer
	for _, suffix := range []string{"", "-wal"} {
		content, err := os.ReadFile(w.Database + suffix)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(content)
	}
	return b.String()
}

func TestTheSameOrderTwiceIsOneOrder(t *testing.T) {
	w := outside.New(t, outside.Options{})
	first := w.Place(t, outside.NewCustomer)
	asked := w.Netim.Calls("")
	w.Netim.AddTaken("shop.example", "") // by us: from now on the registrar says so
	second := w.Place(t, "  "+outside.NewCustomer)
	if !second.Existing || second.Number != first.Number || len(second.Units) != 1 || second.Units[0].WorkflowID != shopWorkflow {
		t.Errorf("got %+v after %+v", second, first)
	}
	if w.Netim.Calls("") != asked {
		t.Error("the registrar was asked about an order that is there already")
	}
	if err := w.Store.CloseUnit(t.Context(), first.Number, 1, store.UnitDone, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Intake.Place(t.Context(), []byte(outside.NewCustomer)); err == nil || !strings.Contains(err.Error(), "Domain 'shop.example' is already used.") {
		t.Errorf("after its end the same order got %v", err)
	}
}

func TestAnOrderNumberBelongsToOneOrder(t *testing.T) {
	w := outside.New(t, outside.Options{})
	numbered := outside.Alter(t, outside.NewCustomer, `"vendorAccountId"`, `"number": "SO-77", "vendorAccountId"`)
	if placed := w.Place(t, numbered); placed.Number != "SO-77" || placed.Existing {
		t.Errorf("got %+v", placed)
	}
	if placed := w.Place(t, numbered); !placed.Existing {
		t.Errorf("again: %+v", placed)
	}
	if err := w.Store.CloseUnit(t.Context(), "SO-77", 1, store.UnitDone, ""); err != nil {
		t.Fatal(err)
	}
	starts := len(w.Temporal.Starts())
	placed := w.Place(t, numbered)
	if !placed.Existing || placed.Units[0].RunID != "" || len(w.Temporal.Starts()) != starts {
		t.Errorf("an order that has ended was started again: %+v", placed)
	}
	_, err := w.Intake.Place(t.Context(), []byte(outside.Alter(t, numbered, `"shop"`, `"store"`)))
	if taken, ok := errors.AsType[*store.NumberTakenError](err); !ok || taken.Number != "SO-77" {
		t.Errorf("another order under the number got %v", err)
	}
}

func TestADomainIsInOneOpenOrder(t *testing.T) {
	w := outside.New(t, outside.Options{})
	first := w.Place(t, outside.NewCustomer)
	other := outside.Alter(t, outside.NewCustomer, "jane@", "john@")
	_, err := w.Intake.Place(t.Context(), []byte(other))
	open, ok := errors.AsType[*store.DomainOpenError](err)
	refusal, refused := errors.AsType[*intake.Refusal](err)
	if !ok || !refused || open.OrderNumber != first.Number || len(refusal.Reasons) != 1 {
		t.Fatalf("got %v", err)
	}
	if err := w.Store.CloseUnit(t.Context(), first.Number, 1, store.UnitCancelled, ""); err != nil {
		t.Fatal(err)
	}
	if placed := w.Place(t, other); placed.Existing || placed.Number == first.Number {
		t.Errorf("got %+v", placed)
	}
}

// twoDomains is hosting with two domains.
func twoDomains(t *testing.T, second string) string {
	t.Helper()
	return outside.Alter(t, outside.NewCustomer, `"transferKey": ""}`, `"transferKey": ""},
    {"id": 2, "planId": 6, "periodId": 1, "parentId": 0, "operation": "registration", "domain": "`+second+`", "transferKey": ""}`)
}

func TestDomainsOfOneOrderShareAccountAndHosting(t *testing.T) {
	w := outside.New(t, outside.Options{})
	placed := w.Place(t, twoDomains(t, "store"))
	starts := w.Temporal.Starts()
	if len(placed.Units) != 2 || len(starts) != 2 {
		t.Fatalf("%d units, %d starts", len(placed.Units), len(starts))
	}
	a, b := starts[0].Input, starts[1].Input
	if a.AccountID != b.AccountID || a.HostingSubscriptionID != b.HostingSubscriptionID || a.HostingSubscriptionID == 0 ||
		a.Users[0].UserID != b.Users[0].UserID {
		t.Errorf("the units share nothing:\n%+v\n%+v", a, b)
	}
	if a.DomainSubscriptionID == b.DomainSubscriptionID || a.DomainID == b.DomainID || starts[0].Options.ID == starts[1].Options.ID {
		t.Errorf("the units share too much:\n%+v\n%+v", a, b)
	}
	if a.Unit.Domain.Years != 1 || b.Unit.Domain.Years != 2 {
		t.Errorf("years %d and %d", a.Unit.Domain.Years, b.Unit.Domain.Years)
	}
}

func TestTheSameDomainTwiceInOneOrderIsRefused(t *testing.T) {
	w := outside.New(t, outside.Options{})
	for _, second := range []string{"shop", "SHOP", "shop.example"} {
		_, err := w.Intake.Place(t.Context(), []byte(twoDomains(t, second)))
		if err == nil || !strings.Contains(err.Error(), "items[2].domain shop.example is ordered twice") {
			t.Errorf("%s: got %v", second, err)
		}
	}
}

func TestAllDomainsThatCannotBeHadAreNamed(t *testing.T) {
	w := outside.New(t, outside.Options{})
	w.Netim.AddTaken("shop.example", "")
	w.Netim.AddTaken("store.example", "")
	_, err := w.Intake.Place(t.Context(), []byte(twoDomains(t, "store")))
	refusal, ok := errors.AsType[*intake.Refusal](err)
	if !ok || len(refusal.Reasons) != 2 || refusal.Reasons[0] != "Domain 'shop.example' is already used." {
		t.Errorf("got %v", err)
	}
}

func TestARegistrarThatIsAwayAtIntakeDoesNotCostTheOrder(t *testing.T) {
	for _, fault := range []string{"netim:*:http-error=503*always", "netim:*:cut-before*always", "netim:*:rate-limit*always", "netim:*:malformed*always"} {
		w := outside.New(t, outside.Options{})
		w.Fault(t, fault)
		var log bytes.Buffer
		w.Intake.Log = slog.New(slog.NewTextHandler(&log, nil))
		if placed := w.Place(t, outside.NewCustomer); len(placed.Units) != 1 || len(w.Temporal.Starts()) != 1 {
			t.Errorf("%s: got %+v", fault, placed)
		}
		if !strings.Contains(log.String(), "could not be asked at intake") || strings.Contains(log.String(), "jane") {
			t.Errorf("%s: the log is\n%s", fault, &log)
		}
	}
}

func TestWhileTemporalIsAwayAnOrderIsStoredAndTheSameOrderStartsItLater(t *testing.T) {
	w := outside.New(t, outside.Options{})
	w.Temporal.SetDown(true)
	placed, err := w.Intake.Place(t.Context(), []byte(twoDomains(t, "store")))
	if err != nil || placed.Number == "" || !placed.Waiting() {
		t.Errorf("got %+v, %v", placed, err)
	}
	w.Temporal.SetDown(false)
	again := w.Place(t, twoDomains(t, "store"))
	if !again.Existing || again.Waiting() || again.Number != placed.Number || len(again.Units) != 2 || len(w.Temporal.Starts()) != 2 {
		t.Errorf("got %+v with %d starts", again, len(w.Temporal.Starts()))
	}
	if refusals, err := w.Store.Refusals(t.Context()); err != nil || refusals != 0 {
		t.Errorf("%d refusals, %v", refusals, err)
	}
}

func TestWhileTheStoreIsAwayAnOrderIsNotTakenAndNotRefused(t *testing.T) {
	w := outside.New(t, outside.Options{})
	if err := w.Store.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := w.Intake.Place(t.Context(), []byte(outside.NewCustomer))
	if _, refused := errors.AsType[*intake.Refusal](err); err == nil || refused || len(w.Temporal.Starts()) != 0 {
		t.Errorf("got %v with %d starts", err, len(w.Temporal.Starts()))
	}
}

// Who stands for each role, in the order's data and as a user in Operations and Billing.
func TestTheContactsOfEachRole(t *testing.T) {
	additional := `  }}, "additionalContacts": [{"id": 900, "login": "jo", "password": "another-pass-phrase", "contact": {"firstName": "Jo", "lastName": "New", "address1": "2 Side Street", "city": "Sampleton", "postalCode": "10001", "country": "us", "state": "NY", "email": "jo@shop.example", "phone": {"countryCode": "1", "areaCode": "212", "number": "5550101"}}}]
}`
	for name, c := range map[string]struct {
		order string
		check func(t *testing.T, in workflows.UnitInput)
	}{
		"a new customer is everything": {outside.NewCustomer, func(t *testing.T, in workflows.UnitInput) {
			customer := activities.ContactRef{Source: activities.FromCustomer}
			member := in.Users[0].UserID
			if in.Contacts != (activities.Contacts{Owner: customer, Admin: customer, Tech: customer, Billing: customer}) ||
				in.UserIDs != (workflows.UserIDs{Owner: member, Admin: member, Tech: member, Billing: member}) ||
				!in.NewAccount || len(in.Users) != 1 || in.Users[0].Contact != customer {
				t.Errorf("got %+v", in)
			}
		}},
		"an existing account is everything": {outside.DomainOnly, func(t *testing.T, in workflows.UnitInput) {
			account := activities.ContactRef{Source: activities.FromAccount}
			user := workflows.AccountUser
			if in.Contacts != (activities.Contacts{Owner: account, Admin: account, Tech: account, Billing: account}) ||
				in.UserIDs != (workflows.UserIDs{Owner: user, Admin: user, Tech: user, Billing: user}) ||
				in.NewAccount || len(in.Users) != 0 || in.AccountID != outside.Customer {
				t.Errorf("got %+v", in)
			}
		}},
		"existing users, and user 0 is one": {
			outside.Alter(t, outside.DomainOnly, `"transferKey": ""`, `"transferKey": "", "contacts": {"owner": 12, "tech": 0}`),
			func(t *testing.T, in workflows.UnitInput) {
				if in.Contacts.Owner != (activities.ContactRef{Source: activities.FromUser, ID: 12}) || in.UserIDs.Owner != 12 ||
					in.Contacts.Tech != (activities.ContactRef{Source: activities.FromUser}) || in.UserIDs.Tech != 0 ||
					in.Contacts.Admin.Source != activities.FromAccount || in.UserIDs.Admin != workflows.AccountUser || len(in.Users) != 0 {
					t.Errorf("got %+v", in)
				}
			},
		},
		"a new user in two roles is one user": {
			outside.Alter(t, outside.NewCustomer, `"transferKey": ""`, `"transferKey": "", "contacts": {"admin": 900, "tech": 900}`, "  }}\n}", additional),
			func(t *testing.T, in workflows.UnitInput) {
				jo := activities.ContactRef{Source: activities.FromAdditional, ID: 900}
				if len(in.Users) != 2 || in.Users[1].Contact != jo || in.Contacts.Admin != jo || in.Contacts.Tech != jo ||
					in.UserIDs.Admin != in.Users[1].UserID || in.UserIDs.Tech != in.UserIDs.Admin || in.UserIDs.Owner != in.Users[0].UserID ||
					in.UserIDs.Admin == in.UserIDs.Owner {
					t.Errorf("got %+v", in)
				}
			},
		},
		"hosting has none": {outside.HostingOnly, func(t *testing.T, in workflows.UnitInput) {
			if in.Contacts != (activities.Contacts{}) || in.HostingSubscriptionID == 0 || in.DomainID != 0 || in.DomainSubscriptionID != 0 || in.PendingDeadline != 0 {
				t.Errorf("got %+v", in)
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			w := outside.New(t, outside.Options{})
			w.Place(t, c.order)
			c.check(t, w.Temporal.Starts()[0].Input)
		})
	}
}
