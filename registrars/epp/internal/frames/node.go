package frames

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"

	"domainprovisioning/registrars/epp/internal/objects"
	"domainprovisioning/wire/xmltext"
)

const (
	// deepest is how deep elements may be nested; the deepest of the schemas is at 9.
	deepest = 32
	// mostElements limits the elements of a frame, whose size is limited too.
	mostElements = 20_000
)

// node is an element. Texts between elements are kept together.
type node struct {
	space, name string
	attributes  []xml.Attr
	text        []byte
	children    []*node
	// after is how much of its parent's text stands before it.
	after int
}

// parse reads a document. There is no DTD in EPP, and a peer that sends one is not understood.
func parse(frame []byte) (*node, error) {
	decoder := xml.NewDecoder(bytes.NewReader(xmltext.UTF8(frame, "")))
	decoder.CharsetReader = func(_ string, input io.Reader) (io.Reader, error) { return input, nil } // it is UTF-8 by now
	var root *node
	var open []*node
	for elements := 0; ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) && root != nil && len(open) == 0 {
			return root, nil
		}
		if err != nil {
			return nil, &objects.MalformedError{Why: "it is not well-formed"}
		}
		switch token := token.(type) {
		case xml.StartElement:
			if elements++; elements > mostElements || len(open) == deepest {
				return nil, &objects.MalformedError{Why: "it has too many elements, or too deep ones"}
			}
			if len(open) == 0 && root != nil {
				return nil, &objects.MalformedError{Why: "it has two roots"}
			}
			made := &node{space: token.Name.Space, name: token.Name.Local, attributes: token.Attr}
			if len(open) == 0 {
				root = made
			} else {
				parent := open[len(open)-1]
				made.after = len(parent.text)
				parent.children = append(parent.children, made)
			}
			open = append(open, made)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if len(open) > 0 {
				top := open[len(open)-1]
				top.text = append(top.text, token...)
			}
		case xml.Directive:
			return nil, &objects.MalformedError{Why: "it has a document type"}
		}
	}
}

// child returns the first child of a name; nil if there is none. It may be called on nil, and so
// may the methods below.
func (n *node) child(space, name string) *node {
	if n == nil {
		return nil
	}
	for _, child := range n.children {
		if child.name == name && child.space == space {
			return child
		}
	}
	return nil
}

// has reports whether there is a child of a namespace.
func (n *node) has(space string) bool {
	return n != nil && slices.ContainsFunc(n.children, func(child *node) bool { return child.space == space })
}

// all returns the children of a name.
func (n *node) all(space, name string) []*node {
	if n == nil {
		return nil
	}
	var found []*node
	for _, child := range n.children {
		if child.name == name && child.space == space {
			found = append(found, child)
		}
	}
	return found
}

// value is the text without the blanks around it.
func (n *node) value() string {
	if n == nil {
		return ""
	}
	return string(bytes.TrimSpace(n.text))
}

// of is the value of a child.
func (n *node) of(space, name string) string { return n.child(space, name).value() }

// under is the value of the first element of a name that is a child of a child; "" if there is none.
func (n *node) under(space, name string) string {
	if n == nil {
		return ""
	}
	for _, child := range n.children {
		if value := child.of(space, name); value != "" {
			return value
		}
	}
	return ""
}

// attribute is the value of an attribute of the schema, which is in no namespace; "" if there is
// none.
func (n *node) attribute(name string) string {
	if n == nil {
		return ""
	}
	for _, attribute := range n.attributes {
		if attribute.Name.Local == name && attribute.Name.Space == "" {
			return strings.TrimSpace(attribute.Value)
		}
	}
	return ""
}

// words is all text below as it stands there, with single blanks: messages may have elements in them.
func (n *node) words() string {
	if n == nil {
		return ""
	}
	var parts []string
	read := 0
	for _, child := range n.children {
		parts = append(parts, string(n.text[read:child.after]), child.words())
		read = child.after
	}
	return token(strings.Join(append(parts, string(n.text[read:])), " "))
}

// names lists the elements below, as a schema's prefix would name them: "domain:period".
func (n *node) names() []string {
	if n == nil {
		return nil
	}
	var all []string
	for _, child := range n.children {
		all = append(all, prefixes[child.space]+child.name)
		all = append(all, child.names()...)
	}
	return all
}

var prefixes = map[string]string{
	Domains: "domain:", Contacts: "contact:", Hosts: "host:", SecDNS: "secDNS:", Grace: "rgp:", Fees: "fee:", feesOfDrafts: "fee:", Launch: "launch:",
}

// isTrue reads a boolean of XML Schema.
func isTrue(text string) bool { return text == "1" || text == "true" }

func missing(what string) error {
	return &objects.MalformedError{Why: "it has no " + what}
}
