package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"domainprovisioning/messages"
	"domainprovisioning/orders"
)

// LooseEnd is something outside that exists or was paid for but that no order takes care of.
// It stays listed until a person settles it.
type LooseEnd struct {
	ID          string       `db:"id"`
	Kind        LooseEndKind `db:"kind"`
	OrderNumber string       `db:"order_number"`
	WorkflowID  string       `db:"workflow_id"`
	Account     string       `db:"account"` // of the registrar
	Domain      string       `db:"domain"`
	// Reference is the registrar's id of the operation; OtherReference that of the other one that
	// may have been paid too.
	Reference      string `db:"reference"`
	OtherReference string `db:"other_reference"`
	// Detail says what it is, without personal data.
	Detail        string     `db:"detail"`
	FoundAt       time.Time  `db:"found_at"`
	SettledAt     *time.Time `db:"settled_at"`
	SettledBy     string     `db:"settled_by"`
	SettledReason string     `db:"settled_reason"`
}

// LooseEndKind says why a person is needed.
type LooseEndKind string

// The kinds.
const (
	// PerhapsPaidTwice: two submissions of one request reached the registrar.
	PerhapsPaidTwice LooseEndKind = messages.PerhapsPaidTwice
	// Abandoned: the registrar finished an operation after its order had ended.
	Abandoned LooseEndKind = "abandoned"
	// Left: an order was given up and left behind what it had created or paid for.
	Left LooseEndKind = "left"
)

// LooseEndKinds lists every kind.
func LooseEndKinds() []LooseEndKind { return []LooseEndKind{PerhapsPaidTwice, Abandoned, Left} }

const looseEndColumns = `id, kind, order_number, workflow_id, account, domain, reference, other_reference, detail,
	found_at, settled_at, settled_by, settled_reason`

// addLooseEnd records a loose end; a repeat with the same id changes nothing.
func (s *Store) addLooseEnd(ctx context.Context, q querier, end LooseEnd) error {
	_, err := q.ExecContext(ctx, `
		INSERT INTO loose_ends (id, kind, workflow_id, account, domain, reference, other_reference, detail, found_at, order_number)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, `+s.clock()+`, $9) ON CONFLICT (id) DO NOTHING`,
		end.ID, end.Kind, end.WorkflowID, end.Account, end.Domain, end.Reference, end.OtherReference, end.Detail, end.OrderNumber)
	if err != nil {
		return fmt.Errorf("store: loose end: %w", err)
	}
	return nil
}

// LooseEndFilter selects loose ends for a list. Zero fields select all.
type LooseEndFilter struct {
	Kind    LooseEndKind
	Account string
	Domain  string
	// Settled lists only the settled ones, instead of only the open ones.
	Settled bool
	Limit   int // zero means 100; at most MostOperations
}

// LooseEnds lists loose ends, oldest first: the open ones, unless the filter says Settled.
func (s *Store) LooseEnds(ctx context.Context, filter LooseEndFilter) ([]LooseEnd, error) {
	where, args := narrow([]column{
		{"kind", string(filter.Kind)}, {"account", filter.Account}, {"domain", filter.Domain},
	}, map[bool]string{false: "settled_at IS NULL", true: "settled_at IS NOT NULL"}[filter.Settled])
	args = append(args, limited(filter.Limit, MostOperations))
	query := `SELECT ` + looseEndColumns + ` FROM loose_ends` + where + fmt.Sprintf(" ORDER BY found_at, id LIMIT $%d", len(args))
	var ends []LooseEnd
	if err := s.db.SelectContext(ctx, &ends, query, args...); err != nil {
		return nil, fmt.Errorf("store: loose ends: %w", err)
	}
	for i := range ends {
		ends[i].FoundAt, ends[i].SettledAt = ends[i].FoundAt.UTC(), utc(ends[i].SettledAt)
	}
	return ends, nil
}

