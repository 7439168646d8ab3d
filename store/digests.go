package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/jmoiron/sqlx"

	"domainprovisioning/vault"
)

// What is compared and not read is stored as a digest under a random key, which stands wrapped in
// data_keys. A database from before has plain digests, or digests under keys that follow from
// sealing keys, until Reseal makes the key: so all programs can be exchanged, one after another,
// before anything is written that older ones could not find.

// What digests are of; see vault.DigestKey.Digest.
const (
	ofFingerprint = "fingerprint"
	ofRequest     = "request"
	ofContact     = "contact"
	ofCustomer    = "customer"
	ofAmendment   = "amendment"
	ofQuote       = "quote"
)

// digestReference is the reference of the random digest key; those of derived ones begin with it.
const digestReference = "digest"

// digests are the keys of digests. They never change once there is a random one.
type digests struct {
	random  *vault.DigestKey // nil: a database from before, see Reseal
	derived vault.DerivedKeys
}

// digestKeys returns the keys of digests, from memory once there is a random one.
func (s *Store) digestKeys(ctx context.Context, q querier) (*digests, error) {
	if known := s.digests.Load(); known != nil {
		return known, nil
	}
	var rows []struct {
		Reference string `db:"reference"`
		Wrapped   string `db:"wrapped"`
	}
	if err := q.SelectContext(ctx, &rows, `SELECT reference, wrapped FROM data_keys WHERE reference NOT LIKE 'order/%'`); err != nil {
		return nil, fmt.Errorf("store: digest keys: %w", err)
	}
	keys := &digests{derived: s.sealer.DerivedKeys()}
	for _, row := range rows {
		if row.Reference == digestReference {
			random, err := s.sealer.DigestKey(row.Wrapped, row.Reference)
			if err != nil {
				return nil, fmt.Errorf("store: digest key: %w", err)
			}
			keys.random = &random
			continue
		}
		id, ours := strings.CutPrefix(row.Reference, digestReference+"/")
		if _, known := keys.derived[id]; known || !ours {
			continue
		}
		derived, err := s.sealer.DerivedKey(id, row.Wrapped, row.Reference)
		if err != nil {
			return nil, fmt.Errorf("store: digest key: %w", err)
		}
		keys.derived[id] = derived
	}
	if keys.random != nil {
		s.digests.Store(keys)
	}
	return keys, nil
}

// makeDigestKey makes the random digest key, and keeps the derived ones, unless it is there.
func (s *Store) makeDigestKey(ctx context.Context) error {
	return s.transaction(ctx, func(tx *sqlx.Tx) error {
		_, wrapped, err := s.sealer.NewDigestKey(digestReference)
		if err != nil {
			return err
		}
		result, err := s.addKey(ctx, tx, digestReference, wrapped)
		if err != nil {
			return err
		}
		if added, err := result.RowsAffected(); err != nil || added == 0 {
			return err
		}
		for id, key := range s.sealer.DerivedKeys() {
			reference := digestReference + "/" + id
			if wrapped, err = s.sealer.WrapDerived(key, reference); err != nil {
				return err
			}
			if _, err := s.addKey(ctx, tx, reference, wrapped); err != nil {
				return err
			}
		}
		return nil
	})
}

// keyed is what is stored of a plain digest.
func (d *digests) keyed(purpose, plain string) string {
	if d.random == nil || plain == "" {
		return plain
	}
	return d.random.Digest(purpose, plain)
}

// forms are the two forms in which a plain digest may be stored, the newer one first.
func (d *digests) forms(purpose, plain string) [2]string {
	return [2]string{d.keyed(purpose, plain), plain}
}

// is reports whether a stored digest is that of a plain one.
func (d *digests) is(stored, purpose, plain string) bool {
	forms := d.forms(purpose, plain)
	return stored == forms[0] || stored == forms[1]
}

// of is what is stored of a text, and derived the text whose digest an older version stored.
func (s *Store) digestOf(keys *digests, purpose, text, derived string) string {
	if keys.random != nil {
		return keys.random.Digest(purpose, text)
	}
	return s.sealer.DerivedDigest(derived)
}
