package store_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"domainprovisioning/internal/postgrestest"
)

// BenchmarkAcceptOrder is what it costs to store an order, with its data key.
func BenchmarkAcceptOrder(b *testing.B) {
	for name, url := range map[string]func(testing.TB) string{
		"sqlite":   func(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "accept.db") },
		"postgres": postgrestest.URL,
	} {
		b.Run(name, func(b *testing.B) {
			s, n := open(b, url(b), nil), 0
			for b.Loop() {
				n++
				order := acceptance(fmt.Sprintf("SO-%d", n), fmt.Sprintf("shop%d.example", n), `{"customer":{}}`)
				if _, err := s.AcceptOrder(b.Context(), order); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
