package registrars

import (
	"fmt"
	"regexp"
	"strconv"
)

// Price is an amount of money, exact to a hundredth of its currency.
type Price struct {
	Cents int64 `json:"cents"`
	// Currency is the ISO 4217 code. A limit without one is in the currency of the registrar
	// account, whichever that is.
	Currency string `json:"currency,omitempty"`
}

var priceForm = regexp.MustCompile(`^([0-9]{1,10})\.([0-9]{2}) ?([A-Z]{3})$`)

// ParsePrice reads an amount with two decimals and its currency, such as "250.00EUR". A
// blank between the two is allowed.
func ParsePrice(text string) (Price, error) {
	parts := priceForm.FindStringSubmatch(text)
	if parts == nil {
		return Price{}, fmt.Errorf("registrars: %.40q is not a price such as 250.00EUR", text)
	}
	cents, err := strconv.ParseInt(parts[1]+parts[2], 10, 64)
	if err != nil { // twelve digits fit
		return Price{}, fmt.Errorf("registrars: price: %w", err)
	}
	return Price{Cents: cents, Currency: parts[3]}, nil
}

// String returns the amount with two decimals and the currency, such as "250.00 EUR".
func (p Price) String() string {
	sign, cents := "", uint64(p.Cents) //nolint:gosec // the sign is kept apart
	if p.Cents < 0 {
		sign, cents = "-", -cents
	}
	text := fmt.Sprintf("%s%d.%02d", sign, cents/100, cents%100)
	if p.Currency != "" {
		text += " " + p.Currency
	}
	return text
}

// equal compares exactly. Nothing is nothing in every currency.
func (p Price) equal(other Price) bool {
	return p == other || p.Cents == 0 && other.Cents == 0
}

// Offer is what a registrar asks for a request.
type Offer struct {
	// Price is that of the whole request, for all its years. The zero value stands for a
	// premium price that the registrar does not tell.
	Price   Price
	Premium bool
}

// HasPrice reports whether plans may limit what a request of the kind costs.
func (k Kind) HasPrice() bool {
	return k == Registration || k == Transfer || k == Renewal || k == Restore || k == OwnerChange
}

// Limited reports whether the request may be sent only at a price that is known.
func (r Request) Limited() bool {
	return r.PriceLimit != nil || r.AcceptedPrice != nil || r.Kind == Restore
}

// TooDear says, with both amounts, why the request must not be made at the offered price;
// "" if it may. A price that a person has accepted decides alone. Without a limit any
// ordinary price is paid, but no premium price; for a change of owner, which has no premium
// price of its own, any price; for a restore none, which a person then accepts: that is no
// reason to refuse an order that has just come.
func (r Request) TooDear(offer Offer) string {
	price := offer.Price
	switch limit := r.PriceLimit; {
	case r.AcceptedPrice != nil && !price.equal(*r.AcceptedPrice):
		return fmt.Sprintf("the price is %s, and %s was accepted", price, r.AcceptedPrice)
	case r.AcceptedPrice != nil:
		return ""
	case limit != nil && limit.Currency != "" && price.Cents != 0 && price.Currency != limit.Currency:
		return fmt.Sprintf("the price of %s is in another currency than the plan's limit of %s", price, limit)
	case limit != nil && price.Cents > limit.Cents:
		return fmt.Sprintf("the price of %s is above the plan's limit of %s", price, Price{limit.Cents, price.Currency})
	case limit == nil && r.Kind == Restore && r.Ordered:
	case limit == nil && r.Kind == Restore:
		return fmt.Sprintf("a restore for %s, and the plan has no price limit for it", price)
	case limit == nil && offer.Premium && r.Kind != OwnerChange && price == Price{}:
		return "a premium name, and the plan has no price limit for it"
	case limit == nil && offer.Premium && r.Kind != OwnerChange:
		return fmt.Sprintf("a premium name for %s, and the plan has no price limit for it", price)
	}
	return ""
}

// TooDear says that a request is not made at its price, for a reason that Request.TooDear
// gives; nil if there is none.
func (e Errors) TooDear(call, rule string) error {
	if rule == "" {
		return nil
	}
	return &Error{Registrar: string(e), Call: call, Class: ClassPrice, Rule: rule}
}

// NoPrice says that the price of a limited request cannot be read, because of err if it is
// not nil. The request waits. An error that says what has to be done, or for how long to wait, stays
// as it is.
func (e Errors) NoPrice(call string, err error) error {
	if class := ClassOf(err); err != nil && (class == ClassAuth || class == ClassRateLimited) {
		return err
	}
	return &Error{
		Registrar: string(e), Call: call, Class: ClassTemporary, Field: "price", Rule: "cannot be read, and the request may be made only at a known price",
		Err: err,
	}
}
