package workflows_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/sandbox/standin/faults"
	"domainprovisioning/store"
)

// A healthy order makes no call in the ordinary lane but those to the registrar, and reads the
// domain back with the registrar's answer.
func TestAHealthyOrderTakesTheFastLane(t *testing.T) {
	for name, c := range map[string]struct {
		options outside.Options
		want    []string
	}{
		"registered at once": {outside.Options{}, []string{"SubmitRequest"}},
		"registered later":   {manual(), []string{"ConfirmRequest", "SubmitRequest"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := begin(t, c.options, outside.NewCustomer)
			r.after(day, func() { r.complete(); r.confirm("event-1") })
			result := r.finish()
			r.want(whole())
			if got := slices.Sorted(maps.Keys(r.ordinary)); !slices.Equal(got, c.want) {
				t.Errorf("in the ordinary lane: %v", got)
			}
			if got := step(r.progress(), 14); got != "done: as ordered" || result.Expires.IsZero() {
				t.Errorf("step 14 is %s, it expires %s", got, result.Expires)
			}
		})
	}
}

// A call that fails for a passing reason goes by the ordinary lane, which looks first: what the
// first try has made is not made again. The checklist says so afterwards.
func TestATroubledCallTakesTheOrdinaryLane(t *testing.T) {
	for fault, want := range map[string]struct {
		call  string
		line  int
		tried string
	}{
		"operations:pem.addAccount:cut-after":            {"AddAccount", 1, "outcome-unknown"},
		"operations:pem.addAccountMember:cut-after":      {"AddAccountMember", 2, "outcome-unknown"},
		"operations:pem.activateSubscription:malformed":  {"ActivateSubscription", 3, "outcome-unknown"},
		"operations:pem.addDomainRequest:http-error":     {"AddDomainRequest", 4, "outcome-unknown"},
		"operations:pem.getNameServers:cut-before":       {"GetNameServers", 5, "temporary"},
		"operations:pem.addDomain:cut-after":             {"CreateDomain", 7, "outcome-unknown"},
		"operations:pem.bindServicesToDomain:http-error": {"BindServicesToDomain", 9, "outcome-unknown"},
		"billing:DomainSubscrWithIDAdd_API:cut-after":    {"AddDomainSubscription", 13, "outcome-unknown"},
	} {
		t.Run(fault, func(t *testing.T) {
			r := begin(t, outside.Options{}, outside.NewCustomer)
			r.Fault(t, fault)
			r.finish()
			r.want(whole())
			if r.ordinary[want.call] != 1 || r.started[want.call] < 2 {
				t.Errorf("%s: %d in the ordinary lane, %d in all", want.call, r.ordinary[want.call], r.started[want.call])
			}
			if got := step(r.progress(), want.line); !strings.HasSuffix(got, "(the first try failed: "+want.tried+")") {
				t.Errorf("step %d is %s", want.line, got)
			}
		})
	}
}

// A permanent refusal is an answer: it parks the order, and nothing is asked a second time. The
// person reads the same as after a refusal in the ordinary lane.
func TestAPermanentRefusalInTheFastLaneParksTheOrder(t *testing.T) {
	r := begin(t, outside.Options{}, outside.NewCustomer)
	r.Operations.AddExistingAccount(r.input.AccountID) // of somebody else
	r.after(time.Hour, func() {
		progress := r.parked(1, messages.ReasonConflict)
		if want := "activities: account id 1048576 belongs to somebody else in Operations"; progress.Attention.Message != want {
			t.Errorf("got %q, want %q", progress.Attention.Message, want)
		}
		if r.started["AddAccount"] != 1 || r.ordinary["AddAccount"] != 0 {
			t.Errorf("tried %d times", r.started["AddAccount"])
		}
		r.CancelWorkflow()
	})
	if err := r.execute(); !temporal.IsCanceledError(err) {
		t.Errorf("got %v", err)
	}
}

// An order that is given up during a call that does not answer in time: the call takes effect
// after the worker has left it, and the undo finds what it has made.
func TestAnUndoBeginsAfterALocalCallHasEnded(t *testing.T) {
	r := begin(t, outside.Options{}, outside.NewCustomer)
	const late = 1500 * time.Millisecond // the worker leaves after a second
	r.Operations.Faults.Add(faults.Fault{Method: "pem.activateSubscription", Kind: faults.Late, Delay: late})
	r.when("ActivateSubscription", 1, r.CancelWorkflow)
	// The undo finds nothing at first, and looks again when the call cannot arrive any more. Time is
	// skipped here, so the second look waits for it instead.
	var looks atomic.Int64
	r.seen.within = func(activity string) {
		if activity == "TakeBack" && looks.Add(1) == 2 {
			r.arrives()
		}
	}
	if err := r.execute(); !temporal.IsCanceledError(err) {
		t.Errorf("got %v", err)
	}
	if r.ordinary["ActivateSubscription"] != 0 {
		t.Error("the call was made again although the order was given up")
	}
	if got := strings.Join(r.Operations.Removals(), ", "); got != "subscription 1048576, account 1048576" {
		t.Errorf("removed %s", got)
	}
	r.closed(store.UnitCancelled)
}

