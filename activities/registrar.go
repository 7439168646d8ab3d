package activities

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/messages"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

// Ledger is what the registrar's activities need of the store.
type Ledger interface {
	Submissions
	Followed
	Contacts(ctx context.Context, account, ownerKey string, digests []string) (map[string]string, error)
	KeepContact(ctx context.Context, account, ownerKey, digest, handle string) error
}

// Submissions is the part of the ledger that guards paid calls.
type Submissions interface {
	Intend(ctx context.Context, intention store.Intention) (operation store.LedgerRow, created bool, err error)
	Claim(ctx context.Context, key string, submission int, within time.Duration) error
	Learn(ctx context.Context, key string, change store.LedgerChange) (store.LedgerRow, error)
	BeginAgain(ctx context.Context, seen store.LedgerRow, again store.Again) (store.LedgerRow, error)
	LedgerRow(ctx context.Context, key string) (store.LedgerRow, error)
	Unit(ctx context.Context, orderNumber string, item int) (store.Unit, error)
	Withdraw(ctx context.Context, key, account string) (store.LedgerRow, error)
}

// RequestReader reads the parts of a request that no workflow may hold.
type RequestReader interface {
	ReadContacts(ctx context.Context, in OrderedItem, refs ...ContactRef) ([]domains.Contact, map[string]string, error)
	TransferKey(ctx context.Context, in OrderedItem) (domains.Secret, error)
}

// Secrets keeps the secrets that we generate.
type Secrets interface {
	KeepSecret(ctx context.Context, reference string, secret domains.Secret) (domains.Secret, error)
	Secret(ctx context.Context, reference string) (domains.Secret, error)
}

// Notifier sends a confirmation to a workflow. ended is true if there is no such workflow
// any more.
type Notifier interface {
	Notify(ctx context.Context, workflowID string, confirmation messages.Confirmation) (ended bool, err error)
}

// Registrar holds the activities that call one registrar account. Each account
// has a worker, and so a Registrar, of its own.
type Registrar struct {
	Account   string
	Registrar registrars.Registrar
	Ledger    Ledger
	Orders    RequestReader
	Secrets   Secrets
	Notifier  Notifier
	// Inbox stores the news of a registrar that keeps a queue; nil leaves it in the queue.
	Inbox Inbox
	// Settle is how long the registrar may still be working on a request after it was
	// permitted to leave. Until then, finding nothing proves nothing.
	Settle time.Duration
	// RefundDays is for how many days a registration can be given back; 0 is not known.
	// Now is the clock that tells whether a registration can still be given back; nil is time.Now.
	Now        func() time.Time
	RefundDays int
	// GiveUp is how long unclear findings may last before a person is asked.
	GiveUp time.Duration
	// WorkflowID returns the workflow of the running activity, and TriedFor how long the
	// activity has been tried, by Temporal's clock.
	WorkflowID func(ctx context.Context) string
	TriedFor   func(ctx context.Context) time.Duration
	Log        *slog.Logger
}

// DefaultGiveUp is the usual value of GiveUp.
const DefaultGiveUp = 24 * time.Hour

// SubmitRequest submits a request to the registrar, such as in step 6. The ledger guards the
// call: the intention is recorded first, and a try that finds an earlier one looks at the
// registrar before it does anything. A request is never resubmitted blindly.
func (r *Registrar) SubmitRequest(ctx context.Context, in SubmitRequestInput) (RequestState, error) {
	state, err := r.submitRequest(ctx, in)
	if err != nil {
		return RequestState{}, err
	}
	if state, err = r.withExpiry(ctx, state, in.Kind, in.Domain); err != nil {
		return RequestState{}, err
	}
	return r.withReading(ctx, state, in.Domain, in.verify()), nil
}

// stands refuses a request of an order that has ended: its workflow may have been reset, or
// started again, by hand.
func (r *Registrar) stands(ctx context.Context, in SubmitRequestInput) error {
	unit, err := r.Ledger.Unit(ctx, in.OrderNumber, in.Item)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil // the store is older than the order; see restore-check
	case err != nil:
		return err
	case unit.State != store.UnitOpen:
		return refuse(registrars.ClassConflict, "activities: order %s is %s already, and nothing more is requested for it", in.OrderNumber, unit.State)
	}
	return nil
}

