package epp

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"domainprovisioning/wire/xmltext"
)

// Namespaces of attributes that any element may have.
const (
	nsXSI   = "http://www.w3.org/2001/XMLSchema-instance"
	nsXML   = "http://www.w3.org/XML/1998/namespace"
	maxDeep = 32
)

// node is an element of a frame. A nil node has no children and no text, so that a path through
// optional elements needs no tests.
type node struct {
	space, local string
	attrs        map[string]string // those without a namespace
	foreign      []string          // the names of those with one, as far as it is not nsXSI
	children     []*node
	text         string // normalised once the grammar has read the frame
}

// get returns the first child with a name.
func (n *node) get(local string) *node {
	if n == nil {
		return nil
	}
	for _, child := range n.children {
		if child.local == local {
			return child
		}
	}
	return nil
}

// all returns the children with a name.
func (n *node) all(local string) []*node {
	if n == nil {
		return nil
	}
	var found []*node
	for _, child := range n.children {
		if child.local == local {
			found = append(found, child)
		}
	}
	return found
}

// first returns the first child.
func (n *node) first() *node {
	if n == nil || len(n.children) == 0 {
		return nil
	}
	return n.children[0]
}

// value returns the text of the first child with a name.
func (n *node) value(local string) string {
	if child := n.get(local); child != nil {
		return child.text
	}
	return ""
}

// attr returns an attribute.
func (n *node) attr(name string) string {
	if n == nil {
		return ""
	}
	return n.attrs[name]
}

// empty: there are neither children nor text.
func (n *node) empty() bool {
	return n == nil || len(n.children) == 0 && strings.TrimSpace(n.text) == ""
}

// parse reads a frame into its root element, in UTF-8 or another charset that it names (RFC 5730,
// section 5). It refuses a document type, which EPP has no use for, and what encoding/xml lets
// through: two attributes of one name, text or a second element after the root, and a declaration
// that is not at the beginning.
func parse(frame []byte) (*node, error) {
	text, err := xmltext.Strict(frame, "")
	if wrong, ok := errors.AsType[*xmltext.CharsetError](err); ok {
		return nil, errors.New("epp: " + wrong.Problem)
	}
	decoder := xml.NewDecoder(bytes.NewReader(text))
	decoder.CharsetReader = func(_ string, input io.Reader) (io.Reader, error) { return input, nil } // it is UTF-8 by now
	var open []*node
	var root *node
	for {
		start := decoder.InputOffset()
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("epp: %w", err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			made, err := newNode(token)
			if err != nil {
				return nil, err
			}
			switch {
			case len(open) == maxDeep:
				return nil, errors.New("epp: elements are nested too deep")
			case len(open) > 0:
				parent := open[len(open)-1]
				parent.children = append(parent.children, made)
			case root != nil:
				return nil, errors.New("epp: more than one root element")
			default:
				root = made
			}
			open = append(open, made)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if len(open) > 0 {
				open[len(open)-1].text += string(token)
			} else if len(bytes.TrimSpace(token)) > 0 {
				return nil, errors.New("epp: text outside the root element")
			}
		case xml.ProcInst:
			if strings.EqualFold(token.Target, "xml") && start > 0 {
				return nil, errors.New("epp: an XML declaration that is not at the beginning")
			}
		case xml.Directive:
			return nil, errors.New("epp: a document type declaration")
		}
	}
	if root == nil {
		return nil, errors.New("epp: no element")
	}
	return root, nil
}

func newNode(token xml.StartElement) (*node, error) {
	made := &node{space: token.Name.Space, local: token.Name.Local, attrs: map[string]string{}}
	seen := map[xml.Name]bool{}
	for _, attribute := range token.Attr {
		if seen[attribute.Name] {
			return nil, fmt.Errorf("epp: element %s has the attribute %s twice", made.local, attribute.Name.Local)
		}
		seen[attribute.Name] = true
		switch {
		case attribute.Name.Space == "xmlns", attribute.Name.Space == "" && attribute.Name.Local == "xmlns":
		case attribute.Name.Space == nsXSI && (attribute.Name.Local == "schemaLocation" || attribute.Name.Local == "noNamespaceSchemaLocation"):
		case attribute.Name.Space == "":
			made.attrs[attribute.Name.Local] = attribute.Value
		default:
			made.foreign = append(made.foreign, attribute.Name.Local)
		}
	}
	return made, nil
}
