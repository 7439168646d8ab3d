package outside

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"domainprovisioning/messages"
	"domainprovisioning/workflows"
)

// commands are the updates that were sent.
type commands struct {
	accepted []client.UpdateWorkflowOptions
	// refusals are the reasons by which workflows refuse commands.
	refusals map[string]string
}

// Refuse makes a workflow refuse commands for a reason; "" makes it accept them.
func (c *Temporal) Refuse(workflowID, reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.commands.refusals == nil {
		c.commands.refusals = map[string]string{}
	}
	c.commands.refusals[workflowID] = reason
}

// ShowLife makes the life of a domain answer how it stands.
func (c *Temporal) ShowLife(life messages.Life) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.living == nil {
		c.living = map[string]messages.Life{}
	}
	c.living[workflows.LifeID(life.Domain)] = life
}

// Commands lists the commands that were accepted, each once.
func (c *Temporal) Commands() []client.UpdateWorkflowOptions {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.commands.accepted)
}

// UpdateWorkflow implements client.Client. The same id twice is one command.
func (c *Temporal) UpdateWorkflow(_ context.Context, options client.UpdateWorkflowOptions) (client.WorkflowUpdateHandle, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch refusal := c.commands.refusals[options.WorkflowID]; {
	case c.down:
		return nil, ErrTemporalDown
	case slices.Contains(c.ended, options.WorkflowID):
		return nil, serviceerror.NewNotFound("workflow execution already completed")
	case refusal != "":
		return commanded{err: temporal.NewApplicationError(refusal, "NotAllowed")}, nil
	}
	if !slices.ContainsFunc(c.commands.accepted, func(known client.UpdateWorkflowOptions) bool {
		return known.WorkflowID == options.WorkflowID && known.UpdateID == options.UpdateID
	}) {
		c.commands.accepted = append(c.commands.accepted, options)
	}
	next := options.UpdateName + " is done"
	if name, life := strings.CutPrefix(options.WorkflowID, workflows.LifeID("")); life {
		return commanded{answer: messages.Life{Domain: name, State: messages.LifeActive, Renewal: messages.RenewalByUs, Next: next}}, nil
	}
	return commanded{answer: messages.Answer{Step: 6, Next: next}}, nil
}

// commanded is a command whose outcome is known.
type commanded struct {
	client.WorkflowUpdateHandle

	answer any
	err    error
}

// Get implements client.WorkflowUpdateHandle.
func (h commanded) Get(_ context.Context, into any) error {
	if h.err != nil {
		return h.err
	}
	document, err := json.Marshal(h.answer)
	if err != nil {
		return err
	}
	return json.Unmarshal(document, into)
}
