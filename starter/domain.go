package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"domainprovisioning/assembly"
	"domainprovisioning/desk"
	"domainprovisioning/messages"
	"domainprovisioning/registrars"
)

func (s *starter) domainCommand() *cobra.Command {
	show := &cobra.Command{
		Use:   "domain NAME",
		Short: "Show all that is known of a domain, and decide about its life",
		Long: `Show all that is known of a domain that is or was held: how it stands by its record and by its
workflow, what it was sold with, its orders, what was asked for at registrars, and the commands
that were given.`,
		Args: cobra.ExactArgs(1), ValidArgsFunction: s.completeDomains,
		RunE: func(c *cobra.Command, arguments []string) error {
			return s.atDomain(c.Context(), arguments[0], func(orders orderDesk) error {
				whole, err := orders.Domain(c.Context(), arguments[0])
				switch {
				case err != nil:
					return err
				case s.json:
					return s.printJSON(whole)
				}
				s.printDomain(whole)
				return nil
			})
		},
	}
	show.AddCommand(s.renewalCommand(), s.leftCommand(), s.lookCommand(), s.restoreDomainCommand())
	return show
}

// atDomain runs an action of the desk about a domain.
func (s *starter) atDomain(ctx context.Context, name string, act func(orderDesk) error) error {
	orders, closeAll, err := s.storedOrders(ctx)
	if err != nil {
		return err
	}
	defer closeAll()
	err = act(orders)
	if errors.Is(err, desk.ErrNoDomain) {
		return assembly.Exit(assembly.ExitNotFound, fmt.Errorf("no domain %s is or was held; `starter domains` lists all", name))
	}
	return err
}

func (s *starter) printDomain(d desk.WholeDomain) {
	s.printf("%s at %s: %s since %s\n", d.Name, d.Registrar, d.State, dayOf(&d.Since))
	line := func(name, format string, values ...any) {
		s.printf("  %-10s %s\n", name, fmt.Sprintf(format, values...))
	}
	line("client", "%s", d.Client)
	line("expires", "%s", dayOf(d.Expires))
	line("renewed by", "%s (wanted: %s)", d.Renewal, d.Wanted)
	line("status", "%s, read %s", orDash(d.Word), dayOf(d.ReadAt))
	line("next", "%s", nextOf(d.Next, d.NextAt))
	if d.Attention != "" {
		line("attention", "%s since %s", d.Attention, dayOf(d.AttentionSince))
	}
	period := ""
	if d.Period != nil {
		period = fmt.Sprintf(", period %d", *d.Period)
	}
	line("sold with", "plan %s%s, account %s", orUnknown(d.Plan), period, orUnknown(d.Account))
	if d.Has != nil {
		line("registrar", "name servers %s", orDash(strings.Join(d.Has.NameServers, " ")))
	}
	if life := d.Life; life != nil {
		line("workflow", "%s since %s, next %s", life.State, dayOf(&life.Since), nextOf(life.Next, &life.NextAt))
	} else if d.Unanswered {
		line("workflow", "no worker answers")
	} else if d.Note != "" {
		line("workflow", "%s", d.Note)
	}
	for _, fact := range d.Drift {
		line("differs", "%s (%s): ours %s, theirs %s, since %s", fact.Kind, fact.Severity, orDash(fact.Ours), orDash(fact.Theirs), dayOf(&fact.FirstSeen))
	}
	for _, order := range d.Orders {
		line("order", "%s %s %s %s", order.Address(), order.Operation, order.State, dayOf(&order.CreatedAt))
	}
	for _, call := range d.Operations {
		line("operation", "%s %s %s %s", orDash(call.Reference), call.Kind, call.State, dayOf(&call.Since))
	}
	for _, act := range d.Acts {
		line("command", "%s %s by %s: %s", act.At.UTC().Format(time.DateOnly), act.Command, act.Actor, oneLine(act.Reason))
	}
}

func orUnknown(id int) string {
	if id == 0 {
		return "not known"
	}
	return strconv.Itoa(id)
}

// onDomainCommand is a command about one domain. take reads further arguments before anything is
// connected, give gives the command, and tell says for people what happens now.
func onDomainCommand[A any](
	s *starter, c *cobra.Command, give func(ctx context.Context, orders orderDesk, name, actor, reason string) (A, error), tell func(name string, answer A) string,
) *cobra.Command {
	var actor, reason string
	check := c.PreRunE
	c.PreRunE = nil
	c.RunE = func(c *cobra.Command, arguments []string) error {
		if err := checkSaid(actor, reason); err != nil {
			return err
		}
		if check != nil {
			if err := check(c, arguments); err != nil {
				return err
			}
		}
		return s.atDomain(c.Context(), arguments[0], func(orders orderDesk) error {
			answer, err := give(c.Context(), orders, arguments[0], actor, reason)
			switch {
			case err != nil:
				return err
			case s.json:
				return s.printJSON(answer)
			}
			s.printf("%s\n", tell(arguments[0], answer))
			return nil
		})
	}
	if c.ValidArgsFunction == nil {
		c.ValidArgsFunction = s.completeDomains
	}
	saidFlags(c, &actor, &reason, "who gives the command", "why, for the record")
	return c
}

