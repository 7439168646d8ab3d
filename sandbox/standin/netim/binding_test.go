package netim

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestOwnPartNames: the session is bound by its name, and what comes under a name that the
// WSDL lacks is lost; the order alone carries a call, and so do the names of the WSDL.
func TestOwnPartNames(t *testing.T) {
	s := newSystem(t, Options{OwnPartNames: true})
	status, body, err := s.soap("sessionOpen", elements("Item=AB1234", "Item=secret", "Item=EN"))
	if s.session = get(body, "IDSession"); status != 200 || err != nil || s.session == "" {
		t.Fatalf("%d %v %s", status, err, body)
	}
	s.refused("E13-M1305 : ", "domainCheck", "domain=a.example")
	s.refused("E13 : idOpe : ", "queryOpe", "idOpe=101")
	for _, domain := range []string{"Item=" + s.session + "|Item=a.example", "IDSession=" + s.session + "|own1domain=a.example"} {
		status, body, err := s.soap("domainCheck", elements(strings.Split(domain, "|")...))
		if status != 200 || err != nil || get(body, "domain") != "a.example" {
			t.Errorf("%d %v %s", status, err, body)
		}
	}
	status, body, err = s.soap("domainCheck", elements("Item="+s.session, "Item=a.example", "Item=b.example"))
	if status != 500 || err != nil || get(body, "faultcode") != codeClient || get(body, "faultstring") != "Error cannot find parameter" {
		t.Errorf("a surplus part: %d %v %s", status, err, body)
	}
	if s.Calls("domainCheck") != 4 {
		t.Errorf("%d calls", s.Calls("domainCheck"))
	}
	reply, err := http.Get(s.url + WSDLPath)
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	text, _ := io.ReadAll(reply.Body)
	if !strings.Contains(string(text), `<part name="own1domain"`) || strings.Contains(string(text), `<part name="domain"`) {
		t.Error("the WSDL has the names that clients send")
	}
}

func TestWSDLForClients(t *testing.T) {
	s := newSystem(t, Options{})
	head, err := http.Head(s.url + WSDLPath)
	if err != nil {
		t.Fatal(err)
	}
	head.Body.Close()
	if head.StatusCode != http.StatusOK || head.ContentLength < 1000 {
		t.Errorf("HEAD: %d, %d bytes", head.StatusCode, head.ContentLength)
	}
	body := s.wsdlBody
	for _, want := range []string{
		`<xsd:element name="vatNumber" type="xsd:string" minOccurs="0"/>`,
		`<part name="domainCheckResponseReturn" type="ns1:ArrayStructDomainCheckResponse"/>`,
		`<xsd:complexType name="ArrayStructDomainCheckResponse">`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("%s is missing", want)
		}
	}
}

func TestEmptyFilterFindsAll(t *testing.T) {
	s := newSystem(t, Options{}).open()
	owner := s.contact("1")
	s.contact("0", "email=b@customer.example")
	for _, name := range []string{"a.example", "b.test"} {
		s.AddRegistration(Registration{Domain: name, Owner: owner})
		s.AddHost(Host{Name: "ns." + name, IPv4: []string{"192.0.2.1"}})
	}
	for _, search := range []struct {
		function, member string
		filters          []string
	}{
		{"queryDomainList", "domain", []string{"filter="}}, {"queryHostList", "name", []string{"filter="}},
		{"queryContactList", "idContact", []string{"filter=", "field="}}, {"queryContactList", "idContact", []string{"filter=", "field=email"}},
	} {
		if body := s.ok(search.function, search.filters...); strings.Count(body, "<"+search.member+" ") != 2 {
			t.Errorf("%s: %s", search.function, body)
		}
	}
}

