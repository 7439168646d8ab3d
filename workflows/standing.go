package workflows

import (
	"fmt"
	"slices"

	"go.temporal.io/sdk/workflow"

	"domainprovisioning/messages"
)

// standing is what needs a person while the order goes on by itself. It is shown where
// nothing else needs one, and changes nothing of what the order does.
type standing struct {
	// trouble is a call that has been tried again for long. It is over when a try succeeds.
	trouble *messages.Attention
	// alarms are requests that may have been paid twice, and that nobody has settled.
	alarms []alarm
	// recording: the order has ended, and that is being recorded.
	recording bool
}

// alarm is a request that may have been paid twice, by the ledger's event.
type alarm struct {
	eventID   string
	attention messages.Attention
}

// shownAttention is why a person is needed, the most pressing reason first.
func (u *unitRun) shownAttention() *messages.Attention {
	switch {
	case u.attention != nil:
		return u.attention
	case len(u.standing.alarms) > 0:
		return &u.standing.alarms[0].attention
	}
	return u.standing.trouble
}

// shownState is the state as people see it: an order that goes on and needs a person all
// the same needs attention. One whose end cannot be recorded has not ended for anybody else.
func (u *unitRun) shownState() messages.State {
	unrecorded := u.standing.recording && u.standing.trouble != nil
	if unrecorded || !u.state.Closed() && u.shownAttention() != nil {
		return messages.NeedsAttention
	}
	return u.state
}

// hearTrouble shows a call that has been tried for long. A signal of a try that nobody
// waits for any more is ignored: its process stood still.
func (u *unitRun) hearTrouble(ctx workflow.Context, trouble messages.Trouble) {
	calling := u.attention == nil && u.state == messages.Running
	if !calling && !u.standing.recording {
		return
	}
	u.standing.trouble = &messages.Attention{
		Step: u.current, Reason: messages.Trying(trouble.Class), Since: trouble.Since, Actions: []string{},
		Message: fmt.Sprintf("%s has failed %d times, and is tried again by itself. The last error: %s",
			trouble.Activity, trouble.Attempt, trim(trouble.Message, 1000)),
	}
	u.show(ctx)
}

// hearLedger takes what the ledger itself says of the order's requests. It reports false for
// what is a hint to look like any other. A settlement may come before its alarm.
func (u *unitRun) hearLedger(ctx workflow.Context, news messages.Confirmation) bool {
	switch news.Claim {
	case messages.PerhapsPaidTwice:
		message := "A request that had been given up for lost and was made once more has reached the registrar twice, or may have: operations " +
			news.Reference + ". Find out there whether both were paid for, and settle it."
		u.notes = append(u.notes, message)
		if !u.events[settled+news.EventID] {
			u.standing.alarms = append(u.standing.alarms, alarm{news.EventID, messages.Attention{
				Step: u.current, Reason: messages.ReasonPerhapsPaidTwice, Since: workflow.Now(ctx), Actions: []string{"settle"}, Message: message,
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

// settled begins the id of the event that settles another; see store.SettleLooseEnd.
const settled = "settled/"

// show publishes from a handler, where nobody takes an error.
func (u *unitRun) show(ctx workflow.Context) {
	if err := u.publish(ctx); err != nil {
		workflow.GetLogger(ctx).Warn("workflows: the order's state could not be published", "error", err)
	}
}
