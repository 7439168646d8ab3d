package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"domainprovisioning/assembly"
	"domainprovisioning/config"
	"domainprovisioning/store"
)

func (s *starter) keysCommand() *cobra.Command {
	keys := &cobra.Command{
		Use:   "keys",
		Short: "API keys of the gateway's callers",
		Long: `API keys of the gateway's callers. A key has a name, a client and scopes:
  place    send orders
  read     see the client's orders
  operate  correct orders: retry, amend, extend, skip, confirm
  cancel   give orders up, which nobody can take back
  hooks    manage the endpoints that are told news of the client's orders
  all      for the operator: the other scopes reach the orders of all clients, the desk page,
           operations at registrars, the inbox and metrics`,
	}
	keys.AddCommand(s.createKeyCommand(), s.listKeysCommand(), s.revokeKeyCommand())
	return keys
}

// onStore runs an action that needs only the database.
func (s *starter) onStore(ctx context.Context, act func(*store.Store) error) error {
	return s.onOpenedStore(ctx, assembly.Ready, act)
}

// onOpenedStore is onStore with another check of whether the database may be worked on.
func (s *starter) onOpenedStore(ctx context.Context, ready func(context.Context, *store.Store, config.Histories) error, act func(*store.Store) error) error {
	if err := s.atHome(); err != nil {
		return err
	}
	cfg, err := s.config()
	if err != nil {
		return err
	}
	opened, err := assembly.OpenStore(ctx, cfg)
	if err != nil {
		return err
	}
	if err := ready(ctx, opened, cfg.Histories); err != nil {
		return errors.Join(err, opened.Close())
	}
	return errors.Join(act(opened), opened.Close())
}

// createdKey is a new API key with its secret.
type createdKey struct {
	store.APIKey

	Key string `json:"key" jsonschema:"description=The secret\\, which is shown only this once"`
}

// revokedKey names an API key that no longer works.
type revokedKey struct {
	Revoked string `json:"revoked"`
}

func (s *starter) createKeyCommand() *cobra.Command {
	var scopes []string
	var client string
	create := &cobra.Command{
		Use:   "create NAME",
		Short: "Create an API key; it is shown only this once",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, arguments []string) error {
			return s.onStore(c.Context(), func(opened *store.Store) error {
				wanted := make([]store.Scope, len(scopes))
				for i, scope := range scopes {
					wanted[i] = store.Scope(strings.TrimSpace(scope))
				}
				key, secret, err := opened.CreateAPIKey(c.Context(), arguments[0], client, wanted, currentUser())
				if err != nil {
					return err
				}
				if s.json {
					return s.printJSON(createdKey{key, secret.Reveal()})
				}
				_, err = fmt.Fprintln(s.out, secret.Reveal())
				return err
			})
		},
	}
	create.Flags().StringVar(&client, "client", "",
		"which client uses it (default NAME); a client's idempotency keys outlive a change of its API keys")
	create.Flags().StringSliceVar(&scopes, "scope", nil, "what the key permits: "+strings.Join(words(store.Scopes()), ", ")+", separated by commas (required)")
	_ = create.RegisterFlagCompletionFunc("scope", completeList(words(store.Scopes())))
	return create
}

func (s *starter) listKeysCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List all keys by name, including revoked ones",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return s.onStore(c.Context(), func(opened *store.Store) error {
				keys, err := opened.APIKeys(c.Context())
				if err != nil {
					return err
				}
				if s.json {
					return s.printJSON(append([]store.APIKey{}, keys...))
				}
				table := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
				_, _ = fmt.Fprintln(table, "NAME\tCLIENT\tID\tSCOPES\tCREATED\tBY\tUSED\tREVOKED")
				for _, key := range keys {
					revoked, used := "-", "-"
					if key.RevokedAt != nil {
						revoked = strings.TrimSuffix(key.RevokedAt.Format(time.DateTime)+" by "+key.RevokedBy, " by ")
					}
					if key.UsedAt != nil {
						used = key.UsedAt.Format(time.DateTime)
					}
					words := make([]string, len(key.Scopes))
					for i, scope := range key.Scopes {
						words[i] = string(scope)
					}
					_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", key.Name, key.Client, key.ID, strings.Join(words, ","),
						key.CreatedAt.Format(time.DateTime), orDash(key.CreatedBy), used, revoked)
				}
				return table.Flush()
			})
		},
	}
}

func (s *starter) revokeKeyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "revoke NAME",
		Short: "Revoke a key at once",
		Args:  cobra.ExactArgs(1),

		ValidArgsFunction: s.completeKeys,
		RunE: func(c *cobra.Command, arguments []string) error {
			return s.onStore(c.Context(), func(opened *store.Store) error {
				err := opened.RevokeAPIKey(c.Context(), arguments[0], currentUser())
				if errors.Is(err, store.ErrNotFound) {
					return assembly.Exit(assembly.ExitNotFound, fmt.Errorf("there is no API key %s; `starter keys list` shows all keys", arguments[0]))
				}
				if err != nil {
					return err
				}
				if s.json {
					return s.printJSON(revokedKey{arguments[0]})
				}
				s.printf("API key %s is revoked\n", arguments[0])
				return nil
			})
		},
	}
}
