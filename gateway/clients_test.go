package gateway_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"domainprovisioning/desk"
	"domainprovisioning/gateway"
	"domainprovisioning/intake"
	"domainprovisioning/internal/outside"
	"domainprovisioning/store"
)

// keyOf makes a key of a client with all scopes but those of the operator.
func (f *fixture) keyOf(client string) string {
	f.t.Helper()
	_, secret, err := f.Store.CreateAPIKey(f.t.Context(), client, client,
		[]store.Scope{store.ScopePlace, store.ScopeRead, store.ScopeOperate, store.ScopeCancel, store.ScopeHooks}, "test")
	if err != nil {
		f.t.Fatal(err)
	}
	return secret.Reveal()
}

// numbered is an order document with a number, for a domain of its own.
func numbered(t testing.TB, number, name string) string {
	t.Helper()
	return strings.Replace(outside.Alter(t, outside.DomainOnly, `"vendorAccountId"`, `"number": "`+number+`", "vendorAccountId"`), `"shop"`, `"`+name+`"`, 1)
}

// numbersOf lists the numbers of the orders that a key sees.
func (f *fixture) numbersOf(key string) string {
	f.t.Helper()
	var page struct {
		Orders []struct{ Key, Order, Client string }
	}
	f.send(http.MethodGet, "/v1/orders", key, "").decode(f.t, &page)
	var all []string
	for _, unit := range page.Orders {
		all = append(all, unit.Order+" is "+unit.Key)
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

func TestEqualNumbersOfTwoClientsAreTwoOrders(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		till, web := f.keyOf("till"), f.keyOf("web")
		for key, name := range map[string]string{till: "of-till", web: "of-web"} {
			for range 2 { // the second one is a repeat
				got := f.send(http.MethodPost, "/v1/orders", key, numbered(t, "1001", name))
				if got.status != http.StatusCreated && got.status != http.StatusOK || !strings.Contains(got.body, `"number":"1001"`) {
					t.Fatalf("%d %s", got.status, got.body)
				}
			}
		}
		if _, err := f.Intake.Place(t.Context(), []byte(numbered(t, "1001", "of-local"))); err != nil {
			t.Fatal(err)
		}
		if f.count() != 3 || len(f.Temporal.Starts()) != 3 {
			t.Fatalf("%d orders, %d workflows; want one of each client", f.count(), len(f.Temporal.Starts()))
		}
		for key, want := range map[string]string{
			till: "1001 is till:1001", web: "1001 is web:1001", f.all: "1001 is 1001, 1001 is till:1001, 1001 is web:1001", f.read: "",
		} {
			if got := f.numbersOf(key); got != want {
				t.Errorf("listed %q, want %q", got, want)
			}
		}
		var order gateway.Order
		f.send(http.MethodGet, "/v1/orders/1001", till, "").decode(t, &order)
		if order.Number != "1001" || order.Key != "till:1001" || order.Client != "till" || order.Units[0].Domain != "of-till.example" {
			t.Errorf("got %+v", order)
		}
		f.send(http.MethodGet, "/v1/orders/local:1001", f.all, "").decode(t, &order)
		if order.Units[0].Domain != "of-local.example" {
			t.Errorf("got %+v", order)
		}
		got := f.send(http.MethodGet, "/v1/orders/1001", f.all, "")
		if p := got.problem(t); got.status != http.StatusConflict || !strings.HasSuffix(p.Type, "several-orders") ||
			!strings.Contains(p.Detail, "local:1001") || !strings.Contains(p.Detail, "till:1001") || !strings.Contains(p.Detail, "web:1001") {
			t.Errorf("%d %s", got.status, got.body)
		}
		operators := &desk.Desk{Store: f.Store, Intake: f.Intake}
		operator := desk.WithBy(t.Context(), desk.By{Operator: true})
		if found, err := operators.Erasable(operator, []string{"till:1001"}, 0); err != nil || len(found) != 1 || found[0].Order != "till:1001" {
			t.Errorf("to be erased: %+v, %v", found, err)
		}
		for _, unclear := range []string{"1001", "of-till.example", "other:1001"} {
			if found, err := operators.Erasable(operator, []string{unclear}, 0); err == nil {
				t.Errorf("%s is not clear, and would erase %+v", unclear, found)
			}
		}
		// Equal contents without numbers are one order for one client only.
		for _, key := range []string{till, web} {
			f.send(http.MethodPost, "/v1/orders", key, outside.HostingOnly)
			if got := f.send(http.MethodPost, "/v1/orders", key, outside.HostingOnly); got.status != http.StatusOK {
				t.Errorf("%d %s", got.status, got.body)
			}
		}
		if f.count() != 5 {
			t.Errorf("%d orders, want two more", f.count())
		}
	})
}

