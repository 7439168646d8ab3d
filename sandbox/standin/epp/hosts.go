package epp

import (
	"net/netip"
	"slices"
	"strings"
	"time"
)

// host is a host object.
type host struct {
	name, roid, sponsor string
	addresses           []netip.Addr
	statuses            []string
	created, updated    time.Time
}

func (s *Server) findHost(r *request) (*host, *answer) {
	n := r.object.get("name")
	name, refused := nameOf(n)
	if refused != nil {
		return nil, refused
	}
	h := s.state.hosts[name]
	if h == nil {
		return nil, refuse(2303).because(n, "there is no host %s", name)
	}
	return h, nil
}

func (s *Server) ownHost(r *request, prohibitions ...string) (*host, *answer) {
	h, refused := s.findHost(r)
	if refused != nil {
		return nil, refused
	}
	if h.sponsor != s.options.Login {
		return nil, refuse(2201).because(r.object.get("name"), "the host is with another registrar")
	}
	for _, status := range prohibitions {
		if slices.Contains(h.statuses, status) {
			return nil, refuse(2304).because(r.object.get("name"), "the host has the status %s", status)
		}
	}
	return h, nil
}

func (s *Server) linked(host string) bool {
	for _, d := range s.state.domains {
		if slices.ContainsFunc(d.servers, func(one server) bool { return one.name == host }) {
			return true
		}
	}
	return false
}

func (s *Server) checkHosts(r *request) *answer {
	var content strings.Builder
	for _, n := range r.object.all("name") {
		name, refused := nameOf(n)
		if refused != nil {
			return refused
		}
		avail, reason := "1", ""
		if s.state.hosts[name] != nil {
			avail, reason = "0", "In use"
		}
		content.WriteString(tag("host:cd", leafTag("host:name", name, "avail", avail)+optional("host:reason", reason)))
	}
	return &answer{code: 1000, data: tag("host:chkData", content.String(), "xmlns:host", nsHost)}
}

// placed refuses a host below a domain of this registry that is not ours, and addresses that do not
// fit to its place.
func (s *Server) placed(n *node, name string, addresses int) *answer {
	domain, inside := s.superordinate(name)
	if inside {
		switch d := s.state.domains[domain]; {
		case d == nil:
			return refuse(2303).because(n, "there is no domain %s", domain)
		case !s.ours(d):
			return refuse(2201).because(n, "the domain %s is with another registrar", domain)
		}
	}
	return glue(n, inside, addresses)
}

func (s *Server) createHost(r *request) *answer {
	n := r.object.get("name")
	name, refused := nameOf(n)
	if refused != nil {
		return refused
	}
	addresses, refused := addressesOf(r.object.all("addr"))
	if refused != nil {
		return refused
	}
	if s.state.hosts[name] != nil {
		return refuse(2302).because(n, "the host exists")
	}
	if refused := s.placed(n, name, len(addresses)); refused != nil {
		return refused
	}
	h := s.keepHost(name, addresses)
	s.count(name, "host:create")
	return &answer{code: 1000, data: tag("host:creData", leafTag("host:name", name)+at("host:crDate", h.created), "xmlns:host", nsHost)}
}

func (s *Server) keepHost(name string, addresses []netip.Addr) *host {
	h := &host{name: name, roid: s.newROID("H"), sponsor: s.options.Login, addresses: addresses, created: s.today()}
	s.state.hosts[name] = h
	return h
}

func (s *Server) readHost(r *request) *answer {
	h, refused := s.findHost(r)
	if refused != nil {
		return refused
	}
	statuses := slices.Clone(h.statuses)
	if len(statuses) == 0 {
		statuses = append(statuses, "ok")
	}
	if s.linked(h.name) {
		statuses = append(statuses, "linked")
	}
	content := leafTag("host:name", h.name) + leafTag("host:roid", h.roid) + statusTags("host:status", statuses) +
		addressTags("host:addr", h.addresses) + leafTag("host:clID", h.sponsor) + leafTag("host:crID", h.sponsor) + at("host:crDate", h.created)
	if !h.updated.IsZero() {
		content += leafTag("host:upID", s.options.Login) + at("host:upDate", h.updated)
	}
	return &answer{code: 1000, data: tag("host:infData", content, "xmlns:host", nsHost)}
}