// CountLooseEnds counts the open loose ends by kind; the result has every kind.
func (s *Store) CountLooseEnds(ctx context.Context) (map[LooseEndKind]int, error) {
	var rows []struct {
		Kind  LooseEndKind `db:"kind"`
		Count int          `db:"count"`
	}
	err := s.db.SelectContext(ctx, &rows, `SELECT kind, COUNT(*) AS count FROM loose_ends WHERE settled_at IS NULL GROUP BY kind`)
	if err != nil {
		return nil, fmt.Errorf("store: count loose ends: %w", err)
	}
	counts := make(map[LooseEndKind]int, len(LooseEndKinds()))
	for _, kind := range LooseEndKinds() {
		counts[kind] = 0
	}
	for _, row := range rows {
		counts[row.Kind] = row.Count
	}
	return counts, nil
}

// MarkAbandoned records that a finished operation has no order to tell, because the order has
// ended. If the registrar carried the operation out, it becomes a loose end. While the order
// is open, MarkAbandoned changes nothing and reports false: the order's workflow was
// terminated or deleted, and learns the outcome when it is started again.
func (s *Store) MarkAbandoned(ctx context.Context, key string) (ended bool, err error) {
	err = s.transaction(ctx, func(tx *sqlx.Tx) error {
		row, err := s.getRow(ctx, tx, key)
		if err != nil {
			return err
		}
		var open int
		err = tx.GetContext(ctx, &open, `SELECT COUNT(*) FROM provisionings
			WHERE workflow_id = $1 AND order_number = $2 AND state = 'open'`, row.WorkflowID, row.OrderNumber())
		if err != nil || open > 0 {
			return err
		}
		ended = true
		if _, err := tx.ExecContext(ctx, s.markTold(), key); err != nil || row.State != Done {
			return err
		}
		return s.addLooseEnd(ctx, tx, LooseEnd{
			ID: fmt.Sprintf("%s/%s/%d", Abandoned, row.Key, row.Submissions), Kind: Abandoned,
			OrderNumber: row.OrderNumber(), WorkflowID: row.WorkflowID, Account: row.Account, Domain: row.Domain,
			Reference: row.Reference, Detail: row.Kind + " was carried out after its order had ended" + adoptable(row.Kind),
		})
	})
	if err != nil {
		return false, fmt.Errorf("store: mark abandoned: %w", err)
	}
	return ended, nil
}

// adoptable says how a domain that came into the account without an order is brought under
// its customer; "" for a request about a domain that was there.
func adoptable(kind string) string {
	switch kind {
	case orders.Registration.String(), orders.Transfer.String():
		return "; an order of the operation adoption brings the domain under its customer"
	}
	return ""
}

// SettleLooseEnd records that a person has settled a loose end, and tells its order. The first
// record stays; for an id that does not exist it returns ErrNotFound.
func (s *Store) SettleLooseEnd(ctx context.Context, id, actor, reason string) (LooseEnd, error) {
	var end LooseEnd
	err := s.transaction(ctx, func(tx *sqlx.Tx) error {
		err := tx.GetContext(ctx, &end, `UPDATE loose_ends SET
				settled_by = CASE WHEN settled_at IS NULL THEN $2 ELSE settled_by END,
				settled_reason = CASE WHEN settled_at IS NULL THEN $3 ELSE settled_reason END,
				settled_at = COALESCE(settled_at, `+s.clock()+`)
			WHERE id = $1 RETURNING `+looseEndColumns, id, actor, reason)
		if err != nil {
			return notFound("loose end "+id, err)
		}
		end.FoundAt, end.SettledAt = end.FoundAt.UTC(), utc(end.SettledAt)
		if end.Kind != PerhapsPaidTwice {
			return nil
		}
		return s.tellOrder(ctx, tx, Confirmation{
			EventID: "settled/" + end.ID, Source: messages.FromLedger, Account: end.Account, Domain: end.Domain,
			Reference: end.Reference, Claim: messages.Settled, WorkflowID: end.WorkflowID,
		})
	})
	return end, err
}
