package activities

import (
	"context"
	"errors"
	"time"

	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

// decision says what to do about a request, given what the ledger and the registrar know of
// it.
type decision struct {
	act act
	// row is the current row; there is none before the first submission.
	row store.LedgerRow
	// request is the request of the row, or the one to submit.
	request registrars.Request
	// why says, for the record, why one more submission is permitted.
	why string
}

// act is what to do.
type act int

const (
	// answer: submit nothing and return the state of the row.
	answer act = iota
	// submitFirst: create the row and submit.
	submitFirst
	// submitAgain: open the row for one more submission, if it is still as it was read.
	submitAgain
)

// owner is the handle of the owner in the request.
func (d decision) owner() string { return d.request.Contacts[registrars.Owner].Handle }

// decide says what to do about a request.
//
//	no row                        submit
//	failed, cancelled             answer; asked anew by a person: submit again, unless it goes on at the registrar
//	refused                       submit again: nothing of it exists
//	intended, unknown             look: found: answer; nothing, once it has settled: submit again; else wait
//	submitted, pending, done      answer
//	taken back by its order       answer, whatever the state
//
// An error means that nothing can be decided now, or ever.
func (r *Registrar) decide(ctx context.Context, request registrars.Request, in SubmitRequestInput) (decision, error) {
	row, err := r.Ledger.LedgerRow(ctx, request.Key)
	if errors.Is(err, store.ErrNotFound) {
		return decision{act: submitFirst, request: request}, nil
	}
	if err != nil {
		return decision{}, err
	}
	if request.NewAuthCode, err = r.keptAuthCode(ctx, row); err != nil {
		return decision{}, err
	}
	// The request as the first try made it. What it relied on may have changed since, by the
	// request itself.
	first, err := underGuard(request, row)
	if err != nil {
		return decision{}, err
	}
	if row.WithdrawalAt != nil {
		return decision{act: answer, row: row, request: first}, nil
	}
	asked := row.Reopened < in.Reopenings // anew, by a person
	switch row.State {
	case store.Failed, store.Cancelled:
		if !asked {
			return decision{act: answer, row: row, request: first}, nil
		}
		return r.reopen(ctx, row, first, request, in.Reopenings)
	case store.Refused:
		return decision{act: submitAgain, row: row, request: first, why: "the last one was refused"}, nil
	case store.Intended, store.Unknown:
		return r.look(ctx, row, first, in)
	}
	if asked {
		// The row answers the person's retry. Record that, so that the same retry does not
		// count as one after a later failure.
		row, err = r.Ledger.Learn(ctx, row.Key, store.LedgerChange{
			State: row.State, Reopened: in.Reopenings, Submission: row.Submissions,
		})
	}
	return decision{act: answer, row: row, request: first}, err
}

// open records that the request is about to be submitted.
func (r *Registrar) open(ctx context.Context, decided decision, reopenings int) (store.LedgerRow, error) {
	request, accepted := decided.request, ""
	if request.AcceptedPrice != nil {
		accepted = request.AcceptedPrice.String()
	}
	if decided.act == submitAgain {
		return r.Ledger.BeginAgain(ctx, decided.row, store.Again{
			Reopened: reopenings, Guard: guardOf(request), AcceptedPrice: accepted, Settle: r.Settle, Note: decided.why,
		})
	}
	row, created, err := r.Ledger.Intend(ctx, store.Intention{
		Key: request.Key, Account: r.Account, Kind: string(request.Kind),
		Domain: request.Domain.String(), WorkflowID: r.WorkflowID(ctx), Guard: guardOf(request), AcceptedPrice: accepted, Reopened: reopenings,
	})
	if err == nil && !created {
		return row, store.ErrMovedOn
	}
	return row, err
}

// reopen decides about a failed or cancelled request that a person asks for anew: fresh
// relies on what holds now, and first on what held when it was made. The registrar's support
// may have restarted the operation meanwhile, so it is asked for: a second one would be paid
// for, or be refused because of the first.
func (r *Registrar) reopen(
	ctx context.Context, row store.LedgerRow, first, fresh registrars.Request, reopenings int,
) (decision, error) {
	operation, found, err := r.restartedAs(ctx, row, first)
	if err != nil {
		return decision{}, err
	}
	if found {
		row, err = r.learnAs(ctx, row, operation, "restarted at the registrar", reopenings)
		return decision{act: answer, row: row, request: first}, err
	}
	return decision{act: submitAgain, row: row, request: fresh, why: "asked anew by a person"}, nil
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

// look decides about a request whose outcome is not known, by what it has left at the
// registrar.
func (r *Registrar) look(ctx context.Context, row store.LedgerRow, request registrars.Request, in SubmitRequestInput) (decision, error) {
	finding, err := r.Registrar.Find(ctx, request)
	if err != nil {
		return decision{}, err
	}
	anew := decision{act: submitAgain, row: row, request: request}
	age := row.Age()
	settled := age >= r.Settle
	switch {
	case finding.State == registrars.FoundOperation || finding.State == registrars.FoundObject:
		row, err = r.learnAs(ctx, row, finding.Operation, "found by looking", in.Reopenings)
		return decision{act: answer, row: row, request: request}, err
	case finding.State == registrars.FoundNothing && settled:
		anew.why = "looked: the registrar has nothing of it"
		return anew, nil
	case finding.State == registrars.FoundNothing:
		return decision{}, again(registrars.ClassOutcomeUnknown, r.Settle-age,
			"activities: %s has nothing of the request yet; looking again once it must have arrived", r.Account)
	case in.NothingThere && settled:
		anew.why = "a person found nothing of it at the registrar"
		return anew, nil
	case age > r.GiveUp:
		return decision{}, refuse(registrars.ClassOutcomeUnknown,
			"activities: %s cannot tell whether it accepted the request of %s; find out there; if it has nothing of it, retry and say so",
			r.Account, row.IntendedAt.Format(time.RFC3339))
	}
	return decision{}, again(registrars.ClassOutcomeUnknown, r.Settle,
		"activities: %s cannot tell yet whether it accepted the request", r.Account)
}