func (s *Server) updateHost(r *request) *answer {
	add, rem, chg := r.object.get("add"), r.object.get("rem"), r.object.get("chg")
	var prohibitions []string
	if !slices.ContainsFunc(rem.all("status"), func(n *node) bool { return n.attr("s") == "clientUpdateProhibited" }) {
		prohibitions = append(prohibitions, "clientUpdateProhibited")
	}
	h, refused := s.ownHost(r, prohibitions...)
	if refused != nil {
		return refused
	}
	if add.empty() && rem.empty() && chg == nil {
		return refuse(2003).because(r.object, "changes nothing")
	}
	addresses, refused := s.changedAddresses(h, add, rem)
	if refused != nil {
		return refused
	}
	statuses, refused := changedStatuses(h.statuses, add, rem)
	if refused != nil {
		return refused
	}
	name, n := h.name, r.object.get("name")
	if chg != nil {
		n = chg.get("name")
		if name, refused = nameOf(n); refused != nil {
			return refused
		}
		if s.state.hosts[name] != nil {
			return refuse(2302).because(n, "the host exists")
		}
		if _, inside := s.superordinate(h.name); !inside && s.linked(h.name) {
			return refuse(2305).because(n, "a host elsewhere that serves domains keeps its name")
		}
	}
	if refused := s.placed(n, name, len(addresses)); refused != nil {
		return refused
	}
	s.rename(h, name)
	h.addresses, h.statuses, h.updated = addresses, statuses, s.today()
	s.count(h.name, "host:update")
	return &answer{code: 1000}
}

func (s *Server) rename(h *host, name string) {
	delete(s.state.hosts, h.name)
	for _, d := range s.state.domains {
		for i := range d.servers {
			if d.servers[i].name == h.name {
				d.servers[i].name = name
			}
		}
	}
	h.name = name
	s.state.hosts[name] = h
}

func (s *Server) changedAddresses(h *host, add, rem *node) ([]netip.Addr, *answer) {
	changed := slices.Clone(h.addresses)
	gone, refused := addressesOf(rem.all("addr"))
	if refused != nil {
		return nil, refused
	}
	for _, address := range gone {
		i := slices.Index(changed, address)
		if i < 0 {
			return nil, refuse(2306).because(rem.get("addr"), "the host has not the address %s", address)
		}
		changed = slices.Delete(changed, i, i+1)
	}
	more, refused := addressesOf(add.all("addr"))
	if refused != nil {
		return nil, refused
	}
	for _, address := range more {
		if slices.Contains(changed, address) {
			return nil, refuse(2306).because(add.get("addr"), "the host has the address %s", address)
		}
		changed = append(changed, address)
	}
	return changed, nil
}

// changedStatuses changes those statuses of a host or a contact that a client sets.
func changedStatuses(statuses []string, add, rem *node) ([]string, *answer) {
	changed := slices.Clone(statuses)
	for _, n := range rem.all("status") {
		i := slices.Index(changed, n.attr("s"))
		if i < 0 || !strings.HasPrefix(n.attr("s"), "client") {
			return nil, refuse(2306).because(n, "there is no status %s that a client can remove", n.attr("s"))
		}
		changed = slices.Delete(changed, i, i+1)
	}
	for _, n := range add.all("status") {
		if status := n.attr("s"); !strings.HasPrefix(status, "client") || slices.Contains(changed, status) {
			return nil, refuse(2306).because(n, "the status %s cannot be added", status)
		}
		changed = append(changed, n.attr("s"))
	}
	return changed, nil
}

func (s *Server) deleteHost(r *request) *answer {
	h, refused := s.ownHost(r, "clientDeleteProhibited", "serverDeleteProhibited")
	if refused != nil {
		return refused
	}
	if s.linked(h.name) {
		return refuse(2305).because(r.object.get("name"), "the host serves a domain")
	}
	delete(s.state.hosts, h.name)
	s.count(h.name, "host:delete")
	return &answer{code: 1000}
}
