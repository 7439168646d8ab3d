package activities

import (
	"context"

	"domainprovisioning/store"
)

// quietFor is for how long nothing may be heard of an operation until a round asks for it, at a
// registrar that has nothing but a queue, and mostQuiet is for how many a round asks. A notice may
// never come: a registry sends none about some actions, and somebody else may have emptied the
// queue. The order would then wait until its deadline.
const (
	quietFor  = recheck
	mostQuiet = 20
	// mostAway is how many of these calls in a row may find the registrar away until the others are
	// left to the next round.
	mostAway = 3
)

// askQuiet is the slow second way to the end of an operation, beside the queue. It makes no call
// while something was heard of each operation within quietFor. Orders whose operations the
// ledger has as ended are told, for no call. A request of which nobody knows what became of it is
// left to its step, which looks for it.
func (r *Registrar) askQuiet(ctx context.Context, result *SweepPendingOperationsResult) error {
	ended, err := r.Ledger.UntoldRows(ctx, r.Account)
	if err != nil {
		return err
	}
	r.followAll(ctx, ended, nil, result, r.sweep)
	if r.Registrar.Describe().Synchronous {
		return nil // it has nothing to read
	}
	quiet, err := r.Ledger.QuietRows(ctx, r.Account, quietFor, mostQuiet)
	if err != nil {
		return err
	}
	inARow := 0
	r.followAll(ctx, quiet, nil, result, func(ctx context.Context, row store.LedgerRow, list *pendingList, result *SweepPendingOperationsResult) error {
		if inARow == mostAway {
			return nil
		}
		err := r.readInTurn(ctx, row, list, result)
		if inARow++; !away(err) {
			inARow = 0
		}
		return err
	})
	return nil
}
