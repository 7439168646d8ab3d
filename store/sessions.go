package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"domainprovisioning/domains"
)

// Errors of Sessions.
var (
	// ErrSessionsTaken says that every session is leased, and another one not allowed.
	ErrSessionsTaken = errors.New("store: all sessions are taken")
	// ErrSessionLost says that the lease had lapsed, and somebody else has taken over.
	ErrSessionLost = errors.New("store: the lease of the session was lost")
)

// Sessions are the sessions of a registrar account, as one process sees them. Ages are
// those of the database's clock.
type Sessions struct {
	store              *Store
	pool, holder, host string
}

// Sessions returns the sessions of a pool. The holder names the process, and host where
// it runs: two processes must never have the same name.
func (s *Store) Sessions(pool, holder, host string) *Sessions {
	return &Sessions{store: s, pool: pool, holder: holder, host: host}
}

// Values of SessionTerms.Take.
const (
	TakeAny  = ""     // any session, those that were opened on this host first
	TakeOwn  = "own"  // those that were opened on this host
	TakeNone = "none" // none that is open
)

// SessionTerms are the terms of a lease.
type SessionTerms struct {
	Lease   time.Duration // for how long
	Idle    time.Duration // after which the registrar ends a session that is not used
	Most    int           // sessions that there may be
	Further bool          // whether another may be opened although one is leased
	Take    string        // which may be leased; see TakeAny
}

// Session is a session that was leased.
type Session struct {
	Number  int64
	ID      domains.Secret // zero: it must be opened first
	Open    int            // how many there may be now; told for one that must be opened
	Foreign bool           // it was opened on another host
}

// Lease leases a session that nobody holds, the last used one first. Is there none, it
// makes room for another one, which the caller opens: see SessionTerms. Otherwise the
// error is ErrSessionsTaken.
func (p *Sessions) Lease(ctx context.Context, terms SessionTerms) (Session, error) {
	session, err := p.take(ctx, p.store.db, terms)
	if !errors.Is(err, sql.ErrNoRows) {
		return session, err
	}
	err = p.store.transaction(ctx, func(tx *sqlx.Tx) error {
		// Who draws a number is alone with the pool until the end of the transaction.
		number, err := p.store.next(ctx, tx, "registrar-session/"+p.pool)
		if err != nil {
			return err
		}
		if session, err = p.take(ctx, tx, terms); !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM registrar_sessions WHERE pool = $1 AND leased_until <= `+p.store.clockAfter(-terms.Idle), p.pool)
		if err != nil {
			return fmt.Errorf("store: sessions that have ended: %w", err)
		}
		var there struct {
			Open   int `db:"open"`
			Leased int `db:"leased"`
		}
		err = tx.GetContext(ctx, &there, `SELECT COUNT(*) AS open, COUNT(CASE WHEN leased_until > `+p.store.clock()+` THEN 1 END) AS leased
			FROM registrar_sessions WHERE pool = $1`, p.pool)
		if err != nil {
			return fmt.Errorf("store: count sessions: %w", err)
		}
		if there.Open >= terms.Most || (there.Leased > 0 && !terms.Further) {
			return ErrSessionsTaken
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO registrar_sessions (pool, number, holder, host, leased_until)
			VALUES ($1, $2, $3, $4, `+p.store.clockAfter(terms.Lease)+`)`, p.pool, number, p.holder, p.host)
		if err != nil {
			return fmt.Errorf("store: make room for a session: %w", err)
		}
		session = Session{Number: number, Open: there.Open + 1}
		return nil
	})
	return session, err
}

// take leases a session that is open and that nobody holds; sql.ErrNoRows is for none.
func (p *Sessions) take(ctx context.Context, q sqlx.QueryerContext, terms SessionTerms) (Session, error) {
	var row struct {
		Number int64  `db:"number"`
		Sealed string `db:"sealed"`
		Host   string `db:"host"`
	}
	which := ""
	switch terms.Take {
	case TakeOwn:
		which = " AND host = $3"
	case TakeNone:
		return Session{}, sql.ErrNoRows
	}
	// What the inner part has chosen may be taken by another process before the outer
	// one has its lock; the outer part asks again.
	err := sqlx.GetContext(ctx, q, &row, `
		UPDATE registrar_sessions SET holder = $2, leased_until = `+p.store.clockAfter(terms.Lease)+`
		WHERE pool = $1 AND leased_until <= `+p.store.clock()+` AND number = (
			SELECT number FROM registrar_sessions
			WHERE pool = $1 AND sealed <> '' AND leased_until <= `+p.store.clock()+` AND leased_until > `+p.store.clockAfter(-terms.Idle)+which+`
			ORDER BY CASE WHEN host = $3 THEN 0 ELSE 1 END, leased_until DESC, number LIMIT 1)
		RETURNING number, sealed, host`, p.pool, p.holder, p.host)
	if err != nil {
		return Session{}, fmt.Errorf("store: lease a session: %w", err)
	}
	session := Session{Number: row.Number, Foreign: row.Host != p.host}
	id, err := p.store.sealer.Open(row.Sealed, p.seal(row.Number))
	switch {
	case errors.Is(err, ErrUnreadable):
		// Its key is gone, and so is the session for us. Another one takes its place.
	case err != nil:
		return Session{}, err
	default:
		session.ID = domains.NewSecret(string(id))
	}
	return session, nil
}

func (p *Sessions) seal(number int64) string { return fmt.Sprintf("session/%s/%d", p.pool, number) }

// Keep seals the id of a session that the caller has opened, or notes by a zero one that
// the session has ended and that the caller opens another in its place. It renews the
// lease.
func (p *Sessions) Keep(ctx context.Context, session Session, lease time.Duration) error {
	sealed := ""
	if !session.ID.IsZero() {
		var err error
		if sealed, err = p.store.sealer.Seal([]byte(session.ID.Reveal()), p.seal(session.Number)); err != nil {
			return err
		}
	}
	return p.change(ctx, session, `UPDATE registrar_sessions SET sealed = $4, host = $5, leased_until = `+p.store.clockAfter(lease), sealed, p.host)
}

// Renew lets the lease begin anew.
func (p *Sessions) Renew(ctx context.Context, session Session, lease time.Duration) error {
	return p.change(ctx, session, `UPDATE registrar_sessions SET leased_until = `+p.store.clockAfter(lease))
}

// Release leaves an open session to whoever comes next.
func (p *Sessions) Release(ctx context.Context, session Session) error {
	return p.change(ctx, session, `UPDATE registrar_sessions SET holder = '', leased_until = `+p.store.clock())
}

// Forget notes that a session was not opened.
func (p *Sessions) Forget(ctx context.Context, session Session) error {
	return p.change(ctx, session, `DELETE FROM registrar_sessions`)
}

// change changes the row of a session that the caller holds; whether its lease has lapsed
// meanwhile does not matter as long as nobody has taken over.
func (p *Sessions) change(ctx context.Context, session Session, statement string, args ...any) error {
	result, err := p.store.db.ExecContext(ctx, statement+` WHERE pool = $1 AND number = $2 AND holder = $3`,
		append([]any{p.pool, session.Number, p.holder}, args...)...)
	if err != nil {
		return fmt.Errorf("store: session: %w", err)
	}
	rows, err := result.RowsAffected()
	if err != nil {
		return fmt.Errorf("store: session: %w", err)
	}
	if rows == 0 {
		return ErrSessionLost
	}
	return nil
}
