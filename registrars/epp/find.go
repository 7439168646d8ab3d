package epp

import (
	"context"
	"strings"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/epp/internal"
	"domainprovisioning/registrars/epp/internal/objects"
)

// Find implements registrars.Registrar, by info, and for a domain that is not here by a query of
// the transfer.
func (e *EPP) Find(ctx context.Context, request registrars.Request) (registrars.Finding, error) {
	if err := e.checkFind(request); err != nil {
		return registrars.Finding{}, err
	}
	s, _ := serviceFor(request.Kind)
	domain, err := e.read(ctx, request.Domain)
	switch {
	case err == nil:
		return e.found(s, request, s.judge(domain, s.sign(e, request)), domain.Word), nil
	case registrars.ClassOf(err) != registrars.ClassNotFound:
		return registrars.Finding{}, err
	case request.Kind == registrars.Transfer:
		return e.findTransfer(ctx, request)
	case request.Kind == registrars.Registration:
		return registrars.Finding{State: registrars.FoundNothing}, nil
	case request.Kind == registrars.Deletion && hasCode(err, objects.NotThere):
		return request.Found("gone"), nil
	}
	// The domain was here when the request was made: this needs a person.
	return registrars.Finding{State: registrars.Unclear}, nil
}

func (e *EPP) found(s service, request registrars.Request, state registrars.FindingState, word string) registrars.Finding {
	switch state {
	case registrars.FoundObject:
		return request.Found(word)
	case registrars.FoundOperation:
		return registrars.Finding{State: state, Operation: registrars.Operation{
			Reference: reference{kind: request.Kind, sign: s.sign(e, request), at: e.now(), domain: request.Domain}.String(),
			Kind:      request.Kind, Domain: request.Domain, Status: registrars.StatusPending, Word: word,
		}}
	}
	return registrars.Finding{State: state}
}

// findTransfer looks for the transfer of a domain that is not here.
func (e *EPP) findTransfer(ctx context.Context, request registrars.Request) (registrars.Finding, error) {
	s, _ := serviceFor(request.Kind)
	moved, err := e.queryTransfer(ctx, request.Domain.String(), request.AuthCode)
	if showsNoTransfer(err) {
		state, word, err := e.withoutTransfer(ctx, request.Domain, err)
		if state == registrars.FoundOperation {
			state = registrars.Unclear // it may be another's
		}
		return e.found(s, request, state, word), err
	}
	if err != nil {
		return registrars.Finding{}, err
	}
	if !e.isUs(moved.Requester) {
		return registrars.Finding{State: registrars.FoundNothing}, nil
	}
	switch status := transferStatus(moved.Status); {
	case status == registrars.StatusPending:
		return e.found(s, request, registrars.FoundOperation, plain(moved.Status)), nil
	case unsuccessful(status):
		return registrars.Finding{State: registrars.FoundNothing}, nil
	}
	// It ended well, and the domain is not here: it may have left again.
	return registrars.Finding{State: registrars.Unclear}, nil
}

// showsNoTransfer reports whether the error of a query says that the registry shows us no transfer:
// there is none, or it does not answer, or not without the auth code, which is for the server to decide
// (RFC 5731, section 3.1.3).
func showsNoTransfer(err error) bool {
	return hasNoTransfer(err) || hasCode(err, objects.NotAllowed, objects.WrongAuthInfo, objects.Missing, objects.NoCommand, objects.NoOption, objects.WrongOrder)
}

// hasNoTransfer reports whether the error of a query says that there is no transfer.
func hasNoTransfer(err error) bool { return hasCode(err, objects.NotInTransfer, objects.NotThere) }

// withoutTransfer reads a domain again whose transfer the registry does not show: it may have come
// between the two looks, and some registries show a transfer to its parties alone, or not once it
// has ended. Only a domain that is seen at another registrar, and on its way nowhere, was not
// transferred. Asked is the error of the query.
func (e *EPP) withoutTransfer(ctx context.Context, name domains.Name, asked error) (registrars.FindingState, string, error) {
	raw, err := e.info(ctx, name)
	switch {
	case hasCode(err, objects.NotThere):
		return registrars.FoundNothing, "it does not exist", nil
	case err != nil && registrars.ClassOf(err) == registrars.ClassNotFound:
		return registrars.Unclear, "the registry does not show it", nil
	case err != nil:
		return "", "", err
	case e.ours(raw):
		return registrars.FoundObject, words(raw), nil
	case raw.Has(objects.PendingTransfer):
		return registrars.FoundOperation, words(raw), nil
	case strange(raw):
		return registrars.Unclear, words(raw), nil
	case !hasNoTransfer(asked) && len(raw.Statuses) == 0:
		return registrars.Unclear, "the registry shows neither its transfer nor its status", nil
	case !hasNoTransfer(asked):
		return registrars.FoundNothing, "the registry shows no transfer, and the domain is not here", nil
	}
	return registrars.FoundNothing, "no transfer is under way, and the domain is not here", nil
}

