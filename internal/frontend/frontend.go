// Package frontend is a Temporal server for tests of programs that dial one. It speaks
// gRPC, records what it is told, and runs nothing. Tests say what its workflows answer.
// Where the server's own rules matter, tests use a real one.
package frontend

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"regexp"
	"slices"
	"sync"
	"testing"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	failurepb "go.temporal.io/api/failure/v1"
	historypb "go.temporal.io/api/history/v1"
	namespacepb "go.temporal.io/api/namespace/v1"
	querypb "go.temporal.io/api/query/v1"
	"go.temporal.io/api/serviceerror"
	updatepb "go.temporal.io/api/update/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
)

// Namespace is the only namespace.
const Namespace = "default"

// Frontend is a Temporal. It is safe for concurrent use.
type Frontend struct {
	unknown
	schedules

	// Address is its host and port.
	Address string
	// Stop ends the server: from then on nothing listens at its address.
	Stop func()

	mu      sync.Mutex
	runs    []*run
	signals []*workflowservice.SignalWorkflowExecutionRequest
	updates []*workflowservice.UpdateWorkflowExecutionRequest
	// refusals are the reasons with which updates are refused, by workflow; "" for all.
	refusals map[string]string
	polled   []string
	// authorization is the authorization of the last call.
	authorization string
}

// unknown refuses the methods that Frontend does not implement.
type unknown struct {
	workflowservice.UnimplementedWorkflowServiceServer
}

// run is a workflow that was started.
type run struct {
	start  *workflowservice.StartWorkflowExecutionRequest
	status enumspb.WorkflowExecutionStatus
	// shown is the answer to queries; nil means that no worker answers.
	shown any
	state string
	// undo is the answer to the query of that name.
	undo any
}

// New serves a Temporal on this machine until the test ends.
func New(t testing.TB, options ...grpc.ServerOption) *Frontend {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &Frontend{Address: listener.Addr().String()}
	note := func(ctx context.Context, request any, _ *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
		f.noteCaller(ctx)
		answer, err := handle(ctx, request)
		if err != nil { // with its type, as the server sends it
			err = serviceerror.ToStatus(err).Err()
		}
		return answer, err
	}
	server := grpc.NewServer(append(options, grpc.UnaryInterceptor(note))...)
	workflowservice.RegisterWorkflowServiceServer(server, f)
	up := health.NewServer()
	up.SetServingStatus("temporal.api.workflowservice.v1.WorkflowService", grpc_health_v1.HealthCheckResponse_SERVING)
	grpc_health_v1.RegisterHealthServer(server, up)
	served := make(chan struct{})
	go func() { defer close(served); _ = server.Serve(listener) }()
	f.Stop = func() { server.Stop(); <-served }
	t.Cleanup(f.Stop)
	return f
}

func (f *Frontend) noteCaller(ctx context.Context) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.authorization = ""
	if sent, ok := metadata.FromIncomingContext(ctx); ok && len(sent.Get("authorization")) > 0 {
		f.authorization = sent.Get("authorization")[0]
	}
}

// Authorization returns the authorization of the last call.
func (f *Frontend) Authorization() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.authorization
}

// Started lists the ids of the workflows that were started.
func (f *Frontend) Started() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	ids := make([]string, len(f.runs))
	for i, one := range f.runs {
		ids[i] = one.start.GetWorkflowId()
	}
	return ids
}

// Signals lists the signals in order of arrival.
func (f *Frontend) Signals() []*workflowservice.SignalWorkflowExecutionRequest {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.signals)
}

// Updates lists the updates in order of arrival.
func (f *Frontend) Updates() []*workflowservice.UpdateWorkflowExecutionRequest {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.updates)
}

// Polled lists the task queues that workers poll, once per type of task.
func (f *Frontend) Polled() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Sorted(slices.Values(f.polled))
}

// Show makes a workflow answer queries with a value and be listed under a state.
func (f *Frontend) Show(t testing.TB, workflowID, state string, value any) {
	t.Helper()
	f.change(t, workflowID, func(one *run) { one.shown, one.state = value, state })
}

// End ends a workflow with a status.
func (f *Frontend) End(t testing.TB, workflowID string, status enumspb.WorkflowExecutionStatus) {
	t.Helper()
	f.change(t, workflowID, func(one *run) { one.status = status })
}

// ShowUndo makes a workflow answer what a cancellation would take back.
func (f *Frontend) ShowUndo(t testing.TB, workflowID string, lines any) {
	t.Helper()
	f.change(t, workflowID, func(one *run) { one.undo = lines })
}

// Refuse makes updates of all workflows fail with a reason; "" accepts them.
func (f *Frontend) Refuse(reason string) { f.RefuseOf("", reason) }

// RefuseOf makes updates of one workflow fail with a reason; "" accepts them.
func (f *Frontend) RefuseOf(workflowID, reason string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.refusals == nil {
		f.refusals = map[string]string{}
	}
	f.refusals[workflowID] = reason
}

