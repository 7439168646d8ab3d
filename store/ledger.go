package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
)

// LedgerState is the state of a row of the ledger. docs/architecture.md has a diagram of
// the changes.
//
//	intended   the row exists, and a call may have been made
//	refused    the registrar refused the call for a reason that passes: nothing of it exists
//	unknown    a call was made, and its outcome is unknown
//	submitted  the registrar accepted the request, with a status word that we do not know
//	pending    the registrar is working on it
//	done       it was carried out; this never changes
//	failed     it was not; the registrar's support may restart it by hand
//	cancelled  the same, because somebody asked for it
type LedgerState string

// The states.
const (
	Intended  LedgerState = "intended"
	Submitted LedgerState = "submitted"
	Pending   LedgerState = "pending"
	Done      LedgerState = "done"
	Failed    LedgerState = "failed"
	Cancelled LedgerState = "cancelled"
	Unknown   LedgerState = "unknown"
	Refused   LedgerState = "refused"
)

// Final reports whether the registrar has finished with the operation.
func (s LedgerState) Final() bool { return s == Done || s == Failed || s == Cancelled }

// LedgerRow is a row of the ledger of paid calls.
type LedgerRow struct {
	Key        string `db:"key"`
	Account    string `db:"account"`
	Kind       string `db:"kind"`
	Domain     string `db:"domain"`
	WorkflowID string `db:"workflow_id"`
	Guard      string `db:"guard"` // see Intention
	// AcceptedPrice is the price that a person has accepted for the latest call, such as
	// "250.00 EUR"; "" if nobody was asked.
	AcceptedPrice string      `db:"accepted_price"`
	State         LedgerState `db:"state"`
	Reference     string      `db:"reference"`
	Word          string      `db:"word"`        // the status in the registrar's own words
	Submissions   int         `db:"submissions"` // number of calls begun
	Reopened      int         `db:"reopened"`    // number of requests by a person to try again that it has used up
	IntendedAt    time.Time   `db:"intended_at"` // when the latest call was begun
	UpdatedAt     time.Time   `db:"updated_at"`
	FinishedAt    *time.Time  `db:"finished_at"`
	ToldAt        *time.Time  `db:"told_at"`       // when its order was told the outcome
	CheckedAt     *time.Time  `db:"checked_at"`    // when it was last read by its reference without need: after its end, or in turn
	ClaimedAt     *time.Time  `db:"claimed_at"`    // when the latest call was last permitted; see Claim
	WithdrawalAt  *time.Time  `db:"withdrawal_at"` // when its order asked to take it back; see Withdraw
	ReadAt        moment      `db:"read_at"`       // the database's time at the read
}

// Age is how long ago the latest call was last permitted to be sent, or else begun.
func (o LedgerRow) Age() time.Duration {
	newest := o.IntendedAt
	if o.ClaimedAt != nil {
		newest = *o.ClaimedAt
	}
	return o.ReadAt.Sub(newest)
}

// Ended is how long ago the registrar finished the operation, or how long ago we last
// asked for it after it had failed or was cancelled.
func (o LedgerRow) Ended() time.Duration {
	switch {
	case o.CheckedAt != nil:
		return o.ReadAt.Sub(*o.CheckedAt)
	case o.FinishedAt != nil:
		return o.ReadAt.Sub(*o.FinishedAt)
	}
	return 0
}

// OrderNumber is the number of the order, with which the row's key begins.
func (o LedgerRow) OrderNumber() string {
	number, _, _ := strings.Cut(o.Key, "/")
	return number
}

// Item is the item of the order, which follows in the row's key.
func (o LedgerRow) Item() (int, error) {
	_, item, _, err := splitKey(o.Key)
	return item, err
}

// splitKey returns the parts of a row's key. The error says that it is none.
func splitKey(key string) (order string, item int, kind string, err error) {
	order, rest, _ := strings.Cut(key, "/")
	text, kind, _ := strings.Cut(rest, "/")
	if item, err = strconv.Atoi(text); err != nil || kind == "" {
		return "", 0, "", fmt.Errorf("store: %s is no key of a request", key)
	}
	return order, item, kind, nil
}

func (s *Store) ledgerColumns() string {
	return `key, account, kind, domain, workflow_id, guard, accepted_price, state, reference, word, submissions, reopened,
		intended_at, updated_at, finished_at, told_at, checked_at, claimed_at, withdrawal_at, ` + s.clock() + ` AS read_at`
}

