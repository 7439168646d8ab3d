package desk

import (
	"context"
	"fmt"
	"slices"
	"time"

	"domainprovisioning/store"
)

// Erasure is an order that is to be erased, or was.
type Erasure struct {
	Order   string   `json:"order" jsonschema:"description=The order's key"`
	Domains []string `json:"domains,omitempty" jsonschema:"description=Its domains\\, which stay known"`
	// Open says that it cannot be erased yet.
	Open     bool       `json:"open,omitempty" jsonschema:"description=Whether it is open\\, so that it cannot be erased yet"`
	ErasedAt *time.Time `json:"erasedAt,omitempty" jsonschema:"description=When it was erased; absent if it was not"`
}

// Erasable says what erasing orders would concern: those of the numbers, and those of a customer's
// account in Operations; 0 is none. Errors: ErrNotFound, *SeveralOrdersError.
func (d *Desk) Erasable(ctx context.Context, numbers []string, account int) ([]Erasure, error) {
	var all []Erasure
	add := func(filter store.UnitFilter) (found bool, err error) {
		filter.Limit = store.MostListed
		for {
			units, err := d.Store.Units(ctx, filter)
			if err != nil {
				return found, err
			}
			for _, unit := range units {
				found, all = true, withUnit(all, unit)
			}
			if len(units) < filter.Limit {
				return found, nil
			}
			cursor := units[len(units)-1].Cursor()
			filter.After = &cursor
		}
	}
	for _, number := range numbers {
		named, err := d.Find(ctx, number)
		// A domain is not enough to say whose data are to go.
		if err != nil || named[0].Number != number && named[0].Order != number && named[0].Client+":"+named[0].Number != number {
			return nil, orNotFound(number, err)
		}
		if _, err := add(store.UnitFilter{OrderNumber: named[0].Order}); err != nil {
			return nil, err
		}
	}
	if account > 0 {
		if found, err := add(store.UnitFilter{Account: account}); err != nil || !found {
			return nil, orNotFound(fmt.Sprintf("of account %d", account), err)
		}
	}
	return all, nil
}

func orNotFound(what string, err error) error {
	if err == nil {
		err = fmt.Errorf("order %s: %w", what, ErrNotFound)
	}
	return err
}

func withUnit(all []Erasure, unit store.Unit) []Erasure {
	at := slices.IndexFunc(all, func(one Erasure) bool { return one.Order == unit.OrderNumber })
	if at < 0 {
		at, all = len(all), append(all, Erasure{Order: unit.OrderNumber, ErasedAt: unit.ErasedAt})
	}
	one := &all[at]
	one.Open = one.Open || unit.State == store.UnitOpen
	if unit.Domain != "" && !slices.Contains(one.Domains, unit.Domain) {
		one.Domains = append(one.Domains, unit.Domain)
	}
	return all
}

// Erase erases an order, which nobody can take back, and records it. Errors: ErrNotFound and
// *store.OpenOrderError.
func (d *Desk) Erase(ctx context.Context, number, actor, reason string) (erased time.Time, err error) {
	act := store.Act{Command: "erase", OrderNumber: number, Item: store.NoItem, Reason: claimed(ctx, actor, reason)}
	err = d.record(ctx, &act, func() string { return "" }, func() error {
		erased, err = d.Store.Erase(ctx, number)
		return err
	})
	return erased, err
}
