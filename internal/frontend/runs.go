package frontend

import (
	"context"
	"slices"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
)

// findRun returns a run, the newest one of a workflow if none is named.
func (f *Frontend) findRun(execution *commonpb.WorkflowExecution) (*run, error) {
	if execution.GetRunId() == "" {
		return f.find(execution.GetWorkflowId())
	}
	for _, one := range f.runs {
		if one.start.GetRequestId() == execution.GetRunId() {
			return one, nil
		}
	}
	return nil, serviceerror.NewNotFound("workflow execution not found")
}

// DeleteWorkflowExecution deletes a run.
func (f *Frontend) DeleteWorkflowExecution(
	_ context.Context, request *workflowservice.DeleteWorkflowExecutionRequest,
) (*workflowservice.DeleteWorkflowExecutionResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if request.GetNamespace() != Namespace {
		return nil, serviceerror.NewNamespaceNotFound(request.GetNamespace())
	}
	one, err := f.findRun(request.GetWorkflowExecution())
	if err != nil {
		return nil, err
	}
	f.runs = slices.DeleteFunc(f.runs, func(other *run) bool { return other == one })
	return &workflowservice.DeleteWorkflowExecutionResponse{}, nil
}
