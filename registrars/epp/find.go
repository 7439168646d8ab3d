package epp

import (
	"context"
	"strings"

	"domainprovisioning/registrars"
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
	case err == nil && request.Kind == registrars.Transfer && domain.raw.Has(objects.PendingTransfer) && !e.ours(domain):
		return e.findTransfer(ctx, request)
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

// ours reports whether the registry says that the domain is ours.
func (e *EPP) ours(domain held) bool {
	return strings.EqualFold(domain.raw.Sponsor, e.settings.RegistrarID)
}

func (e *EPP) found(s service, request registrars.Request, state registrars.FindingState, word string) registrars.Finding {
	switch state {
	case registrars.FoundObject:
		return request.Found(word)
	case registrars.FoundOperation:
		return registrars.Finding{State: state, Operation: registrars.Operation{
			Reference: reference{kind: request.Kind, sign: s.sign(e, request), domain: request.Domain}.String(),
			Kind:      request.Kind, Domain: request.Domain, Status: registrars.StatusPending, Word: word,
		}}
	}
	return registrars.Finding{State: state}
}

// findTransfer looks for the transfer of a domain that is not here.
func (e *EPP) findTransfer(ctx context.Context, request registrars.Request) (registrars.Finding, error) {
	s, _ := serviceFor(request.Kind)
	moved, err := e.queryTransfer(ctx, request.Domain.String())
	switch {
	case hasCode(err, objects.NotInTransfer, objects.NotThere, objects.NotAllowed):
		// Neither here nor on its way here. Who asks for a transfer of another is refused too.
		return registrars.Finding{State: registrars.FoundNothing}, nil
	case err != nil:
		return registrars.Finding{}, err
	case !strings.EqualFold(moved.Requester, e.settings.RegistrarID):
		return registrars.Finding{State: registrars.FoundNothing}, nil
	}
	switch transferStatus(moved.Status) {
	case registrars.StatusPending:
		return e.found(s, request, registrars.FoundOperation, plain(moved.Status)), nil
	case registrars.StatusFailed, registrars.StatusCancelled:
		return registrars.Finding{State: registrars.FoundNothing}, nil
	}
	// It ended well, and the domain is not here: it may have left again.
	return registrars.Finding{State: registrars.Unclear}, nil
}

func (e *EPP) queryTransfer(ctx context.Context, name string) (objects.Transfer, error) {
	command := objects.TransferDomain{Name: name, Op: objects.TransferQuery}
	answer, err := e.ask(ctx, command)
	if err != nil {
		return objects.Transfer{}, err
	}
	if answer.Transfer == nil || !strings.EqualFold(answer.Transfer.Domain, name) {
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
	domain, err := e.read(ctx, named.domain)
	if err == nil && named.kind == registrars.Restore && domain.raw.In(objects.PendingRestore) {
		domain, err = e.sendReport(ctx, domain)
	}
	switch {
	case err == nil:
		operation.Status, operation.Word = statusOf(s.judge(domain, named.sign)), domain.Word
		return operation, nil
	case registrars.ClassOf(err) != registrars.ClassNotFound:
		return operation, err
	}
	gone := hasCode(err, objects.NotThere)
	switch {
	case named.kind == registrars.Transfer:
		return e.transferred(ctx, operation)
	case named.kind == registrars.Registration && gone:
		operation.Status, operation.Word = registrars.StatusFailed, "refused: it does not exist"
	case named.kind == registrars.Registration:
		operation.Status, operation.Word = registrars.StatusFailed, "refused: another registrar has it"
	case named.kind == registrars.Deletion && gone:
		operation.Status, operation.Word = registrars.StatusDone, "gone"
	default:
		operation.Status, operation.Word = registrars.StatusUnknown, "not in this account"
	}
	return operation, nil
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

// transferred reads how a transfer stands whose domain is not here.
func (e *EPP) transferred(ctx context.Context, operation registrars.Operation) (registrars.Operation, error) {
	moved, err := e.queryTransfer(ctx, operation.Domain.String())
	switch {
	case hasCode(err, objects.NotInTransfer, objects.NotThere, objects.NotAllowed):
		operation.Status, operation.Word = registrars.StatusFailed, "refused: no transfer is under way, and the domain is not here"
		return operation, nil
	case err != nil:
		return operation, err
	}
	operation.Status, operation.Word = transferStatus(moved.Status), plain(moved.Status)
	switch {
	case !strings.EqualFold(moved.Requester, e.settings.RegistrarID):
		operation.Status = registrars.StatusFailed // a later one, of another registrar
	case operation.Status == registrars.StatusDone:
		operation.Status = registrars.StatusUnknown // approved, and the domain is not here
	}
	return operation, nil
}

// sendReport sends the report of a restore and reads the domain again.
func (e *EPP) sendReport(ctx context.Context, domain held) (held, error) {
	report := e.report(domain.raw)
	if _, err := e.ask(ctx, objects.UpdateDomain{Name: domain.Name.String(), Restore: &report}); err != nil {
		// Whatever became of it, it may be repeated.
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
