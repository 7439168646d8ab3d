package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"domainprovisioning/activities"
	"domainprovisioning/messages"
	"domainprovisioning/registrars"
)

// DefaultPendingDeadline is how long a registration may stay pending before a
// person is told: most registries answer within hours, the slow ones within days.
const DefaultPendingDeadline = 5 * 24 * time.Hour

// maxEvents bounds how many confirmations a run remembers, whoever sends them.
const maxEvents = 1000

// listen takes confirmations from the start on: one may come before step 6 has
// returned. A malformed one is logged and dropped by the SDK.
func (p *provisioning) listen(ctx workflow.Context) {
	channel := messages.Confirmed().Channel(ctx)
	workflow.Go(ctx, func(ctx workflow.Context) {
		for {
			var confirmation messages.Confirmation
			if !channel.Receive(ctx, &confirmation) {
				return
			}
			p.hear(ctx, confirmation)
		}
	})
}

// hear notes a confirmation. Doubled ones change nothing; what an event claims
// is not believed but makes the workflow look.
func (p *provisioning) hear(ctx workflow.Context, confirmation messages.Confirmation) {
	if confirmation.EventID == "" || p.events[confirmation.EventID] {
		return
	}
	if len(p.events) >= maxEvents {
		workflow.GetLogger(ctx).Warn("workflows: too many confirmations, ignoring one", "source", confirmation.Source)
		return
	}
	p.events[confirmation.EventID] = true
	p.unread++
}

// awaitConfirmation is step 10. It holds one timer, and adds nothing to the
// history while it waits: the watch or a callback sends the confirmation.
func (p *provisioning) awaitConfirmation(ctx workflow.Context) (outcome, error) {
	if p.domain == nil {
		return skipped(noDomain), nil
	}
	if p.registration.Status == registrars.StatusDone {
		return done("confirmed with the answer to step 6"), nil
	}
	switch {
	case p.registrationError() != nil:
		if _, err := p.submitRegistration(ctx); err != nil {
			return outcome{}, err
		}
	case p.looking:
		// The last look failed for good, and a person has put the cause right.
		if err := p.look(ctx); err != nil {
			return outcome{}, err
		}
	}
	for p.registration.Status != registrars.StatusDone {
		if err := p.registrationError(); err != nil {
			return outcome{}, err
		}
		if err := p.awaitHint(ctx); err != nil {
			return outcome{}, err
		}
		if err := p.look(ctx); err != nil {
			return outcome{}, err
		}
	}
	p.attention = nil
	p.registeredAt = workflow.Now(ctx)
	return done("operation %s is %s", p.registration.Reference, p.registration.Word), nil
}

// awaitHint waits for a reason to look. When the deadline passes it tells a
// person, and goes on waiting: pending is neither failure nor success.
func (p *provisioning) awaitHint(ctx workflow.Context) error {
	p.state = messages.Waiting
	line := &p.steps[p.current-1]
	line.State = messages.StepWaiting
	line.Note = "operation " + p.registration.Reference + " is " + string(p.registration.Status)
	deadline := p.submittedAt.Add(p.input.PendingDeadline)
	if p.attention == nil && deadline.After(workflow.Now(ctx)) {
		if err := p.publish(ctx); err != nil {
			return err
		}
		heard, err := workflow.AwaitWithOptions(ctx, workflow.AwaitOptions{
			Timeout: deadline.Sub(workflow.Now(ctx)),
			TimerOptions: workflow.TimerOptions{
				Summary: "10 Registrar confirms, or a person is told",
			},
		}, p.hinted)
		if err != nil || heard {
			return err
		}
	}
	if p.attention == nil {
		p.raise(ctx, "deadline-passed", "The registrar has not finished within "+p.input.PendingDeadline.String()+
			". The order goes on waiting and completes when the registrar does.", "retry", "confirm")
	}
	p.state = messages.NeedsAttention
	if err := p.publish(ctx); err != nil {
		return err
	}
	return workflow.Await(ctx, p.hinted)
}

// hinted reports whether there is a reason to ask the registrar: a confirmation,
// or a person who presses on.
func (p *provisioning) hinted() bool { return p.unread > 0 || p.retry != nil }

// look asks how the registration stands and acts on what the registrar says, not
// on what a confirmation claimed.
func (p *provisioning) look(ctx workflow.Context) error {
	p.unread = 0
	p.takeRetry(p.current)
	p.looking, p.asking = true, true
	var registration activities.Registration
	err := workflow.ExecuteActivity(registrarCall(ctx, p.domain.Registrar, "10 Ask how the registration stands"),
		calls.Registrar.ConfirmRegistration,
		activities.ConfirmRegistrationInput{Registrar: p.domain.Registrar, Key: p.registration.Key}).Get(ctx, &registration)
	p.asking = false
	if err != nil {
		return err
	}
	registration.OwnerHandle = p.registration.OwnerHandle
	p.registration, p.looking = registration, false
	return nil
}

// registrationError is the reason to park an order whose registration the
// registrar has failed or cancelled.
func (p *provisioning) registrationError() error {
	switch p.registration.Status {
	case registrars.StatusFailed:
		return p.registrationEnded("registration-failed")
	case registrars.StatusCancelled:
		return p.registrationEnded("registration-cancelled")
	default:
		return nil
	}
}

func (p *provisioning) registrationEnded(reason string) error {
	return temporal.NewApplicationErrorWithOptions(
		"workflows: operation "+p.registration.Reference+" ended: "+reason, reason,
		temporal.ApplicationErrorOptions{
			NonRetryable: true,
			Details:      []any{activities.Trouble{Class: registrars.ClassRejected, Detail: p.registration.Reason}},
		})
}
