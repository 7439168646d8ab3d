package billing

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"

	"domainprovisioning/wire/xmlrpc"
)

// Status is a subscription status.
type Status int

// The subscription statuses.
const (
	StatusOrdered    Status = 10
	StatusTrial      Status = 15
	StatusActive     Status = 30
	StatusGraced     Status = 40
	StatusExpired    Status = 50
	StatusTerminated Status = 60
	StatusCancelled  Status = 70
	StatusSuspended  Status = 80
)

// ServStatus is a service status.
type ServStatus int

// The service statuses.
const (
	ServStatusNotProvisioned ServStatus = 10
	ServStatusProvisioning   ServStatus = 20
	ServStatusStopped        ServStatus = 30
	ServStatusStarting       ServStatus = 40
	ServStatusRunning        ServStatus = 50
	ServStatusStopping       ServStatus = 60
	ServStatusRemoving       ServStatus = 70
	ServStatusChangingPlan   ServStatus = 80
	ServStatusRemoved        ServStatus = 90
)

// BillingPeriodType is the unit of a billing period.
type BillingPeriodType int

// The billing period types.
const (
	BillingPeriodMonths         BillingPeriodType = 2
	BillingPeriodYears          BillingPeriodType = 3
	BillingPeriodStatementCycle BillingPeriodType = 4 // monthly on the statement cycle date
)

func (s Status) valid() bool {
	return slices.Contains([]Status{10, 15, 30, 40, 50, 60, 70, 80}, s)
}

func (s ServStatus) valid() bool { return s >= 10 && s <= 90 && s%10 == 0 }

func (t BillingPeriodType) valid() bool {
	return t >= BillingPeriodMonths && t <= BillingPeriodStatementCycle
}

// Fee is an amount in hundredths of the provider's default currency.
type Fee int64

// ParseFee reads an amount such as "12.50", "12.5" or "12". It refuses a sign,
// an exponent and a third decimal.
func ParseFee(s string) (Fee, error) {
	bad := errors.New("billing: a fee must have the form 00.00")
	whole, decimals, dot := strings.Cut(strings.TrimSpace(s), ".")
	if dot && decimals == "" || len(decimals) > 2 || strings.Trim(whole+decimals, "0123456789") != "" {
		return 0, bad
	}
	units, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || units > math.MaxInt32 {
		return 0, bad
	}
	hundredths, _ := strconv.ParseInt((decimals + "00")[:2], 10, 64)
	return Fee(units*100 + hundredths), nil
}

// String returns the form "12.50".
func (f Fee) String() string { return xmlrpc.Fixed2(f).String() }

// MarshalText writes the form "12.50", so that a fee in JSON is not a binary
// fraction.
func (f Fee) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// UnmarshalText reads as ParseFee does.
func (f *Fee) UnmarshalText(text []byte) error {
	fee, err := ParseFee(string(text))
	if err == nil {
		*f = fee
	}
	return err
}
