package store

import (
	"context"
	"domainprovisioning/messages"
	"fmt"

	"github.com/jmoiron/sqlx"
)

// overtaken records the answer to a submission that a newer one has followed: its process was
// suspended between the claim and the request, or its answer took longer than any answer
// should. If the newer submission has sent nothing, or nothing came of it, the answer becomes
// the row's own, and a newer submission that still waits can no longer send anything.
// Otherwise the request may have been paid twice: this is a loose end, and its order is told.
// It returns the resulting row.
func (s *Store) overtaken(ctx context.Context, tx *sqlx.Tx, row LedgerRow, change LedgerChange) (LedgerRow, error) {
	note := fmt.Sprintf("answer to submission %d, overtaken by %d: operation %s is %s",
		change.Submission, row.Submissions, orNone(change.Reference), change.State)
	harmless := change.State == Refused || change.State == Failed || change.State == Cancelled ||
		change.Reference != "" && change.Reference == row.Reference
	if harmless {
		return row, s.addEvent(ctx, tx, row.Key, row.State, note)
	}
	event := confirmationOf(row, change)
	if known, err := s.known(ctx, tx, event.EventID); err != nil || known {
		return row, err
	}
	nothingNewer := row.Reference == "" && (row.State == Refused || row.State == Failed || row.State == Intended && row.ClaimedAt == nil)
	if !nothingNewer {
		event.Claim, event.Reference = messages.PerhapsPaidTwice, orNone(change.Reference)+" and "+orNone(row.Reference)
		err := s.addLooseEnd(ctx, tx, LooseEnd{
			ID: event.EventID, Kind: PerhapsPaidTwice, OrderNumber: row.OrderNumber(), WorkflowID: row.WorkflowID, Account: row.Account, Domain: row.Domain,
			Reference: change.Reference, OtherReference: row.Reference,
			Detail: fmt.Sprintf("%s: submissions %d and %d were both sent", row.Kind, change.Submission, row.Submissions),
		})
		if err == nil {
			err = s.addEvent(ctx, tx, row.Key, row.State, note)
		}
		if err == nil {
			err = s.tellOrder(ctx, tx, event)
		}
		return row, err
	}
	claimed := "claimed_at"
	if change.State == Unknown {
		claimed = s.clock() // as far as anybody can tell, it was sent just now
	}
	row, err := s.changed(ctx, tx, "overtaken", `
		UPDATE registrar_operations SET state = $2, reference = $3, word = $4, updated_at = `+s.clock()+`,
			finished_at = `+s.finishedAt(change.State)+`, told_at = NULL, claimed_at = `+claimed+`
		WHERE key = $1 AND state = $5 AND submissions = $6 AND reference = '' AND (state <> 'intended' OR claimed_at IS NULL)`,
		row.Key, change.State, change.Reference, change.Word, row.State, row.Submissions)
	if err == nil {
		err = s.addEvent(ctx, tx, row.Key, change.State, note)
	}
	if err == nil {
		err = s.tellOrder(ctx, tx, event)
	}
	return row, err
}

// confirmationOf returns a confirmation that makes the order of a row look: nobody waited for
// the answer that came.
func confirmationOf(row LedgerRow, change LedgerChange) Confirmation {
	return Confirmation{
		EventID: fmt.Sprintf("%s/%s/%d", messages.FromLedger, row.Key, change.Submission), Source: messages.FromLedger,
		Account: row.Account, Domain: row.Domain, Reference: change.Reference, Claim: string(change.State),
		WorkflowID: row.WorkflowID,
	}
}

// tellOrder puts a confirmation for a workflow into the inbox; the relay delivers it.
func (s *Store) tellOrder(ctx context.Context, tx *sqlx.Tx, confirmation Confirmation) error {
	_, err := s.receive(ctx, tx, confirmation, 0)
	return err
}

// known reports whether the event is in the inbox.
func (s *Store) known(ctx context.Context, tx *sqlx.Tx, eventID string) (bool, error) {
	var count int
	if err := tx.GetContext(ctx, &count, `SELECT COUNT(*) FROM confirmations WHERE event_id = $1`, eventID); err != nil {
		return false, fmt.Errorf("store: confirmation: %w", err)
	}
	return count > 0, nil
}

func orNone(reference string) string {
	if reference == "" {
		return "without a number"
	}
	return reference
}
