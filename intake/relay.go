package intake

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"domainprovisioning/intake/inbox"
	"domainprovisioning/intake/outbox"
)

// Relay brings to Temporal what waits in the store: orders that were accepted while
// Temporal was away or whose process died before the start, and confirmations. It also
// notices what was done to the workflows of open orders. Any number of relays may run, in
// gateways and in workers: only one of them holds a row at a time.
type Relay struct {
	Intake *Intake
	// Every is how often the relay looks without a nudge. Zero means 2 s.
	Every time.Duration
	// CompareEvery is how long after a comparison an open order is compared with Temporal
	// again. Zero means 3 min.
	CompareEvery time.Duration
	// Outbox sends news; nil sends none.
	Outbox *outbox.Outbox
	// Retention removes what is old; nil removes nothing.
	Retention *Retention
	// Beside runs for as long as the relay does; nil is nothing.
	Beside func(ctx context.Context)
	Log    *slog.Logger

	nudged chan struct{}
	// away is true after Temporal could not be reached, until it can be again.
	away atomic.Bool
}

const (
	relayEvery = 2 * time.Second
	// startBatch bounds the starts per round. Units are claimed one at a time, just
	// before their start, so that the relay sees what happened to them meanwhile.
	startBatch = 100
	// deliveryBatch is how many confirmations of one account are claimed at once. All of
	// them must be delivered within the store's hold, which is one minute.
	deliveryBatch   = 10
	deliveryTimeout = 5 * time.Second
	// relayTimeout bounds one start and is far below store.StartHold. storeTimeout bounds
	// one call to the store.
	relayTimeout = 20 * time.Second
	storeTimeout = 10 * time.Second
	// rematchEvery is how often unmatched confirmations are compared with new orders and
	// operations. rematchOf is how old these may be: it is longer, so that several rounds
	// may fail.
	rematchEvery = 10 * time.Second
	rematchOf    = 5 * time.Minute
)

// RematchFor is how long after its arrival a confirmation that fits no order is still
// compared with orders.
const RematchFor = 7 * 24 * time.Hour

// NewRelay returns a relay.
func NewRelay(in *Intake, log *slog.Logger) *Relay {
	return &Relay{Intake: in, Log: log, nudged: make(chan struct{}, 1)}
}

// Nudge makes the relay look at once. It never blocks.
func (r *Relay) Nudge() {
	select {
	case r.nudged <- struct{}{}:
	default:
	}
}

// Run relays until the context ends. It logs trouble once when it begins, not every
// round.
func (r *Relay) Run(ctx context.Context) {
	every := r.Every
	if every == 0 {
		every = relayEvery
	}
	var beside sync.WaitGroup
	beside.Go(func() { r.compareAll(ctx) })
	beside.Go(func() { r.wakeOverdue(ctx) })
	if r.Outbox != nil {
		beside.Go(func() { r.Outbox.Run(ctx) })
	}
	if r.Retention != nil {
		beside.Go(func() { r.Retention.Run(ctx) })
	}
	if r.Beside != nil {
		beside.Go(func() { r.Beside(ctx) })
	}
	defer beside.Wait()
	var rematched time.Time
	var of time.Duration // at first, all of them
	troubled := false
	for ctx.Err() == nil {
		if time.Since(rematched) >= rematchEvery {
			rematched = time.Now()
			if err := r.rematch(ctx, of); err == nil {
				of = rematchOf
			} else if ctx.Err() == nil {
				r.Log.WarnContext(ctx, "relay: unmatched confirmations could not be compared", "error", err)
			}
		}
		more, err := r.Round(ctx)
		switch {
		case err != nil && !troubled && ctx.Err() == nil:
			r.Log.WarnContext(ctx, "relay: nothing can be brought to Temporal for now; it goes on trying", "error", err)
		case err == nil && troubled:
			r.Log.InfoContext(ctx, "relay: it works again")
		}
		troubled = err != nil
		if more && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
		case <-r.nudged:
		// Several relays must not look at the same moment.
		case <-time.After(every/2 + rand.N(every)): //nolint:gosec // spreads load, keeps no secret
		}
	}
}

func (r *Relay) rematch(ctx context.Context, of time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	matched, err := r.Intake.Store.Rematch(ctx, RematchFor, of)
	if matched > 0 {
		r.Log.InfoContext(ctx, "relay: confirmations have found their orders", "confirmations", matched)
	}
	return err
}

