package epp

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"domainprovisioning/registrars"
	"domainprovisioning/registrars/epp/internal"
	"domainprovisioning/registrars/epp/internal/objects"
)

// quote is a price that the registry has told.
type quote struct {
	offer registrars.Offer
	pays  objects.Paying
	at    time.Time
	// unreadable says that a price was told that is no amount of whole cents.
	unreadable bool
}

// quoteFor is how long a price is used that the registry has told. The registry refuses a command
// with a price that holds no more, so nothing is bought at another one.
const quoteFor = 5 * time.Minute

// question is the check of a name, with its price where the registry tells prices.
func (e *EPP) question(ctx context.Context, request registrars.Request) (objects.CheckDomains, error) {
	question := objects.CheckDomains{Names: []string{request.Domain.String()}, Phase: e.settings.LaunchPhase}
	offers, err := e.registry.Offers(ctx)
	if err != nil {
		return question, e.failure(nameCheck, false, err)
	}
	if s, _ := serviceFor(request.Kind); s.fee != "" && offers.Fees {
		question.Fees = []objects.FeeQuestion{{Command: s.fee, Years: request.Years}}
	}
	return question, nil
}

func quoteKey(request registrars.Request, s service) string {
	return fmt.Sprintf("%s %s %d", request.Domain, s.fee, request.Years)
}

// keepQuote keeps the price in an answer: what it says of our command, for as many years as are
// asked for. One that was told and cannot be read is kept as such.
func (e *EPP) keepQuote(request registrars.Request, answer objects.Answer) {
	s, _ := serviceFor(request.Kind)
	for _, fee := range answer.Fees {
		if !isName(fee.Domain, request.Domain) || fee.Command != s.fee || !fee.Available || request.Years > 0 && fee.Years > 0 && fee.Years != request.Years {
			continue
		}
		price, amount, ok := sum(fee)
		listed, known := e.prices[s.fee]
		remember(e, e.quotes, quoteKey(request, s), quote{
			offer: registrars.Offer{
				Price: price,
				// A registry need not use classes; what costs more than the contract says is premium too.
				Premium: fee.Class != "" && !strings.EqualFold(fee.Class, internal.StandardClass) ||
					known && listed.Currency == price.Currency && price.Cents > listed.Cents*int64(max(1, request.Years)),
			},
			pays: objects.Paying{Currency: fee.Currency, Amount: amount}, at: e.now(), unreadable: !ok,
		})
	}
}

func (e *EPP) forget(request registrars.Request) {
	s, _ := serviceFor(request.Kind)
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.quotes, quoteKey(request, s))
}

var (
	plainAmount   = regexp.MustCompile(`^[+-]?([0-9]{1,10}(\.[0-9]{0,8})?|\.[0-9]{1,8})$`)
	plainCurrency = regexp.MustCompile(`^[A-Z]{3}$`)
)

// sum adds the fees and credits of a command, which must be whole cents.
func sum(fee objects.Fee) (price registrars.Price, amount string, ok bool) {
	if !plainCurrency.MatchString(fee.Currency) {
		return price, "", false
	}
	price.Currency = fee.Currency
	for _, text := range append(append([]string{}, fee.Amounts...), fee.Credits...) {
		cents, readable := centsOf(text)
		if !readable {
			return price, "", false
		}
		price.Cents += cents
	}
	return price, registrars.Price{Cents: price.Cents}.String(), price.Cents >= 0
}

// centsOf reads a decimal exactly; one with a fraction of a cent cannot be read.
func centsOf(text string) (int64, bool) {
	if !plainAmount.MatchString(text) {
		return 0, false
	}
	whole, fraction, _ := strings.Cut(strings.TrimLeft(text, "+-"), ".")
	fraction = strings.TrimRight(fraction, "0")
	if len(fraction) > 2 {
		return 0, false
	}
	cents, err := strconv.ParseInt("0"+whole+(fraction + "00")[:2], 10, 64)
	if strings.HasPrefix(text, "-") {
		cents = -cents
	}
	return cents, err == nil
}

// checkPrice compares what a request costs with what it may cost.
func (e *EPP) checkPrice(ctx context.Context, request registrars.Request) error {
	_, err := e.price(ctx, request)
	return err
}

// price returns what the request is made for; nil if that is not said to the registry.
func (e *EPP) price(ctx context.Context, request registrars.Request) (*objects.Paying, error) {
	s, _ := serviceFor(request.Kind)
	if s.fee == "" {
		return nil, nil
	}
	quoted, told, err := e.quote(ctx, s, request)
	if err != nil {
		return nil, err
	}
	if !told {
		return nil, e.listed(ctx, s, request)
	}
	if err := errs.TooDear(nameCheck, request.TooDear(quoted.offer)); err != nil {
		return nil, err
	}
	return &quoted.pays, nil
}

