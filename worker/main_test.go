package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"domainprovisioning/assembly"
	"domainprovisioning/config"
	"domainprovisioning/internal/exampleconfig"
	"domainprovisioning/internal/selfsigned"
)

const exampleFile = "../config/example.yaml"

// configured points the worker at config/example.yaml with a fresh SQLite database and a
// Temporal that does not exist.
func configured(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	t.Setenv(config.FileVariable, exampleFile)
	for _, setting := range exampleconfig.Environment() {
		name, value, _ := strings.Cut(setting, "=")
		t.Setenv(name, value)
	}
	t.Setenv("DP_DATABASE_URL", "sqlite:"+filepath.Join(dir, "orders.db"))
	t.Setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
	t.Setenv("DP_WORKER_ADDRESS", "127.0.0.1:0")
	t.Setenv("TEMPORAL_CONFIG_FILE", "")
	t.Setenv("XDG_CONFIG_HOME", dir)
	t.Setenv("HOME", dir)
}

func migrate(t *testing.T) {
	t.Helper()
	cfg, err := assembly.Load(exampleFile, append(exampleconfig.Environment(), "DP_DATABASE_URL=sqlite:"+filepath.Join(t.TempDir(), "orders.db")))
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("DP_DATABASE_URL", string(cfg.Database.URL))
	opened, err := assembly.OpenStore(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = opened.Close() }()
	if _, err := opened.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestFlags(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), []string{"-h"}, io.Discard, &out); err != nil || !strings.Contains(out.String(), "-config string") {
		t.Errorf("help is no error: %v, %q", err, out.String())
	}
	for args, want := range map[string]string{
		"-nonsense":       "flag provided but not defined: -nonsense; -h lists the flags",
		"-config":         "flag needs an argument: -config; -h lists the flags",
		"start":           `unexpected argument "start"; the worker takes flags only`,
		"-config /no/x":   "config: /no/x does not exist; copy config/example.yaml there",
		"--config=/no/yz": "config: /no/yz does not exist",
	} {
		var out bytes.Buffer
		err := run(t.Context(), strings.Fields(args), io.Discard, &out)
		if err == nil || !strings.Contains(err.Error(), want) || out.Len() > 0 {
			t.Errorf("%s: got %v and %q, want %q", args, err, out.String(), want)
		}
	}
}

func TestTheVersionIsPrinted(t *testing.T) {
	var out bytes.Buffer
	err := run(t.Context(), []string{"--version"}, &out, io.Discard)
	if want := assembly.ThisVersion().Line("worker") + "\n"; err != nil || out.String() != want {
		t.Errorf("got %q, %v, want %q", out.String(), err, want)
	}
}

// TestTheImageIsToldItsVersion builds as the Dockerfile does, from a context without a checkout.
func TestTheImageIsToldItsVersion(t *testing.T) {
	dockerfile, err := os.ReadFile(filepath.Join("..", "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	flags := regexp.MustCompile(`-ldflags="([^"]*\$\{VERSION\}[^"]*)"`).FindSubmatch(dockerfile)
	if flags == nil || !bytes.Contains(dockerfile, []byte("\nARG VERSION=\n")) {
		t.Fatal("the Dockerfile gives no version to its build")
	}
	program := filepath.Join(t.TempDir(), "worker")
	build := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-o", program, "-ldflags="+strings.ReplaceAll(string(flags[1]), "${VERSION}", "v9.8.7"), ".")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	if output, err := exec.CommandContext(t.Context(), program, "--version").Output(); err != nil || !strings.HasPrefix(string(output), "worker v9.8.7, ") {
		t.Errorf("%s, %v", output, err)
	}
}

// A supervisor must tell a configuration that starting again does not mend from a server that
// may return.
func TestExitCodes(t *testing.T) {
	for name, c := range map[string]struct {
		args        []string
		environment map[string]string
		migrated    bool
		want        assembly.ExitCode
	}{
		"an unknown flag":       {[]string{"-nonsense"}, nil, false, assembly.ExitUsage},
		"an argument":           {[]string{"start"}, nil, false, assembly.ExitUsage},
		"no configuration":      {[]string{"-config", "/no/x"}, nil, false, assembly.ExitRefused},
		"a mistake":             {nil, map[string]string{"DP_WORKER_ACTIVITIES": "many"}, false, assembly.ExitRefused},
		"no such certificate":   {nil, map[string]string{"DP_OPERATIONS_CA_FILE": "/no/x"}, false, assembly.ExitRefused},
		"no database":           {nil, map[string]string{"DP_DATABASE_URL": "postgres://u:p@127.0.0.1:1/x?sslmode=disable"}, false, assembly.ExitUnreachable},
		"no migrations":         {nil, nil, false, assembly.ExitFailed},
		"Temporal is not there": {nil, nil, true, assembly.ExitUnreachable},
	} {
		t.Run(name, func(t *testing.T) {
			configured(t)
			if c.migrated {
				migrate(t)
			}
			for variable, value := range c.environment {
				t.Setenv(variable, value)
			}
			if err := run(t.Context(), c.args, io.Discard, io.Discard); assembly.ExitCodeOf(err) != c.want {
				t.Errorf("got %v of %v, want %v", assembly.ExitCodeOf(err), err, c.want)
			}
		})
	}
}

func TestTheConfigurationFileIsFound(t *testing.T) {
	t.Setenv(config.FileVariable, "/nowhere/from-variable.yaml")
	for args, want := range map[string]string{
		"":                           "/nowhere/from-variable.yaml",
		"-config /nowhere/flag.yaml": "/nowhere/flag.yaml",
	} {
		if err := run(t.Context(), strings.Fields(args), io.Discard, new(bytes.Buffer)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", args, err, want)
		}
	}
	t.Setenv(config.FileVariable, "")
	if err := run(t.Context(), nil, io.Discard, new(bytes.Buffer)); err == nil || !strings.Contains(err.Error(), config.DefaultFile+" does not exist") {
		t.Errorf("got %v", err)
	}
}

// TestWrongSurroundingsStopTheWorkerAtItsStart: the error is one line with the remedy,
// and no worker has started.
func TestWrongSurroundingsStopTheWorkerAtItsStart(t *testing.T) {
	for name, c := range map[string]struct {
		variable, value string
		migrated        bool
		want            string
	}{
		"wrong value":       {"DP_WORKER_ACTIVITIES", "0", false, "config: worker.activities is 0 and must be at least 1"},
		"unknown variable":  {"DP_WORKER_ACTIVITY", "1", false, "config: the environment variable DP_WORKER_ACTIVITY fits no key"},
		"unknown plug-in":   {"DP_REGISTRARS_NETIM_MAIN_PLUGIN", "gandi", false, `registrars.netim-main.plugin is "gandi"`},
		"no CA file":        {"DP_BILLING_CA_FILE", "/nowhere/ca.pem", false, "config: billing.ca_file: "},
		"no database":       {"DP_DATABASE_URL", "postgres://u:hunter2@127.0.0.1:1/x?sslmode=disable", false, "correct database.url"},
		"no migrations":     {"DP_WORKER_ACTIVITIES", "5", false, "store: the database lacks migrations; run `starter migrate`"},
		"no Temporal":       {"TEMPORAL_ADDRESS", "127.0.0.1:1", true, "temporal: 127.0.0.1:1 cannot be reached: "},
		"Temporal settings": {"TEMPORAL_PROFILE", "nowhere", true, "temporal: the TEMPORAL_* settings: "},
	} {
		t.Run(name, func(t *testing.T) {
			configured(t)
			if c.migrated {
				migrate(t)
			}
			t.Setenv(c.variable, c.value)
			var log bytes.Buffer
			err := run(t.Context(), nil, io.Discard, &log)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, want %q", err, c.want)
			}
			if strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "hunter2") || strings.Contains(log.String(), "worker started") {
				t.Errorf("got %q, log %q", err, log.String())
			}
		})
	}
}

