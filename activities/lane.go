package activities

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"

	"domainprovisioning/registrars"
)

// FastLane is a worker interceptor around local activities, which are calls that a workflow task
// waits for.
//
// It keeps what a history shows in plain text free of what others say: Temporal encodes the
// message of an ordinary failure, but never that of a local one, so it names the call and the
// class only. Of a permanent refusal our own message, for the person who corrects its cause, and
// the reference of what the system has said travel in the details.
//
// It closes to a call that is slow, because every such try would hold a workflow task for a
// second and then be made once more: after closeAfter tries in a row that ran out of time, the
// call is not tried for closedFor, then once. Each worker process decides by what it has seen.
type FastLane struct {
	interceptor.WorkerInterceptorBase

	// Now is the clock; nil is time.Now.
	Now func() time.Time

	lock sync.Mutex
	slow map[string]*slowness // by the call's name
}

const (
	closeAfter = 3
	closedFor  = time.Minute
)

// NotTried is the type of the failure of a call to which the fast lane is closed. Nothing was
// sent.
const NotTried = "not-tried"

// NoAnswer is the type of the failure of a call that ran out of its time. Whether the call or the
// SDK notices that first is chance.
const NoAnswer = "no answer in time"

// slowness counts the tries of a call in a row that ran out of time.
type slowness struct {
	tries int
	until time.Time // no try before then
}

// InterceptActivity implements interceptor.WorkerInterceptor.
func (l *FastLane) InterceptActivity(_ context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	return &fastLane{interceptor.ActivityInboundInterceptorBase{Next: next}, l}
}

type fastLane struct {
	interceptor.ActivityInboundInterceptorBase

	of *FastLane
}

// ExecuteActivity implements interceptor.ActivityInboundInterceptor.
func (l *fastLane) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (result any, err error) {
	info := activity.GetInfo(ctx)
	if !info.IsLocalActivity {
		return l.Next.ExecuteActivity(ctx, in)
	}
	name := info.ActivityType.Name
	if !l.of.open(name) {
		return nil, temporal.NewApplicationErrorWithOptions(name+" is slow, and not tried in the fast lane", NotTried,
			temporal.ApplicationErrorOptions{Category: temporal.ApplicationErrorCategoryBenign})
	}
	late := func() bool {
		// The context may not know yet, because the call has a context of its own.
		deadline, has := ctx.Deadline()
		return has && !time.Now().Before(deadline)
	}
	panicked := true
	defer func() {
		l.of.took(name, late())
		if panicked {
			_ = recover() // its text may quote anything; the ordinary lane panics again, and is logged
			err = plain(name, errPanicked)
		}
	}()
	result, err = l.Next.ExecuteActivity(ctx, in)
	panicked = false
	if err != nil && late() {
		return nil, temporal.NewApplicationError(name+": "+NoAnswer, NoAnswer)
	}
	return result, plain(name, err)
}

// open reports whether a call may be tried.
func (l *FastLane) open(name string) bool {
	l.lock.Lock()
	defer l.lock.Unlock()
	seen := l.slow[name]
	if seen == nil || seen.tries < closeAfter {
		return true
	}
	if l.now().Before(seen.until) {
		return false
	}
	seen.until = l.now().Add(closedFor) // for the others, until this try has ended
	return true
}

// took notes whether a try ran out of time.
func (l *FastLane) took(name string, tooLong bool) {
	l.lock.Lock()
	defer l.lock.Unlock()
	if !tooLong {
		delete(l.slow, name)
		return
	}
	if l.slow == nil {
		l.slow = map[string]*slowness{}
	}
	if l.slow[name] == nil {
		l.slow[name] = &slowness{}
	}
	seen := l.slow[name]
	seen.tries++
	seen.until = l.now().Add(closedFor)
}

func (l *FastLane) now() time.Time {
	if l.Now != nil {
		return l.Now()
	}
	return time.Now()
}

// plain is the error of a local call as a history may show it.
func plain(name string, err error) error {
	if err == nil {
		return nil
	}
	class := registrars.ClassTemporary
	var options temporal.ApplicationErrorOptions
	if failure, ours := errors.AsType[*temporal.ApplicationError](err); ours {
		class = registrars.Class(failure.Type())
		options.NonRetryable, options.Category = failure.NonRetryable(), failure.Category()
		var trouble Trouble
		if options.NonRetryable && failure.HasDetails() && failure.Details(&trouble) == nil {
			trouble.Message = failure.Message()
			options.Details = []any{trouble}
		}
	}
	return temporal.NewApplicationErrorWithOptions(name+": "+string(class), string(class), options)
}
