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

// startNow starts a unit of an order that was placed, or leaves it to the relay. If the
// order existed, the process that holds the unit starts it. A unit that was started
// before is resumed if its workflow has been terminated. lost is that of startAll.
func (i *Intake) startNow(ctx context.Context, row store.Unit, existing, lost bool) PlacedUnit {
	unit := PlacedUnit{Unit: row, Started: row.StartedAt != nil}
	if row.State != store.UnitOpen {
		return unit
	}
	var err error
	switch {
	case lost:
		unit.RunID, err = i.resume(ctx, row)
	case !existing:
		unit.RunID, err = i.startInTurn(ctx, row)
	case row.StartedAt != nil:
		unit.RunID, err = i.resume(ctx, row)
	default:
		var mine bool
		if mine, err = i.Store.ClaimStart(ctx, row.OrderNumber, row.Item); err == nil && !mine {
			return unit // another process is just starting it
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

// slotTimeout bounds the wait for a slot, so that the start has more than half of startTimeout.
const slotTimeout = time.Second

// startInTurn starts a new unit as soon as it gets a slot.
func (i *Intake) startInTurn(ctx context.Context, row store.Unit) (runID string, err error) {
	if i.Starts != nil {
		waiting, cancel := context.WithTimeout(ctx, slotTimeout)
		defer cancel()
		if err := i.Starts.Acquire(waiting, 1); err != nil {
			return "", fmt.Errorf("intake: start %s: too many are being started: %w", row.WorkflowID, err)
		}
		defer i.Starts.Release(1)
	}
	return i.start(ctx, row)
}

// restart hands a unit that has been started before to the relay.
func (i *Intake) restart(ctx context.Context, row store.Unit) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), startTimeout)
	defer cancel()
	if err := i.Store.Restart(ctx, row.OrderNumber, row.Item); err != nil {
		i.Log.WarnContext(ctx, "an order could not be handed to the relay; place it again", "order", row.OrderNumber, "error", err)
	}
}

// release lets others start a unit. If it fails, they can do so when the hold has
// expired.
func (i *Intake) release(ctx context.Context, row store.Unit, after time.Duration) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), startTimeout)
	defer cancel()
	if err := i.Store.ReleaseStart(ctx, row.OrderNumber, row.Item, after); err != nil {
		i.Log.WarnContext(ctx, "an order could not be released", "order", row.OrderNumber, "error", err)
	}
}

// resume starts the workflow of a unit that may have been started before. The process
// that started it may have died, or the run may have been terminated or have failed
// without a record. A run of the same order that has ended normally is not repeated.
func (i *Intake) resume(ctx context.Context, row store.Unit) (runID string, err error) {
	last, err := i.run(ctx, row.WorkflowID, "")
	if _, none := errors.AsType[*serviceerror.NotFound](err); none {
		return i.startAgain(ctx, row)
	}
	if err != nil {
		return "", fmt.Errorf("intake: resume %s: %w", row.WorkflowID, err)
	}
	if last.orderNumber != row.OrderNumber {
		return i.startAgain(ctx, row)
	}
	switch last.status {
	case enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED, enumspb.WORKFLOW_EXECUTION_STATUS_TIMED_OUT,
		enumspb.WORKFLOW_EXECUTION_STATUS_FAILED:
		// The new run finds what the old one did by its ids and keys.
		return i.startAgain(ctx, row)
	case enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, enumspb.WORKFLOW_EXECUTION_STATUS_PAUSED:
		runID = last.runID
	}
	i.started(ctx, row)
	return runID, nil
}

// startAgain starts a unit whose last run, if there was one, is over. Lists then no longer
// show what that run told.
func (i *Intake) startAgain(ctx context.Context, row store.Unit) (runID string, err error) {
	if row.ShownAt != nil {
		if err := i.Store.RecordBegun(ctx, row); err != nil {
			return "", err
		}
	}
	return i.start(ctx, row)
}

// Resume starts the workflow of an open unit again whose run was terminated or deleted, or has
// failed. It reports false for a unit that is not open or whose run has ended by itself.
func (i *Intake) Resume(ctx context.Context, number string, item int) (bool, error) {
	row, err := i.Store.Unit(ctx, number, item)
	if err != nil || row.State != store.UnitOpen {
		return false, err
	}
	runID, err := i.resume(ctx, row)
	return runID != "", err
}

// started records that the workflow of a unit is running.
func (i *Intake) started(ctx context.Context, row store.Unit) {
	if row.StartedAt != nil && row.Run == store.RunsWell {
		return
	}
	if err := i.Store.MarkStarted(ctx, row.OrderNumber, row.Item); err != nil {
		// The next try checks for a run first.
		i.Log.WarnContext(ctx, "a start could not be recorded", "order", row.OrderNumber, "error", err)
	}
}

// start starts the workflow of a stored unit unless it is running, and records that. The
// row holds everything that is needed, so this can also be done later. It returns the run
// id.
func (i *Intake) start(ctx context.Context, row store.Unit) (runID string, err error) {
	var input workflows.UnitInput
	if err := json.Unmarshal([]byte(row.Plan), &input); err != nil {
		return "", fmt.Errorf("%w: order %s: %w", errPlan, row.OrderNumber, err)
	}
	if i.Traces != nil {
		ctx = i.Traces.Continue(ctx, row.Trace)
	}
	run, err := i.Temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID:        row.WorkflowID,
		TaskQueue: workflows.TaskQueue,
		// A running workflow belongs to this order, or to the previous one, which is just
		// ending: the store allows one open order per domain. A closed one belongs to
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

// These errors keep one unit from being started, but no other.
var (
	errPlan       = errors.New("intake: the plan of a stored order cannot be read")
	ErrOtherOrder = errors.New("intake: the order before it is just ending")
)

// checkRun makes sure that a run that already existed belongs to this order.
func (i *Intake) checkRun(ctx context.Context, row store.Unit, runID string) error {
	found, err := i.run(ctx, row.WorkflowID, runID)
	if err != nil {
		return fmt.Errorf("intake: start %s: %w", row.WorkflowID, err)
	}
	if found.orderNumber != row.OrderNumber {
		return fmt.Errorf("%w: %s, order %s", ErrOtherOrder, row.WorkflowID, found.orderNumber)
	}
	return nil
}

// underWay reports whether workflows of this order, found by its number, are running for
// all of its units although the store does not know the order, because the store was
// restored from a backup. The registrar then reports the names as taken because of the
// order itself.
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

// Runs reports whether a workflow of the order is running for the unit of work.
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

// Open reports whether a run has not ended. A paused run goes on when it is resumed.
func Open(status enumspb.WorkflowExecutionStatus) bool {
	return status == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING || status == enumspb.WORKFLOW_EXECUTION_STATUS_PAUSED
}

// run is a run of a workflow, as Temporal knows it.
type run struct {
	orderNumber string
	runID       string
	status      enumspb.WorkflowExecutionStatus
}

// run describes a run of a workflow. Without a run id it describes the newest one.
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
