package frames

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unicode/utf16"
)

// ofOthers are frames as registries send them, with all that we read.
var ofOthers = map[string]string{
	"domain": `<epp xmlns="urn:ietf:params:xml:ns:epp-1.0"><response><result code="1000"><msg lang="en">Done</msg></result><resData>` +
		`<domain:infData xmlns:domain="urn:ietf:params:xml:ns:domain-1.0"><domain:name>xn--bcher-kva.example</domain:name><domain:roid>D1-X</domain:roid>` +
		`<domain:status s="ok"/><domain:status s="clientTransferProhibited" lang="en">by us</domain:status><domain:registrant>H1</domain:registrant>` +
		`<domain:contact type="admin">H2</domain:contact><domain:contact type="tech">H3</domain:contact>` +
		`<domain:ns><domain:hostAttr><domain:hostName>ns1.shop.example</domain:hostName><domain:hostAddr ip="v4">192.0.2.1</domain:hostAddr>` +
		`<domain:hostAddr ip="v6">2001:db8::1</domain:hostAddr></domain:hostAttr></domain:ns><domain:host>ns1.shop.example</domain:host>` +
		`<domain:clID>us</domain:clID><domain:crDate>2026-01-02T03:04:05.6Z</domain:crDate><domain:exDate>2027-01-02T03:04:05+01:00</domain:exDate>` +
		`<domain:authInfo><domain:pw>a&lt;b&amp;c</domain:pw></domain:authInfo></domain:infData></resData><extension>` +
		`<rgp:infData xmlns:rgp="urn:ietf:params:xml:ns:rgp-1.0"><rgp:rgpStatus s="addPeriod"/></rgp:infData>` +
		`<secDNS:infData xmlns:secDNS="urn:ietf:params:xml:ns:secDNS-1.1"><secDNS:dsData><secDNS:keyTag>12345</secDNS:keyTag><secDNS:alg>13</secDNS:alg>` +
		`<secDNS:digestType>2</secDNS:digestType><secDNS:digest>49fd46e6c4b45c55d4ac</secDNS:digest></secDNS:dsData></secDNS:infData></extension>` +
		`<trID><clTRID>C-1</clTRID><svTRID>S-1</svTRID></trID></response></epp>`,
	"contact": `<epp xmlns="urn:ietf:params:xml:ns:epp-1.0"><response><result code="1000"><msg>Done</msg></result><resData>` +
		`<contact:infData xmlns:contact="urn:ietf:params:xml:ns:contact-1.0"><contact:id>H1</contact:id><contact:roid>C1-X</contact:roid><contact:status s="linked"/>` +
		`<contact:postalInfo type="int"><contact:name>Zoe Muller</contact:name><contact:addr><contact:street>Way 1</contact:street><contact:street>House B</contact:street>` +
		`<contact:city>Koln</contact:city><contact:sp>NW</contact:sp><contact:pc>50667</contact:pc><contact:cc>DE</contact:cc></contact:addr></contact:postalInfo>` +
		`<contact:postalInfo type="loc"><contact:name>Zoë Müller</contact:name><contact:addr><contact:city>Köln</contact:city><contact:cc>DE</contact:cc></contact:addr></contact:postalInfo>` +
		`<contact:voice x="12">+49.221123456</contact:voice><contact:email>zoe@example.com</contact:email><contact:clID>us</contact:clID>` +
		`<contact:disclose flag="0"><contact:voice/></contact:disclose></contact:infData></resData><trID><svTRID>S-2</svTRID></trID></response></epp>`,
	"fees": `<epp xmlns="urn:ietf:params:xml:ns:epp-1.0"><response><result code="1000"><msg>Done</msg></result><resData>` +
		`<domain:chkData xmlns:domain="urn:ietf:params:xml:ns:domain-1.0"><domain:cd><domain:name avail="1">a.example</domain:name></domain:cd>` +
		`<domain:cd><domain:name avail="false">b.example</domain:name><domain:reason lang="en">In use</domain:reason></domain:cd></domain:chkData></resData><extension>` +
		`<fee:chkData xmlns:fee="urn:ietf:params:xml:ns:epp:fee-1.0"><fee:currency>EUR</fee:currency><fee:cd avail="1"><fee:objID>a.example</fee:objID><fee:class>premium</fee:class>` +
		`<fee:command name="create"><fee:period unit="y">2</fee:period><fee:fee description="Registration" refundable="1" grace-period="P5D">80.00</fee:fee><fee:credit>-5.00</fee:credit></fee:command>` +
		`</fee:cd></fee:chkData></extension><trID><svTRID>S-3</svTRID></trID></response></epp>`,
	"message": `<epp xmlns="urn:ietf:params:xml:ns:epp-1.0"><response><result code="1301"><msg>Ack to dequeue</msg></result><msgQ count="5" id="12345"><qDate>2026-06-08T22:00:00.0Z</qDate>` +
		`<msg>Pending action of <b xmlns="urn:x">a.example</b> has ended</msg></msgQ><resData><domain:panData xmlns:domain="urn:ietf:params:xml:ns:domain-1.0"><domain:name paResult="1">a.example</domain:name>` +
		`<domain:paTRID><clTRID>C-0</clTRID><svTRID>S-0</svTRID></domain:paTRID><domain:paDate>2026-06-08T22:00:00Z</domain:paDate></domain:panData></resData><extension>` +
		`<changePoll:changeData xmlns:changePoll="urn:ietf:params:xml:ns:changePoll-1.0" state="before"><changePoll:operation op="suspended">custom</changePoll:operation>` +
		`<changePoll:date>2026-06-08T22:00:00Z</changePoll:date><changePoll:svTRID>S-9</changePoll:svTRID><changePoll:who>support</changePoll:who><changePoll:reason lang="en">court order</changePoll:reason>` +
		`</changePoll:changeData></extension><trID><svTRID>S-4</svTRID></trID></response></epp>`,
	"transfer": `<epp xmlns="urn:ietf:params:xml:ns:epp-1.0"><response><result code="1001"><msg>Pending</msg></result><resData><domain:trnData xmlns:domain="urn:ietf:params:xml:ns:domain-1.0">` +
		`<domain:name>a.example</domain:name><domain:trStatus>pending</domain:trStatus><domain:reID>us</domain:reID><domain:reDate>2026-06-08T22:00:00Z</domain:reDate><domain:acID>them</domain:acID>` +
		`<domain:acDate>2026-06-13T22:00:00Z</domain:acDate><domain:exDate>2028-06-08T22:00:00Z</domain:exDate></domain:trnData></resData><trID><svTRID>S-5</svTRID></trID></response></epp>`,
	"refusal": `<epp xmlns="urn:ietf:params:xml:ns:epp-1.0"><response><result code="2306"><msg>No</msg><value><domain:period xmlns:domain="urn:ietf:params:xml:ns:domain-1.0" unit="y">11</domain:period></value>` +
		`<extValue><value><undef/></value><reason lang="en">ten years at most</reason></extValue></result><trID><clTRID>C-6</clTRID><svTRID>S-6</svTRID></trID></response></epp>`,
}

