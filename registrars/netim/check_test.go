package netim_test

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/netim"
)

func newTLSServer(t *testing.T, seen *int) string {
	t.Helper()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { *seen++ }))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.URL
}

func free(t *testing.T, s *server) {
	t.Helper()
	s.on("domainTldInfo", reply(t, "domainTldInfo", "PERIODS", "1-10", "ZONECHECK", "0"))
	s.on("domainCheck", reply(t, "domainCheck", "DOMAIN", "SHOP.example", "RESULT", "Available", "REASON", ""))
	const struct1 = "<Envelope><Body><%[1]sResponse><x>%[2]s</x></%[1]sResponse></Body></Envelope>"
	// Neither role nor money stands in the way.
	s.on("contactInfo", raw(200, fmt.Sprintf(struct1, "contactInfo", "<idContact>X</idContact>")))
	s.on("queryDomainPrice", raw(200, fmt.Sprintf(struct1, "queryDomainPrice", "<Fee4Registration>free</Fee4Registration>")))
	s.on("queryResellerAccount", fault(t, "E42", "E42 : no"))
}

func TestCheck(t *testing.T) {
	s := newServer(t)
	free(t, s)
	n := plugin(t, s)
	if err := n.Check(t.Context(), request()); err != nil {
		t.Fatal(err)
	}
	s.golden("domainTldInfo", "domainTldInfo")
	s.golden("domainCheck", "domainCheck")
	// At intake neither contacts nor name servers are known.
	early := registrars.Request{Kind: registrars.Registration, Domain: shop, Years: 1}
	if err := n.Check(t.Context(), early); err != nil {
		t.Error(err)
	}
	if s.count("domainTldInfo") != 1 || s.count("domainCheck") != 2 {
		t.Errorf("%v", s.actions)
	}
}

func TestCheckRefuses(t *testing.T) {
	s := newServer(t)
	free(t, s)
	n := plugin(t, s)
	for field, change := range map[string]func(*registrars.Request){
		"kind":        func(r *registrars.Request) { r.Kind = "" },
		"domain":      func(r *registrars.Request) { r.Domain = domains.Name{} },
		"tld":         func(r *registrars.Request) { r.TLD = "not a tld" },
		"years":       func(r *registrars.Request) { r.Years = 11 },
		"nameServers": func(r *registrars.Request) { r.NameServers = r.NameServers[:1] },
		"owner.city": func(r *registrars.Request) {
			d := person()
			d.City = strings.Repeat("x", 31)
			r.Contacts[registrars.Owner] = registrars.Contact{Details: d}
		},
	} {
		r := request()
		change(&r)
		if e := failed(t, n.Check(t.Context(), r), registrars.ClassInvalid, ""); e.Field != field {
			t.Errorf("field %q, want %q", e.Field, field)
		}
	}
	six := request()
	for _, host := range []string{"a.x.example", "b.x.example", "c.x.example", "d.x.example"} {
		six.NameServers = append(six.NameServers, host)
	}
	failed(t, n.Check(t.Context(), six), registrars.ClassInvalid, "")
}

// All rules that a request breaks are named at once: those of its contacts, of the
// top-level domain, and of the name.
func TestCheckNamesAllRulesAtOnce(t *testing.T) {
	s := newServer(t)
	free(t, s)
	n := plugin(t, s)
	r := request()
	r.Years = 11
	d := person()
	d.City, d.Country, d.State, d.FirstName = strings.Repeat("x", 31), "US", "Beyond Hills", "Юлия"
	r.Contacts[registrars.Owner] = registrars.Contact{Details: d, Extra: map[string]string{"tmName": strings.Repeat("x", 51)}}
	var fields []string
	for _, reason := range registrars.Reasons(n.Check(t.Context(), r)) {
		fields = append(fields, reason.Field+": "+reason.Rule)
	}
	want := []string{
		"owner.state: at most 5 characters, and it has 12", "owner.city: at most 30 characters, and it has 31", "owner.tmName: at most 50 characters, and it has 51",
		"owner.firstName: only Latin letters, blanks, - and '",
	}
	if len(fields) != len(want)+1 || !slices.Equal(fields[:len(want)], want) || !strings.HasPrefix(fields[len(want)], "years: one of ") {
		t.Errorf("got %q", fields)
	}
}

