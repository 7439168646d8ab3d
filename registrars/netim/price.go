package netim

import (
	"context"
	"math/big"

	"domainprovisioning/registrars"
	"domainprovisioning/registrars/netim/internal"
)

const namePrice = "queryDomainPrice"

// quote is what queryDomainPrice says about a request.
type quote struct {
	fee      *big.Rat // in total; nil if it cannot be read
	currency string   // "" if it cannot be read
	premium  bool
	// unread is why the answer cannot be used; nil if it can, or says nothing.
	unread error
}

// readPrice asks what a request costs. An answer that cannot be read gives an empty quote.
func (n *Netim) readPrice(ctx context.Context, s service, request registrars.Request) (quote, error) {
	code := internal.Nil()
	if request.Kind == registrars.Transfer && !request.AuthCode.IsZero() {
		code = internal.Secret(request.AuthCode.Reveal())
	}
	price, err := n.call(ctx, call{name: namePrice}, append(domainName(request), code)...)
	if err != nil {
		if !unusable(err, namePrice) {
			return quote{}, err
		}
		return quote{unread: err}, nil
	}
	q := quote{fee: amount(price.Field(s.fee)), premium: internal.Premium(price.Field("IsPremium"))}
	if q.fee != nil {
		q.fee.Mul(q.fee, big.NewRat(int64(internal.Years(s.perYear, request.Years)), 1))
	}
	if text := price.Field("FeeCurrency"); plainCurrency.MatchString(text) {
		q.currency = text
	}
	return q, nil
}

// judge compares the price with what the request may cost. premium is what domainCheck says.
func (q quote) judge(request registrars.Request, premium bool) error {
	price, known := q.price()
	if !known && request.Limited() {
		return errs.NoPrice(namePrice, q.unread)
	}
	return errs.TooDear(namePrice, request.TooDear(registrars.Offer{Price: price, Premium: premium || q.premium}))
}

// price is the price in hundredths. A part of a hundredth counts as a whole one, so that no
// limit is passed unseen.
func (q quote) price() (price registrars.Price, known bool) {
	if q.fee == nil || q.fee.Sign() < 0 || q.currency == "" {
		return registrars.Price{}, false
	}
	cents, rest := new(big.Int).DivMod(new(big.Int).Mul(q.fee.Num(), big.NewInt(100)), q.fee.Denom(), new(big.Int))
	if rest.Sign() > 0 {
		cents.Add(cents, big.NewInt(1))
	}
	return registrars.Price{Cents: cents.Int64(), Currency: q.currency}, cents.IsInt64()
}

// checkPaid compares the price once more, just before the request is sent.
func (n *Netim) checkPaid(ctx context.Context, s service, request registrars.Request) error {
	if !s.paid || !request.Limited() {
		return nil
	}
	quote, err := n.readPrice(ctx, s, request)
	if err != nil {
		return err
	}
	return quote.judge(request, false)
}
