package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"domainprovisioning/assembly"
	"domainprovisioning/internal/outside"
	"domainprovisioning/vault"
)

// This file is about what a worker does that lacks the key of what it reads, on a real server: one
// small program for each way in which a payload reaches a workflow.

const (
	sealedQueue, callsQueue = "sealed", "sealed-calls"
	sealedSignal            = "said"
)

// reader is a program that reads something, and returns what it has read.
type reader struct {
	calls *atomic.Int64 // of activities
}

func (r reader) Call(context.Context, string) (string, error) {
	r.calls.Add(1)
	return "the answer", nil
}

func (r reader) Fail(context.Context, string) error {
	r.calls.Add(1)
	return temporal.NewNonRetryableApplicationError("a marker", "Refused", nil, "the answer")
}

// program begins with the step named how, and then waits to be told to go on.
func (r reader) program(ctx workflow.Context, how, given string) (read string, err error) {
	if err := workflow.SetUpdateHandler(ctx, "give", func(_ workflow.Context, value string) (string, error) {
		read = value
		return "took " + value, nil
	}); err != nil {
		return "", err
	}
	if err := workflow.SetQueryHandler(ctx, "echo", func(value string) (string, error) { return value, nil }); err != nil {
		return "", err
	}
	calling := workflow.WithActivityOptions(ctx, workflow.ActivityOptions{TaskQueue: callsQueue, StartToCloseTimeout: time.Minute})
	here := workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{StartToCloseTimeout: time.Minute})
	var details string
	detailsOf := func(err error) {
		if failure, ok := errors.AsType[*temporal.ApplicationError](err); ok {
			err = failure.Details(&details)
		}
		read = fmt.Sprintf("%s%v", details, err)
	}
	switch how {
	case "input":
		return given, nil
	case "version":
		read = fmt.Sprint(workflow.GetVersion(ctx, "change", workflow.DefaultVersion, 1))
	case "side effect":
		err = workflow.SideEffect(ctx, func(workflow.Context) any { return "the answer" }).Get(&read)
	case "local activity":
		err = workflow.ExecuteLocalActivity(here, r.Call, "x").Get(ctx, &read)
	case "local failure":
		detailsOf(workflow.ExecuteLocalActivity(here, r.Fail, "x").Get(ctx, nil))
	case "activity":
		return read, workflow.ExecuteActivity(calling, "Call", "x").Get(ctx, &read)
	case "failure":
		detailsOf(workflow.ExecuteActivity(calling, "Fail", "x").Get(ctx, nil))
		return read, nil
	case "update":
		return read, workflow.Await(ctx, func() bool { return read != "" })
	}
	if err != nil {
		return "", err
	}
	var said string
	workflow.GetSignalChannel(ctx, sealedSignal).Receive(ctx, &said)
	return strings.TrimSpace(read + " " + said), nil
}

// lack is a namespace in which keys are missing.
type lack struct {
	t         *testing.T
	namespace string
	log       *outside.Output
	reader    reader
}

func beginLack(t *testing.T) *lack {
	t.Helper()
	needServer(t)
	return &lack{t: t, namespace: namespaces[nextNamespace.Add(1)-1], log: &outside.Output{}, reader: reader{&atomic.Int64{}}}
}

// codecOf returns a codec; the first of the keys seals if seal is set.
func codecOf(t *testing.T, seal bool, ids ...string) *vault.Codec {
	t.Helper()
	var keys []vault.CodecKey
	for _, id := range ids {
		keys = append(keys, vault.CodecKey{ID: id, Material: []byte(strings.Repeat(id[:1], vault.CodecKeyBytes-1) + id[len(id)-1:])})
	}
	codec, err := vault.NewCodec(keys, seal)
	if err != nil {
		t.Fatal(err)
	}
	return codec
}

// through connects with some converters.
func (l *lack) through(converters vault.Converters) client.Client {
	l.t.Helper()
	return l.logging(converters, discardLog())
}

func (l *lack) logging(converters vault.Converters, log *slog.Logger) client.Client {
	l.t.Helper()
	c, err := client.DialContext(l.t.Context(), client.Options{
		HostPort: server.HostPort(), Namespace: l.namespace, Logger: assembly.TemporalLog(log),
		DataConverter: converters.Data, FailureConverter: converters.Failure,
	})
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(c.Close)
	return c
}

// work runs a worker for a queue until it is stopped.
func (l *lack) work(queue string, codec *vault.Codec) (stop func()) {
	l.t.Helper()
	// What another worker of this process has read before must not help this one.
	worker.PurgeStickyWorkflowCache()
	w := worker.New(l.logging(codec.ForWorkers(), slog.New(slog.NewTextHandler(l.log, nil))), queue, worker.Options{})
	w.RegisterWorkflowWithOptions(l.reader.program, workflow.RegisterOptions{Name: "Program"})
	w.RegisterActivityWithOptions(l.reader.Call, activity.RegisterOptions{Name: "Call"})
	w.RegisterActivityWithOptions(l.reader.Fail, activity.RegisterOptions{Name: "Fail"})
	if err := w.Start(); err != nil {
		l.t.Fatal(err)
	}
	return w.Stop
}

