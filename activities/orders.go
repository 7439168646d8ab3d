package activities

import (
	"bytes"
	"context"

	"domainprovisioning/messages"
	"domainprovisioning/orders"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

// Orders holds the activities that record in the store what became of an order.
type Orders struct{ Store *store.Store }

// RecordOutcome closes a unit of work, which frees its domain's name for another order.
func (o *Orders) RecordOutcome(ctx context.Context, in RecordOutcomeInput) (RecordOutcomeResult, error) {
	err := o.Store.CloseUnit(ctx, in.OrderNumber, in.Item, store.UnitState(in.State), in.Left)
	return RecordOutcomeResult{}, fail(err)
}

// RecordState records the state of an open unit of work, for lists. A state in which an order
// ends is left to RecordOutcome.
func (o *Orders) RecordState(ctx context.Context, in RecordStateInput) (RecordStateResult, error) {
	state := messages.State(in.State)
	if state.Closed() {
		return RecordStateResult{}, nil
	}
	err := o.Store.RecordState(ctx, store.StateChange{
		OrderNumber: in.OrderNumber, Item: in.Item, At: in.At, State: state, Step: in.Step, Reason: in.Reason, Since: in.Since,
	})
	return RecordStateResult{}, fail(err)
}

// StoredOrders opens orders from the store.
type StoredOrders struct{ *store.Store }

// Order opens a stored order, including its secrets.
func (s StoredOrders) Order(ctx context.Context, number string) (*orders.Order, error) {
	document, err := s.OrderDocument(ctx, number)
	if err != nil {
		return nil, err
	}
	order, err := orders.ReadStored(bytes.NewReader(document))
	if err != nil {
		return nil, refuse(registrars.ClassInvalid, "activities: order %s in the store cannot be read", number)
	}
	return order, nil
}
