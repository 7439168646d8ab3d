package internal

import (
	"bytes"
	"encoding/xml"
	"maps"
	"slices"
	"strconv"
)

// Value is an argument of a call, or what a member of one holds. An argument has no name:
// the order of the arguments carries a call (see partName).
type Value struct {
	Type, Text string
	Members    []Member
	itemType   string // type of the items, for an array
	secret     bool   // in no dump and no error
	null       bool
}

// Member is a member of a struct, or an item of an array or a map. The names of members
// are documented.
type Member struct {
	Name  string
	Value Value
}

// String returns a value of type xsd:string.
func String(text string) Value { return Value{Type: "xsd:string", Text: text} }

// Secret is like String, for a text that no dump and no error may show.
func Secret(text string) Value { return Value{Type: "xsd:string", Text: text, secret: true} }

// Int returns a value of type xsd:int.
func Int(number int) Value { return Value{Type: "xsd:int", Text: strconv.Itoa(number)} }

// Nil stands for an optional argument that is not given. Clients that know the WSDL send it
// so, and a server that binds by position then has as many arguments as its function.
func Nil() Value { return Value{null: true} }

// Struct returns a struct of the API.
func Struct(of string, members ...Member) Value { return Value{Type: "ns1:" + of, Members: members} }

// Array returns an array whose items have a type of the API; build makes each of them.
func Array[T any](of string, values []T, build func(T) Value) Value {
	array := Value{Type: "SOAP-ENC:Array", itemType: "ns1:" + of, Members: []Member{}}
	for _, value := range values {
		array.Members = append(array.Members, Member{"item", build(value)})
	}
	return array
}

// Strings returns an array of strings.
func Strings(texts []string) Value {
	array := Array("", texts, String)
	array.itemType = "xsd:string"
	return array
}

// Map returns an Apache Map of strings, ordered by key.
func Map(values map[string]string) Value { return NestedMap(values, nil) }

// NestedMap is like Map, but also holds maps of strings.
func NestedMap(values map[string]string, nested map[string]map[string]string) Value {
	entries := map[string]Value{}
	for key, text := range values {
		entries[key] = String(text)
	}
	for key, inner := range nested {
		entries[key] = Map(inner)
	}
	all := Value{Type: "ns2:Map", Members: []Member{}}
	for _, key := range slices.Sorted(maps.Keys(entries)) {
		entry := Value{Members: []Member{{"key", String(key)}, {"value", entries[key]}}}
		all.Members = append(all.Members, Member{"item", entry})
	}
	return all
}

// Texts lists the texts of the values at every depth.
func Texts(values []Value) []string {
	var texts []string
	for _, value := range values {
		if value.Text != "" {
			texts = append(texts, value.Text)
		}
		for _, member := range value.Members {
			texts = append(texts, Texts([]Value{member.Value})...)
		}
	}
	return texts
}

func (v Value) write(b *bytes.Buffer, name string) {
	if v.null {
		b.WriteString("<" + name + ` xsi:nil="true"/>`)
		return
	}
	b.WriteString("<" + name)
	if v.Type != "" {
		b.WriteString(` xsi:type="` + v.Type + `"`)
	}
	if v.itemType != "" {
		b.WriteString(` SOAP-ENC:arrayType="` + v.itemType + `[` + strconv.Itoa(len(v.Members)) + `]"`)
	}
	b.WriteString(">")
	if v.Members == nil {
		_ = xml.EscapeText(b, []byte(v.Text)) // a Buffer does not fail
	}
	for _, member := range v.Members {
		member.Value.write(b, member.Name)
	}
	b.WriteString("</" + name + ">")
}
