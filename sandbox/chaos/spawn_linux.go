package main

import (
	"os/exec"
	"runtime"
	"syscall"
)

// spawner starts processes that die with this one, whatever ends it.
type spawner chan func()

// newSpawner keeps one thread for the starts: a child dies with the thread that has
// started it, and Go ends threads as it likes.
func newSpawner() spawner {
	s := make(spawner)
	go func() {
		runtime.LockOSThread()
		for start := range s {
			start()
		}
	}()
	return s
}

func (s spawner) start(command *exec.Cmd) error {
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	result := make(chan error, 1)
	s <- func() { result <- command.Start() }
	return <-result
}
