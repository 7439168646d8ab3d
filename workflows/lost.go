package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/workflow"

	"domainprovisioning/activities"
	"domainprovisioning/messages"
	"domainprovisioning/registrars"
)

// A workflow task can be lost: its worker dies, or Temporal refuses what it brings because
// something has happened meanwhile. What its local calls have done outside remains, and this run
// knows nothing of it. The task is made again, and makes the same calls, unless the order was given
// up in between. Then the undo has to look for more than this run knows of, and an order that the
// lost task has brought to its end is not undone any more.

// recordGivenUp tells the store that the order is given up, so that a run after this one goes on
// taking back, and never provisions again. It reports whether that comes too late: the store has
// the order as done.
func (u *unitRun) recordGivenUp(ctx workflow.Context) (tooLate bool) {
	if !u.records {
		return false
	}
	ctx, cancel := workflow.NewDisconnectedContext(ctx)
	defer cancel()
	recorded, err := briefly(ctx, u, "Record that the order is given up", calls.Orders.GiveUp,
		activities.GiveUpInput{OrderNumber: u.input.OrderNumber, Item: u.input.Unit.Item, Command: *u.givenUp})
	if err != nil {
		workflow.GetLogger(ctx).Warn("workflows: that the order is given up could not be recorded", "error", err)
	}
	return u.fast && recorded.Done
}

// comesTooLate takes up an order again that was done when it was given up. The steps of the lost
// task find what it has made. They run on a context of their own, which is returned.
func (u *unitRun) comesTooLate(ctx workflow.Context) workflow.Context {
	u.notes = append(u.notes, fmt.Sprintf("%s gave the order up when it was done already: %s", u.givenUp.Actor, u.givenUp.Reason))
	u.givenUp = nil
	ctx, _ = workflow.NewDisconnectedContext(ctx)
	return ctx
}

// endOf is when a request that is done has ended, by the ledger: Billing and the verification must
// hear the same time in a task that is made again, whose own time is another one.
func (u *unitRun) endOf(ctx workflow.Context, r *request) time.Time {
	if u.fast && !r.state.Finished.IsZero() {
		return r.state.Finished
	}
	return workflow.Now(ctx)
}

// perhapsBegan reports whether a lost task may have begun a step of which this run knows nothing.
// A task ends where a registrar is called or waited for, so it cannot have come further.
func (u *unitRun) perhapsBegan(number int) bool {
	if !u.fast || !u.undoing || number > u.forward() || u.plan[number-1].reads {
		return false
	}
	for at := max(u.gaveUpAt, 1); at <= number; at++ {
		r := u.plan[at-1].request
		if r != nil && !u.steps[at-1].State.Ended() && r.state.Status != registrars.StatusDone {
			return false
		}
	}
	return number >= u.gaveUpAt && u.steps[number-1].State == messages.StepOpen
}

// onlyPerhaps reports whether nothing but a lost task can have made what a step makes.
func (u *unitRun) onlyPerhaps(number int) bool {
	return !u.surelyBegan(number) && !u.surelyBegan(laterStep(number))
}

// forgetWhatNeverWas takes the lines out of the list that were only there because a task may have
// been lost, and have found nothing.
func (u *unitRun) forgetWhatNeverWas() {
	forward := u.forward()
	var undo []step
	var undone []messages.UndoLine
	plan, lines := u.plan[:forward], u.steps[:forward]
	for n, s := range u.undo {
		if s.perhaps && u.undone[n].State == messages.UndoNothing {
			continue
		}
		undo, undone = append(undo, s), append(undone, u.undone[n])
		plan, lines = append(plan, s), append(lines, u.steps[forward+n])
	}
	u.undo, u.undone, u.plan, u.steps = undo, undone, plan, lines
}

// letCallsArrive waits until a call that was not answered in the fast lane cannot take effect any
// more: what it makes after the undo has looked would be left behind.
func (u *unitRun) letCallsArrive(ctx workflow.Context) {
	left := lateWithin - workflow.Now(ctx).Sub(u.unanswered)
	if !u.fast || u.unanswered.IsZero() || left <= 0 {
		return
	}
	u.notes = append(u.notes, "the undo begins when a call that was not answered cannot arrive any more")
	if err := workflow.NewTimerWithOptions(ctx, left, workflow.TimerOptions{Summary: "A call that was not answered may still arrive"}).Get(ctx, nil); err != nil {
		workflow.GetLogger(ctx).Warn("workflows: the undo begins early", "error", err)
	}
}

// wasCutShort reports whether a call that makes what a step makes was under way when the order was
// given up.
func (u *unitRun) wasCutShort(number int) bool {
	return u.cutShort == number || u.fast && u.cutShort == laterStep(number) && u.cutShort != 0
}

// laterStep is the step that makes what a step makes, if that could not: step 11 the domain, and
// step 12 the services. For others it is the step itself.
func laterStep(number int) int {
	switch number {
	case 7:
		return 11
	case 9:
		return ModelSteps
	}
	return number
}
