package netim

import (
	"context"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/netim/internal"
)

// state is a domain, with the members that the contract has no place for.
type state struct {
	registrars.Domain
	dnssec *internal.Node
}

// ReadDomain implements registrars.Registrar with domainInfo. It does not read the
// auth code, which is also in the answer.
func (n *Netim) ReadDomain(ctx context.Context, name domains.Name) (registrars.Domain, error) {
	s, err := n.readState(ctx, name)
	return s.Domain, err
}

func (n *Netim) readState(ctx context.Context, name domains.Name) (state, error) {
	c := call{name: "domainInfo"}
	if name.IsZero() {
		return state{}, errs.Invalid(c.name, "domain", "required")
	}
	value, err := n.call(ctx, c, internal.String(name.String()))
	if err != nil {
		return state{}, err
	}
	reply, err := internal.ReadDomain(value)
	if err != nil {
		return state{}, failure(c, err)
	}
	if got, err := domains.ParseName(reply.Domain); err != nil || got != name {
		return state{}, errs.UnknownOutcome(c.name, "the answer is about another domain")
	}
	domain := registrars.Domain{
		Name: name, Handles: map[registrars.Role]string{},
		Word: reply.Status, Active: internal.Active(reply.Status), Phase: phase(reply.Status),
		Created: date(reply.Created), Expires: date(reply.Expires),
		Settings: domains.Settings{
			Lock: readFlag(reply.Locked), Privacy: readFlag(reply.Private), AutoRenewal: readFlag(reply.AutoRenew),
		},
	}
	if signed := readFlag(reply.Signed); signed != nil {
		domain.Settings.DNSSEC = &domains.DNSSEC{Sign: *signed}
	}
	for role, handle := range map[registrars.Role]string{
		registrars.Owner: reply.Owner, registrars.Admin: reply.Admin,
		registrars.Tech: reply.Tech, registrars.Billing: reply.Billing,
	} {
		if handle != "" {
			domain.Handles[role] = handle
		}
	}
	for _, server := range reply.NameServers {
		host, err := domains.ParseHost(server)
		if err != nil {
			host = server // shown unchanged, so that the caller sees the difference
		}
		domain.NameServers = append(domain.NameServers, host)
	}
	return state{domain, reply.DNSSEC}, nil
}

func phase(status string) registrars.Phase {
	switch {
	case internal.Active(status):
		return registrars.PhaseActive
	case internal.Expired(status):
		return registrars.PhaseRenewGrace
	case internal.Quarantined(status):
		return registrars.PhaseRedemption
	}
	return registrars.PhaseUnknown
}

// readFlag reads an int of the API; it returns nil if that is neither 0 nor 1.
func readFlag(text string) *bool {
	switch text {
	case "1":
		return new(true)
	case "0":
		return new(false)
	}
	return nil
}

// date reads YYYY-MM-DD, with or without a time after it. For anything else it
// returns the zero time.
func date(text string) time.Time {
	day, err := time.Parse(time.DateOnly, text[:min(len(text), len(time.DateOnly))])
	if err != nil {
		return time.Time{}
	}
	return day
}
