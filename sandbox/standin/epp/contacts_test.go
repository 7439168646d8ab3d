package epp_test

import (
	"reflect"
	"strings"
	"testing"

	"domainprovisioning/sandbox/standin/epp"
)

const (
	international = `<contact:postalInfo type="int"><contact:name>Ada Lovelace</contact:name><contact:org>Engines &amp; Co</contact:org><contact:addr>` +
		`<contact:street>1 Main Street</contact:street><contact:street>Floor 2</contact:street><contact:city>London</contact:city><contact:sp>LDN</contact:sp><contact:pc>W1A 1AA</contact:pc><contact:cc>GB</contact:cc></contact:addr></contact:postalInfo>`
	local   = `<contact:postalInfo type="loc"><contact:name>Адa</contact:name><contact:addr><contact:city>Łódź</contact:city><contact:cc>PL</contact:cc></contact:addr></contact:postalInfo>`
	rest    = `<contact:voice x="12">+44.2079460000</contact:voice><contact:fax>+44.2079460001</contact:fax><contact:email>ada@contact.example</contact:email>`
	secret  = "<contact:authInfo><contact:pw>code</contact:pw></contact:authInfo>"
	private = `<contact:disclose flag="0"><contact:name type="int"/><contact:voice/><contact:email/></contact:disclose>`
)

func contactFrame(verb, id, content string) string {
	return object("contact", verb, "<contact:id>"+id+"</contact:id>"+content)
}

func TestContacts(t *testing.T) {
	s := start(t, epp.Options{})
	c := s.enter()
	for content, code := range map[string]int{
		local + local + rest + secret: 2306,
		strings.Replace(international, "Ada Lovelace", "Ada Łovelace", 1) + rest + secret:    2005,
		strings.Replace(international, ">GB<", ">XX<", 1) + rest + secret:                    2005,
		strings.Replace(international, ">GB<", ">GBR<", 1) + rest + secret:                   2001,
		international + strings.Replace(rest, "ada@contact.example", "ada", 1) + secret:      2005,
		international + strings.Replace(rest, "+44.2079460000", "+442079460000", 1) + secret: 2001,
		international + rest: 2001,
		rest + secret:        2001,
		international + rest + `<contact:disclose flag="1"/>`:                       2001,
		international + rest + secret + `<contact:disclose flag="1"/>`:              2003,
		international + rest + secret + `<contact:disclose/>`:                       2001,
		international + rest + "<contact:authInfo><contact:pw/></contact:authInfo>": 2306,
	} {
		c.want(code, contactFrame("create", "ADA-1", content))
	}
	c.want(2001, contactFrame("create", "A1", international+rest+secret), "at least 3 characters")
	c.want(2001, contactFrame("create", "A123456789ABCDEFG", international+rest+secret), "at most 16 characters")
	if len(s.Contacts()) != 0 {
		t.Fatalf("a refusal has left %+v", s.Contacts())
	}
	c.want(1000, contactFrame("create", "ADA-1", international+local+rest+secret+private), "<contact:crDate>")
	c.want(2302, contactFrame("create", "ADA-1", international+rest+secret))
	want := epp.Contact{
		ID: "ADA-1", PostalType: "int", Name: "Ada Lovelace", Org: "Engines & Co", Streets: []string{"1 Main Street", "Floor 2"}, City: "London", SP: "LDN", PC: "W1A 1AA", CC: "GB",
		Voice: "+44.2079460000", VoiceX: "12", Fax: "+44.2079460001", Email: "ada@contact.example", AuthInfo: "code", Disclose: &epp.Disclose{Elements: []string{"name int", "voice", "email"}},
	}
	if got, ok := s.Contact("ADA-1"); !ok || !reflect.DeepEqual(got, want) || s.Count("contact:create", "ADA-1") != 1 {
		t.Errorf("%+v", got)
	}
	c.want(1000, contactFrame("info", "ADA-1", ""), `<contact:postalInfo type="loc"><contact:name>Адa</contact:name>`, `<contact:voice x="12">`, `<contact:status s="ok"/>`,
		`<contact:disclose flag="0"><contact:name type="int"/><contact:voice/><contact:email/></contact:disclose>`, "Engines &amp; Co")
	c.want(2202, contactFrame("info", "ADA-1", strings.Replace(secret, "code", "guess", 1)))
	c.want(2303, contactFrame("info", "NOBODY", ""))
	c.want(1000, object("contact", "check", "<contact:id>ADA-1</contact:id><contact:id>ADA-2</contact:id>"), `avail="0">ADA-1`, `avail="1">ADA-2`)
}

func TestContactsChange(t *testing.T) {
	s := start(t, epp.Options{})
	s.AddContact("ADA-1")
	c := s.enter()
	update := func(content string) string { return contactFrame("update", "ADA-1", content) }
	c.want(2003, update(""))
	c.want(2003, update("<contact:chg/>"))
	c.want(2003, update(`<contact:chg><contact:postalInfo type="loc"><contact:org>X</contact:org></contact:postalInfo></contact:chg>`))
	c.want(2005, update(`<contact:chg><contact:postalInfo type="int"><contact:org>Łódź</contact:org></contact:postalInfo></contact:chg>`))
	c.want(2306, update(`<contact:rem><contact:status s="clientUpdateProhibited"/></contact:rem>`))
	c.want(2303, contactFrame("update", "NOBODY", `<contact:chg><contact:email>new@contact.example</contact:email></contact:chg>`))
	before, _ := s.Contact("ADA-1")
	c.want(1000, update(`<contact:chg><contact:postalInfo type="int"><contact:org>Engines</contact:org></contact:postalInfo><contact:voice/><contact:email>new@contact.example</contact:email></contact:chg>`))
	after, _ := s.Contact("ADA-1")
	before.Org, before.Voice, before.Email = "Engines", "", "new@contact.example"
	if !reflect.DeepEqual(before, after) || s.Count("contact:update", "ADA-1") != 1 {
		t.Errorf("%+v", after)
	}
	c.want(1000, update(`<contact:add><contact:status s="clientUpdateProhibited"/></contact:add>`))
	c.want(2304, update(`<contact:chg><contact:voice/></contact:chg>`))
	c.want(1000, update(`<contact:rem><contact:status s="clientUpdateProhibited"/></contact:rem>`))
	c.want(1000, contactFrame("delete", "ADA-1", ""))
	c.want(2303, contactFrame("delete", "ADA-1", ""))
	if len(s.Contacts()) != 0 || s.Count("contact:delete", "ADA-1") != 1 {
		t.Errorf("%+v", s.Contacts())
	}
}
