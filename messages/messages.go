// Package messages holds the typed signals, updates and queries of the workflows. Names
// and payloads are defined once, so that sender and receiver cannot disagree.
package messages

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/workflow"
)

// Signal is an event that is sent to a workflow and not answered.
type Signal[T any] struct{ Name string }

// Send signals a workflow. It never starts one. An empty run id means the newest
// run of the id.
func (s Signal[T]) Send(ctx context.Context, c client.Client, workflowID string, value T) error {
	return s.SendToRun(ctx, c, workflowID, "", value)
}

// SendToRun is Send for one run of a workflow.
func (s Signal[T]) SendToRun(ctx context.Context, c client.Client, workflowID, runID string, value T) error {
	if err := c.SignalWorkflow(ctx, workflowID, runID, s.Name, value); err != nil {
		return fmt.Errorf("messages: signal %s: %w", s.Name, err)
	}
	return nil
}

// Channel returns the channel on which the workflow receives the signal.
func (s Signal[T]) Channel(ctx workflow.Context) workflow.ReceiveChannel {
	return workflow.GetSignalChannel(ctx, s.Name)
}

// Update is a command that the workflow answers.
type Update[In, Out any] struct{ Name string }

// Send runs the update and waits for its answer. updateID makes a repeat
// harmless; it must be unique to the command.
func (u Update[In, Out]) Send(ctx context.Context, c client.Client, workflowID, updateID string, in In) (Out, error) {
	var out Out
	handle, err := c.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: workflowID, UpdateID: updateID, UpdateName: u.Name, Args: []any{in},
		WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err != nil {
		return out, fmt.Errorf("messages: update %s: %w", u.Name, err)
	}
	if err := handle.Get(ctx, &out); err != nil {
		return out, fmt.Errorf("messages: update %s: %w", u.Name, err)
	}
	return out, nil
}

// AnswerTo waits for the answer to a command that was sent before, by its id.
func AnswerTo(ctx context.Context, c client.Client, workflowID, updateID string) (Answer, error) {
	var out Answer
	handle := c.GetWorkflowUpdateHandle(client.GetWorkflowUpdateHandleOptions{WorkflowID: workflowID, UpdateID: updateID})
	if err := handle.Get(ctx, &out); err != nil {
		return out, fmt.Errorf("messages: answer to %s: %w", updateID, err)
	}
	return out, nil
}

// Handle sets the workflow's handler of the update. The validator must neither change
// anything nor block.
func (u Update[In, Out]) Handle(
	ctx workflow.Context, handler func(workflow.Context, In) (Out, error), validator func(workflow.Context, In) error,
) error {
	return workflow.SetUpdateHandlerWithOptions(ctx, u.Name, handler, workflow.UpdateHandlerOptions{Validator: validator})
}

// Query reads a workflow's state.
type Query[T any] struct{ Name string }

// Ask asks a workflow, open or closed. One that is paused answers nobody.
func (q Query[T]) Ask(ctx context.Context, c client.Client, workflowID string) (T, error) {
	out, rejected, err := q.ask(ctx, c, workflowID, enumspb.QUERY_REJECT_CONDITION_NONE)
	if err == nil && rejected != 0 {
		err = fmt.Errorf("messages: query %s: the workflow is %s", q.Name, rejected)
	}
	return out, err
}

// AskOpen asks a workflow that must be open. If it has ended or is paused, AskOpen returns its status and
// no answer, because its last state does not say what became of it.
func (q Query[T]) AskOpen(ctx context.Context, c client.Client, workflowID string) (out T, ended enumspb.WorkflowExecutionStatus, err error) {
	return q.ask(ctx, c, workflowID, enumspb.QUERY_REJECT_CONDITION_NOT_OPEN)
}

func (q Query[T]) ask(
	ctx context.Context, c client.Client, workflowID string, unless enumspb.QueryRejectCondition,
) (out T, rejected enumspb.WorkflowExecutionStatus, err error) {
	question := &client.QueryWorkflowWithOptionsRequest{WorkflowID: workflowID, QueryType: q.Name, QueryRejectCondition: unless}
	answer, err := c.QueryWorkflowWithOptions(ctx, question)
	for repeats := 0; repeats < outrunRepeats && outrun(err); repeats++ {
		answer, err = c.QueryWorkflowWithOptions(ctx, question)
	}
	if err != nil {
		return out, rejected, fmt.Errorf("messages: query %s: %w", q.Name, err)
	}
	if answer.QueryRejected != nil {
		return out, answer.QueryRejected.GetStatus(), nil
	}
	if err := answer.QueryResult.Get(&out); err != nil {
		return out, rejected, fmt.Errorf("messages: query %s: %w", q.Name, err)
	}
	return out, rejected, nil
}

// outrunRepeats is how often a question is asked again whose workflow has outrun it. Once is
// enough for an order, which does not advance at each moment.
const outrunRepeats = 3

// outrun reports whether a query failed because its workflow went on while a worker that did not
// have it in its cache read the history: the worker takes what is new there for not yet done, and
// what it says of it reads like a program that is not deterministic (sdk-go issue 755, open, seen
// with version 1.50.0). A query that is asked again begins with the newest history. One that
// really fails so fails again.
func outrun(err error) bool {
	failed, ok := errors.AsType[*serviceerror.QueryFailed](err)
	return ok && strings.Contains(failed.Message, "[TMPRL1100] invalid state transition")
}