// Whatever a client does with the number, the key or the domain of another's order, it is told
// that there is none, nothing is done, and nothing is recorded with the order.
func TestAClientReachesNoOrderOfAnother(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		till, web := f.keyOf("till"), f.keyOf("web")
		if got := f.send(http.MethodPost, "/v1/orders", till, numbered(t, "1001", "shop")); got.status != http.StatusCreated {
			t.Fatalf("%d %s", got.status, got.body)
		}
		quote, err := f.Store.KeepQuote(t.Context(), "domain-provisioning/shop.example", "refused: Jane Doe")
		if err != nil {
			t.Fatal(err)
		}
		calls := []struct{ method, path, body string }{
			{http.MethodGet, "", ""}, {http.MethodGet, "/events", ""}, {http.MethodGet, "/acts", ""}, {http.MethodGet, "/undo", ""}, {http.MethodGet, "/commands?command=x", ""},
			{http.MethodPost, "/retry", `{"reason": "r"}`}, {http.MethodPost, "/cancel", `{"reason": "r"}`}, {http.MethodPost, "/confirm", `{}`},
			{http.MethodPost, "/amend", `{"reason": "r", "amendment": {}}`}, {http.MethodPost, "/extend", `{"reason": "r", "until": "2027-01-01T00:00:00Z"}`},
			{http.MethodPost, "/skip", `{"reason": "r", "step": 3}`}, {http.MethodPost, "/confirm-by-hand", `{"reason": "r", "outcome": "done"}`},
		}
		for _, id := range []string{"1001", "till:1001", "shop.example"} {
			for _, c := range calls {
				got := f.send(c.method, "/v1/orders/"+id+c.path, web, c.body)
				if got.status != http.StatusNotFound || strings.Contains(got.body, "1001") {
					t.Errorf("%s %s%s: %d %s", c.method, id, c.path, got.status, got.body)
				}
			}
		}
		for path, want := range map[string]int{"/v1/orders?domain=shop.example": 200, "/v1/orders?text=shop": 200, "/v1/quotes/" + quote: 404} {
			if got := f.send(http.MethodGet, path, web, ""); got.status != want || strings.Contains(got.body, "shop.example") || strings.Contains(got.body, "Jane") {
				t.Errorf("%s: %d %s", path, got.status, got.body)
			}
		}
		if got := f.send(http.MethodGet, "/v1/quotes/"+quote, till, ""); got.status != http.StatusOK || !strings.Contains(got.body, "Jane Doe") {
			t.Errorf("its own quote: %d %s", got.status, got.body)
		}
		for _, path := range []string{"/v1/operations", "/v1/loose-ends", "/v1/inbox", "/v1/watches", "/metrics"} {
			if got := f.send(http.MethodGet, path, web, ""); got.status != http.StatusForbidden || !strings.Contains(got.body, "scope all") {
				t.Errorf("%s: %d %s", path, got.status, got.body)
			}
		}
		if sent := f.Temporal.Commands(); len(sent) != 0 {
			t.Errorf("sent %+v", sent)
		}
		if acts, err := f.Store.Acts(t.Context(), store.ActFilter{OrderNumber: "till:1001"}); err != nil || len(acts) != 0 {
			t.Errorf("recorded %+v, %v", acts, err)
		}
		// The domain is taken for all, and only its own client and the operator learn by what.
		for key, named := range map[string]bool{web: false, till: true, f.all: true} {
			got := f.send(http.MethodPost, "/v1/orders", key, numbered(t, "2002", "shop"))
			if p := got.problem(t); got.status != http.StatusConflict || !strings.HasSuffix(p.Type, "domain-open") || strings.Contains(got.body, "1001") != named {
				t.Errorf("named %v: %d %s", named, got.status, got.body)
			}
		}
		for caller, named := range map[intake.Caller]bool{{Client: "web"}: false, {Client: "till"}: true, {All: true}: true} {
			_, err := f.Intake.Examine(intake.WithCaller(t.Context(), caller), []byte(numbered(t, "2002", "shop")))
			if err == nil || !strings.Contains(err.Error(), "shop.example is in") || strings.Contains(err.Error(), "1001") != named {
				t.Errorf("rehearsed by %+v: %v", caller, err)
			}
		}
	})
}

// The customer of an order that is under way is another client's secret as well.
func TestACustomerOfAnotherClientIsNotNamed(t *testing.T) {
	f := begin(t, outside.Options{})
	till, web := f.keyOf("till"), f.keyOf("web")
	f.send(http.MethodPost, "/v1/orders", till, outside.NewCustomer)
	other := strings.Replace(outside.NewCustomer, `"shop"`, `"store"`, 1)
	for key, named := range map[string]bool{web: false, till: true} {
		got := f.send(http.MethodPost, "/v1/orders", key, other)
		if got.status != http.StatusUnprocessableEntity && got.status != http.StatusConflict || strings.Contains(got.body, "DP00000001") != named {
			t.Errorf("named %v: %d %s", named, got.status, got.body)
		}
	}
}

func TestOrdersByXMLRPCBelongToTheClientOfTheKey(t *testing.T) {
	f := begin(t, outside.Options{})
	till := f.keyOf("till")
	for name, got := range map[string]reply{
		"by the header": f.rpc(shopCall(t), "Authorization", "Bearer "+till),
		"by the call":   f.rpc(strings.Replace(shopCall(t), "<struct>", "<struct><member><name>Password</name><value>"+till+"</value></member>", 1)),
	} {
		if code, text := fault(t, got); code != 0 {
			t.Errorf("%s: %d %s", name, code, text)
		}
	}
	rows, err := f.Store.Units(t.Context(), store.UnitFilter{})
	if err != nil || len(rows) != 1 { // the second call is a repeat
		t.Fatal(rows, err)
	}
	for _, row := range rows {
		if row.Client != "till" {
			t.Errorf("%+v", row)
		}
	}
}
