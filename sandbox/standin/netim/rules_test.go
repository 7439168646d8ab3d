package netim

import (
	"strings"
	"testing"
	"time"
)

func TestContactRules(t *testing.T) {
	s := newSystem(t, Options{}).open()
	for change, field := range map[string]string{
		"firstName=":                           "firstName",
		"lastName=M4x":                         "lastName",
		"firstName=" + strings.Repeat("x", 31): "firstName",
		"bodyForm=COMPANY":                     "bodyForm",
		"bodyName=Firm":                        "bodyName",
		"bodyForm=ORG":                         "bodyName",
		"zipCode=12345678901":                  "zipCode",
		"country=nl":                           "country",
		"country=US":                           "Province",
		"phone=+31201234567":                   "phone",
		"phone=0031 20":                        "phone",
		"email=nobody":                         "email",
		"email=a@" + strings.Repeat("x", 128):  "email",
		"language=NL":                          "language",
		"isOwner=2":                            "isOwner",
		"address1=":                            "address1",
	} {
		status, body, err := s.soap("contactCreate", elements("IDSession="+s.session)+contactXML("1", change))
		s.wantFault("E13 : "+field+" : Invalid value", status, body, err)
	}
	if len(s.Contacts()) != 0 {
		t.Errorf("%d contacts after refusals", len(s.Contacts()))
	}
	_, body, _ := s.soap("contactCreate", elements("IDSession="+s.session)+strings.Replace(contactXML("1"), "</contact>",
		`<additional><item><key>ENS</key><value>x</value></item><item><key>AERO</key><value><item><key>a.aero</key>`+
			`<value>7</value></item></value></item></additional></contact>`, 1))
	id := get(body, "idContact")
	made := s.Contacts()[0]
	if made.ID != id || !made.IsOwner || made.Additional["ENS"] != "x" || made.Additional["AERO/a.aero"] != "7" {
		t.Errorf("contact %+v, id %q", made, id)
	}
	info := s.ok("contactInfo", "idContact="+id)
	if get(info, "idContact") != id || get(info, "lastName") != "O&#39;Muster" || get(info, "isOwner") != "1" ||
		!strings.Contains(info, `xsi:type="ns2:Map"`) {
		t.Errorf("info: %s", info)
	}
	s.refused("E13 : idContact", "contactInfo", "idContact=none")
	s.contact("0")
	for filter, want := range map[string]int{"ada@customer.example": 2, "*@CUSTOMER.*": 2, "bob*": 0} {
		list := s.ok("queryContactList", "filter="+filter, "field=email")
		if n := strings.Count(list, "<idContact"); n != want {
			t.Errorf("%q finds %d, want %d", filter, n, want)
		}
	}
	if n := strings.Count(s.ok("queryContactList", "filter="+id, "field=idContact"), "<idContact"); n != 1 {
		t.Errorf("by id: %d", n)
	}
	s.refused("E13 : field", "queryContactList", "filter=x", "field=shoe")
	// Contacts that were searched before are found by their changed fields, and new
	// ones too.
	found := func(email string) int {
		return strings.Count(s.ok("queryContactList", "filter="+email, "field=email"), "<idContact")
	}
	s.contact("0", "email=bob@customer.example")
	if found("BOB@customer.example") != 1 || found("ada@customer.example") != 2 {
		t.Error("a contact that was made after the first question is not found")
	}
	_, body, err := s.soap("contactOwnerUpdate", elements("IDSession="+s.session, "idContact="+id)+
		contactXML("1", "email=eve@customer.example"))
	if err != nil || get(body, "STATUS") != Done || found("eve@customer.example") != 1 || found("ada@customer.example") != 1 {
		t.Errorf("after an update: %v %s", err, body)
	}
}

func TestFoldedIsEqualWhereEqualFoldIs(t *testing.T) {
	for _, pair := range [][2]string{{"Ada", "aDA"}, {"K", "\u212a"}, {"s", "\u017f"}, {"É", "é"}, {"a", "b"}, {"ß", "ss"}} {
		if (folded(pair[0]) == folded(pair[1])) != strings.EqualFold(pair[0], pair[1]) {
			t.Errorf("%q and %q", pair[0], pair[1])
		}
	}
}

func TestCheck(t *testing.T) {
	s := newSystem(t, Options{
		TLDs: map[string]TLD{
			"example": {}, "multi": {HasMultipleCheck: true}, "closed": {Closed: true}, "au": {Closed: true}, "com.au": {},
		},
		Taken:   map[string]string{"taken.example": "k"},
		Domains: map[string]Behaviour{"slow.example": {Manual: true}},
	}).open()
	owner := s.contact("1")
	s.ok("domainCreate", create("slow.example", owner)...)
	s.ok("domainCreate", create("mine.example", owner)...)
	for name, want := range map[string]string{
		"free.example": "AVAILABLE", "taken.example": "NOT AVAILABLE", "mine.example": "NOT AVAILABLE",
		"FREE.EXAMPLE": "AVAILABLE", "a.unsold": "NOT SOLD", "a.closed": "CLOSED", "a.com.au": "AVAILABLE",
	} {
		body := s.ok("domainCheck", "domain="+name)
		if get(body, "result") != want || !strings.Contains(body, "<domainCheckResponseReturn SOAP-ENC:arrayType=") {
			t.Errorf("%s: %s, want %s", name, body, want)
		}
	}
	if body := s.ok("domainCheck", "domain=slow.example"); get(body, "reason") != "PENDING APPLICATION" {
		t.Errorf("pending: %s", body)
	}
	if body := s.ok("domainCheck", "domain=a.multi;b.multi"); strings.Count(body, "<item ") != 2 {
		t.Errorf("two names: %s", body)
	}
	for _, bad := range []string{"", "-a.example", "a b.example", "a.example;b.example", "a.multi;b.example", "münchen.example"} {
		s.refused("E13-M1305 : ", "domainCheck", "domain="+bad)
	}
}

