//go:build unix

package main

import (
	"cmp"
	"context"
	"database/sql"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"domainprovisioning/assembly"
	"domainprovisioning/config"
	"domainprovisioning/internal/outside"
)

// deployFromVariable names the revision whose worker is replaced; the previous commit without it.
const deployFromVariable = "DEPLOY_FROM"

const buildWorkerWithin = 10 * time.Minute

// command runs a command to its end and returns what it prints.
func command(t *testing.T, dir, name string, args ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), buildWorkerWithin)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	output, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(output)), err
}

// release is the programs of a revision.
type release struct {
	worker, starter string
	// keys are those at the top of its configuration, by its example.
	keys map[string]any
}

// releases builds the programs of the revision to deploy from, and those of the present tree.
func releases(t *testing.T) (before, now release) {
	t.Helper()
	revision := cmp.Or(os.Getenv(deployFromVariable), "HEAD~1")
	commit, err := command(t, "..", "git", "rev-parse", "--verify", "--quiet", "--end-of-options", revision+"^{commit}")
	if err != nil && os.Getenv(deployFromVariable) == "" {
		t.Skip("skipped: the git history has no previous commit")
	}
	dir := t.TempDir()
	tree := filepath.Join(dir, "tree")
	top, wrong := command(t, "..", "git", "rev-parse", "--show-toplevel")
	for _, step := range []struct {
		dir  string
		args []string
	}{
		{"..", []string{"git", "clone", "--quiet", "--shared", "--no-checkout", top, tree}},
		{tree, []string{"git", "checkout", "--quiet", "--detach", commit}},
		{tree, []string{"go", "build", "-o", filepath.Join(dir, "before") + "/", "./worker", "./starter"}},
		{"..", []string{"go", "build", "-o", filepath.Join(dir, "now") + "/", "./worker", "./starter"}},
	} {
		if err != nil || wrong != nil {
			t.Fatalf("%s: %v, %v", revision, err, wrong)
		}
		var output string
		if output, err = command(t, step.dir, step.args[0], step.args[1:]...); err != nil {
			t.Fatalf("%q: %v\n%s", step.args, err, output)
		}
	}
	return releaseIn(t, filepath.Join(dir, "before"), tree), releaseIn(t, filepath.Join(dir, "now"), "..")
}

func releaseIn(t *testing.T, programs, tree string) release {
	t.Helper()
	of := release{worker: filepath.Join(programs, "worker"), starter: filepath.Join(programs, "starter")}
	example, err := os.ReadFile(filepath.Join(tree, "config", "example.yaml"))
	if err == nil {
		err = yaml.Unmarshal(example, &of.keys)
	}
	if err != nil {
		t.Fatal(err)
	}
	return of
}

// knows reports whether its configuration has a key.
func (r release) knows(key string) bool { _, known := r.keys[key]; return known }

