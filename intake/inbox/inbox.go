// Package inbox keeps what registrars and people tell of orders, and brings it to the
// workflows. Everything is stored before anything else happens with it: Take stores, and
// Deliver delivers what was stored.
package inbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"domainprovisioning/messages"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

// Inbox takes confirmations and delivers them. All fields are required.
type Inbox struct {
	Store    *store.Store
	Temporal client.Client
	Log      *slog.Logger
}

const (
	// deliverHold is for how long the one who brings a confirmation may deliver it. After
	// that the relay does.
	deliverHold = 30 * time.Second
	// deliverTimeout bounds a delivery while its bringer waits, far below deliverHold.
	deliverTimeout = 3 * time.Second
)

// Take stores a confirmation and leaves its delivery to the relay. An event that came
// before changes nothing, and fresh is false. An error says that it could not be stored.
func (i Inbox) Take(ctx context.Context, confirmation store.Confirmation) (fresh bool, err error) {
	return i.Store.Receive(ctx, confirmation, 0)
}

// TakeAndDeliver stores a confirmation and delivers it at once. What cannot be delivered
// now stays store.Received, and the relay delivers it. For an event that came before it
// returns what became of that one. An error says that it could not be stored.
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
	state, _ := i.Deliver(ctx, confirmation) // what failed, the relay tries again
	return state, nil
}

// How much of a text from outside is kept, in bytes.
const (
	longestClaim   = 60
	longestTrouble = 300
)

// EventID is the id of a notice's event, whichever way it came.
func EventID(account string, notice registrars.Notice) string { return account + "/" + notice.ID }

// Noticed is the inbox's form of a notice of a registrar account.
func Noticed(account string, source messages.Source, notice registrars.Notice) store.Confirmation {
	return store.Confirmation{
		EventID: EventID(account, notice), Source: source, Account: account,
		Domain: notice.Domain.String(), Reference: notice.Reference, Claim: shorten(notice.Claim, longestClaim),
	}
}

