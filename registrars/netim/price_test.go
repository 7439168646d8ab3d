package netim_test

import (
	"context"
	"strings"
	"testing"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/sandbox/standin/faults"
	standin "domainprovisioning/sandbox/standin/netim"
)

func priced(t *testing.T) *world {
	t.Helper()
	return newWorld(t, standin.Options{TLDs: map[string]standin.TLD{"example": {Price: 10_00, TradePrice: 5_00}}})
}

func limit(r registrars.Request, cents int64) registrars.Request {
	r.PriceLimit = &registrars.Price{Cents: cents}
	return r
}

// TestAnOrderAboveItsLimitIsRefusedWhenItComes: contacts and name servers are not there yet.
func TestAnOrderAboveItsLimitIsRefusedWhenItComes(t *testing.T) {
	for _, c := range []struct {
		kind        registrars.Kind
		domain      string
		total       int64
		what, limit string
	}{
		{registrars.Registration, "free.example", 20_00, "20.00 EUR", "19.99 EUR"}, // two years
		{registrars.Transfer, "away.example", 10_00, "10.00 EUR", "9.99 EUR"},
		{registrars.Renewal, "shop.example", 20_00, "20.00 EUR", "19.99 EUR"},
		{registrars.OwnerChange, "shop.example", 5_00, "5.00 EUR", "4.99 EUR"},
		{registrars.Restore, "shop.example", 10_00, "10.00 EUR", "9.99 EUR"},
	} {
		w := priced(t)
		if c.kind == registrars.Restore {
			w.stand.SetStatus(c.domain, standin.StatusQuarantine)
		}
		early := w.request(c.kind, c.domain, domains.Settings{})
		early.Contacts, early.NameServers = nil, nil
		if err := w.Check(t.Context(), limit(early, c.total)); err != nil {
			t.Errorf("%s at the limit: %v", c.kind, err)
		}
		e := failed(t, w.Check(t.Context(), limit(early, c.total-1)), registrars.ClassPrice, "")
		if !strings.Contains(e.Rule, c.what) || !strings.Contains(e.Rule, c.limit) {
			t.Errorf("%s: %s", c.kind, e.Rule)
		}
	}
}

// TestARestoreWaitsForItsPrice: without a limit too, not knowing is no permission.
func TestARestoreWaitsForItsPrice(t *testing.T) {
	w := priced(t)
	w.stand.SetStatus("shop.example", standin.StatusQuarantine)
	w.stand.SetBalance(0) // which is no reason to refuse an order
	r := w.request(registrars.Restore, "shop.example", domains.Settings{})
	r.Ordered = true
	if err := w.Check(t.Context(), r); err != nil || w.stand.Calls("queryResellerAccount") != 0 {
		t.Errorf("%v", err)
	}
	r.Ordered = false
	w.stand.Faults.Add(faults.Fault{Method: "queryDomainPrice", Kind: faults.Malformed, Times: 2})
	failed(t, w.Check(t.Context(), r), registrars.ClassTemporary, "")
	_, err := w.Submit(t.Context(), r)
	failed(t, err, registrars.ClassTemporary, "")
	_, err = w.Submit(t.Context(), r)
	failed(t, err, registrars.ClassPrice, "")
	if n := len(w.stand.Operations()); n != 0 {
		t.Errorf("%d operations", n)
	}
}

// TestPremiumNames are bought only within a limit or at an accepted price, and then once.
func TestPremiumNames(t *testing.T) {
	for _, c := range []struct {
		kind   registrars.Kind
		domain string
		years  int64
	}{{registrars.Registration, "free.example", 2}, {registrars.Transfer, "away.example", 1}, {registrars.Renewal, "shop.example", 2}} {
		w := priced(t)
		w.stand.SetPremium(c.domain, 250_00)
		request := w.request(c.kind, c.domain, domains.Settings{})
		early := request
		early.Contacts, early.NameServers = nil, nil
		for _, r := range []registrars.Request{request, early} {
			e := failed(t, w.Check(t.Context(), r), registrars.ClassPrice, "")
			total := registrars.Price{Cents: c.years * 250_00, Currency: "EUR"}
			if want := "a premium name for " + total.String(); !strings.Contains(e.Rule, want) {
				t.Errorf("%s: %s, want %s", c.kind, e.Rule, want)
			}
		}
		if len(w.stand.Operations()) != 0 {
			t.Errorf("%s: something was bought", c.kind)
		}
		accepted := request
		accepted.AcceptedPrice = &registrars.Price{Cents: c.years * 250_00, Currency: "EUR"}
		before := w.stand.Balance()
		if err := w.Check(t.Context(), accepted); err != nil {
			t.Errorf("%s at the accepted price: %v", c.kind, err)
		}
		if _, err := w.Submit(t.Context(), accepted); err != nil || before-w.stand.Balance() != int(c.years)*250_00 || len(w.stand.Operations()) != 1 {
			t.Errorf("%s: %v, %d spent in %d operations", c.kind, err, before-w.stand.Balance(), len(w.stand.Operations()))
		}
	}
	// A change of owner has no premium price of its own.
	w := priced(t)
	w.stand.SetPremium("shop.example", 250_00)
	if err := w.Check(t.Context(), w.request(registrars.OwnerChange, "shop.example", domains.Settings{})); err != nil {
		t.Error(err)
	}
}

