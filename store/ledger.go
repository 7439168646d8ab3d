package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"
)

// OperationState is the state of a row of the ledger.
//
//	intended --> submitted --> pending --> done
//	   |  ^          |            |------> failed -----> intended (reopened by a person)
//	   v  |          '-----------/|------> cancelled --> intended (reopened by a person)
//	 unknown
//
// refused stands beside intended: the registrar refused the call for a reason that
// passes, which proves that nothing of it exists, so that the next may begin at once.
// intended: the row is there and a call may have been made. submitted: the
// registrar took the request and gave a reference, but its status word is
// unknown. unknown: a call was made and its outcome is not known. A failed one
// may become done without us: a registrar's support may restart it by hand.
type OperationState string

// The states.
const (
	Intended  OperationState = "intended"
	Submitted OperationState = "submitted"
	Pending   OperationState = "pending"
	Done      OperationState = "done"
	Failed    OperationState = "failed"
	Cancelled OperationState = "cancelled"
	Unknown   OperationState = "unknown"
	Refused   OperationState = "refused"
)

// Final reports whether the registrar has finished with the operation.
func (s OperationState) Final() bool { return s == Done || s == Failed || s == Cancelled }

// Operation is a row of the ledger of paid calls.
type Operation struct {
	Key         string         `db:"key"`
	Account     string         `db:"account"`
	Kind        string         `db:"kind"`
	Domain      string         `db:"domain"`
	WorkflowID  string         `db:"workflow_id"`
	Guard       string         `db:"guard"` // see Intention
	State       OperationState `db:"state"`
	Reference   string         `db:"reference"`
	Word        string         `db:"word"`        // the status in the registrar's words
	Submissions int            `db:"submissions"` // calls that were begun
	Reopened    int            `db:"reopened"`    // requests of a person to ask anew that it has seen
	IntendedAt  time.Time      `db:"intended_at"` // when the newest call was begun
	UpdatedAt   time.Time      `db:"updated_at"`
	FinishedAt  *time.Time     `db:"finished_at"`
	ToldAt      *time.Time     `db:"told_at"`    // when its order was told of the end
	CheckedAt   *time.Time     `db:"checked_at"` // when a failed or cancelled one was last asked for
}

const operationColumns = `key, account, kind, domain, workflow_id, guard, state, reference, word,
	submissions, reopened, intended_at, updated_at, finished_at, told_at, checked_at`

func (o *Operation) utc() {
	o.IntendedAt, o.UpdatedAt = o.IntendedAt.UTC(), o.UpdatedAt.UTC()
	o.FinishedAt, o.ToldAt, o.CheckedAt = utc(o.FinishedAt), utc(o.ToldAt), utc(o.CheckedAt)
}

// Intention is what is written down before a paid call.
type Intention struct {
	Key, Account, Kind, Domain, WorkflowID string
	// Guard is what the request relies on, such as the expiry date before a renewal.
	// The first one stays.
	Guard string
	// Reopened is how often a person has asked anew so far. Each such request is
	// used up by one submission, so that no later failure is asked anew by itself.
	Reopened int
}

// Intend writes the intention down. created says that this call made the row, so
// the caller is the first and may submit. Otherwise the row shows how far an
// earlier try came, and the caller must look before it does anything.
func (s *Store) Intend(ctx context.Context, intention Intention) (operation Operation, created bool, err error) {
	err = s.transaction(ctx, func(tx *sqlx.Tx) error {
		now := s.utcNow()
		err := tx.GetContext(ctx, &operation, `
			INSERT INTO registrar_operations
				(key, account, kind, domain, workflow_id, guard, state, submissions, reopened, intended_at, updated_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, $9, $9)
			ON CONFLICT (key) DO NOTHING
			RETURNING `+operationColumns,
			intention.Key, intention.Account, intention.Kind, intention.Domain, intention.WorkflowID, intention.Guard,
			Intended, intention.Reopened, now)
		created = err == nil
		switch {
		case created:
			operation.utc()
			return addEvent(ctx, tx, intention.Key, Intended, "", now)
		case !errors.Is(err, sql.ErrNoRows):
			return fmt.Errorf("store: intend: %w", err)
		}
		if operation, err = getOperation(ctx, tx, intention.Key); err != nil {
			return err
		}
		if operation.Account != intention.Account || operation.Kind != intention.Kind || operation.Domain != intention.Domain {
			return fmt.Errorf("store: intend: key %s already stands for another request", intention.Key)
		}
		return nil
	})
	return operation, created, err
}

