//go:build unix && !linux

package main

import (
	"os/exec"
	"syscall"
)

// spawner starts processes. Here they end by close only: a run that is killed itself
// leaves them behind.
type spawner struct{}

func newSpawner() spawner { return spawner{} }

func (spawner) start(command *exec.Cmd) error {
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return command.Start()
}
