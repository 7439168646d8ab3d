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

// request is one request to the registrar. It is submitted once and then waited for.
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
	readFor     int  // the revision of the order that state.Verified was compared with
	look        look
	// nothingThere: a person has looked and says that the registrar does not have it.
	nothingThere bool
	// accepted is the price that a person has accepted; nil leaves the plan's limit to decide.
	accepted *registrars.Price
	stated   bool // a person has stated how it ended, since it was last looked at
	// until is the deadline that a person has set instead of the account's.
	until time.Time
	// giveBack is the last moment at which a deletion may be asked for.
	giveBack time.Time
}

// look says whether the registrar is being asked about a request.
type look int

const (
	notAsked   look = iota // or answered
	asking                 // the registrar is being asked right now
	lookFailed             // the last question was not answered
)

// what is the name of the request for people.
func (r *request) what() string { return strings.ReplaceAll(string(r.kind), "-", " ") }

// requestSteps submits the request that was ordered and waits for it.
func (u *unitRun) requestSteps() []step {
	return []step{
		{title: "Submit the " + u.main.what() + " to the registrar", run: u.submitMain, request: u.main},
		{title: "Registrar confirms the " + u.main.what(), run: u.confirmMain, request: u.main},
	}
}

func (u *unitRun) submitMain(ctx workflow.Context) (outcome, error) {
	if u.domain == nil {
		return skipped(noDomain), nil
	}
	err := u.submit(ctx, u.main)
	if u.refusedByHolder(err) {
		return u.withdraw(), nil
	}
	if err != nil {
		return outcome{}, err
	}
	if u.main.state.Status == registrars.StatusDone {
		return done("done at once"), nil
	}
	return done("operation %s is %s", u.main.state.Reference, u.main.state.Status), nil
}

func (u *unitRun) confirmMain(ctx workflow.Context) (outcome, error) {
	if u.domain == nil {
		return skipped(noDomain), nil
	}
	if u.main.state.Status == registrars.StatusDone && u.main.look == notAsked {
		return done("confirmed with the answer to the request"), nil
	}
	err := u.confirm(ctx, u.main)
	if u.refusedByHolder(err) {
		return u.withdraw(), nil
	}
	return u.requestDone(u.main), err
}

func (u *unitRun) requestDone(r *request) outcome {
	if r.state.Needless != "" {
		return skipped("%s", r.state.Needless)
	}
	if r.state.Reference == "" {
		return done("%s", r.state.Status)
	}
	return done("operation %s is %s", r.state.Reference, r.state.Word)
}

// refusedByHolder reports whether err says that the registry has cancelled an owner change
// because a holder did not agree in time.
func (u *unitRun) refusedByHolder(err error) bool {
	return err != nil && u.main.kind == registrars.OwnerChange && u.main.state.Status == registrars.StatusCancelled &&
		u.main.ended() != nil
}

func (u *unitRun) withdraw() outcome {
	u.withdrawn = true
	u.unchanged = "cancelled at the registrar: a holder did not agree in time"
	return done("%s", u.unchanged)
}

// submit submits the request. It runs again when the registrar has failed or cancelled it:
// after a person's retry it submits a new request; after a confirmation it only asks,
// because the registrar's support may have restarted the operation.
func (u *unitRun) submit(ctx workflow.Context, r *request) error {
	if r.stated {
		r.stated = false // a person has just said so
		return r.ended()
	}
	if r.ended() != nil && r.asked == r.reopenings {
		if err := u.ask(ctx, r); err != nil {
			return err
		}
		return r.ended()
	}
	input := activities.SubmitRequestInput{
		OrderNumber: u.input.OrderNumber, Item: u.input.Unit.Item, AccountID: u.input.AccountID,
		Registrar: u.domain.Registrar, Kind: r.kind, Domain: u.domain.Name, TLD: u.domain.TLD,
		Expires: r.expires, Settings: r.settings, Reopenings: r.reopenings, NothingThere: r.nothingThere,
		PriceLimit: PriceLimit(u.domain, r.kind), AcceptedPrice: r.accepted, Revision: u.revision, GiveBack: r.giveBack,
		Verify: u.readingWith(ctx, r),
	}
	r.nothingThere = false
	switch r.kind {
	case registrars.Registration:
		input.Years, input.NameServers, input.Language = u.domain.Years, u.delegatedTo(r.kind), u.domain.Language
	case registrars.Transfer, registrars.NameServerChange:
		input.NameServers = u.delegatedTo(r.kind)
	case registrars.Renewal:
		input.Years = u.domain.Years
	}
	if v := input.Verify; v != nil && v.NameServers.Same(input.NameServers) {
		v.NameServers = nil
	}
	if len(r.kind.Roles()) > 0 {
		input.Contacts = u.input.Contacts
	}
	r.handed = true
	u.atRegistrar(ctx)
	err := workflow.ExecuteActivity(
		registrarCall(ctx, u.domain.Registrar, u.summary("Submit %s to %s", r.what(), u.domain.Registrar)),
		calls.Registrar.SubmitRequest, input).Get(ctx, &r.state)
	// The ledger may know more retries than this run, if an earlier run was terminated and
	// the order was placed again.
	r.reopenings = max(r.reopenings, r.state.Reopened)
	r.submittedAt, r.asked, r.readFor = workflow.Now(ctx), r.reopenings, u.revision
	if failure, ok := errors.AsType[*temporal.ApplicationError](err); ok && failure.Type() != string(registrars.ClassOutcomeUnknown) {
		r.handed = false // it was refused
	}
	if err != nil {
		return err
	}
	if r.state.Status == registrars.StatusDone {
		r.confirmedAt = u.endOf(ctx, r)
	}
	return r.ended()
}

