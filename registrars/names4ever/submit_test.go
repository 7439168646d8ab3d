package names4ever_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/names4ever"
	"domainprovisioning/sandbox/standin/faults"
	standin "domainprovisioning/sandbox/standin/names4ever"
)

func TestLifeOfADomain(t *testing.T) {
	w := newWorld(t)
	if err := w.Check(ctx, request(registrars.Registration)); err != nil {
		t.Fatal(err)
	}
	operation, err := w.Submit(ctx, request(registrars.Registration))
	if err != nil {
		t.Fatal(err)
	}
	if operation.Status != registrars.StatusDone || operation.Kind != registrars.Registration || operation.Domain != shop ||
		operation.Reference == "" || operation.Word == "" || operation.Reason != "Registered" {
		t.Errorf("operation %+v", operation)
	}
	made, _ := w.Registration("shop.example")
	if made.Organisation != "Example Wings" || !made.PasswordSet || made.Years != 2 ||
		!slices.Equal(made.NameServers, []string{"ns1.dns.example", "ns2.dns.example"}) ||
		!slices.Equal(made.Contacts, []string{"admin", "tech", "billing"}) {
		t.Errorf("registered %+v", made)
	}
	failed(t, w.Check(ctx, request(registrars.Registration)), registrars.ClassUnavailable)

	change := request(registrars.NameServerChange)
	change.NameServers = domains.NameServers{"ns3.dns.example"}
	for _, r := range []registrars.Request{change, request(registrars.ContactChange)} {
		if operation, err = w.Submit(ctx, r); err != nil || operation.Status != registrars.StatusDone || operation.Kind != r.Kind {
			t.Errorf("%s: %+v, %v", r.Kind, operation, err)
		}
	}
	domain, err := w.ReadDomain(ctx, shop)
	if err != nil || !domain.Active || domain.Word != "active" || !domain.NameServers.Same(change.NameServers) ||
		!domain.Created.Equal(now) || !domain.Expires.Equal(now.AddDate(2, 0, 0)) {
		t.Errorf("read %+v, %v", domain, err)
	}
	if _, err = w.Submit(ctx, request(registrars.Deletion)); err != nil {
		t.Error(err)
	}
	_, err = w.ReadDomain(ctx, shop)
	failed(t, err, registrars.ClassNotFound)
	for method, count := range map[string]int{standin.AddDomain: 1, standin.ModifyDomain: 2, standin.DeleteDomain: 1} {
		if got := w.Count(method, "shop.example"); got != count {
			t.Errorf("%s: %d effects, want %d", method, got, count)
		}
	}
}

func TestDocuments(t *testing.T) {
	s := newScripted(t)
	s.set(http.StatusOK, fixture(t, "done.reply.xml"))
	n := plugin(t, configFor(s.URL))
	for kind, name := range map[registrars.Kind]string{
		registrars.Registration: "add-domain", registrars.NameServerChange: "modify-domain", registrars.Deletion: "delete-domain",
	} {
		operation, err := n.Submit(ctx, request(kind))
		if err != nil {
			t.Fatal(err)
		}
		again, err := n.Submit(ctx, request(kind))
		if err != nil || again.Reference != operation.Reference {
			t.Errorf("%s: the id is not stable: %v", kind, err)
		}
		got, contentType, _ := s.last()
		want := strings.ReplaceAll(flat(fixture(t, name+".request.xml")), "{{ID}}", operation.Reference)
		if flat(got) != want {
			t.Errorf("%s:\n got %s\nwant %s", kind, flat(got), want)
		}
		if contentType != "text/xml" {
			t.Errorf("content type %q", contentType)
		}
	}
}

func TestPersonIsTheOrganization(t *testing.T) {
	w := newWorld(t)
	r := request(registrars.Registration)
	r.Contacts[registrars.Owner] = registrars.Contact{Details: joerg()}
	if _, err := w.Submit(ctx, r); err != nil {
		t.Fatal(err)
	}
	if made, _ := w.Registration("shop.example"); made.Organisation != "Jörg Müller" {
		t.Errorf("organisation %q", made.Organisation)
	}
}

// TestLevelsOfStatus covers both levels of status, by the rules of the parser.
func TestLevelsOfStatus(t *testing.T) {
	const ok = `<status code="0"><description>OK</description></status>`
	node := func(attributes, status string) string { return "<domain " + attributes + ">" + status + "</domain>" }
	mine := `fqdn="shop.example"`
	for _, c := range []struct {
		name, levels string
		enough       bool
		class        registrars.Class // "" means done
		code         string
	}{
		{"both succeed", ok + node(mine, ok), false, "", ""},
		{"without regard to case", ok + node(`fqdn="SHOP.Example"`, ok), false, "", ""},
		{"a node without a name", ok + node("", ok), false, "", ""},
		{"request refused", `<status code="17">No</status>`, false, registrars.ClassRejected, "17"},
		{"domain refused", ok + node(mine, `<status code="18"><description>No</description></status>`), false, registrars.ClassRejected, "18"},
		{"both refused", `<status code="17"/>` + node(mine, `<status code="18"/>`), false, registrars.ClassRejected, "18"},
		{"contradiction", `<status code="17"/>` + node(mine, ok), false, registrars.ClassOutcomeUnknown, ""},
		{"node missing", ok, false, registrars.ClassOutcomeUnknown, ""},
		{"node missing, request is enough", ok, true, "", ""},
		{"node of another, request is enough", ok + node(`fqdn="other.example"`, ok), true, registrars.ClassOutcomeUnknown, ""},
		{"no number", `<status code="ok"/>` + node(mine, ok), false, registrars.ClassOutcomeUnknown, ""},
		{"empty code", `<status code=""/>` + node(mine, ok), false, registrars.ClassOutcomeUnknown, ""},
		{"no status", node(mine, ok), false, registrars.ClassOutcomeUnknown, ""},
		{"domain without a number", ok + node(mine, `<status/>`), false, registrars.ClassOutcomeUnknown, ""},
		{"listed code", `<status code="99">Quota</status>`, false, registrars.ClassBalance, "99"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newScripted(t)
			s.set(http.StatusOK, strings.ReplaceAll(fixture(t, "levels.reply.xml"), "{{LEVELS}}", c.levels))
			config := configFor(s.URL)
			config.RequestStatusIsEnough = c.enough
			config.CodeClasses = map[int]registrars.Class{99: registrars.ClassBalance}
			operation, err := plugin(t, config).Submit(ctx, request(registrars.Registration))
			if c.class == "" {
				if err != nil || operation.Status != registrars.StatusDone {
					t.Fatalf("%+v, %v", operation, err)
				}
				return
			}
			if e := failed(t, err, c.class); e.Code != c.code {
				t.Errorf("code %q, want %q", e.Code, c.code)
			}
		})
	}
}

