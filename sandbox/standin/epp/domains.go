package epp

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// find returns the domain that a command names.
func (s *Server) find(r *request) (*domain, *answer) {
	n := r.object.get("name")
	name, refused := nameOf(n)
	if refused != nil {
		return nil, refused
	}
	d := s.state.domains[name]
	if d == nil {
		return nil, refuse(2303).because(n, "there is no domain %s", name)
	}
	return d, nil
}

// own returns it if it is the registrar's.
func (s *Server) own(r *request) (*domain, *answer) {
	d, refused := s.find(r)
	if refused == nil && !s.ours(d) {
		refused = refuse(2201).because(r.object.get("name"), "the domain is with another registrar")
	}
	return d, refused
}

// blocked refuses a command that a status prohibits, or that comes while another is pending.
func blocked(r *request, d *domain, prohibitions ...string) *answer {
	for _, status := range append(prohibitions, "pendingCreate", "pendingRenew", "pendingTransfer", "pendingUpdate", "pendingDelete") {
		if d.has(status) {
			return refuse(2304).because(r.object.get("name"), "the domain has the status %s", status)
		}
	}
	return nil
}

// yearsOf reads a period, which must be of whole years.
func yearsOf(n *node) (int64, bool) {
	if n == nil {
		return 1, true
	}
	count, err := strconv.ParseInt(n.text, 10, 64)
	if n.attr("unit") == "m" {
		if count%12 != 0 {
			return 0, false
		}
		count /= 12
	}
	return count, err == nil && count >= 1 && count <= mostYears
}

func (s *Server) period(r *request) (int64, *answer) {
	n := r.object.get("period")
	years, ok := yearsOf(n)
	if !ok {
		return 0, refuse(2004).because(n, "a period is of 1 to %d whole years", mostYears)
	}
	return years, nil
}

func (s *Server) checkDomains(r *request) *answer {
	var names []string
	var content strings.Builder
	for _, n := range r.object.all("name") {
		name, refused := nameOf(n)
		if refused != nil {
			return refused
		}
		names = append(names, name)
		avail, reason := "1", ""
		switch {
		case !s.registrable(name):
			avail, reason = "0", "Not offered here"
		case s.state.domains[name] != nil:
			avail, reason = "0", "In use"
		}
		content.WriteString(tag("domain:cd", leafTag("domain:name", name, "avail", avail)+optional("domain:reason", reason)))
	}
	reply := &answer{code: 1000, data: tag("domain:chkData", content.String(), "xmlns:domain", nsDomain)}
	if extension := r.extensions[nsFee]; extension != nil {
		fees, refused := s.checkFees(extension, names)
		if refused != nil {
			return refused
		}
		reply.more = fees
	}
	return reply
}

// passwordOf reads authInfo, which must have a password.
func passwordOf(n *node) (string, *answer) {
	if ext := n.get("ext"); ext != nil {
		return "", refuse(2102).because(ext, "only passwords are taken")
	}
	if n.value("pw") == "" {
		return "", refuse(2306).because(n.get("pw"), "must not be empty")
	}
	return n.value("pw"), nil
}

// authorizes refuses an authInfo that is not the domain's.
func (d *domain) authorizes(auth *node) *answer {
	given, refused := passwordOf(auth)
	if refused == nil && given != d.authInfo {
		refused = refuse(2202).because(auth.get("pw"), "is not that of the domain")
	}
	return refused
}

func (s *Server) createDomain(r *request) *answer {
	n := r.object.get("name")
	name, refused := nameOf(n)
	switch {
	case refused != nil:
		return refused
	case !s.registrable(name):
		return refuse(2306).because(n, "%s cannot be registered here", name)
	case s.state.domains[name] != nil:
		return refuse(2302).because(n, "the domain is registered")
	}
	years, refused := s.period(r)
	if refused != nil {
		return refused
	}
	d := &domain{name: name, sponsor: s.options.Login, creator: s.options.Login, years: int(years)}
	if refused := s.fill(r, d); refused != nil {
		return refused
	}
	d.created = s.today()
	d.expires = d.created.AddDate(int(years), 0, 0)
	reply, price := s.carry(r, d, change{
		kind: "create", status: "pendingCreate", labels: []string{"create"}, command: "create", years: years,
		apply: func() {}, undo: func() { s.forget(d) },
	})
	if reply.code >= 2000 {
		return reply
	}
	d.roid, d.paid = s.newROID("D"), price
	s.state.domains[name] = d
	reply.data = tag("domain:creData",
		leafTag("domain:name", name)+at("domain:crDate", d.created)+s.expiry(d), "xmlns:domain", nsDomain)
	reply.more = s.feeResult(r, "creData", price)
	return reply
}

