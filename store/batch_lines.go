package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"domainprovisioning/messages"
)

// LineState is the state of a line of a batch.
type LineState string

// The states. All but LineWaiting are final.
const (
	LineWaiting   LineState = "waiting"
	LinePlaced    LineState = "placed"
	LineRefused   LineState = "refused"
	LineCancelled LineState = "cancelled"
)

// LineStates lists all states.
func LineStates() []LineState {
	return []LineState{LineWaiting, LinePlaced, LineRefused, LineCancelled}
}

// LineReason is a reason why a line was refused, without personal data.
type LineReason struct {
	// Pointer is a JSON pointer into the order; "" is the whole.
	Pointer string `json:"pointer,omitempty"`
	Message string `json:"message"`
}

// NewLine is a line of a batch to be stored.
type NewLine struct {
	Line int
	// Account is the registrar account whose rate applies; "" for an order without a domain.
	Account, Domain string
	// Document is the order. It is stored sealed, unless the line is refused.
	Document []byte
	// Cost is the most that the line may cost at the registrar.
	Cost Money
	// Bounds say which of its requests may cost how much, in the words of whoever places it.
	Bounds string
	// Reasons refuse the line; nil for one that is to be placed.
	Reasons []LineReason
}

// StoreLines stores a piece of a batch in one transaction, and holds the batch for BatchHold.
// Error: ErrBatchLost.
func (s *Store) StoreLines(ctx context.Context, batch string, lines []NewLine) error {
	err := s.transaction(ctx, func(tx *sqlx.Tx) error {
		var created []time.Time
		err := tx.SelectContext(ctx, &created, `UPDATE batches SET held_until = `+s.clockAfter(BatchHold)+`
			WHERE id = $1 AND state = 'storing' RETURNING created_at`, batch)
		if err == nil && len(created) == 0 {
			err = ErrBatchLost
		}
		if err != nil {
			return err
		}
		key, err := s.batchKey(ctx, tx, batch)
		if err != nil {
			return err
		}
		rows := make([]storedLine, len(lines))
		for n, line := range lines {
			// Lines that were never tried come in their order, which next_at must not change.
			row := storedLine{
				Batch: batch, Line: line.Line, Account: line.Account, Domain: line.Domain, State: LineWaiting,
				Cents: line.Cost.Cents, Currency: line.Cost.Currency, Bounds: line.Bounds, NextAt: created[0],
			}
			switch {
			case line.Reasons != nil:
				row.State, row.SettledAt = LineRefused, &created[0]
				if row.Reasons, err = encodeReasons(line.Reasons); err != nil {
					return err
				}
			default:
				if row.Document, err = key.Seal(line.Document, sealedLine(batch, line.Line)); err != nil {
					return err
				}
			}
			rows[n] = row
		}
		_, err = tx.NamedExecContext(ctx, `INSERT INTO batch_lines (batch, line, account, domain, state, document, cents, currency, bounds,
				order_number, reasons, attempts, trouble, next_at, settled_at)
			VALUES (:batch, :line, :account, :domain, :state, :document, :cents, :currency, :bounds, '', :reasons, 0, '', :next_at, :settled_at)`, rows)
		return err
	})
	if err != nil {
		return fmt.Errorf("store: lines of a batch: %w", err)
	}
	return nil
}

type storedLine struct {
	Batch     string     `db:"batch"`
	Line      int        `db:"line"`
	Account   string     `db:"account"`
	Domain    string     `db:"domain"`
	State     LineState  `db:"state"`
	Document  string     `db:"document"`
	Cents     int64      `db:"cents"`
	Currency  string     `db:"currency"`
	Bounds    string     `db:"bounds"`
	Reasons   string     `db:"reasons"`
	NextAt    time.Time  `db:"next_at"`
	SettledAt *time.Time `db:"settled_at"`
}

func encodeReasons(reasons []LineReason) (string, error) {
	encoded, err := json.Marshal(reasons)
	return string(encoded), err
}

// BatchLine is a line of a batch as it stands.
type BatchLine struct {
	Line    int       `db:"line"`
	Account string    `db:"account"`
	Domain  string    `db:"domain"`
	State   LineState `db:"state"`
	// OrderNumber is the key of its order, and Label the order's number at its client; "" if it is
	// not placed.
	OrderNumber string `db:"order_number"`
	Label       string `db:"label"`
	// Shown is the state of the order, that of its unit which most needs a person; "" if it is not
	// placed.
	Shown   messages.State `db:"shown"`
	Reasons []LineReason   `db:"-"`
	// Attempts counts how often it was tried, Trouble is why the last try has failed, and NextAt
	// when the next one may come.
	Attempts  int        `db:"attempts"`
	Trouble   string     `db:"trouble"`
	NextAt    time.Time  `db:"next_at"`
	SettledAt *time.Time `db:"settled_at"`

	Encoded string `db:"reasons"`
}

