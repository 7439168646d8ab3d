// Package postgrestest gives tests a PostgreSQL database of their own: in the
// server that TEST_POSTGRES_URL names, or else in a throw-away cluster made from
// the binaries that are installed. Where neither is there, the test is skipped,
// unless TEST_POSTGRES_REQUIRED is set.
package postgrestest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	_ "github.com/lib/pq" // the driver
)

// server starts one cluster a test process, at first use.
var server = sync.OnceValues(findServer) //nolint:gochecknoglobals // one cluster a process

var databases atomic.Int64 //nolint:gochecknoglobals // names databases

// URL returns the address of a fresh, empty database.
func URL(t testing.TB) string {
	t.Helper()
	admin, err := server()
	if err != nil {
		if os.Getenv("TEST_POSTGRES_REQUIRED") != "" {
			t.Fatalf("PostgreSQL is required here: %v", err)
		}
		t.Skipf("skipped without PostgreSQL: %v", err)
	}
	db, err := sql.Open("postgres", admin)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	name := fmt.Sprintf("test_%d_%d", os.Getpid(), databases.Add(1))
	if _, err := db.ExecContext(t.Context(), "CREATE DATABASE "+name+" TEMPLATE template0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// t.Context has ended by now.
		if _, err := db.ExecContext(context.Background(), "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("drop %s: %v", name, err)
		}
	})
	u, err := url.Parse(admin)
	if err != nil {
		t.Fatal("TEST_POSTGRES_URL cannot be parsed")
	}
	u.Path = "/" + name
	return u.String()
}

func findServer() (string, error) {
	if admin := os.Getenv("TEST_POSTGRES_URL"); admin != "" {
		return admin, nil
	}
	bin, err := binaries()
	if err != nil {
		return "", err
	}
	return startCluster(bin)
}

// binaries finds the folder of initdb and postgres: on the PATH, or where Debian
// puts them, the newest version first.
func binaries() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path), nil
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		return "", errors.New("set TEST_POSTGRES_URL or install the postgresql package")
	}
	slices.Sort(found)
	return filepath.Dir(found[len(found)-1]), nil
}

// waitReady returns when the server takes connections.
func waitReady(admin string) error {
	db, err := sql.Open("postgres", admin)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		err := db.PingContext(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the throw-away cluster does not answer: %w", err)
		case <-ticker.C:
		}
	}
}
