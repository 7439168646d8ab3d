package outside

import (
	"context"
	"errors"
	"slices"
	"sync"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	querypb "go.temporal.io/api/query/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"domainprovisioning/messages"
	"domainprovisioning/workflows"
)

// ErrTemporalDown is the error of every call while Temporal is down.
var ErrTemporalDown = errors.New("temporal: connection refused")

// Temporal accepts starts and signals and records them. It implements only the methods
// that tests use. It is safe for concurrent use.
type Temporal struct {
	client.Client

	mu    sync.Mutex
	down  bool
	ended []string
	// terminated are the ended workflows that were terminated.
	terminated []string
	// foreign are the running workflows of other orders.
	foreign  []string
	busy     string
	shown    map[string]messages.Progress
	commands commands
	onStart  func()
	starts   []Start
	signals  []Signal
	lives    []Life
	living   map[string]messages.Life
}

// Life is the life of a domain that was told to look, and begun if it did not run.
type Life struct {
	Options client.StartWorkflowOptions
	Input   workflows.LifeInput
}

// Start is a workflow that was started.
type Start struct {
	Options client.StartWorkflowOptions
	Input   workflows.UnitInput
}

// Signal is a confirmation that was sent to a workflow.
type Signal struct {
	WorkflowID, Name string
	Confirmation     messages.Confirmation
}

// SetDown makes every call fail, or work again.
func (c *Temporal) SetDown(down bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.down = down
}

// End marks a workflow as ended.
func (c *Temporal) End(workflowID string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = append(c.ended, workflowID)
}

// SetBusy makes one workflow reject signals for now; "" makes none do so.
func (c *Temporal) SetBusy(workflowID string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.busy = workflowID
}

// CheckHealth implements client.Client.
func (c *Temporal) CheckHealth(context.Context, *client.CheckHealthRequest) (*client.CheckHealthResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.down {
		return nil, ErrTemporalDown
	}
	return &client.CheckHealthResponse{}, nil
}

// OnStart sets a function that is called at each start, before the start is answered.
func (c *Temporal) OnStart(call func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.onStart = call
}

// Show makes a workflow answer queries with a checklist.
func (c *Temporal) Show(workflowID string, progress messages.Progress) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.shown == nil {
		c.shown = map[string]messages.Progress{}
	}
	c.shown[workflowID] = progress
}

// Belong makes a workflow that of another order, as somebody does who starts one by hand.
func (c *Temporal) Belong(workflowID, order string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.foreign = append(c.foreign, workflowID)
	for n := range c.starts {
		if c.starts[n].Options.ID == workflowID {
			c.starts[n].Input.OrderNumber = order
		}
	}
}

// QueryWorkflow implements client.Client. A workflow without a checklist has lost its
// history.
func (c *Temporal) QueryWorkflow(_ context.Context, workflowID, _, query string, _ ...any) (converter.EncodedValue, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	progress, known := c.shown[workflowID]
	var answer any = progress
	switch query {
	case messages.ReadUndo().Name:
		answer, known = progress.Undo, known && progress.Undo != nil
	case messages.ReadLife().Name:
		answer, known = c.living[workflowID], c.living[workflowID].Domain != ""
	}
	switch {
	case c.down:
		return nil, ErrTemporalDown
	case !known:
		return nil, serviceerror.NewNotFound("workflow not found")
	}
	payloads, err := converter.GetDefaultDataConverter().ToPayloads(answer)
	if err != nil {
		return nil, err
	}
	return client.NewValue(payloads), nil
}

// QueryWorkflowWithOptions implements client.Client. A workflow that has ended refuses if
// the request says so.
func (c *Temporal) QueryWorkflowWithOptions(
	ctx context.Context, request *client.QueryWorkflowWithOptionsRequest,
) (*client.QueryWorkflowWithOptionsResponse, error) {
	if status := c.status(request.WorkflowID); request.QueryRejectCondition == enumspb.QUERY_REJECT_CONDITION_NOT_OPEN &&
		status != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
		return &client.QueryWorkflowWithOptionsResponse{QueryRejected: &querypb.QueryRejected{Status: status}}, nil
	}
	value, err := c.QueryWorkflow(ctx, request.WorkflowID, "", request.QueryType)
	if err != nil {
		return nil, err
	}
	return &client.QueryWorkflowWithOptionsResponse{QueryResult: value}, nil
}

func (c *Temporal) status(workflowID string) enumspb.WorkflowExecutionStatus {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case slices.Contains(c.terminated, workflowID):
		return enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED
	case slices.Contains(c.ended, workflowID):
		return enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED
	}
	return enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
}

// Lives returns the lives that were told to look, in order.
func (c *Temporal) Lives() []Life {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.lives)
}

