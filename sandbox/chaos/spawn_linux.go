package main

import (
	"os/exec"
	"runtime"
	"syscall"
)

// spawner starts processes that die with this one, however it ends.
type spawner chan func()

// newSpawner keeps one thread for all starts, because a child dies with the thread that
// started it, and Go ends threads at will.
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
