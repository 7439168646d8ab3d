package postgrestest

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// pooler is started at first use, once per test process, and runs until the process ends.
var pooler = sync.OnceValues(findPooler)

// PooledURL returns the address of a fresh, empty database behind PgBouncer in transaction mode:
// each transaction, and each statement outside of one, may get another connection to the server.
// The server's own time-outs for connections are off there, as a new server's are. If PgBouncer is
// not installed, the test is skipped, unless TEST_PGBOUNCER_REQUIRED is set.
func PooledURL(tb testing.TB) string {
	tb.Helper()
	return Pooled(tb, URL(tb))
}

// Pooled returns the address of a database behind PgBouncer, as PooledURL does.
func Pooled(tb testing.TB, address string) string {
	tb.Helper()
	direct, err := url.Parse(address)
	if err != nil {
		tb.Fatal("the database's address cannot be parsed")
	}
	p, err := pooler()
	if err != nil {
		if os.Getenv("TEST_PGBOUNCER_REQUIRED") != "" {
			tb.Fatalf("PgBouncer is required here: %v", err)
		}
		tb.Skipf("skipped without PgBouncer: %v", err)
	}
	return throughPooler(p.dir, direct.Path)
}

// throughPooler is the address of a database behind PgBouncer.
func throughPooler(dir, database string) string {
	pooled := url.URL{
		Scheme: "postgres", User: url.User("pooled"), Path: database,
		RawQuery: url.Values{"host": {dir}, "port": {poolerPort}, "sslmode": {"disable"}}.Encode(),
	}
	return pooled.String()
}

// poolerPort is a part of the socket's name only: nothing listens on a port.
const poolerPort = "6432"

// pooling is PgBouncer in front of the tests' server.
type pooling struct {
	dir string // of its socket
	// lifeline is the standard input of its guard. Only the end of this process may close it.
	lifeline io.WriteCloser
}

func findPooler() (p pooling, err error) {
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		program = "/usr/sbin/pgbouncer"
		if _, err := os.Stat(program); err != nil {
			return p, errors.New("install the pgbouncer package")
		}
	}
	found, err := server()
	if err != nil {
		return p, err
	}
	admin, err := url.Parse(found.admin)
	if err != nil {
		return p, errors.New("TEST_POSTGRES_URL cannot be parsed")
	}
	dir, err := os.MkdirTemp("", "pgbouncer")
	if err != nil {
		return p, err
	}
	settings := fmt.Sprintf(`[databases]
* = %s
[pgbouncer]
pool_mode = transaction
default_pool_size = 5
max_client_conn = 1000
auth_type = any
listen_port = %s
unix_socket_dir = %s
pidfile = %s
logfile = %s
`, target(admin), poolerPort, dir, filepath.Join(dir, "pid"), filepath.Join(dir, "log"))
	if p.lifeline, err = startPooler(dir, program, settings); err != nil {
		return p, err
	}
	p.dir = dir
	if err := waitReady(throughPooler(dir, admin.Path)); err != nil {
		log, _ := os.ReadFile(filepath.Join(dir, "log"))
		return p, fmt.Errorf("%w: %s", err, log)
	}
	return p, nil
}

// target is a server in PgBouncer's form.
func target(admin *url.URL) string {
	host := admin.Query().Get("host")
	if host == "" {
		host = admin.Hostname()
	}
	parts := []string{"host=" + host, "user=" + admin.User.Username()}
	if port := admin.Port(); port != "" {
		parts = append(parts, "port="+port)
	}
	if password, ok := admin.User.Password(); ok {
		parts = append(parts, "password="+password)
	}
	return strings.Join(parts, " ")
}
