//go:build unix

package postgrestest

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// watchdog runs the server until its standard input closes, which happens when the test
// process ends, for whatever reason. A line on the input makes the server crash and start
// again.
const watchdog = `
start() {
	"$1" -D "$2/data" -k "$2" -c listen_addresses= -c fsync=off -c full_page_writes=off -c max_connections=200 >>"$2/log" 2>&1 &
	server=$!
}
end() {
	kill -QUIT $server
	wait $server
}
start "$1" "$2"
while read -r _; do
	end
	start "$1" "$2"
done
end
rm -rf "$2"
`

// startCluster creates a cluster in a temporary folder and starts it on a socket in the
// same folder, so that it needs no port.
func startCluster(bin string) (cluster, error) {
	dir, err := os.MkdirTemp("", "postgrestest")
	if err != nil {
		return cluster{}, err
	}
	run, err := owner(dir)
	if err != nil {
		return cluster{}, err
	}
	initdb := run(filepath.Join(bin, "initdb"), "-D", filepath.Join(dir, "data"), "-U", "postgres",
		"-A", "trust", "--no-sync", "--no-locale", "-E", "UTF8")
	if output, err := initdb.CombinedOutput(); err != nil {
		return cluster{}, fmt.Errorf("initdb: %w: %s", err, output)
	}
	server := run("sh", "-c", watchdog, "sh", filepath.Join(bin, "postgres"), dir)
	lifeline, err := server.StdinPipe()
	if err != nil {
		return cluster{}, err
	}
	if err := server.Start(); err != nil {
		return cluster{}, err
	}
	admin := url.URL{
		Scheme: "postgres", User: url.User("postgres"), Path: "/postgres",
		RawQuery: url.Values{"host": {dir}, "sslmode": {"disable"}}.Encode(),
	}
	if err := waitReady(admin.String()); err != nil {
		log, _ := os.ReadFile(filepath.Join(dir, "log"))
		return cluster{}, fmt.Errorf("%w: %s", err, log)
	}
	return cluster{admin: admin.String(), lifeline: lifeline, room: room(dir)}, nil
}

// owner gives the folder to the account that the servers run as, and returns how to run a program
// as that account. The program outlives the test that starts it, and has a process group of its
// own.
func owner(dir string) (run func(name string, args ...string) *exec.Cmd, err error) {
	account, err := unprivileged()
	if err != nil {
		return nil, err
	}
	if account != nil {
		if err := os.Chown(dir, int(account.Uid), int(account.Gid)); err != nil {
			return nil, err
		}
	}
	return func(name string, args ...string) *exec.Cmd {
		cmd := exec.CommandContext(context.Background(), name, args...)
		cmd.Dir = dir
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: account, Setpgid: true}
		return cmd
	}, nil
}

// startPooler runs PgBouncer until the lifeline closes.
func startPooler(dir, program, settings string) (lifeline io.WriteCloser, err error) {
	run, err := owner(dir)
	if err != nil {
		return nil, err
	}
	// The account must be able to read the file, which may hold a password.
	file := filepath.Join(dir, "pgbouncer.ini")
	write := run("sh", "-c", `umask 077; cat >"$1"`, "sh", file)
	write.Stdin = strings.NewReader(settings)
	if output, err := write.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%w: %s", err, output)
	}
	guarded := run("sh", "-c", guard, "sh", program, file, dir)
	if lifeline, err = guarded.StdinPipe(); err != nil {
		return nil, err
	}
	return lifeline, guarded.Start()
}

// guard runs PgBouncer until its standard input closes.
const guard = `
"$1" -q "$2" >>"$3/log" 2>&1 &
read -r _
kill -QUIT $!
wait
rm -rf "$3"
`

// unprivileged returns the account that the server runs as, because the server refuses
// root.
func unprivileged() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	account, err := user.Lookup("postgres")
	if err != nil {
		account, err = user.Lookup("nobody")
	}
	if err != nil {
		return nil, fmt.Errorf("no account to run PostgreSQL as: %w", err)
	}
	uid, err := strconv.ParseUint(account.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(account.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}
