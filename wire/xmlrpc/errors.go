package xmlrpc

import (
	"errors"
	"fmt"
)

// RequestError says that a call could not be encoded. Nothing was sent, and a repeat would
// fail in the same way.
type RequestError struct{ Err error }

func (e *RequestError) Error() string { return "xmlrpc: building the request: " + e.Err.Error() }

// Unwrap returns the cause.
func (e *RequestError) Unwrap() error { return e.Err }

// Unreadable says that the same call cannot be encoded later either.
func (e *RequestError) Unreadable() bool { return true }

// TransportError says that no reply came. If Sent is false, no byte of the request has
// left (name resolution, refused connection, TLS), so the call may be repeated; if Sent is
// true, the server may have carried it out.
type TransportError struct {
	Sent bool
	Err  error // context.DeadlineExceeded, *net.OpError, ...; quotes no message
}

func (e *TransportError) Error() string {
	if e.Sent {
		return fmt.Sprintf("xmlrpc: no reply: %v", e.Err)
	}
	return fmt.Sprintf("xmlrpc: not sent: %v", e.Err)
}

// Unwrap returns the cause.
func (e *TransportError) Unwrap() error { return e.Err }

// MalformedError says that the reply is unreadable: the server has probably acted, but it
// is unknown how.
type MalformedError struct{ Err error }

func (e *MalformedError) Error() string { return fmt.Sprintf("xmlrpc: unreadable reply: %v", e.Err) }

// Unwrap returns the cause.
func (e *MalformedError) Unwrap() error { return e.Err }

// Unreadable says that the same call would most likely get the same reply.
func (e *MalformedError) Unreadable() bool { return true }

// ReadError is any failure of a call that only reads, which the client of the peer knows.
// Such a call has no outcome that could be unknown.
type ReadError struct{ Err error }

func (e *ReadError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *ReadError) Unwrap() error { return e.Err }

// StatusError is an HTTP status other than 200.
type StatusError struct{ Status int }

func (e *StatusError) Error() string { return fmt.Sprintf("xmlrpc: HTTP status %d", e.Status) }

// Refused reports whether the status means that the call was not carried out.
// It is false for redirections and for 5xx, which a proxy may send after the
// server behind it has acted.
func (e *StatusError) Refused() bool {
	switch e.Status {
	case 400, 401, 403, 404, 405, 406, 407, 411, 413, 414, 415, 421, 429, 431, 501:
		return true
	}
	return false
}

// NotSent reports whether err means that nothing reached the server.
func NotSent(err error) bool {
	if _, ok := errors.AsType[*RequestError](err); ok {
		return true
	}
	transport, ok := errors.AsType[*TransportError](err)
	return ok && !transport.Sent
}

// OutcomeUnknown reports whether the call behind err may have taken effect. A fault is an
// answer whose meaning the peer defines, so it does not count here. A call that only reads
// has no effect.
func OutcomeUnknown(err error) bool {
	if _, reads := errors.AsType[*ReadError](err); reads {
		return false
	}
	if transport, ok := errors.AsType[*TransportError](err); ok {
		return transport.Sent
	}
	if status, ok := errors.AsType[*StatusError](err); ok {
		return !status.Refused()
	}
	_, malformed := errors.AsType[*MalformedError](err)
	return malformed
}
