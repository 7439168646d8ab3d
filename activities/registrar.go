package activities

import (
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
	Contacts(ctx context.Context, account, ownerKey string) (map[string]string, error)
	KeepContact(ctx context.Context, account, ownerKey, digest, handle string) error
}

// Submissions are the paid calls: intended, permitted, answered, and begun again.
type Submissions interface {
	Intend(ctx context.Context, intention store.Intention) (operation store.LedgerRow, created bool, err error)
	Claim(ctx context.Context, key string, submission int, within time.Duration) error
	Learn(ctx context.Context, key string, change store.LedgerChange) (store.LedgerRow, error)
	BeginAgain(ctx context.Context, seen store.LedgerRow, again store.Again) (store.LedgerRow, error)
	LedgerRow(ctx context.Context, key string) (store.LedgerRow, error)
}

// Followed are the operations that the watch looks after.
type Followed interface {
	OpenRows(ctx context.Context, account string) ([]store.LedgerRow, error)
	EndedRows(ctx context.Context, account string, within time.Duration) ([]store.LedgerRow, error)
	MarkTold(ctx context.Context, key string) error
	MarkAbandoned(ctx context.Context, key string) (ended bool, err error)
	MarkChecked(ctx context.Context, key string) error
	RecordRound(ctx context.Context, account string) error
}

// RequestReader reads what a request needs and no workflow may hold.
type RequestReader interface {
	ReadContacts(ctx context.Context, orderNumber string, accountID, item int, refs ...ContactRef) ([]domains.Contact, map[string]string, error)
	TransferKey(ctx context.Context, orderNumber string, item int) (domains.Secret, error)
}

// Secrets keeps the secrets that we make.
type Secrets interface {
	KeepSecret(ctx context.Context, reference string, secret domains.Secret) (domains.Secret, error)
	Secret(ctx context.Context, reference string) (domains.Secret, error)
}

// Notifier tells a workflow of a confirmation. ended says that there is no such
// workflow any more.
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
	// Inbox takes the news of a registrar that keeps a queue; nil leaves it there.
	Inbox Inbox
	// Settle is how long after a request was permitted to leave the registrar may still
	// be working on it. Before that, finding nothing proves nothing.
	Settle time.Duration
	// GiveUp is after how long of unclear looks a person is asked.
	GiveUp time.Duration
	// WorkflowID names the workflow of the running activity, and TriedFor says for how
	// long it has been tried, by Temporal's clock.
	WorkflowID func(ctx context.Context) string
	TriedFor   func(ctx context.Context) time.Duration
	Log        *slog.Logger
}

// DefaultGiveUp is GiveUp where nothing else is said.
const DefaultGiveUp = 24 * time.Hour

