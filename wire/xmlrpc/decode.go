package xmlrpc

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"domainprovisioning/wire/xmltext"
)

// DecodeCall reads a method call. It refuses <nil/>. A call is never repaired, because what
// it asks for would change: one that is not valid in its charset is refused with an error
// that wraps ErrCharset. A call that came with a content type goes through CallText first.
func DecodeCall(document []byte, limits Limits) (method string, params []any, err error) {
	text, err := strict(document, "")
	if err != nil {
		return "", nil, err
	}
	return decodeCall(text, limits)
}

// decodeCall reads a call that is UTF-8.
func decodeCall(text []byte, limits Limits) (method string, params []any, err error) {
	if int64(len(text)) > limits.withDefaults().MaxBytes {
		return "", nil, ErrTooLarge
	}
	d := newDecoder(text, limits)
	if err := d.start("methodCall"); err != nil {
		return "", nil, err
	}
	if err := d.start("methodName"); err != nil {
		return "", nil, err
	}
	name, err := d.text("methodName")
	if err != nil {
		return "", nil, err
	}
	method = strings.TrimSpace(name)
	if !validMethod(method) {
		return "", nil, d.malformed("the method name is not valid")
	}
	params, err = d.params("methodCall")
	if err != nil {
		return "", nil, err
	}
	return method, params, d.finish()
}

// byteOrderMark marks UTF-8, whatever the declaration of a document says.
const byteOrderMark = "\xEF\xBB\xBF"

// CallText returns a call that came with a content type, whose charset counts, as UTF-8 for
// DecodeCall. The error wraps ErrCharset.
func CallText(document []byte, contentType string) ([]byte, error) {
	text, err := strict(document, contentType)
	if err != nil {
		return nil, err
	}
	return append([]byte(byteOrderMark), text...), nil
}

func strict(document []byte, contentType string) ([]byte, error) {
	text, err := xmltext.Strict(document, contentType)
	if charset, ok := errors.AsType[*xmltext.CharsetError](err); ok {
		return nil, fmt.Errorf("%w: %s", ErrCharset, charset.Problem)
	}
	return text, err
}

// DecodeResponse reads a reply. A fault is returned as a *Fault error. A nil member is
// left out, as if it were absent; a nil element of an array stays, so that the others keep
// their positions.
func DecodeResponse(document []byte, limits Limits) (any, error) {
	if int64(len(document)) > limits.withDefaults().MaxBytes {
		return nil, ErrTooLarge
	}
	d := newDecoder(xmltext.UTF8(document, ""), limits)
	d.takesNil = true
	if err := d.start("methodResponse"); err != nil {
		return nil, err
	}
	name, err := d.open("methodResponse")
	if err != nil {
		return nil, err
	}
	var value any
	switch name {
	case "params":
		value, err = d.single()
	case "fault":
		value, err = d.wrapped("fault", 1)
	default:
		err = d.malformed("a reply holds either params or a fault")
	}
	if err != nil {
		return nil, err
	}
	if err := d.end("methodResponse"); err != nil {
		return nil, err
	}
	if err := d.finish(); err != nil {
		return nil, err
	}
	if name == "fault" {
		return nil, asFault(value)
	}
	return value, nil
}

// asFault is lenient about the members: a fault must stay a fault even if its code is a
// string or its text is missing.
func asFault(value any) error {
	members, ok := value.(Struct)
	if !ok {
		return fmt.Errorf("%w: a fault is not a struct", ErrMalformed)
	}
	code, _ := AsInt(members["faultCode"])
	text, _ := AsString(members["faultString"])
	return &Fault{Code: code, Text: text}
}

// decoder reads raw tokens: the grammar below determines which end tag must follow, so the
// nesting stack of encoding/xml would only cost time.
type decoder struct {
	xml      *xml.Decoder
	limits   Limits
	values   int
	takesNil bool
}

