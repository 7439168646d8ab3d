package orders

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// node is a parsed JSON value that keeps what encoding/json drops: the order of
// an object's keys, doubled keys, and the text of a value as it was written.
type node struct {
	kind    nodeKind
	text    string // of a string, or of a number as written
	flag    bool
	members []member // of an object, doubled keys included
	elems   []*node  // of an array
	raw     []byte   // the whole value
}

type member struct {
	key   string
	value *node
}

type nodeKind byte

const (
	nodeNull nodeKind = iota
	nodeBool
	nodeNumber
	nodeString
	nodeArray
	nodeObject
)

// parseTree reads exactly one JSON value of at most MaxJSONSize bytes.
func parseTree(r io.Reader) (*node, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxJSONSize+1))
	if err != nil {
		return nil, fmt.Errorf("orders: read JSON: %w", err)
	}
	if len(data) > MaxJSONSize {
		return nil, ErrTooLarge
	}
	return parseTreeBytes(data)
}

func parseTreeBytes(data []byte) (*node, error) {
	if !utf8.Valid(data) {
		return nil, ErrNotText
	}
	// Decoding checks the grammar; the tokens below are looser.
	decoder := json.NewDecoder(bytes.NewReader(data))
	var raw json.RawMessage
	if err := decoder.Decode(&raw); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, errors.New("orders: the JSON document is empty")
		}
		return nil, fmt.Errorf("orders: the document is not JSON: %w", err)
	}
	if len(bytes.TrimSpace(data[decoder.InputOffset():])) > 0 {
		return nil, ErrTrailingData
	}
	t := treeParser{data: raw, decoder: json.NewDecoder(bytes.NewReader(raw))}
	t.decoder.UseNumber()
	return t.value(0)
}

type treeParser struct {
	data    []byte
	decoder *json.Decoder
}

func (t *treeParser) value(depth int) (*node, error) {
	token, err := t.decoder.Token()
	if err != nil {
		return nil, fmt.Errorf("orders: the document is not JSON: %w", err)
	}
	switch v := token.(type) {
	case bool:
		return &node{kind: nodeBool, flag: v}, nil
	case json.Number:
		return &node{kind: nodeNumber, text: v.String()}, nil
	case string:
		return &node{kind: nodeString, text: v}, nil
	case json.Delim:
		return t.nested(v, depth+1)
	}
	return &node{kind: nodeNull}, nil
}

// nested reads an object or array up to its closing delimiter.
func (t *treeParser) nested(open json.Delim, depth int) (*node, error) {
	if depth > MaxJSONDepth {
		return nil, ErrTooDeep
	}
	start := t.decoder.InputOffset() - 1
	n := &node{kind: nodeArray}
	if open == '{' {
		n.kind = nodeObject
	}
	for t.decoder.More() {
		var key string
		if n.kind == nodeObject {
			token, err := t.decoder.Token()
			if err != nil {
				return nil, fmt.Errorf("orders: the document is not JSON: %w", err)
			}
			key, _ = token.(string)
		}
		value, err := t.value(depth)
		if err != nil {
			return nil, err
		}
		if n.kind == nodeObject {
			n.members = append(n.members, member{key, value})
		} else {
			n.elems = append(n.elems, value)
		}
	}
	if _, err := t.decoder.Token(); err != nil {
		return nil, fmt.Errorf("orders: the document is not JSON: %w", err)
	}
	n.raw = t.data[start:t.decoder.InputOffset()]
	return n, nil
}

// doubledKey returns the path of the first key that stands twice in an object
// anywhere in the value.
func (n *node) doubledKey(path string) (string, bool) {
	seen := map[string]bool{}
	for _, m := range n.members {
		if seen[m.key] {
			return pointer(path, m.key), true
		}
		seen[m.key] = true
		if at, ok := m.value.doubledKey(pointer(path, m.key)); ok {
			return at, true
		}
	}
	for i, elem := range n.elems {
		if at, ok := elem.doubledKey(pointer(path, i)); ok {
			return at, true
		}
	}
	return "", false
}

// The writer builds values of these kinds: jsonObject, []any, string, int,
// bool and json.RawMessage.
type (
	jsonObject []jsonField
	jsonField  struct {
		name  string
		value any
	}
)

// set adds a field under a path of nested objects, which it makes when they are
// not there yet.
func (o *jsonObject) set(path []string, value any) {
	if len(path) == 1 {
		*o = append(*o, jsonField{path[0], value})
		return
	}
	for _, field := range *o {
		if inner, ok := field.value.(*jsonObject); ok && field.name == path[0] {
			inner.set(path[1:], value)
			return
		}
	}
	inner := &jsonObject{}
	inner.set(path[1:], value)
	*o = append(*o, jsonField{path[0], inner})
}

// encode writes a value without blanks.
func encode(b *bytes.Buffer, value any) error {
	switch v := value.(type) {
	case *jsonObject:
		return encode(b, *v)
	case jsonObject:
		b.WriteByte('{')
		for i, field := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			if err := encode(b, field.name); err != nil {
				return err
			}
			b.WriteByte(':')
			if err := encode(b, field.value); err != nil {
				return err
			}
		}
		b.WriteByte('}')
	case []any:
		b.WriteByte('[')
		for i, elem := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			if err := encode(b, elem); err != nil {
				return err
			}
		}
		b.WriteByte(']')
	case json.RawMessage:
		b.Write(v)
	default:
		// Not json.Marshal: it would escape <, > and & in names and addresses.
		encoder := json.NewEncoder(b)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(v); err != nil {
			return errors.New("orders: a value cannot be written as JSON")
		}
		b.Truncate(b.Len() - 1) // Encode ends with a line feed
	}
	return nil
}
