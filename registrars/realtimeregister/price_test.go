package realtimeregister_test

import (
	"strings"
	"testing"

	"domainprovisioning/registrars"
	"domainprovisioning/sandbox/standin/faults"
)

func limit(r registrars.Request, cents int64) registrars.Request {
	r.PriceLimit = &registrars.Price{Cents: cents}
	return r
}

// arriving is a request as it is when its order comes: its holder has no handle yet.
func arriving(r registrars.Request) registrars.Request {
	r.Contacts, r.NameServers = nil, nil
	return r
}

// TestAnOrderIsJudgedByThePriceList when it comes, because a registration cannot be run dry
// without its holder.
func TestAnOrderIsJudgedByThePriceList(t *testing.T) {
	for kind, total := range map[registrars.Kind]int64{
		registrars.Registration: 2 * 8_99, registrars.Transfer: 8_99, registrars.Renewal: 2 * 8_99, registrars.OwnerChange: 5_00,
	} {
		w := newWorld(t, "sync")
		request := arriving(w.Request(kind, 1))
		if kind.HasPeriod() {
			request.Years = 2
		}
		for range 2 {
			if err := w.plugin.Check(t.Context(), limit(request, total)); err != nil {
				t.Errorf("%s at the limit: %v", kind, err)
			}
		}
		e := wantClass(t, w.plugin.Check(t.Context(), limit(request, total-1)), registrars.ClassPrice)
		for _, cents := range []int64{total, total - 1} {
			if text := (registrars.Price{Cents: cents, Currency: "EUR"}).String(); !strings.Contains(e.Rule, text) {
				t.Errorf("%s: %s lacks %s", kind, e.Rule, text)
			}
		}
		// A renewal has no contacts, so it is quoted even then.
		lists := 1
		if kind == registrars.Renewal {
			lists = 0
		}
		if n := w.standin.Calls("customers.pricelist"); n != lists {
			t.Errorf("%s: the price list was read %d times", kind, n)
		}
		if err := w.plugin.Check(t.Context(), request); err != nil {
			t.Errorf("%s without a limit: %v", kind, err)
		}
		if n := len(w.standin.Processes()); n != 0 {
			t.Errorf("%s: %d processes", kind, n)
		}
	}
}

// TestPremiumNames are bought only within a limit or at an accepted price, and then once.
func TestPremiumNames(t *testing.T) {
	for _, kind := range []registrars.Kind{registrars.Registration, registrars.Transfer, registrars.Renewal} {
		w := newWorld(t, "sync")
		request := w.Request(kind, 1)
		w.standin.SetPremium(request.Domain.String(), 250_00)
		for _, r := range []registrars.Request{request, arriving(request)} {
			if e := wantClass(t, w.plugin.Check(t.Context(), r), registrars.ClassPrice); !strings.Contains(e.Rule, "a premium name for 250.00 EUR") {
				t.Errorf("%s: %s", kind, e.Rule)
			}
			if e := wantClass(t, w.plugin.Check(t.Context(), limit(r, 249_99)), registrars.ClassPrice); !strings.Contains(e.Rule, "249.99 EUR") {
				t.Errorf("%s: %s", kind, e.Rule)
			}
			if err := w.plugin.Check(t.Context(), limit(r, 250_00)); err != nil {
				t.Errorf("%s within the limit: %v", kind, err)
			}
		}
		// A name may become a premium one after it was checked: its quote shows it.
		_, err := w.plugin.Submit(t.Context(), request)
		wantClass(t, err, registrars.ClassPrice)
		if n := len(w.standin.Processes()); n != 0 {
			t.Errorf("%s: %d processes", kind, n)
		}
		before, _ := w.standin.Balance()
		request.AcceptedPrice = &registrars.Price{Cents: 250_00, Currency: "EUR"}
		_, err = w.plugin.Submit(t.Context(), request)
		if after, _ := w.standin.Balance(); err != nil || before-after != 250_00 || len(w.standin.Processes()) != 1 {
			t.Errorf("%s: %v, %d spent in %d processes", kind, err, before-after, len(w.standin.Processes()))
		}
	}
}