func TestCreateRules(t *testing.T) {
	served := false
	s := newSystem(t, Options{
		TLDs: map[string]TLD{
			"example": {PeriodCreate: "1-3", Price: 10_00}, "one": {PeriodCreate: "1"}, "three": {MinNameServers: 3},
			"zone": {HasZonecheck: true}, "closed": {Closed: true},
		},
		Taken:     map[string]string{"taken.example": "k"},
		Balance:   25_00,
		ZoneCheck: func(domain, ns string) bool { return served && domain == "a.zone" && ns != "" },
	}).open()
	owner, other := s.contact("1"), s.contact("0")
	for _, c := range []struct {
		text, domain string
		changes      []string
	}{
		{"E13 : idOwner : Invalid value", "a.example", []string{"idOwner=CT99999"}},
		{"E13 : idOwner : Invalid value", "a.example", []string{"idOwner=" + other}},
		{"E13 : idOwner : Invalid value", "a.example", []string{"idOwner=AB1234"}},
		{"E13 : idAdmin : Invalid value", "a.example", []string{"idAdmin=" + owner}},
		{"E13 : idTech : Invalid value", "a.example", []string{"idTech="}},
		{"E13 : duration : Invalid value", "a.example", []string{"duration=4"}},
		{"E13 : duration : Invalid value", "a.example", []string{"duration=one"}},
		{"E13 : duration : Invalid value", "a.one", []string{"duration=2"}},
		{"E13 : ns2 : Invalid value", "a.example", []string{"ns2="}},
		{"E13 : ns2 : Invalid value", "a.example", []string{"ns2=NS1.dns.example"}},
		{"E13 : ns1 : Invalid value", "a.example", []string{"ns1=not_a host"}},
		{"E13 : ns3 : Invalid value", "a.three", nil},
		{"E13 : domain : Invalid value", "a.unsold", nil},
		{"E13 : domain : Invalid value", "a.closed", nil},
		{"E13 : domain : Not available", "taken.example", nil},
		{"E99 : Insufficient funds", "a.example", []string{"duration=3"}},
		{"E99 : DNS precheck failed", "a.zone", nil},
	} {
		s.refused(c.text, "domainCreate", create(c.domain, owner, c.changes...)...)
	}
	if len(s.Operations()) != 0 || s.Balance() != 25_00 {
		t.Errorf("a fault made an operation: %+v", s.Operations())
	}
	served = true
	s.ok("domainCreate", create("a.zone", owner)...)
	s.ok("domainCreate", create("a.example", owner, "idAdmin="+other, "duration=2")...)
	s.refused("E13 : domain : Not available", "domainCreate", create("a.example", owner)...)
	if body := s.ok("queryResellerAccount"); get(body, "BALANCE_AMOUNT") != "5.00" {
		t.Errorf("balance: %s", body)
	}
	r, _ := s.Registration("a.example")
	if r.Owner != owner || r.Admin != other || r.Expires.Sub(r.Created) != 730*24*time.Hour || len(r.NameServers) != 2 {
		t.Errorf("registration %+v", r)
	}
}

func TestTldInfo(t *testing.T) {
	s := newSystem(t, Options{TLDs: map[string]TLD{"example": {HasZonecheck: true, Price: 12_50}}}).open()
	body := s.ok("domainTldInfo", "tld=EXAMPLE")
	if get(body, "PeriodCreate") != "1-10" || get(body, "HasZonecheck") != "1" || get(body, "Fee4Registration") != "12.50" {
		t.Errorf("info: %s", body)
	}
	s.refused("E13 : tld", "domainTldInfo", "tld=unsold")
}

// TestTheRegistryRefusesAHolder: nothing is begun or paid, and another owner is accepted.
func TestTheRegistryRefusesAHolder(t *testing.T) {
	s := newSystem(t, Options{}).open()
	owner := s.contact("1")
	s.RefuseHolder(s.Contacts()[0].Fields["email"])
	balance := s.Balance()
	s.refused("E99 : "+textHolder, "domainCreate", create("a.example", owner)...)
	if s.Balance() != balance || len(s.Operations()) != 0 {
		t.Errorf("the balance is %d after %d operations", s.Balance(), len(s.Operations()))
	}
	s.ok("domainCreate", create("a.example", s.contact("1", "email=desk@shop.example"))...)
}
