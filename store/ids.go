package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"
)

// Range is a range of ids, both ends included.
type Range struct{ First, Last int64 }

// Ranges are the ranges that ids are drawn from, one after another. Ids are
// signed 32-bit in Operations. A domain subscription has the same id in Billing;
// a hosting subscription lives in Operations only and stays below 1,000,000, so
// that it never meets an id that Billing hands out (operations.md, section 11).
type Ranges struct {
	Account             Range
	User                Range
	DomainSubscription  Range
	HostingSubscription Range
	Domain              Range
}

// DefaultRanges are the ranges used where the configuration names none.
func DefaultRanges() Ranges {
	const wideFirst, wideLast = 1 << 20, 1<<31 - 1
	return Ranges{
		Account:             Range{wideFirst, wideLast},
		User:                Range{wideFirst, wideLast},
		DomainSubscription:  Range{wideFirst, wideLast},
		HostingSubscription: Range{100_000, 999_999},
		Domain:              Range{wideFirst, wideLast},
	}
}

func (r Ranges) validate() error {
	for name, span := range r.byKind() {
		if span.First < 1 || span.Last < span.First || span.Last > 1<<31-1 {
			return fmt.Errorf("store: id range %s: %d to %d is not within 1 to 2147483647", name, span.First, span.Last)
		}
	}
	return nil
}

// IDKind is what an id is for.
type IDKind string

// The kinds of ids.
const (
	AccountID             IDKind = "account"
	UserID                IDKind = "user"
	DomainSubscriptionID  IDKind = "domain-subscription"
	HostingSubscriptionID IDKind = "hosting-subscription"
	DomainID              IDKind = "domain"
)

func (r Ranges) byKind() map[IDKind]Range {
	return map[IDKind]Range{
		AccountID:             r.Account,
		UserID:                r.User,
		DomainSubscriptionID:  r.DomainSubscription,
		HostingSubscriptionID: r.HostingSubscription,
		DomainID:              r.Domain,
	}
}

// IDRequest asks for an id. Item is -1 for what belongs to the whole order, and
// Name tells several of one kind apart.
type IDRequest struct {
	Kind IDKind
	Item int
	Name string
}

func (r IDRequest) scope(order string) string {
	if r.Item < 0 {
		return order
	}
	return fmt.Sprintf("%s/%d", order, r.Item)
}

// reserveAll draws an id for each request of an order that has none yet, one for
// equal requests, and keeps them, in two statements whatever their number. Counters are locked in the order of
// their kinds, so that two acceptances cannot deadlock.
func (s *Store) reserveAll(ctx context.Context, tx *sqlx.Tx, order string, requests []IDRequest) (map[IDRequest]int, error) {
	if len(requests) == 0 {
		return map[IDRequest]int{}, nil
	}
	sorted := make([]IDRequest, 0, len(requests))
	for _, request := range requests {
		if !slices.Contains(sorted, request) {
			sorted = append(sorted, request)
		}
	}
	slices.SortStableFunc(sorted, func(a, b IDRequest) int { return strings.Compare(string(a.Kind), string(b.Kind)) })
	values, err := s.draw(ctx, tx, sorted)
	if err != nil {
		return nil, err
	}
	ids := make(map[IDRequest]int, len(sorted))
	var rows []string
	var args []any
	for _, request := range sorted {
		value := values[request.Kind]
		values[request.Kind]++
		ids[request] = int(value)
		n := len(args)
		rows = append(rows, fmt.Sprintf("($%d, $%d, $%d, $%d, $%d)", n+1, n+2, n+3, n+4, n+5))
		args = append(args, request.scope(order), request.Kind, request.Name, request.Kind, value)
	}
	_, err = tx.ExecContext(ctx,
		`INSERT INTO reserved_ids (scope, kind, name, range_name, value) VALUES `+strings.Join(rows, ", "), args...)
	if err != nil {
		return nil, fmt.Errorf("store: reserve ids: %w", err)
	}
	return ids, nil
}

// draw takes the next ids of each range that the requests, which are sorted by kind,
// need, and returns the first one of each. A range whose start was moved up goes on
// there; one that is used up is an error.
func (s *Store) draw(ctx context.Context, tx *sqlx.Tx, sorted []IDRequest) (map[IDKind]int64, error) {
	counts := map[IDKind]int64{}
	for _, request := range sorted {
		counts[request.Kind]++
	}
	spans := s.ranges.byKind()
	kinds := slices.Sorted(maps.Keys(counts))
	rows, steps := make([]string, 0, len(kinds)), make([]string, 0, len(kinds))
	args := make([]any, 0, 2*len(kinds))
	for _, kind := range kinds {
		n := len(args)
		rows = append(rows, fmt.Sprintf("($%d, $%d)", n+1, n+2))
		// A literal, because a parameter of CASE would have no type.
		steps = append(steps, fmt.Sprintf("WHEN $%d THEN %d", n+1, counts[kind]))
		// The last id that a fresh counter gives.
		args = append(args, counter(kind), spans[kind].First+counts[kind]-1)
	}
	step := "CASE counters.name " + strings.Join(steps, " ") + " END"
	var drawn []struct {
		Name  string `db:"name"`
		Value int64  `db:"value"`
	}
	err := tx.SelectContext(ctx, &drawn, `
		INSERT INTO counters (name, value) VALUES `+strings.Join(rows, ", ")+`
		ON CONFLICT (name) DO UPDATE
		SET value = CASE WHEN counters.value + `+step+` < excluded.value THEN excluded.value ELSE counters.value + `+step+` END
		RETURNING name, value`, args...)
	if err != nil {
		return nil, fmt.Errorf("store: reserve ids: %w", err)
	}
	last := make(map[string]int64, len(drawn))
	for _, d := range drawn {
		last[d.Name] = d.Value
	}
	first := make(map[IDKind]int64, len(kinds))
	for _, kind := range kinds {
		value := last[counter(kind)]
		if value > spans[kind].Last {
			return nil, fmt.Errorf("store: the id range %s is used up at %d; configure another", kind, spans[kind].Last)
		}
		first[kind] = value - counts[kind] + 1
	}
	return first, nil
}

func counter(kind IDKind) string { return "id/" + string(kind) }

// next advances a counter and returns its new value, at least first.
func next(ctx context.Context, tx *sqlx.Tx, name string, first int64) (int64, error) {
	var value int64
	err := tx.GetContext(ctx, &value, `
		INSERT INTO counters (name, value) VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE
		SET value = CASE WHEN counters.value < $2 THEN $2 ELSE counters.value + 1 END
		RETURNING value`, name, first)
	if err != nil {
		return 0, fmt.Errorf("store: counter %s: %w", name, err)
	}
	return value, nil
}
