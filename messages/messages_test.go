package messages_test

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	querypb "go.temporal.io/api/query/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"domainprovisioning/messages"
)

// line is a client whose calls reach the workflow of the SDK's test environment.
type line struct {
	client.Client

	env *testsuite.TestWorkflowEnvironment
	// posted is called when an update has been handed over.
	posted func()
	// runID is that of the last signal, updateID that of the last update.
	runID, updateID string
}

func (l *line) SignalWorkflow(_ context.Context, _, runID, name string, value any) error {
	l.runID = runID
	l.env.SignalWorkflow(name, value)
	return nil
}

func (l *line) QueryWorkflowWithOptions(
	_ context.Context, request *client.QueryWorkflowWithOptionsRequest,
) (*client.QueryWorkflowWithOptionsResponse, error) {
	answer, err := l.env.QueryWorkflow(request.QueryType, request.Args...)
	return &client.QueryWorkflowWithOptionsResponse{QueryResult: answer}, err
}

func (l *line) UpdateWorkflow(_ context.Context, options client.UpdateWorkflowOptions) (client.WorkflowUpdateHandle, error) {
	l.updateID = options.UpdateID
	h := &handle{outcome: make(chan outcome, 1)}
	l.env.UpdateWorkflow(options.UpdateName, options.UpdateID, h, options.Args...)
	l.posted()
	return h, nil
}

// outcome is what an update was answered with, or refused.
type outcome struct {
	value any
	err   error
}

// handle waits for the outcome of an update.
type handle struct {
	client.WorkflowUpdateHandle

	outcome chan outcome
}

func (h *handle) Accept()                       {}
func (h *handle) Reject(err error)              { h.outcome <- outcome{err: err} }
func (h *handle) Complete(value any, err error) { h.outcome <- outcome{value, err} }

