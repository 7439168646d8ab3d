#!/usr/bin/env bash
# go.temporal.io/server 1.32.1 and go.temporal.io/sdk 1.50.0, with Go 1.26.
#
# Guess: SetCurrentVersion of a worker deployment refuses a build that no worker runs, and, without
# IgnoreMissingTaskQueues, a build whose workers lack a task queue of the current one.
# Behaviour: it refuses neither reliably. A build is accepted if its workers have ever polled,
# however long they have been stopped. A missing task queue counts only while tasks wait in it or
# were added to it a moment ago, so the queue of workflows that wait for days does not: the same
# request is refused at first, and accepted half a minute later.
# Seen: "nobody polls: accepted", "queue missing, just used: refused",
# "queue missing, unused for a moment: accepted".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > finding_test.go <<'GO'
package finding

import (
	"context"
	"fmt"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"go.temporal.io/server/temporaltest"
)

func call(context.Context) error { return nil }

// uses makes a call on the task queue "extra".
func uses(ctx workflow.Context) error {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{TaskQueue: "extra", StartToCloseTimeout: time.Minute})
	return workflow.ExecuteActivity(ctx, "call").Get(ctx, nil)
}

func TestFinding(t *testing.T) {
	server := temporaltest.NewServer(temporaltest.WithT(t))
	temporal := server.GetDefaultClient()
	deployment := temporal.WorkerDeploymentClient().GetHandle("shop")
	ctx := t.Context()

	// run starts workers of a build, and waits until the server knows their task queues.
	run := func(build string, queues ...string) (stop func()) {
		var workers []worker.Worker
		for _, queue := range queues {
			w := worker.New(temporal, queue, worker.Options{DeploymentOptions: worker.DeploymentOptions{
				UseVersioning: true, Version: worker.WorkerDeploymentVersion{DeploymentName: "shop", BuildID: build},
				DefaultVersioningBehavior: workflow.VersioningBehaviorAutoUpgrade,
			}, DisableWorkflowWorker: queue == "extra"})
			if queue == "main" {
				w.RegisterWorkflow(uses)
			}
			w.RegisterActivityWithOptions(call, activity.RegisterOptions{Name: "call"})
			if err := w.Start(); err != nil {
				t.Fatal(err)
			}
			workers = append(workers, w)
		}
		until(t, "build "+build+" polls", func() bool {
			described, err := deployment.DescribeVersion(ctx, client.WorkerDeploymentDescribeVersionOptions{BuildID: build})
			names := map[string]bool{}
			for _, queue := range described.Info.TaskQueuesInfos {
				names[queue.Name] = true
			}
			return err == nil && len(names) == len(queues)
		})
		return func() {
			for _, w := range workers {
				w.Stop()
			}
		}
	}
	set := func(build string) string {
		if _, err := deployment.SetCurrentVersion(ctx, client.WorkerDeploymentSetCurrentVersionOptions{BuildID: build}); err != nil {
			fmt.Println("   ", err)
			return "refused"
		}
		return "accepted"
	}

	stop := run("stopped", "main", "extra")
	stop()
	fmt.Println("nobody polls:", set("stopped"))

	defer run("whole", "main", "extra")()
	until(t, "the whole build is current", func() bool { return set("whole") == "accepted" })
	defer run("partial", "main")()
	started, err := temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{TaskQueue: "main"}, uses)
	if err == nil {
		err = started.Get(ctx, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("queue missing, just used:", set("partial"))
	until(t, "a build that lacks a task queue is accepted", func() bool { return set("partial") == "accepted" })
	fmt.Println("queue missing, unused for a moment: accepted")
}

func until(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !condition(); time.Sleep(500 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("gave up waiting until %s", what)
		}
	}
}
GO
go mod init finding >/dev/null 2>&1
go get go.temporal.io/server@v1.32.1 go.temporal.io/sdk@v1.50.0 >/dev/null 2>&1
go mod tidy >/dev/null 2>&1
seen=$(go test -count=1 -v . 2>/dev/null)
for line in "nobody polls: accepted" "queue missing, just used: refused" "queue missing, unused for a moment: accepted"; do
  grep -xF "$line" <<<"$seen" || { echo "not seen any more: $line"; exit 1; }
done
