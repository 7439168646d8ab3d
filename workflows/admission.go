package workflows

import (
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"domainprovisioning/activities"
)

// admit asks the store whether this run is wanted. A run that somebody has started by hand
// for an order that has ended, or that nobody has placed, ends before it does anything.
func (u *unitRun) admit(ctx workflow.Context) error {
	if !u.knows(ctx, commandsOfPeople) {
		return nil
	}
	u.records = true
	// Even a run that is cancelled must know whether it is wanted, and what went before it.
	ctx, cancel := workflow.NewDisconnectedContext(ctx)
	defer cancel()
	info := workflow.GetInfo(ctx)
	admitted, err := briefly(ctx, u, "Ask whether this run is wanted", calls.Orders.Admit, activities.AdmitInput{
		OrderNumber: u.input.OrderNumber, Item: u.input.Unit.Item, WorkflowID: info.WorkflowExecution.ID, RunID: info.WorkflowExecution.RunID,
	})
	if err != nil {
		return err
	}
	if admitted.Refusal != "" {
		u.unwanted = true
		return temporal.NewNonRetryableApplicationError("workflows: "+admitted.Refusal, unwanted, nil)
	}
	u.again, u.revision = admitted.Again, admitted.Revision
	if admitted.GivenUp != nil {
		u.giveUp(*admitted.GivenUp)
		return nil
	}
	if u.revision == 0 {
		return nil
	}
	plan, err := u.readPlan(ctx, u.revision)
	if err != nil {
		return err
	}
	if u.planRefused = plan.Refused; len(plan.Refused) == 0 {
		u.input.Contacts = plan.Contacts
		u.follow(plan.Unit)
	}
	return nil
}

// waitingForCalls has calls to Operations awaited although the order is cancelled, because an
// undo must know what exists. A run that an older release began goes on as it began.
func (u *unitRun) waitingForCalls(ctx workflow.Context) workflow.Context {
	return workflow.WithValue(ctx, awaitsCalls{}, u.records)
}

type awaitsCalls struct{}

// unwanted is the type of the failure of a run that nobody has asked for.
const unwanted = "not-wanted"
