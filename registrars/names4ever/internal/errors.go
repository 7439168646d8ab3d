package internal

import (
	"fmt"
	"time"
)

// hidden stands for a secret in dumps and texts.
const hidden = "[redacted]"

// TransportError says that no reply came. With Sent false nothing has left; with
// Sent true the server may have carried the request out.
type TransportError struct {
	Sent bool
	Err  error
}

func (e *TransportError) Error() string {
	if e.Sent {
		return fmt.Sprintf("no reply: %v", e.Err)
	}
	return fmt.Sprintf("not sent: %v", e.Err)
}

// Unwrap returns the cause.
func (e *TransportError) Unwrap() error { return e.Err }

// StatusError is an HTTP status other than 200.
type StatusError struct {
	Status     int
	RetryAfter time.Duration // zero when the server does not say
}

func (e *StatusError) Error() string { return fmt.Sprintf("HTTP status %d", e.Status) }

// MalformedError says that a reply came and cannot be used: the server has probably
// acted, and how is unknown.
type MalformedError struct{ Why string }

func (e *MalformedError) Error() string { return "unusable reply: " + e.Why }
