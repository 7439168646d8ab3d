package main

import (
	"strings"
	"testing"

	"go.temporal.io/sdk/client"

	"domainprovisioning/store"
	"domainprovisioning/workflows"
)

// watchOf is how the watch of the registrar account stands.
func (f *fixture) watchOf() store.Watch {
	f.t.Helper()
	watches, err := f.Store.Watches(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	for _, watch := range watches {
		if watch.Account == account {
			return watch
		}
	}
	return store.Watch{}
}

// Scenario watch-paused: the schedule of a watch is paused, and deleted, by a person. A
// worker that looks reports the one and makes the other anew.
func TestAWatchThatWasPausedOrDeletedIsNoticed(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{})
	every := f.WatchEvery()[account]
	guard := func() {
		t.Helper()
		if err := f.GuardWatch(t.Context(), f.temporal, account); err != nil {
			t.Fatal(err)
		}
	}
	schedule := f.temporal.ScheduleClient().GetHandle(t.Context(), workflows.WatchID(account))
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
	f.eventually("the schedule is gone, and made anew", func() bool {
		guard()
		_, err := schedule.Describe(t.Context())
		return err == nil && strings.Contains(f.log.String(), "was not there and was made anew")
	})
}
