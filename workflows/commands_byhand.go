package workflows

import (
	"errors"
	"fmt"

	"go.temporal.io/sdk/workflow"

	"domainprovisioning/activities"
	"domainprovisioning/messages"
	"domainprovisioning/registrars"
)

// This file holds the commands by which a person does what the order cannot: leave a step out,
// and state what the registrar has done.

func (u *unitRun) refuseSkip() string {
	switch {
	case u.current == 0 || !u.plan[u.current-1].optional:
		return fmt.Sprintf("step %d cannot be left out", u.current)
	case !u.parked() && !u.waits() && u.standing.trouble == nil:
		return fmt.Sprintf("step %d is %s; a step can be left out while it waits or needs attention", u.current, u.shownState())
	}
	return ""
}

func (u *unitRun) validateSkip(_ workflow.Context, command messages.Skip) error {
	if err := u.check(messages.ActionSkip, command.Actor, command.Reason, command.Sent); err != nil {
		return err
	}
	records := u.plan[u.current-1].records
	switch {
	case command.Step != u.current:
		return fmt.Errorf("step must be %d, the one that the order is at", u.current)
	case records && command.BillingDomainID <= 0:
		return errors.New("billingDomainId is missing: give the id under which the domain was recorded in Billing by hand")
	case !records && command.BillingDomainID != 0:
		return fmt.Errorf("billingDomainId is for the step that records the domain in Billing, and not for step %d", u.current)
	}
	return nil
}

func (u *unitRun) handleSkip(ctx workflow.Context, command messages.Skip) (messages.Answer, error) {
	u.act(ctx, messages.ActionSkip, command.Actor, command.Reason, command.Recorded)
	u.commands.skip = &command
	u.interrupt()
	return u.answer("step %d is left out", u.current), nil
}

// leftOut applies a command to leave the step out, if there is one.
func (u *unitRun) leftOut(line *messages.StepProgress) bool {
	command := u.commands.skip
	if command == nil || command.Step != line.Number {
		return false
	}
	u.commands.skip = nil
	line.Note = "left out by " + command.Actor
	if command.BillingDomainID != 0 {
		u.billingDomainID = command.BillingDomainID
		line.Note = fmt.Sprintf("recorded by hand as Billing domain %d, by %s", command.BillingDomainID, command.Actor)
	}
	u.notes = append(u.notes, fmt.Sprintf("step %d %s: %s", line.Number, line.Note, command.Reason))
	u.cured("skip", command.Actor, command.Reason)
	return true
}

func (u *unitRun) refuseByHand() string {
	switch {
	case u.request == nil || u.commands.byHand != nil:
		return "no request to the registrar is open"
	case u.parkedFor(messages.ReasonOutcomeUnknown) && u.request.neverAnswered():
	case u.parked() && u.request.look == lookFailed:
	case u.waits() && u.request.state.Status == registrars.StatusUnknown:
	case u.awaitsRegistrar():
		return "the registrar can be asked, and its answer is clear: use confirm"
	default:
		return "no request to the registrar is open"
	}
	return ""
}

func (u *unitRun) validateByHand(_ workflow.Context, command messages.ConfirmByHand) error {
	if err := u.check(messages.ActionConfirmByHand, command.Actor, command.Reason, command.Sent); err != nil {
		return err
	}
	if command.Outcome != messages.OutcomeDone && command.Outcome != messages.OutcomeRefused {
		return errors.New("outcome must be done or refused")
	}
	if !command.Expires.IsZero() && command.Outcome == messages.OutcomeRefused {
		return errors.New("expires is for a request that is done")
	}
	return nil
}

func (u *unitRun) handleByHand(ctx workflow.Context, command messages.ConfirmByHand) (messages.Answer, error) {
	u.act(ctx, messages.ActionConfirmByHand, command.Actor, command.Reason, command.Recorded)
	u.commands.byHand = &command
	return u.answer("the %s counts as %s", u.request.what(), command.Outcome), nil
}

// takeByHand records what a person has stated, if somebody has.
func (u *unitRun) takeByHand(ctx workflow.Context, r *request) error {
	command := u.commands.byHand
	if command == nil {
		return nil
	}
	u.commands.byHand = nil
	var state activities.RequestState
	err := workflow.ExecuteActivity(registrarCall(ctx, u.domain.Registrar, u.summary("Record what %s states", command.Actor)),
		calls.Registrar.RecordByHand, activities.RecordByHandInput{
			Registrar: u.domain.Registrar, Key: activities.RequestKey(u.input.OrderNumber, u.input.Unit.Item, r.kind),
			Done: command.Outcome == messages.OutcomeDone, Actor: command.Actor, Evidence: command.Reason, Expires: command.Expires,
		}).Get(ctx, &state)
	if err != nil {
		return err
	}
	state.OwnerHandle = r.state.OwnerHandle
	r.state, r.look, r.stated = state, notAsked, state.Status != registrars.StatusDone
	if state.Status == registrars.StatusDone {
		r.confirmedAt = u.endOf(ctx, r)
	}
	u.notes = append(u.notes, fmt.Sprintf("%s states that the %s is %s: %s", command.Actor, r.what(), command.Outcome, command.Reason))
	u.cured("confirm-by-hand", command.Actor, command.Reason)
	return nil
}
