package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
)

// ErrOvertaken says that a submission may not be sent any more: it was begun too long ago,
// another one was begun since, or its outcome is known by now.
var ErrOvertaken = errors.New("store: the submission was overtaken")

// Claim permits a submission to send its request now. It holds only within a time after the
// submission was begun: who asks later has stood still, and somebody else may be at it. A
// claim keeps others from beginning again for as long as they must wait for an answer
// (BeginAgain); so it is asked for just before the request is sent, and asked for anew when
// that took its time. Repeating it moves the claim up to now.
//
// Errors: ErrOvertaken, or that of a database that cannot be reached.
func (s *Store) Claim(ctx context.Context, key string, submission int, within time.Duration) error {
	result, err := s.db.ExecContext(ctx, `UPDATE registrar_operations SET claimed_at = `+s.clock()+`
		WHERE key = $1 AND submissions = $2 AND state = 'intended' AND intended_at > `+s.clockAfter(-within),
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

// Again is one more submission for a row that has seen one.
type Again struct {
	// Reopened is how often a person has asked anew so far.
	Reopened int
	// Guard is what the request relies on. It counts only for a request that a person asked
	// for anew after the first had ended; otherwise the row's own stays.
	Guard string
	// Settle is for how long the registrar may be working on the submission before, once it
	// was permitted to be sent.
	Settle time.Duration
	Note   string // for the auditor; no personal data
}

// BeginAgain opens a row for one more submission: an intended or unknown one after a look
// has shown that it left nothing, and once the submission before has settled; a refused one
// at once; a failed or cancelled one after a person asked anew, which shows in a higher
// number than the row has seen. Anything else is ErrTransition. seen is the row as the caller
// read it before it looked: if another try was quicker, or the submission before was
// permitted meanwhile, the answer is ErrMovedOn, and one of the two submits.
func (s *Store) BeginAgain(ctx context.Context, seen LedgerRow, again Again) (LedgerRow, error) {
	unsettled := seen.State == Intended || seen.State == Unknown
	anew := (seen.State == Failed || seen.State == Cancelled) && again.Reopened > seen.Reopened
	if !unsettled && !anew && seen.State != Refused {
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
			SET state = $2, reference = '', word = '', submissions = submissions + 1, reopened = $3, guard = $4,
				intended_at = `+s.clock()+`, updated_at = `+s.clock()+`, claimed_at = NULL, finished_at = NULL, told_at = NULL
			WHERE key = $1 AND state = $5 AND submissions = $6 AND reference = $7`+settled,
			seen.Key, Intended, max(again.Reopened, seen.Reopened), guard, seen.State, seen.Submissions, seen.Reference)
		if err != nil {
			return err
		}
		return s.addEvent(ctx, tx, seen.Key, Intended, again.Note)
	})
	return operation, err
}

// changed runs an update of one row and returns the row as it then stands, or
// ErrMovedOn when no row is as the caller read it.
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
