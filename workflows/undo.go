package workflows

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"domainprovisioning/activities"
	"domainprovisioning/messages"
)

// The undo of an order that was given up: its steps in reverse, as steps of their own, so
// that they are shown, tried again and parked like any other. What may exist is known by the
// step that would have made it, which is marked as begun before it makes anything; in a run
// that is not the first, everything may exist. Each step looks first, and takes back only what
// this order made and nothing else uses. Money that was spent is not taken back: what the
// registrar has carried out stays, and is listed.

// givesUp reports whether the order was given up, by a command or by cancelling its workflow
// in Temporal.
func (u *unitRun) givesUp(ctx workflow.Context, err error) bool {
	switch {
	case err == nil:
		return false
	case u.givenUp != nil:
		return true
	case ctx.Err() == nil || !temporal.IsCanceledError(err), !u.knows(ctx, undoOnCancellation):
		return false
	}
	request := messages.Cancel{Actor: "Temporal", Reason: "its cancellation was requested there"}
	u.giveUp(request)
	u.recordAct(ctx, "cancellation", messages.ActionCancel, request.Actor, request.Reason)
	return true
}

// takeBack undoes what the order made. It goes on after a failure: what could not be taken
// back is listed.
func (u *unitRun) takeBack(ctx workflow.Context) {
	u.attention, u.commands = nil, commands{}
	// A run that was reset does not know what the run before it did after that point.
	info := workflow.GetInfo(ctx)
	u.reset = info.OriginalRunID != "" && info.OriginalRunID != info.WorkflowExecution.RunID
	u.gaveUpAt = u.current
	if u.gaveUpAt > 0 && u.steps[u.gaveUpAt-1].State == messages.StepRunning {
		u.cutShort = u.gaveUpAt
	}
	defer func() { u.current = u.gaveUpAt }() // the order's own step, not that of its undo
	ctx, cancel := workflow.NewDisconnectedContext(ctx)
	defer cancel()
	if u.givenUp.Keep {
		return
	}
	u.letCallsArrive(ctx)
	u.undoing = true
	u.undo = u.undoSteps()
	u.layOut(u.undo)
	for _, s := range u.undo {
		u.undone = append(u.undone, messages.UndoLine{Title: s.thing, State: messages.UndoPlanned, Note: s.expects})
	}
	for n := range u.undo {
		u.undone[n].State, u.undone[n].Note = messages.UndoRunning, ""
		if err := u.performStep(ctx, u.forward()+n); err != nil {
			u.undone[n].State, u.undone[n].Note = messages.UndoCouldNot, err.Error()
			continue
		}
		line := u.steps[u.forward()+n]
		if u.undone[n].State == messages.UndoRunning { // left out by a person
			u.undone[n].State = messages.UndoCouldNot
		}
		u.undone[n].Note = line.Note
	}
	u.forgetWhatNeverWas()
}

// undoLines lists what a cancellation would do, or has done.
func (u *unitRun) undoLines() ([]messages.UndoLine, error) {
	if u.undone != nil || u.state.Closed() {
		return append([]messages.UndoLine{}, u.undone...), nil
	}
	lines := []messages.UndoLine{}
	for _, s := range u.undoSteps() {
		lines = append(lines, messages.UndoLine{Title: s.thing, State: messages.UndoPlanned, Note: s.expects})
	}
	return lines, nil
}

// began reports whether a step may have made something.
func (u *unitRun) began(number int) bool { return u.surelyBegan(number) || u.perhapsBegan(number) }

// surelyBegan reports whether the run knows that a step may have made something.
func (u *unitRun) surelyBegan(number int) bool {
	if number > u.forward() || u.plan[number-1].reads {
		return false
	}
	state := u.steps[number-1].State
	return u.again || u.reset || state != messages.StepOpen && state != messages.StepSkipped
}

// undoSteps lists the steps of the undo, the latest first.
func (u *unitRun) undoSteps() []step {
	var steps []step
	for number := u.forward(); number >= 1; number-- {
		r := u.plan[number-1].request
		switch {
		case number <= ModelSteps+1 && (u.domain == nil || u.input.Unit.Type.Provisions()):
			steps = append(steps, u.undoOf(number)...)
		case r == nil && u.surelyBegan(number):
			steps = append(steps, u.keep(u.steps[number-1].Title, "it stays with the domain"))
		case r == nil:
		case r == u.main:
			if number == u.confirmStep() {
				steps = append(steps, u.undoRequest(r)...)
			}
		case u.began(number):
			steps = append(steps, u.undoChange(r, u.steps[number-1]))
		}
	}
	return steps
}

