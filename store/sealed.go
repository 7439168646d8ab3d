package store

import (
	"fmt"
	"strconv"
	"strings"
)

// resealed is a column of a table that Reseal goes through.
type resealed struct {
	kind, table, column string
	// key is the primary key of the table, of at most three columns.
	key []string
	// order and workflow are columns that say which order a value belongs to; "" if none does.
	order, workflow string
	// without is what begins the values that are as they should be.
	without string
}

// selects returns the values that are not as they should be, after a place or from the start.
func (r resealed) selects(after bool) string {
	names := [3]string{"''", "''", "''"}
	for n, name := range r.key {
		names[n] = "CAST(" + name + " AS text)"
	}
	or := func(column string) string {
		if column == "" {
			return "''"
		}
		return column
	}
	// No name here is that of a column: ORDER BY would take it for the value that is selected.
	query := fmt.Sprintf(`SELECT %s AS a, %s AS b, %s AS c, %s AS value, %s AS of_order, %s AS of_workflow FROM %s WHERE %s <> '' AND %s NOT LIKE '%s%%'`,
		names[0], names[1], names[2], r.column, or(r.order), or(r.workflow), r.table, r.column, r.column, r.without)
	if after {
		numbers := []string{"$2", "$3", "$4"}[:len(r.key)]
		query += ` AND (` + strings.Join(r.key, ", ") + `) > (` + strings.Join(numbers, ", ") + `)`
	}
	return query
}

// page is selects of the next values in the order of the primary key: $1 is how many.
func (r resealed) page(after bool) string {
	return r.selects(after) + ` ORDER BY ` + strings.Join(r.key, ", ") + ` LIMIT $1`
}

// at is the condition of a place, and that the value is the one that was read: $1 is the value,
// the place follows.
func (r resealed) at() string {
	conditions := append(make([]string, 0, 1+len(r.key)), r.column+" = $1")
	for n, name := range r.key {
		conditions = append(conditions, fmt.Sprintf("%s = $%d", name, n+2))
	}
	return strings.Join(conditions, " AND ")
}

// placed is a value with its place in its table.
type placed struct {
	A     string `db:"a"`
	B     string `db:"b"`
	C     string `db:"c"`
	Value string `db:"value"`
	// Number is the order that it belongs to, and Workflow the workflow that tells it; "" is none.
	Number   string `db:"of_order"`
	Workflow string `db:"of_workflow"`
}

// place is the primary key as arguments.
func (r resealed) place(row placed) []any { return []any{row.A, row.B, row.C}[:len(r.key)] }

// sealedColumn is where values are that a sealing key may have sealed itself.
type sealedColumn struct {
	resealed

	// context is what the value is bound to, and orderOf the order that it belongs to where no
	// column says so; nil if one does.
	context, orderOf func(row placed) string
}

func sealedColumns() []sealedColumn {
	const enveloped = "~"
	hook := func(row placed) string { return "hook/" + row.A }
	return []sealedColumn{
		{
			resealed{"orders", "orders", "document", []string{"number"}, "number", "", enveloped},
			func(row placed) string { return sealedOrder(row.A) }, nil,
		},
		{
			resealed{"revisions", "order_revisions", "document", []string{"order_number", "revision"}, "order_number", "", enveloped},
			func(row placed) string {
				revision, _ := strconv.Atoi(row.B) // it is the text of a number
				return sealedRevision(row.A, revision)
			}, nil,
		},
		{
			resealed{"secrets", "secrets", "sealed", []string{"reference"}, "", "", enveloped},
			func(row placed) string { return "secret/" + row.A }, func(row placed) string { return orderOfSecret(row.A) },
		},
		{
			resealed{"quotes", "quotes", "sealed", []string{"reference"}, "order_number", "workflow_id", enveloped},
			func(row placed) string { return "quote/" + row.A }, nil,
		},
		{
			resealed{"answers", "idempotency_keys", "answer", []string{"client", "key"}, "order_number", "", enveloped},
			func(row placed) string { return Idempotency{Client: row.A, Key: row.B}.sealedAnswer() }, nil,
		},
		{resealed{"secrets of endpoints", "hooks", "secret", []string{"id"}, "", "", enveloped}, hook, nil},
		{resealed{"old secrets of endpoints", "hooks", "old_secret", []string{"id"}, "", "", enveloped}, hook, nil},
		{
			resealed{"sessions", "registrar_sessions", "sealed", []string{"pool", "number"}, "", "", enveloped},
			func(row placed) string { return "session/" + row.A + "/" + row.B }, nil,
		},
	}
}

// digestColumn is where plain digests may be.
type digestColumn struct {
	resealed

	purpose string
}

func digestColumns() []digestColumn {
	const keyed = "*:"
	return []digestColumn{
		{resealed{"plain digests of orders", "orders", "fingerprint", []string{"number"}, "", "", keyed}, ofFingerprint},
		{resealed{"plain digests of requests", "idempotency_keys", "request", []string{"client", "key"}, "order_number", "", keyed}, ofRequest},
		{resealed{"plain digests of contacts", "registrar_contacts", "digest", []string{"account", "owner_key", "digest"}, "", "", keyed}, ofContact},
	}
}
