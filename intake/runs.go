package intake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"

	"domainprovisioning/workflows"
)

// DeleteRuns deletes the ended runs of orders in Temporal, up to a hundred orders at once: their
// histories may hold what outside systems have said. It returns the orders that have a run which has
// not ended, which stays. Another order of the same domain has the same workflow id, and keeps its
// runs. What is gone already is no error; the error says that Temporal does not answer.
func (i *Intake) DeleteRuns(ctx context.Context, orders []string) (open []string, err error) {
	if len(orders) == 0 {
		return nil, nil
	}
	// Neither the names of clients nor numbers have a quotation mark.
	query := fmt.Sprintf("%s IN ('%s')", workflows.OrderNumberKey.GetName(), strings.Join(orders, "', '"))
	var runs []*workflowpb.WorkflowExecutionInfo
	var token []byte
	for { // all of them first: what is deleted would move the pages
		page, err := i.Temporal.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{Query: query, PageSize: historiesPage, NextPageToken: token})
		if err != nil {
			return nil, fmt.Errorf("intake: runs of erased orders: %w", err)
		}
		runs = append(runs, page.GetExecutions()...)
		if token = page.GetNextPageToken(); len(token) == 0 {
			break
		}
	}
	for _, run := range runs {
		// The list decides nothing: it may compare texts in its own way, and it is late.
		number, err := workflows.OrderNumberOf(run)
		if err != nil || !slices.Contains(orders, number) {
			continue
		}
		ended, err := i.deleteRun(ctx, run.GetExecution())
		if err != nil {
			return nil, fmt.Errorf("intake: delete a run of %s: %w", run.GetExecution().GetWorkflowId(), err)
		}
		if !ended && !slices.Contains(open, number) {
			open = append(open, number)
		}
	}
	return open, nil
}

// deleteRun deletes a run that has ended. Temporal would terminate one that has not.
func (i *Intake) deleteRun(ctx context.Context, execution *commonpb.WorkflowExecution) (ended bool, err error) {
	gone := func(err error) bool {
		_, gone := errors.AsType[*serviceerror.NotFound](err)
		return gone
	}
	found, err := i.Temporal.DescribeWorkflowExecution(ctx, execution.GetWorkflowId(), execution.GetRunId())
	switch {
	case gone(err):
		return true, nil
	case err != nil:
		return false, err
	case Open(found.GetWorkflowExecutionInfo().GetStatus()):
		return false, nil
	}
	_, err = i.Temporal.WorkflowService().DeleteWorkflowExecution(ctx, &workflowservice.DeleteWorkflowExecutionRequest{
		Namespace: i.Namespace, WorkflowExecution: execution,
	})
	if gone(err) {
		err = nil
	}
	return err == nil, err
}
