package intake

import (
	"context"
	"errors"

	"domainprovisioning/orders"
	"domainprovisioning/store"
	"domainprovisioning/workflows"
)

// Examined is an order that was checked but not placed.
type Examined struct {
	Order *orders.Order
	// Existing is the number of the order that this one repeats, or "".
	Existing string
	// Units are the inputs that the workflows would get. Each reserved id is represented
	// by a number below -1000; equal numbers mean the same id.
	Units []workflows.UnitInput
}

// Examine reads and checks an order as Place does and asks the registrars, but it stores,
// reserves and starts nothing; it does not even record a refusal. The error is a
// *Refusal, with as much of the order as could be understood, or the error of a store
// that cannot be reached.
func (i *Intake) Examine(ctx context.Context, document []byte) (Examined, error) {
	order, source, err := i.Read(document)
	if err != nil {
		return Examined{}, asRefusal(err)
	}
	examined := Examined{Order: order}
	acceptance, err := i.acceptance(order, source)
	if err != nil {
		return examined, err
	}
	accepted, found, err := i.Store.FindRepeat(ctx, acceptance)
	if err != nil {
		return examined, asFault(err)
	}
	examined.Existing = accepted.Number
	units, err := i.resolve(order)
	switch {
	case err != nil && found:
		return examined, nil // it was accepted when the configuration had its plans
	case err != nil:
		return examined, asRefusal(err)
	}
	ids := map[store.IDRequest]int{}
	for _, unit := range units {
		plan := i.planner(order, unit)
		for _, request := range plan.ids() {
			if _, drawn := ids[request]; !drawn {
				ids[request] = -1001 - len(ids)
			}
		}
		examined.Units = append(examined.Units, plan.input(order.Number, ids))
	}
	if found {
		return examined, nil
	}
	i.plan(order, units, &acceptance)
	if accepted, found, err = i.Store.FindOverlap(ctx, acceptance); found {
		examined.Existing = accepted.Number
		return examined, nil
	}
	if err == nil {
		err = i.askRegistrars(ctx, order, units)
	}
	return examined, asFault(err)
}

// asFault turns an error that is the order's fault into a refusal and returns others
// unchanged.
func asFault(err error) error {
	if _, refused := errors.AsType[*Refusal](err); err == nil || !refused && !ordersFault(err) {
		return err
	}
	return asRefusal(err)
}
