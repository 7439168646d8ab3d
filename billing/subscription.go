package billing

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"domainprovisioning/domains"
	"domainprovisioning/wire/xmlrpc"
)

// DomainSubscription holds the 31 parameters of DOMAINGATE::DomainSubscrWithIDAdd_API
// in the order of the wire (docs/protocols/billing.md, section 6). It is for a domain
// that is already registered: the call writes records and registers nothing.
type DomainSubscription struct {
	SubscriptionID     int // chosen by the caller, the same as in Operations
	ParentID           int // the hosting subscription, or NoParent
	Status             Status
	ServStatus         ServStatus
	StartDate          time.Time
	ExpirationDate     time.Time // must equal ExpirationDate(StartDate, SubscriptionPeriod)
	AccountID          int
	PlanID             int
	SubscriptionPeriod int // years
	SetupFee           Fee
	SubscriptionFee    Fee
	RenewalFee         Fee
	TransferFee        Fee
	NonRefundableAmt   Fee
	RefundPeriod       int // days
	BillingPeriodType  BillingPeriodType
	BillingPeriod      int       // units of BillingPeriodType
	LastBillDate       time.Time // before 19 January 2038, like NextBillDate: 32 bits
	NextBillDate       time.Time
	RegistrarID        int            // registrar plug-in in Billing
	FullDomainName     domains.Name   // without www
	Login              string         // at the registrar, at most 40 characters
	Password           domains.Secret // at the registrar, at most 32 characters

	PrimaryNameServer, SecondaryNameServer string // mandatory, at most 40 characters
	ThirdNameServer, FourthNameServer      string // optional

	OwnerUsersID, AdminUsersID, BillingUsersID, TechUsersID int // users of the account
}

// SetNameServers fills the four name servers. Billing has no place for a fifth.
func (s *DomainSubscription) SetNameServers(servers domains.NameServers) {
	for i, field := range []*string{&s.PrimaryNameServer, &s.SecondaryNameServer, &s.ThirdNameServer, &s.FourthNameServer} {
		*field = ""
		if i < len(servers) {
			*field = servers[i]
		}
	}
}

// DomainSubscrWithIDAdd creates the domain subscription and returns Billing's
// DomainID. Call DomainInfoGet first, and again after a lost reply: a name whose
// status is not "Registered" is added a second time.
func (c *Client) DomainSubscrWithIDAdd(ctx context.Context, s DomainSubscription) (domainID int, err error) {
	if err := s.Validate(); err != nil {
		return 0, err
	}
	result, err := c.Execute(ctx, ServerDomainGate, methodAddWithID, s.params()...)
	if err != nil {
		return 0, err
	}
	values, ok := result.([]any)
	if !ok {
		return 0, malformed(methodAddWithID, "Result[0] is not a row of values")
	}
	row := &row{values: values}
	id := row.id(0, "DomainID")
	if row.trouble != "" {
		return 0, malformed(methodAddWithID, row.trouble)
	}
	return id, nil
}

func (s *DomainSubscription) params() []any {
	server := func(host string) any {
		if host == "" {
			return noNameServer
		}
		return xmlrpc.Untyped(host)
	}
	return []any{
		s.SubscriptionID, s.ParentID, int(s.Status), int(s.ServStatus),
		strDate(s.StartDate), strDate(s.ExpirationDate),
		s.AccountID, s.PlanID, s.SubscriptionPeriod,
		feeOnWire(s.SetupFee), feeOnWire(s.SubscriptionFee), feeOnWire(s.RenewalFee), feeOnWire(s.TransferFee), feeOnWire(s.NonRefundableAmt),
		s.RefundPeriod, int(s.BillingPeriodType), s.BillingPeriod,
		intDate(s.LastBillDate), intDate(s.NextBillDate),
		s.RegistrarID, xmlrpc.Untyped(s.FullDomainName.String()), xmlrpc.Untyped(s.Login), xmlrpc.Untyped(s.Password.Reveal()),
		server(s.PrimaryNameServer), server(s.SecondaryNameServer), server(s.ThirdNameServer), server(s.FourthNameServer),
		s.OwnerUsersID, s.AdminUsersID, s.BillingUsersID, s.TechUsersID,
	}
}

