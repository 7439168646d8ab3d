package store

// Raw runs a statement, for tests that let the database misbehave.
func (s *Store) Raw(statement string) error {
	_, err := s.db.Exec(statement)
	return err
}

// Transitions lists what each state of the ledger may become by what is learned.
func Transitions() map[LedgerState][]LedgerState { return transitions() }
