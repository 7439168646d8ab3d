package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"domainprovisioning/assembly"
	"domainprovisioning/store"
)

// deskLink is the address of the desk page with a ticket in it.
type deskLink struct {
	URL     string    `json:"url" jsonschema:"format=uri,description=Logs in once\\, as the API key"`
	Key     string    `json:"key" jsonschema:"description=Name of the API key"`
	Expires time.Time `json:"expires" jsonschema:"description=Until when the address logs in"`
}

// mostTicket bounds how long a ticket may wait for its use.
const mostTicket = 24 * time.Hour

func (s *starter) deskCommand() *cobra.Command {
	within := 10 * time.Minute
	command := &cobra.Command{
		Use:   "desk KEYNAME",
		Short: "Print an address that logs in once at the desk page, as an API key",
		Long: `Print an address that logs in once at the desk page, as the API key of that name, which needs the
scope all.

The session that it begins ends with the key, after twelve hours, or after an hour without
use. Whoever has the address can use it: hand it on as you would a password.`,
		Args: cobra.ExactArgs(1),

		ValidArgsFunction: s.completeKeys,
		RunE: func(c *cobra.Command, arguments []string) error {
			if within < time.Second || within > mostTicket {
				return assembly.Exit(assembly.ExitUsage, fmt.Errorf("--within must be 1s to %s", mostTicket))
			}
			cfg, err := s.config()
			if err != nil {
				return err
			}
			return s.onStore(c.Context(), func(opened *store.Store) error {
				ticket, err := opened.CreateDeskTicket(c.Context(), arguments[0], within)
				if errors.Is(err, store.ErrNotFound) {
					return assembly.Exit(assembly.ExitNotFound, fmt.Errorf("there is no API key %s that is not revoked; `starter keys list` shows all keys", arguments[0]))
				}
				if errors.Is(err, store.ErrNotOperator) {
					return assembly.Exit(assembly.ExitRefused, fmt.Errorf("the API key %s lacks the scope all: the desk shows the orders of all clients", arguments[0]))
				}
				if err != nil {
					return err
				}
				link := deskLink{URL: assembly.DeskURL(cfg.Gateway, ticket), Key: arguments[0], Expires: time.Now().Add(within).UTC().Truncate(time.Second)}
				if s.json {
					return s.printJSON(link)
				}
				_, err = fmt.Fprintln(s.out, link.URL)
				return err
			})
		},
	}
	command.Flags().DurationVar(&within, "within", within, "how long the address can be used")
	return command
}
