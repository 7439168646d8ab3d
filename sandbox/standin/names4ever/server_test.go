package names4ever

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"domainprovisioning/sandbox/standin/faults"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func serve(t *testing.T) (*Server, string) {
	t.Helper()
	s := New(Options{Now: func() time.Time { return now }})
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	return s, web.URL
}

const (
	header = "<?xml version='1.0' ?>\n"
	asker  = `<reseller id="1001"><password>secret</password><plan-id>7</plan-id></reseller>`
	hosts  = `<ns priority="1" fqdn="NS1.dns.example"><ip>192.0.2.53</ip></ns><ns priority="2" fqdn="ns2.dns.example"/>`
	admin  = `<contact type="admin"><first-name>Jane</first-name><last-name>Example</last-name>` +
		`<address><street>1 Sample Street</street><city>Sampleton</city><state>ST</state><postalcode>12345</postalcode><country>USA</country></address>` +
		`<voice>+1 (555) 555-0100</voice><email>jane@shop.example</email></contact>`
	add = `<add-domain fqdn="shop.example"><password>own</password><organization>Example Wings</organization>` +
		hosts + admin + `<registration-period>2</registration-period></add-domain>`
	remove = `<delete-domain fqdn="shop.example"><password>own</password></delete-domain>`
	modify = `<modify-domain fqdn="shop.example"><password>own</password><ns priority="1" fqdn="ns3.dns.example"/></modify-domain>`
)

func document(inside string) string {
	return header + `<request version="1.0" id="REQ-1">` + inside + `</request>`
}

