package internal

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"domainprovisioning/wire/xmltext"
)

// Limits of a reply in addition to its size, also after its references are resolved: far
// above what the API answers, and far below what would do harm.
const (
	maxDepth    = 32
	maxElements = 200_000
	maxText     = 64 << 20 // bytes
)

// functionPending lists all pending operations at once, and FunctionDomains all domains: the API
// has no pages. listFactor is how much larger than any other reply their replies may be: with 8
// MiB and 200,000 elements for those, they are read with more than 200,000 items.
const (
	functionPending = "queryOpePending"
	FunctionDomains = "queryDomainList"
	listFactor      = 8
)

// factor is how much larger than others the reply of a function may be.
func factor(function string) int {
	if function == functionPending || function == FunctionDomains {
		return listFactor
	}
	return 1
}

// envelope writes a call as PHP's own SOAP client does: SOAP 1.1, RPC/encoded, with
// the arguments in the given order, each with its type.
func envelope(function string, arguments []Value) []byte {
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" +
		`<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"` +
		` xmlns:ns1="` + namespace + `" xmlns:xsd="http://www.w3.org/2001/XMLSchema"` +
		` xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"` +
		` xmlns:ns2="http://xml.apache.org/xml-soap"` +
		` xmlns:SOAP-ENC="http://schemas.xmlsoap.org/soap/encoding/"` +
		` SOAP-ENV:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/">` +
		`<SOAP-ENV:Body><ns1:` + function + `>`)
	for _, argument := range arguments {
		argument.write(&b, partName)
	}
	b.WriteString(`</ns1:` + function + `></SOAP-ENV:Body></SOAP-ENV:Envelope>`)
	return b.Bytes()
}

// parse reads a reply of at most so many elements and returns the response or Fault of its body.
// References between elements are resolved. It refuses a DOCTYPE.
func parse(raw []byte, contentType string, most int) (*Node, error) {
	decoder := xml.NewDecoder(bytes.NewReader(xmltext.UTF8(raw, contentType)))
	// The text is already UTF-8, whatever its declaration says.
	decoder.CharsetReader = func(_ string, input io.Reader) (io.Reader, error) { return input, nil }
	root, err := parseTree(decoder, most)
	if err != nil {
		return nil, err
	}
	if root.node.Name != "Envelope" {
		return nil, &MalformedError{"not a SOAP envelope"}
	}
	body := root.child("Body")
	if body == nil || len(body.children) == 0 {
		return nil, &MalformedError{"the body is empty"}
	}
	return resolve(root, body.answer(), most)
}

// element is an element before its references are resolved. A list has half a million of them.
type element struct {
	node     *Node  // without children
	kind     string // local part of xsi:type
	id, href string
	children []*element

	resolved, open bool
	// Of the resolved node: how many elements it has, how long their texts are, and how deep
	// it is.
	size, bytes, height int
}

func (e *element) child(name string) *element {
	for _, child := range e.children {
		if child.node.Name == name {
			return child
		}
	}
	return nil
}

// answer returns the response or Fault of a body. Elements that are only referred to may
// stand beside it, and have ids.
func (e *element) answer() *element {
	for _, child := range e.children {
		if child.id == "" {
			return child
		}
	}
	return e.children[0]
}

// parseTree reads raw tokens: of the prefixes only that of the attribute type means
// something here, and resolving them is most of what encoding/xml would do besides
// matching end tags.
func parseTree(decoder *xml.Decoder, most int) (*element, error) {
	var root *element
	var open []opened
	names := words{}
	elements := 0
	for {
		token, err := decoder.RawToken()
		if errors.Is(err, io.EOF) && root != nil && len(open) == 0 {
			return root, nil
		}
		if err != nil {
			// Errors of the parser quote the document.
			return nil, &MalformedError{"not well-formed XML"}
		}
		switch t := token.(type) {
		case xml.Directive:
			return nil, &MalformedError{"it has a DOCTYPE"}
		case xml.StartElement:
			if elements++; elements > most || len(open) >= maxDepth {
				return nil, &MalformedError{"too many elements"}
			}
			next := begin(t, names)
			switch {
			case len(open) > 0:
				parent := open[len(open)-1].element
				parent.children = append(parent.children, next)
			case root != nil:
				return nil, &MalformedError{"more than one document"}
			default:
				root = next
			}
			open = append(open, opened{element: next, tag: t.Name})
		case xml.EndElement:
			last := len(open) - 1
			if last < 0 || open[last].tag != t.Name {
				return nil, &MalformedError{"not well-formed XML"}
			}
			open[last].node.text = string(bytes.TrimSpace(open[last].text))
			open = open[:last]
		case xml.CharData:
			if len(open) > 0 {
				text := &open[len(open)-1].text
				*text = append(*text, t...)
			}
		}
	}
}

// opened is an element whose end has not come.
type opened struct {
	*element

	tag  xml.Name
	text []byte
}

// words keeps one copy of each word that repeats from element to element.
type words map[string]string

func (w words) one(word string) string {
	known, ok := w[word]
	if !ok {
		w[word], known = word, word
	}
	return known
}

func begin(start xml.StartElement, names words) *element {
	e := &element{node: &Node{Name: names.one(start.Name.Local)}}
	for _, attribute := range start.Attr {
		switch attribute.Name.Local {
		case "id":
			e.id = attribute.Value
		case "href":
			e.href = attribute.Value
		case "nil":
			e.node.Nil = attribute.Value == "true" || attribute.Value == "1"
		case "type":
			if attribute.Name.Space != "" {
				e.kind = names.one(attribute.Value[strings.IndexByte(attribute.Value, ':')+1:])
			}
		}
	}
	return e
}
