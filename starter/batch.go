package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"domainprovisioning/assembly"
	"domainprovisioning/desk"
	"domainprovisioning/gateway"
	"domainprovisioning/portfolio/batch"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

// batchCommands are what the commands about batches use: the local desk or a gateway.
type batchCommands interface {
	PlaceBatch(ctx context.Context, wanted batch.Wanted, in io.Reader) (desk.BatchReport, error)
	Batches(ctx context.Context, state, cursor string, limit int) (desk.BatchPage, error)
	Batch(ctx context.Context, id string) (desk.Batch, error)
	BatchLines(ctx context.Context, id, state string, after, limit int) (desk.BatchLines, error)
	PauseBatch(ctx context.Context, id, actor, reason string) (desk.Batch, error)
	ResumeBatch(ctx context.Context, id, actor, reason string) (desk.Batch, error)
	CancelBatch(ctx context.Context, id, actor, reason string) (desk.Batch, error)
}

// newBatch is what the flags of a batch say.
type newBatch struct {
	wanted                   batch.Wanted
	mode, maxPrice, template string
	form                     string
	follow                   bool
}

func (s *starter) batchCommand() *cobra.Command {
	var given newBatch
	command := &cobra.Command{
		Use:   "batch FILE",
		Short: "Place many orders at once: JSON lines, or a CSV table; - is standard input",
		Long: `Place many orders at once. A FILE has an order as JSON in each line; or it is a CSV table
(a name that ends in .csv, or --form csv), whose first row names the fields: by JSON pointers such
as /items/0/domain, or by one of
  ` + strings.Join(batch.ShortNames(), " ") + `
With --template each row is that order with the row's cells; an empty cell leaves what it has.

Everything is checked first that needs nobody outside, and every line that would be refused is
reported. With --mode all nothing is stored then; with --mode good the others are placed, at a
rate for each registrar account. A batch survives any crash, and no line becomes two orders.
With --max-price nothing is stored if the lines may cost more in total, by the price limits of
their plans or the registrars' prices, and no line costs more than it was counted with.`,
		Args: cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, files []string) error {
			if err := given.read(files[0]); err != nil {
				return err
			}
			return s.placeBatch(command.Context(), files[0], given)
		},
	}
	flags := command.Flags()
	flags.StringVar(&given.mode, "mode", "all", "all: one bad line refuses the batch; good: the good lines are placed")
	flags.StringVar(&given.wanted.Label, "label", "", "what you call the batch; no personal data")
	flags.BoolVar(&given.wanted.DryRun, "dry-run", false, "check and report, and store nothing; exits with 3 if the batch would be refused")
	flags.StringVar(&given.maxPrice, "max-price", "", "the most that all lines together may cost, such as 2500.00EUR")
	flags.BoolVar(&given.wanted.AcceptUnpriced, "accept-unpriced", false, "with --max-price: accept lines of which nobody can tell the price")
	flags.StringVar(&given.wanted.Key, "key", "", "makes a repeat of the command harmless: the same key is one batch")
	flags.StringVar(&given.form, "form", "", "jsonl or csv (default by the name of the file)")
	flags.StringVar(&given.template, "template-file", "", "with a CSV table: the order that each row changes, as JSON")
	flags.BoolVar(&given.follow, "follow", false, "show how the lines are placed until that is done")
	_ = command.RegisterFlagCompletionFunc("mode", cobra.FixedCompletions(words(batch.Modes()), cobra.ShellCompDirectiveNoFileComp))
	_ = command.RegisterFlagCompletionFunc("form", cobra.FixedCompletions([]string{string(batch.JSONLines), string(batch.CSV)}, cobra.ShellCompDirectiveNoFileComp))
	command.MarkFlagsMutuallyExclusive("follow", "dry-run")
	command.AddCommand(
		s.listBatchesCommand(), s.showBatchCommand(), s.batchResultsCommand(),
		s.onBatchCommand("pause", "Place no more lines of a batch for now", batchCommands.PauseBatch),
		s.onBatchCommand("resume", "Let a paused batch go on", batchCommands.ResumeBatch),
		s.onBatchCommand("cancel", "Place no more lines of a batch, for good; orders that were placed stay", batchCommands.CancelBatch),
	)
	return command
}

// read understands the flags.
func (b *newBatch) read(file string) error {
	b.wanted.Mode = batch.Mode(b.mode)
	if b.wanted.Mode != batch.All && b.wanted.Mode != batch.Good {
		return usage("--mode must be all or good")
	}
	if b.maxPrice != "" {
		price, err := registrars.ParsePrice(b.maxPrice)
		if err != nil {
			return usage("--max-price must be an amount with two decimals and its currency, such as 2500.00EUR")
		}
		b.wanted.Limit = &price
	}
	if b.wanted.AcceptUnpriced && b.wanted.Limit == nil {
		return usage("--accept-unpriced goes with --max-price")
	}
	switch batch.Form(b.form) {
	case "":
		b.form = string(batch.JSONLines)
		if strings.EqualFold(filepath.Ext(file), ".csv") {
			b.form = string(batch.CSV)
		}
	case batch.JSONLines, batch.CSV:
	default:
		return usage("--form must be jsonl or csv")
	}
	if b.template != "" && b.form != string(batch.CSV) {
		return usage("--template-file goes with a CSV table")
	}
	return nil
}

