package store

import (
	"context"
	"fmt"

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

// keyFor returns the key of a new order. An older version has given keys without a client, so the
// number of an order of LocalClient may be taken.
func (s *Store) keyFor(ctx context.Context, tx *sqlx.Tx, client, number string, drawn int64) (string, error) {
	if number == "" {
		// Ten characters, the most that Billing's order number holds.
		return fmt.Sprintf("DP%08d", drawn), nil
	}
	key := OrderKey(client, number)
	if key != number {
		return key, nil
	}
	var taken bool
	if err := tx.GetContext(ctx, &taken, `SELECT EXISTS (SELECT 1 FROM orders WHERE number = $1)`, key); err != nil {
		return "", fmt.Errorf("store: accept order: %w", err)
	}
	if taken {
		key = LocalClient + ":" + number
	}
	return key, nil
}

// labelled is the condition that an order has the number of an argument at its client.
func labelled(argument int) string {
	return fmt.Sprintf(`(label = $%[1]d OR label = '' AND number = $%[1]d)`, argument)
}
