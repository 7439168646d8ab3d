//go:build unix && !linux

package main

import (
	"os/exec"
	"syscall"
)

// spawner starts processes. Here only close ends them: a run that is killed leaves them
// behind.
type spawner struct{}

func newSpawner() spawner { return spawner{} }

func (spawner) start(command *exec.Cmd) error {
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return command.Start()
}
