package batch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"domainprovisioning/intake"
	"domainprovisioning/intake/inbox"
	"domainprovisioning/store"
)

// Dispatcher places the lines of running batches. Any number of processes may run one: the store
// gives each line to one of them, and the turns of an account to all of them together.
type Dispatcher struct {
	Store  *store.Store
	Intake *intake.Intake
	Log    *slog.Logger
	// Rates are the orders a second that are placed at each registrar account, by all processes
	// together; Rate is that of what has no row there.
	Rates map[string]float64
	Rate  float64
	// Every is how often the dispatcher looks while nothing is due. Zero means 2 s.
	Every time.Duration

	lock    sync.Mutex
	working map[string]bool // accounts whose lines are being placed
	group   sync.WaitGroup
}

const (
	dispatchEvery = 2 * time.Second
	// placesAtOnce is how many lines of an account a process places at once: a registrar that
	// answers slowly must not slow the rate down.
	placesAtOnce = 4
	// placeTimeout bounds one placing. It is below store.LineHold.
	placeTimeout = time.Minute
	storeTimeout = 10 * time.Second
	// unfinishedFor is how long a batch that was left half stored waits for its request to be
	// repeated, and unfinishedEvery how often such ones are looked for.
	unfinishedFor   = time.Hour
	unfinishedEvery = 10 * time.Minute
	// longestWait bounds a wait for the turn of an account, after which the line is looked for anew.
	longestWait = 5 * time.Second
)

// Run places lines until the context ends, and returns when the last one is let go.
func (d *Dispatcher) Run(ctx context.Context) {
	every := d.Every
	if every == 0 {
		every = dispatchEvery
	}
	defer d.group.Wait()
	var swept time.Time
	troubled := false
	for ctx.Err() == nil {
		err := d.look(ctx)
		if err == nil && time.Since(swept) >= unfinishedEvery {
			swept = time.Now()
			err = d.sweep(ctx)
		}
		switch {
		case err != nil && !troubled && ctx.Err() == nil:
			d.Log.WarnContext(ctx, "batches: the store does not answer; lines wait", "error", err)
		case err == nil && troubled:
			d.Log.InfoContext(ctx, "batches: it works again")
		}
		troubled = err != nil
		rest(ctx, every/2+rand.N(every)) //nolint:gosec // spreads load, keeps no secret
	}
}

func rest(ctx context.Context, length time.Duration) {
	timer := time.NewTimer(length)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// Drain places every line that is due now, and returns when that is done.
func (d *Dispatcher) Drain(ctx context.Context) error {
	err := d.look(ctx)
	d.group.Wait()
	return errors.Join(err, d.finish(ctx))
}

// look ends what is over, and begins to work for each account with due lines.
func (d *Dispatcher) look(ctx context.Context) error {
	if err := d.finish(ctx); err != nil {
		return err
	}
	asking, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	due, err := d.Store.DueAccounts(asking)
	if err != nil {
		return err
	}
	d.lock.Lock()
	defer d.lock.Unlock()
	if d.working == nil {
		d.working = map[string]bool{}
	}
	for _, account := range due {
		if d.working[account] {
			continue
		}
		d.working[account] = true
		d.group.Go(func() {
			d.placeAll(ctx, account)
			d.lock.Lock()
			defer d.lock.Unlock()
			delete(d.working, account)
		})
	}
	return nil
}

func (d *Dispatcher) finish(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	ended, err := d.Store.FinishBatches(ctx)
	for _, batch := range ended {
		d.Log.InfoContext(ctx, "batch done", "batch", batch)
	}
	return err
}

func (d *Dispatcher) sweep(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	count, err := d.Store.DropUnfinishedBatches(ctx, unfinishedFor)
	if count > 0 {
		d.Log.InfoContext(ctx, "batches: half-stored ones were removed", "count", count)
	}
	return err
}

// every is how long after one line of an account the next one may come.
func (d *Dispatcher) every(account string) time.Duration {
	rate, ok := d.Rates[account]
	if !ok {
		rate = d.Rate
	}
	return time.Duration(float64(time.Second) / rate)
}

// placeAll places the due lines of an account, at its rate.
func (d *Dispatcher) placeAll(ctx context.Context, account string) {
	var placing sync.WaitGroup
	defer placing.Wait()
	tokens := make(chan struct{}, placesAtOnce)
	for ctx.Err() == nil {
		tokens <- struct{}{}
		claiming, cancel := context.WithTimeout(ctx, storeTimeout)
		line, wait, err := d.Store.ClaimLine(claiming, account, d.every(account))
		cancel()
		switch {
		case err != nil:
			if ctx.Err() == nil {
				d.Log.WarnContext(ctx, "batches: no line can be taken for now", "registrar", account, "error", err)
			}
			return
		case line == nil && wait == 0:
			return
		case line == nil:
			<-tokens
			rest(ctx, min(wait, longestWait))
			continue
		}
		placing.Go(func() {
			defer func() { <-tokens }()
			d.place(ctx, *line)
		})
	}
}

// place places a line and records what has become of it.
func (d *Dispatcher) place(ctx context.Context, line store.ClaimedLine) {
	placed, err := d.order(ctx, line)
	recording, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
	defer cancel()
	refusal, refused := errors.AsType[*intake.Refusal](err)
	switch {
	case errors.Is(err, store.ErrLineSettled): // cancelled, or placed by another process
		return
	case err == nil:
		// A new order has settled its line already.
		err = d.Store.LinePlaced(recording, line.Batch, line.Line, placed.Number)
	case refused:
		err = d.Store.LineRefused(recording, line.Batch, line.Line, reasonsOf(refusal))
	default:
		after := inbox.Backoff(line.Attempts)
		if ctx.Err() != nil { // this process stops, and another one may take it at once
			after = 0
		}
		d.Log.WarnContext(ctx, "batches: a line could not be placed; it is tried again", "batch", line.Batch, "line", line.Line, "tries", line.Attempts, "error", err)
		err = d.Store.LineTroubled(recording, line, "the order could not be stored; it is tried again", after)
	}
	if err != nil {
		// Its hold ends, and whoever takes it then finds the order under its key.
		d.Log.WarnContext(ctx, "batches: the result of a line could not be recorded; it is found again", "batch", line.Batch, "line", line.Line, "error", err)
	}
}

func (d *Dispatcher) order(ctx context.Context, line store.ClaimedLine) (intake.Placed, error) {
	ctx, cancel := context.WithTimeout(ctx, placeTimeout)
	defer cancel()
	bounds, err := decodeBounds(line.Bounds)
	if err != nil {
		return intake.Placed{}, err
	}
	digest := sha256.Sum256(line.Document)
	ctx = intake.WithBounds(intake.WithCaller(ctx, callerOf(line.Client)), bounds)
	placed, err := d.Intake.PlaceJSON(ctx, line.Document, &store.Idempotency{
		Client: line.Client, Key: store.LineKey(line.Batch, line.Line), Request: hex.EncodeToString(digest[:]),
		Line: &store.LineRef{Batch: line.Batch, Line: line.Line},
	})
	if err != nil {
		return placed, fmt.Errorf("batch: %w", err)
	}
	return placed, nil
}

func reasonsOf(refusal *intake.Refusal) []store.LineReason {
	told := refusal.Reasons[:min(len(refusal.Reasons), MostFaults)]
	reasons := make([]store.LineReason, 0, len(told))
	for n, reason := range told {
		reasons = append(reasons, store.LineReason{Pointer: clipTo(refusal.Pointers[n], mostPointer), Message: clipTo(reason, mostReason)})
	}
	return reasons
}
