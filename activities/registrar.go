package activities

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/messages"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

// Ledger is what the registrar's activities need of the store.
type Ledger interface {
	Intend(ctx context.Context, intention store.Intention) (operation store.Operation, created bool, err error)
	Learn(ctx context.Context, key string, change store.OperationChange) (store.Operation, error)
	BeginAgain(ctx context.Context, seen store.Operation, reopened int, note string) (store.Operation, error)
	Operation(ctx context.Context, key string) (store.Operation, error)
	OpenOperations(ctx context.Context, account string) ([]store.Operation, error)
	MarkTold(ctx context.Context, key string) error
	Contact(ctx context.Context, account, ownerKey, digest string) (string, error)
	KeepContact(ctx context.Context, account, ownerKey, digest, handle string) error
}

// ContactReader reads the data of a contact.
type ContactReader interface {
	ReadContact(ctx context.Context, orderNumber string, accountID, item int, ref ContactRef) (domains.Contact, map[string]string, error)
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
	Contacts  ContactReader
	Notifier  Notifier
	// Settle is how long after a request of unknown outcome the registrar may
	// still be working on it. Before that, finding nothing proves nothing.
	Settle time.Duration
	// GiveUp is after how long of unclear looks a person is asked.
	GiveUp time.Duration
	// WorkflowID names the workflow of the running activity, and ScheduledAt says
	// when its first try was due.
	WorkflowID  func(ctx context.Context) string
	ScheduledAt func(ctx context.Context) time.Time
	Now         func() time.Time
	Log         *slog.Logger
}

// DefaultGiveUp is GiveUp where nothing else is said.
const DefaultGiveUp = 24 * time.Hour

// SubmitRegistration is step 6. The ledger stands around the paid call: the
// intention is written first, and a try that finds an earlier one looks before
// it does anything. Blind resubmission does not exist.
func (r *Registrar) SubmitRegistration(ctx context.Context, in SubmitRegistrationInput) (Registration, error) {
	request, err := r.request(ctx, in)
	if err != nil {
		return Registration{}, fail(err)
	}
	owner := request.Contacts[registrars.Owner].Handle
	row, err := r.Ledger.Operation(ctx, request.Key)
	open := r.intend(in.Reopenings)
	switch {
	case errors.Is(err, store.ErrNotFound):
	case err != nil:
		return Registration{}, fail(err)
	default:
		row, open, err = r.resume(ctx, row, request, in.Reopenings)
		if err != nil {
			return Registration{}, err
		}
	}
	if open == nil {
		return registration(row, "", owner), nil
	}
	if err := r.Registrar.Check(ctx, request); err != nil {
		return Registration{}, fail(err)
	}
	row, err = open(ctx, request)
	if err != nil {
		return Registration{}, fail(err)
	}
	operation, err := r.submit(ctx, request)
	if err != nil {
		return Registration{}, r.refused(ctx, row, err)
	}
	row, err = r.learn(ctx, row, operation, "answer to the request")
	if err != nil {
		return Registration{}, fail(err)
	}
	return registration(row, operation.Reason, owner), nil
}

// submit makes the paid call. It is not cut short when the order is cancelled:
// what it did must be known and recorded. But it ends before Settle can have
// passed, and before Temporal gives the attempt up.
func (r *Registrar) submit(ctx context.Context, request registrars.Request) (registrars.Operation, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), longestSubmit)
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

// longestSubmit is shorter than the time-out of the activity (5 min), and than the
// Settle that the configuration gives by default (5 min).
const longestSubmit = 4 * time.Minute

// opening writes down that a request is about to be submitted.
type opening func(ctx context.Context, request registrars.Request) (store.Operation, error)

// intend opens a new row.
func (r *Registrar) intend(reopenings int) opening {
	return func(ctx context.Context, request registrars.Request) (store.Operation, error) {
		row, created, err := r.Ledger.Intend(ctx, store.Intention{
			Key: request.Key, Account: r.Account, Kind: string(request.Kind),
			Domain: request.Domain.String(), WorkflowID: r.WorkflowID(ctx), Reopened: reopenings,
		})
		if err == nil && !created {
			return row, store.ErrMovedOn
		}
		return row, err
	}
}

// beginAgain opens the row that an earlier try left, as it was seen.
func (r *Registrar) beginAgain(seen store.Operation, reopenings int, note string) opening {
	return func(ctx context.Context, _ registrars.Request) (store.Operation, error) {
		return r.Ledger.BeginAgain(ctx, seen, reopenings, note)
	}
}