func (h *handle) Get(ctx context.Context, into any) error {
	select {
	case got := <-h.outcome:
		if got.err == nil {
			reflect.ValueOf(into).Elem().Set(reflect.ValueOf(got.value))
		}
		return got.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// heard is what a workflow was told.
type heard struct {
	Confirmations []messages.Confirmation
	Troubles      []messages.Trouble
	Retries       []messages.Retry
}

var standing = messages.Progress{
	OrderNumber: "DP00000001", Domain: "shop.example", Registrar: "netim-main", State: messages.NeedsAttention, Step: 6,
	Steps: []messages.StepProgress{{Number: 6, Title: "Submit registration", State: messages.StepParked, StartedAt: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)}},
	Attention: &messages.Attention{
		Step: 6, Reason: messages.ReasonBalance, Message: "pay in", Since: time.Date(2026, 3, 2, 8, 0, 1, 0, time.UTC), Actions: []messages.Action{"retry"},
	},
	Notes: []string{"a note"},
}

// listener hears everything that an order can be told, until it may go on.
func listener(ctx workflow.Context) (heard, error) {
	var told heard
	if err := messages.ReadProgress().Handle(ctx, func() (messages.Progress, error) { return standing, nil }); err != nil {
		return told, err
	}
	err := messages.RetryStep().Handle(ctx,
		func(_ workflow.Context, command messages.Retry) (messages.Answer, error) {
			told.Retries = append(told.Retries, command)
			return messages.Answer{Step: 6}, nil
		},
		func(_ workflow.Context, command messages.Retry) error {
			if command.Reason == "" {
				return temporal.NewApplicationError("say why", "NoReason")
			}
			return nil
		})
	if err != nil {
		return told, err
	}
	workflow.Go(ctx, func(ctx workflow.Context) {
		for {
			var confirmation messages.Confirmation
			messages.Confirmed().Channel(ctx).Receive(ctx, &confirmation)
			told.Confirmations = append(told.Confirmations, confirmation)
		}
	})
	workflow.Go(ctx, func(ctx workflow.Context) {
		for {
			var trouble messages.Trouble
			messages.Troubled().Channel(ctx).Receive(ctx, &trouble)
			told.Troubles = append(told.Troubles, trouble)
		}
	})
	return told, workflow.Await(ctx, func() bool { return len(told.Retries) > 0 })
}

// once the listener listens, by the environment's own clock.
const once = time.Millisecond

// tell runs the listener, and the calls one after another once it listens, and returns what
// it has heard. Each call ends with an update, or has none.
func tell(t *testing.T, calls ...func(*line)) heard {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestWorkflowEnvironment()
	l := &line{env: env}
	var group sync.WaitGroup
	for n, call := range calls {
		env.RegisterDelayedCallback(func() {
			posted := make(chan struct{})
			handed := sync.OnceFunc(func() { close(posted) })
			l.posted = handed
			// The environment's loop answers an update, so it must go on; with nothing to do it
			// would let time pass until the workflow is given up.
			group.Go(func() { call(l); handed() })
			<-posted
		}, time.Duration(n+1)*once)
	}
	env.ExecuteWorkflow(listener)
	group.Wait()
	var told heard
	if err := env.GetWorkflowResult(&told); err != nil {
		t.Fatal(err)
	}
	return told
}

func TestSignalsAndUpdatesArriveAsTheyWereSent(t *testing.T) {
	confirmation := messages.Confirmation{EventID: "netim-main/7", Source: messages.FromCallback, Reference: "101", Claim: "done"}
	trouble := messages.Trouble{
		Activity: "SubmitRequest", Class: "temporary", Message: "connection refused", Since: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC), Attempt: 12,
	}
	retry := messages.Retry{Actor: "jane", Reason: "paid in", AllowTakeover: true, NothingThere: true, AcceptPrice: "250.00EUR"}
	told := tell(t, func(l *line) {
		if err := messages.Confirmed().Send(t.Context(), l, "w", confirmation); err != nil || l.runID != "" {
			t.Errorf("to the newest run: %v, run %q", err, l.runID)
		}
		if err := messages.Troubled().SendToRun(t.Context(), l, "w", "r1", trouble); err != nil || l.runID != "r1" {
			t.Errorf("to one run: %v, run %q", err, l.runID)
		}
	}, func(l *line) {
		_, err := messages.RetryStep().Send(t.Context(), l, "w", "u1", messages.Retry{Actor: "jane"})
		if refused, ok := errors.AsType[*temporal.ApplicationError](err); !ok || refused.Message() != "say why" || !strings.HasPrefix(err.Error(), "messages: update retry: ") {
			t.Errorf("what the validator refuses: %v", err)
		}
	}, func(l *line) {
		if got, err := messages.RetryStep().Send(t.Context(), l, "w", "u2", retry); err != nil || got.Step != 6 || l.updateID != "u2" {
			t.Errorf("got %+v, %v, update %q", got, err, l.updateID)
		}
	})
	want := heard{Confirmations: []messages.Confirmation{confirmation}, Troubles: []messages.Trouble{trouble}, Retries: []messages.Retry{retry}}
	if !reflect.DeepEqual(told, want) {
		t.Errorf("it has heard %+v, want %+v", told, want)
	}
}

func TestAWorkflowAnswersHowItStands(t *testing.T) {
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestWorkflowEnvironment()
	l := &line{env: env}
	env.RegisterDelayedCallback(func() {
		open, ended, err := messages.ReadProgress().AskOpen(t.Context(), l, "w")
		if err != nil || ended != enumspb.WORKFLOW_EXECUTION_STATUS_UNSPECIFIED || !reflect.DeepEqual(open, standing) {
			t.Errorf("open: %+v, %s, %v", open, ended, err)
		}
		env.CancelWorkflow()
	}, once)
	env.ExecuteWorkflow(listener)
	// Its history answers for it after its end.
	if closed, err := messages.ReadProgress().Ask(t.Context(), l, "w"); err != nil || !reflect.DeepEqual(closed, standing) {
		t.Errorf("closed: %+v, %v", closed, err)
	}
}

// broken is a Temporal that refuses everything, or answers with something else.
type broken struct {
	client.Client

	err    error
	answer any
	status enumspb.WorkflowExecutionStatus
}

func (b broken) SignalWorkflow(context.Context, string, string, string, any) error { return b.err }

