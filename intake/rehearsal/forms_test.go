package rehearsal_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"domainprovisioning/intake/rehearsal"
	"domainprovisioning/internal/outside"
	"domainprovisioning/store"
)

// line formats a call as one line.
func line(call rehearsal.PlannedCall) string {
	words := []string{call.System, call.Name}
	for _, parameter := range call.Parameters {
		words = append(words, parameter.Name+"="+parameter.Value)
	}
	return strings.Join(words, " ")
}

// lines formats the calls of a plan that the given system gets.
func lines(plan rehearsal.Plan, system string) []string {
	var all []string
	for _, unit := range plan.Units {
		for _, step := range unit.Steps {
			for _, call := range step.Calls {
				if call.System == system {
					all = append(all, line(call))
				}
			}
		}
	}
	return all
}

// called returns the parameters of the first call with the given name.
func called(t testing.TB, plan rehearsal.Plan, name string) map[string]string {
	t.Helper()
	for _, unit := range plan.Units {
		for _, step := range unit.Steps {
			for _, call := range step.Calls {
				if call.Name == name {
					parameters := map[string]string{}
					for _, parameter := range call.Parameters {
						parameters[parameter.Name] = parameter.Value
					}
					return parameters
				}
			}
		}
	}
	t.Fatalf("nothing calls %s in %+v", name, plan)
	return nil
}

// more holds new contacts that an order may name.
const more = `, "additionalContacts": [{"id": 900, "login": "jo", "password": "another-pass-phrase", "contact": {"firstName": "Jo", "lastName": "New", "address1": "2 Side Street",
  "city": "Sampleton", "postalCode": "10001", "country": "us", "state": "NY", "email": "jo@shop.example",
  "phone": {"countryCode": "1", "areaCode": "212", "number": "5550101"}}}]}`

// domainOrder is an order for shop.example in the existing account.
func domainOrder(t testing.TB, operation, rest string) string {
	t.Helper()
	return outside.Alter(t, outside.DomainOnly, `"registration"`, `"`+operation+`"`, `, "transferKey": ""`, rest, "\n}", more)
}