// shownRank orders the states of an order's units; the first one is that of the order.
const shownRank = `MIN(CASE ` + shownState + ` WHEN 'attention' THEN 1 WHEN 'failed' THEN 2 WHEN 'undoing' THEN 3 WHEN 'running' THEN 4
	WHEN 'waiting' THEN 5 WHEN 'cancelled' THEN 6 ELSE 7 END)`

// rankedState is the state of a rank.
const rankedState = `CASE rank WHEN 1 THEN 'attention' WHEN 2 THEN 'failed' WHEN 3 THEN 'undoing' WHEN 4 THEN 'running'
	WHEN 5 THEN 'waiting' WHEN 6 THEN 'cancelled' WHEN 7 THEN 'done' ELSE '' END`

// BatchLines lists the lines of a batch after a line, in their order, at most limit of them. A
// state narrows the list unless it is "".
func (s *Store) BatchLines(ctx context.Context, batch string, state LineState, after, limit int) ([]BatchLine, error) {
	narrow, args := "", []any{batch, after, limit}
	if state != "" {
		narrow, args = ` AND state = $4`, append(args, string(state))
	}
	lines := []BatchLine{}
	err := s.db.SelectContext(ctx, &lines, `SELECT line, account, domain, state, order_number, reasons, attempts, trouble, next_at, settled_at,
			COALESCE((SELECT `+shownLabel+` FROM orders WHERE number = order_number), '') AS label,
			COALESCE((SELECT `+rankedState+` FROM (SELECT `+shownRank+` AS rank FROM provisionings p WHERE p.order_number = l.order_number) AS ranked), '') AS shown
		FROM batch_lines l WHERE batch = $1 AND line > $2`+narrow+` ORDER BY line LIMIT $3`, args...)
	if err != nil {
		return nil, fmt.Errorf("store: lines of a batch: %w", err)
	}
	for n := range lines {
		line := &lines[n]
		line.NextAt, line.SettledAt = line.NextAt.UTC(), utc(line.SettledAt)
		if line.Encoded == "" {
			continue
		}
		if err := json.Unmarshal([]byte(line.Encoded), &line.Reasons); err != nil {
			return nil, fmt.Errorf("store: reasons of a line: %w", err)
		}
	}
	return lines, nil
}

// BatchCounts are how many lines of a batch are in each state, and of those that are placed how
// many orders are in each state. Troubled counts the waiting lines whose last try has failed.
type BatchCounts struct {
	Lines    map[LineState]int
	Orders   map[messages.State]int
	Troubled int
}

// CountBatch counts the lines and the orders of a batch.
func (s *Store) CountBatch(ctx context.Context, batch string) (BatchCounts, error) {
	counts := BatchCounts{Lines: map[LineState]int{}, Orders: map[messages.State]int{}}
	var rows []struct {
		State string `db:"state"`
		Count int    `db:"count"`
	}
	if err := s.db.SelectContext(ctx, &rows, `SELECT state, COUNT(*) AS count FROM batch_lines WHERE batch = $1 GROUP BY state`, batch); err != nil {
		return counts, fmt.Errorf("store: count a batch: %w", err)
	}
	for _, row := range rows {
		counts.Lines[LineState(row.State)] = row.Count
	}
	if counts.Lines[LineWaiting] > 0 {
		if err := s.db.GetContext(ctx, &counts.Troubled, `SELECT COUNT(*) FROM batch_lines WHERE batch = $1 AND state = 'waiting' AND trouble <> ''`, batch); err != nil {
			return counts, fmt.Errorf("store: count a batch: %w", err)
		}
	}
	if counts.Lines[LinePlaced] == 0 {
		return counts, nil
	}
	rows = nil
	err := s.db.SelectContext(ctx, &rows, `SELECT `+rankedState+` AS state, COUNT(*) AS count FROM (
			SELECT l.line, `+shownRank+` AS rank FROM batch_lines l JOIN provisionings p ON p.order_number = l.order_number
			WHERE l.batch = $1 AND l.state = 'placed' GROUP BY l.line) AS ranked GROUP BY rank`, batch)
	if err != nil {
		return counts, fmt.Errorf("store: count the orders of a batch: %w", err)
	}
	for _, row := range rows {
		counts.Orders[messages.State(row.State)] = row.Count
	}
	return counts, nil
}

// CountBatchLines counts the lines of batches that have not ended, by state.
func (s *Store) CountBatchLines(ctx context.Context) (map[LineState]int, error) {
	counts := map[LineState]int{}
	for _, state := range LineStates() {
		counts[state] = 0
	}
	var rows []struct {
		State LineState `db:"state"`
		Count int       `db:"count"`
	}
	err := s.db.SelectContext(ctx, &rows, `SELECT l.state, COUNT(*) AS count FROM batches b JOIN batch_lines l ON l.batch = b.id
		WHERE b.ended_at IS NULL AND b.state IN ('running', 'paused') GROUP BY l.state`)
	if err != nil {
		return nil, fmt.Errorf("store: count lines of batches: %w", err)
	}
	for _, row := range rows {
		counts[row.State] = row.Count
	}
	return counts, nil
}
