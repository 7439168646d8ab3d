package realtimeregister

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"

	"domainprovisioning/registrars"
	"domainprovisioning/registrars/realtimeregister/internal"
)

// checkPrice makes a dry run of a paid request and compares its price with what it may
// cost and with what the account may spend. There is no dry run for a registration without
// its contacts, because the registrar requires the holder: its price is looked up.
func (r *RealtimeRegister) checkPrice(ctx context.Context, request registrars.Request, name internal.Check) error {
	s, _ := serviceFor(request.Kind)
	if !s.paid {
		return nil
	}
	if checkHandles(request) != nil {
		return r.checkListed(ctx, request, name)
	}
	body, err := r.compose(ctx, s, request)
	if err != nil {
		return err
	}
	quote, err := r.quote(ctx, s, request, body)
	if err != nil {
		return err
	}
	if err := judge(s, request, quote, name.Premium); err != nil || quote.Total == nil || *quote.Total == 0 {
		return err
	}
	return r.checkCredit(ctx, quote)
}

// judge compares a quote with what the request may cost. premium is what a check, or the
// domain itself, says. A quote without a total may be any ordinary price, so only a request
// without a limit is made, and its charges must be those of an ordinary name.
func judge(s service, request registrars.Request, quote internal.Quote, premium bool) error {
	name := s.name + "?quote"
	plain := plainCurrency.MatchString(quote.Currency)
	if unknown := quote.Total == nil || *quote.Total > 0 && !plain; unknown && request.Limited() {
		return errs.NoPrice(name, nil)
	}
	offer := registrars.Offer{Premium: premium || slices.ContainsFunc(quote.Billables, func(b internal.Billable) bool {
		return internal.PremiumProduct(b.Product)
	})}
	if quote.Total != nil && plain {
		offer.Price = registrars.Price{Cents: *quote.Total, Currency: quote.Currency}
	}
	if !request.Kind.HasPrice() {
		return nil
	}
	return errs.TooDear(name, request.TooDear(offer))
}

// quote asks what a request would cost. The registrar validates the request in full
// but does nothing.
func (r *RealtimeRegister) quote(ctx context.Context, s service, request registrars.Request, body map[string]any) (internal.Quote, error) {
	c := call{Call: internal.Call{Method: s.method, Path: s.url(request.Domain) + "?quote=true", Body: body}, name: s.name + "?quote", dry: true}
	answer, err := r.client.Do(ctx, c.Call)
	var document struct {
		Quote *internal.Quote `json:"quote"`
	}
	if typed, ok := errors.AsType[*internal.APIError](err); ok && typed.Type == typeAcknowledge && typed.Quote != nil {
		// The error that demands acknowledgement lists the charges as a quote does.
		document.Quote = typed.Quote
	} else if err != nil {
		return internal.Quote{}, dryRefusal(request, r.failure(c, err))
	} else if err := answer.Read(&document); err != nil {
		return internal.Quote{}, r.failure(c, err)
	}
	if !tells(document.Quote) {
		return internal.Quote{}, r.failure(c, &internal.MalformedError{Why: "it holds no quote"})
	}
	return *document.Quote, nil
}

// tells reports whether a quote says what is charged, or for what.
func tells(quote *internal.Quote) bool {
	if quote == nil || quote.Total == nil {
		return quote != nil && len(quote.Billables) > 0
	}
	return *quote.Total >= 0
}

// dryRefusal interprets the refusal of a dry run, after which nothing can have
// happened.
func dryRefusal(request registrars.Request, err error) error {
	e, ok := registrars.AsError(err)
	if ok && e.Code == typeExists && request.Kind == registrars.Registration {
		e.Class, e.Field, e.Rule = registrars.ClassUnavailable, "domain", "not available"
	}
	return err
}

// acknowledge adds a quote to a body. Only these three members are sent.
func acknowledge(body map[string]any, quote internal.Quote) map[string]any {
	if len(quote.Billables) == 0 {
		return body
	}
	acknowledged := maps.Clone(body)
	acknowledged["billables"] = quote.Billables
	return acknowledged
}

var plainCurrency = regexp.MustCompile(`^[A-Z]{3}$`)

// checkCredit compares a price, which must be known, with what the account may spend in its currency. An
// account that is not listed forbids nothing: the registrar refuses a request that
// is not covered.
func (r *RealtimeRegister) checkCredit(ctx context.Context, quote internal.Quote) error {
	const name = "customers/credit"
	var answer internal.Credit
	if err := r.read(ctx, name, internal.Path("customers", r.customer, "credit"), &answer); err != nil {
		if class := registrars.ClassOf(err); class == registrars.ClassNotFound || class == registrars.ClassRejected {
			return nil // the API user may not have the right to see it
		}
		return err
	}
	for _, account := range answer.Accounts {
		if account.Currency != quote.Currency || account.Balance == nil || !plainCurrency.MatchString(account.Currency) {
			continue
		}
		left := internal.Spendable(account, r.creditLimit)
		if r.funds != nil {
			r.funds(float64(left)/100, account.Currency)
		}
		if *quote.Total <= left {
			return nil
		}
		return &registrars.Error{
			Registrar: pluginName, Call: name, Class: registrars.ClassBalance, Field: "balance",
			Rule: fmt.Sprintf("the price of %s %s is more than the %s %s that the account may spend",
				amount(*quote.Total), quote.Currency, amount(left), quote.Currency),
		}
	}
	return nil
}

// amount formats cents as an amount with two decimals.
func amount(cents int64) string {
	sign := ""
	if cents < 0 {
		sign = "-"
	}
	if cents == math.MinInt64 {
		cents++
	}
	whole := max(cents, -cents)
	return fmt.Sprintf("%s%d.%02d", sign, whole/100, whole%100)
}
