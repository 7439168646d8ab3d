package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.temporal.io/sdk/client"

	"domainprovisioning/desk"
	"domainprovisioning/messages"
	"domainprovisioning/store"
	"domainprovisioning/workflows"
)

// This file does what people do in the Temporal Web UI.

// Scenario reset: somebody resets the workflow of a waiting order to an earlier point. What was
// done is found, and nothing is done twice.
func TestAResetIsHarmless(t *testing.T) {
	t.Parallel()
	for _, task := range []int{1, 2, 5, 9, 10} {
		t.Run(fmt.Sprintf("to workflow task %d", task), func(t *testing.T) {
			t.Parallel()
			options := worldOptions{manual: true}
			if task > 2 {
				// Every call of Operations fails once, and so leaves the fast lane, where a healthy
				// order has but two tasks.
				for _, call := range []string{
					"addAccount", "addAccountMember", "activateSubscription", "addDomainRequest", "getNameServers", "addDomain", "bindServicesToDomain",
				} {
					options.faults = append(options.faults, fault(t, "operations:pem."+call+":cut-before"))
				}
				options.faults = append(options.faults, fault(t, "operations:pem.activateSubscription:cut-before@2"))
			}
			f := begin(t, options)
			f.place(shop(t))
			f.until(shopWorkflow, messages.Waiting)
			f.reset(task)
			f.until(shopWorkflow, messages.Waiting)
			f.completes()
			f.finish(shopWorkflow)
			f.want("shop.example", whole())
			f.closed(store.UnitDone)
		})
	}
}

// TestAResetOrderIsTakenBackWhole: the run after the reset does not know what the one before it
// has made.
func TestAResetOrderIsTakenBackWhole(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{manual: true})
	f.place(shop(t))
	f.until(shopWorkflow, messages.Waiting)
	f.reset(2)
	f.give(func(ctx context.Context, d *desk.Desk, unit desk.Unit) error {
		_, err := d.Cancel(ctx, unit, "", messages.Cancel{Actor: "ann", Reason: "it was reset"})
		return err
	})
	f.until(shopWorkflow, messages.Cancelled)
	// The run after the reset may have requested the domain once more.
	removed := slices.DeleteFunc(f.world.operations.Removals(), func(one string) bool { return one == "request shop.example" })
	if !slices.Equal(removed, []string{"subscription 100000"}) {
		t.Errorf("removed %v", removed)
	}
	if operations := f.world.netim.Operations(); len(operations) != 1 || operations[0].Status != "Cancelled" {
		t.Errorf("at the registrar: %+v", operations)
	}
	f.closed(store.UnitCancelled)
}

// reset resets the shop's workflow to the end of a workflow task, counted from 1.
func (f *fixture) reset(task int) {
	f.t.Helper()
	if err := resetWorkflow(f.t.Context(), f.temporal, f.namespace, shopWorkflow, task); err != nil {
		f.t.Fatal(err)
	}
}

// give gives a command about the shop's order.
func (f *fixture) give(command func(context.Context, *desk.Desk, desk.Unit) error) {
	f.t.Helper()
	d := f.Desk(f.temporal)
	units, err := d.Find(f.operator(), "shop.example")
	if err != nil {
		f.t.Fatal(err)
	}
	if err := command(desk.WithBy(f.t.Context(), desk.By{Actor: "ann", Via: "starter"}), d, units[0]); err != nil {
		f.t.Fatal(err)
	}
}

// closed checks the state of the shop's order in the store.
func (f *fixture) closed(state store.UnitState) {
	f.t.Helper()
	f.eventually("the order is "+string(state)+" in the store", func() bool {
		rows, err := f.Store.Units(f.t.Context(), store.UnitFilter{Domain: "shop.example", Limit: 1})
		return err == nil && len(rows) == 1 && rows[0].State == state
	})
}

// Scenario started-by-hand: "Start Workflow Like This One" of an order that has ended, of one
// that nobody has placed, and under an id that is not the order's. The run ends by itself, and
// says why.
func TestAWorkflowThatIsStartedByHandIsRefusedByItself(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{})
	placed := f.place(shop(t))
	f.finish(shopWorkflow)
	var input workflows.UnitInput
	if err := json.Unmarshal([]byte(placed.Units[0].Plan), &input); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		id     string
		number string
		why    string
	}{
		"ended":      {shopWorkflow, input.OrderNumber, "is done already, and nothing of it is done again"},
		"unknown":    {shopWorkflow, "SO-404", "no order SO-404 is carried by the workflow"},
		"another id": {"domain-provisioning/by-hand.example", input.OrderNumber, "is carried by the workflow domain-provisioning/by-hand.example"},
	} {
		changed := input
		changed.OrderNumber = c.number
		run, err := f.temporal.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: c.id, TaskQueue: workflows.TaskQueue},
			"DomainProvisioning", changed)
		if err != nil {
			t.Fatal(err)
		}
		if err := run.Get(t.Context(), nil); err == nil || !strings.Contains(err.Error(), c.why) {
			t.Errorf("%s: it ends with %v", name, err)
		}
	}
	f.want("shop.example", whole())
	f.closed(store.UnitDone)
}

