package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"domainprovisioning/messages"
)

// DefaultPendingDeadline is how long a request may stay pending before a person is told.
// Most registries answer within hours, the slow ones within days.
const DefaultPendingDeadline = 5 * 24 * time.Hour

// maxEvents limits how many confirmations a run remembers.
const maxEvents = 1000

// listen receives confirmations from the start, because one may arrive before step 6 has
// returned. The SDK logs and drops a malformed one.
func (u *unitRun) listen(ctx workflow.Context) {
	channel := messages.Confirmed().Channel(ctx)
	workflow.Go(ctx, func(ctx workflow.Context) {
		for {
			var confirmation messages.Confirmation
			if !channel.Receive(ctx, &confirmation) {
				return
			}
			u.hear(ctx, confirmation)
		}
	})
	troubles := messages.Troubled().Channel(ctx)
	workflow.Go(ctx, func(ctx workflow.Context) {
		for {
			var trouble messages.Trouble
			if !troubles.Receive(ctx, &trouble) {
				return
			}
			u.hearTrouble(ctx, trouble)
		}
	})
}

// hear records a confirmation. A repeated event changes nothing. The workflow does not
// believe what an event claims, but asks the registrar.
func (u *unitRun) hear(ctx workflow.Context, confirmation messages.Confirmation) {
	if confirmation.EventID == "" || u.events[confirmation.EventID] {
		return
	}
	if confirmation.Source == messages.FromLedger && u.hearLedger(ctx, confirmation) {
		u.events[confirmation.EventID] = true // whatever others have sent
		return
	}
	if len(u.events) >= maxEvents {
		workflow.GetLogger(ctx).Warn("workflows: too many confirmations, ignoring one", "source", confirmation.Source)
		return
	}
	u.events[confirmation.EventID] = true
	u.unread++
}