// What would be requested from the registrar, in the terms of the contract.
func TestRequestsToTheRegistrar(t *testing.T) {
	const read = "netim-1 read domain domain=shop.example"
	key := strings.Repeat("A", 86) + "==" // 64 octets, as algorithm 13 demands
	change := func(rest string) string { return domainOrder(t, "settings-change", rest) }
	for name, c := range map[string]struct {
		order string
		want  []string
	}{
		"registration on own name servers, with roles": {
			domainOrder(t, "registration", `, "transferKey": "", "nameServers": ["ns1.mine.example", "ns2.mine.example"], "contacts": {"owner": 900, "tech": 12}`),
			[]string{"netim-1 registration domain=shop.example years=1 nameServers=ns1.mine.example ns2.mine.example " +
				"contacts.owner=additional contact 900 of the order contacts.admin=account 500100, read from Operations " +
				"contacts.tech=user 12, read from Operations contacts.billing=account 500100, read from Operations", read},
		},
		// After a transfer the former registrar's auth code is no longer valid.
		"transfer": {
			domainOrder(t, "transfer", `, "transferKey": "KEY-9"`),
			[]string{"netim-1 transfer domain=shop.example authCode=[redacted] nameServers=(those of step 5) " +
				"contacts.owner=account 500100, read from Operations contacts.admin=account 500100, read from Operations " +
				"contacts.tech=account 500100, read from Operations contacts.billing=account 500100, read from Operations",
				"netim-1 auth code change domain=shop.example", read},
		},
		"renewal": {
			domainOrder(t, "renewal", `, "transferKey": ""`),
			[]string{read, "netim-1 renewal domain=shop.example years=1", read},
		},
		"owner change": {
			domainOrder(t, "owner-change", `, "contacts": {"owner": 900}`),
			[]string{read, "netim-1 owner change domain=shop.example contacts.owner=additional contact 900 of the order", read},
		},
		"contact change": {
			domainOrder(t, "contact-change", `, "contacts": {"tech": 12}`),
			[]string{read, "netim-1 contact change domain=shop.example contacts.admin=(stays as it is) " +
				"contacts.tech=user 12, read from Operations contacts.billing=(stays as it is)", read},
		},
		"name servers": {
			domainOrder(t, "name-server-change", `, "nameServers": ["ns1.a.example", "ns2.a.example"]`),
			[]string{read, "netim-1 name server change domain=shop.example nameServers=ns1.a.example ns2.a.example", read},
		},
		"name servers below the name": {
			domainOrder(t, "name-server-change", `, "nameServers": [{"host": "ns1.shop.example", "addresses": ["2001:db8::1", "192.0.2.1"]}, "ns2.a.example"]`),
			[]string{read, "netim-1 register host host=ns1.shop.example addresses=192.0.2.1 2001:db8::1",
				"netim-1 name server change domain=shop.example nameServers=ns1.shop.example ns2.a.example", read},
		},
		"registration on name servers below the name": {
			domainOrder(t, "registration", `, "transferKey": "", "settings": {"lock": true}, "nameServers": ["ns2.a.example", {"host": "ns1.shop.example", "addresses": ["192.0.2.1"]}]`),
			[]string{"netim-1 registration domain=shop.example years=1 nameServers=(those of step 5) " +
				"contacts.owner=account 500100, read from Operations contacts.admin=account 500100, read from Operations " +
				"contacts.tech=account 500100, read from Operations contacts.billing=account 500100, read from Operations",
				"netim-1 register host host=ns1.shop.example addresses=192.0.2.1",
				"netim-1 name server change domain=shop.example nameServers=ns2.a.example ns1.shop.example",
				"netim-1 lock change domain=shop.example lock=true", read},
		},
		"switches": {
			change(`, "settings": {"lock": true, "privacy": false, "autoRenewal": true}`),
			[]string{read, "netim-1 privacy change domain=shop.example privacy=false",
				"netim-1 auto renewal change domain=shop.example autoRenewal=true", "netim-1 lock change domain=shop.example lock=true", read},
		},
		"zone, no longer signed": {
			change(`, "settings": {"zoneTemplate": 3, "dnssec": {"sign": false}}`),
			[]string{read, "netim-1 zone reset domain=shop.example zoneTemplate=3", "netim-1 dnssec change domain=shop.example dnssec=remove", read},
		},
		"signed elsewhere": {
			change(`, "settings": {"dnssec": {"sign": true, "key": {"flags": 257, "protocol": 3, "algorithm": 13, "publicKey": "` + key + `"}}}`),
			[]string{read, "netim-1 dnssec change domain=shop.example dnssec=by the order's key", read},
		},
		"registration with a setting": {
			domainOrder(t, "registration", `, "transferKey": "", "settings": {"lock": true}`),
			[]string{"", "netim-1 lock change domain=shop.example lock=true", read},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, r := begin(t)
			switch {
			case strings.Contains(c.order, `"transfer"`):
				w.Netim.AddTaken("shop.example", "KEY-9")
			case !strings.Contains(c.order, `"registration"`):
				w.Register(t, "shop.example")
			}
			plan := rehearse(t, r, c.order)
			got := lines(plan, outside.Account)
			if len(got) == len(c.want) && c.want[0] == "" {
				got[0] = "" // the contract's terms are tested above
			}
			if !plan.Accepted || !slices.Equal(got, c.want) {
				t.Errorf("%+v\n got %s\nwant %s", plan.Refusals, strings.Join(got, "\n     "), strings.Join(c.want, "\n     "))
			}
		})
	}
}

