package realtimeregister_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/realtimeregister"
)

// answer is what the server does with one call.
type answer func(w http.ResponseWriter)

// server answers each call, such as "GET domains/shop.example", with its fixtures in
// turn; the last one stays.
type server struct {
	*httptest.Server
	t       testing.TB
	lock    sync.Mutex
	answers map[string][]answer
	bodies  map[string][]string
	queries map[string]string
}

func newServer(t testing.TB) *server {
	t.Helper()
	s := &server{t: t, answers: map[string][]answer{}, bodies: map[string][]string{}, queries: map[string]string{}}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

func (s *server) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	name := r.Method + " " + strings.TrimPrefix(r.URL.EscapedPath(), "/v2/")
	if r.URL.Query().Get("quote") == "true" {
		name += "?quote"
	}
	if r.Header.Get("Authorization") != "ApiKey "+apiKey || r.Method == http.MethodPost && r.Header.Get("Content-Type") != "application/json" {
		s.t.Errorf("bad request: %s %v", name, r.Header)
	}
	s.lock.Lock()
	s.bodies[name] = append(s.bodies[name], string(body))
	s.queries[name] = r.URL.RawQuery
	queue := s.answers[name]
	if len(queue) > 1 {
		s.answers[name] = queue[1:]
	}
	s.lock.Unlock()
	if len(queue) == 0 {
		s.t.Errorf("unexpected call %s", name)
		w.WriteHeader(http.StatusTeapot)
		return
	}
	queue[0](w)
}

func (s *server) on(name string, answers ...answer) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.answers[name] = answers
}

func (s *server) count(name string) int {
	s.lock.Lock()
	defer s.lock.Unlock()
	return len(s.bodies[name])
}

func (s *server) query(name string) string {
	s.lock.Lock()
	defer s.lock.Unlock()
	return s.queries[name]
}

// sent compares the last request of a call with JSON.
func (s *server) sent(name, want string) {
	s.t.Helper()
	s.lock.Lock()
	defer s.lock.Unlock()
	bodies := s.bodies[name]
	if len(bodies) == 0 {
		s.t.Fatalf("%s was not called", name)
	}
	got := bodies[len(bodies)-1]
	var a, b any
	if err := json.Unmarshal([]byte(want), &b); err != nil {
		s.t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(got), &a); err != nil || !reflect.DeepEqual(a, b) {
		s.t.Errorf("request of %s:\n got %s\nwant %s", name, got, want)
	}
}

func fixture(t testing.TB, name string) string {
	t.Helper()
	content, err := os.ReadFile("internal/fixtures/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// reply answers with a fixture, and with headers in pairs.
func reply(t testing.TB, status int, name string, headers ...string) answer {
	t.Helper()
	return text(status, fixture(t, name+".reply"), headers...)
}

func text(status int, body string, headers ...string) answer {
	return func(w http.ResponseWriter) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// failing answers with an error of the API.
func failing(status int, name string) answer {
	return text(status, `{"type": "`+name+`", "message": "for Jane Holder"}`)
}

const (
	apiKey   = "a-key-of-Base64+chars="
	authCode = "auth-code-1"
)

var clock = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

func (s *server) plugin(changes ...func(*realtimeregister.Config)) *realtimeregister.RealtimeRegister {
	s.t.Helper()
	config := realtimeregister.Config{
		URL: s.URL, Customer: "shopreseller", APIKey: domains.NewSecret(apiKey), RequestsPerSecond: 10000,
		Timeout: 5 * time.Second, Now: func() time.Time { return clock },
	}
	for _, change := range changes {
		change(&config)
	}
	made, err := realtimeregister.New(config)
	if err != nil {
		s.t.Fatal(err)
	}
	return made
}

// sold returns a server that knows the top-level domain.
func sold(t testing.TB) *server {
	t.Helper()
	s := newServer(t)
	s.on("GET tlds/example/info", reply(t, 200, "tld"))
	return s
}

func shopRequest(kind registrars.Kind) registrars.Request {
	yes, template := true, 7
	r := registrars.Request{
		Key: "SO-1/0/" + string(kind), Kind: kind, Domain: domains.MustParseName("shop.example"), TLD: "example", Years: 1,
		Expires: time.Date(2027, 1, 2, 3, 4, 5, 0, time.UTC), NameServers: domains.NameServers{"ns1.shop.example", "ns2.shop.example"},
		AuthCode: domains.NewSecret(authCode), Contacts: map[registrars.Role]registrars.Contact{},
	}
	handles := map[registrars.Role]string{registrars.Owner: "shop-1001", registrars.Admin: "shop-1001", registrars.Tech: "shop-tech", registrars.Billing: "shop-1001"}
	for _, role := range kind.Roles() {
		r.Contacts[role] = registrars.Contact{Role: role, Handle: handles[role]}
	}
	switch kind {
	case registrars.Transfer:
		r.Settings.AutoRenewal = &yes
	case registrars.LockChange:
		r.Settings.Lock = &yes
	case registrars.PrivacyChange:
		r.Settings.Privacy = &yes
	case registrars.AutoRenewalChange:
		r.Settings.AutoRenewal = &yes
	case registrars.DNSSECChange:
		r.Settings.DNSSEC = &domains.DNSSEC{Sign: true}
	case registrars.ZoneReset:
		r.Settings.ZoneTemplate = &template
	}
	return r
}

const (
	createCall   = "POST domains/shop.example"
	createQuote  = "POST domains/shop.example?quote"
	updateCall   = "POST domains/shop.example/update"
	updateQuote  = "POST domains/shop.example/update?quote"
	domainCall   = "GET domains/shop.example"
	processList  = "GET processes"
	transferCall = "POST domains/shop.example/transfer"
)