// TestACancellationInTheWebUITakesBack what the order made.
func TestACancellationInTheWebUITakesBack(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{manual: true})
	f.place(shop(t))
	f.until(shopWorkflow, messages.Waiting)
	if err := f.temporal.CancelWorkflow(t.Context(), shopWorkflow, ""); err != nil {
		t.Fatal(err)
	}
	progress := f.until(shopWorkflow, messages.Cancelled)
	if removed := strings.Join(f.world.operations.Removals(), ", "); removed != "subscription 100000" || len(progress.Undo) == 0 {
		t.Errorf("removed %s; %+v", removed, progress.Undo)
	}
	f.closed(store.UnitCancelled)
}

// TestAnUpdateInTheWebUIIsPlainJSON: it holds no personal data and no secret, so a person can
// type it.
func TestAnUpdateInTheWebUIIsPlainJSON(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{manual: true})
	f.place(shop(t))
	f.until(shopWorkflow, messages.Waiting)
	update := func(name, document string) (messages.Answer, error) {
		handle, err := f.temporal.UpdateWorkflow(t.Context(), client.UpdateWorkflowOptions{
			WorkflowID: shopWorkflow, UpdateName: name, WaitForStage: client.WorkflowUpdateStageCompleted, Args: []any{json.RawMessage(document)},
		})
		var answer messages.Answer
		if err == nil {
			err = handle.Get(t.Context(), &answer)
		}
		return answer, err
	}
	if _, err := update("cancel", `{"actor": "ann"}`); err == nil || !strings.Contains(err.Error(), "reason is missing") {
		t.Errorf("without a reason: %v", err)
	}
	if _, err := update("retry", `{"actor": "ann", "reason": "x"}`); err == nil || !strings.Contains(err.Error(), "Allowed: amend, confirm, extend, cancel") {
		t.Errorf("not allowed: %v", err)
	}
	if answer, err := update("cancel", `{"actor": "ann", "reason": "withdrawn", "keep": true}`); err != nil || answer.Step != 10 || answer.Next == "" {
		t.Errorf("answered %+v, %v", answer, err)
	}
	f.until(shopWorkflow, messages.Cancelled)
	f.closed(store.UnitCancelled)
}

// Scenario terminated: the workflow of a waiting order is terminated. One command resumes it, or
// gives it up and takes back what it made.
func TestATerminatedOrderIsResumedOrTakenBackByOneCommand(t *testing.T) {
	t.Parallel()
	terminated := func(t *testing.T) *fixture {
		t.Helper()
		f := begin(t, worldOptions{manual: true})
		f.place(shop(t))
		f.until(shopWorkflow, messages.Waiting)
		if err := f.temporal.TerminateWorkflow(t.Context(), shopWorkflow, "", "by mistake"); err != nil {
			t.Fatal(err)
		}
		f.noticed(store.RunTerminated)
		return f
	}
	t.Run("retry", func(t *testing.T) {
		t.Parallel()
		f := terminated(t)
		f.give(func(ctx context.Context, d *desk.Desk, unit desk.Unit) error {
			_, err := d.Retry(ctx, unit, "", messages.Retry{Actor: "ann", Reason: "terminated by mistake"})
			return err
		})
		f.until(shopWorkflow, messages.Waiting)
		f.completes()
		f.finish(shopWorkflow)
		f.want("shop.example", whole())
	})
	t.Run("cancel", func(t *testing.T) {
		t.Parallel()
		f := terminated(t)
		f.give(func(ctx context.Context, d *desk.Desk, unit desk.Unit) error {
			_, err := d.Cancel(ctx, unit, "", messages.Cancel{Actor: "ann", Reason: "the customer withdrew"})
			return err
		})
		f.until(shopWorkflow, messages.Cancelled)
		if removed := strings.Join(f.world.operations.Removals(), ", "); removed != "subscription 100000" {
			t.Errorf("removed %s", removed)
		}
		f.closed(store.UnitCancelled)
		if operations := f.world.netim.Operations(); len(operations) != 1 || operations[0].Status != "Cancelled" {
			t.Errorf("at the registrar: %+v", operations)
		}
	})
}