// quote returns the registry's price; told is false if the registry tells none. A limited
// request needs one.
func (e *EPP) quote(ctx context.Context, s service, request registrars.Request) (quoted quote, told bool, err error) {
	key := quoteKey(request, s)
	kept := func() (quote, bool) {
		e.mu.Lock()
		defer e.mu.Unlock()
		have, ok := e.quotes[key]
		return have, ok && e.now().Sub(have.at) < quoteFor
	}
	if have, ok := kept(); ok {
		return have.told()
	}
	question, err := e.question(ctx, request)
	if err != nil || len(question.Fees) == 0 {
		return quote{}, false, err
	}
	answer, err := e.ask(ctx, question)
	if err != nil {
		return quote{}, false, errs.NoPrice(nameCheck, err)
	}
	e.keepQuote(request, answer)
	have, ok := kept()
	switch {
	case ok:
		return have.told()
	case request.Limited():
		return quote{}, false, errs.NoPrice(nameCheck, nil)
	}
	return have, false, nil
}

// told is the quote, unless it cannot be read: it may be that of a premium name, so nothing is
// bought.
func (q quote) told() (quote, bool, error) {
	if q.unreadable {
		return q, false, errs.NoPrice(nameCheck, &objects.MalformedError{Why: "the price is no amount of whole cents"})
	}
	return q, true, nil
}

// listed judges a request by the prices of the contract, where the registry tells none. One that
// tells them in a way that we do not know may have premium names, which a price of the contract
// does not show: a limited request is not made there.
func (e *EPP) listed(ctx context.Context, s service, request registrars.Request) error {
	offers, err := e.registry.Offers(ctx)
	if err != nil {
		return e.failure(nameCheck, false, err)
	}
	price, known := e.prices[s.fee]
	switch {
	case offers.OtherFees && request.Limited() && s.fee == objects.FeeCreate:
		return errs.Invalid(nameCheck, "price", "the registry tells it by a draft of RFC 8748 that is not spoken here, and the name may be a premium one")
	case known:
		price.Cents *= int64(max(1, request.Years))
		return errs.TooDear(nameCheck, request.TooDear(registrars.Offer{Price: price}))
	case s.fee == feeUpdate:
		return errs.TooDear(nameCheck, request.TooDear(registrars.Offer{})) // free, unless somebody says otherwise
	case request.Limited() && request.Kind.HasPrice():
		return errs.Invalid(nameCheck, "price", "the registry does not tell it, and the account has none: set "+pluginName+".prices")
	}
	return nil
}

var plainPrice = regexp.MustCompile(`^(create|renew|transfer|restore|update) +(.+)$`)

// listedPrices reads the prices of the contract.
func listedPrices(lines []string) (map[string]registrars.Price, error) {
	prices := map[string]registrars.Price{}
	for _, line := range lines {
		parts := plainPrice.FindStringSubmatch(strings.TrimSpace(line))
		if parts == nil {
			return nil, errors.New("must be such as create 8.50EUR, of create, renew, transfer, restore and update")
		}
		price, err := registrars.ParsePrice(parts[2])
		if err != nil {
			return nil, errors.New("must have amounts such as 8.50EUR")
		}
		if _, twice := prices[parts[1]]; twice {
			return nil, errors.New("must have each command once")
		}
		prices[parts[1]] = price
	}
	return prices, nil
}

// priced compares the price of a command with what it may cost, and says it in the command.
func (e *EPP) priced(ctx context.Context, s service, request registrars.Request, command objects.Command) (objects.Command, error) {
	if update, is := command.(objects.UpdateDomain); s.fee == "" || is && update.Restore != nil && update.Restore.Report != nil {
		return command, nil // a report costs nothing
	}
	pays, err := e.price(ctx, request)
	if err != nil || pays == nil {
		return command, err
	}
	switch c := command.(type) {
	case objects.CreateDomain:
		c.Pays = pays
		return c, nil
	case objects.RenewDomain:
		c.Pays = pays
		return c, nil
	case objects.TransferDomain:
		c.Pays = pays
		return c, nil
	case objects.UpdateDomain:
		c.Pays = pays
		return c, nil
	}
	return command, nil
}

// paid forgets the price that was paid, and tells what is left.
func (e *EPP) paid(s service, request registrars.Request, answer objects.Answer) {
	if s.fee == "" {
		return
	}
	e.forget(request)
	left := answer.Balance
	if left == nil || e.funds == nil || !plainCurrency.MatchString(left.Currency) {
		return
	}
	amount, err := strconv.ParseFloat(left.Amount, 64)
	if err != nil {
		return
	}
	if credit, err := strconv.ParseFloat(left.CreditLimit, 64); err == nil {
		amount += credit
	}
	e.funds(amount, left.Currency)
}
