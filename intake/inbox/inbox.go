// Package inbox stores what registrars and people report about orders and delivers it to
// the workflows. Everything is stored before anything else is done with it: Take stores,
// and Deliver delivers what was stored.
package inbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"domainprovisioning/messages"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

// Inbox stores confirmations and delivers them. All fields are required.
type Inbox struct {
	Store    *store.Store
	Temporal client.Client
	Log      *slog.Logger
}

const (
	// deliverHold is how long the process that received a confirmation may try to deliver
	// it. After that the relay delivers it.
	deliverHold = 30 * time.Second
	// deliverTimeout bounds a delivery while the caller waits. It is far below
	// deliverHold.
	deliverTimeout = 3 * time.Second
)

// Take stores a confirmation and leaves its delivery to the relay. If the event is
// already stored, Take changes nothing and fresh is false. It returns an error if the
// confirmation could not be stored.
func (i Inbox) Take(ctx context.Context, confirmation store.Confirmation) (fresh bool, err error) {
	return i.Store.Receive(ctx, confirmation, 0)
}

// TakeAndDeliver stores a confirmation and delivers it at once. If that fails, the state
// stays store.Received and the relay delivers it later. For an event that is already
// stored it returns the state of that one. It returns an error if the confirmation could
// not be stored.
func (i Inbox) TakeAndDeliver(ctx context.Context, confirmation store.Confirmation) (store.ConfirmationState, error) {
	fresh, err := i.Store.Receive(ctx, confirmation, deliverHold)
	if err != nil {
		return "", err
	}
	if !fresh {
		known, err := i.Store.Confirmation(ctx, confirmation.EventID)
		return known.State, err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), deliverTimeout)
	defer cancel()
	state, _ := i.Deliver(ctx, confirmation) // after a failure the relay tries again
	return state, nil
}

// These limits say how many bytes of a text from outside are kept.
const (
	longestClaim   = 60
	longestTrouble = 300
)

// EventID returns the id of a notice's event. It is the same whichever way the notice
// came.
func EventID(account string, notice registrars.Notice) string { return account + "/" + notice.ID }

// Noticed turns a notice of a registrar account into a confirmation for the inbox.
func Noticed(account string, source messages.Source, notice registrars.Notice) store.Confirmation {
	return store.Confirmation{
		EventID: EventID(account, notice), Source: source, Account: account,
		Domain: notice.Domain.String(), Reference: notice.Reference, Claim: Shorten(notice.Claim, longestClaim),
		Matter: matter(notice.Account),
	}
}

// matter is a matter as it is stored: one that is not known is AccountOther, since metrics name it.
func matter(of registrars.AccountMatter) string {
	if of != "" && !slices.Contains(registrars.AccountMatters(), of) {
		of = registrars.AccountOther
	}
	return string(of)
}

// TakeNotice stores a notice of a registrar account, as Take does. What is about the account itself
// has no order that it could be delivered to: it is logged, and noted again when it comes again.
func (i Inbox) TakeNotice(ctx context.Context, account string, source messages.Source, notice registrars.Notice) (fresh bool, err error) {
	confirmation := Noticed(account, source, notice)
	if notice.Account == "" {
		return i.Take(ctx, confirmation)
	}
	quote, fresh, err := i.Store.TakeAccountNews(ctx, confirmation, notice.Text)
	if fresh {
		i.Log.WarnContext(ctx, "a registrar has written about its account; `starter quote` shows what",
			"registrar", account, "matter", confirmation.Matter, "claim", confirmation.Claim, "quote", quote)
	}
	return fresh, err
}

// Deliver delivers a stored confirmation to its workflow and records the result. It never
// starts a workflow. After an error the state is store.Received, and the confirmation has
// to be delivered again.
func (i Inbox) Deliver(ctx context.Context, confirmation store.Confirmation) (store.ConfirmationState, error) {
	state, workflowID, err := i.hand(ctx, confirmation)
	if err == nil {
		err = i.Store.Handle(ctx, confirmation.EventID, state, workflowID)
	}
	if err == nil {
		return state, nil
	}
	level := slog.LevelWarn
	if confirmation.Attempts > 3 { // a warning has been logged already
		level = slog.LevelDebug
	}
	i.Log.Log(ctx, level, "a confirmation could not be delivered yet; the relay tries again",
		"source", confirmation.Source, "registrar", confirmation.Account, "workflow", workflowID, "error", err)
	i.postpone(ctx, confirmation, err)
	return store.Received, err
}

func (i Inbox) postpone(ctx context.Context, confirmation store.Confirmation, cause error) {
	i.holdBack(ctx, confirmation, cause, Backoff(confirmation.Attempts))
}

// Release lets another process deliver a confirmation at once, because Temporal cannot be
// reached from here.
func (i Inbox) Release(ctx context.Context, confirmation store.Confirmation, cause error) {
	i.holdBack(ctx, confirmation, cause, 0)
}

func (i Inbox) holdBack(ctx context.Context, confirmation store.Confirmation, cause error, after time.Duration) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), deliverTimeout)
	defer cancel()
	err := i.Store.Postpone(ctx, confirmation.EventID, Shorten(cause.Error(), longestTrouble), after)
	if err != nil {
		i.Log.WarnContext(ctx, "a confirmation could not be postponed; it is tried again when its hold has run out", "error", err)
	}
}

// Backoff returns how long to wait after a number of attempts: 2 s, doubled each time up
// to a minute.
func Backoff(attempts int) time.Duration {
	return min(2*time.Second<<min(attempts, 5), time.Minute)
}

// These errors keep a confirmation waiting: its order is open, but no workflow can
// receive it yet.
var (
	ErrNotStarted = errors.New("inbox: its order is not started yet")
	ErrNoRun      = errors.New("inbox: its order is open, and no workflow of it runs")
)

