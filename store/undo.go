package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"domainprovisioning/messages"
)

// UndoState is the state of a step of an undo.
type UndoState string

// The states. A step that is undone or kept never changes again.
const (
	UndoIntended UndoState = "intended"  // a call to remove it may have been made
	Undone       UndoState = "undone"    // it is gone
	UndoKept     UndoState = "kept"      // it stays, for the reason in the note
	UndoCouldNot UndoState = "could-not" // it stays, until a person removes it or it is tried again
	UndoNothing  UndoState = "nothing"   // there was nothing to remove when it was looked for
)

// UndoKey names a step of an undo.
type UndoKey struct {
	OrderNumber string `db:"order_number"`
	Item        int    `db:"item"`
	What        string `db:"what"`
}

// UndoStep is a row of the ledger of undo.
type UndoStep struct {
	UndoKey

	Object  string    `db:"object"` // what is taken back, such as "subscription 700101"
	State   UndoState `db:"state"`
	Note    string    `db:"note"`  // for people; no personal data
	Calls   int       `db:"calls"` // number of calls begun that were to remove it
	At      time.Time `db:"at"`    // when it was first intended
	Updated time.Time `db:"updated"`
	ReadAt  moment    `db:"read_at"` // the database's time at the read
}

// Final reports whether nothing more is to be done about the step.
func (u UndoStep) Final() bool { return u.State == Undone || u.State == UndoKept }

// Age is how long ago the step last changed.
func (u UndoStep) Age() time.Duration { return u.ReadAt.Sub(u.Updated) }

func (s *Store) undoColumns() string {
	return `order_number, item, what, object, state, note, calls, at, updated, ` + s.clock() + ` AS read_at`
}

// BeginUndo records that a thing is about to be taken back, and returns its row, or that of an
// earlier try as it stands.
func (s *Store) BeginUndo(ctx context.Context, key UndoKey, object string) (UndoStep, error) {
	_, err := s.db.ExecContext(ctx, `
		INSERT INTO undo_steps (order_number, item, what, object, state, at, updated)
		VALUES ($1, $2, $3, $4, $5, `+s.clock()+`, `+s.clock()+`) ON CONFLICT (order_number, item, what) DO NOTHING`,
		key.OrderNumber, key.Item, key.What, object, UndoIntended)
	if err != nil {
		return UndoStep{}, fmt.Errorf("store: begin undo: %w", err)
	}
	return s.undoStep(ctx, key)
}

// CallUndo records that the call that removes the thing is about to be made. seen is the row as
// it was before the caller looked whether the thing may be removed: if another try has called
// or ended the step since, the error is ErrMovedOn, and nothing may be removed.
func (s *Store) CallUndo(ctx context.Context, seen UndoStep) error {
	result, err := s.db.ExecContext(ctx, `
		UPDATE undo_steps SET calls = calls + 1, state = $5, note = '', updated = `+s.clock()+`
		WHERE order_number = $1 AND item = $2 AND what = $3 AND calls = $4 AND state = $6 AND state NOT IN ('undone', 'kept')`,
		seen.OrderNumber, seen.Item, seen.What, seen.Calls, UndoIntended, seen.State)
	if err != nil {
		return fmt.Errorf("store: call undo: %w", err)
	}
	rows, err := result.RowsAffected()
	if err == nil && rows == 0 {
		err = ErrMovedOn
	}
	if err != nil {
		return fmt.Errorf("call undo: %w", err)
	}
	return nil
}

// EndUndo records how a step ended and returns its row. The first end as undone or kept stays.
func (s *Store) EndUndo(ctx context.Context, key UndoKey, state UndoState, note string) (UndoStep, error) {
	_, err := s.db.ExecContext(ctx, `
		UPDATE undo_steps SET state = $4, note = $5, updated = `+s.clock()+`
		WHERE order_number = $1 AND item = $2 AND what = $3 AND state NOT IN ('undone', 'kept')`,
		key.OrderNumber, key.Item, key.What, state, note)
	if err != nil {
		return UndoStep{}, fmt.Errorf("store: end undo: %w", err)
	}
	return s.undoStep(ctx, key)
}