// post returns the code of the request and those of its domains.
func post(t *testing.T, base, body string) (int, []int) {
	t.Helper()
	reply, err := http.Post(base+Path, "text/xml", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	var answer response
	if err := xml.NewDecoder(reply.Body).Decode(&answer); err != nil || reply.StatusCode != http.StatusOK {
		t.Fatalf("status %d, %v", reply.StatusCode, err)
	}
	var codes []int
	for _, d := range answer.Domains {
		codes = append(codes, d.Status.Code)
	}
	return answer.Status.Code, codes
}

func TestLife(t *testing.T) {
	s, base := serve(t)
	for i, c := range []struct {
		operation string
		code      int
	}{
		{modify, CodeNotFound}, {remove, CodeNotFound}, {add, 0}, {add, CodeTaken}, {modify, 0},
		{strings.Replace(modify, ">own<", ">other<", 1), CodePassword},
		{strings.Replace(remove, ">own<", ">other<", 1), CodePassword}, {remove, 0}, {remove, CodeNotFound},
	} {
		whole, codes := post(t, base, document(asker+c.operation))
		if whole != 0 || !slices.Equal(codes, []int{c.code}) {
			t.Errorf("%d: %d %v, want %d", i, whole, codes, c.code)
		}
		if i == 2 {
			r, _ := s.Registration("shop.example")
			if r.Organisation != "Example Wings" || !r.PasswordSet || r.Years != 2 || !r.Created.Equal(now) || !r.Expires.Equal(now.AddDate(2, 0, 0)) ||
				!slices.Equal(r.NameServers, []string{"ns1.dns.example", "ns2.dns.example"}) || !slices.Equal(r.Contacts, []string{"admin"}) {
				t.Errorf("registered %+v", r)
			}
		}
	}
	if s.Count(AddDomain, "shop.example") != 1 || s.Count(ModifyDomain, "shop.example") != 1 || s.Count(DeleteDomain, "shop.example") != 1 ||
		s.Calls(AddDomain) != 2 || len(s.Registrations()) != 0 {
		t.Errorf("effects do not agree: %+v", s.Log())
	}
	s.AddTaken("shop.example")
	if _, codes := post(t, base, document(asker+add)); !slices.Equal(codes, []int{CodeTaken}) {
		t.Errorf("taken: %v", codes)
	}
}

func TestRules(t *testing.T) {
	s, base := serve(t)
	for name, c := range map[string]struct {
		body  string
		whole int
		codes []int
	}{
		"password":       {document(strings.Replace(asker, "secret", "wrong", 1) + add), CodeLogin, nil},
		"plan":           {document(strings.Replace(asker, ">7<", ">8<", 1) + add), CodeLogin, nil},
		"reseller":       {document(strings.Replace(asker, "1001", "1002", 1) + add), CodeLogin, nil},
		"header":         {strings.TrimPrefix(document(asker+add), header), CodeDocument, nil},
		"version":        {strings.Replace(document(asker+add), `version="1.0"`, "", 1), CodeDocument, nil},
		"no operation":   {document(asker), CodeDocument, nil},
		"not XML":        {"add-domain", CodeDocument, nil},
		"unknown":        {document(asker + "<renew-domain/>"), CodeDocument, nil},
		"fqdn":           {document(asker + strings.Replace(add, `fqdn="shop.example"`, "", 1)), 0, []int{CodeInvalid}},
		"domain's own":   {document(asker + strings.Replace(add, ">own<", "><", 1)), 0, []int{CodeInvalid}},
		"organization":   {document(asker + strings.Replace(add, "Example Wings", "", 1)), 0, []int{CodeInvalid}},
		"no ns":          {document(asker + strings.Replace(add, hosts, "", 1)), 0, []int{CodeInvalid}},
		"priority":       {document(asker + strings.Replace(add, `priority="2"`, `priority="3"`, 1)), 0, []int{CodeInvalid}},
		"ip":             {document(asker + strings.Replace(add, "192.0.2.53", "here", 1)), 0, []int{CodeInvalid}},
		"no admin":       {document(asker + strings.Replace(add, `type="admin"`, `type="tech"`, 1)), 0, []int{CodeInvalid}},
		"type":           {document(asker + strings.Replace(add, admin, admin+strings.Replace(admin, "admin", "owner", 1), 1)), 0, []int{CodeInvalid}},
		"twice":          {document(asker + strings.Replace(add, admin, admin+admin, 1)), 0, []int{CodeInvalid}},
		"country":        {document(asker + strings.Replace(add, "USA", "US", 1)), 0, []int{CodeInvalid}},
		"voice":          {document(asker + strings.Replace(add, "+1 (555) 555-0100", "+1.5555550100", 1)), 0, []int{CodeInvalid}},
		"period":         {document(asker + strings.Replace(add, ">2<", ">0<", 1)), 0, []int{CodeInvalid}},
		"several at all": {document(asker + strings.ReplaceAll(add, "shop.", "one.") + strings.ReplaceAll(remove, "shop.", "two.")), 0, []int{0, CodeNotFound}},
	} {
		whole, codes := post(t, base, c.body)
		if whole != c.whole || !slices.Equal(codes, c.codes) {
			t.Errorf("%s: %d %v, want %d %v", name, whole, codes, c.whole, c.codes)
		}
	}
	if len(s.Registrations()) != 1 {
		t.Errorf("refused requests had effects: %+v", s.Registrations())
	}
}

func TestOutside(t *testing.T) {
	s, base := serve(t)
	get := func(name string) (int, map[string]any) {
		reply, err := http.Get(base + RDAPPath + "/domain/" + name)
		if err != nil {
			t.Fatal(err)
		}
		defer reply.Body.Close()
		var body map[string]any
		text, _ := io.ReadAll(reply.Body)
		if err := json.Unmarshal(text, &body); err != nil || reply.Header.Get("Content-Type") != "application/rdap+json" {
			t.Fatalf("%s: %v", text, err)
		}
		return reply.StatusCode, body
	}
	if status, body := get("shop.example"); status != 404 || body["errorCode"] != 404.0 {
		t.Errorf("free: %d %v", status, body)
	}
	_, err := s.Resolver().LookupNS(t.Context(), "shop.example.")
	if cause, ok := errors.AsType[*net.DNSError](err); !ok || !cause.IsNotFound {
		t.Errorf("free: %v", err)
	}
	s.AddRegistration(Registration{Domain: "shop.example", NameServers: []string{"ns1.dns.example"}})
	s.AddTaken("taken.example")
	for name, host := range map[string]string{"shop.example": "ns1.dns.example.", "TAKEN.example": elsewhere[0] + "."} {
		if status, body := get(name); status != 200 || body["objectClassName"] != "domain" || body["ldhName"] != strings.ToLower(name) {
			t.Errorf("%s: %d %v", name, status, body)
		}
		if records, err := s.Resolver().LookupNS(t.Context(), name+"."); err != nil || records[0].Host != host {
			t.Errorf("%s: %v %v", name, records, err)
		}
	}
	s.SetRDAPAvailable(false)
	s.SetDNSAvailable(false)
	if status, _ := get("shop.example"); status != 503 {
		t.Errorf("down: %d", status)
	}
	if _, err := s.Resolver().LookupNS(t.Context(), "shop.example."); err == nil {
		t.Error("the DNS answers although it is down")
	}
}

func TestFaults(t *testing.T) {
	for kind, effects := range map[faults.Kind]int{
		faults.CutBefore: 0, faults.HTTPError: 0, faults.RateLimit: 0, faults.CutAfter: 1, faults.Malformed: 1, faults.UnknownStatus: 1,
	} {
		s, base := serve(t)
		s.Faults.Add(faults.Fault{Method: AddDomain, Kind: kind})
		reply, err := http.Post(base+Path, "text/xml", strings.NewReader(document(asker+add)))
		if err == nil {
			reply.Body.Close()
		}
		if (err != nil) != (kind == faults.CutBefore || kind == faults.CutAfter) {
			t.Errorf("%s: %v", kind, err)
		}
		if got := s.Count(AddDomain, "shop.example"); got != effects || s.Calls(AddDomain) != 1 {
			t.Errorf("%s: %d effects, want %d", kind, got, effects)
		}
	}
}

func TestPaths(t *testing.T) {
	_, base := serve(t)
	for path, status := range map[string]int{Path: 405, "/other": 404, RDAPPath + "/nameserver/x": 404} {
		reply, err := http.Get(base + path)
		if err != nil {
			t.Fatal(err)
		}
		reply.Body.Close()
		if reply.StatusCode != status {
			t.Errorf("%s: %d", path, reply.StatusCode)
		}
	}
}

// TestTheRegistryRefusesAHolder: the request has no effect, and another address is accepted.
func TestTheRegistryRefusesAHolder(t *testing.T) {
	s, base := serve(t)
	s.RefuseHolder("jane@shop.example")
	if code, codes := post(t, base, document(asker+add)); code != 0 || !slices.Equal(codes, []int{CodeHolder}) || s.Count(AddDomain, "shop.example") != 0 {
		t.Errorf("answered %d, %v", code, codes)
	}
	if _, codes := post(t, base, document(asker+strings.ReplaceAll(add, "jane@", "desk@"))); !slices.Equal(codes, []int{0}) {
		t.Errorf("answered %v", codes)
	}
	if r, _ := s.Registration("shop.example"); r.Email != "desk@shop.example" {
		t.Errorf("registered %+v", r)
	}
}
