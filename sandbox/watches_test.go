package main

import (
	"strings"
	"testing"

	"go.temporal.io/sdk/client"

	"domainprovisioning/messages"
	"domainprovisioning/orders"
	"domainprovisioning/store"
	"domainprovisioning/workflows"
)

// watchOf returns the state of the registrar account's watch.
func (f *fixture) watchOf() store.Watch {
	f.t.Helper()
	watches, err := f.Store.Watches(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	for _, watch := range watches {
		if watch.Account == netimAccount {
			return watch
		}
	}
	return store.Watch{}
}

// Scenario watch-paused: a person pauses, and deletes, the schedule of a watch. A worker
// that checks reports the one and creates the other again.
func TestAWatchThatWasPausedOrDeletedIsNoticed(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{})
	every := f.WatchEvery()[netimAccount]
	guard := func() {
		t.Helper()
		// A busy server answers late; a worker checks again ten minutes later.
		f.eventually("the watch is looked after", func() bool { return f.GuardWatch(t.Context(), f.temporal, netimAccount) == nil })
	}
	schedule := f.temporal.ScheduleClient().GetHandle(t.Context(), workflows.WatchID(netimAccount))
	guard()
	f.watch()
	if watch := f.watchOf(); watch.Schedule != store.ScheduleRuns || watch.GoodAt == nil || watch.Late(every) {
		t.Errorf("got %+v", watch)
	}
	if err := schedule.Pause(t.Context(), client.SchedulePauseOptions{Note: "by mistake"}); err != nil {
		t.Fatal(err)
	}
	guard()
	if watch := f.watchOf(); watch.Schedule != store.SchedulePaused || !watch.Late(every) {
		t.Errorf("a paused one: %+v", watch)
	}
	if err := schedule.Unpause(t.Context(), client.ScheduleUnpauseOptions{}); err != nil {
		t.Fatal(err)
	}
	guard()
	if watch := f.watchOf(); watch.Late(every) {
		t.Errorf("after it was let go on: %+v", watch)
	}
	if err := schedule.Delete(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.eventually("the schedule is gone, and created again", func() bool {
		guard()
		_, err := schedule.Describe(t.Context())
		return err == nil && strings.Contains(f.log.String(), "was missing and has been created again")
	})
}

// A plan leaves the configuration while an order for it is running. The order carries what it
// needs from the plan, and ends. Only new orders are refused.
func TestAPlanThatLeftTheConfigurationStopsNoOrder(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{manual: true})
	f.place(shop(t))
	f.until(shopWorkflow, messages.Waiting)
	none, err := orders.NewCatalog()
	if err != nil {
		t.Fatal(err)
	}
	f.Catalog, f.intake.Catalog = none, none
	f.completes()
	f.finish(shopWorkflow)
	f.want("shop.example", whole())
}

// A registrar account leaves the configuration while an order needs it. A worker that
// starts names it, and the order shows that its call waits for a worker that is not
// running.
func TestAnAccountThatLeftTheConfigurationIsNamed(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{manual: true})
	f.place(shop(t))
	f.until(shopWorkflow, messages.Waiting)
	delete(f.Accounts, netimAccount)
	delete(f.intake.Accounts, netimAccount)
	if err := f.WarnOfAccounts(t.Context()); err != nil {
		t.Fatal(err)
	}
	if log := f.log.String(); !strings.Contains(log, "the configuration lacks a registrar account") || !strings.Contains(log, "registrar="+netimAccount+" orders=1") {
		t.Errorf("the log says %s", log)
	}
	f.noticed(store.RunUnserved)
	if _, progress := f.shown(); progress.Attention == nil || !strings.Contains(progress.Attention.Message, netimAccount) {
		t.Errorf("it is shown as %+v", progress)
	}
}
