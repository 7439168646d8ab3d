package store

import (
	"context"
	"fmt"
	"strings"

	"golang.org/x/sync/semaphore"
)

// turns lets statements at the database in the order in which they came. database/sql gives a
// connection that becomes free to any of those who wait, and SQLite lets a writer who finds
// another one sleep for longer with each try, while newcomers overtake it: under load some
// callers then wait many times as long as most.
type turns struct {
	connections *semaphore.Weighted // as many as the pool has
	writer      *semaphore.Weighted // one; nil for a database that lets several write at once
	// orders lets one order at a time be stored. They wait for each other's numbers in any
	// case, but PostgreSQL lets newcomers overtake those who wait for a row, and those who wait
	// there keep connections.
	orders *semaphore.Weighted
}

func newTurns(connections int, oneWriter bool) turns {
	t := turns{connections: semaphore.NewWeighted(int64(connections)), orders: semaphore.NewWeighted(1)}
	if oneWriter {
		t.writer = semaphore.NewWeighted(1)
	}
	return t
}

// take waits for a connection, and before that for the turn of the one writer, so that those
// who wait to write keep no connection from those who read. done gives both back.
func (t turns) take(ctx context.Context, writes bool) (done func(), err error) {
	writes = writes && t.writer != nil
	if writes {
		if err := t.writer.Acquire(ctx, 1); err != nil {
			return nil, fmt.Errorf("store: wait for the turn to write: %w", err)
		}
	}
	if err := t.connections.Acquire(ctx, 1); err != nil {
		if writes {
			t.writer.Release(1)
		}
		return nil, fmt.Errorf("store: wait for a connection: %w", err)
	}
	return func() {
		t.connections.Release(1)
		if writes {
			t.writer.Release(1)
		}
	}, nil
}

// takeOrder waits until an order may be stored.
func (t turns) takeOrder(ctx context.Context) (done func(), err error) {
	if err := t.orders.Acquire(ctx, 1); err != nil {
		return nil, fmt.Errorf("store: wait for the turn to store an order: %w", err)
	}
	return func() { t.orders.Release(1) }, nil
}

// reads reports whether a statement only reads.
func reads(query string) bool {
	first, _, _ := strings.Cut(strings.TrimLeft(query, " \t\n("), " ")
	return first == "SELECT" || first == "WITH"
}
