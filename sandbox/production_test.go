package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"domainprovisioning/assembly"
	"domainprovisioning/config"
	"domainprovisioning/gateway"
	"domainprovisioning/internal/postgrestest"
	"domainprovisioning/messages"
	"domainprovisioning/vault"
)

// production runs the production binaries as docker-compose.yml does: on a real
// PostgreSQL and a real Temporal server, configured by files and variables.
type production struct {
	t           *testing.T
	bin         string
	environment []string
	histories   config.Histories
	world       *world
}

// beginProduction builds the binaries and starts a world for them. Changes are made to the
// configuration before it is written.
func beginProduction(t *testing.T, changes ...func(*config.Config)) *production {
	t.Helper()
	return beginProductionIn(t, worldOptions{manual: true}, changes...)
}

// beginProductionIn is beginProduction in a world with other options.
func beginProductionIn(t *testing.T, options worldOptions, changes ...func(*config.Config)) *production {
	t.Helper()
	if testing.Short() {
		t.Skip("builds the production binaries")
	}
	p := &production{t: t, bin: t.TempDir()}
	build := exec.CommandContext(t.Context(), "go", "build", "-o", p.bin, "./worker", "./starter")
	build.Dir = ".."
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, output)
	}
	var err error
	p.world, err = newWorld(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.world.close() })
	cfg := p.world.configuration("from DP_DATABASE_URL")
	cfg.Database.SealingKeys = map[string]config.Secret{"sandbox": "from DP_DATABASE_SEALING_KEYS_SANDBOX"}
	for _, change := range changes {
		change(&cfg)
	}
	p.histories = cfg.Histories
	dir := t.TempDir()
	if err := writeConfiguration(dir, cfg); err != nil {
		t.Fatal(err)
	}
	needServer(t)
	number := nextNamespace.Add(1) - 1
	p.environment = append(os.Environ(),
		"TEMPORAL_ADDRESS="+server.HostPort(), "TEMPORAL_NAMESPACE="+namespaces[number],
		config.FileVariable+"="+configurationIn(dir),
		"DP_DATABASE_URL="+postgrestest.URL(t),
		"DP_DATABASE_SEALING_KEYS_SANDBOX="+vault.GenerateKey())
	return p
}

func (p *production) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(p.bin, name), args...)
	cmd.Env = p.environment
	return cmd
}

// starter runs the command line and returns its output and its exit code.
func (p *production) starter(args ...string) (out, errOut string, code int) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	cmd := p.command(ctx, "starter", args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		p.t.Fatal(err)
	}
	return stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()
}

// want runs the command line, which must succeed and print a text.
func (p *production) want(text string, args ...string) string {
	p.t.Helper()
	out, errOut, code := p.starter(args...)
	if code != 0 || !strings.Contains(out, text) {
		p.t.Fatalf("starter %s: exit code %d\n%s%s\nwant %q", strings.Join(args, " "), code, out, errOut, text)
	}
	return out
}

// refused runs the command line, which must exit with a code and one line that says why.
func (p *production) refused(want assembly.ExitCode, text string, args ...string) {
	p.t.Helper()
	out, errOut, code := p.starter(args...)
	if code != int(want) || !strings.Contains(errOut, text) || strings.Count(strings.TrimSpace(errOut), "\n") > 0 {
		p.t.Errorf("starter %s: exit code %d\n%s%s\nwant code %d and one line with %q", strings.Join(args, " "), code, out, errOut, want, text)
	}
}

