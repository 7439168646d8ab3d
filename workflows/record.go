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
			if workflow.Await(ctx, func() bool { return u.untold != nil || len(u.acts) > 0 }) != nil {
				return
			}
			u.telling = true
			u.recordActs(ctx)
			if u.untold == nil {
				u.telling = false
				continue
			}
			next := *u.untold
			u.untold = nil
			_, err := briefly(ctx, u, "Record the state", calls.Orders.RecordState, activities.RecordStateInput{
				OrderNumber: u.input.OrderNumber, Item: u.input.Unit.Item, At: next.at, State: string(next.state), Step: next.step,
				Reason: string(next.reason), Since: next.since,
			})
			u.telling = false
			if err != nil { // refused for good: a newer one may not be
				workflow.GetLogger(ctx).Warn("workflows: the state of the order could not be recorded", "error", err)
			}
		}
	})
}

// recordActs records the commands that came through Temporal. Those that came through the desk
// are recorded there.
func (u *unitRun) recordActs(ctx workflow.Context) {
	for len(u.acts) > 0 {
		next := u.acts[0]
		u.acts = u.acts[1:]
		if _, err := briefly(ctx, u, "Record who gave the command", calls.Orders.RecordAct, next); err != nil {
			workflow.GetLogger(ctx).Warn("workflows: an act could not be recorded", "command", next.Command, "error", err)
		}
	}
}

// act has the command of the update that is under way recorded, unless the desk has done so.
func (u *unitRun) act(ctx workflow.Context, action messages.Action, actor, reason string, recorded bool) {
	if !recorded {
		u.recordAct(ctx, workflow.GetCurrentUpdateInfo(ctx).ID, action, actor, reason)
	}
}

// recordAct has a command recorded that the desk does not know, because it was given in Temporal.
// id is unique to it, in whatever run it is carried out.
func (u *unitRun) recordAct(ctx workflow.Context, id string, action messages.Action, actor, reason string) {
	if !u.records {
		return
	}
	u.acts = append(u.acts, activities.RecordActInput{
		OrderNumber: u.input.OrderNumber, Item: u.input.Unit.Item, Command: string(action), Actor: actor, Reason: reason,
		Source: workflow.GetInfo(ctx).FirstRunID + "/" + id,
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
