package workflows

import (
	"errors"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"domainprovisioning/activities"
	"domainprovisioning/domains"
	"domainprovisioning/messages"
	"domainprovisioning/orders"
	"domainprovisioning/registrars"
)

// calls names the activities. The pointers stay nil: the SDK reads the names of the
// methods from them and never calls them.
var calls struct {
	Operations *activities.Operations
	Registrar  *activities.Registrar
	Billing    *activities.Billing
	Orders     *activities.Orders
}

// unitRun is the state of one workflow run, which carries one unit of work.
type unitRun struct {
	input   UnitInput
	domain  *orders.DomainOrder  // nil: hosting without a domain
	hosting *orders.HostingOrder // nil: a domain without hosting
	hosts   domains.Hosts        // name servers below the domain

	// Filled by the steps, in their order.
	accountUser     int                 // 1, existing account: its first user
	zoneServers     domains.NameServers // 4
	systemServers   domains.NameServers // 5: those of the zone
	nameServers     domains.NameServers // 5: what the domain is delegated to in the end
	firstServers    domains.NameServers // 5: what a new domain is delegated to until its hosts exist; nil: nameServers
	main            *request            // 6 and 10: the request to the registrar that was ordered
	before          activities.ReadDomainResult
	created         bool // 7
	domainID        int  // 7 and 11
	bound           bool // 9 and 12
	billingDomainID int
	expires         time.Time
	differences     []string
	unchanged       string // why the remaining steps have nothing to do
	withdrawn       bool   // the registry cancelled the request because somebody did not consent

	// Filled by messages.
	events        map[string]bool // ids of the confirmations seen
	unread        int             // confirmations that the registrar has not been asked about yet
	commands      commands        // of people, not acted on yet
	allowTakeover bool
	revision      int              // of the order, by which this run goes
	givenUp       *messages.Cancel // a person has given the order up
	acting        bool             // on a command
	planRefused   []string         // why the configuration refuses the revision that this run goes by
	interrupt     func()           // cuts short the step that is under way, or what it waits for
	now           func() time.Time // the workflow's time

	again     bool // another run has carried the order before this one
	reset     bool // this run was reset to an earlier point
	inBilling bool // Billing has the domain, by a look during the undo
	cutShort  int  // the step that was under way when the order was given up; 0: none
	unwanted  bool // nobody has asked for this run
	waiting   bool // for the registrar to finish a request
	undo      []step
	undoing   bool
	gaveUpAt  int // the step that was the current one when the order was given up
	undone    []messages.UndoLine

	// What people see.
	request   *request // the request of the current step, if it has one
	steps     []messages.StepProgress
	plan      []step // what the steps do, in the same order
	state     messages.State
	current   int                 // number of the current step
	attention *messages.Attention // the order is parked, or its deadline has passed
	said      string              // what a system has said with it, for the details alone
	standing  standing            // what needs a person while the order goes on
	notes     []string
	// renewAgain: a person was asked whether to renew a domain again.
	renewAgain bool
	published  published
	troubles   []messages.PastAttention // that are over, the latest last
	records    bool                     // the store is told each change of state
	untold     *told                    // the newest state that it was not told yet
	acts       []activities.RecordActInput
	telling    bool
	lanes
}

// step is one line of the checklist. run may be called again after it has failed.
type step struct {
	title string
	run   func(workflow.Context) (outcome, error)
	// request is the request to the registrar that the step submits or waits for, if any.
	request *request
	// reads is true for a step that only reads, and so leaves nothing behind.
	reads bool
	// optional is true for a step that a person may leave out; records for the one that
	// records the domain in Billing, which then needs the id; takesOver for the one that may
	// replace a domain of another account.
	optional, records, takesOver bool
	// thing names what a step of an undo takes back, and expects says what it is going to do
	// about it, as far as that is known before.
	thing, expects string
	// perhaps: the step whose undo this is may never have been begun; see perhapsBegan.
	perhaps bool
}

// outcome says how a step succeeded.
type outcome struct {
	skipped bool
	note    string // without personal data: it is shown in the Web UI
}

