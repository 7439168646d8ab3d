package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"domainprovisioning/messages"
)

// Walk is what is known of the walks over a registrar account.
type Walk struct {
	Account string `db:"account"`
	// EverySeconds is how often it is walked over since Since; 0 is not at all.
	EverySeconds int64     `db:"every_seconds"`
	Since        time.Time `db:"since"`
	// Round is the number of the latest walk, and BeganAt when it began.
	Round   int64      `db:"round"`
	BeganAt *time.Time `db:"began_at"`
	// GoodRound is the number of the last one that came to its end, at GoodAt; 0 is none.
	GoodRound int64      `db:"good_round"`
	GoodAt    *time.Time `db:"good_at"`
	ReadAt    moment     `db:"read_at"`
}

// Age is how long ago the last good walk ended, or since when there was none.
func (w Walk) Age() time.Duration {
	if w.GoodAt == nil {
		return w.ReadAt.Sub(w.Since)
	}
	return w.ReadAt.Sub(*w.GoodAt)
}

// ErrWalkOvertaken means that another walk over the account has begun meanwhile.
var ErrWalkOvertaken = errors.New("store: another walk over the account has begun")

func (s *Store) walkColumns() string {
	return `account, every_seconds, since, round, began_at, good_round, good_at, ` + s.clock() + ` AS read_at`
}

func (w *Walk) utc() {
	w.Since, w.BeganAt, w.GoodAt = w.Since.UTC(), utc(w.BeganAt), utc(w.GoodAt)
}

// ExpectWalks records how often an account is walked over from now on; 0 is not at all.
func (s *Store) ExpectWalks(ctx context.Context, account string, every time.Duration) error {
	_, err := s.db.ExecContext(ctx, `INSERT INTO walks (account, every_seconds, since) VALUES ($1, $2, `+s.clock()+`)
		ON CONFLICT (account) DO UPDATE SET every_seconds = excluded.every_seconds,
			since = CASE WHEN walks.every_seconds = 0 THEN excluded.since ELSE walks.since END,
			good_at = CASE WHEN walks.every_seconds = 0 THEN NULL ELSE walks.good_at END`, account, int64(every.Seconds()))
	if err != nil {
		return fmt.Errorf("store: expect walks: %w", err)
	}
	return nil
}

