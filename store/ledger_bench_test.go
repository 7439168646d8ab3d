package store_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"domainprovisioning/internal/postgrestest"
	"domainprovisioning/store"
)

// BenchmarkClaim measures what a request costs in addition to the intention: one
// conditional write.
func BenchmarkClaim(b *testing.B) {
	for name, url := range map[string]func() string{
		"sqlite":   func() string { return "sqlite:" + filepath.Join(b.TempDir(), "store.db") },
		"postgres": func() string { return postgrestest.URL(b) },
	} {
		b.Run(name, func(b *testing.B) {
			s := open(b, url(), nil)
			for n := range 1000 {
				if _, _, err := s.Intend(b.Context(), store.Intention{
					Key: fmt.Sprint("k/", n), Account: "a", Kind: "registration", Domain: "shop.example", WorkflowID: "w",
				}); err != nil {
					b.Fatal(err)
				}
			}
			n := 0
			for b.Loop() {
				if err := s.Claim(b.Context(), fmt.Sprint("k/", n%1000), 1, time.Hour); err != nil {
					b.Fatal(err)
				}
				n++
			}
		})
	}
}
