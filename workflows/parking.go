package workflows

import (
	"errors"
	"fmt"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"domainprovisioning/activities"
	"domainprovisioning/messages"
	"domainprovisioning/registrars"
)

// park shows that a person is needed and why. It waits until somebody has corrected the
// cause and sends the update "retry". A confirmation can also wake a parked request,
// because a registrar's support may restart a failed operation.
func (u *unitRun) park(ctx workflow.Context, s step, line *messages.StepProgress, cause error) error {
	reason, message := explain(cause)
	line.State, u.state = messages.StepParked, messages.NeedsAttention
	// An earlier retry was not meant for this trouble, which nobody could see yet.
	u.attention, u.retry = nil, nil
	u.raise(ctx, reason, message, "retry")
	if err := u.publish(ctx); err != nil {
		return err
	}
	workflow.GetLogger(ctx).Warn("workflows: the order needs attention", "step", line.Number, "reason", reason)
	err := workflow.Await(ctx, func() bool {
		return u.retry != nil || (u.unread > 0 && s.request.wakes())
	})
	if err != nil {
		return err
	}
	retry := u.retry
	if u.takeRetry(line.Number) && s.request.asksAnew() {
		s.request.reopenings++
		s.request.nothingThere = retry.NothingThere
		s.request.accept(reason, retry)
	}
	u.attention = nil
	return nil
}

// takeRetry applies a person's retry, if there is one, and reports whether there was.
func (u *unitRun) takeRetry(number int) bool {
	if u.retry == nil {
		return false
	}
	u.allowTakeover = u.allowTakeover || u.retry.AllowTakeover
	note := fmt.Sprintf("step %d tried again by %s", number, u.retry.Actor)
	if u.retry.AcceptPrice != "" {
		note += ", who accepts " + u.retry.AcceptPrice
	}
	u.notes = append(u.notes, note)
	u.retry = nil
	return true
}

// raise records why a person is needed.
func (u *unitRun) raise(ctx workflow.Context, reason messages.Reason, message string, actions ...string) {
	u.attention = &messages.Attention{
		Step: u.current, Reason: reason, Message: message, Since: workflow.Now(ctx), Actions: actions,
	}
}

// explain turns the error of a step into a reason and a text for a person.
func explain(err error) (reason messages.Reason, message string) {
	application, ok := errors.AsType[*temporal.ApplicationError](err)
	if !ok {
		// No activity of ours fails like that. Nobody can tell what it has done.
		return messages.ReasonOutcomeUnknown, err.Error()
	}
	message = application.Message()
	var trouble activities.Trouble
	if application.HasDetails() && application.Details(&trouble) == nil && trouble.Detail != "" && trouble.Detail != message {
		message += " (" + trouble.Detail + ")"
	}
	return messages.Reason(application.Type()), message
}

// validateRetry rejects a retry if nothing is parked or if it names no actor.
func (u *unitRun) validateRetry(_ workflow.Context, command messages.Retry) error {
	switch {
	case command.Actor == "":
		return errors.New("actor is missing: say who asks for the retry")
	case len(command.Actor) > 100 || len(command.Reason) > 1000:
		return errors.New("actor takes at most 100 characters and reason at most 1000")
	case u.attention == nil:
		return fmt.Errorf("nothing to retry: step %d is %s", u.current, u.state)
	case u.retry != nil:
		return errors.New("a retry is under way")
	case u.request != nil && u.request.look == asking:
		// Its answer may lead the person to another decision.
		return errors.New("nothing to retry yet: the registrar is being asked")
	case command.AllowTakeover && u.adopts():
		return errors.New("an adoption takes no domain from another account: clear that up in Operations, then retry without this permission")
	}
	return u.validatePrice(command)
}

func (u *unitRun) handleRetry(_ workflow.Context, command messages.Retry) (messages.RetryResult, error) {
	u.retry = &command
	return messages.RetryResult{Step: u.current}, nil
}

// permanent makes an error of a step that no further try helps.
func permanent(class registrars.Class, message string) error {
	return temporal.NewNonRetryableApplicationError("workflows: "+message, string(class), nil)
}
