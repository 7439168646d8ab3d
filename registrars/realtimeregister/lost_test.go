package realtimeregister_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/realtimeregister"
	"domainprovisioning/sandbox/standin/faults"
	standin "domainprovisioning/sandbox/standin/realtimeregister"
)

// persist does what the ledger does with a request: after an unknown outcome it looks,
// and submits again only if nothing is there.
func persist(t *testing.T, w *world, request registrars.Request) registrars.Operation {
	t.Helper()
	for range 10 {
		operation, err := w.plugin.Submit(t.Context(), request)
		if err == nil {
			return operation
		}
		if class := registrars.ClassOf(err); class != registrars.ClassOutcomeUnknown {
			if class == registrars.ClassTemporary || class == registrars.ClassRateLimited {
				continue
			}
			t.Fatal(err)
		}
		finding, err := w.plugin.Find(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		switch finding.State {
		case registrars.FoundNothing:
		case registrars.Unclear:
			// An auth code and a zone leave no trace in the domain, so this needs a person.
			return registrars.Operation{Status: registrars.StatusUnknown}
		default:
			return finding.Operation
		}
	}
	t.Fatal("it never ended")
	return registrars.Operation{}
}

// TestWhateverIsLostThereIsOneEffect: every kind, final at once or later, with every
// kind of loss, and with two losses in a row.
func TestWhateverIsLostThereIsOneEffect(t *testing.T) {
	for _, tld := range []string{"sync", "async"} {
		for _, kind := range registrars.Kinds() {
			for _, losses := range [][]faults.Kind{
				{faults.CutAfter}, {faults.CutBefore}, {faults.Malformed}, {faults.HTTPError}, {faults.RateLimit}, {faults.NoProcessID},
				{faults.CutBefore, faults.CutAfter}, {faults.CutBefore, faults.CutBefore, faults.NoProcessID}, {faults.HTTPError, faults.Malformed},
			} {
				w := newWorld(t, tld)
				request := w.Request(kind, 1)
				for _, loss := range losses {
					w.standin.Faults.Add(faults.Fault{Method: method(kind), Kind: loss})
				}
				operation := persist(t, w, request)
				if n := w.Effects(kind, request.Domain); n != 1 {
					t.Errorf("%s, %s, %v: %d effects", tld, kind, losses, n)
				}
				traceless := kind == registrars.AuthCodeChange || kind == registrars.ZoneReset
				if operation.Status == registrars.StatusFailed || operation.Status == registrars.StatusUnknown && !traceless {
					t.Errorf("%s, %s, %v: %+v", tld, kind, losses, operation)
				}
			}
		}
	}
}

// TestPaidOnce: the account is charged for one period, whatever was lost.
func TestPaidOnce(t *testing.T) {
	for _, loss := range []faults.Kind{faults.CutAfter, faults.CutBefore, faults.Malformed, faults.NoProcessID} {
		w := newWorld(t, "async")
		request := w.Request(registrars.Renewal, 1)
		w.standin.Faults.Add(faults.Fault{Method: "domains.renew", Kind: loss})
		persist(t, w, request)
		d, _ := w.standin.Domain(request.Domain.String())
		if balance, held := w.standin.Balance(); balance != 10_000_00-899 || held != 0 || !d.Expires.Equal(request.Expires.AddDate(1, 0, 0)) {
			t.Errorf("%s: balance %d, %d held, expires %s", loss, balance, held, d.Expires)
		}
	}
}

// TestALongerPeriod: the registrar counts periods in months.
func TestALongerPeriod(t *testing.T) {
	w := newWorld(t, "sync")
	request := w.Request(registrars.Registration, 1)
	request.Years = 3
	if _, err := w.plugin.Submit(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	if all := w.standin.Processes(); len(all) != 1 || all[0].Period != 36 {
		t.Errorf("got %+v", all)
	}
	request = w.Request(registrars.Registration, 2)
	request.Years = 11
	e := wantClass(t, w.plugin.Check(t.Context(), request), registrars.ClassInvalid)
	if e.Field != "years" || !strings.Contains(e.Rule, "132 months") {
		t.Errorf("got %v", e)
	}
}

// TestATransferWithoutACode: if the registry has no auth codes, the order's code is not
// sent.
func TestATransferWithoutACode(t *testing.T) {
	w := newWorld(t, "open", func(o *standin.Options) { o.TLDs["open"] = standin.TLD{NoAuthCode: true} })
	request := w.Request(registrars.Transfer, 1)
	if operation, err := w.plugin.Submit(t.Context(), request); err != nil || operation.Status != registrars.StatusDone {
		t.Errorf("got %+v, %v", operation, err)
	}
	strict := newWorld(t, "sync")
	request = strict.Request(registrars.Transfer, 1)
	request.AuthCode = domains.Secret{}
	if e := wantClass(t, strict.plugin.Check(t.Context(), request), registrars.ClassInvalid); e.Field != "authCode" {
		t.Errorf("got %v", e)
	}
	request.AuthCode = domains.NewSecret("wrong-code")
	_, err := strict.plugin.Submit(t.Context(), request)
	if e := wantClass(t, err, registrars.ClassInvalid); e.Field != "authCode" || strings.Contains(err.Error(), "wrong-code") {
		t.Errorf("got %v", err)
	}
}

// TestWhatBelongsToSomebodyElse is neither found nor changed.
func TestWhatBelongsToSomebodyElse(t *testing.T) {
	w := newWorld(t, "sync")
	for i, kind := range registrars.Kinds() {
		if kind == registrars.Registration || kind == registrars.Transfer {
			continue
		}
		request := w.Request(kind, i+1)
		w.standin.RemoveDomain(request.Domain.String())
		_, err := w.plugin.Submit(t.Context(), request)
		if e, ok := errors.AsType[*registrars.Error](err); !ok || e.Class != registrars.ClassInvalid {
			t.Errorf("%s: got %v", kind, err)
		}
		if n := w.Effects(kind, request.Domain); n != 0 {
			t.Errorf("%s: %d effects", kind, n)
		}
		_, err = w.plugin.ReadDomain(t.Context(), request.Domain)
		wantClass(t, err, registrars.ClassNotFound)
	}
}

// TestLocksAndHolds: those of others stay when our lock is set and removed.
func TestLocksAndHolds(t *testing.T) {
	w := newWorld(t, "sync")
	request := w.Request(registrars.LockChange, 1)
	name := request.Domain.String()
	w.standin.SetStatuses(name, "SERVER_HOLD", "REGISTRAR_DELETE_PROHIBITED")
	if _, err := w.plugin.Submit(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	domain, err := w.plugin.ReadDomain(t.Context(), request.Domain)
	if err != nil || !*domain.Settings.Lock || !strings.Contains(domain.Word, "SERVER_HOLD, REGISTRAR_DELETE_PROHIBITED, CLIENT_TRANSFER_PROHIBITED") {
		t.Errorf("got %+v, %v", domain, err)
	}
	off := false
	request.Settings.Lock = &off
	if _, err := w.plugin.Submit(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	if domain, err = w.plugin.ReadDomain(t.Context(), request.Domain); err != nil || *domain.Settings.Lock {
		t.Errorf("got %+v, %v", domain, err)
	}
	// A status that forbids the change is named.
	w.standin.SetStatuses(name, "SERVER_UPDATE_PROHIBITED")
	_, err = w.plugin.Submit(t.Context(), request)
	if e := wantClass(t, err, registrars.ClassRejected); !strings.Contains(e.Rule, "SERVER_UPDATE_PROHIBITED") {
		t.Errorf("got %v", err)
	}
}

// TestADeletedDomainInRedemption: for the deletion, a domain in redemption counts as
// deleted.
func TestADeletedDomainInRedemption(t *testing.T) {
	w := newWorld(t, "kept", func(o *standin.Options) { o.TLDs["kept"] = standin.TLD{Redemption: true} })
	request := w.Request(registrars.Deletion, 1)
	w.standin.Faults.Add(faults.Fault{Method: "domains.delete", Kind: faults.CutAfter})
	_, err := w.plugin.Submit(t.Context(), request)
	wantClass(t, err, registrars.ClassOutcomeUnknown)
	if found, err := w.plugin.Find(t.Context(), request); err != nil || found.State != registrars.FoundObject {
		t.Errorf("got %+v, %v", found, err)
	}
	if domain, err := w.plugin.ReadDomain(t.Context(), request.Domain); err != nil || domain.Active {
		t.Errorf("got %+v, %v", domain, err)
	}
}

// TestTheRulesOfATLDAreReadOnceADay.
func TestTheRulesOfATLDAreReadOnceADay(t *testing.T) {
	w := newWorld(t, "sync")
	now := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	plugin := w.another(func(c *realtimeregister.Config) { c.Now = func() time.Time { return now } })
	check := func(want int) {
		t.Helper()
		if err := plugin.Check(t.Context(), registrars.Request{Kind: registrars.Registration, Domain: domains.MustParseName("free.sync"), TLD: "SYNC", Years: 1}); err != nil {
			t.Fatal(err)
		}
		if n := w.standin.Calls("tlds.info"); n != want {
			t.Errorf("read %d times, want %d", n, want)
		}
	}
	before := w.standin.Calls("tlds.info")
	check(before + 1)
	now = now.Add(24*time.Hour - time.Second)
	check(before + 1)
	now = now.Add(time.Second)
	check(before + 2)
}

// TestAPriceThatRoseMeanwhile is quoted again at the next try, and the charge in the
// newer quote is acknowledged.
func TestAPriceThatRoseMeanwhile(t *testing.T) {
	s := sold(t)
	s.on(createQuote, reply(t, 200, "free-quote"), reply(t, 200, "create-quote"))
	s.on(createCall, reply(t, 400, "acknowledge"), reply(t, 201, "create-done"))
	plugin := s.plugin()
	_, err := plugin.Submit(t.Context(), shopRequest(registrars.Registration))
	wantClass(t, err, registrars.ClassTemporary)
	if operation, err := plugin.Submit(t.Context(), shopRequest(registrars.Registration)); err != nil || operation.Status != registrars.StatusDone {
		t.Errorf("got %+v, %v", operation, err)
	}
	s.sent(createCall, fixture(t, "create.request"))
}
