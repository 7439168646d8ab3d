package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"
)

// LineRef names a line of a batch. An order that is accepted for a line settles it in the same
// transaction: no crash comes between the two, and a line that was cancelled meanwhile becomes no
// order.
type LineRef struct {
	Batch string
	Line  int
}

// ErrLineSettled says that a line waits no more, so that its order was not accepted.
var ErrLineSettled = errors.New("store: the line of the batch is settled already")

// becomes settles the line that an order is accepted for; nil is none.
func (s *Store) becomes(ctx context.Context, q querier, line *LineRef, order string) error {
	if line == nil {
		return nil
	}
	settled, err := s.settleLine(ctx, q, line.Batch, line.Line, LinePlaced, order, "")
	if err == nil && !settled {
		err = ErrLineSettled
	}
	return err
}

// LineHold is how long a line belongs to the process that places it. Another one takes it after
// that, which is harmless: the order is found again by the line's key.
const LineHold = 2 * time.Minute

// LineKey is the idempotency key under which the order of a line is placed: whoever places it, and
// however often, it is one order.
func LineKey(batch string, line int) string { return fmt.Sprintf("batch/%s/%d", batch, line) }

// ClaimedLine is a line that this process may place within LineHold.
type ClaimedLine struct {
	Batch, Client string
	Line          int
	Domain        string
	Document      []byte
	Bounds        string
	// Attempts counts this try as well.
	Attempts int
}

// DueAccounts lists the registrar accounts with lines that may be placed; "" is among them for
// orders without a domain. It reads one entry of an index while no batch runs.
func (s *Store) DueAccounts(ctx context.Context) ([]string, error) {
	var running []string
	if err := s.db.SelectContext(ctx, &running, `SELECT id FROM batches WHERE state = 'running' AND ended_at IS NULL ORDER BY created_at, id`); err != nil {
		return nil, fmt.Errorf("store: running batches: %w", err)
	}
	var due []string
	for _, batch := range running {
		// The accounts are read one by one from their index, however many lines wait.
		var accounts []string
		err := s.db.SelectContext(ctx, &accounts, `
			WITH RECURSIVE accounts_of (account) AS (
				SELECT MIN(account) FROM batch_lines WHERE batch = $1 AND state = 'waiting'
				UNION ALL SELECT (SELECT MIN(account) FROM batch_lines WHERE batch = $1 AND state = 'waiting' AND account > of_batch.account)
				FROM accounts_of AS of_batch WHERE of_batch.account IS NOT NULL)
			SELECT account FROM accounts_of AS of_batch WHERE account IS NOT NULL AND EXISTS (SELECT 1 FROM batch_lines l
				WHERE l.batch = $1 AND l.account = of_batch.account AND l.state = 'waiting' AND l.next_at <= `+s.asOf(0)+`)`, batch)
		if err != nil {
			return nil, fmt.Errorf("store: due lines of batches: %w", err)
		}
		due = append(due, accounts...)
	}
	slices.Sort(due)
	return slices.Compact(due), nil
}

// errNoLine rolls back a claim for which there is no line.
var errNoLine = errors.New("store: no line is due")

// ClaimLine takes the next line of a registrar account, of the oldest batch that runs, unless one
// was taken less than every ago by any process: then it returns nil and how long to wait. It
// returns nil and 0 if there is none.
func (s *Store) ClaimLine(ctx context.Context, account string, every time.Duration) (line *ClaimedLine, wait time.Duration, err error) {
	err = s.transaction(ctx, func(tx *sqlx.Tx) error {
		line, wait, err = s.claimLine(ctx, tx, account, every)
		return err
	})
	if errors.Is(err, errNoLine) {
		return nil, wait, nil
	}
	if err != nil {
		return nil, 0, fmt.Errorf("store: claim a line: %w", err)
	}
	return line, 0, nil
}