func (l *lack) start(c client.Client, how, given string) client.WorkflowRun {
	l.t.Helper()
	run, err := c.ExecuteWorkflow(l.t.Context(), client.StartWorkflowOptions{ID: "reads", TaskQueue: sealedQueue}, "Program", how, given)
	if err != nil {
		l.t.Fatal(err)
	}
	return run
}

// until waits for a state of the workflow, which must run meanwhile.
func (l *lack) until(c client.Client, what string, reached func(attempt int32, events int64) bool) {
	l.t.Helper()
	for deadline := time.Now().Add(patience); ; {
		described, err := c.DescribeWorkflowExecution(l.t.Context(), "reads", "")
		if err != nil {
			l.t.Fatal(err)
		}
		info := described.GetWorkflowExecutionInfo()
		if status := info.GetStatus(); status != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
			l.t.Fatalf("before %s the workflow is %s", what, status)
		}
		if reached(described.GetPendingWorkflowTask().GetAttempt(), info.GetHistoryLength()) {
			return
		}
		if time.Now().After(deadline) {
			l.t.Fatalf("not reached: %s; pending %v, events %s", what, described.GetPendingWorkflowTask(), l.kinds(c))
		}
		time.Sleep(10 * time.Millisecond) // the server tells nobody
	}
}

// kinds lists the events of the history.
func (l *lack) kinds(c client.Client) string {
	var kinds []string
	events := c.GetWorkflowHistory(l.t.Context(), "reads", "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		if err != nil {
			return err.Error()
		}
		kinds = append(kinds, event.GetEventTime().AsTime().Format("05.000 ")+event.GetEventType().String())
	}
	return strings.Join(kinds, ", ")
}

// blocked waits until a workflow task has failed for want of a key and is tried again.
func (l *lack) blocked(c client.Client, codec *vault.Codec, key string) {
	l.t.Helper()
	l.until(c, "blocked", func(attempt int32, _ int64) bool {
		return attempt > 1 && strings.Contains(l.log.String(), `no key \"`+key+`\"`)
	})
	l.failures(c, codec, key)
}

// failures checks that the failures in the history name the missing key. Temporal records the first
// of a task, unless the task was lost before with a worker that has stopped.
func (l *lack) failures(c client.Client, codec *vault.Codec, key string) {
	l.t.Helper()
	events := c.GetWorkflowHistory(l.t.Context(), "reads", "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		if err != nil {
			l.t.Fatal(err)
		}
		if failed := event.GetWorkflowTaskFailedEventAttributes(); failed != nil {
			if cause := codec.ForClients().Failure.FailureToError(failed.GetFailure()).Error(); !strings.Contains(cause, `"`+key+`"`) {
				l.t.Errorf("the task failed with %q", cause)
			}
		}
	}
}