// The full name of a state is sent as its code, where the API takes one.
func TestStatesAreSentByTheirCode(t *testing.T) {
	s := newServer(t)
	s.on("contactCreate", reply(t, "contactCreate"))
	n := plugin(t, s)
	for try, state := range []string{"New York", "ny", "NY"} {
		d := person()
		d.Country, d.State = "US", state
		if _, err := n.CreateContact(t.Context(), registrars.Contact{Role: registrars.Admin, Details: d}); err != nil {
			t.Fatal(err)
		}
		if body := s.bodies["contactCreate"][try]; !strings.Contains(body, ">NY</area>") {
			t.Errorf("%s is sent as %s", state, body)
		}
	}
}

func TestCheckResults(t *testing.T) {
	const (
		invalid, unavailable   = registrars.ClassInvalid, registrars.ClassUnavailable
		rejected, temporary    = registrars.ClassRejected, registrars.ClassTemporary
		none, otherName, empty = registrars.Class(""), "other.example", ""
	)
	for _, test := range []struct {
		domain, result, reason string
		class                  registrars.Class
		field                  string
	}{
		{"shop.example", "AVAILABLE", "", none, ""},
		{"shop.example", "available", "", none, ""},
		{"shop.example", "AVAILABLE", "PREMIUM", registrars.ClassPrice, ""},
		{"shop.example", "NOT AVAILABLE", "PREMIUM", unavailable, "domain"},
		{"shop.example", "AVAILABLE", "RESERVED", unavailable, "domain"},
		{"shop.example", "AVAILABLE", "STRANGE", temporary, "domain"},
		{"shop.example", "NOT AVAILABLE", "", unavailable, "domain"},
		{"shop.example", "Not available", "PENDING APPLICATION", unavailable, "domain"},
		{"shop.example", "NOT SOLD", "", rejected, "tld"},
		{"shop.example", "CLOSED", "", rejected, "tld"},
		{"shop.example", "UNKNOWN", "", temporary, "domain"},
		{"shop.example", "UNKNOWN", "TIMEOUT", temporary, "domain"},
		{"shop.example", "UNKNOWN", "BAD_SYNTAX", invalid, "domain"},
		{"shop.example", "PERHAPS", "", temporary, "domain"},
		{"shop.example", "", "", temporary, "domain"},
		{otherName, "AVAILABLE", "", temporary, ""},
		{empty, "AVAILABLE", "", temporary, ""},
	} {
		s := newServer(t)
		free(t, s)
		s.on("domainCheck", reply(t, "domainCheck", "DOMAIN", test.domain, "RESULT", test.result, "REASON", test.reason))
		err := plugin(t, s).Check(t.Context(), request())
		if test.class == none {
			if err != nil {
				t.Errorf("%+v: %v", test, err)
			}
			continue
		}
		if e := failed(t, err, test.class, ""); e.Field != test.field {
			t.Errorf("%+v: field %q", test, e.Field)
		}
	}
	s := newServer(t)
	free(t, s)
	s.on("domainCheck", fault(t, "E13-M1305", "E13-M1305 : Bad domain"))
	if e := failed(t, plugin(t, s).Check(t.Context(), request()), invalid, "E13-M1305"); e.Field != "domain" {
		t.Errorf("field %q", e.Field)
	}
	s.on("domainCheck", raw(200, "<Envelope><Body><domainCheckResponse><r><domain/></r></domainCheckResponse></Body></Envelope>"))
	failed(t, plugin(t, s).Check(t.Context(), request()), temporary, "")
}

