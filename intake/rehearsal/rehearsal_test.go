package rehearsal_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"domainprovisioning/activities"
	"domainprovisioning/domains"
	"domainprovisioning/intake/rehearsal"
	"domainprovisioning/internal/outside"
	"domainprovisioning/sandbox/standin/netim"
	"domainprovisioning/store"
	"domainprovisioning/workflows"
)

func begin(t testing.TB) (*outside.World, *rehearsal.Rehearsal) {
	t.Helper()
	w := outside.New(t, outside.Options{})
	w.Operations.AddExistingAccount(outside.Customer)
	return w, &rehearsal.Rehearsal{Intake: w.Intake, Logins: map[string]activities.RegistrarLogin{
		outside.Account: {Login: "SB001", Password: domains.NewSecret("registrar-password")},
	}}
}

func rehearse(t testing.TB, r *rehearsal.Rehearsal, order string) rehearsal.Plan {
	t.Helper()
	plan, err := r.Rehearse(t.Context(), []byte(order))
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// names lists the calls of a plan in order.
func names(plan rehearsal.Plan) string {
	var all []string
	for _, unit := range plan.Units {
		for _, step := range unit.Steps {
			for _, call := range step.Calls {
				all = append(all, strings.TrimPrefix(strings.TrimPrefix(call.Name, "pem."), "DOMAINGATE::"))
			}
		}
	}
	return strings.Join(all, ", ")
}

func TestWhatAnOrderWouldCall(t *testing.T) {
	change := func(t *testing.T, operation, more string) string {
		return outside.Alter(t, outside.DomainOnly, `"operation": "registration"`, `"operation": "`+operation+`"`, `, "transferKey": ""`, more)
	}
	for name, c := range map[string]struct {
		order func(t *testing.T) string
		want  string
	}{
		"new customer": {func(*testing.T) string { return outside.NewCustomer },
			"addAccount, addAccountMember, activateSubscription, addDomainRequest, getNameServers, registration, addDomain, activateSubscription, " +
				"bindServicesToDomain, getDomainByName, addDomain, bindServicesToDomain, DomainInfoGet_API, DomainSubscrWithIDAdd_API, read domain"},
		"existing account": {func(*testing.T) string { return outside.DomainOnly },
			"getAccountInfo, getAccountMembers, activateSubscription, addDomainRequest, getNameServers, registration, addDomain, " +
				"getDomainByName, addDomain, DomainInfoGet_API, DomainSubscrWithIDAdd_API, read domain"},
		"adoption": {func(t *testing.T) string {
			return change(t, "adoption", `, "expires": "`+time.Now().AddDate(0, 1, 0).Format(time.DateOnly)+`", "settings": {"lock": true}`)
		}, "getAccountInfo, getAccountMembers, activateSubscription, addDomainRequest, getNameServers, read domain, addDomain, " +
			"getDomainByName, addDomain, DomainInfoGet_API, DomainSubscrWithIDAdd_API, lock change, read domain"},
		"hosting only": {func(*testing.T) string { return outside.HostingOnly }, "getAccountInfo, getAccountMembers, activateSubscription"},
		"renewal": {func(t *testing.T) string { return change(t, "renewal", `, "transferKey": ""`) },
			"read domain, renewal, read domain"},
		"restore": {func(t *testing.T) string { return change(t, "restore", "") }, "read domain, restore, read domain"},
		"name servers": {func(t *testing.T) string {
			return change(t, "name-server-change", `, "nameServers": ["ns1.a.example", "ns2.a.example"]`)
		}, "read domain, name server change, read domain"},
		"settings": {func(t *testing.T) string {
			return change(t, "settings-change", `, "settings": {"lock": true, "privacy": false, "autoRenewal": true, "dnssec": {"sign": true}}`)
		}, "read domain, dnssec change, privacy change, auto renewal change, lock change, read domain"},
	} {
		t.Run(name, func(t *testing.T) {
			w, r := begin(t)
			if strings.HasPrefix(c.want, "read domain") || name == "adoption" { // the account has the domain
				w.Register(t, "shop.example")
			}
			if name == "restore" {
				w.Netim.SetStatus("shop.example", netim.StatusQuarantine)
			}
			plan := rehearse(t, r, c.order(t))
			if !plan.Accepted || names(plan) != c.want {
				t.Errorf("%v\n got %s\nwant %s", plan.Refusals, names(plan), c.want)
			}
		})
	}
}

func TestARehearsalChangesNothing(t *testing.T) {
	w, r := begin(t)
	before := w.Effects("shop.example")
	for range 2 {
		rehearse(t, r, outside.NewCustomer)
		rehearse(t, r, strings.Replace(outside.NewCustomer, `"planId": 5`, `"planId": 99`, 1))
	}
	rows, err := w.Store.Units(t.Context(), store.UnitFilter{})
	refusals, _ := w.Store.Refusals(t.Context())
	if err != nil || len(rows) != 0 || refusals != 0 || len(w.Temporal.Starts()) != 0 {
		t.Errorf("%d orders, %d refusals, %d starts, %v", len(rows), refusals, len(w.Temporal.Starts()), err)
	}
	if after := w.Effects("shop.example"); after != before {
		t.Errorf("effects %s, before %s", after, before)
	}
	if calls := w.Operations.Calls("") + w.Billing.Calls(""); calls != 0 {
		t.Errorf("%d calls reached Operations and Billing", calls)
	}
	// Nothing was reserved either: the first real order gets the first numbers.
	placed := w.Place(t, outside.NewCustomer)
	if placed.Number != "DP00000001" || placed.AccountID() != int(store.DefaultRanges().Account.First) {
		t.Errorf("placed %+v with account %d", placed, placed.AccountID())
	}
	if plan := rehearse(t, r, outside.NewCustomer); !plan.Accepted || plan.Existing != "DP00000001" || len(plan.Units) != 1 {
		t.Errorf("a repeat: %+v", plan)
	}
}

func TestSecretsAreMasked(t *testing.T) {
	_, r := begin(t)
	document, err := json.Marshal(rehearse(t, r, outside.NewCustomer))
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"a-long-pass-phrase", "registrar-password"} {
		if strings.Contains(string(document), secret) {
			t.Errorf("%q is in the plan", secret)
		}
	}
	for _, want := range []string{domains.Redacted, "reserved when the order is placed", "name server of step 5", "(those of step 5)", "Example Shop Ltd"} {
		if !strings.Contains(string(document), want) {
			t.Errorf("the plan lacks %q", want)
		}
	}
}

