package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"domainprovisioning/assembly"
	"domainprovisioning/portfolio"
	"domainprovisioning/store"
)

// importing is what the flags of an import say.
type importing struct {
	account, file, report string
	wanted                portfolio.Wanted
}

func (s *starter) importDomainsCommand() *cobra.Command {
	var given importing
	c := &cobra.Command{
		Use:   "import",
		Short: "Hold the domains of a registrar account or of a CSV table that no order has brought",
		Long: `Hold the domains of a registrar account or of a CSV table that no order has brought. Each then has
a life of its own. The first row of a table names its columns, in any order:
  ` + strings.Join(portfolio.ImportColumns(), " ") + `
domain and registrar are required. Plan and period are found by suffix and account where exactly
one plan sells them. What was not said of a customer's account is not known: registrars do not
know it, and nobody is asked. A domain without plan or account is watched, and no order of ours
can renew it.

Nothing is ordered or paid. Domains that are held already, or are in an open order, are left as
they are, so an import may be repeated. Rows that cannot be read are listed, and the others are
imported. First looks at the registrar are spread by calls_per_second of the account.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if (given.account == "") == (given.file == "") {
				return usage("either --account or --file is required")
			}
			return s.importDomains(c.Context(), given)
		},
	}
	flags := c.Flags()
	flags.StringVar(&given.account, "account", "", "the registrar account whose domains are held")
	flags.StringVar(&given.file, "file", "", "the CSV table; - is standard input")
	flags.BoolVar(&given.wanted.DryRun, "dry-run", false, "report and change nothing")
	flags.StringVar(&given.wanted.Client, "client", store.LocalClient, "the client of the gateway whose domains they are")
	flags.StringVar(&given.report, "report-file", "", "write what becomes of each domain, as CSV")
	_ = c.RegisterFlagCompletionFunc("account", s.completeAccounts)
	_ = c.RegisterFlagCompletionFunc("file", cobra.FixedCompletions([]string{"csv"}, cobra.ShellCompDirectiveFilterFileExt))
	return c
}

func (s *starter) importDomains(ctx context.Context, given importing) (err error) {
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
	if !store.ClientName(given.wanted.Client) {
		return usage("--client must be 1 to 40 letters, digits, dots, hyphens or underscores, as the client of an API key")
	}
	source, from, closeSource, err := s.sourceOf(ctx, a, given)
	if err != nil {
		return err
	}
	defer closeSource()
	if given.report != "" {
		if there, err := os.Stat(given.report); err == nil && given.file != "" && given.file != "-" {
			if table, err := os.Stat(given.file); err == nil && os.SameFile(there, table) {
				return usage("--report-file is the table itself: name another file")
			}
		}
		file, err := os.OpenFile(given.report, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
		if err != nil {
			return err
		}
		each, end := reportTo(file)
		given.wanted.Each = each
		defer func() { err = errors.Join(err, end(), file.Close()) }()
	}
	report, err := a.Desk(temporal).ImportDomains(ctx, a.Importer(), source, from, given.wanted)
	if s.json {
		if err == nil || report.Domains > 0 {
			err = errors.Join(err, s.printJSON(report))
		}
	} else if report.Domains > 0 || err == nil {
		s.printImport(report)
	}
	if err == nil && report.Unreadable > 0 {
		err = assembly.Exit(assembly.ExitRefused, fmt.Errorf("%d of %d domains cannot be read", report.Unreadable, report.Domains))
	}
	return err
}

// sourceOf opens what domains are imported from, and says for the record what it is.
func (s *starter) sourceOf(ctx context.Context, a *assembly.Assembly, given importing) (source portfolio.Source, from string, closeSource func(), err error) {
	if given.account != "" {
		source, err = a.DomainsOf(ctx, given.account)
		return source, "from account " + given.account, func() {}, err
	}
	in, closeSource, from := s.in, func() {}, "from standard input"
	if given.file != "-" {
		file, err := os.Open(given.file)
		if err != nil {
			return nil, "", nil, err
		}
		in, closeSource, from = file, func() { _ = file.Close() }, "from "+filepath.Base(given.file)
	}
	source, err = portfolio.OfTable(in)
	if input, ok := errors.AsType[*portfolio.InputError](err); ok {
		err = assembly.Exit(assembly.ExitRefused, fmt.Errorf("%s: %w", given.file, input))
	}
	return source, from, closeSource, err
}

// reportTo writes what becomes of each domain.
func reportTo(out io.Writer) (each func(portfolio.Imported) error, end func() error) {
	rows := csv.NewWriter(out)
	_ = rows.Write([]string{"line", "domain", "registrar", "outcome", "planId", "column", "note"})
	each = func(i portfolio.Imported) error {
		line, plan := "", ""
		if i.Line > 0 {
			line = strconv.Itoa(i.Line)
		}
		if i.Plan > 0 {
			plan = strconv.Itoa(i.Plan)
		}
		return rows.Write([]string{line, asText(i.Domain), asText(i.Registrar), string(i.Outcome), plan, asText(i.Column), asText(i.Note)})
	}
	return each, func() error { rows.Flush(); return rows.Error() }
}

// asText keeps a spreadsheet from taking for a formula what somebody has written into the table.
func asText(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

func (s *starter) printImport(r portfolio.ImportReport) {
	for _, each := range r.Notable {
		place := each.Domain
		if each.Line > 0 {
			place = strings.TrimSpace(fmt.Sprintf("line %d: %s", each.Line, each.Domain))
		}
		if each.Column != "" {
			place = strings.TrimSpace(place + " column " + each.Column + ":")
		}
		s.printf("%s %s\n", place, each.Note)
	}
	verb := "are held from now on"
	if r.DryRun {
		verb = "would be held; nothing was changed"
	}
	s.printf("%d of %d domains %s; %d of them had left\n", r.Added+r.Again, r.Domains, verb, r.Again)
	s.printf("%d are held already, %d are in open orders, %d cannot be read\n", r.Held, r.Open, r.Unreadable)
	if r.WithoutPlan+r.WithoutAccount > 0 {
		s.printf("%d without a plan and %d without a customer's account: no order of ours can renew them\n", r.WithoutPlan, r.WithoutAccount)
	}
	if r.LookedAt != "" {
		s.printf("each is read at its registrar within %s\n", r.LookedAt)
	}
}
