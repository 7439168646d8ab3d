package intake

import (
	"context"
	"errors"
	"fmt"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"domainprovisioning/messages"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

// Confirm takes a confirmation from outside: it stands in the inbox before
// anything else happens, a second one with the same event id changes nothing,
// and its workflow is signalled if one is open. It never starts a workflow.
func (i *Intake) Confirm(ctx context.Context, confirmation store.Confirmation) (store.ConfirmationState, error) {
	fresh, err := i.Store.Receive(ctx, confirmation)
	if err != nil {
		return "", err
	}
	var rows []store.Provisioning
	if confirmation.Domain != "" { // a filter without a domain would find any order
		rows, err = i.Store.Provisionings(ctx, store.ProvisioningFilter{Domain: confirmation.Domain, Limit: 1})
		if err != nil {
			return "", err
		}
	}
	state, workflowID := store.Unmatched, ""
	if len(rows) > 0 {
		workflowID = rows[0].WorkflowID
		state = store.Late
		if rows[0].State == store.ProvisioningOpen {
			state, err = i.deliver(ctx, workflowID, confirmation)
			if err != nil {
				return "", err
			}
		}
	}
	if !fresh {
		handled, err := i.handled(ctx, confirmation)
		if err != nil || handled {
			return state, err
		}
	}
	return state, i.Store.Handle(ctx, confirmation.EventID, state, workflowID)
}

// handled reports whether what became of an event is recorded. It is not after a
// delivery that broke off, which the source then repeats.
func (i *Intake) handled(ctx context.Context, confirmation store.Confirmation) (bool, error) {
	events, err := i.Store.Confirmations(ctx, confirmation.Domain)
	for _, event := range events {
		if event.EventID == confirmation.EventID {
			return event.HandledAt != nil, err
		}
	}
	return true, err
}

func (i *Intake) deliver(ctx context.Context, workflowID string, confirmation store.Confirmation) (store.ConfirmationState, error) {
	err := messages.Confirmed().Send(ctx, i.Temporal, workflowID, messages.Confirmation{
		EventID: confirmation.EventID, Source: confirmation.Source,
		Reference: confirmation.Reference, Claim: confirmation.Claim,
	})
	if _, ended := errors.AsType[*serviceerror.NotFound](err); ended {
		return store.Late, nil
	}
	if err != nil {
		return "", fmt.Errorf("intake: confirm: %w", err)
	}
	return store.Delivered, nil
}

// Queue is the source of confirmations out of a registrar's queue.
const Queue = "queue"

// Inbox takes the news that registrars keep in queues.
type Inbox struct{ Intake *Intake }

// Take stores a notice and delivers it. Its event is that of the same notice by
// callback, so that both together are one.
func (i Inbox) Take(ctx context.Context, account string, notice registrars.Notice) error {
	_, err := i.Intake.Confirm(ctx, store.Confirmation{
		EventID: EventID(account, notice), Source: Queue, Account: account,
		Domain: notice.Domain.String(), Reference: notice.Reference, Claim: notice.Claim,
	})
	return err
}

// EventID is the id of a notice's event, whichever way it came.
func EventID(account string, notice registrars.Notice) string { return account + "/" + notice.ID }

// Notifier signals workflows on behalf of the watch.
type Notifier struct{ Temporal client.Client }

// Notify sends the confirmation. ended says that no such workflow runs.
func (n Notifier) Notify(ctx context.Context, workflowID string, confirmation messages.Confirmation) (ended bool, err error) {
	err = messages.Confirmed().Send(ctx, n.Temporal, workflowID, confirmation)
	if _, ended := errors.AsType[*serviceerror.NotFound](err); ended {
		return true, nil
	}
	return false, err
}
