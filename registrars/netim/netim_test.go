package netim_test

import (
	"context"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/netim"
)

func TestNew(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*netim.Config)
		ok     bool
	}{
		"https":              {func(c *netim.Config) { c.URL = "https://api.netim.com/2.0/" }, true},
		"loopback name":      {func(c *netim.Config) { c.URL = "http://localhost:1/" }, true},
		"loopback IPv6":      {func(c *netim.Config) { c.URL = "http://[::1]:1/" }, true},
		"French":             {func(c *netim.Config) { c.Language = "fr" }, true},
		"http":               {func(c *netim.Config) { c.URL = "http://api.netim.com/2.0/" }, false},
		"ftp":                {func(c *netim.Config) { c.URL = "ftp://api.netim.com/" }, false},
		"user in URL":        {func(c *netim.Config) { c.URL = "https://u:p@api.netim.com/" }, false},
		"no URL":             {func(c *netim.Config) { c.URL = "" }, false},
		"bad URL":            {func(c *netim.Config) { c.URL = "https://%zz" }, false},
		"no login":           {func(c *netim.Config) { c.Login = " " }, false},
		"long login":         {func(c *netim.Config) { c.Login = "123456789" }, false},
		"no password":        {func(c *netim.Config) { c.Password = domains.Secret{} }, false},
		"unknown language":   {func(c *netim.Config) { c.Language = "DE" }, false},
		"negative time-out":  {func(c *netim.Config) { c.Timeout = -1 }, false},
		"negative max bytes": {func(c *netim.Config) { c.MaxReplyBytes = -1 }, false},
	} {
		config := configFor("http://127.0.0.1:1/")
		test.change(&config)
		_, err := netim.New(config)
		if (err == nil) != test.ok {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && !strings.HasPrefix(err.Error(), "netim: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDescribe(t *testing.T) {
	d := plugin(t, newServer(t)).Describe()
	if d.Name != "netim" || d.ShortestPoll != 5*time.Minute || d.Synchronous || len(d.Kinds) != len(registrars.Kinds()) ||
		d.Reads != registrars.ReadsRegistrar || d.RenewalGuard != registrars.GuardCompared || d.Sessions != 10 || d.Duplicates == "" || len(d.Assumptions) == 0 {
		t.Errorf("%+v", d)
	}
}

func TestSubmitStatuses(t *testing.T) {
	for word, want := range map[string]registrars.Status{
		"Done": registrars.StatusDone, "DONE": registrars.StatusDone, "Pending": registrars.StatusPending,
		"pending": registrars.StatusPending, "Failed": registrars.StatusFailed, "ERROR": registrars.StatusFailed,
		"Cancelled": registrars.StatusCancelled, "Processing": registrars.StatusUnknown, "": registrars.StatusUnknown,
	} {
		s := newServer(t)
		s.on("domainCreate", operation(t, "domainCreate", word, "why"))
		got, err := plugin(t, s).Submit(t.Context(), request())
		if err != nil {
			t.Fatalf("%q: %v", word, err)
		}
		expected := registrars.Operation{
			Reference: "77", Kind: registrars.Registration, Domain: shop, Status: want, Word: word, Reason: "why",
		}
		if got != expected {
			t.Errorf("%q: got %+v, want %+v", word, got, expected)
		}
		s.golden("sessionOpen", "sessionOpen")
		s.golden("domainCreate", "domainCreate")
	}
}

func TestSubmitRefusesBeforeItSends(t *testing.T) {
	s := newServer(t)
	n := plugin(t, s)
	for field, change := range map[string]func(*registrars.Request){
		"kind":        func(r *registrars.Request) { r.Kind = "barter" },
		"domain":      func(r *registrars.Request) { r.Domain = domains.Name{} },
		"tld":         func(r *registrars.Request) { r.TLD = "test" },
		"years":       func(r *registrars.Request) { r.Years = 0 },
		"nameServers": func(r *registrars.Request) { r.NameServers = r.NameServers[:1] },
		"admin":       func(r *registrars.Request) { delete(r.Contacts, registrars.Admin) },
		"owner": func(r *registrars.Request) {
			r.Contacts[registrars.Owner] = registrars.Contact{Handle: strings.Repeat("x", 13)}
		},
	} {
		r := request()
		change(&r)
		_, err := n.Submit(t.Context(), r)
		if e := failed(t, err, registrars.ClassInvalid, ""); e.Field != field {
			t.Errorf("field %q, want %q", e.Field, field)
		}
	}
	if s.count("sessionOpen") != 0 {
		t.Error("a refused request was sent")
	}
}

func TestSubmitAnswerOfAnotherKind(t *testing.T) {
	s := newServer(t)
	s.on("domainCreate", reply(t, "domainCreate", "STATUS", "Done", "MESSAGE", "", "TYPE", "domainRenew"))
	_, err := plugin(t, s).Submit(t.Context(), request())
	failed(t, err, registrars.ClassOutcomeUnknown, "")
}

func TestSubmitFailedDNSCheck(t *testing.T) {
	for name, answer := range map[string]answer{
		"operation": operation(t, "domainCreate", "Failed", "DNS precheck failed for ns1.host.example"),
		"fault":     fault(t, "E99", "E99 : the DNS check has failed"),
	} {
		s := newServer(t)
		s.on("domainCreate", answer)
		_, err := plugin(t, s).Submit(t.Context(), request())
		code := map[bool]string{true: "E99"}[name == "fault"]
		e := failed(t, err, registrars.ClassTemporary, code)
		if e.After != 2*time.Minute || !strings.Contains(e.Detail, "DNS") {
			t.Errorf("%s: %+v", name, e)
		}
	}
}

func TestOperation(t *testing.T) {
	s := newServer(t)
	n := plugin(t, s)
	for code, kind := range map[string]registrars.Kind{
		"domainCreate": registrars.Registration, "DOMAINCREATELP": registrars.Registration,
		"domainAuthid": registrars.AuthCodeChange, "DOMAINSETDNSSECEXT": registrars.DNSSECChange,
		"domainSetPreference": "", "domainSetPreference.WHOIS_privacy": registrars.PrivacyChange, "domainTransferTrade": registrars.Transfer, "somethingNew": "", "": "",
	} {
		s.on("queryOpe", reply(t, "queryOpe", "STATUS", "pending", "MESSAGE", "", "TYPE", code))
		got, err := n.Operation(t.Context(), "77")
		want := registrars.Operation{Reference: "77", Kind: kind, Status: registrars.StatusPending, Word: "pending"}
		if err != nil || got != want {
			t.Errorf("%q: %+v, %v", code, got, err)
		}
		s.golden("queryOpe", "queryOpe")
	}
	_, err := n.Operation(t.Context(), "78")
	failed(t, err, registrars.ClassOutcomeUnknown, "")
	for _, reference := range []string{"", "x1", "-3"} {
		_, err := n.Operation(t.Context(), reference)
		failed(t, err, registrars.ClassInvalid, "")
	}
	s.on("queryOpe", fault(t, "E77-M0001", "E77-M0001 : never heard of it"))
	_, err = n.Operation(t.Context(), "77")
	if e := failed(t, err, registrars.ClassRejected, "E77-M0001"); e.Detail != "E77-M0001 : never heard of it" {
		t.Errorf("detail %q", e.Detail)
	}
}

func TestPendingOperations(t *testing.T) {
	want := []registrars.Operation{
		{Reference: "81", Kind: registrars.Registration, Domain: shop, Status: registrars.StatusPending, Word: "Pending"},
		{Reference: "82", Kind: registrars.Registration, Domain: domains.MustParseName("bücher.example"), Status: registrars.StatusPending, Word: "Pending"},
		{Reference: "83", Status: registrars.StatusPending, Word: "Pending"},
		{Reference: "84", Kind: registrars.Renewal, Domain: domains.MustParseName("other.example"), Status: registrars.StatusPending, Word: "Pending"},
	}
	for _, fixture := range []string{"queryOpePending", "queryOpePending-upper"} {
		s := newServer(t)
		s.on("queryOpePending", reply(t, fixture))
		got, err := plugin(t, s).PendingOperations(t.Context())
		if err != nil || !reflect.DeepEqual(got, registrars.Pending{Operations: want}) {
			t.Errorf("%s: %+v, %v", fixture, got, err)
		}
		s.golden("queryOpePending", "queryOpePending")
	}
	s := newServer(t)
	s.on("queryOpePending", reply(t, "queryOpePending-empty"))
	if got, err := plugin(t, s).PendingOperations(t.Context()); err != nil || len(got.Operations) != 0 {
		t.Errorf("empty: %+v, %v", got, err)
	}
	// An answer that is not a list, or not a list of operations, is not an empty
	// list.
	for _, body := range []string{
		"<E><Body/></E>", "<Envelope><Body/></Envelope>", "<Envelope><Body><queryOpePendingResponse/></Body></Envelope>",
		"<Envelope><Body><queryOpePendingResponse><return>none</return></queryOpePendingResponse></Body></Envelope>",
		"<Envelope><Body><queryOpePendingResponse><return><error/></return></queryOpePendingResponse></Body></Envelope>",
	} {
		s.on("queryOpePending", raw(http.StatusOK, body))
		_, err := plugin(t, s).PendingOperations(t.Context())
		failed(t, err, registrars.ClassTemporary, "")
	}
}

func TestFind(t *testing.T) {
	domain := func(status string) answer { return reply(t, "domainInfo", "DOMAIN", "shop.example", "STATUS", status) }
	for name, test := range map[string]struct {
		pending, info answer
		want          registrars.FindingState
		reference     string
	}{
		"pending":        {reply(t, "queryOpePending"), nil, registrars.FoundOperation, "81"},
		"active":         {nil, domain("Active, Delegated"), registrars.FoundObject, ""},
		"being made":     {nil, domain("PENDING"), registrars.Unclear, ""},
		"unknown status": {nil, domain("SLEEPING"), registrars.Unclear, ""},
		"not ours":       {nil, fault(t, "E15-M1502", "E15-M1502 : Domain not under management"), registrars.FoundNothing, ""},
		"not ours, bare": {nil, fault(t, "E15", "E15 : Domain"), registrars.FoundNothing, ""},
		"other E15":      {nil, fault(t, "E15-M1599", "E15-M1599 : ?"), registrars.Unclear, ""},
		"other fault":    {nil, fault(t, "E42", "E42 : ?"), registrars.Unclear, ""},
		"other domain":   {nil, reply(t, "domainInfo", "DOMAIN", "else.example", "STATUS", "ACTIVE, DELEGATED"), registrars.Unclear, ""},
	} {
		s := newServer(t)
		s.on("queryOpePending", reply(t, "queryOpePending-empty"))
		if test.pending != nil {
			s.on("queryOpePending", test.pending)
		}
		if test.info != nil {
			s.on("domainInfo", test.info)
		}
		got, err := plugin(t, s).Find(t.Context(), request())
		if err != nil || got.State != test.want || got.Operation.Reference != test.reference {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		if got.State == registrars.FoundObject && (got.Operation.Status != registrars.StatusDone || got.Operation.Domain != shop) {
			t.Errorf("%s: %+v", name, got.Operation)
		}
	}
	s := newServer(t)
	n := plugin(t, s)
	s.on("queryOpePending", cut)
	_, err := n.Find(t.Context(), request())
	failed(t, err, registrars.ClassTemporary, "")
	s.on("queryOpePending", reply(t, "queryOpePending-empty"))
	s.on("domainInfo", cut)
	_, err = n.Find(t.Context(), request())
	failed(t, err, registrars.ClassTemporary, "")
	_, err = n.Find(t.Context(), registrars.Request{Kind: "renewal", Domain: shop})
	failed(t, err, registrars.ClassInvalid, "")
}

func TestReadDomain(t *testing.T) {
	for status, phase := range map[string]registrars.Phase{
		"ACTIVE, DELEGATED": registrars.PhaseActive, "active,  not delegated": registrars.PhaseActive, "RESERVED, NOT DELEGATED": "", "PENDING": "",
		"EXPIRED": registrars.PhaseRenewGrace, "EXPIRED, HOLD, NOT DELEGATED": registrars.PhaseRenewGrace, "Quarantine, not delegated": registrars.PhaseRedemption,
		"HOLD, NOT DELEGATED": "", "DELETED": "", "QUARANTINE": "", "ERROR": "", "TRANSFERRED OUT": "", "ACTIVE": "", "": "",
	} {
		s := newServer(t)
		s.on("domainInfo", reply(t, "domainInfo", "DOMAIN", "SHOP.example", "STATUS", status))
		got, err := plugin(t, s).ReadDomain(t.Context(), shop)
		want := registrars.Domain{
			Name: shop, NameServers: domains.NameServers{"ns1.host.example", "ns2.host.example"},
			Handles: map[registrars.Role]string{
				registrars.Owner: "OWN1", registrars.Admin: "ADM1", registrars.Tech: "TEC1", registrars.Billing: "BIL1",
			},
			Settings: domains.Settings{
				Lock: new(true), Privacy: new(false), AutoRenewal: new(false), DNSSEC: &domains.DNSSEC{},
			},
			Created: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC), Expires: time.Date(2028, 1, 2, 0, 0, 0, 0, time.UTC),
			Active: phase == registrars.PhaseActive, Phase: phase, Word: got.Word,
		}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %+v, %v", status, got, err)
		}
		s.golden("domainInfo", "domainInfo")
	}
	s := newServer(t)
	n := plugin(t, s)
	s.on("domainInfo", fault(t, "E15-M1502", "E15-M1502 : Domain not under management"))
	_, err := n.ReadDomain(t.Context(), shop)
	failed(t, err, registrars.ClassNotFound, "E15-M1502")
	_, err = n.ReadDomain(t.Context(), domains.Name{})
	failed(t, err, registrars.ClassInvalid, "")
}

func TestOddDomainInfo(t *testing.T) {
	s := newServer(t)
	s.on("domainInfo", raw(http.StatusOK, `<Envelope><Body><domainInfoResponse><x><domain>shop.example</domain>
		<dateCreate>soon</dateCreate><dateExpiration>2028-01-02 10:00:00</dateExpiration>
		<ns><item>not a host</item></ns></x></domainInfoResponse></Body></Envelope>`))
	got, err := plugin(t, s).ReadDomain(t.Context(), shop)
	if err != nil || !got.Created.IsZero() || got.Expires.Year() != 2028 || got.NameServers[0] != "not a host" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestSessionEndsOnceForAll(t *testing.T) {
	const callers = 20
	s := newServer(t)
	n := plugin(t, s)
	done := operation(t, "queryOpe", "Done", "")
	s.on("queryOpe", done)
	if _, err := n.Operation(t.Context(), "77"); err != nil {
		t.Fatal(err)
	}
	// All callers use the old session, which then ends for all of them.
	var arrived sync.WaitGroup
	arrived.Add(callers)
	ended := fault(t, "E02", "E02 : Session expired")
	answers := make([]answer, 0, callers+1)
	for range callers {
		answers = append(answers, func(w http.ResponseWriter) {
			arrived.Done()
			arrived.Wait()
			ended(w)
		})
	}
	s.on("queryOpe", append(answers, done)...)
	var calls sync.WaitGroup
	for range callers {
		calls.Go(func() {
			if _, err := n.Operation(t.Context(), "77"); err != nil {
				t.Error(err)
			}
		})
	}
	calls.Wait()
	if opened, asked := s.count("sessionOpen"), s.count("queryOpe"); opened != 2 || asked != 1+2*callers {
		t.Errorf("%d sessions opened, %d questions", opened, asked)
	}
}

func TestSubmitAfterSessionEnded(t *testing.T) {
	s := newServer(t)
	s.on("domainCreate", fault(t, "E02", "E02 : Session expired"), operation(t, "domainCreate", "Pending", ""))
	if got, err := plugin(t, s).Submit(t.Context(), request()); err != nil || got.Status != registrars.StatusPending {
		t.Errorf("%+v, %v", got, err)
	}
	if s.count("sessionOpen") != 2 || s.count("domainCreate") != 2 {
		t.Errorf("%v", s.actions)
	}
	// After two faults in a row there is no third try.
	s = newServer(t)
	s.on("domainCreate", fault(t, "E02", "E02 : Session expired"))
	_, err := plugin(t, s).Submit(t.Context(), request())
	failed(t, err, registrars.ClassTemporary, "E02")
	if s.count("domainCreate") != 2 {
		t.Errorf("%v", s.actions)
	}
}

func TestClose(t *testing.T) {
	s := newServer(t)
	n := plugin(t, s)
	if err := n.Close(t.Context()); err != nil || s.count("sessionClose") != 0 {
		t.Errorf("nothing to close: %v", err)
	}
	s.on("queryOpePending", reply(t, "queryOpePending-empty"))
	open := func() {
		if _, err := n.PendingOperations(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	open()
	if err := n.Close(t.Context()); err != nil {
		t.Error(err)
	}
	s.golden("sessionClose", "sessionClose")
	open()
	s.on("sessionClose", fault(t, "E02", "E02 : Session expired"))
	if err := n.Close(t.Context()); err != nil {
		t.Errorf("a session that has ended: %v", err)
	}
	open()
	s.on("sessionClose", fault(t, "E50", "E50 : no"))
	failed(t, n.Close(t.Context()), registrars.ClassRejected, "E50")
	if s.count("sessionOpen") != 3 {
		t.Errorf("%d sessions", s.count("sessionOpen"))
	}
}

func TestContextEndsWhileAnotherOpensTheSession(t *testing.T) {
	s := newServer(t)
	n := plugin(t, s)
	opening, goOn := make(chan struct{}), make(chan struct{})
	first := reply(t, "sessionOpen")
	s.on("sessionOpen", func(w http.ResponseWriter) { close(opening); <-goOn; first(w) }, first)
	s.on("queryOpePending", reply(t, "queryOpePending-empty"))
	var calls sync.WaitGroup
	calls.Go(func() {
		if _, err := n.PendingOperations(t.Context()); err != nil {
			t.Error(err)
		}
	})
	<-opening
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := n.Submit(ctx, request())
	failed(t, err, registrars.ClassTemporary, "")
	close(goOn)
	calls.Wait()
}
