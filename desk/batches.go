package desk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"domainprovisioning/messages"
	"domainprovisioning/portfolio/batch"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

// ErrNoBatch means that there is no such batch.
var ErrNoBatch = errors.New("there is no such batch")

// Batch is a batch of orders.
type Batch struct {
	ID     string `json:"id" jsonschema:"example=batch_mfzxi3dpmfzxi3dpmfzx"`
	Client string `json:"client" jsonschema:"description=Whose batch it is"`
	Label  string `json:"label,omitempty" jsonschema:"description=What the caller calls it"`
	Mode   string `json:"mode" jsonschema:"enum=all,enum=good,description=all: no line was refused; good: the good lines are placed"`
	State  string `json:"state" jsonschema:"enum=running,enum=paused,enum=cancelled,enum=done,description=running: lines are being placed; done: each line is placed or refused"`
	Lines  int    `json:"lines" jsonschema:"description=How many orders were sent"`
	// Cost is what the lines may cost at the registrars, and Limit the most that was permitted.
	Cost      string     `json:"cost,omitempty" jsonschema:"description=What the lines may cost at the registrars in total\\, as far as that was known; absent if it is in several currencies,example=1200.00 EUR"`
	Limit     string     `json:"limit,omitempty" jsonschema:"description=The most that they were to cost in total; absent without a limit,example=1500.00 EUR"`
	Unpriced  int        `json:"unpriced,omitempty" jsonschema:"description=Lines of which nobody could tell the price"`
	CreatedBy string     `json:"createdBy"`
	CreatedAt time.Time  `json:"createdAt"`
	EndedAt   *time.Time `json:"endedAt,omitempty"`
	// Counts are given where one batch is asked for.
	Counts *BatchCounts `json:"counts,omitempty" jsonschema:"description=How its lines and orders stand; absent in lists"`
}

// BatchCounts are how the lines of a batch and the orders that they have become stand.
type BatchCounts struct {
	Waiting   int         `json:"waiting" jsonschema:"description=Lines that are still to be placed"`
	Troubled  int         `json:"troubled" jsonschema:"description=Those of them whose last try has failed; they are tried again"`
	Placed    int         `json:"placed" jsonschema:"description=Lines that have become orders"`
	Refused   int         `json:"refused"`
	Cancelled int         `json:"cancelled"`
	Orders    OrderCounts `json:"orders" jsonschema:"description=The orders by their own state; one of several units counts by the one that most needs a person"`
}

// Settled is how many lines have come to an end.
func (c BatchCounts) Settled() int { return c.Placed + c.Refused + c.Cancelled }

// OrderCounts are numbers of orders by their state.
type OrderCounts struct {
	Running   int `json:"running"`
	Waiting   int `json:"waiting"`
	Attention int `json:"attention"`
	Undoing   int `json:"undoing"`
	Done      int `json:"done"`
	Failed    int `json:"failed"`
	Cancelled int `json:"cancelled"`
}

// BatchPage is a part of a list of batches, newest first.
type BatchPage struct {
	Batches []Batch `json:"batches"`
	Next    string  `json:"next,omitempty" jsonschema:"description=Value of the parameter cursor for the next page; absent at the end"`
}

// BatchReport is the answer to a batch: what was found, and the batch if it was stored.
type BatchReport struct {
	Batch *Batch `json:"batch,omitempty" jsonschema:"description=The batch; absent if nothing was stored"`
	// Existing is true if the same request was answered before. Then no report is made again.
	Existing bool          `json:"existing,omitempty" jsonschema:"description=The batch had been stored before; nothing is done twice\\, and the report is not made again"`
	DryRun   bool          `json:"dryRun,omitempty" jsonschema:"description=Nothing was stored\\, as asked"`
	Lines    int           `json:"lines" jsonschema:"description=How many orders were sent"`
	Costs    []string      `json:"costs" jsonschema:"description=What the good lines may cost at the registrars in total\\, for each currency,example=1200.00 EUR"`
	Unpriced []int         `json:"unpriced,omitempty" jsonschema:"description=Good lines of which nobody can tell the price"`
	Refusal  string        `json:"refusal,omitempty" jsonschema:"description=Why the batch would be refused as a whole; absent if it would not"`
	Refused  []RefusedLine `json:"refused" jsonschema:"description=Every line that is refused"`
}

// RefusedLine is a line of a batch that is not placed, and why.
type RefusedLine struct {
	Line    int                `json:"line" jsonschema:"description=Number of the line in what was sent\\, from 1"`
	Domain  string             `json:"domain,omitempty"`
	Reasons []store.LineReason `json:"reasons"`
}

