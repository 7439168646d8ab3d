#!/usr/bin/env bash
# go.temporal.io/sdk 1.50.0 with go.temporal.io/server 1.32.1, with Go 1.26.
#
# Guess: a query of a deterministic workflow whose workers are there is answered, however full the
# worker's cache is; what happens in the workflow meanwhile shows in the answer, or does not.
# Behaviour: a worker that has dropped the workflow from its cache reads the history again. If the
# workflow completes a task between the beginning of the query and this reading, the worker takes
# the new events for not yet done, and the query fails with [TMPRL1100] "invalid state transition",
# as if the program were not deterministic. The same query, asked again, is answered.
# Seen: "outrun: QueryFailed: [TMPRL1100] invalid state transition", "asked again: 2".
# Known since 2022: https://github.com/temporalio/sdk-go/issues/755, open.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > finding_test.go <<'GO'
package finding

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"go.temporal.io/server/temporaltest"
	"google.golang.org/grpc"
)

// counts makes a call for each signal, and says how many it has begun.
func counts(ctx workflow.Context) error {
	begun := 0
	if err := workflow.SetQueryHandler(ctx, "begun", func() (int, error) { return begun, nil }); err != nil {
		return err
	}
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute})
	for {
		workflow.GetSignalChannel(ctx, "go").Receive(ctx, nil)
		begun++
		if err := workflow.ExecuteActivity(ctx, "call").Get(ctx, nil); err != nil {
			return err
		}
	}
}

func TestFinding(t *testing.T) {
	ctx := t.Context()
	server := temporaltest.NewServer(temporaltest.WithT(t))
	caller := server.GetDefaultClient()

	// advance lets the workflow make one more call, and waits until it has and rests again.
	calls := 0
	advance := func() {
		calls++
		if err := caller.SignalWorkflow(ctx, "w", "", "go", nil); err != nil {
			t.Error(err)
		}
		for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
			completed, open := 0, 0
			for events := caller.GetWorkflowHistory(ctx, "w", "", false, 0); events.HasNext(); {
				event, err := events.Next()
				if err != nil {
					t.Error(err)
					return
				}
				if event.GetActivityTaskCompletedEventAttributes() != nil {
					completed++
				}
				switch {
				case event.GetWorkflowTaskScheduledEventAttributes() != nil:
					open++
				case event.GetWorkflowTaskCompletedEventAttributes() != nil:
					open--
				}
			}
			if completed == calls && open == 0 {
				return
			}
			if time.Now().After(deadline) {
				t.Error("the workflow does not advance")
				return
			}
		}
	}

	// The worker's next reading of a history is delayed until the workflow has advanced.
	var delay atomic.Bool
	slow := func(ctx context.Context, method string, in, out any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
		if strings.HasSuffix(method, "/GetWorkflowExecutionHistory") && delay.CompareAndSwap(true, false) {
			advance()
		}
		return invoke(ctx, method, in, out, conn, options...)
	}
	connected, err := client.Dial(client.Options{
		HostPort: server.GetFrontendHostPort(), Namespace: server.GetDefaultNamespace(),
		ConnectionOptions: client.ConnectionOptions{DialOptions: []grpc.DialOption{grpc.WithChainUnaryInterceptor(slow)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer connected.Close()
	w := worker.New(connected, "queue", worker.Options{})
	w.RegisterWorkflow(counts)
	w.RegisterActivityWithOptions(func(context.Context) error { return nil }, activity.RegisterOptions{Name: "call"})
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	defer w.Stop()
	if _, err := caller.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: "w", TaskQueue: "queue"}, counts); err != nil {
		t.Fatal(err)
	}
	advance()

	worker.PurgeStickyWorkflowCache()
	delay.Store(true)
	_, err = caller.QueryWorkflow(ctx, "w", "", "begun")
	if err == nil {
		t.Fatal("the query was answered")
	}
	kind, text := strings.TrimPrefix(fmt.Sprintf("%T", err), "*serviceerror."), err.Error()
	text, _, _ = strings.Cut(text, ": attempt")
	fmt.Printf("outrun: %s: %s\n", kind, text)
	answer, err := caller.QueryWorkflow(ctx, "w", "", "begun")
	if err != nil {
		t.Fatal(err)
	}
	var begun int
	if err := answer.Get(&begun); err != nil {
		t.Fatal(err)
	}
	fmt.Println("asked again:", begun)
}
GO
go mod init finding >/dev/null 2>&1
go get go.temporal.io/server@v1.32.1 go.temporal.io/sdk@v1.50.0 >/dev/null 2>&1
go mod tidy >/dev/null 2>&1
seen=$(go test -count=1 -v . 2>/dev/null)
for line in "outrun: QueryFailed: [TMPRL1100] invalid state transition" "asked again: 2"; do
  grep -xF "$line" <<<"$seen" || { echo "not seen any more: $line"; exit 1; }
done