// Deliver brings a stored confirmation to its workflow and records what became of it. It
// never starts a workflow. After an error the confirmation is store.Received, and to be
// delivered again.
func (i Inbox) Deliver(ctx context.Context, confirmation store.Confirmation) (store.ConfirmationState, error) {
	state, workflowID, err := i.hand(ctx, confirmation)
	if err == nil {
		err = i.Store.Handle(ctx, confirmation.EventID, state, workflowID)
	}
	if err == nil {
		return state, nil
	}
	level := slog.LevelWarn
	if confirmation.Attempts > 3 { // it has been said
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
	err := i.Store.Postpone(ctx, confirmation.EventID, shorten(cause.Error(), longestTrouble), after)
	if err != nil {
		i.Log.WarnContext(ctx, "a confirmation could not be postponed; it is tried again when its hold has run out", "error", err)
	}
}

// Backoff is how long to wait after so many tries: 2 s, doubled up to a minute.
func Backoff(attempts int) time.Duration {
	return min(2*time.Second<<min(attempts, 5), time.Minute)
}

// What keeps a confirmation waiting: its order is open, and there is nobody to tell yet.
var (
	ErrNotStarted = errors.New("inbox: its order is not started yet")
	ErrNoRun      = errors.New("inbox: its order is open, and no workflow of it runs")
)

// hand signals the workflow that a confirmation is for.
func (i Inbox) hand(ctx context.Context, confirmation store.Confirmation) (store.ConfirmationState, string, error) {
	workflowID, open, state, err := i.addressee(ctx, confirmation)
	if err != nil || state != "" {
		return state, workflowID, err
	}
	ended, err := Notifier{Temporal: i.Temporal}.Notify(ctx, workflowID, messages.Confirmation{
		EventID: confirmation.EventID, Source: confirmation.Source,
		Reference: confirmation.Reference, Claim: confirmation.Claim,
	})
	switch {
	case err != nil:
		return "", workflowID, fmt.Errorf("inbox: deliver: %w", err)
	case ended && open:
		// Terminated, and perhaps about to be placed again.
		return "", workflowID, ErrNoRun
	case ended:
		return store.Late, workflowID, nil
	}
	return store.Delivered, workflowID, nil
}

// addressee finds the workflow that a confirmation is for: by the operation's
// reference, which the ledger knows once the registrar's answer is recorded, else by
// the domain. open says that the order is open as far as the store knows. A state says
// that there is nobody to tell, and why.
func (i Inbox) addressee(
	ctx context.Context, confirmation store.Confirmation,
) (workflowID string, open bool, state store.ConfirmationState, err error) {
	if confirmation.Source == messages.FromLedger {
		row, found, err := i.newest(ctx, confirmation.Domain, confirmation.Account, store.UnitOpen)
		return confirmation.WorkflowID, found && row.WorkflowID == confirmation.WorkflowID, "", err
	}
	if confirmation.Reference != "" && confirmation.Account != "" {
		operations, err := i.Store.LedgerRows(ctx, store.LedgerFilter{
			Account: confirmation.Account, Reference: confirmation.Reference, Limit: 1,
		})
		if err != nil {
			return "", false, "", err
		}
		if len(operations) > 0 {
			row, found, err := i.newest(ctx, operations[0].Domain, confirmation.Account, store.UnitOpen)
			return operations[0].WorkflowID, found && row.WorkflowID == operations[0].WorkflowID, "", err
		}
	}
	if confirmation.Domain == "" { // a filter without a domain would find any order
		return "", false, store.Unmatched, nil
	}
	row, found, err := i.newest(ctx, confirmation.Domain, confirmation.Account, store.UnitOpen)
	switch {
	case err != nil:
		return "", false, "", err
	case found && row.StartedAt == nil:
		return row.WorkflowID, true, "", ErrNotStarted
	case found:
		return row.WorkflowID, true, "", nil
	}
	row, found, err = i.newest(ctx, confirmation.Domain, confirmation.Account, "")
	switch {
	case err != nil:
		return "", false, "", err
	case !found, confirmation.Reference != "":
		// An operation that nobody knows of: that of an order to come, perhaps.
		return "", false, store.Unmatched, nil
	}
	return row.WorkflowID, false, store.Late, nil
}

// newest is the newest unit of work for a domain at a registrar account.
func (i Inbox) newest(
	ctx context.Context, domain, account string, state store.UnitState,
) (row store.Unit, found bool, err error) {
	rows, err := i.Store.Units(ctx, store.UnitFilter{Domain: domain, Registrar: account, State: state, Limit: 1})
	if err != nil || len(rows) == 0 {
		return row, false, err
	}
	return rows[0], true, nil
}

// Queued takes the news that registrars keep in queues.
type Queued struct{ Inbox Inbox }

// Take stores a notice, and delivers it at once if it can. An error says that it is not
// stored.
func (q Queued) Take(ctx context.Context, account string, notice registrars.Notice) error {
	_, err := q.Inbox.TakeAndDeliver(ctx, Noticed(account, messages.FromQueue, notice))
	return err
}

// Notifier signals workflows.
type Notifier struct{ Temporal client.Client }

// Tell tells a run of a call in trouble. A run that has ended needs no news.
func (n Notifier) Tell(ctx context.Context, workflowID, runID string, trouble messages.Trouble) error {
	err := messages.Troubled().SendToRun(ctx, n.Temporal, workflowID, runID, trouble)
	if _, ended := errors.AsType[*serviceerror.NotFound](err); ended {
		return nil
	}
	return err
}

// Notify sends the confirmation. ended says that no such workflow runs.
func (n Notifier) Notify(ctx context.Context, workflowID string, confirmation messages.Confirmation) (ended bool, err error) {
	err = messages.Confirmed().Send(ctx, n.Temporal, workflowID, confirmation)
	if _, ended := errors.AsType[*serviceerror.NotFound](err); ended {
		return true, nil
	}
	return false, err
}

func shorten(text string, most int) string {
	if len(text) > most {
		return strings.ToValidUTF8(text[:most], "") + "..."
	}
	return text
}
