package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"domainprovisioning/desk"
	"domainprovisioning/messages"
	"domainprovisioning/starter/terminal"
)

func (s *starter) printf(format string, args ...any) { _, _ = fmt.Fprintf(s.out, format, args...) }

func (s *starter) printJSON(value any) error {
	encoder := json.NewEncoder(s.out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
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
			for _, argument := range arguments {
				if err := s.status(command.Context(), orders, argument); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

func (s *starter) status(ctx context.Context, orders orderDesk, argument string) error {
	found, err := find(ctx, orders, argument)
	if err != nil {
		return err
	}
	for _, unit := range found {
		current, err := orders.Progress(ctx, unit)
		if err != nil {
			return err
		}
		if s.json {
			if err := s.printJSON(current); err != nil {
				return err
			}
			continue
		}
		s.printf("%s\n", strings.Join(terminal.Checklist(current), "\n"))
	}
	if s.json {
		return nil // `starter audit` has them
	}
	return s.latestActs(ctx, orders, found[0].Order)
}

func (s *starter) watchCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "watch ORDER",
		Short: "Show the checklist of an order until it has ended",
		Long: `Show the checklist of an order until it has ended. The exit code is 0 when it is
done, and 1 when it failed or was cancelled.`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: s.completeOrders,
		RunE: func(command *cobra.Command, arguments []string) error {
			orders, closeAll, err := s.orders(command.Context())
			if err != nil {
				return err
			}
			defer closeAll()
			return s.watchOrder(command.Context(), orders, arguments[0])
		},
	}
}

func (s *starter) watchOrder(ctx context.Context, orders orderDesk, argument string) error {
	found, err := find(ctx, orders, argument)
	if err != nil {
		return err
	}
	for _, unit := range found {
		if err := s.watchUnit(ctx, orders, unit); err != nil {
			return err
		}
	}
	return nil
}

func (s *starter) watchUnit(ctx context.Context, orders orderDesk, unit desk.Unit) error {
	live := terminal.NewLive(s.out, unit.Order+" "+unit.Domain)
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		// The state in the store changes as well.
		if again, err := orders.Find(ctx, unit.Order); err == nil {
			for _, candidate := range again {
				if candidate.Item == unit.Item {
					unit = candidate
				}
			}
		}
		current, err := orders.Progress(ctx, unit)
		if err != nil {
			return err
		}
		if s.json {
			if err := s.printJSON(current); err != nil {
				return err
			}
		} else {
			live.Show(current)
		}
		switch {
		case current.State == messages.Done:
			return nil
		case current.State.Closed():
			return fmt.Errorf("order %s is %s", unit.Order, current.State)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}