// TestDSRecordForms: an array, or a single record, of structs or of Maps.
func TestDSRecordForms(t *testing.T) {
	s := newSystem(t, Options{}).open()
	s.AddRegistration(Registration{Domain: "a.example"})
	const digest = "2BB183AF5F22588179A53B0A98631FAD1A292118"
	record := func(digest string) string { return "<key>60485</key><type>1</type><digest>" + digest + "</digest>" }
	entry := func(key, value string) string {
		return "<item><key>" + key + "</key><value>" + value + "</value></item>"
	}
	asMap := entry("key", "60485") + entry("type", "1") + entry("digest", digest)
	for name, test := range map[string]struct {
		records string
		count   int
	}{
		"array of structs": {"<item>" + record(digest) + "</item><item>" + record("AB") + "</item>", 2},
		"array of Maps":    {"<item>" + asMap + "</item>", 1},
		"single struct":    {record(strings.ToLower(digest)), 1},
		"single Map":       {asMap, 1},
	} {
		status, body, err := s.soap("domainSetDNSSecExt", elements("Item="+s.session, "Item=a.example")+
			"<Item>"+test.records+"</Item>"+elements("Item=257", "Item=3", "Item=5", "Item="))
		r, _ := s.Registration("a.example")
		// Flags, protocol and algorithm are kept as well.
		if status != 200 || err != nil || r.DNSSEC["digest1"] != digest || len(r.DNSSEC) != 3+test.count {
			t.Errorf("%s: %d %v %s %v", name, status, err, body, r.DNSSEC)
		}
	}
	status, body, err := s.soap("domainSetDNSSecExt", elements("Item="+s.session, "Item=a.example")+
		"<Item>"+record("xyz")+"</Item>"+elements("Item=257", "Item=3", "Item=5", "Item="))
	s.wantFault("E13 : DSRecords", status, body, err)
	if n := s.Effects("a.example").Signatures; n != 4 {
		t.Errorf("%d signatures", n)
	}
}

func TestContactForms(t *testing.T) {
	s := newSystem(t, Options{}).open()
	extra := "<additional><R_ID>7</R_ID><item><key>BOUND</key><value><item><key>a.example</key><value>8</value></item></value></item></additional>"
	contact := strings.Replace(contactXML("1", "phone=2024561111"), "</contact>", extra+"</contact>", 1)
	if status, body, err := s.soap("contactCreate", elements("IDSession="+s.session)+contact); status != 200 || err != nil {
		t.Fatalf("%d %v %s", status, err, body)
	}
	got := s.Contacts()[0]
	if got.Fields["phone"] != "2024561111" || got.Additional["R_ID"] != "7" || got.Additional["BOUND/a.example"] != "8" || len(got.Additional) != 2 {
		t.Errorf("%+v", got)
	}
}

func TestRestore(t *testing.T) {
	s := newSystem(t, Options{}).open()
	owner := s.contact("1")
	s.AddRegistration(Registration{Domain: "a.example", Owner: owner, AuthID: "KEY"})
	before, _ := s.Registration("a.example")
	a := "domain=a.example"
	s.refused("E99 : Domain is not deleted", "domainRestore", a)
	s.refused("E15-M1502 : ", "domainRestore", "domain=b.example")
	s.refused("E13 : domain", "domainRestore", "domain=-")
	s.ok("domainDelete", a, "typeDelete=NOW")
	s.refused("E15-M1502 : ", "domainInfo", a)
	balance := s.Balance()
	if body := s.ok("domainRestore", a); get(body, "TYPE") != "domainRestore" || get(body, "STATUS") != Done {
		t.Errorf("%s", body)
	}
	after, _ := s.Registration("a.example")
	if after.AuthID != before.AuthID || !after.Expires.Equal(before.Expires) || s.Effects("a.example").Restorations != 1 || s.Balance() != balance-10_00 {
		t.Errorf("%+v, balance %d", after, s.Balance())
	}
	// A second one while one is pending, and the name is taken meanwhile.
	s.ok("domainDelete", a, "typeDelete=NOW")
	s.SetBehaviour("a.example", Behaviour{Manual: true})
	s.ok("domainRestore", a)
	s.refused("E99 : An operation is pending", "domainRestore", a)
	if body := s.ok("domainCheck", a); get(body, "result") != notAvailable {
		t.Errorf("%s", body)
	}
	if err := s.Fail("a.example", "Refused by the registry"); err != nil {
		t.Fatal(err)
	}
	s.SetBehaviour("a.example", Behaviour{})
	// Registered anew, or after too long, it cannot be restored.
	s.ok("domainCreate", create("a.example", owner)...)
	s.refused("E99 : ", "domainRestore", a)
	s.ok("domainDelete", a, "typeDelete=NOW")
	s.clock.pass(31 * 24 * time.Hour)
	s.open()
	s.refused("E15-M1502 : ", "domainRestore", a)
	if n := s.Effects("a.example"); n.Restorations != 1 || n.Deletions != 3 || s.Count("domainRestore", "a.example") != 2 {
		t.Errorf("%+v", n)
	}
}

