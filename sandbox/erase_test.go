package main

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"testing"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"

	"domainprovisioning/workflows"
)

// runsOf lists the orders of all runs of a workflow id, once for each.
func (f *fixture) runsOf(workflowID string) (orders []string) {
	f.t.Helper()
	listed, err := f.temporal.ListWorkflow(f.t.Context(), &workflowservice.ListWorkflowExecutionsRequest{Query: "WorkflowId = '" + workflowID + "'"})
	if err != nil {
		f.t.Fatal(err)
	}
	for _, run := range listed.GetExecutions() {
		number, err := workflows.OrderNumberOf(run)
		if err != nil {
			f.t.Fatal(err)
		}
		orders = append(orders, number)
	}
	slices.Sort(orders)
	return orders
}

// TestAnErasedOrderHasNoRunsInTemporal: those of another order with the same workflow id stay, and
// those of an order whose number begins alike.
func TestAnErasedOrderHasNoRunsInTemporal(t *testing.T) {
	t.Parallel()
	f := seeded(t, worldOptions{})
	var workflowID, first string
	var numbers []string
	for _, number := range []string{"SO-1006", "SO-10066", "so-1006"} {
		placed := f.place(alter(t, example(t, "contact-change.json"), "SO-1006", number))
		numbers, workflowID = append(numbers, placed.Number), placed.Units[0].WorkflowID
		first = cmp.Or(first, placed.Units[0].RunID)
		f.finish(workflowID)
	}
	has := func(want ...string) {
		t.Helper()
		slices.Sort(want)
		f.eventually("the runs are those of "+strings.Join(want, ", "), func() bool { return slices.Equal(f.runsOf(workflowID), want) })
	}
	has(numbers...)
	for range 2 { // a repeat finds what is gone already
		f.says("erase --yes --reason asked --order "+numbers[0], "order "+numbers[0]+" was erased on ")
		has(numbers[1:]...)
	}
	f.eventually("the history is gone", func() bool {
		_, err := f.temporal.GetWorkflowHistory(t.Context(), workflowID, first, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT).Next()
		_, gone := errors.AsType[*serviceerror.NotFound](err)
		return gone
	})
	if due, err := f.Store.OrdersWithRuns(t.Context(), 10); err != nil || len(due) > 0 {
		t.Errorf("to be looked at again: %q, %v", due, err)
	}
	// The job of workers and gateways deletes them as well.
	if open, err := f.Relay(f.temporal).Retention.DeleteRuns(t.Context(), numbers[1:2]); err != nil || len(open) > 0 {
		t.Errorf("open: %q, %v", open, err)
	}
	has(numbers[2])
}