// RegistrationKey is the ledger's key of an order's registration.
func RegistrationKey(orderNumber string, item int) string {
	return fmt.Sprintf("%s/%d/registration", orderNumber, item)
}

// request fills the request, with the contacts made at the registrar where it
// keeps them.
func (r *Registrar) request(ctx context.Context, in SubmitRegistrationInput) (registrars.Request, error) {
	request := registrars.Request{
		Key: RegistrationKey(in.OrderNumber, in.Item), Kind: registrars.Registration,
		Domain: in.Domain, TLD: in.TLD, Years: in.Years, NameServers: in.NameServers,
	}
	contacts, err := r.contacts(ctx, in)
	request.Contacts = contacts
	return request, err
}

// resume decides what to do with a row that an earlier try left. A nil opening
// means that the row says all; otherwise it is opened for one more submission.
func (r *Registrar) resume(
	ctx context.Context, row store.Operation, request registrars.Request, reopenings int,
) (store.Operation, opening, error) {
	switch row.State {
	case store.Failed, store.Cancelled:
		if row.Reopened >= reopenings {
			return row, nil, nil
		}
		return r.reopen(ctx, row, request, reopenings)
	case store.Intended, store.Unknown:
		return r.look(ctx, row, request, reopenings)
	default:
		// It stands as the row says. A person who asked anew meanwhile has been
		// answered by that, and must not be taken to have asked after a later failure.
		row, err := r.Ledger.Learn(ctx, row.Key, store.OperationChange{State: row.State, Reopened: reopenings})
		return row, nil, fail(err)
	}
}

// reopen opens a failed or cancelled row for the submission that a person asked
// for. The registrar's support may have restarted the operation meanwhile, so it
// is asked for first: a second one would be paid for, or be refused because of
// the first.
func (r *Registrar) reopen(
	ctx context.Context, row store.Operation, request registrars.Request, reopenings int,
) (store.Operation, opening, error) {
	operation, found, err := r.ask(ctx, row, request)
	if err != nil {
		return row, nil, fail(err)
	}
	if found && (operation.Status == registrars.StatusDone || operation.Status == registrars.StatusPending) {
		row, err = r.learnAs(ctx, row, operation, "restarted at the registrar", reopenings)
		return row, nil, fail(err)
	}
	return row, r.beginAgain(row, reopenings, "asked anew by a person"), nil
}

// look finds out what an earlier request left at the registrar.
func (r *Registrar) look(
	ctx context.Context, row store.Operation, request registrars.Request, reopenings int,
) (store.Operation, opening, error) {
	finding, err := r.Registrar.Find(ctx, request)
	if err != nil {
		return row, nil, fail(err)
	}
	age := r.Now().Sub(row.IntendedAt)
	switch finding.State {
	case registrars.FoundOperation, registrars.FoundObject:
		row, err = r.learnAs(ctx, row, finding.Operation, "found by looking", reopenings)
		return row, nil, fail(err)
	case registrars.FoundNothing:
		if age < r.Settle {
			return row, nil, again(registrars.ClassOutcomeUnknown, r.Settle-age,
				"activities: %s has nothing of the request yet; looking again once it must have arrived", r.Account)
		}
		return row, r.beginAgain(row, reopenings, "looked: the registrar has nothing of it"), nil
	default:
		if age > r.GiveUp {
			return row, nil, refuse(registrars.ClassOutcomeUnknown,
				"activities: %s cannot say whether it took the request of %s; find out there, then retry",
				r.Account, row.IntendedAt.Format(time.RFC3339))
		}
		return row, nil, again(registrars.ClassOutcomeUnknown, r.Settle,
			"activities: %s cannot say yet whether it took the request", r.Account)
	}
}

// refused records what an error of the request means for the ledger: a permanent
// refusal closes the row, so that only a person opens it again. An unknown
// outcome and a passing error leave it open for a look.
func (r *Registrar) refused(ctx context.Context, row store.Operation, cause error) error {
	class := registrars.ClassOf(cause)
	change := store.OperationChange{State: store.Failed, Note: string(class), Told: true, Submission: row.Submissions}
	switch {
	case class == registrars.ClassOutcomeUnknown:
		change.State = store.Unknown
	case BehaviourOf(class).Retry && !r.tooLong(ctx):
		return fail(cause)
	}
	if _, err := r.Ledger.Learn(context.WithoutCancel(ctx), row.Key, change); err != nil {
		return fail(errors.Join(cause, err))
	}
	if class == registrars.ClassOutcomeUnknown {
		return again(class, r.Settle, "%s", cause)
	}
	if BehaviourOf(class).Retry {
		return refuse(registrars.ClassRejected,
			"activities: %s has refused the request for %s, each time for a reason that should pass: %s", r.Account, r.GiveUp, cause)
	}
	return fail(cause)
}

