package xmlrpc

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"strings"
)

// value reads up to and including </value>. Text without a type element is a
// string and keeps its blanks.
func (d *decoder) value(depth int) (any, error) {
	if depth > d.limits.MaxDepth {
		return nil, d.inLine(ErrTooDeep)
	}
	if d.values++; d.values > d.limits.MaxValues {
		return nil, d.inLine(ErrTooManyValues)
	}
	var text []byte
	for {
		token, err := d.token()
		if errors.Is(err, io.EOF) {
			return nil, d.malformed("the document ends too early")
		}
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.CharData:
			text = append(text, t...)
		case xml.EndElement:
			if t.Name.Local != "value" {
				return nil, d.malformed("an end tag does not match")
			}
			return string(text), nil
		case xml.StartElement:
			if len(bytes.TrimSpace(text)) > 0 {
				return nil, d.malformed("text beside a type element")
			}
			value, err := d.typed(t.Name.Local, depth)
			if err != nil {
				return nil, err
			}
			return value, d.end("value")
		}
	}
}

func (d *decoder) typed(kind string, depth int) (any, error) {
	switch kind {
	case "array":
		return d.array(depth)
	case "struct":
		return d.members(depth)
	case "nil":
		if !d.takesNil {
			return nil, d.inLine(ErrNil)
		}
		return nil, d.empty("nil")
	case "string", "i4", "int", "boolean", "double", "base64", "dateTime.iso8601":
	default:
		return nil, d.malformed("a value of the type <" + memberName(kind) + ">, which is not known")
	}
	text, err := d.text(kind)
	if err != nil || kind == "string" {
		return text, err
	}
	value, wrong := scalar(kind, strings.TrimSpace(text))
	if wrong != "" {
		return nil, d.malformed(wrong)
	}
	return value, nil
}

// empty reads up to and including the end tag of an element that holds nothing.
func (d *decoder) empty(name string) error {
	text, err := d.text(name)
	if err == nil && strings.TrimSpace(text) != "" {
		err = d.malformed("text inside <" + name + ">")
	}
	return err
}

// text reads up to and including the end tag of an element without children.
func (d *decoder) text(name string) (string, error) {
	var text []byte
	for {
		token, err := d.token()
		if errors.Is(err, io.EOF) {
			return "", d.malformed("the document ends too early")
		}
		if err != nil {
			return "", err
		}
		switch t := token.(type) {
		case xml.CharData:
			text = append(text, t...)
		case xml.EndElement:
			if t.Name.Local != name {
				return "", d.malformed("an end tag does not match")
			}
			return string(text), nil
		default:
			return "", d.malformed("an element inside <" + name + ">")
		}
	}
}

func (d *decoder) array(depth int) (any, error) {
	if err := d.start("data"); err != nil {
		return nil, err
	}
	elements := []any{}
	for {
		name, err := d.open("data")
		if err != nil {
			return nil, err
		}
		if name == "" {
			return elements, d.end("array")
		}
		if name != "value" {
			return nil, d.malformed("expected <value>")
		}
		value, err := d.value(depth + 1)
		if err != nil {
			return nil, within(element(len(elements)), err)
		}
		elements = append(elements, value)
	}
}

func (d *decoder) members(depth int) (any, error) {
	members := Struct{}
	absent := false
	for {
		open, err := d.open("struct")
		if err != nil {
			return nil, err
		}
		if open == "" {
			if absent {
				maps.DeleteFunc(members, func(_ string, value any) bool { return value == nil })
			}
			return members, nil
		}
		if open != "member" {
			return nil, d.malformed("expected <member>")
		}
		if err := d.start("name"); err != nil {
			return nil, err
		}
		name, err := d.text("name")
		if err != nil {
			return nil, err
		}
		if _, twice := members[name]; twice {
			return nil, within(memberName(name), ErrDuplicateMember)
		}
		value, err := d.wrapped("member", depth+1)
		if err != nil {
			return nil, within(memberName(name), err)
		}
		members[name] = value
		absent = absent || value == nil
	}
}
