// Package store keeps what must outlive a workflow's history: accepted orders,
// reserved ids, the ledger of paid calls, the inbox of confirmations, and sealed
// secrets. It speaks SQL that PostgreSQL (production) and SQLite (embedded) both
// run; one contract test suite runs against both.
//
// All times are UTC. Everything that holds personal data or secrets is sealed
// with AES-256-GCM before it reaches the database; see vault.Sealer.
package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlitelib "modernc.org/sqlite/lib"

	"domainprovisioning/vault"
)

//go:embed migrations/*.sql
var migrations embed.FS

// ErrNotFound says that the store has no such row.
var ErrNotFound = errors.New("store: not found")

// ErrUnreachable says that the database does not answer, or does not let us in.
var ErrUnreachable = errors.New("cannot be reached")

// Options configure a store.
type Options struct {
	// URL names the database: postgres://user@host/name?sslmode=..., or sqlite:PATH for a
	// file. sqlite:PATH?synchronous=off never waits for the disk; use it only for a
	// database that nobody needs after a power failure.
	URL string
	// MaxConnections bounds the connection pool. Zero means 10.
	MaxConnections int
	// Sealer seals the values that must not be readable in the database. It is required.
	Sealer *vault.Sealer
	// Ranges are the ranges from which ids are reserved.
	Ranges Ranges
	// Now replaces the database's clock in tests; nil means the database's clock.
	Now func() time.Time
}

// Store is safe for concurrent use, also by several processes.
type Store struct {
	db     pool
	driver string
	limits string // the statement that every transaction begins with; "" for none
	sealer *vault.Sealer
	ranges Ranges
	now    func() time.Time // nil: the database's clock
	// digests are the keys of digests, nil until they are known for good; see digestKeys.
	digests *atomic.Pointer[digests]
}

const sqliteDriver = "sqlite"

// Open connects to the database and pings it. It does not migrate; see Migrate and
// CheckSchema. No error contains the password in the URL.
func Open(ctx context.Context, options Options) (*Store, error) {
	if options.Sealer == nil {
		return nil, errors.New("store: a sealer is required")
	}
	if err := options.Ranges.validate(); err != nil {
		return nil, err
	}
	where, err := parseURL(options.URL)
	if err != nil {
		return nil, err
	}
	raw, err := where.open()
	if err != nil {
		return nil, fmt.Errorf("store: cannot open the %s database", where.driver)
	}
	connections := options.MaxConnections
	if connections == 0 {
		connections = 10
	}
	raw.SetMaxOpenConns(connections)
	raw.SetMaxIdleConns(connections)
	raw.SetConnMaxIdleTime(5 * time.Minute)
	s := &Store{
		db: pool{sqlx.NewDb(raw, where.driver), newTurns(connections, where.driver == sqliteDriver)}, driver: where.driver, limits: where.limits,
		sealer: options.Sealer, ranges: options.Ranges, now: options.Now, digests: new(atomic.Pointer[digests]),
	}
	if err := s.Ping(ctx); err != nil {
		_ = raw.Close()
		return nil, err
	}
	return s, nil
}

// place is where a database is: its driver, a data source name, and the statement that limits
// a transaction.
type place struct{ driver, dsn, limits string }

func (p place) open() (*sql.DB, error) {
	if p.driver == sqliteDriver {
		return sql.Open(p.driver, p.dsn)
	}
	connector, err := pq.NewConnector(p.dsn)
	if err != nil {
		return nil, err
	}
	connector.Dialer(newDialer())
	return sql.OpenDB(connector), nil
}

