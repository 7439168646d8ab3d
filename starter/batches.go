package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"domainprovisioning/assembly"
	"domainprovisioning/desk"
	"domainprovisioning/portfolio/batch"
	"domainprovisioning/starter/terminal"
	"domainprovisioning/store"
)

// followEvery is how often a batch that is followed is asked for.
const followEvery = time.Second

// atBatches runs an action of the desk about batches, which the store answers.
func (s *starter) atBatches(ctx context.Context, id string, act func(batchCommands) error) error {
	orders, closeAll, err := s.storedOrders(ctx)
	if err != nil {
		return err
	}
	defer closeAll()
	return batchFault(id, act(orders))
}

func (s *starter) listBatchesCommand() *cobra.Command {
	var state string
	var limit int
	list := &cobra.Command{
		Use: "list", Short: "List batches, newest first", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			switch {
			case limit < 1 || limit > store.MostListed:
				return usage("--limit must be 1 to %d", store.MostListed)
			case state != "" && !slices.Contains(store.BatchStates(), store.BatchState(state)):
				return usage("--state must be one of %s", strings.Join(words(store.BatchStates()), ", "))
			}
			return s.atBatches(c.Context(), "", func(d batchCommands) error {
				page, err := d.Batches(c.Context(), state, "", limit)
				switch {
				case err != nil:
					return err
				case s.json:
					return s.printJSON(page)
				}
				for _, found := range page.Batches {
					s.printf("%s\n", batchLine(found))
				}
				return nil
			})
		},
	}
	list.Flags().StringVar(&state, "state", "", "only batches in this state: "+strings.Join(words(store.BatchStates()), ", "))
	list.Flags().IntVar(&limit, "limit", 100, "maximum number of batches, up to 1000")
	_ = list.RegisterFlagCompletionFunc("state", cobra.FixedCompletions(words(store.BatchStates()), cobra.ShellCompDirectiveNoFileComp))
	return list
}

func (s *starter) showBatchCommand() *cobra.Command {
	var follow bool
	show := &cobra.Command{
		Use: "show BATCH", Short: "Show how a batch stands", Args: cobra.ExactArgs(1), ValidArgsFunction: s.completeBatches,
		RunE: func(c *cobra.Command, arguments []string) error {
			return s.atBatches(c.Context(), arguments[0], func(d batchCommands) error {
				if follow {
					return s.followBatch(c.Context(), d, arguments[0])
				}
				found, err := d.Batch(c.Context(), arguments[0])
				if err != nil {
					return err
				}
				return s.printBatch(found)
			})
		},
	}
	show.Flags().BoolVar(&follow, "follow", false, "show how the lines are placed until that is done")
	return show
}

func (s *starter) printBatch(found desk.Batch) error {
	if s.json {
		return s.printJSON(found)
	}
	s.printf("%s\n", batchLine(found))
	if found.Limit != "" {
		s.printf("  limit   %s\n", found.Limit)
	}
	if found.Cost != "" {
		s.printf("  cost    %s at most\n", found.Cost)
	}
	s.printf("  lines   %s\n  orders  %s\n", linesInWords(*found.Counts), ordersInWords(found.Counts.Orders))
	return nil
}

func linesInWords(counts desk.BatchCounts) string {
	text := fmt.Sprintf("%d placed, %d refused, %d waiting", counts.Placed, counts.Refused, counts.Waiting)
	if counts.Troubled > 0 {
		text += fmt.Sprintf(" (%d are tried again)", counts.Troubled)
	}
	if counts.Cancelled > 0 {
		text += fmt.Sprintf(", %d cancelled", counts.Cancelled)
	}
	return text
}

func ordersInWords(o desk.OrderCounts) string {
	return fmt.Sprintf("%d running, %d waiting, %d attention, %d undoing, %d done, %d failed, %d cancelled", o.Running, o.Waiting, o.Attention, o.Undoing, o.Done, o.Failed, o.Cancelled)
}

