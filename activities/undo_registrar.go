package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

// Cancel asks a registrar account to withdraw an operation, which it may refuse.
func Cancel(ctx context.Context, account string, registrar registrars.Registrar, reference string) error {
	canceller, ok := registrar.(registrars.Canceller)
	if !ok {
		return &registrars.Error{
			Registrar: account, Call: "cancel", Class: registrars.ClassRejected,
			Rule: fmt.Sprintf("registrar account %q cannot withdraw operations", account),
		}
	}
	return canceller.Cancel(ctx, reference)
}

// WithdrawRequest takes back a request at the registrar, and reads what has become of it. The
// ledger learns first that the request is taken back: from then on nobody submits it.
//
//	no row, refused     it was never made, and never will be
//	intended, unknown   look: found: as below; nothing, once it has settled: it was never made;
//	                    else the state is unknown, and the result says so
//	submitted, pending  ask the registrar to cancel it, which it may refuse, and read it
//	done, failed, cancelled  answer
//
// A refusal is an answer: the request is not withdrawn, and goes on.
func (r *Registrar) WithdrawRequest(ctx context.Context, in WithdrawRequestInput) (WithdrawRequestResult, error) {
	row, err := r.Ledger.Withdraw(ctx, in.Key, r.Account)
	if err != nil {
		return WithdrawRequestResult{}, fail(err)
	}
	if row.State == store.Intended || row.State == store.Unknown {
		if row, err = r.lookBack(ctx, row); err != nil {
			return WithdrawRequestResult{}, fail(err)
		}
		if !row.State.Final() && row.Reference == "" {
			return WithdrawRequestResult{
				State: requestState(row, "", ""),
				Note:  fmt.Sprintf("%s cannot tell whether it accepted the request of %s; find out there", r.Account, row.IntendedAt.Format(time.RFC3339)),
			}, nil
		}
	}
	if row.State.Final() {
		return r.answerBack(ctx, row)
	}
	note, err := r.cancel(ctx, row)
	if err != nil {
		return WithdrawRequestResult{}, fail(err)
	}
	state, err := r.confirm(ctx, row, "asked after it was taken back")
	if err != nil {
		return WithdrawRequestResult{}, err
	}
	result := WithdrawRequestResult{State: state, Withdrawn: ended(state.Status)}
	if !state.Status.Final() {
		result.Note = note
	}
	return result, nil
}

// answerBack answers from a row that is final. Looking could find a domain that was there before.
func (r *Registrar) answerBack(ctx context.Context, row store.LedgerRow) (WithdrawRequestResult, error) {
	request, err := r.requestOf(ctx, row)
	if err != nil {
		return WithdrawRequestResult{}, fail(err)
	}
	state, err := r.withExpiry(ctx, requestState(row, "", ""), request.Kind, request.Domain)
	return WithdrawRequestResult{State: state, Withdrawn: ended(state.Status)}, err
}

// ended reports whether nothing of a request goes on, and it was not carried out.
func ended(status registrars.Status) bool {
	return status == registrars.StatusCancelled || status == registrars.StatusFailed
}

// lookBack looks for a request whose outcome is not known. Its claims are over, so once the last
// one has settled, finding nothing proves that it was never made.
func (r *Registrar) lookBack(ctx context.Context, row store.LedgerRow) (store.LedgerRow, error) {
	request, err := r.requestOf(ctx, row)
	if err != nil {
		return row, err
	}
	finding, err := r.Registrar.Find(ctx, request)
	if err != nil {
		class := registrars.ClassOf(err)
		if BehaviourOf(class).Retry || class == registrars.ClassAuth {
			return row, err
		}
		finding.State = registrars.Unclear // it cannot be looked for by what the ledger knows
	}
	age := row.Age()
	switch {
	case finding.State == registrars.FoundOperation || finding.State == registrars.FoundObject:
		return r.learn(ctx, row, finding.Operation, "found by looking")
	case age < r.Settle:
		return row, again(registrars.ClassOutcomeUnknown, r.Settle-age,
			"activities: %s may still be working on the request that is taken back; looking again once it must have arrived", r.Account)
	case finding.State == registrars.FoundNothing:
		return r.learn(ctx, row, registrars.Operation{Status: registrars.StatusCancelled}, "looked: the registrar has nothing of it")
	}
	return row, nil
}

