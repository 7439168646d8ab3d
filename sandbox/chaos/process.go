//go:build unix

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// process is one of the product's processes. It is restarted however it ends.
type process struct {
	name        string
	program     string
	args        []string
	environment []string
	variable    string // one more, which replace changes
	spawner     spawner
	log         *os.File

	mu       sync.Mutex
	current  *exec.Cmd
	stopped  bool
	killed   bool // or asked to end, by us
	ended    int  // how often it ended by itself
	finished chan struct{}
}

// againAfter is the pause before a process that has ended is restarted.
const againAfter = 300 * time.Millisecond

// launch starts a process and keeps it running until the context ends.
func launch(ctx context.Context, p *process, logs string) error {
	log, err := os.OpenFile(filepath.Join(logs, p.name+".log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("chaos: %w", err)
	}
	p.log, p.finished = log, make(chan struct{})
	first, err := p.start(ctx)
	if err != nil {
		return err
	}
	go p.keep(ctx, first)
	return nil
}

func (p *process) start(ctx context.Context) (*exec.Cmd, error) {
	// Only the end of the run stops it: keep kills it then.
	command := exec.CommandContext(context.WithoutCancel(ctx), p.program, p.args...) //nolint:gosec // what build has made
	command.Stdout, command.Stderr = p.log, p.log
	// Whoever sees the new process at work must not signal the one before.
	p.mu.Lock()
	defer p.mu.Unlock()
	command.Env = append(append(os.Environ(), p.environment...), p.variable)
	if err := p.spawner.start(command); err != nil {
		return nil, fmt.Errorf("chaos: start %s: %w", p.name, err)
	}
	p.current, p.stopped, p.killed = command, false, false
	return command, nil
}

// keep restarts the process each time it ends.
func (p *process) keep(ctx context.Context, running *exec.Cmd) {
	defer close(p.finished)
	defer func() { _ = p.log.Close() }()
	for {
		ended := make(chan struct{})
		go func() {
			select {
			case <-ctx.Done():
				p.kill()
			case <-ended:
			}
		}()
		err := running.Wait()
		close(ended)
		if ctx.Err() != nil {
			return
		}
		p.mu.Lock()
		if !p.killed {
			p.ended++
			_, _ = fmt.Fprintf(p.log, "chaos: %s has ended by itself: %v\n", p.name, err)
		}
		p.mu.Unlock()
		select {
		case <-ctx.Done():
			return
		case <-time.After(againAfter):
		}
		if running, err = p.start(ctx); err != nil {
			_, _ = fmt.Fprintln(p.log, err)
			return
		}
	}
}

// kill kills the process as a crash does.
func (p *process) kill() { p.signal(syscall.SIGKILL) }

// stop makes the process stand still; resume continues it. resume applies only to the
// stopped process, and does nothing if that has been killed since.
func (p *process) stop() (resume func()) {
	p.mu.Lock()
	of := p.current
	p.mu.Unlock()
	p.signal(syscall.SIGSTOP)
	return func() {
		p.mu.Lock()
		same := p.current == of
		p.mu.Unlock()
		if same {
			p.signal(syscall.SIGCONT)
		}
	}
}

func (p *process) signal(signal syscall.Signal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.current == nil {
		return
	}
	switch signal {
	case syscall.SIGKILL, syscall.SIGTERM:
		p.killed = true
	case syscall.SIGSTOP:
		p.stopped = true
	case syscall.SIGCONT:
		p.stopped = false
	}
	// If the process has just ended, keep restarts it.
	_ = p.current.Process.Signal(signal)
}

func (p *process) standsStill() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stopped
}

func (p *process) endedByItself() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ended
}
