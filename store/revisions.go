package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/jmoiron/sqlx"

	"domainprovisioning/messages"
	"domainprovisioning/vault"
)

// Revision is what an amendment has made of an order.
type Revision struct {
	OrderNumber string
	// Number begins at 1; AddRevision sets it.
	Number int
	// Item is the unit of work that the amendment is for.
	Item int
	// Base is the revision that was amended, 0 for the order as it was placed.
	Base int
	// Command is the id of the command that brought it, "" for none, and Amendment what the
	// command said, including secrets. Of the amendment only a keyed digest is kept.
	Command   string
	Amendment []byte
	// Changes names what differs from the revision by which the unit goes.
	Changes []messages.Change
	// Document is the whole order in its JSON form, including secrets. It is stored sealed.
	Document      []byte
	Actor, Reason string
}

// Errors of AddRevision and FindRevision.
var (
	// ErrRevisionStale says that a unit of the order goes by a newer revision than the base.
	ErrRevisionStale = errors.New("store: the order has been amended meanwhile")
	// ErrCommandReused says that another amendment came with the same command id.
	ErrCommandReused = errors.New("store: the same command has brought another amendment")
)

// AddRevision stores a revision of an order and returns its number. It counts for no unit of
// work until TakeRevision. A repeat of a command returns the revision that it has brought, with
// its changes, and stores nothing. Errors: ErrRevisionStale, ErrCommandReused.
func (s *Store) AddRevision(ctx context.Context, revision Revision) (stored Revision, err error) {
	err = s.transaction(ctx, func(tx *sqlx.Tx) error {
		// The row of the order is the lock: two amendments never get the same number.
		if _, err := tx.ExecContext(ctx, `UPDATE orders SET source = source WHERE number = $1`, revision.OrderNumber); err != nil {
			return err
		}
		found, err := s.findRevision(ctx, tx, revision)
		if !errors.Is(err, ErrNotFound) {
			stored = found
			return err
		}
		latest, err := latestRevision(ctx, tx, revision.OrderNumber)
		if err != nil {
			return err
		}
		if latest != revision.Base {
			return ErrRevisionStale
		}
		stored = revision
		err = tx.GetContext(ctx, &stored.Number, `SELECT COALESCE(MAX(revision), 0) + 1 FROM order_revisions WHERE order_number = $1`, revision.OrderNumber)
		if err != nil {
			return err
		}
		return s.insertRevision(ctx, tx, stored)
	})
	if err != nil {
		return Revision{}, fmt.Errorf("store: add revision: %w", err)
	}
	return stored, nil
}

