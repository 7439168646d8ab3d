package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"domainprovisioning/vault"
)

// BatchState is the state of a batch of orders.
type BatchState string

// The states. A batch that is being stored is not seen by those who list batches, and nothing of
// it is placed.
const (
	BatchStoring   BatchState = "storing"
	BatchRunning   BatchState = "running"
	BatchPaused    BatchState = "paused"
	BatchCancelled BatchState = "cancelled"
	BatchDone      BatchState = "done"
)

// BatchStates lists the states that people see.
func BatchStates() []BatchState {
	return []BatchState{BatchRunning, BatchPaused, BatchCancelled, BatchDone}
}

// Money is an amount in hundredths of a currency; without a currency it stands for none.
type Money struct {
	Cents    int64
	Currency string
}

// Batch is a batch of orders.
type Batch struct {
	ID     string     `db:"id"`
	Client string     `db:"client"`
	Label  string     `db:"label"` // what the caller calls it; "" is nothing
	Mode   string     `db:"mode"`
	State  BatchState `db:"state"`
	Lines  int        `db:"lines"`

	LimitCents    int64  `db:"limit_cents"`
	LimitCurrency string `db:"limit_currency"`
	CostCents     int64  `db:"cost_cents"`
	CostCurrency  string `db:"cost_currency"`
	// Unpriced counts the lines of which nobody knows what they may cost.
	Unpriced int `db:"unpriced"`

	CreatedBy string     `db:"created_by"`
	CreatedAt time.Time  `db:"created_at"`
	StartedAt *time.Time `db:"started_at"` // nil: it is not whole
	EndedAt   *time.Time `db:"ended_at"`
}

const batchColumns = `id, client, label, mode, state, lines, limit_cents, limit_currency, cost_cents, cost_currency, unpriced,
	created_by, created_at, started_at, ended_at`

// BatchPrefix begins the id of every batch.
const BatchPrefix = "batch_"

// IsBatchID reports whether a text has the form of the id of a batch. What has not may be no text that
// a database takes.
func IsBatchID(text string) bool {
	random, ok := strings.CutPrefix(text, BatchPrefix)
	return ok && len(random) == batchRandom && strings.Trim(random, "abcdefghijklmnopqrstuvwxyz234567") == ""
}

// batchRandom is how many characters of an id are random.
const batchRandom = 20

// BatchHold is how long a batch belongs to the process that stores it, after each piece. A repeat of
// the request begins again after it.
const BatchHold = time.Minute

// ErrBatchUnderWay says that the same batch is just being stored.
var ErrBatchUnderWay = errors.New("store: the batch is being stored")

// ErrBatchLost says that a batch does not belong any more to the process that was storing it.
var ErrBatchLost = errors.New("store: the batch is no longer this process's to store")

// NewBatch is a batch to be stored. Its other fields are those of Batch.
type NewBatch struct {
	Client, Label, Mode string
	Lines               int
	Limit, Cost         Money
	Unpriced            int
	CreatedBy           string
	// Idempotency is the caller's own key, or nil.
	Idempotency *Idempotency
}

// BeginBatch begins to store a batch. existing is true if the batch of the caller's key is stored
// already. What a process has left half stored is removed and begun again. Errors:
// *IdempotencyError, ErrBatchUnderWay.
func (s *Store) BeginBatch(ctx context.Context, wanted NewBatch) (batch Batch, existing bool, err error) {
	err = s.transaction(ctx, func(tx *sqlx.Tx) error {
		batch, err = s.repeatedBatch(ctx, tx, wanted.Idempotency)
		existing = batch.ID != ""
		if err != nil || existing {
			return err
		}
		batch.ID = BatchPrefix + strings.ToLower(rand.Text()[:batchRandom])
		_, wrapped, err := s.sealer.NewDataKey(keyOfBatch(batch.ID))
		if err != nil {
			return err
		}
		if _, err := s.addKey(ctx, tx, keyOfBatch(batch.ID), wrapped); err != nil {
			return err
		}
		keys, err := s.digestKeys(ctx, tx)
		if err != nil {
			return err
		}
		var once Idempotency
		if wanted.Idempotency != nil {
			once = *wanted.Idempotency
		}
		return tx.GetContext(ctx, &batch, `INSERT INTO batches (id, client, label, mode, state, lines, idempotency_key, request,
				limit_cents, limit_currency, cost_cents, cost_currency, unpriced, created_by, created_at, held_until)
			VALUES ($1, $2, $3, $4, 'storing', $5, $6, $7, $8, $9, $10, $11, $12, $13, `+s.clock()+`, `+s.clockAfter(BatchHold)+`) RETURNING `+batchColumns,
			batch.ID, wanted.Client, wanted.Label, wanted.Mode, wanted.Lines, once.Key, keys.keyed(ofRequest, once.Request),
			wanted.Limit.Cents, wanted.Limit.Currency, wanted.Cost.Cents, wanted.Cost.Currency, wanted.Unpriced, wanted.CreatedBy)
	})
	if isUniqueViolation(err) { // another process has the key since
		err = ErrBatchUnderWay
	}
	if err != nil {
		return Batch{}, false, fmt.Errorf("store: begin batch: %w", err)
	}
	batch.utc()
	return batch, existing, nil
}