// fill gives a new domain what a create asks for.
func (s *Server) fill(r *request, d *domain) *answer {
	var refused *answer
	if d.authInfo, refused = passwordOf(r.object.get("authInfo")); refused != nil {
		return refused
	}
	if holder := r.object.get("registrant"); holder != nil {
		if refused := s.known(holder); refused != nil {
			return refused
		}
		d.registrant = holder.text
	}
	if d.contacts, refused = s.contactsOf(r.object.all("contact"), nil); refused != nil {
		return refused
	}
	if d.servers, refused = s.serversOf(r.object.get("ns"), d.name); refused != nil {
		return refused
	}
	if launch := r.extensions[nsLaunch]; launch != nil {
		d.phase = launch.value("phase")
	}
	if signed := r.extensions[nsSecDNS]; signed != nil {
		return s.sign(d, signed)
	}
	return nil
}

// expiry is exDate, unless the options leave it out.
func (s *Server) expiry(d *domain) string {
	if s.options.OmitDates {
		return ""
	}
	return at("domain:exDate", d.expires)
}

func (s *Server) renewDomain(r *request) *answer {
	d, refused := s.own(r)
	if refused != nil {
		return refused
	}
	if refused := blocked(r, d, "clientRenewProhibited", "serverRenewProhibited"); refused != nil {
		return refused
	}
	years, refused := s.period(r)
	if refused != nil {
		return refused
	}
	current := r.object.get("curExpDate")
	if current.text != d.expires.UTC().Format(time.DateOnly) {
		return refuse(2306).because(current, "is not the date on which the domain expires")
	}
	expires := d.expires.AddDate(int(years), 0, 0)
	if expires.After(s.today().AddDate(mostYears, 0, 0)) {
		return refuse(2105).because(r.object.get("period"), "a domain is registered for at most %d years", mostYears)
	}
	reply, price := s.carry(r, d, change{
		kind: "renew", status: "pendingRenew", labels: []string{"renew"}, command: "renew", years: years,
		apply: func() { d.expires, d.renewed = expires, s.today() },
	})
	if reply.code >= 2000 {
		return reply
	}
	d.years = int(years)
	reply.data = tag("domain:renData", leafTag("domain:name", d.name)+s.expiry(d), "xmlns:domain", nsDomain)
	reply.more = s.feeResult(r, "renData", price)
	return reply
}

func (s *Server) deleteDomain(r *request) *answer {
	d, refused := s.own(r)
	if refused != nil {
		return refused
	}
	if refused := blocked(r, d, "clientDeleteProhibited", "serverDeleteProhibited"); refused != nil {
		return refused
	}
	for _, other := range s.state.domains {
		if other != d && slices.ContainsFunc(other.servers, func(one server) bool { return s.state.hosts[one.name] != nil && below(one.name, d.name) }) {
			return refuse(2305).because(r.object.get("name"), "a host below it serves another domain")
		}
	}
	today := s.today()
	young := today.Before(d.created.Add(addGrace))
	credit := int64(0)
	switch {
	case young:
		credit = d.paid
	case !d.autoRenewed.IsZero() && today.Before(d.autoRenewed.Add(autoRenewGrace)):
		credit = d.autoPaid
	}
	reply, _ := s.carry(r, d, change{kind: "delete", status: "pendingDelete", labels: []string{"delete"}, apply: func() {
		s.state.balance += credit
		if young {
			s.forget(d)
			return
		}
		d.deleted = s.today()
	}})
	if reply.code == 1000 && !young {
		reply.code = 1001
	}
	return reply
}
