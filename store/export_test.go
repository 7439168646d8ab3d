package store

import (
	"fmt"
	"strings"
)

// Raw runs a statement, for tests in which the database misbehaves.
func (s *Store) Raw(statement string) error {
	_, err := s.db.Exec(statement)
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