// A rehearsal asks the registrar, but only in ways that cost and change nothing.
func TestTheRegistrarIsOnlyAsked(t *testing.T) {
	w, r := begin(t)
	w.Register(t, "mine.example")
	w.Netim.AddTaken("moved.example", "KEY-9")
	balance, before := w.Netim.Balance(), w.Netim.Registrations()
	of := func(name, operation, rest string) string {
		return outside.Alter(t, domainOrder(t, operation, rest), `"shop"`, `"`+name+`"`)
	}
	for _, order := range []string{
		outside.NewCustomer, of("moved", "transfer", `, "transferKey": "KEY-9"`), of("mine", "renewal", `, "transferKey": ""`),
		of("mine", "owner-change", `, "contacts": {"owner": 900}`), of("mine", "settings-change", `, "settings": {"zoneTemplate": 3, "privacy": true}`),
		of("mine", "name-server-change", `, "nameServers": ["ns1.a.example", "ns2.a.example"]`), of("mine", "contact-change", `, "contacts": {"tech": 900}`),
	} {
		if plan := rehearse(t, r, order); !plan.Accepted {
			t.Errorf("%+v", plan.Refusals)
		}
	}
	asks := []string{"sessionOpen", "domainTldInfo", "domainCheck", "domainInfo", "queryDomainPrice"}
	for _, call := range w.Netim.Log() {
		if !slices.Contains(asks, call.Method) {
			t.Errorf("the registrar was told to %s", call.Method)
		}
	}
	after := w.Netim.Registrations()
	if len(after) != len(before) || after[0].Expires != before[0].Expires || len(w.Netim.Operations()) != 0 || len(w.Netim.Contacts()) != 0 ||
		w.Netim.Balance() != balance {
		t.Errorf("%d operations, %d contacts, balance %d after %d", len(w.Netim.Operations()), len(w.Netim.Contacts()), w.Netim.Balance(), balance)
	}
	if calls := w.Operations.Calls("") + w.Billing.Calls(""); calls != 0 {
		t.Errorf("%d calls reached Operations and Billing", calls)
	}
}

// The order system's XML-RPC and JSON are two forms of the same order.
func TestBothFormsOfAnOrderLeadToTheSame(t *testing.T) {
	_, r := begin(t)
	form, err := os.ReadFile("../../sandbox/orders/shop.xml")
	if err != nil {
		t.Fatal(err)
	}
	inXML, inJSON := rehearse(t, r, string(form)), rehearse(t, r, outside.NewCustomer)
	for _, system := range []string{"operations", outside.Account} {
		a, b := lines(inXML, system), lines(inJSON, system)
		if len(a) == 0 || !slices.Equal(a, b) {
			t.Errorf("%s\n%s\n%s", system, strings.Join(a, "\n"), strings.Join(b, "\n"))
		}
	}
}

