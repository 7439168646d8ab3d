package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// ActHead names an act by its number and hash. The hash of the last act vouches for all acts
// before it, so a head that is kept elsewhere shows whether the record was cut off or written
// anew.
type ActHead struct {
	Number int64  `db:"number" json:"number"`
	Hash   string `db:"hash" json:"hash"`
}

// contradicts reports whether a head that was kept is of the same act and not the same; nil is none.
func (h *ActHead) contradicts(found ActHead) bool {
	return h != nil && h.Number == found.Number && h.Hash != found.Hash
}

// ActsVerified is what VerifyActs has found.
type ActsVerified struct {
	// Checked is how many acts were read, Head the last one of them that is whole.
	Checked int     `json:"checked"`
	Head    ActHead `json:"head"`
	// Removed is the last act that was removed for its age, from whose hash the record goes on.
	Removed *ActHead `json:"removed,omitempty" jsonschema:"description=The last act that was removed for its age (retention.acts); absent if none was"`
	// Broken says at which number the record is not whole, and Why; 0 if it is whole.
	Broken int64  `json:"broken,omitempty"`
	Why    string `json:"why,omitempty"`
}

// verifyPage is how many acts are read at once.
const verifyPage = 500

// VerifyActs reads the whole record, a page at a time, and stops at the first act that is not
// as it was recorded. Acts that were taken out at the end show by the counter, unless that
// was turned back as well; then only a head that was kept elsewhere shows them. known is such
// a head, or nil.
func (s *Store) VerifyActs(ctx context.Context, known *ActHead) (ActsVerified, error) {
	var found ActsVerified
	start, err := s.removedActs(ctx)
	if err != nil {
		return found, err
	}
	found.start(start)
	// Acts that are recorded meanwhile make the counter higher, never lower.
	var counted int64
	err = s.db.GetContext(ctx, &counted, `SELECT value FROM counters WHERE name = $1`, actNumbers)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return found, fmt.Errorf("store: verify acts: %w", err)
	}
	broken := func(number int64, why string) (ActsVerified, error) {
		found.Broken, found.Why = number, why
		return found, nil
	}
	if known.contradicts(start) {
		return broken(start.Number, "its hash is not that of the head that was kept")
	}
	for {
		page, err := s.Acts(ctx, ActFilter{After: found.Head.Number, Limit: verifyPage})
		if err != nil {
			return found, err
		}
		for _, act := range page {
			if act.Number != found.Head.Number+1 {
				if err := s.skipRemoved(ctx, &found); err != nil {
					return found, err
				}
			}
			if act.Number <= found.Head.Number {
				continue
			}
			found.Checked++
			hash, err := act.hash()
			switch next := found.Head.Number + 1; {
			case err != nil:
				return found, err
			case act.Number != next:
				return broken(next, fmt.Sprintf("it is missing; the next one is act %d of %s", act.Number, act.At.Format(time.RFC3339)))
			case hash != act.Hash:
				return broken(next, "it was changed after it was recorded")
			case act.Previous != found.Head.Hash:
				return broken(next, "it does not follow the act before it, which was written anew")
			case known.contradicts(ActHead{Number: act.Number, Hash: act.Hash}):
				return broken(next, "its hash is not that of the head that was kept")
			}
			found.Head = ActHead{Number: act.Number, Hash: act.Hash}
		}
		if len(page) < verifyPage {
			break
		}
	}
	last := found.Head.Number
	switch {
	case known != nil && known.Number > last:
		return broken(last+1, fmt.Sprintf("it is missing, like all up to the head that was kept, act %d", known.Number))
	case counted > last:
		return broken(last+1, fmt.Sprintf("it is missing, like all up to act %d, which was the last one", counted))
	}
	return found, nil
}

// skipRemoved goes on after acts that were removed for their age meanwhile, if any were.
func (s *Store) skipRemoved(ctx context.Context, found *ActsVerified) error {
	removed, err := s.removedActs(ctx)
	if err == nil && removed.Number > found.Head.Number {
		found.start(removed)
	}
	return err
}

// start lets the record begin after an act that was removed; its number is 0 for none.
func (f *ActsVerified) start(removed ActHead) {
	f.Head = removed
	if removed.Number > 0 {
		f.Removed = &removed
	}
}
