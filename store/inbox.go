package store

import (
	"context"
	"domainprovisioning/messages"
	"fmt"
	"slices"
	"strings"
	"time"
)

// ConfirmationState says what became of a confirmation from outside.
type ConfirmationState string

// The states. received: it is waiting for delivery. late: its workflow had ended.
// unmatched: no order is known for it; it is kept, and matched when an order appears. account: it is
// about a registrar account itself, and for a person; it is never on its way.
const (
	Received    ConfirmationState = "received"
	Delivered   ConfirmationState = "delivered"
	Late        ConfirmationState = "late"
	Unmatched   ConfirmationState = "unmatched"
	AccountNews ConfirmationState = "account"
)

// ConfirmationStates lists every state.
func ConfirmationStates() []ConfirmationState {
	return []ConfirmationState{Received, Delivered, Late, Unmatched, AccountNews}
}

// Confirmation is a row of the inbox: a claim from outside about the state of an
// operation. It is a hint to look, never proof.
type Confirmation struct {
	EventID   string          `db:"event_id"`
	Source    messages.Source `db:"source"`
	Account   string          `db:"account"`
	Domain    string          `db:"domain"`
	Reference string          `db:"reference"`
	Claim     string          `db:"claim"`
	// Quote is the reference of what the registrar has written; "" if it has written nothing.
	Quote string `db:"quote"`
	// Matter is what of the account news about it is about, and SeenAt when it came last; "" and nil
	// unless the state is AccountNews.
	Matter     string            `db:"matter"`
	SeenAt     *time.Time        `db:"seen_at"`
	State      ConfirmationState `db:"state"`
	WorkflowID string            `db:"workflow_id"`
	ReceivedAt time.Time         `db:"received_at"`
	HandledAt  *time.Time        `db:"handled_at"`
	// Attempts counts the attempts at delivery; Trouble says what went wrong the last time.
	Attempts     int        `db:"attempts"`
	Trouble      string     `db:"trouble"`
	DeliverAfter *time.Time `db:"deliver_after"`
}

func (c *Confirmation) utc() {
	c.ReceivedAt = c.ReceivedAt.UTC()
	c.HandledAt, c.DeliverAfter, c.SeenAt = utc(c.HandledAt), utc(c.DeliverAfter), utc(c.SeenAt)
}

const confirmationColumns = `event_id, source, account, domain, reference, claim, quote, matter, seen_at, state, workflow_id, received_at, handled_at,
	attempts, trouble, deliver_after`

// Receive puts a confirmation into the inbox. fresh is false if an event with the same
// id was there already; nothing is written then. The receiver may deliver the
// confirmation within hold; after that the relay does.
func (s *Store) Receive(ctx context.Context, confirmation Confirmation, hold time.Duration) (fresh bool, err error) {
	return s.receive(ctx, s.db, confirmation, hold)
}

func (s *Store) receive(ctx context.Context, q querier, confirmation Confirmation, hold time.Duration) (fresh bool, err error) {
	result, err := q.ExecContext(ctx, `
		INSERT INTO confirmations (event_id, source, account, domain, reference, claim, state, workflow_id, received_at, deliver_after, turn)
		VALUES ($1, $2, $3, $4, $5, $6, 'received', $7, `+s.clock()+`, `+s.clockAfter(hold)+`, CASE WHEN $2 = '`+string(messages.FromLedger)+`' OR EXISTS (
			SELECT 1 FROM registrar_operations o
			WHERE o.reference = $5 AND o.reference <> '' AND o.account = $3 AND o.told_at IS NULL) THEN 0 ELSE 1 END)
		ON CONFLICT (event_id) DO NOTHING`, confirmation.EventID, confirmation.Source, confirmation.Account, confirmation.Domain,
		confirmation.Reference, confirmation.Claim, confirmation.WorkflowID)
	if err != nil {
		return false, fmt.Errorf("store: receive confirmation: %w", err)
	}
	rows, err := result.RowsAffected()
	if err != nil {
		return false, fmt.Errorf("store: receive confirmation: %w", err)
	}
	return rows == 1, nil
}

// Handle records what became of a received confirmation. The first outcome recorded
// stays.
func (s *Store) Handle(ctx context.Context, eventID string, state ConfirmationState, workflowID string) error {
	_, err := s.db.ExecContext(ctx, `UPDATE confirmations SET state = $2, workflow_id = $3, handled_at = `+s.clock()+`, trouble = ''
		WHERE event_id = $1 AND state = 'received'`, eventID, state, workflowID)
	if err != nil {
		return fmt.Errorf("store: handle confirmation: %w", err)
	}
	return nil
}

// Confirmation returns the confirmation of an event, or ErrNotFound.
func (s *Store) Confirmation(ctx context.Context, eventID string) (Confirmation, error) {
	var row Confirmation
	err := s.db.GetContext(ctx, &row, `SELECT `+confirmationColumns+` FROM confirmations WHERE event_id = $1`, eventID)
	if err != nil {
		return row, notFound("confirmation", err)
	}
	row.utc()
	return row, nil
}

// ConfirmationFilter selects confirmations for a list. Zero fields select all.
type ConfirmationFilter struct {
	Account string
	Domain  string
	State   ConfirmationState
	// Latest lists the latest ones first.
	Latest bool
	Limit  int // zero means 100; at most MostListed
}

// Confirmations lists the inbox, the oldest first unless the filter says Latest.
func (s *Store) Confirmations(ctx context.Context, filter ConfirmationFilter) ([]Confirmation, error) {
	where, args := narrow([]column{
		{"account", filter.Account}, {"domain", filter.Domain}, {"state", string(filter.State)},
	})
	query := `SELECT ` + confirmationColumns + ` FROM confirmations` + where
	args = append(args, limited(filter.Limit, MostListed))
	order := ""
	if filter.Latest {
		order = " DESC"
	}
	query += fmt.Sprintf(" ORDER BY received_at%[1]s, event_id%[1]s LIMIT $%[2]d", order, len(args))
	var rows []Confirmation
	if err := s.db.SelectContext(ctx, &rows, query, args...); err != nil {
		return nil, fmt.Errorf("store: confirmations: %w", err)
	}
	for i := range rows {
		rows[i].utc()
	}
	return rows, nil
}

// column is the condition that a column has a value; an empty value means no condition.
type column struct{ name, value string }

// narrow builds a WHERE clause and its arguments, from the conditions and from others
// that have no arguments.
func narrow(columns []column, others ...string) (where string, args []any) {
	parts := slices.Clone(others)
	for _, c := range columns {
		if c.value != "" {
			args = append(args, c.value)
			parts = append(parts, fmt.Sprintf("%s = $%d", c.name, len(args)))
		}
	}
	if len(parts) == 0 {
		return "", nil
	}
	return " WHERE " + strings.Join(parts, " AND "), args
}

// limited returns the maximum number of rows of a list: limit, or 100 if that is not
// set, but never more than most.
func limited(limit, most int) int {
	if limit <= 0 {
		limit = 100
	}
	return min(limit, most)
}
