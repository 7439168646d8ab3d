package intake

import (
	"context"

	"domainprovisioning/orders"
	"domainprovisioning/store"
)

// AcceptOnly is Place up to the moment before the start: what is left of a process that
// dies there.
func (i *Intake) AcceptOnly(ctx context.Context, order *orders.Order, source Source) (store.Accepted, error) {
	acceptance, err := i.acceptance(order, source)
	if err != nil {
		return store.Accepted{}, err
	}
	return i.accept(ctx, order, source, acceptance)
}
