package assembly

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"domainprovisioning/activities"
	"domainprovisioning/portfolio"
	"domainprovisioning/workflows"
)

// walks returns the activities of the walk over a registrar account.
func (a *Assembly) walks(name string) *activities.Walks {
	return &activities.Walks{Walker: a.Walk(name)}
}

// Walk returns the walk over a configured registrar account.
func (a *Assembly) Walk(name string) *portfolio.Walk {
	return &portfolio.Walk{
		Account: name, Registrar: a.Accounts[name], Store: a.Store, Billing: a.Billing, Operations: a.Operations,
		Every: a.Config.Drift.Every, ReadDays: a.Config.Drift.ReadDays, PerSecond: a.Config.Registrars[name].CallsPerSecond, Log: a.Log,
	}
}

// ensureWalks creates the schedule of each account's walk, updates an existing one to the
// configuration, or deletes it if nothing is to be walked over.
func (a *Assembly) ensureWalks(ctx context.Context, temporalClient client.Client) error {
	for _, name := range a.AccountNames() {
		if err := a.ensureWalk(ctx, temporalClient, name); err != nil {
			return fmt.Errorf("assembly: walk over %s: %w", name, err)
		}
	}
	return nil
}

func (a *Assembly) ensureWalk(ctx context.Context, temporalClient client.Client, name string) error {
	every := a.Config.Drift.Every
	if err := a.Store.ExpectWalks(ctx, name, every); err != nil {
		return err
	}
	if every == 0 {
		return gone(temporalClient.ScheduleClient().GetHandle(ctx, workflows.WalkID(name)).Delete(ctx))
	}
	return ensureSchedule(ctx, temporalClient, client.ScheduleOptions{
		ID: workflows.WalkID(name),
		Spec: client.ScheduleSpec{
			// Accounts have their times of the day: they do not all ask Billing and Operations at once.
			Intervals: []client.ScheduleIntervalSpec{{Every: every, Offset: offset(name, every)}},
			Jitter:    every / 10,
		},
		Action: &client.ScheduleWorkflowAction{
			ID:            workflows.WalkID(name),
			Workflow:      workflows.PortfolioWalk,
			Args:          []any{workflows.WalkInput{Registrar: name}},
			TaskQueue:     workflows.TaskQueue,
			StaticSummary: "Walk over the domains of " + name,
		},
		// A walk that takes longer is not joined by another one. After an outage the next one sees
		// everything.
		Overlap:       enumspb.SCHEDULE_OVERLAP_POLICY_SKIP,
		CatchupWindow: every / 2,
	})
}

// dropWalks deletes the schedules of walks over accounts that are not configured any more, ends the
// walks that wait there, and clears their differences: nobody can judge them. An account that a worker
// with another configuration serves is left alone.
func (a *Assembly) dropWalks(ctx context.Context, temporalClient client.Client) error {
	walks, err := a.Store.Walks(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, walk := range walks {
		if _, configured := a.Accounts[walk.Account]; !configured && walk.EverySeconds > 0 {
			if err := a.dropWalk(ctx, temporalClient, walk.Account); err != nil {
				errs = append(errs, fmt.Errorf("assembly: walk over %s: %w", walk.Account, err))
			}
		}
	}
	return errors.Join(errs...)
}

func (a *Assembly) dropWalk(ctx context.Context, temporalClient client.Client, name string) error {
	ctx, cancel := context.WithTimeout(ctx, guardTimeout)
	defer cancel()
	queue, err := temporalClient.DescribeTaskQueue(ctx, workflows.RegistrarTaskQueue(name), enumspb.TASK_QUEUE_TYPE_ACTIVITY)
	if err != nil || len(queue.GetPollers()) > 0 {
		return err
	}
	handle := temporalClient.ScheduleClient().GetHandle(ctx, workflows.WalkID(name))
	description, err := handle.Describe(ctx)
	if err == nil {
		for _, run := range description.Info.RunningWorkflows {
			if err := gone(temporalClient.CancelWorkflow(ctx, run.WorkflowID, "")); err != nil {
				return err
			}
		}
		err = handle.Delete(ctx)
	}
	if err := gone(err); err != nil {
		return err
	}
	a.Log.WarnContext(ctx, "a registrar account is not configured any more: it is not walked over, and its differences are cleared", "registrar", name)
	return a.Store.DropWalks(ctx, name)
}

// gone is the error of a call that ends what may have ended already.
func gone(err error) error {
	if _, none := errors.AsType[*serviceerror.NotFound](err); none {
		return nil
	}
	return err
}

// offset is the time of an account within an interval.
func offset(name string, every time.Duration) time.Duration {
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(name))
	return time.Duration(sum.Sum32()) * time.Second % every
}

// ensureSchedule creates a schedule, or updates what an existing one does and when.
func ensureSchedule(ctx context.Context, temporalClient client.Client, options client.ScheduleOptions) error {
	_, err := temporalClient.ScheduleClient().Create(ctx, options)
	if !isScheduled(err) {
		return err
	}
	return temporalClient.ScheduleClient().GetHandle(ctx, options.ID).Update(ctx, client.ScheduleUpdateOptions{
		DoUpdate: func(input client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
			schedule := input.Description.Schedule
			schedule.Spec, schedule.Action = &options.Spec, options.Action
			return &client.ScheduleUpdate{Schedule: &schedule}, nil
		},
	})
}

// GuardWalk checks the schedule of the walk over one account once. It creates a missing one again.
// One that a person has paused stays paused; that no walk has ended for long shows in the metrics.
func (a *Assembly) GuardWalk(ctx context.Context, temporalClient client.Client, name string) error {
	if a.Config.Drift.Every == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, guardTimeout)
	defer cancel()
	description, err := temporalClient.ScheduleClient().GetHandle(ctx, workflows.WalkID(name)).Describe(ctx)
	if err != nil && gone(err) == nil {
		if err = a.ensureWalk(ctx, temporalClient, name); err == nil {
			a.Log.WarnContext(ctx, "the walk over a registrar account was missing and has been created again", "registrar", name)
		}
		return err
	}
	if err == nil && description.Schedule.State != nil && description.Schedule.State.Paused {
		a.Log.WarnContext(ctx, "the walk over a registrar account is paused: nobody learns what changes there; unpause it in Temporal",
			"registrar", name, "schedule", workflows.WalkID(name))
	}
	return err
}