// style is a way to write the same document.
type style struct {
	prefix  func(space string) string // "" is the default namespace
	again   bool                      // each element declares its namespace
	between string                    // stands between elements that have no text
	text    func(string) string
	foreign string // attributes that no schema of ours knows
	quote   string
}

func (s style) write(b *strings.Builder, n *node, scope map[string]string) {
	prefix := s.prefix(n.space)
	name := n.name
	if prefix != "" {
		name = prefix + ":" + name
	}
	b.WriteString("<" + name)
	if declared, known := scope[prefix]; s.again || !known || declared != n.space {
		declaration := "xmlns"
		if prefix != "" {
			declaration += ":" + prefix
		}
		fmt.Fprintf(b, " %s=%s%s%s", declaration, s.quote, n.space, s.quote)
		inner := map[string]string{prefix: n.space}
		for known, space := range scope {
			if known != prefix {
				inner[known] = space
			}
		}
		scope = inner
	}
	b.WriteString(s.foreign)
	for _, a := range n.attributes {
		if a.Name.Space == "" && a.Name.Local != "xmlns" {
			fmt.Fprintf(b, " %s = %s%s%s", a.Name.Local, s.quote, a.Value, s.quote)
		}
	}
	b.WriteString(" >")
	read := 0
	mixed := len(bytes.TrimSpace(n.text)) > 0
	for _, child := range n.children {
		if b.WriteString(s.text(string(n.text[read:child.after]))); !mixed {
			b.WriteString(s.between)
		}
		s.write(b, child, scope)
		read = child.after
	}
	if b.WriteString(s.text(string(n.text[read:]))); !mixed && len(n.children) > 0 {
		b.WriteString(s.between)
	}
	b.WriteString("</" + name + "\n>")
}

