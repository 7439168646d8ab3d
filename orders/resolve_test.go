package orders

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func resolve(t *testing.T, list []any) []Unit {
	t.Helper()
	work, err := resolveWith(t, testCatalog(t), list)
	if err != nil {
		t.Fatalf("Resolve: %v", err)
	}
	return work
}

// resolveWith resolves a list, which the rules accept.
func resolveWith(t *testing.T, catalog *Catalog, list []any) ([]Unit, error) {
	t.Helper()
	in, err := Rules{}.ReadList(list)
	if err != nil || in.Err() != nil {
		t.Fatalf("ReadList: %v, %v", err, in.Err())
	}
	return catalog.Resolve(in), in.Err()
}

// op returns the parameters of a domain item.
func op(code, domain string, more ...string) []string {
	key := "TransferKey="
	if code == "90" {
		key = "TransferKey=s3cret-key"
	}
	return append([]string{"OrderOperationType=" + code, "DomainID=" + domain, key}, more...)
}

func TestResolveHostingWithDomain(t *testing.T) {
	work := resolve(t, worked())
	if len(work) != 1 {
		t.Fatalf("%d units of work", len(work))
	}
	got := work[0]
	if got.Item != 1 || got.Type != Registration {
		t.Errorf("item %d, %v", got.Item, got.Type)
	}
	want := comPlan()
	if d := got.Domain; d.Name.String() != "shop.example" || d.TLD != "example" || d.Registrar != want.Registrar ||
		d.Years != 1 || d.Template != 11 || d.Billing != want.Billing || d.NameServers != nil || d.Contacts != (Roles{}) {
		t.Errorf("domain %+v", d)
	}
	if *got.Hosting != (HostingOrder{Item: 0, Template: 55, Create: true}) {
		t.Errorf("hosting %+v", got.Hosting)
	}
}

func TestResolveShapes(t *testing.T) {
	type unit struct {
		item    int
		op      Type
		name    string
		years   int
		hosting *HostingOrder
	}
	tests := []struct {
		name  string
		order sections
		want  []unit
	}{
		{"hosting alone", sections{items: []string{"21=1=0=-1"}},
			[]unit{{item: 0, hosting: &HostingOrder{Item: 0, Template: 56, Create: true}}}},
		{"domain alone", sections{items: []string{"3=5=0=-1"}, groups: []group{{0, op("10", "shop")}}},
			[]unit{{0, Registration, "shop.example", 1, nil}}},
		{"years of the period", sections{items: []string{"3=7=0=-1"}, groups: []group{{0, op("10", "shop")}}},
			[]unit{{0, Registration, "shop.example", 2, nil}}},
		{"top-level domain of two labels", sections{items: []string{"4=5=0=-1"}, groups: []group{{0, op("10", "Shop")}}},
			[]unit{{0, Registration, "shop.com.au", 2, nil}}},
		{"full name", sections{items: []string{"4=5=0=-1"}, groups: []group{{0, op("10", "SHOP.com.au.")}}},
			[]unit{{0, Registration, "shop.com.au", 2, nil}}},
		{"internationalised", sections{items: []string{"3=5=0=-1"}, groups: []group{{0, op("10", "Bücher")}}},
			[]unit{{0, Registration, "xn--bcher-kva.example", 1, nil}}},
		{"renewal and transfer", sections{items: []string{"3=5=0=-1", "3=5=1=-1"}, groups: []group{{0, op("20", "old")}, {1, op("90", "moved")}}},
			[]unit{{0, Renewal, "old.example", 1, nil}, {1, Transfer, "moved.example", 1, nil}}},
		{"two domains on one hosting", sections{items: []string{"3=5=1=0", "20=36=0=-1", "4=5=2=0"},
			groups: []group{{1, op("10", "one")}, {2, op("10", "two")}}},
			[]unit{{1, Registration, "one.example", 1, &HostingOrder{Item: 0, Template: 55, Create: true}}, {2, Registration, "two.com.au", 2, &HostingOrder{Item: 0, Template: 55, Create: false}}}},
		{"all kinds, in the order of the items", sections{items: []string{"21=1=7=-1", "3=5=1=0", "20=36=0=-1", "3=5=9=-1"},
			groups: []group{{1, op("10", "one")}, {9, op("10", "two")}}},
			[]unit{{item: 7, hosting: &HostingOrder{Item: 7, Template: 56, Create: true}}, {1, Registration, "one.example", 1, &HostingOrder{Item: 0, Template: 55, Create: true}},
				{9, Registration, "two.example", 1, nil}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.order.contact = existing
			var got []unit
			for _, work := range resolve(t, test.order.list()) {
				u := unit{item: work.Item, op: work.Type, hosting: work.Hosting}
				if work.Domain != nil {
					u.name, u.years = work.Domain.Name.String(), work.Domain.Years
				}
				got = append(got, u)
			}
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("resolved %+v\nwant %+v", got, test.want)
			}
		})
	}
}

