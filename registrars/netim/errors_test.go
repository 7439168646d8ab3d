package netim_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"domainprovisioning/registrars"
	"domainprovisioning/registrars/netim"
	"domainprovisioning/registrars/registrarstest"
)

// TestLostAnswers checks the errors of Submit and of a read without a usable
// answer. The paid call is sent exactly once.
func TestLostAnswers(t *testing.T) {
	const unknown, temporary = registrars.ClassOutcomeUnknown, registrars.ClassTemporary
	// The connection stays open and silent until the test ends.
	slow := func(w http.ResponseWriter) {
		if connection, _, err := w.(http.Hijacker).Hijack(); err == nil {
			t.Cleanup(func() { _ = connection.Close() })
		}
	}
	whole := fill(read(t, "domainCreate.reply.xml"), "STATUS", "Done", "TYPE", "domainCreate")
	for name, test := range map[string]struct {
		answer       answer
		submit, read registrars.Class
		after        time.Duration
	}{
		"connection cut":        {cut, unknown, temporary, 0},
		"time-out":              {slow, unknown, temporary, 0},
		"empty":                 {raw(200, ""), unknown, temporary, 0},
		"not XML":               {raw(200, "Fatal error: s3cret&pass"), unknown, temporary, 0},
		"cut short":             {raw(200, whole[:len(whole)-40]), unknown, temporary, 0},
		"too large":             {raw(200, whole+strings.Repeat(" ", 64<<10)), unknown, temporary, 0},
		"DOCTYPE":               {raw(200, `<!DOCTYPE a [<!ENTITY e "x">]><a/>`), unknown, temporary, 0},
		"another function":      {raw(200, strings.ReplaceAll(whole, "domainCreateResponse", "helloResponse")), unknown, temporary, 0},
		"no operation in it":    {raw(200, "<Envelope><Body><domainCreateResponse><return/></domainCreateResponse></Body></Envelope>"), unknown, temporary, 0},
		"no value":              {raw(200, "<Envelope><Body><domainCreateResponse/></Body></Envelope>"), unknown, temporary, 0},
		"HTTP 500 without SOAP": {raw(500, "<html>"), unknown, temporary, 0},
		"HTTP 500 with a reply": {raw(500, whole), unknown, temporary, 0},
		"HTTP 502":              {raw(502, ""), unknown, temporary, 0},
		"HTTP 302":              {raw(302, ""), unknown, temporary, 0},
		"HTTP 403":              {raw(403, ""), unknown, temporary, 0},
		"HTTP 503":              {retryAfter(503, "7"), unknown, temporary, 7 * time.Second},
		"HTTP 429":              {raw(429, ""), registrars.ClassRateLimited, registrars.ClassRateLimited, time.Minute},
		"HTTP 429, seconds":     {retryAfter(429, "90"), registrars.ClassRateLimited, registrars.ClassRateLimited, 90 * time.Second},
		"HTTP 429, date":        {retryAfter(429, "Fri, 02 Jan 2026 03:00:20 GMT"), registrars.ClassRateLimited, registrars.ClassRateLimited, 20 * time.Second},
		"HTTP 429, past":        {retryAfter(429, "Fri, 02 Jan 2026 02:00:20 GMT"), registrars.ClassRateLimited, registrars.ClassRateLimited, time.Minute},
		"HTTP 429, for ever":    {retryAfter(429, "99999999"), registrars.ClassRateLimited, registrars.ClassRateLimited, time.Hour},
		"fault of the server":   {fault(t, "SOAP-ENV:Server", "Internal Error"), unknown, temporary, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			config := configFor(s.URL)
			config.Timeout, config.MaxReplyBytes = 200*time.Millisecond, 32<<10
			if name != "time-out" {
				config.Timeout = 5 * time.Second
			}
			config.Now = func() time.Time { return time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC) }
			n, err := netim.New(config)
			if err != nil {
				t.Fatal(err)
			}
			s.on("domainCreate", test.answer)
			s.on("queryOpe", test.answer)
			code := map[bool]string{true: "SOAP-ENV:Server"}[strings.HasPrefix(name, "fault")]
			_, err = n.Submit(t.Context(), request())
			if e := failed(t, err, test.submit, code); e.After != test.after {
				t.Errorf("after %v, want %v", e.After, test.after)
			}
			if s.count("domainCreate") != 1 {
				t.Errorf("sent %d times", s.count("domainCreate"))
			}
			_, err = n.Operation(t.Context(), "77")
			failed(t, err, test.read, code)
		})
	}
}