// queryTransfer asks how the transfer of a domain stands, with its auth code if that is known.
func (e *EPP) queryTransfer(ctx context.Context, name string, authCode domains.Secret) (objects.Transfer, error) {
	command := objects.TransferDomain{Name: name, Op: objects.TransferQuery, AuthInfo: authCode}
	answer, err := e.ask(ctx, command, authCode.Reveal())
	if err != nil {
		return objects.Transfer{}, err
	}
	if answer.Transfer == nil || !strings.EqualFold(strings.TrimSuffix(answer.Transfer.Domain, "."), name) {
		return objects.Transfer{}, errs.NoAnswer(objects.CallOf(command), false, &objects.MalformedError{Why: "it is not about the transfer"})
	}
	return *answer.Transfer, nil
}

// checkFind checks that the request has what its verdict compares.
func (e *EPP) checkFind(request registrars.Request) error {
	const name = "find"
	if broken := request.Incomparable(); broken != nil {
		return broken.In(pluginName, name)
	}
	_, served := serviceFor(request.Kind)
	switch {
	case !served:
		return errs.Unserved(name)
	case request.Kind == registrars.OwnerChange || request.Kind == registrars.ContactChange:
		return e.checkHandles(request)
	}
	return e.checkSettings(request)
}

// Operation implements registrars.Registrar. A registry cannot be asked for a transaction, so it
// reads the domain that the reference names. A restore that waits for its report gets it: the
// report costs nothing and may be repeated.
func (e *EPP) Operation(ctx context.Context, text string) (registrars.Operation, error) {
	const call = "operation"
	named, ok := readReference(text)
	if !ok {
		return registrars.Operation{}, errs.Invalid(call, "reference", "none of this plug-in's")
	}
	operation := registrars.Operation{Reference: text, Kind: named.kind, Domain: named.domain}
	s, _ := serviceFor(named.kind)
	var v verdict
	domain, err := e.read(ctx, named.domain)
	if err == nil && named.kind == registrars.Restore && domain.raw.In(objects.PendingRestore) {
		domain, err = e.sendReport(ctx, named, domain)
	}
	switch {
	case err == nil:
		v = verdict{status: statusOf(s.judge(domain, named.sign)), word: domain.Word}
	case registrars.ClassOf(err) != registrars.ClassNotFound:
		return operation, err
	default:
		if v, err = e.away(ctx, named, hasCode(err, objects.NotThere)); err != nil {
			return operation, err
		}
	}
	operation.Status, operation.Word = e.certain(named, v), v.word
	return operation, nil
}

// verdict is how an operation stands. told says that the registry says so, and that it is not
// inferred from what the domain shows; guessed, that a failure is inferred from nothing but what it
// does not show.
type verdict struct {
	status        registrars.Status
	word          string
	told, guessed bool
}

// away is how an operation stands whose domain is not here; gone says that it does not exist.
func (e *EPP) away(ctx context.Context, named reference, gone bool) (verdict, error) {
	switch {
	case named.kind == registrars.Transfer:
		return e.transferred(ctx, named)
	case named.kind == registrars.Registration && gone:
		return verdict{status: registrars.StatusFailed, word: "it does not exist"}, nil
	case named.kind == registrars.Deletion && gone:
		return verdict{status: registrars.StatusDone, word: "gone"}, nil
	}
	// Of a registration too: it was accepted as ours, so epp.registrar_id may be wrong.
	return verdict{status: registrars.StatusUnknown, word: "the registry says that another registrar has it"}, nil
}

