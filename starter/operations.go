package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"domainprovisioning/assembly"
	"domainprovisioning/desk"
	"domainprovisioning/store"
)

func (s *starter) operationsCommand() *cobra.Command {
	filter := store.LedgerFilter{Open: true}
	var all, settled bool
	var state string
	list := &cobra.Command{
		Use:   "operations",
		Short: "List what registrars have not finished, or with --state what no order takes care of",
		Long: `List what registrars have not finished: pending operations, and those of unknown outcome.
Below them stands what the watch could not read of the registrars' lists.
With --state it lists what exists or was paid for but no order takes care of, until a person
settles it: abandoned (finished after its order had ended), left (by an order that was given
up), perhaps-paid-twice, or loose for all of them. An order of the operation adoption brings
an abandoned registration or transfer under its customer.`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			switch {
			case state != "" && !slices.Contains(looseStates(), state):
				return usage("--state must be one of %s", strings.Join(looseStates(), ", "))
			case settled && state == "":
				return usage("--settled goes with --state")
			case filter.Limit < 1 || filter.Limit > store.MostOperations:
				return usage("--limit must be 1 to %d", store.MostOperations)
			}
			orders, closeAll, err := s.storedOrders(command.Context())
			if err != nil {
				return err
			}
			defer closeAll()
			if state != "" {
				return s.listLooseEnds(command.Context(), orders, state, store.LooseEndFilter{
					Account: filter.Account, Domain: filter.Domain, Settled: settled, Limit: filter.Limit,
				})
			}
			filter.Open = !all
			found, err := orders.Operations(command.Context(), filter)
			if err != nil {
				return err
			}
			return s.printOperations(found)
		},
	}
	flags := list.Flags()
	flags.StringVar(&filter.Account, "registrar", "", "only entries of this registrar account")
	flags.StringVar(&filter.Domain, "domain", "", "only entries of this domain")
	flags.BoolVar(&all, "all", false, "include finished operations")
	flags.StringVar(&state, "state", "", "list what no order takes care of: "+strings.Join(looseStates(), ", "))
	flags.BoolVar(&settled, "settled", false, "with --state: list settled entries")
	flags.IntVar(&filter.Limit, "limit", 100, "maximum number of entries, oldest first, up to 10000")
	_ = list.RegisterFlagCompletionFunc("registrar", s.completeAccounts)
	_ = list.RegisterFlagCompletionFunc("state", cobra.FixedCompletions(looseStates(), cobra.ShellCompDirectiveNoFileComp))
	list.AddCommand(s.checkOperationCommand(), s.cancelOperationCommand(), s.settleCommand())
	return list
}

func (s *starter) printOperations(lines []desk.Operation) error {
	if s.json {
		return s.printJSON(lines)
	}
	readable, unreadable := lines, []desk.Operation(nil)
	if first := slices.IndexFunc(lines, func(line desk.Operation) bool { return line.State == desk.Unreadable }); first >= 0 {
		readable, unreadable = lines[:first], lines[first:]
	}
	if err := s.printLines(readable); err != nil {
		return err
	}
	for _, item := range unreadable {
		what := fmt.Sprintf("%d items", item.Items)
		switch {
		case item.Reference != "":
			what = "operation " + item.Reference
		case item.Items == 1:
			what = "1 item"
		}
		s.printf("%s of the list of %s cannot be read for %s: %s\n", what, item.Registrar, age(time.Since(item.Since)), item.Rule)
	}
	return nil
}

