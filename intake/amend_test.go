package intake_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"domainprovisioning/intake"
	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/orders"
	"domainprovisioning/store"
)

// jo is a complete contact of an amendment.
const jo = `{"firstName": "Jo", "lastName": "New", "address1": "2 Side Street", "city": "Sampleton", "postalCode": "10001", "country": "us", "state": "NY",
	"email": "jo@shop.example", "phone": {"countryCode": "1", "areaCode": "212", "number": "5550101"}}`

func unitOf(t *testing.T, w *outside.World, number string, item int) store.Unit {
	t.Helper()
	unit, err := w.Store.Unit(t.Context(), number, item)
	if err != nil {
		t.Fatal(err)
	}
	return unit
}

// amendRefused amends a unit, which must be refused, and returns the reasons with their places.
func amendRefused(t *testing.T, w *outside.World, unit store.Unit, amendment string) []string {
	t.Helper()
	_, err := w.Intake.Amend(t.Context(), unit, 0, []byte(amendment))
	refused, ok := errors.AsType[*intake.Refusal](err)
	if !ok {
		t.Fatalf("%s: got %v", amendment, err)
	}
	var all []string
	for n, reason := range refused.Reasons {
		all = append(all, refused.Pointers[n]+" "+reason)
	}
	return all
}

func TestWhatAnAmendmentChanges(t *testing.T) {
	const c = "customer"
	for name, k := range map[string]struct{ order, amendment, want string }{
		"the customer":              {outside.NewCustomer, `{"customer": {"contact": {"city": "Town"}}}`, c},
		"the password":              {outside.NewCustomer, `{"customer": {"password": "another-pass-phrase"}}`, c},
		"the owner":                 {outside.NewCustomer, `{"contacts": {"owner": {"city": "Town"}}}`, "contacts"},
		"both":                      {outside.NewCustomer, `{"customer": {"contact": {"city": "Town"}}, "contacts": {"tech": {"city": "Village"}}}`, c + " contacts"},
		"instead of an account":     {outside.ExistingCustomer, `{"contacts": {"admin": ` + jo + `}}`, "contacts"},
		"name servers":              {outside.NewCustomer, `{"nameServers": ["ns1.other.example", "ns2.other.example"]}`, "nameServers"},
		"a parameter":               {outside.NewCustomer, `{"parameters": {"taxId": "1"}}`, "parameters"},
		"the plan":                  {outside.NewCustomer, `{"planId": 6}`, "years"},
		"a plan with a price limit": {outside.NewCustomer, `{"planId": 8}`, "priceLimit"},
		"a transfer key":            {transfer(t), `{"transferKey": "the-right-key"}`, "transferKey"},
		"a setting":                 {withLock(t), `{"settings": {"lock": false}}`, "settings"},
	} {
		t.Run(name, func(t *testing.T) {
			w := outside.New(t, outside.Options{AskOperations: true})
			if strings.Contains(k.order, "transfer\"") {
				w.Netim.AddTaken("shop.example", "the-right-key")
			}
			unit := w.Place(t, k.order).Units[0].Unit
			got, err := w.Intake.Amend(t.Context(), unit, 0, []byte(k.amendment))
			if err != nil {
				t.Fatal(err)
			}
			var words []string
			for _, change := range got.Changes {
				words = append(words, string(change))
			}
			if strings.Join(words, " ") != k.want || got.Base != 0 {
				t.Errorf("changes %q, want %q", words, k.want)
			}
			if _, err := orders.ReadStored(bytes.NewReader(got.Document)); err != nil {
				t.Error(err)
			}
			if latest, err := w.Store.LatestRevision(t.Context(), unit.OrderNumber); latest != 0 || err != nil {
				t.Errorf("something is stored: %d, %v", latest, err)
			}
		})
	}
}

func transfer(t *testing.T) string {
	return outside.Alter(t, outside.DomainOnly, `"registration"`, `"transfer"`, `"transferKey": ""`, `"transferKey": "the-right-key-once"`)
}

func withLock(t *testing.T) string {
	return outside.Alter(t, outside.DomainOnly, `"transferKey": ""`, `"transferKey": "", "settings": {"lock": true}`)
}

