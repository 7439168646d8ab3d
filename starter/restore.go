package main

import (
	"errors"
	"fmt"
	"strings"

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
it does not know some orders under way, would issue numbers and ids that are already in use, and
its ledger lacks some paid calls. Stop every worker and gateway first.

Without --apply it only reports. With --apply it moves the counters past what exists, adds the
calls that the histories show to the ledger, and closes orders whose workflows have ended. The
exit code is 1 if something differs. A registrar that lists no pending operations is named, and
is no difference: what was requested there since the backup must be found by a person.`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			sys, closeAll, err := s.connect(command.Context())
			if err != nil {
				return err
			}
			defer closeAll()
			check := &restore.Check{Store: sys.Store, Temporal: sys.temporal, Data: sys.Codec.ForClients().Data, Accounts: sys.Accounts, Apply: apply, Margin: margin}
			report, err := check.Run(command.Context())
			if err != nil {
				return err
			}
			return s.printReport(report, apply)
		},
	}
	command.Flags().BoolVar(&apply, "apply", false, "correct what can be corrected automatically")
	command.Flags().Int64Var(&margin, "margin", 1000, "how many numbers and ids to skip beyond the highest known one")
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
			s.printf("counter %s was moved from %d past %d\n", c.Name, c.Stored, c.Seen)
		default:
			s.printf("counter %s is at %d, but %d is in use\n", c.Name, c.Stored, c.Seen)
		}
	}
	for _, row := range report.Rows {
		s.printf("the ledger lacks %s: %s, operation %s\n", row.Key, row.State, orDash(row.Reference))
	}
	for _, order := range report.Ended {
		s.printf("order %s is open here and %s in Temporal (%s)\n", order.Number, order.State, order.WorkflowID)
	}
	for _, order := range report.Unknown {
		what := "it has ended, and nothing needs to be done"
		if order.State == restore.Running {
			what = fmt.Sprintf("place its document again with `starter order --as %s FILE`, or its next step finds no document", order.Number)
			if !strings.Contains(order.Number, ":") {
				what += "; add --client NAME if it is not the command line's"
			}
		}
		s.printf("order %s is not in the database, but %s in Temporal (%s): %s\n", order.Number, order.State, order.WorkflowID, what)
	}
	for _, order := range report.Missing {
		s.printf("order %s is open here, but in Temporal: %s (%s); place it again, or close it\n", order.Number, order.State, order.WorkflowID)
	}
	for _, p := range report.Pending {
		s.printf("%s has an operation that the ledger does not know: %s, %s of %s; find out whose it is\n", p.Account, p.Reference, p.Kind, orDash(p.Domain))
	}
	for _, item := range report.Unreadable {
		s.printf("%s has an operation that cannot be read: %s, %s; find out whose it is\n", item.Account, orDash(item.Reference), item.Rule)
	}
	for account, why := range report.Unasked {
		s.printf("%s could not be asked: %s\n", account, why)
	}
	for _, account := range report.Unlisted {
		s.printf("%s lists no pending operations, and nothing was compared with it: look there for what was requested since the backup; "+
			"its news that fits no order is shown by `starter inbox --state unmatched`\n", account)
	}
	if report.Clean() && len(report.Unlisted) > 0 {
		s.printf("nothing else differs\n")
	} else if report.Clean() {
		s.printf("nothing differs\n")
	}
	return differs(report, applied)
}

// differs returns the error for a report with differences.
func differs(report *restore.Report, applied bool) error {
	switch {
	case report.Clean():
		return nil
	case applied:
		return errors.New("the corrections were applied; run it again to see what is left")
	}
	return errors.New("the database differs from what exists; --apply corrects what it can")
}