// carry runs the steps of a program and records the outcome.
func carry(ctx workflow.Context, input UnitInput, steps func(*unitRun) []step) (*UnitResult, error) {
	u, err := setup(ctx, input)
	if err != nil {
		return nil, err
	}
	u.layOut(steps(u))
	if err = u.admit(ctx); err == nil {
		ctx = u.waitingForCalls(ctx)
		err = u.perform(ctx)
	}
	if u.unwanted {
		return nil, err
	}
	for u.givesUp(ctx, err) {
		if !u.recordGivenUp(ctx) {
			u.takeBack(ctx)
			err = ctx.Err() // nil after a command: its end is a result, and no failure
			break
		}
		ctx = u.comesTooLate(ctx)
		err = u.perform(ctx)
	}
	if err = u.end(ctx, err); err != nil {
		return nil, err
	}
	return u.result(), nil
}

// errGivenUp ends the steps of an order that a person has given up.
var errGivenUp = errors.New("workflows: the order was given up")

// setup creates the state and registers the handlers before anything can block.
func setup(ctx workflow.Context, input UnitInput) (*unitRun, error) {
	u := &unitRun{
		input:     input,
		domain:    input.Unit.Domain,
		hosting:   input.Unit.Hosting,
		main:      &request{kind: mainKind(input.Unit)},
		events:    make(map[string]bool),
		notes:     append([]string(nil), input.Notes...),
		state:     messages.Running,
		now:       func() time.Time { return workflow.Now(ctx) },
		interrupt: func() {},
		// These values are set by InitialSearchAttributes.
		published: published{step: 1, state: messages.Running},
	}
	if u.input.PendingDeadline <= 0 {
		u.input.PendingDeadline = DefaultPendingDeadline
	}
	if u.domain == nil && u.hosting == nil {
		return nil, temporal.NewNonRetryableApplicationError(
			"workflows: the order has neither a domain nor hosting", string(registrars.ClassInvalid), nil)
	}
	if err := messages.ReadProgress().Handle(ctx, u.progress); err != nil {
		return nil, err
	}
	if err := u.handleCommands(ctx); err != nil {
		return nil, err
	}
	u.fast = workflow.GetVersion(ctx, fastLane, workflow.DefaultVersion, 1) != workflow.DefaultVersion
	u.listen(ctx)
	u.record(ctx)
	u.hosts = ordered(u.domain)
	if len(u.hosts) > 0 && !u.knows(ctx, hostsBelowTheName) {
		u.hosts = nil
	}
	return u, nil
}

// layOut shows the steps before the first one begins.
func (u *unitRun) layOut(steps []step) {
	for _, s := range steps {
		u.plan = append(u.plan, s)
		u.steps = append(u.steps, messages.StepProgress{Number: len(u.plan), Title: s.title, State: messages.StepOpen})
	}
}

// perform runs the steps in order. A step that meets a permanent error parks the
// order until a person has corrected the cause; then the same step runs again.
// Finished steps are never repeated.
func (u *unitRun) perform(ctx workflow.Context) error {
	for i := range u.plan {
		if u.unchanged != "" {
			u.steps[i].State, u.steps[i].Note = messages.StepSkipped, u.unchanged
			continue
		}
		switch {
		case u.givenUp != nil:
			return errGivenUp
		case u.fast && ctx.Err() != nil:
			return ctx.Err()
		case u.fast && u.steps[i].State.Ended():
			continue
		}
		if err := u.performStep(ctx, i); err != nil {
			return err
		}
	}
	if u.givenUp != nil {
		return errGivenUp
	}
	return nil
}