func TestAnAmendmentThatCannotBe(t *testing.T) {
	w := outside.New(t, outside.Options{AskOperations: true})
	ordered := w.Place(t, twoDomains(t, "store"))
	unit, second := unitOf(t, w, ordered.Number, 1), unitOf(t, w, ordered.Number, 2)
	locked := w.Place(t, outside.Alter(t, withLock(t), `"shop"`, `"locked"`)).Units[0].Unit
	for _, k := range []struct {
		unit      store.Unit
		amendment string
		want      []string
	}{
		{unit, `{}`, []string{" the amendment says the same as the order"}},
		{unit, `{"planId": 5, "periodId": 5, "contacts": {"owner": {"city": "Sampleton"}}}`, []string{" the amendment says the same as the order"}},
		{unit, `{"planId": 7}`, []string{
			"/planId planId names registrar account \"nowhere\", which is not configured"}},
		{unit, `{"planId": 20}`, []string{"/planId planId 20 is a hosting plan, but the item orders a domain"}},
		{unit, `{"planId": 99, "hosting": {"planId": 5}}`, []string{
			"/hosting/planId hosting.planId 5 is a domain plan, but the item orders no operation for a domain", "/planId planId 99 is not in the plan catalog"}},
		{unit, `{"nameServers": [{"host": "ns1.shop.example", "addresses": ["192.0.2.1"]}, "ns2.other.example"]}`, []string{
			"/nameServers nameServers cannot have the first name server below the ordered name: the order has no step that registers it; order a name-server-change later"}},
		{unit, `{"settings": {"lock": true}}`, []string{
			"/settings settings cannot be given: the order has none; for others place an order of the operation settings-change"}},
		{locked, `{"settings": {"privacy": true}}`, []string{
			"/settings settings must be those of the order, lock; for others place an order of the operation settings-change"}},
		{locked, `{"customer": {"login": "x"}}`, []string{"/customer customer is an existing account: correct it in Operations, then retry"}},
		{unit, `nothing`, []string{" orders: the document is not JSON: invalid character 'o' in literal null (expecting 'u')"}},
		// All at once, the registrar's reasons too.
		{unit, `{"contacts": {"owner": {"firstName": "` + strings.Repeat("J", 300) + `"}}, "domain": "x", "periodId": 3, "language": "de"}`, []string{
			"/periodId periodId 3 is not a period of plan 5, which sells 1 (1 year), 5 (1 year)", "/domain domain cannot be amended: cancel the order and place another",
			"/language language breaks a rule: no code of a language can be given at this registrar (registrar account netim-1)",
			"/contacts/owner/firstName contacts.owner.firstName breaks a rule: at most 30 characters, and it has 300 (registrar account netim-1)"}},
		{second, `{"contacts": {"owner": {"state": "XX"}}}`, []string{"/contacts/owner/state contacts.owner.state must be a state, province or territory of US, by its code or its full name in English"}},
	} {
		got := amendRefused(t, w, k.unit, k.amendment)
		if !slices.Equal(got, k.want) {
			t.Errorf("%s: got %q, want %q", k.amendment, got, k.want)
		}
		for _, reason := range got {
			if strings.Contains(reason, "jane") || strings.Contains(reason, "JJJ") {
				t.Errorf("%s: personal data: %q", k.amendment, reason)
			}
		}
	}
	if rows, err := w.Store.LatestRevision(t.Context(), ordered.Number); rows != 0 || err != nil {
		t.Errorf("%d, %v", rows, err)
	}
}

