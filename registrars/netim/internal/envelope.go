package internal

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"mime"
	"strconv"
	"strings"

	"golang.org/x/text/encoding/htmlindex"
)

// Limits of a reply beside its size: far above what the API answers, far below
// what would hurt.
const (
	maxDepth    = 32
	maxElements = 200_000
)

// envelope writes a call as PHP's own client does: SOAP 1.1, RPC/encoded, the
// parts in the order given, each with its type.
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
// Fault. It refuses a DOCTYPE, and references between elements, whose targets
// would be read as empty values.
func parse(raw []byte, contentType string) (*Node, error) {
	decoder := xml.NewDecoder(bytes.NewReader(toUTF8(raw, contentType)))
	// toUTF8 has honoured the declaration already.
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

func parseTree(decoder *xml.Decoder) (*Node, error) {
	var root *Node
	var open []*Node
	var texts []*strings.Builder
	elements := 0
	for {
		token, err := decoder.Token()
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
				parent := open[len(open)-1]
				parent.Children = append(parent.Children, node)
			case root != nil:
				return nil, &MalformedError{"more than one document"}
			default:
				root = node
			}
			open, texts = append(open, node), append(texts, &strings.Builder{})
		case xml.EndElement:
			last := len(open) - 1
			open[last].text = strings.TrimSpace(texts[last].String())
			open, texts = open[:last], texts[:last]
		case xml.CharData:
			if len(open) > 0 {
				_, _ = texts[len(open)-1].Write(t)
			}
		}
	}
}

// toUTF8 turns a document into UTF-8 that the parser accepts. It follows the XML
// declaration, else the Content-Type; an unknown charset is read as UTF-8, bytes
// that are not UTF-8 become U+FFFD and control characters are dropped: a damaged
// letter in a message is better than a lost reply.
func toUTF8(raw []byte, contentType string) []byte {
	raw = bytes.TrimPrefix(raw, []byte("\xEF\xBB\xBF"))
	label := declaredCharset(raw)
	if label == "" {
		if _, params, err := mime.ParseMediaType(contentType); err == nil {
			label = params["charset"]
		}
	}
	if charset, err := htmlindex.Get(label); err == nil {
		name, _ := htmlindex.Name(charset)
		// "replacement" stands for refused charsets and drops everything; UTF-16
		// cannot be what a declaration of single bytes is written in.
		if name != "utf-8" && name != "replacement" && !strings.HasPrefix(name, "utf-16") {
			if decoded, err := charset.NewDecoder().Bytes(raw); err == nil {
				raw = decoded
			}
		}
	}
	raw = bytes.ToValidUTF8(raw, []byte("\uFFFD"))
	return bytes.Map(func(r rune) rune {
		if r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			return -1
		}
		return r
	}, raw)
}

// declaredCharset returns the encoding of the XML declaration, or "".
func declaredCharset(raw []byte) string {
	head := bytes.TrimLeft(raw[:min(len(raw), 200)], " \t\r\n")
	declaration, _, ok := bytes.Cut(head, []byte("?>"))
	if !ok || !bytes.HasPrefix(declaration, []byte("<?xml")) {
		return ""
	}
	_, rest, _ := bytes.Cut(declaration, []byte("encoding"))
	rest = bytes.TrimLeft(rest, " \t\r\n=")
	if len(rest) == 0 {
		return ""
	}
	label, _, _ := bytes.Cut(rest[1:], rest[:1])
	return string(label)
}
