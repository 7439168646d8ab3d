package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/jmoiron/sqlx"
)

// Plans asks a store on SQLite something, and returns how the database carries out each statement
// that the question takes, in its own words.
func (s *Store) Plans(ctx context.Context, url string, ask func(ctx context.Context, s *Store) error) ([]string, error) {
	where, err := parseURL(url)
	if err != nil {
		return nil, err
	}
	explaining := &explainer{driver: s.db.Driver(), dsn: where.dsn}
	asked := *s
	asked.db = pool{DB: sqlx.NewDb(sql.OpenDB(explaining), sqliteDriver), turns: s.db.turns}
	err = ask(ctx, &asked)
	return explaining.plans, errors.Join(err, asked.db.Close())
}

// explainer opens connections to a database that explain each statement before they run it.
type explainer struct {
	driver driver.Driver
	dsn    string
	plans  []string
}

func (e *explainer) Driver() driver.Driver { return e.driver }

func (e *explainer) Connect(context.Context) (driver.Conn, error) {
	opened, err := e.driver.Open(e.dsn)
	if err != nil {
		return nil, err
	}
	return explained{opened.(statements), e}, nil
}

// statements is what the driver's connections do.
type statements interface {
	driver.Conn
	driver.ConnBeginTx
	driver.QueryerContext
	driver.ExecerContext
}

type explained struct {
	statements

	*explainer
}

func (e explained) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if err := e.explain(ctx, query, args); err != nil {
		return nil, err
	}
	return e.statements.QueryContext(ctx, query, args)
}

func (e explained) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if err := e.explain(ctx, query, args); err != nil {
		return nil, err
	}
	return e.statements.ExecContext(ctx, query, args)
}

func (e explained) explain(ctx context.Context, query string, args []driver.NamedValue) error {
	rows, err := e.statements.QueryContext(ctx, "EXPLAIN QUERY PLAN "+query, args)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	var plan strings.Builder
	for {
		columns := make([]driver.Value, len(rows.Columns()))
		err := rows.Next(columns)
		if errors.Is(err, io.EOF) {
			e.plans = append(e.plans, plan.String())
			return nil
		}
		if err != nil {
			return err
		}
		fmt.Fprintln(&plan, columns[len(columns)-1])
	}
}