// TestTheRegistrarJudgesAnAmendment by its rules for contacts and prices, but not whether the
// name can be had: the request may be under way.
func TestTheRegistrarJudgesAnAmendment(t *testing.T) {
	w := outside.New(t, outside.Options{AskOperations: true})
	unit := w.Place(t, outside.NewCustomer).Units[0].Unit
	w.Netim.SetPrice("shop.example", 99_00)
	if got := amendRefused(t, w, unit, `{"planId": 8}`); len(got) != 1 || !strings.Contains(got[0], "99.00 EUR") || !strings.Contains(got[0], "12.00 EUR") {
		t.Errorf("a limit below the price: %q", got)
	}
	w.Netim.AddTaken("shop.example", "")
	if _, err := w.Intake.Amend(t.Context(), unit, 0, []byte(`{"contacts": {"owner": {"city": "Town"}}}`)); err != nil {
		t.Errorf("the name is taken by the order itself: %v", err)
	}
	// What it says against the order as it was, too, is no fault of the amendment.
	document, err := w.Store.OrderDocument(t.Context(), unit.OrderNumber)
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("J", 31)
	take(t, w, unit, 0, bytes.Replace(document, []byte(`"Jane"`), []byte(`"`+long+`"`), 1))
	for _, amendment := range []string{`{"planId": 6}`, `{"contacts": {"owner": {"city": "Town"}}}`, `{"customer": {"contact": {"firstName": "Jane"}}}`} {
		if _, err := w.Intake.Amend(t.Context(), unit, 1, []byte(amendment)); err != nil {
			t.Errorf("%s: %v", amendment, err)
		}
	}
	want := []string{"/contacts/owner/firstName contacts.owner.firstName breaks a rule: at most 30 characters, and it has 31 (registrar account netim-1)"}
	if got := amendRefused(t, w, unit, `{"contacts": {"owner": {"firstName": "`+long+`"}}}`); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

// TestTheStepsOfAnOrderStay: what they were laid out for cannot be taken away.
func TestTheStepsOfAnOrderStay(t *testing.T) {
	w := outside.New(t, outside.Options{AskOperations: true})
	own := `"nameServers": [{"host": "ns1.shop.example", "addresses": ["192.0.2.1"]}, "ns2.other.example"]`
	unit := w.Place(t, outside.Alter(t, outside.DomainOnly, `"transferKey": ""`, `"transferKey": "", `+own)).Units[0].Unit
	if got := amendRefused(t, w, unit, `{"nameServers": null}`); !slices.Equal(got, []string{
		"/nameServers nameServers must keep a name server below the ordered name: the order has a step that registers it; order a name-server-change later"}) {
		t.Errorf("got %q", got)
	}
	got, err := w.Intake.Amend(t.Context(), unit, 0, []byte(strings.Replace("{"+own+"}", "192.0.2.1", "192.0.2.2", 1)))
	if err != nil || !slices.Equal(got.Changes, []messages.Change{messages.ChangeNameServers}) {
		t.Errorf("another address: %v, %v", got.Changes, err)
	}
}

// TestAnOldOrderStaysAmendable: only what the amendment says, or breaks, is a reason.
func TestAnOldOrderStaysAmendable(t *testing.T) {
	w := outside.New(t, outside.Options{AskOperations: true})
	placed := w.Place(t, outside.NewCustomer)
	unit := placed.Units[0].Unit
	document, err := w.Store.OrderDocument(t.Context(), unit.OrderNumber)
	if err != nil {
		t.Fatal(err)
	}
	old := bytes.Replace(document, []byte(`"email": "jane@shop.example"`), []byte(`"email": "no address"`), 1)
	take(t, w, unit, 0, old)
	for _, amendment := range []string{
		`{"planId": 6}`, `{"customer": {"contact": {"city": "Town"}}}`, `{"contacts": {"tech": {"city": "Town"}}}`, `{"nameServers": ["ns1.other.example", "ns2.other.example"]}`,
	} {
		if _, err := w.Intake.Amend(t.Context(), unit, 1, []byte(amendment)); err != nil {
			t.Errorf("%s: %v", amendment, err)
		}
	}
	if got := amendRefused(t, w, unit, `{"customer": {"contact": {"email": "again none"}}}`); !slices.Equal(got, []string{
		"/customer/contact/email customer.contact.email must be an e-mail address such as name@example.com"}) {
		t.Errorf("got %q", got)
	}
}

// take stores a revision and lets the unit go by it.
func take(t *testing.T, w *outside.World, unit store.Unit, base int, document []byte) int {
	t.Helper()
	stored, err := w.Store.AddRevision(t.Context(), store.Revision{OrderNumber: unit.OrderNumber, Item: unit.Item, Base: base, Document: document})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Store.TakeRevision(t.Context(), unit.OrderNumber, unit.Item, stored.Number); err != nil {
		t.Fatal(err)
	}
	return stored.Number
}

// TestAnAmendmentIsOfTheNewestRevision of the order, and its changes are those of the unit.
func TestAnAmendmentIsOfTheNewestRevision(t *testing.T) {
	w := outside.New(t, outside.Options{AskOperations: true})
	number := w.Place(t, twoDomains(t, "store")).Number
	first, second := unitOf(t, w, number, 1), unitOf(t, w, number, 2)
	amended, err := w.Intake.Amend(t.Context(), first, 0, []byte(`{"customer": {"contact": {"city": "Town"}}, "planId": 6}`))
	if err != nil || amended.Base != 0 {
		t.Fatal(amended, err)
	}
	take(t, w, first, 0, amended.Document)
	amended, err = w.Intake.Amend(t.Context(), second, 0, []byte(`{"planId": 5}`))
	if err != nil || amended.Base != 1 || !slices.Equal(amended.Changes, []messages.Change{messages.ChangeCustomer, messages.ChangeYears}) {
		t.Errorf("base %d, changes %v, %v", amended.Base, amended.Changes, err)
	}
	order, err := orders.ReadStored(bytes.NewReader(amended.Document))
	if err != nil || order.Customer.Contact().City != "Town" || order.Items[1].PlanID != 6 || order.Items[2].PlanID != 5 {
		t.Errorf("%v, %v", order, err)
	}
	// The first unit has the customer already.
	amended, err = w.Intake.Amend(t.Context(), first, 1, []byte(`{"planId": 5}`))
	if err != nil || !slices.Equal(amended.Changes, []messages.Change{messages.ChangeYears}) {
		t.Errorf("changes %v, %v", amended.Changes, err)
	}
	if _, err := w.Intake.Amend(t.Context(), store.Unit{OrderNumber: "SO-9"}, 0, []byte(`{}`)); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("an unknown order: %v", err)
	}
}

