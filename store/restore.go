package store

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"
)

// OrderCounter is the counter of order numbers.
const OrderCounter = orderNumbers

// CounterOf returns the counter that ids of a kind are drawn from.
func CounterOf(kind IDKind) string { return counter(kind) }

// Counters returns the last number drawn from each counter.
func (s *Store) Counters(ctx context.Context) (map[string]int64, error) {
	var rows []struct {
		Name  string `db:"name"`
		Value int64  `db:"value"`
	}
	if err := s.db.SelectContext(ctx, &rows, `SELECT name, value FROM counters`); err != nil {
		return nil, fmt.Errorf("store: counters: %w", err)
	}
	counters := make(map[string]int64, len(rows))
	for _, row := range rows {
		counters[row.Name] = row.Value
	}
	return counters, nil
}

// AdvanceCounter makes a counter continue after a number. A counter that is already beyond
// it stays.
func (s *Store) AdvanceCounter(ctx context.Context, name string, to int64) error {
	return s.advance(ctx, s.db, name, to)
}

func (s *Store) advance(ctx context.Context, q querier, name string, to int64) error {
	_, err := q.ExecContext(ctx, `INSERT INTO counters (name, value) VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE SET value = CASE WHEN counters.value < excluded.value THEN excluded.value ELSE counters.value END`, name, to)
	if err != nil {
		return fmt.Errorf("store: advance counter %s: %w", name, err)
	}
	return nil
}

// ReviseRow brings a row of a restored database up to the state that the history of its
// order shows. Like SeedRow, it treats the call as permitted just now. If the row has
// changed since it was read, the error is ErrMovedOn.
func (s *Store) ReviseRow(ctx context.Context, seen, row LedgerRow) error {
	finished := s.finishedAt(row.State)
	return s.transaction(ctx, func(tx *sqlx.Tx) error {
		_, err := s.changed(ctx, tx, "revise operation", `
			UPDATE registrar_operations SET state = $2, reference = $3, word = $4, reopened = $5, accepted_price = $8, updated_at = `+s.clock()+`,
				claimed_at = `+s.clock()+`, finished_at = `+finished+`, told_at = `+finished+`
			WHERE key = $1 AND state = $6 AND submissions = $7`,
			row.Key, row.State, row.Reference, row.Word, max(row.Reopened, seen.Reopened), seen.State, seen.Submissions, row.AcceptedPrice)
		if err != nil {
			return err
		}
		return s.addEvent(ctx, tx, row.Key, row.State, "brought up to date after a restore, from the history of its order")
	})
}

// SeedRow writes a row of the ledger that a restored database lacks. It treats the call as
// permitted just now, so that nobody submits again before it has settled. An existing row
// stays as it is.
func (s *Store) SeedRow(ctx context.Context, row LedgerRow) error {
	finished := s.finishedAt(row.State)
	return s.transaction(ctx, func(tx *sqlx.Tx) error {
		result, err := tx.ExecContext(ctx, `
			INSERT INTO registrar_operations (key, account, kind, domain, workflow_id, guard, state, reference, word,
				submissions, reopened, accepted_price, intended_at, updated_at, claimed_at, finished_at, told_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $10, $11, `+s.clock()+`, `+s.clock()+`, `+s.clock()+`, `+finished+`, `+finished+`)
			ON CONFLICT (key) DO NOTHING`,
			row.Key, row.Account, row.Kind, row.Domain, row.WorkflowID, row.Guard, row.State, row.Reference, row.Word, row.Reopened, row.AcceptedPrice)
		if err != nil {
			return fmt.Errorf("store: seed operation: %w", err)
		}
		if rows, err := result.RowsAffected(); err != nil || rows == 0 {
			return err
		}
		return s.addEvent(ctx, tx, row.Key, row.State, "written after a restore, from the history of its order")
	})
}