func (s *Store) claimLine(ctx context.Context, tx *sqlx.Tx, account string, every time.Duration) (*ClaimedLine, time.Duration, error) {
	if wait, err := s.takeRate(ctx, tx, account, every); err != nil || wait > 0 {
		return nil, wait, errors.Join(err, errNoLine)
	}
	var row struct {
		storedLine

		Attempts int    `db:"attempts"`
		Client   string `db:"client"`
	}
	var batches []string
	if err := tx.SelectContext(ctx, &batches, `SELECT id FROM batches b WHERE state = 'running' AND ended_at IS NULL AND EXISTS (
			SELECT 1 FROM batch_lines l WHERE l.batch = b.id AND l.account = $1 AND l.state = 'waiting' AND l.next_at <= `+s.asOf(0)+`)
		ORDER BY created_at, id LIMIT 1`, account); err != nil {
		return nil, 0, err
	}
	if len(batches) == 0 {
		return nil, 0, errNoLine
	}
	err := tx.GetContext(ctx, &row, `UPDATE batch_lines SET next_at = `+s.clockAfter(LineHold)+`, attempts = attempts + 1
		WHERE batch = $1 AND line = (SELECT line FROM batch_lines WHERE batch = $1 AND account = $2 AND state = 'waiting' AND next_at <= `+s.asOf(0)+`
			ORDER BY next_at, line LIMIT 1) AND state = 'waiting' AND next_at <= `+s.clock()+`
		RETURNING batch, line, domain, document, bounds, attempts, (SELECT client FROM batches WHERE id = batch) AS client`, batches[0], account)
	if errors.Is(err, sql.ErrNoRows) {
		err = errNoLine // it was cancelled in between
	}
	if err != nil {
		return nil, 0, err
	}
	key, err := s.batchKey(ctx, tx, row.Batch)
	if err != nil {
		return nil, 0, err
	}
	document, err := key.Open(row.Document, sealedLine(row.Batch, row.Line))
	if err != nil {
		return nil, 0, err
	}
	return &ClaimedLine{
		Batch: row.Batch, Client: row.Client, Line: row.Line, Domain: row.Domain, Document: document, Bounds: row.Bounds, Attempts: row.Attempts,
	}, 0, nil
}

// takeRate takes the next turn of an account, or returns how long it is until then. Whoever has it
// holds the account's row until the claim is over.
func (s *Store) takeRate(ctx context.Context, tx *sqlx.Tx, account string, every time.Duration) (time.Duration, error) {
	_, err := tx.ExecContext(ctx, `INSERT INTO batch_rates (account, next_at) SELECT CAST($1 AS text), `+s.clock()+`
		WHERE NOT EXISTS (SELECT 1 FROM batch_rates WHERE account = $1) ON CONFLICT (account) DO NOTHING`, account)
	if err != nil {
		return 0, err
	}
	result, err := tx.ExecContext(ctx, `UPDATE batch_rates SET next_at = `+s.clockAfter(every)+` WHERE account = $1 AND next_at <= `+s.clock(), account)
	if err != nil {
		return 0, err
	}
	if taken, err := result.RowsAffected(); err != nil || taken == 1 {
		return 0, err
	}
	var row struct {
		NextAt time.Time `db:"next_at"`
		ReadAt moment    `db:"read_at"`
	}
	if err := tx.GetContext(ctx, &row, `SELECT next_at, `+s.clock()+` AS read_at FROM batch_rates WHERE account = $1`, account); err != nil {
		return 0, err
	}
	// SQLite's clock has milliseconds.
	return max(row.NextAt.UTC().Sub(row.ReadAt.Time), time.Millisecond), nil
}

// settleLine ends a waiting line. It reports false if it had ended before.
func (s *Store) settleLine(ctx context.Context, q querier, batch string, line int, state LineState, order, reasons string) (bool, error) {
	result, err := q.ExecContext(ctx, `UPDATE batch_lines SET state = $3, order_number = $4, reasons = $5, document = '', trouble = '', settled_at = `+s.clock()+`
		WHERE batch = $1 AND line = $2 AND state = 'waiting'`, batch, line, string(state), order, reasons)
	if err != nil {
		return false, fmt.Errorf("store: settle a line: %w", err)
	}
	rows, err := result.RowsAffected()
	return rows == 1, err
}

// LinePlaced records the key of the order that a line has turned out to repeat. Repeating it changes
// nothing.
func (s *Store) LinePlaced(ctx context.Context, batch string, line int, order string) error {
	_, err := s.settleLine(ctx, s.db, batch, line, LinePlaced, order, "")
	return err
}

