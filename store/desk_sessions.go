package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/jmoiron/sqlx"

	"domainprovisioning/domains"
)

// Limits of a session at the desk page: it ends after DeskSession, and earlier when nothing was
// asked for DeskIdle.
const (
	DeskSession = 12 * time.Hour
	DeskIdle    = time.Hour
	// deskSeen is how exact the time of the last question is kept: not every page writes.
	deskSeen = time.Minute
)

// ErrNotLoggedIn says that a session or a ticket is unknown, used, has ended, or is that of a
// revoked key. It does not tell which.
var ErrNotLoggedIn = errors.New("store: there is no such session")

// A token is a prefix and 52 random characters in base32, which are 260 bits.
const (
	sessionPrefix = "dps_"
	ticketPrefix  = "dpt_"
)

var tokenForm = regexp.MustCompile(`^dp[st]_[A-Z2-7]{52}$`)

func newToken(prefix string) domains.Secret {
	return domains.NewSecret(prefix + rand.Text() + rand.Text())
}

// BeginDeskSession begins a session of an API key and returns its token, which is stored
// nowhere. Sessions that have ended are removed.
func (s *Store) BeginDeskSession(ctx context.Context, key APIKey) (domains.Secret, error) {
	token := newToken(sessionPrefix)
	err := s.transaction(ctx, func(tx *sqlx.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM desk_sessions WHERE expires_at <= `+s.clock()); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO desk_sessions (hash, key_id, created_at, seen_at, expires_at)
			VALUES ($1, $2, `+s.clock()+`, `+s.clock()+`, `+s.clockAfter(DeskSession)+`)`, keyHash(token.Reveal()), key.ID)
		return err
	})
	if err != nil {
		return domains.Secret{}, fmt.Errorf("store: begin desk session: %w", err)
	}
	return token, nil
}

// DeskSession returns the key of a session, or ErrNotLoggedIn. If asked is true, the session's
// idle time begins anew.
func (s *Store) DeskSession(ctx context.Context, token domains.Secret, asked bool) (APIKey, error) {
	if !tokenForm.MatchString(token.Reveal()) {
		return APIKey{}, ErrNotLoggedIn
	}
	hash := keyHash(token.Reveal())
	var row struct {
		keyRow

		Old bool `db:"old"`
	}
	err := s.db.GetContext(ctx, &row, `SELECT k.id, k.name, k.client, k.hash, k.scopes, k.created_at, k.revoked_at,
			CASE WHEN d.seen_at <= `+s.asOf(-deskSeen)+` THEN TRUE ELSE FALSE END AS old
		FROM desk_sessions d JOIN api_keys k ON k.id = d.key_id
		WHERE d.hash = $1 AND d.expires_at > `+s.asOf(0)+` AND d.seen_at > `+s.asOf(-DeskIdle)+` AND k.revoked_at IS NULL`, hash)
	if errors.Is(err, sql.ErrNoRows) {
		return APIKey{}, ErrNotLoggedIn
	}
	if err == nil && asked && row.Old {
		_, err = s.db.ExecContext(ctx, `UPDATE desk_sessions SET seen_at = `+s.clock()+` WHERE hash = $1`, hash)
	}
	if err != nil {
		return APIKey{}, fmt.Errorf("store: desk session: %w", err)
	}
	return row.key(), nil
}

// EndDeskSession ends a session. Repeating it changes nothing.
func (s *Store) EndDeskSession(ctx context.Context, token domains.Secret) error {
	if _, err := s.db.ExecContext(ctx, `DELETE FROM desk_sessions WHERE hash = $1`, keyHash(token.Reveal())); err != nil {
		return fmt.Errorf("store: end desk session: %w", err)
	}
	return nil
}

// ErrNotOperator means that a key does not act for the operator.
var ErrNotOperator = errors.New("store: the API key lacks the scope all")

// CreateDeskTicket makes a ticket that logs in once as the key of this name, within the given
// time. Errors: ErrNotFound if there is no such key, or if it is revoked; ErrNotOperator if it lacks
// ScopeAll, without which the desk lets nobody in.
func (s *Store) CreateDeskTicket(ctx context.Context, name string, within time.Duration) (domains.Secret, error) {
	ticket := newToken(ticketPrefix)
	err := s.transaction(ctx, func(tx *sqlx.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM desk_tickets WHERE expires_at <= `+s.clock()); err != nil {
			return err
		}
		var row keyRow
		if err := tx.GetContext(ctx, &row, `SELECT `+keyColumns+` FROM api_keys WHERE name = $1 AND revoked_at IS NULL`, name); err != nil {
			return notFound("API key "+name, err)
		}
		if !row.key().May(ScopeAll) {
			return ErrNotOperator
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO desk_tickets (hash, key_id, expires_at) VALUES ($1, $2, `+s.clockAfter(within)+`)`,
			keyHash(ticket.Reveal()), row.ID)
		return err
	})
	if err != nil {
		return domains.Secret{}, fmt.Errorf("store: create desk ticket: %w", err)
	}
	return ticket, nil
}

// UseDeskTicket uses a ticket up and returns its key, or ErrNotLoggedIn.
func (s *Store) UseDeskTicket(ctx context.Context, ticket domains.Secret) (APIKey, error) {
	if !tokenForm.MatchString(ticket.Reveal()) {
		return APIKey{}, ErrNotLoggedIn
	}
	var row keyRow
	err := s.transaction(ctx, func(tx *sqlx.Tx) error {
		var id string
		// Of two who use it, the second finds no row.
		err := tx.GetContext(ctx, &id, `DELETE FROM desk_tickets WHERE hash = $1 AND expires_at > `+s.clock()+` RETURNING key_id`, keyHash(ticket.Reveal()))
		if err != nil {
			return err
		}
		return tx.GetContext(ctx, &row, `SELECT `+keyColumns+` FROM api_keys WHERE id = $1 AND revoked_at IS NULL`, id)
	})
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return APIKey{}, ErrNotLoggedIn
	case err != nil:
		return APIKey{}, fmt.Errorf("store: use desk ticket: %w", err)
	}
	return row.key(), nil
}
