package activities

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/sdk/activity"

	"domainprovisioning/messages"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

// Followed is the part of the ledger that the watch works on.
type Followed interface {
	OpenRows(ctx context.Context, account string) ([]store.LedgerRow, error)
	OpenRowsAfter(ctx context.Context, account string, last store.LedgerRow, since time.Time) ([]store.LedgerRow, error)
	EndedRows(ctx context.Context, account string, within time.Duration) ([]store.LedgerRow, error)
	QuietRows(ctx context.Context, account string, quiet time.Duration, most int) ([]store.LedgerRow, error)
	UntoldRows(ctx context.Context, account string) ([]store.LedgerRow, error)
	MarkTold(ctx context.Context, key string) error
	MarkAbandoned(ctx context.Context, key string) (ended bool, err error)
	MarkChecked(ctx context.Context, key string) error
	RecordRound(ctx context.Context, account string) error
	RecordUnreadable(ctx context.Context, account string, found []store.Unreadable) (news bool, err error)
}

// SweepPendingOperations is one round of the watch. It takes the news out of the
// registrar's queue, if there is one, then reads all pending operations of the account in
// one call, and makes one call for each of ours that has left the list. The list is not
// read while none of our operations is open or has failed recently. An item of the list that
// cannot be read counts as one that has left it: if it is ours, it is read by its reference. At a
// registrar that has only a queue, the operations that have been quiet for long are read; see
// askQuiet.
//
// The ledger learns first, then the order is told, then the row is marked as told. A round
// that breaks off in between tells the order again, which the event's id makes harmless.
func (r *Registrar) SweepPendingOperations(ctx context.Context, _ SweepPendingOperationsInput) (SweepPendingOperationsResult, error) {
	result, err := r.round(ctx)
	if err == nil {
		err = fail(r.Ledger.RecordRound(ctx, r.Account))
	}
	return result, err
}

func (r *Registrar) round(ctx context.Context) (SweepPendingOperationsResult, error) {
	var result SweepPendingOperationsResult
	r.drainNotices(ctx, &result)
	rows, err := r.Ledger.OpenRows(ctx, r.Account)
	if err != nil {
		return result, fail(err)
	}
	ended, err := r.Ledger.EndedRows(ctx, r.Account, restartable)
	if err != nil {
		return result, fail(err)
	}
	if len(rows)+len(ended) == 0 {
		// The list is not read, so nothing is known to be unreadable any more.
		if _, err := r.Ledger.RecordUnreadable(ctx, r.Account, nil); err != nil {
			return result, fail(err)
		}
		return result, nil
	}
	lister, ok := r.Registrar.(registrars.PendingLister)
	if _, queues := r.Registrar.(registrars.NoticeQueue); !ok && queues {
		result.Open = len(rows)
		return result, fail(r.askQuiet(ctx, &result)) // the registrar has nothing but a queue
	}
	if !ok {
		return result, refuse(registrars.ClassInvalid, "activities: %s cannot list pending operations, so it cannot be watched", r.Account)
	}
	pending, err := lister.PendingOperations(ctx)
	result.Calls++
	if err != nil {
		return result, fail(err)
	}
	r.reportUnreadable(ctx, pending.Unreadable, &result)
	return result, fail(r.compare(ctx, rows, ended, index(pending), &result))
}

// compare follows up the rows of the ledger, page by page, so that a round needs no memory for
// rows that the list shows as pending.
func (r *Registrar) compare(
	ctx context.Context, rows, ended []store.LedgerRow, list *pendingList, result *SweepPendingOperationsResult,
) (err error) {
	for page := rows; len(page) > 0; {
		activity.RecordHeartbeat(ctx, *result)
		result.Open += len(page)
		if r.followAll(ctx, page, list, result, r.sweep) {
			return nil
		}
		if len(page) < store.OpenPage {
			break
		}
		// What changed after the list was read is not for this round.
		if page, err = r.Ledger.OpenRowsAfter(ctx, r.Account, page[len(page)-1], rows[0].ReadAt.Time); err != nil {
			return err
		}
	}
	if !r.followAll(ctx, list.inTurn(), list, result, r.readInTurn) {
		r.followAll(ctx, ended, list, result, r.restarted)
	}
	return nil
}

// follow follows up one row of the ledger.
type follow func(ctx context.Context, row store.LedgerRow, list *pendingList, result *SweepPendingOperationsResult) error

// followAll follows up rows. Trouble with one of them must not hold up the others, nor make the
// round read the list again before the next one. limited is true if the registrar wants no more
// calls.
func (r *Registrar) followAll(
	ctx context.Context, rows []store.LedgerRow, list *pendingList, result *SweepPendingOperationsResult, follow follow,
) (limited bool) {
	for _, row := range rows {
		err := follow(ctx, row, list, result)
		if err == nil {
			continue
		}
		result.Failed++
		r.Log.WarnContext(ctx, "an operation could not be followed up; the next round tries again",
			"registrar", r.Account, "key", row.Key, "error", err)
		if registrars.ClassOf(err) == registrars.ClassRateLimited {
			return true
		}
	}
	return false
}

// restartable is how long a failed or cancelled operation is still watched, because the
// registrar's support may restart it. recheck is how often such an operation is asked for
// if it is not in the list of pending ones.
const (
	restartable = 7 * 24 * time.Hour
	recheck     = 6 * time.Hour
)

