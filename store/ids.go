package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
)

// Range is a range of ids, both ends included.
type Range struct{ First, Last int64 }

// Ranges are the ranges that ids are drawn from in sequence. Ids are signed 32-bit in
// Operations. A domain subscription has the same id in Billing; a hosting subscription
// lives in Operations only and stays below 1,000,000, so that it never collides with an
// id that Billing assigns (docs/protocols/operations.md, section 11).
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

// IDKind says what an id is for.
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

// IDRequest asks for an id. Item is -1 for an id of the whole order; Name distinguishes
// several ids of one kind.
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

// distinct returns the requests without duplicates.
func distinct(requests []IDRequest) []IDRequest {
	once := make([]IDRequest, 0, len(requests))
	for _, request := range requests {
		if !slices.Contains(once, request) {
			once = append(once, request)
		}
	}
	return once
}

// demands returns what distinct requests need from the counters of their ranges.
func (s *Store) demands(requests []IDRequest) []demand {
	counts := map[IDKind]int64{}
	for _, request := range requests {
		counts[request.Kind]++
	}
	spans := s.ranges.byKind()
	demands := make([]demand, 0, len(counts))
	for kind, count := range counts {
		demands = append(demands, demand{counter: counter(kind), first: spans[kind].First, count: count})
	}
	return demands
}

// reserve stores an id for each of an order's distinct requests, from the numbers that
// were drawn for them. It needs one statement, whatever their number.
func (s *Store) reserve(
	ctx context.Context, tx *sqlx.Tx, order string, requests []IDRequest, drawn map[string]int64,
) (map[IDRequest]int, error) {
	ids := make(map[IDRequest]int, len(requests))
	if len(requests) == 0 {
		return ids, nil
	}
	spans := s.ranges.byKind()
	var rows []string
	var args []any
	for _, request := range requests {
		value := drawn[counter(request.Kind)]
		drawn[counter(request.Kind)]++
		if value > spans[request.Kind].Last {
			return nil, fmt.Errorf("store: the id range %s is used up at %d; configure another", request.Kind, spans[request.Kind].Last)
		}
		ids[request] = int(value)
		n := len(args)
		rows = append(rows, fmt.Sprintf("($%d, $%d, $%d, $%d, $%d)", n+1, n+2, n+3, n+4, n+5))
		args = append(args, request.scope(order), request.Kind, request.Name, request.Kind, value)
	}
	_, err := tx.ExecContext(ctx,
		`INSERT INTO reserved_ids (scope, kind, name, range_name, value) VALUES `+strings.Join(rows, ", "), args...)
	if err != nil {
		return nil, fmt.Errorf("store: reserve ids: %w", err)
	}
	return ids, nil
}

func counter(kind IDKind) string { return "id/" + string(kind) }

// demand says how many numbers a counter must give, and the smallest number allowed.
type demand struct {
	counter      string
	first, count int64
}

// draw takes numbers from counters in one statement. It returns the first number from
// each, and the time of the draw. A counter whose smallest number was raised continues
// from there. Counters are locked in the order of their names until the transaction ends,
// so that two transactions cannot deadlock.
func (s *Store) draw(ctx context.Context, tx *sqlx.Tx, demands ...demand) (drawn map[string]int64, at time.Time, err error) {
	slices.SortFunc(demands, func(a, b demand) int { return strings.Compare(a.counter, b.counter) })
	rows, steps := make([]string, 0, len(demands)), make([]string, 0, len(demands))
	args := make([]any, 0, 2*len(demands))
	for _, d := range demands {
		n := len(args)
		rows = append(rows, fmt.Sprintf("($%d, $%d)", n+1, n+2))
		// A literal, because a parameter of CASE would have no type.
		steps = append(steps, fmt.Sprintf("WHEN $%d THEN %d", n+1, d.count))
		// The last number that a new counter gives.
		args = append(args, d.counter, d.first+d.count-1)
	}
	step := "CASE counters.name " + strings.Join(steps, " ") + " END"
	var last []struct {
		Name  string `db:"name"`
		Value int64  `db:"value"`
		At    moment `db:"at"`
	}
	err = tx.SelectContext(ctx, &last, `
		INSERT INTO counters (name, value) VALUES `+strings.Join(rows, ", ")+`
		ON CONFLICT (name) DO UPDATE
		SET value = CASE WHEN counters.value + `+step+` < excluded.value THEN excluded.value ELSE counters.value + `+step+` END
		RETURNING name, value, `+s.clock()+` AS at`, args...)
	if err != nil {
		return nil, at, fmt.Errorf("store: counters: %w", err)
	}
	drawn = make(map[string]int64, len(last))
	for _, d := range demands {
		drawn[d.counter] = -d.count + 1
	}
	for _, row := range last {
		drawn[row.Name] += row.Value
		at = row.At.Time
	}
	return drawn, at, nil
}

// one demands the next number of a counter that begins with 1.
func one(counter string) demand { return demand{counter: counter, first: 1, count: 1} }

func (s *Store) next(ctx context.Context, tx *sqlx.Tx, counter string) (int64, error) {
	drawn, _, err := s.draw(ctx, tx, one(counter))
	return drawn[counter], err
}
