package store

import (
	"context"
	"fmt"
)

// Bears says which other open unit of its domain an open unit bears beside it.
type Bears string

// A renewal and a change that neither moves nor deletes the domain bear each other, because a
// domain must be renewed whatever else is done to it. All others bear none.
const (
	BearsNone    Bears = ""
	BearsRenewal Bears = "renewal" // the unit is such a change
	BearsChange  Bears = "change"  // the unit is a renewal
)

// bears reports whether two units may be open at once.
func (b Bears) bears(other Bears) bool {
	return b == BearsRenewal && other == BearsChange || b == BearsChange && other == BearsRenewal
}

// DomainOpenError says that another open order has the domain.
type DomainOpenError struct {
	Domain string
	// OrderNumber, Label, Client and WorkflowID are those of the open order.
	OrderNumber, Label, Client, WorkflowID string
}

// Error says what to do. It does not name the order, which may be another client's.
func (e *DomainOpenError) Error() string {
	return fmt.Sprintf("store: %s is in an open order; wait for it or cancel it", e.Domain)
}

func checkDomainsFree(ctx context.Context, q querier, units []NewUnit) error {
	for _, unit := range units {
		if err := checkDomainFree(ctx, q, unit); err != nil {
			return err
		}
	}
	return nil
}

func checkDomainFree(ctx context.Context, q querier, unit NewUnit) error {
	if unit.Domain == "" {
		return nil
	}
	var open []struct {
		Unit

		Bears Bears `db:"bears"`
	}
	err := q.SelectContext(ctx, &open, `SELECT `+unitColumns+`, bears FROM provisionings WHERE domain = $1 AND state = 'open' ORDER BY bears`, unit.Domain)
	if err != nil {
		return fmt.Errorf("store: accept order: %w", err)
	}
	for _, other := range open {
		if !unit.Bears.bears(other.Bears) {
			return &DomainOpenError{
				Domain: unit.Domain, OrderNumber: other.OrderNumber, Label: other.Label, Client: other.Client, WorkflowID: other.WorkflowID,
			}
		}
	}
	return nil
}
