package workflows_test

import (
	"testing"

	commonpb "go.temporal.io/api/common/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/sdk/converter"

	"domainprovisioning/messages"
	"domainprovisioning/workflows"
)

func TestWhatTheSearchAttributesOfARunSay(t *testing.T) {
	for name, c := range map[string]struct {
		attributes map[string]any
		want       workflows.Published
		ok         bool
	}{
		"nothing":         {nil, workflows.Published{}, false},
		"no step":         {map[string]any{"ProvisioningState": "waiting"}, workflows.Published{}, false},
		"unreadable":      {map[string]any{"ProvisioningState": 7, "ProvisioningStep": "x"}, workflows.Published{}, false},
		"an older run":    {map[string]any{"ProvisioningState": "waiting", "ProvisioningStep": 10}, workflows.Published{State: messages.Waiting, Step: 10}, true},
		"needs a person":  {map[string]any{"ProvisioningState": "attention", "ProvisioningStep": 6, "ProvisioningReason": "balance"}, workflows.Published{State: messages.NeedsAttention, Step: 6, Reason: "balance"}, true},
		"reason is past":  {map[string]any{"ProvisioningState": "running", "ProvisioningStep": 6, "ProvisioningReason": "balance"}, workflows.Published{State: messages.Running, Step: 6}, true},
		"reason is unset": {map[string]any{"ProvisioningState": "attention", "ProvisioningStep": 6, "ProvisioningReason": nil}, workflows.Published{State: messages.NeedsAttention, Step: 6}, true},
	} {
		indexed := map[string]*commonpb.Payload{}
		for key, value := range c.attributes {
			payload, err := converter.GetDefaultDataConverter().ToPayload(value)
			if err != nil {
				t.Fatal(err)
			}
			indexed[key] = payload
		}
		run := &workflowpb.WorkflowExecutionInfo{SearchAttributes: &commonpb.SearchAttributes{IndexedFields: indexed}}
		if got, ok := workflows.PublishedBy(run); got != c.want || ok != c.ok {
			t.Errorf("%s: %+v, %t", name, got, ok)
		}
	}
	if _, ok := workflows.PublishedBy(nil); ok {
		t.Error("there is no run")
	}
}
