#!/usr/bin/env bash
# go.temporal.io/sdk 1.50.0, with Go 1.26.
#
# Guess: workflow.GetCurrentUpdateInfo, which "returns information about the currently running
# update if any", returns nil outside of an update, so that code shared by a handler and the
# workflow itself can ask.
# Behaviour: outside of an update it panics, which fails the workflow task (in the test
# environment, the workflow). There is no way to ask; the handler has to pass the id on.
# Seen: "in the handler: u1", "outside: getWorkflowOutboundInterceptor: No update associated with this context".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > finding_test.go <<'GO'
package finding

import (
	"errors"
	"fmt"
	"testing"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"
)

func TestFinding(t *testing.T) {
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestWorkflowEnvironment()
	env.RegisterDelayedCallback(func() { env.UpdateWorkflow("ask", "u1", &testsuite.TestUpdateCallback{
		OnAccept: func() {}, OnReject: func(error) {}, OnComplete: func(answer any, err error) { fmt.Println("in the handler:", answer) },
	}) }, 0)
	env.ExecuteWorkflow(func(ctx workflow.Context) error {
		asked := false
		err := workflow.SetUpdateHandler(ctx, "ask", func(ctx workflow.Context) (string, error) {
			asked = true
			return workflow.GetCurrentUpdateInfo(ctx).ID, nil
		})
		if err != nil {
			return err
		}
		if err := workflow.Await(ctx, func() bool { return asked }); err != nil {
			return err
		}
		if workflow.GetCurrentUpdateInfo(ctx) == nil {
			return errors.New("nil")
		}
		return errors.New("an update")
	})
	var cause *temporal.PanicError
	if errors.As(env.GetWorkflowError(), &cause) {
		fmt.Println("outside:", cause.Error())
		return
	}
	fmt.Println("outside:", env.GetWorkflowError())
}
GO
go mod init finding >/dev/null 2>&1
go get go.temporal.io/sdk@v1.50.0 >/dev/null 2>&1
go mod tidy >/dev/null 2>&1
seen=$(go test -count=1 -v . 2>/dev/null)
for line in "in the handler: u1" "outside: getWorkflowOutboundInterceptor: No update associated with this context"; do
  grep -xF "$line" <<<"$seen" || { echo "not seen any more: $line"; exit 1; }
done
