package intake

import (
	"context"

	"domainprovisioning/orders"
	"domainprovisioning/store"
	"domainprovisioning/workflows"
)

// Examined is an order that was checked but not placed.
type Examined struct {
	Order *orders.Order
	// Notes are remarks about the order that refuse nothing.
	Notes []orders.Fault
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
	in, source, err := i.Read(document)
	if err != nil {
		return Examined{}, asRefusal(err)
	}
	examined := Examined{Order: in.Order}
	var acceptance store.Acceptance
	if in.Readable() {
		if acceptance, err = i.acceptance(in.Order, source); err != nil {
			return examined, err
		}
		acceptance.Client = callerOf(ctx).Client
		accepted, _, err := i.Store.FindRepeat(ctx, acceptance)
		if err != nil {
			return examined, asOverlap(callerOf(ctx), in, nil, err)
		}
		examined.Existing = accepted.Label
	}
	units := i.resolve(in)
	renewed, err := i.earlierRenewals(ctx, in, units)
	if err != nil {
		return examined, err
	}
	examined.Notes = in.Notes()
	faulty := in.Err() != nil
	if !faulty {
		examined.Units = i.inputs(keyOf(ctx, in.Order), in, units, planned{renewed, true})
		acceptance.Units = domainsOf(units)
	}
	// What it repeats was accepted, when rules and plans were perhaps others.
	if examined.Existing != "" {
		return examined, nil
	}
	if !faulty {
		accepted, found, err := i.Store.FindOverlap(ctx, acceptance)
		if err != nil || found {
			examined.Existing = accepted.Label
			return examined, asOverlap(callerOf(ctx), in, units, err)
		}
	}
	if asked := i.ask(ctx, in, units); !asked && !faulty {
		examined.Units = i.inputs(keyOf(ctx, in.Order), in, units, planned{renewed, asked})
	}
	if err := in.Err(); err != nil {
		return examined, asRefusal(err)
	}
	return examined, nil
}

// inputs are what the workflows would get.
func (i *Intake) inputs(key string, in *orders.Incoming, units []orders.Unit, with planned) []workflows.UnitInput {
	inputs := make([]workflows.UnitInput, 0, len(units))
	ids := map[store.IDRequest]int{}
	for _, unit := range units {
		plan := i.planner(in, unit, with)
		for _, request := range plan.ids() {
			if _, drawn := ids[request]; !drawn {
				ids[request] = -1001 - len(ids)
			}
		}
		inputs = append(inputs, plan.input(key, ids))
	}
	return inputs
}
