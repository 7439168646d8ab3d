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

// Retry resumes an order that needs attention, after its cause was corrected. The same id
// twice is one command; "" stands for a new id. Errors: *NotAllowedError, ErrUnavailable.
func (d *Desk) Retry(ctx context.Context, unit Unit, id string, command messages.Retry) (result messages.RetryResult, err error) {
	err = d.acted(ctx, unit, "retry", claimed(ctx, command.Actor, command.Reason), func() error {
		result, err = d.retry(ctx, unit, id, command)
		return err
	})
	return result, err
}

func (d *Desk) retry(ctx context.Context, unit Unit, id string, command messages.Retry) (messages.RetryResult, error) {
	if id == "" {
		id = rand.Text()
	}
	// A worker answers an update. Without one the call would wait forever.
	asking, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	result, err := messages.RetryStep().Send(asking, d.Temporal, unit.WorkflowID, id, command)
	if err == nil || ctx.Err() != nil {
		return result, err
	}
	if _, ended := errors.AsType[*serviceerror.NotFound](err); ended {
		return result, &NotAllowedError{Reason: "no workflow of the order is running, so there is nothing to retry: place the order again to resume it"}
	}
	if refused, ok := errors.AsType[*temporal.ApplicationError](err); ok {
		return result, &NotAllowedError{Reason: refused.Message()}
	}
	return result, fmt.Errorf("%w: %w", ErrUnavailable, err)
}

// Confirmation is what a person reports about an operation; see messages.Confirmation.
type Confirmation struct {
	// EventID makes a repeat harmless; "" stands for a new event.
	EventID   string
	Reference string
	Claim     string
}

// Confirmed says what was done with a confirmation.
type Confirmed struct {
	EventID string `json:"eventId"`
	State   string `json:"state" jsonschema:"enum=received,enum=delivered,enum=late,enum=unmatched"`
}

// Confirm tells an order that the registrar may have finished. The order asks the
// registrar and acts on its answer. Error: *NotAllowedError for an order without a
// domain.
func (d *Desk) Confirm(ctx context.Context, unit Unit, told Confirmation) (confirmed Confirmed, err error) {
	err = d.acted(ctx, unit, "confirm", told.Claim, func() error {
		confirmed, err = d.confirm(ctx, unit, told)
		return err
	})
	return confirmed, err
}

func (d *Desk) confirm(ctx context.Context, unit Unit, told Confirmation) (Confirmed, error) {
	if unit.Domain == "" {
		return Confirmed{}, &NotAllowedError{Reason: "the order has no domain to confirm"}
	}
	if told.EventID == "" {
		told.EventID = rand.Text()
	}
	// The event ids of people contain the order, so they never collide with those of a
	// registrar, which begin with its account.
	confirmation := store.Confirmation{
		EventID: fmt.Sprintf("operator/%s/%d/%s", unit.Order, unit.Item, told.EventID), Source: messages.FromOperator, Account: unit.Registrar, Domain: unit.Domain,
		Reference: told.Reference, Claim: told.Claim,
	}
	state, err := d.Intake.Inbox().TakeAndDeliver(ctx, confirmation)
	return Confirmed{EventID: told.EventID, State: string(state)}, err
}

// Close cancels a unit whose workflow was terminated, so that its domain can be ordered
// again. Error: *NotAllowedError if it is closed already or its workflow is running.
func (d *Desk) Close(ctx context.Context, unit Unit) error {
	return d.acted(ctx, unit, "close", "", func() error { return d.close(ctx, unit) })
}

func (d *Desk) close(ctx context.Context, unit Unit) error {
	if !unit.Open() {
		return &NotAllowedError{Reason: fmt.Sprintf("order %s is %s already", unit.Order, unit.State)}
	}
	if !unit.Started {
		// With the claim, no other process can start it.
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
		left = "its workflow was ended in Temporal and left behind what it had created: its history there shows what"
	}
	return d.Store.CloseUnit(ctx, unit.Order, unit.Item, store.UnitCancelled, left)
}
