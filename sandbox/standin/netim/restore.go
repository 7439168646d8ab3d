package netim

import (
	"strings"
	"time"
)

// restoreDays is how long a deleted domain can be restored.
const restoreDays = 30

// deletion is a domain that was deleted here.
type deletion struct {
	registration *registration
	at           time.Time
}

// Statuses of a domain in domainInfo.
const (
	StatusExpired    = "EXPIRED"
	StatusQuarantine = "QUARANTINE, NOT DELEGATED"
	StatusDeleted    = "DELETED"
)

// SetStatus gives a domain a status, in which only domainInfo and the lists still serve it; ""
// takes it away. From StatusQuarantine the domain can be restored.
func (s *Server) SetStatus(domain, status string) {
	defer s.look()()
	s.state.registrations[domain].status = status
}

// Status returns the status that SetStatus has given a domain; "" is none.
func (s *Server) Status(domain string) string {
	defer s.look()()
	if r := s.state.registrations[domain]; r != nil {
		return r.status
	}
	return ""
}

// RemoveRegistration takes a domain out of the account without an operation.
func (s *Server) RemoveRegistration(domain string) {
	defer s.look()()
	delete(s.state.registrations, domain)
}

// GarbleDomain makes a domain unreadable in queryDomainList; domainInfo still reads it.
func (s *Server) GarbleDomain(domain string) {
	defer s.look()()
	s.state.registrations[domain].garbled = true
}

// Expire lets the period of a domain end yesterday. It is then EXPIRED, and can be renewed.
func (s *Server) Expire(domain string) {
	defer s.look()()
	r := s.state.registrations[domain]
	r.status, r.expires = "", s.options.Calendar().AddDate(0, 0, -1)
}

// domainRestore brings a deleted domain back as it was, as long as nobody else has it, and takes
// one out of quarantine. Neither renews it.
func (s *Server) domainRestore(c *call) (any, *fault) {
	name, tld, _, ok := s.split(c.string("domain"))
	if !ok {
		return nil, invalid("domain")
	}
	held := s.state.registrations[name]
	quarantined := held != nil && held.status == StatusQuarantine
	gone := s.state.deleted[name]
	_, elsewhere := s.state.taken[name]
	switch {
	case held != nil && !quarantined:
		return nil, refuse("Domain is not deleted")
	case !quarantined && (gone == nil || elsewhere || s.options.Calendar().After(gone.at.AddDate(0, 0, restoreDays))):
		return nil, faultf(codeNotOurs, "Domain is not under your management")
	case s.state.pendingFor(name) != nil:
		return nil, refuse("An operation is pending for this domain")
	}
	return s.start(c, order{code: "domainRestore", data: name, cost: s.restorePrice(name, tld), apply: func() {
		if quarantined {
			held.status = ""
		} else {
			s.state.registrations[name] = gone.registration
			delete(s.state.deleted, name)
		}
		s.state.effect(name).Restorations++
	}})
}

// queryOpeList says which operations are open for an extension.
func (s *Server) queryOpeList(c *call) (any, *fault) {
	tld, found := s.options.TLDs[strings.ToLower(c.string("tld"))]
	if !found {
		return nil, invalid("tld")
	}
	list := structure{kind: kindStruct}
	for _, operation := range []struct {
		code string
		open bool
	}{
		{"domainCreate", !tld.Closed}, {"domainTransferIn", !tld.Closed}, {"domainTransferOwner", true},
		{"domainChangeContact", true}, {"domainChangeDNS", true}, {"domainRenew", true},
		{"domainRestore", true}, {"domainDelete", !tld.NoImmediateDelete}, {"domainAuthid", !tld.NoEppCode},
		{"domainSetDNSSEC", !tld.NoDNSSEC}, {"domainSetDNSSECExt", !tld.NoDNSSEC}, {"domainZoneInit", true},
		{"domainSetPreference.registrar_lock", !tld.NoRegistrarLock},
		{"domainSetPreference.whois_privacy", !tld.NoWhoisPrivacy},
		{"domainSetPreference.auto_renew", !tld.NoAutorenew}, {"domainSetPreference.to_be_renewed", true},
	} {
		list.fields = append(list.fields, field{operation.code, yes(operation.open)})
	}
	return list, nil
}
