package netim

import (
	"context"
	"strings"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/netim/internal"
)

// checkAvailable asks whether the name can be registered, and whether it is a premium name.
func (n *Netim) checkAvailable(ctx context.Context, name domains.Name) (premium bool, err error) {
	answer, err := n.availability(ctx, name)
	if err != nil {
		return false, err
	}
	return isPremium(answer), judge(answer)
}

func isPremium(answer internal.Check) bool { return strings.EqualFold(answer.Reason, "PREMIUM") }

// checkRegistered asks whether there is anything to transfer. Only a clear answer
// refuses the request: a transfer expects a name that is not available or of which
// nothing is known.
func (n *Netim) checkRegistered(ctx context.Context, name domains.Name) (premium bool, err error) {
	answer, err := n.availability(ctx, name)
	if err != nil {
		return false, err
	}
	result, reason := strings.ToUpper(answer.Result), strings.ToUpper(answer.Reason)
	switch {
	case reason == "TIMEOUT" || reason == "INTERNAL ERROR":
		return false, nil
	case result == "AVAILABLE":
		return false, errs.Invalid("domainCheck", "domain", "is not registered anywhere: order a registration")
	case result == "NOT SOLD" || reason == "BAD_SYNTAX":
		return false, judge(answer)
	}
	return isPremium(answer), nil
}

func (n *Netim) availability(ctx context.Context, name domains.Name) (internal.Check, error) {
	c := call{name: "domainCheck", field: "domain"}
	value, err := n.call(ctx, c, internal.String(name.String()))
	if err != nil {
		return internal.Check{}, err
	}
	answers, err := internal.ReadChecks(value)
	if err != nil {
		return internal.Check{}, failure(c, err)
	}
	for _, answer := range answers {
		if got, err := domains.ParseName(answer.Domain); err == nil && got == name {
			return answer, nil
		}
	}
	return internal.Check{}, failure(c, &internal.MalformedError{Why: "it says nothing of the domain"})
}

// judge turns result and reason of domainCheck into an error. An unknown word is
// never a yes and never a no.
func judge(answer internal.Check) error {
	result, reason := strings.ToUpper(answer.Result), strings.ToUpper(answer.Reason)
	e := &registrars.Error{
		Registrar: pluginName, Call: "domainCheck", Class: registrars.ClassTemporary, Field: "domain",
		Detail: strings.TrimSpace(answer.Result + " " + answer.Reason),
	}
	switch {
	case reason == "BAD_SYNTAX":
		e.Class, e.Rule = registrars.ClassInvalid, "not a name of this top-level domain"
	case reason == "TIMEOUT" || reason == "INTERNAL ERROR":
		e.Rule = "the registry did not answer"
	case result == "NOT SOLD" || result == "CLOSED":
		e.Class, e.Field, e.Rule = registrars.ClassRejected, "tld", "not sold, or closed, at the registrar"
	case result == "NOT AVAILABLE", reason == "RESERVED", reason == "PENDING APPLICATION":
		e.Class, e.Rule = registrars.ClassUnavailable, "not available"
	case result == "AVAILABLE" && (reason == "" || isPremium(answer)):
		return nil
	default:
		e.Rule = "the registrar cannot tell whether it is available"
	}
	return e
}
