package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"domainprovisioning/desk"
	"domainprovisioning/messages"
)

func (s *starter) extendCommand() *cobra.Command {
	g := given{action: messages.ActionExtend}
	var until string
	extend := &cobra.Command{
		Use:   "extend [ORDER...] 72h",
		Short: "Wait longer for the registrar before a person is told",
		Long: long(`Wait longer for the registrar before a person is told: for a while from now on, such as 72h,
or --until a time. It may be at most 366 days ahead.`, `extend 72h --for deadline-passed --reason "registry holidays"`),
		RunE: func(c *cobra.Command, arguments []string) error {
			at, arguments, err := untilOf(until, arguments, time.Now(), g.id != "")
			if err != nil {
				return err
			}
			if err := s.check(c, &g, arguments); err != nil {
				return err
			}
			command := messages.Extend{Until: at}
			g.body = command
			command.Actor, command.Reason = g.actor, g.reason
			return s.give(c.Context(), &g, arguments, answers(func(ctx context.Context, orders orderDesk, unit desk.Unit, id string) (messages.Answer, error) {
				return orders.Extend(ctx, unit, id, command)
			}))
		},
	}
	s.givenFlags(extend, &g, stepFilter)
	extend.Flags().StringVar(&until, "until", "", "until this time instead, such as 2026-12-24T12:00:00Z")
	return extend
}

// untilOf returns the time that --until or the last argument names, and the arguments before
// it. again: the command may be given again under its id.
func untilOf(until string, arguments []string, now time.Time, again bool) (time.Time, []string, error) {
	var at time.Time
	switch {
	case until != "":
		var err error
		if at, err = time.Parse(time.RFC3339, until); err != nil {
			return at, nil, usage("--until is %q and must be a time such as 2026-12-24T12:00:00Z", until)
		}
	case len(arguments) == 0:
		return at, nil, usage("say for how long, such as 72h, or --until when")
	default:
		last := arguments[len(arguments)-1]
		age, err := time.ParseDuration(last)
		switch {
		case err != nil:
			return at, nil, usage("the last argument is %q and must say for how long, such as 72h; or say --until when", last)
		case again:
			return at, nil, usage("--id needs --until: %s from now on is another time at each call", last)
		}
		at, arguments = now.Add(age), arguments[:len(arguments)-1]
	}
	if !at.After(now) || at.After(now.Add(messages.MostExtended)) {
		return at, nil, usage("an order can wait until a time in the future that is at most 366 days ahead")
	}
	return at.UTC().Truncate(time.Second), arguments, nil
}

func (s *starter) skipCommand() *cobra.Command {
	g := given{action: messages.ActionSkip}
	var billingDomainID int
	skip := &cobra.Command{
		Use:   "skip [ORDER...]",
		Short: "Leave out the step that orders are at",
		Long: long(`Leave out the step that orders are at, if it is one that may be left out. --step says which
one is meant, so that a late command hits no other; without it, it is the one that the order
is at. The step that records a domain in Billing needs --billing-domain, the id under which it
was recorded by hand.`, `skip --step 13 --for rejected --reason "zone is made by hand"`),
		RunE: func(c *cobra.Command, arguments []string) error {
			if err := s.check(c, &g, arguments, "step"); err != nil {
				return err
			}
			switch {
			case g.byFilter && g.filter.Step == 0:
				return usage("--step is required with a filter: the number of the step to leave out")
			case billingDomainID < 0:
				return usage("--billing-domain is %d and must be the id of a domain in Billing", billingDomainID)
			case billingDomainID != 0 && len(arguments) != 1:
				return usage("--billing-domain is the id of one domain, and goes with one order")
			}
			command := messages.Skip{Step: g.filter.Step, BillingDomainID: billingDomainID}
			g.body = command
			command.Actor, command.Reason = g.actor, g.reason
			return s.give(c.Context(), &g, arguments, answers(func(ctx context.Context, orders orderDesk, unit desk.Unit, id string) (messages.Answer, error) {
				return skipStep(ctx, orders, unit, id, command)
			}))
		},
	}
	s.givenFlags(skip, &g, "the step to leave out, which is the one that the order is at; a filter finds only orders that are at it")
	skip.Flags().IntVar(&billingDomainID, "billing-domain", 0, "the id under which the domain was recorded in Billing by hand")
	return skip
}

// skipStep leaves out the step that is meant, or the one that the order is at.
func skipStep(ctx context.Context, orders orderDesk, unit desk.Unit, id string, command messages.Skip) (messages.Answer, error) {
	if command.Step == 0 && unit.Open() {
		progress, err := orders.Progress(ctx, unit)
		if err != nil {
			return messages.Answer{}, err
		}
		command.Step = progress.Step
	}
	if command.Step == 0 {
		command.Step = 1 // it has not begun, or has ended, and the refusal says so
	}
	return orders.Skip(ctx, unit, id, command)
}
