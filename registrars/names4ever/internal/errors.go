package internal

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
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

// safeCause reduces an error of net/http to one that shows neither the URL nor
// bytes of the peer.
func safeCause(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return context.DeadlineExceeded
	case errors.Is(err, context.Canceled):
		return context.Canceled
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return io.ErrUnexpectedEOF
	}
	if cause, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return cause
	}
	if cause, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return cause
	}
	if cause, ok := errors.AsType[*net.OpError](err); ok {
		return cause
	}
	if cause, ok := errors.AsType[*net.DNSError](err); ok {
		return cause
	}
	return errors.New("the exchange broke off")
}
