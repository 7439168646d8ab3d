package epp

import (
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"domainprovisioning/domains"
)

// Phase is where in its life a domain is.
type Phase int

// The phases.
const (
	Active        Phase = iota
	AutoRenew           // expired today and was renewed for a year
	Redemption          // deleted today
	PendingDelete       // after redemption: it cannot be restored
)

// AddDomain adds a domain of the registrar that already exists. By default it was created a year
// ago and expires in a year. Its contacts and hosts are added if they do not exist. Statuses that
// begin with "server" are the registry's; ok, inactive and those that begin with "pending" follow
// from the rest.
func (s *Server) AddDomain(d Domain) {
	defer s.look()()
	made := &domain{
		name: d.Name, roid: d.ROID, sponsor: s.options.Login, creator: s.options.Login, registrant: d.Registrant,
		ds: slices.Clone(d.DS), keys: slices.Clone(d.Keys), created: d.Created, expires: d.Expires, authInfo: d.AuthInfo,
		years: d.Period, phase: d.Launch, fee: d.Fee,
	}
	if made.roid == "" {
		made.roid = s.newROID("D")
	}
	if made.created.IsZero() {
		made.created = s.today().AddDate(-1, 0, 0)
	}
	if made.expires.IsZero() {
		made.expires = s.today().AddDate(1, 0, 0)
	}
	if made.authInfo == "" {
		made.authInfo = "auth-" + d.Name
	}
	for _, kind := range slices.Sorted(maps.Keys(d.Contacts)) {
		made.contacts = append(made.contacts, contactRef{kind, d.Contacts[kind]})
		s.addContact(d.Contacts[kind])
	}
	s.addContact(d.Registrant)
	for _, status := range d.Statuses {
		switch {
		case strings.HasPrefix(status, "client"):
			made.statuses = append(made.statuses, status)
		case strings.HasPrefix(status, "server"):
			made.held = append(made.held, status)
		}
	}
	s.state.domains[d.Name] = made
	for _, name := range d.NameServers {
		made.servers = append(made.servers, server{name, d.HostAddresses[name]})
		if !s.options.HostAttributes && s.state.hosts[name] == nil {
			s.keepHost(name, slices.Clone(d.HostAddresses[name]))
		}
	}
}

// RemoveDomain removes a domain at once, with the hosts below it.
func (s *Server) RemoveDomain(name string) {
	defer s.look()()
	if d := s.state.domains[name]; d != nil {
		s.forget(d)
	}
}

// AddContact adds a contact of the registrar, with all that is required of one.
func (s *Server) AddContact(id string) {
	defer s.look()()
	s.addContact(id)
}

func (s *Server) addContact(id string) {
	if id == "" || s.state.contacts[id] != nil {
		return
	}
	s.keepContact(madeUp(id, s.options.Login))
}

func madeUp(id, sponsor string) *contact {
	return &contact{
		id: id, sponsor: sponsor, email: "contact@contact.example", authInfo: "auth-" + id, voice: phone{number: "+1.2125550199"},
		postal: []postal{{kind: "int", name: "Contact " + id, streets: []string{"1 Main Street"}, city: "Sampleton", sp: "NY", pc: "10001", cc: "US"}},
	}
}

// Sign gives a domain, of whatever registrar, the digests of its keys.
func (s *Server) Sign(name string, ds ...domains.DS) {
	defer s.look()()
	s.state.domains[name].ds = slices.Clone(ds)
}

// ChangeContact changes the e-mail address of a contact, as the registry's support might.
func (s *Server) ChangeContact(id, email string) {
	defer s.look()()
	s.state.contacts[id].email = email
}

// AddHost adds a host object, or replaces its addresses.
func (s *Server) AddHost(name string, addrs ...netip.Addr) {
	defer s.look()()
	s.keepHost(name, slices.Clone(addrs))
}

// AddElsewhere adds a domain of another registrar, which expires in three months: it can be
// transferred in with authInfo, unless it is locked. Its contacts are the other registrar's, and stay
// so after a transfer.
func (s *Server) AddElsewhere(name, authInfo string, locked bool) {
	defer s.look()()
	today := s.today()
	d := &domain{
		name: name, roid: s.newROID("D"), sponsor: otherRegistrar, creator: otherRegistrar, authInfo: authInfo,
		created: today.AddDate(-1, 3, 0), expires: today.AddDate(0, 3, 0),
	}
	if s.state.contacts[otherContact] == nil {
		s.keepContact(madeUp(otherContact, otherRegistrar))
	}
	d.registrant, d.contacts = otherContact, []contactRef{{"admin", otherContact}, {"tech", otherContact}}
	if locked {
		d.statuses = []string{"clientTransferProhibited"}
	}
	s.state.domains[name] = d
}