// A domain in quarantine is read and listed, and only its restore changes it; its date stays.
func TestRestoreFromQuarantine(t *testing.T) {
	s := newSystem(t, Options{TLDs: map[string]TLD{"example": {Price: 10_00, RestorePrice: 60_00}}}).open()
	s.AddRegistration(Registration{Domain: "a.example", Owner: s.contact("1")})
	const a = "domain=a.example"
	s.Expire("a.example")
	if info := s.ok("domainInfo", a); get(info, "status") != StatusExpired {
		t.Errorf("%s", info)
	}
	s.refused("E99 : Domain is not deleted", "domainRestore", a)
	s.SetStatus("a.example", StatusQuarantine)
	before, _ := s.Registration("a.example")
	if info := s.ok("domainInfo", a); get(info, "status") != StatusQuarantine || get(s.ok("queryDomainList", "filter=*"), "domain") != "a.example" {
		t.Errorf("%s", info)
	}
	s.refused("E99 : Domain is QUARANTINE", "domainRenew", a, "duration=1")
	if price := s.ok("queryDomainPrice", a); get(price, "Fee4Restore") != "60.00" || get(price, "Fee4Renewal") != "10.00" {
		t.Errorf("%s", price)
	}
	balance := s.Balance()
	s.ok("domainRestore", a)
	after, _ := s.Registration("a.example")
	if s.Balance() != balance-60_00 || !after.Expires.Equal(before.Expires) || s.Effects("a.example").Restorations != 1 {
		t.Errorf("%+v, balance %d", after, s.Balance())
	}
	if info := s.ok("domainInfo", a); get(info, "status") != StatusExpired {
		t.Errorf("%s", info)
	}
	s.ok("domainRenew", a, "duration=1")
	s.SetStatus("a.example", StatusDeleted)
	s.refused("E99 : Domain is not deleted", "domainRestore", a)
	s.GarbleDomain("a.example")
	if list := s.ok("queryDomainList", "filter=*"); get(list, "domain") != "?" {
		t.Errorf("%s", list)
	}
}

func TestOperationsOfAnExtension(t *testing.T) {
	s := newSystem(t, Options{TLDs: map[string]TLD{"full": {}, "bare": {NoEppCode: true, NoDNSSEC: true, Closed: true, NoImmediateDelete: true}}}).open()
	full, bare := s.ok("queryOpeList", "tld=FULL"), s.ok("queryOpeList", "tld=bare")
	for code, want := range map[string]string{
		"domainCreate": "0", "domainAuthid": "0", "domainSetDNSSEC": "0", "domainDelete": "0",
		"domainRestore": "1", "domainSetPreference.to_be_renewed": "1",
	} {
		if get(full, code) != "1" || get(bare, code) != want {
			t.Errorf("%s: %q, %q", code, get(full, code), get(bare, code))
		}
	}
	if !strings.Contains(full, `<queryOpeListReturn xsi:type="SOAP-ENC:Struct">`) {
		t.Errorf("%s", full)
	}
	s.refused("E13 : tld", "queryOpeList", "tld=none")
	s.AddRegistration(Registration{Domain: "a.full"})
	if body := s.ok("domainSetPreference", "domain=a.full", "codePref=to_be_renewed", "value=0"); get(body, "TYPE") != "domainSetPreference.to_be_renewed" {
		t.Errorf("%s", body)
	}
}
