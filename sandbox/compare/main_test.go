package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"domainprovisioning/sandbox/measures"
)

// sample is a program whose benchmarks print what they are told, in the form of the sandbox.
// COST is a factor of all of it.
const sample = `package sandbox

import (
	"os"
	"testing"

	"compared/measures"
)

func BenchmarkProvisioning(b *testing.B) {
	if _, err := os.Stat("orders"); err != nil {
		b.Fatal("not in the folder of the package: ", err)
	}
	times := func(value float64) float64 { return value * COST }
	for _, name := range []string{measures.Floor, measures.Orders} {
		b.Run(name+"/0", func(b *testing.B) {
			b.ReportMetric(times(100), measures.Processor)
			b.ReportMetric(times(45), measures.Calls)
			b.ReportMetric(times(80), measures.Events)
			b.ReportMetric(times(9000), measures.History)
		})
	}
	b.Run(measures.Latency, func(b *testing.B) {
		b.ReportMetric(times(200), measures.Median)
		b.ReportMetric(times(300), measures.Tail)
	})
	b.Run(measures.Waiting, func(b *testing.B) {
		b.ReportMetric(times(97), measures.Events)
		b.ReportMetric(times(9900), measures.History)
		b.ReportMetric(times(3600)+float64(b.N), measures.Memory)
	})
}
`

// repository makes a repository whose first commit costs twice what the present tree costs.
func repository(t *testing.T) (folder, commit string) {
	t.Helper()
	folder = t.TempDir()
	names, err := os.ReadFile("../measures/measures.go")
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, content string) {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := func(args ...string) {
		command := exec.CommandContext(t.Context(), "git", append([]string{"-c", "user.name=test", "-c", "user.email=test@test.example"}, args...)...)
		command.Dir = folder
		if output, err := command.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, output)
		}
	}
	write("go.mod", "module compared\n\ngo 1.26\n")
	write("measures/measures.go", string(names))
	write("sandbox/orders/shop.xml", "an order\n")
	write("sandbox/bench_test.go", strings.Replace(sample, "COST", "2", 1))
	run("init", "--quiet")
	run("add", ".")
	run("commit", "--quiet", "--message", "slow")
	commit, err = git(t.Context(), folder, "rev-parse", "HEAD")
	if err != nil {
		t.Fatal(err)
	}
	write("sandbox/bench_test.go", strings.Replace(sample, "COST", "1", 1))
	return folder, commit
}

// TestTheTableComparesBothBuilds runs the command on a small program with the same benchmarks.
func TestTheTableComparesBothBuilds(t *testing.T) {
	if testing.Short() {
		t.Skip("builds two programs")
	}
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	folder, commit := repository(t)
	t.Chdir(filepath.Join(folder, "sandbox"))
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	var out, errOut bytes.Buffer
	if err := run(t.Context(), []string{"-rounds", "2", "-orders", "5", commit[:10]}, &out, &errOut); err != nil {
		t.Fatalf("%v\n%s", err, errOut.String())
	}
	table := strings.Join(strings.Fields(out.String()), " ")
	for _, want := range []string{
		"| processor time an order, ms | 200 | 100 | 0.50 ± 0.00 |",
		"| calls to the Temporal server | 90 | 45 | 0.50 ± 0.00 |",
		"| history events, registered at once | 160 | 80 | 0.50 ± 0.00 |",
		"| history bytes, registered at once | 18000 | 9000 | 0.50 ± 0.00 |",
		"| history events, with waiting | 194 | 97 | 0.50 |",
		"| history bytes, with waiting | 19800 | 9900 | 0.50 |",
		"| from submit to waiting, median, ms | 400 | 200 | 0.50 ± 0.00 |",
		"| from submit to waiting, p99, ms | 600 | 300 | 0.50 ± 0.00 |",
		// Once, with six times as many orders.
		"| worker memory a waiting order, bytes | 7230 | 3630 | 0.50 |",
		"| processor time against the floor of the revision | 1.00 ± 0.00 | 0.50 ± 0.00 | |",
		"200 ms of processor time",
		"compare -rounds 2 -orders 5 " + commit[:10], "revision " + commit, "now " + commit + " with changes", " cores, ",
		time.Now().UTC().Format("2006-01"),
	} {
		if !strings.Contains(table, want) {
			t.Errorf("%q is not in the output:\n%s", want, out.String())
		}
	}
	left, err := filepath.Glob(filepath.Join(temporary, "compare-*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if worktrees, err := git(t.Context(), folder, "worktree", "list"); err != nil || strings.Contains(worktrees, "\n") {
		t.Errorf("the repository has another tree: %s, %v", worktrees, err)
	}
}

func TestWhatABuildDoesNotPrintIsNotCompared(t *testing.T) {
	t.Parallel()
	measured := [2]measurements{
		{measures.Orders: {{measures.Calls: 45}, {}}},
		{measures.Orders: {{measures.Calls: 12}, {measures.Calls: 12}}},
	}
	var out bytes.Buffer
	if err := report(&out, settings{}, build{}, build{}, measured, time.Now()); err != nil {
		t.Fatal(err)
	}
	if table := strings.Join(strings.Fields(out.String()), " "); !strings.Contains(table, "| calls to the Temporal server | - | 12 | - |") {
		t.Errorf("what one build printed once is compared:\n%s", out.String())
	}
	if err := report(&out, settings{}, build{}, build{}, [2]measurements{}, time.Now()); err == nil {
		t.Error("nothing is reported as a comparison")
	}
}

func TestTheCommandLineIsChecked(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{}, {""}, {"one", "two"}, {"-rounds", "0", "HEAD"}, {"-orders", "0", "HEAD"}, {"-orders", "x", "HEAD"}} {
		if err := run(t.Context(), args, &bytes.Buffer{}, &bytes.Buffer{}); err == nil {
			t.Errorf("%q is accepted", args)
		}
	}
	if err := run(t.Context(), []string{"--output=x"}, &bytes.Buffer{}, &bytes.Buffer{}); err == nil {
		t.Error("an option is taken for a revision")
	}
}
