package config

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// shape compares a part of the file with the type that it is read into. YAML's own errors quote
// the value, which may be a secret, and name no key; these name the whole key and the rule.
type shape struct{ mistakes []error }

func (s *shape) wrong(node *yaml.Node, format string, args ...any) {
	s.mistakes = append(s.mistakes, fmt.Errorf("config: line %d: %s", node.Line, fmt.Sprintf(format, args...)))
}

// walk compares a node. path is its key.
func (s *shape) walk(node *yaml.Node, t reflect.Type, path string) {
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	if node.Kind == yaml.ScalarNode && node.Tag == "!!null" {
		return // as if it were not there
	}
	if t == reflect.TypeFor[Registrar]() {
		s.account(node, path)
		return
	}
	if isLeaf(t) {
		s.leaf(node, t, path)
		return
	}
	switch t.Kind() {
	case reflect.Struct:
		s.fields(node, t, path)
	case reflect.Map:
		if !s.isMap(node, path) {
			return
		}
		for _, e := range s.entries(node, path) {
			s.leaf(e.key, t.Key(), under(path, e.key.Value))
			s.walk(e.value, t.Elem(), under(path, e.key.Value))
		}
	case reflect.Slice:
		if node.Kind != yaml.SequenceNode {
			s.wrong(node, "%s must be a list", path)
			return
		}
		for n, element := range node.Content {
			s.walk(element, t.Elem(), fmt.Sprintf("%s[%d]", path, n))
		}
	}
}

func isLeaf(t reflect.Type) bool {
	if reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
		return true
	}
	switch t.Kind() {
	case reflect.Struct, reflect.Map, reflect.Slice:
		return false
	}
	return true
}

func under(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func (s *shape) isMap(node *yaml.Node, path string) bool {
	if node.Kind == yaml.MappingNode {
		return true
	}
	if path == "" {
		path = "the file"
	}
	s.wrong(node, "%s must be keys with their values", path)
	return false
}

// entries lists the entries of a mapping, and reports keys that are there twice.
func (s *shape) entries(node *yaml.Node, path string) []entry {
	var seen []string
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := node.Content[i]
		if key.Tag != "!!merge" && slices.Contains(seen, key.Value) {
			s.wrong(key, "%s is there twice", under(path, key.Value))
		}
		seen = append(seen, key.Value)
	}
	return entries(node)
}

func (s *shape) fields(node *yaml.Node, t reflect.Type, path string) {
	if !s.isMap(node, path) {
		return
	}
	for _, e := range s.entries(node, path) {
		if field, ok := fieldOf(t, e.key.Value); ok {
			s.walk(e.value, field, under(path, e.key.Value))
		} else {
			s.wrong(e.key, "unknown key %s", under(path, e.key.Value))
		}
	}
}

// account compares the keys that all accounts have. The others belong to the plug-in.
func (s *shape) account(node *yaml.Node, path string) {
	if !s.isMap(node, path) {
		return
	}
	for _, e := range s.entries(node, path) {
		if field, ok := fieldOf(reflect.TypeFor[Registrar](), e.key.Value); ok {
			s.walk(e.value, field, under(path, e.key.Value))
		}
	}
}

func fieldOf(t reflect.Type, key string) (reflect.Type, bool) {
	for i, name := range keys(t) {
		if name == key {
			return t.Field(i).Type, true
		}
	}
	return nil, false
}

// leaf compares a single value with its type, as YAML reads it.
func (s *shape) leaf(node *yaml.Node, t reflect.Type, path string) {
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	if node.Kind != yaml.ScalarNode || node.Decode(reflect.New(t).Interface()) != nil {
		s.wrong(node, "%s %s", path, ruleOf(t))
	}
}

// ruleOf says what a value of a type must be.
func ruleOf(t reflect.Type) string {
	if t == reflect.TypeFor[time.Duration]() {
		return "must be a duration such as 90s, 10m or 120h"
	}
	switch t.Kind() {
	case reflect.Int, reflect.Int64:
		return "must be a whole number"
	case reflect.Float64:
		return "must be a number"
	case reflect.Bool:
		return "must be true or false"
	case reflect.String:
		return "must be a text"
	}
	return "cannot be read"
}

// syntax translates an error about the file as a whole. YAML quotes parts of it.
func syntax(err error) error {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	if strings.Contains(text, "unknown anchor") {
		return errors.New("config: a value begins with *, which has a meaning in YAML: put it in quotes")
	}
	if strings.ContainsAny(text, "`'\"") {
		place, _, _ := strings.Cut(text, ": ")
		return fmt.Errorf("config: %s: this is not YAML", place)
	}
	return fmt.Errorf("config: %s", text)
}
