package epp

import (
	"net/netip"
	"slices"
	"strings"
)

// readDomain answers all to the sponsor and to who knows authInfo, and to others only what the
// schema demands.
func (s *Server) readDomain(r *request) *answer {
	d, refused := s.find(r)
	if refused != nil {
		return refused
	}
	entitled := s.ours(d)
	if auth := r.object.get("authInfo"); auth != nil {
		if refused := d.authorizes(auth); refused != nil {
			return refused
		}
		entitled = true
	}
	reply := &answer{code: 1000}
	if !entitled {
		reply.data = tag("domain:infData",
			leafTag("domain:name", d.name)+leafTag("domain:roid", d.roid)+leafTag("domain:clID", d.sponsor), "xmlns:domain", nsDomain)
		return reply
	}
	reply.data = s.infData(d, r.object.get("name").attr("hosts"))
	if statuses := d.rgp(s.today()); len(statuses) > 0 && r.session.services[nsRGP] {
		if !s.options.ManyRGP {
			statuses = statuses[:1]
		}
		reply.more += rgpData("infData", statuses...)
	}
	if r.session.services[nsSecDNS] {
		reply.more += d.signatures()
	}
	return reply
}

func rgpData(element string, statuses ...string) string {
	return tag("rgp:"+element, statusTags("rgp:rgpStatus", statuses), "xmlns:rgp", nsRGP)
}

// infData is the data of a domain. Hosts says which: all, del, none or sub; "" is all.
func (s *Server) infData(d *domain, hosts string) string {
	content := leafTag("domain:name", d.name) + leafTag("domain:roid", d.roid) + statusTags("domain:status", d.allStatuses()) +
		optional("domain:registrant", d.registrant) +
		each(d.contacts, func(ref contactRef) string { return leafTag("domain:contact", ref.id, "type", ref.kind) })
	if hosts != "none" && hosts != "sub" {
		content += s.delegation(d)
	}
	if hosts != "none" && hosts != "del" {
		content += each(s.hostsBelow(d.name), func(host string) string { return leafTag("domain:host", host) })
	}
	content += leafTag("domain:clID", d.sponsor) + leafTag("domain:crID", d.creator) + at("domain:crDate", d.created) +
		optional("domain:upID", d.updater) + at("domain:upDate", d.updated) + at("domain:exDate", d.expires) + at("domain:trDate", d.moved)
	if d.authInfo != "" {
		content += tag("domain:authInfo", leafTag("domain:pw", d.authInfo))
	}
	return tag("domain:infData", content, "xmlns:domain", nsDomain)
}

func (s *Server) delegation(d *domain) string {
	content := each(d.servers, func(one server) string {
		if !s.options.HostAttributes {
			return leafTag("domain:hostObj", one.name)
		}
		return tag("domain:hostAttr", leafTag("domain:hostName", one.name)+addressTags("domain:hostAddr", one.addresses))
	})
	if content == "" {
		return ""
	}
	return tag("domain:ns", content)
}

func addressTags(name string, addresses []netip.Addr) string {
	return each(addresses, func(address netip.Addr) string { return leafTag(name, address.String(), "ip", family(address.Is6())) })
}

func family(six bool) string {
	if six {
		return "v6"
	}
	return "v4"
}

func (s *Server) hostsBelow(domain string) []string {
	var list []string
	for name := range s.state.hosts {
		if below(name, domain) {
			list = append(list, name)
		}
	}
	slices.SortFunc(list, strings.Compare)
	return list
}
