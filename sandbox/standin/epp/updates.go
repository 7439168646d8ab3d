package epp

import (
	"slices"
	"strings"
)

// copied returns a copy of a domain that an update can change before anybody knows whether all of
// it is allowed.
func (d *domain) copied() *domain {
	changed := *d
	changed.contacts, changed.servers, changed.statuses = slices.Clone(d.contacts), slices.Clone(d.servers), slices.Clone(d.statuses)
	changed.ds, changed.keys = slices.Clone(d.ds), slices.Clone(d.keys)
	return &changed
}

// take takes over what an update may change.
func (d *domain) take(changed *domain) {
	d.registrant, d.contacts, d.servers, d.statuses = changed.registrant, changed.contacts, changed.servers, changed.statuses
	d.ds, d.keys, d.authInfo = changed.ds, changed.keys, changed.authInfo
}

func (s *Server) updateDomain(r *request) *answer {
	d, refused := s.own(r)
	if refused != nil {
		return refused
	}
	prohibitions := []string{"serverUpdateProhibited"}
	if !unlocksOnly(r) {
		prohibitions = append(prohibitions, "clientUpdateProhibited")
	}
	if refused := blocked(r, d, prohibitions...); refused != nil {
		return refused
	}
	add, rem, chg := r.object.get("add"), r.object.get("rem"), r.object.get("chg")
	signed := r.extensions[nsSecDNS]
	if add.empty() && rem.empty() && chg.empty() && !resigns(signed) {
		return refuse(2003).because(r.object, "changes nothing")
	}
	changed := d.copied()
	labels := map[string]bool{}
	for _, step := range []func() *answer{
		func() *answer { return s.removeFrom(changed, rem, labels) },
		func() *answer { return s.addTo(changed, add, labels) },
		func() *answer { return s.replaceIn(changed, chg, labels) },
	} {
		if refused := step(); refused != nil {
			return refused
		}
	}
	if resigns(signed) {
		labels["update:secDNS"] = true
		if refused := s.resign(changed, signed); refused != nil {
			return refused
		}
	}
	var list []string
	for label := range labels {
		list = append(list, label)
	}
	command := ""
	if r.extensions[nsFee] != nil {
		command = "update"
	}
	reply, price := s.carry(r, d, change{kind: "update", status: "pendingUpdate", labels: list, command: command, apply: func() {
		d.take(changed)
		d.updated, d.updater = s.today(), s.options.Login
	}})
	if reply.code < 2000 {
		reply.more = s.feeResult(r, "updData", price)
	}
	return reply
}

// unlocksOnly: the update takes clientUpdateProhibited away and changes nothing but statuses, which
// alone is allowed while the domain has that status (RFC 5731, section 2.3).
func unlocksOnly(r *request) bool {
	unlocks := false
	for _, status := range r.object.get("rem").all("status") {
		unlocks = unlocks || status.attr("s") == "clientUpdateProhibited"
	}
	others := len(r.extensions) > 0 || !r.object.get("chg").empty()
	for _, part := range []string{"add", "rem"} {
		n := r.object.get(part)
		others = others || n.get("ns") != nil || n.get("contact") != nil
	}
	return unlocks && !others
}

func (s *Server) removeFrom(d *domain, rem *node, labels map[string]bool) *answer {
	for _, n := range serversIn(rem.get("ns")) {
		labels["update:ns"] = true
		name, refused := nameOf(n)
		if refused != nil {
			return refused
		}
		i := slices.IndexFunc(d.servers, func(one server) bool { return one.name == name })
		if i < 0 {
			return refuse(2306).because(n, "does not serve the domain")
		}
		d.servers = slices.Delete(d.servers, i, i+1)
	}
	for _, n := range rem.all("contact") {
		labels["update:contact"] = true
		i := slices.Index(d.contacts, contactRef{n.attr("type"), n.text})
		if i < 0 {
			return refuse(2306).because(n, "is no such contact of the domain")
		}
		d.contacts = slices.Delete(d.contacts, i, i+1)
	}
	for _, n := range rem.all("status") {
		labels["update:status"] = true
		i := slices.Index(d.statuses, n.attr("s"))
		if i < 0 {
			return refuse(2306).because(n, "the domain has no status %s that a client can remove", n.attr("s"))
		}
		d.statuses = slices.Delete(d.statuses, i, i+1)
	}
	return nil
}

