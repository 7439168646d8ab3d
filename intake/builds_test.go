package intake_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	deploymentpb "go.temporal.io/api/deployment/v1"
	enumspb "go.temporal.io/api/enums/v1"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/protobuf/types/known/timestamppb"

	"domainprovisioning/intake"
	"domainprovisioning/internal/outside"
	"domainprovisioning/store"
	"domainprovisioning/workflows"
)

// queued is Temporal with a workflow task that waits, and with workers that poll.
type queued struct {
	*outside.Temporal

	task    *workflowpb.PendingWorkflowTaskInfo
	queue   *workflowservice.DescribeTaskQueueResponse
	unknown error
}

func (q *queued) DescribeWorkflowExecution(ctx context.Context, workflowID, runID string) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
	found, err := q.Temporal.DescribeWorkflowExecution(ctx, workflowID, runID)
	if err == nil {
		found.PendingWorkflowTask = q.task
		found.ExecutionConfig = &workflowpb.WorkflowExecutionConfig{TaskQueue: &taskqueuepb.TaskQueue{Name: workflows.TaskQueue}}
	}
	return found, err
}

func (q *queued) DescribeTaskQueue(_ context.Context, name string, kind enumspb.TaskQueueType) (*workflowservice.DescribeTaskQueueResponse, error) {
	if name != workflows.TaskQueue || kind != enumspb.TASK_QUEUE_TYPE_WORKFLOW {
		return nil, errors.New("another queue is asked for")
	}
	return q.queue, q.unknown
}

func version(build string) *deploymentpb.WorkerDeploymentVersion {
	if build == "" {
		return nil
	}
	return &deploymentpb.WorkerDeploymentVersion{DeploymentName: "shop", BuildId: build}
}

// pollsBy describes a task queue: the builds that get its tasks, and those that poll it.
func pollsBy(current, ramping string, percentage float32, pollers ...string) *workflowservice.DescribeTaskQueueResponse {
	queue := &workflowservice.DescribeTaskQueueResponse{VersioningInfo: &taskqueuepb.TaskQueueVersioningInfo{
		CurrentDeploymentVersion: version(current), RampingDeploymentVersion: version(ramping), RampingVersionPercentage: percentage,
	}}
	for _, build := range pollers {
		options := &deploymentpb.WorkerDeploymentOptions{DeploymentName: "shop", BuildId: build, WorkerVersioningMode: enumspb.WORKER_VERSIONING_MODE_VERSIONED}
		if build == "" {
			options = &deploymentpb.WorkerDeploymentOptions{BuildId: "only a name", WorkerVersioningMode: enumspb.WORKER_VERSIONING_MODE_UNVERSIONED}
		}
		queue.Pollers = append(queue.Pollers, &taskqueuepb.PollerInfo{DeploymentOptions: options})
	}
	return queue
}

func TestTheBuildsThatGetWork(t *testing.T) {
	a, b, none := intake.Build{Deployment: "shop", ID: "a"}, intake.Build{Deployment: "shop", ID: "b"}, intake.Build{}
	for name, c := range map[string]struct {
		queue *workflowservice.DescribeTaskQueueResponse
		want  []intake.Build
	}{
		"no versions":               {&workflowservice.DescribeTaskQueueResponse{}, []intake.Build{none}},
		"a current one":             {pollsBy("a", "", 0), []intake.Build{a}},
		"one that ramps":            {pollsBy("a", "b", 10), []intake.Build{a, b}},
		"one that ramps to all":     {pollsBy("a", "b", 100), []intake.Build{b}},
		"one whose ramp is at zero": {pollsBy("a", "b", 0), []intake.Build{a}},
		"back to no version":        {pollsBy("a", "", 10), []intake.Build{a, none}},
	} {
		if got := intake.GivenWork(c.queue); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// A workflow task that waits for long shows the order as unserved, unless it is only queued. Workers
// that poll as a build that gets no work do not count.
func TestAWorkflowTaskThatNoWorkerTakesIsNoticed(t *testing.T) {
	const scheduled, started = enumspb.PENDING_WORKFLOW_TASK_STATE_SCHEDULED, enumspb.PENDING_WORKFLOW_TASK_STATE_STARTED
	for name, c := range map[string]struct {
		state   enumspb.PendingWorkflowTaskState
		waits   time.Duration
		queue   *workflowservice.DescribeTaskQueueResponse
		unknown error
		want    store.RunState
	}{
		"nobody polls":                       {scheduled, 11 * time.Minute, pollsBy("", "", 0), nil, store.RunUnserved},
		"it has waited for a moment":         {scheduled, 9 * time.Minute, pollsBy("", "", 0), nil, store.RunsWell},
		"a worker has it":                    {started, time.Hour, pollsBy("", "", 0), nil, store.RunsWell},
		"it is queued":                       {scheduled, time.Hour, pollsBy("", "", 0, ""), nil, store.RunsWell},
		"a build that was never current":     {scheduled, time.Hour, pollsBy("", "", 0, "a"), nil, store.RunUnserved},
		"the current build":                  {scheduled, time.Hour, pollsBy("a", "", 0, "b", "a"), nil, store.RunsWell},
		"another than the current build":     {scheduled, time.Hour, pollsBy("a", "", 0, "b"), nil, store.RunUnserved},
		"workers without a version":          {scheduled, time.Hour, pollsBy("a", "", 0, ""), nil, store.RunUnserved},
		"the current one, not the ramping":   {scheduled, time.Hour, pollsBy("a", "b", 10, "a"), nil, store.RunUnserved},
		"the task queue cannot be asked for": {scheduled, time.Hour, nil, errors.New("busy"), store.RunsWell},
	} {
		w, _, _ := relayWorld(t)
		w.Place(t, outside.NewCustomer)
		w.Intake.Temporal = &queued{w.Temporal, &workflowpb.PendingWorkflowTaskInfo{State: c.state, ScheduledTime: timestamppb.New(time.Now().Add(-c.waits))}, c.queue, c.unknown}
		if got, err := w.Intake.Look(t.Context(), stored(t, w)); got != c.want || err != nil {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}
