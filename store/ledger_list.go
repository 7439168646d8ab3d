package store

import (
	"context"
	"fmt"
	"time"
)

// OpenPage is how many open rows are read at once.
const OpenPage = 1000

// OpenRows returns, oldest first, the rows of an account that the registrar has not finished or
// whose orders have not been told the outcome, at most OpenPage of them; OpenRowsAfter returns
// the next ones. The watch of the account follows these.
func (s *Store) OpenRows(ctx context.Context, account string) ([]LedgerRow, error) {
	return s.ledgerRows(ctx, "open operations", fmt.Sprintf(` WHERE account = $1 AND told_at IS NULL
		ORDER BY intended_at, key LIMIT %d`, OpenPage), account)
}

// OpenRowsAfter returns the page that follows the row last, without what has changed since the
// given time by the database's clock, such as ReadAt of the first page. So all pages show the
// ledger as it was before a list that was read after the first page.
func (s *Store) OpenRowsAfter(ctx context.Context, account string, last LedgerRow, since time.Time) ([]LedgerRow, error) {
	return s.ledgerRows(ctx, "open operations", fmt.Sprintf(` WHERE account = $1 AND told_at IS NULL
		AND (intended_at, key) > ($2, $3) AND updated_at <= $4 ORDER BY intended_at, key LIMIT %d`, OpenPage),
		account, instant(last.IntendedAt), last.Key, instant(since))
}

// ledgerRows selects rows of the ledger; the caller supplies what follows the FROM
// clause.
func (s *Store) ledgerRows(ctx context.Context, what, where string, args ...any) ([]LedgerRow, error) {
	var operations []LedgerRow
	err := s.db.SelectContext(ctx, &operations, `SELECT `+s.ledgerColumns()+` FROM registrar_operations`+where, args...)
	if err != nil {
		return nil, fmt.Errorf("store: %s: %w", what, err)
	}
	for i := range operations {
		operations[i].utc()
	}
	return operations, nil
}

// EndedRows returns the rows of an account that failed or were cancelled within the
// given time, and whose orders know it. The registrar's support may restart them.
func (s *Store) EndedRows(ctx context.Context, account string, within time.Duration) ([]LedgerRow, error) {
	return s.ledgerRows(ctx, "ended operations", `
		WHERE account = $1 AND state IN ('failed', 'cancelled') AND finished_at >= `+s.asOf(-within)+`
			AND told_at IS NOT NULL AND reference <> ''
		ORDER BY intended_at, key`, account)
}

// heard is when something was last learned of an operation, or it was last read in turn.
const heard = `(CASE WHEN checked_at > updated_at THEN checked_at ELSE updated_at END)`

// QuietRows returns the waiting rows of an account, with a reference, of which nothing was heard
// for at least the given time: those heard of longest ago, and at most so many.
func (s *Store) QuietRows(ctx context.Context, account string, quiet time.Duration, most int) ([]LedgerRow, error) {
	return s.ledgerRows(ctx, "quiet operations", `
		WHERE account = $1 AND told_at IS NULL AND reference <> '' AND state IN ('pending', 'submitted')
			AND `+heard+` <= `+s.asOf(-quiet)+` ORDER BY `+heard+`, key LIMIT $2`, account, most)
}

// UntoldRows returns the rows of an account that the registrar has finished and whose orders have
// not been told, those that ended first, and at most OpenPage of them.
func (s *Store) UntoldRows(ctx context.Context, account string) ([]LedgerRow, error) {
	return s.ledgerRows(ctx, "untold operations", fmt.Sprintf(` WHERE account = $1 AND told_at IS NULL AND finished_at IS NOT NULL
		ORDER BY finished_at, key LIMIT %d`, OpenPage), account)
}

// MarkChecked records that an operation was read at the registrar just now, without need: one that
// failed or was cancelled, or one that waits.
func (s *Store) MarkChecked(ctx context.Context, key string) error {
	_, err := s.db.ExecContext(ctx, `UPDATE registrar_operations SET checked_at = `+s.clock()+` WHERE key = $1`, key)
	if err != nil {
		return fmt.Errorf("store: mark checked: %w", err)
	}
	return nil
}

// LedgerFilter selects rows of the ledger. Zero fields select all.
type LedgerFilter struct {
	Account string
	Domain  string
	// Reference is the registrar's id of the operation, Key the ledger's.
	Reference, Key string
	// Open leaves out the operations that the registrar has finished.
	Open  bool
	Limit int // zero means 100; at most MostOperations
}

// LedgerRows lists rows of the ledger, oldest first.
func (s *Store) LedgerRows(ctx context.Context, filter LedgerFilter) ([]LedgerRow, error) {
	var open []string
	if filter.Open {
		open = append(open, "finished_at IS NULL")
	}
	where, args := narrow([]column{
		{"account", filter.Account}, {"domain", filter.Domain}, {"reference", filter.Reference}, {"key", filter.Key},
	}, open...)
	args = append(args, limited(filter.Limit, MostOperations))
	query := where + fmt.Sprintf(" ORDER BY intended_at, key LIMIT $%d", len(args))
	return s.ledgerRows(ctx, "operations", query, args...)
}

// mostCodeRows bounds how far back AuthCodeRows looks.
const mostCodeRows = 100

// AuthCodeRows returns the newest rows of an account about a domain that its auth code depends on, the
// newest first: those that give it a code, and those by which it comes without one or goes.
func (s *Store) AuthCodeRows(ctx context.Context, account, domain string) ([]LedgerRow, error) {
	return s.ledgerRows(ctx, "auth codes", fmt.Sprintf(` WHERE domain = $1 AND account = $2
		AND kind IN ('registration', 'auth-code-change', 'transfer', 'deletion') ORDER BY intended_at DESC, key DESC LIMIT %d`, mostCodeRows),
		domain, account)
}

// Contacts returns the handles of those contacts that were created for a request, by their
// digests.
func (s *Store) Contacts(ctx context.Context, account, ownerKey string, digests []string) (map[string]string, error) {
	var rows []struct {
		Digest string `db:"digest"`
		Handle string `db:"handle"`
	}
	err := s.db.SelectContext(ctx, &rows, `SELECT digest, handle FROM registrar_contacts
		WHERE account = $1 AND owner_key = $2`, account, ownerKey)
	if err != nil {
		return nil, fmt.Errorf("store: contacts: %w", err)
	}
	keys, err := s.digestKeys(ctx, s.db)
	if err != nil {
		return nil, err
	}
	handles := make(map[string]string, len(rows))
	for _, row := range rows {
		for _, digest := range digests {
			if keys.is(row.Digest, ofContact, digest) {
				handles[digest] = row.Handle
			}
		}
	}
	return handles, nil
}

// KeepContact records the handle of a contact. The first handle recorded stays.
func (s *Store) KeepContact(ctx context.Context, account, ownerKey, digest, handle string) error {
	keys, err := s.digestKeys(ctx, s.db)
	if err != nil {
		return err
	}
	_, err = s.db.ExecContext(ctx, `
		INSERT INTO registrar_contacts (account, owner_key, digest, handle, created_at)
		VALUES ($1, $2, $3, $4, `+s.clock()+`) ON CONFLICT DO NOTHING`, account, ownerKey, keys.keyed(ofContact, digest), handle)
	if err != nil {
		return fmt.Errorf("store: keep contact: %w", err)
	}
	return nil
}
