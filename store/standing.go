package store

import (
	"context"
	"fmt"
	"time"

	"domainprovisioning/messages"
)

// OpenCount counts the open units of work that are alike in all but their names.
type OpenCount struct {
	State  messages.State `db:"shown_state"` // as lists show it
	Reason string         `db:"shown_reason"`
	// Registrar is the account, and Program what the ids of the workflows begin with, such as
	// domain-renewal.
	Registrar string `db:"registrar"`
	Program   string `db:"program"`
	Count     int    `db:"count"`
	// Oldest is how long the one that has been in its state for longest has been in it.
	Oldest time.Duration `db:"-"`

	Since  moment `db:"oldest"`
	ReadAt moment `db:"read_at"`
}

// CountOpen counts all open units of work. It reads each of them, by an index that holds all it
// asks for: 100,000 take a fraction of a second, so ask it seldom.
func (s *Store) CountOpen(ctx context.Context) ([]OpenCount, error) {
	program := `split_part(workflow_id, '/', 1)`
	if s.driver == sqliteDriver {
		program = `substr(workflow_id, 1, instr(workflow_id, '/') - 1)`
	}
	var counts []OpenCount
	err := s.db.SelectContext(ctx, &counts, `SELECT shown_state, shown_reason, registrar, program,
			COUNT(*) AS count, MIN(shown_since) AS oldest, `+s.clock()+` AS read_at
		FROM (SELECT `+shownState+` AS shown_state, `+shownReason+` AS shown_reason, registrar, `+program+` AS program,
			`+shownSince+` AS shown_since FROM provisionings WHERE state = 'open') AS open_units
		GROUP BY shown_state, shown_reason, registrar, program`)
	if err != nil {
		return nil, fmt.Errorf("store: count open orders: %w", err)
	}
	for i := range counts {
		// Since when is by Temporal's clock, which may be ahead.
		counts[i].Oldest = max(0, counts[i].ReadAt.Sub(counts[i].Since.Time))
	}
	return counts, nil
}

// UnknownCount counts the requests to a registrar account of which nobody knows whether they
// took effect.
type UnknownCount struct {
	Account string        `db:"account"`
	Count   int           `db:"count"`
	Oldest  time.Duration `db:"-"` // since its latest call was begun

	Since  moment `db:"oldest"`
	ReadAt moment `db:"read_at"`
}

// CountUnknown counts the rows of the ledger in state unknown, by account.
func (s *Store) CountUnknown(ctx context.Context) ([]UnknownCount, error) {
	var counts []UnknownCount
	err := s.db.SelectContext(ctx, &counts, `SELECT account, COUNT(*) AS count, MIN(intended_at) AS oldest, `+s.clock()+` AS read_at
		FROM registrar_operations WHERE state = 'unknown' GROUP BY account`)
	if err != nil {
		return nil, fmt.Errorf("store: count unknown outcomes: %w", err)
	}
	for i := range counts {
		counts[i].Oldest = max(0, counts[i].ReadAt.Sub(counts[i].Since.Time))
	}
	return counts, nil
}
