package netim

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"domainprovisioning/domains"
)

// Registration is a domain that is registered here.
type Registration struct {
	Domain                      string
	Owner, Admin, Tech, Billing string // contact ids, or the reseller's login
	NameServers                 []string
	Created, Expires            time.Time
	AuthID                      string
	Preferences                 map[string]string
	Signed                      bool              // by domainSetDNSsec or domainSetDNSSecExt
	DNSSEC                      map[string]string // as in domainInfo
	DS                          []domains.DS      // the records behind it
	Years                       int               // of domainCreate; 0 for AddRegistration
}

// Contact is a contact. Fields and Additional are made up in tests, but elsewhere they
// are personal data.
type Contact struct {
	ID                 string
	IsOwner            bool
	Fields, Additional map[string]string
}

// Operation is an operation in any state.
type Operation struct {
	ID                            int
	Code, Domain, Status, Message string
	Date                          time.Time
}

// Session is an open session.
type Session struct {
	Opened, LastActivity time.Time
	Sync                 bool
}

func (s *Server) look() func() {
	s.mu.Lock()
	s.settle()
	return s.mu.Unlock
}

func (s *Server) sorted() []*registration {
	return slices.SortedFunc(maps.Values(s.state.registrations), func(a, b *registration) int {
		return strings.Compare(a.name, b.name)
	})
}

