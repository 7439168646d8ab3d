package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
)

// ErrOvertaken says that a submission may no longer be sent: it was begun too long ago,
// another one has begun since, its outcome is already known, or its order takes it back.
var ErrOvertaken = errors.New("store: the submission was overtaken")

// Claim permits a submission to send its request now. It succeeds only within a limited time
// after the submission was begun: a process that asks later was suspended, and another one
// may have taken over. A claim keeps others from beginning again for as long as they must
// wait for an answer (BeginAgain). So ask for it just before sending the request, and ask
// again if that was delayed. Repeating it renews the claim from now.
//
// Errors: ErrOvertaken, or the error of a database that cannot be reached.
func (s *Store) Claim(ctx context.Context, key string, submission int, within time.Duration) error {
	result, err := s.db.ExecContext(ctx, `UPDATE registrar_operations SET claimed_at = `+s.clock()+`
		WHERE key = $1 AND submissions = $2 AND state = 'intended' AND withdrawal_at IS NULL AND intended_at > `+s.clockAfter(-within),
		key, submission)
	if err != nil {
		return fmt.Errorf("store: claim: %w", err)
	}
	rows, err := result.RowsAffected()
	if err != nil {
		return fmt.Errorf("store: claim: %w", err)
	}
	if rows != 1 {
		return fmt.Errorf("%w: %s, submission %d", ErrOvertaken, key, submission)
	}
	return nil
}

// Again describes one more submission for a row that already has one.
type Again struct {
	// Reopened is how often a person has asked to try again so far.
	Reopened int
	// Guard is what the request relies on. It is used only if a person has asked to try again
	// after the first request had ended; otherwise the row keeps its own.
	Guard string
	// AcceptedPrice is as in LedgerRow.
	AcceptedPrice string
	// Settle is how long the registrar may be working on the previous submission after that was
	// permitted to be sent.
	Settle time.Duration
	Note   string // for the auditor; no personal data
}

// BeginAgain opens a row for one more submission: an intended or unknown row after a look has
// shown that it left nothing, and once the previous submission has settled; a refused row at
// once; a failed or cancelled row after a person has asked to try again, as shown by a
// Reopened higher than the row's. Anything else, and a row that its order has withdrawn, is
// ErrTransition. seen is the row as the
// caller read it before it looked. If another try was quicker, or the previous submission was
// permitted in the meantime, the error is ErrMovedOn, and only one of the two submits.
func (s *Store) BeginAgain(ctx context.Context, seen LedgerRow, again Again) (LedgerRow, error) {
	unsettled := seen.State == Intended || seen.State == Unknown
	anew := (seen.State == Failed || seen.State == Cancelled) && again.Reopened > seen.Reopened
	if !unsettled && !anew && seen.State != Refused || seen.WithdrawalAt != nil {
		return LedgerRow{}, fmt.Errorf("%w: %s cannot begin again from %s", ErrTransition, seen.Key, seen.State)
	}
	guard, settled := seen.Guard, ""
	if anew {
		guard = again.Guard
	}
	if unsettled {
		settled = ` AND COALESCE(claimed_at, intended_at) <= ` + s.clockAfter(-again.Settle)
	}
	var operation LedgerRow
	err := s.transaction(ctx, func(tx *sqlx.Tx) error {
		var err error
		operation, err = s.changed(ctx, tx, "begin again", `
			UPDATE registrar_operations
			SET state = $2, reference = '', word = '', submissions = submissions + 1, reopened = $3, guard = $4, accepted_price = $8,
				intended_at = `+s.clock()+`, updated_at = `+s.clock()+`, claimed_at = NULL, finished_at = NULL, told_at = NULL
			WHERE key = $1 AND state = $5 AND submissions = $6 AND reference = $7 AND withdrawal_at IS NULL`+settled,
			seen.Key, Intended, max(again.Reopened, seen.Reopened), guard, seen.State, seen.Submissions, seen.Reference, again.AcceptedPrice)
		if err != nil {
			return err
		}
		return s.addEvent(ctx, tx, seen.Key, Intended, again.Note)
	})
	return operation, err
}

// changed runs an update of one row and returns the resulting row, or ErrMovedOn if the row
// is no longer as the caller read it.
func (s *Store) changed(ctx context.Context, tx *sqlx.Tx, what, update string, args ...any) (LedgerRow, error) {
	var operation LedgerRow
	err := tx.GetContext(ctx, &operation, update+` RETURNING `+s.ledgerColumns(), args...)
	if errors.Is(err, sql.ErrNoRows) {
		return LedgerRow{}, fmt.Errorf("%s: %w", what, ErrMovedOn)
	}
	if err != nil {
		return LedgerRow{}, fmt.Errorf("store: %s: %w", what, err)
	}
	operation.utc()
	return operation, nil
}
