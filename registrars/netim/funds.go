package netim

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"regexp"

	"domainprovisioning/registrars"
	"domainprovisioning/registrars/netim/internal"
)

// checkMoney compares the price of a paid request with what it may cost and, once the
// request is complete, with what the account may spend. premium is what domainCheck says.
// An unreadable price or balance forbids nothing, unless the request is limited: the
// registrar refuses a request that is not covered.
func (n *Netim) checkMoney(ctx context.Context, request registrars.Request, premium bool) error {
	s, _ := serviceFor(request)
	complete := checkComplete(request) == nil && !request.Ordered
	// At intake nobody needs the price of an ordinary name. Of a domain that is here,
	// only the price tells whether its name is a premium one.
	if !s.paid || !complete && !premium && !request.Limited() && request.Kind != registrars.Renewal {
		return nil
	}
	quote, err := n.readPrice(ctx, s, request)
	if err != nil {
		return err
	}
	if err := quote.judge(request, premium); err != nil || quote.fee == nil || !complete {
		return err
	}
	return n.checkFunds(ctx, quote)
}

// checkFunds compares a price with what the account may spend.
func (n *Netim) checkFunds(ctx context.Context, quote quote) error {
	account, err := n.readAmounts(ctx, "queryResellerAccount")
	if account == nil {
		return err
	}
	balance, limit := amount(account.Field("BALANCE_AMOUNT")), amount(account.Field("BALANCE_HARD_LIMIT"))
	if balance == nil || limit == nil {
		return nil
	}
	left := new(big.Rat).Sub(balance, limit)
	if n.funds != nil {
		spendable, _ := left.Float64()
		n.funds(spendable, quote.currency)
	}
	if quote.fee.Cmp(left) <= 0 {
		return nil
	}
	currency := ""
	if quote.currency != "" {
		currency = " " + quote.currency
	}
	return &registrars.Error{
		Registrar: pluginName, Call: "queryResellerAccount", Class: registrars.ClassBalance, Field: "balance",
		Rule: fmt.Sprintf("the fee of %s%s is more than the %s%s that the account may spend",
			quote.fee.FloatString(2), currency, left.FloatString(2), currency),
	}
}

// readAmounts returns nil without an error if the answer is a refusal or
// unreadable. It returns an error only if the account or the registrar cannot be
// used at all.
func (n *Netim) readAmounts(ctx context.Context, name string, arguments ...internal.Value) (*internal.Node, error) {
	value, err := n.call(ctx, call{name: name}, arguments...)
	if err != nil && unusable(err, name) {
		return nil, nil
	}
	return value, err
}

// unusable reports whether the named call was answered, by a refusal or in a form that cannot
// be read.
func unusable(err error, name string) bool {
	e, ok := registrars.AsError(err)
	if !ok || e.Call != name {
		return false
	}
	_, malformed := errors.AsType[*internal.MalformedError](err)
	fault := e.Code != "" && e.Class != registrars.ClassAuth
	return malformed || fault || refused(err, name)
}

var (
	plainAmount   = regexp.MustCompile(`^-?\d{1,15}(\.\d{1,6})?$`)
	plainCurrency = regexp.MustCompile(`^[A-Z]{3}$`)
)

// amount reads a decimal number exactly; it returns nil for anything else.
func amount(text string) *big.Rat {
	if !plainAmount.MatchString(text) {
		return nil
	}
	value, ok := new(big.Rat).SetString(text)
	if !ok {
		return nil
	}
	return value
}
