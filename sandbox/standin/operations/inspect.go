package operations

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"domainprovisioning/wire/xmlrpc"

	"domainprovisioning/domains"
)

// Account is an account as tests see it, without its contact.
type Account struct {
	ID, Parent int
	Type       string // C or R
}

// Member is a staff member of an account.
type Member struct {
	ID, AccountID int
	Login         string
}

// Subscription is a subscription of an account.
type Subscription struct {
	ID, AccountID, TemplateID int
	Kind                      Kind
}

// DomainState is a domain. SubscriptionID is 0 if its subscription has ended.
type DomainState struct {
	ID, AccountID, SubscriptionID int
	Name                          string
	RegistrarStatus               int
	Bound                         []int // hosting subscriptions
}

// Request is a domain request.
type Request struct {
	SubscriptionID int
	Name           string
}

// Binding is the services of a hosting subscription on a domain.
type Binding struct{ DomainID, SubscriptionID int }

// Zone is a DNS zone.
type Zone struct {
	Name        string
	Created     time.Time
	NameServers []string
	Served      bool
}

// Accounts lists the accounts, without the provider's own. Like the other lists, it is
// sorted by id.
func (s *Server) Accounts() []Account {
	s.mu.Lock()
	defer s.mu.Unlock()
	return list(s.state.accounts, func(id int, a *account) Account {
		return Account{ID: id, Parent: a.parent, Type: a.kind}
	})
}

// Members lists the members of all accounts.
func (s *Server) Members() []Member {
	s.mu.Lock()
	defer s.mu.Unlock()
	return list(s.state.members, func(id int, m *member) Member {
		return Member{ID: id, AccountID: m.account, Login: m.login}
	})
}

// Subscriptions lists the subscriptions.
func (s *Server) Subscriptions() []Subscription {
	s.mu.Lock()
	defer s.mu.Unlock()
	return list(s.state.subscriptions, func(id int, sub *subscription) Subscription {
		return Subscription{ID: id, AccountID: sub.account, TemplateID: sub.template, Kind: sub.kind}
	})
}

// Domains lists the domains.
func (s *Server) Domains() []DomainState {
	s.mu.Lock()
	defer s.mu.Unlock()
	return list(s.state.domains, func(id int, d *domain) DomainState {
		return DomainState{
			ID: id, AccountID: d.account, SubscriptionID: d.subscription, Name: d.name,
			RegistrarStatus: d.registrarStatus, Bound: slices.Clone(d.bound),
		}
	})
}

// Domain returns the domain of a name.
func (s *Server) Domain(name string) (DomainState, bool) {
	for _, d := range s.Domains() {
		if d.Name == name {
			return d, true
		}
	}
	return DomainState{}, false
}

// Requests lists the domain requests in the order in which they were created.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Request, 0, len(s.state.requests))
	for _, q := range s.state.requests {
		out = append(out, Request{SubscriptionID: q.subscription, Name: q.name})
	}
	return out
}

// Bindings lists the bindings by domain, and then in the order in which they were
// created.
func (s *Server) Bindings() []Binding {
	var out []Binding
	for _, d := range s.Domains() {
		for _, id := range d.Bound {
			out = append(out, Binding{DomainID: d.ID, SubscriptionID: id})
		}
	}
	return out
}

// Removals lists what calls have removed, in their order: "account 500", "member 900",
// "subscription 700101", "request shop.example", "domain shop.example" and "services of 700102
// on shop.example". What went with it is not listed.
func (s *Server) Removals() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.state.removals)
}

// Zones lists the zones by name.
func (s *Server) Zones() []Zone {
	s.mu.Lock()
	defer s.mu.Unlock()
	return list(s.state.zones, func(name string, z *zone) Zone {
		return Zone{
			Name: name, Created: z.created, NameServers: slices.Clone(z.nameServers), Served: s.served(z),
		}
	})
}

// ZoneServed reports whether the name servers answer for a name; a zone goes live some
// time after its creation (docs/protocols/operations.md, section 9.4). The registrar's
// check of the zone uses it.
func (s *Server) ZoneServed(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	z := s.state.zones[name]
	return z != nil && s.served(z)
}

// PublishZone makes a zone go live at once. It does nothing for a name without a zone.
func (s *Server) PublishZone(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if z := s.state.zones[name]; z != nil {
		z.created = s.options.Now().Add(-s.options.ZoneDelay)
	}
}

func (s *Server) served(z *zone) bool {
	return !s.options.Now().Before(z.created.Add(s.options.ZoneDelay))
}

// AddExistingAccount adds an account with a member and no subscription, and returns
// its id. For id 0 the server chooses one; an account that already has the id stays as
// it is.
func (s *Server) AddExistingAccount(id int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if id == 0 {
		id = s.state.newID()
	}
	if !s.state.accountExists(id) {
		s.state.accounts[id] = &account{kind: "C", parent: ProviderAccount, contact: sampleContact()}
		s.state.putMember(s.state.newID(), &member{account: id, login: fmt.Sprintf("user-%d", id), contact: sampleContact()})
	}
	return id
}

// sampleContact returns the contact of accounts that existed before.
func sampleContact() contact {
	return contact{
		person: xmlrpc.Struct{"first_name": "Erin", "last_name": "Existing"},
		address: xmlrpc.Struct{
			"street_name": "3 Old Road", "zipcode": "10001", "city": "Sampleton", "country": "us", "state": "NY",
		},
		phone: xmlrpc.Struct{"country_code": "1", "area_code": "212", "phone_num": "5550102", "ext_num": ""},
		email: "erin@existing.example",
	}
}

// AddExistingDomain adds a domain of an account, with a zone that is already served
// but without a subscription, as after a subscription has ended. It returns the
// domain's id, and replaces a domain of that name. A name that does not parse is used
// unchanged.
func (s *Server) AddExistingDomain(name string, accountID int) int {
	if parsed, err := domains.ParseName(name); err == nil {
		name = parsed.String()
	}
	s.AddExistingAccount(accountID)
	s.mu.Lock()
	defer s.mu.Unlock()
	if old, d := s.state.domainByName(name); d != nil {
		delete(s.state.domains, old)
	}
	id := s.state.newID()
	s.state.putDomain(id, &domain{name: name, account: accountID, registrarStatus: 2})
	s.state.addZone(name, s.options.Now().Add(-s.options.ZoneDelay), s.options.NameServers)
	return id
}

func list[K cmp.Ordered, V, T any](m map[K]V, show func(K, V) T) []T {
	out := make([]T, 0, len(m))
	for _, key := range slices.Sorted(maps.Keys(m)) {
		out = append(out, show(key, m[key]))
	}
	return out
}
