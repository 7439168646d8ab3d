package main

import (
	"context"
	"errors"
	"fmt"
	"os/user"

	"github.com/spf13/cobra"

	"domainprovisioning/assembly"
	"domainprovisioning/desk"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// onUnit connects and acts on the one unit of work that an ORDER argument names.
func (s *starter) onUnit(ctx context.Context, argument string, act func(orders orderDesk, unit desk.Unit) error) error {
	orders, closeAll, err := s.orders(ctx)
	if err != nil {
		return err
	}
	defer closeAll()
	return s.onOne(ctx, orders, argument, func(unit desk.Unit) error { return act(orders, unit) })
}

// onOne acts on the one unit of work that an ORDER argument names.
func (s *starter) onOne(ctx context.Context, orders orderDesk, argument string, act func(desk.Unit) error) error {
	found, err := find(ctx, orders, argument)
	if err != nil {
		return err
	}
	var which desk.Which
	if s.item >= 0 {
		which.Item = &s.item
	}
	unit, err := desk.One(found, which)
	switch {
	case errors.Is(err, desk.ErrSeveral):
		return fmt.Errorf("order %s has several units of work: name the domain, or --item", argument)
	case errors.Is(err, desk.ErrNotFound):
		return fmt.Errorf("order %s has no item %d", argument, s.item)
	case err != nil:
		return fmt.Errorf("order %s: %w", argument, err)
	}
	return act(unit)
}

// itemFlag adds the flag that names one of several units of work.
func (s *starter) itemFlag(command *cobra.Command) {
	command.Flags().IntVar(&s.item, "item", -1, "which unit of work is meant, if the order has several")
}

func (s *starter) retryCommand() *cobra.Command {
	var command messages.Retry
	retry := &cobra.Command{
		Use:   "retry ORDER",
		Short: "Resume an order that needs attention, after the cause was corrected",
		Args:  cobra.ExactArgs(1),

		ValidArgsFunction: s.completeOrders,
		RunE: func(c *cobra.Command, arguments []string) error {
			if command.Actor == "" {
				command.Actor = currentUser()
			}
			return s.onUnit(c.Context(), arguments[0], func(orders orderDesk, unit desk.Unit) error {
				result, err := orders.Retry(c.Context(), unit, "", command)
				if err != nil {
					return err
				}
				if s.json {
					return s.printJSON(result)
				}
				s.printf("order %s goes on at step %d\n", unit.Order, result.Step)
				return nil
			})
		},
	}
	s.itemFlag(retry)
	flags := retry.Flags()
	flags.StringVar(&command.Actor, "actor", "", "who gives the command (default your login name)")
	flags.StringVar(&command.Reason, "reason", "", "why, for the record")
	flags.BoolVar(&command.AllowTakeover, "take-over", false,
		"let step 11 replace a domain of another account; first make sure that the account has lost the name")
	flags.BoolVar(&command.NothingThere, "nothing-there", false,
		"submit a request again whose outcome the registrar cannot tell; look there first, or it may be there twice")
	flags.StringVar(&command.AcceptPrice, "accept-price", "",
		"accept the registrar's price, such as 250.00EUR, for an order that needs attention because of its price; at any other price it is not sent")
	return retry
}

func currentUser() string {
	current, err := user.Current()
	if err != nil {
		return ""
	}
	return current.Username
}

func (s *starter) confirmCommand() *cobra.Command {
	var told desk.Confirmation
	confirm := &cobra.Command{
		Use:   "confirm ORDER",
		Short: "Tell an order that the registrar may have finished; it asks the registrar at once",
		Long: `Tell an order that the registrar may have finished. The report is not believed:
the order asks the registrar at once and acts on its answer.`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: s.completeOrders,
		RunE: func(c *cobra.Command, arguments []string) error {
			return s.onUnit(c.Context(), arguments[0], func(orders orderDesk, unit desk.Unit) error {
				confirmed, err := orders.Confirm(c.Context(), unit, told)
				if err != nil {
					return err
				}
				if s.json {
					return s.printJSON(confirmed)
				}
				s.printf("confirmation %s: %s\n", confirmed.EventID, confirmed.State)
				return nil
			})
		},
	}
	s.itemFlag(confirm)
	flags := confirm.Flags()
	flags.StringVar(&told.EventID, "event", "", "id of the event; the same id twice is one event (default a new one)")
	flags.StringVar(&told.Claim, "claim", "", "the claimed outcome, for the record")
	flags.StringVar(&told.Reference, "reference", "", "the registrar's id of the operation")
	return confirm
}

func (s *starter) closeCommand() *cobra.Command {
	var reason string
	closing := &cobra.Command{
		Use:   "close ORDER",
		Short: "Give up an order whose workflow was terminated, so that its domain can be ordered again",
		Long: `Give up an order whose workflow was terminated, so that its domain can be ordered
again. Nothing is undone in the outside systems. To resume it instead, place
the same order again.`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: s.completeOrders,
		RunE: func(c *cobra.Command, arguments []string) error {
			sys, closeAll, err := s.connect(c.Context())
			if err != nil {
				return err
			}
			defer closeAll()
			return s.onOne(c.Context(), sys.desk, arguments[0], func(unit desk.Unit) error {
				if _, err := sys.desk.Close(c.Context(), unit, currentUser(), reason); err != nil {
					return err
				}
				if s.json {
					return s.printJSON(map[string]string{"order": unit.Order, "state": string(store.UnitCancelled)})
				}
				s.printf("order %s is closed\n", unit.Order)
				return nil
			})
		},
	}
	s.itemFlag(closing)
	closing.Flags().StringVar(&reason, "reason", "", "why, for the record (required)")
	return closing
}

func (s *starter) migrateCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "migrate",
		Short: "Apply missing database migrations",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := s.atHome(); err != nil {
				return err
			}
			cfg, err := s.config()
			if err != nil {
				return err
			}
			opened, err := assembly.OpenStore(c.Context(), cfg)
			if err != nil {
				return err
			}
			applied, err := opened.Migrate(c.Context())
			if err := errors.Join(err, opened.Close()); err != nil {
				return err
			}
			if s.json {
				return s.printJSON(map[string][]string{"applied": applied})
			}
			if len(applied) == 0 {
				s.printf("the database is up to date\n")
			}
			for _, name := range applied {
				s.printf("applied %s\n", name)
			}
			return nil
		},
	}
}

func (s *starter) keyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "key",
		Short: "Generate a key for database.sealing_keys",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			key := store.GenerateKey()
			if s.json {
				return s.printJSON(map[string]string{"key": key})
			}
			_, err := fmt.Fprintln(s.out, key)
			return err
		},
	}
}
