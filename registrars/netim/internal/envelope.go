package internal

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strconv"

	"domainprovisioning/wire/xmltext"
)

// Limits of a reply in addition to its size: far above what the API answers, and far
// below what would do harm.
const (
	maxDepth    = 32
	maxElements = 200_000
)

// envelope writes a call as PHP's own SOAP client does: SOAP 1.1, RPC/encoded, with
// the parts in the given order, each with its type.
func envelope(function string, parts []Part) []byte {
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" +
		`<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"` +
		` xmlns:ns1="` + namespace + `" xmlns:xsd="http://www.w3.org/2001/XMLSchema"` +
		` xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"` +
		` xmlns:ns2="http://xml.apache.org/xml-soap"` +
		` xmlns:SOAP-ENC="http://schemas.xmlsoap.org/soap/encoding/"` +
		` SOAP-ENV:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/">` +
		`<SOAP-ENV:Body><ns1:` + function + `>`)
	for _, part := range parts {
		part.write(&b)
	}
	b.WriteString(`</ns1:` + function + `></SOAP-ENV:Body></SOAP-ENV:Envelope>`)
	return b.Bytes()
}

func (p Part) write(b *bytes.Buffer) {
	b.WriteString("<" + p.Name)
	if p.Type != "" {
		b.WriteString(` xsi:type="` + p.Type + `"`)
	}
	if p.itemType != "" {
		b.WriteString(` SOAP-ENC:arrayType="` + p.itemType + `[` + strconv.Itoa(len(p.Members)) + `]"`)
	}
	b.WriteString(">")
	if p.Members == nil {
		_ = xml.EscapeText(b, []byte(p.Text)) // a Buffer does not fail
	}
	for _, member := range p.Members {
		member.write(b)
	}
	b.WriteString("</" + p.Name + ">")
}

// parse reads a reply and returns the first element of its body: a response or a
// Fault. It refuses a DOCTYPE. It also refuses references between elements, because
// it would read them as empty values.
func parse(raw []byte, contentType string) (*Node, error) {
	decoder := xml.NewDecoder(bytes.NewReader(xmltext.UTF8(raw, contentType)))
	// The text is already UTF-8, whatever its declaration says.
	decoder.CharsetReader = func(_ string, input io.Reader) (io.Reader, error) { return input, nil }
	root, err := parseTree(decoder)
	if err != nil {
		return nil, err
	}
	if root.Name != "Envelope" {
		return nil, &MalformedError{"not a SOAP envelope"}
	}
	for _, child := range root.Children {
		if child.Name == "Body" && len(child.Children) > 0 {
			return child.Children[0], nil
		}
	}
	return nil, &MalformedError{"the body is empty"}
}

// opened is an element whose end has not been read yet.
type opened struct {
	node *Node
	tag  xml.Name // as it was written
	text []byte
}

// parseTree reads raw tokens: prefixes mean nothing here, and resolving them is most
// of what encoding/xml would do besides matching end tags.
func parseTree(decoder *xml.Decoder) (*Node, error) {
	var root *Node
	var open []opened
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
			if elements++; elements > maxElements || len(open) >= maxDepth {
				return nil, &MalformedError{"too many elements"}
			}
			node := &Node{Name: t.Name.Local}
			for _, attribute := range t.Attr {
				switch attribute.Name.Local {
				case "href":
					return nil, &MalformedError{"it refers to another element"}
				case "nil":
					node.Nil = attribute.Value == "true" || attribute.Value == "1"
				}
			}
			switch {
			case len(open) > 0:
				parent := open[len(open)-1].node
				parent.Children = append(parent.Children, node)
			case root != nil:
				return nil, &MalformedError{"more than one document"}
			default:
				root = node
			}
			open = append(open, opened{node: node, tag: t.Name})
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
