package intake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"domainprovisioning/orders"
	"domainprovisioning/store"
	"domainprovisioning/workflows"
)

// startNow starts a unit of an order that was placed, or leaves it to the relay. A unit
// of an order that existed is started by the one who holds it; one that was started
// before goes on, should its workflow have been terminated.
func (i *Intake) startNow(ctx context.Context, row store.Unit, existing bool) PlacedUnit {
	unit := PlacedUnit{Unit: row, Started: row.StartedAt != nil}
	if row.State != store.UnitOpen {
		return unit
	}
	var err error
	switch {
	case !existing:
		unit.RunID, err = i.start(ctx, row)
	case row.StartedAt != nil:
		unit.RunID, err = i.resume(ctx, row)
	default:
		var mine bool
		if mine, err = i.Store.ClaimStart(ctx, row.OrderNumber, row.Item); err == nil && !mine {
			return unit // somebody is just starting it
		}
		if err == nil {
			unit.RunID, err = i.resume(ctx, row)
		}
	}
	if unit.Started = err == nil; unit.Started {
		return unit
	}
	i.Log.WarnContext(ctx, "an order is stored and not started; the relay starts it",
		"order", row.OrderNumber, "workflow", row.WorkflowID, "error", err)
	if row.StartedAt != nil {
		i.restart(ctx, row)
	} else {
		i.release(ctx, row, 0)
	}
	return unit
}

// restart hands a unit that was started once to the relay.
func (i *Intake) restart(ctx context.Context, row store.Unit) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), startTimeout)
	defer cancel()
	if err := i.Store.Restart(ctx, row.OrderNumber, row.Item); err != nil {
		i.Log.WarnContext(ctx, "an order could not be handed to the relay; place it again", "order", row.OrderNumber, "error", err)
	}
}

// release lets others start a unit. Should it fail, they may when the hold has run out.
func (i *Intake) release(ctx context.Context, row store.Unit, after time.Duration) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), startTimeout)
	defer cancel()
	if err := i.Store.ReleaseStart(ctx, row.OrderNumber, row.Item, after); err != nil {
		i.Log.WarnContext(ctx, "an order could not be released", "order", row.OrderNumber, "error", err)
	}
}

// resume starts the workflow of a unit that may have been started before: by somebody
// who died, or whose run was terminated, or failed without a record, since. A run of the
// order's own that has ended as it should is not repeated.
func (i *Intake) resume(ctx context.Context, row store.Unit) (runID string, err error) {
	last, err := i.run(ctx, row.WorkflowID, "")
	if _, none := errors.AsType[*serviceerror.NotFound](err); none {
		return i.start(ctx, row)
	}
	if err != nil {
		return "", fmt.Errorf("intake: resume %s: %w", row.WorkflowID, err)
	}
	if last.orderNumber != row.OrderNumber {
		return i.start(ctx, row)
	}
	switch last.status {
	case enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED, enumspb.WORKFLOW_EXECUTION_STATUS_TIMED_OUT,
		enumspb.WORKFLOW_EXECUTION_STATUS_FAILED:
		// What it had done is found again by its ids and keys.
		return i.start(ctx, row)
	case enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, enumspb.WORKFLOW_EXECUTION_STATUS_PAUSED:
		runID = last.runID
	}
	i.started(ctx, row)
	return runID, nil
}

// started records that the workflow of a unit runs.
func (i *Intake) started(ctx context.Context, row store.Unit) {
	if row.StartedAt != nil && row.Run == store.RunsWell {
		return
	}
	if err := i.Store.MarkStarted(ctx, row.OrderNumber, row.Item); err != nil {
		// Whoever tries again looks first.
		i.Log.WarnContext(ctx, "a start could not be recorded", "order", row.OrderNumber, "error", err)
	}
}