func retryAfter(status int, value string) answer {
	return func(w http.ResponseWriter) {
		w.Header().Set("Retry-After", value)
		w.WriteHeader(status)
	}
}

func TestFaultsOfSubmit(t *testing.T) {
	for _, test := range []struct {
		code, text  string
		class       registrars.Class
		want        string
		field, rule string
	}{
		{"E13", "E13 : Province : Invalid value", registrars.ClassInvalid, "E13", "Province", "invalid value"},
		{"SOAP-ENV:Client", "E13-M1399 : Zip code : Invalid value", registrars.ClassInvalid, "E13-M1399", "Zip code", "invalid value"},
		{"E13", "E13 : Province : not Dupont", registrars.ClassInvalid, "E13", "Province", "refused by the registrar"},
		{"E13", "E13 : OWN1 : Invalid value", registrars.ClassInvalid, "E13", "", "refused by the registrar"},
		{"E13", "E13 : jean@dupont.example", registrars.ClassInvalid, "E13", "", "refused by the registrar"},
		{"E15", "E15-M1502 : Not yours", registrars.ClassRejected, "E15-M1502", "", ""},
		{"E42", "Something of jean@dupont.example", registrars.ClassRejected, "E42", "", ""},
		{"what is this code?", "No text " + sessionID + " s3cret&amp;pass", registrars.ClassRejected, "", "", ""},
		{"E20", "E20 : Insufficient balance", registrars.ClassBalance, "E20", "", ""},
		{"Server", "not enough FUNDS", registrars.ClassBalance, "Server", "", ""},
		{"E01-M0101", "E01-M0101 : Login", registrars.ClassAuth, "E01-M0101", "", ""},
		{"SOAP-ENV:Client", "Bad Request", registrars.ClassRejected, "SOAP-ENV:Client", "", ""},
	} {
		s := newServer(t)
		s.on("domainCreate", fault(t, test.code, test.text))
		_, err := plugin(t, s).Submit(t.Context(), request())
		e := failed(t, err, test.class, test.want)
		if e.Field != test.field || e.Rule != test.rule || e.Detail == "" {
			t.Errorf("%s: field %q, rule %q, detail %q", test.text, e.Field, e.Rule, e.Detail)
		}
		if s.count("domainCreate") != 1 {
			t.Errorf("%s: sent %d times", test.text, s.count("domainCreate"))
		}
	}
	// A fault with HTTP 200 is still a fault.
	s := newServer(t)
	s.on("domainCreate", raw(200, fill(read(t, "fault.xml"), "CODE", "E15", "TEXT", "E15 : no")))
	_, err := plugin(t, s).Submit(t.Context(), request())
	failed(t, err, registrars.ClassRejected, "E15")
}

// TestFaultsOfSessionOpen: without a session nothing was submitted.
func TestFaultsOfSessionOpen(t *testing.T) {
	for name, test := range map[string]struct {
		answer answer
		class  registrars.Class
		code   string
		after  time.Duration
	}{
		"bad login":         {fault(t, "E01-M0101", "E01-M0101 : Login or password"), registrars.ClassAuth, "E01-M0101", 0},
		"unknown":           {fault(t, "E30", "E30 : account closed"), registrars.ClassAuth, "E30", 0},
		"too many sessions": {fault(t, "E31", "E31 : Too many open sessions"), registrars.ClassRateLimited, "E31", time.Minute},
		"cut":               {cut, registrars.ClassTemporary, "", 0},
		"server":            {fault(t, "Server", "oops"), registrars.ClassTemporary, "Server", 0},
		"no id":             {raw(200, "<Envelope><Body><sessionOpenResponse><IDSession/></sessionOpenResponse></Body></Envelope>"), registrars.ClassTemporary, "", 0},
	} {
		s := newServer(t)
		s.on("sessionOpen", test.answer)
		n := plugin(t, s)
		_, err := n.Submit(t.Context(), request())
		if e := failed(t, err, test.class, test.code); e.After != test.after || e.Call != "sessionOpen" {
			t.Errorf("%s: %+v", name, e)
		}
		// Neither the TLD nor the list of contacts is to blame.
		failed(t, n.Check(t.Context(), request()), test.class, test.code)
		_, err = registrarstest.Find(t.Context(), n, organisation())
		failed(t, err, test.class, test.code)
	}
}

