package internal

import "domainprovisioning/wire/exchange"

// Fault is a SOAP fault: the server refused the call.
type Fault struct { //nolint:errname // the wire format's own word
	// Code is Netim's own code ("E13", "E15-M1502"), or else the faultcode, or ""
	// if that does not look like a code.
	Code string
	// Text is the faultstring, with our secrets removed. It may quote personal
	// data.
	Text string
}

// Error contains only the code.
func (f *Fault) Error() string { return "fault " + f.Code }

// TransportError is the one that all clients share.
type TransportError = exchange.TransportError

// StatusError is the one that all clients share.
type StatusError = exchange.StatusError

// MalformedError says that the reply is unreadable: the server has probably
// acted, but it is unknown how.
type MalformedError struct{ Why string }

func (e *MalformedError) Error() string { return "unreadable reply: " + e.Why }

// Unreadable says that the same call would most likely get the same reply.
func (e *MalformedError) Unreadable() bool { return true }

// SessionError says that no session could be opened, so the call itself was not
// sent.
type SessionError struct{ Err error }

func (e *SessionError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *SessionError) Unwrap() error { return e.Err }