// TestAWorkerTellsWhatOfItsAccountsHasExpired, and goes on, because others have work to do. The gateway's
// certificate is not its business.
func TestAWorkerTellsWhatOfItsAccountsHasExpired(t *testing.T) {
	configured(t)
	migrate(t)
	example, err := os.ReadFile(exampleFile)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	certificate, key := selfsigned.Write(t, dir, 1, selfsigned.Life{Until: time.Now().Add(-time.Hour)})
	account := "  epp-main:\n    plugin: epp\n    url: epp://epp.registry.example\n    login: registrar1\n    password: change-me\n" +
		"    epp:\n      certificate_file: " + certificate + "\n      key_file: " + key + "\n"
	file := filepath.Join(dir, "config.yaml")
	if err := os.WriteFile(file, []byte(exampleconfig.Fill(strings.Replace(string(example), "  # epp-main:\n", account, 1))), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("DP_GATEWAY_TLS_CERT_FILE", certificate)
	t.Setenv("DP_GATEWAY_TLS_KEY_FILE", key)
	var log bytes.Buffer
	err = run(t.Context(), []string{"-config", file}, io.Discard, &log)
	if err == nil || assembly.ExitCodeOf(err) != assembly.ExitUnreachable || strings.Count(log.String(), " has expired on ") != 1 ||
		!strings.Contains(log.String(), `"msg":"registrars.epp-main.epp.certificate_file has expired on `) {
		t.Errorf("%v, %s", err, log.String())
	}
}

func TestAWorkerThatIsStoppedWhileItStartsEnds(t *testing.T) {
	configured(t)
	migrate(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := run(ctx, nil, io.Discard, new(bytes.Buffer)); err == nil {
		t.Error("a worker that never started reports success")
	}
}

// told is a log that sends a message after each write.
type told struct {
	mu    sync.Mutex
	text  bytes.Buffer
	lines chan struct{}
}

func (l *told) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer func() {
		select {
		case l.lines <- struct{}{}:
		default:
		}
	}()
	return l.text.Write(p)
}

func (l *told) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// TestASlowTemporalIsWaitedFor: a server is listening but does not answer in time, as one
// that has just started.
func TestASlowTemporalIsWaitedFor(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for a time-out of ten seconds")
	}
	configured(t)
	migrate(t)
	silent, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	t.Setenv("TEMPORAL_ADDRESS", silent.Addr().String())
	ctx, cancel := context.WithCancel(t.Context())
	log := &told{lines: make(chan struct{}, 1)}
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, nil, io.Discard, log) }()
	for !strings.Contains(log.String(), "the start waits for it") {
		select {
		case <-log.lines:
		case err := <-ended:
			t.Fatalf("the worker has ended: %v\n%s", err, log)
		}
	}
	cancel()
	if err := <-ended; err == nil {
		t.Error("a worker that never started reports success")
	}
}