// TestALimitedRequestWaitsForItsPrice: nothing is sent as long as the quote cannot be read.
func TestALimitedRequestWaitsForItsPrice(t *testing.T) {
	for _, kind := range []faults.Kind{faults.Malformed, faults.HTTPError, faults.CutBefore, faults.CutAfter} {
		w := newWorld(t, "sync")
		w.standin.Faults.Add(faults.Fault{Method: "domains.create.quote", Kind: kind, Times: 2})
		request := limit(w.Request(registrars.Registration, 1), 8_99)
		wantClass(t, w.plugin.Check(t.Context(), request), registrars.ClassTemporary)
		_, err := w.plugin.Submit(t.Context(), request)
		if e := wantClass(t, err, registrars.ClassTemporary); e.Refused {
			t.Errorf("%s: it would be given up after a day", kind)
		}
		if n := len(w.standin.Processes()); n != 0 {
			t.Errorf("%s: %d processes", kind, n)
		}
		if _, err := w.plugin.Submit(t.Context(), request); err != nil || len(w.standin.Processes()) != 1 {
			t.Errorf("%s: afterwards: %v, %d processes", kind, err, len(w.standin.Processes()))
		}
	}
}

// TestAPriceThatCannotBeLookedUp refuses no order that comes: what is paid is quoted later.
func TestAPriceThatCannotBeLookedUp(t *testing.T) {
	const check, list = "GET domains/shop.example/check", "GET customers/shopreseller/pricelist"
	for name, c := range map[string]struct {
		check, list answer
		limited     bool
		class       registrars.Class
	}{
		"not in the list":           {text(200, `{"available": true}`), text(200, `{"prices": [{"product": "domain_other", "action": "CREATE", "currency": "EUR", "price": 1}]}`), true, registrars.ClassTemporary},
		"without a price":           {text(200, `{"available": true}`), text(200, `{"prices": [{"product": "domain_example", "action": "CREATE", "currency": "EUR"}]}`), true, registrars.ClassTemporary},
		"without a currency":        {text(200, `{"available": true}`), text(200, `{"prices": [{"product": "domain_example", "action": "CREATE", "price": 1}]}`), true, registrars.ClassTemporary},
		"down":                      {text(200, `{"available": true}`), failing(500, "InternalSRSError"), true, registrars.ClassTemporary},
		"listed":                    {text(200, `{"available": true}`), text(200, `{"prices": [{"product": "domain_example", "action": "CREATE", "currency": "EUR", "price": 1}]}`), true, ""},
		"premium without a price":   {text(200, `{"available": true, "premium": true}`), failing(500, "InternalSRSError"), true, registrars.ClassTemporary},
		"premium without any limit": {text(200, `{"available": true, "premium": true}`), failing(500, "InternalSRSError"), false, registrars.ClassPrice},
	} {
		s := sold(t)
		s.on(check, c.check)
		s.on(list, c.list)
		request := arriving(shopRequest(registrars.Registration))
		if c.limited {
			request = limit(request, 12_00)
		}
		err := s.plugin().Check(t.Context(), request)
		if c.class == "" && err != nil {
			t.Errorf("%s: %v", name, err)
		} else if c.class != "" {
			wantClass(t, err, c.class)
		}
	}
}

func TestAQuoteWithoutACurrencyIsNoPrice(t *testing.T) {
	s := sold(t)
	s.on(domainCall, failing(400, "ObjectDoesNotExist"))
	s.on("GET domains/shop.example/check", text(200, `{"available": true}`))
	s.on(createQuote, text(200, `{"command": "CreateDomainCommand", "quote": {"total": 899, "currency": "euro"}}`))
	wantClass(t, s.plugin().Check(t.Context(), limit(shopRequest(registrars.Registration), 12_00)), registrars.ClassTemporary)
	_, err := s.plugin().Submit(t.Context(), limit(shopRequest(registrars.Registration), 12_00))
	wantClass(t, err, registrars.ClassTemporary)
}

