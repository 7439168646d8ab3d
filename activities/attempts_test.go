package activities_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/interceptor"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"domainprovisioning/activities"
	"domainprovisioning/messages"
	"domainprovisioning/registrars"
)

// teller records what orders are told.
type teller struct{ told []messages.Trouble }

func (w *teller) Tell(_ context.Context, _, _ string, trouble messages.Trouble) error {
	w.told = append(w.told, trouble)
	return nil
}

// TestWhoIsToldOfACallThatFails: the age is zero here, and so is the limit.
func TestWhoIsToldOfACallThatFails(t *testing.T) {
	for name, c := range map[string]struct {
		call func(context.Context) error
		want []messages.Trouble
	}{
		"it succeeds":               {func(context.Context) error { return nil }, nil},
		"it fails and is tried":     {func(context.Context) error { return activities.Fail(ofClass(registrars.ClassTemporary)) }, []messages.Trouble{{Class: "temporary"}}},
		"a person is asked anyway":  {func(context.Context) error { return activities.Fail(ofClass(registrars.ClassInvalid)) }, nil},
		"it panics":                 {func(context.Context) error { panic("Jane Example") }, []messages.Trouble{{Class: "temporary"}}},
		"an error that is not ours": {func(context.Context) error { return errors.New("strange") }, []messages.Trouble{{Class: "temporary"}}},
	} {
		t.Run(name, func(t *testing.T) {
			var suite testsuite.WorkflowTestSuite
			suite.SetLogger(sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)))
			env := suite.NewTestActivityEnvironment()
			w := &teller{}
			env.SetWorkerOptions(worker.Options{Interceptors: []interceptor.WorkerInterceptor{
				&activities.Attempts{Teller: w, Log: slog.New(slog.DiscardHandler)},
			}})
			env.RegisterActivityWithOptions(c.call, activity.RegisterOptions{Name: "call"})
			_, _ = env.ExecuteActivity("call")
			if len(w.told) != len(c.want) {
				t.Fatalf("told %+v", w.told)
			}
			for i, told := range w.told {
				if told.Class != c.want[i].Class || told.Activity != "call" || strings.Contains(told.Message, "Jane") {
					t.Errorf("told %+v", told)
				}
			}
		})
	}
}

// closed is a converter that panics on heartbeats, as that of workers does on what it cannot open.
type closed struct{ converter.DataConverter }

func (c closed) FromPayloads(payloads *commonpb.Payloads, values ...any) error {
	for _, payload := range payloads.GetPayloads() {
		if strings.Contains(string(payload.GetData()), "toldClass") {
			panic("it cannot be opened")
		}
	}
	return c.DataConverter.FromPayloads(payloads, values...)
}

// What an earlier attempt has left is of use, but the call is made without it too, and its order told.
func TestACallIsMadeWhateverItsHeartbeatsSay(t *testing.T) {
	for name, c := range map[string]struct {
		converter converter.DataConverter
		details   any
		told      int
	}{
		"it was told":             {converter.GetDefaultDataConverter(), map[string]any{"toldAfter": time.Hour, "toldClass": "temporary"}, 0},
		"details of its own":      {converter.GetDefaultDataConverter(), "page 3", 1},
		"details that are closed": {closed{converter.GetDefaultDataConverter()}, map[string]any{"toldAfter": time.Hour, "toldClass": "temporary"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			var suite testsuite.WorkflowTestSuite
			suite.SetLogger(sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)))
			env := suite.NewTestActivityEnvironment()
			w, calls := &teller{}, 0
			env.SetDataConverter(c.converter)
			env.SetHeartbeatDetails(c.details)
			env.SetWorkerOptions(worker.Options{Interceptors: []interceptor.WorkerInterceptor{
				&activities.Attempts{Teller: w, Log: slog.New(slog.DiscardHandler)},
			}})
			env.RegisterActivityWithOptions(func(context.Context) error {
				calls++
				return activities.Fail(ofClass(registrars.ClassTemporary))
			}, activity.RegisterOptions{Name: "call"})
			_, err := env.ExecuteActivity("call")
			if calls != 1 || len(w.told) != c.told {
				t.Errorf("%d calls, told %+v: %v", calls, w.told, err)
			}
		})
	}
}

// A call that takes longer than a third of its heartbeat time-out shows repeatedly that
// its worker is alive; a call without a heartbeat time-out does not.
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
		for range 3 { // until several heartbeats have arrived
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