// confirmStep is the number of the step that waits for the request that was ordered.
func (u *unitRun) confirmStep() int {
	for number := u.forward(); number >= 1; number-- {
		if u.plan[number-1].request == u.main {
			return number
		}
	}
	return 0
}

// undoOf returns the undo of a step of the model.
func (u *unitRun) undoOf(number int) []step {
	switch {
	case number == ModelSteps+1 && u.domain != nil && (u.began(number) || u.billingDomainID != 0):
		return []step{u.undoRecord()}
	case number == 8 && u.hosting != nil:
		return u.undoHosting()
	case number == 7 && u.domain != nil && (u.began(7) || u.began(11)):
		return []step{*u.takesBack(7, activities.TakeBackDomain, "domain in Operations", activities.TakeBackInput{
			SubscriptionID: u.input.DomainSubscriptionID, DomainID: u.knownDomain(), Domain: u.domain.Name})}
	case number == 6 && u.domain != nil && u.main.kind != "" && (u.began(6) || u.began(10)):
		return u.undoRequest(u.main)
	case number == 4 && u.domain != nil && u.began(4):
		return []step{*u.takesBack(4, activities.TakeBackDomainRequest, "domain request and its DNS zone",
			activities.TakeBackInput{SubscriptionID: u.input.DomainSubscriptionID, Domain: u.domain.Name})}
	case number == 3 && u.domain != nil && u.domain.Subscription == 0 && u.began(3):
		return []step{*u.takesBack(3, activities.TakeBackDomainSubscription, fmt.Sprintf("domain subscription %d", u.input.DomainSubscriptionID),
			activities.TakeBackInput{SubscriptionID: u.input.DomainSubscriptionID,
				DomainID: u.knownDomain(), Domain: u.domain.Name})}
	case number == 1:
		return u.undoAccount()
	}
	return nil
}

// undoHosting takes back the hosting subscription. Its removal ends the services that it
// provides.
func (u *unitRun) undoHosting() []step {
	var whole, parts *step
	if u.hosting.Subscription == 0 && u.began(8) {
		whole = u.takesBack(8, activities.TakeBackHostingSubscription, fmt.Sprintf("hosting subscription %d", u.input.HostingSubscriptionID),
			activities.TakeBackInput{SubscriptionID: u.input.HostingSubscriptionID})
	}
	if u.domain != nil && (u.began(9) || u.began(ModelSteps)) {
		parts = u.takesBack(9, activities.TakeBackServices, "services of the hosting subscription on the domain",
			activities.TakeBackInput{SubscriptionID: u.input.HostingSubscriptionID, DomainID: u.knownDomain(), Domain: u.domain.Name})
	}
	return u.together(whole, parts, "ended with the hosting subscription")
}

// undoAccount takes back the account. Its removal ends its staff members.
func (u *unitRun) undoAccount() []step {
	var whole, parts *step
	if u.input.NewAccount && u.began(1) {
		whole = u.takesBack(1, activities.TakeBackAccount, fmt.Sprintf("account %d", u.input.AccountID), activities.TakeBackInput{})
	}
	if len(u.input.Users) > 0 && u.began(2) {
		parts = u.takesBack(2, activities.TakeBackMembers, "staff members of the account", activities.TakeBackInput{Users: u.input.Users})
	}
	return u.together(whole, parts, "ended with the account")
}

// together takes back a whole and then what its removal has not ended: parts that no known
// call removes are listed for a person only if the whole stays. Either may be nil.
func (u *unitRun) together(whole, parts *step, ended string) []step {
	var steps []step
	var line *messages.UndoLine
	if whole != nil {
		run := whole.run
		whole.run = func(ctx workflow.Context) (outcome, error) {
			line = u.undoLine()
			return run(ctx)
		}
		steps = append(steps, *whole)
	}
	if parts != nil {
		run := parts.run
		parts.run = func(ctx workflow.Context) (outcome, error) {
			switch {
			case line == nil || line.State != messages.UndoDone:
				return run(ctx)
			case parts.perhaps:
				return u.became(messages.UndoNothing, ended), nil
			}
			return u.became(messages.UndoDone, ended), nil
		}
		steps = append(steps, *parts)
	}
	return steps
}

