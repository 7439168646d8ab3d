package store

import (
	"context"
	"fmt"
	"time"

	"domainprovisioning/messages"
)

// CountByState counts the open units of work by the state that lists show.
func (s *Store) CountByState(ctx context.Context) (map[messages.State]int, error) {
	var rows []struct {
		State messages.State `db:"state"`
		Count int            `db:"count"`
	}
	err := s.db.SelectContext(ctx, &rows, `SELECT `+shownState+` AS state, COUNT(*) AS count FROM provisionings
		WHERE `+shownState+` IN ('running', 'waiting', 'attention', 'undoing') GROUP BY `+shownState)
	if err != nil {
		return nil, fmt.Errorf("store: count open: %w", err)
	}
	counts := make(map[messages.State]int, len(OpenStates()))
	for _, state := range OpenStates() {
		counts[state] = 0
	}
	for _, row := range rows {
		counts[row.State] = row.Count
	}
	return counts, nil
}

// DayCount is how many units of work of a day are in a state.
type DayCount struct {
	Day   string    `db:"day"` // of the acceptance, in UTC, such as 2026-11-27
	State UnitState `db:"state"`
	Count int       `db:"count"`
}

// CountDays counts the units of work that were accepted within the given time, by day and state.
func (s *Store) CountDays(ctx context.Context, within time.Duration) ([]DayCount, error) {
	var rows []DayCount
	// Both databases write a time as text beginning with its day.
	const day = `substr(CAST(created_at AS text), 1, 10)`
	err := s.db.SelectContext(ctx, &rows, `SELECT `+day+` AS day, state, COUNT(*) AS count FROM provisionings
		WHERE created_at >= `+s.asOf(-within)+` GROUP BY `+day+`, state ORDER BY day, state`)
	if err != nil {
		return nil, fmt.Errorf("store: count days: %w", err)
	}
	return rows, nil
}

// Wait is how long a registrar has taken for a request that it has carried out.
type Wait struct {
	Account    string    `db:"account"`
	IntendedAt time.Time `db:"intended_at"`
	FinishedAt time.Time `db:"finished_at"`
}

// MostWaits is how many waits are read at once.
const MostWaits = 20_000

// Waits returns the requests that registrars have carried out within the given time, the latest
// first, at most MostWaits.
func (s *Store) Waits(ctx context.Context, within time.Duration) ([]Wait, error) {
	var rows []Wait
	err := s.db.SelectContext(ctx, &rows, `SELECT account, intended_at, finished_at FROM registrar_operations
		WHERE state = 'done' AND finished_at >= `+s.asOf(-within)+` ORDER BY finished_at DESC LIMIT $1`, MostWaits)
	if err != nil {
		return nil, fmt.Errorf("store: waits: %w", err)
	}
	return rows, nil
}

// CountPending counts the operations that registrars have not finished, by account.
func (s *Store) CountPending(ctx context.Context) (map[string]int, error) {
	return s.countAccounts(ctx, `SELECT account, COUNT(*) AS count FROM registrar_operations WHERE finished_at IS NULL GROUP BY account`)
}

func (s *Store) countAccounts(ctx context.Context, query string) (map[string]int, error) {
	var rows []struct {
		Account string `db:"account"`
		Count   int    `db:"count"`
	}
	if err := s.db.SelectContext(ctx, &rows, query); err != nil {
		return nil, fmt.Errorf("store: count by account: %w", err)
	}
	counts := make(map[string]int, len(rows))
	for _, row := range rows {
		counts[row.Account] = row.Count
	}
	return counts, nil
}
