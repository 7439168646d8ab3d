package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

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

// reserve returns the id of the request, drawing a new one the first time.
func (s *Store) reserve(ctx context.Context, tx *sqlx.Tx, order string, request IDRequest) (int, error) {
	var value int64
	err := tx.GetContext(ctx, &value,
		`SELECT value FROM reserved_ids WHERE scope = $1 AND kind = $2 AND name = $3`,
		request.scope(order), request.Kind, request.Name)
	switch {
	case err == nil:
		return int(value), nil
	case !errors.Is(err, sql.ErrNoRows):
		return 0, fmt.Errorf("store: reserve %s id: %w", request.Kind, err)
	}
	value, err = s.draw(ctx, tx, request.Kind)
	if err != nil {
		return 0, err
	}
	_, err = tx.ExecContext(ctx,
		`INSERT INTO reserved_ids (scope, kind, name, range_name, value) VALUES ($1, $2, $3, $4, $5)`,
		request.scope(order), request.Kind, request.Name, request.Kind, value)
	if err != nil {
		return 0, fmt.Errorf("store: reserve %s id: %w", request.Kind, err)
	}
	return int(value), nil
}

// draw takes the next id of a range. A range whose start was moved up goes on
// there; one that is used up is an error.
func (s *Store) draw(ctx context.Context, tx *sqlx.Tx, kind IDKind) (int64, error) {
	span := s.ranges.byKind()[kind]
	value, err := next(ctx, tx, "id/"+string(kind), span.First)
	if err != nil {
		return 0, err
	}
	if value > span.Last {
		return 0, fmt.Errorf("store: the id range %s is used up at %d; configure another", kind, span.Last)
	}
	return value, nil
}

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
