package intake

import (
	"context"

	"domainprovisioning/orders"
	"domainprovisioning/store"
)

// AcceptOnly is Place without the start: the state that a process leaves if it dies at
// that point.
func (i *Intake) AcceptOnly(ctx context.Context, in *orders.Incoming, source Source) (store.Accepted, error) {
	acceptance, err := i.acceptance(in.Order, source)
	if err != nil {
		return store.Accepted{}, err
	}
	return i.accept(ctx, in, source, acceptance)
}