// TestAWorkflowBlocksOnWhatItCannotOpen: whatever a workflow reads, without the key its task fails
// and is tried again, and with the key it goes on as if nothing had been.
func TestAWorkflowBlocksOnWhatItCannotOpen(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped in short mode: a failed task is tried again after ten seconds")
	}
	t.Parallel()
	for _, c := range []struct {
		how string
		// sealsBefore: a worker with the key writes what the other one cannot read.
		sealsBefore bool
		// sends is what a sender with the key does; its result is what the sender learns.
		sends func(l *lack, sender client.Client) (answered func() error)
		want  string
		calls int64
	}{
		{how: "input", want: "given", sends: func(l *lack, sender client.Client) func() error { l.start(sender, "input", "given"); return nil }},
		{how: "signal", want: "heard", sends: func(l *lack, sender client.Client) func() error {
			if err := sender.SignalWorkflow(l.t.Context(), "reads", "", sealedSignal, "heard"); err != nil {
				l.t.Fatal(err)
			}
			return nil
		}},
		{how: "update", want: "given later", sends: func(l *lack, sender client.Client) func() error {
			answer := make(chan error, 1)
			ctx, cancel := context.WithTimeout(l.t.Context(), patience)
			go func() {
				defer cancel()
				handle, err := sender.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
					WorkflowID: "reads", UpdateName: "give", Args: []any{"given later"}, WaitForStage: client.WorkflowUpdateStageCompleted,
				})
				var took string
				if err == nil {
					err = handle.Get(ctx, &took)
				}
				if err == nil && took != "took given later" {
					err = fmt.Errorf("the update answered %q", took)
				}
				answer <- err
			}()
			return func() error { return <-answer }
		}},
		{how: "activity", want: "the answer", calls: 1},
		{how: "failure", want: "the answer<nil>", calls: 1},
		{how: "version", sealsBefore: true, want: "1 go on"},
		{how: "side effect", sealsBefore: true, want: "the answer go on"},
		{how: "local activity", sealsBefore: true, want: "the answer go on", calls: 1},
		{how: "local failure", sealsBefore: true, want: "the answer<nil> go on", calls: 1},
	} {
		t.Run(c.how, func(t *testing.T) {
			t.Parallel()
			l := beginLack(t)
			// Both workers seal: a failed task must not be the only plain thing.
			has, lacks := codecOf(t, true, "has", "lacks"), codecOf(t, true, "lacks")
			sender, plain := l.through(has.ForClients()), l.through(codecOf(t, false, "has", "lacks").ForClients())
			var answered func() error
			if c.how != "input" {
				l.start(plain, c.how, "")
			}
			stopCalls := l.work(callsQueue, has)
			defer stopCalls()
			waits := func(attempt int32, events int64) bool { return attempt == 0 && events >= 4 }
			var stop func()
			switch {
			case c.sealsBefore:
				stop = l.work(sealedQueue, has)
				l.until(plain, "waiting", waits)
				stop()
				stop = l.work(sealedQueue, lacks)
				if err := plain.SignalWorkflow(t.Context(), "reads", "", sealedSignal, "go on"); err != nil {
					t.Fatal(err)
				}
			case c.how == "signal", c.how == "update":
				// Temporal gives an update up that fails four times, so none is to be lost with a worker.
				stop = l.work(sealedQueue, lacks)
				l.until(plain, "waiting", waits)
				answered = c.sends(l, sender)
			default:
				if c.sends != nil {
					answered = c.sends(l, sender)
				}
				stop = l.work(sealedQueue, lacks)
			}
			l.blocked(sender, has, "has")
			stop()
			stop = l.work(sealedQueue, has)
			defer stop()
			var read string
			if err := sender.GetWorkflow(t.Context(), "reads", "").Get(t.Context(), &read); err != nil || read != c.want {
				t.Errorf("read %q, %v, want %q", read, err, c.want)
			}
			if answered != nil {
				if err := answered(); err != nil {
					t.Errorf("the sender: %v", err)
				}
			}
			if n := l.reader.calls.Load(); n != c.calls {
				t.Errorf("%d calls of activities", n)
			}
		})
	}
}

// TestAnActivityWithoutTheKeyIsTriedAgain: it is no panic, and it names the key.
func TestAnActivityWithoutTheKeyIsTriedAgain(t *testing.T) {
	t.Parallel()
	l := beginLack(t)
	has, lacks := codecOf(t, true, "has", "lacks"), codecOf(t, true, "lacks")
	c := l.through(has.ForClients())
	l.start(c, "activity", "")
	defer l.work(sealedQueue, has)()
	stop := l.work(callsQueue, lacks)
	l.until(c, "an activity was tried", func(int32, int64) bool {
		described, err := c.DescribeWorkflowExecution(t.Context(), "reads", "")
		if err != nil || len(described.GetPendingActivities()) == 0 || described.GetPendingActivities()[0].GetLastFailure() == nil {
			return false
		}
		failure := has.ForClients().Failure.FailureToError(described.GetPendingActivities()[0].GetLastFailure())
		if _, panicked := errors.AsType[*temporal.PanicError](failure); panicked || !strings.Contains(failure.Error(), `"has"`) {
			t.Fatalf("it failed with %v", failure)
		}
		return true
	})
	stop()
	defer l.work(callsQueue, has)()
	var read string
	if err := c.GetWorkflow(t.Context(), "reads", "").Get(t.Context(), &read); err != nil || read != "the answer" {
		t.Errorf("read %q, %v", read, err)
	}
	if n := l.reader.calls.Load(); n != 1 {
		t.Errorf("%d calls", n)
	}
}

// TestAQueryWithoutTheKeyHarmsNothing: the question stays without an answer, and the workflow goes
// on. None of ours has an argument.
func TestAQueryWithoutTheKeyHarmsNothing(t *testing.T) {
	t.Parallel()
	l := beginLack(t)
	plain, sender := l.through(codecOf(t, false, "lacks").ForClients()), l.through(codecOf(t, true, "has", "lacks").ForClients())
	l.start(plain, "signal", "")
	defer l.work(sealedQueue, codecOf(t, false, "lacks"))()
	l.until(plain, "waiting", func(attempt int32, events int64) bool { return attempt == 0 && events >= 4 })
	asking, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	if answer, err := sender.QueryWorkflow(asking, "reads", "", "echo", "x"); err == nil {
		t.Errorf("answered %v", answer)
	}
	if err := plain.SignalWorkflow(t.Context(), "reads", "", sealedSignal, "go on"); err != nil {
		t.Fatal(err)
	}
	var read string
	if err := plain.GetWorkflow(t.Context(), "reads", "").Get(t.Context(), &read); err != nil || read != "go on" {
		t.Errorf("read %q, %v", read, err)
	}
}
