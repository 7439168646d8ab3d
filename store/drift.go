package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"domainprovisioning/messages"
)

// Fact is a difference between what we hold of a domain and what another system has. It holds no
// personal data: an owner is the registrar's id of the contact.
type Fact struct {
	Registrar string              `db:"registrar"`
	Domain    string              `db:"domain"`
	Kind      messages.Difference `db:"kind"`
	Severity  messages.Severity   `db:"severity"`
	Ours      string              `db:"ours"`
	Theirs    string              `db:"theirs"`
	FirstSeen time.Time           `db:"first_seen"`
	LastSeen  time.Time           `db:"last_seen"`
	Round     int64               `db:"round"`
	ToldAt    *time.Time          `db:"told_at"`
	ClearedAt *time.Time          `db:"cleared_at"`
	// Client is whose domain it is; "" for one that we do not hold.
	Client string `db:"client"`
}

const factColumns = `f.registrar, f.domain, f.kind, f.severity, f.ours, f.theirs, f.first_seen, f.last_seen, f.round, f.told_at, f.cleared_at,
	COALESCE(d.client, '') AS client`

// ofFacts is what facts are read from. Of a domain that the account has and we do not hold there,
// nobody is the client.
const ofFacts = ` FROM drift_facts f LEFT JOIN domains d ON d.name = f.domain AND d.ended_at IS NULL AND f.kind <> 'unknown-domain'`

func (f *Fact) utc() {
	f.FirstSeen, f.LastSeen, f.ToldAt, f.ClearedAt = f.FirstSeen.UTC(), f.LastSeen.UTC(), utc(f.ToldAt), utc(f.ClearedAt)
}

// Judged are domains that were compared in the same kinds, and how they differ.
type Judged struct {
	Account string
	Round   int64
	// Domains were compared in Kinds: what is not among Facts is gone.
	Domains []string
	Kinds   []messages.Difference
	Facts   []Fact
	// Quiet records domains that we do not hold without telling of each.
	Quiet bool
}

// RecordDrift records what differs and what does no more, some hundred domains in a transaction.
// What is new is told once to those who listen: not again while it lasts, and not when it has gone.
// It returns how many differences are new, and how many are gone.
func (s *Store) RecordDrift(ctx context.Context, judged Judged) (fresh, gone int, err error) {
	byDomain := map[string][]Fact{}
	for _, fact := range judged.Facts {
		byDomain[fact.Domain] = append(byDomain[fact.Domain], fact)
	}
	for domains := judged.Domains; len(domains) > 0; {
		chunk := domains[:min(walkChunk, len(domains))]
		domains = domains[len(chunk):]
		var facts []Fact
		for _, domain := range chunk {
			facts = append(facts, byDomain[domain]...)
		}
		var added, cleared int
		err := s.transaction(ctx, func(tx *sqlx.Tx) (err error) {
			if added, err = s.keepFacts(ctx, tx, judged, facts); err == nil {
				cleared, err = s.clearFacts(ctx, tx, judged, chunk)
			}
			return err
		})
		if err != nil {
			return fresh, gone, fmt.Errorf("store: record drift: %w", err)
		}
		fresh, gone = fresh+added, gone+cleared
	}
	return fresh, gone, nil
}

func (s *Store) keepFacts(ctx context.Context, tx *sqlx.Tx, judged Judged, facts []Fact) (fresh int, err error) {
	if len(facts) == 0 {
		return 0, nil
	}
	var heard bool
	if err := tx.GetContext(ctx, &heard, `SELECT EXISTS (SELECT 1 FROM hooks WHERE disabled_at IS NULL)`); err != nil {
		return 0, err
	}
	for part := range slices.Chunk(facts, walkChunk) {
		args := []any{judged.Account, judged.Round}
		values := make([]string, 0, len(part))
		for _, fact := range part {
			values = append(values, `($1, `+places(len(args)+1, 5)+`, `+s.clock()+`, `+s.clock()+`, $2)`)
			args = append(args, fact.Domain, fact.Kind, fact.Kind.Severity(), fact.Ours, fact.Theirs)
		}
		var kept []Fact
		err := tx.SelectContext(ctx, &kept, `
			INSERT INTO drift_facts (registrar, domain, kind, severity, ours, theirs, first_seen, last_seen, round) VALUES `+strings.Join(values, ", ")+`
			ON CONFLICT (domain, kind, registrar) WHERE cleared_at IS NULL DO UPDATE SET
				severity = excluded.severity, ours = excluded.ours, theirs = excluded.theirs, last_seen = excluded.last_seen, round = excluded.round
			RETURNING registrar, domain, kind, severity, ours, theirs, first_seen, last_seen, told_at`, args...)
		if err != nil {
			return 0, err
		}
		for _, fact := range kept {
			if fact.ToldAt != nil {
				continue
			}
			fresh++
			if heard && (!judged.Quiet || fact.Kind != messages.DiffersUnknown) {
				if err := s.tellDrift(ctx, tx, fact); err != nil {
					return 0, err
				}
			}
		}
		if fresh == 0 {
			continue
		}
		_, err = tx.ExecContext(ctx, `UPDATE drift_facts SET told_at = `+s.clock()+`
			WHERE registrar = $1 AND round = $2 AND cleared_at IS NULL AND told_at IS NULL`, judged.Account, judged.Round)
		if err != nil {
			return 0, err
		}
	}
	return fresh, nil
}

