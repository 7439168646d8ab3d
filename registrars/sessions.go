package registrars

import (
	"context"
	"errors"
	"time"

	"domainprovisioning/domains"
)

// Sessions holds the sessions of an account, shared by all processes, at a registrar that
// limits their number. A session is leased to one process at a time and outlives it: the
// next process continues with it. A plug-in without Sessions keeps its session to itself.
//
// A lease is not a lock. A process that was suspended may go on using a session that
// another one has taken over in the meantime. So a plug-in must never end a session that
// is kept here, nor rely on being its only user.
//
// It is safe for concurrent use. Only the number of a session may be shown. An error
// other than the two below says that the store cannot be used at present.
type Sessions interface {
	// Lease leases an open session that nobody holds. If there is none, it makes room for a
	// new one, whose ID is zero; the caller opens it and then calls Keep, or Forget if
	// opening failed. If there is no room, the error is ErrSessionsTaken.
	Lease(ctx context.Context, terms SessionTerms) (Session, error)
	// Keep stores the ID of a session that was opened, and renews its lease. A zero ID says
	// that the session has ended and that the caller is opening another in its place.
	Keep(ctx context.Context, session Session, lease time.Duration) error
	// Renew restarts the lease.
	Renew(ctx context.Context, session Session, lease time.Duration) error
	// Release frees an open session for the next process.
	Release(ctx context.Context, session Session) error
	// Forget gives back the room of a session that was not opened.
	Forget(ctx context.Context, session Session) error
}

// SessionTerms says which sessions Lease may return, and for how long.
type SessionTerms struct {
	// Lease is how long it lasts without being renewed.
	Lease time.Duration
	// Idle is how long a session may be unused before the registrar ends it.
	Idle time.Duration
	// Most is how many sessions there may be, including those that a killed process may have
	// opened without recording them.
	Most int
	// Further allows a new session although others are leased. A process that has seen all
	// of them leased for the length of a lease knows that their holders are alive.
	Further bool
	// Take says which open sessions may be leased.
	Take string
}

// Values of SessionTerms.Take.
const (
	TakeAny  = ""     // any, preferring those opened on this host
	TakeOwn  = "own"  // only those opened on this host
	TakeNone = "none" // none: make room for another one
)

// Session is a leased session at a registrar.
type Session struct {
	Number int64
	ID     domains.Secret // zero: it must be opened
	// Open is how many sessions may be open, including this one. It is set only for a
	// session that must be opened.
	Open int
	// Foreign says that the session was opened on another host.
	Foreign bool
}

var (
	// ErrSessionsTaken says that every session is leased and no new one is allowed.
	ErrSessionsTaken = errors.New("registrars: all sessions are in use")
	// ErrSessionLost says that the lease had expired and another process has the session.
	ErrSessionLost = errors.New("registrars: another process has taken the session over")
)
