// Package xmlrpc is the wire format that Operations, Billing and the order
// system share: values, calls, replies and faults in both directions, an HTTP
// client that says what a failure leaves unknown, and an HTTP handler.
//
// Values in Go, and what they are on the wire:
//
//	int, int32, int64    <i4>; 32-bit signed, checked. <int> is read as well
//	bool                 <boolean>; "true" and "false" are read as well
//	string               <string>
//	Untyped              <value>x</value>; reads back as string
//	float64              <double>
//	Fixed2               <double> with two decimals; reads back as float64
//	[]byte               <base64>
//	time.Time            <dateTime.iso8601>, UTC, whole seconds
//	[]any                <array>
//	Struct, Ordered      <struct>; always read as Struct
//
// No nil is sent: nil members and elements are left out at every depth. When
// reading, <nil/> is refused in a call and treated as absent in a reply. The peers
// are decades old and careless with charsets, so reading repairs text; it is
// strict about structure and size.
package xmlrpc

import (
	"errors"
	"fmt"
)

// Struct is a struct value. It is written in the order of its names, sorted, so
// that the same value always gives the same bytes.
type Struct map[string]any

// Member is one member of an Ordered.
type Member struct {
	Name  string
	Value any
}

// Ordered is a struct value that is written in the given order. It reads back as
// a Struct.
type Ordered []Member

// Untyped is a string that is written without a type element, the form that some
// servers insist on, especially for an empty string.
type Untyped string

// Fixed2 is a number of hundredths, written as a double with exactly two
// decimals: Fixed2(1250) is <double>12.50</double>.
type Fixed2 int64

// Limits limits what is read from a peer. A zero field means the default.
type Limits struct {
	MaxBytes  int64 // size of the document; default 4 MiB
	MaxDepth  int   // nesting of values; default 32
	MaxValues int   // number of values in the document; default 100,000
}

// The defaults of Limits. The largest known message, an order with about a hundred
// counted sections, is smaller than 1 MiB and six levels deep.
const (
	DefaultMaxBytes  = 4 << 20
	DefaultMaxDepth  = 32
	DefaultMaxValues = 100_000
)

func (l Limits) withDefaults() Limits {
	if l.MaxBytes <= 0 {
		l.MaxBytes = DefaultMaxBytes
	}
	if l.MaxDepth <= 0 {
		l.MaxDepth = DefaultMaxDepth
	}
	if l.MaxValues <= 0 {
		l.MaxValues = DefaultMaxValues
	}
	return l
}

// The errors of reading. None of them quotes the document, which may hold personal
// data and secrets; they give a line number if there is one.
var (
	ErrMalformed       = errors.New("xmlrpc: malformed document")
	ErrTooLarge        = errors.New("xmlrpc: the document is too large")
	ErrTooDeep         = errors.New("xmlrpc: values are nested too deeply")
	ErrTooManyValues   = errors.New("xmlrpc: the document holds too many values")
	ErrDoctype         = errors.New("xmlrpc: a document type declaration is not accepted")
	ErrCharset         = errors.New("xmlrpc: not valid in its charset")
	ErrNil             = errors.New("xmlrpc: nil is not accepted") // in a call
	ErrDuplicateMember = errors.New("xmlrpc: a struct names a member twice")
)

// Fault is an XML-RPC fault: the answer to a call instead of a value.
type Fault struct { //nolint:errname // the wire format's own word
	Code int
	Text string // as received; some servers put base64 here
}

// Error leaves out the text, which comes from the peer, may be base64, and may
// name people. Clients that know the peer decode and mask it.
func (f *Fault) Error() string { return fmt.Sprintf("xmlrpc: fault %d", f.Code) }
