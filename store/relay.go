package store

import (
	"context"
	"fmt"
	"time"
)

// StartHold is for how long who accepted an order, or the relay, holds a unit of work
// to start its workflow. A start must have ended by then.
const StartHold = time.Minute

// ClaimUnstarted takes open units of work whose workflows are still to be started and
// that nobody holds, oldest first, and holds them for StartHold. Two callers never get
// the same one. Whoever takes several must have started all of them by then.
func (s *Store) ClaimUnstarted(ctx context.Context, limit int) ([]Unit, error) {
	now := s.clock()
	var rows []Unit
	// What the inner part has chosen may be taken by another caller before the outer
	// one has its lock; the outer part asks again.
	err := s.db.SelectContext(ctx, &rows, `
		UPDATE provisionings SET start_after = `+s.clockAfter(StartHold)+`
		WHERE state = 'open' AND started_at IS NULL AND COALESCE(start_after, created_at) <= `+now+` AND (order_number, item) IN (
			SELECT order_number, item FROM provisionings
			WHERE state = 'open' AND started_at IS NULL AND COALESCE(start_after, created_at) <= `+s.asOf(0)+`
			ORDER BY start_after, order_number, item LIMIT $1)
		RETURNING `+unitColumns, limit)
	if err != nil {
		return nil, fmt.Errorf("store: claim orders to start: %w", err)
	}
	for i := range rows {
		rows[i].utc()
	}
	return rows, nil
}

// ClaimStart is ClaimUnstarted for one unit. It reports false when somebody holds the
// unit, or its workflow was started.
func (s *Store) ClaimStart(ctx context.Context, number string, item int) (bool, error) {
	result, err := s.db.ExecContext(ctx, `UPDATE provisionings SET start_after = `+s.clockAfter(StartHold)+`
		WHERE order_number = $1 AND item = $2 AND state = 'open' AND started_at IS NULL AND COALESCE(start_after, created_at) <= `+s.clock(),
		number, item)
	if err != nil {
		return false, fmt.Errorf("store: claim order to start: %w", err)
	}
	rows, err := result.RowsAffected()
	return rows == 1, err
}

// MarkStarted records that the workflow of a unit runs, so that nobody starts it again. The
// first start stays; what was done to a run before is forgotten.
func (s *Store) MarkStarted(ctx context.Context, number string, item int) error {
	_, err := s.db.ExecContext(ctx, `UPDATE provisionings SET started_at = COALESCE(started_at, `+s.clock()+`), run_seen_at = `+s.clock()+`, run_state = ''
		WHERE order_number = $1 AND item = $2 AND state = 'open'`, number, item)
	if err != nil {
		return fmt.Errorf("store: mark started: %w", err)
	}
	return nil
}

// Restart lets the relay start a unit whose workflow was started once and does not run:
// it was terminated. A unit that is not open stays as it is.
func (s *Store) Restart(ctx context.Context, number string, item int) error {
	_, err := s.db.ExecContext(ctx, `UPDATE provisionings SET started_at = NULL, start_after = `+s.clock()+`, run_state = ''
		WHERE order_number = $1 AND item = $2 AND state = 'open'`, number, item)
	if err != nil {
		return fmt.Errorf("store: restart: %w", err)
	}
	return nil
}

// ReleaseStart lets others start the workflow of a unit after a while: the try of the
// one who held it has ended without success.
func (s *Store) ReleaseStart(ctx context.Context, number string, item int, after time.Duration) error {
	_, err := s.db.ExecContext(ctx, `UPDATE provisionings SET start_after = `+s.clockAfter(after)+`
		WHERE order_number = $1 AND item = $2 AND started_at IS NULL`, number, item)
	if err != nil {
		return fmt.Errorf("store: release start: %w", err)
	}
	return nil
}

// deliveryHold is for how long a claimed confirmation is held by its claimer.
const deliveryHold = time.Minute

// WaitingAccounts lists the registrar accounts of which confirmations are to be delivered
// now: each gets its turn, however many another has sent.
func (s *Store) WaitingAccounts(ctx context.Context) ([]string, error) {
	var accounts []string
	err := s.db.SelectContext(ctx, &accounts, `SELECT DISTINCT account FROM confirmations
		WHERE state = 'received' AND deliver_after <= `+s.asOf(0)+` ORDER BY account`)
	if err != nil {
		return nil, fmt.Errorf("store: waiting accounts: %w", err)
	}
	return accounts, nil
}

