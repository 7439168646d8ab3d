package desk

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/temporal"

	"domainprovisioning/intake"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// The commands about an order. The same id twice is one command; "" stands for a new id. Each
// is recorded as an act, whether it was accepted or refused. Errors: *NotAllowedError, which
// says what is allowed instead; *UnansweredError if it was given and no worker has answered in
// time; and otherwise ErrUnavailable, if it was not given because nobody answers.

// Retry resumes an order that needs attention, after its cause was corrected. An order whose
// workflow was ended in Temporal is started again.
func (d *Desk) Retry(ctx context.Context, unit Unit, id string, command messages.Retry) (messages.Answer, error) {
	command.Sent = sent()
	return commanded(ctx, d, unit, messages.ActionRetry, command.Actor, command.Reason, func() (messages.Answer, error) {
		answer, err := send(ctx, d, unit, id, messages.RetryStep(), command)
		if !errors.Is(err, errNoRun) {
			return answer, err
		}
		if command.AllowTakeover || command.NothingThere || command.AcceptPrice != "" {
			return answer, &NotAllowedError{Reason: "the workflow of the order does not run, so there is nothing to decide: a retry without a choice starts it again"}
		}
		if err := d.resume(ctx, unit); err != nil {
			return answer, err
		}
		return messages.Answer{Next: "its workflow was ended in Temporal and is started again; what was made is found, and nothing is done twice"}, nil
	})
}

// Cancel gives an order up and takes back what it made, or keeps it if the command says so. An
// order whose workflow was ended in Temporal is started again for that.
func (d *Desk) Cancel(ctx context.Context, unit Unit, id string, command messages.Cancel) (messages.Answer, error) {
	command.Sent = sent()
	return commanded(ctx, d, unit, messages.ActionCancel, command.Actor, command.Reason, func() (messages.Answer, error) {
		answer, err := send(ctx, d, unit, id, messages.CancelOrder(), command)
		if !errors.Is(err, errNoRun) {
			return answer, err
		}
		if command.Keep {
			return messages.Answer{Next: kept}, d.close(ctx, unit)
		}
		// The run that is started finds that the order is given up, and does nothing else.
		if _, err := d.Store.GiveUp(ctx, unit.Order, unit.Item, command); err != nil {
			return answer, err
		}
		if err := d.resume(ctx, unit); err != nil {
			return answer, err
		}
		return messages.Answer{Next: "its workflow was ended in Temporal and is started again, to take back what it made, the latest first"}, nil
	})
}

// Extend moves the deadline of an order that waits for the registrar.
func (d *Desk) Extend(ctx context.Context, unit Unit, id string, command messages.Extend) (messages.Answer, error) {
	command.Sent = sent()
	return commanded(ctx, d, unit, messages.ActionExtend, command.Actor, command.Reason, func() (messages.Answer, error) {
		return send(ctx, d, unit, id, messages.ExtendDeadline(), command)
	})
}

// Skip leaves out the step that an order is at, if it may be left out.
func (d *Desk) Skip(ctx context.Context, unit Unit, id string, command messages.Skip) (messages.Answer, error) {
	command.Sent = sent()
	return commanded(ctx, d, unit, messages.ActionSkip, command.Actor, command.Reason, func() (messages.Answer, error) {
		return send(ctx, d, unit, id, messages.SkipStep(), command)
	})
}

// ConfirmByHand states what the registrar has done, where it cannot be asked.
func (d *Desk) ConfirmByHand(ctx context.Context, unit Unit, id string, command messages.ConfirmByHand) (messages.Answer, error) {
	command.Sent = sent()
	return commanded(ctx, d, unit, messages.ActionConfirmByHand, command.Actor, command.Reason, func() (messages.Answer, error) {
		return send(ctx, d, unit, id, messages.ConfirmRequestByHand(), command)
	})
}

