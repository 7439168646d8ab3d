package intake

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"domainprovisioning/orders"
	"domainprovisioning/store"
)

// refuseOverlap turns errors of the store that are the order's fault into refusals.
func (i *Intake) refuseOverlap(ctx context.Context, in *orders.Incoming, units []orders.Unit, source Source, err error) error {
	if overlap, ok := asOverlap(callerOf(ctx), in, units, err).(*Refusal); ok { //nolint:errorlint // made here
		return i.refuse(ctx, source, overlap)
	}
	return err
}

// asOverlap turns an error of the store that is the order's fault into a refusal that points
// to what overlaps, and returns others unchanged. in is nil if the order could not be read. The
// order of another client is not named.
func asOverlap(caller Caller, in *orders.Incoming, units []orders.Unit, err error) error {
	open, isOpen := errors.AsType[*store.DomainOpenError](err)
	_, taken := errors.AsType[*store.NumberTakenError](err)
	_, reused := errors.AsType[*store.IdempotencyError](err)
	_, givenUp := errors.AsType[*store.GivenUpError](err)
	customer, known := errors.AsType[*store.CustomerKnownError](err)
	_, erased := errors.AsType[*store.ErasedError](err)
	if !isOpen && !taken && !reused && !givenUp && !known && !erased {
		return err
	}
	field := orders.WholeOrder()
	switch {
	case in == nil:
	case known:
		field = orders.CustomerField("login")
	case (taken || givenUp || erased) && in.Order.Number != "":
		field = orders.NumberField()
	case isOpen:
		for _, unit := range units {
			if unit.Domain != nil && unit.Domain.Name.String() == open.Domain {
				field = orders.ItemField(in.Order.Place(unit.Item), "domain")
			}
		}
	}
	reason := strings.TrimPrefix(err.Error(), "store: ")
	switch {
	case isOpen:
		reason = openElsewhere(caller, open)
	case known:
		reason = knownElsewhere(caller, customer)
	}
	return &Refusal{Reasons: []string{reason}, Pointers: []string{field.Pointer()}, Err: err}
}

func openElsewhere(caller Caller, open *store.DomainOpenError) string {
	if order := caller.name(open.Client, open.Label, open.OrderNumber); order != "" {
		return fmt.Sprintf("%s is in open order %s (workflow %s); wait for it or cancel it", open.Domain, order, open.WorkflowID)
	}
	return open.Domain + " is in an open order of another client; it can be ordered when that has ended"
}

func knownElsewhere(caller Caller, known *store.CustomerKnownError) string {
	if order := caller.name(known.Client, known.Label, known.OrderNumber); order != "" {
		return fmt.Sprintf("the login is that of order %s, which has account %d: order for that account", order, known.AccountID)
	}
	return "the login is that of a customer of another client; choose another"
}