// SubmitRequest hands a request to the registrar, such as step 6. The ledger stands
// around the call: the intention is written first, and a try that finds an earlier
// one looks before it does anything. Blind resubmission does not exist.
func (r *Registrar) SubmitRequest(ctx context.Context, in SubmitRequestInput) (RequestState, error) {
	state, err := r.submitRequest(ctx, in)
	if err != nil {
		return RequestState{}, err
	}
	return r.withExpiry(ctx, state, in.Kind, in.Domain)
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
	row, err := r.open(ctx, decided, in.Reopenings)
	if err != nil {
		return RequestState{}, fail(err)
	}
	decided.request.Claim = r.claim(row)
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

// held is what follows when a check refuses a request before it is made.
func (r *Registrar) held(ctx context.Context, cause error) error {
	if r.lasting(ctx, cause) {
		return r.gaveUp(cause)
	}
	return fail(cause)
}

// refused records what an error of the request means for the ledger: a permanent
// refusal closes the row, so that only a person opens it again. An unknown
// outcome leaves it open for a look, and a passing error for the next try.
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

// lasting reports a refusal whose reason should have passed, of a step that has been tried
// for longer than GiveUp: such as for name servers that never serve the zone. A registrar
// that does not answer is no refusal: it is waited for, however long it is down.
func (r *Registrar) lasting(ctx context.Context, cause error) bool {
	e, ok := errors.AsType[*registrars.Error](cause)
	return ok && e.Refused && BehaviourOf(e.Class).Retry && r.TriedFor(ctx) > r.GiveUp
}

// learn writes what an operation's state is into the ledger.
func (r *Registrar) learn(ctx context.Context, row store.LedgerRow, operation registrars.Operation, note string) (store.LedgerRow, error) {
	return r.learnAs(ctx, row, operation, note, 0)
}

// learnAs is learn for a try that a person may have asked for.
func (r *Registrar) learnAs(
	ctx context.Context, row store.LedgerRow, operation registrars.Operation, note string, reopenings int,
) (store.LedgerRow, error) {
	return r.Ledger.Learn(context.WithoutCancel(ctx), row.Key, store.LedgerChange{
		State: ledgerState(operation.Status), Reference: operation.Reference, Word: operation.Word,
		Note: note, Told: true, Reopened: reopenings, Submission: row.Submissions,
	})
}

// ConfirmRequest asks the registrar how a request stands, such as step 10, unless
// the watch has just read there that it is done.
func (r *Registrar) ConfirmRequest(ctx context.Context, in ConfirmRequestInput) (RequestState, error) {
	row, err := r.Ledger.LedgerRow(ctx, in.Key)
	if err != nil {
		return RequestState{}, fail(err)
	}
	// A failure is asked for even when the ledger has it: the reason stands at the
	// registrar only, and its support may have restarted the operation.
	name, err := domains.ParseName(row.Domain)
	if err != nil {
		return RequestState{}, fail(err)
	}
	kind := registrars.Kind(row.Kind)
	if row.State == store.Done {
		return r.withExpiry(ctx, requestState(row, "", ""), kind, name)
	}
	request, err := underGuard(registrars.Request{Key: row.Key, Kind: kind, Domain: name}, row)
	if err != nil {
		return RequestState{}, fail(err)
	}
	operation, found, err := r.ask(ctx, row, request)
	if err != nil {
		return RequestState{}, fail(err)
	}
	if !found {
		return requestState(row, "", ""), nil
	}
	row, err = r.learn(ctx, row, operation, "asked after a confirmation")
	if err != nil {
		return RequestState{}, fail(err)
	}
	return r.withExpiry(ctx, requestState(row, operation.Reason, ""), kind, name)
}

// withExpiry adds the registrar's own date to a transfer that is done: the domain keeps what
// it had left at the registrar that loses it, so nobody else can say when it expires.
func (r *Registrar) withExpiry(ctx context.Context, state RequestState, kind registrars.Kind, name domains.Name) (RequestState, error) {
	if kind != registrars.Transfer || state.Status != registrars.StatusDone {
		return state, nil
	}
	domain, err := r.Registrar.ReadDomain(ctx, name)
	if err != nil && r.Registrar.Describe().Reads == registrars.ReadsOutside {
		return state, nil
	}
	if err != nil {
		// The transfer stays done in the ledger; the next try only reads.
		return RequestState{}, fail(err)
	}
	state.Expires = domain.Expires
	return state, nil
}

// ask reads the operation of a row by its reference, or by what it is about when
// the registrar gave none.
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

func requestState(row store.LedgerRow, reason, owner string) RequestState {
	if row.State != store.Failed && row.State != store.Cancelled {
		// Only a failure needs its reason, and a success may tell a new auth code.
		reason = ""
	}
	return RequestState{
		Key: row.Key, Reference: row.Reference, Status: status(row.State), Word: row.Word,
		Reason: reason, OwnerHandle: owner, Reopened: row.Reopened,
	}
}

// ledgerState and status translate between the registrar's answer and the row.
// An answer with an unknown word is a request that was taken.
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
