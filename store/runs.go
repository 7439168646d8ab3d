package store

import (
	"context"
	"fmt"
	"time"
)

// RunState says how the workflow of an open unit of work stands, according to Temporal.
type RunState string

// The states. All but RunsWell need a person: the workflow does not go on by itself.
const (
	RunsWell      RunState = ""
	RunTerminated RunState = "terminated"
	RunDeleted    RunState = "deleted" // Temporal has no run of it
	RunFailed     RunState = "failed"
	RunTimedOut   RunState = "timed-out"
	// RunEnded: it was completed or cancelled, but the unit is still open here.
	RunEnded  RunState = "ended"
	RunPaused RunState = "paused" // the workflow or its running activity is paused
	RunStuck  RunState = "stuck"  // no worker can continue it: its workflow tasks fail
	// RunUnserved: its workflow task or activity waits for a worker, and none that gets work is running.
	RunUnserved RunState = "unserved"
	// RunForeign: the workflow of another order runs under its id.
	RunForeign RunState = "foreign"
)

// StoppedStates lists the states that need a person.
func StoppedStates() []RunState {
	return []RunState{RunTerminated, RunDeleted, RunFailed, RunTimedOut, RunEnded, RunPaused, RunStuck, RunUnserved, RunForeign}
}

// ClaimRuns takes started open units that were not compared with Temporal for the time
// every, those that have waited longest first. Two callers never get the same unit within
// that time.
func (s *Store) ClaimRuns(ctx context.Context, every time.Duration, limit int) ([]Unit, error) {
	const due = `state = 'open' AND started_at IS NOT NULL AND run_seen_at <= `
	var rows []Unit
	err := s.db.SelectContext(ctx, &rows, `
		UPDATE provisionings SET run_seen_at = `+s.clock()+`
		WHERE `+due+s.clockAfter(-every)+` AND (order_number, item) IN (
			SELECT order_number, item FROM provisionings WHERE `+due+s.asOf(-every)+` ORDER BY run_seen_at LIMIT $1)
		RETURNING `+unitColumns, limit)
	if err != nil {
		return nil, fmt.Errorf("store: claim runs to compare: %w", err)
	}
	for i := range rows {
		rows[i].utc()
	}
	return rows, nil
}

// RecordRun records how the workflow of an open unit stands, and reports whether that is
// new.
func (s *Store) RecordRun(ctx context.Context, number string, item int, state RunState) (news bool, err error) {
	news, err = s.change(ctx, `run_state = $3, run_since = CASE WHEN $3 = '' THEN NULL ELSE `+s.clock()+` END`,
		`order_number = $1 AND item = $2 AND state = 'open' AND run_state <> $3`, []any{number, item, state}, nil)
	if err != nil {
		return false, fmt.Errorf("store: record run: %w", err)
	}
	return news, nil
}

// CountStopped counts the open units whose workflows do not go on, by state; the result has
// every state.
func (s *Store) CountStopped(ctx context.Context) (map[RunState]int, error) {
	var rows []struct {
		State RunState `db:"run_state"`
		Count int      `db:"count"`
	}
	// COUNT(item), because SQLite would count all open units in provisionings_standing, which has
	// everything but the item, rather than the few in the index of stopped ones.
	err := s.db.SelectContext(ctx, &rows, `SELECT run_state, COUNT(item) AS count FROM provisionings
		WHERE state = 'open' AND run_state <> '' GROUP BY run_state`)
	if err != nil {
		return nil, fmt.Errorf("store: count stopped orders: %w", err)
	}
	counts := make(map[RunState]int, len(StoppedStates()))
	for _, state := range StoppedStates() {
		counts[state] = 0
	}
	for _, row := range rows {
		counts[row.State] = row.Count
	}
	return counts, nil
}
