package netim

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// node is an element of a request. Prefixes do not matter: the real server does
// not check the namespace of the operation (docs/protocols/netim.md, section 2).
type node struct {
	name     string
	isNil    bool
	text     string
	children []*node
}

const (
	envelopeNS = "http://schemas.xmlsoap.org/soap/envelope/"
	encodingNS = "http://schemas.xmlsoap.org/soap/encoding/"
	schemaNS   = "http://www.w3.org/2001/XMLSchema"
	instanceNS = "http://www.w3.org/2001/XMLSchema-instance"
	mapNS      = "http://xml.apache.org/xml-soap"
	serviceNS  = "urn:DRS"

	maxDepth = 16
)

var errBadRequest = errors.New("netim: bad request")

// parseCall returns the element of the operation.
func parseCall(document []byte) (*node, error) {
	d := xml.NewDecoder(bytes.NewReader(document)) //nolint:gosec // a size-limited document is what a server reads
	for {
		token, err := d.Token()
		if err != nil {
			return nil, errBadRequest
		}
		switch t := token.(type) {
		case xml.Directive: // no document type
			return nil, errBadRequest
		case xml.StartElement:
			if t.Name != (xml.Name{Space: envelopeNS, Local: "Envelope"}) {
				return nil, errBadRequest
			}
			root, err := parseNode(d, t, 0)
			if err != nil {
				return nil, err
			}
			body := root.child("Body")
			if body == nil || len(body.children) != 1 {
				return nil, errBadRequest
			}
			return body.children[0], nil
		}
	}
}

func parseNode(d *xml.Decoder, start xml.StartElement, depth int) (*node, error) {
	if depth > maxDepth {
		return nil, errBadRequest
	}
	n := &node{name: start.Name.Local}
	for _, a := range start.Attr {
		if a.Name.Space == instanceNS && a.Name.Local == "nil" {
			n.isNil = a.Value == "true" || a.Value == "1"
		}
	}
	var text strings.Builder
	for {
		token, err := d.Token()
		if err != nil {
			return nil, errBadRequest
		}
		switch t := token.(type) {
		case xml.StartElement:
			child, err := parseNode(d, t, depth+1)
			if err != nil {
				return nil, err
			}
			n.children = append(n.children, child)
		case xml.CharData:
			text.Write(t)
		case xml.EndElement:
			n.text = text.String()
			return n, nil
		}
	}
}

func (n *node) child(name string) *node {
	if n == nil {
		return nil
	}
	for _, c := range n.children {
		if c.name == name {
			return c
		}
	}
	return nil
}

// value returns the text; it is empty for a missing element and for nil.
func (n *node) value() string {
	if n == nil || n.isNil {
		return ""
	}
	return strings.TrimSpace(n.text)
}

// members lists the members of a struct, or the entries of an Apache Map by their keys.
func (n *node) members() []*node {
	if n == nil {
		return nil
	}
	members := make([]*node, 0, len(n.children))
	for _, child := range n.children {
		if key, value := child.child("key"), child.child("value"); child.name == "item" && key != nil && value != nil {
			entry := *value
			entry.name = key.value()
			child = &entry
		}
		members = append(members, child)
	}
	return members
}

func (n *node) member(name string) *node { return (&node{children: n.members()}).child(name) }

// entries reads a struct or Map into a flat map; a nested one ("FIELD" of a "domain") is
// joined with a slash.
func (n *node) entries() map[string]string {
	if n == nil || len(n.children) == 0 {
		return nil
	}
	out := map[string]string{}
	for _, member := range n.members() {
		for inner, v := range member.entries() {
			out[member.name+"/"+inner] = v
		}
		if len(member.children) == 0 {
			out[member.name] = member.value()
		}
	}
	return out
}

// The types of values in replies, in addition to string and int.
type (
	field     struct{ name, value any }
	structure struct {
		kind   string
		fields []field
	}
	array struct {
		kind  string // type of the items, such as "ns1:StructX"
		items []any
	}
	mapping []field
)

func writeValue(w *bytes.Buffer, name string, value any) {
	switch v := value.(type) {
	case int:
		writeText(w, name, kindInt, strconv.Itoa(v))
	case string:
		writeText(w, name, kindString, v)
	case structure:
		kind := v.kind
		if kind != kindStruct {
			kind = "ns1:" + kind
		}
		w.WriteString("<" + name + ` xsi:type="` + kind + `">`)
		for _, f := range v.fields {
			writeValue(w, fmt.Sprint(f.name), f.value)
		}
		w.WriteString("</" + name + ">")
	case array:
		w.WriteString("<" + name + ` SOAP-ENC:arrayType="` + v.kind + "[" + strconv.Itoa(len(v.items)) + `]" xsi:type="SOAP-ENC:Array">`)
		for _, item := range v.items {
			writeValue(w, "item", item)
		}
		w.WriteString("</" + name + ">")
	case mapping:
		w.WriteString("<" + name + ` xsi:type="ns2:Map">`)
		for _, f := range v {
			w.WriteString("<item>")
			writeValue(w, "key", f.name)
			writeValue(w, "value", f.value)
			w.WriteString("</item>")
		}
		w.WriteString("</" + name + ">")
	default:
		w.WriteString("<" + name + ` xsi:nil="true"/>`)
	}
}

func writeText(w *bytes.Buffer, name, kind, text string) {
	w.WriteString("<" + name + ` xsi:type="` + kind + `">`)
	_ = xml.EscapeText(w, []byte(text)) // a Buffer does not fail
	w.WriteString("</" + name + ">")
}

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s))
	return b.String()
}

const (
	envelopeStart = `<?xml version="1.0" encoding="UTF-8"?>` + "\n" +
		`<SOAP-ENV:Envelope xmlns:SOAP-ENV="` + envelopeNS + `" xmlns:ns1="` + serviceNS +
		`" xmlns:xsd="` + schemaNS + `" xmlns:xsi="` + instanceNS + `" xmlns:SOAP-ENC="` + encodingNS +
		`" xmlns:ns2="` + mapNS + `" SOAP-ENV:encodingStyle="` + encodingNS + `"><SOAP-ENV:Body>`
	envelopeEnd = "</SOAP-ENV:Body></SOAP-ENV:Envelope>\n"
)

// response writes the reply of a function; an empty child means no result.
func response(function, child string, value any) []byte {
	var b bytes.Buffer
	b.WriteString(envelopeStart + "<ns1:" + function + "Response>")
	if child != "" {
		writeValue(&b, child, value)
	}
	b.WriteString("</ns1:" + function + "Response>" + envelopeEnd)
	return b.Bytes()
}

// fault is a refused call: no operation exists (docs/protocols/netim.md, section 8).
// The text repeats the code, because clients match it there.
type fault struct{ code, text string }

func (f *fault) document() []byte {
	return []byte(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" +
		`<SOAP-ENV:Envelope xmlns:SOAP-ENV="` + envelopeNS + `"><SOAP-ENV:Body><SOAP-ENV:Fault><faultcode>` +
		escape(f.code) + `</faultcode><faultstring>` + escape(f.text) +
		`</faultstring></SOAP-ENV:Fault>` + envelopeEnd)
}

func faultf(code, format string, a ...any) *fault {
	return &fault{code: code, text: code + " : " + fmt.Sprintf(format, a...)}
}
