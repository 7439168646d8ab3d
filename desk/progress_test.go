package desk_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	enumspb "go.temporal.io/api/enums/v1"

	"domainprovisioning/desk"
	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// checklist is the answer of the shop's workflow.
func checklist(state messages.State, step int) messages.Progress {
	return messages.Progress{
		OrderNumber: "DP00000001", Domain: "shop.example", State: state, Step: step,
		Steps: []messages.StepProgress{{Number: 1, Title: "Create the account", State: messages.StepDone}},
	}
}

func (c *counter) stands(unit desk.Unit) messages.Progress {
	c.t.Helper()
	progress, err := c.Progress(operator(c.t), unit)
	if err != nil {
		c.t.Fatal(err)
	}
	return progress
}

func TestAnOpenOrderStandsAsItsWorkflowSays(t *testing.T) {
	c := begin(t)
	c.order(outside.NewCustomer)
	c.World.Temporal.Show(shopWorkflow, checklist(messages.Waiting, 10))
	if got := c.stands(c.unit("shop.example")); got.State != messages.Waiting || got.Step != 10 || len(got.Steps) != 1 || got.Attention != nil {
		t.Errorf("got %+v", got)
	}
	// The earlier trouble is over: it is running.
	if _, err := c.World.Store.RecordRun(operator(t), "DP00000001", 1, store.RunTerminated); err != nil {
		t.Fatal(err)
	}
	if got := c.stands(c.unit("shop.example")); got.State != messages.Waiting || got.Attention != nil {
		t.Errorf("after it was started again: %+v", got)
	}
}

func TestAnOrderThatIsNotStartedYetSaysSo(t *testing.T) {
	c := begin(t)
	c.World.Temporal.SetDown(true)
	c.order(outside.NewCustomer)
	got := c.stands(c.unit("shop.example"))
	if got.State != messages.Running || got.Steps == nil || len(got.Notes) != 1 || got.Notes[0] != "accepted; its workflow is started as soon as Temporal can be reached" {
		t.Errorf("got %+v", got)
	}
}

func TestWhileNobodyAnswersAnOpenOrderIsNotGuessedAt(t *testing.T) {
	c := begin(t)
	c.order(outside.NewCustomer)
	c.World.Temporal.SetDown(true)
	_, err := c.Progress(operator(t), c.unit("shop.example"))
	if !errors.Is(err, desk.ErrUnavailable) || !strings.Contains(err.Error(), shopWorkflow) {
		t.Errorf("got %v", err)
	}
	gone, leave := context.WithCancel(operator(t))
	unit := c.unit("shop.example")
	leave()
	if _, err := c.Progress(gone, unit); !errors.Is(err, context.Canceled) || errors.Is(err, desk.ErrUnavailable) {
		t.Errorf("a caller that has gone away gets %v", err)
	}
}

// What was done to a workflow is said at once, and not when all orders are compared the next time.
func TestAWorkflowThatWasJustPausedSaysSo(t *testing.T) {
	c := begin(t)
	c.order(outside.NewCustomer)
	c.temporal.statuses[shopWorkflow] = enumspb.WORKFLOW_EXECUTION_STATUS_PAUSED
	got := c.stands(c.unit("shop.example"))
	if got.State != messages.NeedsAttention || got.Attention == nil || got.Attention.Reason != "paused" || !strings.Contains(got.Attention.Message, "unpause it there") {
		t.Errorf("got %+v", got)
	}
}

// Temporal reports how a run has ended although its order is open, so something was done
// to it. The answer shows how far it got if a worker still answers for its history.
func TestARunThatHasEndedInTemporal(t *testing.T) {
	for status, want := range map[enumspb.WorkflowExecutionStatus]messages.Reason{
		enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED: messages.ReasonTerminated,
		enumspb.WORKFLOW_EXECUTION_STATUS_FAILED:     messages.ReasonFailed,
		enumspb.WORKFLOW_EXECUTION_STATUS_TIMED_OUT:  messages.ReasonTimedOut,
		enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED:  messages.ReasonEnded,
		enumspb.WORKFLOW_EXECUTION_STATUS_CANCELED:   messages.ReasonEnded,
	} {
		c := begin(t)
		c.order(outside.NewCustomer)
		c.temporal.statuses[shopWorkflow] = status
		got := c.stands(c.unit("shop.example"))
		if got.State != messages.NeedsAttention || got.Attention.Reason != want || got.Step != 1 || got.OrderNumber != "DP00000001" {
			t.Errorf("%s without a history: %+v", status, got)
		}
		c.World.Temporal.Show(shopWorkflow, checklist(messages.Waiting, 10))
		got = c.stands(c.unit("shop.example"))
		if got.State != messages.NeedsAttention || got.Attention.Reason != want || got.Attention.Step != 10 || len(got.Steps) != 1 {
			t.Errorf("%s: %+v", status, got)
		}
		// What has ended was the workflow of another order: there is none of this one.
		other := checklist(messages.Waiting, 10)
		other.OrderNumber = "DP00000009"
		c.World.Temporal.Show(shopWorkflow, other)
		if got = c.stands(c.unit("shop.example")); got.OrderNumber != "DP00000001" || len(got.Steps) != 0 || got.Attention.Reason != messages.ReasonDeleted {
			t.Errorf("%s with another order's history: %+v", status, got)
		}
	}
}

// The caller has read the row, and then the order ended normally.
func TestAnOrderThatEndsWhileItIsAskedFor(t *testing.T) {
	c := begin(t)
	c.order(outside.NewCustomer)
	before := c.unit("shop.example")
	c.World.Temporal.End(shopWorkflow)
	c.World.Temporal.Show(shopWorkflow, checklist(messages.Done, 12))
	if err := c.World.Store.CloseUnit(operator(t), "DP00000001", 1, store.UnitDone, ""); err != nil {
		t.Fatal(err)
	}
	if got := c.stands(before); got.State != messages.Done || got.Step != 12 || got.Attention != nil {
		t.Errorf("got %+v", got)
	}
}

