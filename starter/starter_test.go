package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"domainprovisioning/internal/exampleconfig"
	"domainprovisioning/vault"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestMain lets a test run this binary as the program itself.
func TestMain(m *testing.M) {
	if os.Getenv("STARTER_TEST_MAIN") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// result is what a run of the program printed and returned.
type result struct {
	out, errOut string
	err         error
}

func start(t *testing.T, input string, args ...string) result {
	t.Helper()
	var out, errOut bytes.Buffer
	err := run(t.Context(), args, strings.NewReader(input), &out, &errOut)
	return result{out.String(), errOut.String(), err}
}

// configured points the program at a changed config/example.yaml with a fresh SQLite
// database and a Temporal that does not exist. It returns the database's file.
func configured(t *testing.T, replacements ...string) string {
	t.Helper()
	content, err := os.ReadFile("../config/example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(replacements); i += 2 {
		if !strings.Contains(string(content), replacements[i]) {
			t.Fatalf("the example lacks %q", replacements[i])
		}
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "config.yaml")
	text := exampleconfig.Fill(strings.NewReplacer(replacements...).Replace(string(content)))
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	database := filepath.Join(dir, "orders.db")
	t.Setenv("DOMAINPROVISIONING_CONFIG", file)
	t.Setenv("DP_DATABASE_URL", "sqlite:"+database)
	t.Setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
	t.Setenv("TEMPORAL_CONFIG_FILE", "")
	t.Setenv("XDG_CONFIG_HOME", dir)
	t.Setenv("HOME", dir)
	return database
}

func TestHelp(t *testing.T) {
	for _, name := range []string{"", "order", "batch", "batch cancel", "batch results", "domains", "domains import", "domain", "domain renewal", "domain left", "domain look", "domain restore", "drift", "drift repair", "status", "watch", "list", "retry", "amend", "cancel", "extend", "skip", "confirm", "close", "operations", "migrate", "key", "key list", "key forget", "reseal", "erase", "watch-status", "registrar-password", "auth-code", "operations settle", "restore-check", "audit", "audit verify",
		"config", "config check", "version", "inbox", "quote", "serve", "ready", "keys", "keys create", "keys revoke", "desk", "hooks", "hooks add", "hooks listen", "hooks receive", "callback", "callback sign"} {
		t.Run(name, func(t *testing.T) {
			got := start(t, "", strings.Fields(name+" --help")...)
			if got.err != nil || got.errOut != "" {
				t.Fatalf("%v, %s", got.err, got.errOut)
			}
			path := filepath.Join("testdata", "help-"+strings.ReplaceAll(name, " ", "-")+".golden")
			if name == "" {
				path = filepath.Join("testdata", "help.golden")
			}
			if *update {
				if err := os.WriteFile(path, []byte(got.out), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatalf("%v; go test ./starter -update writes it", err)
			}
			if got.out != string(want) {
				t.Errorf("%s has changed; go test ./starter -update rewrites it. got:\n%s", path, got.out)
			}
		})
	}
}

// TestEveryCommandHasAGoldenHelp fails if a command is not listed above.
func TestEveryCommandHasAGoldenHelp(t *testing.T) {
	for _, command := range new(starter).command().Commands() {
		if _, err := os.Stat(filepath.Join("testdata", "help-"+command.Name()+".golden")); err != nil {
			t.Error(err)
		}
	}
}

func TestKeyIsGoodForSealing(t *testing.T) {
	first, second := start(t, "", "key"), start(t, "", "key", "--json")
	var document struct{ Key string }
	if err := json.Unmarshal([]byte(second.out), &document); err != nil || first.err != nil || second.err != nil {
		t.Fatalf("%v %v %v", err, first.err, second.err)
	}
	if document.Key == strings.TrimSpace(first.out) {
		t.Error("the same key twice")
	}
	for _, key := range []string{strings.TrimSuffix(first.out, "\n"), document.Key} {
		material, err := base64.StdEncoding.DecodeString(key)
		if err != nil || len(material) != vault.KeyBytes {
			t.Errorf("%q is no key: %v", key, err)
		}
	}
}

func TestMigrateAppliesWhatIsMissingOnce(t *testing.T) {
	configured(t)
	first := start(t, "", "migrate")
	if first.err != nil || !strings.HasPrefix(first.out, "applied 0") {
		t.Fatalf("got %q, %v", first.out, first.err)
	}
	if second := start(t, "", "migrate"); second.err != nil || second.out != "the database is up to date\n" {
		t.Errorf("got %q, %v", second.out, second.err)
	}
	var document struct{ Applied []string }
	third := start(t, "", "migrate", "--json")
	if err := json.Unmarshal([]byte(third.out), &document); err != nil || document.Applied == nil || len(document.Applied) != 0 {
		t.Errorf("got %q, %v", third.out, err)
	}
}

// TestMistakesAreOneLineThatSaysWhatToDo: whatever a person has set up wrongly is named
// with its remedy, and nothing is printed besides the error.
func TestMistakesAreOneLineThatSaysWhatToDo(t *testing.T) {
	for name, c := range map[string]struct {
		replacements []string
		variable     string // NAME=value
		migrated     bool
		want         string
	}{
		"no configuration file": {
			variable: "DOMAINPROVISIONING_CONFIG=/nowhere/x.yaml",
			want:     "config: /nowhere/x.yaml does not exist; copy config/example.yaml there, or name another file in DOMAINPROVISIONING_CONFIG",
		},
		"unknown key": {
			replacements: []string{"max_connections: 10", "max_conections: 10"},
			want:         "unknown key database.max_conections",
		},
		"unknown variable": {variable: "DP_DATABASE_URI=x", want: "config: the environment variable DP_DATABASE_URI fits no key"},
		"unknown plug-in": {
			replacements: []string{"plugin: netim", "plugin: gandi"},
			want:         `config: registrars.netim-main.plugin is "gandi" and must be one of: epp, example, names4ever, netim`,
		},
		"unknown form of a fee": {
			replacements: []string{`subscription_fee: "12.50"`, `subscription_fee: "12,50"`},
			want:         `config: plans.domains[0].billing.subscription_fee: orders: "12,50" is not an amount of the form 00.00`,
		},
		"no database there": {
			variable: "DP_DATABASE_URL=postgres://u:hunter2@127.0.0.1:1/x?sslmode=disable",
			want:     "connection refused; start it or correct database.url",
		},
		"no folder for the database": {
			variable: "DP_DATABASE_URL=sqlite:/nowhere/x.db",
			want:     "store: the sqlite database cannot be reached: ",
		},
		"no migrations": {want: "store: the database lacks migrations; run `starter migrate`"},
		"no Temporal there": {
			migrated: true,
			want:     "temporal: 127.0.0.1:1 cannot be reached: dial tcp 127.0.0.1:1: connect: connection refused; start it or set TEMPORAL_ADDRESS",
		},
	} {
		t.Run(name, func(t *testing.T) {
			configured(t, c.replacements...)
			if c.migrated {
				if got := start(t, "", "migrate"); got.err != nil {
					t.Fatal(got.err)
				}
			}
			if variable, value, ok := strings.Cut(c.variable, "="); ok {
				t.Setenv(variable, value)
			}
			began := time.Now()
			for _, args := range []string{"list", "status 1", "watch shop.example", "retry 1 --reason x", "confirm 1", "cancel 1 --reason x --yes", "order -"} {
				if args == "list" && c.migrated {
					continue // the store answers it
				}
				got := start(t, "{}", strings.Fields(args)...)
				if got.err == nil || !strings.Contains(got.err.Error(), c.want) {
					t.Errorf("%s: got %v, want %q", args, got.err, c.want)
					continue
				}
				if strings.Contains(got.err.Error(), "\n") || strings.Contains(got.err.Error(), "hunter2") {
					t.Errorf("%s: more than one line, or a password: %q", args, got.err)
				}
				if got.out != "" || got.errOut != "" {
					t.Errorf("%s: printed %q and %q", args, got.out, got.errOut)
				}
			}
			if took := time.Since(began); took > 30*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

func TestMigrateNeedsNoTemporalButADatabase(t *testing.T) {
	configured(t)
	t.Setenv("DP_DATABASE_URL", "postgres://u:hunter2@127.0.0.1:1/x?sslmode=disable")
	got := start(t, "", "migrate")
	if got.err == nil || !strings.Contains(got.err.Error(), "correct database.url") || strings.Contains(got.err.Error(), "hunter2") {
		t.Errorf("got %v", got.err)
	}
}

func TestArgumentsAreChecked(t *testing.T) {
	for args, want := range map[string]string{
		"frobnicate":        `unknown command "frobnicate" for "starter"`,
		"order":             "requires at least 1 arg(s)",
		"status":            "requires at least 1 arg(s)",
		"watch":             "requires at least 1 arg(s)",
		"list x":            `unknown command "x" for "starter list"`,
		"migrate x":         `unknown command "x" for "starter migrate"`,
		"list --state lost": `--state is "lost" and must be one of open, stopped, running, waiting, attention, undoing, done, cancelled, failed`,
		"list --limit many": "invalid argument",
		"--colour":          "unknown flag: --colour",
	} {
		got := start(t, "", strings.Fields(args)...)
		if got.err == nil || !strings.Contains(got.err.Error(), want) {
			t.Errorf("%s: got %v, want %q", args, got.err, want)
		}
	}
}

func TestAnInterruptIsNamed(t *testing.T) {
	configured(t)
	if got := start(t, "", "migrate"); got.err != nil {
		t.Fatal(got.err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out bytes.Buffer
	err := run(ctx, []string{"list"}, strings.NewReader(""), &out, &out)
	if err == nil || err.Error() != "interrupted" {
		t.Errorf("got %v", err)
	}
}

func TestOrdersAreReadWithinALimit(t *testing.T) {
	s := &starter{in: strings.NewReader(strings.Repeat(" ", maxOrder+1))}
	if _, err := s.readOrder("-"); err == nil || !strings.Contains(err.Error(), "larger than 1048576 bytes") {
		t.Errorf("got %v", err)
	}
	s.in = strings.NewReader(strings.Repeat(" ", maxOrder))
	if document, err := s.readOrder("-"); err != nil || len(document) != maxOrder {
		t.Errorf("got %d bytes, %v", len(document), err)
	}
	if _, err := s.readOrder("/nowhere/order.xml"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

// TestExitCodes runs the program as a separate process.
func TestExitCodes(t *testing.T) {
	configured(t)
	for args, want := range map[string]int{"key": 0, "--help": 0, "--version": 0, "list": 1, "frobnicate": 2, "status": 2, "list --colour": 2, "list --state lost": 2} {
		cmd := exec.CommandContext(t.Context(), os.Args[0], strings.Fields(args)...)
		cmd.Env = append(os.Environ(), "STARTER_TEST_MAIN=1")
		var out, errOut bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &errOut
		err := cmd.Run()
		if code := cmd.ProcessState.ExitCode(); code != want {
			t.Errorf("%s: exit code %d, want %d (%v)", args, code, want, err)
		}
		if failed := strings.HasPrefix(errOut.String(), "starter: "); failed != (want > 0) || strings.Count(errOut.String(), "\n") != min(want, 1) {
			t.Errorf("%s: error output %q", args, errOut.String())
		}
		if (out.Len() > 0) != (want == 0) {
			t.Errorf("%s: output %q", args, out.String())
		}
	}
}