// hand signals the workflows that a confirmation is for, and names one of them. Those that have
// taken it once take no harm from a second time.
func (i Inbox) hand(ctx context.Context, confirmation store.Confirmation) (state store.ConfirmationState, workflowID string, err error) {
	to, state, err := i.addressees(ctx, confirmation)
	if len(to) > 0 {
		workflowID = to[0].workflowID
	}
	if err != nil || state != "" {
		return state, workflowID, err
	}
	state = store.Late
	for _, one := range to {
		if !one.started {
			err = ErrNotStarted
			continue
		}
		ended, trouble := Notifier{Temporal: i.Temporal}.Notify(ctx, one.workflowID, messages.Confirmation{
			EventID: confirmation.EventID, Source: confirmation.Source,
			Reference: confirmation.Reference, Claim: confirmation.Claim,
		})
		switch {
		case trouble != nil:
			err = fmt.Errorf("inbox: deliver: %w", trouble)
		case ended && one.open:
			err = ErrNoRun // it was terminated, and the order may be placed again
		case !ended:
			state, workflowID = store.Delivered, one.workflowID
		}
	}
	if err != nil {
		return "", workflowID, err
	}
	return state, workflowID, nil
}

// addressee is a workflow that a confirmation is for. open is true if its order is open according
// to the store.
type addressee struct {
	workflowID    string
	open, started bool
}

// addressees finds the workflows that a confirmation is for: by the reference of the registrar's
// operation, which the ledger knows once the registrar's answer is recorded, or else by the
// domain; of two that are open, nobody knows then which of them is meant. A non-empty state says
// why the confirmation has no addressee.
func (i Inbox) addressees(ctx context.Context, confirmation store.Confirmation) ([]addressee, store.ConfirmationState, error) {
	if confirmation.Source == messages.FromLedger {
		return i.one(ctx, confirmation.Domain, confirmation.Account, confirmation.WorkflowID)
	}
	if confirmation.Reference != "" && confirmation.Account != "" {
		operations, err := i.Store.LedgerRows(ctx, store.LedgerFilter{
			Account: confirmation.Account, Reference: confirmation.Reference, Limit: 1,
		})
		if err != nil {
			return nil, "", err
		}
		if len(operations) > 0 {
			return i.one(ctx, operations[0].Domain, confirmation.Account, operations[0].WorkflowID)
		}
	}
	if confirmation.Domain == "" { // without a domain the filter would match any order
		return nil, store.Unmatched, nil
	}
	open, err := i.units(ctx, confirmation.Domain, confirmation.Account, store.UnitOpen)
	if err != nil {
		return nil, "", err
	}
	var to []addressee
	for _, row := range open {
		to = append(to, addressee{row.WorkflowID, true, row.StartedAt != nil})
	}
	if len(to) > 0 {
		return to, "", nil
	}
	all, err := i.units(ctx, confirmation.Domain, confirmation.Account, "")
	switch {
	case err != nil:
		return nil, "", err
	case len(all) == 0, confirmation.Reference != "":
		// Nobody knows this operation. It may belong to an order that has yet to come.
		return nil, store.Unmatched, nil
	}
	return []addressee{{workflowID: all[0].WorkflowID, started: true}}, store.Late, nil
}

// one is the workflow of an id, which is open if that of an open unit of the domain is.
func (i Inbox) one(ctx context.Context, domain, account, workflowID string) ([]addressee, store.ConfirmationState, error) {
	open, err := i.units(ctx, domain, account, store.UnitOpen)
	carries := func(row store.Unit) bool { return row.WorkflowID == workflowID }
	return []addressee{{workflowID, slices.ContainsFunc(open, carries), true}}, "", err
}

// mostOpen is how many units of a domain may be open at once: a renewal, and a change that bears it.
const mostOpen = 2

// units returns the newest units of work for a domain at a registrar account.
func (i Inbox) units(ctx context.Context, domain, account string, state store.UnitState) ([]store.Unit, error) {
	return i.Store.Units(ctx, store.UnitFilter{Domain: domain, Registrar: account, State: state, Limit: mostOpen})
}

// Queued receives the notices that registrars keep in queues.
type Queued struct{ Inbox Inbox }

// Take stores a notice and delivers it at once if possible. It returns an error if the
// notice is not stored.
func (q Queued) Take(ctx context.Context, account string, notice registrars.Notice) error {
	if notice.Account != "" {
		_, err := q.Inbox.TakeNotice(ctx, account, messages.FromQueue, notice)
		return err
	}
	_, err := q.Inbox.TakeAndDeliver(ctx, Noticed(account, messages.FromQueue, notice))
	return err
}

// Notifier signals workflows.
type Notifier struct{ Temporal client.Client }

// Tell tells a run about a call in trouble. It returns no error if the run has ended.
func (n Notifier) Tell(ctx context.Context, workflowID, runID string, trouble messages.Trouble) error {
	err := messages.Troubled().SendToRun(ctx, n.Temporal, workflowID, runID, trouble)
	if _, ended := errors.AsType[*serviceerror.NotFound](err); ended {
		return nil
	}
	return err
}

// Notify sends the confirmation. ended is true if no such workflow is running.
func (n Notifier) Notify(ctx context.Context, workflowID string, confirmation messages.Confirmation) (ended bool, err error) {
	err = messages.Confirmed().Send(ctx, n.Temporal, workflowID, confirmation)
	if _, ended := errors.AsType[*serviceerror.NotFound](err); ended {
		return true, nil
	}
	return false, err
}

// Shorten cuts a text from outside to a number of bytes, without splitting a character.
func Shorten(text string, most int) string {
	if len(text) > most {
		return registrars.Cut(text, most) + "..."
	}
	return text
}
