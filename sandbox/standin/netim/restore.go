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

// domainRestore brings a deleted domain back as it was, as long as nobody else has it.
func (s *Server) domainRestore(c *call) (any, *fault) {
	name, tld, _, ok := s.split(c.string("domain"))
	if !ok {
		return nil, invalid("domain")
	}
	gone := s.state.deleted[name]
	_, elsewhere := s.state.taken[name]
	switch {
	case s.state.registrations[name] != nil:
		return nil, refuse("Domain is not deleted")
	case gone == nil || elsewhere || s.options.Now().After(gone.at.AddDate(0, 0, restoreDays)):
		return nil, faultf(codeNotOurs, "Domain is not under your management")
	case s.state.pendingFor(name) != nil:
		return nil, refuse("An operation is pending for this domain")
	}
	return s.start(c, order{code: "domainRestore", data: name, cost: s.price(name, tld), apply: func() {
		s.state.registrations[name] = gone.registration
		delete(s.state.deleted, name)
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
