package names4ever

import (
	"maps"
	"slices"
	"strings"
	"time"
)

type registration struct {
	organisation          string
	nameServers, contacts []string
	email                 string // of the admin contact
	password              string
	created, expires      time.Time
	years                 int
	status                []string // see Server.SetStatuses
}

// Registration is a domain that is registered here.
type Registration struct {
	Domain, Organisation string
	NameServers          []string
	Contacts             []string // their types
	Email                string   // of the admin contact
	// PasswordSet says that the domain has a password. Password itself is only input
	// to AddRegistration.
	PasswordSet      bool
	Password         string
	Created, Expires time.Time
	Years            int
}

// Registrations lists the registered domains by name.
func (s *Server) Registrations() []Registration {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]Registration, 0, len(s.registrations))
	for _, name := range slices.Sorted(maps.Keys(s.registrations)) {
		r := s.registrations[name]
		all = append(all, Registration{
			Domain: name, Organisation: r.organisation, NameServers: slices.Clone(r.nameServers),
			Contacts: slices.Clone(r.contacts), Email: r.email, PasswordSet: r.password != "",
			Created: r.created, Expires: r.expires, Years: r.years,
		})
	}
	return all
}

// Registration returns the registration of a name.
func (s *Server) Registration(name string) (Registration, bool) {
	for _, r := range s.Registrations() {
		if r.Domain == name {
			return r, true
		}
	}
	return Registration{}, false
}

// Count counts the operations of a method that were carried out on a domain:
// add-domain, modify-domain or delete-domain.
func (s *Server) Count(method, domain string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.effects[effect{method, domain}]
}

// Sent is what an operation carried, in the forms of the API.
type Sent struct {
	Password, Organization string
	NameServers            []string // by priority
	Contacts               []Contact
	Years                  int // 0 without a period
}

func (o operation) sent() Sent {
	years, _ := o.years()
	return Sent{Password: o.Password, Organization: o.Organization, NameServers: o.hosts(), Contacts: slices.Clone(o.Contacts), Years: years}
}

// Sent returns the newest operation of a method that was carried out on a domain. Its
// password and contacts are secrets, which no log may contain.
func (s *Server) Sent(method, domain string) (Sent, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sent, ok := s.sent[effect{method, domain}]
	return sent, ok
}

// Calls counts the calls of a method that reached the server; "" counts all calls.
func (s *Server) Calls(method string) int { return s.log.Count(method) }

// Log returns the calls in the order of their arrival.
func (s *Server) Log() []Call { return s.log.All() }

// AddRegistration adds a registration that already exists. Created is now by
// default, and Expires is one year or Years later.
func (s *Server) AddRegistration(r Registration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r.Years = max(r.Years, 1)
	if r.Created.IsZero() {
		r.Created = s.options.Now()
	}
	if r.Expires.IsZero() {
		r.Expires = r.Created.AddDate(r.Years, 0, 0)
	}
	s.registrations[strings.ToLower(r.Domain)] = &registration{
		organisation: r.Organisation, nameServers: slices.Clone(r.NameServers), contacts: slices.Clone(r.Contacts),
		password: r.Password, created: r.Created.UTC(), expires: r.Expires.UTC(), years: r.Years,
	}
}

// SetStatuses sets the statuses that the registry shows of a domain in RDAP, such as "redemption
// period"; none means "active".
func (s *Server) SetStatuses(domain string, statuses ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.registrations[strings.ToLower(domain)].status = statuses
}

// AddTaken marks a name as registered elsewhere.
func (s *Server) AddTaken(domain string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken[strings.ToLower(domain)] = s.options.Now().UTC()
}

// SetRDAPAvailable switches the RDAP server on or off; when off, it answers 503.
func (s *Server) SetRDAPAvailable(available bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rdapDown = !available
}

// SetDNSAvailable switches the DNS on or off.
func (s *Server) SetDNSAvailable(available bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dnsDown = !available
}

// RefuseHolder makes the registry refuse holders with an e-mail address, as one may that has
// found out that nobody reads it.
func (s *Server) RefuseHolder(email string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unwanted[email] = true
}