// LineRefused records why a line was refused. Repeating it changes nothing.
func (s *Store) LineRefused(ctx context.Context, batch string, line int, reasons []LineReason) error {
	encoded, err := encodeReasons(reasons)
	if err == nil {
		_, err = s.settleLine(ctx, s.db, batch, line, LineRefused, "", encoded)
	}
	return err
}

// LineTroubled lets a line be tried again after a while, and shows why. attempts is that of the
// claim, so that nobody else's is changed.
func (s *Store) LineTroubled(ctx context.Context, claimed ClaimedLine, trouble string, after time.Duration) error {
	_, err := s.db.ExecContext(ctx, `UPDATE batch_lines SET trouble = $4, next_at = `+s.clockAfter(after)+`
		WHERE batch = $1 AND line = $2 AND state = 'waiting' AND attempts = $3`, claimed.Batch, claimed.Line, claimed.Attempts, trouble)
	if err != nil {
		return fmt.Errorf("store: a line is tried again: %w", err)
	}
	return nil
}

// FinishBatches ends the running batches of which no line waits, and returns their ids.
func (s *Store) FinishBatches(ctx context.Context) (ended []string, err error) {
	const over = `state = 'running' AND ended_at IS NULL AND NOT EXISTS (SELECT 1 FROM batch_lines l WHERE l.batch = batches.id AND l.state = 'waiting')`
	if err := s.db.SelectContext(ctx, &ended, `SELECT id FROM batches WHERE `+over); err != nil || len(ended) == 0 {
		return nil, err
	}
	err = s.transaction(ctx, func(tx *sqlx.Tx) error {
		ended = nil
		if err := tx.SelectContext(ctx, &ended, `UPDATE batches SET state = 'done', ended_at = `+s.clock()+` WHERE `+over+` RETURNING id`); err != nil {
			return err
		}
		for _, id := range ended {
			if err := dropBatchKey(ctx, tx, id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("store: finish batches: %w", err)
	}
	return ended, nil
}

// PauseBatch keeps the waiting lines of a running batch from being placed, and ResumeBatch lets
// them go on. A line that is just being placed is not stopped. They report false if the batch was
// not running, or not paused.
func (s *Store) PauseBatch(ctx context.Context, id string) (bool, error) {
	return s.moveBatch(ctx, id, BatchRunning, BatchPaused)
}

// ResumeBatch is described at PauseBatch.
func (s *Store) ResumeBatch(ctx context.Context, id string) (bool, error) {
	return s.moveBatch(ctx, id, BatchPaused, BatchRunning)
}

func (s *Store) moveBatch(ctx context.Context, id string, from, to BatchState) (bool, error) {
	result, err := s.db.ExecContext(ctx, `UPDATE batches SET state = $3 WHERE id = $1 AND state = $2 AND ended_at IS NULL`, id, string(from), string(to))
	if err != nil {
		return false, fmt.Errorf("store: batch: %w", err)
	}
	rows, err := result.RowsAffected()
	return rows == 1, err
}

// CancelBatch cancels the waiting lines of a batch that runs or is paused. A line that somebody has
// begun to place has become an order already, or never does; see LineRef. It reports false if the
// batch has ended.
func (s *Store) CancelBatch(ctx context.Context, id string) (cancelled bool, err error) {
	err = s.transaction(ctx, func(tx *sqlx.Tx) error {
		var ids []string
		if err := tx.SelectContext(ctx, &ids, `UPDATE batches SET state = 'cancelled', ended_at = `+s.clock()+`
			WHERE id = $1 AND state IN ('running', 'paused') AND ended_at IS NULL RETURNING id`, id); err != nil || len(ids) == 0 {
			return err
		}
		cancelled = true
		if _, err := tx.ExecContext(ctx, `UPDATE batch_lines SET state = 'cancelled', document = '', trouble = '', settled_at = `+s.clock()+`
			WHERE batch = $1 AND state = 'waiting'`, id); err != nil {
			return err
		}
		return dropBatchKey(ctx, tx, id)
	})
	if err != nil {
		return false, fmt.Errorf("store: cancel batch: %w", err)
	}
	return cancelled, nil
}
