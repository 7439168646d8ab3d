package workflows

import "go.temporal.io/sdk/worker"

// Register registers every workflow. Worker and replay tests both call it.
func Register(registry worker.WorkflowRegistry) {
	for _, o := range operations() {
		registry.RegisterWorkflow(o.program)
	}
	registry.RegisterWorkflow(PendingOperationsWatch)
}
