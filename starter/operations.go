package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"domainprovisioning/store"
)

// operationLine is one operation of the ledger, for people and for scripts.
type operationLine struct {
	Key       string `json:"key"`
	Reference string `json:"reference,omitempty"`
	Registrar string `json:"registrar"`
	Kind      string `json:"kind"`
	Domain    string `json:"domain"`
	State     string `json:"state"`
	Word      string `json:"word,omitempty"`
	// AcceptedPrice is the registrar's price that a person has accepted.
	AcceptedPrice string    `json:"acceptedPrice,omitempty"`
	Order         string    `json:"order"`
	Since         time.Time `json:"since"`
	// Items and Rule are those of the state unreadable: how many items of the registrar's list
	// cannot be read, and why.
	Items int    `json:"items,omitempty"`
	Rule  string `json:"rule,omitempty"`
}

// stateUnreadable is shown for items of a registrar's list that cannot be read. They may be
// operations of ours, which are listed as well.
const stateUnreadable = "unreadable"

func lineOf(row store.LedgerRow) operationLine {
	return operationLine{
		Key: row.Key, Reference: row.Reference, Registrar: row.Account, Kind: row.Kind, Domain: row.Domain,
		State: string(row.State), Word: row.Word, Order: row.OrderNumber(), Since: row.IntendedAt,
		AcceptedPrice: row.AcceptedPrice,
	}
}

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
			sys, closeAll, err := s.open(command.Context())
			if err != nil {
				return err
			}
			defer closeAll()
			if state != "" {
				return s.listLooseEnds(command.Context(), sys, state, store.LooseEndFilter{
					Account: filter.Account, Domain: filter.Domain, Settled: settled, Limit: filter.Limit,
				})
			}
			filter.Open = !all
			rows, err := sys.Store.LedgerRows(command.Context(), filter)
			if err != nil {
				return err
			}
			var unreadable []store.Unreadable
			if filter.Domain == "" { // nobody knows which domain they are about
				if unreadable, err = sys.Store.UnreadableOperations(command.Context(), filter.Account); err != nil {
					return err
				}
			}
			return s.printOperations(rows, unreadable)
		},
	}
	flags := list.Flags()
	flags.StringVar(&filter.Account, "registrar", "", "only entries of this registrar account")
	flags.StringVar(&filter.Domain, "domain", "", "only entries of this domain")
	flags.BoolVar(&all, "all", false, "include finished operations")
	flags.StringVar(&state, "state", "", "list what no order takes care of: "+strings.Join(looseStates(), ", "))
	flags.BoolVar(&settled, "settled", false, "with --state: list settled entries")
	flags.IntVar(&filter.Limit, "limit", 100, "maximum number of entries, oldest first, up to 10000")
	_ = list.RegisterFlagCompletionFunc("state", cobra.FixedCompletions(looseStates(), cobra.ShellCompDirectiveNoFileComp))
	list.AddCommand(s.checkOperationCommand(), s.cancelOperationCommand(), s.settleCommand())
	return list
}

func (s *starter) printOperations(rows []store.LedgerRow, unreadable []store.Unreadable) error {
	lines := make([]operationLine, 0, len(rows)+len(unreadable))
	for _, row := range rows {
		lines = append(lines, lineOf(row))
	}
	if s.json {
		for _, item := range unreadable {
			lines = append(lines, operationLine{
				Reference: item.Reference, Registrar: item.Account, State: stateUnreadable, Since: item.FirstSeen, Items: item.Items, Rule: item.Rule,
			})
		}
		return s.printJSON(lines)
	}
	if err := s.printLines(lines); err != nil {
		return err
	}
	for _, item := range unreadable {
		what := fmt.Sprintf("%d items", item.Items)
		if item.Items == 1 {
			what = "1 item"
		}
		if item.Reference != "" {
			what = "operation " + item.Reference
		}
		s.printf("%s of the list of %s cannot be read for %s: %s\n", what, item.Account, age(time.Since(item.FirstSeen)), item.Rule)
	}
	return nil
}

func (s *starter) printLines(lines []operationLine) error {
	if len(lines) == 0 {
		s.printf("no operations\n")
		return nil
	}
	table := tabwriter.NewWriter(s.out, 0, 8, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "REFERENCE\tSTATE\tAGE\tKIND\tDOMAIN\tORDER\tREGISTRAR\tACCEPTED PRICE")
	for _, line := range lines {
		state := line.State
		if state == string(store.Submitted) && line.Word != "" {
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

// onOperation connects and acts on the one operation that a REFERENCE names.
func (s *starter) onOperation(
	ctx context.Context, reference, account string, act func(sys *system, row store.LedgerRow) error,
) error {
	sys, closeAll, err := s.connect(ctx)
	if err != nil {
		return err
	}
	defer closeAll()
	rows, err := sys.Store.LedgerRows(ctx, store.LedgerFilter{Reference: reference, Account: account})
	switch {
	case err != nil:
		return err
	case len(rows) == 0:
		return fmt.Errorf("the ledger has no operation %s; `starter operations --all` lists them", reference)
	case len(rows) > 1:
		return fmt.Errorf("several registrar accounts have an operation %s; say which with --registrar", reference)
	}
	if _, ok := sys.Accounts[rows[0].Account]; !ok {
		return fmt.Errorf("registrar account %q is not configured", rows[0].Account)
	}
	return act(sys, rows[0])
}

func (s *starter) checkOperationCommand() *cobra.Command {
	var account string
	check := &cobra.Command{
		Use:   "check REFERENCE",
		Short: "Ask the registrar about an operation at once, and tell its order",
		Long: `Ask the registrar about an operation at once, and tell its order when it has finished.
REFERENCE is the registrar's id of the operation, as shown in the list.`,
		Args: cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, arguments []string) error {
			return s.onOperation(command.Context(), arguments[0], account, func(sys *system, row store.LedgerRow) error {
				result, err := sys.CheckOperation(command.Context(), sys.temporal, row.Account, row.Key)
				if err != nil {
					return err
				}
				if s.json {
					return s.printJSON(result)
				}
				s.printf("operation %s of %s: %s", row.Reference, row.Domain, result.Now)
				if result.Now != result.Before {
					s.printf(", was %s", result.Before)
				}
				s.printf("\n")
				return nil
			})
		},
	}
	check.Flags().StringVar(&account, "registrar", "", "the registrar account, where several have the reference")
	return check
}

func (s *starter) cancelOperationCommand() *cobra.Command {
	var account string
	cancel := &cobra.Command{
		Use:   "cancel REFERENCE",
		Short: "Ask the registrar to withdraw a pending operation; it may refuse",
		Long: `Ask the registrar to withdraw a pending operation; it may refuse. If it withdraws
the operation, the order needs attention: retry requests it again.`,
		Args: cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, arguments []string) error {
			return s.onOperation(command.Context(), arguments[0], account, func(sys *system, row store.LedgerRow) error {
				if row.State.Final() {
					return fmt.Errorf("operation %s is %s already", row.Reference, row.State)
				}
				if err := sys.CancelOperation(command.Context(), row.Account, row.Reference); err != nil {
					return err
				}
				if s.json {
					return s.printJSON(map[string]string{"reference": row.Reference, "state": "cancelling"})
				}
				s.printf("operation %s of %s is being withdrawn; the order will be told\n", row.Reference, row.Domain)
				return nil
			})
		},
	}
	cancel.Flags().StringVar(&account, "registrar", "", "the registrar account, where several have the reference")
	return cancel
}
