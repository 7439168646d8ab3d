package realtimeregister

import (
	"context"
	"slices"
	"strings"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/realtimeregister/internal"
)

// state is a domain, with the members that the contract has no place for.
type state struct {
	registrars.Domain
	raw internal.Domain
}

// ReadDomain implements registrars.Registrar. It does not read the auth code, which
// is also in the answer.
func (r *RealtimeRegister) ReadDomain(ctx context.Context, name domains.Name) (registrars.Domain, error) {
	s, err := r.readState(ctx, name)
	return s.Domain, err
}

func (r *RealtimeRegister) readState(ctx context.Context, name domains.Name) (state, error) {
	const call = "domains/get"
	if name.IsZero() {
		return state{}, errs.Invalid(call, "domain", "required")
	}
	var raw internal.Domain
	if err := r.read(ctx, call, internal.Path("domains", name.String()), &raw); err != nil {
		return state{}, err
	}
	if got, err := domains.ParseName(raw.DomainName); err != nil || got != name {
		return state{}, &registrars.Error{
			Registrar: pluginName, Call: call, Class: registrars.ClassTemporary,
			Err: &internal.MalformedError{Why: "it is about another domain"},
		}
	}
	return stateOf(name, raw), nil
}

// stateOf converts a domain, of which the name is known.
func stateOf(name domains.Name, raw internal.Domain) state {
	domain := registrars.Domain{
		Name: name, Handles: map[registrars.Role]string{},
		Word: strings.Join(raw.Status, ", "), Active: internal.Active(raw.Status), Phase: phase(raw),
		Created: internal.Date(raw.CreatedDate), Expires: internal.Date(raw.ExpiryDate),
		Settings: domains.Settings{
			Privacy: raw.PrivacyProtect, AutoRenewal: raw.AutoRenew,
		},
	}
	if raw.Status != nil {
		domain.Settings.Lock = new(locked(raw.Status))
	}
	if !oddAmong(raw.Odd, membersDNSSEC...) {
		domain.Settings.DNSSEC = &domains.DNSSEC{Sign: signed(raw)}
	}
	if raw.Registrant != "" {
		domain.Handles[registrars.Owner] = raw.Registrant
	}
	for _, contact := range raw.Contacts {
		for role, word := range roleWords {
			// The first contact of a role counts, because we give each role one contact.
			if contact.Role == word && domain.Handles[role] == "" {
				domain.Handles[role] = contact.Handle
			}
		}
	}
	for _, server := range raw.NS {
		host, err := domains.ParseHost(server)
		if err != nil {
			host = server // shown unchanged, so that the caller sees the difference
		}
		domain.NameServers = append(domain.NameServers, host)
	}
	return state{domain, raw}
}

// phase is where the domain is in its life: unknown if its status cannot be read.
func phase(raw internal.Domain) registrars.Phase {
	return map[internal.Phase]registrars.Phase{
		internal.PhaseActive: registrars.PhaseActive, internal.PhaseGrace: registrars.PhaseRenewGrace,
		internal.PhaseRedemption: registrars.PhaseRedemption, internal.PhasePendingDelete: registrars.PhasePendingDelete,
	}[internal.PhaseOf(raw.Status)]
}

// roleWords are the API's words for the roles other than the registrant.
var roleWords = map[registrars.Role]string{
	registrars.Admin: "ADMIN", registrars.Tech: "TECH", registrars.Billing: "BILLING",
}

func signed(raw internal.Domain) bool {
	return len(raw.KeyData) > 0 || len(raw.DSData) > 0 || raw.Zone != nil && raw.Zone.DNSSEC
}

func locked(statuses []string) bool { return slices.Contains(statuses, internal.StatusLock) }

// membersDNSSEC are the members that show whether a domain is signed.
var membersDNSSEC = []string{"keyData", "dsData", "zone"}

func oddAmong(odd internal.Odd, members ...string) bool {
	return slices.ContainsFunc(members, func(member string) bool { return odd[member] })
}

// unread reports whether the domain has a member that a service relies on and that cannot be
// read. It then proves nothing, and no list may be made from it. The status always counts,
// because it says whether the domain is leaving; the lock is part of it.
func (s state) unread(service service) bool {
	return s.raw.Odd["status"] || service.kind == registrars.LockChange && s.raw.Status == nil || oddAmong(s.raw.Odd, service.shows...)
}