// stands says how a domain stands after a command.
func stands(name string, life messages.Life) string {
	return fmt.Sprintf("%s is %s and is renewed by: %s; next: %s", name, life.State, life.Renewal, nextOf(life.Next, &life.NextAt))
}

func (s *starter) renewalCommand() *cobra.Command {
	var id string
	var mode messages.RenewalMode
	c := &cobra.Command{
		Use:   "renewal NAME us|none",
		Short: "Change who renews a domain that its registrar does not renew by itself",
		Long: `Change who renews a domain that its registrar does not renew by itself: us, by an order before it
expires, or none. It changes nothing at the registrar: whether that renews the domain is a setting
there, which an order of the type settings-change changes.`,
		Args: cobra.ExactArgs(2),
		ValidArgsFunction: func(c *cobra.Command, arguments []string, typed string) ([]string, cobra.ShellCompDirective) {
			if len(arguments) == 1 {
				return []string{string(messages.RenewalByUs), string(messages.RenewalByNobody)}, cobra.ShellCompDirectiveNoFileComp
			}
			return s.completeDomains(c, arguments, typed)
		},
		PreRunE: func(_ *cobra.Command, arguments []string) error {
			mode = messages.RenewalMode(arguments[1])
			if mode != messages.RenewalByUs && mode != messages.RenewalByNobody {
				return usage("%q must be us or none: that the registrar renews a domain is a setting of the domain, changed by an order", arguments[1])
			}
			return nil
		},
	}
	c.Flags().StringVar(&id, "id", "", "an id of your choice: the same command again under it is one command")
	return onDomainCommand(s, c, func(ctx context.Context, orders orderDesk, name, actor, reason string) (messages.Life, error) {
		return orders.ChangeRenewal(ctx, name, id, messages.ChangeRenewal{Mode: mode, Actor: actor, Reason: reason})
	}, stands)
}

func (s *starter) leftCommand() *cobra.Command {
	var id string
	var gone bool
	c := &cobra.Command{
		Use:   "left NAME",
		Short: "State that a missing domain has left: it was transferred away, or with --gone deleted",
		Long: `State that a domain that the registrar account does not have any more has left for good: it was
transferred away, or with --gone its registration has ended. That ends its life. A domain that is
there again later is imported, or adopted by an order.`,
		Args: cobra.ExactArgs(1),
	}
	c.Flags().BoolVar(&gone, "gone", false, "its registration has ended; else it was transferred away")
	c.Flags().StringVar(&id, "id", "", "an id of your choice: the same command again under it is one command")
	return onDomainCommand(s, c, func(ctx context.Context, orders orderDesk, name, actor, reason string) (messages.Life, error) {
		command := messages.MarkLeft{Actor: actor, Reason: reason}
		if gone {
			command.State = messages.LifeGone
		}
		return orders.MarkLeft(ctx, name, id, command)
	}, func(name string, life messages.Life) string { return fmt.Sprintf("%s has left: %s", name, life.State) })
}

func (s *starter) lookCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "look NAME", Short: "Have a domain read at its registrar now; a life that was ended in Temporal is begun again", Args: cobra.ExactArgs(1),
	}
	return onDomainCommand(s, c, func(ctx context.Context, orders orderDesk, name, actor, reason string) (desk.Looked, error) {
		return orders.Look(ctx, name, actor, reason)
	}, func(_ string, looked desk.Looked) string { return looked.Domain + ": " + looked.Next })
}

func (s *starter) restoreDomainCommand() *cobra.Command {
	var price string
	c := &cobra.Command{
		Use:   "restore NAME --accept-price PRICE",
		Short: "Order that a domain is taken out of redemption, at most at a price",
		Long: `Order that a domain is taken out of redemption, at a price of at most --accept-price; a lower
limit of its plan stays. The order is one for its date of expiry, however often it is asked for.
It renews nothing: where the registry's restore does not include that, a renewal follows, by an
order of ours if that renews the domain, or else by one of its own.`,
		Args: cobra.ExactArgs(1),
		PreRunE: func(*cobra.Command, []string) error {
			if most, err := registrars.ParsePrice(price); err != nil || most.Cents == 0 {
				return usage("--accept-price must be an amount with two decimals and its currency, such as 80.00EUR")
			}
			return nil
		},
	}
	c.Flags().StringVar(&price, "accept-price", "", "the most that it may cost at the registrar, such as 80.00EUR (required)")
	return onDomainCommand(s, c, func(ctx context.Context, orders orderDesk, name, actor, reason string) (desk.Placed, error) {
		return orders.RestoreDomain(ctx, name, price, actor, reason)
	}, func(_ string, placed desk.Placed) string {
		if placed.Existing {
			return fmt.Sprintf("order %s restores it already; `starter status %s` shows how it stands", placed.Number, placed.Address())
		}
		return fmt.Sprintf("order %s restores it; `starter status %s` shows how it stands", placed.Number, placed.Address())
	})
}
