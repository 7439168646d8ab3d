package store

// Raw runs a statement, for tests that let the database misbehave.
func (s *Store) Raw(statement string) error {
	_, err := s.db.Exec(statement)
	return err
}