func (s *starter) printLines(lines []desk.Operation) error {
	if len(lines) == 0 {
		s.printf("no operations\n")
		return nil
	}
	table := tabwriter.NewWriter(s.out, 0, 8, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "REFERENCE\tSTATE\tAGE\tKIND\tDOMAIN\tORDER\tREGISTRAR\tACCEPTED PRICE")
	for _, line := range lines {
		state := line.State
		if line.Word != "" && line.State == string(store.Submitted) {
			state += " (" + line.Word + ")" // a word such as IN_DOUBT, which is neither success nor failure
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", orDash(line.Reference), state,
			age(time.Since(line.Since)), line.Kind, line.Domain, line.Order, line.Registrar, orDash(line.AcceptedPrice))
	}
	return table.Flush()
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// age formats a duration in minutes, hours or days.
func age(d time.Duration) string {
	switch {
	case d < time.Hour:
		return fmt.Sprintf("%dm", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh", int(d.Hours()))
	default:
		return fmt.Sprintf("%dd", int(d.Hours()/24))
	}
}

// aboutOperation says what is wrong with a REFERENCE, in the words of the command line.
func aboutOperation(reference string, err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return assembly.Exit(assembly.ExitNotFound, fmt.Errorf("the ledger has no operation %s; `starter operations --all` lists them", reference))
	}
	return err
}

func (s *starter) checkOperationCommand() *cobra.Command {
	var account string
	check := &cobra.Command{
		Use:   "check REFERENCE...",
		Short: "Ask the registrar about operations at once, and tell their orders",
		Long: `Ask the registrar about operations at once, and tell their orders if they have finished.
REFERENCE is the registrar's id of the operation, as shown in the list.`,
		Args:              cobra.MinimumNArgs(1),
		ValidArgsFunction: s.completeOperations,
		RunE: func(command *cobra.Command, references []string) error {
			orders, closeAll, err := s.orders(command.Context())
			if err != nil {
				return err
			}
			defer closeAll()
			checked := make([]checkedOperation, 0, len(references))
			var wrong []error
			for _, reference := range references {
				result, err := orders.CheckOperation(command.Context(), reference, account)
				err = aboutOperation(reference, err)
				line := checkedOperation{Checked: result, Error: faultOf(err)}
				line.Reference = reference
				checked, wrong = append(checked, line), append(wrong, err)
				if err == nil && !s.json {
					s.printChecked(result)
				}
			}
			if s.json {
				wrong = append(wrong, s.printJSON(checked))
			}
			return errors.Join(wrong...)
		},
	}
	s.accountFlag(check, &account)
	return check
}

// checkedOperation is what a registrar has said about an operation, or why it could not be asked.
type checkedOperation struct {
	desk.Checked

	Error *fault `json:"error,omitempty"`
}

func (s *starter) printChecked(result desk.Checked) {
	s.printf("operation %s of %s: %s", result.Reference, result.Domain, result.State)
	if result.State != result.Before {
		s.printf(", was %s", result.Before)
	}
	s.printf("\n")
}

// accountFlag adds the flag that tells operations with the same reference apart.
func (s *starter) accountFlag(command *cobra.Command, account *string) {
	command.Flags().StringVar(account, "registrar", "", "the registrar account, where several have the reference")
	_ = command.RegisterFlagCompletionFunc("registrar", s.completeAccounts)
}

func (s *starter) cancelOperationCommand() *cobra.Command {
	var account, actor, reason string
	cancel := &cobra.Command{
		Use:   "cancel REFERENCE",
		Short: "Ask the registrar to withdraw a pending operation; it may refuse",
		Long: `Ask the registrar to withdraw a pending operation; it may refuse. If it withdraws
the operation, the order needs attention: retry requests it again.`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: s.completeOperations,
		RunE: func(command *cobra.Command, arguments []string) error {
			if err := checkSaid(actor, reason); err != nil {
				return err
			}
			orders, closeAll, err := s.orders(command.Context())
			if err != nil {
				return err
			}
			defer closeAll()
			withdrawn, err := orders.CancelOperation(command.Context(), arguments[0], account, actor, reason)
			if err != nil {
				return aboutOperation(arguments[0], err)
			}
			if s.json {
				return s.printJSON(withdrawn)
			}
			s.printf("operation %s of %s is being withdrawn; the order will be told\n", withdrawn.Reference, withdrawn.Domain)
			return nil
		},
	}
	s.accountFlag(cancel, &account)
	saidFlags(cancel, &actor, &reason, "who gives the command", "why, for the record")
	return cancel
}

// saidFlags adds the flags that say who gives a command, and why.
func saidFlags(command *cobra.Command, actor, reason *string, who, why string) {
	flags := command.Flags()
	flags.StringVar(actor, "actor", currentUser(), who+" (default your login name)")
	flags.Lookup("actor").DefValue = "" // the help is the same for everybody
	flags.StringVar(reason, "reason", "", why+" (required)")
}
