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
	"domainprovisioning/vault"
)

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
		return assembly.Exit(assembly.ExitRefused, fmt.Errorf("order %s has several units of work: name the domain, or --item", argument))
	case errors.Is(err, desk.ErrNotFound):
		return assembly.Exit(assembly.ExitNotFound, fmt.Errorf("order %s has no item %d", argument, s.item))
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
	g := given{action: messages.ActionRetry}
	var command messages.Retry
	retry := &cobra.Command{
		Use:   "retry [ORDER...]",
		Short: "Resume orders that need attention, after the cause was corrected",
		Long: long(`Resume orders that need attention, after the cause was corrected. Finished steps are
not repeated. An order whose workflow was ended in Temporal is started again.`, `retry --for auth --registrar netim-main --reason "key renewed"`),
		RunE: func(c *cobra.Command, arguments []string) error {
			if err := s.check(c, &g, arguments); err != nil {
				return err
			}
			g.body = command
			command.Actor, command.Reason = g.actor, g.reason
			return s.give(c.Context(), &g, arguments, answers(func(ctx context.Context, orders orderDesk, unit desk.Unit, id string) (messages.Answer, error) {
				return orders.Retry(ctx, unit, id, command)
			}))
		},
	}
	s.givenFlags(retry, &g, stepFilter)
	flags := retry.Flags()
	flags.BoolVar(&command.AllowTakeover, "take-over", false,
		"let step 11 replace a domain of another account; first make sure that the account has lost the name")
	flags.BoolVar(&command.NothingThere, "nothing-there", false,
		"submit a request again whose outcome the registrar cannot tell; look there first, or it may be there twice")
	flags.StringVar(&command.AcceptPrice, "accept-price", "",
		"accept the registrar's price, such as 250.00EUR, for an order that needs attention because of its price; at any other price it is not sent")
	return retry
}

// answers turns a command that is answered by the workflow into an act.
func answers(give func(ctx context.Context, orders orderDesk, unit desk.Unit, id string) (messages.Answer, error)) act {
	return func(ctx context.Context, orders orderDesk, unit desk.Unit, id string) (taken, error) {
		answer, err := give(ctx, orders, unit, id)
		return taken{Step: answer.Step, Next: answer.Next}, err
	}
}

func currentUser() string {
	current, err := user.Current()
	if err != nil {
		return ""
	}
	return current.Username
}

// migrated lists the migrations that were applied.
type migrated struct {
	Applied []string `json:"applied"`
}

// generatedKey is a key for database.sealing_keys or histories.keys.
type generatedKey struct {
	Key string `json:"key"`
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
				return s.printJSON(migrated{append([]string{}, applied...)})
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
	key := &cobra.Command{
		Use:   "key",
		Short: "Generate a key for database.sealing_keys or histories.keys, and see what each one holds",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			key := vault.GenerateKey()
			if s.json {
				return s.printJSON(generatedKey{key})
			}
			_, err := fmt.Fprintln(s.out, key)
			return err
		},
	}
	key.AddCommand(s.listKeyUsesCommand(), s.forgetKeyCommand())
	return key
}
