package registrarstest

import (
	"context"
	"slices"

	"domainprovisioning/registrars"
)

// keepsToItsPrice examines requests that may cost only so much, or exactly so much: no claim
// is asked for, and nothing happens, unless the price fits.
func keepsToItsPrice(e *examination) {
	const years, price = 2, 21_00
	first, world := e.subject.New(e.t)
	_, priced := world.(PricedWorld)
	if tells := first.Describe().Prices; tells != priced {
		e.find("it tells prices: %t, and its world sets them: %t", tells, priced)
		return
	}
	for _, c := range []struct {
		name            string
		limit, accepted int64 // 0: none
		bought          bool
		only            registrars.Kind // "" means all
	}{
		{"at the limit", price, 0, true, ""}, {"above the limit", price - 1, 0, false, ""},
		{"at the accepted price", price - 1, price, true, ""}, {"above the accepted price", price, price - 1, false, ""},
		{"below the accepted price", price, price + 1, false, ""},
		// Nobody has said what it may cost.
		{"without a limit", 0, 0, false, registrars.Restore}, {"without a limit, at the accepted price", 0, price, true, registrars.Restore},
	} {
		e.each(func(r registrars.Registrar, w World, kind registrars.Kind) {
			if !priced || !kind.HasPrice() || !slices.Contains([]registrars.Kind{"", kind}, c.only) {
				return
			}
			request := w.Request(kind, 1)
			request.PriceLimit = nil
			cents := int64(price)
			if kind.HasPeriod() {
				request.Years, cents = years, price/years
			}
			currency := w.(PricedWorld).Price(kind, request.Domain, cents) //nolint:forcetypeassert // priced
			if c.limit > 0 {
				request.PriceLimit = &registrars.Price{Cents: c.limit}
			}
			if c.accepted > 0 {
				request.AcceptedPrice = &registrars.Price{Cents: c.accepted, Currency: currency}
			}
			if c.only != "" {
				e.arrivesAtAnyPrice(r, request)
			}
			asked := false
			request.Claim = func(context.Context) error { asked = true; return nil }
			checked := r.Check(e.t.Context(), request)
			_, err := r.Submit(e.t.Context(), request)
			effects := 0
			if c.bought {
				effects = 1
			}
			for call, err := range map[string]error{"Check": checked, "Submit": err} {
				switch {
				case c.bought && err != nil:
					e.find("%s %s: %s: %v", kind, c.name, call, err)
				case !c.bought && (err == nil || registrars.ClassOf(err) != registrars.ClassPrice):
					e.find("%s %s: %s: %v, and the class must be price", kind, c.name, call, err)
				}
			}
			if n := w.Effects(kind, request.Domain); n != effects || asked != c.bought {
				e.find("%s %s: %d effects, permission asked for: %t", kind, c.name, n, asked)
			}
		})
	}
}

// arrivesAtAnyPrice: an order is no reason to refuse a price that a person will accept.
func (e *examination) arrivesAtAnyPrice(r registrars.Registrar, request registrars.Request) {
	request.Ordered, request.AcceptedPrice = true, nil
	if err := r.Check(e.t.Context(), request); err != nil {
		e.find("%s: an order without a limit for it is refused: %v", request.Kind, err)
	}
}