func TestWhatOperationsAndBillingWouldGet(t *testing.T) {
	w, r := begin(t)
	plan := rehearse(t, r, outside.NewCustomer)
	const reserved = "reserved when the order is placed)"
	for _, c := range []struct{ call, parameter, want string }{
		{"pem.addAccount", "account_id", "(account id, " + reserved}, {"pem.addAccount", "person.company_name", "Example Shop Ltd"},
		{"pem.addAccountMember", "account_id", "(account id, " + reserved}, {"pem.addAccountMember", "user_id", "(user id, " + reserved},
		{"pem.addAccountMember", "auth", "[redacted]"},
		{"pem.activateSubscription", "subscription_id", "(domain subscription id, " + reserved}, {"pem.activateSubscription", "service_template_id", "10"},
		{"pem.addDomain", "domain_id", "(domain id, " + reserved}, {"pem.addDomain", "force", "false"}, {"pem.addDomain", "registrar_status", "0"},
		{"pem.bindServicesToDomain", "subscription_id", "(hosting subscription id, " + reserved},
		{"DOMAINGATE::DomainSubscrWithIDAdd_API", "#1", "(domain subscription id, " + reserved},
		{"DOMAINGATE::DomainSubscrWithIDAdd_API", "#2", "(hosting subscription id, " + reserved},
		{"DOMAINGATE::DomainSubscrWithIDAdd_API", "#11", "12.50"}, {"DOMAINGATE::DomainSubscrWithIDAdd_API", "#23", "[redacted]"},
		{"DOMAINGATE::DomainSubscrWithIDAdd_API", "#24", "(name server of step 5)"},
	} {
		if got := called(t, plan, c.call)[c.parameter]; got != c.want {
			t.Errorf("%s %s is %q, want %q", c.call, c.parameter, got, c.want)
		}
	}
	// An adopted domain keeps what it has.
	w.Register(t, "mine.example")
	adopted := rehearse(t, r, outside.Alter(t, outside.DomainOnly, `"registration"`, `"adoption"`, `"shop"`, `"mine"`, `, "transferKey": ""`, ""))
	if row := called(t, adopted, "DOMAINGATE::DomainSubscrWithIDAdd_API"); row["#24"] != "(name server that the domain has)" {
		t.Errorf("Billing would get %v", row)
	}
	// Known values are shown as they are.
	known := rehearse(t, r, domainOrder(t, "registration", `, "transferKey": "", "nameServers": ["ns1.mine.example", "ns2.mine.example"], "contacts": {"tech": 12}`))
	row := called(t, known, "DOMAINGATE::DomainSubscrWithIDAdd_API")
	if row["#2"] != "-1" || row["#7"] != "500100" || row["#24"] != "ns1.mine.example" || row["#28"] != "(the account's first user)" || row["#31"] != "12" {
		t.Errorf("Billing would get %v", row)
	}
}

// Steps without a call say why.
func TestStepsThatAreLeftOutSayWhy(t *testing.T) {
	_, r := begin(t)
	for order, want := range map[string]map[int]string{
		outside.HostingOnly: {2: "the order is for existing account 500100", 6: "the order has no domain", 10: "the order has no domain", 14: "the order has no domain"},
		outside.DomainOnly:  {8: "the order has no hosting", 9: "the order has no hosting", 12: "the order has no hosting"},
		outside.NewCustomer: {10: "waits; asks the registrar when there is news"},
	} {
		for _, step := range rehearse(t, r, order).Units[0].Steps {
			if note, empty := want[step.Number]; empty && (step.Note != note || len(step.Calls) != 0 || step.Calls == nil) {
				t.Errorf("step %d %s: %q, %+v", step.Number, step.Title, step.Note, step.Calls)
			}
		}
	}
}

// Units of one order share its account. A number that is not assigned yet has a
// placeholder.
func TestSeveralUnitsOfOneOrder(t *testing.T) {
	_, r := begin(t)
	plan := rehearse(t, r, outside.Alter(t, outside.NewCustomer, `"transferKey": ""}`, `"transferKey": ""},
    {"id": 2, "planId": 6, "periodId": 1, "parentId": -1, "operation": "registration", "domain": "store", "transferKey": ""},
    {"id": 3, "planId": 20, "periodId": 36, "parentId": -1}`))
	var ids []string
	for _, unit := range plan.Units {
		ids = append(ids, unit.WorkflowID)
	}
	want := []string{"domain-provisioning/shop.example", "domain-provisioning/store.example", "hosting-provisioning/(number)/3"}
	slices.Sort(ids)
	if !plan.Accepted || !slices.Equal(ids, want) {
		t.Errorf("%+v, workflows %v", plan.Refusals, ids)
	}
	for _, unit := range plan.Units {
		alone := rehearsal.Plan{Units: []rehearsal.PlannedUnit{unit}}
		if got := called(t, alone, "pem.addAccount")["account_id"]; got != "(account id, reserved when the order is placed)" {
			t.Errorf("%s: account %s", unit.WorkflowID, got)
		}
		if unit.Domain == "store.example" && called(t, alone, "registration")["years"] != "2" {
			t.Errorf("%+v", unit)
		}
	}
}

