package workflows

import (
	"fmt"
	"slices"

	"go.temporal.io/sdk/workflow"

	"domainprovisioning/messages"
)

// standing is trouble that needs a person while the order goes on by itself. It is shown
// only if the order is not parked, and does not change what the order does.
type standing struct {
	// trouble is a call that has been retried for a long time. It ends when a try succeeds.
	trouble *messages.Attention
	// alarms are requests that may have been paid twice and that nobody has settled yet.
	alarms []alarm
	// recording is true while the outcome of the order is being recorded.
	recording bool
}

// alarm is a request that may have been paid twice, with the id of the ledger's event.
type alarm struct {
	eventID   string
	attention messages.Attention
}

// shownAttention returns the most urgent reason why a person is needed, with what may be
// done about it, or nil.
func (u *unitRun) shownAttention() *messages.Attention {
	urgent := u.standing.trouble
	switch {
	case u.attention != nil:
		urgent = u.attention
	case len(u.standing.alarms) > 0:
		urgent = &u.standing.alarms[0].attention
	}
	if urgent == nil {
		return nil
	}
	shown := *urgent
	if shown.Actions = u.actions(); shown.Actions == nil {
		shown.Actions = []messages.Action{}
	}
	return &shown
}

// shownState is the state that people see. An order that goes on but has trouble needs
// attention, and so does one whose outcome cannot be recorded.
func (u *unitRun) shownState() messages.State {
	unrecorded := u.standing.recording && u.standing.trouble != nil
	needed := u.attention != nil || len(u.standing.alarms) > 0 || u.standing.trouble != nil
	switch {
	case unrecorded || !u.state.Closed() && needed:
		return messages.NeedsAttention
	case u.givenUp != nil && !u.givenUp.Keep && !u.state.Closed():
		return messages.Undoing
	}
	return u.state
}

// hearTrouble shows a call that has been retried for a long time. It ignores a signal from
// an attempt that the workflow no longer waits for, whose process stood still.
func (u *unitRun) hearTrouble(ctx workflow.Context, trouble messages.Trouble) {
	calling := u.attention == nil && u.state == messages.Running
	if !calling && !u.standing.recording {
		return
	}
	u.standing.trouble = &messages.Attention{
		Step: u.current, Reason: messages.Trying(trouble.Class), Since: trouble.Since,
		Message: fmt.Sprintf("%s has failed %d times, and is tried again by itself. The last error: %s",
			trouble.Activity, trouble.Attempt, trim(trouble.Message, 1000)),
	}
	u.show(ctx)
}

// hearLedger handles news from our own ledger about the order's requests. It returns false
// if the news is a hint like any other. A settlement may arrive before its alarm.
func (u *unitRun) hearLedger(ctx workflow.Context, news messages.Confirmation) bool {
	switch news.Claim {
	case messages.PerhapsPaidTwice:
		message := "A request that had been given up for lost and was made once more has reached the registrar twice, or may have: operations " +
			news.Reference + ". Find out there whether both were paid for, and settle it."
		u.notes = append(u.notes, message)
		if !u.events[settled+news.EventID] {
			u.standing.alarms = append(u.standing.alarms, alarm{news.EventID, messages.Attention{
				Step: u.current, Reason: messages.ReasonPerhapsPaidTwice, Since: workflow.Now(ctx), Message: message,
			}})
		}
	case messages.Settled:
		u.standing.alarms = slices.DeleteFunc(u.standing.alarms, func(a alarm) bool { return settled+a.eventID == news.EventID })
	default:
		return false
	}
	u.show(ctx)
	return true
}

// settled is the prefix of the id of an event that settles another one; see
// store.SettleLooseEnd.
const settled = "settled/"

// show publishes from a handler, which cannot return an error.
func (u *unitRun) show(ctx workflow.Context) {
	if err := u.publish(ctx); err != nil {
		workflow.GetLogger(ctx).Warn("workflows: the order's state could not be published", "error", err)
	}
}
