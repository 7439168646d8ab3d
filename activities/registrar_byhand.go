package activities

import (
	"context"

	"domainprovisioning/store"
)

// RecordByHand records in the ledger what a person states about a request, because the
// registrar cannot be asked about it or its answer stays unclear. What the registrar has
// answered for good is not overruled.
func (r *Registrar) RecordByHand(ctx context.Context, in RecordByHandInput) (RequestState, error) {
	row, err := r.Ledger.LedgerRow(ctx, in.Key)
	if err != nil {
		return RequestState{}, fail(err)
	}
	if !row.State.Final() {
		state := store.Failed
		if in.Done {
			state = store.Done
		}
		row, err = r.Ledger.Learn(ctx, in.Key, store.LedgerChange{
			State: state, Reference: row.Reference, Word: "stated by hand", Submission: row.Submissions, Note: in.Actor + " states it: " + in.Evidence,
		})
		if err != nil {
			return RequestState{}, fail(err)
		}
	}
	state := requestState(row, "", "")
	state.Expires = in.Expires
	if !in.Done && ended(state.Status) {
		state.Reason = in.Actor + " states it: " + in.Evidence
	}
	return state, nil
}
