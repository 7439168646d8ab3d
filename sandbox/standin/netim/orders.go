package netim

import (
	"fmt"
	"slices"
)

// The orders for an existing domain. Each reads its arguments, and leaves the effect
// to the end of its operation.

func (s *Server) domainTransferIn(c *call) (any, *fault) {
	name, tld, sold, ok := s.split(c.string("domain"))
	key, elsewhere := s.state.taken[name]
	switch {
	case !ok || !sold || !elsewhere:
		return nil, invalid("domain")
	case !tld.NoEppCode && c.string("authID") != key:
		return nil, invalid("authID")
	case s.state.locked[name]:
		return nil, refuse("The domain is locked at its registrar")
	case s.state.pendingFor(name) != nil:
		return nil, refuse("An operation is pending for this domain")
	}
	if c.string("idOwner") != "#AUTO#" {
		if refused := s.owner(c); refused != nil {
			return nil, refused
		}
	}
	if refused := s.others(c); refused != nil {
		return nil, refused
	}
	servers, refused := s.nameServers(c, name, tld)
	if refused != nil {
		return nil, refused
	}
	draft := s.draft(c, name, servers, 1)
	draft.monthsLeft = monthsLeftElsewhere
	return s.start(c, order{
		code: "domainTransferIn", data: name, cost: s.price(name, tld), draft: draft, neverNow: true,
		apply: func() {
			delete(s.state.taken, name)
			s.register(draft)
			draft.authID = key // to be changed, once (docs/protocols/netim.md, section 10.2)
		},
	})
}

// monthsLeftElsewhere is what remains of a domain's period when it is transferred: the
// registry adds a year to its date.
const monthsLeftElsewhere = 3

func (s *Server) domainTransferOwner(c *call) (any, *fault) {
	r, refused := s.ours(c)
	if refused == nil {
		refused = s.owner(c)
	}
	if refused != nil {
		return nil, refused
	}
	owner := c.string("idOwner")
	_, tld, _, _ := s.split(r.name)
	return s.start(c, order{
		code: "domainTransferOwner", data: r.name, cost: s.tradePrice(r.name, tld), neverNow: true, apply: func() {
			r.owner = owner
			s.state.effect(r.name).OwnerChanges++
		},
	})
}

func (s *Server) domainChangeContact(c *call) (any, *fault) {
	r, refused := s.ours(c)
	if refused == nil {
		refused = s.others(c)
	}
	if refused != nil {
		return nil, refused
	}
	admin, tech, billed := c.string("idAdmin"), c.string("idTech"), c.string("idBilling")
	return s.start(c, order{
		code: "domainChangeContact", data: r.name,
		apply: func() {
			r.admin, r.tech, r.billed = admin, tech, billed
			s.state.effect(r.name).ContactChanges++
		},
	})
}

func (s *Server) domainChangeDNS(c *call) (any, *fault) {
	r, refused := s.ours(c)
	if refused != nil {
		return nil, refused
	}
	_, tld, _, _ := s.split(r.name)
	servers, refused := s.nameServers(c, r.name, tld)
	if refused != nil {
		return nil, refused
	}
	return s.start(c, order{
		code: "domainChangeDNS", data: r.name, apply: func() {
			r.nameServers = servers
			s.state.effect(r.name).NameServerChanges++
		},
	})
}

// maxYears is how many years from now a registration may end, as registries allow.
const maxYears = 10

// domainRenew has no expected date: if it is sent twice, it renews twice.
func (s *Server) domainRenew(c *call) (any, *fault) {
	r, refused := s.ours(c)
	if refused != nil {
		return nil, refused
	}
	_, tld, _, _ := s.split(r.name)
	years, refused := c.int("duration")
	if refused != nil || !within(tld.PeriodRenew, years) ||
		r.expires.AddDate(years, 0, 0).After(s.options.Calendar().AddDate(maxYears, 0, 1)) {
		return nil, invalid("duration")
	}
	return s.start(c, order{
		code: "domainRenew", data: r.name, cost: s.price(r.name, tld) * years,
		apply: func() {
			r.expires = r.expires.AddDate(years, 0, 0)
			s.state.effect(r.name).Renewals = append(s.state.effect(r.name).Renewals, years)
		},
	})
}

// domainAuthID makes a new key on every call; its operation code has a different
// spelling.
func (s *Server) domainAuthID(c *call) (any, *fault) {
	r, refused := s.ours(c)
	if refused != nil {
		return nil, refused
	}
	if to, refused := c.int("sendtoregistrant"); refused != nil || (to != 0 && to != 1) {
		return nil, invalid("sendtoregistrant")
	}
	key := fmt.Sprintf("AUTH-%06d", len(s.state.operations)+1)
	return s.start(c, order{code: "domainAuthid", data: r.name, apply: func() {
		r.authID = key
		s.state.effect(r.name).AuthCodes = append(s.state.effect(r.name).AuthCodes, key)
	}})
}

func (s *Server) domainSetPreference(c *call) (any, *fault) {
	r, refused := s.ours(c)
	if refused != nil {
		return nil, refused
	}
	name, value, code := c.string("codePref"), c.string("value"), "domainSetPreference"
	switch {
	case slices.Contains([]string{"whois_privacy", "registrar_lock", "auto_renew", "to_be_renewed"}, name):
		if value != "0" && value != "1" {
			return nil, invalid("value")
		}
		_, tld, _, _ := s.split(r.name)
		if lacks := map[string]bool{
			"whois_privacy": tld.NoWhoisPrivacy, "registrar_lock": tld.NoRegistrarLock, "auto_renew": tld.NoAutorenew,
		}; lacks[name] {
			return nil, refuse(textNotOffered)
		}
		code += "." + name
	case name != "tag" && name != "note":
		return nil, invalid("codePref")
	}
	return s.start(c, order{code: code, data: r.name, apply: func() {
		r.preferences[name] = value
		s.state.effect(r.name).Preferences = append(s.state.effect(r.name).Preferences, name+"="+value)
	}})
}
