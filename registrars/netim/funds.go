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

// checkFunds compares the fee of a paid request with what the account may spend.
// An unreadable price or balance forbids nothing: the registrar refuses a request
// that is not covered.
func (n *Netim) checkFunds(ctx context.Context, request registrars.Request) error {
	s, _ := serviceFor(request)
	if !s.paid {
		return nil
	}
	asked := domainName(request)
	if request.Kind == registrars.Transfer && !request.AuthCode.IsZero() {
		asked = append(asked, authCode(request)...)
	}
	price, err := n.readAmounts(ctx, "queryDomainPrice", asked...)
	if price == nil {
		return err
	}
	fee := amount(price.Field(s.fee))
	if fee == nil {
		return nil
	}
	fee.Mul(fee, big.NewRat(int64(internal.Years(s.perYear, request.Years)), 1))
	account, err := n.readAmounts(ctx, "queryResellerAccount")
	if account == nil {
		return err
	}
	balance, limit := amount(account.Field("BALANCE_AMOUNT")), amount(account.Field("BALANCE_HARD_LIMIT"))
	if balance == nil || limit == nil {
		return nil
	}
	left := new(big.Rat).Sub(balance, limit)
	if fee.Cmp(left) <= 0 {
		return nil
	}
	currency := ""
	if text := price.Field("FeeCurrency"); plainCurrency.MatchString(text) {
		currency = " " + text
	}
	return &registrars.Error{
		Registrar: pluginName, Call: "queryResellerAccount", Class: registrars.ClassBalance, Field: "balance",
		Rule: fmt.Sprintf("the fee of %s%s is more than the %s%s that the account may spend",
			fee.FloatString(2), currency, left.FloatString(2), currency),
	}
}

// readAmounts returns nil without an error if the answer is a refusal or
// unreadable. It returns an error only if the account or the registrar cannot be
// used at all.
func (n *Netim) readAmounts(ctx context.Context, name string, parts ...internal.Part) (*internal.Node, error) {
	value, err := n.call(ctx, call{name: name}, parts...)
	if err == nil {
		return value, nil
	}
	if e, ok := registrars.AsError(err); ok && e.Call == name {
		_, malformed := errors.AsType[*internal.MalformedError](err)
		fault := e.Code != "" && e.Class != registrars.ClassAuth
		if malformed || fault || refused(err, name) {
			return nil, nil
		}
	}
	return nil, err
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