func TestEveryReasonToRefuseIsNamedWithItsPlace(t *testing.T) {
	w, r := begin(t)
	w.Register(t, "shop.example")
	w.Register(t, "store.example")
	plan := rehearse(t, r, outside.Alter(t, outside.DomainOnly, `"transferKey": ""}`, `"transferKey": ""},
    {"id": 4, "planId": 5, "periodId": 1, "parentId": -1, "operation": "registration", "domain": "store", "transferKey": ""},
    {"id": 5, "planId": 5, "periodId": 1, "parentId": -1, "operation": "registration", "domain": "free", "transferKey": ""}`))
	want := []rehearsal.Reason{
		{Pointer: "/items/0/domain", Detail: "Domain 'shop.example' is already used."}, {Pointer: "/items/1/domain", Detail: "Domain 'store.example' is already used."},
	}
	if plan.Accepted || !slices.Equal(plan.Refusals, want) || len(plan.Units) != 0 {
		t.Errorf("%+v", plan)
	}
	for rule, order := range map[string]string{
		"a renewal is for a domain of an existing account": outside.Alter(t, outside.NewCustomer, `"registration"`, `"renewal"`),
		"order the hosting by itself":                      outside.Alter(t, outside.ExistingCustomer, `"registration"`, `"renewal"`),
	} {
		if plan := rehearse(t, r, order); plan.Accepted || !strings.Contains(fmt.Sprint(plan.Refusals), rule) {
			t.Errorf("%s: %+v", rule, plan)
		}
	}
}

// Questions that the registrar cannot answer now are asked again by the workflow, so the
// order would be accepted.
func TestARegistrarThatCannotAnswer(t *testing.T) {
	for _, fault := range []string{"netim:*:http-error=503*always", "netim:*:cut-after*always", "netim:*:malformed*always"} {
		w, r := begin(t)
		w.Fault(t, fault)
		if plan := rehearse(t, r, outside.NewCustomer); !plan.Accepted || !strings.Contains(names(plan), "registration") {
			t.Errorf("%s: %+v", fault, plan)
		}
	}
}

func TestAStoreThatCannotAnswerIsNoRefusal(t *testing.T) {
	w, r := begin(t)
	if err := w.Store.Close(); err != nil {
		t.Fatal(err)
	}
	if plan, err := r.Rehearse(t.Context(), []byte(outside.NewCustomer)); err == nil || plan.Accepted || len(plan.Refusals) != 0 {
		t.Errorf("%+v, %v", plan, err)
	}
}

// An accepted order stays accepted, even if its plan has left the catalog since.
func TestARepeatIsTheOrderThatIsThere(t *testing.T) {
	w, r := begin(t)
	w.Place(t, outside.NewCustomer)
	calls := w.Netim.Calls("")
	if plan := rehearse(t, r, outside.NewCustomer); !plan.Accepted || plan.Existing != "DP00000001" || w.Netim.Calls("") != calls {
		t.Errorf("%+v, %d calls more", plan, w.Netim.Calls("")-calls)
	}
	other := outside.Alter(t, outside.NewCustomer, "jane@", "john@")
	if plan := rehearse(t, r, other); plan.Accepted || plan.Existing != "" || len(plan.Refusals) != 1 {
		t.Errorf("another order for a domain that is in an open one: %+v", plan)
	}
	w.Intake.Accounts = nil // its account is no longer configured
	if plan := rehearse(t, r, outside.NewCustomer); !plan.Accepted || plan.Existing != "DP00000001" {
		t.Errorf("%+v", plan)
	}
	if rows, err := w.Store.Units(t.Context(), store.UnitFilter{}); err != nil || len(rows) != 1 {
		t.Errorf("%d orders, %v", len(rows), err)
	}
}