// newDecoder reads a text that is already UTF-8, whatever its declaration says.
func newDecoder(text []byte, limits Limits) *decoder {
	d := xml.NewDecoder(bytes.NewReader(text)) //nolint:gosec // size, depth and number are limited, a DOCTYPE is refused
	d.CharsetReader = func(_ string, input io.Reader) (io.Reader, error) { return input, nil }
	return &decoder{xml: d, limits: limits.withDefaults()}
}

func (d *decoder) malformed(reason string) error {
	line, _ := d.xml.InputPos()
	return fmt.Errorf("%w: line %d: %s", ErrMalformed, line, reason)
}

// inLine adds the line that the decoder has reached.
func (d *decoder) inLine(err error) error {
	line, _ := d.xml.InputPos()
	return fmt.Errorf("%w: line %d", err, line)
}

// token returns the next token that is not a comment or a processing
// instruction. Errors of encoding/xml quote the document, so they are replaced.
func (d *decoder) token() (xml.Token, error) {
	for {
		token, err := d.xml.RawToken()
		if errors.Is(err, io.EOF) {
			return nil, io.EOF
		}
		if err != nil {
			return nil, d.malformed("not well-formed XML")
		}
		switch token.(type) {
		case xml.Comment, xml.ProcInst:
			continue
		case xml.Directive:
			return nil, ErrDoctype
		}
		return token, nil
	}
}

// open reads the next start tag inside parent and returns its name, or "" if parent ends
// instead. Only blanks may come before.
func (d *decoder) open(parent string) (string, error) {
	for {
		token, err := d.token()
		if errors.Is(err, io.EOF) {
			return "", d.malformed("the document ends too early")
		}
		if err != nil {
			return "", err
		}
		switch t := token.(type) {
		case xml.StartElement:
			return t.Name.Local, nil
		case xml.EndElement:
			if t.Name.Local != parent {
				return "", d.malformed("an end tag does not match")
			}
			return "", nil
		case xml.CharData:
			if len(bytes.TrimSpace(t)) > 0 {
				return "", d.malformed("text between elements")
			}
		}
	}
}

func (d *decoder) start(name string) error {
	found, err := d.open("")
	if err != nil {
		return err
	}
	if found != name {
		return d.malformed("expected <" + name + ">")
	}
	return nil
}

func (d *decoder) end(name string) error {
	found, err := d.open(name)
	if err != nil {
		return err
	}
	if found != "" {
		return d.malformed("expected </" + name + ">")
	}
	return nil
}

// finish accepts only blanks and comments after the document.
func (d *decoder) finish() error {
	for {
		token, err := d.token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if text, ok := token.(xml.CharData); !ok || len(bytes.TrimSpace(text)) > 0 {
			return d.malformed("something follows the document")
		}
	}
}

// params reads an optional <params> element and the end tag of parent.
func (d *decoder) params(parent string) ([]any, error) {
	name, err := d.open(parent)
	if err != nil || name == "" {
		return nil, err
	}
	if name != "params" {
		return nil, d.malformed("expected <params>")
	}
	var params []any
	for {
		name, err := d.open("params")
		if err != nil {
			return nil, err
		}
		if name == "" {
			return params, d.end(parent)
		}
		if name != "param" {
			return nil, d.malformed("expected <param>")
		}
		param, err := d.wrapped("param", 1)
		if err != nil {
			return nil, err
		}
		params = append(params, param)
	}
}

// single reads the one parameter of a reply and the end tag of <params>.
func (d *decoder) single() (any, error) {
	if err := d.start("param"); err != nil {
		return nil, err
	}
	value, err := d.wrapped("param", 1)
	if err != nil {
		return nil, err
	}
	return value, d.end("params")
}

// wrapped reads one <value> and the end tag of the element around it.
func (d *decoder) wrapped(parent string, depth int) (any, error) {
	if err := d.start("value"); err != nil {
		return nil, err
	}
	value, err := d.value(depth)
	if err != nil {
		return nil, err
	}
	return value, d.end(parent)
}