func (s *Server) addTo(d *domain, add *node, labels map[string]bool) *answer {
	if n := add.get("ns"); n != nil {
		labels["update:ns"] = true
		more, refused := s.serversOf(n, d.name)
		if refused != nil {
			return refused
		}
		for _, one := range more {
			if slices.ContainsFunc(d.servers, func(other server) bool { return other.name == one.name }) {
				return refuse(2306).because(n, "%s serves the domain already", one.name)
			}
		}
		if d.servers = append(d.servers, more...); len(d.servers) > mostServers {
			return refuse(2306).because(n, "at most %d name servers", mostServers)
		}
	}
	if more := add.all("contact"); len(more) > 0 {
		labels["update:contact"] = true
		var refused *answer
		if d.contacts, refused = s.contactsOf(more, d.contacts); refused != nil {
			return refused
		}
	}
	for _, n := range add.all("status") {
		labels["update:status"] = true
		status := n.attr("s")
		switch {
		case !strings.HasPrefix(status, "client"):
			return refuse(2306).because(n, "%s is not for a client to set", status)
		case slices.Contains(d.statuses, status):
			return refuse(2306).because(n, "the domain has the status %s", status)
		}
		d.statuses = append(d.statuses, status)
	}
	return nil
}

func (s *Server) replaceIn(d *domain, chg *node, labels map[string]bool) *answer {
	if holder := chg.get("registrant"); holder != nil {
		labels["update:registrant"] = true
		if holder.text == "" {
			return refuse(2306).because(holder, "a domain has a registrant")
		}
		if refused := s.known(holder); refused != nil {
			return refused
		}
		d.registrant = holder.text
	}
	if auth := chg.get("authInfo"); auth != nil {
		labels["update:authInfo"] = true
		if auth.get("null") != nil {
			d.authInfo = ""
			return nil
		}
		given, refused := passwordOf(auth)
		if refused != nil {
			return refused
		}
		d.authInfo = given
	}
	return nil
}

// serversIn lists the elements that name the servers.
func serversIn(ns *node) []*node {
	list := ns.all("hostObj")
	for _, one := range ns.all("hostAttr") {
		list = append(list, one.get("hostName"))
	}
	return list
}

// known refuses a contact that does not exist.
func (s *Server) known(n *node) *answer {
	if s.state.contacts[n.text] == nil {
		return refuse(2303).because(n, "there is no contact %s", n.text)
	}
	return nil
}

// contactsOf adds contacts to a list.
func (s *Server) contactsOf(nodes []*node, list []contactRef) ([]contactRef, *answer) {
	for _, n := range nodes {
		ref := contactRef{n.attr("type"), n.text}
		switch {
		case ref.kind == "":
			return nil, refuse(2003).because(n, "needs the attribute type")
		case slices.Contains(list, ref):
			return nil, refuse(2306).because(n, "is there twice")
		}
		if refused := s.known(n); refused != nil {
			return nil, refused
		}
		list = append(list, ref)
	}
	return list, nil
}

// serversOf reads name servers of a domain: hosts that exist, or attributes.
func (s *Server) serversOf(ns *node, domain string) ([]server, *answer) {
	if ns == nil {
		return nil, nil
	}
	attributes := ns.all("hostAttr")
	if (len(attributes) > 0) != s.options.HostAttributes {
		return nil, refuse(2306).because(ns.first(), "name servers are given the other way here")
	}
	var list []server
	for _, n := range ns.children {
		one := n
		if n.local == "hostAttr" {
			one = n.get("hostName")
		}
		name, refused := nameOf(one)
		if refused != nil {
			return nil, refused
		}
		made := server{name: name}
		switch {
		case slices.ContainsFunc(list, func(other server) bool { return other.name == name }):
			return nil, refuse(2306).because(one, "is there twice")
		case len(list) == mostServers:
			return nil, refuse(2306).because(one, "at most %d name servers", mostServers)
		case n.local == "hostObj" && s.state.hosts[name] == nil:
			return nil, refuse(2303).because(one, "there is no host %s", name)
		case n.local == "hostAttr":
			if made.addresses, refused = addressesOf(n.all("hostAddr")); refused != nil {
				return nil, refused
			}
			if refused := glue(one, below(name, domain), len(made.addresses)); refused != nil {
				return nil, refused
			}
		}
		list = append(list, made)
	}
	return list, nil
}

// glue: a host needs addresses where the registry must publish them, and has none elsewhere.
func glue(n *node, needed bool, addresses int) *answer {
	switch {
	case needed && addresses == 0:
		return refuse(2003).because(n, "a host of this name needs an address")
	case !needed && addresses > 0:
		return refuse(2306).because(n, "a host of this name takes no address")
	}
	return nil
}