// BatchLine is a line of a batch as it stands.
type BatchLine struct {
	Line      int                `json:"line" jsonschema:"description=Number of the line in what was sent\\, from 1"`
	Domain    string             `json:"domain,omitempty"`
	Registrar string             `json:"registrar,omitempty" jsonschema:"description=Registrar account"`
	State     string             `json:"state" jsonschema:"enum=waiting,enum=placed,enum=refused,enum=cancelled"`
	Order     string             `json:"order,omitempty" jsonschema:"description=Number of its order at its client"`
	Key       string             `json:"key,omitempty" jsonschema:"description=The order's key\\, unique among the orders of all clients"`
	Shown     messages.State     `json:"orderState,omitempty" jsonschema:"description=Where its order stands"`
	Reasons   []store.LineReason `json:"reasons,omitempty" jsonschema:"description=Why it was refused"`
	Attempts  int                `json:"attempts,omitempty" jsonschema:"description=How often it was tried"`
	Trouble   string             `json:"trouble,omitempty" jsonschema:"description=Why the last try has failed"`
	NextTry   *time.Time         `json:"nextTry,omitempty" jsonschema:"description=When it is tried again\\, after a try that has failed"`
	SettledAt *time.Time         `json:"settledAt,omitempty" jsonschema:"description=When it was placed\\, refused or cancelled"`
}

// BatchLines is a part of the lines of a batch.
type BatchLines struct {
	Lines []BatchLine `json:"lines"`
	// Next is the line after which the next page begins; 0 at the end.
	Next int `json:"next,omitempty" jsonschema:"description=Value of the parameter after for the next page; absent at the end"`
}

// PlaceBatch takes a batch for the caller's client. Errors: those of batch.Taker, a *batch.RefusedError
// among them, whose report the answer holds as well.
func (d *Desk) PlaceBatch(ctx context.Context, wanted batch.Wanted, in io.Reader) (BatchReport, error) {
	by := byOf(ctx)
	wanted.Client, wanted.CreatedBy = by.Client, by.Actor
	if wanted.Client == "" {
		wanted.Client = store.LocalClient
	}
	taker := batch.Taker{Store: d.Store, Intake: d.Intake, Log: d.Intake.Log}
	found, err := taker.Take(ctx, wanted, in)
	report := BatchReport{
		Existing: found.Existing, DryRun: wanted.DryRun, Lines: found.Lines, Costs: []string{}, Unpriced: found.Unpriced, Refusal: found.Refusal, Refused: []RefusedLine{},
	}
	for _, sum := range found.Costs {
		report.Costs = append(report.Costs, sum.String())
	}
	for _, line := range found.Refused {
		report.Refused = append(report.Refused, RefusedLine(line))
	}
	if found.Batch.ID != "" {
		shown := batchOf(found.Batch)
		report.Batch = &shown
	}
	return report, err
}

func batchOf(row store.Batch) Batch {
	shown := Batch{
		ID: row.ID, Client: row.Client, Label: row.Label, Mode: row.Mode, State: string(row.State), Lines: row.Lines, Unpriced: row.Unpriced,
		CreatedBy: row.CreatedBy, CreatedAt: row.CreatedAt, EndedAt: row.EndedAt,
	}
	if row.CostCurrency != "" {
		shown.Cost = registrars.Price{Cents: row.CostCents, Currency: row.CostCurrency}.String()
	}
	if row.LimitCurrency != "" {
		shown.Limit = registrars.Price{Cents: row.LimitCents, Currency: row.LimitCurrency}.String()
	}
	return shown
}

// Batches lists the batches of the caller's client, newest first; state "" is all. Error:
// *FilterError.
func (d *Desk) Batches(ctx context.Context, state, cursor string, limit int) (BatchPage, error) {
	filter := store.BatchFilter{Client: clientOf(ctx), State: store.BatchState(state)}
	if state != "" && !slices.Contains(store.BatchStates(), filter.State) {
		return BatchPage{}, &FilterError{"state", "must be one of " + joined(store.BatchStates())}
	}
	if limit == 0 {
		limit = 100
	}
	if limit < 1 || limit > store.MostListed {
		return BatchPage{}, &FilterError{"limit", fmt.Sprintf("must be 1 to %d", store.MostListed)}
	}
	if cursor != "" {
		filter.After = new(store.BatchCursor)
		if !decodeCursor(cursor, filter.After) || !strings.HasPrefix(filter.After.ID, store.BatchPrefix) {
			return BatchPage{}, &FilterError{"cursor", "must come from the previous page"}
		}
	}
	filter.Limit = limit
	rows, err := d.Store.Batches(ctx, filter)
	if err != nil {
		return BatchPage{}, err
	}
	page := BatchPage{Batches: []Batch{}}
	for _, row := range rows {
		page.Batches = append(page.Batches, batchOf(row))
	}
	if len(rows) == limit {
		page.Next = encodeCursor(store.BatchCursor{CreatedAt: rows[limit-1].CreatedAt, ID: rows[limit-1].ID})
	}
	return page, nil
}

func joined[T ~string](values []T) string {
	texts := make([]string, len(values))
	for n, value := range values {
		texts[n] = string(value)
	}
	return strings.Join(texts, ", ")
}

// storedBatch returns a batch of the caller's client. Error: ErrNoBatch.
func (d *Desk) storedBatch(ctx context.Context, id string) (store.Batch, error) {
	if !store.IsBatchID(id) {
		return store.Batch{}, ErrNoBatch
	}
	rows, err := d.Store.Batches(ctx, store.BatchFilter{ID: id, Client: clientOf(ctx), Limit: 1})
	if err == nil && len(rows) == 0 {
		err = ErrNoBatch
	}
	if err != nil {
		return store.Batch{}, err
	}
	return rows[0], nil
}