func (b broken) UpdateWorkflow(context.Context, client.UpdateWorkflowOptions) (client.WorkflowUpdateHandle, error) {
	return nil, b.err
}

func (b broken) QueryWorkflowWithOptions(
	_ context.Context, request *client.QueryWorkflowWithOptionsRequest,
) (*client.QueryWorkflowWithOptionsResponse, error) {
	if b.err != nil {
		return nil, b.err
	}
	paused := b.status == enumspb.WORKFLOW_EXECUTION_STATUS_PAUSED // rejected whatever the condition
	if paused || b.status != 0 && request.QueryRejectCondition == enumspb.QUERY_REJECT_CONDITION_NOT_OPEN {
		return &client.QueryWorkflowWithOptionsResponse{QueryRejected: &querypb.QueryRejected{Status: b.status}}, nil
	}
	payloads, err := converter.GetDefaultDataConverter().ToPayloads(b.answer)
	return &client.QueryWorkflowWithOptionsResponse{QueryResult: client.NewValue(payloads)}, err
}

// outran is a Temporal whose workflow goes on while the first questions read its history.
type outran struct {
	broken

	times, asked int
}

func (o *outran) QueryWorkflowWithOptions(
	ctx context.Context, request *client.QueryWorkflowWithOptionsRequest,
) (*client.QueryWorkflowWithOptionsResponse, error) {
	if o.asked++; o.asked <= o.times {
		return nil, serviceerror.NewQueryFailed("[TMPRL1100] invalid state transition: attempt to handleInitiatedEvent, CommandType: Activity, ID: 29, state=Created, isDone()=false, history=[Created]")
	}
	return o.broken.QueryWorkflowWithOptions(ctx, request)
}

func TestAQuestionThatAWorkflowOutrunsIsAskedAgain(t *testing.T) {
	for _, c := range []struct {
		times, asked int
		refused      error
		answered     bool
	}{
		{times: 0, asked: 1, answered: true},
		{times: 1, asked: 2, answered: true},
		{times: 3, asked: 4, answered: true},
		// A program that does not fit its history fails so at each question.
		{times: 100, asked: 4},
		{times: 0, asked: 1, refused: serviceerror.NewQueryFailed("unknown queryType progress")},
		{times: 0, asked: 1, refused: serviceerror.NewUnavailable("[TMPRL1100] invalid state transition")},
	} {
		line := &outran{broken: broken{answer: standing, err: c.refused}, times: c.times}
		answer, err := messages.ReadProgress().Ask(t.Context(), line, "w")
		if (err == nil) != c.answered || c.answered && !reflect.DeepEqual(answer, standing) {
			t.Errorf("outrun %d times: %+v, %v", c.times, answer, err)
		}
		if line.asked != c.asked {
			t.Errorf("outrun %d times, asked %d times", c.times, line.asked)
		}
	}
}

func TestAPausedWorkflowAnswersNobody(t *testing.T) {
	paused := broken{status: enumspb.WORKFLOW_EXECUTION_STATUS_PAUSED}
	if answer, err := messages.ReadProgress().Ask(t.Context(), paused, "w"); err == nil || !strings.Contains(err.Error(), "Paused") {
		t.Errorf("it answers %+v, %v", answer, err)
	}
	if _, status, err := messages.ReadProgress().AskOpen(t.Context(), paused, "w"); err != nil || status != enumspb.WORKFLOW_EXECUTION_STATUS_PAUSED {
		t.Errorf("it is %s, %v", status, err)
	}
}

