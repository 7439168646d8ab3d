package main

import (
	"errors"
	"strings"
	"testing"
	"time"

	"domainprovisioning/desk"
	"domainprovisioning/messages"
)

// TestACommandThatNobodyAnswersIsCarriedOutInTimeOrNever gives a command while no worker runs. The
// person is told that it is not known yet, and can ask; the worker that comes carries it out, but
// not one whose time is over.
func TestACommandThatNobodyAnswersIsCarriedOutInTimeOrNever(t *testing.T) {
	if testing.Short() {
		t.Skip("it waits for time-outs")
	}
	t.Parallel()
	f := begin(t, worldOptions{manual: true})
	f.place(shop(t))
	f.until(shopWorkflow, messages.Waiting)
	d := f.Desk(f.temporal)
	found, err := d.Find(f.operator(), "shop.example")
	if err != nil {
		t.Fatal(err)
	}
	stands := func(id string) desk.CommandStands {
		t.Helper()
		stands, err := d.Command(f.operator(), found[0], id)
		if err != nil {
			t.Fatal(err)
		}
		return stands
	}
	if got := stands("nothing"); got.State != "absent" {
		t.Errorf("a command that nobody gave is %+v", got)
	}
	f.workers.Stop()
	until := time.Now().Add(100 * time.Hour).UTC().Truncate(time.Second)
	_, err = d.Extend(f.operator(), found[0], "k1", messages.Extend{Actor: "ann", Reason: "the registry is slow", Until: until})
	unanswered, ok := errors.AsType[*desk.UnansweredError](err)
	if !ok || unanswered.Command != "k1" {
		t.Fatalf("got %v", err)
	}
	if got := stands("k1"); got.State != "waiting" {
		t.Errorf("the command is %+v", got)
	}
	f.startWorkers()
	if err := f.workers.Start(); err != nil {
		t.Fatal(err)
	}
	f.eventually("the command is carried out", func() bool { return stands("k1").State == "done" })
	if got := f.progress(shopWorkflow).Deadline; !got.Equal(until) {
		t.Errorf("the deadline is %s, want %s", got, until)
	}
	// The same again is the same command, whatever it says now.
	if answer, err := d.Extend(f.operator(), found[0], "k1", messages.Extend{Actor: "ann", Reason: "again", Until: until.Add(time.Hour)}); err != nil || answer != *stands("k1").Answer {
		t.Errorf("asked again: %+v, %v", answer, err)
	}
	_, err = messages.ExtendDeadline().Send(t.Context(), f.temporal, shopWorkflow, "k2", messages.Extend{
		Actor: "ann", Reason: "long ago", Until: until.Add(time.Hour), Sent: messages.Sent{NotAfter: time.Now().Add(-time.Minute)},
	})
	if err == nil || !strings.Contains(err.Error(), "it comes too late") {
		t.Errorf("a command whose time is over: %v", err)
	}
	if got := f.progress(shopWorkflow).Deadline; !got.Equal(until) {
		t.Errorf("the deadline is %s, want %s", got, until)
	}
	f.completes()
	f.finish(shopWorkflow)
	f.want("shop.example", whole())
}