// Registrations lists the registered domains by name.
func (s *Server) Registrations() []Registration {
	defer s.look()()
	all := s.sorted()
	out := make([]Registration, 0, len(all))
	for _, r := range all {
		out = append(out, Registration{
			Domain: r.name, Owner: r.owner, Admin: r.admin, Tech: r.tech, Billing: r.billed,
			NameServers: slices.Clone(r.nameServers), Created: r.created, Expires: r.expires,
			AuthID: r.authID, Preferences: maps.Clone(r.preferences), Signed: r.signed, DNSSEC: maps.Clone(r.dnssec), DS: slices.Clone(r.ds), Years: r.years,
		})
	}
	return out
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

// Contacts lists the contacts in the order in which they were created.
func (s *Server) Contacts() []Contact {
	defer s.look()()
	out := make([]Contact, 0, len(s.state.contacts))
	for _, c := range s.state.contacts {
		out = append(out, Contact{
			ID: c.id, IsOwner: c.isOwner(), Fields: maps.Clone(c.fields), Additional: maps.Clone(c.additional),
		})
	}
	return out
}

// Operations lists all operations in the order in which they were created.
func (s *Server) Operations() []Operation {
	defer s.look()()
	out := make([]Operation, 0, len(s.state.operations))
	for _, op := range s.state.operations {
		out = append(out, Operation{
			ID: op.id, Code: op.code, Domain: op.data, Status: op.status, Message: op.message, Date: op.date,
		})
	}
	return out
}

// Sessions lists the open sessions in the order in which they were opened.
func (s *Server) Sessions() []Session {
	defer s.look()()
	out := make([]Session, 0, len(s.state.sessions))
	for _, session := range s.state.sessions {
		out = append(out, Session{Opened: session.opened, LastActivity: session.active, Sync: session.sync})
	}
	slices.SortFunc(out, func(a, b Session) int { return a.Opened.Compare(b.Opened) })
	return out
}

// SessionIDs lists the ids of all sessions that were ever opened. They are secrets,
// which no log may contain.
func (s *Server) SessionIDs() []string {
	defer s.look()()
	return slices.Clone(s.state.sessionIDs)
}

// Creates counts the domainCreate operations for a domain, whatever their outcome.
func (s *Server) Creates(domain string) int { return s.Count("domainCreate", domain) }

// Count counts the operations of a code for a domain.
func (s *Server) Count(code, domain string) int {
	n := 0
	for _, op := range s.Operations() {
		if op.Code == code && op.Domain == domain {
			n++
		}
	}
	return n
}

// Balance returns the reseller's balance, in hundredths.
func (s *Server) Balance() int {
	defer s.look()()
	return s.state.balance
}

// SetBehaviour decides how later operations on a domain end.
func (s *Server) SetBehaviour(domain string, b Behaviour) {
	defer s.look()()
	s.state.behaviours[domain] = b
}

// Complete completes the newest operation on a domain that is not done: a pending one,
// or a failed one, as if the registrar's support had restarted it.
func (s *Server) Complete(domain string) error {
	return s.change(domain, Done, func(op *operation) { s.finish(op, "") })
}

// Fail makes the newest pending operation on a domain fail, with a message.
func (s *Server) Fail(domain, message string) error {
	return s.change(domain, Failed, func(op *operation) { s.end(op, Failed, message) })
}

// Cancel ends the newest pending operation on a domain as cancelled by the
// registrar.
func (s *Server) Cancel(domain string) error {
	return s.change(domain, Cancelled, func(op *operation) { s.end(op, Cancelled, "Cancelled") })
}

func (s *Server) change(domain, status string, end func(*operation)) error {
	defer s.look()()
	for _, op := range slices.Backward(s.state.operations) {
		if op.data != domain {
			continue
		}
		if op.status == Pending || (status == Done && op.status == Failed) {
			end(op)
			return nil
		}
	}
	return fmt.Errorf("netim: no operation on %s can become %s", domain, status)
}

// Garble makes the newest pending operation on a domain unreadable in queryOpePending; queryOpe
// still reads it.
func (s *Server) Garble(domain string) error {
	return s.change(domain, Cancelled, func(op *operation) { op.garbled = true })
}

// AddRegistration adds a registration that already exists. Empty fields get defaults:
// expiry a year from now, and the reseller as contact.
func (s *Server) AddRegistration(r Registration) {
	defer s.look()()
	now := s.options.Calendar()
	made := &registration{
		name: r.Domain, owner: r.Owner, admin: r.Admin, tech: r.Tech, billed: r.Billing,
		nameServers: slices.Clone(r.NameServers), created: r.Created, expires: r.Expires,
		authID: r.AuthID, preferences: map[string]string{}, signed: r.Signed, dnssec: maps.Clone(r.DNSSEC),
	}
	maps.Copy(made.preferences, r.Preferences)
	for _, id := range []*string{&made.admin, &made.tech, &made.billed} {
		if *id == "" {
			*id = s.options.Login
		}
	}
	if made.created.IsZero() {
		made.created = now
	}
	if made.expires.IsZero() {
		made.expires = made.created.AddDate(1, 0, 0)
	}
	s.state.registrations[r.Domain] = made
	delete(s.state.deleted, r.Domain)
}

// AddPending adds operations of a code, one on each name, that stay pending and change nothing,
// and returns their numbers.
func (s *Server) AddPending(code string, names ...string) []int {
	defer s.look()()
	numbers := make([]int, len(names))
	for i, name := range names {
		op := &operation{
			id: firstOperation + len(s.state.operations), code: code, data: name, status: Pending,
			date: s.options.Now(), manual: true, apply: func() {},
		}
		s.state.operations, s.state.pending = append(s.state.operations, op), append(s.state.pending, op)
		numbers[i] = op.id
	}
	return numbers
}

// AddTaken marks a name as registered elsewhere, with its transfer key.
func (s *Server) AddTaken(domain, transferKey string) {
	defer s.look()()
	s.state.taken[domain] = transferKey
}

// EndSessions ends all sessions, as the registrar does during maintenance.
func (s *Server) EndSessions() {
	defer s.look()()
	clear(s.state.sessions)
}

// RefuseHolder makes the registry refuse holders with an e-mail address, as one may that has
// found out that nobody reads it.
func (s *Server) RefuseHolder(email string) {
	defer s.look()()
	s.state.unwanted[email] = true
}
