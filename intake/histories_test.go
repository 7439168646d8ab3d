package intake_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	schedulepb "go.temporal.io/api/schedule/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/grpc"

	"domainprovisioning/intake"
	"domainprovisioning/store"
)

func sealedBy(key string) *commonpb.Payloads {
	payload := &commonpb.Payload{Metadata: map[string][]byte{"encoding": []byte("binary/encrypted")}, Data: []byte("x")}
	if key == "" {
		payload.Metadata["encoding"] = []byte("json/plain")
	} else {
		payload.Metadata["encryption-key-id"] = []byte(key)
	}
	return &commonpb.Payloads{Payloads: []*commonpb.Payload{payload}}
}

// histories is a Temporal with histories, which are listed one by one.
type histories struct {
	client.Client

	keys   map[string][]string // of the payloads of each run
	closed string              // the run that has ended
}

func (h *histories) WorkflowService() workflowservice.WorkflowServiceClient { return &schedules{} }

// schedules is its raw side.
type schedules struct {
	workflowservice.WorkflowServiceClient
}

func (h *histories) ListWorkflow(_ context.Context, request *workflowservice.ListWorkflowExecutionsRequest) (*workflowservice.ListWorkflowExecutionsResponse, error) {
	ids := []string{"a", "b", "c", "gone"}
	at := slices.Index(ids, string(request.GetNextPageToken()))
	if len(request.GetNextPageToken()) == 0 {
		at = 0
	}
	info := &workflowpb.WorkflowExecutionInfo{Execution: &commonpb.WorkflowExecution{WorkflowId: ids[at]}, Status: enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING}
	if ids[at] == h.closed {
		info.Status = enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED
	}
	answer := &workflowservice.ListWorkflowExecutionsResponse{Executions: []*workflowpb.WorkflowExecutionInfo{info}}
	if at+1 < len(ids) {
		answer.NextPageToken = []byte(ids[at+1])
	}
	return answer, nil
}

func (h *histories) GetWorkflowHistory(_ context.Context, id, _ string, _ bool, _ enumspb.HistoryEventFilterType) client.HistoryEventIterator {
	if id == "gone" {
		return &eventsOf{err: serviceerror.NewNotFound("gone")}
	}
	events := []*historypb.HistoryEvent{
		{Attributes: &historypb.HistoryEvent_WorkflowExecutionStartedEventAttributes{
			WorkflowExecutionStartedEventAttributes: &historypb.WorkflowExecutionStartedEventAttributes{Input: sealedBy(h.keys[id][0])},
		}},
		{Attributes: &historypb.HistoryEvent_WorkflowExecutionSignaledEventAttributes{
			WorkflowExecutionSignaledEventAttributes: &historypb.WorkflowExecutionSignaledEventAttributes{Input: sealedBy(h.keys[id][1])},
		}},
	}
	return &eventsOf{events: events}
}

type eventsOf struct {
	events []*historypb.HistoryEvent
	err    error
}

func (e *eventsOf) HasNext() bool { return e.err != nil || len(e.events) > 0 }

func (e *eventsOf) Next() (*historypb.HistoryEvent, error) {
	if e.err != nil {
		return nil, e.err
	}
	next := e.events[0]
	e.events = e.events[1:]
	return next, nil
}

func (*schedules) ListSchedules(_ context.Context, request *workflowservice.ListSchedulesRequest, _ ...grpc.CallOption) (*workflowservice.ListSchedulesResponse, error) {
	if request.GetNamespace() != "ours" {
		return nil, errors.New("another namespace")
	}
	return &workflowservice.ListSchedulesResponse{Schedules: []*schedulepb.ScheduleListEntry{{ScheduleId: "watch/a"}, {ScheduleId: "watch/b"}}}, nil
}

func (*schedules) DescribeSchedule(context.Context, *workflowservice.DescribeScheduleRequest, ...grpc.CallOption) (*workflowservice.DescribeScheduleResponse, error) {
	return &workflowservice.DescribeScheduleResponse{Schedule: &schedulepb.Schedule{Action: &schedulepb.ScheduleAction{
		Action: &schedulepb.ScheduleAction_StartWorkflow{StartWorkflow: &workflowpb.NewWorkflowExecutionInfo{Input: sealedBy("h1")}},
	}}}, nil
}

// Every run counts once for each key that has sealed something in it, the input or what came later.
func TestTheKeysOfHistoriesAreCounted(t *testing.T) {
	temporal := &histories{closed: "b", keys: map[string][]string{"a": {"h1", "h2"}, "b": {"h1", "h1"}, "c": {"", ""}}}
	told := 0
	uses, err := intake.HistoryKeys(t.Context(), temporal, "ours", func(runs int) { told = runs })
	if err != nil {
		t.Fatal(err)
	}
	want := []store.KeyUse{
		{Key: "h1", Kind: "ended runs", Count: 1}, {Key: "h1", Kind: "open runs", Count: 1}, {Key: "h2", Kind: "open runs", Count: 1}, {Key: "h1", Kind: "schedules", Count: 2},
	}
	if !slices.Equal(uses, want) || told != 4 {
		t.Errorf("got %s, told of %d runs", fmt.Sprint(uses), told)
	}
}