// undoLine is the line of the step of the undo that is under way.
func (u *unitRun) undoLine() *messages.UndoLine { return &u.undone[u.current-u.forward()-1] }

// undoRecord looks whether the domain stands in Billing. Nothing is removed there, and what
// stands there is not removed in Operations either: a person terminates it in Billing.
func (u *unitRun) undoRecord() step {
	const thing = "the domain's record in Billing"
	const why = "terminate the domain subscription in Billing, and what goes with it"
	return step{title: "Undo: " + thing, thing: thing, expects: "kept, if it is there: " + why, optional: true,
		perhaps: u.onlyPerhaps(ModelSteps + 1), run: func(ctx workflow.Context) (outcome, error) {
			var record activities.FindRecordResult
			u.inBilling = true // unless Billing says otherwise
			err := u.afterLateCalls(ctx, ModelSteps+1, func() (bool, error) {
				var err error
				record, err = call(ctx, u, "Undo: "+thing, calls.Billing.FindRecord,
					activities.FindRecordInput{AccountID: u.input.AccountID, Domain: u.domain.Name})
				return record.DomainID != 0, err
			})
			switch {
			case err != nil:
				return outcome{}, err
			case record.DomainID == 0 && u.billingDomainID == 0:
				u.inBilling = false
				return u.became(messages.UndoNothing, "Billing does not have it"), nil
			}
			return u.became(messages.UndoKept, fmt.Sprintf("domain %d stands in Billing: %s", cmp.Or(record.DomainID, u.billingDomainID), why)), nil
		}}
}

// knownDomain is the domain's id in Operations.
func (u *unitRun) knownDomain() int {
	if u.domainID != 0 {
		return u.domainID
	}
	return u.input.DomainID
}

// lateWithin is how long a call to Operations that was cut short may still take effect; the
// client gives up after 90 s.
const lateWithin = 2 * time.Minute

// afterLateCalls looks for what a step has made. If there is nothing and the step was cut short,
// it looks once more when a call that was under way can no longer arrive.
func (u *unitRun) afterLateCalls(ctx workflow.Context, number int, look func() (there bool, err error)) error {
	there, err := look()
	if err != nil || there || !u.wasCutShort(number) {
		return err
	}
	if err := workflow.Sleep(ctx, lateWithin); err != nil {
		return err
	}
	_, err = look()
	return err
}

// takesBack is the undo of something that an order made in Operations.
func (u *unitRun) takesBack(number int, what activities.TakeBackWhat, title string, input activities.TakeBackInput) *step {
	input.What, input.OrderNumber, input.Revision = what, u.input.OrderNumber, u.revision
	input.Item, input.AccountID = u.input.Unit.Item, u.input.AccountID
	return &step{
		title: "Undo: " + title, thing: title, optional: true, expects: "removed, if this order made it and nothing else uses it",
		perhaps: u.onlyPerhaps(number),
		run: func(ctx workflow.Context) (outcome, error) {
			input.InBilling = u.inBilling && input.SubscriptionID != 0
			var result activities.TakeBackResult
			err := u.afterLateCalls(ctx, number, func() (bool, error) {
				var err error
				result, err = call(ctx, u, trim("Undo: "+title, 200), calls.Operations.TakeBack, input)
				return result.Outcome != activities.TakeBackNothing, err
			})
			if err != nil {
				return outcome{}, err
			}
			return u.became(messages.UndoState(result.Outcome), result.Note), nil
		},
	}
}

// keep is the undo of something that stays.
func (u *unitRun) keep(title, why string) step {
	return step{title: "Undo: " + title, thing: title, expects: why, run: func(workflow.Context) (outcome, error) {
		return u.became(messages.UndoKept, why), nil
	}}
}

// became records what has become of the thing whose undo is under way.
func (u *unitRun) became(state messages.UndoState, note string) outcome {
	u.undoLine().State = state
	if note == "" {
		note = string(state)
	}
	return outcome{note: note, skipped: state != messages.UndoDone}
}

// leftOver says what an undo has left, "" if nothing.
func (u *unitRun) leftOver() string {
	var left []string
	for _, line := range u.undone {
		if line.State != messages.UndoDone && line.State != messages.UndoNothing {
			left = append(left, fmt.Sprintf("%s (%s: %s)", line.Title, line.State, line.Note))
		}
	}
	if len(left) == 0 {
		return ""
	}
	return trim("left after the undo: "+strings.Join(left, "; "), 4000)
}
