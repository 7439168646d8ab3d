package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"domainprovisioning/desk"
	"domainprovisioning/intake"
	"domainprovisioning/messages"
	"domainprovisioning/sandbox/embedded"
	"domainprovisioning/sandbox/standin/netim"
	"domainprovisioning/workflows"
)

// These are the stories of what people do in the Temporal Web UI. sandbox/webui_test.go tries
// more points and ways.

// terminated: somebody terminates the workflow of an order that waits.
func terminated() scenario {
	const name, order = "ended.example", "SC-1151"
	var listed int
	ended := false
	return scenario{
		name: "terminated", help: "a workflow is terminated in Temporal: the lists show it, and one command resumes the order",
		story: &story{
			orders: []ordered{{file: "scenarios/terminated.json"}},
			before: func(w *world) { w.netim.SetBehaviour(name, netim.Behaviour{Manual: true}) },
			person: func(_ *world, progress messages.Progress) (*deed, error) {
				switch attention := progress.Attention; {
				case attention != nil && attention.Reason == messages.ReasonTerminated && strings.Contains(attention.Message, "`"+messages.CommandLine(messages.ActionResume, order)+"` resumes it"):
					return retries(messages.Retry{Reason: "terminated by mistake"}), nil
				case attention != nil:
					return nil, needs(*attention)
				case progress.State != messages.Waiting:
					return nil, nil //nolint:nilnil // nothing is to be done
				case ended:
					return happens("the registrar finishes", func(w *world) { _ = w.netim.Complete(name) }), nil // counted below
				}
				ended = true
				return &deed{says: "somebody terminates the workflow in Temporal", inside: func(ctx context.Context, b *sandbox, unit intake.PlacedUnit) error {
					if err := b.client.TerminateWorkflow(ctx, unit.WorkflowID, "", "by mistake"); err != nil {
						return err
					}
					var err error
					listed, err = b.stopped(ctx)
					return err
				}}, nil
			},
			counts: func(w *world) []count {
				return append(onceAtNetim(w, name), effect("listed as stopped meanwhile", listed, 1))
			},
			records: given([]string{order}, "retry"),
		},
	}
}

// stopped compares open orders with Temporal, which otherwise happens every few minutes, and
// counts those that do not go on.
func (b *sandbox) stopped(ctx context.Context) (int, error) {
	relay := intake.NewRelay(b.system.intake, b.log)
	relay.CompareEvery = time.Nanosecond
	if err := relay.Compare(ctx); err != nil {
		return 0, err
	}
	page, err := b.system.Desk(b.client).List(ctx, desk.Filter{State: "stopped"})
	return len(page.Orders), err
}

// onceAtNetim is what a registration with hosting for a customer whom the company had before
// leaves in the outside systems.
func onceAtNetim(w *world, name string) []count {
	_, registered := w.netim.Registration(name)
	return []count{
		effect("registrations of "+name+" at Netim", w.netim.Creates(name), 1),
		effect(name+" is registered", registered, true),
		effect("subscriptions in Operations", len(w.operations.Subscriptions()), 2),
		effect("domains in Operations", len(w.operations.Domains()), 1),
		effect("bindings", len(w.operations.Bindings()), 1),
		effect("domains in Billing", len(w.billing.RowsOf(name)), 1),
	}
}

// resetInTheWebUI: somebody resets the workflow of an order that waits to an early point. What
// was done is found again.
func resetInTheWebUI() scenario {
	const name, task = "again.example", 2
	done := false
	return scenario{
		name: "reset", help: "a workflow is reset in Temporal to an early point: what was done is found, and nothing is done twice",
		story: &story{
			orders: []ordered{{file: "scenarios/reset.json"}},
			before: func(w *world) { w.netim.SetBehaviour(name, netim.Behaviour{Manual: true}) },
			person: func(_ *world, progress messages.Progress) (*deed, error) {
				switch {
				case progress.Attention != nil:
					return nil, needs(*progress.Attention)
				case progress.State != messages.Waiting:
					return nil, nil //nolint:nilnil // nothing is to be done
				case done:
					return happens("the registrar finishes", func(w *world) { _ = w.netim.Complete(name) }), nil // counted below
				}
				done = true
				return &deed{says: "somebody resets the workflow in Temporal", inside: func(ctx context.Context, b *sandbox, unit intake.PlacedUnit) error {
					return resetWorkflow(ctx, b.client, embedded.Namespace, unit.WorkflowID, task)
				}}, nil
			},
			counts: func(w *world) []count { return onceAtNetim(w, name) },
		},
	}
}

// resetWorkflow resets a workflow to the end of a workflow task, counted from 1. It is an error if
// the workflow has not come that far.
func resetWorkflow(ctx context.Context, c client.Client, namespace, workflowID string, task int) error {
	iterator := c.GetWorkflowHistory(ctx, workflowID, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	completed, n := int64(0), 0
	for n < task && iterator.HasNext() {
		event, err := iterator.Next()
		if err != nil {
			return err
		}
		if event.GetEventType() == enumspb.EVENT_TYPE_WORKFLOW_TASK_COMPLETED {
			completed = event.GetEventId()
			n++
		}
	}
	if n < task {
		return fmt.Errorf("%s has %d workflow tasks and not %d", workflowID, n, task)
	}
	description, err := c.DescribeWorkflowExecution(ctx, workflowID, "")
	if err != nil {
		return err
	}
	_, err = c.ResetWorkflowExecution(ctx, &workflowservice.ResetWorkflowExecutionRequest{
		Namespace: namespace, Reason: "by hand", RequestId: fmt.Sprint("reset-", task), WorkflowTaskFinishEventId: completed,
		WorkflowExecution: &commonpb.WorkflowExecution{WorkflowId: workflowID, RunId: description.GetWorkflowExecutionInfo().GetExecution().GetRunId()},
	})
	return err
}

// startedByHand: somebody uses "Start Workflow Like This One" of an order that is done, and then
// for an order that nobody has placed.
func startedByHand() scenario {
	const name, order = "copied.example", "SC-1161"
	return scenario{
		name: "started-by-hand", help: "a workflow is started by hand in Temporal: it ends by itself, and says why",
		story: &story{
			orders: []ordered{{file: "scenarios/started-by-hand.json"}},
			counts: func(w *world) []count { return onceAtNetim(w, name) },
			records: func(ctx context.Context, b *sandbox) ([]count, error) {
				d := b.system.Desk(b.client)
				units, err := d.Find(ctx, order)
				if err != nil {
					return nil, err
				}
				row, err := b.system.Store.Unit(ctx, order, units[0].Item)
				if err != nil {
					return nil, err
				}
				var input workflows.UnitInput
				if err := json.Unmarshal([]byte(row.Plan), &input); err != nil {
					return nil, err
				}
				// It says that it is done a moment before it ends.
				if err := b.client.GetWorkflow(ctx, units[0].WorkflowID, "").Get(ctx, nil); err != nil {
					return nil, err
				}
				var counts []count
				for _, copied := range []struct{ number, why string }{
					{order, "is done already, and nothing of it is done again"},
					{"SC-4040", "no order SC-4040 is carried by the workflow"},
				} {
					input.OrderNumber = copied.number
					run, err := b.client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: units[0].WorkflowID, TaskQueue: workflows.TaskQueue},
						workflows.ProgramOf(input.Unit), input)
					if err != nil {
						return nil, err
					}
					ended := run.Get(ctx, nil)
					counts = append(counts, effect("started for "+copied.number+", it says: "+copied.why,
						ended != nil && strings.Contains(ended.Error(), copied.why), true))
				}
				return counts, nil
			},
		},
	}
}
