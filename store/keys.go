package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// MissingKeyError says that the database holds what a sealing key has sealed that the
// configuration lacks.
type MissingKeyError struct{ IDs []string }

// Error names the keys and the setting.
func (e *MissingKeyError) Error() string {
	return fmt.Sprintf("store: the database needs the sealing key %s, which database.sealing_keys lacks: add it; "+
		"once `starter reseal` has run with it and `starter key list` shows that nothing needs it, it may go", strings.Join(e.IDs, " and "))
}

// MissingHistoryKeyError says that histories in Temporal may be sealed by a key that the
// configuration lacks.
type MissingHistoryKeyError struct{ IDs []string }

// Error names the keys and the setting.
func (e *MissingHistoryKeyError) Error() string {
	return fmt.Sprintf("store: histories in Temporal are sealed by the key %s, which histories.keys lacks: add it; "+
		"once `starter key list --histories` shows that nothing needs it, `starter key forget` lets it go", strings.Join(e.IDs, " and "))
}

// CheckHistoryKeys reports a key of histories that is in use and not among those that the caller
// has. It records that the one that seals is in use from now on; "" seals nothing. Error:
// *MissingHistoryKeyError.
func (s *Store) CheckHistoryKeys(ctx context.Context, have []string, seals string) error {
	var used []string
	if err := s.db.SelectContext(ctx, &used, `SELECT id FROM history_keys ORDER BY id`); err != nil {
		return fmt.Errorf("store: check the keys of histories: %w", err)
	}
	missing := slices.DeleteFunc(slices.Clone(used), func(id string) bool { return slices.Contains(have, id) })
	if len(missing) > 0 {
		return &MissingHistoryKeyError{IDs: missing}
	}
	if seals == "" || slices.Contains(used, seals) {
		return nil
	}
	_, err := s.db.ExecContext(ctx, `INSERT INTO history_keys (id, since) VALUES ($1, `+s.clock()+`) ON CONFLICT (id) DO NOTHING`, seals)
	if err != nil {
		return fmt.Errorf("store: record the key of histories: %w", err)
	}
	return nil
}

// ForgetHistoryKey records that no history needs a key any more. Error: ErrNotFound if none was
// known to need it.
func (s *Store) ForgetHistoryKey(ctx context.Context, id string) error {
	result, err := s.db.ExecContext(ctx, `DELETE FROM history_keys WHERE id = $1`, id)
	if err != nil {
		return fmt.Errorf("store: forget a key of histories: %w", err)
	}
	if rows, err := result.RowsAffected(); err != nil || rows > 0 {
		return err
	}
	return fmt.Errorf("store: key %s of histories: %w", id, ErrNotFound)
}

// CheckKeys reports a sealing key that the database needs and the sealer lacks, by one question
// of a few rows. It records that the database needs the primary key from now on. Error:
// *MissingKeyError.
func (s *Store) CheckKeys(ctx context.Context) error {
	// The ids of wrapped keys are read one by one from their index, however many keys there are.
	var needed []string
	err := s.db.SelectContext(ctx, &needed, `
		WITH RECURSIVE wrapping (id) AS (
			SELECT MIN(key_id) FROM data_keys WHERE key_id <> ''
			UNION ALL SELECT (SELECT MIN(key_id) FROM data_keys WHERE key_id > wrapping.id) FROM wrapping WHERE wrapping.id IS NOT NULL)
		SELECT id FROM sealing_keys UNION SELECT id FROM wrapping WHERE id IS NOT NULL ORDER BY id`)
	if err != nil {
		return fmt.Errorf("store: check keys: %w", err)
	}
	missing := &MissingKeyError{}
	recorded := false
	for _, id := range needed {
		recorded = recorded || id == s.sealer.Primary()
		if !s.sealer.Has(id) {
			missing.IDs = append(missing.IDs, id)
		}
	}
	if len(missing.IDs) > 0 {
		return missing
	}
	if recorded {
		return nil
	}
	return s.needKey(ctx)
}

// needKey records that the database needs the primary key.
func (s *Store) needKey(ctx context.Context) error {
	_, err := s.db.ExecContext(ctx, `INSERT INTO sealing_keys (id, since) VALUES ($1, `+s.clock()+`) ON CONFLICT (id) DO NOTHING`, s.sealer.Primary())
	if err != nil {
		return fmt.Errorf("store: record the sealing key: %w", err)
	}
	return nil
}

// prepareKeys makes the digest key of a database that has no order yet.
func (s *Store) prepareKeys(ctx context.Context) error {
	var used bool
	if err := s.db.GetContext(ctx, &used, `SELECT EXISTS (SELECT 1 FROM orders)`); err != nil {
		return fmt.Errorf("store: keys: %w", err)
	}
	if used {
		return nil
	}
	return s.makeDigestKey(ctx)
}