// A reading counts for a minute, and for the revision that it was compared with. An order that is
// held up since reads the domain again.
func TestAnOldReadingIsMadeAgain(t *testing.T) {
	r := begin(t, outside.Options{}, outside.NewCustomer)
	r.Fault(t, "operations:pem.addDomain:refuse*2") // in step 7; the order goes on after two retries
	retry := func() { r.retry(messages.Retry{Actor: "tester", Reason: "allowed now"}) }
	r.after(time.Hour, retry)
	r.after(2*time.Hour, retry)
	r.finish()
	r.want(whole())
	if r.ordinary["VerifyDomain"] != 1 {
		t.Errorf("the domain was verified %d times at the end", r.ordinary["VerifyDomain"])
	}
}

// arrives waits until a subscription exists in Operations.
func (r *run) arrives() {
	ctx, cancel := context.WithTimeout(r.t.Context(), time.Minute)
	defer cancel()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for len(r.Operations.Subscriptions()) == 0 {
		select {
		case <-ctx.Done():
			r.t.Error("the call has not arrived")
			return
		case <-ticker.C:
		}
	}
}

// A confirmed order is done in a moment, so neither the search attributes nor the store are told
// that it runs again. One that is held up after its confirmation is no longer shown as waiting.
func TestAnOrderThatGoesOnIsShownAsRunningOnlyIfItTakesLong(t *testing.T) {
	for name, c := range map[string]struct {
		fault string
		want  []string
	}{
		"healthy":                  {"", []string{"waiting", "done"}},
		"held up":                  {"operations:pem.addDomain:http-error*5", []string{"waiting", "running", "done"}},
		"held up by the registrar": {"netim:domainInfo:http-error*20", []string{"waiting", "running", "done"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := begin(t, manual(), outside.NewCustomer)
			r.after(day, func() {
				if c.fault != "" {
					r.Fault(t, c.fault)
				}
				r.complete()
				r.confirm("event-1")
			})
			r.finish()
			var states []string
			for _, attributes := range r.seen.attributes {
				states = append(states, fmt.Sprint(attributes["ProvisioningState"]))
			}
			if !slices.Equal(states, c.want) {
				t.Errorf("shown as %v", states)
			}
			if told := r.started["RecordState"]; told != len(c.want)-1 {
				t.Errorf("the store was told %d times", told)
			}
		})
	}
}

// A store that does not answer in time is no matter of the step that is under way.
func TestTroubleBesideTheStepsIsNotTheirs(t *testing.T) {
	r := begin(t, manual(), outside.NewCustomer)
	var told atomic.Int64
	again := make(chan struct{})
	r.seen.within = func(activity string) {
		if activity != "RecordState" {
			return
		}
		switch told.Add(1) {
		case 1:
			<-again // the time of the fast lane is over
		case 2:
			close(again)
		}
	}
	r.after(day, func() { r.complete(); r.confirm("event-1") })
	r.finish()
	if r.ordinary["RecordState"] != 1 {
		t.Errorf("%d in the ordinary lane", r.ordinary["RecordState"])
	}
	for _, line := range r.progress().Steps {
		if strings.Contains(line.Note, "first try") {
			t.Errorf("step %d: %s", line.Number, line.Note)
		}
	}
}

// A run that an older release began goes on as that release did: every event that it leaves is
// one that a worker of that release would replay.
func TestARunOfAnOlderReleaseHasNoFastLane(t *testing.T) {
	r := begin(t, manual(), outside.NewCustomer)
	r.OnGetVersion("fast-lane", workflow.DefaultVersion, workflow.Version(1)).Return(workflow.DefaultVersion)
	r.OnGetVersion("commands", workflow.DefaultVersion, workflow.Version(1)).Return(workflow.Version(1))
	r.after(day, func() { r.complete(); r.confirm("event-1") })
	r.finish()
	r.want(whole())
	want := map[string]int{
		"AddAccount": 1, "AddAccountMember": 1, "ActivateSubscription": 2, "AddDomainRequest": 1, "GetNameServers": 1,
		"SubmitRequest": 1, "CreateDomain": 1, "BindServicesToDomain": 1, "ConfirmRequest": 1, "RegisterDomain": 1,
		"AddDomainSubscription": 1, "VerifyDomain": 1, "RecordOutcome": 1,
	}
	if !maps.Equal(r.ordinary, want) {
		t.Errorf("in the ordinary lane\n got %v\nwant %v", r.ordinary, want)
	}
	if r.started["Admit"] != 1 || r.started["RecordState"] != 2 { // waiting, and running again
		t.Errorf("beside the steps: %v", r.started)
	}
}
