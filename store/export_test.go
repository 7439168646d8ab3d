package store

// Raw runs a statement, for tests in which the database misbehaves.
func (s *Store) Raw(statement string) error {
	_, err := s.db.Exec(statement)
	return err
}

// Transitions lists the states that Learn may change each state of the ledger
// to.
func Transitions() map[LedgerState][]LedgerState { return transitions() }
