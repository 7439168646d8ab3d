package activities_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/interceptor"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"domainprovisioning/activities"
)

// A call that takes longer than a third of its heartbeat time-out shows that its
// worker lives, again and again; one without a time-out is left alone.
func TestALongCallHeartbeatsByItself(t *testing.T) {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestWorkflowEnvironment()
	env.SetWorkerOptions(worker.Options{Interceptors: []interceptor.WorkerInterceptor{&activities.Attempts{}}})
	beats := make(chan struct{}, 1000)
	env.SetOnActivityHeartbeatListener(func(*activity.Info, converter.EncodedValues) { beats <- struct{}{} })
	call := func(ctx context.Context, waits bool) error {
		if !waits {
			return nil
		}
		for range 3 { // as long as it takes until the world has heard of it
			select {
			case <-beats:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	}
	env.RegisterActivityWithOptions(call, activity.RegisterOptions{Name: "call"})
	env.ExecuteWorkflow(func(ctx workflow.Context) error {
		ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute, HeartbeatTimeout: 300 * time.Millisecond})
		if err := workflow.ExecuteActivity(ctx, "call", true).Get(ctx, nil); err != nil {
			return err
		}
		ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute})
		return workflow.ExecuteActivity(ctx, "call", false).Get(ctx, nil)
	})
	if err := env.GetWorkflowError(); err != nil {
		t.Error(err)
	}
}
