package activities

import (
	"context"
	"errors"
	"time"

	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

// submit makes the paid call. It is not cut short when the order is cancelled:
// what it did must be known and recorded. But it ends before Temporal gives the attempt up.
// Nothing rests on that: what this process measures is worth nothing once it has stood
// still, and the claim decides whether the request may leave.
func (r *Registrar) submit(ctx context.Context, request registrars.Request) (registrars.Operation, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), LongestSubmit)
	defer cancel()
	operation, err := r.Registrar.Submit(ctx, request)
	if err == nil && operation.Reference == "" && !operation.Status.Final() {
		// Without a number it cannot be asked for; looking finds the number.
		err = &registrars.Error{
			Registrar: r.Account, Call: "submit", Class: registrars.ClassOutcomeUnknown, Rule: "the answer has no operation number",
		}
	}
	return operation, err
}

// LongestSubmit is shorter than the time-out of the activity (5 min).
const LongestSubmit = 4 * time.Minute

// claim asks the ledger whether the submission may leave now, just before its bytes do. A
// process that stood still while it asked does not know how old the permission is, so it
// asks again.
func (r *Registrar) claim(row store.LedgerRow) func(context.Context) error {
	return func(ctx context.Context) error {
		for range claimTries {
			began := time.Now()
			asking, cancel := context.WithTimeout(ctx, claimTimeout)
			err := r.Ledger.Claim(asking, row.Key, row.Submissions, r.Settle/5*4)
			cancel()
			if err != nil {
				return err
			}
			// The wall clock goes on while a machine is suspended, and the other one does not
			// follow when the wall clock is set.
			now := time.Now()
			if max(now.Sub(began), now.Round(0).Sub(began.Round(0))) < freshClaim {
				return nil
			}
		}
		return errSlowClaim
	}
}

const (
	claimTries   = 3
	claimTimeout = 10 * time.Second
	// freshClaim is how old a permission may be when it arrives. Settle, a minute or more
	// in production, is counted from the permission.
	freshClaim = time.Second
)

var errSlowClaim = errors.New("activities: the ledger takes too long to permit the request")

// answered writes the answer to a submission into the ledger. One that was overtaken is
// recorded as well: Temporal has given up this try, so nobody else will tell of it.
func (r *Registrar) answered(ctx context.Context, row store.LedgerRow, operation registrars.Operation) (store.LedgerRow, error) {
	return r.record(ctx, row, store.LedgerChange{
		State: ledgerState(operation.Status), Reference: operation.Reference, Word: operation.Word,
		Note: store.AnswerNote, Told: true, Submission: row.Submissions, Answer: true,
	})
}

// record writes the answer to a submission, and does not give up at once when the database
// is away: nobody else has it.
func (r *Registrar) record(ctx context.Context, row store.LedgerRow, change store.LedgerChange) (store.LedgerRow, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordFor)
	defer cancel()
	for {
		learned, err := r.Ledger.Learn(ctx, row.Key, change)
		if err == nil || errors.Is(err, store.ErrTransition) || errors.Is(err, store.ErrNotFound) {
			return learned, err
		}
		select {
		case <-ctx.Done():
			r.Log.ErrorContext(ctx, "the answer to a request could not be recorded; the next try looks for it at the registrar",
				"registrar", r.Account, "key", row.Key, "submission", change.Submission, "reference", change.Reference, "state", change.State, "error", err)
			return learned, err
		case <-time.After(recordPause):
		}
	}
}

// recordFor is for how long an answer is tried to be recorded, within the time-out of the
// activity together with LongestSubmit (5 min), and recordPause the time between two tries.
const (
	recordFor   = 45 * time.Second
	recordPause = time.Second
)
