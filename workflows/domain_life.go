package workflows

import (
	"context"
	"errors"
	"slices"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"domainprovisioning/activities"
	"domainprovisioning/messages"
)

// LifeInput names the domain whose life a workflow is. It holds no personal data.
type LifeInput struct {
	Domain string `json:"domain"` // in ASCII form
	// Registrar is the account that held it when the run began.
	Registrar string `json:"registrar"`
	// Pace makes days shorter. It is refused outside the sandbox; nil is the ordinary calendar.
	Pace *Pace `json:"pace,omitempty"`
	// Carried is what the run before this one knew.
	Carried *CarriedLife `json:"carried,omitempty"`
}

// LifeResult is how a life has ended.
type LifeResult struct {
	Domain string             `json:"domain"`
	State  messages.LifeState `json:"state,omitempty"` // "": the domain is not held any more
	Since  time.Time          `json:"since,omitzero"`
}

// CarriedLife is what a life knows, from run to run.
type CarriedLife struct {
	Registrar string `json:"registrar"`
	// Round counts how often the domain was brought: all below is of this time.
	Round   int64                 `json:"round,omitempty"`
	TLD     string                `json:"tld,omitempty"`
	Intends messages.RenewalMode  `json:"intends"` // who is to renew it
	Policy  activities.LifePolicy `json:"policy"`

	State   messages.LifeState    `json:"state"`
	Since   time.Time             `json:"since"`
	Word    string                `json:"word,omitempty"`
	Expires time.Time             `json:"expires,omitzero"`
	Phases  activities.LifePhases `json:"phases,omitzero"`
	// Deleted: it was seen in redemption or about to be released, and not kept since.
	Deleted bool `json:"deleted,omitempty"`
	// AbsentAt is when the registrar was first seen not to have a domain that was deleted.
	AbsentAt time.Time `json:"absentAt,omitzero"`
	// Automatic: the registrar renews it by itself. Told: it says whether it does.
	Automatic bool      `json:"automatic,omitempty"`
	Told      bool      `json:"told,omitempty"`
	ReadAt    time.Time `json:"readAt,omitzero"`
	// Asked is what became of the renewal for the present expiry, if one was asked for.
	Asked *AskedRenewal `json:"asked,omitempty"`
	// Unread is why the registrar could not be read, as a class of errors.
	Unread    string              `json:"unread,omitempty"`
	Attention messages.LifeReason `json:"attention,omitempty"`
	// Happened are the latest events, for people.
	Happened []string `json:"happened,omitempty"`
}

// AskedRenewal is a renewal that was to be placed.
type AskedRenewal struct {
	activities.PlaceRenewalResult

	At time.Time `json:"at"`
}

// LifeID is the id of the workflow that is the life of a domain.
func LifeID(domain string) string { return lifePrefix + domain }

const lifePrefix = "domain-life/"

// life is the state of a run.
type life struct {
	CarriedLife

	input LifeInput
	pace  *Pace
	looks workflow.ReceiveChannel
	woken bool // something has been told since the last look
	fresh bool // nothing was read in this run, and nothing carried over
	over  bool // the domain is not held any more
	// commands counts those about who renews it.
	commands int

	next date
	// To be recorded.
	held   *messages.Held // as the registrar was read; nil: it was not
	remind []int
}

// DomainLife is the life of one domain, at whichever registrar account holds it: for years it is
// one timer, until the next date that matters or until somebody says that something has changed.
// Then it looks, does what is due, records how the domain stands, and waits again.
//
// What it does never depends on how often it looks: a reminder is sent once for a date, and a
// renewal is placed under a key of domain and expiry. It renews nothing itself; the order does.
func DomainLife(ctx workflow.Context, input LifeInput) (*LifeResult, error) {
	l := &life{input: input, pace: input.Pace, fresh: input.Carried == nil, looks: messages.LookAgain().Channel(ctx)}
	if input.Carried != nil {
		l.CarriedLife = *input.Carried
	}
	l.Registrar = input.Registrar
	if err := l.listen(ctx); err != nil {
		return nil, err
	}
	for {
		if err := l.look(ctx); err != nil {
			return nil, err
		}
		workflow.SetCurrentDetails(ctx, l.details())
		if l.over || l.State.Ended() {
			break
		}
		if l.grown(ctx) {
			carried := l.CarriedLife
			return nil, workflow.NewContinueAsNewError(ctx, DomainLife, LifeInput{
				Domain: input.Domain, Registrar: l.Registrar, Pace: input.Pace, Carried: &carried,
			})
		}
		if err := l.wait(ctx); err != nil {
			return nil, err
		}
	}
	if err := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) }); err != nil {
		return nil, err
	}
	result := &LifeResult{Domain: input.Domain}
	if !l.over {
		result.State, result.Since = l.State, l.Since
	}
	return result, nil
}

// look does what is due now.
func (l *life) look(ctx workflow.Context) error {
	told := l.drain()
	if l.State.Ended() {
		return nil // a person has said so, and it is recorded
	}
	if l.fresh || told {
		if err := l.readStore(ctx); err != nil || l.over {
			return err
		}
	}
	if l.fresh || told || l.readDue(l.now(ctx)) {
		if err := l.readRegistrar(ctx); err != nil || l.over {
			return err
		}
	}
	l.fresh = false
	if err := l.renew(ctx); err != nil || l.over {
		return err
	}
	l.Attention = l.attention(l.now(ctx))
	if l.Attention.NotRenewed() && l.Unread == "" && l.ReadAt.Before(l.now(ctx).Add(-day)) {
		// Perhaps somebody else has renewed it: nobody is called for a date of long ago.
		if err := l.readRegistrar(ctx); err != nil || l.over {
			return err
		}
		l.Attention = l.attention(l.now(ctx))
	}
	l.remind = l.reminders(l.now(ctx))
	l.next = l.nextDate(l.now(ctx))
	return l.tell(ctx)
}