// tooLong reports whether this step has been tried for longer than GiveUp. A
// registrar that refuses a request for so long, such as for name servers that
// never serve the zone, will not be talked round.
func (r *Registrar) tooLong(ctx context.Context) bool {
	since := r.ScheduledAt(ctx)
	return !since.IsZero() && r.Now().Sub(since) > r.GiveUp
}

// learn writes what an operation's state is into the ledger.
func (r *Registrar) learn(ctx context.Context, row store.Operation, operation registrars.Operation, note string) (store.Operation, error) {
	return r.learnAs(ctx, row, operation, note, 0)
}

// learnAs is learn for a try that a person may have asked for.
func (r *Registrar) learnAs(
	ctx context.Context, row store.Operation, operation registrars.Operation, note string, reopenings int,
) (store.Operation, error) {
	return r.Ledger.Learn(context.WithoutCancel(ctx), row.Key, store.OperationChange{
		State: ledgerState(operation.Status), Reference: operation.Reference, Word: operation.Word,
		Note: note, Told: true, Reopened: reopenings, Submission: row.Submissions,
	})
}

// ConfirmRegistration is step 10: it asks the registrar how the registration
// stands, unless the watch has just read there that it is done.
func (r *Registrar) ConfirmRegistration(ctx context.Context, in ConfirmRegistrationInput) (Registration, error) {
	row, err := r.Ledger.Operation(ctx, in.Key)
	if err != nil {
		return Registration{}, fail(err)
	}
	// A failure is asked for even when the ledger has it: the reason stands at the
	// registrar only, and its support may have restarted the operation.
	if row.State == store.Done {
		return registration(row, "", ""), nil
	}
	name, err := domains.ParseName(row.Domain)
	if err != nil {
		return Registration{}, fail(err)
	}
	operation, found, err := r.ask(ctx, row, registrars.Request{Key: row.Key, Kind: registrars.Kind(row.Kind), Domain: name})
	if err != nil {
		return Registration{}, fail(err)
	}
	if !found {
		return registration(row, "", ""), nil
	}
	row, err = r.learn(ctx, row, operation, "asked after a confirmation")
	if err != nil {
		return Registration{}, fail(err)
	}
	return registration(row, operation.Reason, ""), nil
}

// ask reads the operation of a row by its reference, or by what it is about when
// the registrar gave none.
func (r *Registrar) ask(
	ctx context.Context, row store.Operation, request registrars.Request,
) (operation registrars.Operation, found bool, err error) {
	if row.Reference != "" {
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

// VerifyDomain reads the domain back and reports what differs from the order.
func (r *Registrar) VerifyDomain(ctx context.Context, in VerifyDomainInput) (VerifyDomainResult, error) {
	domain, err := r.Registrar.ReadDomain(ctx, in.Domain)
	if err != nil {
		return VerifyDomainResult{}, fail(err)
	}
	result := VerifyDomainResult{Expires: domain.Expires}
	differ := func(format string, args ...any) {
		result.Differences = append(result.Differences, fmt.Sprintf(format, args...))
	}
	if !domain.Active {
		differ("the registrar has it in status %q", domain.Word)
	}
	if !domain.NameServers.Same(in.NameServers) {
		differ("name servers at the registrar: %v, ordered: %v", []string(domain.NameServers), []string(in.NameServers))
	}
	if owner := domain.Handles[registrars.Owner]; in.OwnerHandle != "" && owner != in.OwnerHandle {
		differ("holder at the registrar: contact %s, ordered: contact %s", owner, in.OwnerHandle)
	}
	if !domain.Expires.IsZero() && domain.Expires.Sub(in.Expires).Abs() > expiryTolerance {
		differ("expires at the registrar on %s, ordered: %s",
			domain.Expires.Format(time.DateOnly), in.Expires.Format(time.DateOnly))
	}
	return result, nil
}

// expiryTolerance covers time zones, and a registry that counts from the day it
// took the request while we count from the confirmation.
const expiryTolerance = 10 * 24 * time.Hour

func registration(row store.Operation, reason, owner string) Registration {
	return Registration{
		Key: row.Key, Reference: row.Reference, Status: status(row.State), Word: row.Word,
		Reason: reason, OwnerHandle: owner, Reopened: row.Reopened,
	}
}

// ledgerState and status translate between the registrar's answer and the row.
// An answer with an unknown word is a request that was taken.
func ledgerState(s registrars.Status) store.OperationState {
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

func status(s store.OperationState) registrars.Status {
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
