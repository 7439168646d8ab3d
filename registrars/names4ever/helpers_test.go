package names4ever_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/names4ever"
	standin "domainprovisioning/sandbox/standin/names4ever"
)

const (
	password       = "part&ner-s3cret"
	domainPassword = "dom<ain-s3cret"
)

var (
	shop = domains.MustParseName("shop.example")
	now  = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	ctx  = context.Background()
)

// world is the stand-in behind HTTP, and a plug-in that calls it.
type world struct {
	*standin.Server
	*names4ever.Names4Ever
	dumps *dumps
}

type dumps struct {
	lock sync.Mutex
	text strings.Builder
}

func (d *dumps) add(direction string, document []byte) {
	d.lock.Lock()
	defer d.lock.Unlock()
	d.text.WriteString(direction + " " + string(document) + "\n")
}

func (d *dumps) String() string {
	d.lock.Lock()
	defer d.lock.Unlock()
	return d.text.String()
}

func newWorld(t *testing.T, changes ...func(*names4ever.Config)) world {
	t.Helper()
	server := standin.New(standin.Options{Password: password, Now: func() time.Time { return now }})
	web := httptest.NewServer(server)
	t.Cleanup(web.Close)
	w := world{Server: server, dumps: &dumps{}}
	config := configFor(web.URL + standin.Path)
	config.RDAPURL, config.Resolver, config.Dump = web.URL+standin.RDAPPath, server.Resolver(), w.dumps.add
	for _, change := range changes {
		change(&config)
	}
	w.Names4Ever = plugin(t, config)
	// Whatever a test did, no dump contains a password.
	t.Cleanup(func() { hidesSecrets(t, "dump", w.dumps.String()) })
	return w
}

func configFor(url string) names4ever.Config {
	return names4ever.Config{
		URL: url, Login: "1001", Password: domains.NewSecret(password), Timeout: 5 * time.Second,
		// Nothing listens there, so that no test asks the outside by accident.
		Settings: names4ever.Settings{PlanID: "7", RDAPURL: "http://127.0.0.1:1/rdap"},
	}
}

func plugin(t *testing.T, config names4ever.Config) *names4ever.Names4Ever {
	t.Helper()
	n, err := names4ever.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func jane() domains.Contact {
	return domains.Contact{
		FirstName: "Jane", MiddleName: "Ann", LastName: "Example", Organisation: "Example Wings",
		Address1: "1 Sample Street", Address2: "Floor 2", PostalCode: "12345", City: "Sampleton", State: "ST",
		Country: "us", Email: "jane@shop.example", Phone: domains.Phone{CountryCode: "1", AreaCode: "555", Number: "5550100"},
	}
}

func joerg() domains.Contact {
	return domains.Contact{
		FirstName: "Jörg", LastName: "Müller", Address1: "Gasse 3", PostalCode: "10115", City: "Berlin",
		Country: "DE", Email: "joerg@shop.example",
		Phone: domains.Phone{CountryCode: "49", AreaCode: "030", Number: "123456"}, // as inside the country
		Fax:   domains.Phone{CountryCode: "49", AreaCode: "30", Number: "123457"},
	}
}

func contacts() map[registrars.Role]registrars.Contact {
	return map[registrars.Role]registrars.Contact{
		registrars.Owner: {Details: jane()}, registrars.Admin: {Details: jane()},
		registrars.Tech: {Details: joerg()}, registrars.Billing: {Details: jane()},
	}
}

// request returns a complete request of any kind that is served.
func request(kind registrars.Kind) registrars.Request {
	r := registrars.Request{
		Key: "4711/1/" + string(kind), Kind: kind, Domain: shop, TLD: "example",
		DomainPassword: domains.NewSecret(domainPassword),
	}
	switch kind {
	case registrars.Registration:
		r.Years, r.NameServers, r.Contacts = 2, domains.NameServers{"ns1.dns.example", "ns2.dns.example"}, contacts()
	case registrars.NameServerChange:
		r.NameServers = domains.NameServers{"ns1.dns.example", "ns2.dns.example"}
	case registrars.ContactChange:
		r.Contacts = contacts()
	}
	return r
}

// before returns the domain as it was registered earlier.
func before() standin.Registration {
	return standin.Registration{
		Domain: shop.String(), Organisation: "Example Wings", NameServers: []string{"ns1.old.example", "ns2.old.example"},
		Contacts: []string{"admin"}, Password: domainPassword,
	}
}

// failed checks the class of an error, and that it contains nothing secret.
func failed(t *testing.T, err error, class registrars.Class) *registrars.Error {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want %s", class)
	}
	e, ok := err.(*registrars.Error) //nolint:errorlint // the plug-in returns it bare
	if !ok || e.Class != class {
		t.Fatalf("error %v, want %s", err, class)
	}
	if !strings.HasPrefix(err.Error(), "names4ever: ") {
		t.Errorf("error %q does not begin with the plug-in's name", err)
	}
	hidesSecrets(t, "error", err.Error())
	hidesSecrets(t, "detail", e.Detail)
	for _, personal := range []string{"Jane", "jane@", "Müller", "Sample Street"} {
		if strings.Contains(err.Error(), personal) {
			t.Errorf("error shows %q: %v", personal, err)
		}
	}
	return e
}

func hidesSecrets(t *testing.T, what, text string) {
	t.Helper()
	for _, secret := range []string{"s3cret", password, domainPassword} {
		if strings.Contains(text, secret) {
			t.Errorf("%s shows a secret: %s", what, text)
		}
	}
}

// scripted answers each request with a text, in which {{ID}} is the id of the request.
type scripted struct {
	*httptest.Server
	lock   sync.Mutex
	status int
	answer string
	bodies []string
	types  []string
}

var idOf = regexp.MustCompile(`<request version="1.0" id="([^"]+)">`)

func newScripted(t *testing.T) *scripted {
	t.Helper()
	s := &scripted{status: http.StatusOK}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s.lock.Lock()
		defer s.lock.Unlock()
		s.bodies, s.types = append(s.bodies, string(body)), append(s.types, r.Header.Get("Content-Type"))
		id := ""
		if match := idOf.FindSubmatch(body); match != nil {
			id = string(match[1])
		}
		w.WriteHeader(s.status)
		_, _ = io.WriteString(w, strings.ReplaceAll(s.answer, "{{ID}}", id))
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *scripted) set(status int, answer string) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.status, s.answer = status, answer
}

func (s *scripted) last() (body, contentType string, count int) {
	s.lock.Lock()
	defer s.lock.Unlock()
	if len(s.bodies) == 0 {
		return "", "", 0
	}
	return s.bodies[len(s.bodies)-1], s.types[len(s.types)-1], len(s.bodies)
}

func fixture(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile("internal/fixtures/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

var between = regexp.MustCompile(`>\s+<`)

// flat removes the line breaks of a fixture.
func flat(xml string) string { return between.ReplaceAllString(strings.TrimSpace(xml), "><") }
