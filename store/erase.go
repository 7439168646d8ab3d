package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
)

// OpenOrderError says that something of an order is not finished, so that its data are needed.
type OpenOrderError struct{ Number string }

// Error says what to do.
func (e *OpenOrderError) Error() string {
	return fmt.Sprintf("store: order %s is open: its data are needed; wait for its end, or cancel it", e.Number)
}

// Erase destroys an order's data key and removes what else names a person: the document, its
// revisions, secrets, recorded answers, what outside systems have said, and the digests of the
// customer, the contacts and the contents. What stays are the domain, ids, states and times, the
// ledger and the acts. Erase returns when the order was first erased; a repeat removes what has
// come since. Errors: ErrNotFound, *OpenOrderError.
func (s *Store) Erase(ctx context.Context, number string) (at time.Time, err error) {
	err = s.transaction(ctx, func(tx *sqlx.Tx) error {
		// The row of the order is the lock: an amendment is stored before or not at all.
		if err := tx.GetContext(ctx, &at, `UPDATE orders SET document = '', fingerprint = '', customer = '',
			erased_at = COALESCE(erased_at, `+s.clock()+`) WHERE number = $1 RETURNING erased_at`, number); err != nil {
			return notFound("order "+number, err)
		}
		var open bool
		if err := tx.GetContext(ctx, &open, `SELECT EXISTS (SELECT 1 FROM provisionings WHERE order_number = $1 AND state = 'open')`, number); err != nil {
			return err
		}
		if open {
			return &OpenOrderError{Number: number}
		}
		for _, statement := range []string{
			`UPDATE provisionings SET erased_at = (SELECT erased_at FROM orders WHERE number = $1) WHERE order_number = $1`,
			`UPDATE order_revisions SET document = '', digest = '' WHERE order_number = $1`,
			// A generated password is kept for a user whose id was reserved.
			`DELETE FROM secrets WHERE reference IN (SELECT '` + ofOrder + `' || scope || '/user/' || value || '/password' FROM reserved_ids
				WHERE scope = $1 AND kind = '` + string(UserID) + `')`,
			`DELETE FROM quotes WHERE order_number = $1 AND order_number <> ''`,
			// Those that an older version has kept.
			`DELETE FROM quotes WHERE order_number = '' AND workflow_id IN (SELECT workflow_id FROM provisionings WHERE order_number = $1)`,
			`UPDATE idempotency_keys SET request = '', answer = '' WHERE order_number = $1`,
			`DELETE FROM registrar_contacts WHERE rtrim(rtrim(owner_key, 'abcdefghijklmnopqrstuvwxyz-'), '/') IN (
				SELECT order_number || '/' || item FROM provisionings WHERE order_number = $1)`,
		} {
			if _, err := tx.ExecContext(ctx, statement, number); err != nil {
				return err
			}
		}
		// The row stays, so that nobody makes the order a new key.
		_, err := tx.ExecContext(ctx, `INSERT INTO data_keys (reference, wrapped, key_id, created_at, destroyed_at)
			SELECT CAST($1 AS text), '', '', erased_at, erased_at FROM orders WHERE number = $2
			ON CONFLICT (reference) DO UPDATE SET wrapped = '', key_id = '', destroyed_at = COALESCE(data_keys.destroyed_at, excluded.destroyed_at)`,
			keyOfOrder(number), number)
		return err
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("store: erase: %w", err)
	}
	return at.UTC(), nil
}
