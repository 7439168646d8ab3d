//go:build unix

package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// lines counts the starts that a process has recorded.
func lines(t *testing.T, file string) int {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return strings.Count(string(content), "\n")
}

func eventually(t *testing.T, what string, ask func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !ask(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("not in time: ", what)
		}
	}
}

func TestAProcessIsStartedAgainHoweverItEnds(t *testing.T) {
	dir := t.TempDir()
	starts := filepath.Join(dir, "starts")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	p := &process{
		name: "sleeper", program: "sh", spawner: newSpawner(),
		args: []string{"-c", `echo start >>"$1"; if [ "$(wc -l <"$1")" = 3 ]; then exit 1; fi; exec sleep 600`, "sh", starts},
	}
	if err := launch(ctx, p, dir); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the first start", func() bool { return lines(t, starts) == 1 })
	p.kill()
	eventually(t, "a start after a crash", func() bool { return lines(t, starts) == 2 })
	resume := p.stop()
	if !p.standsStill() {
		t.Error("it does not stand still")
	}
	p.kill() // it also ends a process that stands still; the third ends by itself
	eventually(t, "a start after an end of its own", func() bool { return lines(t, starts) == 4 })
	resume() // the process that it stopped has gone
	if p.standsStill() || p.endedByItself() != 1 {
		t.Errorf("stands still: %v, ended by itself %d times", p.standsStill(), p.endedByItself())
	}
	cancel()
	select {
	case <-p.finished:
	case <-time.After(30 * time.Second):
		t.Fatal("it goes on after its run")
	}
}
