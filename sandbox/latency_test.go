package main

import (
	"context"
	"testing"
	"time"

	commandpb "go.temporal.io/api/command/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/converter"
	tokenspb "go.temporal.io/server/api/token/v1"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"domainprovisioning/messages"
	"domainprovisioning/workflows"
)

// settling is how many orders come before the first that is measured. By then sessions,
// connections and caches exist.
const settling = 10

// benchmarkLatency measures the time from the submission of an order until the Temporal
// server knows it as waiting at the registrar, which is when a person sees that in the Web UI.
// One order at a time, on a machine that does nothing else. The moment is that of the server's
// answer to the workflow task which says so: nobody polls.
func benchmarkLatency(b *testing.B) {
	ownServer(b)
	f := begin(b, worldOptions{manual: true})
	// An order says it once; the others are in nobody's way.
	waits := make(chan sighting, settling+b.N)
	f.observe(b, func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
		err := invoke(ctx, method, req, reply, cc, opts...)
		if task, ok := req.(*workflowservice.RespondWorkflowTaskCompletedRequest); ok && err == nil {
			if workflowID := tellsWaiting(task); workflowID != "" {
				waits <- sighting{workflowID, time.Now()}
			}
		}
		return err
	})
	times := latencies{}
	for n := range settling + b.N {
		order := shopOf(b, n)
		if n == settling {
			b.ResetTimer()
		}
		began := time.Now()
		unit := f.place(order).Units[0]
		at := untilSeen(b, waits, unit.WorkflowID)
		if n >= settling {
			times.add(at.Sub(began))
		}
		// The next order finds an idle machine: what follows the waiting is done as well.
		f.eventually("the store knows that the order waits", func() bool {
			row, err := f.Store.Unit(b.Context(), unit.OrderNumber, unit.Item)
			return err == nil && row.Shown == messages.Waiting
		})
	}
	b.StopTimer()
	times.percentiles(b)
	b.ReportMetric(0, "ns/op") // it holds the pauses between orders
}

// sighting is when the server learned that an order waits.
type sighting struct {
	workflowID string
	at         time.Time
}

// untilSeen returns when the order was seen to wait.
func untilSeen(b *testing.B, waits <-chan sighting, workflowID string) time.Time {
	b.Helper()
	late := time.After(patience)
	for {
		select {
		case next := <-waits:
			if next.workflowID == workflowID {
				return next.at
			}
		case <-late:
			b.Fatalf("%s does not wait", workflowID)
		}
	}
}

// tellsWaiting returns the id of the workflow if the end of a workflow task publishes that its
// order waits.
func tellsWaiting(task *workflowservice.RespondWorkflowTaskCompletedRequest) (workflowID string) {
	for _, command := range task.GetCommands() {
		if !publishes(command, messages.Waiting) {
			continue
		}
		var token tokenspb.Task
		if proto.Unmarshal(task.GetTaskToken(), &token) == nil {
			workflowID = token.GetWorkflowId()
		}
	}
	return workflowID
}

func publishes(command *commandpb.Command, state messages.State) bool {
	fields := command.GetUpsertWorkflowSearchAttributesCommandAttributes().GetSearchAttributes().GetIndexedFields()
	value, ok := fields[workflows.ProvisioningStateKey.GetName()]
	var said string
	return ok && converter.GetDefaultDataConverter().FromPayload(value, &said) == nil && said == string(state)
}
