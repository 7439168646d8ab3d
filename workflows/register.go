package workflows

import (
	"fmt"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// Register registers every workflow. Worker and replay tests both call it.
func Register(registry worker.WorkflowRegistry) {
	for _, o := range programs() {
		registry.RegisterWorkflowWithOptions(decoding(o), workflow.RegisterOptions{Name: o.name})
	}
	registry.RegisterWorkflow(PendingOperationsWatch)
}

// decoding is a program whose input is decoded within the workflow. The SDK decodes it
// before, and fails a workflow whose input it cannot read for good: an order that a worker of
// another version or without a key had picked up would be lost to the right one. A panic
// fails the task only, which Temporal gives to a worker again and again.
func decoding(o program) func(workflow.Context, converter.RawValue) (*UnitResult, error) {
	return func(ctx workflow.Context, raw converter.RawValue) (*UnitResult, error) {
		var input UnitInput
		if err := converter.GetDefaultDataConverter().FromPayload(raw.Payload(), &input); err != nil {
			// The error may quote the input.
			panic(fmt.Sprintf("workflows: this worker cannot read the input of a %s (encoding %q); one whose version and keys fit goes on with it",
				o.name, raw.Payload().GetMetadata()[converter.MetadataEncoding]))
		}
		return o.run(ctx, input)
	}
}
