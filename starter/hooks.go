package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"domainprovisioning/assembly"
	"domainprovisioning/desk"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

func (s *starter) hooksCommand() *cobra.Command {
	hooks := &cobra.Command{
		Use:   "hooks",
		Short: "Endpoints that are told news of orders, by signed webhooks",
		Long: `Endpoints that are told news of orders, by signed webhooks (Standard Webhooks).
The events are:
  order.accepted   it is stored and cannot be lost any more
  order.waiting    the registrar has the request and has not finished it
  order.attention  it needs a person
  order.resumed    it needs none any more, and goes on
  order.undoing    it was given up; what it made is being taken back
  order.done, order.cancelled, order.failed
An event is sent until the endpoint answers 2xx, for three days, always under the same id.
An endpoint that fails for a week, or answers 410, is disabled.`,
	}
	hooks.AddCommand(
		s.addHookCommand(), s.listHooksCommand(), s.changeHookCommand(), s.rotateHookCommand(), s.enableHookCommand(), s.removeHookCommand(),
		s.testHookCommand(), s.deliveriesCommand(), s.resendCommand(), s.listenCommand(), s.receiveCommand(),
	)
	return hooks
}

// atHooks runs an action of the desk that needs the database, but not Temporal.
func (s *starter) atHooks(ctx context.Context, act func(*desk.Desk) error) error {
	a, closeStore, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer closeStore()
	temporal, err := assembly.LazyTemporal(s.log(), a.Codec)
	if err != nil {
		return err
	}
	defer temporal.Close()
	return hookFault(act(a.Desk(temporal)))
}

// hookFault gives an error its exit code.
func hookFault(err error) error {
	if errors.Is(err, desk.ErrNoHook) {
		return assembly.Exit(assembly.ExitNotFound, errors.New("there is no such endpoint; `starter hooks list` shows all"))
	}
	if field, ok := errors.AsType[*desk.FieldError](err); ok {
		return assembly.Exit(assembly.ExitRefused, fmt.Errorf("%s %s", field.Field, field.Rule))
	}
	return err
}

func eventFlag(c *cobra.Command, events *[]string, usage string) {
	c.Flags().StringSliceVar(events, "event", nil, usage)
	_ = c.RegisterFlagCompletionFunc("event", completeList(messages.NewsPatterns()))
}

func (s *starter) addHookCommand() *cobra.Command {
	var wanted desk.NewHook
	var client string
	add := &cobra.Command{
		Use:   "add URL",
		Short: "Add an endpoint; its secret is shown only this once",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, arguments []string) error {
			wanted.URL = arguments[0]
			return s.atHooks(c.Context(), func(d *desk.Desk) error {
				made, err := d.AddHook(c.Context(), wanted, client)
				if err != nil {
					return err
				}
				return s.printMadeHook(made)
			})
		},
	}
	eventFlag(add, &wanted.Events, "which events, such as order.done or order.* (default all)")
	add.Flags().StringVar(&client, "client", "", "only orders of this client of the gateway; those of starter are "+store.LocalClient+"'s (default all)")
	return add
}

func (s *starter) printMadeHook(made desk.MadeHook) error {
	if s.json {
		return s.printJSON(made)
	}
	s.printf("endpoint  %s\nsecret    %s\n", made.ID, made.Secret)
	return nil
}

func (s *starter) listHooksCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List all endpoints, oldest first",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return s.atHooks(c.Context(), func(d *desk.Desk) error {
				hooks, err := d.Hooks(c.Context())
				if err != nil {
					return err
				}
				if s.json {
					return s.printJSON(hooks)
				}
				return s.printHooks(hooks)
			})
		},
	}
}

func (s *starter) printHooks(hooks []store.Hook) error {
	table := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "ENDPOINT\tCLIENT\tEVENTS\tWAITING\tLAST DELIVERY\tSTATE\tURL")
	for _, hook := range hooks {
		state, last := "works", "-"
		switch {
		case hook.DisabledAt != nil:
			state = "disabled " + hook.DisabledAt.Format(time.DateTime) + ": " + hook.DisabledFor
		case hook.FailingSince != nil:
			state = "fails since " + hook.FailingSince.Format(time.DateTime)
		}
		if hook.DeliveredAt != nil {
			last = hook.DeliveredAt.Format(time.DateTime)
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%s\t%s\t%s\n", hook.ID, orDash(hook.Client), strings.Join(hook.Events, ","), hook.Waiting, last, state, hook.URL)
	}
	return table.Flush()
}

// onHook is a command about one endpoint.
func (s *starter) onHook(use, short string, act func(ctx context.Context, d *desk.Desk, id string) error) *cobra.Command {
	return &cobra.Command{
		Use: use + " ENDPOINT", Short: short, Args: cobra.ExactArgs(1), ValidArgsFunction: s.completeHooks,
		RunE: func(c *cobra.Command, arguments []string) error {
			return s.atHooks(c.Context(), func(d *desk.Desk) error { return act(c.Context(), d, arguments[0]) })
		},
	}
}