// ClaimConfirmations takes confirmations of an account that are to be delivered and that
// nobody holds: first those that named an operation which was open when they came, then the
// oldest. Two callers never get the same one.
func (s *Store) ClaimConfirmations(ctx context.Context, account string, limit int) ([]Confirmation, error) {
	due := `state = 'received' AND account = $1 AND deliver_after <= `
	var rows []Confirmation
	err := s.db.SelectContext(ctx, &rows, `
		UPDATE confirmations SET deliver_after = `+s.clockAfter(deliveryHold)+`, attempts = attempts + 1
		WHERE `+due+s.clock()+` AND event_id IN (
			SELECT event_id FROM confirmations WHERE `+due+s.asOf(0)+` ORDER BY turn, deliver_after, event_id LIMIT $2)
		RETURNING `+confirmationColumns, account, limit)
	if err != nil {
		return nil, fmt.Errorf("store: claim confirmations: %w", err)
	}
	for i := range rows {
		rows[i].utc()
	}
	return rows, nil
}

// Postpone lets a confirmation that could not be delivered be tried again after a
// while. trouble says why, without personal data.
func (s *Store) Postpone(ctx context.Context, eventID, trouble string, after time.Duration) error {
	_, err := s.db.ExecContext(ctx, `UPDATE confirmations SET deliver_after = `+s.clockAfter(after)+`, trouble = $2
		WHERE event_id = $1 AND state = 'received'`, eventID, trouble)
	if err != nil {
		return fmt.Errorf("store: postpone confirmation: %w", err)
	}
	return nil
}

// Rematch gives unmatched confirmations that came within a time to the next delivery,
// when an order for their domain has been opened of late, or the ledger has learned their
// operation. of says how late; zero is ever, for a process that has just begun. It returns how
// many. Only what is new is looked at: that nothing fits what somebody has sent costs nothing.
func (s *Store) Rematch(ctx context.Context, within, of time.Duration) (int, error) {
	opened, learned := "", ""
	if of > 0 {
		opened, learned = ` AND p.created_at >= `+s.asOf(-of), ` AND o.updated_at >= `+s.asOf(-of)
	}
	result, err := s.db.ExecContext(ctx, `
		UPDATE confirmations SET state = 'received', handled_at = NULL, turn = 0, deliver_after = `+s.clock()+`
		WHERE state = 'unmatched' AND received_at >= `+s.asOf(-within)+` AND event_id IN (
			SELECT c.event_id FROM provisionings p JOIN confirmations c ON c.domain = p.domain AND c.account = p.registrar
				WHERE p.state = 'open' AND p.domain <> '' AND c.state = 'unmatched'`+opened+`
			UNION SELECT c.event_id FROM registrar_operations o JOIN confirmations c ON c.reference = o.reference AND c.account = o.account
				WHERE o.reference <> '' AND c.state = 'unmatched'`+learned+`)`)
	if err != nil {
		return 0, fmt.Errorf("store: rematch confirmations: %w", err)
	}
	count, err := result.RowsAffected()
	if err != nil {
		return 0, fmt.Errorf("store: rematch confirmations: %w", err)
	}
	return int(count), nil
}

// Backlog is what waits for the relay.
type Backlog struct {
	Unstarted   int `db:"unstarted"`   // accepted units whose workflows are not started
	Undelivered int `db:"undelivered"` // confirmations on their way
	Unmatched   int `db:"unmatched"`   // recent confirmations that fit no order
}

// Backlog counts what waits for the relay; of confirmations that fit no order those that
// came within a time, because older ones are matched no more.
func (s *Store) Backlog(ctx context.Context, within time.Duration) (Backlog, error) {
	var backlog Backlog
	err := s.db.GetContext(ctx, &backlog, `SELECT
		(SELECT COUNT(*) FROM provisionings WHERE state = 'open' AND started_at IS NULL) AS unstarted,
		(SELECT COUNT(*) FROM confirmations WHERE state = 'received') AS undelivered,
		(SELECT COUNT(*) FROM confirmations WHERE state = 'unmatched' AND received_at >= `+s.asOf(-within)+`) AS unmatched`)
	if err != nil {
		return backlog, fmt.Errorf("store: backlog: %w", err)
	}
	return backlog, nil
}