// cancel asks the registrar to cancel the operation of a row. The note says why it may go on. An
// answer that was lost is no reason to ask again: the operation shows whether it is cancelled.
func (r *Registrar) cancel(ctx context.Context, row store.LedgerRow) (note string, err error) {
	err = Cancel(ctx, r.Account, r.Registrar, row.Reference)
	switch {
	case err == nil:
		return r.Account + " has accepted to cancel it, and does not show it as cancelled yet", nil
	case registrars.ClassOf(err) == registrars.ClassRejected:
		return "not cancelled: " + err.Error(), nil
	case registrars.ClassOf(err) != registrars.ClassOutcomeUnknown:
		return "", err
	}
	request, trouble := r.requestOf(ctx, row)
	if trouble != nil {
		return "", trouble
	}
	operation, found, trouble := r.ask(ctx, row, request)
	if trouble != nil || !found || !operation.Status.Final() {
		return "", err
	}
	return "", nil
}

// requestOf is the request of a row, as far as the ledger and the kept secrets have it.
func (r *Registrar) requestOf(ctx context.Context, row store.LedgerRow) (registrars.Request, error) {
	name, err := domains.ParseName(row.Domain)
	if err != nil {
		return registrars.Request{}, err
	}
	request := registrars.Request{Key: row.Key, Kind: registrars.Kind(row.Kind), Domain: name}
	if request.NewAuthCode, err = r.keptAuthCode(ctx, row); err != nil {
		return request, err
	}
	return underGuard(request, row)
}

// ReturnableUntil tells until when a registration can be given back: the registry's add grace
// period, if the registrar tells it, or else the account's refund_days, from the registration.
// Until is zero if neither is known, and for a domain that the account does not hold any more.
func (r *Registrar) ReturnableUntil(ctx context.Context, in ReturnableUntilInput) (ReturnableUntilResult, error) {
	grace, source := time.Duration(r.RefundDays)*24*time.Hour, "refund_days"
	if r.RefundDays == 0 {
		source = ""
	}
	if teller, ok := r.Registrar.(registrars.PhaseTeller); ok {
		told, err := teller.Phases(ctx, in.TLD)
		if err != nil {
			return ReturnableUntilResult{}, fail(err)
		}
		if told.AddGrace != nil {
			grace, source = *told.AddGrace, "the registrar"
		}
	}
	if source == "" || in.ConfirmedAt.IsZero() {
		return ReturnableUntilResult{}, nil
	}
	since := in.ConfirmedAt
	domain, err := r.Registrar.ReadDomain(ctx, in.Domain)
	switch {
	case err == nil:
		// The confirmation may have come days after the registration.
		if !domain.Created.IsZero() && domain.Created.Before(since) {
			since = domain.Created
		}
	case r.Registrar.Describe().Reads == registrars.ReadsOutside:
	case registrars.ClassOf(err) == registrars.ClassNotFound:
		return ReturnableUntilResult{}, nil
	default:
		return ReturnableUntilResult{}, fail(err)
	}
	return ReturnableUntilResult{Until: since.UTC().Add(grace), Source: source}, nil
}

// returnable refuses a deletion that would come too late to give the registration back.
func (r *Registrar) returnable(in SubmitRequestInput) error {
	if !r.tooLate(in) {
		return nil
	}
	return refuse(registrars.ClassRejected,
		"activities: the registration could be given back until %s", in.GiveBack.UTC().Format(time.RFC3339))
}

func (r *Registrar) tooLate(in SubmitRequestInput) bool {
	return !in.GiveBack.IsZero() && r.now().After(in.GiveBack)
}

func (r *Registrar) now() time.Time {
	if r.Now != nil {
		return r.Now()
	}
	return time.Now()
}

// inTime asks for the claim of a request only while the registration can still be given back. The
// next try refuses it for good.
func (r *Registrar) inTime(in SubmitRequestInput, claim func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		if r.tooLate(in) {
			return errTooLate
		}
		return claim(ctx)
	}
}

var errTooLate = errors.New("activities: the registration cannot be given back any more")