// followBatch shows a batch until none of its lines waits.
func (s *starter) followBatch(ctx context.Context, d batchCommands, id string) error {
	screen := terminal.NewScreen(s.out)
	if s.json {
		screen = terminal.NewScreen(s.errOut)
	}
	bar := screen.Bar(id)
	defer bar.End()
	for {
		found, err := d.Batch(ctx, id)
		if err != nil {
			return batchFault(id, err)
		}
		bar.Show(found.Lines-found.Counts.Waiting, found.Lines, found.State+": "+linesInWords(*found.Counts))
		if found.EndedAt != nil {
			bar.End()
			return s.printBatch(found)
		}
		timer := time.NewTimer(followEvery)
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-timer.C:
		}
	}
}

// onBatchCommand is a command about one batch.
func (s *starter) onBatchCommand(
	name, short string, do func(d batchCommands, ctx context.Context, id, actor, reason string) (desk.Batch, error),
) *cobra.Command {
	var actor, reason string
	command := &cobra.Command{
		Use: name + " BATCH", Short: short, Args: cobra.ExactArgs(1), ValidArgsFunction: s.completeBatches,
		RunE: func(c *cobra.Command, arguments []string) error {
			if err := checkSaid(actor, reason); err != nil {
				return err
			}
			return s.atBatches(c.Context(), arguments[0], func(d batchCommands) error {
				found, err := do(d, c.Context(), arguments[0], actor, reason)
				if err != nil {
					return err
				}
				return s.printBatch(found)
			})
		},
	}
	saidFlags(command, &actor, &reason, "who gives the command", "why, for the record")
	return command
}

// writtenResults says where the results of a batch were written.
type writtenResults struct {
	Batch string `json:"batch"`
	File  string `json:"file" jsonschema:"description=Where its results were written"`
}

func (s *starter) batchResultsCommand() *cobra.Command {
	var out, form string
	results := &cobra.Command{
		Use: "results BATCH", Short: "Write every line of a batch with its result, as CSV or JSON lines", Args: cobra.ExactArgs(1), ValidArgsFunction: s.completeBatches,
		Long: `Write every line of a batch with its result, as CSV or JSON lines: whether it is placed,
refused and why, cancelled, or waits, and where its order stands. With --json it needs --out-file.`,
		RunE: func(c *cobra.Command, arguments []string) error {
			switch {
			case form != string(batch.CSV) && form != string(batch.JSONLines):
				return usage("--form must be csv or jsonl")
			case s.json && out == "":
				return usage("--json goes with --out-file")
			}
			return s.atBatches(c.Context(), arguments[0], func(d batchCommands) error {
				return s.writeResults(c.Context(), d, arguments[0], batch.Form(form), out)
			})
		},
	}
	results.Flags().StringVar(&out, "out-file", "", "the file to write (default standard output)")
	results.Flags().StringVar(&form, "form", string(batch.CSV), "csv or jsonl")
	_ = results.RegisterFlagCompletionFunc("form", cobra.FixedCompletions([]string{string(batch.CSV), string(batch.JSONLines)}, cobra.ShellCompDirectiveNoFileComp))
	return results
}

func (s *starter) writeResults(ctx context.Context, d batchCommands, id string, form batch.Form, path string) error {
	page := func(after, limit int) (desk.BatchLines, error) { return d.BatchLines(ctx, id, "", after, limit) }
	if path == "" {
		return desk.WriteResults(s.out, form, page)
	}
	if _, err := d.Batch(ctx, id); err != nil { // no file for what is not there
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return assembly.Exit(assembly.ExitFailed, err)
	}
	err = desk.WriteResults(file, form, page)
	if closed := file.Close(); err == nil {
		err = closed
	}
	switch {
	case err != nil:
		return err
	case s.json:
		return s.printJSON(writtenResults{id, path})
	}
	s.printf("the results of batch %s are in %s\n", id, path)
	return nil
}
