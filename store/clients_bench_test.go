package store_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"domainprovisioning/internal/postgrestest"
	"domainprovisioning/store"
)

// BenchmarkListOfAClient lists the orders of a client that has few of many, and of one that has
// nearly all.
func BenchmarkListOfAClient(b *testing.B) {
	const many = 300_000
	for name, url := range map[string]func(b *testing.B) string{
		"sqlite":   func(b *testing.B) string { b.Helper(); return "sqlite:" + filepath.Join(b.TempDir(), "store.db") },
		"postgres": func(b *testing.B) string { b.Helper(); return postgrestest.URL(b) },
	} {
		b.Run(name, func(b *testing.B) {
			s := open(b, url(b), nil)
			for _, client := range []string{"rare", "shop"} {
				order := acceptance("1", client+".example", client)
				order.Client = client
				if _, err := s.AcceptOrder(b.Context(), order); err != nil {
					b.Fatal(err)
				}
			}
			copies := func(table, of string, changed map[string]string) {
				columns, err := s.Columns(table)
				if err != nil {
					b.Fatal(err)
				}
				values := make([]string, len(columns))
				for n, column := range columns {
					if values[n] = changed[column]; values[n] == "" {
						values[n] = column
					}
				}
				err = s.Raw(fmt.Sprintf(`WITH RECURSIVE numbers (n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM numbers WHERE n < %d)
					INSERT INTO %s (%s) SELECT %s FROM %s, numbers WHERE %s = 'shop:1'`,
					many, table, strings.Join(columns, ", "), strings.Join(values, ", "), table, of))
				if err != nil {
					b.Fatal(err)
				}
			}
			copies("orders", "number", map[string]string{"number": "'shop:' || n", "label": "CAST(n AS text)", "id": "n + 10"})
			copies("provisionings", "order_number", map[string]string{
				"order_number": "'shop:' || n", "workflow_id": "'domain-provisioning/' || n || '.example'", "domain": "n || '.example'",
			})
			if err := s.Raw("ANALYZE"); err != nil {
				b.Fatal(err)
			}
			for client, want := range map[string]int{"rare": 1, "shop": 50, "none": 0} {
				b.Run(client, func(b *testing.B) {
					for b.Loop() {
						if units, err := s.Units(b.Context(), store.UnitFilter{Client: client, Limit: 50}); err != nil || len(units) != want {
							b.Fatalf("%d orders, %v", len(units), err)
						}
					}
				})
			}
		})
	}
}