// placeBatch streams a file to the desk. A table is turned into JSON lines on the way.
func (s *starter) placeBatch(ctx context.Context, file string, given newBatch) error {
	reader := s.in
	if file != "-" {
		opened, err := os.Open(file)
		if err != nil {
			return err
		}
		defer func() { _ = opened.Close() }()
		reader = opened
	}
	var table *batch.Table
	if given.form == string(batch.CSV) {
		var err error
		if table, err = given.table(reader); err != nil {
			return inBatch(file, err)
		}
		streamed, writer := io.Pipe()
		defer func() { _ = streamed.Close() }()
		go func() { _ = writer.CloseWithError(table.Expand(writer)) }()
		reader = streamed
	}
	orders, closeAll, err := s.storedOrders(ctx)
	if err != nil {
		return err
	}
	defer closeAll()
	report, err := orders.PlaceBatch(ctx, given.wanted, reader)
	report, err = refusedBatch(report, err)
	if err != nil && report.Refusal == "" {
		return inBatch(file, err)
	}
	if s.json && !given.follow {
		return errors.Join(s.printJSON(report), err)
	}
	if !s.json {
		s.printReportOf(report, table)
	}
	if err != nil || report.Batch == nil || !given.follow {
		return err
	}
	return s.followBatch(ctx, orders, report.Batch.ID)
}

// table reads the first row of a table.
func (b *newBatch) table(in io.Reader) (*batch.Table, error) {
	var template []byte
	if b.template != "" {
		var err error
		if template, err = os.ReadFile(b.template); err != nil {
			return nil, err
		}
		if len(bytes.TrimSpace(template)) == 0 {
			return nil, usage("--template-file is empty")
		}
	}
	return batch.NewTable(bufio.NewReader(in), template)
}

// inBatch says which file an error is about.
func inBatch(file string, err error) error {
	if input, ok := errors.AsType[*batch.InputError](err); ok {
		return assembly.Exit(assembly.ExitRefused, fmt.Errorf("%s: %w", file, input))
	}
	if option, ok := errors.AsType[*batch.OptionError](err); ok {
		return usage("--%w", option)
	}
	return fmt.Errorf("%s: %w", file, err)
}

// refusedBatch completes the report on a batch that was refused, which over a gateway is a problem, or
// that would be.
func refusedBatch(report desk.BatchReport, err error) (desk.BatchReport, error) {
	if refused, ok := errors.AsType[*batch.RefusedError](err); ok {
		return report, assembly.Exit(assembly.ExitRefused, refused)
	}
	if err == nil && report.DryRun && report.Refusal != "" {
		return report, assembly.Exit(assembly.ExitRefused, errors.New("the batch would be refused: "+report.Refusal))
	}
	problem, ok := errors.AsType[*gateway.Problem](err)
	if !ok || !strings.HasSuffix(problem.Type, ":batch-refused") {
		return report, err
	}
	report.Costs, report.Refused = []string{}, []desk.RefusedLine{}
	report.Refusal = strings.TrimSuffix(problem.Detail, "; nothing was stored")
	if problem.Batch != nil { // a gateway of a version before tells less
		report.Lines, report.Costs, report.Unpriced = problem.Batch.Lines, problem.Batch.Costs, problem.Batch.Unpriced
	}
	for _, each := range problem.Errors {
		if slices.Contains(report.Unpriced, each.Line) {
			continue
		}
		if n := len(report.Refused); n == 0 || report.Refused[n-1].Line != each.Line {
			report.Refused = append(report.Refused, desk.RefusedLine{Line: each.Line, Domain: each.Domain})
		}
		last := &report.Refused[len(report.Refused)-1]
		last.Reasons = append(last.Reasons, store.LineReason{Pointer: each.Pointer, Message: each.Detail})
	}
	return report, assembly.Exit(assembly.ExitRefused, errors.New("batch refused: "+report.Refusal))
}

// printReportOf prints what was found about a batch. A reason names the column of the table.
func (s *starter) printReportOf(report desk.BatchReport, table *batch.Table) {
	for _, line := range report.Refused {
		for _, reason := range line.Reasons {
			column := ""
			if table != nil {
				column = table.Column(reason.Pointer)
			}
			if column != "" {
				column = "column " + column + ": "
			}
			s.printf("line %d: %s%s\n", line.Line, column, reason.Message)
		}
	}
	if len(report.Unpriced) > 0 {
		s.printf("nobody can tell the price of %d lines\n", len(report.Unpriced))
	}
	if len(report.Costs) > 0 {
		s.printf("the good lines may cost %s in total\n", strings.Join(report.Costs, " and "))
	}
	switch {
	case report.Batch == nil && (report.DryRun || report.Refusal == ""):
		s.printf("%d of %d lines are good; nothing was stored\n", report.Lines-len(report.Refused), report.Lines)
	case report.Batch == nil:
	case report.Existing:
		s.printf("batch %s was accepted before; nothing is done twice\n", report.Batch.ID)
	default:
		s.printf("batch %s accepted: %d lines are to be placed\n", report.Batch.ID, report.Lines-len(report.Refused))
	}
}

// batchFault says what is wrong with a BATCH, in the words of the command line.
func batchFault(id string, err error) error {
	if errors.Is(err, desk.ErrNoBatch) {
		return assembly.Exit(assembly.ExitNotFound, fmt.Errorf("there is no batch %s; `starter batch list` shows all", id))
	}
	if filter, ok := errors.AsType[*desk.FilterError](err); ok {
		return usage("--%s %s", filter.Field, filter.Rule)
	}
	return err
}

func batchLine(b desk.Batch) string {
	return fmt.Sprintf("%s  %s  %d lines  %s  %s", b.ID, b.State, b.Lines, b.CreatedAt.Format("2006-01-02 15:04"), cmp.Or(b.Label, "-"))
}
