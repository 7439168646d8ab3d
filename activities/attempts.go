package activities

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"

	"domainprovisioning/messages"
	"domainprovisioning/registrars"
)

// Attempts is a worker interceptor around every attempt of an activity.
//
// It sends heartbeats for every activity that has a heartbeat timeout, three times per
// timeout, while the activity runs. So a call may take minutes, and a dead worker is still
// noticed within the timeout. A short call costs nothing.
//
// It tells the order when a call has been failing for a long time and is still retried, so
// that no retry goes on forever unseen. A call that succeeds costs nothing here either.
type Attempts struct {
	interceptor.WorkerInterceptorBase

	// Teller tells the workflow; nil tells nobody.
	Teller Teller
	// After is how long a call may fail before its order is told.
	After AttentionAfter
	Log   *slog.Logger
}

// Teller tells a workflow run that a call is in trouble.
type Teller interface {
	Tell(ctx context.Context, workflowID, runID string, trouble messages.Trouble) error
}

// AttentionAfter is how long a call may fail and be retried before its order is shown as
// needing attention.
type AttentionAfter struct {
	// Unreadable is for replies that we cannot read and requests that we cannot build, where
	// waiting seldom helps.
	Unreadable time.Duration
	// Refused is for calls that are refused for a passing reason, or not answered.
	Refused time.Duration
}

// InterceptActivity implements interceptor.WorkerInterceptor.
func (a *Attempts) InterceptActivity(
	_ context.Context, next interceptor.ActivityInboundInterceptor,
) interceptor.ActivityInboundInterceptor {
	return &attempt{ActivityInboundInterceptorBase: interceptor.ActivityInboundInterceptorBase{Next: next}, of: a}
}

type attempt struct {
	interceptor.ActivityInboundInterceptorBase

	of *Attempts
}

// told is what an attempt leaves for the next one in its heartbeats: what the order was
// told, and after how long.
type told struct {
	After time.Duration    `json:"toldAfter"`
	Class registrars.Class `json:"toldClass"`
}

// toldBefore is what earlier attempts have left; nothing if that are the activity's own details, and not
// ours, or if this worker cannot open them: its converter panics then, and the call must go on.
func toldBefore(ctx context.Context) (before told) {
	if !activity.HasHeartbeatDetails(ctx) {
		return told{}
	}
	defer func() {
		if recover() != nil {
			before = told{}
		}
	}()
	if activity.GetHeartbeatDetails(ctx, &before) != nil {
		return told{}
	}
	return before
}

// ExecuteActivity implements interceptor.ActivityInboundInterceptor.
func (a *attempt) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	began := time.Now()
	info := activity.GetInfo(ctx)
	before := toldBefore(ctx)
	age := func() time.Duration { return info.StartedTime.Sub(info.ScheduledTime) + time.Since(began) }
	defer func() {
		// The SDK turns a panic into an error outside of its interceptors, and retries.
		if panicked := recover(); panicked != nil {
			if a.of.Teller != nil {
				a.of.tell(ctx, before, age(), errPanicked)
			}
			panic(panicked)
		}
	}()
	result, err := a.beating(ctx, in, before)
	if err != nil && a.of.Teller != nil {
		// Temporal knows the age of the call; this process only adds its own time.
		a.of.tell(ctx, before, age(), err)
	}
	return result, err
}

// errPanicked replaces the text of a panic, which may quote anything.
var errPanicked = errors.New("activities: the call has panicked; the worker's log says where")

// beating runs the activity and sends heartbeats meanwhile.
func (a *attempt) beating(ctx context.Context, in *interceptor.ExecuteActivityInput, before told) (any, error) {
	timeout := activity.GetInfo(ctx).HeartbeatTimeout
	if timeout == 0 {
		return a.Next.ExecuteActivity(ctx, in)
	}
	beat := &heartbeat{every: timeout / 3, record: func() { before.record(ctx) }}
	beat.start()
	defer beat.stop()
	return a.Next.ExecuteActivity(ctx, in)
}

// record sends a heartbeat without losing what earlier attempts have left.
func (t told) record(ctx context.Context) {
	if t == (told{}) {
		activity.RecordHeartbeat(ctx)
		return
	}
	activity.RecordHeartbeat(ctx, t)
}

// repeatAfter is how often an order is told of the same trouble.
const repeatAfter = 24 * time.Hour

const tellTimeout = 10 * time.Second

// tell tells the order that a call has been failing for a long time: once, then every day,
// and once more if the class of the trouble has changed after the same time again.
func (a *Attempts) tell(ctx context.Context, before told, age time.Duration, cause error) {
	trouble, again := troubleOf(cause)
	limit := a.After.Refused
	if trouble.Unreadable {
		limit = a.After.Unreadable
	}
	// Trouble whose class keeps changing must not be told at every try.
	quiet := repeatAfter
	if before.Class != trouble.Class {
		quiet = min(repeatAfter, limit)
	}
	known := before.After > 0 && age < before.After+quiet
	if !again || age < limit || known {
		return
	}
	info := activity.GetInfo(ctx)
	telling, cancel := context.WithTimeout(context.WithoutCancel(ctx), tellTimeout)
	defer cancel()
	err := a.Teller.Tell(telling, info.WorkflowExecution.ID, info.WorkflowExecution.RunID, messages.Trouble{
		Activity: info.ActivityType.Name, Class: string(trouble.Class), Message: cause.Error(),
		Since: info.ScheduledTime.UTC(), Attempt: info.Attempt,
	})
	if err != nil {
		a.Log.WarnContext(ctx, "an order could not be told that a call fails for long; the next try tells it",
			"workflow", info.WorkflowExecution.ID, "activity", info.ActivityType.Name, "error", err)
		return
	}
	told{After: max(age, 1), Class: trouble.Class}.record(ctx)
}

// troubleOf returns the trouble of a failed attempt and whether it is retried. An error
// that is not ours, such as a panic, is treated as unreadable.
func troubleOf(err error) (trouble Trouble, again bool) {
	failure, ok := errors.AsType[*temporal.ApplicationError](err)
	if !ok {
		return Trouble{Class: registrars.ClassTemporary, Unreadable: true}, true
	}
	if !failure.HasDetails() || failure.Details(&trouble) != nil || trouble.Class == "" {
		trouble = Trouble{Class: registrars.ClassTemporary, Unreadable: true}
	}
	return trouble, !failure.NonRetryable()
}

// heartbeat calls record at an interval until it is stopped. It starts no goroutine before
// the first interval has passed, because most calls are over by then.
type heartbeat struct {
	every  time.Duration
	record func()
	timer  *time.Timer

	lock  sync.Mutex
	ended bool
}

func (b *heartbeat) start() {
	b.lock.Lock()
	defer b.lock.Unlock()
	b.timer = time.AfterFunc(b.every, b.again)
}

func (b *heartbeat) again() {
	b.lock.Lock()
	defer b.lock.Unlock()
	if !b.ended {
		b.record()
		b.timer.Reset(b.every)
	}
}

// stop ends the heartbeats. When it returns, none is being sent.
func (b *heartbeat) stop() {
	b.timer.Stop()
	b.lock.Lock()
	defer b.lock.Unlock()
	b.ended = true
}