// Undo lists what a cancellation of an open order would take back, or what that of a cancelled
// one has. It changes nothing. Error: ErrUnavailable if no worker answers.
func (d *Desk) Undo(ctx context.Context, unit Unit) ([]messages.UndoLine, error) {
	asking, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	lines, err := messages.ReadUndo().Ask(asking, d.Temporal, unit.WorkflowID)
	if err != nil {
		return nil, fmt.Errorf("%w for %s", ErrUnavailable, unit.WorkflowID)
	}
	return lines, nil
}

// commanded carries out a command and records it as an act.
func commanded[A any](
	ctx context.Context, d *Desk, unit Unit, action messages.Action, actor, reason string, do func() (A, error),
) (answer A, err error) {
	err = d.acted(ctx, unit, string(action), claimed(ctx, actor, reason), func() error {
		if err := messages.CheckBy(actor, reason); err != nil {
			return &NotAllowedError{Reason: err.Error()}
		}
		answer, err = do()
		if errors.Is(err, errNoRun) {
			err = d.notAllowed(ctx, unit, action)
		}
		return err
	})
	return answer, err
}

// sent is what the desk adds to a command.
func sent() messages.Sent {
	return messages.Sent{Recorded: true, NotAfter: time.Now().Add(messages.CommandLasts).UTC().Truncate(time.Second)}
}

// UnansweredError says that a command was given and nobody has answered: it may be carried out
// yet. The same command under the same id asks again, and is one command.
type UnansweredError struct {
	// Command is the id of the command, and Until when it is refused if it was not carried out.
	Command string
	Until   time.Time
}

func (e *UnansweredError) Error() string {
	return fmt.Sprintf("not known yet: nobody has answered, and the command may still be carried out, until %s; its id is %s",
		e.Until.UTC().Format("2006-01-02 15:04:05 UTC"), e.Command)
}

// Unwrap returns ErrUnavailable.
func (*UnansweredError) Unwrap() error { return ErrUnavailable }

// errNoRun means that no workflow of the order runs although the order is open.
var errNoRun = errors.New("desk: no workflow of the order runs")

// commandTimeout bounds the wait for the answer to a command. The SDK gives the one call that it
// makes half of it, which must be well above the five seconds for which Temporal first waits for a
// worker that has gone.
const commandTimeout = 25 * time.Second

// send sends a command to the workflow of an open order.
func send[In interface{ LastsUntil() time.Time }](
	ctx context.Context, d *Desk, unit Unit, id string, update messages.Update[In, messages.Answer], command In,
) (messages.Answer, error) {
	if !unit.Open() {
		return messages.Answer{}, &NotAllowedError{Reason: fmt.Sprintf("order %s is %s, and takes no command", unit.Number, unit.State)}
	}
	if id == "" {
		id = rand.Text()
	}
	// A worker answers an update. Without one the call would wait forever.
	asking, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	if err := d.reachable(ctx, asking, unit); err != nil {
		return messages.Answer{}, err
	}
	return tellWorkflow(ctx, asking, d, unit.WorkflowID, id, update, command, stopped(unit, store.RunPaused).Message)
}

// tellWorkflow sends a command to a workflow, and says what its silence or its error means. paused is why
// a workflow that is paused takes none. The error is errNoRun if it does not run.
func tellWorkflow[In interface{ LastsUntil() time.Time }, Out any](
	ctx, asking context.Context, d *Desk, workflowID, id string, update messages.Update[In, Out], command In, paused string,
) (Out, error) {
	answer, err := update.Send(asking, d.Temporal, workflowID, id, command)
	if err == nil || ctx.Err() != nil {
		return answer, err
	}
	if _, ended := errors.AsType[*serviceerror.NotFound](err); ended {
		return answer, errNoRun
	}
	if condition, ok := errors.AsType[*serviceerror.FailedPrecondition](err); ok && strings.Contains(condition.Message, "paused") {
		return answer, &NotAllowedError{Reason: paused}
	}
	if refused, ok := errors.AsType[*temporal.ApplicationError](err); ok {
		return answer, &NotAllowedError{Reason: refused.Message()}
	}
	if _, busy := errors.AsType[*serviceerror.ResourceExhausted](err); busy {
		return answer, fmt.Errorf("%w: %w", ErrUnavailable, err) // Temporal has not taken it
	}
	return answer, &UnansweredError{Command: id, Until: command.LastsUntil()}
}

