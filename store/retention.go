package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
)

// Job is a job that this process carries out alone, for as long as it renews it.
type Job struct {
	store *Store
	name  string
	// held is until when, which tells this claim from any other: the next one begins after it.
	held time.Time
}

// ClaimJob lets one process carry out a job: it returns the job if nobody holds it, and holds it for
// the given time; nil if another one has it.
func (s *Store) ClaimJob(ctx context.Context, name string, hold time.Duration) (*Job, error) {
	job := &Job{store: s, name: name}
	claimed, err := job.hold(ctx, `INSERT INTO jobs (name, held_until) VALUES ($1, `+s.clockAfter(hold)+`)
		ON CONFLICT (name) DO UPDATE SET held_until = excluded.held_until WHERE jobs.held_until <= `+s.clock()+` RETURNING held_until`, name)
	if err != nil || !claimed {
		return nil, err
	}
	return job, nil
}

// Renew holds the job for the given time from now on. It reports false if another process has
// claimed it meanwhile.
func (j *Job) Renew(ctx context.Context, hold time.Duration) (bool, error) {
	return j.hold(ctx, `UPDATE jobs SET held_until = `+j.store.clockAfter(hold)+` WHERE name = $1 AND held_until = $2 RETURNING held_until`, j.name, j.held)
}

func (j *Job) hold(ctx context.Context, statement string, args ...any) (bool, error) {
	err := j.store.db.GetContext(ctx, &j.held, statement, args...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("store: claim job: %w", err)
	}
	j.held = j.held.UTC()
	return true, nil
}

// The Drop functions remove what is older than the given time, at most limit rows, and return how
// many.

// DropRefusals removes notes of refused orders.
func (s *Store) DropRefusals(ctx context.Context, kept time.Duration, limit int) (int, error) {
	return s.drop(ctx, "refusals", `DELETE FROM refusals WHERE id IN (
		SELECT id FROM refusals WHERE received_at < `+s.asOf(-kept)+` ORDER BY received_at LIMIT $1)`, limit)
}

// RenewalKeys is the client of the keys under which the renewals of domains are ordered. No API key
// belongs to it, as its name is none that one can have. Its keys stay: without them a date could be
// ordered twice, years apart from what ordered it first.
const RenewalKeys = "(renewals)"

// RepairKeys is the same for the orders that settle a difference.
const RepairKeys = "(drift)"

// DropRequests removes callers' own keys of requests, with the answers, unless their order is open.
func (s *Store) DropRequests(ctx context.Context, kept time.Duration, limit int) (int, error) {
	return s.drop(ctx, "requests", `DELETE FROM idempotency_keys WHERE (client, key) IN (
		SELECT client, key FROM idempotency_keys i WHERE created_at < `+s.asOf(-kept)+` AND client NOT IN ('`+RenewalKeys+`', '`+RepairKeys+`')
			AND NOT EXISTS (SELECT 1 FROM provisionings p WHERE p.order_number = i.order_number AND p.state = 'open')
		ORDER BY created_at LIMIT $1)`, limit)
}

// DropHandledNews removes deliveries that are over, before DropNews does.
func (s *Store) DropHandledNews(ctx context.Context, kept time.Duration, limit int) (int, error) {
	return s.drop(ctx, "news", `DELETE FROM news WHERE (hook, event_id) IN (
		SELECT hook, event_id FROM news WHERE state <> 'waiting' AND handled_at < `+s.asOf(-kept)+` LIMIT $1)`, limit)
}

func (s *Store) drop(ctx context.Context, what, statement string, limit int) (int, error) {
	result, err := s.db.ExecContext(ctx, statement, limit)
	if err != nil {
		return 0, fmt.Errorf("store: drop old %s: %w", what, err)
	}
	rows, err := result.RowsAffected()
	return int(rows), err
}

// ErasableOrders returns the numbers of orders that ended longer ago than the given time and were
// not erased, the oldest first.
func (s *Store) ErasableOrders(ctx context.Context, kept time.Duration, limit int) ([]string, error) {
	var numbers []string
	err := s.db.SelectContext(ctx, &numbers, `SELECT number FROM orders o WHERE erased_at IS NULL AND received_at < `+s.asOf(-kept)+`
		AND NOT EXISTS (SELECT 1 FROM provisionings p WHERE p.order_number = o.number
			AND (p.state = 'open' OR p.closed_at IS NULL OR p.closed_at >= `+s.asOf(-kept)+`))
		ORDER BY received_at LIMIT $1`, limit)
	if err != nil {
		return nil, fmt.Errorf("store: orders to erase: %w", err)
	}
	return numbers, nil
}

// DropActs removes acts from the beginning of the record, and keeps the hash of the last one, with
// which the record goes on. The newest act stays. It returns that last one, to be kept elsewhere.
func (s *Store) DropActs(ctx context.Context, kept time.Duration, limit int) (count int, last ActHead, err error) {
	err = s.transaction(ctx, func(tx *sqlx.Tx) error {
		var old []ActHead
		err := tx.SelectContext(ctx, &old, `SELECT number, hash FROM acts WHERE number < (SELECT MAX(number) FROM acts)
			AND number < COALESCE((SELECT number FROM acts WHERE at >= `+s.asOf(-kept)+` ORDER BY at, number LIMIT 1), (SELECT MAX(number) FROM acts))
			ORDER BY number LIMIT $1`, limit)
		if err != nil || len(old) == 0 {
			return err
		}
		count, last = len(old), old[len(old)-1]
		_, err = tx.ExecContext(ctx, `INSERT INTO acts_removed (one, number, hash, removed_at) VALUES (1, $1, $2, `+s.clock()+`)
			ON CONFLICT (one) DO UPDATE SET number = excluded.number, hash = excluded.hash, removed_at = excluded.removed_at
			WHERE acts_removed.number < excluded.number`, last.Number, last.Hash)
		if err == nil {
			_, err = tx.ExecContext(ctx, `DELETE FROM acts WHERE number <= $1`, last.Number)
		}
		return err
	})
	if err != nil {
		return 0, ActHead{}, fmt.Errorf("store: drop old acts: %w", err)
	}
	return count, last, nil
}

// removedActs is the last act that DropActs has removed; before the first one, if none was.
func (s *Store) removedActs(ctx context.Context) (ActHead, error) {
	head := ActHead{Hash: firstPrevious}
	err := s.db.GetContext(ctx, &head, `SELECT number, hash FROM acts_removed`)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return ActHead{}, fmt.Errorf("store: removed acts: %w", err)
	}
	return head, nil
}
