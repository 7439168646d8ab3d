package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"domainprovisioning/assembly"
	"domainprovisioning/config"
	"domainprovisioning/desk"
	"domainprovisioning/domains"
	"domainprovisioning/starter/terminal"
)

// longestPassword bounds what is read as a new password, in bytes.
const longestPassword = 1024

// changedPassword says where a new password must go now.
type changedPassword struct {
	Registrar string `json:"registrar" jsonschema:"description=Registrar account of the configuration"`
	// Keys are those of all accounts with the same login.
	Keys      []string `json:"keys" jsonschema:"description=Keys of the configuration that must have the new password now,example=registrars.netim-main.password"`
	Variables []string `json:"variables" jsonschema:"description=The variables that override these keys,example=DP_REGISTRARS_NETIM_MAIN_PASSWORD"`
}

func (s *starter) passwordCommand() *cobra.Command {
	var actor, reason string
	var yes bool
	command := &cobra.Command{
		Use:   "registrar-password ACCOUNT",
		Short: "Change the password of a registrar account, at the registrar",
		Long: `Change the password of a registrar account, at the registrar, where its API can do that. The new
one comes by the standard input, as one line, and never as an argument:
  starter registrar-password registry-main --reason "yearly change" --yes < new-password.txt

Nothing is stored here. Put the new password into the configuration then, or into the variable or
file that it comes from, and restart every worker and gateway. Until then, what they open at the
registrar anew is refused, and orders wait. Without --yes nothing is changed, and the command says
what it would mean.

If the answer is lost, either password may be valid. Give the command again with the same new
password: it is changed then, or the registrar refuses the old one, and the new one is valid.

What the registrar says of a password that it does not take is printed on the standard error, and
is not recorded.`,
		Args: cobra.ExactArgs(1),
		ValidArgsFunction: func(c *cobra.Command, arguments []string, word string) ([]string, cobra.ShellCompDirective) {
			if len(arguments) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return s.completeAccounts(c, arguments, word)
		},
		RunE: func(c *cobra.Command, arguments []string) error {
			return s.said(c.Context(), actor, reason, func(a *assembly.Assembly) error {
				return s.changePassword(c.Context(), a, arguments[0], actor, reason, yes)
			})
		},
	}
	saidFlags(command, &actor, &reason, "who changes it", "why, for the record")
	command.Flags().BoolVarP(&yes, "yes", "y", false, "change it")
	return command
}

// said gives a command that says who gives it and why, and needs the database.
func (s *starter) said(ctx context.Context, actor, reason string, give func(*assembly.Assembly) error) error {
	if err := checkSaid(actor, reason); err != nil {
		return err
	}
	a, closeStore, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer closeStore()
	return give(a)
}

func (s *starter) changePassword(ctx context.Context, a *assembly.Assembly, account, actor, reason string, yes bool) error {
	if _, err := a.PasswordChanger(account); err != nil && !yes {
		return err
	} else if err == nil {
		_, _ = fmt.Fprintf(s.errOut, "once the password of %s is changed, workers and gateways that run with the old one are refused whatever they open there anew, until they have the new one and are restarted\n", account)
	}
	if !yes {
		return usage("nothing was changed; give the command with --yes")
	}
	password, err := s.newPassword()
	if err != nil {
		return err
	}
	changed := changedPassword{Registrar: account}
	for _, name := range a.SameLogin(account) {
		key := "registrars." + name + ".password"
		changed.Keys, changed.Variables = append(changed.Keys, key), append(changed.Variables, config.Variable(key))
	}
	err = a.Desk(nil).ChangePassword(ctx, account, password, actor, reason)
	if words := wordsOf(err, password); words != "" {
		_, _ = fmt.Fprintf(s.errOut, "the registrar says: %q\n", words)
	}
	switch {
	case errors.Is(err, desk.ErrEitherPassword):
		return fmt.Errorf("%w; give the command again with the same new password: it is changed then, or the registrar refuses the old one, and the new one is valid", err)
	case err != nil:
		return fmt.Errorf("the password was not changed: %w", err)
	case s.json:
		return s.printJSON(changed)
	}
	s.printf("the password of %s was changed. Now put it into %s of the configuration, or into %s or the file that it names with _FILE, and restart every worker and gateway\n",
		account, strings.Join(changed.Keys, " and "), strings.Join(changed.Variables, " and "))
	return nil
}

// newPassword reads one line of the standard input. A terminal would show what is typed.
func (s *starter) newPassword() (domains.Secret, error) {
	if terminal.Is(s.in) {
		return domains.Secret{}, usage("the new password comes by the standard input, from a file or another program; typed here it would be seen")
	}
	content, err := io.ReadAll(io.LimitReader(s.in, longestPassword+1))
	if err != nil {
		return domains.Secret{}, errors.New("the standard input cannot be read")
	}
	line := strings.TrimRight(string(content), "\r\n")
	switch {
	case strings.TrimSpace(line) == "":
		return domains.Secret{}, usage("the standard input has no password")
	case strings.ContainsAny(line, "\r\n"):
		return domains.Secret{}, usage("the standard input has more than one line")
	case len(content) > longestPassword:
		return domains.Secret{}, usage("the standard input is longer than %d bytes", longestPassword)
	case strings.TrimSpace(line) != line, strings.Contains(line, "  "), strings.ContainsFunc(line, unicode.IsControl):
		// The registrar's protocol may collapse blanks, and the configuration would not take it.
		return domains.Secret{}, usage("the password has a blank at an end, two in a row, a tab or another control character")
	}
	return domains.NewSecret(line), nil
}