func (f *Frontend) change(t testing.TB, workflowID string, change func(*run)) {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	one, err := f.find(workflowID)
	if err != nil {
		t.Fatal(err)
	}
	change(one)
}

// find returns the newest run of a workflow.
func (f *Frontend) find(workflowID string) (*run, error) {
	for _, one := range slices.Backward(f.runs) {
		if one.start.GetWorkflowId() == workflowID {
			return one, nil
		}
	}
	return nil, serviceerror.NewNotFound("workflow not found for ID: " + workflowID)
}

// findOpen returns the newest run of a workflow, which must be running.
func (f *Frontend) findOpen(workflowID string) (*run, error) {
	one, err := f.find(workflowID)
	if err == nil && !one.open() {
		return nil, serviceerror.NewNotFound("workflow execution already completed")
	}
	return one, err
}

func (r *run) open() bool { return r.status == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING }

func (r *run) info() *workflowpb.WorkflowExecutionInfo {
	return &workflowpb.WorkflowExecutionInfo{
		Execution: &commonpb.WorkflowExecution{WorkflowId: r.start.GetWorkflowId(), RunId: r.start.GetRequestId()},
		Type:      r.start.GetWorkflowType(), Status: r.status, SearchAttributes: r.start.GetSearchAttributes(),
	}
}

// GetSystemInfo implements workflowservice.WorkflowServiceServer, as the methods below do.
func (f *Frontend) GetSystemInfo(context.Context, *workflowservice.GetSystemInfoRequest) (*workflowservice.GetSystemInfoResponse, error) {
	return &workflowservice.GetSystemInfoResponse{Capabilities: &workflowservice.GetSystemInfoResponse_Capabilities{}}, nil
}

// DescribeNamespace knows only Namespace.
func (f *Frontend) DescribeNamespace(
	_ context.Context, request *workflowservice.DescribeNamespaceRequest,
) (*workflowservice.DescribeNamespaceResponse, error) {
	if request.GetNamespace() != Namespace {
		return nil, serviceerror.NewNamespaceNotFound(request.GetNamespace())
	}
	return &workflowservice.DescribeNamespaceResponse{NamespaceInfo: &namespacepb.NamespaceInfo{Name: Namespace}}, nil
}

// StartWorkflowExecution refuses an id whose workflow is running.
func (f *Frontend) StartWorkflowExecution(
	_ context.Context, request *workflowservice.StartWorkflowExecutionRequest,
) (*workflowservice.StartWorkflowExecutionResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if one, err := f.find(request.GetWorkflowId()); err == nil && one.open() {
		return nil, serviceerror.NewWorkflowExecutionAlreadyStarted("already running", one.start.GetRequestId(), one.start.GetRequestId())
	}
	f.runs = append(f.runs, &run{start: request, status: enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING})
	return &workflowservice.StartWorkflowExecutionResponse{RunId: request.GetRequestId(), Started: true}, nil
}

// DescribeWorkflowExecution describes a run, the newest one of a workflow if none is named.
func (f *Frontend) DescribeWorkflowExecution(
	_ context.Context, request *workflowservice.DescribeWorkflowExecutionRequest,
) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	one, err := f.findRun(request.GetExecution())
	if err != nil {
		return nil, err
	}
	return &workflowservice.DescribeWorkflowExecutionResponse{WorkflowExecutionInfo: one.info()}, nil
}

// GetWorkflowExecutionHistory returns no events, because nothing was run.
func (f *Frontend) GetWorkflowExecutionHistory(
	_ context.Context, request *workflowservice.GetWorkflowExecutionHistoryRequest,
) (*workflowservice.GetWorkflowExecutionHistoryResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, err := f.find(request.GetExecution().GetWorkflowId())
	return &workflowservice.GetWorkflowExecutionHistoryResponse{History: &historypb.History{}}, err
}

// SignalWorkflowExecution accepts signals for running workflows.
func (f *Frontend) SignalWorkflowExecution(
	_ context.Context, request *workflowservice.SignalWorkflowExecutionRequest,
) (*workflowservice.SignalWorkflowExecutionResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, err := f.findOpen(request.GetWorkflowExecution().GetWorkflowId()); err != nil {
		return nil, err
	}
	f.signals = append(f.signals, request)
	return &workflowservice.SignalWorkflowExecutionResponse{}, nil
}

