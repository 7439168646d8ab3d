package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"domainprovisioning/messages"
)

// UnitFilter selects units of work for a list. Zero fields select all.
type UnitFilter struct {
	OrderNumber string // the order's key
	// Number is an order's number at its client, and Client whose orders are listed.
	Number, Client string
	Domain         string
	Registrar      string
	State          UnitState
	// Shown is the state that lists show. A stopped run counts as attention, and a unit whose
	// state is not known as running.
	Shown messages.State
	// Reason is why an open unit needs a person, or what was done to its run.
	Reason string
	// Step is where an order stands, or stood when it was cancelled or failed.
	Step int
	// Stopped lists only units whose workflows do not go on by themselves.
	Stopped bool
	// Text is an order number, the key or the client's, or a part of a domain name in ASCII form.
	Text string
	// Account is the customer's account in Operations. It is looked for in the plans of all units.
	Account int
	// OlderThan lists only units that have been in their state for longer, or, where that is not
	// known, were accepted earlier.
	OlderThan time.Duration
	// After is where the previous page ended.
	After *UnitCursor
	Limit int // zero means 100; at most MostListed
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

// These expressions are those of the indexes in 00013_states.sql, word for word, without which
// the databases do not use them.
const (
	shownState  = `(CASE WHEN run_state <> '' THEN 'attention' WHEN shown = '' THEN 'running' ELSE shown END)`
	shownReason = `(CASE WHEN run_state <> '' THEN run_state ELSE reason END)`
	shownSince  = `COALESCE(run_since, since, created_at)`
)

// Unit returns one unit of work, or ErrNotFound.
func (s *Store) Unit(ctx context.Context, number string, item int) (Unit, error) {
	var row Unit
	err := s.db.GetContext(ctx, &row, `SELECT `+unitColumns+` FROM provisionings WHERE order_number = $1 AND item = $2`, number, item)
	if err != nil {
		return Unit{}, notFound(fmt.Sprintf("item %d of order %s", item, number), err)
	}
	row.utc()
	return row, nil
}

// Units lists units of work, newest first.
func (s *Store) Units(ctx context.Context, filter UnitFilter) ([]Unit, error) {
	query, args := s.unitsQuery(filter)
	var rows []Unit
	if err := s.db.SelectContext(ctx, &rows, query, args...); err != nil {
		return nil, fmt.Errorf("store: list: %w", err)
	}
	for i := range rows {
		rows[i].utc()
	}
	return rows, nil
}

func (s *Store) unitsQuery(filter UnitFilter) (query string, args []any) {
	var conditions []string
	if filter.Stopped {
		conditions = append(conditions, "state = 'open'", "run_state <> ''")
	}
	if filter.Reason != "" {
		conditions = append(conditions, "state = 'open'") // the others have none
	}
	if filter.OlderThan > 0 {
		conditions = append(conditions, shownSince+" <= "+s.asOf(-filter.OlderThan))
	}
	where, args := narrow([]column{
		{"order_number", filter.OrderNumber}, {"domain", filter.Domain}, {"registrar", filter.Registrar}, {"state", string(filter.State)},
		{shownState, string(filter.Shown)}, {shownReason, filter.Reason},
	}, conditions...)
	also := func(condition string, values ...any) {
		join := " AND "
		if where == "" {
			join = " WHERE "
		}
		numbers := make([]any, len(values))
		for i := range values {
			numbers[i] = len(args) + i + 1
		}
		args = append(args, values...)
		where += join + fmt.Sprintf(condition, numbers...)
	}
	if filter.Step > 0 {
		also(`(step = $%d AND state <> 'done')`, filter.Step)
	}
	if filter.Client != "" {
		// One by one in the order of the list, and not all orders of the client first.
		also(`EXISTS (SELECT 1 FROM orders o WHERE o.number = order_number AND o.client = $%d)`, filter.Client)
	}
	if filter.Number != "" {
		also(`order_number IN (SELECT number FROM orders WHERE label = $%[1]d UNION ALL SELECT number FROM orders WHERE number = $%[1]d AND label = '')`, filter.Number)
	}
	if filter.Text != "" {
		also(`(order_number = $%[1]d OR order_number IN (SELECT number FROM orders WHERE label = $%[1]d) OR domain LIKE $%[2]d ESCAPE '!')`, filter.Text, "%"+literally.Replace(strings.ToLower(filter.Text))+"%")
	}
	if filter.Account > 0 {
		also(`plan LIKE $%d`, fmt.Sprintf(`%%"accountId":%d,%%`, filter.Account))
	}
	if after := filter.After; after != nil {
		also(`created_at <= $%[1]d AND (created_at < $%[1]d OR order_number < $%[2]d OR (order_number = $%[2]d AND item > $%[3]d))`,
			after.CreatedAt.UTC(), after.OrderNumber, after.Item)
	}
	args = append(args, limited(filter.Limit, MostListed))
	return `SELECT ` + unitColumns + ` FROM provisionings` + where +
		fmt.Sprintf(" ORDER BY created_at DESC, order_number DESC, item LIMIT $%d", len(args)), args
}

// literally makes the wildcards of LIKE stand for themselves.
var literally = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

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
