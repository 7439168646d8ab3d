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
	Open bool `json:"open,omitempty" jsonschema:"description=Whether it is open\\, so that it cannot be erased yet"`
	// RepeatableUntil is until when only its contents, which an erasure removes, tell that an equal
	// order repeats it.
	RepeatableUntil *time.Time `json:"repeatableUntil,omitempty" jsonschema:"description=Until when an equal order repeats it by nothing but its contents; erased before\\, it would be carried out again"`
	ErasedAt        *time.Time `json:"erasedAt,omitempty" jsonschema:"description=When it was erased; absent if it was not"`
	// RunsLeft says that Temporal has, or may have, runs of it still.
	RunsLeft bool `json:"runsLeft,omitempty" jsonschema:"description=Whether its runs are left in Temporal for now; a worker or gateway deletes them later\\, or a repeat of the command"`
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
		if err != nil || named[0].Number != number && named[0].Order != number && named[0].Address() != number {
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
	for n := range all {
		var err error
		if all[n].RepeatableUntil, err = d.Store.RepeatableUntil(ctx, all[n].Order, d.Intake.RepeatWindow); err != nil {
			return nil, err
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

// Erase erases an order, which nobody can take back, and records it. An order that is repeatable is
// refused, unless although is set. DeleteRuns is to follow. Errors: ErrNotFound,
// *store.OpenOrderError and *store.RepeatableOrderError.
func (d *Desk) Erase(ctx context.Context, number, actor, reason string, although bool) (erased time.Time, err error) {
	act := store.Act{Command: "erase", OrderNumber: number, Item: store.NoItem, Reason: claimed(ctx, actor, reason)}
	if err := d.begin(ctx, &act); err != nil {
		return time.Time{}, err
	}
	end(&act, nil)
	erasing := store.Erasing{Number: number, Act: &act, RepeatWindow: d.Intake.RepeatWindow}
	if although {
		erasing.RepeatWindow = 0
	}
	if erased, err = d.Store.Erase(ctx, erasing); err != nil {
		end(&act, err)
		d.write(ctx, act)
	}
	return erased, err
}

const (
	// runsAtOnce is of how many orders the runs are deleted at once, within runsTimeout.
	runsAtOnce  = 100
	runsTimeout = time.Minute
)

// DeleteRuns deletes the ended runs of erased orders in Temporal, which may quote what outside systems
// have said. It returns the orders that have runs still, or may have, with the reason: retention
// deletes them later, and so does a repeat. Error: ErrUnavailable.
func (d *Desk) DeleteRuns(ctx context.Context, numbers []string) (left []string, err error) {
	for batch := range slices.Chunk(numbers, runsAtOnce) {
		if err != nil {
			left = append(left, batch...)
			continue
		}
		var open []string
		if open, err = d.deleteRuns(ctx, batch); err != nil {
			open = batch
		}
		left = append(left, open...)
	}
	return left, err
}

func (d *Desk) deleteRuns(ctx context.Context, numbers []string) (open []string, err error) {
	deleting, cancel := context.WithTimeout(ctx, runsTimeout)
	defer cancel()
	if open, err = d.Intake.DeleteRuns(deleting, numbers); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	for _, number := range numbers {
		if slices.Contains(open, number) {
			continue
		}
		if err := d.Store.RunsDeleted(ctx, number); err != nil {
			return nil, err
		}
	}
	return open, nil
}
