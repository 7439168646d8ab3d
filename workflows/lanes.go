package workflows

import (
	"cmp"
	"context"
	"errors"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"domainprovisioning/activities"
	"domainprovisioning/messages"
	"domainprovisioning/registrars"
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

// fastTime is how long a call may take in the fast lane. Once the local calls of a workflow task
// have taken half of it, all together, the next one goes by the ordinary lane at once: updates and
// signals wait for the task, and so never for longer than one and a half times fastTime. A call
// that was begun has the whole of it, because what is cut short is made twice.
const fastTime = time.Second

// lanes is what a run knows about its calls.
type lanes struct {
	fast  bool          // the run has a fast lane; see versions.go
	task  int           // length of the history when the current workflow task began
	spent time.Duration // by local calls in that task
	// ordinary: the current step makes a call in the ordinary lane. detour is why, after a try
	// in the fast one; "" without.
	ordinary bool
	detour   string
	// unanswered is when a try last ended without an answer. It may take effect after that.
	unanswered time.Time
}

// call calls Operations or Billing, for the current step.
func call[In, Out any](
	ctx workflow.Context, u *unitRun, summary string, activity func(context.Context, In) (Out, error), input In,
) (Out, error) {
	return through(ctx, u, way{fast: u.fast, ofStep: true, ordinary: operationsCall}, summary, activity, input)
}

// callStore calls the store.
func callStore[In, Out any](
	ctx workflow.Context, u *unitRun, summary string, activity func(context.Context, In) (Out, error), input In,
) (Out, error) {
	return through(ctx, u, way{fast: u.fast, ordinary: storeCall}, summary, activity, input)
}

// briefly is callStore for calls that took the fast lane before it had a name, in runs of older
// releases as well. Their contexts are never cancelled.
func briefly[In, Out any](
	ctx workflow.Context, u *unitRun, summary string, activity func(context.Context, In) (Out, error), input In,
) (Out, error) {
	return through(ctx, u, way{fast: true, ordinary: storeCall}, summary, activity, input)
}

// way is how a call is made.
type way struct {
	fast     bool                                            // by the fast lane first
	ofStep   bool                                            // the current step makes it
	ordinary func(workflow.Context, string) workflow.Context // the options of the ordinary lane
}

// through makes a call by the fast lane, if it may, and by the ordinary one if it must.
func through[In, Out any](
	ctx workflow.Context, u *unitRun, way way, summary string, activity func(context.Context, In) (Out, error), input In,
) (result Out, err error) {
	if way.fast {
		answered, failed, err := u.locally(ctx, summary, activity, input, &result)
		switch {
		case answered:
			return result, err
		case ctx.Err() != nil:
			// A step that was interrupted does nothing more. The undo looks for what a try has
			// left that nobody has answered.
			return result, ctx.Err()
		}
		// If a task was lost, the call may have been made in it, even if it was not tried now.
		if again, ok := any(&input).(interface{ MarkTried() }); ok {
			again.MarkTried()
		}
		if way.ofStep {
			u.leaveFastLane(ctx, failed)
		}
	}
	err = workflow.ExecuteActivity(way.ordinary(ctx, summary), activity, input).Get(ctx, &result)
	return result, err
}

// locally tries a call by the fast lane. If it was answered, the error is that of the answer. If a
// try failed, failed says why; it is "" if there was no try. The call is tried on a context of its
// own: the SDK returns at once from a local call that is cancelled, while the call goes on, and an
// undo must begin after it.
func (u *unitRun) locally(ctx workflow.Context, summary string, activity, input, result any) (answered bool, failed string, err error) {
	if ctx.Err() != nil || !u.localTime(ctx) {
		return false, "", nil
	}
	local, cancel := workflow.NewDisconnectedContext(ctx)
	defer cancel()
	local = fastCall(local, summary)
	began := workflow.Now(ctx)
	err = workflow.ExecuteLocalActivity(local, activity, input).Get(local, result)
	u.lanes.spent += workflow.Now(ctx).Sub(began)
	failure, ours := errors.AsType[*temporal.ApplicationError](err)
	switch {
	case err == nil:
		return true, "", nil
	case u.fast && ours && failure.NonRetryable():
		return true, "", err
	case ours && failure.Type() == activities.NotTried:
		return false, "", nil
	case ours:
		if failure.Type() == string(registrars.ClassOutcomeUnknown) || failure.Type() == activities.NoAnswer {
			u.unanswered = workflow.Now(ctx)
		}
		return false, failure.Type(), nil
	}
	u.unanswered = workflow.Now(ctx)
	return false, activities.NoAnswer, nil
}

// localTime reports whether the current workflow task has time for one more local call.
func (u *unitRun) localTime(ctx workflow.Context) bool {
	if task := workflow.GetInfo(ctx).GetCurrentHistoryLength(); task != u.lanes.task {
		u.lanes.task, u.lanes.spent = task, 0
	}
	return !u.fast || u.lanes.spent < fastTime/2
}

// leaveFastLane shows that the order goes on, if it was shown as waiting: a call in the ordinary
// lane may take long. failed says why a try in the fast lane was not enough, if there was one.
func (u *unitRun) leaveFastLane(ctx workflow.Context, failed string) {
	u.detour = cmp.Or(failed, u.detour)
	u.goesOn(ctx)
}

// atRegistrar is goesOn for a call to a registrar that follows its confirmation.
func (u *unitRun) atRegistrar(ctx workflow.Context) {
	if u.fast {
		u.goesOn(ctx)
	}
}

func (u *unitRun) goesOn(ctx workflow.Context) {
	u.ordinary = true
	if u.state == messages.Running {
		u.show(ctx)
	}
}
