//go:build unix

package main

import (
	"context"
	"slices"
	"strconv"
	"syscall"
	"time"

	"go.temporal.io/sdk/client"
)

const (
	// deployment is the name of the workers' deployment in Temporal.
	deployment = "chaos"
	firstBuild = 1
	newBuild   = "workers replaced by a new build"
	// deployWithin is how long a deploy may take. Longer than a process stands still, twice.
	deployWithin = 5 * time.Minute
)

// buildVariable gives a worker its build id, which is the number of the deploy.
func buildVariable(build int) string { return "DP_WORKER_BUILD_ID=" + strconv.Itoa(build) }

// makeCurrent gives the work to a build, as soon as the server knows it. A queue that no worker of it
// polls yet is refused only while tasks wait there, and gets its workers a moment later.
func (s *system) makeCurrent(ctx context.Context, within time.Duration, build int) error {
	id := strconv.Itoa(build)
	return until(ctx, within, "build "+id+" is current", func(ctx context.Context) error {
		_, err := s.client.WorkerDeploymentClient().GetHandle(deployment).SetCurrentVersion(ctx, client.WorkerDeploymentSetCurrentVersionOptions{BuildID: id})
		return err
	})
}

// deploy replaces the workers by those of another build, in parallel with other disturbances: the
// first one, then the new build gets the work, then the others. Until then orders are held by a
// build that has fewer workers, and by none if the last of them is killed meanwhile.
func (d *disturber) deploy(ctx context.Context, _ string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	workers := d.system.workers
	if d.over || d.deploying || slices.ContainsFunc(workers, func(n *node) bool { return n.standsStill() }) {
		return false
	}
	d.deploying = true
	d.builds++
	build := d.builds
	d.group.Go(func() {
		workers[0].replace(buildVariable(build))
		err := d.system.makeCurrent(ctx, deployWithin, build)
		for _, worker := range workers[1:] {
			worker.replace(buildVariable(build))
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		d.deploying = false
		if err != nil {
			d.undeployed = append(d.undeployed, err.Error())
		}
	})
	return true
}

// replace ends the process as a supervisor does. It comes back with a variable of another value.
func (p *process) replace(variable string) {
	p.mu.Lock()
	p.variable = variable
	p.mu.Unlock()
	p.signal(syscall.SIGTERM)
}
