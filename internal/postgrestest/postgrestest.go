// Package postgrestest gives each test its own PostgreSQL database: in the server that
// TEST_POSTGRES_URL names, or else in a throw-away cluster from the installed binaries.
// If there is neither, the test is skipped, unless TEST_POSTGRES_REQUIRED is set.
package postgrestest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
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

// server is started at first use, once per test process, and runs until the process ends.
var server = sync.OnceValues(findServer)

// databases numbers the databases of this process, and kept counts those that no test uses any more.
var databases, kept atomic.Int64

// cluster is a server in which databases are created.
type cluster struct {
	admin string // URL of a database from which others are created
	// lifeline is the standard input of a throw-away cluster's watchdog. Only the end of
	// this process may close it.
	lifeline io.WriteCloser
	// room is how many databases that no test uses any more are kept, until the cluster is removed.
	// On Linux, ext4 looks at each file that was removed in the last seconds when it makes a new one:
	// after some removed databases of a thousand files each, making one takes ten times as long.
	room int
}

// mostKept is the largest room.
const mostKept = 400

// Cluster is a throw-away cluster for a program that makes its database crash.
type Cluster struct{ cluster }

// Start creates a cluster from the installed binaries and starts it. It ends with this
// process or with Stop.
func Start() (*Cluster, error) {
	bin, err := binaries()
	if err != nil {
		return nil, fmt.Errorf("postgrestest: %w", err)
	}
	started, err := startCluster(bin)
	if err != nil {
		return nil, fmt.Errorf("postgrestest: %w", err)
	}
	return &Cluster{started}, nil
}

// URL returns the address of the cluster's first database, which is empty.
func (c *Cluster) URL() string { return c.admin }

// Restart kills the server and all connections, without a shutdown, and starts it again.
// It does not wait until the server answers.
func (c *Cluster) Restart() error {
	if _, err := io.WriteString(c.lifeline, "restart\n"); err != nil {
		return fmt.Errorf("postgrestest: restart: %w", err)
	}
	return nil
}

// Stop stops the server and removes the cluster.
func (c *Cluster) Stop() error { return c.lifeline.Close() }

// URL returns the address of a fresh, empty database.
func URL(tb testing.TB) string {
	tb.Helper()
	return fresh(tb, needed(tb), "template0")
}

func needed(tb testing.TB) cluster {
	tb.Helper()
	found, err := server()
	if err != nil {
		if os.Getenv("TEST_POSTGRES_REQUIRED") != "" {
			tb.Fatalf("PostgreSQL is required here: %v", err)
		}
		tb.Skipf("skipped without PostgreSQL: %v", err)
	}
	return found
}

// Template is a database that tests get copies of, which takes less time than to prepare each.
type Template struct {
	// Prepare fills the database of an URL, and leaves no connection to it.
	Prepare func(url string) error

	once sync.Once
	name string
	err  error
}

// URL returns the address of a copy. A server that is not ours would keep the template: there the
// database is empty.
func (t *Template) URL(tb testing.TB) string {
	tb.Helper()
	found := needed(tb)
	if found.lifeline == nil {
		return fresh(tb, found, "template0")
	}
	t.once.Do(func() { t.name, t.err = t.create(found) })
	if t.err != nil {
		tb.Fatal(t.err)
	}
	return fresh(tb, found, t.name)
}

func (t *Template) create(found cluster) (name string, err error) {
	db, err := sql.Open("postgres", found.admin)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	name = fmt.Sprintf("template_%d_%d", os.Getpid(), databases.Add(1))
	if _, err := db.ExecContext(context.Background(), "CREATE DATABASE "+name+" TEMPLATE template0"); err != nil {
		return "", err
	}
	address, err := at(found, name)
	if err != nil {
		return "", err
	}
	return name, t.Prepare(address)
}

// at is the address of a database of a server.
func at(found cluster, name string) (string, error) {
	u, err := url.Parse(found.admin)
	if err != nil {
		return "", errors.New("TEST_POSTGRES_URL cannot be parsed")
	}
	u.Path = "/" + name
	return u.String(), nil
}

func fresh(tb testing.TB, found cluster, template string) string {
	tb.Helper()
	db, err := sql.Open("postgres", found.admin)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = db.Close() })
	name := fmt.Sprintf("test_%d_%d", os.Getpid(), databases.Add(1))
	if _, err := db.ExecContext(tb.Context(), "CREATE DATABASE "+name+" TEMPLATE "+template); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		end := "DROP DATABASE " + name + " WITH (FORCE)"
		if int(kept.Add(1)) <= found.room {
			end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + name + "'" // such as a pooler's
		}
		// tb.Context has ended by now.
		if _, err := db.ExecContext(context.Background(), end); err != nil {
			tb.Errorf("end %s: %v", name, err)
		}
	})
	address, err := at(found, name)
	if err != nil {
		tb.Fatal(err)
	}
	return address
}

func findServer() (cluster, error) {
	if admin := os.Getenv("TEST_POSTGRES_URL"); admin != "" {
		return cluster{admin: admin}, nil
	}
	bin, err := binaries()
	if err != nil {
		return cluster{}, err
	}
	return startCluster(bin)
}

// binaries finds the folder of initdb and postgres: on the PATH, or where Debian installs
// them, newest version first.
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

// waitReady returns when the server accepts connections.
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