// OperationChange is what was learned about an operation. Empty strings leave
// the reference and the word as they are.
type OperationChange struct {
	State     OperationState
	Reference string
	Word      string
	Note      string // for the auditor; no personal data
	// Told says that the order knows already, because it asked itself.
	Told bool
	// Reopened is as in Intention; a smaller number than the row's changes nothing.
	Reopened int
	// Submission is the number of the submission that the news is about. News of an
	// earlier one than the row's are refused with ErrMovedOn; zero is the newest.
	Submission int
}

// ErrTransition says that the ledger does not allow the change of state. It does
// not pass by itself.
var ErrTransition = errors.New("store: the ledger does not allow this change")

// ErrMovedOn says that the row has changed since it was read. Reading it again
// shows what to do.
var ErrMovedOn = errors.New("store: the row of the ledger has moved on")

// transitions lists what each state may become. What is done stays done.
func transitions() map[OperationState][]OperationState {
	return map[OperationState][]OperationState{
		Intended:  {Submitted, Pending, Done, Failed, Cancelled, Unknown, Refused},
		Refused:   {Refused, Failed},
		Unknown:   {Submitted, Pending, Done, Failed, Cancelled, Unknown},
		Submitted: {Submitted, Pending, Done, Failed, Cancelled},
		Pending:   {Submitted, Pending, Done, Failed, Cancelled},
		// A registrar's support may restart what has failed, and anything can follow.
		Failed:    {Submitted, Pending, Done, Failed, Cancelled},
		Cancelled: {Submitted, Pending, Done, Failed, Cancelled},
		Done:      {Done},
	}
}

func allowed(from, to OperationState) bool { return slices.Contains(transitions()[from], to) }

// Learn records what is known of an operation now and returns the row as it then
// stands. A change to the same state without news writes nothing.
func (s *Store) Learn(ctx context.Context, key string, change OperationChange) (Operation, error) {
	var operation Operation
	err := s.transaction(ctx, func(tx *sqlx.Tx) error {
		var err error
		if operation, err = getOperation(ctx, tx, key); err != nil {
			return err
		}
		if change.Submission != 0 && change.Submission != operation.Submissions {
			return fmt.Errorf("%w: %s: news of submission %d of %d", ErrMovedOn, key, change.Submission, operation.Submissions)
		}
		if operation.State == Done && change.State != Done {
			// What is done stays done. Who says otherwise asked earlier and writes later;
			// a registrar that takes it back is for the auditor.
			if !change.State.Final() {
				return nil
			}
			return addEvent(ctx, tx, key, Done, "ignored: "+string(change.State), s.utcNow())
		}
		if !allowed(operation.State, change.State) {
			return fmt.Errorf("%w: %s from %s to %s", ErrTransition, key, operation.State, change.State)
		}
		reference, word := operation.Reference, operation.Word
		if change.Reference != "" {
			reference = change.Reference
		}
		if change.Word != "" {
			word = change.Word
		}
		untold := change.State.Final() && change.Told && operation.ToldAt == nil
		reopened := max(change.Reopened, operation.Reopened)
		if operation.State == change.State && reference == operation.Reference && word == operation.Word &&
			reopened == operation.Reopened && !untold {
			return nil
		}
		now := s.utcNow()
		var finished, told *time.Time
		if change.State.Final() {
			finished = &now
			if change.Told {
				told = &now
			}
		}
		operation, err = changed(ctx, tx, "learn", `
			UPDATE registrar_operations
			SET state = $2, reference = $3, word = $4, updated_at = $5, finished_at = $6, told_at = $7, reopened = $8
			WHERE key = $1 AND state = $9 AND submissions = $10 AND reference = $11`,
			key, change.State, reference, word, now, finished, told, reopened,
			operation.State, operation.Submissions, operation.Reference)
		if err != nil {
			return err
		}
		return addEvent(ctx, tx, key, change.State, change.Note, now)
	})
	return operation, err
}

