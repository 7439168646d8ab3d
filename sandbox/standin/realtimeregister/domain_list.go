package realtimeregister

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

func (s *Server) readDomain(c *call) (answer, *problem) {
	d := s.state.domains[c.vars[0]]
	if d == nil {
		return answer{}, missing("Domain")
	}
	return answer{status: http.StatusOK, body: s.domainDocument(d)}, nil
}

func (s *Server) domainDocument(d *domain) map[string]any {
	_, t, _ := s.tldOf(d.name)
	body := map[string]any{
		"domainName": d.name, "registry": t.provider(), "customer": s.options.Customer, "registrant": d.registrant,
		"privacyProtect": d.privacy, "autoRenew": d.autoRenew, "autoRenewPeriod": 12, "premium": s.premium(d.name), "gateway": false,
		"status": s.statuses(d), "createdDate": stamp(d.created), "expiryDate": stamp(d.expires), "authcode": d.authcode,
	}
	if d.autoRenewPeriod > 0 {
		body["autoRenewPeriod"] = d.autoRenewPeriod
	}
	if hosts := s.hostsBelow(d.name); len(hosts) > 0 {
		body["childHosts"] = hosts
	}
	if len(d.ns) > 0 {
		body["ns"] = d.ns
	}
	if d.language != "" {
		body["languageCode"] = d.language
	}
	if len(d.contacts) > 0 {
		body["contacts"] = d.contacts
	}
	if d.zone != nil {
		body["zone"] = d.zone.document()
	}
	if len(d.keys) > 0 {
		body["keyData"] = d.keys
	}
	if len(d.ds) > 0 {
		body["dsData"] = d.ds
	}
	return body
}

// listDomains lists the domains by name. They are also found by their contacts in a role.
func (s *Server) listDomains(c *call) (answer, *problem) {
	all := make([]map[string]any, 0, len(s.state.domains))
	garbled := map[any]bool{}
	for _, name := range slices.Sorted(maps.Keys(s.state.domains)) {
		all = append(all, s.domainDocument(s.state.domains[name]))
		garbled[name] = s.state.domains[name].garbled
	}
	return listing{
		identifying: []string{"domainName"}, values: domainValues,
		garble: func(one map[string]any) {
			if garbled[one["domainName"]] {
				one["domainName"] = []string{}
			}
		},
		filters: []string{
			"domainName", "registry", "customer", "registrant", "privacyProtect", "autoRenew", "autoRenewPeriod", "premium", "gateway", "status",
			"createdDate", "expiryDate", "authcode", "languageCode", "ns", "childHosts", "admin", "tech", "billing",
		},
	}.list(c, all)
}

// domainValues returns what a filter compares; a role stands for the contacts that have it.
func domainValues(one map[string]any, field string) []string {
	var handles []string
	contacts, _ := one["contacts"].([]contactRef)
	for _, ref := range contacts {
		if strings.EqualFold(ref.Role, field) {
			handles = append(handles, ref.Handle)
		}
	}
	return append(handles, texts(one[field])...)
}