func (o *LedgerRow) utc() {
	o.IntendedAt, o.UpdatedAt = o.IntendedAt.UTC(), o.UpdatedAt.UTC()
	o.FinishedAt, o.ToldAt, o.CheckedAt, o.ClaimedAt = utc(o.FinishedAt), utc(o.ToldAt), utc(o.CheckedAt), utc(o.ClaimedAt)
	o.WithdrawalAt = utc(o.WithdrawalAt)
}

// Intention is what is recorded before a paid call.
type Intention struct {
	Key, Account, Kind, Domain, WorkflowID string
	// Guard is what the request relies on, such as the expiry date before a renewal. It stays
	// for the tries that follow, and changes only when a person asks to try again.
	Guard string
	// AcceptedPrice is as in LedgerRow.
	AcceptedPrice string
	// Reopened is how often a person has asked to try again so far. One submission uses up
	// each such request, so a later failure is never retried by itself.
	Reopened int
}

// Intend records the intention. created says that this call created the row, so the caller
// is the first and may submit. Otherwise the row shows how far an earlier try came, and
// the caller must look before it does anything.
func (s *Store) Intend(ctx context.Context, intention Intention) (operation LedgerRow, created bool, err error) {
	err = s.transaction(ctx, func(tx *sqlx.Tx) error {
		err := tx.GetContext(ctx, &operation, `
			INSERT INTO registrar_operations
				(key, account, kind, domain, workflow_id, guard, state, submissions, reopened, accepted_price, intended_at, updated_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, $9, `+s.clock()+`, `+s.clock()+`)
			ON CONFLICT (key) DO NOTHING
			RETURNING `+s.ledgerColumns(),
			intention.Key, intention.Account, intention.Kind, intention.Domain, intention.WorkflowID, intention.Guard,
			Intended, intention.Reopened, intention.AcceptedPrice)
		created = err == nil
		switch {
		case created:
			operation.utc()
			return s.addEvent(ctx, tx, intention.Key, Intended, "")
		case !errors.Is(err, sql.ErrNoRows):
			return fmt.Errorf("store: intend: %w", err)
		}
		if operation, err = s.getRow(ctx, tx, intention.Key); err != nil {
			return err
		}
		if operation.Account != intention.Account || operation.Kind != intention.Kind || operation.Domain != intention.Domain {
			return fmt.Errorf("store: intend: key %s already stands for another request", intention.Key)
		}
		return nil
	})
	return operation, created, err
}

// LedgerChange is what was learned about an operation. Empty strings leave
// the reference and the word as they are.
type LedgerChange struct {
	State     LedgerState
	Reference string
	Word      string
	Note      string // for the auditor; no personal data
	// Told says that the order already knows, because it asked for the state itself.
	Told bool
	// Reopened is as in Intention; a number smaller than the row's changes nothing.
	Reopened int
	// Submission is the number of the submission that the change is about; zero means the
	// latest. A change about a submission earlier than the row's is refused with ErrMovedOn.
	Submission int
	// Answer says that the change is the registrar's answer to the submission itself. It is
	// never dropped, not even for an earlier submission; see overtaken.
	Answer bool
}

// ErrTransition says that the ledger does not allow the change of state. The error is
// permanent.
var ErrTransition = errors.New("store: the ledger does not allow this change")

// ErrMovedOn says that the row has changed since it was read. Reading it again
// shows what to do.
var ErrMovedOn = errors.New("store: the row of the ledger has moved on")

// transitions lists the changes of state that Learn makes. A row that is done stays done.
func transitions() map[LedgerState][]LedgerState {
	return map[LedgerState][]LedgerState{
		Intended:  {Submitted, Pending, Done, Failed, Cancelled, Unknown, Refused},
		Refused:   {Refused, Failed},
		Unknown:   {Submitted, Pending, Done, Failed, Cancelled, Unknown},
		Submitted: {Submitted, Pending, Done, Failed, Cancelled},
		Pending:   {Submitted, Pending, Done, Failed, Cancelled},
		// A registrar's support may restart a failed operation, and anything can follow.
		Failed:    {Submitted, Pending, Done, Failed, Cancelled},
		Cancelled: {Submitted, Pending, Done, Failed, Cancelled},
		Done:      {Done},
	}
}

func allowed(from, to LedgerState) bool { return slices.Contains(transitions()[from], to) }

