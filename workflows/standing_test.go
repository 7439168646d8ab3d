package workflows_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
)

// TestACallThatFailsForLongIsShownWhileItIsTriedAgain: and no longer once a try succeeds.
func TestACallThatFailsForLongIsShownWhileItIsTriedAgain(t *testing.T) {
	r := begin(t, manual(), outside.NewCustomer)
	r.Fault(t, "operations:pem.getNameServers:http-error*3")
	trouble := messages.Trouble{Activity: "GetNameServers", Class: "outcome-unknown", Message: "HTTP status 503", Since: r.Now(), Attempt: 2}
	r.when("GetNameServers", 2, func() { r.SignalWorkflow(messages.Troubled().Name, trouble) })
	r.when("GetNameServers", 3, func() {
		attention := r.parked(5, messages.Trying("outcome-unknown")).Attention
		if !strings.Contains(attention.Message, "GetNameServers has failed 2 times") || !strings.Contains(attention.Message, "503") ||
			!slices.Equal(attention.Actions, []messages.Action{messages.ActionCancel}) || !attention.Since.Equal(trouble.Since) {
			t.Errorf("got %+v", attention)
		}
	})
	r.when("SubmitRequest", 1, func() {
		if progress := r.progress(); progress.State != messages.Running || progress.Attention != nil {
			t.Errorf("after a try that succeeded: %s, %+v", progress.State, progress.Attention)
		}
	})
	// This is news of a try that nobody waits for any more, because its process stood
	// still.
	r.after(day, func() { r.SignalWorkflow(messages.Troubled().Name, trouble) })
	r.after(day+time.Hour, func() {
		if progress := r.progress(); progress.State != messages.Waiting || progress.Attention != nil {
			t.Errorf("late news: %s, %+v", progress.State, progress.Attention)
		}
		r.complete()
		r.confirm("event-1")
	})
	r.finish()
	r.want(whole())
}

// TestARequestThatMayHaveBeenPaidTwiceIsShownUntilItIsSettled: the order goes on
// meanwhile, and the workflow accepts such news only from the ledger.
func TestARequestThatMayHaveBeenPaidTwiceIsShownUntilItIsSettled(t *testing.T) {
	for name, settled := range map[string]bool{"settled": true, "open at the end": false} {
		t.Run(name, func(t *testing.T) {
			r := begin(t, manual(), outside.NewCustomer)
			tell := func(id string, source messages.Source, claim string) {
				r.SignalWorkflow(messages.Confirmed().Name, messages.Confirmation{EventID: id, Source: source, Claim: claim, Reference: "101 and 102"})
			}
			r.after(time.Hour, func() { tell("callback", messages.FromCallback, messages.PerhapsPaidTwice) })
			r.after(2*time.Hour, func() {
				if progress := r.progress(); progress.State != messages.Waiting {
					t.Errorf("a callback says so, and the order is %s", progress.State)
				}
				tell("ledger/k/1", messages.FromLedger, messages.PerhapsPaidTwice)
				tell("ledger/k/1", messages.FromLedger, messages.PerhapsPaidTwice)
			})
			r.after(150*time.Minute, func() { // settled before its own news came
				tell("settled/ledger/k/0", messages.FromLedger, messages.Settled)
				tell("ledger/k/0", messages.FromLedger, messages.PerhapsPaidTwice)
			})
			r.after(3*time.Hour, func() {
				if a := r.parked(10, messages.ReasonPerhapsPaidTwice).Attention; !strings.Contains(a.Message, "101 and 102") || !slices.Contains(a.Actions, messages.ActionSettle) {
					t.Errorf("got %+v", a)
				}
				if settled {
					tell("settled/ledger/k/1", messages.FromLedger, messages.Settled)
				}
			})
			r.after(4*time.Hour, func() {
				if progress := r.progress(); settled && (progress.State != messages.Waiting || progress.Attention != nil) {
					t.Errorf("after it was settled: %s, %+v", progress.State, progress.Attention)
				}
				r.complete()
				r.confirm("event-1")
			})
			if err := r.execute(); err != nil {
				t.Fatal(err)
			}
			r.want(whole())
			progress := r.progress()
			if progress.State != messages.Done || (progress.Attention == nil) != settled || len(progress.Notes) != 2 {
				t.Errorf("it ends as %s with %+v and %q", progress.State, progress.Attention, progress.Notes)
			}
		})
	}
}