// SignalWithStartWorkflow implements client.Client.
func (c *Temporal) SignalWithStartWorkflow(
	_ context.Context, id, _ string, _ any, options client.StartWorkflowOptions, _ any, args ...any,
) (client.WorkflowRun, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.down {
		return nil, ErrTemporalDown
	}
	input, _ := args[0].(workflows.LifeInput)
	c.lives = append(c.lives, Life{options, input})
	return run{id: id}, nil
}

// Terminate ends a workflow as a person does.
func (c *Temporal) Terminate(workflowID string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended, c.terminated = append(c.ended, workflowID), append(c.terminated, workflowID)
}

// DescribeWorkflowExecution implements client.Client.
func (c *Temporal) DescribeWorkflowExecution(
	_ context.Context, workflowID, _ string,
) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.down {
		return nil, ErrTemporalDown
	}
	for _, start := range slices.Backward(c.starts) {
		if start.Options.ID != workflowID {
			continue
		}
		attributes, err := c.attributes(start)
		if err != nil {
			return nil, err
		}
		status := enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
		switch {
		case slices.Contains(c.terminated, workflowID):
			status = enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED
		case slices.Contains(c.ended, workflowID):
			status = enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED
		}
		return &workflowservice.DescribeWorkflowExecutionResponse{WorkflowExecutionInfo: &workflowpb.WorkflowExecutionInfo{
			Execution: &commonpb.WorkflowExecution{WorkflowId: workflowID, RunId: run{id: workflowID}.GetRunID()}, Status: status,
			SearchAttributes: attributes,
		}}, nil
	}
	return nil, serviceerror.NewNotFound("workflow not found")
}

// attributes are those that tell an order and the state that its workflow shows.
func (c *Temporal) attributes(start Start) (*commonpb.SearchAttributes, error) {
	progress, shown := c.shown[start.Options.ID]
	if !shown {
		progress = messages.Progress{State: messages.Running, Step: 1}
	}
	values := map[string]any{
		workflows.OrderNumberKey.GetName():       start.Input.OrderNumber,
		workflows.ProvisioningStateKey.GetName(): progress.State, workflows.ProvisioningStepKey.GetName(): progress.Step,
	}
	if progress.Attention != nil {
		values[workflows.ProvisioningReasonKey.GetName()] = progress.Attention.Reason
	}
	indexed := make(map[string]*commonpb.Payload, len(values))
	for name, value := range values {
		payload, err := converter.GetDefaultDataConverter().ToPayload(value)
		if err != nil {
			return nil, err
		}
		indexed[name] = payload
	}
	return &commonpb.SearchAttributes{IndexedFields: indexed}, nil
}

// Starts lists the workflows that were started.
func (c *Temporal) Starts() []Start {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.starts)
}

// Signals lists the signals that were sent.
func (c *Temporal) Signals() []Signal {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.signals)
}

// ExecuteWorkflow implements client.Client.
func (c *Temporal) ExecuteWorkflow(
	_ context.Context, options client.StartWorkflowOptions, _ any, args ...any,
) (client.WorkflowRun, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.down {
		return nil, ErrTemporalDown
	}
	input, ok := args[0].(workflows.UnitInput)
	if !ok {
		return nil, errors.New("temporal: not the input of a provisioning")
	}
	if slices.Contains(c.foreign, options.ID) {
		return nil, serviceerror.NewWorkflowExecutionAlreadyStarted("already running", "", run{id: options.ID}.GetRunID())
	}
	c.starts = append(c.starts, Start{Options: options, Input: input})
	// This is a new run of the id.
	c.ended = slices.DeleteFunc(c.ended, func(id string) bool { return id == options.ID })
	c.terminated = slices.DeleteFunc(c.terminated, func(id string) bool { return id == options.ID })
	if c.onStart != nil {
		c.onStart()
	}
	return run{id: options.ID}, nil
}

// SignalWorkflow implements client.Client.
func (c *Temporal) SignalWorkflow(_ context.Context, workflowID, _, name string, arg any) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.down:
		return ErrTemporalDown
	case workflowID == c.busy:
		return serviceerror.NewResourceExhausted(enumspb.RESOURCE_EXHAUSTED_CAUSE_BUSY_WORKFLOW, "workflow is busy")
	case slices.Contains(c.ended, workflowID):
		return serviceerror.NewNotFound("workflow execution already completed")
	}
	confirmation, ok := arg.(messages.Confirmation)
	if !ok {
		return errors.New("temporal: not a confirmation")
	}
	c.signals = append(c.signals, Signal{WorkflowID: workflowID, Name: name, Confirmation: confirmation})
	return nil
}

// run is a run that nobody waits for.
type run struct {
	client.WorkflowRun

	id string
}

func (r run) GetID() string    { return r.id }
func (r run) GetRunID() string { return "run-of-" + r.id }