// QueryWorkflow answers with the value that Show was given.
func (f *Frontend) QueryWorkflow(
	_ context.Context, request *workflowservice.QueryWorkflowRequest,
) (*workflowservice.QueryWorkflowResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	one, err := f.find(request.GetExecution().GetWorkflowId())
	switch {
	case err != nil:
		return nil, err
	case !one.open() && request.GetQueryRejectCondition() == enumspb.QUERY_REJECT_CONDITION_NOT_OPEN:
		return &workflowservice.QueryWorkflowResponse{QueryRejected: &querypb.QueryRejected{Status: one.status}}, nil
	case request.GetQuery().GetQueryType() == "undo" && one.undo != nil:
		answer, err := converter.GetDefaultDataConverter().ToPayloads(one.undo)
		return &workflowservice.QueryWorkflowResponse{QueryResult: answer}, err
	case one.shown == nil || request.GetQuery().GetQueryType() == "undo":
		return nil, serviceerror.NewFailedPrecondition("no poller seen for task queue recently")
	}
	answer, err := converter.GetDefaultDataConverter().ToPayloads(one.shown)
	return &workflowservice.QueryWorkflowResponse{QueryResult: answer}, err
}

// UpdateWorkflowExecution accepts updates, the same id once, and answers with step 6, unless
// they are refused.
func (f *Frontend) UpdateWorkflowExecution(
	_ context.Context, request *workflowservice.UpdateWorkflowExecutionRequest,
) (*workflowservice.UpdateWorkflowExecutionResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	one, err := f.findOpen(request.GetWorkflowExecution().GetWorkflowId())
	if err != nil {
		return nil, err
	}
	answer := &workflowservice.UpdateWorkflowExecutionResponse{
		UpdateRef: &updatepb.UpdateRef{
			WorkflowExecution: one.info().GetExecution(), UpdateId: request.GetRequest().GetMeta().GetUpdateId(),
		},
		Stage: enumspb.UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED,
	}
	if refusal := cmp.Or(f.refusals[one.start.GetWorkflowId()], f.refusals[""]); refusal != "" {
		answer.Outcome = &updatepb.Outcome{Value: &updatepb.Outcome_Failure{Failure: &failurepb.Failure{
			Message: refusal, FailureInfo: &failurepb.Failure_ApplicationFailureInfo{ApplicationFailureInfo: &failurepb.ApplicationFailureInfo{}},
		}}}
		return answer, nil
	}
	if !slices.ContainsFunc(f.updates, func(known *workflowservice.UpdateWorkflowExecutionRequest) bool {
		return known.GetWorkflowExecution().GetWorkflowId() == request.GetWorkflowExecution().GetWorkflowId() &&
			known.GetRequest().GetMeta().GetUpdateId() == request.GetRequest().GetMeta().GetUpdateId()
	}) {
		f.updates = append(f.updates, request)
	}
	result, err := converter.GetDefaultDataConverter().ToPayloads(map[string]any{"step": 6, "next": request.GetRequest().GetInput().GetName() + " is done"})
	answer.Outcome = &updatepb.Outcome{Value: &updatepb.Outcome_Success{Success: result}}
	return answer, err
}

var ofState = regexp.MustCompile(`ProvisioningState = '(\w+)'`)

// ListWorkflowExecutions lists the running workflows in a state that Show was given,
// newest first, or all workflows.
func (f *Frontend) ListWorkflowExecutions(
	_ context.Context, request *workflowservice.ListWorkflowExecutionsRequest,
) (*workflowservice.ListWorkflowExecutionsResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	answer := &workflowservice.ListWorkflowExecutionsResponse{}
	asked := ofState.FindStringSubmatch(request.GetQuery())
	for _, one := range slices.Backward(f.runs) {
		if asked == nil || one.open() && one.state == asked[1] {
			answer.Executions = append(answer.Executions, one.info())
		}
	}
	return answer, nil
}

// PollWorkflowTaskQueue never has a task.
func (f *Frontend) PollWorkflowTaskQueue(
	ctx context.Context, request *workflowservice.PollWorkflowTaskQueueRequest,
) (*workflowservice.PollWorkflowTaskQueueResponse, error) {
	return nil, f.poll(ctx, "workflows", request.GetTaskQueue().GetName(), request.GetTaskQueue().GetKind())
}

// PollActivityTaskQueue never has a task.
func (f *Frontend) PollActivityTaskQueue(
	ctx context.Context, request *workflowservice.PollActivityTaskQueueRequest,
) (*workflowservice.PollActivityTaskQueueResponse, error) {
	return nil, f.poll(ctx, "activities", request.GetTaskQueue().GetName(), request.GetTaskQueue().GetKind())
}

// poll records the queue and waits until the poller gives up.
func (f *Frontend) poll(ctx context.Context, what, queue string, kind enumspb.TaskQueueKind) error {
	if kind != enumspb.TASK_QUEUE_KIND_STICKY {
		f.mu.Lock()
		if line := fmt.Sprintf("%s of %s", what, queue); !slices.Contains(f.polled, line) {
			f.polled = append(f.polled, line)
		}
		f.mu.Unlock()
	}
	<-ctx.Done()
	return ctx.Err()
}
