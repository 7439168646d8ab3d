package store

import (
	"context"
	"fmt"
	"time"
)

// ConfirmationState is what became of a confirmation from outside.
type ConfirmationState string

// The states. late: its workflow had ended. unmatched: no order is known for it.
const (
	Received  ConfirmationState = "received"
	Delivered ConfirmationState = "delivered"
	Late      ConfirmationState = "late"
	Unmatched ConfirmationState = "unmatched"
)

// Confirmation is a row of the inbox: something from outside that claims to know
// how an operation stands. It is a hint to look, never proof.
type Confirmation struct {
	EventID    string            `db:"event_id"`
	Source     string            `db:"source"`
	Account    string            `db:"account"`
	Domain     string            `db:"domain"`
	Reference  string            `db:"reference"`
	Claim      string            `db:"claim"`
	State      ConfirmationState `db:"state"`
	WorkflowID string            `db:"workflow_id"`
	ReceivedAt time.Time         `db:"received_at"`
	HandledAt  *time.Time        `db:"handled_at"`
}

const confirmationColumns = `event_id, source, account, domain, reference, claim, state, workflow_id, received_at, handled_at`

// Receive puts a confirmation into the inbox. fresh is false when an event of
// the same id was there already; then nothing is written.
func (s *Store) Receive(ctx context.Context, confirmation Confirmation) (fresh bool, err error) {
	confirmation.State = Received
	confirmation.ReceivedAt = s.utcNow()
	result, err := s.db.NamedExecContext(ctx, `
		INSERT INTO confirmations (`+confirmationColumns+`)
		VALUES (:event_id, :source, :account, :domain, :reference, :claim, :state, :workflow_id, :received_at, :handled_at)
		ON CONFLICT (event_id) DO NOTHING`, confirmation)
	if err != nil {
		return false, fmt.Errorf("store: receive confirmation: %w", err)
	}
	rows, err := result.RowsAffected()
	if err != nil {
		return false, fmt.Errorf("store: receive confirmation: %w", err)
	}
	return rows == 1, nil
}

// Handle records what became of a confirmation.
func (s *Store) Handle(ctx context.Context, eventID string, state ConfirmationState, workflowID string) error {
	_, err := s.db.ExecContext(ctx, `UPDATE confirmations SET state = $2, workflow_id = $3, handled_at = $4
		WHERE event_id = $1`, eventID, state, workflowID, s.utcNow())
	if err != nil {
		return fmt.Errorf("store: handle confirmation: %w", err)
	}
	return nil
}

// Confirmations returns the confirmations for a domain, oldest first, at most 1000.
func (s *Store) Confirmations(ctx context.Context, domain string) ([]Confirmation, error) {
	var rows []Confirmation
	err := s.db.SelectContext(ctx, &rows, `SELECT `+confirmationColumns+` FROM confirmations
		WHERE domain = $1 ORDER BY received_at, event_id LIMIT 1000`, domain)
	if err != nil {
		return nil, fmt.Errorf("store: confirmations: %w", err)
	}
	for i := range rows {
		rows[i].ReceivedAt = rows[i].ReceivedAt.UTC()
		rows[i].HandledAt = utc(rows[i].HandledAt)
	}
	return rows, nil
}