// SetStatuses sets the statuses of a domain that are the registry's, such as serverHold. Those that
// begin with "client" replace the client's.
func (s *Server) SetStatuses(name string, statuses ...string) {
	defer s.look()()
	d := s.state.domains[name]
	d.held = slices.DeleteFunc(slices.Clone(statuses), func(one string) bool { return strings.HasPrefix(one, "client") })
	if mine := slices.DeleteFunc(slices.Clone(statuses), func(one string) bool { return !strings.HasPrefix(one, "client") }); len(mine) > 0 {
		d.statuses = mine
	}
}

// SetPhase moves a domain to a place in its life.
func (s *Server) SetPhase(name string, phase Phase) {
	defer s.look()()
	d := s.state.domains[name]
	today := s.today()
	d.deleted, d.restoring, d.autoRenewed = time.Time{}, false, time.Time{}
	switch phase {
	case AutoRenew:
		d.autoRenewed, d.expires = today, today.AddDate(1, 0, 0)
	case Redemption:
		d.deleted = today
	case PendingDelete:
		d.deleted = today.Add(-redemption)
	case Active:
	}
}

// AnnounceChange queues the news that the registry has changed a domain (RFC 8590), such as
// "update" by the registry's support.
func (s *Server) AnnounceChange(name, operation, who, reason string) {
	defer s.look()()
	data := ""
	if d := s.state.domains[name]; d != nil {
		data = s.infData(d, "all")
	}
	s.queueUp(message{
		text: "The registry has changed " + name + ".", data: data, needs: nsDomain, moreIs: nsChangePoll,
		more: tag("changePoll:changeData", leafTag("changePoll:operation", operation)+at("changePoll:date", s.options.Now())+
			leafTag("changePoll:svTRID", s.newTRID())+leafTag("changePoll:who", who)+optional("changePoll:reason", reason),
			"xmlns:changePoll", nsChangePoll, "state", "after"),
	})
}

// AnnounceRGP queues the news that a domain has a status of RFC 3915.
func (s *Server) AnnounceRGP(name, status string) {
	defer s.look()()
	data := ""
	if d := s.state.domains[name]; d != nil {
		data = s.infData(d, "all")
	}
	s.queueUp(message{text: name + " is in " + status + ".", data: data, needs: nsDomain, moreIs: nsRGP, more: rgpData("infData", status)})
}

// AnnounceMaintenance queues the news that the registry will not answer for a while (RFC 9167).
func (s *Server) AnnounceMaintenance(id string, start, end time.Time) {
	defer s.look()()
	zones := each(slices.Sorted(maps.Keys(s.options.Zones)), func(zone string) string { return leafTag("maint:tld", zone) })
	system := leafTag("maint:name", "EPP") + leafTag("maint:host", "epp.registry.example") + leafTag("maint:impact", "full")
	s.queueUp(message{text: "Maintenance is planned.", needs: nsMaintenance, data: tag("maint:infData", tag("maint:item",
		leafTag("maint:id", id)+leafTag("maint:pollType", "create")+tag("maint:systems", tag("maint:system", system))+
			tag("maint:environment", "", "type", "production")+at("maint:start", start)+at("maint:end", end)+
			leafTag("maint:reason", "planned")+tag("maint:tlds", zones)+at("maint:crDate", s.options.Now()),
	), "xmlns:maint", nsMaintenance)})
}

// Warning is what the registry says of the account when it logs in (RFC 8807). The type and the
// level are required, and words of its schema; what is empty is left out.
type Warning struct{ Type, Level, Name, ExDate, Value, Duration, Text string }

// WarnAtLogin says these, and nothing else, to each login from now on that uses the extension, also
// to one that is refused for its password or a new one.
func (s *Server) WarnAtLogin(warnings ...Warning) {
	defer s.look()()
	s.state.warnings = slices.Clone(warnings)
}

// AnnounceText queues a message without data that has elements inside its text: news about the
// account, such as a low balance.
func (s *Server) AnnounceText(text string) {
	defer s.look()()
	s.queueUp(message{text: text, markup: tag("n:notice", leafTag("n:limit", "100.00")+leafTag("n:unit", moneyUnit), "xmlns:n", "urn:example:notice-1.0")})
}
