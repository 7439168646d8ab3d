// Package batch takes many orders at once: it checks them as a whole by our own rules, sums what
// they may cost, stores them in pieces, and places them one by one at a rate per registrar account.
// A line becomes an order in one transaction, so that no crash, and no number of processes, makes
// two of it.
package batch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"domainprovisioning/intake"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

// The limits of a batch. What is held in memory while one is taken is its documents, its report and
// some hundred bytes for each line.
const (
	MostLines = 10_000
	MostBytes = 32 << 20  // of all lines together
	MostLine  = 256 << 10 // bytes of one line
	// MostLabel is the length of a label, in bytes.
	MostLabel = 100
	// MostFaults is how many reasons are told for each line.
	MostFaults = 20
	// mostPointer and mostReason are the lengths of a told reason, in characters. Both may repeat a
	// name that the caller has made up.
	mostPointer = 512
	mostReason  = 1000
)

// piece is how many lines are stored in one transaction.
const piece = 250

// Mode says what becomes of a batch with lines that would be refused.
type Mode string

// The modes: all orders or none, or the good ones only.
const (
	All  Mode = "all"
	Good Mode = "good"
)

// Modes lists the modes.
func Modes() []Mode { return []Mode{All, Good} }

// Form is the form of the lines.
type Form string

// The forms.
const (
	JSONLines Form = "jsonl"
	CSV       Form = "csv"
)

// Wanted says what is to become of a batch.
type Wanted struct {
	// Label is what the caller calls it; "" is nothing.
	Label string
	// Mode is All unless given.
	Mode Mode
	// DryRun checks and stores nothing.
	DryRun bool
	// Limit is the most that all lines together may cost at the registrars; nil is no limit.
	Limit *registrars.Price
	// AcceptUnpriced lets a limited batch have lines of which nobody knows the price.
	AcceptUnpriced bool
	// Form is JSONLines unless given.
	Form Form
	// Client is whose batch it is, and CreatedBy who has brought it.
	Client, CreatedBy string
	// Key makes a repeat of the request harmless; "" is none.
	Key string
}

// Taker takes batches.
type Taker struct {
	Store  *store.Store
	Intake *intake.Intake
	Log    *slog.Logger
}

// InputError says why what was sent is no batch at all.
type InputError struct {
	// Line is the line that it is about; 0 is the whole.
	Line int
	Rule string
	// TooLarge says that a limit is exceeded.
	TooLarge bool
}

func (e *InputError) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("line %d %s", e.Line, e.Rule)
	}
	return "the batch " + e.Rule
}

// OptionError says which option breaks which rule.
type OptionError struct{ Option, Rule string }

func (e *OptionError) Error() string { return e.Option + " " + e.Rule }

// RefusedError is a batch of which nothing was stored, and why.
type RefusedError struct {
	Reason string
	Report Report
}

func (e *RefusedError) Error() string { return "batch refused: " + e.Reason }

// Report is what was found about a batch.
type Report struct {
	// Batch is the stored batch; its ID is "" if nothing was stored.
	Batch store.Batch
	// Existing says that it had been stored before. Then the rest is not told.
	Existing bool
	Lines    int
	// Refused are the lines that are not placed, in their order.
	Refused []RefusedLine
	// Costs are the sums of what the good lines may cost, by currency.
	Costs []registrars.Price
	// Unpriced are the good lines of which nobody knows the price.
	Unpriced []int
	// Refusal is why the batch would be refused as a whole; "" if it would not.
	Refusal string
}

// RefusedLine is a line that is refused.
type RefusedLine struct {
	Line    int
	Domain  string
	Reasons []store.LineReason
}

// line is a line while it is judged.
type line struct {
	number          int
	document        []byte
	account, domain string
	domains         []string
	label, login    string
	reasons         []store.LineReason
	costs           []cost
	unpriced        bool
}

func (w *Wanted) check() error {
	if w.Mode == "" {
		w.Mode = All
	}
	if w.Form == "" {
		w.Form = JSONLines
	}
	switch {
	case w.Mode != All && w.Mode != Good:
		return &OptionError{"mode", "must be all or good"}
	case len(w.Label) > MostLabel || !utf8.ValidString(w.Label) || strings.ContainsFunc(w.Label, unicode.IsControl):
		return &OptionError{"label", fmt.Sprintf("must be at most %d bytes long, and hold no control character", MostLabel)}
	case w.Limit != nil && (w.Limit.Currency == "" || w.Limit.Cents < 0):
		return &OptionError{"maxPrice", "must be an amount with two decimals and its currency, such as 2500.00EUR"}
	}
	return nil
}