// BeginAgain opens a row for one more submission: an intended or unknown one
// after a look has shown that it left nothing, a failed or cancelled one after a
// person asked anew, which shows in a higher number of reopened than the row has
// seen. Anything else is ErrTransition. seen is the row as the caller read it
// before it looked: if another try was quicker the answer is ErrMovedOn, and one
// of the two submits.
//
// The row keeps its guard, but for a request that a person asked for anew after the
// first one had ended: that one relies on what it sees itself. guard is for it.
func (s *Store) BeginAgain(ctx context.Context, seen Operation, reopened int, guard, note string) (Operation, error) {
	open := seen.State == Intended || seen.State == Unknown || seen.State == Refused
	closed := seen.State == Failed || seen.State == Cancelled
	if !open && (!closed || reopened <= seen.Reopened) {
		return Operation{}, fmt.Errorf("%w: %s cannot begin again from %s", ErrTransition, seen.Key, seen.State)
	}
	if open {
		guard = seen.Guard
	}
	var operation Operation
	err := s.transaction(ctx, func(tx *sqlx.Tx) error {
		now := s.utcNow()
		var err error
		operation, err = changed(ctx, tx, "begin again", `
			UPDATE registrar_operations
			SET state = $2, reference = '', word = '', submissions = submissions + 1,
				reopened = $3, intended_at = $4, updated_at = $4, finished_at = NULL, told_at = NULL, guard = $8
			WHERE key = $1 AND state = $5 AND submissions = $6 AND reference = $7`,
			seen.Key, Intended, max(reopened, seen.Reopened), now, seen.State, seen.Submissions, seen.Reference, guard)
		if err != nil {
			return err
		}
		return addEvent(ctx, tx, seen.Key, Intended, note, now)
	})
	return operation, err
}

// changed runs an update of one row and returns the row as it then stands, or
// ErrMovedOn when no row is as the caller read it.
func changed(ctx context.Context, tx *sqlx.Tx, what, update string, args ...any) (Operation, error) {
	var operation Operation
	err := tx.GetContext(ctx, &operation, update+` RETURNING `+operationColumns, args...)
	if errors.Is(err, sql.ErrNoRows) {
		return Operation{}, fmt.Errorf("%s: %w", what, ErrMovedOn)
	}
	if err != nil {
		return Operation{}, fmt.Errorf("store: %s: %w", what, err)
	}
	operation.utc()
	return operation, nil
}

// Operation returns the row of a key, or ErrNotFound.
func (s *Store) Operation(ctx context.Context, key string) (Operation, error) {
	return getOperation(ctx, s.db, key)
}

// MarkTold notes that the order of a finished operation knows of its end.
func (s *Store) MarkTold(ctx context.Context, key string) error {
	_, err := s.db.ExecContext(ctx, `UPDATE registrar_operations SET told_at = $2
		WHERE key = $1 AND finished_at IS NOT NULL AND told_at IS NULL`, key, s.utcNow())
	if err != nil {
		return fmt.Errorf("store: mark told: %w", err)
	}
	return nil
}

// OperationEvent is one line of a row's history.
type OperationEvent struct {
	State      OperationState `db:"state"`
	Note       string         `db:"note"`
	HappenedAt time.Time      `db:"happened_at"`
}

// OperationEvents returns the history of a row, oldest first.
func (s *Store) OperationEvents(ctx context.Context, key string) ([]OperationEvent, error) {
	var events []OperationEvent
	err := s.db.SelectContext(ctx, &events, `SELECT state, note, happened_at FROM registrar_operation_events
		WHERE key = $1 ORDER BY sequence`, key)
	if err != nil {
		return nil, fmt.Errorf("store: operation events: %w", err)
	}
	for i := range events {
		events[i].HappenedAt = events[i].HappenedAt.UTC()
	}
	return events, nil
}

func getOperation(ctx context.Context, q sqlx.QueryerContext, key string) (Operation, error) {
	var operation Operation
	err := sqlx.GetContext(ctx, q, &operation,
		`SELECT `+operationColumns+` FROM registrar_operations WHERE key = $1`, key)
	if err != nil {
		return Operation{}, notFound("registrar operation "+key, err)
	}
	operation.utc()
	return operation, nil
}

func addEvent(ctx context.Context, tx *sqlx.Tx, key string, state OperationState, note string, at time.Time) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO registrar_operation_events (key, sequence, state, note, happened_at)
		VALUES ($1, (SELECT COUNT(*) + 1 FROM registrar_operation_events WHERE key = $1), $2, $3, $4)`,
		key, state, note, at)
	if err != nil {
		return fmt.Errorf("store: operation event: %w", err)
	}
	return nil
}
