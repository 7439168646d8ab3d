package intake

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"domainprovisioning/store"
)

// Retention removes what has been kept for long enough, in small steps. Any number of processes
// may run it: the store lets one of them do a round.
type Retention struct {
	Store *store.Store
	// These say how long each kind is kept; 0 is for good. Orders are erased after it, from their
	// end on; the others are removed.
	Orders, Refusals, Inbox, Requests, Acts, News time.Duration
	// Removed is told how many of a kind were removed; nil tells nobody.
	Removed func(kind string, count int)
	Log     *slog.Logger
}

const (
	// retentionEvery is how often a round is due, and retentionJob its name.
	retentionEvery = 10 * time.Minute
	retentionJob   = "retention"
	// retentionStep is how much is removed at once, and retentionPause how long others have the
	// database to themselves after that.
	retentionStep  = 100
	retentionPause = 200 * time.Millisecond
)

// RetentionKinds lists what retention removes.
func RetentionKinds() []string {
	return []string{"orders", "refusals", "inbox", "idempotency-keys", "acts", "news"}
}

// Run removes until the context ends.
func (r *Retention) Run(ctx context.Context) {
	for ctx.Err() == nil {
		if err := r.round(ctx); err != nil && ctx.Err() == nil {
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

func (r *Retention) round(ctx context.Context) error {
	claiming, cancel := context.WithTimeout(ctx, storeTimeout)
	ours, err := r.Store.ClaimJob(claiming, retentionJob, retentionEvery/2)
	cancel()
	if err != nil || !ours {
		return err
	}
	return r.Round(ctx)
}

// Round removes everything that is due. Trouble with one kind does not hold up the others.
func (r *Retention) Round(ctx context.Context) error {
	steps := []func(context.Context, time.Duration, int) (int, error){
		r.eraseOrders, r.Store.DropRefusals, r.Store.DropConfirmations, r.Store.DropRequests, r.dropActs, r.Store.DropHandledNews,
	}
	var troubles []error
	for n, kept := range []time.Duration{r.Orders, r.Refusals, r.Inbox, r.Requests, r.Acts, r.News} {
		if kept > 0 {
			troubles = append(troubles, r.remove(ctx, RetentionKinds()[n], kept, steps[n]))
		}
	}
	return errors.Join(troubles...)
}

// remove removes one kind, step by step.
func (r *Retention) remove(ctx context.Context, kind string, kept time.Duration, step func(context.Context, time.Duration, int) (int, error)) error {
	total := 0
	for ctx.Err() == nil {
		removing, cancel := context.WithTimeout(ctx, relayTimeout)
		count, err := step(removing, kept, retentionStep)
		cancel()
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

// eraseOrders erases orders and records each as an act.
func (r *Retention) eraseOrders(ctx context.Context, kept time.Duration, limit int) (int, error) {
	numbers, err := r.Store.ErasableOrders(ctx, kept, limit)
	if err != nil {
		return 0, err
	}
	for n, number := range numbers {
		if _, err := r.Store.Erase(ctx, number); err != nil {
			return n, err
		}
		_, err := r.Store.RecordAct(ctx, store.Act{
			Actor: retentionJob, Via: retentionJob, Command: "erase", OrderNumber: number, Item: store.NoItem,
			Reason: "it ended more than " + kept.String() + " ago", Outcome: store.ActAccepted,
		})
		if err != nil {
			return n + 1, err
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
