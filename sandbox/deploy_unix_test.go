//go:build unix

package main

import (
	"cmp"
	"context"
	"os"
	"os/exec"
	"path/filepath"
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

// workersOfBoth builds the worker of the revision to deploy from, and that of the present tree.
func workersOfBoth(t *testing.T) (before, now string) {
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
		{tree, []string{"go", "build", "-o", filepath.Join(dir, "before"), "./worker"}},
		{"..", []string{"go", "build", "-o", filepath.Join(dir, "now"), "./worker"}},
	} {
		if err != nil || wrong != nil {
			t.Fatalf("%s: %v, %v", revision, err, wrong)
		}
		var output string
		if output, err = command(t, step.dir, step.args[0], step.args[1:]...); err != nil {
			t.Fatalf("%q: %v\n%s", step.args, err, output)
		}
	}
	return filepath.Join(dir, "before"), filepath.Join(dir, "now")
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

// runs starts a worker of a build. stop ends it as a supervisor does, and waits for its end.
func (f *fixture) runs(program string) (stop func()) {
	f.t.Helper()
	cfg := f.Config
	cfg.Worker.Address = "127.0.0.1:0"
	text, err := yaml.Marshal(cfg)
	var document map[string]any
	if err == nil {
		err = yaml.Unmarshal(text, &document)
	}
	if err == nil {
		text, err = yaml.Marshal(stated(document))
	}
	file := filepath.Join(f.t.TempDir(), "worker.yaml")
	if err == nil {
		err = os.WriteFile(file, text, 0o600)
	}
	if err != nil {
		f.t.Fatal(err)
	}
	log := &outside.Output{}
	ctx, kill := context.WithCancel(context.WithoutCancel(f.t.Context()))
	f.t.Cleanup(kill)
	worker := exec.CommandContext(ctx, program, "-config", file)
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

// TestDeployWhilePending: an order waits under the worker of the previous commit, which is replaced
// by that of this one, and is finished there. DEPLOY_FROM names another revision.
func TestDeployWhilePending(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped in short mode: it builds two workers")
	}
	before, now := workersOfBoth(t)
	for name, changes := range map[string][]func(*config.Config){"sealed": nil, "plain": {plainHistories}} {
		t.Run(name, func(t *testing.T) {
			f := begin(t, worldOptions{manual: true}, changes...)
			f.workers.Stop()
			f.workers = &assembly.Workers{} // the workers are in processes of their own
			stop := f.runs(before)
			f.orders("shop")
			stop()
			stop = f.runs(now)
			f.completes()
			f.finish(shopWorkflow)
			f.want("shop.example", whole())
			if creates := f.world.netim.Creates("shop.example"); creates != 1 {
				t.Errorf("%d registrations", creates)
			}
			stop()
		})
	}
}