func parseURL(raw string) (place, error) {
	switch {
	case strings.HasPrefix(raw, "sqlite:"):
		path, throwAway := strings.CutSuffix(strings.TrimPrefix(raw, "sqlite:"), "?synchronous=off")
		if path == "" || strings.ContainsAny(path, "?#") {
			return place{}, errors.New("store: the database URL must have the form sqlite:PATH")
		}
		// WAL with synchronous NORMAL is durable against a crash of the process and twice as
		// fast as the default. Transactions take the write lock when they begin, so that two
		// of them queue instead of deadlocking.
		synchronous := "synchronous(NORMAL)"
		if throwAway {
			synchronous = "synchronous(OFF)"
		}
		query := url.Values{
			"_pragma": {"journal_mode(WAL)", synchronous, "busy_timeout(10000)", "foreign_keys(1)"},
			"_txlock": {"immediate"},
		}
		return place{driver: sqliteDriver, dsn: "file:" + path + "?" + query.Encode()}, nil
	case strings.HasPrefix(raw, "postgres://"), strings.HasPrefix(raw, "postgresql://"):
		parsed, err := url.Parse(raw)
		if err != nil {
			// url.Error quotes its input, including the password.
			return place{}, errors.New("store: the database URL cannot be parsed")
		}
		query, err := url.ParseQuery(parsed.RawQuery)
		if err != nil {
			return place{}, errors.New("store: the settings in the database URL cannot be parsed")
		}
		limits, err := takeLimits(query)
		if err != nil {
			return place{}, err
		}
		if !query.Has(binaryParameters) {
			query.Set(binaryParameters, "yes")
		}
		parsed.RawQuery = query.Encode()
		return place{driver: "postgres", dsn: parsed.String(), limits: limits}, nil
	default:
		return place{}, errors.New("store: the database URL must begin with sqlite: or postgres://")
	}
}

// binaryParameters is the setting with which the driver sends a statement with its arguments in
// one round trip instead of two, and without a prepared statement, which a pooler could not keep.
const binaryParameters = "binary_parameters"

// Close closes the connection pool.
func (s *Store) Close() error { return s.db.Close() }

// Ping reports whether the database can be reached, within five seconds.
func (s *Store) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	err := s.db.PingContext(ctx)
	if e, ok := errors.AsType[*pq.Error](err); ok && strings.HasPrefix(e.Message, "unsupported startup parameter") {
		return fmt.Errorf("store: the pooler in front of the database refuses a setting in database.url: %w; "+
			"take it out of the URL and set it for the role (ALTER ROLE ... SET ...)", err)
	}
	if err != nil {
		return fmt.Errorf("store: the %s database %w: %w", s.driver, ErrUnreachable, err)
	}
	return nil
}

func (s *Store) provider() (*goose.Provider, error) {
	var sub fs.FS
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("store: migrations: %w", err)
	}
	if s.limits != "" {
		sub = limitedFiles{sub, s.limits}
	}
	dialect := goose.DialectPostgres
	if s.driver == sqliteDriver {
		dialect = goose.DialectSQLite3
	}
	provider, err := goose.NewProvider(dialect, s.db.DB.DB, sub)
	if err != nil {
		return nil, fmt.Errorf("store: migrations: %w", err)
	}
	return provider, nil
}

// Migrate applies the missing migrations and returns their names, each in a transaction. It may be
// repeated. A migration that waits for a lock for longer than a transaction may fails, so that it
// does not hold up everybody behind it; nothing of it is left.
func (s *Store) Migrate(ctx context.Context) ([]string, error) {
	provider, err := s.provider()
	if err != nil {
		return nil, err
	}
	results, err := provider.Up(ctx)
	if err != nil {
		return nil, fmt.Errorf("store: migrate: %w", ended(ctx, err))
	}
	names := make([]string, 0, len(results))
	for _, result := range results {
		names = append(names, result.Source.Path)
	}
	return names, s.prepareKeys(ctx)
}

// CheckSchema returns an error that names the remedy if migrations are missing.
func (s *Store) CheckSchema(ctx context.Context) error {
	provider, err := s.provider()
	if err != nil {
		return err
	}
	pending, err := provider.HasPending(ctx)
	if err != nil {
		return fmt.Errorf("store: check schema: %w", ended(ctx, err))
	}
	if pending {
		return errors.New("store: the database lacks migrations; run `starter migrate`")
	}
	return nil
}

// isUniqueViolation reports whether the error, of either database, is a violation of a
// unique key.
func isUniqueViolation(err error) bool {
	if e, ok := errors.AsType[*pq.Error](err); ok {
		return e.Code == "23505"
	}
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		code := e.Code()
		return code == sqlitelib.SQLITE_CONSTRAINT_UNIQUE || code == sqlitelib.SQLITE_CONSTRAINT_PRIMARYKEY
	}
	return false
}

// notFound turns "no rows" into ErrNotFound and wraps the rest.
func notFound(what string, err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("store: %s: %w", what, ErrNotFound)
	}
	return fmt.Errorf("store: %s: %w", what, err)
}

func utc(at *time.Time) *time.Time {
	if at == nil {
		return nil
	}
	converted := at.UTC()
	return &converted
}
