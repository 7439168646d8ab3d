package main

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"domainprovisioning/config"
	"domainprovisioning/messages"
	"domainprovisioning/store"
	"domainprovisioning/vault"
)

// register is the database of a product that has many orders. The product itself has written one
// order, which waits at the registrar and has had a confirmation; the others are copies of its
// rows, under other names, with documents that are sealed anew.
type register struct {
	*fixture

	db      *sql.DB
	inserts map[string]*sql.Stmt
	sealer  *vault.Sealer
	model   map[string][]map[string]any // rows of the first order, by table
	order   []byte                      // its document
	laid
}

// laid says what a register holds beside its first order.
type laid struct {
	waiting, attention, unstarted int // open orders; attention and unstarted are among those waiting
	over                          int
	received, unmatched           int // confirmations
}

// copied are the tables that an order has rows in, those first to which others refer, with the
// column that names the order.
var copied = []struct{ table, where string }{
	{"orders", "number = $1"}, {"provisionings", "order_number = $1"}, {"reserved_ids", "scope LIKE $1 || '%'"},
	{"registrar_operations", "key LIKE $1 || '/%'"}, {"registrar_operation_events", "key LIKE $1 || '/%'"},
	{"confirmations", "$1 <> ''"},
}

// openRegister starts the product on a database and places the first order.
func openRegister(t testing.TB, url string) *register {
	t.Helper()
	f := begin(t, worldOptions{manual: true}, func(cfg *config.Config) { cfg.Database.URL = config.Secret(url) })
	placed := f.place(shop(t))
	f.until(shopWorkflow, messages.Waiting)
	f.confirm("event-shop", "pending")
	f.eventually("the services are bound", func() bool { return len(f.world.operations.Bindings()) == 1 })
	f.until(shopWorkflow, messages.Waiting)
	f.watch()
	f.workers.Stop()
	r := &register{fixture: f, db: open(t, url), inserts: map[string]*sql.Stmt{}, model: map[string][]map[string]any{}}
	for _, c := range copied {
		r.model[c.table] = r.rows(`SELECT * FROM `+c.table+` WHERE `+c.where, placed.Number)
		if len(r.model[c.table]) == 0 {
			t.Fatalf("the order has no row in %s", c.table)
		}
	}
	var err error
	if r.order, err = f.Store.OrderDocument(t.Context(), placed.Number); err != nil {
		t.Fatal(err)
	}
	key, err := base64.StdEncoding.DecodeString(string(f.Config.Database.SealingKeys["sandbox"]))
	if err == nil {
		r.sealer, err = vault.NewSealer([]vault.Key{{ID: "sandbox", Material: key}})
	}
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// open opens a database to be filled: nobody needs it after a power failure.
func open(t testing.TB, url string) *sql.DB {
	t.Helper()
	driver, address := "postgres", url
	if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
		driver, address = "sqlite", "file:"+path+"?_pragma=busy_timeout(10000)&_pragma=synchronous(OFF)&_pragma=cache_size(-200000)&_txlock=immediate"
	}
	db, err := sql.Open(driver, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func (r *register) rows(query string, args ...any) []map[string]any {
	r.t.Helper()
	rows, err := r.db.QueryContext(r.t.Context(), query, args...)
	if err != nil {
		r.t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	var all []map[string]any
	for err == nil && rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		err = rows.Scan(into...)
		row := make(map[string]any, len(columns))
		for i, column := range columns {
			row[column] = values[i]
		}
		all = append(all, row)
	}
	if err := errors.Join(err, rows.Err()); err != nil {
		r.t.Fatal(err)
	}
	return all
}

const (
	attentionEvery = 100 // one in so many waiting orders needs a person
	confirmedEvery = 10  // one in so many has had a confirmation
	apart          = 5 * time.Second
	aTransaction   = 500 // orders
)

// lay lays down orders that wait, the newest of which are not started, and closed ones. Their
// operations are pending at the registrar.
func (r *register) lay(waiting, closed int) {
	r.t.Helper()
	names := make([]string, waiting)
	for n := range names {
		names[n] = crowdDomain(n)
	}
	references := r.world.netim.AddPending("domainCreate", names...)
	r.laid = laid{
		waiting: waiting, over: closed, unstarted: min(20, waiting/10), received: min(20, waiting/10), unmatched: min(50, waiting/10),
	}
	r.write(waiting+closed, func(table string, row map[string]any, n int) bool {
		r.rename(row, fmt.Sprintf("DP%08d", n+2), crowdDomain(n))
		shift(row, time.Duration(waiting+closed-n)*apart)
		ended := n >= waiting
		switch table {
		case "orders":
			row["id"], row["fingerprint"], row["customer"] = n+2, fmt.Sprintf("fingerprint-%d", n), fmt.Sprintf("customer-%d", n)
			row["document"] = r.sealed(row["number"].(string), crowdDomain(n))
		case "reserved_ids":
			row["value"] = row["value"].(int64) + int64(n+1)*100
		case "provisionings":
			r.unit(row, n, ended)
		case "registrar_operations", "registrar_operation_events":
			if n >= waiting-r.unstarted && !ended {
				return false
			}
			if ended {
				row["state"] = string(store.Done)
			}
			if table == "registrar_operation_events" {
				return true
			}
			row["reference"] = fmt.Sprint("ended-", n)
			if ended {
				row["finished_at"], row["told_at"] = row["updated_at"], row["updated_at"]
			} else {
				row["reference"] = fmt.Sprint(references[n])
			}
		case "confirmations":
			return r.confirmation(row, n)
		}
		return true
	})
}

// unit makes a copy of the unit one that is closed, needs a person, or is not started.
func (r *register) unit(row map[string]any, n int, ended bool) {
	switch {
	case ended:
		row["state"], row["shown"], row["closed_at"], row["step"] = string(store.UnitDone), string(messages.Done), row["since"], 0
	case n >= r.waiting-r.unstarted:
		row["shown"], row["step"], row["started_at"], row["shown_at"], row["start_after"] = string(messages.Running), 1, nil, nil, row["created_at"]
	case n%attentionEvery == attentionEvery/2:
		row["shown"], row["reason"] = string(messages.NeedsAttention), string(messages.ReasonDeadlinePassed)
		r.attention++
	}
}

// confirmation makes a copy of the confirmation one that waits for its delivery, or that fits no
// order. It reports false for an order that has had none.
func (r *register) confirmation(row map[string]any, n int) bool {
	row["event_id"] = fmt.Sprint("event-", n)
	switch {
	case n < r.received:
		row["state"], row["handled_at"], row["workflow_id"] = string(store.Received), nil, ""
	case n < r.received+r.unmatched:
		row["state"], row["domain"], row["workflow_id"] = string(store.Unmatched), fmt.Sprintf("unknown%d.example", n), ""
	default:
		return n%confirmedEvery == 0
	}
	return true
}

// layAlso lays down operations of another account that are pending there, without their orders.
func (r *register) layAlso(account string, references []int64) {
	r.t.Helper()
	r.write(len(references), func(table string, row map[string]any, n int) bool {
		if table != "registrar_operations" && table != "registrar_operation_events" {
			return false
		}
		r.rename(row, fmt.Sprintf("RT%08d", n), fmt.Sprintf("shop%d.%s", n, realtimeLater))
		if table == "registrar_operations" {
			row["account"], row["reference"] = account, fmt.Sprint(references[n])
		}
		return true
	})
}

// rename puts another order and domain into every text of a row.
func (r *register) rename(row map[string]any, number, domain string) {
	names := strings.NewReplacer("DP00000001", number, "shop.example", domain)
	for column, value := range row {
		if text, ok := value.(string); ok {
			row[column] = names.Replace(text)
		}
	}
}

// shift makes a row older.
func shift(row map[string]any, by time.Duration) {
	for column, value := range row {
		if at, ok := value.(time.Time); ok {
			row[column] = at.UTC().Add(-by)
		}
	}
}

func (r *register) sealed(number, domain string) string {
	sealed, err := r.sealer.Seal([]byte(strings.ReplaceAll(string(r.order), "shop.example", domain)), "order/"+number)
	if err != nil {
		r.t.Fatal(err)
	}
	return sealed
}

// write writes copies of the first order's rows as change makes them; rows of which it reports
// false are left out.
func (r *register) write(orders int, change func(table string, row map[string]any, n int) bool) {
	r.t.Helper()
	for first := 0; first < orders; first += aTransaction {
		tx, err := r.db.BeginTx(r.t.Context(), nil)
		if err != nil {
			r.t.Fatal(err)
		}
		for _, c := range copied {
			var rows []map[string]any
			for n := first; n < min(first+aTransaction, orders); n++ {
				for _, model := range r.model[c.table] {
					if row := maps.Clone(model); change(c.table, row, n) {
						rows = append(rows, row)
					}
				}
			}
			for part := range slices.Chunk(rows, 100) {
				if err := r.insert(r.t.Context(), tx, c.table, part); err != nil {
					r.t.Fatal(err)
				}
			}
		}
		if err := tx.Commit(); err != nil {
			r.t.Fatal(err)
		}
	}
}

func (r *register) insert(ctx context.Context, tx *sql.Tx, table string, rows []map[string]any) error {
	columns := slices.Sorted(maps.Keys(rows[0]))
	values := make([]string, 0, len(rows))
	args := make([]any, 0, len(rows)*len(columns))
	for _, row := range rows {
		places := make([]string, len(columns))
		for i, column := range columns {
			args = append(args, row[column])
			places[i] = fmt.Sprint("$", len(args))
		}
		values = append(values, "("+strings.Join(places, ", ")+")")
	}
	query := `INSERT INTO ` + table + ` (` + strings.Join(columns, ", ") + `) VALUES ` + strings.Join(values, ", ")
	if r.inserts[query] == nil {
		prepared, err := r.db.PrepareContext(ctx, query) //nolint:sqlclosecheck // the database closes it
		if err != nil {
			return fmt.Errorf("%s: %w", table, err)
		}
		r.inserts[query] = prepared
	}
	if _, err := tx.StmtContext(ctx, r.inserts[query]).ExecContext(ctx, args...); err != nil { //nolint:sqlclosecheck // the transaction closes it
		return fmt.Errorf("%s: %w", table, err)
	}
	return nil
}

// count tells PostgreSQL how many rows there are, as it finds out by itself after a while.
func (r *register) count() {
	r.t.Helper()
	if strings.HasPrefix(string(r.Config.Database.URL), "sqlite:") {
		return // nothing counts its rows in production either
	}
	if _, err := r.db.ExecContext(r.t.Context(), `VACUUM ANALYZE`); err != nil {
		r.t.Fatal(err)
	}
}