// start starts the workflow of a stored unit, unless it runs, and records that. The row
// holds all that is needed, so it can be done at any later time as well. It returns the
// run.
func (i *Intake) start(ctx context.Context, row store.Unit) (runID string, err error) {
	var input workflows.UnitInput
	if err := json.Unmarshal([]byte(row.Plan), &input); err != nil {
		return "", fmt.Errorf("%w: order %s: %w", errPlan, row.OrderNumber, err)
	}
	run, err := i.Temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID:        row.WorkflowID,
		TaskQueue: workflows.TaskQueue,
		// A running one is this order's, or that of the order before, which is just
		// ending: the store lets only one order of a domain be open. A closed one was
		// another order of the same domain, or was terminated.
		WorkflowIDConflictPolicy:                 enumspb.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
		WorkflowIDReusePolicy:                    enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
		TypedSearchAttributes:                    workflows.InitialSearchAttributes(row.OrderNumber, input.Unit),
		StaticSummary:                            workflows.StaticSummary(row.OrderNumber, input.Unit),
		StaticDetails:                            workflows.StaticDetails(row.OrderNumber, input.Unit),
	}, workflows.ProgramOf(input.Unit), input)
	if started, ok := errors.AsType[*serviceerror.WorkflowExecutionAlreadyStarted](err); ok {
		if err := i.checkRun(ctx, row, started.RunId); err != nil {
			return "", err
		}
		runID = started.RunId
	} else if err != nil {
		return "", fmt.Errorf("intake: start %s: %w", row.WorkflowID, err)
	} else {
		runID = run.GetRunID()
	}
	i.started(ctx, row)
	return runID, nil
}

// What keeps one unit from being started, and no other.
var (
	errPlan       = errors.New("intake: the plan of a stored order cannot be read")
	errOtherOrder = errors.New("intake: the order before it is just ending")
)

// checkRun makes sure that a run that was there already is this order's.
func (i *Intake) checkRun(ctx context.Context, row store.Unit, runID string) error {
	found, err := i.run(ctx, row.WorkflowID, runID)
	if err != nil {
		return fmt.Errorf("intake: start %s: %w", row.WorkflowID, err)
	}
	if found.orderNumber != row.OrderNumber {
		return fmt.Errorf("%w: %s, order %s", errOtherOrder, row.WorkflowID, found.orderNumber)
	}
	return nil
}

// underWay reports whether workflows of this very order, by its number, run for all of its
// units, although the store does not know it: it was restored from before. To the registrar
// the names are taken by the order itself then.
func (i *Intake) underWay(ctx context.Context, number string, units []orders.Unit) bool {
	if number == "" {
		return false
	}
	for _, unit := range units {
		runs, err := i.Runs(ctx, store.Unit{OrderNumber: number, WorkflowID: workflows.WorkflowID(number, unit)})
		if err != nil || !runs {
			return false
		}
	}
	return len(units) > 0
}

// Runs reports whether a workflow of the order's runs for the unit of work.
func (i *Intake) Runs(ctx context.Context, row store.Unit) (bool, error) {
	found, err := i.run(ctx, row.WorkflowID, "")
	if _, gone := errors.AsType[*serviceerror.NotFound](err); gone {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("intake: %s: %w", row.WorkflowID, err)
	}
	return Open(found.status) && found.orderNumber == row.OrderNumber, nil
}

// Open reports a run that has not ended: a paused one goes on when it is let.
func Open(status enumspb.WorkflowExecutionStatus) bool {
	return status == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING || status == enumspb.WORKFLOW_EXECUTION_STATUS_PAUSED
}

// run is a run of a workflow, as Temporal knows it.
type run struct {
	orderNumber string
	runID       string
	status      enumspb.WorkflowExecutionStatus
}

// run describes a run of a workflow; the newest without a run id.
func (i *Intake) run(ctx context.Context, workflowID, runID string) (run, error) {
	description, err := i.Temporal.DescribeWorkflowExecution(ctx, workflowID, runID)
	if err != nil {
		return run{}, err
	}
	info := description.GetWorkflowExecutionInfo()
	number, err := workflows.OrderNumberOf(info)
	if err != nil {
		return run{}, err
	}
	return run{orderNumber: number, runID: info.GetExecution().GetRunId(), status: info.GetStatus()}, nil
}
