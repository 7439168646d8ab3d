package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
)

// UnitFilter selects units of work for a list. Zero fields select all.
type UnitFilter struct {
	OrderNumber string
	Domain      string
	Registrar   string
	State       UnitState
	// Stopped lists only units whose workflows do not go on by themselves.
	Stopped bool
	// After is where the previous page ended.
	After *UnitCursor
	Limit int // zero means 100; at most 1000
}

// UnitCursor is a place in the list of units of work.
type UnitCursor struct {
	CreatedAt   time.Time
	OrderNumber string
	Item        int
}

// Cursor is the unit's place in the list.
func (p Unit) Cursor() UnitCursor {
	return UnitCursor{p.CreatedAt, p.OrderNumber, p.Item}
}

// Units lists units of work, newest first.
func (s *Store) Units(ctx context.Context, filter UnitFilter) ([]Unit, error) {
	var stopped []string
	if filter.Stopped {
		stopped = append(stopped, "state = 'open'", "run_state <> ''")
	}
	where, args := narrow([]column{
		{"order_number", filter.OrderNumber}, {"domain", filter.Domain},
		{"registrar", filter.Registrar}, {"state", string(filter.State)},
	}, stopped...)
	if after := filter.After; after != nil {
		join := " AND "
		if where == "" {
			join = " WHERE "
		}
		n := len(args)
		args = append(args, after.CreatedAt.UTC(), after.OrderNumber, after.Item)
		where += join + fmt.Sprintf(`(created_at < $%[1]d OR (created_at = $%[1]d AND
			(order_number < $%[2]d OR (order_number = $%[2]d AND item > $%[3]d))))`, n+1, n+2, n+3)
	}
	args = append(args, limited(filter.Limit, 1000))
	query := `SELECT ` + unitColumns + ` FROM provisionings` + where +
		fmt.Sprintf(" ORDER BY created_at DESC, order_number DESC, item LIMIT $%d", len(args))
	var rows []Unit
	if err := s.db.SelectContext(ctx, &rows, query, args...); err != nil {
		return nil, fmt.Errorf("store: list: %w", err)
	}
	for i := range rows {
		rows[i].utc()
	}
	return rows, nil
}

// UnitsOf returns the units of work of these orders that these workflows carry, in
// no particular order. Each list may hold up to a thousand entries.
func (s *Store) UnitsOf(ctx context.Context, numbers, workflowIDs []string) ([]Unit, error) {
	if len(numbers) == 0 || len(workflowIDs) == 0 {
		return nil, nil
	}
	query, args, err := sqlx.In(`SELECT `+unitColumns+` FROM provisionings WHERE order_number IN (?) AND workflow_id IN (?)`,
		numbers, workflowIDs)
	if err != nil {
		return nil, fmt.Errorf("store: list: %w", err)
	}
	var rows []Unit
	if err := s.db.SelectContext(ctx, &rows, s.db.Rebind(query), args...); err != nil {
		return nil, fmt.Errorf("store: list: %w", err)
	}
	for i := range rows {
		rows[i].utc()
	}
	return rows, nil
}

// RecordRefusal records that an order was refused, and by which rules. The reasons
// must not hold personal data.
func (s *Store) RecordRefusal(ctx context.Context, source string, reasons []string) error {
	return s.transaction(ctx, func(tx *sqlx.Tx) error {
		value, err := s.next(ctx, tx, "refusal")
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO refusals (id, source, reasons, received_at) VALUES ($1, $2, $3, `+s.clock()+`)`,
			fmt.Sprintf("%012d", value), source, strings.Join(reasons, "\n"))
		if err != nil {
			return fmt.Errorf("store: record refusal: %w", err)
		}
		return nil
	})
}

// Refusals counts the refused orders.
func (s *Store) Refusals(ctx context.Context) (int, error) {
	var count int
	if err := s.db.GetContext(ctx, &count, `SELECT COUNT(*) FROM refusals`); err != nil {
		return 0, fmt.Errorf("store: refusals: %w", err)
	}
	return count, nil
}
