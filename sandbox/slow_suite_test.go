package main

import (
	"os"
	"testing"
)

// slow skips a test that waits for minutes, unless `make slow` runs it: beside all
// others the package would take longer than the ten minutes that `go test` gives it.
func slow(t *testing.T) {
	t.Helper()
	if os.Getenv("SLOW_TESTS") == "" {
		t.Skip("skipped: it takes minutes; make slow runs it")
	}
}
