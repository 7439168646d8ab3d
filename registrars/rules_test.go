package registrars_test

import (
	"errors"
	"testing"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/registrarstest"
)

func TestSoundRequestsBreakNoRule(t *testing.T) {
	for _, kind := range registrars.Kinds() {
		request := registrarstest.Request(kind, 1, "example")
		for _, broken := range []*registrars.Broken{
			request.Unsound(), request.Incomplete(), request.Incomparable(), request.Servers(5), request.LongAuthCode(0), request.Unset(),
		} {
			if err := broken.In("notes", "check"); err != nil {
				t.Errorf("%s: %v", kind, err)
			}
		}
	}
	renewal := registrarstest.Request(registrars.Renewal, 1, "example")
	if broken := renewal.Outdated(renewal.Expires.Add(time.Hour)); broken != nil {
		t.Errorf("another hour of the day: %v", broken)
	}
	renewal.Ordered = true
	for _, days := range []int{-2, 1, 2} {
		if broken := renewal.Outdated(renewal.Expires.AddDate(0, 0, days)); broken != nil {
			t.Errorf("%d days off, and ordered: %v", days, broken)
		}
	}
}

func TestRulesNameTheField(t *testing.T) {
	none := 0
	for name, c := range map[string]struct {
		kind   registrars.Kind
		change func(*registrars.Request)
		rule   func(registrars.Request) *registrars.Broken
		field  string
	}{
		"no domain":          {registrars.Deletion, func(r *registrars.Request) { r.Domain = domains.Name{} }, registrars.Request.Unsound, "domain"},
		"another end":        {registrars.Deletion, func(r *registrars.Request) { r.TLD = "com.au" }, registrars.Request.Unsound, "tld"},
		"part of a label":    {registrars.Deletion, func(r *registrars.Request) { r.TLD = "ample" }, registrars.Request.Unsound, "tld"},
		"no years":           {registrars.Renewal, func(r *registrars.Request) { r.Years = 0 }, registrars.Request.Unsound, "years"},
		"nowhere":            {registrars.Transfer, func(r *registrars.Request) { r.NameServers = nil }, registrars.Request.Incomplete, "nameServers"},
		"unguarded":          {registrars.Renewal, func(r *registrars.Request) { r.Expires = time.Time{} }, registrars.Request.Incomplete, "expires"},
		"incomparable date":  {registrars.Renewal, func(r *registrars.Request) { r.Expires = time.Time{} }, registrars.Request.Incomparable, "expires"},
		"incomparable hosts": {registrars.NameServerChange, func(r *registrars.Request) { r.NameServers = nil }, registrars.Request.Incomparable, "nameServers"},
		"one host": {registrars.Registration, func(r *registrars.Request) { r.NameServers = r.NameServers[:1] },
			func(r registrars.Request) *registrars.Broken { return r.ServerCount(5) }, "nameServers"},
		"a host too many": {registrars.Registration, func(r *registrars.Request) { r.NameServers = append(r.NameServers, "ns6.dns.example") },
			func(r registrars.Request) *registrars.Broken { return r.ServerCount(5) }, "nameServers"},
		"no host": {registrars.Registration, func(r *registrars.Request) { r.NameServers = domains.NameServers{"ns1.dns.example", "ns 2"} },
			func(r registrars.Request) *registrars.Broken { return r.Servers(5) }, "nameServers"},
		"a host twice": {registrars.Registration, func(r *registrars.Request) { r.NameServers[1] = r.NameServers[0] },
			func(r registrars.Request) *registrars.Broken { return r.Servers(5) }, "nameServers"},
		"a host more": {registrars.Registration, func(r *registrars.Request) { r.NameServers = append(r.NameServers, "ns6.dns.example") },
			func(r registrars.Request) *registrars.Broken { return r.Servers(5) }, "nameServers"},
		"a long auth code": {registrars.Transfer, func(r *registrars.Request) { r.AuthCode = domains.NewSecret("12345") },
			func(r registrars.Request) *registrars.Broken { return r.LongAuthCode(4) }, "authCode"},
		"a contact without a name": {registrars.Registration, func(*registrars.Request) {},
			func(registrars.Request) *registrars.Broken {
				return registrars.Contact{Role: registrars.Tech}.Missing()[0]
			}, "tech.firstName"},
		"key and ds": {registrars.DNSSECChange, func(r *registrars.Request) {
			r.Settings.DNSSEC = &domains.DNSSEC{Sign: true, Key: &domains.DNSKEY{}, DS: []domains.DS{{}}}
		}, registrars.Request.UnsoundDNSSEC, "settings.dnssec"},
		"unsigned with ds": {registrars.DNSSECChange, func(r *registrars.Request) { r.Settings.DNSSEC = &domains.DNSSEC{DS: []domains.DS{{Digest: "AB"}}} },
			registrars.Request.UnsoundDNSSEC, "settings.dnssec.sign"},
		"key without key": {registrars.DNSSECChange, func(r *registrars.Request) { r.Settings.DNSSEC = &domains.DNSSEC{Sign: true, Key: &domains.DNSKEY{}} },
			registrars.Request.UnsoundDNSSEC, "settings.dnssec.key.publicKey"},
		"odd digest": {registrars.DNSSECChange, func(r *registrars.Request) {
			r.Settings.DNSSEC = &domains.DNSSEC{Sign: true, DS: []domains.DS{{Digest: "AB"}, {Digest: "XY"}}}
		}, registrars.Request.UnsoundDNSSEC, "settings.dnssec.ds[1].digest"},
		"another day": {registrars.Renewal, func(*registrars.Request) {},
			func(r registrars.Request) *registrars.Broken { return r.Outdated(r.Expires.AddDate(0, 0, 1)) }, "expires"},
		"three days off, and ordered": {registrars.Renewal, func(r *registrars.Request) { r.Ordered = true },
			func(r registrars.Request) *registrars.Broken { return r.Outdated(r.Expires.AddDate(0, 0, -3)) }, "expires"},
		"no date": {registrars.Renewal, func(*registrars.Request) {},
			func(r registrars.Request) *registrars.Broken { return r.Outdated(time.Time{}) }, "expires"},
		"no switch":   {registrars.PrivacyChange, func(r *registrars.Request) { r.Settings.Privacy = nil }, registrars.Request.Unset, "settings.privacy"},
		"no DNSSEC":   {registrars.DNSSECChange, func(r *registrars.Request) { r.Settings.DNSSEC = nil }, registrars.Request.Unset, "settings.dnssec"},
		"no template": {registrars.ZoneReset, func(r *registrars.Request) { r.Settings.ZoneTemplate = nil }, registrars.Request.Unset, "settings.zoneTemplate"},
		"template 0":  {registrars.ZoneReset, func(r *registrars.Request) { r.Settings.ZoneTemplate = &none }, registrars.Request.Unset, "settings.zoneTemplate"},
	} {
		t.Run(name, func(t *testing.T) {
			request := registrarstest.Request(c.kind, 1, "example")
			c.change(&request)
			e, ok := errors.AsType[*registrars.Error](c.rule(request).In("notes", "check"))
			if !ok || e.Class != registrars.ClassInvalid || e.Field != c.field || e.Rule == "" || e.Registrar != "notes" || e.Call != "check" {
				t.Errorf("%+v", e)
			}
		})
	}
}