// Validate applies the table of docs/protocols/billing.md, section 6, and reports
// every problem in one *InvalidError. It also checks ids: a forgotten one is 0.
func (s *DomainSubscription) Validate() error {
	var problems []string
	add := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	for _, id := range []struct {
		name  string
		value int
	}{
		{"SubscriptionID", s.SubscriptionID},
		{"AccountID", s.AccountID},
		{"PlanID", s.PlanID},
		{"RegistrarID", s.RegistrarID},
		{"OwnerUsersID", s.OwnerUsersID},
		{"AdminUsersID", s.AdminUsersID},
		{"BillingUsersID", s.BillingUsersID},
		{"TechUsersID", s.TechUsersID},
		{"BillingPeriod", s.BillingPeriod},
	} {
		if id.value < 1 || id.value > math.MaxInt32 {
			add("%s must be between 1 and 2147483647", id.name)
		}
	}
	if s.ParentID != NoParent && (s.ParentID < 1 || s.ParentID > math.MaxInt32) {
		add("ParentID must be a subscription id or %d", NoParent)
	}
	if s.RefundPeriod < 0 || s.RefundPeriod > math.MaxInt32 {
		add("RefundPeriod must be between 0 and 2147483647")
	}
	if !s.Status.valid() {
		add("Status %d is not one of 10, 15, 30, 40, 50, 60, 70, 80", s.Status)
	}
	if !s.ServStatus.valid() {
		add("ServStatus %d is not one of 10, 20, 30, 40, 50, 60, 70, 80, 90", s.ServStatus)
	}
	if !s.BillingPeriodType.valid() {
		add("BillingPeriodType %d is not one of 2 (months), 3 (years), 4 (statement cycle)", s.BillingPeriodType)
	}
	s.checkDates(add)
	s.checkFees(add)
	s.checkDomain(add)
	if len(problems) > 0 {
		return &InvalidError{Method: methodAddWithID, Problems: problems}
	}
	return nil
}

func (s *DomainSubscription) checkDates(add func(string, ...any)) {
	whole := true
	for _, date := range []struct {
		name  string
		value time.Time
		isInt bool
	}{
		{"startDate", s.StartDate, false},
		{"ExpirationDate", s.ExpirationDate, false},
		{"LastBillDate", s.LastBillDate, true},
		{"NextBillDate", s.NextBillDate, true},
	} {
		// A date before 1970 is the zero time or a mistake.
		if date.value.Nanosecond() != 0 || date.value.Unix() < 0 {
			add("%s must be Unix time", date.name)
			whole = whole && date.isInt
		} else if date.isInt && date.value.Unix() > math.MaxInt32 {
			add("%s is after 19 January 2038, which an Int cannot hold", date.name)
		}
	}
	switch {
	case s.SubscriptionPeriod < 1:
		add("SubscriptionPeriod is counted in years and must be at least 1")
	case s.SubscriptionPeriod > maxYears:
		add("SubscriptionPeriod is counted in years and must be at most %d", maxYears)
	case whole && !s.ExpirationDate.Equal(ExpirationDate(s.StartDate, s.SubscriptionPeriod)):
		add("ExpirationDate is not startDate plus %d years", s.SubscriptionPeriod)
	}
}

// maxYears keeps dates within four-digit years; no registry sells more than ten
// years.
const maxYears = 100

func (s *DomainSubscription) checkFees(add func(string, ...any)) {
	for _, fee := range []struct {
		name  string
		value Fee
	}{
		{"SetupFee", s.SetupFee},
		{"SubscriptionFee", s.SubscriptionFee},
		{"RenewalFee", s.RenewalFee},
		{"TransferFee", s.TransferFee},
		{"NonRefundableAmt", s.NonRefundableAmt},
	} {
		if fee.value < 0 {
			add("%s must have the form 00.00", fee.name)
		}
	}
}

func (s *DomainSubscription) checkDomain(add func(string, ...any)) {
	name := s.FullDomainName.String()
	if !strings.Contains(name, ".") || strings.HasPrefix(name, "www.") || len(name) > 255 {
		add("FullDomainName must be name and TLD without www, at most 255 characters")
	}
	if s.PrimaryNameServer == "" || s.SecondaryNameServer == "" {
		add("PrimaryNameServer and SecondaryNameServer are mandatory")
	}
	if s.FourthNameServer != "" && s.ThirdNameServer == "" {
		add("FourthNameServer given without ThirdNameServer")
	}
	for _, field := range []struct {
		name, value string
		limit       int
	}{
		{"PrimaryNameServer", s.PrimaryNameServer, 40},
		{"SecondaryNameServer", s.SecondaryNameServer, 40},
		{"ThirdNameServer", s.ThirdNameServer, 40},
		{"FourthNameServer", s.FourthNameServer, 40},
		{"Login", s.Login, 40},
		{"Password", s.Password.Reveal(), 32},
	} {
		if utf8.RuneCountInString(field.value) > field.limit {
			add("%s is longer than %d characters", field.name, field.limit)
		}
	}
}
