package main

import (
	"strings"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"

	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// TestABuildThatIsNotCurrentIsNoticed: the only workers are those of a build that nobody has made
// current. They poll and are ready, and nothing goes on: the order is shown as unserved, and they say
// why. It goes on as soon as they are current.
func TestABuildThatIsNotCurrentIsNoticed(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{manual: true}, inDeployment("a"))
	f.place(shop(t))
	f.noticed(store.RunsWell) // it has only begun to wait
	f.intake.TaskWaits = time.Nanosecond
	f.noticed(store.RunUnserved)
	described, err := f.temporal.DescribeWorkflowExecution(t.Context(), shopWorkflow, "")
	if err != nil || described.GetPendingWorkflowTask().GetState() != enumspb.PENDING_WORKFLOW_TASK_STATE_SCHEDULED {
		t.Errorf("its task is %v, %v", described.GetPendingWorkflowTask(), err)
	}
	if _, progress := f.shown(); progress.Attention == nil || progress.Attention.Reason != messages.ReasonUnserved ||
		!strings.Contains(progress.Attention.Message, "make their build current") {
		t.Errorf("it is shown as %+v", progress.Attention)
	}
	queue, err := f.temporal.DescribeTaskQueue(t.Context(), "domain-provisioning", enumspb.TASK_QUEUE_TYPE_WORKFLOW)
	if err != nil || len(queue.GetPollers()) == 0 || queue.GetPollers()[0].GetDeploymentOptions().GetBuildId() != "a" {
		t.Errorf("the workers do not poll as build a: %v, %v", queue.GetPollers(), err)
	}
	if err := f.workers.Turn(t.Context()); err == nil || !strings.Contains(err.Error(), "no work to workers of build a of shop") {
		t.Errorf("the workers say %v", err)
	}
	f.makeCurrent("a")
	f.until(shopWorkflow, messages.Waiting)
	f.noticed(store.RunsWell)
	f.eventually("the workers get work", func() bool { return f.workers.Turn(t.Context()) == nil && f.workers.Idle() == nil })
	f.completes()
	f.finish(shopWorkflow)
	f.want("shop.example", whole())
}
