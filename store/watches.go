package store

import (
	"context"
	"fmt"
	"time"
)

// ScheduleState is the state of a watch's schedule when a worker last looked.
type ScheduleState string

// The states.
const (
	ScheduleRuns   ScheduleState = "runs"
	SchedulePaused ScheduleState = "paused" // by a person; only a person resumes it
)

// Watch is what is known about the watch of a registrar account.
type Watch struct {
	Account  string        `db:"account"`
	Schedule ScheduleState `db:"schedule"`
	Since    time.Time     `db:"since"`
	// CheckedAt is when a worker last looked at the schedule, GoodAt when the last good round
	// ended, nil if there was none.
	CheckedAt time.Time  `db:"checked_at"`
	GoodAt    *time.Time `db:"good_at"`
	ReadAt    moment     `db:"read_at"`
}

// Age is how long ago the last good round ended, or the watch began without one.
func (w Watch) Age() time.Duration {
	if w.GoodAt == nil {
		return w.ReadAt.Sub(w.Since)
	}
	return w.ReadAt.Sub(*w.GoodAt)
}

// Late reports whether a watch that should run at this interval does not: it is paused, or
// three of its rounds are missing.
func (w Watch) Late(every time.Duration) bool {
	return w.Schedule == SchedulePaused || w.Age() > 3*every+every/2
}

// RecordSchedule records the state of the schedule of an account's watch.
func (s *Store) RecordSchedule(ctx context.Context, account string, state ScheduleState) error {
	_, err := s.db.ExecContext(ctx, `
		INSERT INTO watches (account, schedule, since, checked_at) VALUES ($1, $2, `+s.clock()+`, `+s.clock()+`)
		ON CONFLICT (account) DO UPDATE SET schedule = excluded.schedule, checked_at = excluded.checked_at`, account, state)
	if err != nil {
		return fmt.Errorf("store: record schedule: %w", err)
	}
	return nil
}

// RecordRound records that a round of an account's watch has just succeeded.
func (s *Store) RecordRound(ctx context.Context, account string) error {
	_, err := s.db.ExecContext(ctx, `
		INSERT INTO watches (account, schedule, since, checked_at, good_at)
		VALUES ($1, $2, `+s.clock()+`, `+s.clock()+`, `+s.clock()+`)
		ON CONFLICT (account) DO UPDATE SET good_at = excluded.good_at`, account, ScheduleRuns)
	if err != nil {
		return fmt.Errorf("store: record round: %w", err)
	}
	return nil
}

// Watches lists the known watches, by account.
func (s *Store) Watches(ctx context.Context) ([]Watch, error) {
	var rows []Watch
	err := s.db.SelectContext(ctx, &rows, `SELECT account, schedule, since, checked_at, good_at, `+s.clock()+` AS read_at
		FROM watches ORDER BY account`)
	if err != nil {
		return nil, fmt.Errorf("store: watches: %w", err)
	}
	for i := range rows {
		rows[i].Since, rows[i].CheckedAt, rows[i].GoodAt = rows[i].Since.UTC(), rows[i].CheckedAt.UTC(), utc(rows[i].GoodAt)
	}
	return rows, nil
}

// OpenAccounts counts the open units of work by registrar account.
func (s *Store) OpenAccounts(ctx context.Context) (map[string]int, error) {
	var rows []struct {
		Account string `db:"registrar"`
		Count   int    `db:"count"`
	}
	err := s.db.SelectContext(ctx, &rows, `SELECT registrar, COUNT(*) AS count FROM provisionings
		WHERE state = 'open' AND registrar <> '' GROUP BY registrar`)
	if err != nil {
		return nil, fmt.Errorf("store: open accounts: %w", err)
	}
	counts := make(map[string]int, len(rows))
	for _, row := range rows {
		counts[row.Account] = row.Count
	}
	return counts, nil
}
