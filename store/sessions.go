package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"domainprovisioning/domains"
	"domainprovisioning/vault"
)

// Errors of Sessions.
var (
	// ErrSessionsTaken says that every session is leased and no new one is allowed.
	ErrSessionsTaken = errors.New("store: all sessions are taken")
	// ErrSessionLost says that the lease had expired and another process has taken over.
	ErrSessionLost = errors.New("store: the lease of the session was lost")
)

// Sessions are the sessions of a registrar account, as one process sees them. Ages are
// measured by the database's clock.
type Sessions struct {
	store              *Store
	pool, holder, host string
}

// Sessions returns the sessions of a pool. holder names the process, and host the machine
// it runs on. Two processes must never have the same name.
func (s *Store) Sessions(pool, holder, host string) *Sessions {
	return &Sessions{store: s, pool: pool, holder: holder, host: host}
}

// Values of SessionTerms.Take.
const (
	TakeAny  = ""     // any session, preferring those opened on this host
	TakeOwn  = "own"  // only those opened on this host
	TakeNone = "none" // none: make room for a new one
)

// SessionTerms are the terms of a lease; see registrars.SessionTerms.
type SessionTerms struct {
	Lease   time.Duration // how long the lease lasts without being renewed
	Idle    time.Duration // how long a session may be unused before the registrar ends it
	Most    int           // how many sessions there may be
	Further bool          // whether a new one may be opened although others are leased
	Take    string        // which open sessions may be leased; see TakeAny
}

// Session is a leased session.
type Session struct {
	Number  int64
	ID      domains.Secret // zero: it must be opened first
	Open    int            // how many may be open now; set only for one that must be opened
	Foreign bool           // it was opened on another host
}

// Lease leases an open session that nobody holds, the last used first. If there is none,
// it makes room for a new one, which the caller opens; see SessionTerms. If there is no
// room, the error is ErrSessionsTaken.
func (p *Sessions) Lease(ctx context.Context, terms SessionTerms) (Session, error) {
	session, err := p.take(ctx, p.store.db, terms)
	if !errors.Is(err, sql.ErrNoRows) {
		return session, err
	}
	err = p.store.transaction(ctx, func(tx *sqlx.Tx) error {
		// Drawing a number locks the pool until the end of the transaction.
		number, err := p.store.next(ctx, tx, "registrar-session/"+p.pool)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM registrar_sessions WHERE pool = $1 AND leased_until <= `+p.store.clockAfter(-terms.Idle), p.pool)
		if err != nil {
			return fmt.Errorf("store: sessions that have ended: %w", err)
		}
		var there poolState
		for {
			if session, err = p.take(ctx, tx, terms); !errors.Is(err, sql.ErrNoRows) {
				return err
			}
			if there, err = p.look(ctx, tx, terms); err != nil {
				return err
			}
			if there.Free == 0 {
				break
			}
			// A lease expired, or was released, after take had looked.
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

// poolState counts the sessions of a pool at one moment.
type poolState struct {
	Open   int `db:"open"`
	Leased int `db:"leased"`
	Free   int `db:"free"` // those that take would lease
}

// look counts by one reading of the clock: by two, a lease that expires in between would be
// neither leased nor free.
func (p *Sessions) look(ctx context.Context, q querier, terms SessionTerms) (poolState, error) {
	var there poolState
	err := q.GetContext(ctx, &there, `
		SELECT COUNT(*) AS open, COUNT(CASE WHEN leased_until > now THEN 1 END) AS leased, COUNT(CASE WHEN `+free("now", "past")+` THEN 1 END) AS free
		FROM registrar_sessions, (SELECT `+p.store.clock()+` AS now, `+p.store.clockAfter(-terms.Idle)+` AS past) AS clock
		WHERE pool = $1`, p.pool, p.host, terms.Take)
	if err != nil {
		return poolState{}, fmt.Errorf("store: count sessions: %w", err)
	}
	return there, nil
}

// free is the condition of an open session that nobody holds and that may be taken, given what
// the time is and since when a session must have been used. $2 is the host, $3 is
// SessionTerms.Take.
func free(now, past string) string {
	return `sealed <> '' AND leased_until <= ` + now + ` AND leased_until > ` + past + ` AND ($3 = '` + TakeAny + `' OR ($3 = '` + TakeOwn + `' AND host = $2))`
}

// take leases an open session that nobody holds. If there is none, it returns
// sql.ErrNoRows.
func (p *Sessions) take(ctx context.Context, q querier, terms SessionTerms) (Session, error) {
	var row struct {
		Number int64  `db:"number"`
		Sealed string `db:"sealed"`
		Host   string `db:"host"`
	}
	// Another process may take a row that the inner query has chosen before the outer one
	// has its lock, so the outer query checks again.
	err := q.GetContext(ctx, &row, `
		UPDATE registrar_sessions SET holder = $4, leased_until = `+p.store.clockAfter(terms.Lease)+`
		WHERE pool = $1 AND leased_until <= `+p.store.clock()+` AND number = (
			SELECT number FROM registrar_sessions
			WHERE pool = $1 AND `+free(p.store.clock(), p.store.clockAfter(-terms.Idle))+`
			ORDER BY CASE WHEN host = $2 THEN 0 ELSE 1 END, leased_until DESC, number LIMIT 1)
		RETURNING number, sealed, host`, p.pool, p.host, terms.Take, p.holder)
	if err != nil {
		return Session{}, fmt.Errorf("store: lease a session: %w", err)
	}
	session := Session{Number: row.Number, Foreign: row.Host != p.host}
	id, err := p.store.sealer.Open(row.Sealed, p.seal(row.Number))
	switch {
	case errors.Is(err, vault.ErrUnreadable):
		// Its key is gone, so we cannot use the session. A new one takes its place.
	case err != nil:
		return Session{}, err
	default:
		session.ID = domains.NewSecret(string(id))
	}
	return session, nil
}

func (p *Sessions) seal(number int64) string { return fmt.Sprintf("session/%s/%d", p.pool, number) }

// Keep seals the id of a session that the caller has opened. A zero id records that the
// session has ended and that the caller is opening another in its place. Keep renews the
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

// Renew restarts the lease.
func (p *Sessions) Renew(ctx context.Context, session Session, lease time.Duration) error {
	return p.change(ctx, session, `UPDATE registrar_sessions SET leased_until = `+p.store.clockAfter(lease))
}

// Release frees an open session for the next process.
func (p *Sessions) Release(ctx context.Context, session Session) error {
	return p.change(ctx, session, `UPDATE registrar_sessions SET holder = '', leased_until = `+p.store.clock())
}

// Forget gives back the room of a session that was not opened.
func (p *Sessions) Forget(ctx context.Context, session Session) error {
	return p.change(ctx, session, `DELETE FROM registrar_sessions`)
}

// change changes the row of a session that the caller holds. The lease may have expired,
// as long as nobody has taken over.
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