// FindBatch returns the batch that a request repeats; found is false if there is none, or what there
// is was left half stored. Errors: *IdempotencyError, ErrBatchUnderWay.
func (s *Store) FindBatch(ctx context.Context, once *Idempotency) (batch Batch, found bool, err error) {
	known, _, err := s.batchOfKey(ctx, s.db, once)
	known.utc()
	return known.Batch, known.ID != "" && known.State != BatchStoring, err
}

type keyedBatch struct {
	Batch

	Request string `db:"request"`
	Lapsed  bool   `db:"lapsed"`
}

func (s *Store) batchOfKey(ctx context.Context, q querier, once *Idempotency) (row keyedBatch, found bool, err error) {
	if once == nil {
		return row, false, nil
	}
	err = q.GetContext(ctx, &row, `SELECT `+batchColumns+`, request, held_until <= `+s.clock()+` AS lapsed FROM batches
		WHERE client = $1 AND idempotency_key = $2 AND idempotency_key <> ''`, once.Client, once.Key)
	if errors.Is(err, sql.ErrNoRows) {
		return keyedBatch{}, false, nil
	}
	if err != nil {
		return keyedBatch{}, false, fmt.Errorf("store: batch: %w", err)
	}
	keys, err := s.digestKeys(ctx, q)
	switch {
	case err != nil:
		return keyedBatch{}, false, err
	case !keys.is(row.Request, ofRequest, once.Request):
		return keyedBatch{}, false, &IdempotencyError{OrderNumber: row.ID}
	case row.State == BatchStoring && !row.Lapsed:
		return keyedBatch{}, false, ErrBatchUnderWay
	}
	return row, true, nil
}

// repeatedBatch returns the batch of a caller's key, after it has removed one that is half stored.
func (s *Store) repeatedBatch(ctx context.Context, tx *sqlx.Tx, once *Idempotency) (Batch, error) {
	row, found, err := s.batchOfKey(ctx, tx, once)
	if err != nil || !found {
		return Batch{}, err
	}
	if row.State != BatchStoring {
		return row.Batch, nil
	}
	_, err = s.removeBatches(ctx, tx, `id = $1 AND state = 'storing' AND held_until <= `+s.clock(), row.ID)
	return Batch{}, err
}

// removeBatches removes batches with their lines and keys, and returns how many.
func (s *Store) removeBatches(ctx context.Context, tx *sqlx.Tx, condition string, args ...any) (int, error) {
	var ids []string
	if err := tx.SelectContext(ctx, &ids, `DELETE FROM batches WHERE `+condition+` RETURNING id`, args...); err != nil {
		return 0, fmt.Errorf("store: remove batches: %w", err)
	}
	for _, id := range ids {
		if _, err := tx.ExecContext(ctx, `DELETE FROM batch_lines WHERE batch = $1`, id); err != nil {
			return 0, fmt.Errorf("store: remove batches: %w", err)
		}
		if err := dropBatchKey(ctx, tx, id); err != nil {
			return 0, err
		}
	}
	return len(ids), nil
}

// keyOfBatch is the reference of the data key that seals the lines of a batch. It is removed once
// no line waits any more: what copies of the database still hold cannot be read from then on.
func keyOfBatch(id string) string { return "batch/" + id }

func dropBatchKey(ctx context.Context, q querier, id string) error {
	if _, err := q.ExecContext(ctx, `DELETE FROM data_keys WHERE reference = $1`, keyOfBatch(id)); err != nil {
		return fmt.Errorf("store: key of a batch: %w", err)
	}
	return nil
}

func (s *Store) batchKey(ctx context.Context, q querier, id string) (vault.DataKey, error) {
	var wrapped string
	if err := q.GetContext(ctx, &wrapped, `SELECT wrapped FROM data_keys WHERE reference = $1`, keyOfBatch(id)); err != nil {
		return vault.DataKey{}, notFound("key of batch "+id, err)
	}
	return s.sealer.DataKey(wrapped, keyOfBatch(id))
}

// sealedLine names the document of a line among all that is sealed.
func sealedLine(batch string, line int) string { return fmt.Sprintf("batch/%s/%d", batch, line) }

// StartBatch lets the lines of a batch be placed, once all of them are stored. Error: ErrBatchLost.
func (s *Store) StartBatch(ctx context.Context, id string) (Batch, error) {
	var batch Batch
	err := s.db.GetContext(ctx, &batch, `UPDATE batches SET state = 'running', started_at = `+s.clock()+`
		WHERE id = $1 AND state = 'storing' AND lines = (SELECT COUNT(*) FROM batch_lines WHERE batch = $1) RETURNING `+batchColumns, id)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrBatchLost
	}
	if err != nil {
		return Batch{}, fmt.Errorf("store: start batch: %w", err)
	}
	batch.utc()
	return batch, nil
}