// tellDrift tells those who listen of a difference. What we do not hold belongs to no client, so
// only those who listen for all are told.
func (s *Store) tellDrift(ctx context.Context, tx *sqlx.Tx, fact Fact) error {
	news := messages.News{Type: messages.NewsDrift, Timestamp: fact.FirstSeen.UTC(), Data: messages.NewsData{
		Domain: fact.Domain, Registrar: fact.Registrar, Difference: fact.Kind, Severity: fact.Severity, Ours: fact.Ours, Theirs: fact.Theirs,
	}}
	subject := "account/" + fact.Registrar
	if fact.Kind != messages.DiffersUnknown {
		domain, err := s.domain(ctx, tx, fact.Domain)
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		subject, news.Data.Client, news.Data.Life = DomainSubject+fact.Domain, domain.Client, domain.State
		if domain.Expires != nil {
			news.Data.Expires = *domain.Expires
		}
	}
	_, err := s.tell(ctx, tx, subject, news)
	return err
}

func (s *Store) clearFacts(ctx context.Context, tx *sqlx.Tx, judged Judged, domains []string) (gone int, err error) {
	if len(judged.Kinds) == 0 {
		return 0, nil
	}
	args := []any{judged.Account, judged.Round}
	for _, kind := range judged.Kinds {
		args = append(args, kind)
	}
	kinds := places(3, len(judged.Kinds))
	where := places(len(args)+1, len(domains))
	for _, domain := range domains {
		args = append(args, domain)
	}
	result, err := tx.ExecContext(ctx, `UPDATE drift_facts SET cleared_at = `+s.clock()+`
		WHERE registrar = $1 AND cleared_at IS NULL AND round < $2 AND kind IN (`+kinds+`) AND domain IN (`+where+`)`, args...)
	if err != nil {
		return 0, err
	}
	rows, err := result.RowsAffected()
	return int(rows), err
}

// newFor is how long the life of a domain may take to read it first. After that it is judged by
// what is known of it: its registrar may never tell.
const newFor = 24 * time.Hour

// lifeUnderWay is the condition that the life of a domain has been told to look or has read it since
// the time of one argument, or that it may have yet to read it first, being held since that of
// another.
func lifeUnderWay(since, newSince int) string {
	return fmt.Sprintf(`(look_at IS NOT NULL OR read_at IS NOT NULL AND read_at >= $%d OR state = 'new' AND state_since >= $%d)`, since, newSince)
}

// Unjudged returns those of some domains that are not compared, because what differs may be under
// way: an order for them is open or has ended since a time, or their lives have been told to look,
// have read them since, or have yet to read them first.
func (s *Store) Unjudged(ctx context.Context, names []string, since time.Time) (map[string]bool, error) {
	found := map[string]bool{}
	for chunk := range slices.Chunk(names, walkChunk) {
		args := append(make([]any, 0, 2+len(chunk)), instant(since), instant(since.Add(-newFor)))
		for _, name := range chunk {
			args = append(args, name)
		}
		in := places(3, len(chunk))
		var rows []string
		err := s.db.SelectContext(ctx, &rows, `
			SELECT domain FROM provisionings WHERE domain IN (`+in+`) AND (state = 'open' OR closed_at >= $1)
			UNION SELECT name FROM domains WHERE name IN (`+in+`) AND `+lifeUnderWay(1, 2), args...)
		if err != nil {
			return nil, fmt.Errorf("store: domains under way: %w", err)
		}
		for _, name := range rows {
			found[name] = true
		}
	}
	return found, nil
}