// wait ends at the next date, or when something is told.
func (l *life) wait(ctx workflow.Context) error {
	var timer workflow.Future
	waiting, cancel := workflow.WithCancel(ctx)
	defer cancel()
	if !l.next.at.IsZero() {
		timer = workflow.NewTimerWithOptions(waiting, max(0, l.pace.real(l.next.at.Sub(l.now(ctx)))), workflow.TimerOptions{Summary: trim(l.next.what, 200)})
	}
	return workflow.Await(ctx, func() bool {
		return l.woken || l.looks.Len() > 0 || timer != nil && timer.IsReady()
	})
}

// longestHistory is at how many events a run is followed by another one: after some ten years.
const longestHistory = 400

// grown reports whether another run should go on now. What was told meanwhile is acted on first:
// signals that nobody has read would be lost, and commands that run would fail.
func (l *life) grown(ctx workflow.Context) bool {
	if l.woken || l.looks.Len() > 0 || !workflow.AllHandlersFinished(ctx) {
		return false
	}
	info := workflow.GetInfo(ctx)
	return info.GetContinueAsNewSuggested() || info.GetCurrentHistoryLength() >= longestHistory
}

// now is the time of the life's calendar.
func (l *life) now(ctx workflow.Context) time.Time { return l.pace.at(workflow.Now(ctx)) }

// drain takes what was told, and reports whether there was anything.
func (l *life) drain() bool {
	told := l.woken
	l.woken = false
	for l.looks.ReceiveAsync(&messages.Look{}) {
		told = true
	}
	return told
}

// renew has the domain renewed, if that is ours and due.
func (l *life) renew(ctx workflow.Context) error {
	now := l.now(ctx)
	if !l.renewalDue(now) {
		return nil
	}
	// The order is asked for at the registrar's date, so the date must be of today.
	if l.ReadAt.Before(now.Add(-day)) {
		if err := l.readRegistrar(ctx); err != nil || l.over {
			return err
		}
		if now = l.now(ctx); l.Unread != "" || !l.renewalDue(now) {
			return nil
		}
	}
	var placed activities.PlaceRenewalResult
	err := workflow.ExecuteActivity(operationsCall(ctx, "Order the renewal of "+l.input.Domain), lifeCalls.PlaceRenewal,
		activities.PlaceRenewalInput{Domain: l.input.Domain, Expires: l.Expires}).Get(ctx, &placed)
	if failure, refused := errors.AsType[*temporal.ApplicationError](err); refused {
		placed = activities.PlaceRenewalResult{Outcome: activities.RenewalRefused, Detail: failure.Type()}
	} else if err != nil {
		return err
	}
	if l.Asked == nil || l.Asked.Outcome != placed.Outcome || l.Asked.Order != placed.Order {
		l.happened(now, "renewal "+string(placed.Outcome)+orderOf(placed.Order)+detailOf(placed.Detail))
	}
	l.Asked = &AskedRenewal{PlaceRenewalResult: placed, At: now}
	return nil
}

func orderOf(number string) string {
	if number == "" {
		return ""
	}
	return ", order " + number
}

func detailOf(text string) string {
	if text == "" {
		return ""
	}
	return ": " + trim(text, 200)
}

// tell records how the domain stands.
func (l *life) tell(ctx workflow.Context) error {
	now := activities.RecordLifeInput{
		Domain: l.input.Domain, Registrar: l.Registrar, Round: l.Round, State: l.State, Since: l.Since, Word: l.Word, Expires: l.Expires, Renewal: l.mode(),
		Next: l.next.what, Attention: l.Attention, Held: l.held, Remind: l.remind,
	}
	if !l.next.at.IsZero() {
		now.NextAt = l.pace.temporal(l.next.at)
	}
	if _, err := quickly(ctx, "Record how "+l.input.Domain+" stands", lifeCalls.RecordLife, now); err != nil {
		return err
	}
	l.held, l.remind = nil, nil
	return nil
}

// happened notes an event for people.
func (l *life) happened(at time.Time, what string) {
	l.Happened = append(l.Happened, at.Format(time.DateOnly)+" "+what)
	l.Happened = slices.Clone(l.Happened[max(0, len(l.Happened)-mostHappened):])
}

const mostHappened = 12

// lifeCalls names the activities about lives, as calls does the others.
var lifeCalls *activities.Lives

// quickly calls the store, for a life: by a local activity, tried once, which costs one event; and if that
// fails for a passing reason, by an ordinary one. Both are repeatable.
func quickly[In, Out any](
	ctx workflow.Context, summary string, activity func(context.Context, In) (Out, error), input In,
) (result Out, err error) {
	err = workflow.ExecuteLocalActivity(fastCall(ctx, summary), activity, input).Get(ctx, &result)
	failure, ours := errors.AsType[*temporal.ApplicationError](err)
	if err == nil || ctx.Err() != nil || ours && failure.NonRetryable() {
		return result, err
	}
	err = workflow.ExecuteActivity(storeCall(ctx, summary), activity, input).Get(ctx, &result)
	return result, err
}
