package epp

import (
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
		given, refused := passwordOf(auth)
		if refused != nil {
			return refused
		}
		if given != d.authInfo {
			return refuse(2202).because(auth.get("pw"), "is not that of the domain")
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
	content := ""
	for _, status := range statuses {
		content += tag("rgp:rgpStatus", "", "s", status)
	}
	return tag("rgp:"+element, content, "xmlns:rgp", nsRGP)
}

// infData is the data of a domain. Hosts says which: all, del, none or sub; "" is all.
func (s *Server) infData(d *domain, hosts string) string {
	content := leafTag("domain:name", d.name) + leafTag("domain:roid", d.roid)
	for _, status := range d.allStatuses() {
		content += tag("domain:status", "", "s", status)
	}
	content += optional("domain:registrant", d.registrant)
	for _, ref := range d.contacts {
		content += leafTag("domain:contact", ref.id, "type", ref.kind)
	}
	if hosts != "none" && hosts != "sub" {
		content += s.delegation(d)
	}
	if hosts != "none" && hosts != "del" {
		for _, host := range s.hostsBelow(d.name) {
			content += leafTag("domain:host", host)
		}
	}
	content += leafTag("domain:clID", d.sponsor) + leafTag("domain:crID", d.creator) + at("domain:crDate", d.created) +
		optional("domain:upID", d.updater) + at("domain:upDate", d.updated) + at("domain:exDate", d.expires) + at("domain:trDate", d.moved)
	if d.authInfo != "" {
		content += tag("domain:authInfo", leafTag("domain:pw", d.authInfo))
	}
	return tag("domain:infData", content, "xmlns:domain", nsDomain)
}

func (s *Server) delegation(d *domain) string {
	content := ""
	for _, one := range d.servers {
		if !s.options.HostAttributes {
			content += leafTag("domain:hostObj", one.name)
			continue
		}
		host := leafTag("domain:hostName", one.name)
		for _, address := range one.addresses {
			host += leafTag("domain:hostAddr", address.String(), "ip", family(address.Is6()))
		}
		content += tag("domain:hostAttr", host)
	}
	if content == "" {
		return ""
	}
	return tag("domain:ns", content)
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
