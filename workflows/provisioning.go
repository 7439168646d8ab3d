package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"domainprovisioning/activities"
	"domainprovisioning/domains"
	"domainprovisioning/messages"
	"domainprovisioning/orders"
	"domainprovisioning/registrars"
)

// calls are the activities by room. The nil pointers are typed references: the
// SDK reads the names of the methods from them and never calls them.
var calls struct {
	Operations *activities.Operations
	Registrar  *activities.Registrar
	Billing    *activities.Billing
	Orders     *activities.Orders
}

// provisioning is the state of one run.
type provisioning struct {
	input   ProvisioningInput
	domain  *orders.DomainOrder  // nil: hosting without a domain
	hosting *orders.HostingOrder // nil: a domain without hosting

	// Filled by the steps, in their order.
	accountUser     int                 // 1, existing account: its first user
	zoneServers     domains.NameServers // 4
	nameServers     domains.NameServers // 5: what the domain is delegated to
	main            *request            // 6 and 10: what was ordered of the registrar
	before          activities.ReadDomainResult
	created         bool // 7
	domainID        int  // 7 and 11
	bound           bool // 9 and 12
	billingDomainID int
	expires         time.Time
	differences     []string
	unchanged       string // why the steps that are left have nothing to do
	withdrawn       bool   // the registry gave up waiting for somebody's consent

	// Filled by messages.
	events        map[string]bool // ids of the confirmations seen
	unread        int             // confirmations that have not led to a look yet
	retry         *messages.Retry // a person's command that has not been acted on yet
	allowTakeover bool

	// What people see.
	request   *request // the request of the step that is under way, if it has one
	steps     []messages.StepProgress
	state     messages.State
	current   int                 // number of the step that is under way
	attention *messages.Attention // the order is parked, or its deadline has passed
	standing  standing            // what needs a person while the order goes on
	notes     []string
	published published
}

// step is one line of a model. run may be called again after it failed.
type step struct {
	title string
	run   func(workflow.Context) (outcome, error)
	// request is the request to the registrar that the step is about, if any.
	request *request
}

// outcome is how a step ended well.
type outcome struct {
	skipped bool
	note    string // without personal data: it is shown in the Web UI
}

// setup makes the state and sets the handlers, before anything can block.
func setup(ctx workflow.Context, input ProvisioningInput) (*provisioning, error) {
	p := &provisioning{
		input:   input,
		domain:  input.Unit.Domain,
		hosting: input.Unit.Hosting,
		main:    &request{kind: mainKind(input.Unit)},
		events:  make(map[string]bool),
		state:   messages.Running,
		// What InitialSearchAttributes has set.
		published: published{step: 1, state: messages.Running},
	}
	if p.input.PendingDeadline <= 0 {
		p.input.PendingDeadline = DefaultPendingDeadline
	}
	if p.domain == nil && p.hosting == nil {
		return nil, temporal.NewNonRetryableApplicationError(
			"workflows: the order has neither a domain nor hosting", string(registrars.ClassInvalid), nil)
	}
	if err := messages.ReadProgress().Handle(ctx, p.progress); err != nil {
		return nil, err
	}
	if err := messages.RetryStep().Handle(ctx, p.handleRetry, p.validateRetry); err != nil {
		return nil, err
	}
	p.listen(ctx)
	return p, nil
}

// perform runs the steps in order. A step that meets a permanent error parks the
// order until a person has put the cause right; then the same step runs again.
// Nothing that is done already is repeated.
func (p *provisioning) perform(ctx workflow.Context, steps ...step) error {
	p.steps = make([]messages.StepProgress, len(steps))
	for i, s := range steps {
		p.steps[i] = messages.StepProgress{Number: i + 1, Title: s.title, State: messages.StepOpen}
	}
	for i, s := range steps {
		if p.unchanged != "" {
			p.steps[i].State, p.steps[i].Note = messages.StepSkipped, p.unchanged
			continue
		}
		if err := p.performStep(ctx, s, &p.steps[i]); err != nil {
			return err
		}
	}
	return nil
}

func (p *provisioning) performStep(ctx workflow.Context, s step, line *messages.StepProgress) error {
	p.current, p.request = line.Number, s.request
	line.StartedAt = workflow.Now(ctx)
	for {
		line.State = messages.StepRunning
		p.state = messages.Running
		if err := p.publish(ctx); err != nil {
			return err
		}
		result, err := s.run(ctx)
		p.standing.trouble = nil
		if err == nil {
			line.State, line.Note, line.FinishedAt = messages.StepDone, result.note, workflow.Now(ctx)
			if result.skipped {
				line.State = messages.StepSkipped
			}
			return nil
		}
		if ctx.Err() != nil {
			// Whatever the step says: it was cut short.
			return ctx.Err()
		}
		if err := p.park(ctx, s, line, err); err != nil {
			return err
		}
	}
}

// userIDs returns the users behind the contacts. Where the order names none, the
// existing account's first user stands for it.
func (p *provisioning) userIDs() UserIDs {
	users := p.input.UserIDs
	for _, id := range []*int{&users.Owner, &users.Admin, &users.Tech, &users.Billing} {
		if *id == AccountUser {
			*id = p.accountUser
		}
	}
	return users
}

func (p *provisioning) result() *ProvisioningResult {
	return &ProvisioningResult{
		OrderNumber:           p.input.OrderNumber,
		AccountID:             p.input.AccountID,
		DomainSubscriptionID:  p.input.DomainSubscriptionID,
		HostingSubscriptionID: p.input.HostingSubscriptionID,
		DomainID:              p.domainID,
		BillingDomainID:       p.billingDomainID,
		RegistrarReference:    p.main.state.Reference,
		Unchanged:             p.unchanged,
		Expires:               p.expires,
		Differences:           p.differences,
	}
}

// end records how the order ended, frees the domain's name for another order,
// and passes the error of the run on. It runs after a cancellation too.
func (p *provisioning) end(ctx workflow.Context, cause error) error {
	ctx, cancel := workflow.NewDisconnectedContext(ctx)
	defer cancel()
	p.standing.trouble, p.standing.recording = nil, true
	switch {
	case cause == nil && p.withdrawn:
		p.state = messages.Cancelled
	case cause == nil:
		p.state = messages.Done
	case temporal.IsCanceledError(cause):
		p.state = messages.Cancelled
	default:
		p.state = messages.Failed
	}
	var recorded activities.RecordOutcomeResult
	err := workflow.ExecuteActivity(storeCall(ctx, "Record the outcome"), calls.Orders.RecordOutcome,
		activities.RecordOutcomeInput{
			OrderNumber: p.input.OrderNumber, Item: p.input.Unit.Item, State: string(p.state), Left: p.left(),
		}).Get(ctx, &recorded)
	p.standing.trouble, p.standing.recording = nil, false
	if published := p.publish(ctx); err == nil {
		err = published
	}
	if err == nil {
		err = workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) })
	}
	if cause != nil {
		return cause
	}
	return err
}
