package store

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jmoiron/sqlx"
)

// Endless runs a statement that goes on until it is interrupted: by itself, or in a transaction.
func (s *Store) Endless(ctx context.Context, inTransaction bool) error {
	query := `SELECT COUNT(*) FROM (SELECT pg_sleep(60)) AS waiting`
	if s.driver == sqliteDriver {
		query = `WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers) SELECT COUNT(*) FROM numbers`
	}
	var count int
	if !inTransaction {
		return s.db.GetContext(ctx, &count, query)
	}
	return s.transaction(ctx, func(tx *sqlx.Tx) error { return tx.GetContext(ctx, &count, query) })
}

// Limits returns the time-outs in force in a transaction of PostgreSQL, and after it.
func (s *Store) Limits(ctx context.Context) (inside, after string, err error) {
	const query = `SELECT current_setting('lock_timeout') || ' ' || current_setting('idle_in_transaction_session_timeout')`
	err = s.transaction(ctx, func(tx *sqlx.Tx) error { return tx.GetContext(ctx, &inside, query) })
	return inside, after, errors.Join(err, s.db.GetContext(ctx, &after, query))
}

// Raw runs a statement, for tests in which the database misbehaves.
func (s *Store) Raw(statement string) error {
	_, err := s.db.Exec(statement)
	return err
}

// Hold runs a statement in a transaction that stays open until it is released.
func (s *Store) Hold(ctx context.Context, statement string) (release func() error, err error) {
	tx, err := s.db.BeginTxx(ctx, nil)
	if err != nil {
		return nil, err
	}
	if _, err := tx.ExecContext(ctx, statement); err != nil {
		return nil, errors.Join(err, tx.Rollback())
	}
	return tx.Commit, nil
}

// TakeOrder takes the turn to store an order.
func (s *Store) TakeOrder(ctx context.Context) (done func(), err error) {
	return s.db.turns.takeOrder(ctx)
}

// TakeBack takes back the migrations after a version.
func (s *Store) TakeBack(ctx context.Context, version int64) error {
	provider, err := s.provider()
	if err == nil {
		_, err = provider.DownTo(ctx, version)
	}
	return err
}

// Transitions lists the states that Learn may change each state of the ledger
// to.
func Transitions() map[LedgerState][]LedgerState { return transitions() }

// Plan returns how the database carries out a list, in its own words.
func (s *Store) Plan(filter UnitFilter) (string, error) {
	query, args := s.unitsQuery(filter)
	explain := "EXPLAIN (ANALYZE, TIMING OFF) "
	if s.driver == sqliteDriver {
		explain = "EXPLAIN QUERY PLAN "
	}
	rows, err := s.db.Queryx(explain+query, args...)
	if err != nil {
		return "", err
	}
	defer func() { _ = rows.Close() }()
	var plan strings.Builder
	for rows.Next() {
		columns, err := rows.SliceScan()
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&plan, "%s\n", columns[len(columns)-1])
	}
	return plan.String(), rows.Err()
}

// Column returns the values of a column as texts.
func (s *Store) Column(query string) (values []string, err error) {
	err = s.db.Select(&values, query)
	return values, err
}

// Columns returns the names of a table's columns.
func (s *Store) Columns(table string) ([]string, error) {
	rows, err := s.db.Queryx(`SELECT * FROM ` + table + ` LIMIT 0`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	return columns, errors.Join(err, rows.Err())
}

// Dump returns every value of every table, as texts.
func (s *Store) Dump() (values []string, err error) {
	tables := `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'`
	if s.driver == sqliteDriver {
		tables = `SELECT name FROM sqlite_master WHERE type = 'table'`
	}
	names, err := s.Column(tables)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		rows, err := s.dump(name)
		if err != nil {
			return nil, err
		}
		values = append(values, rows...)
	}
	return values, nil
}

func (s *Store) dump(table string) (values []string, err error) {
	rows, err := s.db.Queryx(`SELECT * FROM ` + table)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		columns, err := rows.SliceScan()
		if err != nil {
			return nil, err
		}
		for _, column := range columns {
			if text, ok := column.([]byte); ok {
				column = string(text)
			}
			values = append(values, fmt.Sprint(column))
		}
	}
	return values, rows.Err()
}

// Reread reads the keys of digests as a process that has just started does.
func (s *Store) Reread(ctx context.Context) error {
	s.digests.Store(nil)
	_, err := s.digestKeys(ctx, s.db)
	return err
}
