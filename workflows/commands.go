package workflows

import (
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/workflow"

	"domainprovisioning/messages"
	"domainprovisioning/orders"
)

// A command is an update. Its validator decides by the state of the order alone, and its
// handler only notes it: the step that is under way acts on it, so that nothing is done by
// two at a time.

// commands are those that have been accepted and not acted on yet.
type commands struct {
	retry  *messages.Retry
	amend  *messages.Amend
	skip   *messages.Skip
	byHand *messages.ConfirmByHand
	extend *messages.Extend
}

// pending reports whether a command waits to be acted on. A skip interrupts the step instead.
func (c *commands) pending() bool {
	return c.retry != nil || c.amend != nil || c.byHand != nil || c.extend != nil
}

// handleCommands sets the handlers of all commands.
func (u *unitRun) handleCommands(ctx workflow.Context) error {
	return errors.Join(
		messages.RetryStep().Handle(ctx, u.handleRetry, u.validateRetry),
		messages.AmendOrder().Handle(ctx, u.handleAmend, u.validateAmend),
		messages.CancelOrder().Handle(ctx, u.handleCancel, u.validateCancel),
		messages.ExtendDeadline().Handle(ctx, u.handleExtend, u.validateExtend),
		messages.SkipStep().Handle(ctx, u.handleSkip, u.validateSkip),
		messages.ConfirmRequestByHand().Handle(ctx, u.handleByHand, u.validateByHand),
		messages.ReadUndo().Handle(ctx, u.undoLines),
	)
}

// actions lists what a person may do now. Each action is listed if, and only if, the
// validator of its command would let it pass.
func (u *unitRun) actions() []messages.Action {
	var allowed []messages.Action
	for _, action := range []messages.Action{
		messages.ActionRetry, messages.ActionTakeOver, messages.ActionNothingThere, messages.ActionAcceptPrice, messages.ActionAmend,
		messages.ActionConfirm, messages.ActionConfirmByHand, messages.ActionExtend, messages.ActionSkip, messages.ActionSettle, messages.ActionCancel,
	} {
		if u.refusal(action) == "" {
			allowed = append(allowed, action)
		}
	}
	return allowed
}

// refusal says why an action is not allowed now; "" if it is.
func (u *unitRun) refusal(action messages.Action) string {
	if u.state.Closed() || u.standing.recording {
		return "the order is " + string(u.state) + ", and takes no command"
	}
	if u.acting && action != messages.ActionCancel && action != messages.ActionConfirm && action != messages.ActionSettle {
		return "a command is under way"
	}
	switch action {
	case messages.ActionRetry:
		return u.refuseRetry()
	case messages.ActionTakeOver:
		return u.refuseTakeOver()
	case messages.ActionNothingThere, messages.ActionAcceptPrice:
		return u.refuseAnswer(action)
	case messages.ActionAmend:
		return u.refuseAmend()
	case messages.ActionCancel:
		if u.givenUp != nil {
			return "the order is being cancelled already, by " + u.givenUp.Actor
		}
	case messages.ActionConfirm:
		if !u.awaitsRegistrar() {
			return "the order does not wait for the registrar"
		}
	case messages.ActionConfirmByHand:
		return u.refuseByHand()
	case messages.ActionExtend:
		if !u.waits() {
			return "the order does not wait for the registrar, so it has no deadline to move"
		}
	case messages.ActionSkip:
		return u.refuseSkip()
	case messages.ActionSettle:
		if u.attention != nil || len(u.standing.alarms) == 0 {
			return "there is nothing to settle"
		}
	default:
		return "there is no such command"
	}
	return ""
}

// why says why the order needs attention, or that it does not.
func (u *unitRun) why() string {
	if u.attention == nil {
		return "the order does not need attention"
	}
	return "the order needs attention because of " + string(u.attention.Reason)
}

// parked reports whether the order stands still until a person does something.
func (u *unitRun) parked() bool {
	return u.attention != nil && u.state == messages.NeedsAttention && !u.waits()
}

func (u *unitRun) parkedFor(reason messages.Reason) bool {
	return u.parked() && u.attention.Reason == reason && u.commands.retry == nil
}

// waits reports whether the order waits for the registrar to finish a request.
func (u *unitRun) waits() bool { return u.waiting }

// awaitsRegistrar reports whether a hint about the request of the current step matters.
func (u *unitRun) awaitsRegistrar() bool { return u.waits() || u.parked() && u.request.wakes() }

// inTime refuses a command that comes too late.
func inTime(now time.Time, sent messages.Sent) error {
	if sent.NotAfter.IsZero() || !now.After(sent.NotAfter) {
		return nil
	}
	return fmt.Errorf("the command was to be carried out by %s, and it is %s: it comes too late, so give it again if it is still meant, and look at the clock of the machine that gave it if that happens again",
		stamp(sent.NotAfter), stamp(now))
}