func TestARenewalIsJudgedByItsDate(t *testing.T) {
	request := registrarstest.Request(registrars.Renewal, 1, "example")
	for name, c := range map[string]struct {
		expires time.Time
		want    registrars.FindingState
	}{
		"not told":  {time.Time{}, registrars.Unclear},
		"as before": {request.Expires.Add(time.Hour), registrars.FoundNothing},
		"later":     {request.Expires.AddDate(1, 0, 0), registrars.FoundObject},
		"earlier":   {request.Expires.AddDate(-1, 0, 0), registrars.Unclear},
	} {
		if got := request.FoundRenewed(c.expires); got != c.want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// TestErrorsOfAPluginBearItsName, and a lost answer is of unknown outcome only where the call
// may have changed something.
func TestErrorsOfAPluginBearItsName(t *testing.T) {
	const errs = registrars.Errors("notes")
	cause := errors.New("cut")
	for _, c := range []struct {
		err  error
		text string
	}{
		{errs.Invalid("check", "years", "at least 1"), "notes: check: invalid: years: at least 1"},
		{errs.Unserved("find"), "notes: find: invalid: kind: is not served"},
		{errs.NoAnswer("order", true, cause), "notes: order: outcome-unknown: cut"},
		{errs.NoAnswer("read", false, cause), "notes: read: temporary: cut"},
		{errs.UnknownOutcome("order", "about another domain"), "notes: order: outcome-unknown: about another domain"},
	} {
		if c.err.Error() != c.text {
			t.Errorf("got %q, want %q", c.err, c.text)
		}
		if _, ok := registrars.AsError(c.err); !ok {
			t.Errorf("%v is none of the contract", c.err)
		}
	}
	if !errors.Is(errs.NoAnswer("order", true, cause), cause) {
		t.Error("the cause is lost")
	}
}