// Round starts and delivers what waits, at most one batch of each. more is true if there
// may be more to do. It stops early if Temporal or the store cannot be reached.
func (r *Relay) Round(ctx context.Context) (more bool, err error) {
	if err := r.reachable(ctx); err != nil {
		return false, err
	}
	for n := range startBatch {
		found, err := r.startOrder(ctx)
		if err != nil {
			return false, err
		}
		if !found {
			break
		}
		more = n == startBatch-1
	}
	full, err := r.deliverConfirmations(ctx)
	if err != nil {
		return more || full, err
	}
	told, err := r.tellLives(ctx)
	return more || full || told == lookBatch, err
}

// reachable asks Temporal whether it is there, if it was not the last time. A relay that
// cannot reach it must not claim what another process could start, deliver or compare.
func (r *Relay) reachable(ctx context.Context) error {
	if !r.away.Load() {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, deliveryTimeout)
	defer cancel()
	if _, err := r.Intake.Temporal.CheckHealth(ctx, &client.CheckHealthRequest{}); err != nil {
		return fmt.Errorf("intake: Temporal cannot be reached: %w", err)
	}
	r.away.Store(false)
	return nil
}

// lost reports whether an error means that Temporal or the store cannot be reached, and
// remembers it.
func (r *Relay) lost(err error) bool {
	if err == nil || !away(err) {
		return false
	}
	r.away.Store(true)
	return true
}

// startOrder starts one waiting unit, if there is one. It returns only errors that the
// next unit would meet as well.
func (r *Relay) startOrder(ctx context.Context) (found bool, err error) {
	claiming, cancel := context.WithTimeout(ctx, storeTimeout)
	rows, err := r.Intake.Store.ClaimUnstarted(claiming, 1)
	cancel()
	if err != nil || len(rows) == 0 {
		return false, err
	}
	row := rows[0]
	starting, cancel := context.WithTimeout(ctx, relayTimeout)
	defer cancel()
	if _, err = r.Intake.resume(starting, row); err == nil {
		r.Log.InfoContext(ctx, "relay: order started", "order", row.OrderNumber, "workflow", row.WorkflowID)
		return true, nil
	}
	if r.lost(err) {
		r.Intake.release(ctx, row, 0)
		return true, err
	}
	r.Log.WarnContext(ctx, "relay: an order could not be started; it is tried again",
		"order", row.OrderNumber, "workflow", row.WorkflowID, "error", err)
	r.Intake.release(ctx, row, inbox.Backoff(4))
	return true, nil
}

// away reports whether an error means that Temporal or the store cannot be reached,
// rather than that this one request was refused.
func away(err error) bool {
	for _, own := range []error{inbox.ErrNotStarted, inbox.ErrNoRun, ErrOtherOrder, errPlan} {
		if errors.Is(err, own) {
			return false
		}
	}
	var refused serviceerror.ServiceError
	if !errors.As(err, &refused) {
		return true
	}
	switch refused := refused.(type) {
	case *serviceerror.ResourceExhausted:
		// This workflow is too busy to take a signal; the next one may not be.
		return refused.Cause != enumspb.RESOURCE_EXHAUSTED_CAUSE_BUSY_WORKFLOW
	case *serviceerror.Unavailable, *serviceerror.DeadlineExceeded, *serviceerror.Canceled:
		return true
	}
	return false
}

// deliverConfirmations delivers one batch for each account that has confirmations. full
// is true if there may be more.
func (r *Relay) deliverConfirmations(ctx context.Context) (full bool, err error) {
	asking, cancel := context.WithTimeout(ctx, storeTimeout)
	accounts, err := r.Intake.Store.WaitingAccounts(asking)
	cancel()
	if err != nil {
		return false, err
	}
	var troubles error
	for _, account := range accounts {
		delivered, err := r.deliverOf(ctx, account)
		// Trouble with the confirmations of one account must not hold up the others.
		troubles = errors.Join(troubles, err)
		full = full || err == nil && delivered == deliveryBatch
	}
	return full, troubles
}

// deliverOf delivers a batch of an account. It returns how many it claimed.
func (r *Relay) deliverOf(ctx context.Context, account string) (int, error) {
	claiming, cancel := context.WithTimeout(ctx, storeTimeout)
	rows, err := r.Intake.Store.ClaimConfirmations(claiming, account, deliveryBatch)
	cancel()
	if err != nil {
		return 0, err
	}
	for n, row := range rows {
		delivering, cancel := context.WithTimeout(ctx, deliveryTimeout)
		_, err := r.Intake.Inbox().Deliver(delivering, row)
		cancel()
		if r.lost(err) {
			for _, row := range rows[n:] { // another process may deliver them at once
				r.Intake.Inbox().Release(ctx, row, err)
			}
			return n, err
		}
	}
	return len(rows), nil
}
