package intake_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"google.golang.org/grpc"

	"domainprovisioning/intake"
	"domainprovisioning/workflows"
)

// ofOrders is a Temporal with runs of one workflow, which are listed one by one whatever is asked for.
type ofOrders struct {
	client.Client

	runs    []*workflowpb.WorkflowExecutionInfo
	queries []string
	deleted []string
	// truth is how runs stand that the list is late about; "" is a run that is gone.
	truth map[string]enumspb.WorkflowExecutionStatus
	fails error
}

func (o *ofOrders) add(t *testing.T, run, order string, status enumspb.WorkflowExecutionStatus) {
	t.Helper()
	number, err := converter.GetDefaultDataConverter().ToPayload(order)
	if err != nil {
		t.Fatal(err)
	}
	o.runs = append(o.runs, &workflowpb.WorkflowExecutionInfo{
		Execution: &commonpb.WorkflowExecution{WorkflowId: "domain-provisioning/shop.example", RunId: run}, Status: status,
		SearchAttributes: &commonpb.SearchAttributes{IndexedFields: map[string]*commonpb.Payload{workflows.OrderNumberKey.GetName(): number}},
	})
}

func (o *ofOrders) ListWorkflow(_ context.Context, request *workflowservice.ListWorkflowExecutionsRequest) (*workflowservice.ListWorkflowExecutionsResponse, error) {
	at := 0
	if len(request.GetNextPageToken()) > 0 {
		at = int(request.GetNextPageToken()[0])
	} else {
		o.queries = append(o.queries, request.GetQuery())
	}
	answer := &workflowservice.ListWorkflowExecutionsResponse{Executions: o.runs[at : at+1]}
	if at+1 < len(o.runs) {
		answer.NextPageToken = []byte{byte(at + 1)}
	}
	return answer, nil
}

func (o *ofOrders) DescribeWorkflowExecution(_ context.Context, _, run string) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
	at := slices.IndexFunc(o.runs, func(info *workflowpb.WorkflowExecutionInfo) bool { return info.GetExecution().GetRunId() == run })
	info := &workflowpb.WorkflowExecutionInfo{Status: o.runs[at].GetStatus()}
	if status, late := o.truth[run]; late {
		info.Status = status
	}
	if info.GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_UNSPECIFIED {
		return nil, serviceerror.NewNotFound("gone")
	}
	return &workflowservice.DescribeWorkflowExecutionResponse{WorkflowExecutionInfo: info}, nil
}

func (o *ofOrders) WorkflowService() workflowservice.WorkflowServiceClient { return rawOrders{of: o} }

type rawOrders struct {
	workflowservice.WorkflowServiceClient

	of *ofOrders
}

func (r rawOrders) DeleteWorkflowExecution(
	_ context.Context, request *workflowservice.DeleteWorkflowExecutionRequest, _ ...grpc.CallOption,
) (*workflowservice.DeleteWorkflowExecutionResponse, error) {
	run := request.GetWorkflowExecution().GetRunId()
	if r.of.fails != nil {
		return nil, r.of.fails
	}
	r.of.deleted = append(r.of.deleted, request.GetNamespace()+" "+run)
	if run == "just-gone" {
		return nil, serviceerror.NewNotFound("gone")
	}
	return &workflowservice.DeleteWorkflowExecutionResponse{}, nil
}

func TestOnlyEndedRunsOfTheOrdersAreDeleted(t *testing.T) {
	const running, ended = enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED
	temporal := &ofOrders{truth: map[string]enumspb.WorkflowExecutionStatus{"ended-since": ended, "gone": enumspb.WORKFLOW_EXECUTION_STATUS_UNSPECIFIED, "resumed": running}}
	temporal.add(t, "terminated", "shop:1", enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED)
	temporal.add(t, "continued", "shop:1", enumspb.WORKFLOW_EXECUTION_STATUS_CONTINUED_AS_NEW)
	temporal.add(t, "ended", "shop:1", ended)
	temporal.add(t, "of-another", "SHOP:1", ended)
	temporal.add(t, "ended-since", "shop:2", running)
	temporal.add(t, "just-gone", "shop:2", ended)
	temporal.add(t, "gone", "shop:2", ended)
	temporal.add(t, "open", "shop:3", running)
	temporal.add(t, "paused", "shop:3", enumspb.WORKFLOW_EXECUTION_STATUS_PAUSED)
	temporal.add(t, "resumed", "shop:3", ended)
	temporal.add(t, "the-older-one", "shop:3", ended)
	in := &intake.Intake{Temporal: temporal, Namespace: "tests"}
	open, err := in.DeleteRuns(t.Context(), []string{"shop:1", "shop:2", "shop:3"})
	if err != nil || fmt.Sprint(open) != "[shop:3]" {
		t.Errorf("open: %v, %v", open, err)
	}
	if got, want := fmt.Sprint(temporal.deleted), "[tests terminated tests continued tests ended tests ended-since tests just-gone tests the-older-one]"; got != want {
		t.Errorf("deleted %s, want %s", got, want)
	}
	if got := fmt.Sprint(temporal.queries); got != "[OrderNumber IN ('shop:1', 'shop:2', 'shop:3')]" {
		t.Errorf("asked %s", got)
	}
	temporal.fails = errors.New("away")
	if _, err := in.DeleteRuns(t.Context(), []string{"shop:1"}); !errors.Is(err, temporal.fails) {
		t.Errorf("got %v", err)
	}
	if open, err := in.DeleteRuns(t.Context(), nil); err != nil || len(open) > 0 || len(temporal.queries) != 2 {
		t.Errorf("of no orders: %v, %v", open, err)
	}
}
