package epp

import (
	"context"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/epp/internal"
	"domainprovisioning/registrars/epp/internal/objects"
)

// Submit implements registrars.Registrar. The contacts must have handles. What the command needs
// is read and made first (the domain, hosts, the price); the command itself is sent once.
func (e *EPP) Submit(ctx context.Context, request registrars.Request) (registrars.Operation, error) {
	if err := e.checkRequest(request); err != nil {
		return registrars.Operation{}, err
	}
	if err := e.checkComplete(request); err != nil {
		return registrars.Operation{}, err
	}
	s, _ := serviceFor(request.Kind)
	command, err := s.compose(e, ctx, request)
	if err != nil {
		return registrars.Operation{}, err
	}
	done := registrars.Operation{Kind: request.Kind, Domain: request.Domain, Status: registrars.StatusDone, Word: "done"}
	if command == nil {
		done.Word = "as requested before"
		return done, nil
	}
	if command, err = e.priced(ctx, s, request, command); err != nil {
		return registrars.Operation{}, err
	}
	answer, err := e.do(ctx, objects.Transaction{Command: command, ID: transactionID(request), Claim: request.Claim},
		request.AuthCode.Reveal(), request.NewAuthCode.Reveal())
	if err != nil {
		return registrars.Operation{}, e.refusal(ctx, s, request, answer, err)
	}
	e.paid(s, request, answer)
	return e.accepted(ctx, s, request, command, answer)
}

// accepted interprets the answer to a command that was accepted.
func (e *EPP) accepted(
	ctx context.Context, s service, request registrars.Request, command objects.Command, answer objects.Answer,
) (registrars.Operation, error) {
	name := objects.CallOf(command)
	made, moved := answer.Created, answer.Transfer
	if made != nil && made.Name != "" && !isName(made.Name, request.Domain) || moved != nil && moved.Domain != "" && !isName(moved.Domain, request.Domain) {
		return registrars.Operation{}, errs.UnknownOutcome(name, "the answer is about another domain")
	}
	operation := registrars.Operation{
		Reference: reference{request.Kind, s.sign(e, request), e.now(), request.Domain, answer.Transaction}.String(), Kind: request.Kind,
		Domain: request.Domain, Status: registrars.StatusDone, Word: "done",
	}
	switch code := answer.Code(); {
	case code == objects.Pending:
		operation.Status, operation.Word = registrars.StatusPending, "pending"
	case code != objects.Done:
		return registrars.Operation{}, errs.UnknownOutcome(name, "the answer is that to another command")
	}
	switch request.Kind {
	case registrars.Transfer:
		return e.moving(ctx, operation, answer), nil
	case registrars.Restore:
		return e.reported(ctx, operation, answer), nil
	case registrars.Deletion:
		if operation.Status == registrars.StatusPending {
			// A deleted domain stays for its grace periods, and no message says that they began.
			return e.looked(ctx, operation), nil
		}
	}
	return operation, nil
}

// moving reads how a transfer stands: 1000 may come with one that is pending.
func (e *EPP) moving(ctx context.Context, operation registrars.Operation, answer objects.Answer) registrars.Operation {
	if answer.Transfer == nil {
		operation.Status = registrars.StatusPending // unless the domain is here already
		return e.looked(ctx, operation)
	}
	status := transferStatus(answer.Transfer.Status)
	operation.Word = plain(answer.Transfer.Status)
	switch {
	case operation.Status == registrars.StatusDone:
		operation.Status = status
	case status.Final():
		operation.Status = registrars.StatusPending // 1001: the message shows how it ends
	}
	return operation
}

// transferStatus is the status of a transfer; unknown for a word that RFC 5730 does not have.
func transferStatus(word string) registrars.Status {
	switch word {
	case objects.TransferPending:
		return registrars.StatusPending
	case objects.TransferClientApproved, objects.TransferServerApproved:
		return registrars.StatusDone
	case objects.TransferClientRejected:
		return registrars.StatusFailed
	case objects.TransferClientCancelled, objects.TransferServerCancelled:
		return registrars.StatusCancelled
	}
	return registrars.StatusUnknown
}

func plain(word string) string {
	if plainWord.MatchString(word) {
		return word
	}
	return ""
}

// looked is the operation as the domain shows it now. If it cannot be read, it is what it was.
func (e *EPP) looked(ctx context.Context, operation registrars.Operation) registrars.Operation {
	if now, err := e.Operation(ctx, operation.Reference); err == nil && now.Status == registrars.StatusDone {
		return now
	}
	return operation
}