func (r *Registrar) submitRequest(ctx context.Context, in SubmitRequestInput) (RequestState, error) {
	request, err := r.request(ctx, in)
	if err != nil {
		return RequestState{}, fail(err)
	}
	decided, err := r.decide(ctx, request, in)
	if err != nil {
		return RequestState{}, fail(err)
	}
	if decided.act == answer {
		return requestState(decided.row, "", decided.owner()), nil
	}
	if err := r.returnable(in); err != nil {
		return RequestState{}, err
	}
	if err := r.stands(ctx, in); err != nil {
		return RequestState{}, fail(err)
	}
	why, err := r.needless(ctx, decided.request)
	if err != nil {
		return RequestState{}, fail(err)
	}
	if why != "" {
		return RequestState{Status: registrars.StatusDone, Needless: why}, nil
	}
	if err := r.Registrar.Check(ctx, decided.request); err != nil {
		return RequestState{}, r.held(ctx, err)
	}
	if decided.request, err = r.withAuthCode(ctx, decided, in.Reopenings); err != nil {
		return RequestState{}, fail(err)
	}
	row, err := r.open(ctx, decided, in.Reopenings)
	if err != nil {
		return RequestState{}, fail(err)
	}
	decided.request.Claim, decided.request.Submission = r.inTime(in, r.claim(row)), row.Submissions
	operation, err := r.submit(ctx, decided.request)
	if err != nil {
		return RequestState{}, r.refused(ctx, row, err)
	}
	row, err = r.answered(ctx, row, operation)
	if err != nil {
		return RequestState{}, fail(err)
	}
	return requestState(row, operation.Reason, decided.owner()), nil
}

// held returns the error of a request that a check has refused before it was submitted.
func (r *Registrar) held(ctx context.Context, cause error) error {
	if r.lasting(ctx, cause) {
		return r.gaveUp(cause)
	}
	return fail(cause)
}

// refused records the error of a submission in the ledger. A permanent refusal closes the
// row, so that only a person opens it again. After an unknown outcome the next try looks
// first, and after a passing error it submits again.
func (r *Registrar) refused(ctx context.Context, row store.LedgerRow, cause error) error {
	class := registrars.ClassOf(cause)
	change := store.LedgerChange{State: store.Failed, Note: string(class), Told: true, Submission: row.Submissions, Answer: true}
	switch {
	case class == registrars.ClassOutcomeUnknown:
		change.State = store.Unknown
	case BehaviourOf(class).Retry && !r.lasting(ctx, cause):
		change.State = store.Refused
	}
	if _, err := r.record(ctx, row, change); err != nil {
		return fail(errors.Join(cause, err))
	}
	if class == registrars.ClassOutcomeUnknown {
		return postpone(cause, r.Settle)
	}
	if change.State == store.Failed && BehaviourOf(class).Retry {
		return r.gaveUp(cause)
	}
	return fail(cause)
}

func (r *Registrar) gaveUp(cause error) error {
	return refuse(registrars.ClassRejected,
		"activities: %s has refused the request for %s, each time for a reason that should pass: %s", r.Account, r.GiveUp, cause)
}

// lasting reports whether the registrar has refused the request for longer than GiveUp for
// a reason that should have passed, such as name servers that never serve the zone. A
// registrar that does not answer is waited for without limit.
func (r *Registrar) lasting(ctx context.Context, cause error) bool {
	e, ok := errors.AsType[*registrars.Error](cause)
	return ok && e.Refused && BehaviourOf(e.Class).Retry && r.TriedFor(ctx) > r.GiveUp
}

// learn records the state of an operation in the ledger.
func (r *Registrar) learn(ctx context.Context, row store.LedgerRow, operation registrars.Operation, note string) (store.LedgerRow, error) {
	return r.learnAs(ctx, row, operation, note, 0)
}

// learnAs is learn for a try that may follow a person's retry.
func (r *Registrar) learnAs(
	ctx context.Context, row store.LedgerRow, operation registrars.Operation, note string, reopenings int,
) (store.LedgerRow, error) {
	return r.Ledger.Learn(context.WithoutCancel(ctx), row.Key, store.LedgerChange{
		State: ledgerState(operation.Status), Reference: operation.Reference, Word: operation.Word,
		Note: note, Told: true, Reopened: reopenings, Submission: row.Submissions,
	})
}

// ConfirmRequest reads the state of a request, such as in step 10, from the registrar,
// unless the ledger already knows that it is done.
func (r *Registrar) ConfirmRequest(ctx context.Context, in ConfirmRequestInput) (RequestState, error) {
	row, err := r.Ledger.LedgerRow(ctx, in.Key)
	if err != nil {
		return RequestState{}, fail(err)
	}
	// Even if the ledger has a failure, the registrar is asked: only it knows the reason,
	// and its support may have restarted the operation.
	state, err := r.confirm(ctx, row, "asked after a confirmation")
	if err != nil || in.Verify == nil {
		return state, err
	}
	name, err := domains.ParseName(row.Domain)
	if err != nil {
		return RequestState{}, fail(err)
	}
	return r.withReading(ctx, state, name, in.Verify), nil
}

// confirm reads the state of a row's request from the registrar. The note is for the ledger.
func (r *Registrar) confirm(ctx context.Context, row store.LedgerRow, note string) (RequestState, error) {
	request, err := r.requestOf(ctx, row)
	if err != nil {
		return RequestState{}, fail(err)
	}
	told := ""
	if row.State != store.Done {
		operation, found, err := r.ask(ctx, row, request)
		if err != nil {
			return RequestState{}, fail(err)
		}
		if !found {
			return requestState(row, "", ""), nil
		}
		if row, err = r.learn(ctx, row, operation, note); err != nil {
			return RequestState{}, fail(err)
		}
		if told, err = r.said(ctx, row, operation.Reason); err != nil {
			return RequestState{}, fail(err)
		}
	}
	return r.withExpiry(ctx, requestState(row, told, ""), request.Kind, request.Domain)
}

