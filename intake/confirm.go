package intake

import (
	"context"
	"errors"
	"fmt"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"domainprovisioning/messages"
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
	rows, err := i.Store.Provisionings(ctx, store.ProvisioningFilter{Domain: confirmation.Domain, Limit: 1})
	if err != nil {
		return "", err
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
		return state, nil
	}
	return state, i.Store.Handle(ctx, confirmation.EventID, state, workflowID)
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

// Notifier signals workflows on behalf of the watch.
type Notifier struct{ Temporal client.Client }

// Notify sends the confirmation. A workflow that has ended needs none.
func (n Notifier) Notify(ctx context.Context, workflowID string, confirmation messages.Confirmation) error {
	err := messages.Confirmed().Send(ctx, n.Temporal, workflowID, confirmation)
	if _, ended := errors.AsType[*serviceerror.NotFound](err); ended {
		return nil
	}
	return err
}