// reported sends the report of a restore whose request was accepted. A report that does not
// arrive is sent again when the operation is asked for.
func (e *EPP) reported(ctx context.Context, operation registrars.Operation, answer objects.Answer) registrars.Operation {
	domain := objects.Domain{Grace: answer.Grace}
	if operation.Status == registrars.StatusDone && len(answer.Grace) > 0 && !leaving(domain) {
		return operation
	}
	operation.Status, operation.Word = registrars.StatusPending, objects.PendingRestore
	return e.looked(ctx, operation)
}

// refusal looks again where a refusal may come of an earlier try: the name exists, the transfer
// is under way, the date is not the one before the renewal any more.
func (e *EPP) refusal(ctx context.Context, s service, request registrars.Request, answer objects.Answer, err error) error {
	refused, ok := registrars.AsError(err)
	if !ok || len(answer.Results) == 0 || !answer.Code().Certain() {
		return err
	}
	code := answer.Code()
	switch code {
	case objects.Missing, objects.OutOfRange, objects.AgainstPolicy:
		e.forget(request) // it may be the price
	case objects.NotThere:
		e.unknow(request.NameServers)
	case objects.NotLoggedIn:
		if request.Kind == registrars.Transfer { // in two sessions: some registries mean the auth code
			refused.Class, refused.Field = registrars.ClassInvalid, "authCode"
		}
	}
	if refused.Field == "price" {
		refused.Class, refused.Refused, refused.Field, refused.Rule = registrars.ClassTemporary, true, "", "it costs what was not quoted"
		return err
	}
	if !mayHide(s.kind, code) {
		return err
	}
	if code == objects.WrongAuthInfo {
		request.AuthCode = domains.Secret{} // the registry may count those that are wrong
	}
	finding, lookErr := e.Find(context.WithoutCancel(ctx), request)
	done := finding.State == registrars.FoundObject && (s.kind.HasPrice() || s.kind == registrars.Deletion)
	switch {
	case code == objects.Prohibited && finding.State == registrars.FoundOperation && s.updates():
		// An update is under way. This one was refused, so it is another.
		refused.Class, refused.Refused, refused.After, refused.Rule = registrars.ClassTemporary, true, internal.BusyWait, "another change of the domain is under way"
	case lookErr != nil || done || finding.State == registrars.FoundOperation || finding.State == registrars.Unclear && s.kind.HasPrice() && suggests(code):
		// An earlier try may have been accepted: it is found by looking.
		refused.Class, refused.Refused, refused.Err = registrars.ClassOutcomeUnknown, false, lookErr
	case code == objects.Exists && s.kind == registrars.Registration:
		if _, infoErr := e.info(context.WithoutCancel(ctx), request.Domain); hasCode(infoErr, objects.NotThere) {
			// It exists, and it does not: what was created may not show yet.
			refused.Class, refused.Rule = registrars.ClassOutcomeUnknown, "the registry says that it exists, and that it does not"
			return err
		}
		refused.Field, refused.Rule = "domain", "not available"
	}
	return err
}

// updates reports whether requests of the kind are updates of the domain.
func (s service) updates() bool {
	switch s.kind {
	case registrars.Registration, registrars.Transfer, registrars.Renewal, registrars.Restore, registrars.Deletion:
		return false
	}
	return true
}

// mayHide reports whether a refusal may come of an earlier try of the request that was accepted.
func mayHide(kind registrars.Kind, code objects.Code) bool {
	switch kind {
	case registrars.Transfer, registrars.Deletion:
		return true // the domain is here, or gone, and the registry says so in many ways
	}
	return suggests(code)
}

// suggests reports whether a code by itself says that something may be there already. Any other
// counts only where the look shows it: a wrong auth code is one, wherever others' domains are hidden.
func suggests(code objects.Code) bool {
	switch code {
	case objects.Exists, objects.InTransfer, objects.Prohibited, objects.AgainstPolicy, objects.OutOfRange, objects.WrongForm,
		objects.NotRenewable, objects.NotTransferable:
		return true
	}
	return false
}

// checkComplete checks for what may be missing at intake, but not here.
func (e *EPP) checkComplete(request registrars.Request) error {
	if broken := request.Incomplete(); broken != nil {
		return broken.In(pluginName, "check")
	}
	return e.checkHandles(request)
}

// checkHandles requires a handle in every role that the registry has.
func (e *EPP) checkHandles(request registrars.Request) error {
	if request.Kind == registrars.Transfer {
		return nil // it takes no contacts
	}
	for _, role := range request.Kind.Roles() {
		handle := request.Contacts[role].Handle
		needed := e.hasRole(role) && request.Kind != registrars.ContactChange
		if needed && handle == "" || handle != "" && !plainHandle.MatchString(handle) {
			return errs.Invalid("check", string(role), "a contact handle of 3 to 16 characters")
		}
	}
	return nil
}
