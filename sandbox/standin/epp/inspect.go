package epp

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"
	"time"

	"domainprovisioning/domains"
)

// Domain is a domain of the registrar, also one whose creation is pending.
type Domain struct {
	Name, ROID, Registrant string
	Contacts               map[string]string       // by type; the last one of each
	NameServers            []string                // in the order of the newest command
	HostAddresses          map[string][]netip.Addr // of name servers that are attributes
	Statuses, RGP          []string
	DS                     []domains.DS
	Keys                   []domains.DNSKEY
	Created, Expires       time.Time
	AuthInfo               string
	Period                 int    // of the newest create or renew, in years
	Launch                 string // phase of the create
	Fee                    string // that was sent with the newest command that costs money, with two decimals
}

// Contact is a contact of the registrar, with its first address.
type Contact struct {
	ID, PostalType, Name, Org string
	Streets                   []string
	City, SP, PC, CC          string
	Voice, VoiceX, Fax, FaxX  string
	Email, AuthInfo           string
	Disclose                  *Disclose // nil: says nothing
}

// Disclose says which elements, such as "name int" or "voice", may be published, or may not.
type Disclose struct {
	Flag     bool
	Elements []string
}

func (s *Server) look() func() {
	s.mu.Lock()
	s.settle()
	return s.mu.Unlock
}

// Domains lists the names of the registrar's domains.
func (s *Server) Domains() []string {
	defer s.look()()
	var names []string
	for name, d := range s.state.domains {
		if s.ours(d) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Domain returns a domain of the registrar.
func (s *Server) Domain(name string) (Domain, bool) {
	defer s.look()()
	d := s.state.domains[name]
	if d == nil || !s.ours(d) {
		return Domain{}, false
	}
	shown := Domain{
		Name: d.name, ROID: d.roid, Registrant: d.registrant, Contacts: map[string]string{}, HostAddresses: map[string][]netip.Addr{},
		Statuses: d.allStatuses(), RGP: d.rgp(s.today()), DS: slices.Clone(d.ds), Keys: slices.Clone(d.keys),
		Created: d.created, Expires: d.expires, AuthInfo: d.authInfo, Period: d.years, Launch: d.phase, Fee: d.fee,
	}
	for _, ref := range d.contacts {
		shown.Contacts[ref.kind] = ref.id
	}
	for _, one := range d.servers {
		shown.NameServers = append(shown.NameServers, one.name)
		if len(one.addresses) > 0 {
			shown.HostAddresses[one.name] = slices.Clone(one.addresses)
		}
	}
	return shown, true
}

// Contacts lists the registrar's contacts in the order in which they were created.
func (s *Server) Contacts() []Contact {
	defer s.look()()
	list := make([]Contact, 0, len(s.state.contactOrder))
	for _, id := range s.state.contactOrder {
		if c := s.state.contacts[id]; c.sponsor == s.options.Login {
			list = append(list, c.shown())
		}
	}
	return list
}

// Contact returns a contact, of whatever registrar.
func (s *Server) Contact(id string) (Contact, bool) {
	defer s.look()()
	c := s.state.contacts[id]
	if c == nil {
		return Contact{}, false
	}
	return c.shown(), true
}

func (c *contact) shown() Contact {
	first := c.postal[0]
	shown := Contact{
		ID: c.id, PostalType: first.kind, Name: first.name, Org: first.org, Streets: slices.Clone(first.streets),
		City: first.city, SP: first.sp, PC: first.pc, CC: first.cc, Voice: c.voice.number, VoiceX: c.voice.extension,
		Fax: c.fax.number, FaxX: c.fax.extension, Email: c.email, AuthInfo: c.authInfo,
	}
	if c.disclose != nil {
		shown.Disclose = &Disclose{c.disclose.flag, slices.Clone(c.disclose.elements)}
	}
	return shown
}

// Host returns the addresses of a host object.
func (s *Server) Host(name string) ([]netip.Addr, bool) {
	defer s.look()()
	h := s.state.hosts[name]
	if h == nil {
		return nil, false
	}
	return slices.Clone(h.addresses), true
}

// Hosts lists the host objects below a domain.
func (s *Server) Hosts(domain string) []string {
	defer s.look()()
	return s.hostsBelow(domain)
}

// Count counts the effects of a label on an object: create, transfer, renew, restore, delete,
// update:registrant, update:contact, update:ns, update:authInfo, update:secDNS and update:status of
// domains, and create, update and delete after "host:" and "contact:". An effect counts when it is
// accepted, whether it is done or pending, and however it ends.
func (s *Server) Count(label, name string) int {
	defer s.look()()
	return s.state.effects[effect{label, name}]
}

// Effect is how often an object had an effect; see Count.
type Effect struct {
	Label, Name string
	Times       int
}

// Effects lists all effects, by label and name.
func (s *Server) Effects() []Effect {
	defer s.look()()
	list := make([]Effect, 0, len(s.state.effects))
	for of, times := range s.state.effects {
		list = append(list, Effect{of.label, of.name, times})
	}
	slices.SortFunc(list, func(a, b Effect) int {
		return cmp.Or(cmp.Compare(a.Label, b.Label), cmp.Compare(a.Name, b.Name))
	})
	return list
}

// Balance returns the registrar's money in cents.
func (s *Server) Balance() int64 {
	defer s.look()()
	return s.state.balance
}

// SetBalance sets it.
func (s *Server) SetBalance(cents int64) {
	defer s.look()()
	s.state.balance = cents
}

// QueueLength counts the messages that wait.
func (s *Server) QueueLength() int {
	defer s.look()()
	return len(s.state.queue)
}

// Sessions counts the sessions that are logged in.
func (s *Server) Sessions() int {
	defer s.look()()
	return len(s.state.sessions)
}

// SetBehaviour decides how later changes of a domain end.
func (s *Server) SetBehaviour(domain string, b Behaviour) {
	defer s.look()()
	s.state.behaviours[domain] = b
}

// SetPassword sets the registrar's password, as the registry's support might.
func (s *Server) SetPassword(password string) {
	defer s.look()()
	s.state.password = password
}

// SetPrice sets what a command costs for a name, in cents: create, renew and transfer a year,
// restore once.
func (s *Server) SetPrice(name, command string, cents int64) {
	defer s.look()()
	prices := maps.Clone(s.state.prices[name])
	if prices == nil {
		prices = map[string]int64{}
	}
	prices[command] = cents
	s.state.prices[name] = prices
}

// SetPremium makes a name premium: its prices are in cents, a transfer costs as much as renewing,
// and it is registered, renewed, transferred and restored only with the fee extension.
func (s *Server) SetPremium(name string, create, renew, restore int64) {
	for command, cents := range map[string]int64{"create": create, "renew": renew, "transfer": renew, "restore": restore} {
		s.SetPrice(name, command, cents)
	}
	defer s.look()()
	s.state.premium[name] = true
}
