package netim_test

import (
	"slices"
	"testing"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/sandbox/standin/faults"
	standin "domainprovisioning/sandbox/standin/netim"
)

// lost lists every function that Submit calls, with what Find may return after a lost answer:
// before the effect, after it, and while the operation is pending.
var lost = []struct {
	function, code string
	kind           registrars.Kind
	settings       domains.Settings
	before, after  registrars.FindingState
}{
	{"domainCreate", "domainCreate", registrars.Registration, domains.Settings{}, registrars.FoundNothing, registrars.FoundObject},
	{"domainTransferIn", "domainTransferIn", registrars.Transfer, domains.Settings{}, registrars.FoundNothing, registrars.FoundObject},
	{"domainRenew", "domainRenew", registrars.Renewal, domains.Settings{}, registrars.FoundNothing, registrars.FoundObject},
	{"domainRestore", "domainRestore", registrars.Restore, domains.Settings{}, registrars.FoundNothing, registrars.FoundObject},
	{"domainTransferOwner", "domainTransferOwner", registrars.OwnerChange, domains.Settings{}, registrars.FoundNothing, registrars.FoundObject},
	{"domainChangeContact", "domainChangeContact", registrars.ContactChange, domains.Settings{}, registrars.FoundNothing, registrars.FoundObject},
	{"domainChangeDNS", "domainChangeDNS", registrars.NameServerChange, domains.Settings{}, registrars.FoundNothing, registrars.FoundObject},
	// The domain does not show whether a code was made, and asking again makes another one, so
	// never "nothing".
	{"domainAuthID", "domainAuthid", registrars.AuthCodeChange, domains.Settings{}, registrars.Unclear, registrars.Unclear},
	{"domainDelete", "domainDelete", registrars.Deletion, domains.Settings{}, registrars.FoundNothing, registrars.FoundObject},
	{"domainSetDNSsec", "domainSetDNSSEC", registrars.DNSSECChange, domains.Settings{DNSSEC: &domains.DNSSEC{Sign: true}}, registrars.FoundNothing, registrars.FoundObject},
	// A missing key proves nothing, because we do not know how the registrar shows keys.
	{"domainSetDNSSecExt", "domainSetDNSSECExt", registrars.DNSSECChange, domains.Settings{DNSSEC: &domains.DNSSEC{Sign: true, Key: dnskey()}}, registrars.Unclear, registrars.FoundObject},
	{"domainSetDNSSecExt", "domainSetDNSSECExt", registrars.DNSSECChange, domains.Settings{DNSSEC: &domains.DNSSEC{Sign: true, DS: ds()}}, registrars.Unclear, registrars.FoundObject},
	{"domainSetPreference", "domainSetPreference.registrar_lock", registrars.LockChange, domains.Settings{Lock: new(true)}, registrars.FoundNothing, registrars.FoundObject},
	{"domainSetPreference", "domainSetPreference.whois_privacy", registrars.PrivacyChange, domains.Settings{Privacy: new(true)}, registrars.FoundNothing, registrars.FoundObject},
	{"domainSetPreference", "domainSetPreference.auto_renew", registrars.AutoRenewalChange, domains.Settings{AutoRenewal: new(true)}, registrars.FoundNothing, registrars.FoundObject},
	{"domainZoneInit", "domainZoneInit", registrars.ZoneReset, domains.Settings{ZoneTemplate: new(3)}, registrars.Unclear, registrars.Unclear},
}

// domainFor returns a domain that a request of the kind can be about.
func domainFor(kind registrars.Kind) string {
	switch kind {
	case registrars.Registration:
		return "free.example"
	case registrars.Transfer:
		return "away.example"
	default:
		return "shop.example"
	}
}

// change returns a request that differs from the domain's present state.
func (w *world) change(kind registrars.Kind, settings domains.Settings) registrars.Request {
	r := w.request(kind, domainFor(kind), settings)
	if kind == registrars.Restore {
		w.stand.SetStatus(r.Domain.String(), standin.StatusQuarantine)
		r.PriceLimit = &registrars.Price{Cents: 1000_00}
	}
	if kind == registrars.OwnerChange {
		r.Contacts[registrars.Owner] = registrars.Contact{Handle: w.contact(registrars.Owner)}
	}
	return r
}

func TestEveryKindCanLoseItsAnswer(t *testing.T) {
	var served []registrars.Kind
	for _, row := range lost {
		served = append(served, row.kind)
	}
	for _, kind := range registrars.Kinds() {
		if !slices.Contains(served, kind) {
			t.Errorf("no row for %s", kind)
		}
	}
}

