package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
)

// Idempotency is a caller's own key of one request, which makes its repeat harmless
// for as long as the order is kept.
type Idempotency struct {
	// Client says whose key it is: keys of two callers never meet.
	Client string
	// Key is the caller's, 1 to 200 characters.
	Key string
	// Request is a digest of the request's body.
	Request string
}

// IdempotencyError says that the key stands for a request with another body.
type IdempotencyError struct{ OrderNumber string }

// Error implements error.
func (e *IdempotencyError) Error() string {
	return fmt.Sprintf("store: the idempotency key was used for order %s with another body; use another key", e.OrderNumber)
}

// findIdempotent returns the order that the caller's key stands for, or "", and the
// status that was answered, or 0.
func findIdempotent(ctx context.Context, q sqlx.QueryerContext, i *Idempotency) (number string, status int, err error) {
	if i == nil {
		return "", 0, nil
	}
	var row struct {
		Request     string `db:"request"`
		OrderNumber string `db:"order_number"`
		Status      int    `db:"status"`
	}
	err = sqlx.GetContext(ctx, q, &row, `SELECT request, order_number, status FROM idempotency_keys
		WHERE client = $1 AND key = $2`, i.Client, i.Key)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return "", 0, nil
	case err != nil:
		return "", 0, fmt.Errorf("store: idempotency key: %w", err)
	case row.Request != i.Request:
		return "", 0, &IdempotencyError{OrderNumber: row.OrderNumber}
	}
	return row.OrderNumber, row.Status, nil
}

func keepIdempotency(ctx context.Context, e sqlx.ExecerContext, i *Idempotency, number string, now time.Time) error {
	if i == nil {
		return nil
	}
	_, err := e.ExecContext(ctx, `INSERT INTO idempotency_keys (client, key, request, order_number, created_at)
		VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`, i.Client, i.Key, i.Request, number, now)
	if err != nil {
		return fmt.Errorf("store: idempotency key: %w", err)
	}
	return nil
}

// RecordAnswer notes which order a request was answered with, and by which status, for
// its repeats. The first answer stays.
func (s *Store) RecordAnswer(ctx context.Context, i Idempotency, number string, status int) error {
	_, err := s.db.ExecContext(ctx, `
		INSERT INTO idempotency_keys (client, key, request, order_number, status, created_at)
		VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (client, key) DO UPDATE SET status = excluded.status
		WHERE idempotency_keys.status = 0 AND idempotency_keys.request = excluded.request`,
		i.Client, i.Key, i.Request, number, status, s.utcNow())
	if err != nil {
		return fmt.Errorf("store: record answer: %w", err)
	}
	return nil
}
