package internal

import (
	"errors"
	"strings"
	"testing"
)

const wrapped = `<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"><SOAP-ENV:Body>` +
	`<r><v>%</v></r></SOAP-ENV:Body></SOAP-ENV:Envelope>`

func document(head, value string) []byte {
	return []byte(head + strings.Replace(wrapped, "%", value, 1))
}

func TestCharsets(t *testing.T) {
	for name, test := range map[string]struct {
		raw         []byte
		contentType string
		want        string
	}{
		"UTF-8":             {document(`<?xml version="1.0" encoding="UTF-8"?>`, "Zoë"), "text/xml", "Zoë"},
		"byte order mark":   {document("\xEF\xBB\xBF", "Zoë"), "", "Zoë"},
		"Latin 1":           {document(`<?xml version="1.0" encoding="ISO-8859-1"?>`, "Zo\xEB"), "text/xml; charset=utf-8", "Zoë"},
		"from the header":   {document("", "Zo\xEB"), "text/xml; charset=iso-8859-1", "Zoë"},
		"unknown charset":   {document(`<?xml version="1.0" encoding='klingon'?>`, "Zoë"), "", "Zoë"},
		"says UTF-16":       {document(`<?xml version="1.0" encoding="utf-16"?>`, "Zoë"), "", "Zoë"},
		"damaged":           {document(`<?xml version="1.0" encoding="UTF-8"?>`, "Zo\xEB!"), "", "Zo\uFFFD!"},
		"control character": {document("", "Z\x02oë"), "no/type/at all", "Zoë"},
		"CDATA":             {document("", "<![CDATA[a < b]]>"), "", "a < b"},
		"entities":          {document("", "a &lt; b &#38; c"), "", "a < b & c"},
		"no encoding":       {document(`<?xml version="1.0"?>`, " x "), "", "x"},
	} {
		node, err := parse(test.raw, test.contentType, maxElements)
		if err != nil || node.Field("V") != test.want {
			t.Errorf("%s: %q, %v", name, node.Field("v"), err)
		}
	}
}

func TestUnreadable(t *testing.T) {
	for name, raw := range map[string]string{
		"empty":         "",
		"text":          "hello",
		"DOCTYPE":       `<!DOCTYPE html>` + wrapped,
		"not SOAP":      "<html/>",
		"two documents": wrapped + wrapped,
		"cut short":     wrapped[:120],
		"too deep":      strings.Repeat("<a>", 40) + strings.Repeat("</a>", 40),
		"too many":      "<a>" + strings.Repeat("<b/>", maxElements) + "</a>",
		"a reference":   strings.Replace(wrapped, "<v>", `<v href="#1">`, 1),
		"no body":       "<Envelope><Header/></Envelope>",
		"bad entity":    strings.Replace(wrapped, "%", "&xxe;", 1),
	} {
		_, err := parse([]byte(raw), "text/xml", maxElements)
		if _, ok := errors.AsType[*MalformedError](err); !ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNodes(t *testing.T) {
	node, err := parse(document("", `<none nil="true">x</none><list><item>1</item></list>`+
		`<map><item><key>a</key><value>1</value></item><item><key>b</key><value/></item></map>`), "", maxElements)
	if err != nil {
		t.Fatal(err)
	}
	v := node.Member("v")
	if v.Field("none") != "" || v.Field("absent") != "" || v.Member("absent").Member("x") != nil {
		t.Error("nil and absent members have a text")
	}
	if items, err := v.Member("list").Items(); err != nil || len(items) != 1 || items[0].Text() != "1" {
		t.Errorf("%v, %v", items, err)
	}
	if items, err := v.Member("none").Items(); err != nil || len(items) != 0 {
		t.Errorf("%v, %v", items, err)
	}
	if entries, _, ok := v.Member("map").NestedEntries(); !ok || len(entries) != 1 || entries["a"] != "1" {
		t.Errorf("%v", entries)
	}
	if entries, _, ok := v.Member("absent").NestedEntries(); !ok || len(entries) != 0 {
		t.Errorf("%v", entries)
	}
	for name, read := range map[string]func(*Node) error{
		"operation": func(n *Node) error { _, err := ReadOperation(n); return err },
		"pending":   func(n *Node) error { _, _, err := ReadPending(n); return err },
		"checks":    func(n *Node) error { _, err := ReadChecks(n); return err },
		"contacts":  func(n *Node) error { _, err := ReadContactIDs(n); return err },
		"domain": func(n *Node) error {
			_, err := ReadDomain(&Node{Children: []*Node{{Name: "ns", Children: []*Node{{Name: "x"}}}}})
			return err
		},
	} {
		if read(v) == nil {
			t.Errorf("%s: read from something else", name)
		}
	}
}

func TestEnvelopeEscapes(t *testing.T) {
	body := string(envelope("f", []Value{String("<&>\"'"), Int(-1), Map(nil), Nil(), {}}))
	for _, want := range []string{
		`<Item xsi:type="xsd:string">&lt;&amp;&gt;&#34;&#39;</Item>`, `<Item xsi:type="xsd:int">-1</Item>`,
		`<Item xsi:type="ns2:Map"></Item>`, `<Item xsi:nil="true"/><Item></Item></ns1:f>`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("%s is not in %s", want, body)
		}
	}
}

func TestAssumedTexts(t *testing.T) {
	for name, test := range map[string]struct{ got, want bool }{
		"DNS check":          {DNSCheckFailed("The Dns pre-check failed"), true},
		"DNS only":           {DNSCheckFailed("dns"), false},
		"funds":              {LacksFunds("Insufficient FUNDS"), true},
		"no funds":           {LacksFunds("E13 : Province"), false},
		"sessions":           {TooManySessions("Session limit"), true},
		"E02":                {SessionEnded("E02"), true},
		"E02 with number":    {SessionEnded("E02-M0201"), true},
		"E021":               {SessionEnded("E021"), false},
		"E01":                {LoginRefused("E01-M0101"), true},
		"server":             {ServerTrouble("env:Server"), true},
		"server, in detail":  {ServerTrouble("server.Timeout"), true},
		"client":             {ServerTrouble("SOAP-ENV:Client"), false},
		"code of Netim":      {ServerTrouble("E15"), false},
		"area in Italy":      {NeedsArea("IT"), true},
		"area in France":     {NeedsArea("FR"), false},
		"suffix without dot": {Suffix(".com.au") == "com.au", true},
	} {
		if test.got != test.want {
			t.Errorf("%s: %v", name, test.got)
		}
	}
	if len(Assumptions()) == 0 {
		t.Error("no assumption is told")
	}
}

func TestErrorTexts(t *testing.T) {
	cause := errors.New("cause")
	for want, err := range map[string]error{
		"fault E13":                &Fault{Code: "E13", Text: "E13 : Smith"},
		"no reply: cause":          &TransportError{Sent: true, Err: cause},
		"not sent: cause":          &SessionError{&TransportError{Err: cause}},
		"HTTP status 502":          &StatusError{Status: 502},
		"unreadable reply: reason": &MalformedError{"reason"},
	} {
		if err.Error() != want {
			t.Errorf("%q, want %q", err.Error(), want)
		}
	}
	if !errors.Is(&SessionError{&TransportError{Err: cause}}, cause) {
		t.Error("the cause is lost")
	}
}
