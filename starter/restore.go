package main

import (
	"errors"

	"github.com/spf13/cobra"

	"domainprovisioning/intake/restore"
)

func (s *starter) restoreCommand() *cobra.Command {
	var apply bool
	var margin int64
	command := &cobra.Command{
		Use:   "restore-check",
		Short: "Compare a restored database with Temporal and the registrars, before anything runs on it",
		Long: `Compare a restored database with Temporal and the registrars. It is older than they are:
orders are under way that it does not know, numbers and ids would be drawn that are taken, and
paid calls were made that its ledger does not show. Stop every worker and gateway before.

Without --apply it only reports. With it the counters go on beyond what exists, the ledger gets
the rows of calls that the histories show, and orders whose workflows have ended are closed.
Exit code 1 says that something differs.`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			sys, closeAll, err := s.connect(command.Context())
			if err != nil {
				return err
			}
			defer closeAll()
			check := &restore.Check{Store: sys.Store, Temporal: sys.temporal, Accounts: sys.Accounts, Apply: apply, Margin: margin}
			report, err := check.Run(command.Context())
			if err != nil {
				return err
			}
			return s.printReport(report, apply)
		},
	}
	command.Flags().BoolVar(&apply, "apply", false, "put right what can be")
	command.Flags().Int64Var(&margin, "margin", 1000, "how many numbers and ids to leave out beyond the highest one that is known")
	return command
}

func (s *starter) printReport(report *restore.Report, applied bool) error {
	if s.json {
		if err := s.printJSON(report); err != nil {
			return err
		}
		return differs(report, applied)
	}
	for _, c := range report.Counters {
		switch {
		case c.Stored >= c.Seen:
		case applied:
			s.printf("counter %s was moved from %d beyond %d\n", c.Name, c.Stored, c.Seen)
		default:
			s.printf("counter %s stands at %d, and %d is taken\n", c.Name, c.Stored, c.Seen)
		}
	}
	for _, row := range report.Rows {
		s.printf("the ledger lacks %s: %s, operation %s\n", row.Key, row.State, orDash(row.Reference))
	}
	for _, order := range report.Ended {
		s.printf("order %s is open here and %s in Temporal (%s)\n", order.Number, order.State, order.WorkflowID)
	}
	for _, order := range report.Unknown {
		what := "it has ended, and nothing is to be done for it"
		if order.State == restore.Running {
			what = "place its document again under this number, or its next step finds no document"
		}
		s.printf("order %s is not in the database, and %s in Temporal (%s): %s\n", order.Number, order.State, order.WorkflowID, what)
	}
	for _, order := range report.Missing {
		s.printf("order %s is open here, and in Temporal: %s (%s); place it again, or close it\n", order.Number, order.State, order.WorkflowID)
	}
	for _, p := range report.Pending {
		s.printf("%s has an operation that the ledger does not know: %s, %s of %s; find out whose it is\n", p.Account, p.Reference, p.Kind, orDash(p.Domain))
	}
	for account, why := range report.Unasked {
		s.printf("%s could not be asked: %s\n", account, why)
	}
	if report.Clean() {
		s.printf("nothing differs\n")
	}
	return differs(report, applied)
}

// differs is the error of a report that shows something.
func differs(report *restore.Report, applied bool) error {
	switch {
	case report.Clean():
		return nil
	case applied:
		return errors.New("what could be was put right; run it again to see what is left")
	}
	return errors.New("the database differs from what exists; --apply puts right what can be")
}
