#!/usr/bin/env bash
# go.temporal.io/sdk 1.50.0, with Go 1.26.
#
# Guess: in the test environment an activity with WaitForCancellation behaves as on a server:
# after a cancellation the workflow waits until the activity has ended, and gets its result if
# it was completed all the same.
# Behaviour: the environment reports the activity as cancelled at once, and the workflow goes on
# while the activity still runs. What follows a cancelled call, such as a compensation that
# looks for its effect, races with the call in a test and only there.
# Seen: 'result "" canceled, before the activity had ended'.
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
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"
)

func TestFinding(t *testing.T) {
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestWorkflowEnvironment()
	release, ended := make(chan struct{}), make(chan struct{})
	env.RegisterActivityWithOptions(func(context.Context) (string, error) {
		defer close(ended)
		select { // it ends when the workflow has, or else by itself
		case <-release:
		case <-time.After(2 * time.Second):
		}
		return "done", nil
	}, activity.RegisterOptions{Name: "call"})
	env.SetOnActivityStartedListener(func(*activity.Info, context.Context, converter.EncodedValues) { env.CancelWorkflow() })
	env.ExecuteWorkflow(func(ctx workflow.Context) (string, error) {
		ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute, WaitForCancellation: true})
		var result string
		err := workflow.ExecuteActivity(ctx, "call").Get(ctx, &result)
		return fmt.Sprintf("result %q %v", result, err), nil
	})
	var seen string
	if err := env.GetWorkflowResult(&seen); err != nil {
		t.Fatal(err)
	}
	when := "before the activity had ended"
	select {
	case <-ended:
		when = "after the activity had ended"
	default:
	}
	close(release)
	<-ended
	fmt.Printf("%s, %s\n", seen, when)
}
GO
go mod init finding >/dev/null 2>&1
go get go.temporal.io/sdk@v1.50.0 >/dev/null 2>&1
go mod tidy >/dev/null 2>&1
seen=$(go test -count=1 -v . 2>/dev/null)
line='result "" canceled, before the activity had ended'
grep -xF "$line" <<<"$seen" || { echo "not seen any more: $line"; exit 1; }
