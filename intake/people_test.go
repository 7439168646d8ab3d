package intake_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"domainprovisioning/intake"
	"domainprovisioning/internal/outside"
	"domainprovisioning/operations"
	"domainprovisioning/store"
)

// refusal places an order that must be refused, and returns its reasons with their places.
func refusal(t *testing.T, w *outside.World, order string) []string {
	t.Helper()
	_, err := w.Intake.PlaceJSON(t.Context(), []byte(order), nil)
	refused, ok := errors.AsType[*intake.Refusal](err)
	if !ok {
		t.Fatalf("got %v", err)
	}
	var all []string
	for n, reason := range refused.Reasons {
		all = append(all, refused.Pointers[n]+" "+reason)
	}
	return all
}

// What the order says about existing customers is compared with Operations.
func TestOperationsIsAskedAboutCustomers(t *testing.T) {
	user := func(id string) string {
		return outside.Alter(t, outside.DomainOnly, `"transferKey": ""`, `"transferKey": "", "contacts": {"tech": `+id+`}`)
	}
	w := outside.New(t, outside.Options{AskOperations: true})
	member := w.Operations.Members()[0]
	for name, c := range map[string]struct {
		order string
		want  []string
	}{
		"an unknown account": {outside.Alter(t, outside.DomainOnly, "500100", "500199"), []string{
			"/customer/accountId customer.accountId 500199 is not an account in Operations"}},
		"an unknown user": {user("12"), []string{
			"/items/0/contacts/tech items[0].contacts.tech names user 12, who is neither in Operations nor in the order"}},
		"the login of a staff member": {outside.Alter(t, outside.NewCustomer, `"login": "jane@shop.example"`, `"login": "`+member.Login+`"`), []string{
			"/customer/login customer.login is in use in Operations: give the customer's account in customer.accountId, or another login"}},
		"a currency that does not exist": {outside.Alter(t, outside.NewCustomer, `"EUR"`, `"EURO"`), []string{
			"/customer/currency customer.currency must be a code of three letters of ISO 4217"}},
	} {
		if got := refusal(t, w, c.order); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
	if e := w.Effects("shop.example"); e != (outside.Effects{Accounts: 1, Members: 1}) {
		t.Errorf("effects %+v", e)
	}
}

// If Operations does not answer, the workflow asks before it makes an account.
func TestWhatOperationsDidNotAnswerIsAskedAgain(t *testing.T) {
	w := outside.New(t, outside.Options{AskOperations: true})
	w.Fault(t, "operations:pem.getAccountMemberByLogin:http-error=503")
	w.Place(t, outside.NewCustomer)
	w.Place(t, outside.Alter(t, outside.NewCustomer, `"shop"`, `"store"`, `"login": "jane@shop.example"`, `"login": "jane@store.example"`))
	starts := w.Temporal.Starts()
	if len(starts) != 2 || !starts[0].Input.AskLogin || starts[1].Input.AskLogin {
		t.Errorf("%d starts, asked anew: %t, %t", len(starts), starts[0].Input.AskLogin, starts[1].Input.AskLogin)
	}
}

// Two orders at once of one new customer are one account, whoever is quicker.
func TestOneCustomerOrdersTwiceAtOnce(t *testing.T) {
	w := outside.New(t, outside.Options{AskOperations: true})
	errs := make([]error, 8)
	var group sync.WaitGroup
	for n := range errs {
		group.Go(func() {
			_, errs[n] = w.Intake.PlaceJSON(t.Context(), []byte(strings.Replace(outside.NewCustomer, `"shop"`, `"shop`+string(rune('a'+n))+`"`, 1)), nil)
		})
	}
	group.Wait()
	accepted := 0
	for _, err := range errs {
		if err == nil {
			accepted++
		} else if !strings.Contains(err.Error(), "account") {
			t.Errorf("got %v", err)
		}
	}
	if accepted != 1 || len(w.Temporal.Starts()) != 1 {
		t.Errorf("%d orders are accepted, %d started", accepted, len(w.Temporal.Starts()))
	}
}

// A renewal of what another order has renewed within its period is marked, under whatever
// number and however long after the repeat window.
func TestAnEarlierRenewalIsKnown(t *testing.T) {
	w := outside.New(t, outside.Options{AskOperations: true})
	w.Register(t, "shop.example")
	renewal := outside.Alter(t, outside.DomainOnly, `"operation": "registration"`, `"operation": "renewal"`)
	first := w.Place(t, renewal)
	if err := w.Store.CloseUnit(t.Context(), first.Number, 0, store.UnitDone, ""); err != nil {
		t.Fatal(err)
	}
	w.Place(t, outside.Alter(t, renewal, `"vendorAccountId"`, `"number": "R-2", "vendorAccountId"`))
	starts := w.Temporal.Starts()
	if earlier := starts[0].Input.RenewedBefore; earlier != nil {
		t.Errorf("the first follows %+v", earlier)
	}
	if earlier := starts[1].Input.RenewedBefore; earlier == nil || earlier.OrderNumber != first.Number || len(starts[1].Input.Notes) != 1 {
		t.Errorf("the second follows %+v, notes %q", earlier, starts[1].Input.Notes)
	}
}

// A subscription that an order names is used instead of a new one, if it is one that it can
// use.
func TestASubscriptionThatIsLeftIsUsed(t *testing.T) {
	w := outside.New(t, outside.Options{AskOperations: true})
	order := func(id string) string {
		return outside.Alter(t, outside.DomainOnly, `"transferKey": ""`, `"transferKey": "", "subscriptionId": `+id)
	}
	activate := func(account, id, template int) {
		t.Helper()
		if _, err := w.OperationsClient.ActivateSubscription(t.Context(), operations.ActivateSubscriptionParams{
			AccountID: account, SubscriptionID: id, ServiceTemplateID: template,
		}); err != nil {
			t.Fatal(err)
		}
	}
	activate(outside.Customer, 700, outside.DomainTemplate)
	activate(outside.Customer, 701, outside.HostingTemplate)
	activate(w.Operations.AddExistingAccount(0), 702, outside.DomainTemplate)
	before := w.Effects("shop.example")
	for id, want := range map[string]string{
		"699": "699 is not a subscription in Operations",
		"701": "701 is one of service template 20, and the plan's is 10",
		"702": "702 is not one of account 500100",
		"0":   "must be the id of a subscription",
	} {
		if got := refusal(t, w, order(id)); len(got) != 1 || got[0] != "/items/0/subscriptionId items[0].subscriptionId "+want {
			t.Errorf("%s: %q", id, got)
		}
	}
	if got := refusal(t, w, outside.Alter(t, outside.NewCustomer, `"transferKey": ""`, `"transferKey": "", "subscriptionId": 700`)); len(got) != 1 ||
		!strings.HasSuffix(got[0], "is for an order of an existing account") {
		t.Errorf("of a new customer: %q", got)
	}
	w.Place(t, order("700"))
	if input := w.Temporal.Starts()[0].Input; input.DomainSubscriptionID != 700 || input.DomainID == 0 {
		t.Errorf("got %+v", input)
	}
	if after := w.Effects("shop.example"); after != before {
		t.Errorf("effects %+v, before %+v", after, before)
	}
}

// Whose a login in Operations is, which may be another client's customer, is told to the operator
// only, and to who orders for the account itself.
func TestOnlyTheOperatorIsToldWhoseALoginIs(t *testing.T) {
	w := outside.New(t, outside.Options{AskOperations: true})
	const elsewhere = 500200
	w.Operations.AddExistingAccount(elsewhere)
	logins := map[int]string{}
	for _, member := range w.Operations.Members() {
		logins[member.AccountID] = member.Login
	}
	user := func(account int) string {
		return outside.Alter(t, outside.DomainOnly, `"transferKey": ""`, `"transferKey": "", "contacts": {"tech": 900}`, `{"accountId": 500100}`, `{"accountId": 500100}, "additionalContacts": [{"id": 900, "login": "`+logins[account]+`", "password": "another-pass-phrase", "contact": {"firstName": "Jo", "lastName": "New", "address1": "2 Side Street", "city": "Sampleton", "postalCode": "10001", "country": "us", "state": "NY", "email": "jo@shop.example", "phone": {"countryCode": "1", "areaCode": "212", "number": "5550101"}}}]`)
	}
	customer := outside.Alter(t, outside.NewCustomer, `"login": "jane@shop.example"`, `"login": "`+logins[elsewhere]+`"`)
	for name, c := range map[string]struct {
		order, want string
		all         bool
	}{
		"a customer, to the operator":               {customer, "by account 500200: give that in", true},
		"a customer, to a client":                   {customer, "is in use in Operations: give the customer's account in", false},
		"a user, to the operator":                   {user(elsewhere), "of account 500200: let the roles name that user", true},
		"a user, to a client":                       {user(elsewhere), "by a user of another account: give another login", false},
		"a user of the account itself, to a client": {user(outside.Customer), "of account 500100: let the roles name that user", false},
	} {
		ctx := intake.WithCaller(t.Context(), intake.Caller{Client: "shop", All: c.all})
		_, err := w.Intake.PlaceJSON(ctx, []byte(c.order), nil)
		if err == nil || !strings.Contains(err.Error(), c.want) || !c.all && strings.Contains(err.Error(), "500200") {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}
