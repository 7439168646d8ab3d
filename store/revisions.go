package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"
)

// Revision is what an amendment has made of an order.
type Revision struct {
	OrderNumber string
	// Item is the unit of work that the amendment is for.
	Item int
	// Document is the whole order in its JSON form, including secrets. It is stored sealed.
	Document      []byte
	Actor, Reason string
}

// AddRevision stores a revision of an order and returns its number, which begins at 1. It
// counts for no unit of work until TakeRevision.
func (s *Store) AddRevision(ctx context.Context, revision Revision) (number int, err error) {
	err = s.transaction(ctx, func(tx *sqlx.Tx) error {
		// The row of the order is the lock: two amendments never get the same number.
		if _, err := tx.ExecContext(ctx, `UPDATE orders SET source = source WHERE number = $1`, revision.OrderNumber); err != nil {
			return err
		}
		err := tx.GetContext(ctx, &number, `SELECT COALESCE(MAX(revision), 0) + 1 FROM order_revisions WHERE order_number = $1`, revision.OrderNumber)
		if err != nil {
			return err
		}
		sealed, err := s.sealer.Seal(revision.Document, sealedRevision(revision.OrderNumber, number))
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `
			INSERT INTO order_revisions (order_number, revision, item, document, actor, reason, created_at)
			VALUES ($1, $2, $3, $4, $5, $6, `+s.clock()+`)`,
			revision.OrderNumber, number, revision.Item, sealed, revision.Actor, revision.Reason)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("store: add revision: %w", err)
	}
	return number, nil
}

func sealedRevision(number string, revision int) string {
	return fmt.Sprintf("order/%s/revision/%d", number, revision)
}

// RevisedDocument returns the JSON form of a revision of an order, including secrets; revision
// 0 is the order as it was placed. Error: ErrNotFound.
func (s *Store) RevisedDocument(ctx context.Context, number string, revision int) ([]byte, error) {
	if revision == 0 {
		return s.OrderDocument(ctx, number)
	}
	var sealed string
	err := s.db.GetContext(ctx, &sealed, `SELECT document FROM order_revisions WHERE order_number = $1 AND revision = $2`, number, revision)
	if err != nil {
		return nil, notFound(fmt.Sprintf("revision %d of order %s", revision, number), err)
	}
	return s.sealer.Open(sealed, sealedRevision(number, revision))
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
func (s *Store) LatestRevision(ctx context.Context, number string) (revision int, err error) {
	err = s.db.GetContext(ctx, &revision, `SELECT COALESCE(MAX(revision), 0) FROM provisionings WHERE order_number = $1`, number)
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
	Runs     int `db:"runs"`
	Revision int `db:"revision"`
}

// AdmitRun tells a run that has begun how its unit of work stands, and counts the run if the
// unit is open. A repeat for the same run gets the same answer.
func (s *Store) AdmitRun(ctx context.Context, number string, item int, workflowID, runID string) (Admission, error) {
	var stands Admission
	const which = ` WHERE order_number = $1 AND item = $2 AND workflow_id = $3`
	err := s.db.GetContext(ctx, &stands, `UPDATE provisionings SET runs = runs + CASE WHEN run_id = $4 THEN 0 ELSE 1 END, run_id = $4`+
		which+` AND state = 'open' RETURNING state, runs, revision`, number, item, workflowID, runID)
	if errors.Is(err, sql.ErrNoRows) {
		err = s.db.GetContext(ctx, &stands, `SELECT state, runs, revision FROM provisionings`+which, number, item, workflowID)
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return Admission{}, fmt.Errorf("store: admit run: %w", err)
	}
	return stands, nil
}
