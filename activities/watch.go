package activities

import (
	"context"
	"fmt"

	"go.temporal.io/sdk/activity"

	"domainprovisioning/messages"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

// SweepPendingOperations is one round of the watch: all pending operations of
// the account in one call, then one call for each of ours that has left that
// list. Nothing is asked while none of ours is open.
//
// An order is told after the ledger knows, and the row is marked as told after
// that; a round that breaks off in between tells the order again, which the
// event's id makes harmless.
func (r *Registrar) SweepPendingOperations(ctx context.Context, _ SweepPendingOperationsInput) (SweepPendingOperationsResult, error) {
	var result SweepPendingOperationsResult
	rows, err := r.Ledger.OpenOperations(ctx, r.Account)
	if err != nil {
		return result, fail(err)
	}
	result.Open = len(rows)
	if len(rows) == 0 {
		return result, nil
	}
	lister, ok := r.Registrar.(registrars.PendingLister)
	if !ok {
		return result, refuse(registrars.ClassInvalid, "activities: %s cannot list pending operations, so it cannot be watched", r.Account)
	}
	pending, err := lister.PendingOperations(ctx)
	result.Calls++
	if err != nil {
		return result, fail(err)
	}
	list := index(pending)
	for _, row := range rows {
		activity.RecordHeartbeat(ctx, result)
		if err := r.sweep(ctx, row, list, &result); err != nil {
			// One operation in trouble must not keep the others from their news, nor let
			// the list be asked for again before the next round.
			result.Failed++
			r.Log.WarnContext(ctx, "an operation could not be followed up; the next round tries again",
				"registrar", r.Account, "key", row.Key, "error", err)
			if registrars.ClassOf(err) == registrars.ClassRateLimited {
				break
			}
		}
	}
	return result, nil
}

// pendingList finds pending operations by reference and by what they are about.
type pendingList struct {
	byReference map[string]bool
	byObject    map[string]registrars.Operation
}

func index(pending []registrars.Operation) pendingList {
	list := pendingList{
		byReference: make(map[string]bool, len(pending)),
		byObject:    make(map[string]registrars.Operation, len(pending)),
	}
	for _, operation := range pending {
		list.byReference[operation.Reference] = true
		if operation.Kind != "" && !operation.Domain.IsZero() {
			list.byObject[string(operation.Kind)+" "+operation.Domain.String()] = operation
		}
	}
	return list
}

func (r *Registrar) sweep(ctx context.Context, row store.Operation, list pendingList, result *SweepPendingOperationsResult) error {
	switch {
	case row.State.Final():
		// Known, but its order has not been told.
		return r.tell(ctx, row, result)
	case row.Reference == "":
		operation, found := list.byObject[row.Kind+" "+row.Domain]
		if !found {
			// The step that made the request is looking for it.
			return nil
		}
		row, err := r.Ledger.Learn(ctx, row.Key, store.OperationChange{
			State: store.Pending, Reference: operation.Reference, Word: operation.Word, Note: "recognised by the watch",
			Submission: row.Submissions,
		})
		if err != nil {
			return err
		}
		result.Adopted++
		_, err = r.notify(ctx, row)
		return err
	case list.byReference[row.Reference]:
		return nil
	}
	operation, err := r.Registrar.Operation(ctx, row.Reference)
	result.Calls++
	if err != nil {
		return err
	}
	row, err = r.Ledger.Learn(ctx, row.Key, store.OperationChange{
		State: ledgerState(operation.Status), Word: operation.Word, Note: "seen by the watch",
		Submission: row.Submissions,
	})
	if err != nil || !row.State.Final() {
		return err
	}
	return r.tell(ctx, row, result)
}

func (r *Registrar) tell(ctx context.Context, row store.Operation, result *SweepPendingOperationsResult) error {
	ended, err := r.notify(ctx, row)
	if err != nil {
		return err
	}
	if ended {
		// Cancelled or terminated while it waited: what it paid for belongs to nobody.
		result.Abandoned++
		r.Log.ErrorContext(ctx, "an operation has finished, but its order has ended: a person must settle it at the registrar",
			"registrar", r.Account, "key", row.Key, "reference", row.Reference, "state", row.State)
	}
	result.Finished++
	return r.Ledger.MarkTold(ctx, row.Key)
}

func (r *Registrar) notify(ctx context.Context, row store.Operation) (ended bool, err error) {
	return r.Notifier.Notify(ctx, row.WorkflowID, messages.Confirmation{
		EventID:   fmt.Sprintf("watch/%s/%s/%s/%d", row.Key, row.Reference, row.State, row.UpdatedAt.UnixMicro()),
		Source:    "watch",
		Reference: row.Reference,
		Claim:     string(row.State),
	})
}