func (s *starter) changeHookCommand() *cobra.Command {
	var change desk.ChangedHook
	command := s.onHook("change", "Change the address or the events of an endpoint", func(ctx context.Context, d *desk.Desk, id string) error {
		hook, err := d.ChangeHook(ctx, id, change)
		return s.printHook(hook, "is changed", err)
	})
	command.Flags().StringVar(&change.URL, "url", "", "the new address")
	eventFlag(command, &change.Events, "the new events")
	return command
}

func (s *starter) printHook(hook store.Hook, done string, err error) error {
	switch {
	case err != nil:
		return err
	case s.json:
		return s.printJSON(hook)
	}
	s.printf("endpoint %s %s\n", hook.ID, done)
	return nil
}

func (s *starter) rotateHookCommand() *cobra.Command {
	return s.onHook("rotate", "Give an endpoint a new secret; the old one signs as well for a day", func(ctx context.Context, d *desk.Desk, id string) error {
		made, err := d.RotateHook(ctx, id)
		if err != nil {
			return err
		}
		return s.printMadeHook(made)
	})
}

func (s *starter) enableHookCommand() *cobra.Command {
	return s.onHook("enable", "Let a disabled endpoint be told news again", func(ctx context.Context, d *desk.Desk, id string) error {
		hook, err := d.EnableHook(ctx, id)
		return s.printHook(hook, "is told news again", err)
	})
}

// removedHook names an endpoint that is told nothing more.
type removedHook struct {
	Removed string `json:"removed"`
}

func (s *starter) removeHookCommand() *cobra.Command {
	return s.onHook("remove", "Remove an endpoint with all its deliveries", func(ctx context.Context, d *desk.Desk, id string) error {
		err := d.RemoveHook(ctx, id)
		switch {
		case err != nil:
			return err
		case s.json:
			return s.printJSON(removedHook{id})
		}
		s.printf("endpoint %s is removed\n", id)
		return nil
	})
}

func (s *starter) testHookCommand() *cobra.Command {
	return s.onHook("test", "Send an endpoint a test event", func(ctx context.Context, d *desk.Desk, id string) error {
		sent, err := d.TestHook(ctx, id)
		switch {
		case err != nil:
			return err
		case s.json:
			return s.printJSON(sent)
		}
		s.printf("event %s is on its way; `starter hooks deliveries %s` shows what becomes of it\n", sent.EventID, id)
		return nil
	})
}

func (s *starter) deliveriesCommand() *cobra.Command {
	var filter store.DeliveryFilter
	var state string
	command := &cobra.Command{
		Use:   "deliveries [ENDPOINT]",
		Short: "List what was sent to an endpoint, or to all, newest first",
		Args:  cobra.MaximumNArgs(1), ValidArgsFunction: s.completeHooks,
		RunE: func(c *cobra.Command, arguments []string) error {
			filter.State = store.NewsState(state)
			if state != "" && !slices.Contains(store.NewsStates(), filter.State) {
				return usage("--state is %q and must be one of %v", state, store.NewsStates())
			}
			if filter.Limit < 1 || filter.Limit > store.MostListed {
				return usage("--limit must be 1 to %d", store.MostListed)
			}
			if len(arguments) > 0 {
				filter.Hook = arguments[0]
			}
			return s.atHooks(c.Context(), func(d *desk.Desk) error {
				found, err := d.Deliveries(c.Context(), filter)
				if err != nil {
					return err
				}
				return s.printDeliveries(found)
			})
		},
	}
	flags := command.Flags()
	flags.StringVar(&state, "state", "", "only those in this state: "+strings.Join(words(store.NewsStates()), ", "))
	flags.StringVar(&filter.OrderNumber, "order", "", "only those about this order, a number or CLIENT:NUMBER")
	flags.IntVar(&filter.Limit, "limit", 100, "maximum number, up to 1000")
	_ = command.RegisterFlagCompletionFunc("state", cobra.FixedCompletions(words(store.NewsStates()), cobra.ShellCompDirectiveNoFileComp))
	return command
}

func (s *starter) printDeliveries(found []store.Delivery) error {
	if s.json {
		return s.printJSON(found)
	}
	table := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "HAPPENED\tEVENT\tORDER\tSTATE\tTRIES\tNEXT TRY\tTROUBLE\tENDPOINT\tID")
	for _, d := range found {
		next := "-"
		if d.State == store.NewsWaiting {
			next = d.NextAt.Format(time.DateTime)
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%d\t%s\t%s\t%s\t%s\n", d.CreatedAt.Format(time.DateTime), d.Type, orDash(cmp.Or(d.Domain, d.OrderNumber)),
			d.State, d.Attempts, next, orDash(d.Trouble), d.Hook, d.EventID)
	}
	return table.Flush()
}

func (s *starter) resendCommand() *cobra.Command {
	var event, order string
	command := s.onHook("resend", "Send an endpoint an event again, or all that are kept of an order", func(ctx context.Context, d *desk.Desk, id string) error {
		resent, err := d.Resend(ctx, id, event, order)
		switch {
		case err != nil:
			return err
		case s.json:
			return s.printJSON(resent)
		}
		s.printf("%d sent again\n", resent.Events)
		return nil
	})
	command.Flags().StringVar(&event, "event", "", "id of the event; this or --order is required")
	command.Flags().StringVar(&order, "order", "", "number of the order; this or --event is required")
	return command
}