// TestAQuoteWithoutATotalIsNoPrice, and no price of 0: a limited request waits. One without a
// limit takes any ordinary price, if the charges show that it is one.
func TestAQuoteWithoutATotalIsNoPrice(t *testing.T) {
	const (
		ordinary = `"billables": [{"product": "domain_example", "action": "CREATE", "quantity": 1}]`
		premium  = `"billables": [{"product": "domain_example_premium", "action": "CREATE", "quantity": 1}]`
		demands  = `{"type": "BillableAcknowledgmentNeededException", "message": "m", `
	)
	const waits, dear, bought = registrars.ClassTemporary, registrars.ClassPrice, registrars.Class("")
	for name, c := range map[string]struct {
		quote              answer
		limited, unlimited registrars.Class
	}{
		"no total":                       {text(200, `{"quote": {"currency": "EUR", `+ordinary+`}}`), waits, bought},
		"the total is null":              {text(200, `{"quote": {"currency": "EUR", "total": null, `+ordinary+`}}`), waits, bought},
		"charges alone":                  {text(200, `{"quote": {`+ordinary+`}}`), waits, bought},
		"premium charges alone":          {text(200, `{"quote": {`+premium+`}}`), waits, dear},
		"the total is a text":            {text(200, `{"quote": {"currency": "EUR", "total": "899", `+ordinary+`}}`), waits, waits},
		"nothing":                        {text(200, `{"quote": {}}`), waits, waits},
		"a currency":                     {text(200, `{"quote": {"currency": "EUR"}}`), waits, waits},
		"error: charges at the top":      {text(400, demands+ordinary+`}`), waits, bought},
		"error: premium at the top":      {text(400, demands+premium+`}`), waits, dear},
		"error: charges alone":           {text(400, demands+`"quote": {"currency": "EUR", `+ordinary+`}}`), waits, bought},
		"error: the total is a text":     {text(400, demands+`"quote": {"currency": "EUR", "total": "99900", `+ordinary+`}}`), waits, bought},
		"error: text total, top charges": {text(400, demands+`"quote": {"currency": "EUR", "total": "99900"}, `+ordinary+`}`), waits, bought},
		"error: the currency is odd":     {text(400, demands+`"quote": {"currency": 5, "total": 899, `+ordinary+`}}`), waits, bought},
		"error: a negative total":        {text(400, demands+`"quote": {"currency": "EUR", "total": -1, `+ordinary+`}}`), waits, waits},
		"error: total, charges at top":   {text(400, demands+`"quote": {"currency": "EUR", "total": 899}, `+ordinary+`}`), bought, bought},
		"free":                           {text(200, `{"quote": {"total": 0}}`), bought, bought},
	} {
		request := shopRequest(registrars.Registration)
		accepted := request
		accepted.AcceptedPrice = &registrars.Price{Cents: 8_99, Currency: "EUR"}
		for way, r := range map[string]registrars.Request{"limited": limit(request, 9_00), "accepted": accepted, "unlimited": request} {
			want := c.limited
			if way == "unlimited" {
				want = c.unlimited
			}
			if way == "accepted" && name == "free" {
				want = dear // not the price that was accepted
			}
			s := sold(t)
			s.on(domainCall, failing(400, "ObjectDoesNotExist"))
			s.on("GET domains/shop.example/check", text(200, `{"available": true}`))
			s.on("GET customers/shopreseller/credit", text(200, `{"accounts": [{"currency": "EUR", "balance": 1000}]}`))
			s.on(createQuote, c.quote)
			s.on(createCall, text(201, `{"domainName": "shop.example"}`, "X-Process-Id", "9"))
			checked := s.plugin().Check(t.Context(), r)
			_, err := s.plugin().Submit(t.Context(), r)
			for call, err := range map[string]error{"Check": checked, "Submit": err} {
				if got := registrars.ClassOf(err); err != nil && got != want || err == nil && want != bought {
					t.Errorf("%s, %s: %s: %v, want %q", name, way, call, err, want)
				}
			}
			sent := 0
			if want == bought {
				sent = 1
			}
			if n := s.count(createCall); n != sent {
				t.Errorf("%s, %s: %d paid requests", name, way, n)
			}
		}
	}
}

// TestWhatCannotBeToldOfAPremiumName is not taken for an ordinary name when an order comes.
func TestWhatCannotBeToldOfAPremiumName(t *testing.T) {
	const check = "GET domains/shop.example/check"
	for _, odd := range []string{`"premium": "true"`, `"premium": 1`, `"premium": true, "currency": "EUR", "price": "99900"`, `"premium": true, "price": 99900, "currency": 978`} {
		for kind, available := range map[registrars.Kind]string{registrars.Registration: "true", registrars.Transfer: "false"} {
			s := sold(t)
			s.on(domainCall, failing(400, "ObjectDoesNotExist"))
			s.on(check, text(200, `{"available": `+available+`, `+odd+`}`))
			for _, r := range []registrars.Request{arriving(shopRequest(kind)), limit(arriving(shopRequest(kind)), 1_000_00), shopRequest(kind)} {
				wantClass(t, s.plugin().Check(t.Context(), r), registrars.ClassTemporary)
			}
		}
		// What is certain is said at once.
		s := sold(t)
		s.on(check, text(200, `{"available": false, `+odd+`}`))
		wantClass(t, s.plugin().Check(t.Context(), shopRequest(registrars.Registration)), registrars.ClassUnavailable)
	}
	s := sold(t)
	s.on(domainCall, domainWith(`"status": ["OK"], "expiryDate": "2027-01-02T03:04:05Z", "premium": "true"`))
	wantClass(t, s.plugin().Check(t.Context(), shopRequest(registrars.Renewal)), registrars.ClassTemporary)
	if err := s.plugin().Check(t.Context(), shopRequest(registrars.NameServerChange)); err != nil {
		t.Errorf("what costs nothing: %v", err)
	}
}