func (s *Store) undoStep(ctx context.Context, key UndoKey) (UndoStep, error) {
	var step UndoStep
	err := s.db.GetContext(ctx, &step, `SELECT `+s.undoColumns()+` FROM undo_steps
		WHERE order_number = $1 AND item = $2 AND what = $3`, key.OrderNumber, key.Item, key.What)
	if err != nil {
		return UndoStep{}, notFound("undo of "+key.What, err)
	}
	step.At, step.Updated = step.At.UTC(), step.Updated.UTC()
	return step, nil
}

// UndoSteps lists the steps of an order's undo in the order in which they were begun.
func (s *Store) UndoSteps(ctx context.Context, orderNumber string) ([]UndoStep, error) {
	var steps []UndoStep
	err := s.db.SelectContext(ctx, &steps, `SELECT `+s.undoColumns()+` FROM undo_steps
		WHERE order_number = $1 ORDER BY at, item, what`, orderNumber)
	if err != nil {
		return nil, fmt.Errorf("store: undo: %w", err)
	}
	for i := range steps {
		steps[i].At, steps[i].Updated = steps[i].At.UTC(), steps[i].Updated.UTC()
	}
	return steps, nil
}

// Reserved reports whether the id was reserved by the order.
func (s *Store) Reserved(ctx context.Context, orderNumber string, kind IDKind, id int) (bool, error) {
	var scope string
	err := s.db.GetContext(ctx, &scope, `SELECT scope FROM reserved_ids WHERE range_name = $1 AND value = $2`, kind, id)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("store: reserved id: %w", err)
	}
	return scope == orderNumber || strings.HasPrefix(scope, orderNumber+"/"), nil
}

// PlannedUnit is a unit of work with the part of its plan that says what it works on.
type PlannedUnit struct {
	OrderNumber string    `db:"order_number" json:"-"`
	Item        int       `db:"item" json:"-"`
	Domain      string    `db:"domain" json:"-"`
	State       UnitState `db:"state" json:"-"`
	// OtherClient: it is of another client than the order that was asked about.
	OtherClient bool   `db:"other_client" json:"-"`
	Plan        string `db:"plan" json:"-"`
	// GivenUp is the command by which it was given up; nil if it was not.
	GivenUp *messages.Cancel `db:"-" json:"-"`
	Command string           `db:"given_up" json:"-"`

	AccountID             int `db:"-" json:"accountId"`
	DomainSubscriptionID  int `db:"-" json:"domainSubscriptionId"`
	HostingSubscriptionID int `db:"-" json:"hostingSubscriptionId"`
}

// clockSlack is how far the database's clock may have stepped back since an order came.
const clockSlack = 24 * time.Hour

// UnitsOfAccount lists the units of work of every order and state whose plans name an account
// that the order has reserved. None can be older than the order.
func (s *Store) UnitsOfAccount(ctx context.Context, orderNumber string, accountID int) ([]PlannedUnit, error) {
	var order struct {
		ReceivedAt moment `db:"received_at"`
		Client     string `db:"client"`
	}
	err := s.db.GetContext(ctx, &order, `SELECT received_at, client FROM orders WHERE number = $1`, orderNumber)
	if err != nil {
		return nil, notFound("order "+orderNumber, err)
	}
	// The text of a plan narrows the rows; the numbers in it decide.
	var rows, units []PlannedUnit
	err = s.db.SelectContext(ctx, &rows, `SELECT order_number, item, domain, state, plan, given_up,
		NOT EXISTS (SELECT 1 FROM orders WHERE number = order_number AND client = $3) AS other_client FROM provisionings
		WHERE created_at >= $1 AND plan LIKE $2 ORDER BY order_number, item`,
		order.ReceivedAt.Add(-clockSlack).Truncate(time.Microsecond), fmt.Sprintf(`%%"accountId":%d%%`, accountID), order.Client)
	if err != nil {
		return nil, fmt.Errorf("store: units of an account: %w", err)
	}
	for _, unit := range rows {
		if err := json.Unmarshal([]byte(unit.Plan), &unit); err != nil {
			return nil, fmt.Errorf("store: units of an account: the plan of order %s cannot be read", unit.OrderNumber)
		}
		if unit.GivenUp, err = givenUp(unit.Command); err != nil {
			return nil, err
		}
		if unit.Plan = ""; unit.AccountID == accountID {
			units = append(units, unit)
		}
	}
	return units, nil
}
