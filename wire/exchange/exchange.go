// Package exchange makes HTTP exchanges, and says about a failed one whether the
// request may have been sent, and why it failed, without anything that must not be
// logged. All clients share this code, because paid calls depend on it.
package exchange

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
)

// Tracker learns from net/http whether a connection was ready to carry the request.
// TLS is complete by then, so before that point nothing can have been sent. A
// transport that reports nothing is treated as "may have been sent". A second
// attempt inside net/http asks for a new connection, and for a POST happens only if
// nothing of the first attempt was written.
type Tracker struct{ asked, got atomic.Bool }

// Track returns the context for the request, and its tracker.
func Track(ctx context.Context) (context.Context, *Tracker) {
	t := &Tracker{}
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { t.got.Store(false); t.asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { t.got.Store(true) },
	}), t
}

// MaybeSent reports whether the request may have been sent. It is false only if
// nothing was sent for certain.
func (t *Tracker) MaybeSent() bool { return !t.asked.Load() || t.got.Load() }

// SafeCause reduces an error of net/http to one that contains neither the URL nor
// anything that the peer sent, because "malformed HTTP response" quotes bytes.
func SafeCause(err error) error {
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
	case errors.Is(err, ErrNotPublic):
		return ErrNotPublic
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
