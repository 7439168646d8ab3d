package registrars

import (
	"context"
	"errors"
	"time"

	"domainprovisioning/domains"
)

// Sessions is where all processes find the sessions of an account at a registrar that
// allows only so many of them. A session is leased to one process at a time and outlives
// it: the next process goes on with it. A plug-in that is given none keeps its session to
// itself.
//
// A lease is no lock. A process that stands still may go on to use a session that another
// one has taken over meanwhile; so a plug-in must never end a session that is kept here,
// nor rely on being alone with it.
//
// It is safe for concurrent use. Nothing of a session but its number may be shown. An
// error that is none of the two below says that the store cannot be used now.
type Sessions interface {
	// Lease leases an open session that nobody holds. Is there none, it makes room for
	// another one, whose ID is zero; the caller opens it, and then calls Keep, or Forget
	// if that failed. Otherwise the error is ErrSessionsTaken.
	Lease(ctx context.Context, terms SessionTerms) (Session, error)
	// Keep keeps the ID of a session that was opened, and renews its lease. A zero ID
	// says that the session has ended, and that the caller opens another in its place.
	Keep(ctx context.Context, session Session, lease time.Duration) error
	// Renew lets the lease begin anew.
	Renew(ctx context.Context, session Session, lease time.Duration) error
	// Release leaves an open session to whoever comes next.
	Release(ctx context.Context, session Session) error
	// Forget says that the session was not opened.
	Forget(ctx context.Context, session Session) error
}

// SessionTerms are the terms of a lease.
type SessionTerms struct {
	// Lease is how long it lasts without being renewed.
	Lease time.Duration
	// Idle is after which time without use the registrar ends a session by itself.
	Idle time.Duration
	// Most is how many sessions there may be, those included that a killed process may
	// have opened without saying so.
	Most int
	// Further allows another session beside one that is leased. Who has seen all of them
	// leased for as long as a lease lasts knows that their holders live.
	Further bool
	// Take says which open sessions may be leased.
	Take string
}

// Values of SessionTerms.Take.
const (
	TakeAny  = ""     // any, those that were opened on this host first
	TakeOwn  = "own"  // those that were opened on this host
	TakeNone = "none" // none: make room for another one
)

// Session is a session at a registrar.
type Session struct {
	Number int64
	ID     domains.Secret // zero: it must be opened
	// Open is how many sessions there may be, with this one; told for one that must be
	// opened.
	Open int
	// Foreign says that it was opened on another host.
	Foreign bool
}

// Errors of Sessions.
var (
	// ErrSessionsTaken says that every session is leased, and another one not allowed.
	ErrSessionsTaken = errors.New("registrars: all sessions are in use")
	// ErrSessionLost says that the lease had lapsed, and another process has the session.
	ErrSessionLost = errors.New("registrars: another process has taken the session over")
)