// DropBatch removes a batch that is being stored, because its process gives it up.
func (s *Store) DropBatch(ctx context.Context, id string) error {
	return s.transaction(ctx, func(tx *sqlx.Tx) error {
		_, err := s.removeBatches(ctx, tx, `id = $1 AND state = 'storing'`, id)
		return err
	})
}

// DropUnfinishedBatches removes what was left half stored for longer than the given time.
func (s *Store) DropUnfinishedBatches(ctx context.Context, kept time.Duration) (count int, err error) {
	err = s.transaction(ctx, func(tx *sqlx.Tx) error {
		count, err = s.removeBatches(ctx, tx, `id IN (SELECT id FROM batches WHERE state = 'storing' AND ended_at IS NULL AND held_until <= `+s.asOf(-kept)+`)
			AND held_until <= `+s.clockAfter(-kept))
		return err
	})
	return count, err
}

// DropBatches removes batches that ended longer ago than the given time, at most limit of them.
func (s *Store) DropBatches(ctx context.Context, kept time.Duration, limit int) (count int, err error) {
	err = s.transaction(ctx, func(tx *sqlx.Tx) error {
		count, err = s.removeBatches(ctx, tx, `id IN (SELECT id FROM batches WHERE ended_at IS NOT NULL AND ended_at < `+s.asOf(-kept)+` ORDER BY ended_at LIMIT $1)`, limit)
		return err
	})
	return count, err
}

func (b *Batch) utc() {
	b.CreatedAt = b.CreatedAt.UTC()
	b.StartedAt, b.EndedAt = utc(b.StartedAt), utc(b.EndedAt)
}

// BatchFilter narrows a list of batches. Empty fields do not narrow.
type BatchFilter struct {
	ID, Client string
	State      BatchState
	// After is the last batch of the previous page.
	After *BatchCursor
	// Limit is 1 to MostListed; 0 means 100.
	Limit int
}

// BatchCursor is a place in a list of batches.
type BatchCursor struct {
	CreatedAt time.Time
	ID        string
}

// Batches lists batches that are wholly stored, newest first.
func (s *Store) Batches(ctx context.Context, filter BatchFilter) ([]Batch, error) {
	query := `SELECT ` + batchColumns + ` FROM batches WHERE state <> 'storing'`
	var args []any
	narrow := func(condition string, value any) {
		args = append(args, value)
		query += fmt.Sprintf(" AND "+condition, len(args))
	}
	if filter.ID != "" {
		narrow("id = $%d", filter.ID)
	}
	if filter.Client != "" {
		narrow("client = $%d", filter.Client)
	}
	if filter.State != "" {
		narrow("state = $%d", string(filter.State))
	}
	if filter.After != nil {
		args = append(args, filter.After.CreatedAt.UTC(), filter.After.ID)
		query += fmt.Sprintf(" AND (created_at, id) < ($%d, $%d)", len(args)-1, len(args))
	}
	if filter.Limit == 0 {
		filter.Limit = 100
	}
	args = append(args, min(filter.Limit, MostListed))
	found := []Batch{}
	if err := s.db.SelectContext(ctx, &found, query+fmt.Sprintf(" ORDER BY created_at DESC, id DESC LIMIT $%d", len(args)), args...); err != nil {
		return nil, fmt.Errorf("store: batches: %w", err)
	}
	for n := range found {
		found[n].utc()
	}
	return found, nil
}

// KnownNames says which domains are in open orders, and which numbers a client's orders have.
func (s *Store) KnownNames(ctx context.Context, client string, domains, numbers []string) (open, taken map[string]bool, err error) {
	open, taken = map[string]bool{}, map[string]bool{}
	for _, ask := range []struct {
		query string
		first []any
		names []string
		into  map[string]bool
	}{
		{`SELECT domain FROM provisionings WHERE state = 'open' AND domain IN (?)`, nil, domains, open},
		{`SELECT label FROM orders WHERE client = ? AND label IN (?)`, []any{client}, numbers, taken},
		{`SELECT number FROM orders WHERE client = ? AND number IN (?)`, []any{client}, numbers, taken},
	} {
		for some := range slices.Chunk(ask.names, mostNames) {
			query, args, err := sqlx.In(ask.query, append(slices.Clip(ask.first), some)...)
			if err != nil {
				return nil, nil, fmt.Errorf("store: known names: %w", err)
			}
			var found []string
			if err := s.db.SelectContext(ctx, &found, sqlx.Rebind(sqlx.DOLLAR, query), args...); err != nil {
				return nil, nil, fmt.Errorf("store: known names: %w", err)
			}
			for _, name := range found {
				ask.into[name] = true
			}
		}
	}
	return open, taken, nil
}

// mostNames is how many names one question holds.
const mostNames = 500
