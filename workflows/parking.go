package workflows

import (
	"cmp"
	"errors"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"domainprovisioning/activities"
	"domainprovisioning/messages"
	"domainprovisioning/registrars"
)

// park shows that a person is needed and why. It waits until somebody has corrected the
// cause and says so by a command. A confirmation can also wake a parked request, because a
// registrar's support may restart a failed operation.
func (u *unitRun) park(ctx workflow.Context, s step, line *messages.StepProgress, cause error) error {
	reason, message, reference := explain(cause)
	line.State, u.state = messages.StepParked, messages.NeedsAttention
	// An earlier command was not meant for this trouble, which nobody could see yet.
	u.attention, u.commands = nil, commands{skip: u.commands.skip}
	u.raise(ctx, reason, message)
	u.attention.Reference, u.said = reference, saidIn(cause)
	if err := u.publish(ctx); err != nil {
		return err
	}
	workflow.GetLogger(ctx).Warn("workflows: the order needs attention", "step", line.Number, "reason", reason)
	err := workflow.Await(ctx, func() bool {
		return u.commands.pending() || (u.unread > 0 && s.request.wakes())
	})
	if err != nil {
		return err
	}
	return u.unpark(ctx, s, reason)
}

// unpark acts on what has woken a parked order.
func (u *unitRun) unpark(ctx workflow.Context, s step, reason messages.Reason) error {
	u.acting = true
	defer func() { u.acting = false }()
	retry, amended := u.commands.retry, u.commands.amend != nil
	if u.commands.byHand != nil {
		if err := u.takeByHand(ctx, s.request); err != nil {
			return err
		}
		return nil
	}
	if err := u.takeAmendment(ctx); err != nil {
		return err
	}
	if (u.takeRetry(ctx) || amended) && s.request.asksAnew() {
		s.request.reopenings++
		if retry != nil {
			s.request.nothingThere = retry.NothingThere
			s.request.accept(reason, retry)
		}
	}
	u.cured("news of the registrar", "", "")
	return nil
}

// takeRetry applies a person's retry, if there is one, and reports whether there was.
func (u *unitRun) takeRetry(ctx workflow.Context) bool {
	retry := u.commands.retry
	if retry == nil {
		return false
	}
	u.commands.retry = nil
	u.allowTakeover = u.allowTakeover || retry.AllowTakeover
	cure := "retry"
	switch {
	case retry.AllowTakeover:
		cure = "take-over"
	case retry.NothingThere:
		cure = "nothing-there"
	case retry.AcceptPrice != "":
		cure = "accept-price " + retry.AcceptPrice
	}
	if u.attention != nil && u.attention.Reason == messages.ReasonDeadlinePassed {
		// To ask the registrar once more does not end the wait.
		u.notes = append(u.notes, "the registrar is asked again by "+retry.Actor+": "+retry.Reason)
		return true
	}
	u.cured(cure, retry.Actor, retry.Reason)
	u.planAgain(ctx)
	return true
}

// raise records why a person is needed.
func (u *unitRun) raise(ctx workflow.Context, reason messages.Reason, message string) {
	u.attention, u.said = &messages.Attention{Step: u.current, Reason: reason, Message: message, Since: workflow.Now(ctx)}, ""
}

// mostTroubles is how many of an order's earlier troubles are shown: the latest.
const mostTroubles = 20

// cured records how the trouble for which a person was needed has ended, if there was any.
func (u *unitRun) cured(cure, actor, reason string) {
	if u.attention == nil {
		return
	}
	if actor != "" {
		cure += " by " + actor + ": " + reason
	}
	u.troubles = append(u.troubles, messages.PastAttention{
		Step: u.attention.Step, Reason: u.attention.Reason, Since: u.attention.Since, Until: u.now(), Cure: trim(cure, 300),
	})
	if len(u.troubles) > mostTroubles {
		u.troubles = u.troubles[len(u.troubles)-mostTroubles:]
	}
	u.attention = nil
}

// explain turns the error of a step into a reason and a text for a person.
func explain(err error) (reason messages.Reason, message, reference string) {
	application, ok := errors.AsType[*temporal.ApplicationError](err)
	if !ok {
		// No activity of ours fails like that. Nobody can tell what it has done.
		return messages.ReasonOutcomeUnknown, err.Error(), ""
	}
	message = application.Message()
	var trouble activities.Trouble
	if application.HasDetails() && application.Details(&trouble) == nil {
		message = cmp.Or(trouble.Message, message)
		reference = trouble.Reference
		if trouble.Detail != "" && trouble.Detail != message {
			message += " (" + trouble.Detail + ")"
		}
	}
	return messages.Reason(application.Type()), message, reference
}

// saidIn is what a system has said with an error, if histories are sealed.
func saidIn(err error) string {
	var trouble activities.Trouble
	if application, ok := errors.AsType[*temporal.ApplicationError](err); ok && application.HasDetails() && application.Details(&trouble) == nil {
		return trouble.Said
	}
	return ""
}

// permanent makes an error of a step that no further try helps.
func permanent(class registrars.Class, message string) error {
	return temporal.NewNonRetryableApplicationError("workflows: "+message, string(class), nil)
}
