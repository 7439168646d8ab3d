package store

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"
)

// Import holds domains that no order brings, in one transaction: all that are neither held already
// nor in an open order, which brings its domain itself. It returns the names of those that it has
// added, those that had left and come again among them. A repeat adds nothing. At most MostListed
// domains.
func (s *Store) Import(ctx context.Context, domains []NewDomain) (added []string, err error) {
	names := make([]string, len(domains))
	for n, domain := range domains {
		names[n] = domain.Name
	}
	err = s.transaction(ctx, func(tx *sqlx.Tx) error {
		added = nil
		open, err := s.openNames(ctx, tx, names)
		if err != nil {
			return err
		}
		for _, domain := range domains {
			if open[domain.Name] {
				continue
			}
			held, err := s.hold(ctx, tx, domain, ` WHERE domains.ended_at IS NOT NULL`)
			if err != nil {
				return err
			}
			if held {
				added = append(added, domain.Name)
			}
		}
		return nil
	})
	return added, err
}

// KnownDomains says what is known of names.
type KnownDomains struct {
	Held map[string]bool // held now
	Left map[string]bool // held once
	Open map[string]bool // in an open order
}

// KnownDomains looks for names, at most MostListed of them.
func (s *Store) KnownDomains(ctx context.Context, names []string) (KnownDomains, error) {
	known := KnownDomains{Held: map[string]bool{}, Left: map[string]bool{}}
	var err error
	if known.Open, err = s.openNames(ctx, s.db, names); err != nil || len(names) == 0 {
		return known, err
	}
	query, args, err := sqlx.In(`SELECT name, ended_at IS NULL AS held FROM domains WHERE name IN (?)`, names)
	if err != nil {
		return known, fmt.Errorf("store: known domains: %w", err)
	}
	var rows []struct {
		Name string `db:"name"`
		Held bool   `db:"held"`
	}
	if err := s.db.SelectContext(ctx, &rows, s.db.Rebind(query), args...); err != nil {
		return known, fmt.Errorf("store: known domains: %w", err)
	}
	for _, row := range rows {
		if row.Held {
			known.Held[row.Name] = true
		} else {
			known.Left[row.Name] = true
		}
	}
	return known, nil
}

// openNames are the names that are in open orders.
func (s *Store) openNames(ctx context.Context, q querier, names []string) (map[string]bool, error) {
	open := map[string]bool{}
	if len(names) == 0 {
		return open, nil
	}
	query, args, err := sqlx.In(`SELECT domain FROM provisionings WHERE state = 'open' AND domain IN (?)`, names)
	if err != nil {
		return nil, fmt.Errorf("store: open orders of domains: %w", err)
	}
	var rows []string
	if err := q.SelectContext(ctx, &rows, s.db.Rebind(query), args...); err != nil {
		return nil, fmt.Errorf("store: open orders of domains: %w", err)
	}
	for _, name := range rows {
		open[name] = true
	}
	return open, nil
}