func TestWhatWouldBeRefused(t *testing.T) {
	w, r := begin(t)
	for name, c := range map[string]struct{ order, pointer, detail string }{
		"no order":     {"{", "", "not JSON"},
		"a rule":       {strings.Replace(outside.NewCustomer, `"country": "us", `, "", 1), "/customer/contact/country", "country is missing"},
		"the catalog":  {strings.Replace(outside.NewCustomer, `"planId": 5`, `"planId": 99`, 1), "/items/1/planId", "planId 99"},
		"no registrar": {strings.Replace(outside.NewCustomer, `"planId": 5`, `"planId": 7`, 1), "/items/1/planId", `"nowhere", which is not configured`},
	} {
		plan := rehearse(t, r, c.order)
		if plan.Accepted || len(plan.Refusals) != 1 || !strings.HasPrefix(plan.Refusals[0].Pointer, c.pointer) ||
			!strings.Contains(plan.Refusals[0].Detail, c.detail) || len(plan.Units) != 0 {
			t.Errorf("%s: %+v", name, plan)
		}
	}
	w.Register(t, "shop.example")
	if plan := rehearse(t, r, outside.NewCustomer); plan.Accepted || !strings.Contains(plan.Refusals[0].Detail, "already used") {
		t.Errorf("a name that is taken: %+v", plan)
	}
}

// Every order type has as many scenes as its workflow has steps.
func TestEveryOrderTypeCanBeRehearsed(t *testing.T) {
	_, r := begin(t)
	files, err := filepath.Glob("../../sandbox/orders/*.json")
	if err != nil || len(files) < 8 {
		t.Fatalf("%d orders, %v", len(files), err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		examined, _ := r.Intake.Examine(t.Context(), content)
		for _, unit := range examined.Units {
			if len(workflows.Titles(unit)) == 0 {
				t.Errorf("%s: no steps", file)
			}
		}
		if _, err := r.Rehearse(t.Context(), content); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}
