package main

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"time"

	"github.com/spf13/cobra"

	"domainprovisioning/assembly"
	"domainprovisioning/desk"
	"domainprovisioning/gateway"
	"domainprovisioning/messages"
	"domainprovisioning/starter/terminal"
)

// parked is the error of an order that needs a person.
func parked(err error) error { return assembly.Exit(assembly.ExitParked, err) }

func (s *starter) watchCommand() *cobra.Command {
	var stay bool
	watch := &cobra.Command{
		Use:   "watch ORDER...",
		Short: "Show the checklist of orders until they have ended or need a person",
		Long: `Show the checklist of orders, one order after the other, until it has ended or needs a person.
The exit code is 0 when all are done, 1 when one has failed or was cancelled, and 4 when one
needs a person; with --stay an order that needs a person is shown until it has ended.

With --json it prints a document a line, one at the beginning and one after each change.`,
		Args:              cobra.MinimumNArgs(1),
		ValidArgsFunction: s.completeOrders,
		RunE: func(command *cobra.Command, arguments []string) error {
			orders, closeAll, err := s.orders(command.Context())
			if err != nil {
				return err
			}
			defer closeAll()
			var changed func(gateway.UnitStatus) error
			if s.json {
				changed = func(status gateway.UnitStatus) error {
					return s.printLine(shownOrder{Order: status.Order, Units: []gateway.UnitStatus{status}})
				}
			}
			var wrong []error
			for _, argument := range arguments {
				_, err := s.watchOrder(command.Context(), orders, argument, stay, changed)
				if err != nil && s.json && command.Context().Err() == nil {
					err = errors.Join(err, s.printLine(shownOrder{Order: argument, Error: faultOf(err)}))
				}
				if wrong = append(wrong, err); command.Context().Err() != nil {
					break
				}
			}
			return errors.Join(wrong...)
		},
	}
	watch.Flags().BoolVar(&stay, "stay", false, "go on showing an order that needs a person")
	return watch
}

// watchOrder shows an order until it has ended, or needs a person unless stay is set. changed is
// told of each change, if it is not nil. It returns how the order stands then.
func (s *starter) watchOrder(
	ctx context.Context, orders orderDesk, argument string, stay bool, changed func(gateway.UnitStatus) error,
) ([]gateway.UnitStatus, error) {
	found, err := find(ctx, orders, argument)
	if err != nil {
		return nil, err
	}
	var last []gateway.UnitStatus
	var wrong []error
	for _, unit := range found {
		status, err := s.watchUnit(ctx, orders, unit, stay, changed)
		if status != nil {
			last = append(last, *status)
		}
		if wrong = append(wrong, err); ctx.Err() != nil {
			break
		}
	}
	return last, errors.Join(wrong...)
}

func (s *starter) watchUnit(
	ctx context.Context, orders orderDesk, unit desk.Unit, stay bool, changed func(gateway.UnitStatus) error,
) (last *gateway.UnitStatus, err error) {
	live := terminal.NewLive(s.out, unit.Order+" "+unit.Domain)
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		// The state in the store changes as well.
		if again, err := orders.Find(ctx, unit.Address()); err == nil {
			for _, candidate := range again {
				if candidate.Item == unit.Item {
					unit = candidate
				}
			}
		}
		current, err := orders.Progress(ctx, unit)
		if err != nil {
			return last, err
		}
		status := gateway.UnitStatus{Unit: unit.With(current), Progress: &current}
		fresh := last == nil || !reflect.DeepEqual(*last, status)
		if last = &status; fresh && changed != nil {
			if err := changed(status); err != nil {
				return last, err
			}
		}
		if !s.json {
			live.Show(current)
		}
		if current.State.Closed() || current.State == messages.NeedsAttention && !stay {
			return last, stateOf(unit, current)
		}
		select {
		case <-ctx.Done():
			return last, ctx.Err()
		case <-ticker.C:
		}
	}
}

// printLine prints a JSON document of a stream, in one line.
func (s *starter) printLine(value any) error {
	s.printed = true
	return json.NewEncoder(s.out).Encode(value)
}
