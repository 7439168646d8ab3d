package realtimeregister

import (
	"context"
	"regexp"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/realtimeregister/internal"
	"domainprovisioning/wire/exchange"
)

// Submit implements registrars.Registrar. The contacts must have handles. A request
// that may cost money is quoted first, and acknowledges the quote, unless that is more than
// it may cost; the request itself is sent once.
func (r *RealtimeRegister) Submit(ctx context.Context, request registrars.Request) (registrars.Operation, error) {
	if err := r.checkRequest(request); err != nil {
		return registrars.Operation{}, err
	}
	if err := checkComplete(request); err != nil {
		return registrars.Operation{}, err
	}
	s, _ := serviceFor(request.Kind)
	body, err := r.compose(ctx, s, request)
	if err != nil {
		return registrars.Operation{}, err
	}
	if s.paid {
		quote, err := r.quote(ctx, s, request, body)
		if err != nil {
			return registrars.Operation{}, err
		}
		if err := judge(s, request, quote, false); err != nil {
			return registrars.Operation{}, err
		}
		body = acknowledge(body, quote)
	}
	c := call{Call: internal.Call{Method: s.method, Path: s.url(request.Domain), Writes: true}, name: s.name}
	if body != nil {
		c.Body = body
	}
	answer, err := r.do(exchange.WithClaim(ctx, request.Claim), c)
	if err != nil {
		return registrars.Operation{}, r.refusal(ctx, s, request, err)
	}
	return r.operationOf(c, request, answer)
}

// operationOf interprets the answer to a change. The status decides; the body must not
// contradict it.
func (r *RealtimeRegister) operationOf(c call, request registrars.Request, answer internal.Answer) (registrars.Operation, error) {
	document, err := resultOf(answer, request.Kind)
	if err != nil {
		return registrars.Operation{}, r.failure(c, err)
	}
	if name, err := domains.ParseName(document.DomainName); document.DomainName != "" && (err != nil || name != request.Domain) {
		return registrars.Operation{}, errs.UnknownOutcome(c.name, "the answer is about another domain")
	}
	done, ok := internal.Finished(answer.Status)
	if !ok {
		return registrars.Operation{}, unknownStatus(c.name, answer.Status)
	}
	operation := registrars.Operation{
		Reference: answer.Process, Kind: request.Kind, Domain: request.Domain, Status: registrars.StatusDone, Word: "done",
	}
	if !done {
		operation.Status, operation.Word = registrars.StatusPending, "accepted"
	}
	if request.Kind == registrars.Transfer && document.Status != "" {
		fate := internal.FateOfTransfer(document.Status)
		operation.Word = plainWord(document.Status)
		switch {
		case done:
			operation.Status = statusOf(fate)
		case fate == internal.FateFailed || fate == internal.FateCancelled || fate == internal.FateDone:
			// 202 means that it is in progress: only its process shows the outcome.
			operation.Status = registrars.StatusPending
		}
	}
	if !operation.Status.Final() && operation.Reference == "" {
		return registrars.Operation{}, errs.UnknownOutcome(c.name, "it was accepted without the number of a process")
	}
	return operation, nil
}

// resultOf reads the body of a change, if there is one. The member status is a single
// word in a transfer, and the domain's list of statuses elsewhere.
func resultOf(answer internal.Answer, kind registrars.Kind) (result internal.Transfer, err error) {
	switch {
	case answer.Empty():
	case kind == registrars.Transfer:
		err = answer.Read(&result)
		if err == nil && (result.Odd["status"] || result.Odd["domainName"]) {
			err = &internal.MalformedError{Why: "a member has another type"}
		}
	default:
		var named struct {
			DomainName string `json:"domainName"`
		}
		err = answer.Read(&named)
		result.DomainName = named.DomainName
	}
	return result, err
}

var plainWords = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,39}$`)

// plainWord returns a word of the registrar that may be shown, or "" for anything
// else.
func plainWord(text string) string {
	if plainWords.MatchString(text) {
		return text
	}
	return ""
}

// refusal looks again if the meaning of an error is ambiguous.
func (r *RealtimeRegister) refusal(ctx context.Context, s service, request registrars.Request, err error) error {
	e, ok := registrars.AsError(err)
	if !ok {
		return err
	}
	switch e.Code {
	case typeAcknowledge:
		if s.paid {
			// The price has changed since it was quoted; nothing was done.
			e.Class, e.Refused, e.Rule = registrars.ClassTemporary, true, "it costs what was not quoted"
		}
	case typeExists, typeProcessError:
		return r.lookedAt(ctx, request, e)
	case typeBusy:
		r.explainStatus(ctx, request, e)
	}
	return err
}

// lookedAt distinguishes a refusal from the trace of an earlier request: the request
// was refused only if it is certain that nothing is there.
func (r *RealtimeRegister) lookedAt(ctx context.Context, request registrars.Request, e *registrars.Error) error {
	finding, err := r.Find(context.WithoutCancel(ctx), request)
	if err != nil || finding.State != registrars.FoundNothing {
		return e // the outcome is unknown
	}
	e.Class, e.Rule = registrars.ClassRejected, "the registrar could not carry it out"
	if e.Code == typeExists {
		e.Class, e.Field, e.Rule = registrars.ClassUnavailable, "domain", "not available"
	}
	return e
}

// explainStatus distinguishes a domain with a change in progress from one that is
// locked.
func (r *RealtimeRegister) explainStatus(ctx context.Context, request registrars.Request, e *registrars.Error) {
	domain, err := r.readState(ctx, request.Domain)
	switch {
	case err != nil:
	case internal.Busy(domain.raw.Status):
		e.Class, e.After, e.Refused, e.Rule = registrars.ClassTemporary, internal.BusyWait, true, "another change of the domain is under way"
	default:
		if words := internal.Forbidding(domain.raw.Status); words != "" {
			e.Rule += ": " + words
		}
	}
}

// checkComplete checks for the fields that may be missing at intake, but not here.
func checkComplete(request registrars.Request) error {
	if broken := request.Incomplete(); broken != nil {
		return broken.In(pluginName, "check")
	}
	return checkHandles(request)
}

// checkHandles requires the holder's handle; the top-level domain decides which other
// contacts are needed.
func checkHandles(request registrars.Request) error {
	for _, role := range request.Kind.Roles() {
		handle := request.Contacts[role].Handle
		if role == registrars.Owner && handle == "" || handle != "" && !plainHandle.MatchString(handle) {
			return errs.Invalid("check", string(role), "a contact handle of 3 to 40 characters")
		}
	}
	return nil
}

func statusOf(fate internal.Fate) registrars.Status {
	switch fate {
	case internal.FatePending:
		return registrars.StatusPending
	case internal.FateDone:
		return registrars.StatusDone
	case internal.FateFailed:
		return registrars.StatusFailed
	case internal.FateCancelled:
		return registrars.StatusCancelled
	}
	return registrars.StatusUnknown
}
