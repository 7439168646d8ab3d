package postgrestest

import (
	"database/sql"
	"os"
	"testing"
)

// TestAClusterComesBackWithWhatWasCommitted: a crash loses the connections and nothing
// else.
func TestAClusterComesBackWithWhatWasCommitted(t *testing.T) {
	c, err := Start()
	if err != nil {
		if os.Getenv("TEST_POSTGRES_REQUIRED") != "" {
			t.Fatal(err)
		}
		t.Skipf("skipped without PostgreSQL: %v", err)
	}
	t.Cleanup(func() {
		if err := c.Stop(); err != nil {
			t.Error(err)
		}
	})
	db, err := sql.Open("postgres", c.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), "CREATE TABLE kept (value integer); INSERT INTO kept VALUES (7)"); err != nil {
		t.Fatal(err)
	}
	before, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer before.Close()
	if err := c.Restart(); err != nil {
		t.Fatal(err)
	}
	// The old connection ends with its server.
	for before.PingContext(t.Context()) == nil {
	}
	if err := waitReady(c.URL()); err != nil {
		t.Fatal(err)
	}
	var value int
	if err := db.QueryRowContext(t.Context(), "SELECT value FROM kept").Scan(&value); err != nil || value != 7 {
		t.Errorf("%d, %v", value, err)
	}
}
