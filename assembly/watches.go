package assembly

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"domainprovisioning/config"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
	"domainprovisioning/workflows"
)

// EnsureWatches creates the schedules of each account's watch and of the walk over it, or updates
// existing ones to the configuration. An account gets no watch if its registrar has neither a list
// of pending operations nor a queue of news.
func (a *Assembly) EnsureWatches(ctx context.Context, temporalClient client.Client) error {
	for _, name := range a.watched() {
		if err := ensureWatch(ctx, temporalClient, name, a.Config.Registrars[name]); err != nil {
			return fmt.Errorf("assembly: watch of %s: %w", name, err)
		}
	}
	return a.ensureWalks(ctx, temporalClient)
}

// watched lists the accounts that have a watch.
func (a *Assembly) watched() []string {
	var names []string
	for _, name := range a.AccountNames() {
		_, lists := a.Accounts[name].(registrars.PendingLister)
		_, queues := a.Accounts[name].(registrars.NoticeQueue)
		if lists || queues {
			names = append(names, name)
		}
	}
	return names
}

// WatchEvery returns how often each account that has a watch is asked.
func (a *Assembly) WatchEvery() map[string]time.Duration {
	every := map[string]time.Duration{}
	for _, name := range a.watched() {
		every[name] = a.Config.Registrars[name].WatchEvery
	}
	return every
}

// guardEvery is how often each worker checks the watches; guardTimeout bounds one check.
const (
	guardEvery   = 10 * time.Minute
	guardTimeout = 30 * time.Second
)

// GuardWatches checks the watches until the context ends, at once and then every ten
// minutes. It creates missing schedules again. A schedule that a person has paused stays
// paused but is reported, because an order whose confirmation is lost would wait forever.
func (a *Assembly) GuardWatches(ctx context.Context, temporalClient client.Client) {
	for ctx.Err() == nil {
		for _, name := range a.watched() {
			if err := a.GuardWatch(ctx, temporalClient, name); err != nil && ctx.Err() == nil {
				a.Log.WarnContext(ctx, "the watch of a registrar account could not be checked; it is tried again", "registrar", name, "error", err)
			}
		}
		for _, name := range a.AccountNames() {
			if err := a.GuardWalk(ctx, temporalClient, name); err != nil && ctx.Err() == nil {
				a.Log.WarnContext(ctx, "the walk over a registrar account could not be checked; it is tried again", "registrar", name, "error", err)
			}
		}
		if err := a.dropWalks(ctx, temporalClient); err != nil && ctx.Err() == nil {
			a.Log.WarnContext(ctx, "walks over accounts that are not configured could not be dropped; it is tried again", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(guardEvery):
		}
	}
}

// GuardWatch checks the watch of one account once.
func (a *Assembly) GuardWatch(ctx context.Context, temporalClient client.Client, name string) error {
	ctx, cancel := context.WithTimeout(ctx, guardTimeout)
	defer cancel()
	description, err := temporalClient.ScheduleClient().GetHandle(ctx, workflows.WatchID(name)).Describe(ctx)
	if _, gone := errors.AsType[*serviceerror.NotFound](err); gone {
		if err = ensureWatch(ctx, temporalClient, name, a.Config.Registrars[name]); err == nil {
			a.Log.WarnContext(ctx, "the watch of a registrar account was missing and has been created again", "registrar", name)
			return a.Store.RecordSchedule(ctx, name, store.ScheduleRuns)
		}
	}
	if err != nil {
		return err
	}
	state := store.ScheduleRuns
	if description.Schedule.State != nil && description.Schedule.State.Paused {
		state = store.SchedulePaused
		a.Log.ErrorContext(ctx, "the watch of a registrar account is paused: orders whose confirmations are lost wait forever; unpause it in Temporal",
			"registrar", name, "schedule", workflows.WatchID(name))
	}
	return a.Store.RecordSchedule(ctx, name, state)
}

// WarnOfAccounts logs what of the registrar accounts has expired or soon will, and the accounts that
// open orders need but the configuration lacks: this process does not make the calls of these orders.
func (a *Assembly) WarnOfAccounts(ctx context.Context) error {
	for _, warning := range warned(a.ends, time.Now()) {
		a.Log.WarnContext(ctx, warning)
	}
	needed, err := a.Store.OpenAccounts(ctx)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(needed)) {
		if _, ok := a.Accounts[name]; !ok {
			a.Log.WarnContext(ctx, "the configuration lacks a registrar account that open orders need; they wait for a worker that has it",
				"registrar", name, "orders", needed[name])
		}
	}
	return nil
}

func ensureWatch(ctx context.Context, temporalClient client.Client, name string, account config.Registrar) error {
	spec := client.ScheduleSpec{
		Intervals: []client.ScheduleIntervalSpec{{Every: account.WatchEvery}},
		// Several accounts must not ask in the same second.
		Jitter: account.WatchEvery / 10,
	}
	action := &client.ScheduleWorkflowAction{
		ID:            workflows.WatchID(name),
		Workflow:      workflows.PendingOperationsWatch,
		Args:          []any{workflows.WatchInput{Registrar: name}},
		TaskQueue:     workflows.TaskQueue,
		StaticSummary: "Watch of pending operations at " + name,
	}
	return ensureSchedule(ctx, temporalClient, client.ScheduleOptions{
		ID: workflows.WatchID(name), Spec: spec, Action: action,
		Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_SKIP,
		// After an outage one round asks for everything, so missed rounds need not be
		// made up for one after another.
		CatchupWindow: time.Minute,
	})
}

func isScheduled(err error) bool {
	if errors.Is(err, temporal.ErrScheduleAlreadyRunning) {
		return true
	}
	_, exists := errors.AsType[*serviceerror.AlreadyExists](err)
	return exists
}
