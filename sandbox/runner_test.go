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
)

// process is this program once more, with other variables.
type process struct {
	name string // for messages
	in   io.Writer
	out  *bufio.Reader
	stop func()
}

func startProcess(b *testing.B, name string, variables []string, args ...string) *process {
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
	// What is still under way then is nobody's concern.
	stop := sync.OnceFunc(func() { _ = command.Process.Kill(); _ = command.Wait() })
	b.Cleanup(stop)
	return &process{name, in, bufio.NewReader(out), stop}
}

// say writes a line.
func (p *process) say(b *testing.B, line string) {
	b.Helper()
	if _, err := io.WriteString(p.in, line+"\n"); err != nil {
		b.Fatalf("%s: %v", p.name, err)
	}
}

// hear returns what follows a word at the beginning of the next line that has it.
func (p *process) hear(b *testing.B, word string) string {
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

// runner is a process that runs one benchmark, or the systems outside, for as long as its
// parent wants. Of what it writes only lines that begin with these words are meant for
// the parent: the first when it is ready to be measured, the second at the end.
type runner struct{ *process }

const warmLine, spentLine = "warm", "spent"

// outsideRunner is the name of the runner that is no benchmark.
const outsideRunner = "outside"

// The variables that make a process a runner: its name, and the systems outside that it
// is to use instead of its own.
const runnerVariable, outsideVariable = "BENCHMARK_RUNNER", "BENCHMARK_OUTSIDE"

// runnerName tells which runner this process was started as, if any.
func runnerName() string { return os.Getenv(runnerVariable) }

// startRunner starts a runner. Without addresses it has systems outside of its own.
func startRunner(b *testing.B, name, addresses string) runner {
	b.Helper()
	return runner{startProcess(b, name, []string{runnerVariable + "=" + name, outsideVariable + "=" + addresses},
		"-test.run=^$", "-test.benchtime=1x", "-test.bench=^BenchmarkProvisioning$/^"+name+"$/^0$")}
}

// turn begins or ends what is measured.
func (r runner) turn(b *testing.B) {
	b.Helper()
	r.say(b, "")
}

// spent returns the milliseconds of processor time, and what they were spent on.
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

// runOutside is the process of the systems outside. It says where they are, and counts
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

// measureUntilTold says that it is ready, and from one line of input to the next what
// was spent, and on what.
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

// givenWorld makes the configuration one for the systems outside that the parent has
// started, if it has.
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
