package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"domainprovisioning/domains"
	"domainprovisioning/orders"
	"domainprovisioning/store"
)

// Address names the unit's order among those of all clients; see store.Address. Whatever leads to
// an order uses it.
func (u Unit) Address() string { return store.Address(u.Client, u.Number, u.Order) }

// Find returns the units of work that an argument names: the newest unit of a domain, or
// else all units of an order number, which may contain dots too. CLIENT:NUMBER names the order of
// one client. Who does not act for the operator finds the orders of its own client only. The error
// is ErrNotFound if there are none, a *NameError if the argument contains a dot but is neither a
// domain name nor an order number, and a *SeveralOrdersError.
func (d *Desk) Find(ctx context.Context, argument string) ([]Unit, error) {
	var filters []store.UnitFilter
	client := clientOf(ctx)
	if of, number, ok := strings.Cut(argument, ":"); ok {
		if client != "" && client != of || !orders.ValidNumber(number) || !orders.ValidNumber(of) {
			return nil, ErrNotFound
		}
		client, argument = of, number
	} else if strings.Contains(argument, ".") {
		name, err := domains.ParseName(argument)
		if err == nil {
			filters = append(filters, store.UnitFilter{Domain: name.String(), Client: client, Limit: 1})
		} else if !orders.ValidNumber(argument) {
			return nil, &NameError{err}
		}
	}
	if orders.ValidNumber(argument) {
		filters = append(filters, store.UnitFilter{Number: argument, Client: client, Limit: 1000})
	}
	var rows []store.Unit
	for _, filter := range filters {
		var err error
		if rows, err = d.Store.Units(ctx, filter); err != nil {
			return nil, err
		}
		if len(rows) > 0 {
			break
		}
	}
	if len(rows) == 0 {
		return nil, ErrNotFound
	}
	found := make([]Unit, len(rows))
	var keys []string
	for i, row := range rows {
		found[i] = d.unit(row)
		if key := found[i].Address(); !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	if len(keys) > 1 {
		return nil, &SeveralOrdersError{Number: argument, Orders: keys}
	}
	return found, nil
}

// SeveralOrdersError says that orders of several clients have a number.
type SeveralOrdersError struct {
	Number string
	Orders []string // CLIENT:NUMBER
}

func (e *SeveralOrdersError) Error() string {
	return fmt.Sprintf("several clients have an order %s; name one of %s", e.Number, strings.Join(e.Orders, ", "))
}

// Which names the unit that a command acts on if the order has several: by domain, or by
// item. Hosting without a domain has only an item.
type Which struct {
	Domain string
	Item   *int
}

// One returns the unit that a command acts on: the only one that matches.
func One(found []Unit, which Which) (Unit, error) {
	if which.Domain != "" {
		name, err := domains.ParseName(which.Domain)
		if err != nil {
			return Unit{}, ErrNotFound
		}
		which.Domain = name.String()
	}
	var fitting []Unit
	for _, unit := range found {
		if (which.Domain == "" || unit.Domain == which.Domain) && (which.Item == nil || unit.Item == *which.Item) {
			fitting = append(fitting, unit)
		}
	}
	switch len(fitting) {
	case 0:
		return Unit{}, ErrNotFound
	case 1:
		return fitting[0], nil
	default:
		return Unit{}, ErrSeveral
	}
}
