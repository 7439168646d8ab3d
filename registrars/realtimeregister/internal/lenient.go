package internal

import (
	"encoding/json"
	"reflect"
	"strings"
)

// The API is read leniently: each member of an object by itself. A member of another type than
// documented is treated as if it were not there, so that it does not spoil what stands beside
// it; its name is kept where "not there" and "not readable" make a difference.

// Odd holds the names of the members that could not be read.
type Odd map[string]bool

// lenient reads the members of an object into the fields of target, a pointer to a struct. Its
// error means that the document is no object.
func lenient(document []byte, target any) (Odd, error) {
	all := members(document)
	if all == nil {
		return nil, &MalformedError{"not an object"}
	}
	odd := Odd{}
	readFields(all, reflect.ValueOf(target).Elem(), odd)
	return odd, nil
}

func readFields(all map[string]json.RawMessage, target reflect.Value, odd Odd) {
	for i := range target.NumField() {
		field := target.Type().Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if field.Anonymous {
			readFields(all, target.Field(i), odd)
			continue
		}
		raw, there := all[name]
		if !there || name == "" {
			continue
		}
		if json.Unmarshal(raw, target.Field(i).Addr().Interface()) != nil {
			target.Field(i).SetZero() // what was read before the error is no list to rely on
			odd[name] = true
		}
	}
}

// items reads a list, each item by itself; keep is called for those that can be read. It
// returns how many cannot, and ok is false if there is no list.
func items[T any](document []byte, keep func(T)) (odd int, ok bool) {
	var list []json.RawMessage
	if json.Unmarshal(document, &list) != nil || list == nil {
		return 0, false
	}
	for _, raw := range list {
		var item T
		if isNull(raw) || json.Unmarshal(raw, &item) != nil {
			odd++
			continue
		}
		keep(item)
	}
	return odd, true
}

// isNull reports whether a member is absent or null.
func isNull(raw []byte) bool { return len(raw) == 0 || string(raw) == "null" }