func TestRepliesThatSayNothing(t *testing.T) {
	done := fixture(t, "done.reply.xml")
	for _, c := range []struct {
		name   string
		status int
		answer string
	}{
		{"another request", 200, strings.ReplaceAll(done, "{{ID}}", "REQ-0001")},
		{"no request id", 200, strings.ReplaceAll(done, ` requestid="{{ID}}"`, "")},
		{"status 500", 500, done},
		{"status 429", 429, ""},
		{"status 202", 202, done},
		{"redirect", 302, ""},
		{"empty", 200, ""},
		{"page", 200, "<html><body>Sorry</body></html>"},
		{"cut", 200, done[:len(done)-20]},
		{"entity", 200, strings.Replace(done, "Registered", "&x;", 1)},
		{"two documents", 200, done + "<response/>"},
		{"too large", 200, done + strings.Repeat(" ", 4096)},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newScripted(t)
			s.set(c.status, c.answer)
			config := configFor(s.URL)
			config.MaxReplyBytes = 4096
			_, err := plugin(t, config).Submit(ctx, request(registrars.Registration))
			failed(t, err, registrars.ClassOutcomeUnknown)
			if _, _, count := s.last(); count != 1 {
				t.Errorf("sent %d times", count)
			}
		})
	}
}

func TestRefusalKeepsCodeAndTextWithoutSecrets(t *testing.T) {
	s := newScripted(t)
	s.set(http.StatusOK, strings.ReplaceAll(fixture(t, "levels.reply.xml"), "{{LEVELS}}",
		`<status code="5"><description>No: part&amp;ner-s3cret, dom&lt;ain-s3cret for Jane</description></status>`))
	var seen dumps
	config := configFor(s.URL)
	config.Dump = seen.add
	_, err := plugin(t, config).Submit(ctx, request(registrars.Registration))
	e := failed(t, err, registrars.ClassRejected)
	if e.Code != "5" || e.Call != "add-domain" || !strings.HasPrefix(e.Detail, "No: ") {
		t.Errorf("error %+v", e)
	}
	hidesSecrets(t, "dump", seen.String())
	if !strings.Contains(seen.String(), "request ") || !strings.Contains(seen.String(), "reply ") {
		t.Errorf("dump %q", seen.String())
	}
}

func TestNotSent(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	_, err := plugin(t, configFor(gone.URL)).Submit(ctx, request(registrars.Registration))
	failed(t, err, registrars.ClassTemporary)

	w := newWorld(t)
	ended, cancel := context.WithCancel(ctx)
	cancel()
	_, err = w.Submit(ended, request(registrars.Registration))
	failed(t, err, registrars.ClassTemporary)
	if w.Calls("") != 0 {
		t.Error("something was sent")
	}
}

func TestTimeOutIsUnknown(t *testing.T) {
	w := newWorld(t, func(c *names4ever.Config) { c.Timeout = 50 * time.Millisecond })
	w.Faults.Add(faults.Fault{Method: standin.AddDomain, Kind: faults.Delay, Delay: 200 * time.Millisecond})
	_, err := w.Submit(ctx, request(registrars.Registration))
	failed(t, err, registrars.ClassOutcomeUnknown)
}

func TestRefusalsOfTheRegistrar(t *testing.T) {
	w := newWorld(t)
	w.AddTaken("shop.example")
	_, err := w.Submit(ctx, request(registrars.Registration))
	if e := failed(t, err, registrars.ClassRejected); e.Code != "201" || e.Detail == "" {
		t.Errorf("taken: %+v", e)
	}
	w = newWorld(t)
	w.AddRegistration(before())
	for _, kind := range []registrars.Kind{registrars.NameServerChange, registrars.Deletion} {
		r := request(kind)
		r.DomainPassword = domains.NewSecret("wrong")
		_, err = w.Submit(ctx, r)
		if e := failed(t, err, registrars.ClassRejected); e.Code != "203" {
			t.Errorf("wrong password: %+v", e)
		}
	}
	other := newWorld(t, func(c *names4ever.Config) {
		c.PlanID, c.CodeClasses = "8", map[int]registrars.Class{standin.CodeLogin: registrars.ClassAuth}
	})
	_, err = other.Submit(ctx, request(registrars.Registration))
	failed(t, err, registrars.ClassAuth)
	if len(other.Registrations()) != 0 {
		t.Error("a refused request had an effect")
	}
}

func TestNothingToAskForAnOperation(t *testing.T) {
	w := newWorld(t)
	_, err := w.Operation(ctx, "r1")
	failed(t, err, registrars.ClassInvalid)
	if w.Calls("") != 0 {
		t.Error("a call was made")
	}
}
