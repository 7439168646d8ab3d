package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"path"
	"regexp"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
)

// The longest lists that are read at once.
const (
	MostListed     = 1000  // units of work, and reports of the inbox
	MostOperations = 10000 // operations of the ledger, and loose ends
)

// querier runs statements: the pool, or a transaction.
type querier interface {
	GetContext(ctx context.Context, target any, query string, args ...any) error
	SelectContext(ctx context.Context, target any, query string, args ...any) error
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// pool is a pool of connections, whose errors say when a context has ended a statement. A statement
// of its own, outside of a transaction, ends after a minute if its caller sets no deadline.
// Statements and transactions take turns.
type pool struct {
	*sqlx.DB

	turns turns
}

const statementTimeout = time.Minute

func deadlined(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, set := ctx.Deadline(); set {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, statementTimeout)
}

func (p pool) GetContext(ctx context.Context, target any, query string, args ...any) error {
	return p.statement(ctx, query, func(ctx context.Context) error { return p.DB.GetContext(ctx, target, query, args...) })
}

func (p pool) SelectContext(ctx context.Context, target any, query string, args ...any) error {
	return p.statement(ctx, query, func(ctx context.Context) error { return p.DB.SelectContext(ctx, target, query, args...) })
}

func (p pool) ExecContext(ctx context.Context, query string, args ...any) (result sql.Result, err error) {
	err = p.statement(ctx, query, func(ctx context.Context) error {
		result, err = p.DB.ExecContext(ctx, query, args...)
		return err
	})
	return result, err
}

// statement runs a statement of its own.
func (p pool) statement(ctx context.Context, query string, run func(ctx context.Context) error) error {
	ctx, cancel := deadlined(ctx)
	defer cancel()
	done, err := p.turns.take(ctx, !reads(query))
	if err != nil {
		return err
	}
	defer done()
	return ended(ctx, run(ctx))
}

// ended adds to an error that its context has ended. A database that was told to stop says so
// in its own words: "canceling statement due to user request" or "interrupted".
func ended(ctx context.Context, err error) error {
	cause := ctx.Err()
	if err == nil || cause == nil || errors.Is(err, cause) {
		return err
	}
	return fmt.Errorf("%w: %w", cause, err)
}

// transaction runs f in a transaction, and commits if f returns nil.
func (s *Store) transaction(ctx context.Context, f func(tx *sqlx.Tx) error) error {
	return ended(ctx, s.transact(ctx, f))
}

func (s *Store) transact(ctx context.Context, f func(tx *sqlx.Tx) error) error {
	done, err := s.db.turns.take(ctx, true)
	if err != nil {
		return err
	}
	defer done()
	tx, err := s.db.BeginTxx(ctx, nil)
	if err != nil {
		return fmt.Errorf("store: begin: %w", err)
	}
	if s.limits != "" {
		_, err = tx.ExecContext(ctx, s.limits)
	}
	if err == nil {
		err = f(tx)
	}
	if err != nil {
		if rollback := tx.Rollback(); rollback != nil && !errors.Is(rollback, sql.ErrTxDone) {
			return errors.Join(err, fmt.Errorf("store: rollback: %w", rollback))
		}
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("store: commit: %w", err)
	}
	return nil
}

// duration is a time-out as PostgreSQL takes it: a number of milliseconds, or with a unit.
var duration = regexp.MustCompile(`^[0-9]{1,9}(ms|s|min)?$`)

// takeLimits takes the time-outs out of the URL's query and returns the statement that sets
// them in a transaction. They bound how long a vanished process can block others: a wait for a
// lock ends, and so does a transaction whose client is silent or gone. They are not set for the
// connection, because a pooler such as PgBouncer refuses to set them when one is opened, or
// drops them, and a transaction may come over any of its connections.
func takeLimits(query url.Values) (string, error) {
	var statement strings.Builder
	for _, limit := range []struct{ name, value string }{
		{"lock_timeout", "20s"}, {"idle_in_transaction_session_timeout", "60s"},
	} {
		if query.Has(limit.name) {
			limit.value = query.Get(limit.name)
			query.Del(limit.name)
		}
		if !duration.MatchString(limit.value) {
			return "", fmt.Errorf("store: %s in the database URL must be a number with ms, s or min", limit.name)
		}
		statement.WriteString("SET LOCAL " + limit.name + " = '" + limit.value + "'; ")
	}
	return statement.String(), nil
}

// limitedFiles are migrations that each begin with the limits of a transaction.
type limitedFiles struct {
	fs.FS

	limits string
}

// Open implements fs.FS.
func (l limitedFiles) Open(name string) (fs.File, error) {
	file, err := l.FS.Open(name)
	if err != nil || path.Ext(name) != ".sql" {
		return file, err
	}
	content, err := io.ReadAll(file)
	if err != nil {
		return nil, err
	}
	const up = "-- +goose Up\n"
	limited := strings.Replace(string(content), up, up+l.limits+"\n", 1)
	return limitedFile{file, strings.NewReader(limited)}, nil
}

// limitedFile is a file with another content.
type limitedFile struct {
	fs.File

	content io.Reader
}

// Read implements fs.File.
func (f limitedFile) Read(p []byte) (int, error) { return f.content.Read(p) }

// lock locks the rows of a table that fit a condition until the transaction ends. On SQLite the
// transaction locks the whole database.
func (s *Store) lock(ctx context.Context, tx *sqlx.Tx, table, condition string, args ...any) error {
	if s.driver == sqliteDriver {
		return nil
	}
	if _, err := tx.ExecContext(ctx, `SELECT 1 FROM `+table+` WHERE `+condition+` FOR UPDATE`, args...); err != nil {
		return fmt.Errorf("store: lock %s: %w", table, err)
	}
	return nil
}