// Take reads, checks and stores a batch. Errors: *OptionError, *InputError, *RefusedError,
// *store.IdempotencyError, store.ErrBatchUnderWay, and those of a reader or a store that fails: then
// the same batch may be sent again.
func (t *Taker) Take(ctx context.Context, wanted Wanted, in io.Reader) (Report, error) {
	if err := wanted.check(); err != nil {
		return Report{}, err
	}
	ctx = intake.WithCaller(ctx, callerOf(wanted.Client))
	lines, err := read(ctx, in, wanted.Form)
	if err != nil {
		return Report{}, err
	}
	once := wanted.once(lines)
	if !wanted.DryRun {
		known, found, err := t.Store.FindBatch(ctx, once)
		if err != nil || found {
			return Report{Batch: known, Existing: found}, err
		}
	}
	if err := t.judge(ctx, wanted.Client, lines); err != nil {
		return Report{}, err
	}
	report := t.sum(ctx, wanted, lines)
	report.Refusal = report.refusal(wanted)
	switch {
	case report.Refusal != "" && !wanted.DryRun:
		return report, &RefusedError{report.Refusal, report}
	case wanted.DryRun:
		return report, nil
	}
	report.Batch, report.Existing, err = t.keep(ctx, wanted, once, report, lines)
	return report, err
}

// callerOf is who places the lines of a client's batch. What the command line brings is the
// operator's.
func callerOf(client string) intake.Caller {
	return intake.Caller{Client: client, All: client == store.LocalClient}
}

// once is the key of a request, with a digest of all that it asks for.
func (w Wanted) once(lines []*line) *store.Idempotency {
	if w.Key == "" {
		return nil
	}
	digest := sha256.New()
	limit := ""
	if w.Limit != nil {
		limit = w.Limit.String()
	}
	_, _ = fmt.Fprintf(digest, "batch %q %q %q %t\n", w.Label, w.Mode, limit, w.AcceptUnpriced)
	for _, line := range lines {
		_, _ = fmt.Fprintf(digest, "%d %d\n", line.number, len(line.document))
		_, _ = digest.Write(line.document)
	}
	return &store.Idempotency{Client: w.Client, Key: w.Key, Request: hex.EncodeToString(digest.Sum(nil))}
}

// refusal says why the batch is refused as a whole; "" if it is not.
func (r Report) refusal(wanted Wanted) string {
	if wanted.Mode == All && len(r.Refused) > 0 {
		return fmt.Sprintf("%d of %d lines would be refused", len(r.Refused), r.Lines)
	}
	if wanted.Limit == nil {
		return ""
	}
	if len(r.Unpriced) > 0 && !wanted.AcceptUnpriced {
		return fmt.Sprintf("nobody can tell what %d lines cost, so that the limit of %s cannot be kept to; accept them, or give their plans a price limit",
			len(r.Unpriced), wanted.Limit)
	}
	for _, sum := range r.Costs {
		switch {
		case sum.Currency != wanted.Limit.Currency && sum.Cents > 0:
			return fmt.Sprintf("lines may cost %s, which a limit of %s does not bound", sum, wanted.Limit)
		case sum.Cents > wanted.Limit.Cents:
			return fmt.Sprintf("the lines may cost %s, which is above the limit of %s", sum, wanted.Limit)
		}
	}
	return ""
}

// keep stores a batch in pieces, and starts it when all of them are there.
func (t *Taker) keep(ctx context.Context, wanted Wanted, once *store.Idempotency, report Report, lines []*line) (store.Batch, bool, error) {
	begun := store.NewBatch{
		Client: wanted.Client, Label: wanted.Label, Mode: string(wanted.Mode), Lines: len(lines), Unpriced: len(report.Unpriced),
		CreatedBy: wanted.CreatedBy, Idempotency: once,
	}
	if wanted.Limit != nil {
		begun.Limit = store.Money(*wanted.Limit)
	}
	if len(report.Costs) == 1 {
		begun.Cost = store.Money(report.Costs[0])
	}
	batch, existing, err := t.Store.BeginBatch(ctx, begun)
	if err != nil || existing {
		return batch, existing, err
	}
	started, err := t.keepLines(ctx, batch.ID, wanted.Limit != nil, lines)
	if err == nil {
		t.Log.InfoContext(ctx, "batch accepted", "batch", started.ID, "lines", len(lines), "refused", len(report.Refused))
		return started, false, nil
	}
	// What is left of it holds the caller's key for a while.
	dropping, cancel := context.WithTimeout(context.WithoutCancel(ctx), dropTimeout)
	defer cancel()
	return store.Batch{}, false, errors.Join(err, t.Store.DropBatch(dropping, batch.ID))
}

// dropTimeout bounds the removal of a batch that could not be stored.
const dropTimeout = 10 * time.Second

func (t *Taker) keepLines(ctx context.Context, id string, limited bool, lines []*line) (store.Batch, error) {
	for len(lines) > 0 {
		some := lines[:min(piece, len(lines))]
		lines = lines[len(some):]
		rows := make([]store.NewLine, len(some))
		for n, line := range some {
			row := store.NewLine{Line: line.number, Account: line.account, Domain: line.domain, Document: line.document, Reasons: line.reasons}
			if sums := sumOf(line.costs); len(sums) == 1 {
				row.Cost = store.Money(sums[0])
			}
			if limited {
				var err error
				if row.Bounds, err = encodeBounds(line.costs); err != nil {
					return store.Batch{}, err
				}
			}
			rows[n] = row
		}
		if err := t.Store.StoreLines(ctx, id, rows); err != nil {
			return store.Batch{}, err
		}
	}
	return t.Store.StartBatch(ctx, id)
}
