package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"domainprovisioning/vault"
)

// Resealed is how far Reseal has come with one kind of values.
type Resealed struct {
	Kind string `json:"kind" jsonschema:"description=What was brought under the primary key,example=data keys"`
	// Looked counts those that were not as they should be; Unreadable those of them that no key of
	// the configuration opens, which stay.
	Looked     int `json:"looked" jsonschema:"description=How many were not as they should be"`
	Unreadable int `json:"unreadable,omitempty" jsonschema:"description=How many no key of the configuration opens; they stay as they are"`
}

const (
	// resealPage is how many values are read and written in one transaction, so that nobody waits
	// for it for long.
	resealPage = 50
	// resealTimeout bounds such a step, and countTimeout the counting of all values.
	resealTimeout = time.Minute
	countTimeout  = 30 * time.Minute
)

// Reseal brings everything that is sealed under the primary key: data keys and digest keys are
// wrapped anew, what belongs to an order and has no data key gets one, and plain digests become
// keyed ones. It makes the digest key of a database from before there was one; from then on older
// versions find neither the repeats nor the documents of new orders.
//
// It works in small steps while everything runs, any number of times: what is done already is
// passed over. progress is told after each step.
func (s *Store) Reseal(ctx context.Context, progress func(Resealed)) error {
	if err := s.needKey(ctx); err != nil {
		return err
	}
	if err := s.makeDigestKey(ctx); err != nil {
		return fmt.Errorf("store: reseal: %w", err)
	}
	keys, err := s.digestKeys(ctx, s.db)
	if err != nil {
		return err
	}
	if err := s.rewrap(ctx, progress); err != nil {
		return err
	}
	for _, c := range sealedColumns() {
		err := s.walk(ctx, c.resealed, progress, func(ctx context.Context, tx *sqlx.Tx, row placed) error { return s.resealOne(ctx, tx, c, row) })
		if err != nil {
			return err
		}
	}
	for _, d := range digestColumns() {
		err := s.walk(ctx, d.resealed, progress, func(ctx context.Context, tx *sqlx.Tx, row placed) error {
			return s.keyOne(ctx, tx, d, row, keys.keyed(d.purpose, row.Value))
		})
		if err != nil {
			return err
		}
	}
	return s.forgetKeys(ctx)
}

