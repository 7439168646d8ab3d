package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"domainprovisioning/desk"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// domainCommands are what the commands about domains use: the local desk or a gateway.
type domainCommands interface {
	Domains(ctx context.Context, filter desk.DomainFilter) (desk.DomainPage, error)
	Domain(ctx context.Context, name string) (desk.WholeDomain, error)
	ChangeRenewal(ctx context.Context, name, id string, command messages.ChangeRenewal) (messages.Life, error)
	MarkLeft(ctx context.Context, name, id string, command messages.MarkLeft) (messages.Life, error)
	Look(ctx context.Context, name, actor, reason string) (desk.Looked, error)
	RestoreDomain(ctx context.Context, name, price, actor, reason string) (desk.Placed, error)
}

// The forms of a list of domains.
const (
	asTable = "table"
	asCSV   = "csv"
	asJSON  = "json"
)

func formats() []string { return []string{asTable, asCSV, asJSON} }

func (s *starter) domainsCommand() *cobra.Command {
	var filter desk.DomainFilter
	var state, reason, before, format string
	list := &cobra.Command{
		Use:   "domains",
		Short: "List the domains that are held, and import others",
		Long: `List the domains that are held, by their names; those that expire before a day by their expiry,
and those that need a person by since when. Domains that have left are listed only if --state asks
for them. The list is that of the store, so it works while Temporal and registrars are away.

A table or a JSON document has up to --limit of them; with --format csv all are written.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			filter.State, filter.Reason = messages.LifeState(state), messages.LifeReason(reason)
			if err := readDomainFilter(c, &filter, before, format); err != nil {
				return err
			}
			s.json = s.json || format == asJSON
			orders, closeAll, err := s.storedOrders(c.Context())
			if err != nil {
				return err
			}
			defer closeAll()
			return s.listDomains(c.Context(), orders, filter, format)
		},
	}
	flags := list.Flags()
	flags.StringVar(&before, "expiring-before", "", "only domains that expire before this day, such as 2027-03-01, or within so many days, such as 30d")
	flags.StringVar(&state, "state", "", "only domains in this state: "+strings.Join(words(messages.LifeStates()), ", "))
	flags.StringVar(&filter.Registrar, "registrar", "", "only domains of this registrar account")
	flags.IntVar(&filter.Account, "account-id", 0, "only domains of this customer's account in Operations")
	flags.BoolVar(&filter.Attention, "attention", false, "only domains that need a person")
	flags.BoolVar(&filter.Drift, "drift", false, "only domains of which something differs between us and the registrar, Billing or Operations")
	flags.StringVar(&reason, "reason", "", "only domains that need a person for this: "+strings.Join(words(messages.LifeReasons()), ", "))
	flags.StringVar(&filter.Text, "text", "", "only domains whose name contains this, in ASCII form")
	flags.StringVar(&format, "format", asTable, "table, csv or json; json is the same as --json")
	flags.StringVar(&filter.Cursor, "cursor", "", "where the previous list ended, as printed there")
	flags.IntVar(&filter.Limit, "limit", 100, "maximum number of domains, up to 1000")
	for flag, values := range map[string][]string{"state": words(messages.LifeStates()), "reason": words(messages.LifeReasons()), "format": formats()} {
		_ = list.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	}
	_ = list.RegisterFlagCompletionFunc("registrar", s.completeAccounts)
	list.AddCommand(s.importDomainsCommand())
	return list
}

// readDomainFilter reads what the flags say, before anything is connected.
func readDomainFilter(c *cobra.Command, filter *desk.DomainFilter, before, format string) (err error) {
	flags := c.Flags()
	switch {
	case !slices.Contains(formats(), format):
		return usage("--format must be table, csv or json")
	case filter.State != "" && !slices.Contains(messages.LifeStates(), filter.State):
		return usage("--state must be one of %s", strings.Join(words(messages.LifeStates()), ", "))
	case filter.Reason != "" && !slices.Contains(messages.LifeReasons(), filter.Reason):
		return usage("--reason must be one of %s", strings.Join(words(messages.LifeReasons()), ", "))
	case filter.Limit < 1 || filter.Limit > store.MostListed:
		return usage("--limit must be 1 to %d", store.MostListed)
	case filter.Account < 0 || flags.Changed("account-id") && filter.Account == 0:
		return usage("--account-id must be the id of an account in Operations")
	case format == asCSV && (flags.Changed("limit") || flags.Changed("cursor")):
		return usage("--format csv writes all domains, and goes with neither --limit nor --cursor")
	case before == "":
		return nil
	}
	if filter.ExpiringBefore, err = desk.ParseBefore(before, time.Now()); err != nil {
		return usage("--expiring-before %w", err)
	}
	return nil
}

func (s *starter) listDomains(ctx context.Context, orders orderDesk, filter desk.DomainFilter, format string) error {
	if format == asCSV {
		filter.Limit = store.MostListed
		return desk.WriteDomains(s.out, func(cursor string) (desk.DomainPage, error) {
			filter.Cursor = cursor
			return orders.Domains(ctx, filter)
		})
	}
	page, err := orders.Domains(ctx, filter)
	switch {
	case err != nil:
		return err
	case s.json:
		return s.printJSON(page)
	}
	table := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "DOMAIN\tREGISTRAR\tSTATE\tEXPIRES\tRENEWED BY\tNEXT\tATTENTION\tCLIENT")
	for _, each := range page.Domains {
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", each.Name, each.Registrar, each.State, dayOf(each.Expires), each.Renewal,
			nextOf(each.Next, each.NextAt), orDash(string(each.Attention)), each.Client)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if page.Next != "" {
		s.printf("more with --cursor %s\n", page.Next)
	}
	return nil
}

func dayOf(at *time.Time) string {
	if at == nil || at.IsZero() {
		return "-"
	}
	return at.UTC().Format(time.DateOnly)
}

func nextOf(what string, at *time.Time) string {
	if what == "" {
		return "-"
	}
	return what + " " + dayOf(at)
}
