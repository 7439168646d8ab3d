package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"domainprovisioning/messages"
)

// StateChange is the state of an open unit of work, as its workflow publishes it.
type StateChange struct {
	OrderNumber string
	Item        int
	// At is when the state was told, by Temporal's clock.
	At    time.Time
	State messages.State
	Step  int
	// Reason says why a person is needed; "" otherwise.
	Reason string
	// Since is when the state began; zero means At.
	Since time.Time
}

// OpenStates lists the states that an open unit can have.
func OpenStates() []messages.State {
	return []messages.State{messages.Running, messages.Waiting, messages.NeedsAttention, messages.Undoing}
}

// RecordState records the state that the workflow of a unit has told. It changes nothing if
// the unit has ended, or if a later state is recorded, because an activity may run late and
// again. How a unit ends is told by CloseUnit, so the error is that of a state that no open
// unit has, or of the database.
func (s *Store) RecordState(ctx context.Context, change StateChange) error {
	if !slices.Contains(OpenStates(), change.State) {
		return fmt.Errorf("store: record state: no open order is %q", change.State)
	}
	if change.Since.IsZero() {
		change.Since = change.At
	}
	_, err := s.change(ctx, `shown = $3, step = $4, reason = $5, since = $6, shown_at = $7`,
		`order_number = $1 AND item = $2 AND state = 'open' AND (shown_at IS NULL OR shown_at <= $7)`,
		[]any{change.OrderNumber, change.Item, change.State, change.Step, change.Reason, instant(change.Since), instant(change.At)}, nil)
	if err != nil {
		return fmt.Errorf("store: record state: %w", err)
	}
	return nil
}

// RecordSeen records the state that Temporal shows for a run that began at begun. It changes
// nothing if that run has told a state itself, which is exact, or if the unit has ended. Since
// when the state has lasted is not known, unless it has just changed.
func (s *Store) RecordSeen(ctx context.Context, seen StateChange, begun time.Time) error {
	if !slices.Contains(OpenStates(), seen.State) {
		return nil // its workflow is just ending
	}
	_, err := s.change(ctx, `shown = $3, step = $4, reason = $5, since = CASE WHEN shown = '' THEN since ELSE `+s.clock()+` END`,
		`order_number = $1 AND item = $2 AND state = 'open' AND (shown_at IS NULL OR shown_at < $6)
		AND (shown <> $3 OR step <> $4 OR reason <> $5)`,
		[]any{seen.OrderNumber, seen.Item, seen.State, seen.Step, seen.Reason, instant(begun)}, nil)
	if err != nil {
		return fmt.Errorf("store: record the state seen: %w", err)
	}
	return nil
}

// RecordBegun records that a new run of a unit begins, because its last one was terminated.
// It changes nothing if a run has told a state since the unit was read.
func (s *Store) RecordBegun(ctx context.Context, unit Unit) error {
	_, err := s.change(ctx, `shown = 'running', step = 1, reason = '', since = `+s.clock(),
		`order_number = $1 AND item = $2 AND state = 'open' AND shown_at IS NOT DISTINCT FROM $3`,
		[]any{unit.OrderNumber, unit.Item, unit.ShownAt}, nil)
	if err != nil {
		return fmt.Errorf("store: record the new run: %w", err)
	}
	return nil
}

// instant is a time in the form in which both databases compare it.
func instant(at time.Time) time.Time { return at.UTC().Truncate(time.Microsecond) }