func TestFindAfterLostAnswer(t *testing.T) {
	for _, row := range lost {
		for _, test := range []struct {
			name   string
			kind   faults.Kind
			manual bool
			made   int
			want   registrars.FindingState
		}{
			{"cut before", faults.CutBefore, false, 0, row.before},
			{"cut after", faults.CutAfter, false, 1, row.after},
			{"garbage", faults.Malformed, false, 1, row.after},
			{"pending", faults.CutAfter, true, 1, registrars.FoundOperation},
		} {
			w := newWorld(t, standin.Options{Behaviour: standin.Behaviour{Manual: test.manual}})
			r := w.change(row.kind, row.settings)
			w.stand.Faults.Add(faults.Fault{Method: row.function, Kind: test.kind})
			_, err := w.Submit(t.Context(), r)
			failed(t, err, registrars.ClassOutcomeUnknown, "")
			got, err := w.Find(t.Context(), r)
			if err != nil || got.State != test.want {
				t.Errorf("%s, %s: %+v, %v; want %s", row.code, test.name, got, err, test.want)
			}
			if n := w.stand.Count(row.code, r.Domain.String()); n != test.made || w.stand.Calls(row.function) != 1 {
				t.Errorf("%s, %s: %d operations of %d calls", row.code, test.name, n, w.stand.Calls(row.function))
			}
			if !test.manual {
				continue
			}
			// The lost number is found again, and leads to the outcome.
			if err := w.stand.Complete(r.Domain.String()); err != nil {
				t.Fatal(err)
			}
			end, err := w.Operation(t.Context(), got.Operation.Reference)
			if err != nil || end.Status != registrars.StatusDone || end.Kind != row.kind {
				t.Errorf("%s: %+v, %v", row.code, end, err)
			}
		}
	}
}

// TestNewStatusWordIsNoSuccess: the operation exists, and its state is open.
func TestNewStatusWordIsNoSuccess(t *testing.T) {
	for _, row := range lost {
		w := newWorld(t, standin.Options{})
		r := w.change(row.kind, row.settings)
		w.stand.Faults.Add(faults.Fault{Method: row.function, Kind: faults.UnknownStatus})
		got, err := w.Submit(t.Context(), r)
		if err != nil || got.Status != registrars.StatusUnknown || got.Status.Final() || got.Reference == "" || got.Word == "" {
			t.Errorf("%s: %+v, %v", row.code, got, err)
		}
		w.stand.Faults.Add(faults.Fault{Method: "queryOpe", Kind: faults.UnknownStatus})
		for _, want := range []registrars.Status{registrars.StatusUnknown, registrars.StatusDone} {
			if got, err := w.Operation(t.Context(), got.Reference); err != nil || got.Status != want {
				t.Errorf("%s: %+v, %v; want %s", row.code, got, err, want)
			}
		}
	}
}

// TestFailuresAreOperations: a request that the registry refuses later has a number.
func TestFailuresAreOperations(t *testing.T) {
	for _, row := range lost {
		w := newWorld(t, standin.Options{Behaviour: standin.Behaviour{FailWith: "refused by the registry"}})
		got, err := w.Submit(t.Context(), w.change(row.kind, row.settings))
		if err != nil {
			t.Errorf("%s: %v", row.code, err)
			continue
		}
		if got.Status == registrars.StatusPending { // never final at once
			got, err = w.Operation(t.Context(), got.Reference)
		}
		if err != nil || got.Status != registrars.StatusFailed || got.Reason != "refused by the registry" {
			t.Errorf("%s: %+v, %v", row.code, got, err)
		}
	}
}

// TestEveryAuthCodeIsNew: each request makes another one, so only the newest opens.
func TestEveryAuthCodeIsNew(t *testing.T) {
	w := newWorld(t, standin.Options{})
	r := w.request(registrars.AuthCodeChange, "shop.example", domains.Settings{})
	for range 2 {
		if operation := w.do(r, registrars.StatusDone); operation.Reason != "" {
			t.Errorf("a text that may hold the code: %+v", operation)
		}
	}
	codes := w.stand.Effects("shop.example").AuthCodes
	if len(codes) != 2 || codes[0] == codes[1] || slices.Contains(codes, "OLD") {
		t.Errorf("codes %v", codes)
	}
	if w.stand.TransferOut("shop.example", codes[0]) == nil || w.stand.TransferOut("shop.example", codes[1]) != nil {
		t.Error("another code than the newest opens")
	}
}
