package intake

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"domainprovisioning/store"
)

// Retention removes what has been kept for long enough, in small steps. Any number of processes
// may run it: the store lets one of them do a round.
type Retention struct {
	Store *store.Store
	// These say how long each kind is kept; 0 is for good. Orders are erased after it, from their
	// end on, and batches are removed after the same time; the others are removed.
	Orders, Refusals, Inbox, Requests, Acts, News time.Duration
	// DeleteRuns is that of Intake.
	DeleteRuns func(ctx context.Context, orders []string) (open []string, err error)
	// Removed is told how many of a kind were removed; nil tells nobody.
	Removed func(kind string, count int)
	Log     *slog.Logger
}

// errJobLost ends a round: another process goes on with it.
var errJobLost = errors.New("another process has taken over")

const (
	// retentionEvery is how often a round is due, retentionJob its name, and retentionHold how long a
	// process has it to itself: longer than a step takes.
	retentionEvery = 10 * time.Minute
	retentionJob   = "retention"
	retentionHold  = 5 * time.Minute
	// retentionStep is how much is removed at once, and retentionPause how long others have the
	// database to themselves after that.
	retentionStep  = 100
	retentionPause = 200 * time.Millisecond
	stepTimeout    = 20 * time.Second
	// runsAgain is when a run that has not ended is looked at again.
	runsAgain = time.Hour
)

// RetentionKinds lists what retention removes.
func RetentionKinds() []string {
	return []string{"orders", "batches", "refusals", "inbox", "idempotency-keys", "acts", "news", "runs"}
}

// Run removes until the context ends.
func (r *Retention) Run(ctx context.Context) {
	for ctx.Err() == nil {
		if err := r.Round(ctx); err != nil && ctx.Err() == nil {
			r.Log.WarnContext(ctx, "retention: what is old could not be removed; it is tried again", "error", err)
		}
		rest(ctx, retentionEvery)
	}
}

func rest(ctx context.Context, length time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(length):
	}
}

// Round removes everything that is due, unless another process is doing it. Trouble with one kind does
// not hold up the others.
func (r *Retention) Round(ctx context.Context) error {
	claiming, cancel := context.WithTimeout(ctx, storeTimeout)
	job, err := r.Store.ClaimJob(claiming, retentionJob, retentionHold)
	cancel()
	if err != nil || job == nil {
		return err
	}
	steps := []func(context.Context, time.Duration, int) (int, error){
		r.eraseOrders, r.Store.DropBatches, r.Store.DropRefusals, r.Store.DropConfirmations, r.Store.DropRequests, r.dropActs, r.Store.DropHandledNews, r.deleteRuns,
	}
	var troubles []error
	// What was erased by hand may have left runs, so these have no time of their own.
	for n, kept := range []time.Duration{r.Orders, r.Orders, r.Refusals, r.Inbox, r.Requests, r.Acts, r.News, runsAgain} {
		if kept == 0 {
			continue
		}
		err := r.remove(ctx, job, RetentionKinds()[n], kept, steps[n])
		if errors.Is(err, errJobLost) {
			return errors.Join(append(troubles, err)...)
		}
		troubles = append(troubles, err)
	}
	return errors.Join(troubles...)
}

// remove removes one kind, step by step, for as long as the job is ours.
func (r *Retention) remove(ctx context.Context, job *store.Job, kind string, kept time.Duration, step func(context.Context, time.Duration, int) (int, error)) error {
	total := 0
	for ctx.Err() == nil {
		count, err := r.step(ctx, job, kept, step)
		total += count
		if r.Removed != nil && count > 0 {
			r.Removed(kind, count)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", kind, err)
		}
		if count < retentionStep {
			break
		}
		rest(ctx, retentionPause)
	}
	if total > 0 {
		r.Log.InfoContext(ctx, "retention: removed", "kind", kind, "count", total, "older", kept.String())
	}
	return nil
}

func (r *Retention) step(ctx context.Context, job *store.Job, kept time.Duration, step func(context.Context, time.Duration, int) (int, error)) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, stepTimeout)
	defer cancel()
	if ours, err := job.Renew(ctx, retentionHold); err != nil || !ours {
		return 0, errors.Join(err, errJobLost)
	}
	return step(ctx, kept, retentionStep)
}

// eraseOrders erases orders and records each as an act.
func (r *Retention) eraseOrders(ctx context.Context, kept time.Duration, limit int) (int, error) {
	numbers, err := r.Store.ErasableOrders(ctx, kept, limit)
	if err != nil {
		return 0, err
	}
	for n, number := range numbers {
		_, err := r.Store.Erase(ctx, store.Erasing{Number: number, Once: true, Act: &store.Act{
			Actor: retentionJob, Via: retentionJob, Command: "erase", OrderNumber: number, Item: store.NoItem,
			Reason: "it ended more than " + kept.String() + " ago", Outcome: store.ActAccepted,
		}})
		if _, erased := errors.AsType[*store.ErasedError](err); err != nil && !erased {
			return n, err
		}
	}
	return len(numbers), nil
}

// deleteRuns deletes the runs of erased orders, with what their histories hold. Those that could not
// be deleted are looked at again after a time.
func (r *Retention) deleteRuns(ctx context.Context, again time.Duration, limit int) (int, error) {
	numbers, err := r.Store.OrdersWithRuns(ctx, limit)
	if err != nil || len(numbers) == 0 {
		return 0, err
	}
	open, err := r.DeleteRuns(ctx, numbers)
	if err != nil {
		return 0, err
	}
	for n, number := range numbers {
		if slices.Contains(open, number) {
			r.Log.WarnContext(ctx, "retention: an erased order has a run in Temporal that has not ended; it is looked at again", "order", number)
			err = r.Store.RunsRemain(ctx, number, again)
		} else {
			err = r.Store.RunsDeleted(ctx, number)
		}
		if err != nil {
			return n, err
		}
	}
	return len(numbers), nil
}

// dropActs logs with which hash the record goes on: kept with the log, it vouches for the beginning
// of the record.
func (r *Retention) dropActs(ctx context.Context, kept time.Duration, limit int) (int, error) {
	count, last, err := r.Store.DropActs(ctx, kept, limit)
	if count > 0 {
		r.Log.InfoContext(ctx, "retention: the record of acts goes on from", "act", last.Number, "hash", last.Hash)
	}
	return count, err
}
