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
// It heartbeats for every activity that has a heartbeat time-out, every third of it, for as
// long as the activity runs. A call that takes minutes then shows that its worker lives, and
// the death of the worker is noticed within the time-out. A call that is over sooner costs
// nothing.
//
// It tells the order when a call has failed for long and is tried again: no retry goes on
// for ever unseen. A call that succeeds costs nothing for that either.
type Attempts struct {
	interceptor.WorkerInterceptorBase

	// Teller tells the workflow; nil tells nobody.
	Teller Teller
	// After is for how long a call may fail before its order is told.
	After AttentionAfter
	Log   *slog.Logger
}

// Teller tells a run of a workflow of a call in trouble.
type Teller interface {
	Tell(ctx context.Context, workflowID, runID string, trouble messages.Trouble) error
}

// AttentionAfter is for how long a call may fail, and be tried again, before its order is
// shown as needing attention.
type AttentionAfter struct {
	// Unreadable is for what we cannot read or build: waiting seldom helps.
	Unreadable time.Duration
	// Refused is for what is refused with a reason that passes, or not answered.
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

// told is what the attempts of a call leave one another, in their heartbeats: what their
// order was told, and after how long.
type told struct {
	After time.Duration    `json:"toldAfter"`
	Class registrars.Class `json:"toldClass"`
}

// ExecuteActivity implements interceptor.ActivityInboundInterceptor.
func (a *attempt) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	began := time.Now()
	info := activity.GetInfo(ctx)
	var before told
	if activity.HasHeartbeatDetails(ctx) && activity.GetHeartbeatDetails(ctx, &before) != nil {
		before = told{} // an activity's own
	}
	age := func() time.Duration { return info.StartedTime.Sub(info.ScheduledTime) + time.Since(began) }
	defer func() {
		// The SDK makes an error of a panic, beyond its interceptors, and tries again.
		if panicked := recover(); panicked != nil {
			if a.of.Teller != nil {
				a.of.tell(ctx, before, age(), errPanicked)
			}
			panic(panicked)
		}
	}()
	result, err := a.beating(ctx, in, before)
	if err != nil && a.of.Teller != nil {
		// The age is Temporal's to say; this process only adds how long it took itself.
		a.of.tell(ctx, before, age(), err)
	}
	return result, err
}

// errPanicked stands for a panic, whose text may quote anything.
var errPanicked = errors.New("activities: the call has panicked; the worker's log says where")

// beating runs the activity and heartbeats meanwhile.
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

// record heartbeats without losing what the attempts before have left.
func (t told) record(ctx context.Context) {
	if t == (told{}) {
		activity.RecordHeartbeat(ctx)
		return
	}
	activity.RecordHeartbeat(ctx, t)
}

// repeatAfter is how often an order is told of one and the same trouble.
const repeatAfter = 24 * time.Hour

const tellTimeout = 10 * time.Second

// tell tells the order of a call that has failed for long and is tried again: once, once
// more when the trouble is of another class after as long again, and every day.
func (a *Attempts) tell(ctx context.Context, before told, age time.Duration, cause error) {
	trouble, again := troubleOf(cause)
	limit := a.After.Refused
	if trouble.Unreadable {
		limit = a.After.Unreadable
	}
	// A trouble that changes from class to class must not tell at every try.
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

// troubleOf is what a failed attempt says of itself, and whether there is another one. An
// error that is not ours, such as a panic, is one that we do not know how to read.
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

// heartbeat records at an interval until it is stopped. It needs no goroutine before
// the first interval has passed: most calls are over by then.
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

// stop returns when nothing is recorded any more.
func (b *heartbeat) stop() {
	b.timer.Stop()
	b.lock.Lock()
	defer b.lock.Unlock()
	b.ended = true
}
