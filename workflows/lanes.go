package workflows

import (
	"context"
	"errors"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"domainprovisioning/activities"
	"domainprovisioning/messages"
)

// A call to Operations, Billing or the store may be repeated, so it takes one of two lanes. The
// fast one is a local activity, tried once: a call that is answered at once costs one event, and
// no round trip to Temporal. A permanent refusal is an answer too. Any other failure is left to
// the ordinary lane, which tries the call until it succeeds and shows it meanwhile. It is told
// that the call may have been made, and so looks first.
//
// A worker that dies in the middle of a workflow task takes the results of its local calls with
// it, and the next one makes them again without knowing; see activities.Tries. Calls to a
// registrar have the ordinary lane only: they cost money, and have rates and sessions.

// fastTime is how long the local calls of one workflow task may take, all together: so long do
// updates and signals wait for them. A call that would get less than leastTime of it goes by the
// ordinary lane at once.
const (
	fastTime  = time.Second
	leastTime = fastTime / 4
)

// lanes is what a run knows about its calls.
type lanes struct {
	fast  bool          // the run has a fast lane; see versions.go
	task  int           // length of the history when the current workflow task began
	spent time.Duration // by local calls in that task
	// ordinary: the current step makes its call in the ordinary lane. detour is why, after a try
	// in the fast one; "" without.
	ordinary bool
	detour   string
}

// call calls Operations or Billing.
func call[In, Out any](
	ctx workflow.Context, u *unitRun, summary string, activity func(context.Context, In) (Out, error), input In,
) (Out, error) {
	return through(ctx, u, u.fast, operationsCall, summary, activity, input)
}

// callStore calls the store.
func callStore[In, Out any](
	ctx workflow.Context, u *unitRun, summary string, activity func(context.Context, In) (Out, error), input In,
) (Out, error) {
	return through(ctx, u, u.fast, storeCall, summary, activity, input)
}

// briefly is callStore for the calls that took the fast lane before it had a name, in runs of
// older releases as well. Their contexts are never cancelled.
func briefly[In, Out any](
	ctx workflow.Context, u *unitRun, summary string, activity func(context.Context, In) (Out, error), input In,
) (Out, error) {
	return through(ctx, u, true, storeCall, summary, activity, input)
}

// through makes a call by the fast lane, if it may, and by the ordinary one if it must.
func through[In, Out any](
	ctx workflow.Context, u *unitRun, fast bool, ordinary func(workflow.Context, string) workflow.Context,
	summary string, activity func(context.Context, In) (Out, error), input In,
) (result Out, err error) {
	if fast {
		answered, tried, err := u.locally(ctx, summary, activity, input, &result)
		switch {
		case answered:
			return result, err
		case ctx.Err() != nil:
			// A step that was interrupted does nothing more. The undo looks for what a try has
			// left that nobody has answered.
			return result, ctx.Err()
		}
		if again, ok := any(&input).(interface{ MarkTried() }); ok && tried {
			again.MarkTried()
		}
	}
	err = workflow.ExecuteActivity(ordinary(ctx, summary), activity, input).Get(ctx, &result)
	return result, err
}

// locally tries a call by the fast lane. The error is that of an answer. The call is tried on a
// context of its own: the SDK returns at once from a local call that is cancelled, while the call
// goes on, and an undo must begin after it.
func (u *unitRun) locally(ctx workflow.Context, summary string, activity, input, result any) (answered, tried bool, err error) {
	within := u.localTime(ctx)
	if ctx.Err() != nil || within < leastTime {
		return false, false, nil
	}
	local, cancel := workflow.NewDisconnectedContext(ctx)
	defer cancel()
	local = workflow.WithLocalActivityOptions(local, workflow.LocalActivityOptions{
		ScheduleToCloseTimeout: within, RetryPolicy: &temporal.RetryPolicy{MaximumAttempts: 1}, Summary: summary,
	})
	began := workflow.Now(ctx)
	err = workflow.ExecuteLocalActivity(local, activity, input).Get(local, result)
	u.lanes.spent += workflow.Now(ctx).Sub(began)
	failure, ours := errors.AsType[*temporal.ApplicationError](err)
	switch {
	case err == nil:
		return true, true, nil
	case !u.fast:
		return false, true, nil
	case ours && failure.NonRetryable():
		return true, true, err
	case ours && failure.Type() == activities.NotTried:
		u.leaveFastLane(ctx, "")
		return false, false, nil
	case ours:
		u.leaveFastLane(ctx, failure.Type())
	default:
		u.leaveFastLane(ctx, "no answer in time")
	}
	return false, true, nil
}

// localTime is what is left of fastTime in the current workflow task.
func (u *unitRun) localTime(ctx workflow.Context) time.Duration {
	if task := workflow.GetInfo(ctx).GetCurrentHistoryLength(); task != u.lanes.task {
		u.lanes.task, u.lanes.spent = task, 0
	}
	if !u.fast {
		return fastTime
	}
	return fastTime - u.lanes.spent
}

// leaveFastLane shows that the order goes on, if it was shown as waiting: a call in the ordinary
// lane may take long. The why is that of a try that failed.
func (u *unitRun) leaveFastLane(ctx workflow.Context, why string) {
	u.ordinary, u.detour = true, why
	if u.state == messages.Running {
		u.show(ctx)
	}
}
