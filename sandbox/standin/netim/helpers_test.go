package netim

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

type system struct {
	*Server
	t       *testing.T
	url     string
	clock   *clock
	session string
}

func newSystem(t *testing.T, o Options) *system {
	t.Helper()
	c := &clock{now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	o.Now = c.Now
	s := New(o)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return &system{Server: s, t: t, url: server.URL, clock: c}
}

func (s *system) post(document string) (int, string, error) {
	reply, err := http.Post(s.url+Path, "text/xml; charset=utf-8", strings.NewReader(document))
	if err != nil {
		return 0, "", err
	}
	defer reply.Body.Close()
	body, err := io.ReadAll(reply.Body)
	return reply.StatusCode, string(body), err
}

// soap posts a function with its parts as XML; the operation's namespace is
// deliberately that of the other client.
func (s *system) soap(function, parts string) (int, string, error) {
	return s.post(`<?xml version="1.0"?><E:Envelope xmlns:E="http://schemas.xmlsoap.org/soap/envelope/"` +
		` xmlns:d="urn:Services" xmlns:x="http://www.w3.org/2001/XMLSchema"` +
		` xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><E:Body><d:` + function + ">" + parts +
		"</d:" + function + "></E:Body></E:Envelope>")
}

// elements converts "name=value" pairs to parts.
func elements(pairs ...string) string {
	var b strings.Builder
	for _, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		fmt.Fprintf(&b, `<%s i:type="x:string">%s</%s>`, name, value, name)
	}
	return b.String()
}

// ok calls a function in the session and expects a reply.
func (s *system) ok(function string, pairs ...string) string {
	s.t.Helper()
	status, body, err := s.soap(function, elements(append([]string{"IDSession=" + s.session}, pairs...)...))
	if err != nil || status != 200 || !strings.Contains(body, "Response>") {
		s.t.Fatalf("%s: %d %v %s", function, status, err, body)
	}
	return body
}

// refused calls a function in the session and expects a fault that begins with the
// text.
func (s *system) refused(text, function string, pairs ...string) {
	s.t.Helper()
	status, body, err := s.soap(function, elements(append([]string{"IDSession=" + s.session}, pairs...)...))
	s.wantFault(text, status, body, err)
}

func (s *system) wantFault(text string, status int, body string, err error) {
	s.t.Helper()
	code, _, _ := strings.Cut(text, " : ")
	if err != nil || status != 500 || get(body, "faultcode") != code || !strings.HasPrefix(get(body, "faultstring"), text) {
		s.t.Errorf("%d %v %s; want fault %q", status, err, body, text)
	}
}

// get returns the text of the first element of a name.
func get(body, name string) string {
	m := regexp.MustCompile(`<` + name + `(?: [^>]*)?>([^<]*)<`).FindStringSubmatch(body)
	if m == nil {
		return ""
	}
	return m[1]
}

func (s *system) open() *system {
	s.t.Helper()
	_, body, err := s.soap("sessionOpen", elements("idReseller=AB1234", "password=secret", "language=EN"))
	s.session = get(body, "IDSession")
	if err != nil || !regexp.MustCompile("^[0-9a-f]{32}$").MatchString(s.session) {
		s.t.Fatalf("session: %v %s", err, body)
	}
	return s
}

// contactXML returns a contact; changes replace some of its fields.
func contactXML(isOwner string, changes ...string) string {
	pairs := []string{
		"firstName=Ada", "lastName=O'Muster", "bodyForm=IND", "bodyName=", "address1=Road 1", "address2=",
		"zipCode=1000", "area=", "city=Town", "country=NL", "phone=+31 201234567", "fax=",
		"email=ada@customer.example", "language=EN", "isOwner=" + isOwner,
	}
	for _, change := range changes {
		name, _, _ := strings.Cut(change, "=")
		for i := range pairs {
			if strings.HasPrefix(pairs[i], name+"=") {
				pairs[i] = change
			}
		}
	}
	return `<contact i:type="d:StructContact">` + elements(pairs...) + "</contact>"
}

func (s *system) contact(isOwner string, changes ...string) string {
	s.t.Helper()
	_, body, _ := s.soap("contactCreate", elements("IDSession="+s.session)+contactXML(isOwner, changes...))
	id := get(body, "idContact")
	if id == "" {
		s.t.Fatalf("contact: %s", body)
	}
	return id
}

// create returns the parts of a domainCreate with the reseller as the other
// contacts.
func create(domain, owner string, changes ...string) []string {
	pairs := []string{
		"domain=" + domain, "idOwner=" + owner, "idAdmin=AB1234", "idTech=ab1234", "idBilling=AB1234",
		"ns1=ns1.dns.example", "ns2=ns2.dns.example", "ns3=", "ns4=", "ns5=", "duration=1",
	}
	for _, change := range changes {
		name, _, _ := strings.Cut(change, "=")
		for i := range pairs {
			if strings.HasPrefix(pairs[i], name+"=") {
				pairs[i] = change
			}
		}
	}
	return pairs
}
