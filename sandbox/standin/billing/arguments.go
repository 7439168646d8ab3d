package billing

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/wire/xmlrpc"
)

// The number of parameters of DomainSubscrWithIDAdd_API (docs/protocols/billing.md,
// section 6). The page's header counts 30, its syntax 31; the syntax is right.
const parameters = 31

// values reads positional values in order, and keeps the first error.
type values struct {
	in     []any
	at     int
	failed refusal
}

func (v *values) fail(format string, a ...any) {
	if v.failed == "" {
		v.failed = refuse(format, a...)
	}
}

func (v *values) next() any {
	value := v.in[v.at]
	v.at++
	return value
}

// int accepts <i4>, <int> and digits in a string (docs/protocols/billing.md, section
// 5).
func (v *values) int(name string) int {
	n, ok := xmlrpc.AsInt(v.next())
	if !ok {
		v.fail("%s must be Int", name)
	}
	return n
}

func (v *values) id(name string) int {
	n := v.int(name)
	if n <= 0 {
		v.fail("%s must be positive", name)
	}
	return n
}

func (v *values) oneOf(name, wording string, allowed ...int) int {
	n := v.int(name)
	if !slices.Contains(allowed, n) {
		v.fail("%s %d is not one of %s", name, n, wording)
	}
	return n
}

// text accepts a string. It never quotes the value, which may be a password.
func (v *values) text(name string, limit int) string {
	s, ok := v.next().(string)
	if !ok {
		v.fail("%s must be Str", name)
	}
	if len(s) > limit {
		v.fail("%s is longer than %d characters", name, limit)
	}
	return s
}

// strDate accepts Unix time in a Str.
func (v *values) strDate(name string) time.Time {
	s, ok := v.next().(string)
	n, err := strconv.ParseInt(s, 10, 64)
	if !ok || err != nil {
		v.fail("%s must be Unix time", name)
	}
	return time.Unix(n, 0).UTC()
}

// intDate accepts Unix time in an Int.
func (v *values) intDate(name string) time.Time {
	n := v.int(name)
	if n < 0 {
		v.fail("%s must be Unix time", name)
	}
	return time.Unix(int64(n), 0).UTC()
}

// fee accepts a Double and returns hundredths.
func (v *values) fee(name string) int {
	f, ok := v.next().(float64)
	cents := math.Round(f * 100)
	if !ok || f < 0 || math.Abs(f*100-cents) > 1e-6 {
		v.fail("%s must have the form 00.00", name)
		return 0
	}
	return int(cents)
}

var (
	doubles = regexp.MustCompile(`<double>([^<]*)</double>`)
	money   = regexp.MustCompile(`^\d+\.\d{2}$`)
)

// checkMoney looks at the document itself, because a number does not show the form in
// which it was written.
func checkMoney(raw []byte) bool {
	for _, m := range doubles.FindAllSubmatch(raw, -1) {
		if !money.Match(m[1]) {
			return false
		}
	}
	return true
}

func readRow(in []any, raw []byte) (Row, refusal) {
	if len(in) != parameters {
		return Row{}, refuse("%s takes %d parameters, got %d", DomainSubscrWithIDAdd, parameters, len(in))
	}
	v := &values{in: in}
	row := Row{
		SubscriptionID: v.id("SubscriptionID"),
		ParentID:       v.int("ParentID"),
		Status:         v.oneOf("Status", "10, 15, 30, 40, 50, 60, 70, 80", 10, 15, 30, 40, 50, 60, 70, 80),
		ServStatus: v.oneOf("ServStatus", "10, 20, 30, 40, 50, 60, 70, 80, 90",
			10, 20, 30, 40, 50, 60, 70, 80, 90),
		Start:               v.strDate("startDate"),
		Expiration:          v.strDate("ExpirationDate"),
		AccountID:           v.id("AccountID"),
		PlanID:              v.id("PlanID"),
		Years:               v.int("SubscriptionPeriod"),
		SetupFee:            v.fee("SetupFee"),
		SubscriptionFee:     v.fee("SubscriptionFee"),
		RenewalFee:          v.fee("RenewalFee"),
		TransferFee:         v.fee("TransferFee"),
		NonRefundableAmount: v.fee("NonRefundableAmt"),
		RefundPeriod:        v.int("RefundPeriod"),
		BillingPeriodType: v.oneOf("BillingPeriodType",
			"2 (months), 3 (years), 4 (statement cycle)", 2, 3, 4),
		BillingPeriod:  v.int("BillingPeriod"),
		LastBill:       v.intDate("LastBillDate"),
		NextBill:       v.intDate("NextBillDate"),
		RegistrarID:    v.id("RegistrarID"),
		FullDomainName: v.text("FullDomainName", 255),
	}
	v.text("Login", 40) // the registrar's credentials are not stored
	v.text("Password", 32)
	for i, name := range []string{
		"PrimaryNameServer", "SecondaryNameServer", "ThirdNameServer", "FourthNameServer",
	} {
		row.NameServers[i] = v.text(name, 40)
	}
	for i, name := range []string{"OwnerUsersID", "AdminUsersID", "BillingUsersID", "TechUsersID"} {
		row.Users[i] = v.id(name)
	}
	if v.failed != "" {
		return Row{}, v.failed
	}
	if !checkMoney(raw) {
		return Row{}, refuse("A fee must have the form 00.00")
	}
	return row, row.check()
}

func (r *Row) check() refusal {
	name, err := domains.ParseName(r.FullDomainName)
	switch {
	case r.ParentID != -1 && r.ParentID <= 0:
		return refuse("ParentID must be positive, or -1")
	case r.Years < 1:
		return refuse("SubscriptionPeriod is counted in years and must be at least 1")
	case !r.expirationFits():
		return refuse("ExpirationDate is not startDate plus %d years", r.Years)
	case r.RefundPeriod < 0 || r.BillingPeriod < 1:
		return refuse("RefundPeriod and BillingPeriod must not be negative")
	case r.NextBill.Before(r.LastBill):
		return refuse("NextBillDate lies before LastBillDate")
	case err != nil || strings.HasPrefix(name.String(), "www."):
		return refuse("FullDomainName must be name and TLD without www, at most 255 characters")
	case r.NameServers[0] == "" || r.NameServers[1] == "":
		return refuse("PrimaryNameServer and SecondaryNameServer are mandatory")
	case r.NameServers[3] != "" && r.NameServers[2] == "":
		return refuse("FourthNameServer given without ThirdNameServer")
	}
	r.FullDomainName = name.String()
	return ""
}

// expirationFits accepts both 28 February and 1 March for a period from 29 February
// into a year without one, because the server's arithmetic is not known.
func (r *Row) expirationFits() bool {
	want := r.Start.AddDate(r.Years, 0, 0)
	if r.Expiration.Equal(want) {
		return true
	}
	return r.Start.Month() == time.February && r.Start.Day() == 29 && r.Expiration.Equal(want.AddDate(0, 0, -1))
}
