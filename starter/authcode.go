package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"domainprovisioning/assembly"
	"domainprovisioning/desk"
)

func (s *starter) authCodeCommand() *cobra.Command {
	var actor, reason string
	command := &cobra.Command{
		Use:   "auth-code DOMAIN",
		Short: "Show the auth code of a domain, for a customer who leaves with it",
		Long: `Show the auth code of a domain that is held, for the customer who leaves with it, where the
registrar takes auth codes from us. It is that of the newest request that was carried out: the
registration, or the change of the code, as after a transfer. If that is not certain, because the
outcome of a newer request is not known, or the registrar has not answered the one that sent the
code, all that it may be are shown, with a word on the standard error and the exit code 6.

Whoever has the code can take the domain away: give it to its holder alone. Who has asked, and why,
is recorded; the code is not. A registrar that makes its auth codes itself is asked for them there.`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: s.completeDomains,
		RunE: func(c *cobra.Command, arguments []string) error {
			return s.said(c.Context(), actor, reason, func(a *assembly.Assembly) error {
				return s.showAuthCode(c.Context(), a, arguments[0], actor, reason)
			})
		},
	}
	saidFlags(command, &actor, &reason, "who asks", "why, for the record")
	return command
}

func (s *starter) showAuthCode(ctx context.Context, a *assembly.Assembly, name, actor, reason string) error {
	found, err := a.Desk(nil).AuthCode(ctx, name, actor, reason)
	switch {
	case errors.Is(err, desk.ErrNoDomain):
		return assembly.Exit(assembly.ExitNotFound, fmt.Errorf("no domain %s is or was held; `starter domains` lists all", name))
	case err != nil:
		return err
	case s.json:
		err = s.printJSON(found)
	case found.Certain:
		s.printf("%s\n", found.Codes[0].Code)
	default:
		for _, code := range found.Codes {
			s.printf("%s  %s of order %s on %s: %s\n", code.Code, code.Kind, code.Order, code.At.UTC().Format(time.DateOnly), code.State)
		}
	}
	if err != nil || found.Certain {
		return err
	}
	return assembly.Exit(assembly.ExitUnreachable, fmt.Errorf(
		"it is not known whether %s has carried out the newest request with our code: the auth code is one of those listed, or one that nobody here knows", found.Registrar))
}
