//go:build unix

package main

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	_ "github.com/lib/pq" // the driver
)

// books reads what the product's own database says.
type books struct{ db *sql.DB }

func openBooks(url string) (*books, error) {
	db, err := sql.Open("postgres", url)
	if err != nil {
		return nil, fmt.Errorf("chaos: %w", err)
	}
	return &books{db}, nil
}

// unit is a unit of work.
type unit struct{ number, workflow, domain, state string }

func (b *books) units(ctx context.Context) ([]unit, error) {
	rows, err := b.db.QueryContext(ctx, `SELECT order_number, workflow_id, domain, state FROM provisionings ORDER BY order_number, item`)
	if err != nil {
		return nil, fmt.Errorf("chaos: units: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var units []unit
	for rows.Next() {
		var u unit
		if err := rows.Scan(&u.number, &u.workflow, &u.domain, &u.state); err != nil {
			return nil, fmt.Errorf("chaos: units: %w", err)
		}
		units = append(units, u)
	}
	return units, rows.Err()
}

// unseen are the requests that no registrar shows: a zone template, and a new auth code but at the
// registry that speaks EPP, where we make it. If the answer was lost, only a person can find out
// whether the request was carried out. Until then the order waits, which is right.
const unseen = `(o.kind = 'zone-reset' OR o.kind = 'auth-code-change' AND o.account <> '` + eppAccount + `')`

// forAPerson returns the orders that rightly wait for a person.
func (b *books) forAPerson(ctx context.Context) (map[string]bool, error) {
	numbers, err := b.texts(ctx, `SELECT p.order_number FROM provisionings p
		JOIN registrar_operations o ON o.key LIKE p.order_number || '/' || p.item || '/%'
		WHERE p.state = 'open' AND o.state IN ('intended', 'unknown') AND `+unseen)
	set := map[string]bool{}
	for _, number := range numbers {
		set[number] = true
	}
	return set, err
}

func (b *books) texts(ctx context.Context, query string) ([]string, error) {
	rows, err := b.db.QueryContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("chaos: books: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var texts []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, fmt.Errorf("chaos: books: %w", err)
		}
		texts = append(texts, text)
	}
	return texts, rows.Err()
}

// held lists what is still claimed or on its way after the end of the run.
func (b *books) held(ctx context.Context, waiting map[string]bool) ([]string, error) {
	var found []string
	for _, question := range []struct{ what, query string }{
		{"an order is not started", `SELECT order_number FROM provisionings WHERE started_at IS NULL AND state = 'open'`},
		{"a paid call is open", `SELECT key || ' ' || state FROM registrar_operations WHERE state NOT IN ('done', 'failed', 'cancelled')`},
		{"a paid call has ended otherwise", `SELECT key || ' ' || state FROM registrar_operations WHERE state IN ('failed', 'cancelled')`},
		{"the order of a finished call does not know", `SELECT key FROM registrar_operations WHERE finished_at IS NOT NULL AND told_at IS NULL`},
		{"a confirmation is not delivered", `SELECT event_id FROM confirmations WHERE state = 'received'`},
		{"a contact has no handle", `SELECT owner_key FROM registrar_contacts WHERE handle = ''`},
		{"an order was refused", `SELECT reasons FROM refusals`},
	} {
		texts, err := b.texts(ctx, question.query)
		if err != nil {
			return nil, err
		}
		for _, text := range texts {
			if number, _, _ := strings.Cut(text, "/"); !waiting[number] {
				found = append(found, question.what+": "+text)
			}
		}
	}
	return found, nil
}

// again counts the paid calls that were begun more than once, each time after a look.
func (b *books) again(ctx context.Context) (calls, again int, err error) {
	err = b.db.QueryRowContext(ctx, `SELECT COUNT(*), COALESCE(SUM(submissions - 1), 0) FROM registrar_operations`).Scan(&calls, &again)
	if err != nil {
		return 0, 0, fmt.Errorf("chaos: books: %w", err)
	}
	return calls, again, nil
}

// done reports whether an order is done, by the number that its caller was told.
func (b *books) done(ctx context.Context, c *callers, o *order) bool {
	numbers, _ := c.numbers(o)
	if len(numbers) == 0 {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	var open int
	err := b.db.QueryRowContext(ctx, `SELECT COUNT(*) FROM provisionings WHERE order_number = $1 AND state <> 'done'`, numbers[0]).Scan(&open)
	return err == nil && open == 0
}

const askWithin = 5 * time.Second