// TestProductionBinaries is the whole life of an order on PostgreSQL, with the commands
// that docker-compose.yml runs and that people type.
func TestProductionBinaries(t *testing.T) {
	t.Parallel()
	p := beginProduction(t)
	p.refused(assembly.ExitFailed, "run `starter migrate`", "list")
	p.want("applied", "migrate")
	p.want("up to date", "migrate")
	p.want("ORDER", "list", "--limit", "1")

	log, err := os.Create(filepath.Join(t.TempDir(), "worker.log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	worker := p.command(t.Context(), "worker")
	worker.Stderr = log
	if err := worker.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- worker.Wait() }()
	t.Cleanup(func() { _ = worker.Process.Kill() })

	p.want("order DP00000001 accepted", "order", "orders/shop.xml")
	p.want("nothing is done twice", "order", "orders/shop.xml")
	p.until("DP00000001", messages.Waiting)
	p.want("operation 101 is pending", "status", "shop.example")
	if line := p.want("shop.example", "operations"); !strings.Contains(line, "101        pending") || !strings.Contains(line, "DP00000001") {
		t.Errorf("operations:\n%s", line)
	}
	p.want("operation 101 of shop.example: pending", "operations", "check", "101")
	p.refused(assembly.ExitNotFound, "the ledger has no operation 999", "operations", "check", "999")
	p.refused(assembly.ExitNotFound, "the ledger has no operation 999", "operations", "cancel", "999", "--reason", "not yet")
	p.want("no operations", "operations", "--registrar", names4everAccount)
	p.refused(assembly.ExitRefused, "order refused: ", "order", p.file(alter(t, shop(t), "5=1=1=0", "77=1=1=0", "LoginID=jane@", "LoginID=zoe@")))
	p.refused(assembly.ExitRefused, "is in open order DP00000001", "order", p.file(alter(t, shop(t), "jane@shop.example", "john@shop.example")))
	p.refused(assembly.ExitNotFound, "there is no order DP00000009", "status", "DP00000009")
	p.refused(assembly.ExitRefused, "nothing to retry", "retry", "shop.example", "--actor", "tester", "--reason", "trying")
	p.refused(assembly.ExitUsage, "must be one of open, stopped, running", "list", "--state", "strange")
	p.want("delivered", "confirm", "shop.example", "--event", "e-1", "--claim", "done")

	p.want("operation 101 of shop.example is being withdrawn", "operations", "cancel", "101", "--reason", "not yet")
	p.want("operation 101 of shop.example: cancelled, was pending", "operations", "check", "101")
	p.refused(assembly.ExitRefused, "operation 101 is cancelled already", "operations", "cancel", "101", "--reason", "not yet")
	p.until("shop.example", messages.NeedsAttention)
	p.want("step 10 is tried again", "retry", "shop.example", "--actor", "tester", "--reason", "eligible now")
	p.until("shop.example", messages.Waiting)
	if err := p.world.netim.Complete("shop.example"); err != nil {
		t.Fatal(err)
	}
	p.want("delivered", "confirm", "shop.example")
	p.want("order DP00000001 is done", "watch", "shop.example")
	p.want("\"state\": \"done\"", "list", "--json", "--domain", "shop.example")
	p.want("late", "confirm", "shop.example")

	if err := worker.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		if err != nil {
			content, _ := os.ReadFile(log.Name())
			t.Errorf("the worker ended with %v\n%s", err, content)
		}
	case <-time.After(patience):
		t.Error("the worker does not stop")
	}
	p.want("no worker answers for its checklist", "status", "shop.example")
}

func (p *production) file(content []byte) string {
	p.t.Helper()
	path := filepath.Join(p.t.TempDir(), "order.xml")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		p.t.Fatal(err)
	}
	return path
}

// until reads the status until the order is in a state.
func (p *production) until(order string, state messages.State) {
	p.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		var shown []struct{ Units []gateway.UnitStatus }
		if err := json.Unmarshal([]byte(p.want("[", "status", "--json", order)), &shown); err != nil || len(shown) != 1 {
			p.t.Fatal(err)
		}
		progress := shown[0].Units[0].Progress
		if progress.State == state {
			return
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("order %s is %s and not %s: %+v", order, progress.State, state, progress.Attention)
		}
	}
}

// TestProductionErrorsAreOneLine: the error says what is wrong before anything starts.
func TestProductionErrorsAreOneLine(t *testing.T) {
	t.Parallel()
	p := beginProduction(t)
	p.want("applied", "migrate")
	for text, c := range map[string]struct {
		variable string
		code     assembly.ExitCode
	}{
		"TEMPORAL_ADDRESS":             {"TEMPORAL_ADDRESS=127.0.0.1:1", assembly.ExitUnreachable},
		"has no namespace \"nowhere\"": {"TEMPORAL_NAMESPACE=nowhere", assembly.ExitRefused},
		"cannot be reached":            {"DP_DATABASE_URL=postgres://u:hunter2@127.0.0.1:1/d?sslmode=disable", assembly.ExitUnreachable},
		"DP_DATABASE_URI fits no key":  {"DP_DATABASE_URI=x", assembly.ExitRefused},
		"must be 32 bytes in base64":   {"DP_DATABASE_SEALING_KEYS_SANDBOX=short", assembly.ExitRefused},
		"plugin is \"nameless\"":       {"DP_REGISTRARS_NETIM_SANDBOX_PLUGIN=nameless", assembly.ExitRefused},
	} {
		changed := *p
		changed.environment = append(append([]string(nil), p.environment...), c.variable)
		changed.refused(c.code, text, "order", "orders/shop.xml")
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		worker := changed.command(ctx, "worker")
		var stderr bytes.Buffer
		worker.Stderr = &stderr
		err := worker.Run()
		cancel()
		if err == nil || worker.ProcessState.ExitCode() != int(c.code) || !strings.Contains(stderr.String(), text) || strings.Contains(stderr.String(), "hunter2") {
			t.Errorf("worker with %v: %v\n%s", c.variable, err, stderr.String())
		}
	}
}
