package names4ever

import (
	"context"

	"domainprovisioning/registrars"
)

// Check implements registrars.Registrar: the rules of the manual, and RDAP for a
// registration, because the API cannot be asked whether a name is free. Fields that
// are missing because an order is still being accepted are not checked, and RDAP
// forbids only names that it shows to be registered.
func (n *Names4Ever) Check(ctx context.Context, request registrars.Request) error {
	_, fields := operationOf(request, false)
	if request.Kind != registrars.Registration || request.Domain.IsZero() {
		return fields
	}
	var name error
	if _, err := n.registry.Lookup(ctx, request.Domain.String()); err == nil {
		name = &registrars.Error{
			Registrar: pluginName, Call: callRDAP, Class: registrars.ClassUnavailable,
			Field: "domain", Rule: "registered already, as RDAP shows",
		}
	} else if err := ctx.Err(); err != nil {
		name = notReached(callRDAP, err)
	}
	return registrars.Join(fields, name)
}

func unserved() error {
	return errs.Invalid("check", "kind", "only registrations, changes of contacts and name servers, and deletions are served")
}
