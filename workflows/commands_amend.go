package workflows

import (
	"errors"
	"fmt"
	"slices"

	"go.temporal.io/sdk/workflow"

	"domainprovisioning/messages"
)

func (u *unitRun) refuseAmend() string {
	switch {
	case u.givenUp != nil:
		return "the order is being cancelled"
	case u.commands.amend != nil || u.commands.retry != nil:
		return "a command is under way"
	case !u.parked() && !u.waits():
		return fmt.Sprintf("step %d is %s; an order can be amended while it waits or needs attention", u.current, u.shownState())
	case u.request != nil && u.request.look == asking:
		return "the registrar is being asked"
	case !slices.ContainsFunc(messages.Changes(), func(c messages.Change) bool { return u.refuseChange(c) == "" }):
		return "nothing of the order is still to be done that could be amended"
	}
	return ""
}

// refuseChange says why a part of the order can no longer be replaced; "" if it can.
func (u *unitRun) refuseChange(change messages.Change) string {
	switch {
	case !slices.Contains(messages.Changes(), change):
		return "there is no such part"
	case carried(change) && slices.ContainsFunc(u.carriers(change), u.requestIsUnknown):
		return "nobody knows yet whether the registrar has the request that carries it: settle that first, by a look there and nothing-there, or confirm-by-hand"
	case !u.isUnused(change):
		return "it has been used already"
	}
	return ""
}

// carried reports whether the request to the registrar carries a part of the order.
func carried(change messages.Change) bool {
	switch change {
	case messages.ChangeContacts, messages.ChangeTransferKey, messages.ChangeParameters, messages.ChangeNameServers, messages.ChangeYears,
		messages.ChangeLanguage, messages.ChangePriceLimit, messages.ChangeExpires:
		return true
	}
	return false
}

// isUnused reports whether a step that uses a part of the order has still to be done.
func (u *unitRun) isUnused(change messages.Change) bool {
	provisions := u.domain == nil || u.input.Unit.Type.Provisions()
	switch change {
	case messages.ChangeCustomer:
		return provisions && u.input.NewAccount && (u.isOpen(2) || u.carrierIsOpen(change))
	case messages.ChangeParameters:
		return u.carrierIsOpen(change) || provisions && (u.isOpen(3) || u.isOpen(8))
	case messages.ChangeExpires:
		return u.carrierIsOpen(change) || u.adopts() && u.isOpen(6)
	case messages.ChangeSettings:
		return slices.ContainsFunc(u.plan, func(s step) bool { return s.request.setsOpen() })
	case messages.ChangeDomainTemplate:
		return provisions && u.domain != nil && u.isOpen(3)
	case messages.ChangeHostingTemplate:
		return provisions && u.hosting != nil && u.isOpen(8)
	case messages.ChangeBilling:
		return provisions && u.domain != nil && u.isOpen(ModelSteps+1)
	}
	return u.carrierIsOpen(change)
}

// isOpen reports whether a step of the model has still to be done.
func (u *unitRun) isOpen(number int) bool {
	if number > len(u.steps) {
		return false
	}
	state := u.steps[number-1].State
	return state != messages.StepDone && state != messages.StepSkipped
}

// carrierIsOpen reports whether a request that carries a part of the order is open.
func (u *unitRun) carrierIsOpen(change messages.Change) bool {
	return slices.ContainsFunc(u.carriers(change), u.requestIsOpen)
}

// requestIsOpen reports whether a request has still to be accepted by the registrar, or is to be
// made anew.
func (u *unitRun) requestIsOpen(r *request) bool {
	return u.domain != nil && r.kind != "" && r.asksAnew() && !u.requestIsUnknown(r)
}

// requestIsUnknown reports whether a submission of it may have arrived.
func (u *unitRun) requestIsUnknown(r *request) bool { return u.domain != nil && r.neverAnswered() }

func (u *unitRun) validateAmend(_ workflow.Context, command messages.Amend) error {
	if err := u.check(messages.ActionAmend, command.Actor, command.Reason, command.Sent); err != nil {
		return err
	}
	if command.Revision <= u.revision {
		return fmt.Errorf("revision %d is not newer than revision %d, by which the order goes", command.Revision, u.revision)
	}
	if command.Base < u.revision {
		return fmt.Errorf("the order has been amended meanwhile, to revision %d: amend that", u.revision)
	}
	if len(command.Changes) == 0 {
		return errors.New("changes is empty: the revision says the same as the order")
	}
	for _, change := range command.Changes {
		if refusal := u.refuseChange(change); refusal != "" {
			return fmt.Errorf("%s cannot be amended any more: %s", change, refusal)
		}
	}
	return nil
}

func (u *unitRun) handleAmend(ctx workflow.Context, command messages.Amend) (messages.Answer, error) {
	u.act(ctx, messages.ActionAmend, command.Actor, command.Reason, command.Recorded)
	u.commands.amend = &command
	if u.waits() {
		return u.answer("the order goes on waiting; what was amended is used when its step comes"), nil
	}
	return u.answer("step %d is tried again with what was amended", u.current), nil
}