func escaped(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text))
	return b.String()
}

// TestAFrameMeansTheSameInEachStyle: registries write prefixes, declarations, blanks and texts as
// their libraries do.
func TestAFrameMeansTheSameInEachStyle(t *testing.T) {
	schemas := func(space string) string { return strings.TrimSuffix(prefixes[space], ":") }
	styles := map[string]style{
		"prefixes of their own": {prefix: func(space string) string { return fmt.Sprintf("n%d", len(space)) }, text: escaped, quote: `"`},
		"no prefix":             {prefix: func(string) string { return "" }, text: escaped, quote: `'`},
		"declared everywhere":   {prefix: schemas, again: true, text: escaped, quote: `"`},
		"indented":              {prefix: schemas, between: "\r\n\t  ", text: escaped, quote: `"`},
		"comments":              {prefix: schemas, between: "<!-- <response> --><?x y?>", text: escaped, quote: `"`},
		"sections":              {prefix: schemas, quote: `'`, text: func(text string) string { return "<![CDATA[" + text + "]]>" }},
		"references": {prefix: schemas, quote: `"`, text: func(text string) string {
			var b strings.Builder
			for _, r := range text {
				fmt.Fprintf(&b, "&#x%X;", r)
			}
			return b.String()
		}},
		"foreign attributes": {prefix: schemas, text: escaped, quote: `"`,
			foreign: ` xmlns:s="urn:s" s:s="no" s:code="2400" s:type="no" s:avail="0" s:id="no" s:paResult="0" s:flag="1" s:x="1" s:name="no" xml:lang="de"`},
	}
	heads := map[string]func(string) []byte{
		"none": func(text string) []byte { return []byte(text) },
		"UTF-8": func(text string) []byte {
			return []byte("\ufeff<?xml version='1.0' encoding='utf-8' standalone='yes' ?>\n" + text + "\n\n")
		},
		"UTF-16":     func(text string) []byte { return wide("\ufeff" + `<?xml version="1.0" encoding="UTF-16"?>` + text) },
		"ISO-8859-1": func(text string) []byte { return narrow(`<?xml version="1.0" encoding="ISO-8859-1"?>` + text) },
	}
	for name, frame := range ofOthers {
		want := read(t, []byte(frame))
		root, err := parse([]byte(frame))
		if err != nil {
			t.Fatal(err)
		}
		for manner, style := range styles {
			var b strings.Builder
			style.write(&b, root, map[string]string{"": ""})
			for charset, encoded := range heads {
				answer, err := Read(encoded(b.String()))
				if err != nil {
					t.Errorf("%s, %s, %s: %v\n%s", name, manner, charset, err, b.String())
				} else if !reflect.DeepEqual(answer, want) {
					t.Errorf("%s, %s, %s:\n%+v, not\n%+v\n%s", name, manner, charset, answer, want, b.String())
				}
			}
		}
	}
}

func wide(text string) []byte {
	var b []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		b = append(b, byte(unit>>8), byte(unit))
	}
	return b
}

func narrow(text string) []byte {
	var b []byte
	for _, r := range text {
		b = append(b, byte(r))
	}
	return b
}

func TestTheTextOfAMessageKeepsItsOrder(t *testing.T) {
	if text := read(t, []byte(ofOthers["message"])).Message.Text; text != "Pending action of a.example has ended" {
		t.Errorf("it says %q", text)
	}
}
