package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"domainprovisioning/assembly"
	"domainprovisioning/desk"
)

// erasing is `starter erase` as it was typed.
type erasing struct {
	orders        []string
	account       int
	actor, reason string
	although      bool
	dryRun, yes   bool
}

func (s *starter) eraseCommand() *cobra.Command {
	var e erasing
	command := &cobra.Command{
		Use:   "erase",
		Short: "Erase who orders were for, which nobody can take back",
		Long: `Erase who orders were for: the keys that open their data, their secrets, what outside systems
have said about them, and the digests by which customer, contacts and repeats were found. The
domains, ids, states and times stay, and so do the ledger and the record of acts, which notes
this one too. Nobody can take it back. It may be repeated.

The ended runs of the orders are deleted in Temporal. While it does not answer, the rest is erased
all the same, and the code is 6; a worker or gateway deletes the runs later, or the same command.

It lists the orders first, and asks; where nobody can be asked, it needs --yes. An open order is
refused, and then none is erased. So is one that had neither number nor key of its own, for
orders.repeat_window from when it came: an equal order repeats it only by its contents, and would
be carried out again.
  starter erase --order DP00000001 --reason "request of 3 May"
  starter erase --account 1048576 --reason "contract ended" --yes`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if len(e.orders) == 0 && e.account <= 0 {
				return usage("say whose data: --order or --account")
			}
			if !e.dryRun {
				if err := checkSaid(e.actor, e.reason); err != nil {
					return err
				}
			}
			orders, closeAll, err := s.deskOfStore(c.Context())
			if err != nil {
				return err
			}
			defer closeAll()
			return s.erase(c.Context(), orders, e)
		},
	}
	flags := command.Flags()
	flags.StringSliceVar(&e.orders, "order", nil, "numbers of orders, separated by commas")
	flags.IntVar(&e.account, "account", 0, "all orders of this account in Operations")
	saidFlags(command, &e.actor, &e.reason, "who erases", "why, for the record")
	flags.BoolVar(&e.although, "although-repeatable", false, "erase orders too that an equal order would no longer be found to repeat")
	flags.BoolVar(&e.dryRun, "dry-run", false, "do nothing: list the orders")
	flags.BoolVarP(&e.yes, "yes", "y", false, "do not ask")
	_ = command.RegisterFlagCompletionFunc("order", s.completeOrders)
	return command
}

// deskOfStore opens the desk for what needs the database, and goes on while Temporal is away.
func (s *starter) deskOfStore(ctx context.Context) (*desk.Desk, func(), error) {
	a, closeStore, err := s.open(ctx)
	if err != nil {
		return nil, nil, err
	}
	temporal, err := assembly.LazyTemporal(s.log(), a.Codec)
	if err != nil {
		closeStore()
		return nil, nil, err
	}
	return a.Desk(temporal), func() { temporal.Close(); closeStore() }, nil
}

func (s *starter) erase(ctx context.Context, orders *desk.Desk, e erasing) error {
	plan, err := orders.Erasable(ctx, e.orders, e.account)
	if err != nil {
		return err
	}
	var open, repeatable []string
	for _, one := range plan {
		switch {
		case one.Open:
			open = append(open, one.Order)
		case one.RepeatableUntil != nil && !e.although:
			repeatable = append(repeatable, one.Order+" until "+one.RepeatableUntil.Format(time.RFC3339))
		}
		if !s.json {
			s.printf("%s\n", erasureLine(one))
		}
	}
	agreed := e.yes && !e.dryRun
	switch {
	case len(open) > 0 && !e.dryRun:
		err = assembly.Exit(assembly.ExitRefused, fmt.Errorf("nothing was erased: open: %s; wait for their end, or cancel them", strings.Join(open, ", ")))
	case len(repeatable) > 0 && !e.dryRun:
		err = assembly.Exit(assembly.ExitRefused, fmt.Errorf("nothing was erased: an equal order would be carried out again: %s; wait, or give --although-repeatable", strings.Join(repeatable, ", ")))
	case e.dryRun || agreed:
	case !s.asks():
		err = usage("nobody can be asked: look at the list of --dry-run, then give the command with --yes")
	default:
		agreed, err = s.ask(ctx, fmt.Sprintf("erase %d orders for good? [y/N] ", len(plan)))
	}
	if err != nil {
		return err
	}
	if agreed {
		err = s.eraseAll(ctx, orders, plan, e)
	} else if !s.json {
		s.printf("nothing was erased\n")
	}
	if s.json {
		err = errors.Join(err, s.printJSON(plan))
	}
	return err
}

// eraseAll erases the orders of a plan, with their runs, and notes in it when each was.
func (s *starter) eraseAll(ctx context.Context, orders *desk.Desk, plan []desk.Erasure, e erasing) error {
	var erased []string
	var failed error
	for n := range plan {
		at, err := orders.Erase(ctx, plan[n].Order, e.actor, e.reason, e.although)
		if err != nil {
			failed = fmt.Errorf("order %s: %w", plan[n].Order, err)
			break
		}
		plan[n].ErasedAt, plan[n].RepeatableUntil = &at, nil
		erased = append(erased, plan[n].Order)
		if !s.json {
			s.printf("order %s was erased on %s\n", plan[n].Order, at.Format(time.DateOnly))
		}
	}
	left, err := orders.DeleteRuns(ctx, erased)
	for n := range plan {
		plan[n].RunsLeft = slices.Contains(left, plan[n].Order)
	}
	const later = "a worker or gateway deletes them later, or the same command"
	switch {
	case err != nil:
		err = fmt.Errorf("runs are left in Temporal of %s: %w; %s", strings.Join(left, ", "), err, later)
	case len(left) > 0:
		err = fmt.Errorf("runs in Temporal have not ended yet of %s; %s", strings.Join(left, ", "), later)
	}
	return errors.Join(failed, err)
}

func erasureLine(one desk.Erasure) string {
	line := "order " + one.Order
	if len(one.Domains) > 0 {
		line += " " + strings.Join(one.Domains, ", ")
	}
	switch {
	case one.Open:
		line += ": open"
	case one.ErasedAt != nil:
		line += ": erased on " + one.ErasedAt.Format(time.DateOnly) + " already"
	case one.RepeatableUntil != nil:
		line += ": an equal order repeats it by its contents until " + one.RepeatableUntil.Format(time.RFC3339)
	}
	return line
}
