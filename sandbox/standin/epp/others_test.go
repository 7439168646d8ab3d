package epp_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"domainprovisioning/sandbox/standin/epp"
)

// TestFramesInOtherCharsets: RFC 5730, section 5, takes what XML takes, and XML takes UTF-16 and a
// byte order mark.
func TestFramesInOtherCharsets(t *testing.T) {
	s := start(t, epp.Options{})
	c := s.enter()
	contact := func(charset, name string) string {
		return strings.Replace(object("contact", "create", "<contact:id>C-"+charset[:5]+"</contact:id>"+
			`<contact:postalInfo type="loc"><contact:name>`+name+"</contact:name><contact:addr><contact:city>Paris</contact:city><contact:cc>FR</contact:cc></contact:addr></contact:postalInfo>"+
			"<contact:email>zoe@contact.example</contact:email><contact:authInfo><contact:pw>contact-code</contact:pw></contact:authInfo>"), `encoding="UTF-8"?>`, `encoding="`+charset+`"?><?unread by="EPP"?>`, 1)
	}
	wide := []byte{0xFE, 0xFF}
	for _, unit := range utf16.Encode([]rune(contact("UTF-16", "Zo\u00eb"))) {
		wide = append(wide, byte(unit>>8), byte(unit))
	}
	for id, frame := range map[string]string{
		"C-utf-8": "\ufeff" + contact("utf-8", "Zo\u00eb") + "\r\n",
		"C-UTF-1": string(wide),
		"C-ISO-8": contact("ISO-8859-1", "Zo\xeb"),
		"C-US-AS": contact("US-ASCII", "Zo&#xEB;"),
	} {
		c.want(1000, frame, "<contact:id>"+id)
		if made, ok := s.Contact(id); !ok || made.Name != "Zo\u00eb" {
			t.Errorf("%s: %+v", id, made)
		}
	}
}

// TestEmptyPartsOfAnUpdateAreNoFault: the schemas let the parts of a domain's update be empty, and
// clients send all of them whatever they change.
func TestEmptyPartsOfAnUpdateAreNoFault(t *testing.T) {
	s := start(t, epp.Options{})
	c := s.enter()
	s.AddContact("HOLDER")
	s.AddDomain(epp.Domain{Name: "shop.registry"})
	sign := func(content string) string {
		return `<secDNS:update xmlns:secDNS="` + nsSecDNS + `">` + content + "</secDNS:update>"
	}
	record := "<secDNS:dsData><secDNS:keyTag>1</secDNS:keyTag><secDNS:alg>13</secDNS:alg><secDNS:digestType>2</secDNS:digestType><secDNS:digest>" +
		strings.Repeat("AB", 32) + "</secDNS:digest></secDNS:dsData>"
	hold, unhold := `<domain:add><domain:status s="clientHold"/></domain:add>`, `<domain:rem><domain:status s="clientHold"/></domain:rem>`
	c.want(1000, updateFrame("shop.registry", hold+"<domain:rem></domain:rem><domain:chg/>"))
	c.want(1000, updateFrame("shop.registry", "<domain:add/>"+unhold+"<domain:chg/>", sign("")))
	c.want(1000, updateFrame("shop.registry", "<domain:add/><domain:rem/><domain:chg><domain:registrant>HOLDER</domain:registrant></domain:chg>", sign("<secDNS:chg/>")))
	c.want(1000, updateFrame("shop.registry", "<domain:add/><domain:rem/><domain:chg/>", sign("<secDNS:add>"+record+"</secDNS:add><secDNS:chg/>")))
	c.want(1000, updateFrame("shop.registry", `<domain:add><domain:status s="clientUpdateProhibited"/></domain:add>`))
	c.want(1000, updateFrame("shop.registry", `<domain:add/><domain:rem><domain:status s="clientUpdateProhibited"/></domain:rem><domain:chg/>`))
	for label, n := range map[string]int{"status": 4, "registrant": 1, "secDNS": 1, "ns": 0, "authInfo": 0} {
		if got := s.Count("update:"+label, "shop.registry"); got != n {
			t.Errorf("update:%s: %d, want %d", label, got, n)
		}
	}
	c.want(2003, updateFrame("shop.registry", "<domain:add/><domain:rem/><domain:chg/>"), "changes nothing")
	c.want(2003, updateFrame("shop.registry", "<domain:chg/>", sign("<secDNS:chg/>")), "changes nothing")
	if d, _ := s.Domain("shop.registry"); d.Registrant != "HOLDER" || !slices.Equal(d.Statuses, []string{"inactive"}) || len(d.DS) != 1 {
		t.Errorf("%+v", d)
	}
}

// TestWhatTheSchemasLeaveOpenAtLoginAndLogout: the tags of languages are the same in capitals (RFC
// 5646, section 2.1.1), and logout is of xs:anyType.
func TestWhatTheSchemasLeaveOpenAtLoginAndLogout(t *testing.T) {
	s := start(t, epp.Options{})
	c := s.dial()
	c.want(1000, strings.Replace(loginFrame("registrar1", "epp-password"), "<lang>en", "<lang>EN", 1))
	c.want(1500, command(`<logout why="done"><x:reason xmlns:x="urn:x">done</x:reason></logout>`, ""))
	c.closed()
	if s.Sessions() != 0 || s.Calls("logout") != 1 {
		t.Errorf("%d sessions, calls %+v", s.Sessions(), s.Log())
	}
}
