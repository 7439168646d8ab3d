package orders

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Limits on what is read. They limit memory and the length of an answer; no
// known order comes near them.
const (
	MaxValues     = 10_000   // values of the flat list
	MaxTextLength = 64 << 10 // bytes of one string value
	MaxItems      = 100      // ordered items
	MaxContacts   = 100      // additional contacts
	MaxJSONSize   = 1 << 20  // bytes of the JSON form
	MaxJSONDepth  = 32       // nested objects and arrays of the JSON form
	MaxFaults     = 1000     // faults reported; further ones are dropped
)

// Input that exceeds a limit is not checked further, so these are plain errors
// and not Faults.
var (
	ErrTooManyValues   = errors.New("orders: the list holds more than 10000 values")
	ErrTextTooLong     = errors.New("orders: a value is longer than 65536 bytes")
	ErrNotText         = errors.New("orders: a value is not valid UTF-8 text")
	ErrTooManyItems    = errors.New("orders: the order has more than 100 items")
	ErrTooManyContacts = errors.New("orders: the order has more than 100 additional contacts")
	ErrTooLarge        = errors.New("orders: the JSON document is larger than 1 MiB")
	ErrTooDeep         = errors.New("orders: the JSON document is nested deeper than 32 levels")
	ErrTrailingData    = errors.New("orders: data follows the JSON document")
)

// NoItem is the Fault.Item of a fault that concerns no particular item.
const NoItem = -1

// Fault is one reason to reject an order. It never holds a secret or personal
// data, only parameter and slot names, counts and ids, and at most 80
// characters of a name server or a DomainID.
type Fault struct {
	Rule      int    `json:"rule"`                // one of the Rule constants
	Item      int    `json:"item"`                // ProvisioningItemID, or NoItem
	Parameter string `json:"parameter,omitempty"` // parameter, slot or counter
	Path      string `json:"path"`                // JSON pointer (RFC 6901) into the JSON form
	Message   string `json:"message"`
	Warning   bool   `json:"warning,omitempty"` // true: does not reject the order
}

// Faults are all faults of an order (the first MaxFaults of them), in the order
// of the list. As an error it is never empty.
type Faults []Fault //nolint:errname // a list of Fault

// Error returns all messages in one line.
func (f Faults) Error() string {
	messages := make([]string, len(f))
	for i, fault := range f {
		messages[i] = fault.Message
	}
	return "orders: " + strings.Join(messages, "; ")
}

// place sorts faults: by section of the list, element within the section, and
// value within the element. It makes the order of reports independent of the
// order of checks, and the same for the list and for JSON.
type place [3]int

const (
	sectionHead = iota
	sectionItems
	sectionParameters
	sectionContact
	sectionPayment
	sectionContacts
	sectionEnd
)

// atEnd is the place of something missing from a section or element.
const atEnd = 1 << 30

type report struct {
	found []placedFault
}

type placedFault struct {
	Fault
	at place
}

func (r *report) add(at place, fault Fault) {
	r.found = append(r.found, placedFault{fault, at})
}

// split returns the rejecting faults and the warnings, each in the order of the
// list.
func (r *report) split() (rejecting, warnings Faults) {
	slices.SortStableFunc(r.found, func(a, b placedFault) int {
		if c := slices.Compare(a.at[:], b.at[:]); c != 0 {
			return c
		}
		return a.Rule - b.Rule
	})
	for _, f := range r.found[:min(len(r.found), MaxFaults)] {
		if f.Warning {
			warnings = append(warnings, f.Fault)
		} else {
			rejecting = append(rejecting, f.Fault)
		}
	}
	return rejecting, warnings
}

// err returns the rejecting faults as an error, or nil.
func (r *report) err() error {
	if rejecting, _ := r.split(); len(rejecting) > 0 {
		return rejecting
	}
	return nil
}

// shown shortens a text that may be quoted to 80 characters.
func shown(text string) string {
	if utf8.RuneCountInString(text) <= 80 {
		return text
	}
	return string([]rune(text)[:80]) + "..."
}

// shownName is shown for a parameter name. It escapes odd characters, so that a
// name cannot forge a log line.
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

// pointer appends segments to a JSON pointer.
func pointer(base string, segments ...any) string {
	var b strings.Builder
	b.WriteString(base)
	for _, s := range segments {
		segment := strings.ReplaceAll(shown(fmt.Sprint(s)), "~", "~0")
		b.WriteString("/" + strings.ReplaceAll(segment, "/", "~1"))
	}
	return b.String()
}
