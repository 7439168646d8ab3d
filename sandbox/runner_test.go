package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"domainprovisioning/config"
	"domainprovisioning/sandbox/measures"
)

// process is another instance of this program, with other variables.
type process struct {
	name string // for messages
	in   io.Writer
	out  *bufio.Reader
	stop func()
}

func startProcess(b testing.TB, name string, variables []string, args ...string) *process {
	b.Helper()
	command := exec.CommandContext(b.Context(), os.Args[0], args...)
	command.Env = append(os.Environ(), variables...)
	command.Stderr = os.Stderr
	in, err := command.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := command.Start(); err != nil {
		b.Fatal(err)
	}
	// Nothing depends on work that is still running then.
	stop := sync.OnceFunc(func() { _ = command.Process.Kill(); _ = command.Wait() })
	b.Cleanup(stop)
	return &process{name, in, bufio.NewReader(out), stop}
}

// say sends a line to the process.
func (p *process) say(b testing.TB, line string) {
	b.Helper()
	if _, err := io.WriteString(p.in, line+"\n"); err != nil {
		b.Fatalf("%s: %v", p.name, err)
	}
}

// hear returns the rest of the next line that begins with a word.
func (p *process) hear(b testing.TB, word string) string {
	b.Helper()
	for {
		line, err := p.out.ReadString('\n')
		if err != nil {
			b.Fatalf("%s: %v", p.name, err)
		}
		if rest, ok := strings.CutPrefix(line, word); ok {
			return strings.TrimSpace(rest)
		}
	}
}

// runner is a process that runs one benchmark, or the outside systems, for as long as its
// parent wants. Only lines of its output that begin with these words are meant for the
// parent: the first one when it is ready to be measured, the second at the end.
type runner struct{ *process }

const warmLine, spentLine = "warm", "spent"

// outsideRunner is the name of the runner that is not a benchmark.
const outsideRunner = "outside"

// These variables make a process a runner: its name, and the outside systems that it uses
// instead of its own.
const runnerVariable, outsideVariable = "BENCHMARK_RUNNER", "BENCHMARK_OUTSIDE"

// runnerName returns which runner this process was started as, or "".
func runnerName() string { return os.Getenv(runnerVariable) }

// startRunner starts a runner. Without addresses it has its own outside systems.
func startRunner(b *testing.B, name, addresses string) runner {
	b.Helper()
	return runner{startProcess(b, name, []string{runnerVariable + "=" + name, outsideVariable + "=" + addresses},
		"-test.run=^$", "-test.benchtime=1x", "-test.bench=^"+measures.Benchmark+"$/^"+name+"$/^0$")}
}

// turn starts or ends the measurement.
func (r runner) turn(b *testing.B) {
	b.Helper()
	r.say(b, "")
}

// spent returns the milliseconds of processor time, and the number of workflows.
func (r runner) spent(b *testing.B) (milliseconds, workflows float64) {
	b.Helper()
	line := r.hear(b, spentLine)
	if _, err := fmt.Sscan(line, &milliseconds, &workflows); err != nil {
		b.Fatalf("%s: %q: %v", r.name, line, err)
	}
	if workflows <= 0 {
		b.Fatalf("%s: no workflow has finished, or one has failed", r.name)
	}
	return milliseconds, workflows
}

// runOutside is the process of the outside systems. It prints their addresses, and counts
// registrations.
func runOutside() int {
	w, err := newWorld(context.Background(), worldOptions{})
	if err == nil {
		var where []byte
		if where, err = json.Marshal(w.addresses); err == nil {
			registered := func() int { return len(w.netim.Registrations()) }
			err = measureUntilTold(string(where), registered)
		}
	}
	if err == nil {
		_, err = io.Copy(io.Discard, os.Stdin) // until it is stopped
	}
	fmt.Fprintln(os.Stderr, err)
	return 1
}

// measureUntilTold says that it is ready. From one line of input to the next, it measures
// what was spent and on how many workflows.
func measureUntilTold(ready string, count func() int) error {
	input := bufio.NewReader(os.Stdin)
	fmt.Printf("\n%s %s\n", warmLine, ready)
	if _, err := input.ReadString('\n'); err != nil {
		return err
	}
	before, counted := processorTime(), count()
	if _, err := input.ReadString('\n'); err != nil {
		return err
	}
	spent := processorTime() - before
	fmt.Printf("%s %g %d\n", spentLine, float64(spent)/float64(time.Millisecond), count()-counted)
	return nil
}

// givenWorld points the configuration at the outside systems that the parent has started,
// if it has.
func givenWorld(cfg *config.Config) error {
	given := os.Getenv(outsideVariable)
	if given == "" {
		return nil
	}
	var where addresses
	if err := json.Unmarshal([]byte(given), &where); err != nil {
		return err
	}
	*cfg = where.configuration(string(cfg.Database.URL))
	return nil
}
