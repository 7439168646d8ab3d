package intake

import (
	"cmp"
	"context"
	"errors"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"

	"domainprovisioning/store"
	"domainprovisioning/workflows"
)

// How often open units are compared with Temporal, and how many at once. That is at most
// 10 per second in each process, however many units are open.
const (
	compareEvery   = 3 * time.Minute
	compareBatch   = 100
	comparePause   = 10 * time.Second
	compareTimeout = 5 * time.Second
	// unservedAfter is how long a call may wait for a worker before a person is told.
	unservedAfter = 30 * time.Minute
	// taskUnservedAfter is the same for a workflow task. Nothing bounds their rate, so one that
	// waits for longer than a restart of all workers takes, and than Temporal remembers who has
	// polled (five minutes), waits for workers that do not run.
	taskUnservedAfter = 10 * time.Minute
)

// compareAll compares open units with Temporal until the context ends. A full round takes
// longer if the process is slow or is the only one.
func (r *Relay) compareAll(ctx context.Context) {
	for ctx.Err() == nil {
		if err := r.Compare(ctx); err != nil && ctx.Err() == nil {
			r.Log.DebugContext(ctx, "relay: open orders could not be compared with Temporal for now", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(comparePause):
		}
	}
}

// Compare compares at most one batch of the open units that are due with Temporal, and
// records what a person or a fault has done to their workflows. It stops early if
// Temporal or the store cannot be reached.
func (r *Relay) Compare(ctx context.Context) error {
	every := r.CompareEvery
	if every == 0 {
		every = compareEvery
	}
	if err := r.reachable(ctx); err != nil {
		return err
	}
	claiming, cancel := context.WithTimeout(ctx, storeTimeout)
	rows, err := r.Intake.Store.ClaimRuns(claiming, every, compareBatch)
	cancel()
	if err != nil {
		return err
	}
	for _, row := range rows {
		switch err := r.compare(ctx, row); {
		case err == nil:
		case r.lost(err):
			return err // the other units would fail too; they are due again later
		default:
			r.Log.WarnContext(ctx, "relay: an open order could not be compared with Temporal", "order", row.OrderNumber, "workflow", row.WorkflowID, "error", err)
		}
	}
	return nil
}

func (r *Relay) compare(ctx context.Context, row store.Unit) error {
	ctx, cancel := context.WithTimeout(ctx, compareTimeout)
	defer cancel()
	state, info, err := r.Intake.look(ctx, row)
	if err != nil {
		return err
	}
	if err := r.Intake.recordSeen(ctx, row, info); err != nil {
		return err
	}
	news, err := r.Intake.Store.RecordRun(ctx, row.OrderNumber, row.Item, state)
	switch {
	case err != nil:
		return err
	case news && state != store.RunsWell:
		r.Log.ErrorContext(ctx, "the workflow of an order does not go on: `starter status` says what to do",
			"order", row.OrderNumber, "workflow", row.WorkflowID, "run", state)
	case news:
		r.Log.InfoContext(ctx, "the workflow of an order goes on again", "order", row.OrderNumber, "workflow", row.WorkflowID)
	}
	return nil
}

// Look reports what has been done to the workflow of an open unit that was started;
// store.RunsWell if nothing was. The error says that Temporal does not answer.
func (i *Intake) Look(ctx context.Context, row store.Unit) (store.RunState, error) {
	state, _, err := i.look(ctx, row)
	return state, err
}

// look reports what has happened to the workflow of an open unit that was started, and
// returns the run that carries the unit, if it was asked for. It returns an error if Temporal
// does not answer.
func (i *Intake) look(ctx context.Context, row store.Unit) (store.RunState, *workflowpb.WorkflowExecutionInfo, error) {
	if _, served := i.Accounts[row.Registrar]; row.Registrar != "" && !served {
		return store.RunUnserved, nil, nil // its account is no longer configured
	}
	description, err := i.Temporal.DescribeWorkflowExecution(ctx, row.WorkflowID, "")
	if _, gone := errors.AsType[*serviceerror.NotFound](err); gone {
		return store.RunDeleted, nil, nil
	}
	if err != nil {
		return "", nil, err
	}
	info := description.GetWorkflowExecutionInfo()
	if !workflows.Carries(info, row.OrderNumber) {
		return store.RunForeign, nil, nil
	}
	if state := StateOfRun(info.GetStatus()); state != store.RunsWell {
		return state, info, nil
	}
	state := troubleOf(info, description, cmp.Or(i.TaskWaits, taskUnservedAfter))
	if state == store.RunUnserved && i.polled(ctx, description) {
		state = store.RunsWell // it is only queued
	}
	return state, info, nil
}

// recordSeen records the state that a run's search attributes show, unless the run has told
// the store itself: runs of an older release tell nothing until their state changes.
func (i *Intake) recordSeen(ctx context.Context, row store.Unit, info *workflowpb.WorkflowExecutionInfo) error {
	says, ok := workflows.PublishedBy(info)
	if !ok {
		return nil
	}
	return i.Store.RecordSeen(ctx, store.StateChange{
		OrderNumber: row.OrderNumber, Item: row.Item, State: says.State, Step: says.Step, Reason: says.Reason,
	}, info.GetStartTime().AsTime())
}

// StateOfRun translates the status of a run whose order is open.
func StateOfRun(status enumspb.WorkflowExecutionStatus) store.RunState {
	switch status {
	case enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED:
		return store.RunTerminated
	case enumspb.WORKFLOW_EXECUTION_STATUS_FAILED:
		return store.RunFailed
	case enumspb.WORKFLOW_EXECUTION_STATUS_TIMED_OUT:
		return store.RunTimedOut
	case enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED, enumspb.WORKFLOW_EXECUTION_STATUS_CANCELED:
		return store.RunEnded
	case enumspb.WORKFLOW_EXECUTION_STATUS_PAUSED:
		return store.RunPaused
	}
	return store.RunsWell
}

// reportedProblems is the search attribute that the server sets on a run whose workflow
// tasks keep failing, and removes when one succeeds.
const reportedProblems = "TemporalReportedProblems"

// troubleOf returns why an open run does not progress, or store.RunsWell. taskWaits is how long its
// workflow task may wait. Since when something waits is by Temporal's clock; that of this process
// may differ, because what is found unserved is only so if nobody polls for it.
func troubleOf(
	info *workflowpb.WorkflowExecutionInfo, description *workflowservice.DescribeWorkflowExecutionResponse, taskWaits time.Duration,
) store.RunState {
	if problems := info.GetSearchAttributes().GetIndexedFields()[reportedProblems]; len(problems.GetData()) > 0 && string(problems.GetData()) != "null" {
		return store.RunStuck
	}
	for _, activity := range description.GetPendingActivities() {
		if activity.GetPaused() {
			return store.RunPaused
		}
		waits := activity.GetState() == enumspb.PENDING_ACTIVITY_STATE_SCHEDULED && activity.GetLastStartedTime() == nil
		if waits && time.Since(activity.GetScheduledTime().AsTime()) > unservedAfter {
			return store.RunUnserved
		}
	}
	// A task that was refused once is tried again, and is "stuck" if that lasts.
	if task := description.GetPendingWorkflowTask(); task.GetState() == enumspb.PENDING_WORKFLOW_TASK_STATE_SCHEDULED &&
		time.Since(task.GetScheduledTime().AsTime()) > taskWaits {
		return store.RunUnserved
	}
	return store.RunsWell
}
