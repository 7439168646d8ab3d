package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
)

// Unreadable is what the watch of an account could not read of the registrar's list: one item
// with a reference, or all items without one that break the same rule.
type Unreadable struct {
	Account   string    `db:"account"`
	Reference string    `db:"reference"`
	Rule      string    `db:"rule"`
	Items     int       `db:"items"`
	FirstSeen time.Time `db:"first_seen"`
	LastSeen  time.Time `db:"last_seen"` // by the last round that read the list
}

// RecordUnreadable replaces what is known to be unreadable in the list of an account, and
// reports whether that differs from what was known. Nothing is written while there is
// nothing.
func (s *Store) RecordUnreadable(ctx context.Context, account string, found []Unreadable) (news bool, err error) {
	type place struct{ reference, rule string }
	counts := map[place]int{}
	for _, item := range found {
		counts[place{item.Reference, item.Rule}] += max(item.Items, 1)
	}
	err = s.transaction(ctx, func(tx *sqlx.Tx) error {
		var known []Unreadable
		err := tx.SelectContext(ctx, &known, `SELECT account, reference, rule, items, first_seen, last_seen
			FROM unreadable_operations WHERE account = $1`, account)
		if err != nil {
			return err
		}
		news = len(known) != len(counts)
		for _, row := range known {
			count := counts[place{row.Reference, row.Rule}]
			news = news || count != row.Items
			if count > 0 {
				continue
			}
			if _, err := tx.ExecContext(ctx, `DELETE FROM unreadable_operations WHERE account = $1 AND reference = $2 AND rule = $3`,
				account, row.Reference, row.Rule); err != nil {
				return err
			}
		}
		for at, count := range counts {
			if _, err := tx.ExecContext(ctx, `
				INSERT INTO unreadable_operations (account, reference, rule, items, first_seen, last_seen)
				VALUES ($1, $2, $3, $4, `+s.clock()+`, `+s.clock()+`)
				ON CONFLICT (account, reference, rule) DO UPDATE SET items = excluded.items, last_seen = excluded.last_seen`,
				account, at.reference, at.rule, count); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("store: record unreadable operations: %w", err)
	}
	return news, nil
}

// UnreadableOperations lists what could not be read at an account; "" means at every one.
func (s *Store) UnreadableOperations(ctx context.Context, account string) ([]Unreadable, error) {
	where, args := narrow([]column{{"account", account}})
	var rows []Unreadable
	err := s.db.SelectContext(ctx, &rows, `SELECT account, reference, rule, items, first_seen, last_seen
		FROM unreadable_operations`+where+` ORDER BY account, reference, rule`, args...)
	if err != nil {
		return nil, fmt.Errorf("store: unreadable operations: %w", err)
	}
	for i := range rows {
		rows[i].FirstSeen, rows[i].LastSeen = rows[i].FirstSeen.UTC(), rows[i].LastSeen.UTC()
	}
	return rows, nil
}

// CountUnreadable counts the items that could not be read, for every account that has a watch.
func (s *Store) CountUnreadable(ctx context.Context) (map[string]int, error) {
	var rows []struct {
		Account string `db:"account"`
		Items   int    `db:"items"`
	}
	err := s.db.SelectContext(ctx, &rows, `
		SELECT account, SUM(items) AS items FROM (
			SELECT account, 0 AS items FROM watches UNION ALL SELECT account, items FROM unreadable_operations) AS counted
		GROUP BY account`)
	if err != nil {
		return nil, fmt.Errorf("store: count unreadable operations: %w", err)
	}
	counts := make(map[string]int, len(rows))
	for _, row := range rows {
		counts[row.Account] = row.Items
	}
	return counts, nil
}
