package orders

import (
	"fmt"
	"strconv"
	"strings"
)

// Fee is an amount of money in cents of the order's currency, never negative.
// Its text has the form 00.00 that Billing requires.
type Fee int64

// maxFee is the largest amount; it is exact in the double that Billing's wire
// format uses.
const maxFee Fee = 1_000_000_000_00

// ParseFee reads "12", "12.5" or "12.50". It refuses a sign, an exponent, more
// than two decimals and amounts above 1,000,000,000.
func ParseFee(s string) (Fee, error) {
	whole, cents, point := strings.Cut(s, ".")
	if whole == "" || len(cents) > 2 || (point && cents == "") ||
		strings.Trim(whole+cents, "0123456789") != "" || len(whole) > 10 {
		return 0, fmt.Errorf("orders: %q is not an amount of the form 00.00", shown(s))
	}
	amount, err := strconv.ParseInt(whole+(cents + "00")[:2], 10, 64)
	if err != nil || Fee(amount) > maxFee {
		return 0, fmt.Errorf("orders: %q is not an amount of the form 00.00", shown(s))
	}
	return Fee(amount), nil
}

// String returns the amount with two decimals, "12.50".
func (f Fee) String() string {
	sign := ""
	if f < 0 {
		sign, f = "-", -f
	}
	return fmt.Sprintf("%s%d.%02d", sign, int64(f)/100, int64(f)%100)
}

// Float returns the amount for the <double> of Billing's wire format.
func (f Fee) Float() float64 { return float64(f) / 100 }

// MarshalText returns the text of String.
func (f Fee) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// UnmarshalText reads what ParseFee reads.
func (f *Fee) UnmarshalText(text []byte) error {
	parsed, err := ParseFee(string(text))
	if err != nil {
		return err
	}
	*f = parsed
	return nil
}
