package store

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"
)

// Ending is how a unit of work has ended.
type Ending struct {
	OrderNumber string
	Item        int
	State       UnitState
	// Left says what it created and leaves behind, if anything; this becomes a loose end.
	Left string
	// NameServers are those that its order names, if it is done: the domain has them from now on.
	NameServers []string
}

// CloseUnit is EndUnit for an order that names no name servers.
func (s *Store) CloseUnit(ctx context.Context, number string, item int, state UnitState, left string) error {
	return s.EndUnit(ctx, Ending{OrderNumber: number, Item: item, State: state, Left: left})
}

// EndUnit records how a unit of work ended, which frees its domain for another order. Repeating it
// changes nothing.
func (s *Store) EndUnit(ctx context.Context, ending Ending) error {
	_, err := s.change(ctx, `state = $3, closed_at = `+s.clock()+`, run_state = '', run_since = NULL, shown = $3, reason = '', since = `+s.clock(),
		`order_number = $1 AND item = $2 AND state = 'open'`, []any{ending.OrderNumber, ending.Item, ending.State}, func(tx *sqlx.Tx, unit Unit) error {
			if err := s.touched(ctx, tx, unit, ending.State); err != nil {
				return err
			}
			if err := s.holdOrdered(ctx, tx, unit, ending); err != nil || ending.Left == "" {
				return err
			}
			return s.addLooseEnd(ctx, tx, LooseEnd{
				ID: fmt.Sprintf("%s/%s/%d", Left, ending.OrderNumber, ending.Item), Kind: Left, OrderNumber: ending.OrderNumber, WorkflowID: unit.WorkflowID,
				Account: unit.Registrar, Domain: unit.Domain, Detail: ending.Left,
			})
		})
	if err != nil {
		return fmt.Errorf("store: close provisioning: %w", err)
	}
	return nil
}
