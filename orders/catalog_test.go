package orders

import (
	"encoding/json"
	"strings"
	"testing"
)

func comPlan() DomainPlan {
	return DomainPlan{
		PlanID: 3, TLD: "example", Registrar: "netim-main", Years: 1, Template: 11, Periods: map[int]int{1: 1, 5: 1, 7: 2, 8: 10},
		Billing: BillingPlan{
			PlanID: 30, SubscriptionFee: 12_50, RenewalFee: 14_00, TransferFee: 9_99, NonRefundable: 5_00,
			RefundDays: 5, PeriodType: PeriodYears, Period: 1, RegistrarID: 7,
		},
	}
}

func auPlan() DomainPlan {
	plan := comPlan()
	plan.PlanID, plan.TLD, plan.Years, plan.Periods = 4, ".COM.AU", 2, map[int]int{5: 2}
	return plan
}

func testCatalog(t testing.TB) *Catalog {
	t.Helper()
	c, err := NewCatalog(comPlan(), auPlan(), HostingPlan{PlanID: 20, Template: 55}, HostingPlan{PlanID: 21, Template: 56})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestNewCatalogRefuses(t *testing.T) {
	with := func(change func(*DomainPlan)) Plan {
		plan := comPlan()
		change(&plan)
		return plan
	}
	tests := []struct {
		name  string
		plans []Plan
		want  string
	}{
		{"twice", []Plan{comPlan(), HostingPlan{PlanID: 3, Template: 1}}, "orders: plan 3 is in the catalog twice"},
		{"nil", []Plan{nil}, "orders: a plan is nil"},
		{"id", []Plan{with(func(p *DomainPlan) { p.PlanID = 0 })}, "orders: plan 0: the plan id must be above 0"},
		{"tld", []Plan{with(func(p *DomainPlan) { p.TLD = "a b" })}, `orders: plan 3: top-level domain "a b" is not valid`},
		{"empty tld", []Plan{with(func(p *DomainPlan) { p.TLD = "" })}, `orders: plan 3: top-level domain "" is not valid`},
		{"registrar", []Plan{with(func(p *DomainPlan) { p.Registrar = " " })}, "orders: plan 3: the registrar is missing"},
		{"no years", []Plan{with(func(p *DomainPlan) { p.Years = 0 })}, "orders: plan 3: years is 0, not 1 to 10"},
		{"eleven years", []Plan{with(func(p *DomainPlan) { p.Years = 11 })}, "orders: plan 3: years is 11, not 1 to 10"},
		{"template", []Plan{with(func(p *DomainPlan) { p.Template = 0 })}, "orders: plan 3: the service template must be above 0"},
		{"period", []Plan{with(func(p *DomainPlan) { p.Periods = map[int]int{9: 0} })}, "orders: plan 3: period 9: years is 0, not 1 to 10"},
		{"period id", []Plan{with(func(p *DomainPlan) { p.Periods = map[int]int{-9: 1} })}, "orders: plan 3: period id -9 is negative"},
		{"required field of ours", []Plan{with(func(p *DomainPlan) { p.RequiredFields = []string{"R_ID", "TransferKey"} })},
			`orders: plan 3: required field "TransferKey" is not the name of a registrar's parameter`},
		{"no required field", []Plan{with(func(p *DomainPlan) { p.RequiredFields = []string{"", "R_ID ", "R=ID"} })},
			"orders: plan 3: required field \"\" is not the name of a registrar's parameter\n" +
				"orders: plan 3: required field \"R_ID \" is not the name of a registrar's parameter\n" +
				"orders: plan 3: required field \"R=ID\" is not the name of a registrar's parameter"},
		{"required twice", []Plan{with(func(p *DomainPlan) { p.RequiredFields = []string{"R_ID", "R_ID"} })}, `orders: plan 3: required field "R_ID" is listed twice`},
		{"billing plan", []Plan{with(func(p *DomainPlan) { p.Billing.PlanID = 0 })}, "orders: plan 3: billing: the plan id must be above 0"},
		{"fee", []Plan{with(func(p *DomainPlan) { p.Billing.SetupFee = -1 })}, "orders: plan 3: billing: the setup fee -0.01 is not an amount of 0 or more"},
		{"refund", []Plan{with(func(p *DomainPlan) { p.Billing.RefundDays = -1 })}, "orders: plan 3: billing: refund days is negative"},
		{"period type", []Plan{with(func(p *DomainPlan) { p.Billing.PeriodType = 1 })},
			"orders: plan 3: billing: period type 1 is not one of 2 (months), 3 (years), 4 (statement cycle)"},
		{"billing period", []Plan{with(func(p *DomainPlan) { p.Billing.Period = 0 })}, "orders: plan 3: billing: the period must be above 0"},
		{"registrar id", []Plan{with(func(p *DomainPlan) { p.Billing.RegistrarID = 0 })}, "orders: plan 3: billing: the registrar id must be above 0"},
		{"hosting id", []Plan{HostingPlan{Template: 1}}, "orders: plan 0: the plan id must be above 0"},
		{"hosting template", []Plan{HostingPlan{PlanID: 1}}, "orders: plan 1: the service template must be above 0"},
		{"all at once", []Plan{with(func(p *DomainPlan) { p.Years, p.Template = 0, 0 }), HostingPlan{PlanID: 1}},
			"orders: plan 3: years is 0, not 1 to 10\norders: plan 3: the service template must be above 0\norders: plan 1: the service template must be above 0"},
	}
	for _, test := range tests {
		if _, err := NewCatalog(test.plans...); err == nil || err.Error() != test.want {
			t.Errorf("%s: %v\nwant %s", test.name, err, test.want)
		}
	}
}

func TestFee(t *testing.T) {
	for text, want := range map[string]Fee{"0": 0, "12": 1200, "12.5": 1250, "12.50": 1250, "0.09": 9, "1000000000.00": maxFee} {
		got, err := ParseFee(text)
		if err != nil || got != want {
			t.Errorf("ParseFee(%q) = %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "-1", "+1", "1.", ".5", "1.234", "1e3", "1,50", "1.2.3", " 1", "1000000000.01", "99999999999999999999"} {
		if got, err := ParseFee(text); err == nil {
			t.Errorf("ParseFee(%q) = %d", text, got)
		}
	}
	if Fee(1250).String() != "12.50" || Fee(9).String() != "0.09" || Fee(1250).Float() != 12.5 {
		t.Errorf("12.50 is %s, %v", Fee(1250), Fee(1250).Float())
	}
	var plan BillingPlan
	if err := json.Unmarshal([]byte(`{"planId":1,"setupFee":"3.5","periodType":3}`), &plan); err != nil || plan.SetupFee != 350 {
		t.Errorf("setup fee %v, %v", plan.SetupFee, err)
	}
	if err := json.Unmarshal([]byte(`{"setupFee":"3.555"}`), &plan); err == nil {
		t.Error("three decimals are accepted")
	}
	if text, err := json.Marshal(plan); err != nil || !strings.Contains(string(text), `"setupFee":"3.50"`) {
		t.Errorf("written %s, %v", text, err)
	}
}