func TestNothingSent(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	n, err := netim.New(configFor("http://" + listener.Addr().String() + "/2.0/"))
	_ = listener.Close()
	if err != nil {
		t.Fatal(err)
	}
	_, err = n.Submit(t.Context(), request())
	failed(t, err, registrars.ClassTemporary, "")

	// The session is open when the server disappears.
	s := newServer(t)
	s.on("queryOpePending", reply(t, "queryOpePending-empty"))
	config := configFor(s.URL)
	// A kept connection might be mistaken for a live one.
	config.HTTPClient = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	if n, err = netim.New(config); err != nil {
		t.Fatal(err)
	}
	if _, err := n.PendingOperations(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.Server.Close()
	_, err = n.Submit(t.Context(), request())
	failed(t, err, registrars.ClassTemporary, "")
	_, err = n.CreateContact(t.Context(), organisation())
	failed(t, err, registrars.ClassTemporary, "")
}

func TestSubmitCutShortByItsContext(t *testing.T) {
	s := newServer(t)
	ctx, cancel := context.WithCancel(t.Context())
	s.on("domainCreate", func(w http.ResponseWriter) { cancel(); cut(w) })
	_, err := plugin(t, s).Submit(ctx, request())
	failed(t, err, registrars.ClassOutcomeUnknown, "")
	// The context ended before anything was sent.
	s.on("domainCreate", operation(t, "domainCreate", "Done", ""))
	_, err = plugin(t, s).Submit(ctx, request())
	if failed(t, err, registrars.ClassTemporary, ""); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if s.count("domainCreate") != 1 {
		t.Error("sent after the context had ended")
	}
}

func TestTLSRefused(t *testing.T) {
	var seen int
	tls := newTLSServer(t, &seen)
	n, err := netim.New(configFor(tls))
	if err != nil {
		t.Fatal(err)
	}
	_, err = n.Submit(t.Context(), request())
	failed(t, err, registrars.ClassTemporary, "")
	if seen != 0 {
		t.Error("the password went to a server that is not trusted")
	}
}

func TestDumpHidesSecrets(t *testing.T) {
	s := newServer(t)
	config := configFor(s.URL)
	var lock sync.Mutex
	var dump strings.Builder
	config.Dump = func(direction string, document []byte) {
		lock.Lock()
		defer lock.Unlock()
		fmt.Fprintf(&dump, "%s %s\n", direction, document)
	}
	config.HTTPClient = &http.Client{}
	n, err := netim.New(config)
	if err != nil {
		t.Fatal(err)
	}
	s.on("domainInfo",
		reply(t, "domainInfo", "DOMAIN", "shop.example", "STATUS", "ACTIVE, DELEGATED"),
		fault(t, "E42", "E42 : session "+sessionID+" of s3cret&amp;pass"), raw(200, sessionID), raw(502, ""))
	for range 4 {
		_, _ = n.ReadDomain(t.Context(), shop)
	}
	_ = n.Close(t.Context())
	for _, secret := range []string{"s3cret", sessionID, "topsecretauth"} {
		if strings.Contains(dump.String(), secret) {
			t.Errorf("the dump shows %q", secret)
		}
	}
	for _, shown := range []string{
		"request <?xml", "<ns1:sessionOpen>", "<Item xsi:type=\"xsd:string\">RESELL1", "[redacted]",
		"reply <domainInfoResponse>", "ACTIVE, DELEGATED", "<faultcode>E42", "<!-- HTTP status 502 -->", "unreadable reply",
	} {
		if !strings.Contains(dump.String(), shown) {
			t.Errorf("the dump does not show %q", shown)
		}
	}
	if strings.Contains(fmt.Sprintf("%v", config), "s3cret") {
		t.Error("printing the configuration shows the password")
	}
}
