package workflows

import (
	"fmt"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// Register registers every workflow, for workers and for replay tests.
func Register(registry worker.WorkflowRegistry) {
	for _, o := range programs() {
		registry.RegisterWorkflowWithOptions(decoding(o), workflow.RegisterOptions{Name: o.name})
	}
	registry.RegisterWorkflow(PendingOperationsWatch)
	registry.RegisterWorkflow(DomainLife)
	registry.RegisterWorkflow(PortfolioWalk)
}

// decoding wraps a program so that its input is decoded inside the workflow. If the SDK
// decoded it and could not, it would fail the workflow permanently, and a worker with
// another version or without a key would ruin an order. A panic only fails the workflow
// task, which Temporal repeats until a worker can read the input.
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
