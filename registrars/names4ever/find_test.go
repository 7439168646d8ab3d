package names4ever_test

import (
	"testing"

	"domainprovisioning/registrars"
	"domainprovisioning/sandbox/standin/faults"
	standin "domainprovisioning/sandbox/standin/names4ever"
)

// After a lost answer, Find sees the effect if there was one, and nothing
// otherwise. In neither case is the request sent a second time.
func TestLostAnswers(t *testing.T) {
	for _, c := range []struct {
		kind   registrars.Kind
		method string
		fault  faults.Kind
		want   registrars.FindingState
	}{
		{registrars.Registration, standin.AddDomain, faults.CutAfter, registrars.FoundObject},
		{registrars.Registration, standin.AddDomain, faults.Malformed, registrars.FoundObject},
		{registrars.Registration, standin.AddDomain, faults.CutBefore, registrars.FoundNothing},
		{registrars.Registration, standin.AddDomain, faults.HTTPError, registrars.FoundNothing},
		{registrars.Registration, standin.AddDomain, faults.RateLimit, registrars.FoundNothing},
		{registrars.NameServerChange, standin.ModifyDomain, faults.CutAfter, registrars.FoundObject},
		{registrars.NameServerChange, standin.ModifyDomain, faults.CutBefore, registrars.FoundNothing},
		{registrars.ContactChange, standin.ModifyDomain, faults.CutAfter, registrars.FoundNothing},
		{registrars.Deletion, standin.DeleteDomain, faults.CutAfter, registrars.FoundObject},
		{registrars.Deletion, standin.DeleteDomain, faults.CutBefore, registrars.Unclear},
	} {
		t.Run(string(c.kind)+" "+string(c.fault), func(t *testing.T) {
			w := newWorld(t)
			if c.kind != registrars.Registration {
				w.AddRegistration(before())
			}
			w.Faults.Add(faults.Fault{Method: c.method, Kind: c.fault})
			_, err := w.Submit(ctx, request(c.kind))
			failed(t, err, registrars.ClassOutcomeUnknown)
			expect(t, w, request(c.kind), c.want)
			effects := 0
			if c.fault == faults.CutAfter || c.fault == faults.Malformed {
				effects = 1
			}
			if got := w.Count(c.method, "shop.example"); got != effects {
				t.Errorf("%d effects, want %d", got, effects)
			}
			if w.Calls(c.method) != 1 {
				t.Errorf("sent %d times", w.Calls(c.method))
			}
		})
	}
}

func expect(t *testing.T, w world, r registrars.Request, want registrars.FindingState) {
	t.Helper()
	finding, err := w.Find(ctx, r)
	if err != nil || finding.State != want {
		t.Fatalf("found %+v, %v; want %s", finding, err, want)
	}
	if want == registrars.FoundObject &&
		(finding.Operation.Status != registrars.StatusDone || finding.Operation.Kind != r.Kind || finding.Operation.Domain != r.Domain) {
		t.Errorf("operation %+v", finding.Operation)
	}
}

func TestFindWithoutRDAP(t *testing.T) {
	for _, c := range []struct {
		name       string
		kind       registrars.Kind
		registered []string // the name servers; nil: not registered
		dns        bool
		want       registrars.FindingState
	}{
		// Customers may have pointed their own name there before they ordered it.
		{"delegated as asked", registrars.Registration, []string{"ns2.dns.example", "ns1.dns.example"}, true, registrars.Unclear},
		{"not delegated", registrars.Registration, nil, true, registrars.Unclear},
		{"no DNS", registrars.Registration, []string{"ns1.dns.example"}, false, registrars.Unclear},
		{"changed", registrars.NameServerChange, []string{"ns1.dns.example", "ns2.dns.example"}, true, registrars.FoundObject},
		{"not changed", registrars.NameServerChange, []string{"ns1.old.example"}, true, registrars.FoundNothing},
		{"change, no DNS", registrars.NameServerChange, []string{"ns1.dns.example"}, false, registrars.Unclear},
		{"contacts", registrars.ContactChange, []string{"ns1.dns.example"}, false, registrars.FoundNothing},
		{"deletion, not delegated", registrars.Deletion, nil, true, registrars.Unclear},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			if c.registered != nil {
				r := before()
				r.NameServers = c.registered
				w.AddRegistration(r)
			}
			w.SetRDAPAvailable(false)
			w.SetDNSAvailable(c.dns)
			expect(t, w, request(c.kind), c.want)
		})
	}
}

func TestFindConflict(t *testing.T) {
	for name, rdap := range map[string]bool{"RDAP": true, "DNS": false} {
		w := newWorld(t)
		w.AddTaken("shop.example")
		w.SetRDAPAvailable(rdap)
		_, err := w.Find(ctx, request(registrars.Registration))
		t.Log(name)
		failed(t, err, registrars.ClassConflict)
	}
	w := newWorld(t)
	other := before()
	other.NameServers = request(registrars.Registration).NameServers
	other.Organisation = "Somebody Else Ltd"
	w.AddRegistration(other)
	_, err := w.Find(ctx, request(registrars.Registration))
	failed(t, err, registrars.ClassConflict)
	other.Organisation = "REDACTED FOR PRIVACY"
	w.AddRegistration(other)
	expect(t, w, request(registrars.Registration), registrars.FoundObject)
}

// A name that RDAP denies but the DNS delegates must not be registered again.
func TestFindNeedsBothToSayNothing(t *testing.T) {
	w := newWorld(t)
	w.SetDNSAvailable(false)
	expect(t, w, request(registrars.Registration), registrars.Unclear)
	w.SetDNSAvailable(true)
	expect(t, w, request(registrars.Registration), registrars.FoundNothing)
}

func TestReadDomainThatCannotBeRead(t *testing.T) {
	w := newWorld(t)
	_, err := w.ReadDomain(ctx, shop)
	failed(t, err, registrars.ClassNotFound)
	for _, kind := range []faults.Kind{faults.HTTPError, faults.RateLimit, faults.CutBefore, faults.Malformed} {
		w.Faults.Add(faults.Fault{Method: standin.RDAP, Kind: kind, Times: faults.Always})
		_, err = w.ReadDomain(ctx, shop)
		failed(t, err, registrars.ClassTemporary)
		w.Faults.Clear()
	}
}