// restarted notices failed and cancelled operations that go on after all. One that is
// pending again is in the list and costs no call; one that finished between two rounds is
// found by asking for it now and then.
func (r *Registrar) restarted(ctx context.Context, row store.LedgerRow, list *pendingList, result *SweepPendingOperationsResult) error {
	if _, listed := list.byReference[row.Reference]; listed {
		_, err := r.Ledger.Learn(ctx, row.Key, store.LedgerChange{
			State: store.Pending, Note: "pending again", Submission: row.Submissions,
		})
		result.Restarted++
		return err
	}
	if row.Ended() < recheck {
		return nil
	}
	seen, err := r.followUp(ctx, row, "asked for after its end", result)
	if err != nil {
		return err
	}
	if seen.State != row.State {
		result.Restarted++
	}
	return r.Ledger.MarkChecked(ctx, row.Key)
}

func (r *Registrar) sweep(ctx context.Context, row store.LedgerRow, list *pendingList, result *SweepPendingOperationsResult) error {
	switch {
	case row.State.Final():
		// The ledger knows, but the order has not been told.
		return r.tell(ctx, row, result)
	case row.State == store.Refused:
		// The registrar has nothing of it; the step tries again by itself.
		return nil
	case row.Reference == "":
		operation, found := list.about(row.Kind, row.Domain)
		if !found {
			// The step that submitted the request is looking for it.
			return nil
		}
		row, err := r.Ledger.Learn(ctx, row.Key, store.LedgerChange{
			State: store.Pending, Reference: operation.Reference, Word: operation.Word, Note: "recognised by the watch",
			Submission: row.Submissions,
		})
		if err != nil {
			return err
		}
		result.Adopted++
		_, err = r.notify(ctx, row)
		return err
	}
	listed, found := list.byReference[row.Reference]
	switch {
	case found:
		return r.stillOpen(ctx, row, *listed)
	case list.partly:
		list.miss(row)
		return nil
	}
	_, err := r.followUp(ctx, row, "seen by the watch", result)
	return err
}

// stillOpen records how an operation stands that is in the list, if that has changed: a word such
// as IN_DOUBT says that nobody knows how it will end. The order is then told to look, so that it
// shows the word.
func (r *Registrar) stillOpen(ctx context.Context, row store.LedgerRow, listed registrars.Operation) error {
	state := ledgerState(listed.Status)
	accepted := row.State == store.Pending || row.State == store.Submitted
	if !accepted || state == row.State && (state == store.Pending || listed.Word == row.Word) {
		return nil
	}
	row, err := r.Ledger.Learn(ctx, row.Key, store.LedgerChange{
		State: state, Word: listed.Word, Note: "seen in the list", Submission: row.Submissions,
	})
	if err != nil {
		return err
	}
	_, err = r.notify(ctx, row)
	return err
}

// followUp asks for one operation by its reference and tells its order if it has ended.
func (r *Registrar) followUp(
	ctx context.Context, row store.LedgerRow, note string, result *SweepPendingOperationsResult,
) (store.LedgerRow, error) {
	operation, err := r.Registrar.Operation(ctx, row.Reference)
	result.Calls++
	if err != nil {
		return row, err
	}
	row, err = r.Ledger.Learn(ctx, row.Key, store.LedgerChange{
		State: ledgerState(operation.Status), Word: operation.Word, Note: note, Submission: row.Submissions,
	})
	if err != nil || !row.State.Final() || row.ToldAt != nil {
		return row, err
	}
	return row, r.tell(ctx, row, result)
}

// CheckOperation asks the registrar for one operation at once, at a person's wish, and tells
// its order if it has finished. It also asks for one that is recorded as failed, because
// the registrar's support may have restarted it.
func (r *Registrar) CheckOperation(ctx context.Context, in CheckOperationInput) (CheckOperationResult, error) {
	row, err := r.Ledger.LedgerRow(ctx, in.Key)
	if err != nil {
		return CheckOperationResult{}, fail(err)
	}
	if row.Reference == "" || r.Registrar.Describe().Synchronous {
		return CheckOperationResult{}, refuse(registrars.ClassInvalid,
			"activities: %s has no operation number for %s to ask for; the order looks for it by itself", r.Account, row.Key)
	}
	before := row.State
	row, err = r.followUp(ctx, row, "asked for by a person", &SweepPendingOperationsResult{})
	return CheckOperationResult{Before: string(before), Now: string(row.State), Word: row.Word}, fail(err)
}

func (r *Registrar) tell(ctx context.Context, row store.LedgerRow, result *SweepPendingOperationsResult) error {
	ended, err := r.notify(ctx, row)
	if err != nil {
		return err
	}
	if !ended {
		result.Finished++
		return r.Ledger.MarkTold(ctx, row.Key)
	}
	// Cancelled while it waited: what it paid for belongs to nobody.
	abandoned, err := r.Ledger.MarkAbandoned(ctx, row.Key)
	if err != nil || !abandoned {
		return err
	}
	result.Finished++
	result.Abandoned++
	r.Log.ErrorContext(ctx, "an operation has finished, but its order has ended: a person must settle it; `starter operations --state abandoned` lists it",
		"registrar", r.Account, "key", row.Key, "reference", row.Reference, "state", row.State)
	return nil
}

func (r *Registrar) notify(ctx context.Context, row store.LedgerRow) (ended bool, err error) {
	return r.Notifier.Notify(ctx, row.WorkflowID, messages.Confirmation{
		EventID:   fmt.Sprintf("watch/%s/%s/%s/%d", row.Key, row.Reference, row.State, row.UpdatedAt.UnixMicro()),
		Source:    messages.FromWatch,
		Reference: row.Reference,
		Claim:     string(row.State),
	})
}
