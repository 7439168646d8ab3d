package orders

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// node is a parsed JSON value that keeps what encoding/json drops: the order of
// an object's keys, duplicate keys, and the text of a value as written.
type node struct {
	kind    nodeKind
	text    string // of a string, or of a number as written
	flag    bool
	members []member // of an object, including duplicate keys
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
	// Decoding checks the grammar, because the walk below does not.
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
	t := treeParser{data: raw}
	return t.value(0)
}

// treeParser walks over a value whose grammar was already checked.
type treeParser struct {
	data []byte
	at   int
}

// blanks skips to the next byte that is not blank, and returns it.
func (t *treeParser) blanks() byte {
	for {
		switch c := t.data[t.at]; c {
		case ' ', '\t', '\r', '\n':
			t.at++
		default:
			return c
		}
	}
}

func (t *treeParser) value(depth int) (*node, error) {
	switch t.blanks() {
	case '{', '[':
		return t.nested(depth + 1)
	case '"':
		text, err := t.text()
		return &node{kind: nodeString, text: text}, err
	case 't':
		t.at += len("true")
		return &node{kind: nodeBool, flag: true}, nil
	case 'f':
		t.at += len("false")
		return &node{kind: nodeBool}, nil
	case 'n':
		t.at += len("null")
		return &node{kind: nodeNull}, nil
	}
	start := t.at
	for t.at < len(t.data) && strings.IndexByte("+-.eE0123456789", t.data[t.at]) >= 0 {
		t.at++
	}
	return &node{kind: nodeNumber, text: string(t.data[start:t.at])}, nil
}

// text reads a string. Few strings contain anything that needs decoding.
func (t *treeParser) text() (string, error) {
	start := t.at
	for t.at++; t.data[t.at] != '"'; t.at++ {
		if t.data[t.at] == '\\' {
			t.at++
		}
	}
	t.at++
	quoted := t.data[start:t.at]
	if bytes.IndexByte(quoted, '\\') < 0 {
		return string(quoted[1 : len(quoted)-1]), nil
	}
	var text string
	if err := json.Unmarshal(quoted, &text); err != nil {
		return "", fmt.Errorf("orders: the document is not JSON: %w", err)
	}
	return text, nil
}

// nested reads an object or array up to its closing delimiter.
func (t *treeParser) nested(depth int) (*node, error) {
	if depth > MaxJSONDepth {
		return nil, ErrTooDeep
	}
	start := t.at
	n := &node{kind: nodeArray}
	if t.data[t.at] == '{' {
		n.kind = nodeObject
	}
	t.at++
	for c := t.blanks(); c != '}' && c != ']'; c = t.blanks() {
		if c == ',' {
			t.at++
			t.blanks()
		}
		var key string
		if n.kind == nodeObject {
			var err error
			if key, err = t.text(); err != nil {
				return nil, err
			}
			t.blanks()
			t.at++ // the colon
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
	t.at++
	n.raw = t.data[start:t.at]
	return n, nil
}

// doubledKey returns the path of the first key that occurs twice in one object, anywhere in
// the value.
func (n *node) doubledKey(path []any) ([]any, bool) {
	seen := map[string]bool{}
	for _, m := range n.members {
		at := append(slices.Clip(path), m.key)
		if seen[m.key] {
			return at, true
		}
		seen[m.key] = true
		if at, ok := m.value.doubledKey(at); ok {
			return at, true
		}
	}
	for i, elem := range n.elems {
		if at, ok := elem.doubledKey(append(slices.Clip(path), i)); ok {
			return at, true
		}
	}
	return nil, false
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

// set adds a field under a path of nested objects, which it creates if
// necessary.
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
