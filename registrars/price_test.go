package registrars_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"domainprovisioning/registrars"
)

func TestPricesAreReadExactly(t *testing.T) {
	for text, want := range map[string]string{
		"250.00EUR": "250.00 EUR", "250.00 EUR": "250.00 EUR", "0.05USD": "0.05 USD", "9999999999.99EUR": "9999999999.99 EUR", "007.10EUR": "7.10 EUR",
	} {
		price, err := registrars.ParsePrice(text)
		if err != nil || price.String() != want {
			t.Errorf("%s: %s, %v", text, price, err)
		}
		if again, err := registrars.ParsePrice(price.String()); err != nil || again != price {
			t.Errorf("%s again: %v, %v", price, again, err)
		}
	}
	for _, text := range []string{
		"", "250", "250EUR", "250.0EUR", "250.000EUR", "250.00", "250.00eur", "250.00EURO", "-1.00EUR", "+1.00EUR", "1e3.00EUR", " 1.00EUR",
		"1.00  EUR", "1,00EUR", "12345678901.00EUR", "٣.00EUR", "1.00EUR\n",
	} {
		if price, err := registrars.ParsePrice(text); err == nil {
			t.Errorf("%q is read as %s", text, price)
		}
	}
	if got := (registrars.Price{Cents: math.MinInt64}).String(); got != "-92233720368547758.08" {
		t.Errorf("got %s", got)
	}
}

// TestAPriceThatCannotBeReadLetsTheRequestWait, unless the error says what else is to be done.
func TestAPriceThatCannotBeReadLetsTheRequestWait(t *testing.T) {
	const errs = registrars.Errors("netim")
	for _, class := range registrars.Classes() {
		cause := &registrars.Error{Registrar: "netim", Call: "login", Class: class, After: time.Minute}
		failed, ok := registrars.AsError(errs.NoPrice("price", cause))
		kept := class == registrars.ClassAuth || class == registrars.ClassRateLimited
		if !ok || (failed == cause) != kept || !kept && (failed.Class != registrars.ClassTemporary || failed.Field != "price" || !errors.Is(failed, cause)) {
			t.Errorf("%s: %+v", class, failed)
		}
	}
	if failed, ok := registrars.AsError(errs.NoPrice("price", nil)); !ok || failed.Class != registrars.ClassTemporary {
		t.Errorf("without a cause: %+v", failed)
	}
}

func TestARequestIsMadeOnlyAtAPriceThatItMayCost(t *testing.T) {
	eur := func(cents int64) *registrars.Price { return &registrars.Price{Cents: cents, Currency: "EUR"} }
	plain := func(cents int64) *registrars.Price { return &registrars.Price{Cents: cents} }
	ordinary := func(cents int64) registrars.Offer { return registrars.Offer{Price: *eur(cents)} }
	premium := func(cents int64) registrars.Offer { return registrars.Offer{Price: *eur(cents), Premium: true} }
	for name, c := range map[string]struct {
		kind            registrars.Kind
		limit, accepted *registrars.Price
		offer           registrars.Offer
		want            string
	}{
		"any ordinary price":             {registrars.Registration, nil, nil, ordinary(999_999_00), ""},
		"no premium price":               {registrars.Registration, nil, nil, premium(250_00), "a premium name for 250.00 EUR, and the plan has no price limit for it"},
		"a premium price that is secret": {registrars.Renewal, nil, nil, registrars.Offer{Premium: true}, "a premium name, and the plan has no price limit for it"},
		"a trade of a premium name":      {registrars.OwnerChange, nil, nil, premium(20_00), ""},
		"at the limit":                   {registrars.Renewal, plain(12_00), nil, ordinary(12_00), ""},
		"above the limit":                {registrars.Renewal, plain(12_00), nil, ordinary(12_01), "the price of 12.01 EUR is above the plan's limit of 12.00 EUR"},
		"premium within the limit":       {registrars.Transfer, plain(300_00), nil, premium(250_00), ""},
		"premium above the limit":        {registrars.Transfer, plain(12_00), nil, premium(250_00), "the price of 250.00 EUR is above the plan's limit of 12.00 EUR"},
		"in the limit's currency":        {registrars.Renewal, eur(12_00), nil, ordinary(12_00), ""},
		"in another currency": {registrars.Renewal, &registrars.Price{Cents: 12_00, Currency: "USD"}, nil, ordinary(1_00),
			"the price of 1.00 EUR is in another currency than the plan's limit of 12.00 USD"},
		"nothing, in no currency":         {registrars.Renewal, eur(0), nil, registrars.Offer{}, ""},
		"the accepted price":              {registrars.Registration, plain(12_00), eur(250_00), premium(250_00), ""},
		"the accepted price, no limit":    {registrars.Registration, nil, eur(250_00), premium(250_00), ""},
		"above the accepted price":        {registrars.Registration, plain(12_00), eur(250_00), premium(250_01), "the price is 250.01 EUR, and 250.00 EUR was accepted"},
		"below the accepted price":        {registrars.Registration, plain(12_00), eur(250_00), ordinary(11_00), "the price is 11.00 EUR, and 250.00 EUR was accepted"},
		"accepted in another currency":    {registrars.Registration, nil, &registrars.Price{Cents: 250_00, Currency: "USD"}, premium(250_00), "the price is 250.00 EUR, and 250.00 USD was accepted"},
		"a restore that nobody allowed":   {registrars.Restore, nil, nil, ordinary(40_00), "a restore for 40.00 EUR, and the plan has no price limit for it"},
		"a restore within the limit":      {registrars.Restore, plain(40_00), nil, ordinary(40_00), ""},
		"a restore above the limit":       {registrars.Restore, plain(40_00), nil, premium(40_01), "the price of 40.01 EUR is above the plan's limit of 40.00 EUR"},
		"a restore that was accepted":     {registrars.Restore, nil, eur(40_00), ordinary(40_00), ""},
		"nothing was accepted, and costs": {registrars.OwnerChange, nil, eur(0), registrars.Offer{}, ""},
	} {
		request := registrars.Request{Kind: c.kind, PriceLimit: c.limit, AcceptedPrice: c.accepted}
		if got := request.TooDear(c.offer); got != c.want {
			t.Errorf("%s: %q", name, got)
		}
		if request.Limited() != (c.limit != nil || c.accepted != nil || c.kind == registrars.Restore) {
			t.Errorf("%s: limited %t", name, request.Limited())
		}
		// A person may still accept the price of a restore that has no limit.
		request.Ordered = true
		if got := request.TooDear(c.offer); got != c.want && (got != "" || c.kind != registrars.Restore || c.limit != nil) {
			t.Errorf("%s, of an order: %q", name, got)
		}
	}
}