// TestContactsOfAnAccountAreReadForTheRegistrar, also while an amendment is checked.
func TestContactsOfAnAccountAreReadForTheRegistrar(t *testing.T) {
	w := outside.New(t, outside.Options{AskOperations: true})
	unit := w.Place(t, outside.DomainOnly).Units[0].Unit
	before := w.Operations.Calls("pem.getAccountInfo")
	if _, err := w.Intake.Amend(t.Context(), unit, 0, []byte(`{"contacts": {"owner": `+jo+`}}`)); err != nil {
		t.Fatal(err)
	}
	if after := w.Operations.Calls("pem.getAccountInfo"); after != before+1 {
		t.Errorf("the account was read %d times", after-before)
	}
	// While Operations is away, the workflow asks again.
	w.Fault(t, "operations:*:http-error=503*always")
	if _, err := w.Intake.Amend(t.Context(), unit, 0, []byte(`{"contacts": {"owner": `+jo+`}}`)); err != nil {
		t.Errorf("while Operations is away: %v", err)
	}
}

// TestAnotherPlanIsOfTheSameAccount and top-level domain, and changes what it says otherwise.
func TestAnotherPlanIsOfTheSameAccount(t *testing.T) {
	w := outside.New(t, outside.Options{AskOperations: true})
	number := w.Place(t, twoDomains(t, "store")).Number
	first, second := unitOf(t, w, number, 1), unitOf(t, w, number, 2)
	w.Intake.Accounts["netim-2"] = w.Intake.Accounts[outside.Account]
	plan := orders.DomainPlan{
		PlanID: outside.DomainPlan, TLD: "example", Registrar: outside.Account, Years: 1, Periods: map[int]int{1: 1}, Template: outside.DomainTemplate,
		Billing: orders.BillingPlan{PlanID: 3, PeriodType: orders.PeriodYears, Period: 1, RegistrarID: 7},
	}
	other, abroad, elsewhere := plan, plan, plan
	other.PlanID, other.Template, other.Billing.PlanID = 6, 11, 4
	abroad.PlanID, abroad.TLD = 30, "test"
	elsewhere.PlanID, elsewhere.Registrar = 31, "netim-2"
	var err error
	if w.Intake.Catalog, err = orders.NewCatalog(plan, other, abroad, elsewhere,
		orders.HostingPlan{PlanID: outside.HostingPlan, Template: outside.HostingTemplate}, orders.HostingPlan{PlanID: 21, Template: 22},
	); err != nil {
		t.Fatal(err)
	}
	got, err := w.Intake.Amend(t.Context(), first, 0, []byte(`{"planId": 6, "hosting": {"planId": 21}}`))
	if want := []messages.Change{messages.ChangeDomainTemplate, messages.ChangeHostingTemplate, messages.ChangeBilling}; err != nil || !slices.Equal(got.Changes, want) {
		t.Errorf("changes %v, %v", got.Changes, err)
	}
	const leads = "/planId planId leads to registrar account %s and top-level domain %s, and the order is for \"netim-1\" and example: cancel the order and place another"
	for _, k := range []struct {
		unit            store.Unit
		amendment, want string
	}{
		{first, `{"planId": 30}`, fmt.Sprintf(leads, `"netim-1"`, "test")},
		{first, `{"planId": 31}`, fmt.Sprintf(leads, `"netim-2"`, "example")},
		{second, `{"hosting": {"planId": 21}}`, "/hosting/planId hosting.planId is used when another domain of the order is set up: amend that one"},
	} {
		if got := amendRefused(t, w, k.unit, k.amendment); !slices.Equal(got, []string{k.want}) {
			t.Errorf("%s: got %q, want %q", k.amendment, got, k.want)
		}
	}
	// Without its plan the order cannot go on, whatever is amended.
	if w.Intake.Catalog, err = orders.NewCatalog(other, orders.HostingPlan{PlanID: outside.HostingPlan, Template: outside.HostingTemplate}); err != nil {
		t.Fatal(err)
	}
	if got := amendRefused(t, w, first, `{"contacts": {"owner": {"city": "Town"}}}`); !slices.Contains(got, "/planId planId 5 is not in the plan catalog") {
		t.Errorf("got %q", got)
	}
}