// FactFilter selects differences for a list. Zero fields select all.
type FactFilter struct {
	Registrar string
	Domain    string
	Kind      messages.Difference
	Severity  messages.Severity
	Client    string // only of the domains of a client
	// After is the last one of the previous page.
	After *FactCursor
	Limit int // zero means 100; at most 1000
}

// FactCursor is where a page of differences ends.
type FactCursor struct{ Domain, Kind, Registrar string }

// Facts lists the differences that there are, by domain.
func (s *Store) Facts(ctx context.Context, filter FactFilter) ([]Fact, error) {
	where, args := narrow([]column{
		{"f.registrar", filter.Registrar}, {"f.domain", filter.Domain}, {"f.kind", string(filter.Kind)}, {"f.severity", string(filter.Severity)},
		{"d.client", filter.Client},
	}, "f.cleared_at IS NULL")
	if after := filter.After; after != nil {
		where += fmt.Sprintf(" AND (f.domain, f.kind, f.registrar) > (%s)", places(len(args)+1, 3))
		args = append(args, after.Domain, after.Kind, after.Registrar)
	}
	args = append(args, limited(filter.Limit, 1000))
	facts := []Fact{}
	err := s.db.SelectContext(ctx, &facts, `SELECT `+factColumns+ofFacts+where+
		fmt.Sprintf(` ORDER BY f.domain, f.kind, f.registrar LIMIT $%d`, len(args)), args...)
	if err != nil {
		return nil, fmt.Errorf("store: drift: %w", err)
	}
	for i := range facts {
		facts[i].utc()
	}
	return facts, nil
}

// CountDrift counts the differences that there are, by severity.
func (s *Store) CountDrift(ctx context.Context) (map[messages.Severity]int, error) {
	var rows []struct {
		Severity messages.Severity `db:"severity"`
		Count    int               `db:"count"`
	}
	err := s.db.SelectContext(ctx, &rows, `SELECT severity, COUNT(*) AS count FROM drift_facts WHERE cleared_at IS NULL GROUP BY severity`)
	if err != nil {
		return nil, fmt.Errorf("store: count drift: %w", err)
	}
	counts := map[messages.Severity]int{}
	for _, severity := range messages.Severities() {
		counts[severity] = 0
	}
	for _, row := range rows {
		counts[row.Severity] = row.Count
	}
	return counts, nil
}

// AcceptTheirs makes what the registrar has of a domain ours, as the difference says it: what has
// changed there since is another difference. Error: ErrNotFound.
func (s *Store) AcceptTheirs(ctx context.Context, fact Fact) error {
	return s.transaction(ctx, func(tx *sqlx.Tx) error {
		domain, err := s.lockedDomain(ctx, tx, fact.Domain)
		if err != nil {
			return err
		}
		held := messages.Held{}
		if domain.Held != nil {
			held = *domain.Held
		}
		if err := s.setHeld(ctx, tx, fact.Domain, held.Accepting(fact.Kind, fact.Theirs)); err != nil {
			return err
		}
		if err := s.nudge(ctx, tx, fact.Domain); err != nil {
			return err
		}
		return s.clearKinds(ctx, tx, fact.Domain, []messages.Difference{fact.Kind})
	})
}

// ClearDrift clears the differences of a domain in the given kinds.
func (s *Store) ClearDrift(ctx context.Context, name string, kinds []messages.Difference) error {
	return s.clearKinds(ctx, s.db, name, kinds)
}

func (s *Store) clearKinds(ctx context.Context, q querier, name string, kinds []messages.Difference) error {
	if len(kinds) == 0 {
		return nil
	}
	args := []any{name}
	for _, kind := range kinds {
		args = append(args, kind)
	}
	_, err := q.ExecContext(ctx, `UPDATE drift_facts SET cleared_at = `+s.clock()+`
		WHERE domain = $1 AND cleared_at IS NULL AND kind IN (`+places(2, len(kinds))+`)`, args...)
	if err != nil {
		return fmt.Errorf("store: clear drift: %w", err)
	}
	return nil
}
