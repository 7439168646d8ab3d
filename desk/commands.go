package desk

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/temporal"

	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// Retry lets an order that needs attention go on, after its cause was put right. The
// same id twice is one command; "" stands for a new one. Errors: *NotAllowedError,
// ErrUnavailable.
func (d *Desk) Retry(ctx context.Context, unit Unit, id string, command messages.Retry) (messages.RetryResult, error) {
	if id == "" {
		id = rand.Text()
	}
	// A worker answers an update; without one it would be waited for without end.
	asking, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	result, err := messages.RetryStep().Send(asking, d.Temporal, unit.WorkflowID, id, command)
	if err == nil || ctx.Err() != nil {
		return result, err
	}
	if _, ended := errors.AsType[*serviceerror.NotFound](err); ended {
		return result, &NotAllowedError{Reason: "no workflow of the order runs, so there is nothing to go on with: place the order again to start it where it was"}
	}
	if refused, ok := errors.AsType[*temporal.ApplicationError](err); ok {
		return result, &NotAllowedError{Reason: refused.Message()}
	}
	return result, fmt.Errorf("%w: %w", ErrUnavailable, err)
}

// Confirmation is what is told of an operation; see messages.Confirmation.
type Confirmation struct {
	// EventID makes a repeat harmless; "" stands for a new event.
	EventID   string
	Reference string
	Claim     string
}

// Confirmed is what became of a confirmation.
type Confirmed struct {
	EventID string `json:"eventId"`
	State   string `json:"state" jsonschema:"enum=received,enum=delivered,enum=late,enum=unmatched"`
}

// Confirm tells an order that the registrar may have finished; the order asks the
// registrar and acts on what that says. Error: *NotAllowedError for an order without a
// domain.
func (d *Desk) Confirm(ctx context.Context, unit Unit, told Confirmation) (Confirmed, error) {
	if unit.Domain == "" {
		return Confirmed{}, &NotAllowedError{Reason: "the order has no domain to confirm"}
	}
	if told.EventID == "" {
		told.EventID = rand.Text()
	}
	// Events of people are an order's own, and never meet those of a registrar, whose ids
	// begin with its account.
	confirmation := store.Confirmation{
		EventID: fmt.Sprintf("operator/%s/%d/%s", unit.Order, unit.Item, told.EventID), Source: messages.FromOperator, Account: unit.Registrar, Domain: unit.Domain,
		Reference: told.Reference, Claim: told.Claim,
	}
	state, err := d.Intake.Inbox().TakeAndDeliver(ctx, confirmation)
	return Confirmed{EventID: told.EventID, State: string(state)}, err
}

// Close gives up a unit whose workflow was terminated, so that its domain can be
// ordered again. Error: *NotAllowedError when it is closed already, or runs.
func (d *Desk) Close(ctx context.Context, unit Unit) error {
	if unit.State != string(store.UnitOpen) {
		return &NotAllowedError{Reason: fmt.Sprintf("order %s is %s already", unit.Order, unit.State)}
	}
	if !unit.Started {
		// Nobody may start it from now on.
		mine, err := d.Store.ClaimStart(ctx, unit.Order, unit.Item)
		if err != nil {
			return err
		}
		if !mine {
			return &NotAllowedError{Reason: fmt.Sprintf("order %s is just being started; try again in a minute", unit.Order)}
		}
	}
	running, err := d.Intake.Runs(ctx, store.Unit{OrderNumber: unit.Order, WorkflowID: unit.WorkflowID})
	if err != nil {
		return err
	}
	if running {
		return &NotAllowedError{Reason: fmt.Sprintf("the workflow of order %s runs; cancel it in the Web UI instead", unit.Order)}
	}
	left := ""
	if unit.Started {
		left = "its workflow was ended in Temporal, and left what it had made by then: its history there says what"
	}
	return d.Store.CloseUnit(ctx, unit.Order, unit.Item, store.UnitCancelled, left)
}
