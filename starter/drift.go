package main

import (
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"domainprovisioning/assembly"
	"domainprovisioning/desk"
	"domainprovisioning/messages"
)

func (s *starter) driftCommand() *cobra.Command {
	var filter desk.DriftFilter
	var kind, severity string
	list := &cobra.Command{
		Use:   "drift",
		Short: "List what differs between us and the registrars",
		Long: `List what differs between us and the registrar accounts, Billing and Operations, as the
latest walks over the accounts have found it. A difference is gone from the list as soon as
a walk finds it gone. SINCE says when it was first seen.`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			filter.Kind, filter.Severity = messages.Difference(kind), messages.Severity(severity)
			orders, closeAll, err := s.storedOrders(command.Context())
			if err != nil {
				return err
			}
			defer closeAll()
			page, err := orders.Drift(command.Context(), filter)
			if err != nil {
				return aboutDrift(filter.Domain, err)
			}
			return s.printDrift(page)
		},
	}
	flags := list.Flags()
	flags.StringVar(&filter.Registrar, "registrar", "", "only differences at this registrar account")
	flags.StringVar(&filter.Domain, "domain", "", "only differences of this domain")
	flags.StringVar(&kind, "kind", "", "only differences of this kind, such as name-servers or missing-domain")
	flags.StringVar(&severity, "severity", "", "only differences of this severity: high, medium or low")
	flags.StringVar(&filter.Cursor, "cursor", "", "the cursor at the end of the previous page")
	flags.IntVar(&filter.Limit, "limit", 100, "maximum number of differences, by domain, up to 1000")
	_ = list.RegisterFlagCompletionFunc("registrar", s.completeAccounts)
	_ = list.RegisterFlagCompletionFunc("kind", cobra.FixedCompletions(words(messages.Differences()), cobra.ShellCompDirectiveNoFileComp))
	_ = list.RegisterFlagCompletionFunc("severity", cobra.FixedCompletions(words(messages.Severities()), cobra.ShellCompDirectiveNoFileComp))
	list.AddCommand(s.repairCommand())
	return list
}

func (s *starter) printDrift(page desk.DriftPage) error {
	if s.json {
		return s.printJSON(page)
	}
	if len(page.Drift) == 0 {
		s.printf("nothing differs\n")
		return nil
	}
	table := tabwriter.NewWriter(s.out, 0, 8, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "DOMAIN\tKIND\tSEVERITY\tSINCE\tOURS\tTHEIRS\tREGISTRAR")
	for _, line := range page.Drift {
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", line.Domain, line.Kind, line.Severity, age(time.Since(line.FirstSeen)),
			orDash(line.Ours), orDash(line.Theirs), line.Registrar)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if page.Next != "" {
		s.printf("there are more: --cursor %s\n", page.Next)
	}
	return nil
}

func (s *starter) repairCommand() *cobra.Command {
	var wish desk.RepairWish
	var kind string
	var dryRun bool
	repair := &cobra.Command{
		Use:   "repair DOMAIN",
		Short: "Settle what differs of a domain; with --dry-run say what would be done",
		Long: `Settle what differs of a domain; with --dry-run say what would be done.
Without --fact, all is settled that takes nothing from anybody: name servers that were changed
behind our back are ordered again. A domain that the account does not have any more is recorded
as transferred away by --fact missing-domain. With --accept, what the registrar has is right, and
ours from now on. What Billing or Operations has, a person corrects there.`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: s.completeDrift,
		RunE: func(command *cobra.Command, arguments []string) error {
			wish.Kind = messages.Difference(kind)
			if wish.Accept && kind == "" {
				return usage("--accept goes with --fact: say what is accepted")
			}
			open := s.orders
			if dryRun {
				open = s.storedOrders
			} else if err := checkSaid(wish.Actor, wish.Reason); err != nil {
				return err
			}
			orders, closeAll, err := open(command.Context())
			if err != nil {
				return err
			}
			defer closeAll()
			settle := orders.Repair
			if dryRun {
				settle = orders.RepairPlan
			}
			repairs, err := settle(command.Context(), arguments[0], wish)
			if err != nil {
				return aboutDrift(arguments[0], err)
			}
			return s.printRepairs(arguments[0], repairs)
		},
	}
	flags := repair.Flags()
	flags.StringVar(&kind, "fact", "", "only this difference, by its kind")
	flags.BoolVar(&wish.Accept, "accept", false, "with --fact: what the registrar has is right")
	flags.BoolVar(&dryRun, "dry-run", false, "only say what would be done")
	saidFlags(repair, &wish.Actor, &wish.Reason, "who gives the command", "why, for the record")
	_ = repair.RegisterFlagCompletionFunc("fact", cobra.FixedCompletions(words(messages.Differences()), cobra.ShellCompDirectiveNoFileComp))
	return repair
}

func (s *starter) printRepairs(domain string, repairs []desk.Repair) error {
	if s.json {
		return s.printJSON(repairs)
	}
	if len(repairs) == 0 {
		s.printf("nothing differs of %s\n", domain)
	}
	for _, repair := range repairs {
		switch {
		case repair.Done != "":
			s.printf("%s: %s: %s\n", repair.Kind, repair.Text, repair.Done)
		case repair.Action == "person":
			s.printf("%s: by a person: %s\n", repair.Kind, repair.Text)
		case repair.Safe:
			s.printf("%s: %s\n", repair.Kind, repair.Text)
		default:
			s.printf("%s: with --fact %s: %s\n", repair.Kind, repair.Kind, repair.Text)
		}
	}
	return nil
}

// aboutDrift says what is wrong with a domain, in the words of the command line.
func aboutDrift(domain string, err error) error {
	name, noName := errors.AsType[*desk.NameError](err)
	filter, broken := errors.AsType[*desk.FilterError](err)
	switch {
	case noName:
		return usage("%s", name.Error())
	case broken:
		return usage("--%s", filter.Error())
	case errors.Is(err, desk.ErrNoDomain):
		return assembly.Exit(assembly.ExitNotFound, fmt.Errorf("no domain %s is held or known; `starter drift` lists what differs", domain))
	}
	return err
}