// Batch tells how a batch stands. Error: ErrNoBatch.
func (d *Desk) Batch(ctx context.Context, id string) (Batch, error) {
	row, err := d.storedBatch(ctx, id)
	if err != nil {
		return Batch{}, err
	}
	counts, err := d.Store.CountBatch(ctx, id)
	if err != nil {
		return Batch{}, err
	}
	shown := batchOf(row)
	shown.Counts = &BatchCounts{
		Waiting: counts.Lines[store.LineWaiting], Troubled: counts.Troubled, Placed: counts.Lines[store.LinePlaced],
		Refused: counts.Lines[store.LineRefused], Cancelled: counts.Lines[store.LineCancelled],
		Orders: OrderCounts{
			Running: counts.Orders[messages.Running], Waiting: counts.Orders[messages.Waiting], Attention: counts.Orders[messages.NeedsAttention],
			Undoing: counts.Orders[messages.Undoing], Done: counts.Orders[messages.Done], Failed: counts.Orders[messages.Failed], Cancelled: counts.Orders[messages.Cancelled],
		},
	}
	return shown, nil
}

// BatchLines lists lines of a batch after a line, in their order; state "" is all. Errors: ErrNoBatch,
// *FilterError.
func (d *Desk) BatchLines(ctx context.Context, id, state string, after, limit int) (BatchLines, error) {
	if limit == 0 {
		limit = 100
	}
	switch {
	case limit < 1 || limit > store.MostListed:
		return BatchLines{}, &FilterError{"limit", fmt.Sprintf("must be 1 to %d", store.MostListed)}
	case after < 0 || after > math.MaxInt32:
		return BatchLines{}, &FilterError{"after", "must be the number of a line"}
	case state != "" && !slices.Contains(store.LineStates(), store.LineState(state)):
		return BatchLines{}, &FilterError{"state", "must be one of " + joined(store.LineStates())}
	}
	if _, err := d.storedBatch(ctx, id); err != nil {
		return BatchLines{}, err
	}
	rows, err := d.Store.BatchLines(ctx, id, store.LineState(state), after, limit)
	if err != nil {
		return BatchLines{}, err
	}
	page := BatchLines{Lines: []BatchLine{}}
	for _, row := range rows {
		line := BatchLine{
			Line: row.Line, Domain: row.Domain, Registrar: row.Account, State: string(row.State), Order: row.Label, Key: row.OrderNumber, Shown: row.Shown,
			Reasons: row.Reasons, Attempts: row.Attempts, Trouble: row.Trouble, SettledAt: row.SettledAt,
		}
		if row.Trouble != "" {
			line.NextTry = &row.NextAt
		}
		page.Lines = append(page.Lines, line)
	}
	if len(rows) == limit {
		page.Next = rows[limit-1].Line
	}
	return page, nil
}

// PauseBatch keeps the waiting lines of a batch from being placed. Errors of this and the following
// commands: ErrNoBatch, *NotAllowedError.
func (d *Desk) PauseBatch(ctx context.Context, id, actor, reason string) (Batch, error) {
	return d.onBatch(ctx, "batch-pause", id, actor, reason, store.BatchPaused, d.Store.PauseBatch)
}

// ResumeBatch lets the waiting lines of a paused batch be placed again.
func (d *Desk) ResumeBatch(ctx context.Context, id, actor, reason string) (Batch, error) {
	return d.onBatch(ctx, "batch-resume", id, actor, reason, store.BatchRunning, d.Store.ResumeBatch)
}

// CancelBatch cancels the lines of a batch that wait. What has become an order stays one.
func (d *Desk) CancelBatch(ctx context.Context, id, actor, reason string) (Batch, error) {
	return d.onBatch(ctx, "batch-cancel", id, actor, reason, store.BatchCancelled, d.Store.CancelBatch)
}

// onBatch carries out a command about a batch and records it. A batch that is in the wanted state
// already stays so.
func (d *Desk) onBatch(
	ctx context.Context, command, id, actor, reason string, to store.BatchState, do func(ctx context.Context, id string) (bool, error),
) (Batch, error) {
	row, err := d.storedBatch(ctx, id)
	if err != nil {
		return Batch{}, err
	}
	act := store.Act{Command: command, Item: store.NoItem, Reason: id + ": " + claimed(ctx, actor, reason)}
	err = d.record(ctx, &act, func() string { return "" }, func() error {
		if err := messages.CheckBy(actor, reason); err != nil {
			return &NotAllowedError{Reason: err.Error()}
		}
		if moved, err := do(ctx, id); err != nil || moved {
			return err
		}
		if row, err = d.storedBatch(ctx, id); err != nil || row.State == to {
			return err
		}
		return &NotAllowedError{Reason: fmt.Sprintf("the batch is %s", row.State)}
	})
	if err != nil {
		return Batch{}, err
	}
	return d.Batch(ctx, id)
}
