package workflows

import (
	"errors"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"domainprovisioning/activities"
	"domainprovisioning/domains"
	"domainprovisioning/messages"
	"domainprovisioning/registrars"
)

// request is one request to the registrar: handed over once, then waited for.
type request struct {
	kind     registrars.Kind
	settings domains.Settings
	// expires is when the domain expires before a renewal.
	expires time.Time

	state       activities.RequestState
	submittedAt time.Time
	confirmedAt time.Time
	handed      bool // the registrar may have it
	reopenings  int  // times a person asked for a new request
	asked       int  // reopenings that the newest request has seen
	looking     bool // the last look failed, or is under way
	asking      bool // the registrar is being asked right now
	// nothingThere: a person has found nothing of it at the registrar.
	nothingThere bool
}

// what names the request for people.
func (r *request) what() string { return strings.ReplaceAll(string(r.kind), "-", " ") }

// submit hands the request over. It runs again when the registrar has failed or
// cancelled the request: a person's retry submits it anew, and a confirmation makes
// it look, because the registrar's support may have restarted the operation by hand.
func (p *provisioning) submit(ctx workflow.Context, r *request) error {
	if r.ended() != nil && r.asked == r.reopenings {
		if err := p.look(ctx, r); err != nil {
			return err
		}
		return r.ended()
	}
	input := activities.SubmitRequestInput{
		OrderNumber: p.input.OrderNumber, Item: p.input.Unit.Item, AccountID: p.input.AccountID,
		Registrar: p.domain.Registrar, Kind: r.kind, Domain: p.domain.Name, TLD: p.domain.TLD,
		Expires: r.expires, Settings: r.settings, Reopenings: r.reopenings, NothingThere: r.nothingThere,
	}
	r.nothingThere = false
	switch r.kind {
	case registrars.Registration:
		input.Years, input.NameServers = p.domain.Years, p.nameServers
	case registrars.Transfer, registrars.NameServerChange:
		input.NameServers = p.nameServers
	case registrars.Renewal:
		input.Years = p.domain.Years
	}
	if len(r.kind.Roles()) > 0 {
		input.Contacts = p.input.Contacts
	}
	r.handed = true
	err := workflow.ExecuteActivity(
		registrarCall(ctx, p.domain.Registrar, p.summary("Submit %s to %s", r.what(), p.domain.Registrar)),
		calls.Registrar.SubmitRequest, input).Get(ctx, &r.state)
	// The ledger may have seen more retries than this run: a run before it was
	// terminated, and its order placed again.
	r.reopenings = max(r.reopenings, r.state.Reopened)
	r.submittedAt, r.asked = workflow.Now(ctx), r.reopenings
	if failure, ok := errors.AsType[*temporal.ApplicationError](err); ok && failure.Type() != string(registrars.ClassOutcomeUnknown) {
		r.handed = false // it was refused
	}
	if err != nil {
		return err
	}
	if r.state.Status == registrars.StatusDone {
		r.confirmedAt = r.submittedAt
	}
	return r.ended()
}

// confirm waits until the registrar has finished the request. It holds one timer,
// and adds nothing to the history while it waits: the watch or a callback sends the
// confirmation.
func (p *provisioning) confirm(ctx workflow.Context, r *request) error {
	switch {
	case r.ended() != nil:
		if err := p.submit(ctx, r); err != nil {
			return err
		}
	case r.looking:
		// The last look failed for good, and a person has put the cause right.
		if err := p.look(ctx, r); err != nil {
			return err
		}
	}
	for r.state.Status != registrars.StatusDone {
		if err := r.ended(); err != nil {
			return err
		}
		if err := p.awaitHint(ctx, r); err != nil {
			return err
		}
		if err := p.look(ctx, r); err != nil {
			return err
		}
	}
	p.attention = nil
	return nil
}

// carryOut submits a request and waits for it, in one step.
func (p *provisioning) carryOut(ctx workflow.Context, r *request) error {
	if r.state.Status == "" {
		if err := p.submit(ctx, r); err != nil {
			return err
		}
	}
	return p.confirm(ctx, r)
}

// awaitHint waits for a reason to look. When the deadline passes it tells a
// person, and goes on waiting: pending is neither failure nor success.
func (p *provisioning) awaitHint(ctx workflow.Context, r *request) error {
	p.state = messages.Waiting
	line := &p.steps[p.current-1]
	line.State = messages.StepWaiting
	line.Note = "operation " + r.state.Reference + " is " + string(r.state.Status)
	deadline := r.submittedAt.Add(p.input.PendingDeadline)
	if p.attention == nil && deadline.After(workflow.Now(ctx)) {
		if err := p.publish(ctx); err != nil {
			return err
		}
		heard, err := workflow.AwaitWithOptions(ctx, workflow.AwaitOptions{
			Timeout: deadline.Sub(workflow.Now(ctx)),
			TimerOptions: workflow.TimerOptions{
				Summary: p.summary("Registrar confirms the %s, or a person is told", r.what()),
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

// look asks how the request stands and acts on what the registrar says, not on what
// a confirmation claimed.
func (p *provisioning) look(ctx workflow.Context, r *request) error {
	p.unread = 0
	p.takeRetry(p.current)
	r.looking, r.asking = true, true
	p.state = messages.Running
	var state activities.RequestState
	err := workflow.ExecuteActivity(registrarCall(ctx, p.domain.Registrar, p.summary("Ask how the %s stands", r.what())),
		calls.Registrar.ConfirmRequest,
		activities.ConfirmRequestInput{Registrar: p.domain.Registrar, Key: r.state.Key}).Get(ctx, &state)
	r.asking, p.standing.trouble = false, nil
	if err != nil {
		return err
	}
	state.OwnerHandle = r.state.OwnerHandle
	r.state, r.looking = state, false
	if state.Status == registrars.StatusDone {
		r.confirmedAt = workflow.Now(ctx)
	}
	return nil
}

// ended is the reason to park an order whose request the registrar has failed or
// cancelled.
func (r *request) ended() error {
	if r == nil {
		return nil
	}
	switch r.state.Status {
	case registrars.StatusFailed, registrars.StatusCancelled:
	default:
		return nil
	}
	reason := string(r.kind) + "-" + string(r.state.Status)
	return temporal.NewApplicationErrorWithOptions(
		"workflows: operation "+r.state.Reference+" ended: "+reason, reason,
		temporal.ApplicationErrorOptions{
			NonRetryable: true,
			Details:      []any{activities.Trouble{Class: registrars.ClassRejected, Detail: r.state.Reason}},
		})
}

// wakes reports whether a confirmation is news for a parked order: its request had
// ended, and may have been restarted, or the last look at it failed.
func (r *request) wakes() bool { return r != nil && (r.ended() != nil || r.looking) }

// asksAnew reports whether a person who tries a step again asks for a new request
// to the registrar: when none was taken yet, where the ledger decides whether the
// last one was refused, and when the newest has ended without success. Any other
// trouble is tried again by looking.
func (r *request) asksAnew() bool {
	return r != nil && (r.state.Status == "" || r.ended() != nil)
}
