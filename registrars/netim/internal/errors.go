package internal

import "domainprovisioning/wire/exchange"

// Fault is a SOAP fault: the server refused the call.
type Fault struct { //nolint:errname // the wire format's own word
	// Code is Netim's ("E13", "E15-M1502"), else the faultcode, or "" when that
	// does not look like one.
	Code string
	// Text is the faultstring, without our secrets. It may quote personal data.
	Text string
}

// Error shows the code only.
func (f *Fault) Error() string { return "fault " + f.Code }

// TransportError is that of every client.
type TransportError = exchange.TransportError

// StatusError is that of every client.
type StatusError = exchange.StatusError

// MalformedError says that a reply came and cannot be read: the server has
// probably acted, and how is unknown.
type MalformedError struct{ Why string }

func (e *MalformedError) Error() string { return "unreadable reply: " + e.Why }

// Unreadable says that the same call would meet the same again, most likely.
func (e *MalformedError) Unreadable() bool { return true }

// SessionError says that no session could be opened, so that the call itself was
// not sent.
type SessionError struct{ Err error }

func (e *SessionError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *SessionError) Unwrap() error { return e.Err }