func TestResolveRefuses(t *testing.T) {
	tests := []struct {
		name  string
		order sections
		rules []int
		want  []string
	}{
		{"unknown plan", sections{items: []string{"77=1=0=-1"}}, []int{RulePlanUnknown},
			[]string{"item 0: PlanID 77 is not in the plan catalog"}},
		{"unknown plan of a domain", sections{items: []string{"77=1=0=-1"}, groups: []group{{0, op("10", "shop")}}}, []int{RulePlanUnknown},
			[]string{"item 0: PlanID 77 is not in the plan catalog"}},
		{"unknown plan of the parent", sections{items: []string{"77=1=0=-1", "3=5=1=0"}, groups: []group{{1, op("10", "shop")}}}, []int{RulePlanUnknown},
			[]string{"item 0: PlanID 77 is not in the plan catalog"}},
		{"hosting plan for a domain", sections{items: []string{"20=1=0=-1"}, groups: []group{{0, op("10", "shop")}}}, []int{RulePlanKind},
			[]string{"item 0: PlanID 20 is a hosting plan, but the item orders a domain"}},
		{"domain plan for hosting", sections{items: []string{"3=5=0=-1"}, groups: []group{{0, []string{"DomainID=shop"}}}}, []int{RulePlanKind},
			[]string{"item 0: PlanID 3 is a domain plan, but the item orders no operation for a domain"}},
		{"parent is a domain", sections{items: []string{"3=5=0=-1", "3=5=1=0"}, groups: []group{{0, op("10", "a")}, {1, op("10", "b")}}}, []int{RuleParentKind},
			[]string{"item 1: ParentItemID 0 is not a hosting item"}},
		{"own parent", sections{items: []string{"3=5=0=0"}, groups: []group{{0, op("10", "a")}}}, []int{RuleParentKind},
			[]string{"item 0: ParentItemID 0 is not a hosting item"}},
		{"hosting with a parent", sections{items: []string{"20=1=0=-1", "20=1=1=0"}}, []int{RuleParentKind},
			[]string{"item 1: ParentItemID is given, but a hosting item cannot have a parent item"}},
		{"foreign full name", sections{items: []string{"3=5=0=-1"}, groups: []group{{0, op("10", "shop.test")}}}, []int{RuleForeignTLD},
			[]string{`item 0: DomainID "shop.test" is not a name under the plan's top-level domain example`}},
		{"subdomain", sections{items: []string{"3=5=0=-1"}, groups: []group{{0, op("10", "www.shop.example")}}}, []int{RuleForeignTLD},
			[]string{`item 0: DomainID "www.shop.example" is not a name under the plan's top-level domain example`}},
		{"same domain twice", sections{items: []string{"3=5=0=-1", "3=5=1=-1"}, groups: []group{{0, op("10", "shop")}, {1, op("20", "SHOP.example")}}}, []int{RuleDomainTwice},
			[]string{"item 1: DomainID shop.example is ordered twice"}},
		{"unknown period", sections{items: []string{"3=9=0=-1"}, groups: []group{{0, op("10", "shop")}}}, []int{RulePeriodUnknown},
			[]string{"item 0: PlanPeriodID 9 is not a period of plan 3, which sells 1 (1 year), 5 (1 year), 7 (2 years), 8 (10 years)"}},
		{"transfer without a key", sections{items: []string{"3=5=0=-1"}, groups: []group{{0, []string{"OrderOperationType=90", "DomainID=shop", "TransferKey="}}}},
			[]int{RuleTransferKeyEmpty}, []string{"item 0: TransferKey is empty for a transfer"}},
		{"nothing", sections{}, []int{RuleNothingToProvide}, []string{"the order has no items"}},
		{"several", sections{items: []string{"77=1=0=-1", "20=1=1=0"}, groups: []group{{1, op("10", "shop")}}}, []int{RulePlanUnknown, RulePlanKind},
			[]string{"item 0: PlanID 77 is not in the plan catalog", "item 1: PlanID 20 is a hosting plan, but the item orders a domain"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.order.contact = existing
			_, err := resolveWith(t, testCatalog(t), test.order.list())
			wantMessages(t, err, test.want...)
			if got := rules(faultsOf(t, err)); !slices.Equal(got, test.rules) {
				t.Errorf("rules %v, want %v", got, test.rules)
			}
		})
	}
}