// DropWalks records that an account is not walked over any more, and clears its differences: it is
// not configured, so nobody can judge them.
func (s *Store) DropWalks(ctx context.Context, account string) error {
	err := s.transaction(ctx, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE drift_facts SET cleared_at = `+s.clock()+` WHERE registrar = $1 AND cleared_at IS NULL`, account)
		if err == nil {
			_, err = tx.ExecContext(ctx, `UPDATE walks SET every_seconds = 0 WHERE account = $1`, account)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("store: drop walks: %w", err)
	}
	return nil
}

// BeginWalk begins another walk over an account, and returns its round.
func (s *Store) BeginWalk(ctx context.Context, account string) (Walk, error) {
	var walk Walk
	err := s.db.GetContext(ctx, &walk, `
		INSERT INTO walks (account, since, round, began_at) VALUES ($1, `+s.clock()+`, 1, `+s.clock()+`)
		ON CONFLICT (account) DO UPDATE SET round = walks.round + 1, began_at = excluded.began_at
		RETURNING `+s.walkColumns(), account)
	if err != nil {
		return Walk{}, fmt.Errorf("store: begin walk: %w", err)
	}
	walk.utc()
	return walk, nil
}

// WalkOf returns the walk of a round, with the time by the database's clock. Error: ErrWalkOvertaken.
func (s *Store) WalkOf(ctx context.Context, account string, round int64) (Walk, error) {
	var walk Walk
	err := s.db.GetContext(ctx, &walk, `SELECT `+s.walkColumns()+` FROM walks WHERE account = $1`, account)
	switch {
	case errors.Is(err, sql.ErrNoRows), err == nil && walk.Round != round:
		return Walk{}, ErrWalkOvertaken
	case err != nil:
		return Walk{}, fmt.Errorf("store: walk: %w", err)
	}
	walk.utc()
	return walk, nil
}

// Walks lists the walks that are known, by account.
func (s *Store) Walks(ctx context.Context) ([]Walk, error) {
	var walks []Walk
	if err := s.db.SelectContext(ctx, &walks, `SELECT `+s.walkColumns()+` FROM walks ORDER BY account`); err != nil {
		return nil, fmt.Errorf("store: walks: %w", err)
	}
	for i := range walks {
		walks[i].utc()
	}
	return walks, nil
}

// driftKept is how long a difference is kept after it has gone, and driftBatch how many are
// removed at once.
const (
	driftKept  = 90 * 24 * time.Hour
	driftBatch = 1000
)

// EndWalk records that a walk has come to its end, and clears what can only be cleared then:
// differences of domains that are not held at the account any more and, if its list was read to the
// end, domains that it has no more and we did not know. Error: ErrWalkOvertaken.
func (s *Store) EndWalk(ctx context.Context, account string, round int64, listed bool) error {
	clears := []string{`kind <> 'unknown-domain' AND NOT EXISTS (
		SELECT 1 FROM domains d WHERE d.name = drift_facts.domain AND d.registrar = drift_facts.registrar AND d.ended_at IS NULL)`}
	if listed {
		clears = append(clears, `kind = 'unknown-domain' AND round < `+strconv.FormatInt(round, 10))
	}
	for _, which := range clears {
		_, err := s.db.ExecContext(ctx, `UPDATE drift_facts SET cleared_at = `+s.clock()+` WHERE registrar = $1 AND cleared_at IS NULL AND `+which, account)
		if err != nil {
			return fmt.Errorf("store: end walk: %w", err)
		}
	}
	result, err := s.db.ExecContext(ctx, `UPDATE walks SET good_round = round, good_at = `+s.clock()+` WHERE account = $1 AND round = $2`, account, round)
	if err != nil {
		return fmt.Errorf("store: end walk: %w", err)
	}
	if rows, err := result.RowsAffected(); err != nil || rows == 0 {
		return errors.Join(ErrWalkOvertaken, err)
	}
	_, err = s.db.ExecContext(ctx, `DELETE FROM drift_facts WHERE cleared_at IS NOT NULL AND (registrar, domain, kind, first_seen) IN (
		SELECT registrar, domain, kind, first_seen FROM drift_facts
		WHERE registrar = $1 AND cleared_at IS NOT NULL AND cleared_at < `+s.asOf(-driftKept)+` ORDER BY cleared_at LIMIT $2)`, account, driftBatch)
	if err != nil {
		return fmt.Errorf("store: end walk: %w", err)
	}
	return nil
}

// walkChunk bounds the names of a statement: SQLite takes 32,766 arguments.
const walkChunk = 500

// places are n arguments of a statement, from the number first on.
func places(first, n int) string {
	var text strings.Builder
	for i := range n {
		if i > 0 {
			text.WriteByte(',')
		}
		text.WriteByte('$')
		text.WriteString(strconv.Itoa(first + i))
	}
	return text.String()
}

// MarkSeen records that the list of an account has domains, and returns those of them that are
// held there.
func (s *Store) MarkSeen(ctx context.Context, account string, round int64, names []string) ([]Domain, error) {
	return s.mark(ctx, "seen_round", account, round, names)
}

// MarkCompared records that domains were compared as a whole, or passed over until all others were.
func (s *Store) MarkCompared(ctx context.Context, account string, round int64, names []string) error {
	_, err := s.mark(ctx, "compared_round", account, round, names)
	return err
}

func (s *Store) mark(ctx context.Context, column, account string, round int64, names []string) ([]Domain, error) {
	held := make([]Domain, 0, len(names))
	for len(names) > 0 {
		chunk := names[:min(walkChunk, len(names))]
		names = names[len(chunk):]
		args := append(make([]any, 0, 2+len(chunk)), account, round)
		for _, name := range chunk {
			args = append(args, name)
		}
		var rows []Domain
		// By the names: SQLite would rather read all domains of the account each time.
		err := s.db.SelectContext(ctx, &rows, `UPDATE domains SET `+column+` = $2
			WHERE name IN (`+places(3, len(chunk))+`) AND registrar || '' = $1 AND ended_at IS NULL RETURNING `+domainColumns, args...)
		if err != nil {
			return nil, fmt.Errorf("store: mark domains: %w", err)
		}
		held = append(held, rows...)
	}
	return held, opened(held)
}

func opened(rows []Domain) error {
	for i := range rows {
		if err := rows[i].open(); err != nil {
			return err
		}
	}
	return nil
}

// Unseen returns domains that are held at an account and that its list did not have in a round, by
// name, behind the name after. Those that have been held only since it began are left out, and those
// that their lives may have yet to read first.
func (s *Store) Unseen(ctx context.Context, account string, round int64, began time.Time, after string, limit int) ([]Domain, error) {
	var rows []Domain
	err := s.db.SelectContext(ctx, &rows, `SELECT `+domainColumns+` FROM domains
		WHERE registrar = $1 AND name > $2 AND ended_at IS NULL AND seen_round < $3 AND state_since < $4
			AND (state <> 'new' OR state_since < $5) ORDER BY name LIMIT $6`,
		account, after, round, instant(began), instant(began.Add(-newFor)), limit)
	if err != nil {
		return nil, fmt.Errorf("store: unseen domains: %w", err)
	}
	return rows, opened(rows)
}

// CountHeld counts the domains that are held at an account.
func (s *Store) CountHeld(ctx context.Context, account string) (count int, err error) {
	err = s.db.GetContext(ctx, &count, `SELECT COUNT(*) FROM domains WHERE registrar = $1 AND ended_at IS NULL`, account)
	if err != nil {
		return 0, fmt.Errorf("store: count held: %w", err)
	}
	return count, nil
}

// ToCompare returns domains of an account that a round has not compared as a whole, and that nothing
// is under way for since a time, see Unjudged: with again those that differ in what only that shows,
// and otherwise those that have waited longest.
func (s *Store) ToCompare(ctx context.Context, account string, round int64, since time.Time, again bool, limit int) ([]Domain, error) {
	query, args := ` ORDER BY compared_round, name LIMIT $3`, []any{account, round, limit, instant(since), instant(since.Add(-newFor))}
	if again {
		listed := messages.ListedDifferences()
		query = ` AND name IN (SELECT domain FROM drift_facts WHERE registrar = $1 AND cleared_at IS NULL
			AND kind NOT IN (` + places(len(args)+1, len(listed)) + `)) ORDER BY name LIMIT $3`
		for _, kind := range listed {
			args = append(args, kind)
		}
	}
	var rows []Domain
	err := s.db.SelectContext(ctx, &rows, `SELECT `+domainColumns+` FROM domains
		WHERE registrar = $1 AND ended_at IS NULL AND compared_round < $2 AND NOT `+lifeUnderWay(4, 5)+`
			AND NOT EXISTS (SELECT 1 FROM provisionings p WHERE p.domain = domains.name AND (p.state = 'open' OR p.closed_at >= $4))`+query, args...)
	if err != nil {
		return nil, fmt.Errorf("store: domains to compare: %w", err)
	}
	return rows, opened(rows)
}
