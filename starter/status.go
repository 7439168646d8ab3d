package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"domainprovisioning/desk"
	"domainprovisioning/gateway"
	"domainprovisioning/messages"
	"domainprovisioning/starter/terminal"
)

func (s *starter) printf(format string, args ...any) { _, _ = fmt.Fprintf(s.out, format, args...) }

// printJSON prints the JSON document of a command.
func (s *starter) printJSON(value any) error {
	s.printed = true
	encoder := json.NewEncoder(s.out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}

// shownOrder is an order with its checklists, or why it cannot be shown.
type shownOrder struct {
	// Order is the order's number, or the argument that names none.
	Order string               `json:"order" jsonschema:"description=Order number\\, or the argument if that names no order"`
	Units []gateway.UnitStatus `json:"units,omitempty"`
	Error *fault               `json:"error,omitempty"`
}

func (s *starter) statusCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "status ORDER...",
		Short: "Show the checklist of orders",
		Args:  cobra.MinimumNArgs(1),

		ValidArgsFunction: s.completeOrders,
		RunE: func(command *cobra.Command, arguments []string) error {
			orders, closeAll, err := s.orders(command.Context())
			if err != nil {
				return err
			}
			defer closeAll()
			shown := make([]shownOrder, 0, len(arguments))
			var wrong []error
			for _, argument := range arguments {
				order, err := s.status(command.Context(), orders, argument)
				shown = append(shown, order)
				wrong = append(wrong, err)
			}
			if s.json {
				wrong = append(wrong, s.printJSON(shown))
			}
			return errors.Join(wrong...)
		},
	}
}

func (s *starter) status(ctx context.Context, orders orderDesk, argument string) (shownOrder, error) {
	shown := shownOrder{Order: argument}
	found, err := find(ctx, orders, argument)
	if err != nil {
		shown.Error = faultOf(err)
		return shown, err
	}
	shown.Order = found[0].Order
	var wrong []error
	for _, unit := range found {
		current, err := orders.Progress(ctx, unit)
		if err != nil {
			shown.Units = append(shown.Units, gateway.UnitStatus{Unit: unit, Unanswered: true})
			wrong = append(wrong, err)
			continue
		}
		shown.Units = append(shown.Units, gateway.UnitStatus{Unit: unit.With(current), Progress: &current})
		if !s.json {
			s.printf("%s\n", strings.Join(terminal.Checklist(current), "\n"))
			if unit.ErasedAt != nil {
				s.printf("  erased on %s: who it was for is not known any more\n", unit.ErasedAt.Format(time.DateOnly))
			}
			if unit.Trace != "" {
				s.printf("  trace %s\n", unit.Trace)
			}
		}
	}
	err = errors.Join(wrong...)
	shown.Error = faultOf(err)
	if err != nil || s.json {
		return shown, err // `starter audit` has the acts
	}
	return shown, s.latestActs(ctx, orders, found[0])
}

// stateOf is the error for the state in which a unit has ended, or stands still.
func stateOf(unit desk.Unit, current messages.Progress) error {
	switch {
	case current.State == messages.Done:
		return nil
	case current.State.Closed():
		return fmt.Errorf("order %s is %s", unit.Order, current.State)
	case current.Attention != nil:
		return parked(fmt.Errorf("order %s needs a person: %s", unit.Order, current.Attention.Reason))
	}
	return parked(fmt.Errorf("order %s needs a person", unit.Order))
}
