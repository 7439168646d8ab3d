package workflows

import (
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/sdk/converter"

	"domainprovisioning/messages"
)

// Published is what the search attributes say about a run.
type Published struct {
	State messages.State
	Step  int
	// Reason says why a person is needed; "" otherwise, and for a run of an older release.
	Reason string
}

// PublishedBy reads the search attributes of a run as Temporal describes it. It reports false
// if the run has none that can be read.
func PublishedBy(run *workflowpb.WorkflowExecutionInfo) (Published, bool) {
	var says Published
	fields := run.GetSearchAttributes().GetIndexedFields()
	read := func(name string, into any) bool {
		payload, set := fields[name]
		return set && converter.GetDefaultDataConverter().FromPayload(payload, into) == nil
	}
	if !read(ProvisioningStateKey.GetName(), &says.State) || !read(ProvisioningStepKey.GetName(), &says.Step) {
		return Published{}, false
	}
	if !read(ProvisioningReasonKey.GetName(), &says.Reason) || says.State != messages.NeedsAttention {
		says.Reason = ""
	}
	return says, true
}