func (s *Store) insertRevision(ctx context.Context, tx *sqlx.Tx, revision Revision) error {
	sealed, err := s.sealFor(ctx, tx, revision.OrderNumber, revision.Document, sealedRevision(revision.OrderNumber, revision.Number))
	if err != nil {
		return err
	}
	keys, err := s.digestKeys(ctx, tx)
	if err != nil {
		return err
	}
	changes := make([]string, len(revision.Changes))
	for n, change := range revision.Changes {
		changes[n] = string(change)
	}
	digest := ""
	if revision.Command != "" {
		digest = s.digestOf(keys, ofAmendment, string(revision.Amendment), amendmentText(revision))
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO order_revisions (order_number, revision, item, base, command, digest, changes, document, actor, reason, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, `+s.clock()+`)`,
		revision.OrderNumber, revision.Number, revision.Item, revision.Base, revision.Command, digest, strings.Join(changes, " "), sealed,
		revision.Actor, revision.Reason)
	return err
}

// amendmentText is the text of which older versions kept the digest. Its beginning keeps it apart from
// digests of logins, which have the same key.
func amendmentText(revision Revision) string { return "amendment\n" + string(revision.Amendment) }

// FindRevision returns the revision that a command has brought, without its document. Order,
// item, command and amendment name it. Errors: ErrNotFound, and ErrCommandReused if the command
// has brought another amendment.
func (s *Store) FindRevision(ctx context.Context, which Revision) (Revision, error) {
	return s.findRevision(ctx, s.db, which)
}

func (s *Store) findRevision(ctx context.Context, q querier, which Revision) (Revision, error) {
	if which.Command == "" {
		return Revision{}, ErrNotFound
	}
	var row struct {
		Revision, Base                 int
		Digest, Changes, Actor, Reason string
	}
	err := q.GetContext(ctx, &row, `SELECT revision, base, digest, changes, actor, reason FROM order_revisions
		WHERE order_number = $1 AND item = $2 AND command = $3 AND command <> ''`, which.OrderNumber, which.Item, which.Command)
	if err != nil {
		return Revision{}, notFound("revision of the command", err)
	}
	keys, err := s.digestKeys(ctx, q)
	if err != nil {
		return Revision{}, err
	}
	// A digest under a key that is no longer known cannot be compared.
	matches, known := keys.derived.Match(row.Digest, amendmentText(which))
	if keys.random != nil && strings.HasPrefix(row.Digest, vault.KeyedPrefix) {
		matches, known = keys.random.Matches(row.Digest, ofAmendment, string(which.Amendment)), true
	}
	if known && !matches {
		return Revision{}, ErrCommandReused
	}
	found := Revision{
		OrderNumber: which.OrderNumber, Number: row.Revision, Item: which.Item, Base: row.Base,
		Command: which.Command, Amendment: which.Amendment, Actor: row.Actor, Reason: row.Reason,
	}
	for change := range strings.FieldsSeq(row.Changes) {
		found.Changes = append(found.Changes, messages.Change(change))
	}
	return found, nil
}

func sealedRevision(number string, revision int) string {
	return fmt.Sprintf("order/%s/revision/%d", number, revision)
}

// RevisedDocument returns the JSON form of a revision of an order, including secrets; revision
// 0 is the order as it was placed. Errors: ErrNotFound, *ErasedError.
func (s *Store) RevisedDocument(ctx context.Context, number string, revision int) ([]byte, error) {
	if revision == 0 {
		return s.OrderDocument(ctx, number)
	}
	var row sealedDocument
	err := s.db.GetContext(ctx, &row, `SELECT o.number, r.document, o.erased_at, COALESCE(k.wrapped, '') AS wrapped
		FROM order_revisions r JOIN orders o ON o.number = r.order_number`+withDataKey+`
		WHERE r.order_number = $1 AND r.revision = $2`, number, revision)
	if err != nil {
		return nil, notFound(fmt.Sprintf("revision %d of order %s", revision, number), err)
	}
	return s.openOrders(row, sealedRevision(number, revision))
}

// TakeRevision records that a unit of work goes by a revision. A unit never goes back to an
// older one.
func (s *Store) TakeRevision(ctx context.Context, number string, item, revision int) error {
	_, err := s.db.ExecContext(ctx, `UPDATE provisionings SET revision = $3
		WHERE order_number = $1 AND item = $2 AND revision < $3`, number, item, revision)
	if err != nil {
		return fmt.Errorf("store: take revision: %w", err)
	}
	return nil
}

// LatestRevision returns the newest revision by which a unit of the order goes; 0 if all go by
// the order as it was placed.
func (s *Store) LatestRevision(ctx context.Context, number string) (int, error) {
	return latestRevision(ctx, s.db, number)
}

func latestRevision(ctx context.Context, q querier, number string) (revision int, err error) {
	err = q.GetContext(ctx, &revision, `SELECT COALESCE(MAX(revision), 0) FROM provisionings WHERE order_number = $1`, number)
	if err != nil {
		return 0, fmt.Errorf("store: latest revision: %w", err)
	}
	return revision, nil
}

// Admission says how a unit of work stands for a run that has just begun.
type Admission struct {
	// State is "" if no unit of work has that number, item and workflow id.
	State UnitState `db:"state"`
	// Runs is how many runs have carried it, this one included.
	Runs int `db:"runs"`
	// Last says of a unit that has ended that this run was the last to carry it.
	Last     bool `db:"last"`
	Revision int  `db:"revision"`
	// GivenUp is the command by which the unit was given up; nil if it was not.
	GivenUp *messages.Cancel `db:"-"`

	Command string `db:"given_up"`
}

// AdmitRun tells a run that has begun how its unit of work stands, and counts the run if the
// unit is open. A repeat for the same run gets the same answer.
func (s *Store) AdmitRun(ctx context.Context, number string, item int, workflowID, runID string) (Admission, error) {
	var stands Admission
	const which = ` WHERE order_number = $1 AND item = $2 AND workflow_id = $3`
	const columns = `state, runs, revision, given_up`
	err := s.db.GetContext(ctx, &stands, `UPDATE provisionings SET runs = runs + CASE WHEN run_id = $4 THEN 0 ELSE 1 END, run_id = $4`+
		which+` AND state = 'open' RETURNING `+columns, number, item, workflowID, runID)
	if errors.Is(err, sql.ErrNoRows) {
		err = s.db.GetContext(ctx, &stands, `SELECT `+columns+`, CASE WHEN run_id = $4 THEN TRUE ELSE FALSE END AS last
			FROM provisionings`+which, number, item, workflowID, runID)
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return Admission{}, fmt.Errorf("store: admit run: %w", err)
	}
	stands.GivenUp, err = givenUp(stands.Command)
	return stands, err
}

// GiveUp records the command by which an open unit of work is given up, and returns the state of
// the unit. The first command stays; a unit that has ended keeps its end.
func (s *Store) GiveUp(ctx context.Context, number string, item int, command messages.Cancel) (UnitState, error) {
	document, err := json.Marshal(command)
	if err != nil {
		return "", fmt.Errorf("store: give up: %w", err)
	}
	_, err = s.db.ExecContext(ctx, `UPDATE provisionings SET given_up = $3
		WHERE order_number = $1 AND item = $2 AND state = 'open' AND given_up = ''`, number, item, string(document))
	if err != nil {
		return "", fmt.Errorf("store: give up: %w", err)
	}
	var state UnitState
	err = s.db.GetContext(ctx, &state, `SELECT state FROM provisionings WHERE order_number = $1 AND item = $2`, number, item)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("store: give up: %w", err)
	}
	return state, nil
}

func givenUp(document string) (*messages.Cancel, error) {
	if document == "" {
		return nil, nil //nolint:nilnil // it was not
	}
	var command messages.Cancel
	if err := json.Unmarshal([]byte(document), &command); err != nil {
		return nil, fmt.Errorf("store: the command by which a unit was given up cannot be read: %w", err)
	}
	return &command, nil
}