// Callers tell a workflow that is gone from a Temporal that is away by the error's type.
func TestErrorsKeepTheirTypeAndNameTheMessage(t *testing.T) {
	gone := broken{err: serviceerror.NewNotFound("no such workflow")}
	odd := broken{answer: []string{"no checklist"}}
	ask := func(c client.Client) error { _, err := messages.ReadProgress().Ask(t.Context(), c, "w"); return err }
	askOpen := func(c client.Client) error {
		_, _, err := messages.ReadProgress().AskOpen(t.Context(), c, "w")
		return err
	}
	_, update := messages.RetryStep().Send(t.Context(), gone, "w", "u", messages.Retry{})
	for _, c := range []struct {
		err  error
		want string
		gone bool
	}{
		{messages.Confirmed().Send(t.Context(), gone, "w", messages.Confirmation{}), "messages: signal registrar-confirmation: ", true},
		{update, "messages: update retry: ", true}, {ask(gone), "messages: query progress: ", true}, {askOpen(gone), "messages: query progress: ", true},
		{ask(odd), "messages: query progress: ", false}, {askOpen(odd), "messages: query progress: ", false},
	} {
		_, isGone := errors.AsType[*serviceerror.NotFound](c.err)
		if c.err == nil || !strings.HasPrefix(c.err.Error(), c.want) || isGone != c.gone {
			t.Errorf("got %v, want %s", c.err, c.want)
		}
	}
	_, ended, err := messages.ReadProgress().AskOpen(t.Context(), broken{status: enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED}, "w")
	if err != nil || ended != enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED {
		t.Errorf("one that has ended is no error: %s, %v", ended, err)
	}
}

// Histories hold these names and fields; a worker of another version reads them.
func TestTheFormOnTheWireStays(t *testing.T) {
	at := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		value any
		want  string
	}{
		{messages.Confirmation{EventID: "e", Source: messages.FromWatch}, `{"eventId":"e","source":"watch"}`},
		{messages.Trouble{Activity: "A", Class: "c", Message: "m", Since: at, Attempt: 2},
			`{"activity":"A","class":"c","message":"m","since":"2026-03-02T08:00:00Z","attempt":2}`},
		{messages.Retry{Actor: "a", Reason: "r"}, `{"actor":"a","reason":"r"}`},
		{messages.Retry{AllowTakeover: true, NothingThere: true}, `{"actor":"","reason":"","allowTakeover":true,"nothingThere":true}`},
		{messages.Retry{AcceptPrice: "250.00EUR"}, `{"actor":"","reason":"","acceptPrice":"250.00EUR"}`},
		{messages.StepProgress{Number: 1, Title: "t", State: messages.StepOpen}, `{"number":1,"title":"t","state":"open"}`},
	} {
		if got, err := json.Marshal(c.value); err != nil || string(got) != c.want {
			t.Errorf("%T is %s, want %s", c.value, got, c.want)
		}
	}
	names := []string{messages.Confirmed().Name, messages.Troubled().Name, messages.RetryStep().Name, messages.ReadProgress().Name}
	if want := []string{"registrar-confirmation", "call-in-trouble", "retry", "progress"}; !slices.Equal(names, want) {
		t.Errorf("names %q", names)
	}
}

func TestWhichStatesAreAnEnd(t *testing.T) {
	for state, closed := range map[messages.State]bool{
		messages.Running: false, messages.Waiting: false, messages.NeedsAttention: false,
		messages.Done: true, messages.Failed: true, messages.Cancelled: true, "": false,
	} {
		if state.Closed() != closed {
			t.Errorf("%s: %t", state, state.Closed())
		}
	}
}

// A reason is a code: lists, alarms and search queries tell orders apart by it.
func TestReasonsAreDistinct(t *testing.T) {
	all := append(messages.Reasons(), messages.RequestEnded("registration", "failed"), messages.RequestEnded("registration", "cancelled"),
		messages.RequestEnded("owner-change", "cancelled"), messages.Trying("temporary"), messages.Trying("rate-limited"))
	slices.Sort(all)
	if twice := len(all) - len(slices.Compact(slices.Clone(all))); twice != 0 || all[0] == "" {
		t.Errorf("%d reasons are there twice: %q", twice, all)
	}
	if got := messages.RequestEnded("owner-change", "cancelled"); got != "owner-change-cancelled" {
		t.Errorf("got %s", got)
	}
	if got := messages.Trying("temporary"); got != "trying: temporary" {
		t.Errorf("got %s", got)
	}
	// The lists are the caller's own.
	messages.ParkingReasons()[0], messages.Reasons()[0] = "changed", "changed"
	if messages.ParkingReasons()[0] != messages.ReasonInvalid || messages.Reasons()[0] != messages.ReasonInvalid {
		t.Error("a list can be changed from outside")
	}
}