// TestResolveAsksForThePlansRequiredFields if an order names a holder.
func TestResolveAsksForThePlansRequiredFields(t *testing.T) {
	plan := auPlan()
	plan.RequiredFields = []string{"R_NAME", "R_ID"}
	catalog, err := NewCatalog(plan, comPlan())
	if err != nil {
		t.Fatal(err)
	}
	const missing, empty = "%s is missing: plan 4 at registrar account netim-main requires it for a %s",
		"%s is empty: plan 4 at registrar account netim-main requires it for a %s"
	for name, c := range map[string]struct {
		parameters []string
		want       []string
	}{
		"all there":        {op("10", "shop", "R_NAME=Shop Ltd", "R_ID=4711"), nil},
		"both missing":     {op("10", "shop"), []string{fmt.Sprintf(missing, "R_NAME", "registration"), fmt.Sprintf(missing, "R_ID", "registration")}},
		"one empty":        {op("10", "shop", "R_NAME=Shop Ltd", "R_ID= "), []string{fmt.Sprintf(empty, "R_ID", "registration")}},
		"in other letters": {op("90", "shop", "r_name=Shop Ltd", "R_ID=4711"), []string{fmt.Sprintf(missing, "R_NAME", "transfer")}},
		"a renewal":        {op("20", "shop"), nil},
	} {
		s := sections{items: []string{"4=5=3=-1"}, groups: []group{{3, c.parameters}}, contact: existing}
		work, err := resolveWith(t, catalog, s.list())
		if c.want == nil {
			if err != nil || len(work) != 1 {
				t.Errorf("%s: %v, %v", name, work, err)
			}
			continue
		}
		found := faultsOf(t, err)
		if len(found) != len(c.want) {
			t.Fatalf("%s: %v", name, err)
		}
		for i, fault := range found {
			if fault.Message != "item 3: "+c.want[i] || fault.Rule != RuleRequiredField ||
				!strings.HasPrefix(fault.Path, "/items/0/parameters/R_") {
				t.Errorf("%s: %+v, want %q", name, fault, c.want[i])
			}
		}
	}
	// Another plan requires nothing, and a change of owner requires the same as a
	// registration.
	for planID, want := range map[int]int{3: 0, 4: 2} {
		in, err := Rules{}.ReadJSON(strings.NewReader(fmt.Sprintf(`{"vendorAccountId": 1, "items": [{"id": 0, "planId": %d, "periodId": 5,
			"parentId": -1, "operation": "owner-change", "domain": "shop", "contacts": {"owner": 7}}], "customer": {"accountId": 500100}}`, planID)))
		if err != nil {
			t.Fatal(err)
		}
		catalog.Resolve(in)
		err = in.Err()
		if want == 0 && err != nil || want > 0 && len(faultsOf(t, err)) != want {
			t.Errorf("plan %d: %v", planID, err)
		}
	}
}

// TestProvisioningHoldsNoSecrets: a Unit is a workflow's input, so it survives
// JSON and holds neither the transfer key nor anything about the customer.
func TestProvisioningHoldsNoSecrets(t *testing.T) {
	s := sections{
		items:   []string{"20=36=0=-1", "3=7=1=0"},
		groups:  []group{{1, op("90", "shop", "OwnerContactID=900", "TechContactID=0", "R_NAME=Jane Example", "PrimaryNSID=NS1.dns.example", "SecondaryNSID=ns2.dns.example")}},
		contact: newCustomer(), payment: []string{"CardNumberID=4111111111111111"},
		contacts: []group{{900, user("jo", "MiddleNameID=Josephine")}},
	}
	work := resolve(t, s.list())
	text, err := json.Marshal(work)
	if err != nil {
		t.Fatal(err)
	}
	for _, private := range []string{"s3cret-key", "hunter2", "Jane", "Josephine", "4111", "jane@"} {
		if strings.Contains(string(text), private) {
			t.Errorf("%q is in %s", private, text)
		}
	}
	var again []Unit
	if err := json.Unmarshal(text, &again); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(work, again) {
		t.Errorf("JSON changed %s", text)
	}
	domain := work[0].Domain
	if *domain.Contacts.Owner != 900 || *domain.Contacts.Tech != 0 || domain.Contacts.Admin != nil || domain.NameServers[0] != "ns1.dns.example" {
		t.Errorf("domain %+v", domain)
	}
	if !strings.Contains(string(text), `"operation":"transfer"`) {
		t.Errorf("the operation is no word in %s", text)
	}
}

func TestOperationTypeText(t *testing.T) {
	for _, known := range []Type{0, Registration, Renewal, Transfer} {
		text, err := known.MarshalText()
		var again Type
		if err != nil || again.UnmarshalText(text) != nil || again != known {
			t.Errorf("%d is written %q, %v", int(known), text, err)
		}
	}
	if _, err := Type(30).MarshalText(); err == nil {
		t.Error("30 is written")
	}
	var op Type
	if err := op.UnmarshalText([]byte("30")); err == nil {
		t.Error("30 is read")
	}
	if Type(30).String() != "30" {
		t.Errorf("30 prints as %s", Type(30))
	}
}