// performStep runs the step at a place until it has succeeded, is left out, or the order is
// given up.
func (u *unitRun) performStep(ctx workflow.Context, at int) error {
	s := u.plan[at]
	line := &u.steps[at]
	u.current, u.request = line.Number, s.request
	line.StartedAt, u.ordinary, u.detour = workflow.Now(ctx), false, ""
	for {
		if u.givenUp != nil && at < u.forward() {
			return errGivenUp
		}
		// A command was meant for what the person saw, and not for the next try.
		u.commands = commands{skip: u.commands.skip}
		line.State = messages.StepRunning
		u.state = messages.Running
		if err := u.publish(ctx); err != nil {
			return err
		}
		working, interrupt := workflow.WithCancel(ctx)
		u.interrupt = interrupt
		result, err := u.try(working, s)
		u.standing.trouble, u.waiting = nil, false
		if err == nil {
			u.commands.skip = nil // it came too late
			line.State, line.Note, line.FinishedAt = messages.StepDone, result.note, workflow.Now(ctx)
			if result.skipped {
				line.State = messages.StepSkipped
			}
			if u.detour != "" {
				line.Note += " (the first try failed: " + u.detour + ")"
			}
			return nil
		}
		for err != nil {
			if ctx.Err() != nil {
				// The step was cut short, so its error means nothing.
				return ctx.Err()
			}
			if u.givenUp != nil && at < u.forward() {
				return errGivenUp
			}
			if u.leftOut(line) {
				line.State, line.FinishedAt = messages.StepSkipped, workflow.Now(ctx)
				return nil
			}
			err = u.park(working, s, line, err)
		}
	}
}

// try runs a step. A run that goes by a revision which the configuration refuses does nothing
// until that is corrected.
func (u *unitRun) try(ctx workflow.Context, s step) (outcome, error) {
	if len(u.planRefused) > 0 && u.givenUp == nil {
		return outcome{}, refusedPlan(u.revision, u.planRefused)
	}
	return s.run(ctx)
}

// forward is the number of the order's own steps, before those of its undo.
func (u *unitRun) forward() int { return len(u.plan) - len(u.undo) }

// userIDs returns the users behind the contacts. Where the order names none, it is the
// first user of the existing account.
func (u *unitRun) userIDs() UserIDs {
	users := u.input.UserIDs
	for _, id := range users.All() {
		if *id == AccountUser {
			*id = u.accountUser
		}
	}
	return users
}

func (u *unitRun) result() *UnitResult {
	return &UnitResult{
		OrderNumber:           u.input.OrderNumber,
		AccountID:             u.input.AccountID,
		DomainSubscriptionID:  u.input.DomainSubscriptionID,
		HostingSubscriptionID: u.input.HostingSubscriptionID,
		DomainID:              u.domainID,
		BillingDomainID:       u.billingDomainID,
		RegistrarReference:    u.main.state.Reference,
		Unchanged:             u.unchanged,
		Expires:               u.expires,
		Differences:           u.differences,
		Undone:                u.undone,
	}
}

// end records the outcome, which frees the domain's name for another order, and returns
// the error of the run. It also runs after a cancellation.
func (u *unitRun) end(ctx workflow.Context, cause error) error {
	ctx, cancel := workflow.NewDisconnectedContext(ctx)
	defer cancel()
	u.standing.trouble, u.standing.recording = nil, true
	if u.records {
		// The end is the last that the store is told.
		if err := workflow.Await(ctx, func() bool { return u.untold == nil && len(u.acts) == 0 && !u.telling }); err != nil {
			return err
		}
	}
	switch {
	case cause == nil && (u.withdrawn || u.givenUp != nil):
		u.state = messages.Cancelled
	case cause == nil:
		u.state = messages.Done
	case temporal.IsCanceledError(cause):
		u.state = messages.Cancelled
	default:
		u.state = messages.Failed
	}
	ended := activities.RecordOutcomeInput{OrderNumber: u.input.OrderNumber, Item: u.input.Unit.Item, State: string(u.state), Left: u.left()}
	if u.state == messages.Done && u.domain != nil {
		ended.NameServers = u.domain.NameServers // as the order was amended last
	}
	_, err := callStore(ctx, u, "Record the outcome", calls.Orders.RecordOutcome, ended)
	u.standing.trouble, u.standing.recording = nil, false
	if published := u.publish(ctx); err == nil {
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
