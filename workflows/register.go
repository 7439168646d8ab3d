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
		registry.RegisterWorkflowWithOptions(decoding(o.name, o.run), workflow.RegisterOptions{Name: o.name})
	}
	const life = "DomainLife" // it must never change
	registry.RegisterWorkflowWithOptions(decoding(life, DomainLife), workflow.RegisterOptions{Name: life})
	registry.RegisterWorkflow(PendingOperationsWatch)
	registry.RegisterWorkflow(PortfolioWalk)
}

// decoding wraps a workflow so that its input is decoded inside the workflow. If the SDK
// decoded it and could not, it would fail the workflow permanently, and a worker with
// another version or without a key would ruin an order or a life. A panic only fails the workflow
// task, which Temporal repeats until a worker can read the input.
func decoding[In, Out any](name string, run func(workflow.Context, In) (Out, error)) func(workflow.Context, converter.RawValue) (Out, error) {
	return func(ctx workflow.Context, raw converter.RawValue) (Out, error) {
		var input In
		if err := converter.GetDefaultDataConverter().FromPayload(raw.Payload(), &input); err != nil {
			// The error may quote the input.
			panic(fmt.Sprintf("workflows: this worker cannot read the input of a %s (encoding %q); one whose version and keys fit goes on with it",
				name, raw.Payload().GetMetadata()[converter.MetadataEncoding]))
		}
		return run(ctx, input)
	}
}
