package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// FindRepeat finds the order that this one repeats, by the caller's key, number or contents,
// as AcceptOrder does. It needs only these of the acceptance, so callers ask before they
// check the order: an order that was accepted once is a repeat, whatever the rules and plans
// are now.
func (s *Store) FindRepeat(ctx context.Context, acceptance Acceptance) (accepted Accepted, found bool, err error) {
	return s.find(ctx, s.db, acceptance)
}

// FindOverlap returns a *DomainOpenError if another open order has one of the domains. It
// changes nothing. Callers use it before they ask anybody else about the order. The order may
// turn out to be a repeat, accepted since FindRepeat: found is set then.
func (s *Store) FindOverlap(ctx context.Context, acceptance Acceptance) (accepted Accepted, found bool, err error) {
	free := checkDomainsFree(ctx, s.db, acceptance.Units)
	if _, open := errors.AsType[*DomainOpenError](free); !open {
		return Accepted{}, false, free
	}
	if accepted, found, err = s.find(ctx, s.db, acceptance); found || err != nil {
		return accepted, found, err
	}
	return Accepted{}, false, free
}

// find finds the order that this acceptance repeats.
func (s *Store) find(ctx context.Context, q querier, acceptance Acceptance) (Accepted, bool, error) {
	same, err := s.findIdempotent(ctx, q, acceptance.Idempotency)
	existing := same.OrderNumber
	if err == nil && existing == "" {
		existing, err = s.findExisting(ctx, q, acceptance)
	}
	if err != nil || existing == "" {
		return Accepted{}, false, err
	}
	accepted, err := existingOrder(ctx, q, existing)
	if same.OrderNumber != "" {
		accepted.Keyed, accepted.KeyedFor, accepted.Answered = true, same.ReadAt.Sub(same.CreatedAt), same.Status
	}
	return accepted, true, err
}

// findExisting returns the number of the order that this acceptance repeats, or "".
func (s *Store) findExisting(ctx context.Context, q querier, acceptance Acceptance) (string, error) {
	keys, err := s.digestKeys(ctx, q)
	if err != nil {
		return "", err
	}
	client := cmp.Or(acceptance.Client, LocalClient)
	if acceptance.Number != "" {
		var order struct{ Number, Fingerprint string } // no fingerprint of an order that was erased, as its number then says
		err := q.GetContext(ctx, &order, `SELECT number, fingerprint FROM orders WHERE client = $1 AND `+labelled(2), client, acceptance.Number)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return "", checkLost(ctx, q, acceptance)
		case err != nil:
			return "", fmt.Errorf("store: accept order: %w", err)
		case order.Fingerprint != "" && !keys.is(order.Fingerprint, ofFingerprint, acceptance.Fingerprint):
			return "", &NumberTakenError{Number: acceptance.Number}
		}
		return order.Number, checkGoesOn(ctx, q, order.Number, acceptance.Number)
	}
	if acceptance.Idempotency != nil {
		return "", nil // a new key means a new order, however alike
	}
	forms := keys.forms(ofFingerprint, acceptance.Fingerprint)
	var number string
	err = q.GetContext(ctx, &number, `
		SELECT o.number FROM orders o
		WHERE o.fingerprint IN ($1, $2) AND o.client = $3 AND EXISTS (SELECT 1 FROM provisionings p WHERE p.order_number = o.number AND (
			p.state = 'open' OR p.state = 'done' AND o.received_at > `+s.asOf(-acceptance.RepeatWindow)+`))
		ORDER BY o.received_at DESC, o.number LIMIT 1`, forms[0], forms[1], client)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("store: accept order: %w", err)
	}
	return number, nil
}

// checkLost returns a *NumberTakenError for a lost order whose key another order has.
func checkLost(ctx context.Context, q querier, acceptance Acceptance) error {
	if acceptance.Lost == nil {
		return nil
	}
	taken, err := keyTaken(ctx, q, acceptance.Lost.Key)
	if err == nil && taken {
		err = &NumberTakenError{Number: acceptance.Lost.Key}
	}
	return err
}

// checkGoesOn returns a *GivenUpError for an order of which nothing is open or done.
func checkGoesOn(ctx context.Context, q querier, number, label string) error {
	var states []UnitState
	if err := q.SelectContext(ctx, &states, `SELECT state FROM provisionings WHERE order_number = $1 ORDER BY item`, number); err != nil {
		return fmt.Errorf("store: accept order: %w", err)
	}
	for _, state := range states {
		if state == UnitOpen || state == UnitDone {
			return nil
		}
	}
	if len(states) == 0 {
		return nil
	}
	return &GivenUpError{Number: label, State: states[0]}
}
