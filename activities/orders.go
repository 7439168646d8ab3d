package activities

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"domainprovisioning/messages"
	"domainprovisioning/orders"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

// Orders holds the activities about an order's place in the store.
type Orders struct {
	Store *store.Store
	// Catalog has the plans of the configuration.
	Catalog *orders.Catalog
}

// Admit says whether a run that has begun is wanted: the order must be open, and be carried by
// the workflow of that id. The run that has ended the order may ask again: if its last workflow
// task is lost, and it was its first one too, it does everything once more.
func (o *Orders) Admit(ctx context.Context, in AdmitInput) (AdmitResult, error) {
	stands, err := o.Store.AdmitRun(ctx, in.OrderNumber, in.Item, in.WorkflowID, in.RunID)
	endedByItself := stands.Last && (stands.State == store.UnitDone || stands.GivenUp != nil)
	switch {
	case err != nil:
		return AdmitResult{}, fail(err)
	case stands.State == "":
		return AdmitResult{Refusal: fmt.Sprintf("no order %s is carried by the workflow %s; place orders by the starter or the gateway, and not by starting workflows",
			in.OrderNumber, in.WorkflowID)}, nil
	case stands.State != store.UnitOpen && !endedByItself:
		return AdmitResult{Refusal: fmt.Sprintf("order %s is %s already, and nothing of it is done again", in.OrderNumber, stands.State)}, nil
	}
	return AdmitResult{Again: stands.Runs > 1, Revision: stands.Revision, GivenUp: stands.GivenUp}, nil
}

// GiveUp records that the order is given up.
func (o *Orders) GiveUp(ctx context.Context, in GiveUpInput) (GiveUpResult, error) {
	state, err := o.Store.GiveUp(ctx, in.OrderNumber, in.Item, in.Command)
	return GiveUpResult{Done: state == store.UnitDone}, fail(err)
}

// ReadPlan reads what the catalog makes of a revision of an order now, and records that the
// unit of work goes by it. What the catalog says against the order as it was placed refuses no
// amendment of it, as long as there is a plan.
func (o *Orders) ReadPlan(ctx context.Context, in ReadPlanInput) (ReadPlanResult, error) {
	order, units, refused, err := o.resolve(ctx, in.OrderNumber, in.Revision)
	if err != nil {
		return ReadPlanResult{}, fail(err)
	}
	at := slices.IndexFunc(units, func(u orders.Unit) bool { return u.Item == in.Item })
	if in.Revision > 0 && len(refused) > 0 && at >= 0 {
		_, _, before, err := o.resolve(ctx, in.OrderNumber, 0)
		if err != nil {
			return ReadPlanResult{}, fail(err)
		}
		refused = slices.DeleteFunc(refused, func(fault orders.Fault) bool { return slices.Contains(before, fault) })
	}
	if len(refused) > 0 || at < 0 {
		reasons := []string{}
		for _, fault := range refused {
			reasons = append(reasons, fault.Message)
		}
		if len(reasons) == 0 {
			reasons = append(reasons, fmt.Sprintf("the order has no unit of work of item %d", in.Item))
		}
		return ReadPlanResult{Refused: reasons}, nil
	}
	if err := o.Store.TakeRevision(ctx, in.OrderNumber, in.Item, in.Revision); err != nil {
		return ReadPlanResult{}, fail(err)
	}
	return ReadPlanResult{Unit: units[at], Contacts: ContactsOf(order, units[at])}, nil
}

// resolve reads a revision of an order and resolves it, with what the catalog says against it.
func (o *Orders) resolve(ctx context.Context, number string, revision int) (*orders.Order, []orders.Unit, orders.Faults, error) {
	document, err := o.Store.RevisedDocument(ctx, number, revision)
	if err != nil {
		return nil, nil, nil, err
	}
	incoming, err := orders.Reopen(bytes.NewReader(document))
	if err != nil {
		return nil, nil, nil, unreadableOrder(number)
	}
	units := o.Catalog.Resolve(incoming)
	refused, _ := errors.AsType[orders.Faults](incoming.Err())
	return incoming.Order, units, refused, nil
}

// RecordOutcome closes a unit of work, which frees its domain's name for another order.
func (o *Orders) RecordOutcome(ctx context.Context, in RecordOutcomeInput) (RecordOutcomeResult, error) {
	err := o.Store.EndUnit(ctx, store.Ending{
		OrderNumber: in.OrderNumber, Item: in.Item, State: store.UnitState(in.State), Left: in.Left, NameServers: in.NameServers,
	})
	return RecordOutcomeResult{State: in.State, Left: in.Left, NameServers: in.NameServers}, fail(err)
}

// RecordAct records a command that was given in Temporal, where the actor says who it is. A
// repeat records nothing.
func (o *Orders) RecordAct(ctx context.Context, in RecordActInput) (RecordActResult, error) {
	_, err := o.Store.RecordAct(ctx, store.Act{
		Actor: in.Actor, Via: "temporal", Command: in.Command, OrderNumber: in.OrderNumber, Item: in.Item, Reason: in.Reason,
		Outcome: store.ActAccepted, Source: in.Source,
	})
	return RecordActResult{}, fail(err)
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

// Order opens a revision of a stored order, including its secrets; revision 0 is the order as
// it was placed.
func (s StoredOrders) Order(ctx context.Context, number string, revision int) (*orders.Order, error) {
	document, err := s.RevisedDocument(ctx, number, revision)
	if err != nil {
		return nil, err
	}
	order, err := orders.ReadStored(bytes.NewReader(document))
	if err != nil {
		return nil, unreadableOrder(number)
	}
	return order, nil
}

func unreadableOrder(number string) error {
	return refuse(registrars.ClassInvalid, "activities: order %s in the store cannot be read", number)
}
