package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"domainprovisioning/vault"
)

// Everything sealed that belongs to an order is sealed by a data key of the order, which stands
// wrapped in data_keys: a change of the sealing key wraps it anew, and once it is destroyed
// nothing of the order can be read, wherever a copy of the sealed values is. It is read with each
// use and kept in no cache, so that it is gone everywhere at the moment it is destroyed. What
// belongs to no order is sealed by the sealing key itself.

// ErasedError says that the order was erased: who it is about is not known any more.
type ErasedError struct {
	Number string
	At     time.Time
}

// Error says when.
func (e *ErasedError) Error() string {
	return fmt.Sprintf("store: order %s was erased on %s: its data and secrets are gone for good", e.Number, e.At.Format(time.DateOnly))
}

// keyOfOrder is the reference of an order's data key.
func keyOfOrder(number string) string { return ofOrder + number }

const ofOrder = "order/"

// addOrderKey makes the data key of an order and stores it, unless there is one.
func (s *Store) addOrderKey(ctx context.Context, q querier, number string) (vault.DataKey, error) {
	key, wrapped, err := s.sealer.NewDataKey(keyOfOrder(number))
	if err != nil {
		return vault.DataKey{}, err
	}
	result, err := s.addKey(ctx, q, keyOfOrder(number), wrapped)
	if err != nil {
		return vault.DataKey{}, err
	}
	if added, err := result.RowsAffected(); err != nil || added > 0 {
		return key, err
	}
	key, _, err = s.orderKey(ctx, q, number)
	return key, err
}

func (s *Store) addKey(ctx context.Context, q querier, reference, wrapped string) (sql.Result, error) {
	result, err := q.ExecContext(ctx, `INSERT INTO data_keys (reference, wrapped, key_id, created_at) VALUES ($1, $2, $3, `+s.clock()+`)
		ON CONFLICT (reference) DO NOTHING`, reference, wrapped, vault.KeyIDOf(wrapped))
	if err != nil {
		return nil, fmt.Errorf("store: data key: %w", err)
	}
	return result, nil
}

// orderKey returns the data key of an order; found is false for an order from before there were
// any, and "" is no order. Error: *ErasedError.
func (s *Store) orderKey(ctx context.Context, q querier, number string) (key vault.DataKey, found bool, err error) {
	if number == "" {
		return vault.DataKey{}, false, nil
	}
	var row struct {
		Wrapped     string     `db:"wrapped"`
		DestroyedAt *time.Time `db:"destroyed_at"`
	}
	err = q.GetContext(ctx, &row, `SELECT wrapped, destroyed_at FROM data_keys WHERE reference = $1`, keyOfOrder(number))
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return vault.DataKey{}, false, nil
	case err != nil:
		return vault.DataKey{}, false, fmt.Errorf("store: data key: %w", err)
	case row.DestroyedAt != nil:
		return vault.DataKey{}, false, &ErasedError{Number: number, At: row.DestroyedAt.UTC()}
	}
	key, err = s.sealer.DataKey(row.Wrapped, keyOfOrder(number))
	return key, err == nil, err
}

// sealFor seals what belongs to an order; "" is none. Error: *ErasedError.
func (s *Store) sealFor(ctx context.Context, q querier, number string, plain []byte, context string) (string, error) {
	key, found, err := s.orderKey(ctx, q, number)
	switch {
	case err != nil:
		return "", err
	case !found:
		return s.sealer.Seal(plain, context)
	}
	return key.Seal(plain, context)
}

// open opens what sealFor has sealed. Errors: vault.ErrUnreadable, *ErasedError.
func (s *Store) open(ctx context.Context, q querier, sealed, context string) ([]byte, error) {
	reference, ok := vault.DataKeyOf(sealed)
	if !ok {
		return s.sealer.Open(sealed, context)
	}
	number, ok := strings.CutPrefix(reference, ofOrder)
	if !ok {
		return nil, fmt.Errorf("%w: its key belongs to no order", vault.ErrUnreadable)
	}
	key, found, err := s.orderKey(ctx, q, number)
	if err == nil && !found {
		err = fmt.Errorf("%w: the data key of order %s is not there", vault.ErrUnreadable, number)
	}
	if err != nil {
		return nil, err
	}
	return key.Open(sealed, context)
}

// openOrders opens a document of an order, read together with the order's data key.
func (s *Store) openOrders(row sealedDocument, context string) ([]byte, error) {
	if row.ErasedAt != nil {
		return nil, &ErasedError{Number: row.Number, At: row.ErasedAt.UTC()}
	}
	if _, enveloped := vault.DataKeyOf(row.Document); !enveloped {
		return s.sealer.Open(row.Document, context)
	}
	key, err := s.sealer.DataKey(row.Wrapped, keyOfOrder(row.Number))
	if err != nil {
		return nil, err
	}
	return key.Open(row.Document, context)
}

// sealedDocument is a document with what opens it.
type sealedDocument struct {
	Number   string     `db:"number"`
	Document string     `db:"document"`
	Wrapped  string     `db:"wrapped"`
	ErasedAt *time.Time `db:"erased_at"`
}

const withDataKey = ` LEFT JOIN data_keys k ON k.reference = '` + ofOrder + `' || o.number`
