package netim_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"testing"

	"domainprovisioning/domains"
	"domainprovisioning/internal/phptest"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/netim"
	standin "domainprovisioning/sandbox/standin/netim"
)

// arrival is a call as PHP's SoapServer handed it to its function.
type arrival struct {
	Function  string
	Arguments []any
	Status    int
	Body      string
}

// phpServer is PHP's SoapServer behind HTTP, one process a call, with a WSDL whose parts have
// other names than clients send.
type phpServer struct {
	*httptest.Server
	t        *testing.T
	php      phptest.PHP
	options  []string
	lock     sync.Mutex
	arrivals []arrival
	calls    int
	bodies   strings.Builder // of all replies
}

// answerTypes are the types of the answers in the WSDL.
var answerTypes = regexp.MustCompile(`(<message name="\w+Response"><part name="\w+" type=)"[^"]+"`)

func newPHPServer(t *testing.T, typing, form string) *phpServer {
	t.Helper()
	p := &phpServer{t: t, php: phptest.Find(t)}
	w := httptest.NewRecorder()
	standin.New(standin.Options{OwnPartNames: true}).ServeHTTP(w, httptest.NewRequest(http.MethodGet, standin.WSDLPath, nil))
	description := w.Body.String()
	if typing == "untyped" {
		description = answerTypes.ReplaceAllString(description, `$1"xsd:anyType"`)
	}
	file := filepath.Join(t.TempDir(), "api.wsdl")
	if err := os.WriteFile(file, []byte(description), 0o600); err != nil {
		t.Fatal(err)
	}
	p.options = []string{file, typing, form}
	p.Server = httptest.NewServer(p)
	t.Cleanup(p.Server.Close)
	return p
}

