package intake

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"

	"go.temporal.io/api/serviceerror"

	"domainprovisioning/store"
)

// Relay brings to Temporal what stands in the store: orders that were accepted while
// Temporal was away, or whose acceptor died before the start, and confirmations. Any
// number of them may run, in gateways and in workers: each row is held by one.
type Relay struct {
	Intake *Intake
	// Every is how often it looks without being told to. Zero means 2 s.
	Every time.Duration
	Log   *slog.Logger

	nudged chan struct{}
}

const (
	relayEvery = 2 * time.Second
	relayBatch = 100
	// relayTimeout bounds one start or one signal, far below the holds of the store.
	relayTimeout = 20 * time.Second
	// rematchEvery is how often unmatched confirmations are compared with the orders
	// there are, and rematchFor for how long after they came.
	rematchEvery = 10 * time.Second
	rematchFor   = 7 * 24 * time.Hour
)

// NewRelay makes a relay.
func NewRelay(in *Intake, log *slog.Logger) *Relay {
	return &Relay{Intake: in, Log: log, nudged: make(chan struct{}, 1)}
}

// Nudge lets the relay look at once. It never blocks.
func (r *Relay) Nudge() {
	select {
	case r.nudged <- struct{}{}:
	default:
	}
}

// Run relays until the context ends. Trouble is logged once when it begins, not every
// round.
func (r *Relay) Run(ctx context.Context) {
	every := r.Every
	if every == 0 {
		every = relayEvery
	}
	var rematched time.Time
	troubled := false
	for ctx.Err() == nil {
		if time.Since(rematched) >= rematchEvery {
			rematched = time.Now()
			if err := r.rematch(ctx); err != nil && ctx.Err() == nil {
				r.Log.WarnContext(ctx, "relay: unmatched confirmations could not be compared", "error", err)
			}
		}
		moved, err := r.Round(ctx)
		switch {
		case err != nil && !troubled && ctx.Err() == nil:
			r.Log.WarnContext(ctx, "relay: nothing can be brought to Temporal for now; it goes on trying", "error", err)
		case err == nil && troubled:
			r.Log.InfoContext(ctx, "relay: it works again")
		}
		troubled = err != nil
		if moved == relayBatch && err == nil {
			continue // there may be more
		}
		select {
		case <-ctx.Done():
		case <-r.nudged:
		// Several relays must not look in the same moment.
		case <-time.After(every/2 + rand.N(every)): //nolint:gosec // spreads load, keeps no secret
		}
	}
}

func (r *Relay) rematch(ctx context.Context) error {
	matched, err := r.Intake.Store.Rematch(ctx, rematchFor)
	if matched > 0 {
		r.Log.InfoContext(ctx, "relay: confirmations have found their orders", "confirmations", matched)
	}
	return err
}

// Round starts and delivers what waits, a batch of each at the most, and returns how
// much it took up. It ends early when Temporal or the store cannot be reached.
func (r *Relay) Round(ctx context.Context) (moved int, err error) {
	starts, err := r.startOrders(ctx)
	if err != nil {
		return starts, err
	}
	delivered, err := r.deliverConfirmations(ctx)
	return max(starts, delivered), err
}

func (r *Relay) startOrders(ctx context.Context) (int, error) {
	rows, err := r.Intake.Store.ClaimUnstarted(ctx, relayBatch)
	if err != nil {
		return 0, err
	}
	for n, row := range rows {
		if err := r.startOrder(ctx, row); err != nil {
			// The others would meet the same; who holds them lets them go.
			for _, rest := range rows[n+1:] {
				r.Intake.release(ctx, rest, 0)
			}
			return n, err
		}
	}
	return len(rows), nil
}

// startOrder starts one unit. Only an error that the next unit would meet as well is
// returned.
func (r *Relay) startOrder(ctx context.Context, row store.Provisioning) error {
	starting, cancel := context.WithTimeout(ctx, relayTimeout)
	defer cancel()
	_, err := r.Intake.start(starting, row)
	if err == nil {
		r.Log.InfoContext(ctx, "relay: order started", "order", row.OrderNumber, "workflow", row.WorkflowID)
		return nil
	}
	if away(err) {
		r.Intake.release(ctx, row, 0)
		return err
	}
	r.Log.WarnContext(ctx, "relay: an order could not be started; it is tried again",
		"order", row.OrderNumber, "workflow", row.WorkflowID, "error", err)
	r.Intake.release(ctx, row, backoff(4))
	return nil
}

// away reports whether an error means that Temporal or the store cannot be reached,
// rather than that this one request is refused.
func away(err error) bool {
	for _, own := range []error{errNotStarted, errOtherOrder, errPlan} {
		if errors.Is(err, own) {
			return false
		}
	}
	var refused serviceerror.ServiceError
	if !errors.As(err, &refused) {
		return true
	}
	switch refused.(type) {
	case *serviceerror.Unavailable, *serviceerror.DeadlineExceeded, *serviceerror.ResourceExhausted, *serviceerror.Canceled:
		return true
	}
	return false
}

func (r *Relay) deliverConfirmations(ctx context.Context) (int, error) {
	rows, err := r.Intake.Store.ClaimConfirmations(ctx, relayBatch)
	if err != nil {
		return 0, err
	}
	for n, row := range rows {
		delivering, cancel := context.WithTimeout(ctx, relayTimeout)
		_, err := r.Intake.deliver(delivering, row)
		cancel()
		if err != nil && away(err) {
			// The others would meet the same.
			for _, rest := range rows[n+1:] {
				r.Intake.postpone(ctx, rest, err)
			}
			return n, err
		}
	}
	return len(rows), nil
}