// withExpiry adds the registrar's date to a finished transfer. The domain keeps the rest of
// the period that it had before, so only the registrar knows when it expires.
func (r *Registrar) withExpiry(ctx context.Context, state RequestState, kind registrars.Kind, name domains.Name) (RequestState, error) {
	if kind != registrars.Transfer || state.Status != registrars.StatusDone {
		return state, nil
	}
	domain, err := r.Registrar.ReadDomain(ctx, name)
	switch {
	case err == nil:
	case r.Registrar.Describe().Reads == registrars.ReadsOutside:
		return state, nil
	case registrars.ClassOf(err) == registrars.ClassNotFound:
		return RequestState{}, again(registrars.ClassTemporary, showsWithin,
			"activities: %s has finished the transfer and does not show the domain yet", r.Account)
	default:
		// The ledger has the transfer as done, so the next try only reads.
		return RequestState{}, fail(err)
	}
	state.Expires = domain.Expires
	return state, nil
}

// withReading adds the domain as the registrar has it to a finished request, if it is as ordered.
// What is not yet so, or cannot be read, is left to VerifyDomain: the request is done all the same.
func (r *Registrar) withReading(ctx context.Context, state RequestState, name domains.Name, want *VerifyDomainInput) RequestState {
	if want == nil || state.Status != registrars.StatusDone || state.Needless != "" || r.Registrar.Describe().Reads == registrars.ReadsOutside {
		return state
	}
	ordered := *want
	ordered.Domain = name
	ordered.OwnerHandle = cmp.Or(state.OwnerHandle, ordered.OwnerHandle)
	if !state.Expires.IsZero() {
		ordered.Expires = state.Expires
	}
	ctx, cancel := context.WithTimeout(ctx, readingWithin)
	defer cancel()
	verified, err := r.VerifyDomain(ctx, ordered)
	// A note may be about the time that a request has taken, which only the workflow knows.
	if err == nil && len(verified.Differences)+len(verified.Notes) == 0 {
		verified.ReadAt = r.now().UTC()
		state.Verified = &verified
	}
	return state
}

// verify completes what is to be compared with what the request says already.
func (in SubmitRequestInput) verify() *VerifyDomainInput {
	if in.Verify == nil {
		return nil
	}
	verify := *in.Verify
	if len(verify.NameServers) == 0 {
		verify.NameServers = in.NameServers
	}
	return &verify
}

// readingWithin is how long the answer to a request waits for the reading that goes with it.
const readingWithin = 10 * time.Second

// showsWithin is how long to wait for a registrar that does not show a transferred domain yet.
const showsWithin = time.Minute

// ask reads the operation of a row by its reference, or looks for it if the registrar
// gave none.
func (r *Registrar) ask(
	ctx context.Context, row store.LedgerRow, request registrars.Request,
) (operation registrars.Operation, found bool, err error) {
	if row.Reference != "" && !r.Registrar.Describe().Synchronous {
		operation, err = r.Registrar.Operation(ctx, row.Reference)
		return operation, err == nil, err
	}
	finding, err := r.Registrar.Find(ctx, request)
	if err != nil {
		return operation, false, err
	}
	found = finding.State == registrars.FoundOperation || finding.State == registrars.FoundObject
	return finding.Operation, found, nil
}

// requestState is the state of a request as its row has it. told is what the registrar has said.
func requestState(row store.LedgerRow, told, owner string) RequestState {
	if row.State != store.Failed && row.State != store.Cancelled {
		// Only a failure needs a reason, and the text of a success may hold a new auth code.
		told = ""
	}
	state := RequestState{
		Key: row.Key, Reference: row.Reference, Status: status(row.State), Word: row.Word,
		Told: told, OwnerHandle: owner, Reopened: row.Reopened,
	}
	if row.FinishedAt != nil {
		state.Finished = *row.FinishedAt
	}
	return state
}

// ledgerState and status translate between the registrar's status and the ledger's state.
// A status in unknown words means that the request was accepted.
func ledgerState(s registrars.Status) store.LedgerState {
	switch s {
	case registrars.StatusPending:
		return store.Pending
	case registrars.StatusDone:
		return store.Done
	case registrars.StatusFailed:
		return store.Failed
	case registrars.StatusCancelled:
		return store.Cancelled
	default:
		return store.Submitted
	}
}

func status(s store.LedgerState) registrars.Status {
	switch s {
	case store.Pending:
		return registrars.StatusPending
	case store.Done:
		return registrars.StatusDone
	case store.Failed:
		return registrars.StatusFailed
	case store.Cancelled:
		return registrars.StatusCancelled
	default:
		return registrars.StatusUnknown
	}
}
