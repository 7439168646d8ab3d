package netim

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/sandbox/standin/faults"
)

func itoa(n int) string { return strconv.Itoa(n) }

// Results of domainCheck, and a reason.
const (
	available    = "AVAILABLE"
	notAvailable = "NOT AVAILABLE"
	notSold      = "NOT SOLD"
	closed       = "CLOSED"

	premiumReason = "PREMIUM"
)

func (s *Server) availability(name string, tld TLD, sold bool) (result, reason string) {
	_, elsewhere := s.state.taken[name]
	switch {
	case !sold:
		return notSold, ""
	case tld.Closed:
		return closed, ""
	case elsewhere && s.premium(name):
		return notAvailable, premiumReason
	case elsewhere || s.state.registrations[name] != nil:
		return notAvailable, ""
	case s.state.pendingFor(name, "domainCreate", "domainRestore") != nil:
		return notAvailable, "PENDING APPLICATION"
	case s.premium(name):
		return available, premiumReason
	default:
		return available, ""
	}
}

// domainCheck accepts several names, separated by semicolons, only for a single
// extension that allows it.
func (s *Server) domainCheck(c *call) (any, *fault) {
	list := array{kind: "ns1:StructDomainCheckResponse"}
	names := strings.Split(c.string("domain"), ";")
	extension := ""
	for i, text := range names {
		name, tld, sold, ok := s.split(text)
		_, after, _ := strings.Cut(name, ".")
		if !ok || (len(names) > 1 && !tld.HasMultipleCheck) || (i > 0 && after != extension) {
			return nil, faultf(codeCheck, "Check of this domain name is refused")
		}
		extension = after
		result, reason := s.availability(name, tld, sold)
		list.items = append(list.items, structure{"StructDomainCheckResponse", []field{
			{"domain", name}, {"result", result}, {"reason", reason},
		}})
	}
	return list, nil
}

func (s *Server) domainCreate(c *call) (any, *fault) {
	name, tld, sold, ok := s.split(c.string("domain"))
	if !ok || !sold || tld.Closed {
		return nil, invalid("domain")
	}
	if refused := s.owner(c); refused != nil {
		return nil, refused
	}
	if refused := s.others(c); refused != nil {
		return nil, refused
	}
	years, refused := c.int("duration")
	if refused != nil || !within(tld.PeriodCreate, years) {
		return nil, invalid("duration")
	}
	if c.string("templateDNS") != "" {
		if _, refused := c.int("templateDNS"); refused != nil {
			return nil, refused
		}
	}
	servers, refused := s.nameServers(c, name, tld)
	if refused != nil {
		return nil, refused
	}
	if result, _ := s.availability(name, tld, sold); result != available {
		return nil, faultf(codeValue, "domain : Not available")
	}
	draft := s.draft(c, name, servers, years)
	return s.start(c, order{
		code: "domainCreate", data: name, cost: s.price(name, tld) * years, draft: draft,
		apply: func() { s.register(draft) },
	})
}

func (s *Server) draft(c *call, name string, servers []string, years int) *registration {
	return &registration{
		name: name, owner: c.string("idOwner"), admin: c.string("idAdmin"), tech: c.string("idTech"),
		billed: c.string("idBilling"), nameServers: servers, years: years, preferences: map[string]string{},
	}
}

// register starts the period when the registry confirms, not when it is asked.
func (s *Server) register(draft *registration) {
	draft.created = s.options.Calendar()
	draft.expires = draft.created.AddDate(draft.years, draft.monthsLeft, 0)
	draft.authID = fmt.Sprintf("AUTH-%06d", len(s.state.operations))
	s.state.registrations[draft.name] = draft
	delete(s.state.deleted, draft.name)
}

// within reports whether the years are in a range such as "1-10", or equal to a
// single number.
func within(period string, years int) bool {
	if period == "" {
		period = "1-10"
	}
	low, high, isRange := strings.Cut(period, "-")
	if !isRange {
		high = low
	}
	from, err1 := strconv.Atoi(low)
	to, err2 := strconv.Atoi(high)
	return err1 == nil && err2 == nil && years >= from && years <= to
}

// nameServers reads the five parts, of which unused ones are empty, and runs the
// zone test for extensions that have one.
func (s *Server) nameServers(c *call, name string, tld TLD) ([]string, *fault) {
	var servers []string
	for i := 1; i <= 5; i++ {
		part := fmt.Sprintf("ns%d", i)
		text := c.string(part)
		if text == "" {
			continue
		}
		host, err := domains.ParseHost(text)
		if err != nil || slices.Contains(servers, host) {
			return nil, invalid(part)
		}
		if !s.glued(name, host) {
			return nil, refuse(textNoHost)
		}
		servers = append(servers, host)
	}
	need := tld.MinNameServers
	if need == 0 {
		need = defaultMinimumNS
	}
	if len(servers) < need {
		return nil, invalid(fmt.Sprintf("ns%d", len(servers)+1))
	}
	if c.fault == faults.DNSNotReady {
		return nil, refuse(textPrecheck)
	}
	if tld.HasZonecheck && s.options.ZoneCheck != nil {
		for _, ns := range servers {
			if !s.options.ZoneCheck(name, ns) {
				return nil, refuse(textPrecheck)
			}
		}
	}
	return servers, nil
}