// Learn records what is now known about an operation and returns the resulting row. A
// change that adds nothing new writes nothing.
func (s *Store) Learn(ctx context.Context, key string, change LedgerChange) (LedgerRow, error) {
	var operation LedgerRow
	err := s.transaction(ctx, func(tx *sqlx.Tx) error {
		var err error
		if operation, err = s.lockRow(ctx, tx, key); err != nil {
			return err
		}
		if change.Answer && change.Submission < operation.Submissions {
			operation, err = s.overtaken(ctx, tx, operation, change)
			return err
		}
		if change.Submission != 0 && change.Submission != operation.Submissions {
			return fmt.Errorf("%w: %s: news of submission %d of %d", ErrMovedOn, key, change.Submission, operation.Submissions)
		}
		if operation.State == Done && change.State != Done {
			// A row that is done stays done. An open state was read earlier and is written late; a
			// registrar that takes back its word is noted for the auditor.
			if !change.State.Final() {
				return nil
			}
			return s.addEvent(ctx, tx, key, Done, "ignored: "+string(change.State))
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
		finished, told := s.finishedAt(change.State), "NULL"
		if change.Told {
			told = finished
		}
		operation, err = s.changed(ctx, tx, "learn", `
			UPDATE registrar_operations SET state = $2, reference = $3, word = $4, reopened = $5,
				updated_at = `+s.clock()+`, finished_at = `+finished+`, told_at = `+told+`
			WHERE key = $1 AND state = $6 AND submissions = $7 AND reference = $8`,
			key, change.State, reference, word, reopened, operation.State, operation.Submissions, operation.Reference)
		if err != nil {
			return err
		}
		return s.addEvent(ctx, tx, key, change.State, change.Note)
	})
	return operation, err
}

// LedgerRow returns the row of a key, or ErrNotFound.
func (s *Store) LedgerRow(ctx context.Context, key string) (LedgerRow, error) {
	return s.getRow(ctx, s.db, key)
}

// MarkTold records that the order of a finished operation knows the outcome.
func (s *Store) MarkTold(ctx context.Context, key string) error {
	if _, err := s.db.ExecContext(ctx, s.markTold(), key); err != nil {
		return fmt.Errorf("store: mark told: %w", err)
	}
	return nil
}

func (s *Store) markTold() string {
	return `UPDATE registrar_operations SET told_at = ` + s.clock() + ` WHERE key = $1 AND finished_at IS NOT NULL AND told_at IS NULL`
}

// AnswerNote is the note of the answer with which the registrar took a submission.
const AnswerNote = "answer to the request"

// Answered reports whether the registrar has answered a row's latest submission itself, and taken
// it, as the row's history shows. What was found by looking, or stated by a person, may be another's.
func Answered(events []LedgerEvent) bool {
	for _, event := range slices.Backward(events) {
		switch {
		case event.Note == AnswerNote:
			return true
		case event.State == Intended:
			return false
		}
	}
	return false
}

// LedgerEvent is one entry in the history of a row.
type LedgerEvent struct {
	State      LedgerState `db:"state"`
	Note       string      `db:"note"`
	HappenedAt time.Time   `db:"happened_at"`
}

// LedgerEvents returns the history of a row, oldest first.
func (s *Store) LedgerEvents(ctx context.Context, key string) ([]LedgerEvent, error) {
	var events []LedgerEvent
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

// finishedAt is the time at which an operation that reaches a state is finished, as an SQL
// expression: now, or NULL if the state is not final.
func (s *Store) finishedAt(state LedgerState) string {
	if state.Final() {
		return s.clock()
	}
	return "NULL"
}

// lockRow reads a row and locks it until the transaction ends.
func (s *Store) lockRow(ctx context.Context, tx *sqlx.Tx, key string) (LedgerRow, error) {
	if err := s.lock(ctx, tx, "registrar_operations", "key = $1", key); err != nil {
		return LedgerRow{}, err
	}
	return s.getRow(ctx, tx, key)
}

func (s *Store) getRow(ctx context.Context, q querier, key string) (LedgerRow, error) {
	var operation LedgerRow
	err := q.GetContext(ctx, &operation,
		`SELECT `+s.ledgerColumns()+` FROM registrar_operations WHERE key = $1`, key)
	if err != nil {
		return LedgerRow{}, notFound("registrar operation "+key, err)
	}
	operation.utc()
	return operation, nil
}

func (s *Store) addEvent(ctx context.Context, tx *sqlx.Tx, key string, state LedgerState, note string) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO registrar_operation_events (key, sequence, state, note, happened_at)
		VALUES ($1, (SELECT COUNT(*) + 1 FROM registrar_operation_events WHERE key = $1), $2, $3, `+s.clock()+`)`,
		key, state, note)
	if err != nil {
		return fmt.Errorf("store: operation event: %w", err)
	}
	return nil
}
