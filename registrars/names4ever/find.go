package names4ever

import (
	"context"
	"errors"
	"slices"
	"strings"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/names4ever/internal"
)

// The sources outside the API, as errors name them.
const (
	callRDAP = "rdap"
	callDNS  = "dns"
)

// Find implements registrars.Registrar by looking from outside, at RDAP and then the
// DNS. The API itself has no queries.
//
//	registration        registered, with the name servers of the request: FoundObject
//	                    otherwise registered: an error of ClassConflict
//	                    neither in RDAP nor in the DNS: FoundNothing
//	name-server-change  the name servers are those of the request: FoundObject
//	                    otherwise FoundNothing: it sets values and may be repeated
//	contact-change      FoundNothing, for the same reason
//	deletion            gone or going: FoundObject; otherwise Unclear
//
// Anything else is Unclear.
func (n *Names4Ever) Find(ctx context.Context, request registrars.Request) (registrars.Finding, error) {
	switch {
	case callOf(request.Kind) == "":
		return registrars.Finding{}, unserved()
	case request.Domain.IsZero():
		return registrars.Finding{}, errs.Invalid(callRDAP, "domain", "fqdn is required")
	}
	state, err := n.find(ctx, request)
	if ended := ctx.Err(); ended != nil {
		return registrars.Finding{}, notReached(callRDAP, ended)
	}
	if err != nil {
		return registrars.Finding{}, err
	}
	if state == registrars.FoundObject {
		return request.Found("seen from outside"), nil
	}
	return registrars.Finding{State: state}, nil
}

func (n *Names4Ever) find(ctx context.Context, request registrars.Request) (registrars.FindingState, error) {
	switch request.Kind {
	case registrars.Registration:
		return n.findRegistration(ctx, request)
	case registrars.NameServerChange:
		return n.findNameServers(ctx, request), nil
	case registrars.Deletion:
		return n.findDeletion(ctx, request), nil
	}
	return registrars.FoundNothing, nil
}

func (n *Names4Ever) findRegistration(ctx context.Context, request registrars.Request) (registrars.FindingState, error) {
	name := request.Domain.String()
	entry, err := n.registry.Lookup(ctx, name)
	if err == nil {
		return n.judge(ctx, request, entry)
	}
	notRegistered := errors.Is(err, internal.ErrNotRegistered)
	hosts, err := n.registry.Delegation(ctx, name)
	switch {
	case notRegistered && errors.Is(err, internal.ErrNotDelegated):
		return registrars.FoundNothing, nil
	case !notRegistered && err == nil && !request.NameServers.Same(hosts):
		return registrars.Unclear, conflict(callDNS, "delegated to other name servers")
	default:
		// RDAP and DNS contradict each other, or neither has an answer. A name without
		// delegation may still be registered, and customers may have pointed their own
		// name at these hosts before they ordered it here.
		return registrars.Unclear, nil
	}
}

// judge decides whether a registered name is ours: only if its data agree.
func (n *Names4Ever) judge(ctx context.Context, request registrars.Request, entry *internal.Entry) (registrars.FindingState, error) {
	if !registered(entry) {
		return registrars.Unclear, nil
	}
	if owner, given := request.Contacts[registrars.Owner]; given && entry.Organisation != "" &&
		!sameText(entry.Organisation, organisationOf(owner.Details)) {
		return registrars.Unclear, conflict(callRDAP, "registered for another organisation")
	}
	hosts := entry.NameServers
	if len(hosts) == 0 {
		var err error
		if hosts, err = n.registry.Delegation(ctx, request.Domain.String()); err != nil {
			return registrars.Unclear, nil //nolint:nilerr // without an answer the state is unclear
		}
	}
	if request.NameServers.Same(hosts) {
		return registrars.FoundObject, nil
	}
	return registrars.Unclear, conflict(callRDAP, "registered with other name servers")
}

// findNameServers asks the DNS only if RDAP has no answer, because a resolver may
// still have the previous delegation in its cache.
func (n *Names4Ever) findNameServers(ctx context.Context, request registrars.Request) registrars.FindingState {
	var hosts []string
	entry, err := n.registry.Lookup(ctx, request.Domain.String())
	switch {
	case err == nil:
		hosts = entry.NameServers
	case !errors.Is(err, internal.ErrNotRegistered):
		hosts, err = n.registry.Delegation(ctx, request.Domain.String())
		if err != nil && !errors.Is(err, internal.ErrNotDelegated) {
			return registrars.Unclear // neither could be asked
		}
	}
	if len(hosts) > 0 && request.NameServers.Same(hosts) {
		return registrars.FoundObject
	}
	return registrars.FoundNothing
}

// findDeletion believes only RDAP: the DNS may still show a name that is gone, and
// may not show one that exists.
func (n *Names4Ever) findDeletion(ctx context.Context, request registrars.Request) registrars.FindingState {
	entry, err := n.registry.Lookup(ctx, request.Domain.String())
	if errors.Is(err, internal.ErrNotRegistered) || err == nil && slices.ContainsFunc(entry.Status, internal.Leaving) {
		return registrars.FoundObject
	}
	return registrars.Unclear
}

// ReadDomain implements registrars.Registrar with RDAP, or with the DNS if the
// top-level domain has no RDAP. It cannot tell which account a name is in.
func (n *Names4Ever) ReadDomain(ctx context.Context, name domains.Name) (registrars.Domain, error) {
	if name.IsZero() {
		return registrars.Domain{}, errs.Invalid(callRDAP, "domain", "fqdn is required")
	}
	entry, err := n.registry.Lookup(ctx, name.String())
	switch {
	case err == nil:
		return registrars.Domain{
			Name: name, NameServers: entry.NameServers, Created: entry.Created, Expires: entry.Expires,
			Word: strings.Join(entry.Status, ", "), Active: registered(entry), Phase: phases[internal.PhaseOf(entry.Status)],
		}, nil
	case errors.Is(err, internal.ErrNotRegistered):
		return registrars.Domain{}, &registrars.Error{Registrar: pluginName, Call: callRDAP, Class: registrars.ClassNotFound}
	case !errors.Is(err, internal.ErrNoRDAP):
		return registrars.Domain{}, notReached(callRDAP, err)
	}
	hosts, err := n.registry.Delegation(ctx, name.String())
	if err != nil {
		return registrars.Domain{}, notReached(callDNS, err)
	}
	return registrars.Domain{Name: name, NameServers: hosts, Word: "delegated", Active: true}, nil
}

// phases are those that RDAP tells. The DNS tells none.
var phases = map[internal.Phase]registrars.Phase{
	internal.PhaseActive: registrars.PhaseActive, internal.PhaseGrace: registrars.PhaseRenewGrace,
	internal.PhaseRedemption: registrars.PhaseRedemption, internal.PhasePendingDelete: registrars.PhasePendingDelete,
}

// registered reports whether the name is registered, and is not being created or
// deleted.
func registered(entry *internal.Entry) bool {
	return !slices.ContainsFunc(entry.Status, func(word string) bool {
		return internal.Leaving(word) || internal.Coming(word)
	})
}

func conflict(call, rule string) error {
	return &registrars.Error{
		Registrar: pluginName, Call: call, Class: registrars.ClassConflict, Field: "domain", Rule: rule,
	}
}

func sameText(a, b string) bool {
	return strings.EqualFold(strings.Join(strings.Fields(a), " "), strings.Join(strings.Fields(b), " "))
}