// confirm waits until the registrar has finished the request. While it waits it holds one
// timer and adds nothing to the history; the watch or a callback sends the confirmation.
func (u *unitRun) confirm(ctx workflow.Context, r *request) error {
	switch {
	case r.ended() != nil:
		if err := u.submit(ctx, r); err != nil {
			return err
		}
	case r.look != notAsked:
		// The last question failed permanently, and a person has corrected the cause.
		if err := u.ask(ctx, r); err != nil {
			return err
		}
	}
	if err := u.awaitEnd(ctx, r); err != nil {
		return err
	}
	u.cured("news of the registrar", "", "")
	return nil
}

// awaitEnd waits until the registrar has finished a request. The error is that of ended if it was
// not carried out.
func (u *unitRun) awaitEnd(ctx workflow.Context, r *request) error {
	for r.state.Status != registrars.StatusDone {
		if err := r.ended(); err != nil {
			return err
		}
		if err := u.awaitHint(ctx, r); err != nil {
			return err
		}
		if r.state.Status.Final() {
			continue // a person has stated it
		}
		if err := u.ask(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

// carryOut submits a request and waits for it, in one step.
func (u *unitRun) carryOut(ctx workflow.Context, r *request) error {
	if r.state.Status == "" {
		if err := u.submit(ctx, r); err != nil {
			return err
		}
	}
	return u.confirm(ctx, r)
}

// requestStep submits a request and waits for it, as one step.
func (u *unitRun) requestStep(title string, r *request, optional bool) step {
	return step{title: title, request: r, optional: optional, run: func(ctx workflow.Context) (outcome, error) {
		err := u.carryOut(ctx, r)
		return u.requestDone(r), err
	}}
}

// awaitHint waits for a reason to ask the registrar, which is a confirmation or a person's
// command. When the deadline passes it shows that a person is needed and goes on waiting:
// pending is neither failure nor success.
func (u *unitRun) awaitHint(ctx workflow.Context, r *request) error {
	for {
		if err := u.awaitNews(ctx, r); err != nil {
			return err
		}
		u.waiting = false
		u.acting = true
		err := u.actWhileWaiting(ctx, r)
		u.acting = false
		switch {
		case err != nil || r.state.Status.Final():
			return err
		case u.hinted():
			return nil
		}
	}
}

// actWhileWaiting acts on the commands that do not ask the registrar. An amendment that the
// configuration refuses must not end the wait.
func (u *unitRun) actWhileWaiting(ctx workflow.Context, r *request) error {
	switch {
	case u.commands.byHand != nil:
		return u.takeByHand(ctx, r)
	case u.commands.amend != nil:
		if err := u.takeAmendment(ctx); err != nil {
			if ctx.Err() != nil {
				return err
			}
			_, why, _ := explain(err)
			u.notes = append(u.notes, "the amendment was not taken: "+why)
		}
	case u.commands.extend != nil:
		command := u.commands.extend
		u.commands.extend = nil
		u.cured("extend", command.Actor, command.Reason)
	}
	return nil
}

// deadline is when a person is told that the registrar has not finished a request.
func (u *unitRun) deadline(r *request) time.Time {
	if !r.until.IsZero() {
		return r.until
	}
	return r.submittedAt.Add(u.input.PendingDeadline)
}

// stands says how the request stands: a word of the registrar that nobody knows is shown as it is,
// because neither success nor failure may be read out of it.
func (r *request) stands() string {
	if r.state.Status == registrars.StatusUnknown && r.state.Word != "" {
		return r.state.Word
	}
	return string(r.state.Status)
}

// awaitNews waits for a hint or a command.
func (u *unitRun) awaitNews(ctx workflow.Context, r *request) error {
	news := func() bool { return u.hinted() || u.commands.pending() }
	u.state, u.waiting = messages.Waiting, true
	line := &u.steps[u.current-1]
	line.State = messages.StepWaiting
	line.Note = "operation " + r.state.Reference + " is " + r.stands()
	deadline := u.deadline(r)
	if u.attention == nil && deadline.After(workflow.Now(ctx)) {
		if err := u.publish(ctx); err != nil {
			return err
		}
		// News leaves the timer behind. If the order is still open at the deadline, that costs it a
		// workflow task; to cancel the timer would cost every order an event.
		heard, err := workflow.AwaitWithOptions(ctx, workflow.AwaitOptions{
			Timeout: deadline.Sub(workflow.Now(ctx)),
			TimerOptions: workflow.TimerOptions{
				Summary: u.summary("Registrar confirms the %s, or a person is told", r.what()),
			},
		}, news)
		if err != nil || heard {
			return err
		}
	}
	if u.attention == nil {
		then := ". The order goes on waiting and completes when the registrar does."
		if u.givenUp != nil {
			then = ". The undo goes on waiting, because what the registrar carries out must not happen unseen."
		}
		u.raise(ctx, messages.ReasonDeadlinePassed, "The registrar has not finished by "+stamp(deadline)+then)
	}
	u.state = messages.NeedsAttention
	if err := u.publish(ctx); err != nil {
		return err
	}
	return workflow.Await(ctx, news)
}

// hinted reports whether there is a reason to ask the registrar: a confirmation or a
// person's retry.
func (u *unitRun) hinted() bool { return u.unread > 0 || u.commands.retry != nil }

// ask reads the state of the request from the registrar, whatever a confirmation has
// claimed.
func (u *unitRun) ask(ctx workflow.Context, r *request) error {
	u.unread = 0
	u.takeRetry(ctx)
	r.look = asking
	u.state = messages.Running
	var state activities.RequestState
	err := workflow.ExecuteActivity(registrarCall(ctx, u.domain.Registrar, u.summary("Ask how the %s stands", r.what())),
		calls.Registrar.ConfirmRequest, activities.ConfirmRequestInput{
			Registrar: u.domain.Registrar, Key: r.state.Key, Verify: u.readingWith(ctx, r),
		}).Get(ctx, &state)
	r.look, u.standing.trouble = lookFailed, nil
	if err != nil {
		return err
	}
	state.OwnerHandle = r.state.OwnerHandle
	r.state, r.look, r.readFor = state, notAsked, u.revision
	if state.Status == registrars.StatusDone {
		r.confirmedAt = u.endOf(ctx, r)
	}
	return nil
}

// ended returns the error that parks the order if the registrar has failed or cancelled
// the request, else nil.
func (r *request) ended() error {
	if r == nil {
		return nil
	}
	switch r.state.Status {
	case registrars.StatusFailed, registrars.StatusCancelled:
	default:
		return nil
	}
	reason := string(messages.RequestEnded(string(r.kind), string(r.state.Status)))
	return temporal.NewApplicationErrorWithOptions(
		"workflows: operation "+r.state.Reference+" ended: "+reason, reason,
		temporal.ApplicationErrorOptions{
			NonRetryable: true,
			Details:      []any{activities.Trouble{Class: registrars.ClassRejected, Detail: r.state.Reason, Reference: r.state.Quote, Said: r.state.Said}},
		})
}

// over reports whether the registrar has failed or cancelled the request.
func (r *request) over() bool { return r.ended() != nil }

// neverAnswered reports whether a submission may have arrived that nobody has answered.
func (r *request) neverAnswered() bool { return r != nil && r.handed && r.state.Status == "" }

// wakes reports whether a confirmation matters to a parked order: its request has ended
// and may have been restarted, or the last question about it failed.
func (r *request) wakes() bool { return r != nil && (r.ended() != nil || r.look != notAsked) }

// asksAnew reports whether a person's retry asks for a new request: if the registrar has
// accepted none yet (the ledger knows whether the last one was refused), or if the last one
// has ended without success. After any other trouble a retry only asks the registrar.
func (r *request) asksAnew() bool {
	return r != nil && (r.state.Status == "" || r.ended() != nil)
}
