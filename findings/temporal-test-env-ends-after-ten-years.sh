#!/usr/bin/env bash
# go.temporal.io/sdk 1.50.0, with Go 1.26.
#
# Guess: in the SDK's test environment a workflow without a time-out runs for as long as it sleeps,
# and one that is started with a WorkflowRunTimeout in its StartWorkflowOptions until that.
# Behaviour: without a time-out a run fails after ten years of skipped time. The option is only
# shown to the workflow by GetInfo: the run still fails after ten years, in the middle of a
# time-out of a hundred, and is not ended by one of a year. SetWorkflowRunTimeout is what counts.
# Seen: "no time-out: deadline exceeded", "option of 100 years: deadline exceeded",
# "option of 1 year: slept", "SetWorkflowRunTimeout of 100 years: slept".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > finding_test.go <<'GO'
package finding

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"
)

const year = 366 * 24 * time.Hour

func sleeps(ctx workflow.Context, years int) error { return workflow.Sleep(ctx, time.Duration(years)*year) }

func TestFinding(t *testing.T) {
	for _, c := range []struct {
		name    string
		prepare func(*testsuite.TestWorkflowEnvironment)
		years   int
		want    string
	}{
		{"no time-out", func(*testsuite.TestWorkflowEnvironment) {}, 11, "deadline exceeded"},
		{"option of 100 years", func(env *testsuite.TestWorkflowEnvironment) {
			env.SetStartWorkflowOptions(client.StartWorkflowOptions{WorkflowRunTimeout: 100 * year})
		}, 11, "deadline exceeded"},
		{"option of 1 year", func(env *testsuite.TestWorkflowEnvironment) {
			env.SetStartWorkflowOptions(client.StartWorkflowOptions{WorkflowRunTimeout: year})
		}, 5, "slept"},
		{"SetWorkflowRunTimeout of 100 years", func(env *testsuite.TestWorkflowEnvironment) {
			env.SetWorkflowRunTimeout(100 * year)
		}, 11, "slept"},
	} {
		var suite testsuite.WorkflowTestSuite
		env := suite.NewTestWorkflowEnvironment()
		env.RegisterWorkflow(sleeps)
		c.prepare(env)
		env.ExecuteWorkflow(sleeps, c.years)
		seen := "slept"
		if err := env.GetWorkflowError(); err != nil {
			seen = err.Error()
			if strings.Contains(seen, "deadline exceeded") {
				seen = "deadline exceeded"
			}
		}
		fmt.Printf("%s: %s\n", c.name, seen)
		if seen != c.want {
			t.Errorf("%s has changed: %s", c.name, seen)
		}
	}
}
GO
cat > go.mod <<'MOD'
module finding

go 1.26

require go.temporal.io/sdk v1.50.0
MOD
go mod tidy >/dev/null 2>&1
go test -count=1 -v -run TestFinding . | grep -E '^(no time|option|SetWork|ok|FAIL|---)'
