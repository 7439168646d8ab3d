package intake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"

	"domainprovisioning/orders"
	"domainprovisioning/store"
	"domainprovisioning/workflows"
)

// PlaceLost places an order again whose row was lost with the database while its workflow goes
// on, under the key that the workflow has: another key would find nothing of what was requested
// and paid under the first one. client is whose order it is, "" for the client that the key names
// or else store.LocalClient. The errors are those of Place; an order whose workflows are not all
// there, or have all ended, is refused, so that this starts nothing that was not started before.
func (i *Intake) PlaceLost(ctx context.Context, document []byte, key, client string) (Placed, error) {
	in, source, err := i.Read(document)
	again := &again{lost: store.Lost{Key: key}}
	if err == nil {
		client, err = again.identify(in.Order.Number, client)
	}
	caller := callerOf(ctx)
	caller.Client = client
	return i.place(WithCaller(ctx, caller), in, source, err, nil, again)
}

// again is an order that is placed again after its row was lost.
type again struct {
	lost   store.Lost
	number string // the order's number at its client
}

// identify finds out whose order has the key and under which number, which is "" in a document
// that came without one.
func (a *again) identify(inDocument, client string) (of string, err error) {
	of, number, both := strings.Cut(a.lost.Key, ":")
	if !both {
		of, number = cmp.Or(client, store.LocalClient), a.lost.Key
	}
	if !orders.ValidNumber(of) || !orders.ValidNumber(number) {
		return "", fmt.Errorf("%q is not the key of an order", a.lost.Key)
	}
	if client != "" && client != of {
		return "", fmt.Errorf("%s is the key of an order of %s, and not of %s", a.lost.Key, of, client)
	}
	a.number = number
	switch drawn, ours := store.DrawnNumber(a.lost.Key); {
	case inDocument == number:
	case inDocument != "":
		return "", fmt.Errorf("the document is that of order %s, and not of %s", inDocument, a.lost.Key)
	case !ours:
		return "", fmt.Errorf("the document has no number, so it is not that of %s", a.lost.Key)
	default:
		a.lost.Drawn = drawn
	}
	return of, nil
}

// goesOn returns a *Refusal unless Temporal has a workflow of the order for each of its units, and
// one of them goes on, or will when it is resumed. The workflow of a unit whose history is gone
// would begin from the start, and perhaps pay again.
func (i *Intake) goesOn(ctx context.Context, source Source, key string, units []orders.Unit) error {
	goes := false
	for _, unit := range units {
		id := workflows.WorkflowID(key, unit)
		found, err := i.run(ctx, id, "")
		_, none := errors.AsType[*serviceerror.NotFound](err)
		switch {
		case none || err == nil && found.orderNumber != key:
			return i.refuse(ctx, source, fmt.Errorf("Temporal has no workflow %s of order %s, so it cannot go on", id, key)) //nolint:staticcheck // a name
		case err != nil:
			return fmt.Errorf("intake: %s: %w", id, err)
		}
		switch found.status {
		case enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED, enumspb.WORKFLOW_EXECUTION_STATUS_CANCELED:
		default:
			goes = true
		}
	}
	if !goes {
		return i.refuse(ctx, source, fmt.Errorf("order %s has ended in Temporal, and needs no document any more", key))
	}
	return nil
}
