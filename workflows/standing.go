package workflows

import (
	"fmt"

	"go.temporal.io/sdk/workflow"

	"domainprovisioning/messages"
)

// standing is what needs a person while the order goes on by itself. It is shown where
// nothing else needs one, and changes nothing of what the order does.
type standing struct {
	// trouble is a call that has been tried again for long. It is over when a try succeeds.
	trouble *messages.Attention
	// alarm is a request that may have been paid twice, until a person has settled it.
	alarm *messages.Attention
	// alarms counts those that are not settled.
	alarms int
}

// shownAttention is why a person is needed, the most pressing reason first.
func (p *provisioning) shownAttention() *messages.Attention {
	for _, attention := range []*messages.Attention{p.attention, p.standing.alarm, p.standing.trouble} {
		if attention != nil {
			return attention
		}
	}
	return nil
}

// shownState is the state as people see it: an order that goes on and needs a person all
// the same needs attention.
func (p *provisioning) shownState() messages.State {
	if !p.state.Closed() && p.shownAttention() != nil {
		return messages.NeedsAttention
	}
	return p.state
}

// hearTrouble shows a call that has been tried for long. A signal of a try that nobody
// waits for any more is ignored: its process stood still.
func (p *provisioning) hearTrouble(ctx workflow.Context, trouble messages.Trouble) {
	if p.attention != nil || p.state != messages.Running {
		return
	}
	p.standing.trouble = &messages.Attention{
		Step: p.current, Reason: "trying: " + trouble.Class, Since: trouble.Since, Actions: []string{},
		Message: fmt.Sprintf("%s has failed %d times, and is tried again by itself. The last error: %s",
			trouble.Activity, trouble.Attempt, trim(trouble.Message, 1000)),
	}
	p.show(ctx)
}

// alarm shows that a request may have been paid twice.
func (p *provisioning) alarm(ctx workflow.Context, confirmation messages.Confirmation) {
	message := "The registrar has answered a request that had been given up for lost and was made once more: operations " +
		confirmation.Reference + ". Find out there whether both were paid for, and settle it."
	p.notes = append(p.notes, message)
	p.standing.alarms++
	p.standing.alarm = &messages.Attention{
		Step: p.current, Reason: messages.PerhapsPaidTwice, Since: workflow.Now(ctx), Actions: []string{"settle"}, Message: message,
	}
	p.show(ctx)
}

// settle takes an alarm away.
func (p *provisioning) settle(ctx workflow.Context) {
	if p.standing.alarms--; p.standing.alarms <= 0 {
		p.standing.alarms, p.standing.alarm = 0, nil
	}
	p.show(ctx)
}

// show publishes from a handler, where nobody takes an error.
func (p *provisioning) show(ctx workflow.Context) {
	if err := p.publish(ctx); err != nil {
		workflow.GetLogger(ctx).Warn("workflows: the order's state could not be published", "error", err)
	}
}
