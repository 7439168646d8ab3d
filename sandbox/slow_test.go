package main

import (
	"strings"
	"testing"

	"domainprovisioning/messages"
	"domainprovisioning/sandbox/standin/faults"
	"domainprovisioning/store"
)

// Operations answers after twenty seconds. The call leaves the fast lane after one: queries,
// commands and confirmations are answered while it runs, people see it as pending, and what it
// makes exists once although it was called twice.
func TestASlowCallHoldsNobodyUp(t *testing.T) {
	if testing.Short() {
		t.Skip("takes twenty seconds")
	}
	t.Parallel()
	f := begin(t, worldOptions{manual: true, faults: []faults.Fault{fault(t, "operations:pem.activateSubscription:late=20s*2")}})
	f.place(shop(t))
	f.eventually("the call is pending in the ordinary lane", func() bool {
		description, err := f.temporal.DescribeWorkflowExecution(t.Context(), shopWorkflow, "")
		if err != nil {
			t.Fatal(err)
		}
		pending := description.GetPendingActivities()
		return len(pending) == 1 && pending[0].GetActivityType().GetName() == "ActivateSubscription"
	})
	if progress := f.progress(shopWorkflow); progress.State != messages.Running || progress.Step != 3 {
		t.Errorf("the order is %s at step %d", progress.State, progress.Step)
	}
	_, err := messages.RetryStep().Send(t.Context(), f.temporal, shopWorkflow, "", messages.Retry{Actor: "tester", Reason: "impatient"})
	if err == nil || !strings.Contains(err.Error(), "nothing to retry") {
		t.Errorf("the retry was answered with %v", err)
	}
	if state := f.confirm("event-early", "done"); state != store.Delivered {
		t.Errorf("the confirmation is %s", state)
	}
	if len(f.world.operations.Subscriptions()) != 0 {
		t.Error("they were answered only after the call had ended")
	}
	progress := f.until(shopWorkflow, messages.Waiting)
	if got := note(progress, 3); !strings.HasSuffix(got, "(the first try failed: no answer in time)") {
		t.Errorf("step 3 is %s", got)
	}
	if calls := f.world.operations.Calls("pem.activateSubscription"); calls != 3 {
		t.Errorf("%d calls: two for the domain and one for hosting were expected", calls)
	}
	f.completes()
	f.finish(shopWorkflow)
	f.want("shop.example", whole())
}

// Each call takes 300 ms, so after two of them a workflow task has no time for a third. No task is
// held up for longer.
func TestLocalCallsShareASecondOfAWorkflowTask(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{manual: true, faults: []faults.Fault{fault(t, "operations:*:delay=300ms*always")}})
	f.place(shop(t))
	f.until(shopWorkflow, messages.Waiting)
	f.completes()
	f.finish(shopWorkflow)
	f.want("shop.example", whole())
	local, ordinary := 0, f.detours(shopWorkflow)
	inTask := 0 // local calls to Operations since the last task
	for _, event := range f.events(shopWorkflow) {
		if event.GetWorkflowTaskCompletedEventAttributes() != nil {
			inTask = 0
		}
		if event.GetMarkerRecordedEventAttributes().GetMarkerName() == localActivity {
			local++
			inTask++
		}
		if inTask > 5 { // three of Operations, and two brief ones of the store
			t.Errorf("%d local calls in a workflow task", inTask)
		}
	}
	if local < 3 || ordinary < 2 {
		t.Errorf("%d local calls and %d ordinary ones: both were expected", local, ordinary)
	}
}
