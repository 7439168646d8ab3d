package orders

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Limits on what is read. They limit memory and the length of an answer; no known order
// comes near them.
const (
	MaxValues     = 10_000   // values of the flat list, texts of the JSON form
	MaxTextLength = 64 << 10 // bytes of one string value
	MaxItems      = 100      // ordered items
	MaxContacts   = 100      // additional contacts
	MaxJSONSize   = 1 << 20  // bytes of the JSON form
	MaxJSONDepth  = 32       // nested objects and arrays of the JSON form
	MaxFaults     = 1000     // faults reported; further ones are dropped
)

// Input that exceeds a limit is not checked further, so these are plain errors and not
// Faults.
var (
	ErrTooManyValues   = errors.New("orders: the order holds more than 10000 values")
	ErrTextTooLong     = errors.New("orders: a value is longer than 65536 bytes")
	ErrNotText         = errors.New("orders: a value is not valid UTF-8 text")
	ErrTooManyItems    = errors.New("orders: the order has more than 100 items")
	ErrTooManyContacts = errors.New("orders: the order has more than 100 additional contacts")
	ErrTooLarge        = errors.New("orders: the JSON document is larger than 1 MiB")
	ErrTooDeep         = errors.New("orders: the JSON document is nested deeper than 32 levels")
	ErrTrailingData    = errors.New("orders: data follows the JSON document")
)

// Fault is one reason to refuse an order. It never holds a secret or personal data, only
// names of fields, counts and ids, and at most 80 characters of a name server or a domain.
type Fault struct {
	Rule    int    // one of the Rule constants
	Path    string // JSON pointer (RFC 6901) into the JSON form; "" for the whole order
	Message string // in the words of the form in which the order came
}

// Faults are all faults of an order (the first MaxFaults of them), in the order of its
// parts. As an error it is never empty.
type Faults []Fault //nolint:errname // a list of Fault

// Error returns all messages in one line.
func (f Faults) Error() string {
	messages := make([]string, len(f))
	for i, fault := range f {
		messages[i] = fault.Message
	}
	return "orders: " + strings.Join(messages, "; ")
}

// part is a section of an order.
type part int

const (
	partHead part = iota
	partItems
	partCustomer
	partPayment
	partContacts
	partEnd
)

// Field is a place in the typed order, whatever form it came in.
type Field struct {
	part part
	at   int    // element of a section of several, or none
	path string // within the element; the segments of a JSON pointer
}

// none is the Field.at of a section as a whole.
const none = -1

// WholeOrder is the order as such.
func WholeOrder() Field { return Field{partHead, none, ""} }

// ItemField is a field of an item, such as "domain" or "contacts/owner"; at is the place of
// the item in the order, and "" the item as a whole.
func ItemField(at int, path string) Field { return Field{partItems, at, path} }

// CustomerField is a field of the customer, such as "contact/city".
func CustomerField(path string) Field { return Field{partCustomer, none, path} }

// ContactField is a field of an additional contact, by its place in the order.
func ContactField(at int, path string) Field { return Field{partContacts, at, path} }

// NumberField is the order number.
func NumberField() Field { return head("number") }

func head(path string) Field         { return Field{partHead, none, path} }
func items() Field                   { return Field{partItems, none, ""} }
func paymentField(name string) Field { return Field{partPayment, none, segment(name)} }
func contacts() Field                { return Field{partContacts, none, ""} }
func trailing() Field                { return Field{partEnd, none, ""} }

// in returns a field below this one.
func (f Field) in(path ...any) Field {
	for _, step := range path {
		if f.path != "" {
			f.path += "/"
		}
		f.path += segment(fmt.Sprint(step))
	}
	return f
}

// Pointer returns the JSON pointer of the field in the JSON form.
func (f Field) Pointer() string {
	section := map[part]string{
		partItems: "/items", partCustomer: "/customer", partPayment: "/payment", partContacts: "/additionalContacts", partEnd: "/trailing",
	}[f.part]
	if f.at != none {
		section += "/" + strconv.Itoa(f.at)
	}
	if f.path != "" {
		section += "/" + f.path
	}
	return section
}

// segment escapes a name for a JSON pointer.
func segment(name string) string {
	return strings.ReplaceAll(strings.ReplaceAll(shown(name), "~", "~0"), "/", "~1")
}

// unescaped is the name of an escaped segment.
func unescaped(segment string) string {
	if segment == "" {
		return "a parameter"
	}
	return shownName(strings.ReplaceAll(strings.ReplaceAll(segment, "~1", "/"), "~0", "~"))
}

// shown shortens a text that may be quoted to 80 characters.
func shown(text string) string {
	if utf8.RuneCountInString(text) <= 80 {
		return text
	}
	return string([]rune(text)[:80]) + "..."
}

// shownName is shown for a parameter name. It escapes odd characters, so that a name
// cannot forge a log line.
func shownName(name string) string {
	name = shown(name)
	for _, r := range name {
		if r < ' ' || r == 0x7f || !strconv.IsPrint(r) {
			return strconv.Quote(name)
		}
	}
	return name
}

// many writes a count with its noun: "1 value", "3 values".
func many(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