// Handle sets the workflow's handler of the query.
func (q Query[T]) Handle(ctx workflow.Context, answer func() (T, error)) error {
	return workflow.SetQueryHandlerWithOptions(ctx, q.Name, answer, workflow.QueryHandlerOptions{})
}

// Confirmation says that an operation at a registrar may have finished. It is only a hint:
// the workflow asks the registrar and acts on the answer.
type Confirmation struct {
	// EventID is unique to the event; a second one with the same id is ignored.
	EventID string `json:"eventId"`
	// Source says where it came from.
	Source Source `json:"source"`
	// Reference is the registrar's id of the operation, if the source knows it.
	Reference string `json:"reference,omitempty"`
	// Claim is what has become of the operation according to the source, such as "done". It
	// is recorded and shown, but not believed.
	Claim string `json:"claim,omitempty"`
}

// Trouble says that a call of the order has been failing for a long time. It is still
// retried.
type Trouble struct {
	// Activity names the call.
	Activity string `json:"activity"`
	// Class is the class of the last error, Message its text without personal data.
	Class   string `json:"class"`
	Message string `json:"message"`
	// Since is when the first attempt was due, Attempt the number of the last one.
	Since   time.Time `json:"since"`
	Attempt int32     `json:"attempt"`
}

// Confirmed is the signal that carries a Confirmation.
func Confirmed() Signal[Confirmation] { return Signal[Confirmation]{Name: "registrar-confirmation"} }

// Troubled is the signal that carries a Trouble, from the activity to its workflow.
func Troubled() Signal[Trouble] { return Signal[Trouble]{Name: "call-in-trouble"} }

// ReadProgress is the query for the checklist.
func ReadProgress() Query[Progress] { return Query[Progress]{Name: "progress"} }

// Progress is the checklist of an order.
type Progress struct {
	OrderNumber string         `json:"orderNumber"`
	Domain      string         `json:"domain,omitempty"`
	Registrar   string         `json:"registrar,omitempty"`
	State       State          `json:"state"`
	Step        int            `json:"step"`
	Steps       []StepProgress `json:"steps"`
	Attention   *Attention     `json:"attention,omitempty"`
	Notes       []string       `json:"notes,omitempty"`
	// Revision is the number of the amendment that the order goes by; 0 is what was ordered.
	Revision int `json:"revision,omitempty"`
	// Amendable are the parts of the order that an amendment can still replace; none unless
	// amend is allowed.
	Amendable []Change `json:"amendable,omitempty"`
	// Deadline is when a person is told if the registrar has not finished; zero unless the
	// order waits.
	Deadline time.Time `json:"deadline,omitzero"`
	// Troubles are the latest reasons why a person was needed, and how each ended.
	Troubles []PastAttention `json:"troubles,omitempty"`
	// Undo is what becomes of the things that a cancelled order made.
	Undo []UndoLine `json:"undo,omitempty"`
	// Actions are the commands that are allowed now, whether or not the order needs attention.
	Actions []Action `json:"actions,omitempty"`
}

// State is the state of an order, as in the search attribute ProvisioningState.
type State string

// The states.
const (
	Running        State = "running"
	Waiting        State = "waiting"
	NeedsAttention State = "attention"
	// Undoing: the order was given up, and what it made is being taken back.
	Undoing   State = "undoing"
	Done      State = "done"
	Failed    State = "failed"
	Cancelled State = "cancelled"
)

// States lists the states.
func States() []State {
	return []State{Running, Waiting, NeedsAttention, Undoing, Done, Failed, Cancelled}
}

// Closed reports whether the order has ended.
func (s State) Closed() bool { return s == Done || s == Failed || s == Cancelled }

// StepState is the state of a step.
type StepState string

// The states of a step.
const (
	StepOpen    StepState = "open"
	StepRunning StepState = "running"
	StepWaiting StepState = "waiting"
	StepDone    StepState = "done"
	StepSkipped StepState = "skipped"
	StepParked  StepState = "attention"
)

// Ended reports whether the step has nothing left to do.
func (s StepState) Ended() bool { return s == StepDone || s == StepSkipped }

// StepStates lists the states of a step.
func StepStates() []StepState {
	return []StepState{StepOpen, StepRunning, StepWaiting, StepDone, StepSkipped, StepParked}
}

// StepProgress is a line of the checklist.
type StepProgress struct {
	Number int       `json:"number"`
	Title  string    `json:"title"`
	State  StepState `json:"state"`
	// Note is a reference, or the reason why the step was skipped. It holds no personal data.
	Note       string    `json:"note,omitempty"`
	StartedAt  time.Time `json:"startedAt,omitzero"`
	FinishedAt time.Time `json:"finishedAt,omitzero"`
}

// Attention says why a person is needed.
type Attention struct {
	Step   int    `json:"step"`
	Reason Reason `json:"reason"`
	// Message is for the person who repairs the order. In orders of older releases it may quote
	// the outside system, so it must not be logged.
	Message string `json:"message"`
	// Reference names what the outside system has said, which is sealed in the store; "" if
	// there is nothing.
	Reference string    `json:"reference,omitempty" jsonschema:"description=Names what the outside system has said; GET /v1/quotes/{reference} shows it"`
	Since     time.Time `json:"since"`
	// Actions are the commands that are allowed now.
	Actions []Action `json:"actions"`
}
