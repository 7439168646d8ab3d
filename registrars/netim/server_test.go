package netim_test

import (
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
	"domainprovisioning/registrars/netim"
)

const (
	password  = "s3cret&pass"
	sessionID = "0123456789abcdef0123456789abcdef"
)

// answer is what the server does with one call.
type answer func(w http.ResponseWriter)

// server answers each function with its fixtures, in turn; the last one stays.
type server struct {
	*httptest.Server
	t       *testing.T
	lock    sync.Mutex
	answers map[string][]answer
	bodies  map[string][]string
	actions []string
}

func newServer(t *testing.T) *server {
	t.Helper()
	s := &server{t: t, answers: map[string][]answer{}, bodies: map[string][]string{}}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Server.Close)
	s.on("sessionOpen", reply(t, "sessionOpen"))
	s.on("sessionClose", reply(t, "sessionClose"))
	return s
}

var functionName = regexp.MustCompile(`<SOAP-ENV:Body><ns1:(\w+)>`)

func (s *server) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	match := functionName.FindSubmatch(body)
	if match == nil || r.Header.Get("SOAPAction") != `"`+string(match[1])+`"` ||
		r.Header.Get("Content-Type") != "text/xml; charset=utf-8" || r.Method != http.MethodPost {
		s.t.Errorf("bad request: %s %v\n%s", r.Method, r.Header, body)
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	function := string(match[1])
	s.lock.Lock()
	s.bodies[function] = append(s.bodies[function], string(body))
	s.actions = append(s.actions, function)
	queue := s.answers[function]
	if len(queue) == 0 {
		s.lock.Unlock()
		s.t.Errorf("unexpected call of %s", function)
		w.WriteHeader(http.StatusTeapot)
		return
	}
	if len(queue) > 1 {
		s.answers[function] = queue[1:]
	}
	s.lock.Unlock()
	queue[0](w)
}

func (s *server) on(function string, answers ...answer) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.answers[function] = answers
}

// count returns how often a function was called.
func (s *server) count(function string) int {
	s.lock.Lock()
	defer s.lock.Unlock()
	return len(s.bodies[function])
}

// golden compares the last request of a function with its fixture.
func (s *server) golden(function, fixture string) {
	s.t.Helper()
	s.lock.Lock()
	defer s.lock.Unlock()
	bodies := s.bodies[function]
	if len(bodies) == 0 {
		s.t.Fatalf("%s was not called", function)
	}
	got, want := flat(bodies[len(bodies)-1]), flat(read(s.t, fixture+".request.xml"))
	if got != want {
		s.t.Errorf("request of %s:\n got %s\nwant %s", function, got, want)
	}
}

var between = regexp.MustCompile(`>\s+<`)

// flat removes the line breaks of a fixture.
func flat(xml string) string {
	xml = strings.Join(strings.Fields(strings.TrimSpace(xml)), " ")
	return between.ReplaceAllString(xml, "><")
}

func read(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile("internal/fixtures/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// reply answers with a fixture; pairs of placeholder and value follow.
func reply(t *testing.T, fixture string, pairs ...string) answer {
	t.Helper()
	return raw(http.StatusOK, fill(read(t, fixture+".reply.xml"), pairs...))
}

func fault(t *testing.T, code, text string) answer {
	t.Helper()
	return raw(http.StatusInternalServerError, fill(read(t, "fault.xml"), "CODE", code, "TEXT", text))
}

func fill(text string, pairs ...string) string {
	for i := 0; i < len(pairs); i += 2 {
		text = strings.ReplaceAll(text, "{{"+pairs[i]+"}}", pairs[i+1])
	}
	return text
}

func raw(status int, body string) answer {
	return func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", "text/xml; charset=utf-8")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// cut closes the connection after the request has been read.
func cut(w http.ResponseWriter) {
	connection, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		_ = connection.Close()
	}
}

func operation(t *testing.T, fixture, status, message string) answer {
	t.Helper()
	return reply(t, fixture, "STATUS", status, "MESSAGE", message, "TYPE", "domainCreate")
}

func configFor(url string) netim.Config {
	return netim.Config{URL: url, Login: "resell1", Password: domains.NewSecret(password), Timeout: 5 * time.Second}
}

func plugin(t *testing.T, s *server) *netim.Netim {
	t.Helper()
	n, err := netim.New(configFor(s.URL + "/2.0/"))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

var shop = domains.MustParseName("shop.example")

func request() registrars.Request {
	contacts := map[registrars.Role]registrars.Contact{}
	for role, handle := range map[registrars.Role]string{
		registrars.Owner: "OWN1", registrars.Admin: "ADM1", registrars.Tech: "TEC1", registrars.Billing: "BIL1",
	} {
		contacts[role] = registrars.Contact{Role: role, Handle: handle, Details: person()}
	}
	return registrars.Request{
		Key: "4711/1/registration", Kind: registrars.Registration, Domain: shop, TLD: "example", Years: 2,
		NameServers: domains.NameServers{"ns1.host.example", "ns2.host.example"}, Contacts: contacts,
	}
}

func person() domains.Contact {
	return domains.Contact{
		FirstName: "Jean", LastName: "Dupont", Address1: "2 rue Basse", Address2: "Bât. B", PostalCode: "59000",
		City: "Lille", State: "Nord, Hauts-de-France", Country: "FR", Email: "jean@dupont.example",
		Phone: domains.Phone{CountryCode: "33", AreaCode: "03", Number: "20123456"}, // as inside the country
		Fax:   domains.Phone{CountryCode: "33", AreaCode: "3", Number: "20123457"},
	}
}

func organisation() registrars.Contact {
	return registrars.Contact{
		Role: registrars.Owner,
		Details: domains.Contact{
			// The diaeresis is a separate character.
			FirstName: "Zoe\u0308", MiddleName: "Ann", LastName: "O'Neill-Kent", Organisation: "Books & Co",
			Address1: "1 High Street", PostalCode: "2000", City: "Sydney", State: "NSW", Country: "au",
			Email: "zoe@books.example", Phone: domains.Phone{CountryCode: "61", AreaCode: "2", Number: "99998888"},
		},
		Extra: map[string]string{"R_TYPE": "ACN", "R_ID": "4711", "companyNumber": "ACN 4711", "R_EMPTY": " "},
	}
}

// failed checks the class and code of an error, and that it contains nothing
// secret.
func failed(t *testing.T, err error, class registrars.Class, code string) *registrars.Error {
	t.Helper()
	var e *registrars.Error
	if err == nil {
		t.Fatalf("no error, want %s", class)
	}
	if registrars.ClassOf(err) != class {
		t.Fatalf("error %v is %s, want %s", err, registrars.ClassOf(err), class)
	}
	e = err.(*registrars.Error) //nolint:errorlint // the plug-in returns it bare
	if e.Code != code {
		t.Errorf("code %q, want %q", e.Code, code)
	}
	if !strings.HasPrefix(err.Error(), "netim: ") {
		t.Errorf("error %q does not begin with the plug-in's name", err)
	}
	for _, secret := range []string{password, "s3cret", sessionID, "Dupont", "jean@", "127.0.0.1/2.0"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("error shows %q: %v", secret, err)
		}
	}
	if strings.Contains(e.Detail, password) || strings.Contains(e.Detail, sessionID) {
		t.Errorf("detail shows a secret: %s", e.Detail)
	}
	return e
}