// CommandStands says what has become of a command.
type CommandStands struct {
	Command string `json:"command" jsonschema:"description=Id of the command"`
	// State is done, waiting or absent.
	State  string           `json:"state" jsonschema:"enum=done,enum=waiting,enum=absent,description=done: the order goes by it. waiting: it has arrived\\, and no worker has answered. absent: it was refused\\, or has not arrived yet; after its time it is not carried out any more"`
	Answer *messages.Answer `json:"answer,omitempty"`
}

// askTimeout bounds the question what has become of a command.
const askTimeout = 3 * time.Second

// Command asks what has become of a command that nobody has answered, by its id. Error:
// ErrUnavailable if Temporal does not answer, and *NotAllowedError for an order that has ended.
func (d *Desk) Command(ctx context.Context, unit Unit, id string) (CommandStands, error) {
	stands := CommandStands{Command: id}
	if !unit.Open() {
		return stands, &NotAllowedError{Reason: fmt.Sprintf("order %s is %s: its acts say which commands it was given", unit.Number, unit.State)}
	}
	asking, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	answer, err := messages.AnswerTo(asking, d.Temporal, unit.WorkflowID, id)
	_, absent := errors.AsType[*serviceerror.NotFound](err)
	_, late := errors.AsType[*serviceerror.DeadlineExceeded](err)
	late = late || errors.Is(err, context.DeadlineExceeded)
	_, refused := errors.AsType[*temporal.ApplicationError](err)
	switch {
	case err == nil:
		stands.State, stands.Answer = "done", &answer
	case ctx.Err() != nil:
		return stands, ctx.Err()
	case absent, refused:
		stands.State = "absent"
	case late && d.reachesIt(ctx, unit):
		stands.State = "waiting"
	default:
		return stands, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return stands, nil
}

// reachesIt reports whether Temporal answers now, so that its silence before was that of the
// workflow: the SDK takes every error of a poll for a time-out.
func (d *Desk) reachesIt(ctx context.Context, unit Unit) bool {
	asking, cancel := context.WithTimeout(ctx, digestTimeout)
	defer cancel()
	runs, err := d.Intake.Runs(asking, store.Unit{OrderNumber: unit.Order, WorkflowID: unit.WorkflowID})
	return err == nil && runs
}

// reachable makes sure that a command reaches the workflow of its own order, and one that can
// answer it: under the workflow id may run that of another order.
func (d *Desk) reachable(ctx, asking context.Context, unit Unit) error {
	runs, err := d.Intake.Runs(asking, store.Unit{OrderNumber: unit.Order, WorkflowID: unit.WorkflowID})
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	case !runs && !unit.Started:
		return &NotAllowedError{Reason: "the workflow of the order has not been started yet; that happens by itself as soon as Temporal can be reached"}
	case !runs:
		return errNoRun
	case store.RunState(unit.Run) != store.RunStuck:
		return nil
	}
	// A command to a workflow whose tasks fail would be carried out some day later.
	brief, cancel := context.WithTimeout(asking, digestTimeout)
	defer cancel()
	if _, err := messages.ReadProgress().Ask(brief, d.Temporal, unit.WorkflowID); err != nil {
		return &NotAllowedError{Reason: stopped(unit, store.RunStuck).Message}
	}
	return nil
}

// notAllowed refuses a command for an order whose workflow does not run, and says what is allowed.
func (d *Desk) notAllowed(ctx context.Context, unit Unit, action messages.Action) error {
	progress, err := d.Progress(ctx, unit)
	switch {
	case err != nil:
		return err
	case progress.State.Closed():
		return &NotAllowedError{Reason: fmt.Sprintf("order %s is %s, and takes no command", unit.Number, progress.State)}
	case progress.Attention == nil:
		return fmt.Errorf("%w for %s", ErrUnavailable, unit.WorkflowID)
	}
	return &NotAllowedError{Reason: messages.NotAllowed(action, progress.Attention.Message, progress.Attention.Actions)}
}

