package store

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"modernc.org/sqlite"
	sqlitelib "modernc.org/sqlite/lib"
)

// ErrNotWritable says that the database answers but accepts no writes: its disk is full, or
// it is read-only.
var ErrNotWritable = errors.New("store: the database cannot be written")

// errUnwritten ends the transaction of CheckWritable.
var errUnwritten = errors.New("store: nothing is to be kept")

// CheckWritable writes a few kilobytes and rolls them back. It costs one to three round trips
// and leaves nothing that a vacuum would not remove; callers cache the answer for some
// seconds. Errors: ErrNotWritable, or the error of a database that cannot be reached.
func (s *Store) CheckWritable(ctx context.Context) error {
	return s.tryWrite(ctx, `INSERT INTO refusals (id, source, reasons, received_at)
		VALUES ('writable', '', $1, `+s.clock()+`) ON CONFLICT DO NOTHING`)
}

// CheckRecordable is CheckWritable for the record of acts.
func (s *Store) CheckRecordable(ctx context.Context) error {
	// Each caller tries a number of its own, so that nobody waits for another.
	var number [8]byte
	_, _ = rand.Read(number[:])
	return s.tryWrite(ctx, `INSERT INTO acts (`+actColumns+`)
		VALUES (-`+strconv.FormatUint(binary.BigEndian.Uint64(number[:])>>1, 10)+`, `+s.clock()+`, '', '', '', '', '', '', -1, '', '', $1, '', '', '', '', '')`)
}

// tryWrite runs a statement that writes its argument, and rolls it back.
func (s *Store) tryWrite(ctx context.Context, statement string) error {
	// More than the free space that a page may have, and incompressible.
	filler := make([]byte, 12<<10)
	_, _ = rand.Read(filler) // crypto/rand.Read never fails
	err := s.transaction(ctx, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, statement, base64.StdEncoding.EncodeToString(filler))
		if err == nil {
			err = errUnwritten
		}
		return err
	})
	switch {
	case errors.Is(err, errUnwritten):
		return nil
	case notWritable(err):
		return fmt.Errorf("%w: %w", ErrNotWritable, err)
	}
	return fmt.Errorf("store: check writable: %w", err)
}

// notWritable reports whether the error is that of a database that is full or read-only.
func notWritable(err error) bool {
	if e, ok := errors.AsType[*pq.Error](err); ok {
		return e.Code == "53100" || e.Code == "25006"
	}
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		switch e.Code() & 0xff { // the rest gives details
		case sqlitelib.SQLITE_FULL, sqlitelib.SQLITE_READONLY, sqlitelib.SQLITE_IOERR:
			return true
		}
	}
	return false
}
