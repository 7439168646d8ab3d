package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"domainprovisioning/messages"
)

// DomainFilter selects domains for a list. Zero fields select all. Domains that have left are
// listed only if State asks for them.
type DomainFilter struct {
	// ExpiringBefore lists only domains that are known to expire before it.
	ExpiringBefore time.Time
	State          messages.LifeState
	Registrar      string
	Client         string
	Account        int // the customer's in Operations
	// Attention lists only domains that need a person, and Reason those that need one for it.
	Attention bool
	Reason    messages.LifeReason
	Text      string // a part of the name, in ASCII form
	// Drift lists only domains of which something differs.
	Drift bool
	// After is where the previous page ended.
	After *DomainCursor
	Limit int // zero means 100; at most MostListed
}

// DomainCursor is a place in a list of domains.
type DomainCursor struct {
	// At is the domain's time by which the list is sorted; zero if it is sorted by names.
	At   time.Time
	Name string
}

// Cursor is the place of a domain in the list of the filter.
func (f DomainFilter) Cursor(domain Domain) DomainCursor {
	cursor := DomainCursor{Name: domain.Name}
	at := map[string]*time.Time{"expires": domain.Expires, "attention_since": domain.AttentionSince}[f.sortedBy()]
	if at != nil {
		cursor.At = *at
	}
	return cursor
}

// sortedBy is the column of a time by which the list is sorted before the name; "" for none.
func (f DomainFilter) sortedBy() string {
	switch {
	case !f.ExpiringBefore.IsZero():
		return "expires"
	case f.Attention || f.Reason != "":
		return "attention_since"
	}
	return ""
}

// Domains lists domains by their names; those that expire before a day by their expiry, and those
// that need a person by since when.
func (s *Store) Domains(ctx context.Context, filter DomainFilter) ([]Domain, error) {
	query, args := domainsQuery(filter)
	var rows []Domain
	if err := s.db.SelectContext(ctx, &rows, query, args...); err != nil {
		return nil, fmt.Errorf("store: list domains: %w", err)
	}
	for i := range rows {
		if err := rows[i].open(); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

func domainsQuery(filter DomainFilter) (query string, args []any) {
	var conditions []string
	also := func(condition string, values ...any) {
		numbers := make([]any, len(values))
		for i := range values {
			numbers[i] = len(args) + i + 1
		}
		args = append(args, values...)
		conditions = append(conditions, fmt.Sprintf(condition, numbers...))
	}
	sorted := filter.sortedBy()
	// An expression has no index: a list that is sorted by a time is read in the order of that, and
	// not collected and sorted as a whole.
	bare := ""
	if sorted != "" {
		bare = " || ''"
	}
	for _, c := range []column{{"registrar", filter.Registrar}, {"client", filter.Client}, {"state", string(filter.State)}, {"attention", string(filter.Reason)}} {
		if c.value != "" {
			also(c.name+bare+" = $%d", c.value)
		}
	}
	if !filter.State.Ended() {
		conditions = append(conditions, "ended_at IS NULL")
	}
	if !filter.ExpiringBefore.IsZero() {
		also("expires < $%d", instant(filter.ExpiringBefore))
	}
	if filter.Attention || filter.Reason != "" {
		conditions = append(conditions, "attention <> ''")
	}
	if filter.Account > 0 && sorted != "" {
		also("account_id + 0 = $%d", filter.Account)
	} else if filter.Account > 0 {
		also("account_id = $%d", filter.Account)
	}
	if filter.Text != "" {
		also("name LIKE $%d ESCAPE '!'", "%"+literally.Replace(strings.ToLower(filter.Text))+"%")
	}
	if filter.Drift {
		// The differences are few, and the domains many.
		conditions = append(conditions, "name IN (SELECT domain FROM drift_facts WHERE cleared_at IS NULL)")
	}
	order := "name"
	if sorted != "" {
		order = sorted + ", name"
	}
	if after := filter.After; after != nil && sorted != "" {
		also("("+order+") > ($%d, $%d)", instant(after.At), after.Name)
	} else if after != nil {
		also("name > $%d", after.Name)
	}
	where := ""
	if len(conditions) > 0 {
		where = " WHERE " + strings.Join(conditions, " AND ")
	}
	args = append(args, limited(filter.Limit, MostListed))
	return `SELECT ` + domainColumns + ` FROM domains` + where + fmt.Sprintf(" ORDER BY %s LIMIT $%d", order, len(args)), args
}

// CountDomains counts the domains by state, those that have left as well.
func (s *Store) CountDomains(ctx context.Context) (map[messages.LifeState]int, error) {
	counts, err := countDomains[messages.LifeState](ctx, s, `SELECT state AS word, COUNT(*) AS count FROM domains GROUP BY state`)
	for _, state := range messages.LifeStates() {
		counts[state] += 0
	}
	return counts, err
}

// CountDomainAttention counts the domains that need a person, by why.
func (s *Store) CountDomainAttention(ctx context.Context) (map[messages.LifeReason]int, error) {
	counts, err := countDomains[messages.LifeReason](ctx, s, `SELECT attention AS word, COUNT(*) AS count FROM domains WHERE attention <> '' GROUP BY attention`)
	for _, reason := range messages.LifeReasons() {
		counts[reason] += 0
	}
	return counts, err
}

func countDomains[K ~string](ctx context.Context, s *Store, query string) (map[K]int, error) {
	var rows []struct {
		Word  K   `db:"word"`
		Count int `db:"count"`
	}
	if err := s.db.SelectContext(ctx, &rows, query); err != nil {
		return map[K]int{}, fmt.Errorf("store: count domains: %w", err)
	}
	counts := map[K]int{}
	for _, row := range rows {
		counts[row.Word] = row.Count
	}
	return counts, nil
}