// certain holds back a failure that may be nothing but a registry that does not show yet what it
// has accepted. A message that calls the action refused makes it certain at once. A restore that
// was accepted, and paid for, is never taken for failed because of what the domain shows, nor is a
// transfer of which the registry tells nothing.
func (e *EPP) certain(named reference, v verdict) registrars.Status {
	unsure := v.status == registrars.StatusFailed || v.status == registrars.StatusUnknown && v.guessed
	if !unsure || v.told {
		return v.status
	}
	e.mu.Lock()
	refused := named.transaction != "" && e.refused[named.transaction]
	moved, ended := e.moved[named.domain.String()]
	e.mu.Unlock()
	switch {
	case refused:
		return registrars.StatusFailed
	case ended && named.kind == registrars.Transfer && !named.earlier(moved):
		return transferStatus(moved.Status)
	case v.status != registrars.StatusFailed:
		return v.status
	case !named.at.IsZero() && e.now().Sub(named.at) < internal.VisibleWithin:
		return registrars.StatusPending
	case named.kind == registrars.Restore, v.guessed:
		return registrars.StatusUnknown
	}
	return v.status
}

// statusOf is the status of an operation whose domain shows what became of it.
func statusOf(state registrars.FindingState) registrars.Status {
	switch state {
	case registrars.FoundObject:
		return registrars.StatusDone
	case registrars.FoundOperation:
		return registrars.StatusPending
	case registrars.FoundNothing:
		return registrars.StatusFailed
	}
	return registrars.StatusUnknown
}

// transferred is how a transfer stands whose domain is not here.
func (e *EPP) transferred(ctx context.Context, named reference) (verdict, error) {
	moved, err := e.queryTransfer(ctx, named.domain.String(), domains.Secret{})
	if showsNoTransfer(err) {
		state, word, lookErr := e.withoutTransfer(ctx, named.domain, err)
		return verdict{status: statusOf(state), word: word, guessed: !hasNoTransfer(err)}, lookErr
	}
	if err != nil {
		return verdict{}, err
	}
	status := transferStatus(moved.Status)
	switch {
	case named.earlier(moved) && status.Final():
		return verdict{status: registrars.StatusUnknown, word: "the registry shows an earlier transfer"}, nil
	case !e.isUs(moved.Requester):
		return verdict{status: registrars.StatusUnknown, word: "the registry shows a transfer of another registrar"}, nil
	case status == registrars.StatusDone:
		status = registrars.StatusUnknown // approved, and the domain is not here
	}
	return verdict{status: status, word: plain(moved.Status), told: true}, nil
}

// unsuccessful reports whether a transfer with the status has ended without the domain.
func unsuccessful(status registrars.Status) bool {
	return status == registrars.StatusFailed || status == registrars.StatusCancelled
}

// sendReport sends the report of a restore and reads the domain again. A report that the registry
// refuses needs a person; whatever else becomes of it, it may be repeated.
func (e *EPP) sendReport(ctx context.Context, named reference, domain held) (held, error) {
	report := e.report(domain.raw, deletedAt(named.sign), named.at)
	_, err := e.ask(ctx, objects.UpdateDomain{Name: domain.Name.String(), Restore: &report})
	refused, isError := registrars.AsError(err)
	switch {
	case isError && refused.Class != registrars.ClassOutcomeUnknown && refused.Class != registrars.ClassTemporary:
		refused.Rule = "the report of the restore is refused: " + refused.Rule
		return domain, err
	case err != nil:
		return domain, errs.NoAnswer("domain:restore/report", false, err)
	}
	return e.read(ctx, domain.Name)
}

// Cancel implements registrars.Canceller. A transfer alone can be withdrawn.
func (e *EPP) Cancel(ctx context.Context, text string) error {
	named, ok := readReference(text)
	if !ok {
		return errs.Invalid("cancel", "reference", "none of this plug-in's")
	}
	if named.kind != registrars.Transfer {
		return &registrars.Error{
			Registrar: pluginName, Call: "cancel", Class: registrars.ClassRejected, Rule: "the protocol withdraws transfers alone",
		}
	}
	_, err := e.ask(ctx, objects.TransferDomain{Name: named.domain.String(), Op: objects.TransferCancel})
	if refused, isError := registrars.AsError(err); isError && refused.Class == registrars.ClassInvalid {
		refused.Class = registrars.ClassRejected // there is nothing to withdraw
	}
	return err
}
