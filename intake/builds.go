package intake

import (
	"context"
	"slices"

	deploymentpb "go.temporal.io/api/deployment/v1"
	enumspb "go.temporal.io/api/enums/v1"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
)

// Build is a version of workers in a deployment of Temporal. The zero value is that of all workers
// without a version.
type Build struct{ Deployment, ID string }

// GivenWork lists the builds that get the tasks of a queue: the current one, the one that is ramping,
// or both. Workers of any other build poll it and get nothing.
func GivenWork(queue *workflowservice.DescribeTaskQueueResponse) []Build {
	versions := queue.GetVersioningInfo()
	current, ramping := buildOf(versions.GetCurrentDeploymentVersion()), buildOf(versions.GetRampingDeploymentVersion())
	switch percentage := versions.GetRampingVersionPercentage(); {
	case percentage <= 0:
		return []Build{current}
	case percentage >= 100:
		return []Build{ramping}
	}
	return []Build{current, ramping}
}

func buildOf(version *deploymentpb.WorkerDeploymentVersion) Build {
	return Build{version.GetDeploymentName(), version.GetBuildId()}
}

// attended reports whether workers of each build that gets the queue's tasks poll it. Temporal
// remembers a poller for five minutes. If it does not answer, they are taken to do so.
func (i *Intake) attended(ctx context.Context, queue string, kind enumspb.TaskQueueType) bool {
	found, err := i.Temporal.DescribeTaskQueue(ctx, queue, kind)
	if err != nil {
		return true
	}
	for _, build := range GivenWork(found) {
		if !slices.ContainsFunc(found.GetPollers(), func(poller *taskqueuepb.PollerInfo) bool { return pollsAs(poller) == build }) {
			return false
		}
	}
	return true
}

// pollsAs is the build of a worker that polls.
func pollsAs(poller *taskqueuepb.PollerInfo) Build {
	options := poller.GetDeploymentOptions()
	if options.GetWorkerVersioningMode() != enumspb.WORKER_VERSIONING_MODE_VERSIONED {
		return Build{}
	}
	return Build{options.GetDeploymentName(), options.GetBuildId()}
}

// polled reports whether the task queues of the run's workflow task and pending activities are attended.
func (i *Intake) polled(ctx context.Context, description *workflowservice.DescribeWorkflowExecutionResponse) bool {
	if description.GetPendingWorkflowTask() != nil && !i.attended(ctx, description.GetExecutionConfig().GetTaskQueue().GetName(), enumspb.TASK_QUEUE_TYPE_WORKFLOW) {
		return false
	}
	for _, activity := range description.GetPendingActivities() {
		queue := activity.GetActivityOptions().GetTaskQueue().GetName()
		if queue != "" && !i.attended(ctx, queue, enumspb.TASK_QUEUE_TYPE_ACTIVITY) {
			return false
		}
	}
	return true
}