func (p *phpServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var got arrival
	output, err := p.php.Run(r.Context(), r.Body, filepath.Join("testdata", "server.php"), p.options...)
	if err == nil {
		err = json.Unmarshal(output, &got)
	}
	if err != nil {
		p.t.Error(err)
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	p.lock.Lock()
	p.arrivals = append(p.arrivals, got)
	p.calls++
	p.bodies.WriteString(got.Body)
	p.lock.Unlock()
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	w.WriteHeader(got.Status)
	_, _ = io.WriteString(w, got.Body)
}

// arrived takes the calls that have arrived, and compares them: "function [arguments]", the
// arguments as JSON without the session.
func (p *phpServer) arrived(want ...string) {
	p.t.Helper()
	p.lock.Lock()
	defer p.lock.Unlock()
	if len(p.arrivals) != len(want) {
		p.t.Errorf("%d calls %+v; want %d", len(p.arrivals), p.arrivals, len(want))
	}
	for i, call := range p.arrivals[:min(len(p.arrivals), len(want))] {
		function, list, _ := strings.Cut(want[i], " ")
		arguments := []any{}
		if err := json.Unmarshal([]byte(list), &arguments); err != nil {
			p.t.Fatalf("%s: %v", want[i], err)
		}
		if function != "sessionOpen" {
			arguments = append([]any{sessionID}, arguments...)
		}
		if call.Function != function || !reflect.DeepEqual(call.Arguments, arguments) {
			p.t.Errorf("arrived: %s %v\nwant:    %s %v", call.Function, call.Arguments, function, arguments)
		}
	}
	p.arrivals = nil
}

const opened = `sessionOpen ["RESELL1", "s3cret&pass", "EN"]`

// submitted are the calls of a registration and of the table kinds, as they must arrive.
var submitted = []string{
	`domainCreate ["shop.example", "OWN1", "ADM1", "TEC1", "BIL1", "ns1.host.example", "ns2.host.example", "", "", "", 2, null]`,
	`domainTransferIn ["shop.example", "KEY-1", "OWN1", "ADM1", "TEC1", "BIL1", "ns1.host.example", "ns2.host.example", "", "", ""]`,
	`domainRenew ["shop.example", 2]`,
	`domainTransferOwner ["shop.example", "OWN1"]`,
	`domainChangeContact ["shop.example", "ADM1", "TEC1", "BIL1"]`,
	`domainChangeDNS ["shop.example", "ns1.host.example", "ns2.host.example", "", "", ""]`,
	`domainAuthID ["shop.example", 0]`,
	`domainDelete ["shop.example", "NOW"]`,
	`domainSetDNSsec ["shop.example", 1]`,
	`domainSetDNSsec ["shop.example", 0]`,
	`domainSetDNSSecExt ["shop.example", [], 257, 3, 13, "b3BlbnNlc2FtZQ=="]`,
	`domainSetDNSSecExt ["shop.example", [{"key": 60485, "type": 1, "digest": "2bb183af5f22588179a53b0a98631fad1a292118"}], 257, 3, 5, ""]`,
	`domainSetPreference ["shop.example", "registrar_lock", "1"]`,
	`domainSetPreference ["shop.example", "whois_privacy", "0"]`,
	`domainSetPreference ["shop.example", "auto_renew", "1"]`,
	`domainZoneInit ["shop.example", 7]`,
}

const arrivedContact = `{"firstName": "Zoë Ann", "lastName": "O'Neill-Kent", "bodyForm": "ORG", "bodyName": "Books & Co",
	"address1": "1 High Street", "address2": "", "zipCode": "2000", "area": "NSW", "city": "Sydney", "country": "AU",
	"phone": "+61 299998888", "fax": "", "email": "zoe@books.example", "language": "EN", "isOwner": 1, "companyNumber": "ACN 4711",
	"additional": {"R_ID": "4711", "R_TYPE": "ACN", "BOUND": {"shop.example": "7"}}}`

// TestPHPServer makes every call of the plug-in to PHP's SoapServer, which binds and decodes
// the arguments, and answers in each of the forms that it has.
func TestPHPServer(t *testing.T) {
	const (
		calls      = 43 // of each kind of WSDL and form
		structs    = `xsi:type="ns1:StructOperationResponse"`
		maps       = `<return xsi:type="ns2:Map"><item><key xsi:type="xsd:string">ID_OPE</key>`
		objects    = `<return xsi:type="SOAP-ENC:Struct"><ID_OPE`
		references = `<item href="#ref1"/>`
		null       = `xsi:nil="true"`
	)
	for _, c := range []struct {
		typing, form string
		forms        []string // that occur in the answers
	}{
		{"declared", "arrays", []string{structs, null}}, {"declared", "objects", []string{structs, references, null}},
		{"untyped", "arrays", []string{maps, null}}, {"untyped", "objects", []string{objects, references, null}},
	} {
		t.Run(c.typing+" "+c.form, func(t *testing.T) {
			t.Parallel()
			p := newPHPServer(t, c.typing, c.form)
			config := configFor(p.URL + "/2.0/")
			config.DomainBoundFields = []string{"BOUND"}
			n, err := netim.New(config)
			if err != nil {
				t.Fatal(err)
			}
			p.submits(n)
			p.keeps(n)
			p.reads(n)
			p.refuses(n)
			if err := n.Close(t.Context()); err != nil {
				t.Error(err)
			}
			p.arrived("sessionClose []")
			for _, form := range c.forms {
				if !strings.Contains(p.bodies.String(), form) {
					t.Errorf("no answer holds %s", form)
				}
			}
			if p.calls != calls {
				t.Errorf("%d calls, want %d", p.calls, calls)
			}
		})
	}
}

func (p *phpServer) submits(n *netim.Netim) {
	requests := []registrars.Request{request()}
	for _, row := range kinds {
		requests = append(requests, row.request)
	}
	for _, r := range requests {
		got, err := n.Submit(p.t.Context(), r)
		want := registrars.Operation{Reference: "77", Kind: r.Kind, Domain: shop, Status: registrars.StatusPending, Word: "Pending"}
		if err != nil || got != want {
			p.t.Errorf("%s: %+v, %v", r.Kind, got, err)
		}
	}
	p.arrived(append([]string{opened}, submitted...)...)
}

// keeps is about contacts and hosts.
func (p *phpServer) keeps(n *netim.Netim) {
	t := p.t
	contact := organisation()
	contact.Domain, contact.Extra["BOUND"] = shop, "7"
	if handle, err := n.CreateContact(t.Context(), contact); err != nil || handle != "CT00077" {
		t.Errorf("%q, %v", handle, err)
	}
	// It is recognized in the form in which PHP gives it back, and another one is not.
	different := contact
	different.Details.City = "Perth"
	if handles, err := n.FindContacts(t.Context(), []registrars.Contact{contact, different}); err != nil || !reflect.DeepEqual(handles, []string{"CT00001", ""}) {
		t.Errorf("%q, %v", handles, err)
	}
	host, err := n.FindHost(t.Context(), "ns1.shop.example")
	if err != nil || host.State != registrars.FoundObject || len(host.Addresses) != 3 {
		t.Errorf("%+v, %v", host, err)
	}
	addresses := host.Addresses
	if host, err = n.FindHost(t.Context(), "ns2.shop.example"); err != nil || host.State != registrars.FoundNothing {
		t.Errorf("%+v, %v", host, err)
	}
	status, err := n.CreateHost(t.Context(), domains.Host{Name: "ns2.shop.example", Addresses: addresses})
	if err != nil || status != registrars.StatusPending {
		t.Errorf("%q, %v", status, err)
	}
	p.arrived(
		"contactCreate ["+arrivedContact+"]", `queryContactList ["zoe@books.example", "email"]`,
		`contactInfo ["CT00001"]`, `contactInfo ["CT00001"]`,
		`queryHostList ["ns1.shop.example"]`, `queryHostList ["ns2.shop.example"]`, `queryOpePending []`,
		`hostCreate ["ns2.shop.example", ["192.0.2.1", "192.0.2.2"], ["2001:db8::1"]]`,
	)
}

func (p *phpServer) reads(n *netim.Netim) {
	t := p.t
	domain, err := n.ReadDomain(t.Context(), shop)
	if err != nil || !domain.Active || domain.Expires.Year() != 2028 || domain.Handles[registrars.Tech] != "TEC1" ||
		!domain.NameServers.Same(domains.NameServers{"ns1.host.example", "ns2.host.example"}) ||
		!*domain.Settings.Lock || *domain.Settings.Privacy || !domain.Settings.DNSSEC.Sign {
		t.Errorf("%+v, %v", domain, err)
	}
	// The key is found inside DNSSEC, whatever its form.
	key := ask(registrars.DNSSECChange, domains.Settings{DNSSEC: &domains.DNSSEC{Sign: true, Key: dnskey()}})
	if found, err := n.Find(t.Context(), key); err != nil || found.State != registrars.FoundObject {
		t.Errorf("%+v, %v", found, err)
	}
	pending, err := n.PendingOperations(t.Context())
	want := registrars.Operation{Reference: "81", Kind: registrars.Registration, Domain: shop, Status: registrars.StatusPending, Word: "Pending"}
	if err != nil || len(pending.Unreadable) > 0 || !reflect.DeepEqual(pending.Operations, []registrars.Operation{want, want}) {
		t.Errorf("%+v, %v", pending, err)
	}
	if got, err := n.Operation(t.Context(), "77"); err != nil || got.Status != registrars.StatusDone || got.Reason != "" {
		t.Errorf("%+v, %v", got, err)
	}
	p.arrived(`domainInfo ["shop.example"]`, `queryOpePending []`, `domainInfo ["shop.example"]`, `queryOpePending []`, `queryOpe [77]`)

	// Check reads the rules, contacts, the name, the price and the balance.
	r := request()
	for role, contact := range r.Contacts {
		r.Contacts[role] = registrars.Contact{Role: role, Handle: map[bool]string{true: contact.Handle, false: "ADM1"}[role == registrars.Owner]}
	}
	r.PriceLimit = &registrars.Price{Cents: 15_00, Currency: "EUR"}
	if err := n.Check(t.Context(), r); err != nil {
		t.Error(err)
	}
	p.arrived(`domainTldInfo ["example"]`, `contactInfo ["OWN1"]`, `contactInfo ["ADM1"]`, `domainCheck ["shop.example"]`,
		`queryDomainPrice ["shop.example", null]`, `queryResellerAccount []`)
}

func (p *phpServer) refuses(n *netim.Netim) {
	t := p.t
	if err := n.Cancel(t.Context(), "77"); err != nil {
		t.Error(err)
	}
	failed(t, n.Cancel(t.Context(), "78"), registrars.ClassRejected, "E13")
	_, err := n.ReadDomain(t.Context(), domains.MustParseName("other.example"))
	failed(t, err, registrars.ClassNotFound, "E15-M1502")
	_, err = n.Operation(t.Context(), "2")
	failed(t, err, registrars.ClassTemporary, "E02")
	p.arrived("cancelOpe [77]", "cancelOpe [78]", `domainInfo ["other.example"]`, "queryOpe [2]", opened, "queryOpe [2]")
}

// TestPHPBindsByName holds what the rest is built on: as soon as PHP's SoapServer knows one
// name, an argument under a name that it does not know is NULL.
func TestPHPBindsByName(t *testing.T) {
	p := newPHPServer(t, "declared", "arrays")
	for parts, want := range map[string][]any{
		`<Item>S</Item><Item>77</Item>`:                     {"S", 77.0},
		`<IDSession>S</IDSession><idOpe>77</idOpe>`:         {"S", nil},
		`<own1idOpe>77</own1idOpe><IDSession>S</IDSession>`: {"S", 77.0},
	} {
		envelope := `<E:Envelope xmlns:E="http://schemas.xmlsoap.org/soap/envelope/"><E:Body><d:cancelOpe xmlns:d="urn:DRS">` + parts + `</d:cancelOpe></E:Body></E:Envelope>`
		reply, err := http.Post(p.URL, "text/xml", bytes.NewReader([]byte(envelope)))
		if err != nil {
			t.Fatal(err)
		}
		_ = reply.Body.Close()
		p.lock.Lock()
		got := p.arrivals[len(p.arrivals)-1].Arguments
		p.lock.Unlock()
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, want %v", parts, got, want)
		}
	}
}