// check is messages.CheckBy, and whether the command comes in time and the action is allowed. The error says what is allowed instead.
func (u *unitRun) check(action messages.Action, actor, reason string, sent messages.Sent) error {
	if err := messages.CheckBy(actor, reason); err != nil {
		return err
	}
	if err := inTime(u.now(), sent); err != nil {
		return err
	}
	refusal := u.refusal(action)
	if refusal == "" {
		return nil
	}
	return errors.New(messages.NotAllowed(action, refusal, u.actions()))
}

// answer is the answer to a command that was accepted.
func (u *unitRun) answer(format string, args ...any) messages.Answer {
	return messages.Answer{Step: u.current, Next: fmt.Sprintf(format, args...)}
}

func (u *unitRun) refuseRetry() string {
	switch {
	case u.attention == nil:
		return fmt.Sprintf("nothing to retry: step %d is %s", u.current, u.shownState())
	case u.commands.retry != nil || u.commands.amend != nil:
		return "a retry is under way"
	case u.request != nil && u.request.look == asking:
		// Its answer may lead the person to another decision.
		return "nothing to retry yet: the registrar is being asked"
	}
	return ""
}

// refuseAnswer says why a choice does not answer what the order asks.
func (u *unitRun) refuseAnswer(action messages.Action) string {
	switch {
	case action == messages.ActionAcceptPrice && !u.parkedFor(messages.ReasonPrice):
		return "no price to accept: " + u.why()
	case action == messages.ActionNothingThere && (!u.parkedFor(messages.ReasonOutcomeUnknown) || !u.request.neverAnswered()):
		return "the outcome of no submission is unknown: " + u.why()
	}
	return ""
}

func (u *unitRun) refuseTakeOver() string {
	switch {
	case u.adopts():
		return "an adoption takes no domain from another account: clear that up in Operations, then retry without this permission"
	case !u.parkedFor(messages.ReasonConflict) || u.givenUp != nil || !u.plan[u.current-1].takesOver:
		return "no domain of another account is in the way"
	}
	return ""
}

// validateRetry rejects a retry that is not allowed, and choices that nobody has asked for.
func (u *unitRun) validateRetry(_ workflow.Context, command messages.Retry) error {
	if err := u.check(messages.ActionRetry, command.Actor, command.Reason, command.Sent); err != nil {
		return err
	}
	for _, choice := range []struct {
		action messages.Action
		made   bool
	}{
		{messages.ActionTakeOver, command.AllowTakeover}, {messages.ActionNothingThere, command.NothingThere},
		{messages.ActionAcceptPrice, command.AcceptPrice != ""},
	} {
		if !choice.made {
			continue
		}
		if err := u.check(choice.action, command.Actor, command.Reason, command.Sent); err != nil {
			return err
		}
	}
	return validatePrice(command)
}

func (u *unitRun) handleRetry(ctx workflow.Context, command messages.Retry) (messages.Answer, error) {
	u.act(ctx, messages.ActionRetry, command.Actor, command.Reason, command.Recorded)
	u.commands.retry = &command
	return u.answer("step %d is tried again", u.current), nil
}

func (u *unitRun) validateCancel(_ workflow.Context, command messages.Cancel) error {
	if err := u.check(messages.ActionCancel, command.Actor, command.Reason, command.Sent); err != nil {
		return err
	}
	if command.DeleteRegistration && (command.Keep || u.input.Unit.Type != orders.Registration) {
		return errors.New("deleteRegistration is for a registration that is taken back: not together with keep, and not for another operation")
	}
	return nil
}

func (u *unitRun) handleCancel(ctx workflow.Context, command messages.Cancel) (messages.Answer, error) {
	u.act(ctx, messages.ActionCancel, command.Actor, command.Reason, command.Recorded)
	u.giveUp(command)
	if command.Keep {
		return u.answer("the order ends as cancelled; what it made stays, and is listed"), nil
	}
	return u.answer("the order is given up; what it made is taken back, the latest first"), nil
}

// giveUp notes that the order is given up, and interrupts the step that is under way.
func (u *unitRun) giveUp(command messages.Cancel) {
	u.givenUp = &command
	u.notes = append(u.notes, "given up by "+command.Actor+": "+command.Reason)
	u.interrupt()
}

func (u *unitRun) validateExtend(ctx workflow.Context, command messages.Extend) error {
	if err := u.check(messages.ActionExtend, command.Actor, command.Reason, command.Sent); err != nil {
		return err
	}
	now := workflow.Now(ctx)
	if !command.Until.After(now) || command.Until.After(now.Add(messages.MostExtended)) {
		return errors.New("until must be in the future, and at most 366 days ahead")
	}
	return nil
}

func (u *unitRun) handleExtend(ctx workflow.Context, command messages.Extend) (messages.Answer, error) {
	u.act(ctx, messages.ActionExtend, command.Actor, command.Reason, command.Recorded)
	u.request.until, u.commands.extend = command.Until.UTC(), &command
	u.notes = append(u.notes, fmt.Sprintf("%s waits until %s: %s", command.Actor, stamp(command.Until), command.Reason))
	return u.answer("a person is told again on %s if the registrar has not finished", stamp(command.Until)), nil
}
