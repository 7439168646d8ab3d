package main

import (
	"strings"
	"testing"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/workflowservice/v1"

	"domainprovisioning/desk"
	"domainprovisioning/intake"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// noticed compares open orders with Temporal until the shop's order shows a state.
func (f *fixture) noticed(want store.RunState) {
	f.t.Helper()
	relay := intake.NewRelay(f.intake, f.Log)
	relay.CompareEvery = time.Nanosecond
	f.eventually("the order shows as "+string(want), func() bool {
		if err := relay.Compare(f.t.Context()); err != nil {
			f.t.Fatal(err)
		}
		rows, err := f.Store.Units(f.t.Context(), store.UnitFilter{Domain: "shop.example", Limit: 1})
		return err == nil && len(rows) == 1 && rows[0].Run == want
	})
}

// shown returns the shop's order as the desk shows it.
func (f *fixture) shown() (desk.Unit, messages.Progress) {
	f.t.Helper()
	d := f.Desk(f.temporal)
	units, err := d.Find(f.operator(), "shop.example")
	if err != nil {
		f.t.Fatal(err)
	}
	progress, err := d.Progress(f.operator(), units[0])
	if err != nil {
		f.t.Fatal(err)
	}
	return units[0], progress
}

func (f *fixture) stoppedOrders() int {
	f.t.Helper()
	page, err := f.Desk(f.temporal).List(f.operator(), desk.Filter{State: "stopped"})
	if err != nil {
		f.t.Fatal(err)
	}
	return len(page.Orders)
}

// Scenarios terminated and deleted: somebody ends the workflow of a waiting order. The
// list, the status and the count show it, and the old history is ignored. Placing the
// order again resumes it, and nothing is created twice.
func TestAWorkflowThatWasEndedByHandIsNoticedAndGoesOn(t *testing.T) {
	t.Parallel()
	for run, end := range map[store.RunState]func(*fixture) error{
		store.RunTerminated: func(f *fixture) error {
			return f.temporal.TerminateWorkflow(f.t.Context(), shopWorkflow, "", "by mistake")
		},
		store.RunDeleted: func(f *fixture) error {
			_, err := f.temporal.WorkflowService().DeleteWorkflowExecution(f.t.Context(), &workflowservice.DeleteWorkflowExecutionRequest{
				Namespace: f.namespace, WorkflowExecution: &commonpb.WorkflowExecution{WorkflowId: shopWorkflow},
			})
			return err
		},
	} {
		t.Run(string(run), func(t *testing.T) {
			t.Parallel()
			f := begin(t, worldOptions{manual: true})
			f.place(shop(t))
			f.until(shopWorkflow, messages.Waiting)
			f.noticed(store.RunsWell)
			if n := f.stoppedOrders(); n != 0 {
				t.Errorf("%d orders are stopped", n)
			}
			if err := end(f); err != nil {
				t.Fatal(err)
			}
			f.noticed(run)
			unit, progress := f.shown()
			if unit.Run != string(run) || progress.State != messages.NeedsAttention || progress.Attention == nil ||
				progress.Attention.Reason != messages.Reason(run) || !strings.Contains(progress.Attention.Message, "` resumes it, `starter cancel DP00000001") {
				t.Errorf("it is shown as %+v: %+v", unit, progress)
			}
			if n := f.stoppedOrders(); n != 1 {
				t.Errorf("%d orders are stopped", n)
			}
			if counts, err := f.Store.CountStopped(t.Context()); err != nil || counts[run] != 1 {
				t.Errorf("counted %v, %v", counts, err)
			}
			if _, err := f.Desk(f.temporal).Retry(f.operator(), unit, "", messages.Retry{Actor: "tester"}); err == nil ||
				!strings.Contains(err.Error(), "reason is missing") {
				t.Errorf("retry says %v", err)
			}
			if placed := f.place(shop(t)); !placed.Existing || placed.Waiting() {
				t.Errorf("placed again: %+v", placed)
			}
			f.until(shopWorkflow, messages.Waiting)
			f.noticed(store.RunsWell)
			f.completes()
			f.finish(shopWorkflow)
			f.want("shop.example", whole())
			if _, progress := f.shown(); progress.State != messages.Done {
				t.Errorf("it ends as %+v", progress)
			}
		})
	}
}

// Scenario paused: the order goes on when it is unpaused.
func TestAPausedWorkflowIsNoticed(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{manual: true})
	f.place(shop(t))
	f.until(shopWorkflow, messages.Waiting)
	pause := &workflowservice.PauseWorkflowExecutionRequest{Namespace: f.namespace, WorkflowId: shopWorkflow, Identity: "tester", Reason: "look", RequestId: "1"}
	if _, err := f.temporal.WorkflowService().PauseWorkflowExecution(t.Context(), pause); err != nil {
		t.Fatal(err)
	}
	f.noticed(store.RunPaused)
	if _, progress := f.shown(); progress.Attention == nil || progress.Attention.Reason != messages.ReasonPaused {
		t.Errorf("it is shown as %+v: %+v", progress, progress.Attention)
	}
	goOn := &workflowservice.UnpauseWorkflowExecutionRequest{Namespace: f.namespace, WorkflowId: shopWorkflow, Identity: "tester", RequestId: "2"}
	if _, err := f.temporal.WorkflowService().UnpauseWorkflowExecution(t.Context(), goOn); err != nil {
		t.Fatal(err)
	}
	f.noticed(store.RunsWell)
	f.completes()
	f.finish(shopWorkflow)
	f.want("shop.example", whole())
}
