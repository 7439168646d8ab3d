package netim

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"domainprovisioning/registrars"
	"domainprovisioning/registrars/netim/internal"
)

// call holds what is needed to classify the errors of a call.
type call struct {
	name string
	// writes says that the call may have taken effect although its answer was lost.
	writes bool
	// paid says that the call may be refused for lack of funds.
	paid bool
	// delegates says that the call may be refused for a failed DNS check.
	delegates bool
	// field is the field of a refused value that the registrar does not name; "" if
	// it is not known.
	field string
	sent  []internal.Value
}

// call calls the API and classifies its errors.
func (n *Netim) call(ctx context.Context, c call, arguments ...internal.Value) (*internal.Node, error) {
	value, err := n.client.Call(ctx, c.name, arguments...)
	if err != nil {
		c.sent = arguments
		return nil, failure(c, err)
	}
	return value, nil
}

// Texts for Error.Rule.
const (
	ruleDNSCheck = "the name servers do not pass the DNS check"
	ruleRefused  = "refused by the registrar"
	ruleSessions = "too many sessions"
)

// failure converts an error of the client to an error of the contract.
func failure(c call, err error) error {
	if session, ok := errors.AsType[*internal.SessionError](err); ok {
		// The call itself was not sent.
		return failure(call{name: "sessionOpen"}, session.Err)
	}
	if fault, ok := errors.AsType[*internal.Fault](err); ok {
		return refusal(c, fault)
	}
	transport, broke := errors.AsType[*internal.TransportError](err)
	e := errs.NoAnswer(c.name, c.writes && (!broke || transport.Sent), err)
	if errors.Is(err, registrars.ErrSessionsTaken) {
		e.Class, e.After, e.Rule = registrars.ClassRateLimited, internal.TooManySessionsWait, ruleSessions
	}
	if status, ok := errors.AsType[*internal.StatusError](err); ok {
		e.After = status.RetryAfter
		if status.Status == http.StatusTooManyRequests {
			// Whatever the call, it was refused. 503 may come from a proxy after the server
			// behind it has acted, so it is treated like any other status.
			e.Class = registrars.ClassRateLimited
			if e.After == 0 {
				e.After = internal.RateLimitWait
			}
		}
	}
	return e
}

// refusal classifies a fault. No operation exists, unless the SOAP server itself
// failed.
func refusal(c call, fault *internal.Fault) error {
	e := &registrars.Error{
		Registrar: pluginName, Call: c.name, Class: registrars.ClassRejected, Code: fault.Code, Detail: fault.Text,
	}
	switch {
	case internal.SessionEnded(fault.Code):
		// This is the second time in a row: the client has changed the session in between; see
		// internal/client.go.
		e.Class = registrars.ClassTemporary
	case internal.LoginRefused(fault.Code):
		e.Class = registrars.ClassAuth
	case c.name == "sessionOpen" && internal.TooManySessions(fault.Text):
		e.Class, e.After, e.Rule = registrars.ClassRateLimited, internal.TooManySessionsWait, ruleSessions
	case c.paid && internal.LacksFunds(fault.Text):
		e.Class = registrars.ClassBalance
	case c.delegates && internal.DNSCheckFailed(fault.Text):
		e.Class, e.After, e.Rule, e.Refused = registrars.ClassTemporary, internal.DNSCheckWait, ruleDNSCheck, true
	case internal.ServerTrouble(fault.Code) && c.writes:
		e.Class = registrars.ClassOutcomeUnknown
	case internal.ServerTrouble(fault.Code):
		e.Class = registrars.ClassTemporary
	case c.name == "sessionOpen":
		// Whatever the reason, it concerns the account and not the request.
		e.Class = registrars.ClassAuth
	case c.name == "domainInfo" && internal.NotManaged(fault.Code):
		e.Class = registrars.ClassNotFound
	case internal.InvalidValue(fault.Code):
		e.Class = registrars.ClassInvalid
		e.Field, e.Rule = refusedField(c, fault.Text)
	}
	return e
}

// invalidValue is the form of "E13 : Province : Invalid value".
var invalidValue = regexp.MustCompile(`^E13(?:-M\d{4})?\s*:\s*([A-Za-z][A-Za-z0-9_]*(?: [A-Za-z]+)?)\s*:\s*(.+)$`)

// refusedField finds which field broke which rule. Field and rule are printed and
// logged, so a text that could quote what we sent appears only in Detail.
func refusedField(c call, text string) (field, rule string) {
	rule = ruleRefused
	match := invalidValue.FindStringSubmatch(strings.TrimSpace(text))
	if match == nil || len(match[1]) > 30 {
		return c.field, rule
	}
	sent := strings.Fields(strings.ToLower(strings.Join(internal.Texts(c.sent), " ")))
	for word := range strings.FieldsSeq(strings.ToLower(match[1])) {
		if slices.Contains(sent, word) {
			return c.field, rule
		}
	}
	if strings.EqualFold(match[2], "Invalid value") {
		rule = "invalid value"
	}
	return match[1], rule
}

// refused reports whether the registrar refused the named call itself, and not for
// a reason that passes or that concerns the account.
func refused(err error, name string) bool {
	e, ok := registrars.AsError(err)
	return ok && e.Call == name && (e.Class == registrars.ClassRejected || e.Class == registrars.ClassInvalid)
}