// walk goes through what is not as it should be, a page and a transaction at a time. each corrects
// a value; one that no key opens is counted and passed over.
func (s *Store) walk(ctx context.Context, what resealed, progress func(Resealed), each func(context.Context, *sqlx.Tx, placed) error) error {
	done := Resealed{Kind: what.kind}
	args := []any{resealPage}
	for {
		var page []placed
		err := s.step(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
			if err := tx.SelectContext(ctx, &page, what.page(len(args) > 1), args...); err != nil {
				return err
			}
			for _, row := range page {
				if err := each(ctx, tx, row); errors.Is(err, vault.ErrUnreadable) {
					done.Unreadable++
				} else if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("store: reseal %s: %w", what.kind, err)
		}
		done.Looked += len(page)
		progress(done)
		if len(page) < resealPage {
			return nil
		}
		args = append([]any{resealPage}, what.place(page[len(page)-1])...)
	}
}

func (s *Store) step(ctx context.Context, do func(context.Context, *sqlx.Tx) error) error {
	ctx, cancel := context.WithTimeout(ctx, resealTimeout)
	defer cancel()
	return s.transaction(ctx, func(tx *sqlx.Tx) error { return do(ctx, tx) })
}

// rewrap wraps all keys under the primary one. The wrapped keys that are as they should be begin
// with its id.
func (s *Store) rewrap(ctx context.Context, progress func(Resealed)) error {
	what := resealed{kind: "data keys", table: "data_keys", column: "wrapped", key: []string{"reference"}, without: s.sealer.Primary() + ":"}
	return s.walk(ctx, what, progress, func(ctx context.Context, tx *sqlx.Tx, row placed) error {
		wrapped, err := s.sealer.Rewrap(row.Value, row.A)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE data_keys SET wrapped = $3, key_id = $4 WHERE `+what.at(), row.Value, row.A, wrapped, vault.KeyIDOf(wrapped))
		return err
	})
}

// resealOne seals a value as it would be sealed now. One that has changed meanwhile stays.
func (s *Store) resealOne(ctx context.Context, tx *sqlx.Tx, c sealedColumn, row placed) (err error) {
	if c.orderOf != nil {
		row.Number = c.orderOf(row)
	}
	if row.Number == "" && row.Workflow != "" {
		if row.Number, err = s.orderOfQuote(ctx, tx, row.A); err != nil {
			return err
		}
	}
	seal := s.sealer.Seal
	switch {
	case row.Number != "":
		// First the order and then its key, as Erase does.
		if err := s.lockOrder(ctx, tx, row.Number); err != nil {
			return err
		}
		key, err := s.addOrderKey(ctx, tx, row.Number)
		if _, erased := errors.AsType[*ErasedError](err); erased {
			return nil
		}
		if err != nil {
			return err
		}
		seal = key.Seal
	case vault.KeyIDOf(row.Value) == s.sealer.Primary():
		return nil
	}
	plain, err := s.sealer.Open(row.Value, c.context(row))
	if err != nil {
		return err
	}
	sealed, err := seal(plain, c.context(row))
	if err != nil {
		return err
	}
	args := append([]any{row.Value}, c.place(row)...)
	set := fmt.Sprintf("%s = $%d", c.column, len(args)+1)
	args = append(args, sealed)
	if c.workflow != "" {
		set += fmt.Sprintf(", %s = $%d", c.order, len(args)+1)
		args = append(args, row.Number)
	}
	_, err = tx.ExecContext(ctx, `UPDATE `+c.table+` SET `+set+` WHERE `+c.at(), args...)
	return err
}

// keyOne replaces a plain digest by the keyed one. Where that stands already the plain one goes.
func (s *Store) keyOne(ctx context.Context, tx *sqlx.Tx, d digestColumn, row placed, keyed string) error {
	number := row.Number
	if d.purpose == ofContact {
		number, _, _ = strings.Cut(row.B, "/") // the owner's key begins with the order
	}
	if number != "" { // of an order that is being erased, these go one after another
		if err := s.lockOrder(ctx, tx, number); err != nil {
			return err
		}
	}
	at := append([]any{row.Value}, d.place(row)...)
	if d.purpose != ofContact {
		_, err := tx.ExecContext(ctx, fmt.Sprintf(`UPDATE %s SET %s = $%d WHERE %s`, d.table, d.column, len(at)+1, d.at()), append(at, keyed)...)
		return err
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO registrar_contacts (account, owner_key, digest, handle, created_at)
		SELECT account, owner_key, CAST($5 AS text), handle, created_at FROM registrar_contacts WHERE `+d.at()+` ON CONFLICT DO NOTHING`, append(at, keyed)...)
	if err == nil {
		_, err = tx.ExecContext(ctx, `DELETE FROM registrar_contacts WHERE `+d.at(), at...)
	}
	return err
}

// forgetKeys forgets the sealing keys that nothing in the database needs any more.
func (s *Store) forgetKeys(ctx context.Context) error {
	uses, err := s.KeyUses(ctx)
	if err != nil {
		return err
	}
	needed := []string{s.sealer.Primary()}
	for _, use := range uses {
		needed = append(needed, use.Key)
	}
	query, args, err := sqlx.In(`DELETE FROM sealing_keys WHERE id NOT IN (?)`, needed)
	if err == nil {
		_, err = s.db.ExecContext(ctx, sqlx.Rebind(sqlx.DOLLAR, query), args...)
	}
	if err != nil {
		return fmt.Errorf("store: forget sealing keys: %w", err)
	}
	return nil
}

// KeyUse is how many values of a kind a sealing key holds.
type KeyUse struct {
	Key   string `json:"key" jsonschema:"description=Id of the sealing key; empty for digests without a key"`
	Kind  string `json:"kind" jsonschema:"example=data keys,example=orders"`
	Count int    `json:"count"`
}

// KeyUses counts what each sealing key holds, directly or as a wrapped key, and under the key ""
// the digests that are plain still. It reads all rows.
func (s *Store) KeyUses(ctx context.Context) ([]KeyUse, error) {
	ctx, cancel := context.WithTimeout(ctx, countTimeout)
	defer cancel()
	uses := []KeyUse{}
	count := func(kind, query string) error {
		var rows []struct {
			Key   string `db:"key"`
			Count int    `db:"count"`
		}
		if err := s.db.SelectContext(ctx, &rows, query); err != nil {
			return fmt.Errorf("store: count %s by key: %w", kind, err)
		}
		for _, row := range rows {
			if row.Count > 0 {
				uses = append(uses, KeyUse{Key: row.Key, Kind: kind, Count: row.Count})
			}
		}
		return nil
	}
	if err := count("data keys", `SELECT key_id AS key, COUNT(*) AS count FROM data_keys WHERE key_id <> '' GROUP BY key_id ORDER BY key_id`); err != nil {
		return nil, err
	}
	for _, c := range sealedColumns() {
		// The id is what stands before the first colon: 16 characters at most.
		err := count(c.kind, `SELECT rtrim(rtrim(substr(value, 1, 17), 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/='), ':') AS key, COUNT(*) AS count
			FROM (`+c.selects(false)+`) AS sealed GROUP BY 1 ORDER BY 1`)
		if err != nil {
			return nil, err
		}
	}
	for _, d := range digestColumns() {
		if err := count(d.kind, `SELECT '' AS key, COUNT(*) AS count FROM (`+d.selects(false)+`) AS plain`); err != nil {
			return nil, err
		}
	}
	return uses, nil
}