func TestPeriods(t *testing.T) {
	for periods, allowed := range map[string]bool{
		"1-10": true, "2": true, "1,2,5": true, "1; 2-3": true, " 1 - 2 ": true, "3-10": false, "1": false, "1,3": false,
		// An unreadable period forbids nothing.
		"": true, "one to ten": true, "1-": true,
	} {
		s := newServer(t)
		free(t, s)
		s.on("domainTldInfo", reply(t, "domainTldInfo", "PERIODS", periods, "ZONECHECK", "0"))
		err := plugin(t, s).Check(t.Context(), request())
		if allowed != (err == nil) {
			t.Errorf("%q: %v", periods, err)
		}
		if err != nil {
			failed(t, err, registrars.ClassInvalid, "")
		}
	}
}

// TestHasAuthCodes: only a clear no means that there are none.
func TestHasAuthCodes(t *testing.T) {
	for member, want := range map[string]bool{"<HasEppCode>1</HasEppCode>": true, "<HasEppCode>0</HasEppCode>": false, "<HasEppCode>2</HasEppCode>": true, "": true} {
		s := newServer(t)
		s.on("domainTldInfo", raw(200, "<Envelope><Body><domainTldInfoResponse><r><tld>EXAMPLE</tld>"+member+"</r></domainTldInfoResponse></Body></Envelope>"))
		if got, err := plugin(t, s).HasAuthCodes(t.Context(), "example"); got != want || err != nil {
			t.Errorf("%q: %v, %v", member, got, err)
		}
	}
	s := newServer(t)
	s.on("domainTldInfo", cut)
	_, err := plugin(t, s).HasAuthCodes(t.Context(), "example")
	failed(t, err, registrars.ClassTemporary, "")
}

func TestTLDInfo(t *testing.T) {
	s := newServer(t)
	free(t, s)
	s.on("domainTldInfo", reply(t, "domainTldInfo", "PERIODS", "1-10", "ZONECHECK", "1"))
	config := configFor(s.URL)
	now := time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC)
	config.Now = func() time.Time { return now }
	n, err := netim.New(config)
	if err != nil {
		t.Fatal(err)
	}
	ask := func() netim.TLDInfo {
		info, err := n.TLDInfo(t.Context(), ".EXAMPLE")
		if err != nil {
			t.Fatal(err)
		}
		return info
	}
	want := netim.TLDInfo{TLD: "example", PeriodCreate: "1-10", ZoneCheck: netim.Yes, AuthCode: netim.Yes}
	if got := ask(); got != want {
		t.Errorf("%+v", got)
	}
	now = now.Add(59 * time.Minute)
	ask()
	if s.count("domainTldInfo") != 1 {
		t.Error("asked again within the hour")
	}
	now = now.Add(time.Minute)
	ask()
	if s.count("domainTldInfo") != 2 {
		t.Error("not asked again after an hour")
	}
	if _, err := n.TLDInfo(t.Context(), "com.au"); err != nil {
		t.Error(err)
	}
	if body := s.bodies["domainTldInfo"][2]; !strings.Contains(body, ">com.au</Item>") {
		t.Errorf("%s", body)
	}
	// A refusal is not cached.
	s.on("domainTldInfo", fault(t, "E42", "E42 : Unknown extension"))
	for range 2 {
		_, err = n.TLDInfo(t.Context(), "test")
		if e := failed(t, err, registrars.ClassRejected, "E42"); e.Field != "tld" || e.Detail == "" {
			t.Errorf("%+v", e)
		}
	}
	if s.count("domainTldInfo") != 5 {
		t.Errorf("%d questions", s.count("domainTldInfo"))
	}
	s.on("domainTldInfo", cut)
	_, err = n.TLDInfo(t.Context(), "test")
	failed(t, err, registrars.ClassTemporary, "")
	_, err = n.TLDInfo(t.Context(), "")
	failed(t, err, registrars.ClassInvalid, "")
}
