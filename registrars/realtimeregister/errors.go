package realtimeregister

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"domainprovisioning/registrars"
	"domainprovisioning/registrars/realtimeregister/internal"
	"domainprovisioning/wire/exchange"
)

// verdict says what a type of error means. Class is the class for a call that
// changes something, Read that for a call that only reads; "" means the same as
// Class. Field and Rule are ours, for errors where the API gives none.
type verdict struct {
	Class, Read registrars.Class
	Field, Rule string
	After       time.Duration
}

// The types that the code also refers to.
const (
	typeAcknowledge  = "BillableAcknowledgmentNeededException"
	typeAuthorise    = "AuthorizationError"
	typeBusy         = "ObjectStatusProhibitsOperation"
	typeExists       = "ObjectExists"
	typeMissing      = "ObjectDoesNotExist"
	typeProcessError = "ProcessError"
	typeUnavailable  = "ProviderUnavailable"
	typeUnsupported  = "UnsupportedTld"
)

// verdicts is the table of docs/protocols/realtime-register.md, section 4: the type
// decides, because the HTTP status is too coarse. ProcessError and ObjectExists are
// of unknown outcome here; Submit looks before it treats them as refusals.
var verdicts = map[string]verdict{
	"AuthenticationError":            {Class: registrars.ClassAuth, Rule: "the API key is refused"},
	"AuthenticationRatelimitedError": {Class: registrars.ClassAuth, Rule: "too many failed logins: the API key is refused for a while", After: internal.LoginLimitWait},
	typeAuthorise:                    {Class: registrars.ClassAuth, Read: registrars.ClassNotFound, Rule: "the API key has no permission for it"},
	"ConstraintViolationException":   {Class: registrars.ClassInvalid},
	"UnrecognizedPropertyException":  {Class: registrars.ClassInvalid, Rule: "the registrar does not know the field"},
	"InvalidMessage":                 {Class: registrars.ClassRejected, Rule: "the registrar cannot read the request"},
	"ValidationError":                {Class: registrars.ClassInvalid},
	typeUnsupported:                  {Class: registrars.ClassRejected, Field: "tld", Rule: "the top-level domain is not sold"},
	"NoContractException":            {Class: registrars.ClassRejected, Rule: "the account has no contract for the product"},
	"InsufficientCreditException":    {Class: registrars.ClassBalance, Rule: "the account lacks credit"},
	typeMissing:                      {Class: registrars.ClassInvalid, Read: registrars.ClassNotFound, Rule: "the domain, or a contact, does not exist at the registrar"},
	typeExists:                       {Class: registrars.ClassOutcomeUnknown, Read: registrars.ClassConflict},
	typeBusy:                         {Class: registrars.ClassRejected, Rule: "the domain's status forbids it"},
	typeProcessError:                 {Class: registrars.ClassOutcomeUnknown, Read: registrars.ClassRejected},
	"TooManyRequests":                {Class: registrars.ClassRateLimited, After: internal.RateLimitWait},
	"InternalSRSError":               {Class: registrars.ClassOutcomeUnknown, Read: registrars.ClassTemporary},
	"ProviderConnectionError":        {Class: registrars.ClassOutcomeUnknown, Read: registrars.ClassTemporary},
	typeUnavailable:                  {Class: registrars.ClassTemporary},
	typeAcknowledge:                  {Class: registrars.ClassRejected, Rule: "it costs what was not quoted: a person must accept the price"},
	"ContactUpdateValidationError":   {Class: registrars.ClassInvalid},
	"DnsConfigurationException":      {Class: registrars.ClassInvalid, Field: "nameServers"},
	"AuthCodeInvalidError":           {Class: registrars.ClassInvalid, Field: "authCode", Rule: "the registry refuses it"},
}

// ruleRefused replaces texts that must not be shown.
const ruleRefused = "refused by the registrar"

// call holds what is needed to classify the errors of a call.
type call struct {
	internal.Call
	name string // as the documentation names it
	// dry says that the call asks what a change would cost. Its errors are classified
	// like those of the change, except that nothing can have happened.
	dry bool
}

