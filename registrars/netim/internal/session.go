package internal

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"

	"domainprovisioning/domains"
	"domainprovisioning/wire/exchange"
)

const (
	functionOpen  = "sessionOpen"
	functionClose = "sessionClose"
)

// session is the one session of a client. An account may have ten at a time, so one
// session per call would lock the account out.
//
// It is not renewed on a timer: the server ends it after 20 minutes without activity,
// and the E02 fault that follows costs only one new session and the repeated call.
type session struct {
	lock chan struct{} // held while id, generation or lease is read, or a session is opened
	id   string
	// generation counts the sessions that the client has had. Callers whose session has
	// ended say which one it was, so that many of them open only one new session.
	generation uint64
	lease      *lease // of a session that processes share; see lease.go
	apart      bool   // sessions of other hosts did not serve this one

	calls atomic.Int64 // calls in progress
	used  atomic.Bool  // whether there was a call since the lease was last checked
}

// open returns the session. It opens one if there is none, or if the caller has found
// that the one of the given generation has ended. Callers that wait while another
// caller opens it stop waiting when their context ends. Errors are *SessionError.
func (c *Client) open(ctx context.Context, ended uint64) (id string, generation uint64, err error) {
	unlock, err := c.lockSession(ctx)
	if err != nil {
		return "", 0, err
	}
	defer unlock()
	s := &c.session
	c.dropLapsed()
	if s.id != "" && s.generation != ended {
		return s.id, s.generation, nil
	}
	s.id = ""
	if id, err = c.find(ctx); err != nil {
		return "", 0, &SessionError{err}
	}
	if id == "" {
		if id, err = c.openNew(ctx); err != nil {
			return "", 0, &SessionError{err}
		}
	}
	s.id = id
	s.generation++
	return s.id, s.generation, nil
}

// openNew opens a session, and stores it for the other processes.
func (c *Client) openNew(ctx context.Context) (id string, err error) {
	// The claim applies to the call, not to its session.
	value, err := c.exchange(exchange.WithClaim(ctx, nil), functionOpen, []Value{
		String(c.config.Login), Secret(c.config.Password), String(SessionLanguage),
	})
	if err == nil && value.Text() == "" {
		err = &MalformedError{"it holds no session id"}
	}
	if err != nil {
		c.forget(ctx)
		return "", err
	}
	id = value.Text()
	if err := c.keepOpened(ctx, domains.NewSecret(id)); err != nil {
		// Otherwise nobody would ever find it again.
		_ = c.end(context.WithoutCancel(ctx), id)
		return "", err
	}
	return id, nil
}

// Close ends the session, if there is one, or leaves it to other processes. A session
// that has already ended is not an error. A call after Close opens a new session.
func (c *Client) Close(ctx context.Context) error {
	unlock, err := c.lockSession(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	defer c.http.CloseIdleConnections()
	id := c.session.id
	c.session.id = ""
	if c.config.Sessions != nil {
		return c.release(ctx)
	}
	if id == "" {
		return nil
	}
	return c.end(ctx, id)
}

// end ends a session at the registrar.
func (c *Client) end(ctx context.Context, id string) error {
	_, err := c.exchange(ctx, functionClose, withSession(id, nil))
	if fault, ok := errors.AsType[*Fault](err); ok && (SessionEnded(fault.Code) || strings.Contains(fault.Text, CodeSessionEnded)) {
		return nil
	}
	return err
}

func (c *Client) lockSession(ctx context.Context) (unlock func(), err error) {
	select {
	case c.session.lock <- struct{}{}:
		return func() { <-c.session.lock }, nil
	case <-ctx.Done():
		return nil, &SessionError{&TransportError{Sent: false, Err: ctx.Err()}}
	}
}

func withSession(id string, arguments []Value) []Value {
	return append([]Value{Secret(id)}, arguments...)
}
