package activities

import (
	"context"
	"time"

	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

// resume decides what to do with a row that an earlier try left. A nil opening
// means that the row says all; otherwise it is opened for one more submission.
func (r *Registrar) resume(
	ctx context.Context, row store.LedgerRow, request registrars.Request, in SubmitRequestInput,
) (store.LedgerRow, opening, error) {
	switch row.State {
	case store.Failed, store.Cancelled:
		if row.Reopened >= in.Reopenings {
			return row, nil, nil
		}
		return r.reopen(ctx, row, request, in.Reopenings)
	case store.Refused:
		return row, r.beginAgain(row, in.Reopenings, "the last one was refused"), nil
	case store.Intended, store.Unknown:
		return r.look(ctx, row, request, in)
	default:
		if row.Reopened >= in.Reopenings {
			return row, nil, nil
		}
		// It stands as the row says. A person who asked anew meanwhile has been
		// answered by that, and must not be taken to have asked after a later failure.
		row, err := r.Ledger.Learn(ctx, row.Key, store.LedgerChange{
			State: row.State, Reopened: in.Reopenings, Submission: row.Submissions,
		})
		return row, nil, fail(err)
	}
}

// reopen opens a failed or cancelled row for the submission that a person asked
// for. The registrar's support may have restarted the operation meanwhile, so it
// is asked for first: a second one would be paid for, or be refused because of
// the first.
func (r *Registrar) reopen(
	ctx context.Context, row store.LedgerRow, request registrars.Request, reopenings int,
) (store.LedgerRow, opening, error) {
	operation, found, err := r.restartedAs(ctx, row, request)
	if err != nil {
		return row, nil, fail(err)
	}
	if found {
		row, err = r.learnAs(ctx, row, operation, "restarted at the registrar", reopenings)
		return row, nil, fail(err)
	}
	return row, r.beginAgain(row, reopenings, "asked anew by a person"), nil
}

// restartedAs finds an ended operation that goes on or has been carried out after all,
// under its number or another. A registrar that answers at once restarts nothing.
func (r *Registrar) restartedAs(
	ctx context.Context, row store.LedgerRow, request registrars.Request,
) (operation registrars.Operation, found bool, err error) {
	if r.Registrar.Describe().Synchronous {
		return operation, false, nil
	}
	operation, found, err = r.ask(ctx, row, request)
	if err != nil && BehaviourOf(registrars.ClassOf(err)).Retry {
		return operation, false, err
	}
	goesOn := operation.Status == registrars.StatusDone || operation.Status == registrars.StatusPending
	if err == nil && found && goesOn || row.Reference == "" {
		return operation, found && goesOn, err
	}
	// The number has ended, or the registrar does not know it any more.
	finding, err := r.Registrar.Find(ctx, request)
	found = finding.State == registrars.FoundOperation || finding.State == registrars.FoundObject
	return finding.Operation, found && err == nil, err
}

// look finds out what an earlier request left at the registrar.
func (r *Registrar) look(
	ctx context.Context, row store.LedgerRow, request registrars.Request, in SubmitRequestInput,
) (store.LedgerRow, opening, error) {
	reopenings := in.Reopenings
	finding, err := r.Registrar.Find(ctx, request)
	if err != nil {
		return row, nil, fail(err)
	}
	age := row.Age()
	early := age < r.Settle
	switch finding.State {
	case registrars.FoundOperation, registrars.FoundObject:
		row, err = r.learnAs(ctx, row, finding.Operation, "found by looking", reopenings)
		return row, nil, fail(err)
	case registrars.FoundNothing:
		if early {
			return row, nil, again(registrars.ClassOutcomeUnknown, r.Settle-age,
				"activities: %s has nothing of the request yet; looking again once it must have arrived", r.Account)
		}
		return row, r.beginAgain(row, reopenings, "looked: the registrar has nothing of it"), nil
	default:
		if in.NothingThere && !early {
			return row, r.beginAgain(row, reopenings, "a person found nothing of it at the registrar"), nil
		}
		if age > r.GiveUp {
			return row, nil, refuse(registrars.ClassOutcomeUnknown,
				"activities: %s cannot say whether it took the request of %s; find out there; if it has nothing of it, retry and say so",
				r.Account, row.IntendedAt.Format(time.RFC3339))
		}
		return row, nil, again(registrars.ClassOutcomeUnknown, r.Settle,
			"activities: %s cannot say yet whether it took the request", r.Account)
	}
}