func TestAWorkflowThatIsGoneOrAnothersIsNamed(t *testing.T) {
	c := begin(t)
	c.order(outside.NewCustomer)
	if got := c.stands(c.unit("shop.example")); got.Attention == nil || got.Attention.Reason != messages.ReasonDeleted {
		t.Errorf("no such workflow: %+v", got)
	}
	other := checklist(messages.Running, 3)
	other.OrderNumber = "DP00000009"
	c.World.Temporal.Show(shopWorkflow, other)
	if got := c.stands(c.unit("shop.example")); got.Attention == nil || got.Attention.Reason != messages.ReasonForeign || got.Step != 1 || len(got.Steps) != 0 {
		t.Errorf("another order's workflow: %+v", got)
	}
}

// While the workflow of a stopped run does not answer, the answer says what happened and
// what to do.
func TestWhatAPersonIsToldOfAStoppedRun(t *testing.T) {
	again, givenUp := []messages.Action{messages.ActionResume, messages.ActionCancel, messages.ActionClose}, []messages.Action{messages.ActionClose}
	told := map[store.RunState]struct {
		says    string
		actions []messages.Action
	}{
		store.RunTerminated: {"terminated in Temporal; `starter retry DP00000001 --reason \"...\"` resumes it, `starter cancel DP00000001 --reason \"...\"` gives it up and takes back what it made", again},
		store.RunDeleted:    {"it was deleted, or never started; `starter retry DP00000001 --reason \"...\"` resumes it", again},
		store.RunFailed:     {"has failed without recording that; `starter retry DP00000001 --reason \"...\"` resumes it", again},
		store.RunTimedOut:   {"had a time-out and reached it; `starter retry DP00000001 --reason \"...\"` resumes it", again},
		store.RunForeign:    {"when that has ended, `starter retry DP00000001 --reason \"...\"` resumes it, `starter cancel DP00000001 --reason \"...\"` gives it up and takes back what it made; until then only `starter close DP00000001 --reason \"...\"`", givenUp},
		store.RunEnded:      {"then close the order with `starter close DP00000001 --reason \"...\"`", givenUp},
		store.RunPaused:     {"paused in Temporal: unpause it there", nil},
		store.RunStuck:      {"deploy a worker whose version and keys fit", nil},
		store.RunUnserved:   {`let a worker run whose configuration has registrar account "netim-1"`, nil},
	}
	c := begin(t)
	c.order(outside.NewCustomer)
	c.World.Temporal.SetDown(true)
	for _, run := range store.StoppedStates() {
		if _, err := c.World.Store.RecordRun(operator(t), "DP00000001", 1, run); err != nil {
			t.Fatal(err)
		}
		unit := c.unit("shop.example")
		got := c.stands(unit)
		want := told[run]
		if unit.Run != string(run) || got.State != messages.NeedsAttention || got.Attention == nil || got.Attention.Reason != messages.Reason(run) ||
			!strings.Contains(got.Attention.Message, want.says) || !slices.Equal(got.Attention.Actions, want.actions) {
			t.Errorf("%s: %+v, %+v", run, got, got.Attention)
		}
	}
}

// A paused or stuck workflow may still answer questions; an unserved one always does.
func TestAStoppedRunThatAnswersShowsHowFarItIs(t *testing.T) {
	c := begin(t)
	c.order(outside.NewCustomer)
	c.World.Temporal.Show(shopWorkflow, checklist(messages.Running, 6))
	for _, run := range []store.RunState{store.RunPaused, store.RunStuck, store.RunUnserved} {
		if _, err := c.World.Store.RecordRun(operator(t), "DP00000001", 1, run); err != nil {
			t.Fatal(err)
		}
		got := c.stands(c.unit("shop.example"))
		if got.State != messages.NeedsAttention || got.Attention.Reason != messages.Reason(run) || got.Attention.Step != 6 || len(got.Steps) != 1 {
			t.Errorf("%s: %+v", run, got)
		}
	}
}

// The state of an ended order comes from its history, or from what the store knows.
func TestHowAnEndedOrderStands(t *testing.T) {
	other := checklist(messages.Done, 12)
	other.OrderNumber = "DP00000009"
	done, parked := checklist(messages.Done, 12), checklist(messages.NeedsAttention, 6)
	const gone, silent = "its history is gone; this is what the store knows", "no worker answers for its checklist; this is what the store knows"
	for name, k := range map[string]struct {
		shown *messages.Progress
		down  bool
		steps int
		note  string
	}{
		"its history answers":              {&done, false, 1, ""},
		"its history is gone":              {nil, false, 0, gone},
		"nobody answers":                   {nil, true, 0, silent},
		"the domain's next order answers":  {&other, false, 0, gone},
		"its history ends before that did": {&parked, false, 0, gone}, // cancelled after its workflow was terminated
	} {
		c := begin(t)
		c.order(outside.NewCustomer)
		if err := c.World.Store.CloseUnit(operator(t), "DP00000001", 1, store.UnitDone, ""); err != nil {
			t.Fatal(err)
		}
		if k.shown != nil {
			c.World.Temporal.Show(shopWorkflow, *k.shown)
		}
		c.World.Temporal.SetDown(k.down)
		got := c.stands(c.unit("shop.example"))
		if got.OrderNumber != "DP00000001" || got.Domain != "shop.example" || got.State != messages.Done || len(got.Steps) != k.steps || strings.Join(got.Notes, "") != k.note {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
