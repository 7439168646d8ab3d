package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/jmoiron/sqlx"
)

// OrderKey is the key under which everything of an order is kept that its client has given a
// number: the number itself for LocalClient, and CLIENT:NUMBER for all others, so that equal
// numbers of two clients never meet. It is made of nothing but the two, so an order that is placed
// again after its row was lost with the database finds what was requested under its key.
func OrderKey(client, number string) string {
	if client == LocalClient || client == "" {
		return number
	}
	return client + ":" + number
}

// Address names an order among those of all clients, by its client and its number there. Its key
// does not: one without a client may be the number of another client's order. It is the key if the
// two are not known.
func Address(client, number, key string) string {
	if client == "" || number == "" {
		return key
	}
	return client + ":" + number
}

// Addresses returns the addresses of orders by their keys, up to a thousand. Orders that are not
// in the store are left out.
func (s *Store) Addresses(ctx context.Context, keys []string) (map[string]string, error) {
	addresses := make(map[string]string, len(keys))
	if len(keys) == 0 {
		return addresses, nil
	}
	query, args, err := sqlx.In(`SELECT number, client, `+shownLabel+` AS label FROM orders WHERE number IN (?)`, keys)
	if err != nil {
		return nil, fmt.Errorf("store: orders: %w", err)
	}
	var rows []struct{ Number, Client, Label string }
	if err := s.db.SelectContext(ctx, &rows, s.db.Rebind(query), args...); err != nil {
		return nil, fmt.Errorf("store: orders: %w", err)
	}
	for _, row := range rows {
		addresses[row.Number] = Address(row.Client, row.Label, row.Number)
	}
	return addresses, nil
}

// Lost names an order whose row was lost with the database, while its workflow goes on.
type Lost struct {
	// Key is the key that the order had. The number of the acceptance is its label.
	Key string
	// Drawn is the number that the counter of orders gave for the key; 0 if the client gave one.
	Drawn int64
}

// drawnKey is the key of an order that came without number: ten characters, the most that
// Billing's order number holds.
func drawnKey(drawn int64) string { return fmt.Sprintf("DP%08d", drawn) }

// DrawnNumber returns the number of the counter of orders that a key was made of. ok is false for
// a key that this system has not made.
func DrawnNumber(key string) (drawn int64, ok bool) {
	digits, ours := strings.CutPrefix(key, "DP")
	drawn, err := strconv.ParseInt(digits, 10, 64)
	return drawn, ours && err == nil && drawn > 0 && drawnKey(drawn) == key
}

// keyFor returns the key and the integer id of a new order. An older version has given keys
// without a client, so the number of an order of LocalClient may be taken.
func (s *Store) keyFor(ctx context.Context, tx *sqlx.Tx, acceptance Acceptance, client string, drawn int64) (key string, id int64, err error) {
	switch {
	case acceptance.Lost != nil:
		id, err = s.idOfLost(ctx, tx, *acceptance.Lost, drawn)
		return acceptance.Lost.Key, id, err
	case acceptance.Number == "":
		return drawnKey(drawn), drawn, nil
	}
	key = OrderKey(client, acceptance.Number)
	if key != acceptance.Number {
		return key, drawn, nil
	}
	taken, err := keyTaken(ctx, tx, key)
	if err != nil {
		return "", 0, err
	}
	if taken {
		key = LocalClient + ":" + acceptance.Number
	}
	return key, drawn, nil
}

// keyTaken reports whether an order has the key.
func keyTaken(ctx context.Context, q querier, key string) (taken bool, err error) {
	if err := q.GetContext(ctx, &taken, `SELECT EXISTS (SELECT 1 FROM orders WHERE number = $1)`, key); err != nil {
		return false, fmt.Errorf("store: accept order: %w", err)
	}
	return taken, nil
}

// idOfLost returns the integer id that a lost order had, as far as its key tells it, and makes the
// counter of orders continue after it.
func (s *Store) idOfLost(ctx context.Context, tx *sqlx.Tx, lost Lost, drawn int64) (int64, error) {
	if lost.Drawn == 0 {
		return drawn, nil
	}
	if err := s.advance(ctx, tx, orderNumbers, lost.Drawn); err != nil {
		return 0, err
	}
	// The restored database may have given the number to another order, before its counter was
	// moved: every order has one, whatever its key is. This reads all orders, once for each that
	// was lost.
	var taken bool
	if err := tx.GetContext(ctx, &taken, `SELECT EXISTS (SELECT 1 FROM orders WHERE id = $1)`, lost.Drawn); err != nil {
		return 0, fmt.Errorf("store: accept order: %w", err)
	}
	if taken {
		return drawn, nil
	}
	return lost.Drawn, nil
}

// labelled is the condition that an order has the number of an argument at its client.
func labelled(argument int) string {
	return fmt.Sprintf(`(label = $%[1]d OR label = '' AND number = $%[1]d)`, argument)
}
