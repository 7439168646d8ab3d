package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Idempotency is a caller's own key for one request. It makes repeats harmless for as
// long as the order is kept.
type Idempotency struct {
	// Client is the owner of the key: the keys of two clients never collide.
	Client string
	// Key is chosen by the caller, 1 to 200 characters.
	Key string
	// Request is a digest of the request's body.
	Request string
	// Line is set for a line of a batch, which then becomes the order in one transaction with it.
	Line *LineRef
}

// IdempotencyError says that the key was already used for a request with another body.
type IdempotencyError struct{ OrderNumber string } // at the client, or the id of a batch

// Error names the order or the batch that the key was used for.
func (e *IdempotencyError) Error() string {
	what := "order " + e.OrderNumber
	if strings.HasPrefix(e.OrderNumber, BatchPrefix) {
		what = "batch " + e.OrderNumber
	}
	return fmt.Sprintf("store: the idempotency key was used for %s with another body; use another key", what)
}

// keyed is the request that a caller's key stands for.
type keyed struct {
	Request     string    `db:"request"`
	OrderNumber string    `db:"order_number"`
	Status      int       `db:"status"` // the answer's HTTP status; 0: not answered yet
	Answer      string    `db:"answer"` // its body, sealed; "" if it is not kept
	CreatedAt   time.Time `db:"created_at"`
	ReadAt      moment    `db:"read_at"`
	Label       string    `db:"label"`
}

// findIdempotent returns the request that the caller's key stands for; or a zero value
// if there is none.
func (s *Store) findIdempotent(ctx context.Context, q querier, i *Idempotency) (keyed, error) {
	var row keyed
	if i == nil {
		return row, nil
	}
	err := q.GetContext(ctx, &row, `SELECT request, order_number, status, answer, created_at, `+s.clock()+` AS read_at,
		COALESCE((SELECT `+shownLabel+` FROM orders WHERE number = order_number), '') AS label
		FROM idempotency_keys WHERE client = $1 AND key = $2`, i.Client, i.Key)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return keyed{}, nil
	case err != nil:
		return keyed{}, fmt.Errorf("store: idempotency key: %w", err)
	}
	keys, err := s.digestKeys(ctx, q)
	switch {
	case err != nil:
		return keyed{}, err
	case row.Request != "" && !keys.is(row.Request, ofRequest, i.Request): // "" of an order that was erased
		return keyed{}, &IdempotencyError{OrderNumber: row.Label}
	}
	row.CreatedAt = row.CreatedAt.UTC()
	return row, nil
}

func (s *Store) keepIdempotency(ctx context.Context, q querier, keys *digests, i *Idempotency, number string, now time.Time) error {
	if i == nil {
		return nil
	}
	_, err := q.ExecContext(ctx, `INSERT INTO idempotency_keys (client, key, request, order_number, created_at)
		VALUES ($1, $2, $3, $4, $5)`, i.Client, i.Key, keys.keyed(ofRequest, i.Request), number, now)
	if err != nil {
		return fmt.Errorf("store: idempotency key: %w", err)
	}
	return s.becomes(ctx, q, i.Line, number)
}

// KeepRequest records which request about an order a caller's key stands for, before
// the request is carried out. The same request may be recorded again; another one
// under the key returns an *IdempotencyError. answer is what the request was answered with, nil if
// it has not been, or if that was not kept or cannot be opened any more.
func (s *Store) KeepRequest(ctx context.Context, i Idempotency, number string) (answer []byte, err error) {
	keys, err := s.digestKeys(ctx, s.db)
	if err != nil {
		return nil, err
	}
	_, err = s.db.ExecContext(ctx, `INSERT INTO idempotency_keys (client, key, request, order_number, created_at)
		VALUES ($1, $2, $3, $4, `+s.clock()+`) ON CONFLICT (client, key) DO NOTHING`, i.Client, i.Key, keys.keyed(ofRequest, i.Request), number)
	if err != nil {
		return nil, fmt.Errorf("store: keep request: %w", err)
	}
	row, err := s.findIdempotent(ctx, s.db, &i)
	if err != nil || row.Answer == "" {
		return nil, err
	}
	// Without the key that sealed it the request is carried out again, which is harmless.
	answer, _ = s.open(ctx, s.db, row.Answer, i.sealedAnswer())
	return answer, nil
}

// sealedAnswer names the answer to a request among all that is sealed.
func (i Idempotency) sealedAnswer() string { return "answer/" + i.Client + "/" + i.Key }

// RecordAnswer records the order and the status that a request was answered with, for its
// repeats, and the answer where it does not follow from the order; nil keeps none. The first
// answer stays.
func (s *Store) RecordAnswer(ctx context.Context, i Idempotency, number string, status int, answer []byte) error {
	sealed := ""
	if answer != nil {
		var err error
		if sealed, err = s.sealFor(ctx, s.db, number, answer, i.sealedAnswer()); err != nil {
			return fmt.Errorf("store: record answer: %w", err)
		}
	}
	keys, err := s.digestKeys(ctx, s.db)
	if err != nil {
		return err
	}
	_, err = s.db.ExecContext(ctx, `
		INSERT INTO idempotency_keys (client, key, request, order_number, status, answer, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, `+s.clock()+`)
		ON CONFLICT (client, key) DO UPDATE SET status = excluded.status, answer = excluded.answer
		WHERE idempotency_keys.status = 0 AND idempotency_keys.request IN ($3, $7)`,
		i.Client, i.Key, keys.keyed(ofRequest, i.Request), number, status, sealed, i.Request)
	if err != nil {
		return fmt.Errorf("store: record answer: %w", err)
	}
	return nil
}
