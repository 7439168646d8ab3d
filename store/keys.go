package store

import (
	"context"
	"fmt"
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