// TestAPriceThatRisesBetweenCheckAndRequest is not paid.
func TestAPriceThatRisesBetweenCheckAndRequest(t *testing.T) {
	w := priced(t)
	w.stand.RaisePrice("free.example", 10_00, 1, 250_00)
	r := limit(w.request(registrars.Registration, "free.example", domains.Settings{}), 20_00)
	r.Claim = func(context.Context) error { t.Error("permission is asked for"); return nil }
	if err := w.Check(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	_, err := w.Submit(t.Context(), r)
	failed(t, err, registrars.ClassPrice, "")
	if len(w.stand.Operations()) != 0 {
		t.Error("it was paid")
	}
}

// TestALimitedRequestWaitsForItsPrice: nothing is sent as long as the price cannot be read.
func TestALimitedRequestWaitsForItsPrice(t *testing.T) {
	for _, kind := range []faults.Kind{faults.Malformed, faults.HTTPError, faults.CutBefore, faults.CutAfter} {
		w := priced(t)
		w.stand.Faults.Add(faults.Fault{Method: "queryDomainPrice", Kind: kind, Times: 2})
		r := limit(w.request(registrars.Renewal, "shop.example", domains.Settings{}), 20_00)
		failed(t, w.Check(t.Context(), r), registrars.ClassTemporary, "")
		_, err := w.Submit(t.Context(), r)
		if e := failed(t, err, registrars.ClassTemporary, ""); e.Refused {
			t.Errorf("%s: it would be given up after a day", kind)
		}
		if len(w.stand.Operations()) != 0 {
			t.Errorf("%s: it was sent", kind)
		}
		if err := w.Check(t.Context(), r); err != nil {
			t.Errorf("%s: afterwards: %v", kind, err)
		}
		if _, err := w.Submit(t.Context(), r); err != nil || len(w.stand.Operations()) != 1 {
			t.Errorf("%s: afterwards: %v, %d operations", kind, err, len(w.stand.Operations()))
		}
	}
}

// TestOddPrices: a part of a cent counts as a cent, and what is no price is none.
func TestOddPrices(t *testing.T) {
	for name, c := range map[string]struct {
		fields string
		limit  int64
		class  registrars.Class
	}{
		"a part of a cent at the limit":     {"<Fee4Registration>10.001</Fee4Registration><FeeCurrency>EUR</FeeCurrency>", 10_01, ""},
		"a part of a cent above the limit":  {"<Fee4Registration>10.001</Fee4Registration><FeeCurrency>EUR</FeeCurrency>", 10_00, registrars.ClassPrice},
		"no currency":                       {"<Fee4Registration>10.00</Fee4Registration>", 10_00, registrars.ClassTemporary},
		"a comma":                           {"<Fee4Registration>10,00</Fee4Registration><FeeCurrency>EUR</FeeCurrency>", 10_00, registrars.ClassTemporary},
		"a negative price":                  {"<Fee4Registration>-1.00</Fee4Registration><FeeCurrency>EUR</FeeCurrency>", 10_00, registrars.ClassTemporary},
		"the price of something else":       {"<Fee4Renewal>10.00</Fee4Renewal><FeeCurrency>EUR</FeeCurrency>", 10_00, registrars.ClassTemporary},
		"free of charge":                    {"<Fee4Registration>0</Fee4Registration><FeeCurrency>EUR</FeeCurrency>", 1, ""},
		"more than fits, which nobody pays": {"<Fee4Registration>999999999999999</Fee4Registration><FeeCurrency>EUR</FeeCurrency>", 10_00, registrars.ClassPrice},
	} {
		s := newServer(t)
		free(t, s)
		s.on("queryDomainPrice", raw(200, "<Envelope><Body><queryDomainPriceResponse><x>"+c.fields+"</x></queryDomainPriceResponse></Body></Envelope>"))
		r := limit(request(), c.limit)
		r.Years = 1
		err := plugin(t, s).Check(t.Context(), r)
		if c.class == "" && err != nil {
			t.Errorf("%s: %v", name, err)
		} else if c.class != "" {
			failed(t, err, c.class, "")
		}
	}
}
