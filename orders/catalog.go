package orders

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"domainprovisioning/domains"
)

// Plan is a service plan that an order may name: a DomainPlan or a HostingPlan.
type Plan interface {
	id() int
	validate() error
}

// DomainPlan sells names under one top-level domain.
type DomainPlan struct {
	PlanID    int         `json:"planId"`            // PlanID of the order's items
	TLD       string      `json:"tld"`               // "example", "com.au", "рф"; NewCatalog normalises it
	Registrar string      `json:"registrar"`         // name of the registrar account that registers
	Years     int         `json:"years"`             // registration period of an item that names none, 1 to 10
	Template  int         `json:"template"`          // Operations service template of the domain subscription
	Periods   map[int]int `json:"periods,omitempty"` // PlanPeriodID -> years: the periods that are sold
	Billing   BillingPlan `json:"billing"`
	// RequiredFields are the registrar's parameters, such as R_NAME, without which
	// its registry accepts no holder. No registrar's API returns them.
	RequiredFields []string `json:"requiredFields,omitempty"`
	// AllowEmptyTransferKey accepts a transfer without a key (drops RuleTransferKeyEmpty),
	// for a top-level domain that has none.
	AllowEmptyTransferKey bool `json:"allowEmptyTransferKey,omitempty"`
	// PriceLimits are what its requests may cost at the registrar; nil limits nothing.
	PriceLimits *PriceLimits `json:"priceLimits,omitempty"`
}

// HostingPlan sells a hosting subscription.
type HostingPlan struct {
	PlanID   int `json:"planId"`
	Template int `json:"template"` // Operations service template of the hosting subscription
}

// BillingPlan holds the values that Billing's DomainSubscrWithIDAdd_API takes
// from the plan (docs/protocols/billing.md, section 6).
type BillingPlan struct {
	PlanID          int        `json:"planId"`
	SetupFee        Fee        `json:"setupFee"`
	SubscriptionFee Fee        `json:"subscriptionFee"`
	RenewalFee      Fee        `json:"renewalFee"`
	TransferFee     Fee        `json:"transferFee"`
	NonRefundable   Fee        `json:"nonRefundable"` // part of the fees that is not refunded
	RefundDays      int        `json:"refundDays"`
	PeriodType      PeriodType `json:"periodType"`
	Period          int        `json:"period"`      // billing periods of the type
	RegistrarID     int        `json:"registrarId"` // id of Billing's registrar plug-in
}

// PeriodType is Billing's BillingPeriodType.
type PeriodType int

// The billing period types.
const (
	PeriodMonths         PeriodType = 2
	PeriodYears          PeriodType = 3
	PeriodStatementCycle PeriodType = 4
)

// MaxYears is the longest registration period that registries sell.
const MaxYears = 10

func (p DomainPlan) id() int  { return p.PlanID }
func (p HostingPlan) id() int { return p.PlanID }

func (p DomainPlan) validate() error {
	var problems []error
	require := func(ok bool, format string, args ...any) {
		if !ok {
			problems = append(problems, fmt.Errorf(format, args...))
		}
	}
	require(p.PlanID > 0, "the plan id must be above 0")
	_, err := domains.ParseTLD(p.TLD)
	require(err == nil, "top-level domain %q is not valid", shown(p.TLD))
	require(strings.TrimSpace(p.Registrar) != "", "the registrar is missing")
	require(p.Years >= 1 && p.Years <= MaxYears, "years is %d, not 1 to %d", p.Years, MaxYears)
	require(p.Template > 0, "the service template must be above 0")
	periods := make([]int, 0, len(p.Periods))
	for period := range p.Periods {
		periods = append(periods, period)
	}
	slices.Sort(periods)
	for _, period := range periods {
		years := p.Periods[period]
		require(period >= 0, "period id %d is negative", period)
		require(years >= 1 && years <= MaxYears, "period %d: years is %d, not 1 to %d", period, years, MaxYears)
	}
	for i, field := range p.RequiredFields {
		require(isRegistrarField(field), "required field %q is not the name of a registrar's parameter", shown(field))
		require(!slices.Contains(p.RequiredFields[:i], field), "required field %q is listed twice", shown(field))
	}
	b := p.Billing
	require(b.PlanID > 0, "billing: the plan id must be above 0")
	for _, fee := range []struct {
		name  string
		value Fee
	}{
		{"setup fee", b.SetupFee}, {"subscription fee", b.SubscriptionFee}, {"renewal fee", b.RenewalFee},
		{"transfer fee", b.TransferFee}, {"non-refundable amount", b.NonRefundable},
	} {
		require(fee.value >= 0 && fee.value <= maxFee, "billing: the %s %s is not an amount of 0 or more", fee.name, fee.value)
	}
	require(b.RefundDays >= 0, "billing: refund days is negative")
	require(b.PeriodType >= PeriodMonths && b.PeriodType <= PeriodStatementCycle,
		"billing: period type %d is not one of 2 (months), 3 (years), 4 (statement cycle)", b.PeriodType)
	require(b.Period > 0, "billing: the period must be above 0")
	require(b.RegistrarID > 0, "billing: the registrar id must be above 0")
	return errors.Join(append(problems, p.PriceLimits.problems()...)...)
}

func (p HostingPlan) validate() error {
	if p.PlanID <= 0 {
		return errors.New("the plan id must be above 0")
	}
	if p.Template <= 0 {
		return errors.New("the service template must be above 0")
	}
	return nil
}

// Catalog knows the plans that orders may name. It is safe for concurrent use.
type Catalog struct {
	domains map[int]DomainPlan
	hosting map[int]HostingPlan
}

// NewCatalog returns a catalog of the plans. It checks all plans and reports
// every problem, each with its plan.
func NewCatalog(plans ...Plan) (*Catalog, error) {
	c := &Catalog{domains: map[int]DomainPlan{}, hosting: map[int]HostingPlan{}}
	var problems []error
	seen := map[int]bool{}
	for _, plan := range plans {
		if plan == nil {
			problems = append(problems, errors.New("orders: a plan is nil"))
			continue
		}
		if err := plan.validate(); err != nil {
			for one := range strings.SplitSeq(err.Error(), "\n") {
				problems = append(problems, fmt.Errorf("orders: plan %d: %s", plan.id(), one))
			}
		}
		if seen[plan.id()] {
			problems = append(problems, fmt.Errorf("orders: plan %d is in the catalog twice", plan.id()))
		}
		seen[plan.id()] = true
		switch p := plan.(type) {
		case DomainPlan:
			p.TLD, _ = domains.ParseTLD(p.TLD)
			c.domains[p.PlanID] = p
		case HostingPlan:
			c.hosting[p.PlanID] = p
		}
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	return c, nil
}

// Selling returns the plans that sell names under a suffix, in its ASCII form, at a registrar
// account, by their ids.
func (c *Catalog) Selling(tld, registrar string) []DomainPlan {
	var plans []DomainPlan
	for _, plan := range c.domains {
		if plan.TLD == tld && plan.Registrar == registrar {
			plans = append(plans, plan)
		}
	}
	slices.SortFunc(plans, func(a, b DomainPlan) int { return a.PlanID - b.PlanID })
	return plans
}

// years returns the registration period of an item, and false for a period that the plan
// does not sell.
func (p DomainPlan) years(period int) (int, bool) {
	if period == NoPeriod {
		return p.Years, true
	}
	years, ok := p.Periods[period]
	return years, ok
}
