package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"
)

// Withdraw records that the order of a request asks to take it back, and returns its row. From
// then on nothing of the request is submitted: no claim is granted, and the row is not begun
// again, not even for a person. A row in which nothing can exist at the registrar is cancelled:
// one that was refused, and one that is made here because nobody had intended the request yet.
// Repeating it changes nothing.
func (s *Store) Withdraw(ctx context.Context, key, account string) (LedgerRow, error) {
	var row LedgerRow
	err := s.transaction(ctx, func(tx *sqlx.Tx) error {
		seen, err := s.lockRow(ctx, tx, key)
		if errors.Is(err, ErrNotFound) {
			if err := s.forestall(ctx, tx, key, account); err != nil {
				return err
			}
			seen, err = s.lockRow(ctx, tx, key)
		}
		if err != nil {
			return err
		}
		if row = seen; seen.WithdrawalAt != nil && seen.State != Refused {
			return nil
		}
		state, finished := seen.State, "finished_at"
		if state == Refused {
			state, finished = Cancelled, s.clock()
		}
		row, err = s.changed(ctx, tx, "withdraw", `
			UPDATE registrar_operations SET withdrawal_at = COALESCE(withdrawal_at, `+s.clock()+`), state = $2, updated_at = `+s.clock()+`,
				finished_at = `+finished+`, told_at = CASE WHEN state = 'refused' THEN `+s.clock()+` ELSE told_at END
			WHERE key = $1 AND state = $3`, key, state, seen.State)
		if err != nil {
			return err
		}
		return s.addEvent(ctx, tx, key, state, "its order asks to take it back")
	})
	return row, err
}

// forestall makes the row of a request that nobody has intended, so that nobody submits it.
func (s *Store) forestall(ctx context.Context, tx *sqlx.Tx, key, account string) error {
	order, item, kind, err := splitKey(key)
	if err != nil {
		return fmt.Errorf("store: withdraw: %w: %s is no key of a request", ErrNotFound, key)
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO registrar_operations
			(key, account, kind, domain, workflow_id, state, submissions, intended_at, updated_at, finished_at, told_at)
		SELECT $1, $2, $3, domain, workflow_id, 'cancelled', 0, `+s.clock()+`, `+s.clock()+`, `+s.clock()+`, `+s.clock()+`
		FROM provisionings WHERE order_number = $4 AND item = $5
		ON CONFLICT (key) DO NOTHING`, key, account, kind, order, item)
	if err != nil {
		return fmt.Errorf("store: withdraw: %w", err)
	}
	return nil
}
