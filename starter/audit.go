package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"domainprovisioning/desk"
	"domainprovisioning/starter/terminal"
	"domainprovisioning/store"
)

func (s *starter) auditCommand() *cobra.Command {
	var since string
	filter := store.ActFilter{}
	audit := &cobra.Command{
		Use:   "audit [ORDER...]",
		Short: "List who did what, to orders or to all of them",
		Long: `List who did what, to the orders named or to all of them: every command, refused ones too, oldest
first. A command that failed may have been carried out, because nobody answered.`,
		ValidArgsFunction: s.completeOrders,
		RunE: func(command *cobra.Command, arguments []string) error {
			var err error
			if filter.Since, err = sinceOf(since, time.Now()); err != nil {
				return err
			}
			page, err := s.acts(command.Context(), arguments, filter)
			if err != nil {
				return err
			}
			if s.json {
				return s.printJSON(page)
			}
			if len(page.Acts) == 0 {
				s.printf("no acts\n")
				return nil
			}
			if err := s.printActs(page.Acts); err != nil {
				return err
			}
			if page.Next != 0 {
				s.printf("more with --after %d\n", page.Next)
			}
			return nil
		},
	}
	flags := audit.Flags()
	flags.StringVar(&since, "since", "", "only acts from this time on: an age such as 24h, or a day such as 2026-11-01 (UTC)")
	flags.Int64Var(&filter.After, "after", 0, "only acts after the one of this number")
	flags.IntVar(&filter.Limit, "limit", 100, "maximum number of acts, up to 1000")
	audit.AddCommand(s.verifyActsCommand())
	return audit
}

// sinceOf reads an age, a day or a time.
func sinceOf(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if age, err := time.ParseDuration(text); err == nil && age > 0 {
		return now.Add(-age), nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, nil
		}
	}
	return time.Time{}, usage("--since is %q and must be an age such as 24h, a day such as 2026-11-01 or a time such as 2026-11-01T15:04:05Z", text)
}

// acts lists the acts of the orders that the arguments name, or of all.
func (s *starter) acts(ctx context.Context, arguments []string, filter store.ActFilter) (desk.ActPage, error) {
	if len(arguments) == 0 {
		sys, closeAll, err := s.open(ctx)
		if err != nil {
			return desk.ActPage{}, err
		}
		defer closeAll()
		return sys.Desk(nil).Acts(ctx, "", filter)
	}
	orders, closeAll, err := s.storedOrders(ctx)
	if err != nil {
		return desk.ActPage{}, err
	}
	defer closeAll()
	pages := map[string]desk.ActPage{} // by order, so that none is listed twice
	for _, argument := range arguments {
		found, err := find(ctx, orders, argument)
		if err != nil {
			return desk.ActPage{}, err
		}
		if pages[found[0].Order], err = orders.ActsOf(ctx, found[0], filter); err != nil {
			return desk.ActPage{}, err
		}
	}
	return merged(slices.Collect(maps.Values(pages)), filter.Limit), nil
}

// merged is one page of the acts of several orders. Acts are numbered over all orders, so the
// page ends where the first of them is not complete.
func merged(pages []desk.ActPage, limit int) desk.ActPage {
	all := desk.ActPage{Acts: []store.Act{}}
	for _, page := range pages {
		all.Acts = append(all.Acts, page.Acts...)
		if page.Next != 0 && (all.Next == 0 || page.Next < all.Next) {
			all.Next = page.Next
		}
	}
	slices.SortFunc(all.Acts, func(a, b store.Act) int { return cmp.Compare(a.Number, b.Number) })
	if all.Next != 0 {
		all.Acts = slices.DeleteFunc(all.Acts, func(act store.Act) bool { return act.Number > all.Next })
	}
	if limit > 0 && len(all.Acts) > limit {
		all.Acts = all.Acts[:limit]
		all.Next = all.Acts[limit-1].Number
	}
	return all
}

func (s *starter) printActs(acts []store.Act) error {
	table := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "NUMBER\tAT\tACTOR\tVIA\tCOMMAND\tORDER\tITEM\tOUTCOME\tREASON\tDETAIL")
	for _, act := range acts {
		item := "-"
		if act.Item != store.NoItem {
			item = strconv.Itoa(act.Item)
		}
		_, _ = fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", act.Number, act.At.Format(time.DateTime), act.Actor, act.Via,
			act.Command, orDash(act.OrderNumber), item, act.Outcome, oneLine(act.Reason), oneLine(act.Detail))
	}
	return table.Flush()
}

// oneLine is a text that others have written as a cell of a table.
func oneLine(text string) string {
	return orDash(terminal.Printable(text))
}

// latestActs prints the last acts of an order below its checklist.
func (s *starter) latestActs(ctx context.Context, orders orderDesk, unit desk.Unit) error {
	const last = 20
	page, err := orders.ActsOf(ctx, unit, store.ActFilter{Latest: true, Limit: last})
	if err != nil || len(page.Acts) == 0 {
		return err
	}
	s.printf("\n")
	return s.printActs(page.Acts)
}

func (s *starter) verifyActsCommand() *cobra.Command {
	var head string
	verify := &cobra.Command{
		Use:   "verify",
		Short: "Check that the record of acts is whole",
		Long: `Check that the record of acts is whole: no act was changed, taken out or put in. It prints
the number and hash of the last act. Keep them where nobody who can write the database can
write: with --head, the command also finds out whether the record was cut off at its end or
written anew since. The exit code is 1 if the record is not whole.`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			known, err := headOf(head)
			if err != nil {
				return err
			}
			sys, closeAll, err := s.open(command.Context())
			if err != nil {
				return err
			}
			defer closeAll()
			found, err := sys.Store.VerifyActs(command.Context(), known)
			if err != nil {
				return err
			}
			if s.json {
				if err := s.printJSON(found); err != nil {
					return err
				}
			} else {
				if found.Removed != nil {
					s.printf("acts up to %d were removed for their age; the record goes on from %s\n", found.Removed.Number, found.Removed.Hash)
				}
				s.printf("%d acts are whole; the head is %d:%s\n", found.Checked, found.Head.Number, found.Head.Hash)
			}
			if found.Broken != 0 {
				return fmt.Errorf("the record is not whole at act %d: %s", found.Broken, found.Why)
			}
			return nil
		},
	}
	verify.Flags().StringVar(&head, "head", "", "a head that was printed earlier, NUMBER:HASH")
	return verify
}

var headForm = regexp.MustCompile(`^([0-9]{1,18}):([0-9a-f]{64})$`)

func headOf(text string) (*store.ActHead, error) {
	if text == "" {
		return nil, nil
	}
	parts := headForm.FindStringSubmatch(text)
	if parts == nil {
		return nil, usage("--head must be NUMBER:HASH, as an earlier run has printed it")
	}
	number, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil {
		return nil, usage("--head: %w", err)
	}
	return &store.ActHead{Number: number, Hash: parts[2]}, nil
}
