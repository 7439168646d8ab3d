#!/usr/bin/env bash
# go.temporal.io/sdk 1.50.0, with Go 1.26.
#
# Guess: workflow.Await on a context that has been cancelled returns a CanceledError, as an
# activity or a timer on it does, so that a loop around it ends.
# Behaviour: the condition is looked at first. If it holds, Await returns nil however long ago
# the context was cancelled. A loop that waits for "a command or news" and finds nothing to do
# about a command that is handled elsewhere then spins without yielding, until the deadlock
# detector fails the task, on every try.
# Seen: "condition holds: <nil>", "condition does not hold: canceled", "timer: canceled".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > finding_test.go <<'GO'
package finding

import (
	"fmt"
	"testing"
	"time"

	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"
)

func TestFinding(t *testing.T) {
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestWorkflowEnvironment()
	env.ExecuteWorkflow(func(ctx workflow.Context) error {
		cancelled, cancel := workflow.WithCancel(ctx)
		cancel()
		fmt.Println("condition holds:", workflow.Await(cancelled, func() bool { return true }))
		fmt.Println("condition does not hold:", workflow.Await(cancelled, func() bool { return false }))
		fmt.Println("timer:", workflow.Sleep(cancelled, time.Hour))
		return nil
	})
	if err := env.GetWorkflowError(); err != nil {
		t.Fatal(err)
	}
}
GO
go mod init finding >/dev/null 2>&1
go get go.temporal.io/sdk@v1.50.0 >/dev/null 2>&1
go mod tidy >/dev/null 2>&1
seen=$(go test -count=1 -v . 2>/dev/null)
for line in "condition holds: <nil>" "condition does not hold: canceled" "timer: canceled"; do
  grep -xF "$line" <<<"$seen" || { echo "not seen any more: $line"; exit 1; }
done