// ours finds a registration that this account manages, for a change.
func (s *Server) ours(c *call) (*registration, *fault) {
	r, refused := s.held(c)
	if refused == nil && r.status != "" {
		return nil, refuse("Domain is " + r.status)
	}
	return r, refused
}

// held finds a registration, whatever its status.
func (s *Server) held(c *call) (*registration, *fault) {
	name, _, _, ok := s.split(c.string("domain"))
	if !ok {
		return nil, invalid("domain")
	}
	r := s.state.registrations[name]
	if r == nil {
		return nil, faultf(codeNotOurs, "Domain is not under your management")
	}
	return r, nil
}

func (s *Server) domainInfo(c *call) (any, *fault) {
	r, refused := s.held(c)
	status := "ACTIVE, DELEGATED"
	if refused != nil && refused.code == codeNotOurs && !s.options.HidePending {
		name, _, _, _ := s.split(c.string("domain"))
		if op := s.state.pendingFor(name, "domainCreate", "domainTransferIn"); op != nil {
			r, status, refused = op.draft, "PENDING", nil
		}
	}
	if refused != nil {
		return nil, refused
	}
	if status != "PENDING" && !s.options.Calendar().Before(r.expires) {
		status = StatusExpired
	}
	if r.status != "" {
		status = r.status
	}
	dnssec := mapping{}
	for _, key := range slices.Sorted(maps.Keys(r.dnssec)) {
		dnssec = append(dnssec, field{key, r.dnssec[key]})
	}
	servers := array{kind: kindString}
	for _, ns := range r.nameServers {
		servers.items = append(servers.items, ns)
	}
	return structure{"StructDomainInfo", []field{
		{"domain", r.name}, {"dateCreate", date(r.created)}, {"dateExpiration", date(r.expires)},
		{"dateMinRenew", date(r.created)}, {"dateMaxRenew", date(r.expires)}, {"dateMaxRestore", date(r.expires)},
		{"status", status}, {"idOwner", r.owner}, {"idAdmin", r.admin}, {"idTech", r.tech}, {"idBilling", r.billed},
		{"domainIsLock", r.flag("registrar_lock")}, {"whoisPrivacy", r.flag("whois_privacy")},
		{"autoRenew", r.flag("auto_renew")}, {"ns", servers},
		{"IsSigned", yes(r.signed)}, {"HasDNS4Service", 0}, {"authID", r.authID}, {"DNSSEC", dnssec},
	}}, nil
}

func (r *registration) flag(name string) int {
	if r.preferences[name] == "1" {
		return 1
	}
	return 0
}

func yes(b bool) int {
	if b {
		return 1
	}
	return 0
}

func date(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}

func (s *Server) domainTldInfo(c *call) (any, *fault) {
	name := strings.ToLower(c.string("tld"))
	tld, found := s.options.TLDs[name]
	if !found {
		return nil, invalid("tld")
	}
	orDefault := func(period string) string {
		if period == "" {
			return "1-10"
		}
		return period
	}
	price := amount(tld.Price)
	return structure{"StructDomainTldInfo", []field{
		{"tld", name}, {"Country", ""}, {"Extensions", name},
		{"PeriodCreate", orDefault(tld.PeriodCreate)}, {"PeriodRenew", orDefault(tld.PeriodRenew)},
		{"DelaiRenewBeforeExpiration", 0}, {"DelaiRenewAfterExpiration", 30}, {"DelaiRestoreAfterDelete", restoreDays},
		{"HasEppCode", yes(!tld.NoEppCode)}, {"HasRegistrarLock", yes(!tld.NoRegistrarLock)},
		{"HasAutorenew", yes(!tld.NoAutorenew)}, {"HasWhoisPrivacy", yes(!tld.NoWhoisPrivacy)},
		{"HasMultipleCheck", yes(tld.HasMultipleCheck)}, {"HasImmediateDelete", yes(!tld.NoImmediateDelete)}, {"HasTrusteeService", yes(tld.HasTrusteeService)},
		{"HasLocalContactService", yes(tld.HasLocalContactService)}, {"HasZonecheck", yes(tld.HasZonecheck)}, {"HasDnsSec", yes(!tld.NoDNSSEC)},
		{"FeeCurrency", "EUR"}, {"Fee4Registration", price}, {"Fee4Renewal", price}, {"Fee4Transfer", price},
		{"Fee4Trade", amount(tld.TradePrice)}, {"Informations", ""},
	}}, nil
}

func (s *Server) queryDomainList(c *call) (any, *fault) {
	list := array{kind: "ns1:StructDomainList"}
	matches := wildcard(c.string("filter"))
	for _, r := range s.sorted() {
		if matches(r.name) {
			name := r.name
			if r.garbled {
				name = "?"
			}
			list.items = append(list.items, structure{"StructDomainList", []field{
				{"domain", name}, {"dateCreate", date(r.created)}, {"dateExpiration", date(r.expires)},
			}})
		}
	}
	return list, nil
}