// do makes the call and classifies its errors.
func (r *RealtimeRegister) do(ctx context.Context, c call) (internal.Answer, error) {
	answer, err := r.client.Do(ctx, c.Call)
	if err != nil {
		return internal.Answer{}, r.failure(c, err)
	}
	return answer, nil
}

// read makes a call that changes nothing, and reads its answer.
func (r *RealtimeRegister) read(ctx context.Context, name, path string, target any) error {
	c := call{Call: internal.Call{Method: http.MethodGet, Path: path}, name: name}
	answer, err := r.do(ctx, c)
	if err != nil {
		return err
	}
	if err := answer.Read(target); err != nil {
		return r.failure(c, err)
	}
	return nil
}

// failure converts an error of the client to an error of the contract.
func (r *RealtimeRegister) failure(c call, err error) error {
	transport, broke := errors.AsType[*exchange.TransportError](err)
	e := errs.NoAnswer(c.name, c.Writes && (!broke || transport.Sent), err)
	if status, ok := errors.AsType[*exchange.StatusError](err); ok {
		byStatus(e, status.Status, status.RetryAfter, c.Writes || c.dry)
	}
	if typed, ok := errors.AsType[*internal.APIError](err); ok {
		e.Err, e.Code, e.Detail = nil, typed.Type, typed.Detail
		r.byType(e, typed, c)
	}
	return e
}

// byStatus classifies an answer without a type: from a proxy, or of an unknown
// form.
func byStatus(e *registrars.Error, status int, wait time.Duration, writes bool) {
	e.After = wait
	switch {
	case status == http.StatusTooManyRequests:
		e.Class, e.After = registrars.ClassRateLimited, orDefault(wait, internal.RateLimitWait)
	case status == http.StatusUnauthorized:
		e.Class = registrars.ClassAuth
	case status == http.StatusForbidden:
		e.Class, e.Code = registrars.ClassAuth, typeAuthorise
		if !writes {
			e.Class = registrars.ClassNotFound
		}
	case status == http.StatusNotFound:
		e.Class, e.Code = registrars.ClassRejected, typeMissing
		if !writes {
			e.Class = registrars.ClassNotFound
		}
	case status >= 400 && status < 500 && status != http.StatusRequestTimeout:
		e.Class = registrars.ClassRejected
	}
}

func (r *RealtimeRegister) byType(e *registrars.Error, typed *internal.APIError, c call) {
	known, ok := verdicts[typed.Type]
	if !ok {
		byStatus(e, typed.Status, typed.RetryAfter, c.Writes || c.dry)
		return
	}
	e.Class, e.Field, e.Rule = known.Class, known.Field, known.Rule
	looks := !c.Writes && !c.dry || c.dry && known.Class == registrars.ClassOutcomeUnknown
	if looks && known.Read != "" {
		e.Class = known.Read
	}
	if typed.Field != "" {
		e.Field = typed.Field
	}
	if typed.Rule != "" {
		e.Rule = typed.Rule
	}
	if e.Class == registrars.ClassInvalid && e.Rule == "" {
		e.Rule = ruleRefused
	}
	if known.After > 0 || typed.RetryAfter > 0 {
		e.After = orDefault(typed.RetryAfter, known.After)
	}
	if until := typed.EndDate.Sub(r.now()); typed.Type == typeUnavailable && until > 0 {
		e.After = min(until, internal.LongestMaintenance)
	}
}

func orDefault(wait, fallback time.Duration) time.Duration {
	if wait > 0 {
		return wait
	}
	return fallback
}

// isType reports whether an error is one of the API with this type.
func isType(err error, name string) bool {
	e, ok := registrars.AsError(err)
	return ok && e.Code == name
}

// unknownStatus is the error for an HTTP status that means neither done nor
// pending.
func unknownStatus(call string, status int) error {
	return errs.UnknownOutcome(call, "HTTP status "+strconv.Itoa(status)+" says neither done nor pending")
}
