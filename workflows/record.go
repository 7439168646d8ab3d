package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"domainprovisioning/activities"
	"domainprovisioning/messages"
)

// told is a state of the order as the store knows it.
type told struct {
	at     time.Time
	state  messages.State
	step   int
	reason messages.Reason
	since  time.Time
}

// record tells the store each published change of state, for lists, metrics and the desk.
// It runs beside the steps, so a store that is away holds up no order: only the newest state
// is told when it is back.
func (u *unitRun) record(ctx workflow.Context) {
	ctx, _ = workflow.NewDisconnectedContext(ctx)
	workflow.Go(ctx, func(ctx workflow.Context) {
		for {
			if workflow.Await(ctx, func() bool { return u.untold != nil }) != nil {
				return
			}
			next := *u.untold
			u.untold, u.telling = nil, true
			var recorded activities.RecordStateResult
			err := u.briefly(ctx, "Record the state", calls.Orders.RecordState, activities.RecordStateInput{
				OrderNumber: u.input.OrderNumber, Item: u.input.Unit.Item, At: next.at, State: string(next.state), Step: next.step,
				Reason: string(next.reason), Since: next.since,
			}, &recorded)
			u.telling = false
			if err != nil { // refused for good: a newer one may not be
				workflow.GetLogger(ctx).Warn("workflows: the state of the order could not be recorded", "error", err)
			}
		}
	})
}

// tell has a state recorded.
func (u *unitRun) tell(state messages.State, attention *messages.Attention) {
	next := told{at: u.now(), state: state, step: u.current}
	if attention != nil {
		next.reason, next.since = attention.Reason, attention.Since
	}
	u.untold = &next
}
