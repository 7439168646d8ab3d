package orders

import (
	"errors"
	"fmt"
	"regexp"
)

// PriceLimits are the most that the requests of a plan may cost at the registrar, each in
// total. A nil amount allows any ordinary price and no premium price; for a restore, none. They have nothing to
// do with the plan's fees, which are sales prices.
type PriceLimits struct {
	// Currency is the ISO 4217 code that the registrar's prices must have; "" takes the
	// currency of the registrar account as it is.
	Currency     string `json:"currency,omitempty"`
	Registration *Fee   `json:"registration,omitempty"`
	Renewal      *Fee   `json:"renewal,omitempty"`
	Restore      *Fee   `json:"restore,omitempty"`
	Transfer     *Fee   `json:"transfer,omitempty"`
	OwnerChange  *Fee   `json:"ownerChange,omitempty"`
}

var currencyCode = regexp.MustCompile(`^[A-Z]{3}$`)

// problems returns what is wrong with the limits.
func (l *PriceLimits) problems() []error {
	if l == nil {
		return nil
	}
	var problems []error
	if l.Currency != "" && !currencyCode.MatchString(l.Currency) {
		problems = append(problems, fmt.Errorf("price limit: currency %q is not a code such as EUR", shown(l.Currency)))
	}
	given := false
	for _, limit := range []struct {
		name  string
		value *Fee
	}{{"registration", l.Registration}, {"renewal", l.Renewal}, {"restore", l.Restore}, {"transfer", l.Transfer}, {"owner change", l.OwnerChange}} {
		given = given || limit.value != nil
		if limit.value != nil && (*limit.value < 0 || *limit.value > maxFee) {
			problems = append(problems, fmt.Errorf("price limit: the %s %s is not an amount of 0 or more", limit.name, limit.value))
		}
	}
	if !given {
		problems = append(problems, errors.New("price limit: no amount is given"))
	}
	return problems
}
