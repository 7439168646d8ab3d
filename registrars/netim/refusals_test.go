package netim_test

import (
	"strings"
	"testing"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/netim"
	"domainprovisioning/sandbox/standin/faults"
	standin "domainprovisioning/sandbox/standin/netim"
)

func TestCancelIsRefusedByTheRegistrar(t *testing.T) {
	w := newWorld(t, standin.Options{Behaviour: standin.Behaviour{Manual: true, RefuseCancel: true}})
	operation := w.do(w.change(registrars.OwnerChange, domains.Settings{}), registrars.StatusPending)
	failed(t, w.Cancel(t.Context(), operation.Reference), registrars.ClassRejected, "E99")
	if got, err := w.Operation(t.Context(), operation.Reference); err != nil || got.Status != registrars.StatusPending {
		t.Errorf("%+v, %v", got, err)
	}
	// After a lost answer to a cancellation, the operation must be read.
	w = newWorld(t, standin.Options{Behaviour: standin.Behaviour{Manual: true}})
	operation = w.do(w.change(registrars.OwnerChange, domains.Settings{}), registrars.StatusPending)
	w.stand.Faults.Add(faults.Fault{Method: "cancelOpe", Kind: faults.CutAfter})
	failed(t, w.Cancel(t.Context(), operation.Reference), registrars.ClassOutcomeUnknown, "")
	if got, err := w.Operation(t.Context(), operation.Reference); err != nil || got.Status != registrars.StatusCancelled {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestRulesAreNamed: a person can read which rule a field breaks.
func TestRulesAreNamed(t *testing.T) {
	w := newWorld(t, standin.Options{TLDs: map[string]standin.TLD{
		"example": {Price: 10_00, PeriodRenew: "1-2"}, "bare": {NoRegistrarLock: true},
	}})
	none := domains.Settings{}
	for rule, test := range map[string]struct {
		kind     registrars.Kind
		domain   string
		settings domains.Settings
		change   func(*registrars.Request)
	}{
		"one of 1-2 for this top-level domain":               {registrars.Renewal, "shop.example", none, func(r *registrars.Request) { r.Years = 3 }},
		"is not in this account":                             {registrars.Renewal, "free.example", none, nil},
		"must be the registrar's date, 2027-01-02":           {registrars.Renewal, "shop.example", none, func(r *registrars.Request) { r.Expires = r.Expires.AddDate(0, 0, -1) }},
		"required for a transfer in this top-level domain":   {registrars.Transfer, "away.example", none, func(r *registrars.Request) { r.AuthCode = domains.Secret{} }},
		"at most 64 characters":                              {registrars.Transfer, "away.example", none, func(r *registrars.Request) { r.AuthCode = domains.NewSecret(strings.Repeat("x", 65)) }},
		"is in this account already":                         {registrars.Transfer, "shop.example", none, nil},
		"not offered in this top-level domain":               {registrars.LockChange, "a.bare", domains.Settings{Lock: new(true)}, nil},
		"at least 2":                                         {registrars.NameServerChange, "shop.example", none, func(r *registrars.Request) { r.NameServers = r.NameServers[:1] }},
		"all different":                                      {registrars.NameServerChange, "shop.example", none, func(r *registrars.Request) { r.NameServers[1] = "NS1.host.example" }},
		"must be a contact made as an owner (isOwner 1)":     {registrars.OwnerChange, "shop.example", none, func(r *registrars.Request) { r.Contacts[registrars.Owner] = r.Contacts[registrars.Admin] }},
		"must not be a contact made as an owner (isOwner 0)": {registrars.ContactChange, "shop.example", none, func(r *registrars.Request) { r.Contacts[registrars.Admin] = r.Contacts[registrars.Owner] }},
		"not a contact of this account":                      {registrars.OwnerChange, "shop.example", none, func(r *registrars.Request) { r.Contacts[registrars.Owner] = registrars.Contact{Handle: "NONE"} }},
	} {
		r := w.request(test.kind, test.domain, test.settings)
		if test.change != nil {
			test.change(&r)
		}
		if e := failed(t, w.Check(t.Context(), r), registrars.ClassInvalid, ""); e.Rule != rule {
			t.Errorf("rule %q, want %q", e.Rule, rule)
		}
	}
	// If the top-level domain has no auth codes, none is missing.
	w = newWorld(t, standin.Options{TLDs: map[string]standin.TLD{"example": {NoEppCode: true}}})
	r := w.request(registrars.Transfer, "away.example", none)
	r.AuthCode = domains.Secret{}
	w.do(r, registrars.StatusPending)
}

// TestZoneIsNotReady: every request that delegates waits for the zone, and may be
// repeated.
func TestZoneIsNotReady(t *testing.T) {
	for _, kind := range []registrars.Kind{registrars.Registration, registrars.Transfer, registrars.NameServerChange} {
		w := newWorld(t, standin.Options{})
		r := w.change(kind, domains.Settings{})
		w.stand.Faults.Add(faults.Fault{Kind: faults.DNSNotReady})
		_, err := w.Submit(t.Context(), r)
		if e := failed(t, err, registrars.ClassTemporary, "E99"); e.After != 2*time.Minute || e.Rule == "" {
			t.Errorf("%s: %+v", kind, e)
		}
		w.found(r, registrars.FoundNothing)
		if _, err := w.Submit(t.Context(), r); err != nil || len(w.stand.Operations()) != 1 {
			t.Errorf("%s: %v, %d operations", kind, err, len(w.stand.Operations()))
		}
	}
}

// TestFundsAreGone: money may have been spent between the check and the request.
func TestFundsAreGone(t *testing.T) {
	for _, row := range lost {
		w := newWorld(t, standin.Options{TLDs: map[string]standin.TLD{"example": {Price: 10_00, TradePrice: 5_00}}})
		w.stand.SetBalance(4_99)
		r := w.change(row.kind, row.settings)
		switch row.kind {
		case registrars.Registration, registrars.Transfer, registrars.Renewal, registrars.Restore, registrars.OwnerChange:
			failed(t, w.Check(t.Context(), r), registrars.ClassBalance, "")
			_, err := w.Submit(t.Context(), r)
			failed(t, err, registrars.ClassBalance, "E99")
			if len(w.stand.Operations()) != 0 || w.stand.Balance() != 4_99 {
				t.Errorf("%s: %d operations, balance %d", row.kind, len(w.stand.Operations()), w.stand.Balance())
			}
		default: // costs nothing
			if err := w.Check(t.Context(), r); err != nil {
				t.Errorf("%s: %v", row.kind, err)
			}
			if _, err := w.Submit(t.Context(), r); err != nil || w.stand.Calls("queryDomainPrice") != 0 {
				t.Errorf("%s: %v", row.kind, err)
			}
		}
	}
}

// TestUnreadableAmountsForbidNothing: the registrar itself refuses a request that is
// not covered.
func TestUnreadableAmountsForbidNothing(t *testing.T) {
	for _, function := range []string{"queryDomainPrice", "queryResellerAccount"} {
		w := newWorld(t, standin.Options{})
		w.stand.SetBalance(0)
		w.stand.Faults.Add(faults.Fault{Method: function, Kind: faults.Malformed})
		if err := w.Check(t.Context(), w.change(registrars.Renewal, domains.Settings{})); err != nil {
			t.Errorf("%s: %v", function, err)
		}
		// A registrar that was not reached is another matter: it may answer the next time.
		w.stand.Faults.Add(faults.Fault{Method: function, Kind: faults.HTTPError})
		failed(t, w.Check(t.Context(), w.change(registrars.Renewal, domains.Settings{})), registrars.ClassTemporary, "")
	}
}

// TestFaultShowsNoAuthCode: a refusal may quote the code that was sent.
func TestFaultShowsNoAuthCode(t *testing.T) {
	s := newServer(t)
	s.on("domainTransferIn", fault(t, "E13", "E13 : authID : KEY-1 is wrong"))
	_, err := plugin(t, s).Submit(t.Context(), ask(registrars.Transfer, domains.Settings{}))
	e := failed(t, err, registrars.ClassInvalid, "E13")
	if e.Field != "authID" || strings.Contains(e.Error()+e.Detail, "KEY-1") || e.Detail != "E13 : authID : [redacted] is wrong" {
		t.Errorf("%v, detail %q", e, e.Detail)
	}
}

func TestDumpShowsNoAuthCode(t *testing.T) {
	s := newServer(t)
	s.on("domainTransferIn", operationReply("domainTransferIn", "Pending", "domainTransferIn"))
	s.on("domainAuthID", operationReply("domainAuthID", "Done", "domainAuthid"))
	s.on("queryOpe", operationReply("queryOpe", "Done", "DOMAINAUTHID"))
	config := configFor(s.URL)
	var dump strings.Builder
	config.Dump = func(_ string, document []byte) { dump.Write(document) }
	n, err := netim.New(config)
	if err != nil {
		t.Fatal(err)
	}
	transfer := ask(registrars.Transfer, domains.Settings{})
	transfer.AuthCode = domains.NewSecret("OLD-1")
	for _, r := range []registrars.Request{transfer, ask(registrars.AuthCodeChange, domains.Settings{})} {
		if _, err := n.Submit(t.Context(), r); err != nil {
			t.Error(err)
		}
	}
	if got, err := n.Operation(t.Context(), "77"); err != nil || got.Reason != "" {
		t.Errorf("%+v, %v", got, err)
	}
	// The answer to the transfer contains KEY-2 too, as an ordinary message.
	if strings.Contains(dump.String(), "OLD-1") || strings.Count(dump.String(), "KEY-2") != 1 {
		t.Errorf("the dump shows a code: %s", &dump)
	}
}
