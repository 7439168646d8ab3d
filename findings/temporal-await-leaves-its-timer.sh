#!/usr/bin/env bash
# go.temporal.io/sdk 1.50.0, with Go 1.26.
#
# Guess: workflow.AwaitWithTimeout, and AwaitWithOptions, cancel their timer once the condition holds.
# Behaviour: the timer goes on. A workflow that waited for five days and was woken after one has a
# timer for the other four: no event says that it is cancelled, and if the workflow is still open
# then, it fires and costs a workflow task. The SDK can cancel it (its flag 6), which is off by default.
# Seen: "condition: true, cancelled: 0, fired: 2" with one wait that was woken and one sleep.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > main.go <<'GO'
package main

import (
	"fmt"
	"log/slog"
	"time"

	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"
)

func waits(ctx workflow.Context) (bool, error) {
	woken := false
	workflow.Go(ctx, func(ctx workflow.Context) {
		workflow.GetSignalChannel(ctx, "wake").Receive(ctx, nil)
		woken = true
	})
	held, err := workflow.AwaitWithTimeout(ctx, time.Hour, func() bool { return woken })
	if err != nil {
		return false, err
	}
	return held, workflow.Sleep(ctx, 2*time.Hour)
}

func main() {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestWorkflowEnvironment()
	env.RegisterWorkflow(waits)
	cancelled, fired := 0, 0
	env.SetOnTimerCanceledListener(func(string) { cancelled++ })
	env.SetOnTimerFiredListener(func(string) { fired++ })
	env.RegisterDelayedCallback(func() { env.SignalWorkflow("wake", nil) }, time.Minute)
	env.ExecuteWorkflow(waits)
	var held bool
	if err := env.GetWorkflowResult(&held); err != nil {
		panic(err)
	}
	fmt.Printf("condition: %t, cancelled: %d, fired: %d\n", held, cancelled, fired)
}
GO
go mod init finding >/dev/null 2>&1
go get go.temporal.io/sdk@v1.50.0 >/dev/null 2>&1
go mod tidy >/dev/null 2>&1
seen=$(go run .)
line="condition: true, cancelled: 0, fired: 2"
grep -xF "$line" <<<"$seen" || { echo "not seen any more: $line; but $seen"; exit 1; }
