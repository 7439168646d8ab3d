package store

import (
	"context"
	"database/sql"
	"errors"
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

// RepeatableOrderError says that an equal order would be found to repeat this one only by its
// contents, of which an erasure leaves nothing.
type RepeatableOrderError struct {
	Number string
	Until  time.Time
}

// Error says until when.
func (e *RepeatableOrderError) Error() string {
	return fmt.Sprintf("store: order %s had neither number nor key: were it sent again before %s, it would be a new one once it is erased; wait until then",
		e.Number, e.Until.Format(time.RFC3339))
}

// Erasing says which order is erased, and how.
type Erasing struct {
	Number string
	// Act is recorded together with the erasure, if that succeeds; nil records nothing.
	Act *Act
	// RepeatWindow refuses an order that an equal one repeats by its contents, as Acceptance says;
	// 0 refuses none.
	RepeatWindow time.Duration
	// Once refuses an order that was erased before.
	Once bool
}

// Erase destroys an order's data key and removes what else names a person: the document, its
// revisions, secrets, recorded answers, what outside systems have said, and the digests of the
// customer, the contacts and the contents. What stays are the domain, ids, states and times, the
// ledger and the acts. From then on OrdersWithRuns names the order, until its runs are deleted. Erase
// returns when the order was first erased; a repeat removes what has come since. Errors: ErrNotFound,
// *OpenOrderError, *RepeatableOrderError, and *ErasedError for Once.
func (s *Store) Erase(ctx context.Context, erasing Erasing) (at time.Time, err error) {
	number := erasing.Number
	err = s.transaction(ctx, func(tx *sqlx.Tx) error {
		// The row of the order is the lock: an amendment is stored before or not at all.
		if err := s.lockOrder(ctx, tx, number); err != nil {
			return err
		}
		if err := s.checkErasable(ctx, tx, erasing); err != nil {
			return err
		}
		if err := tx.GetContext(ctx, &at, `UPDATE orders SET document = '', fingerprint = '', customer = '',
			erased_at = COALESCE(erased_at, `+s.clock()+`), runs_due = `+s.clock()+` WHERE number = $1 RETURNING erased_at`, number); err != nil {
			return notFound("order "+number, err)
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
		if err == nil && erasing.Act != nil {
			_, err = s.recordAct(ctx, tx, *erasing.Act)
		}
		return err
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("store: erase: %w", err)
	}
	return at.UTC(), nil
}

// lockOrder locks the row of an order until the transaction ends, if there is one.
func (s *Store) lockOrder(ctx context.Context, tx *sqlx.Tx, number string) error {
	return s.lock(ctx, tx, "orders", "number = $1", number)
}

func (s *Store) checkErasable(ctx context.Context, tx *sqlx.Tx, erasing Erasing) error {
	var order struct {
		ErasedAt *time.Time `db:"erased_at"`
		Open     bool       `db:"open"`
	}
	err := tx.GetContext(ctx, &order, `SELECT erased_at, EXISTS (SELECT 1 FROM provisionings WHERE order_number = $1 AND state = 'open') AS open
		FROM orders WHERE number = $1`, erasing.Number)
	switch {
	case err != nil:
		return notFound("order "+erasing.Number, err)
	case order.Open:
		return &OpenOrderError{Number: erasing.Number}
	case order.ErasedAt != nil && erasing.Once:
		return &ErasedError{Number: erasing.Number, At: order.ErasedAt.UTC()}
	}
	until, err := s.repeatableUntil(ctx, tx, erasing.Number, erasing.RepeatWindow)
	if err == nil && until != nil {
		err = &RepeatableOrderError{Number: erasing.Number, Until: *until}
	}
	return err
}

// RepeatableUntil returns until when an equal order repeats this one, which is done, by nothing but
// its contents; nil if it had a number or a key, was erased, or the window is over.
func (s *Store) RepeatableUntil(ctx context.Context, number string, window time.Duration) (*time.Time, error) {
	until, err := s.repeatableUntil(ctx, s.db, number, window)
	if err != nil {
		return nil, fmt.Errorf("store: repeats of order %s: %w", number, err)
	}
	return until, nil
}

func (s *Store) repeatableUntil(ctx context.Context, q querier, number string, window time.Duration) (*time.Time, error) {
	// The key of an order without number is made by this system; one whose client has chosen the
	// same text is taken for it, and only waits.
	if _, ours := DrawnNumber(number); !ours || window <= 0 {
		return nil, nil //nolint:nilnil // there is no such time
	}
	var received time.Time
	err := q.GetContext(ctx, &received, `SELECT received_at FROM orders WHERE number = $1 AND erased_at IS NULL
		AND received_at > `+s.asOf(-window)+`
		AND EXISTS (SELECT 1 FROM provisionings WHERE order_number = $1 AND state = 'done')
		AND NOT EXISTS (SELECT 1 FROM idempotency_keys WHERE order_number = $1)`, number)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil //nolint:nilnil // likewise
	}
	if err != nil {
		return nil, err
	}
	until := received.UTC().Add(window)
	return &until, nil
}

// OrdersWithRuns returns numbers of erased orders whose ended runs are to be deleted in Temporal now,
// those first that have waited longest.
func (s *Store) OrdersWithRuns(ctx context.Context, limit int) ([]string, error) {
	var numbers []string
	err := s.db.SelectContext(ctx, &numbers, `SELECT number FROM orders WHERE runs_due <= `+s.asOf(0)+` ORDER BY runs_due LIMIT $1`, limit)
	if err != nil {
		return nil, fmt.Errorf("store: orders with runs: %w", err)
	}
	return numbers, nil
}

// RunsDeleted notes that Temporal has no ended run of an erased order any more.
func (s *Store) RunsDeleted(ctx context.Context, number string) error {
	return s.runsDue(ctx, number, "NULL")
}

// RunsRemain notes that a run of an erased order is to be looked for again after a time.
func (s *Store) RunsRemain(ctx context.Context, number string, after time.Duration) error {
	return s.runsDue(ctx, number, s.clockAfter(after))
}

func (s *Store) runsDue(ctx context.Context, number, at string) error {
	_, err := s.db.ExecContext(ctx, `UPDATE orders SET runs_due = `+at+` WHERE number = $1 AND runs_due IS NOT NULL`, number)
	if err != nil {
		return fmt.Errorf("store: runs of order %s: %w", number, err)
	}
	return nil
}
