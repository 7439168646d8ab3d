package store

import (
	"context"
	"fmt"
	"time"
)

// StartHold is how long the process that accepted an order, or the relay, holds a unit of work
// to start its workflow. The start must have ended by then.
const StartHold = time.Minute

// ClaimUnstarted takes open units of work whose workflows have not been started and that
// nobody holds, oldest first, and holds them for StartHold. Two callers never get the same
// unit. A caller that takes several must have started all of them by then.
func (s *Store) ClaimUnstarted(ctx context.Context, limit int) ([]Unit, error) {
	now := s.clock()
	var rows []Unit
	// Another caller may take a row that the inner query has chosen before the outer one has its
	// lock, so the outer query checks again.
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

// ClaimStart is ClaimUnstarted for one unit. It reports false if somebody holds the unit or
// its workflow was started.
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

// MarkStarted records that the workflow of a unit is running, so that nobody starts it again.
// The time of the first start stays; what was done to an earlier run is forgotten.
func (s *Store) MarkStarted(ctx context.Context, number string, item int) error {
	const open = `order_number = $1 AND item = $2 AND state = 'open'`
	set := `started_at = COALESCE(started_at, ` + s.clock() + `), run_seen_at = ` + s.clock()
	result, err := s.db.ExecContext(ctx, `UPDATE provisionings SET `+set+` WHERE `+open+` AND run_state = ''`, number, item)
	if err == nil {
		if rows, _ := result.RowsAffected(); rows > 0 {
			return nil
		}
		_, err = s.change(ctx, set+`, run_state = '', run_since = NULL`, open, []any{number, item}, nil)
	}
	if err != nil {
		return fmt.Errorf("store: mark started: %w", err)
	}
	return nil
}

// Restart lets the relay start a unit again whose workflow was started but is not running,
// because it was terminated. A unit that is not open stays as it is.
func (s *Store) Restart(ctx context.Context, number string, item int) error {
	_, err := s.change(ctx, `started_at = NULL, start_after = `+s.clock()+`, run_state = '', run_since = NULL`,
		`order_number = $1 AND item = $2 AND state = 'open'`, []any{number, item}, nil)
	if err != nil {
		return fmt.Errorf("store: restart: %w", err)
	}
	return nil
}

// ReleaseStart lets others start the workflow of a unit after a while, because the holder's
// attempt failed.
func (s *Store) ReleaseStart(ctx context.Context, number string, item int, after time.Duration) error {
	_, err := s.db.ExecContext(ctx, `UPDATE provisionings SET start_after = `+s.clockAfter(after)+`
		WHERE order_number = $1 AND item = $2 AND started_at IS NULL`, number, item)
	if err != nil {
		return fmt.Errorf("store: release start: %w", err)
	}
	return nil
}

// deliveryHold is how long a claimed confirmation is held.
const deliveryHold = time.Minute

// WaitingAccounts lists the registrar accounts that have confirmations to deliver now. Each
// account gets its turn, however many another has sent.
func (s *Store) WaitingAccounts(ctx context.Context) ([]string, error) {
	var accounts []string
	err := s.db.SelectContext(ctx, &accounts, `SELECT DISTINCT account FROM confirmations
		WHERE state = 'received' AND deliver_after <= `+s.asOf(0)+` ORDER BY account`)
	if err != nil {
		return nil, fmt.Errorf("store: waiting accounts: %w", err)
	}
	return accounts, nil
}

// ClaimConfirmations takes confirmations of an account that are due for delivery and that
// nobody holds: first those about an operation that was open when they came, then the oldest.
// Two callers never get the same confirmation.
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

// Postpone lets a confirmation that could not be delivered be tried again after a while.
// trouble says why it failed, without personal data.
func (s *Store) Postpone(ctx context.Context, eventID, trouble string, after time.Duration) error {
	_, err := s.db.ExecContext(ctx, `UPDATE confirmations SET deliver_after = `+s.clockAfter(after)+`, trouble = $2
		WHERE event_id = $1 AND state = 'received'`, eventID, trouble)
	if err != nil {
		return fmt.Errorf("store: postpone confirmation: %w", err)
	}
	return nil
}

// Rematch makes unmatched confirmations due for delivery again if they came within the given
// time and an order for their domain was opened, or the ledger learned their operation, within
// the time of. A zero of means at any time, for a process that has just started. Rematch
// returns their number. Because it looks only at what is new, confirmations that never match
// cost nothing.
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

// Backlog is the work that waits for the relay, and how long the oldest of each kind has waited.
type Backlog struct {
	Unstarted   int `db:"unstarted"`   // accepted units whose workflows are not started
	Undelivered int `db:"undelivered"` // confirmations waiting for delivery
	Unmatched   int `db:"unmatched"`   // recent confirmations that fit no order
	News        int `db:"news"`        // events for endpoints that are not disabled

	OldestUnstarted, OldestUndelivered, OldestUnmatched, OldestNews time.Duration `db:"-"`
}

// Backlog counts the work that waits for the relay. Of the confirmations that fit no order it
// counts those that came within the given time, because older ones are no longer matched.
func (s *Store) Backlog(ctx context.Context, within time.Duration) (Backlog, error) {
	var row struct {
		Backlog

		Accepted *moment `db:"accepted"`
		Received *moment `db:"received"`
		Fitting  *moment `db:"fitting"`
		Happened *moment `db:"happened"`
		ReadAt   moment  `db:"read_at"`
	}
	// A number and an age of the same rows in one go: SQLite would look for an age alone in the
	// order of time, among all rows.
	err := s.db.GetContext(ctx, &row, `SELECT unstarted, accepted, undelivered, received, unmatched, fitting, news, happened, `+s.clock()+` AS read_at FROM
		(SELECT COUNT(*) AS unstarted, MIN(created_at) AS accepted FROM provisionings WHERE state = 'open' AND started_at IS NULL) AS starts,
		(SELECT COUNT(*) AS undelivered, MIN(received_at) AS received FROM confirmations WHERE state = 'received') AS deliveries,
		(SELECT COUNT(*) AS news, MIN(created_at) AS happened FROM news WHERE state = 'waiting'
			AND hook IN (SELECT id FROM hooks WHERE disabled_at IS NULL AND listening_until IS NULL)) AS sendings,
		(SELECT COUNT(*) AS unmatched, MIN(received_at) AS fitting FROM confirmations
			WHERE state = 'unmatched' AND received_at >= `+s.asOf(-within)+`) AS matches`)
	if err != nil {
		return Backlog{}, fmt.Errorf("store: backlog: %w", err)
	}
	age := func(oldest *moment) time.Duration {
		if oldest == nil {
			return 0
		}
		return max(0, row.ReadAt.Sub(oldest.Time))
	}
	row.OldestUnstarted, row.OldestUndelivered, row.OldestUnmatched = age(row.Accepted), age(row.Received), age(row.Fitting)
	row.OldestNews = age(row.Happened)
	return row.Backlog, nil
}
