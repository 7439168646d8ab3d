package frontend

import (
	"context"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
)

// SignalWithStartWorkflowExecution begins a workflow unless it runs.
func (f *Frontend) SignalWithStartWorkflowExecution(
	_ context.Context, request *workflowservice.SignalWithStartWorkflowExecutionRequest,
) (*workflowservice.SignalWithStartWorkflowExecutionResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if one, err := f.findOpen(request.GetWorkflowId()); err == nil {
		return &workflowservice.SignalWithStartWorkflowExecutionResponse{RunId: one.start.GetRequestId()}, nil
	}
	f.runs = append(f.runs, &run{status: enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, start: &workflowservice.StartWorkflowExecutionRequest{
		Namespace: request.GetNamespace(), WorkflowId: request.GetWorkflowId(), WorkflowType: request.GetWorkflowType(), TaskQueue: request.GetTaskQueue(),
		Input: request.GetInput(), RequestId: request.GetRequestId(), SearchAttributes: request.GetSearchAttributes(),
	}})
	return &workflowservice.SignalWithStartWorkflowExecutionResponse{RunId: request.GetRequestId(), Started: true}, nil
}