// configured writes a configuration as the release reads it. An older one refuses every key that it
// does not know, so whoever goes back to it restores its configuration, as docs/operating.md says.
func (r release) configured(t testing.TB, cfg config.Config) (file string) {
	t.Helper()
	cfg.Worker.Address = "127.0.0.1:0"
	text, err := yaml.Marshal(cfg)
	var document map[string]any
	if err == nil {
		err = yaml.Unmarshal(text, &document)
	}
	for key := range document {
		if !r.knows(key) {
			delete(document, key)
		}
	}
	if err == nil {
		text, err = yaml.Marshal(stated(document))
	}
	file = filepath.Join(t.TempDir(), "configuration.yaml")
	if err == nil {
		err = os.WriteFile(file, text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// stated leaves out what says nothing, so that an older version meets no key that it does not know.
func stated(value any) any {
	switch of := value.(type) {
	case map[string]any:
		for key, inner := range of {
			if of[key] = stated(inner); of[key] == nil {
				delete(of, key)
			}
		}
		if len(of) == 0 {
			return nil
		}
	case []any:
		if len(of) == 0 {
			return nil
		}
		for n := range of {
			of[n] = stated(of[n])
		}
	case string:
		if of == "" || of == "0s" {
			return nil
		}
	}
	return value
}

// makes lets the release make the database, with an order that has ended: to one without an order the
// newer release would give data keys at once, which an older one cannot use.
func (r release) makes(t *testing.T, cfg config.Config) {
	t.Helper()
	if output, err := command(t, ".", r.starter, "migrate", "--config", r.configured(t, cfg)); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	file, _, _ := strings.Cut(strings.TrimPrefix(string(cfg.Database.URL), "sqlite:"), "?")
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	// The columns are those of v0.8.0.
	if _, err := db.ExecContext(t.Context(), `INSERT INTO orders (number, id, fingerprint, source, client, customer, document, received_at)
		VALUES ('ended', 1, 'f', 'json', 'local', '', $1, CURRENT_TIMESTAMP)`, cfg.Database.SealingKey+":AAAA"); err != nil {
		t.Fatal(err)
	}
}

// runs starts a worker of a release. stop ends it as a supervisor does, and waits for its end.
func (f *fixture) runs(r release, histories config.Histories) (stop func()) {
	f.t.Helper()
	cfg := f.Config
	cfg.Histories = histories
	file := r.configured(f.t, cfg)
	log := &outside.Output{}
	ctx, kill := context.WithCancel(context.WithoutCancel(f.t.Context()))
	f.t.Cleanup(func() {
		kill()
		if f.t.Failed() {
			f.t.Logf("%s:\n%s", r.worker, log)
		}
	})
	worker := exec.CommandContext(ctx, r.worker, "-config", file)
	worker.Env = append(os.Environ(), "TEMPORAL_ADDRESS="+server.HostPort(), "TEMPORAL_NAMESPACE="+f.namespace)
	worker.Stdout, worker.Stderr = log, log
	if err := worker.Start(); err != nil {
		f.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- worker.Wait() }()
	f.eventually("the worker has started", func() bool {
		select {
		case err := <-ended:
			f.t.Fatalf("the worker has ended: %v\n%s", err, log)
		default:
		}
		return strings.Contains(log.String(), "worker started")
	})
	return func() {
		f.t.Helper()
		if err := worker.Process.Signal(syscall.SIGTERM); err != nil {
			f.t.Error(err)
		}
		select {
		case err := <-ended:
			if err != nil {
				f.t.Errorf("the worker ends with %v\n%s", err, log)
			}
		case <-time.After(patience):
			f.t.Errorf("the worker does not end\n%s", log)
		}
	}
}

// TestDeployWhilePending: the database is made by the previous commit, an order waits under its worker,
// which is replaced by that of this one, and is finished there. DEPLOY_FROM names another revision. One
// that knows no histories drops what is sealed, so they become sealed with the new worker, as "The
// first key" of docs/operating.md says.
func TestDeployWhilePending(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped in short mode: it builds two releases")
	}
	before, now := releases(t)
	sealed := historiesKey("h1", "h1")
	opens := historiesKey("", "h1")
	for name, histories := range map[string]struct{ first, then config.Histories }{"sealed": {sealed, sealed}, "plain": {}} {
		t.Run(name, func(t *testing.T) {
			if !before.knows("histories") && histories.first.Seal {
				histories.first = opens
			}
			f := begin(t, worldOptions{manual: true}, func(c *config.Config) {
				c.Histories = histories.first
				before.makes(t, *c)
			})
			f.workers.Stop()
			f.workers = &assembly.Workers{} // the workers are in processes of their own
			stop := f.runs(before, histories.first)
			f.orders("shop")
			stop()
			stop = f.runs(now, histories.then)
			f.completes()
			f.finish(shopWorkflow)
			f.want("shop.example", whole())
			if creates := f.world.netim.Creates("shop.example"); creates != 1 {
				t.Errorf("%d registrations", creates)
			}
			sealedBy := map[bool]string{true: "h1", false: ""}
			f.sealedBy(shopWorkflow, slices.Compact([]string{sealedBy[histories.first.Sealed()], sealedBy[histories.then.Sealed()]})...)
			stop()
		})
	}
}