// resume starts the workflow of an open order again, which was ended in Temporal. The error is
// errNoRun while the workflow of another order runs under its id.
func (d *Desk) resume(ctx context.Context, unit Unit) error {
	resumed, err := d.Intake.Resume(ctx, unit.Order, unit.Item)
	switch {
	case errors.Is(err, intake.ErrOtherOrder):
		return errNoRun
	case err != nil:
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	case !resumed:
		return &NotAllowedError{Reason: fmt.Sprintf(
			"the workflow of order %s has ended by itself and is not started again: look at it in the Temporal Web UI, then `%s`", unit.Number, messages.CommandLine(messages.ActionClose, unit.Order))}
	}
	return nil
}

// Confirmation is what a person reports about an operation; see messages.Confirmation.
type Confirmation struct {
	// EventID makes a repeat harmless; "" stands for a new event.
	EventID   string
	Reference string
	Claim     string
}

// Confirmed says what was done with a confirmation.
type Confirmed struct {
	EventID string `json:"eventId"`
	State   string `json:"state" jsonschema:"enum=received,enum=delivered,enum=late,enum=unmatched"`
}

// Confirm tells an order that the registrar may have finished. The order asks the
// registrar and acts on its answer. Error: *NotAllowedError for an order without a
// domain.
func (d *Desk) Confirm(ctx context.Context, unit Unit, told Confirmation) (confirmed Confirmed, err error) {
	err = d.acted(ctx, unit, "confirm", told.Claim, func() error {
		confirmed, err = d.confirm(ctx, unit, told)
		return err
	})
	return confirmed, err
}

func (d *Desk) confirm(ctx context.Context, unit Unit, told Confirmation) (Confirmed, error) {
	if unit.Domain == "" {
		return Confirmed{}, &NotAllowedError{Reason: "the order has no domain to confirm"}
	}
	if told.EventID == "" {
		told.EventID = rand.Text()
	}
	// The event ids of people contain the order, so they never collide with those of a
	// registrar, which begin with its account.
	confirmation := store.Confirmation{
		EventID: fmt.Sprintf("operator/%s/%d/%s", unit.Order, unit.Item, told.EventID), Source: messages.FromOperator, Account: unit.Registrar, Domain: unit.Domain,
		Reference: told.Reference, Claim: told.Claim,
	}
	state, err := d.Intake.Inbox().TakeAndDeliver(ctx, confirmation)
	return Confirmed{EventID: told.EventID, State: string(state)}, err
}

// Close cancels a unit whose workflow was ended in Temporal, so that its domain can be ordered
// again. Error: *NotAllowedError if it is closed already or its workflow is running.
func (d *Desk) Close(ctx context.Context, unit Unit, actor, reason string) (messages.Answer, error) {
	return commanded(ctx, d, unit, messages.ActionClose, actor, reason, func() (messages.Answer, error) {
		return messages.Answer{Next: kept}, d.close(ctx, unit)
	})
}

const kept = "the order ends as cancelled; what it made stays, and is listed"

func (d *Desk) close(ctx context.Context, unit Unit) error {
	if !unit.Open() {
		return &NotAllowedError{Reason: fmt.Sprintf("order %s is %s already", unit.Number, unit.State)}
	}
	if !unit.Started {
		// With the claim, no other process can start it.
		mine, err := d.Store.ClaimStart(ctx, unit.Order, unit.Item)
		if err != nil {
			return err
		}
		if !mine {
			return &NotAllowedError{Reason: fmt.Sprintf("order %s is just being started; try again in a minute", unit.Number)}
		}
	}
	running, err := d.Intake.Runs(ctx, store.Unit{OrderNumber: unit.Order, WorkflowID: unit.WorkflowID})
	if err != nil {
		return err
	}
	if running {
		return &NotAllowedError{Reason: fmt.Sprintf("the workflow of order %s runs; use `starter cancel` instead", unit.Number)}
	}
	left := ""
	if unit.Started {
		left = "its workflow was ended in Temporal and left behind what it had created: its history there shows what"
	}
	return d.Store.CloseUnit(ctx, unit.Order, unit.Item, store.UnitCancelled, left)
}
