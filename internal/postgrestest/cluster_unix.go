//go:build unix

package postgrestest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
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
	account, err := unprivileged()
	if err != nil {
		return cluster{}, err
	}
	if account != nil {
		if err := os.Chown(dir, int(account.Uid), int(account.Gid)); err != nil {
			return cluster{}, err
		}
	}
	run := func(name string, args ...string) *exec.Cmd {
		cmd := exec.CommandContext(context.Background(), name, args...) // outlives the test that starts it
		cmd.Dir = dir
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: account, Setpgid: true}
		return cmd
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
	return cluster{admin: admin.String(), lifeline: lifeline}, nil
}

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
