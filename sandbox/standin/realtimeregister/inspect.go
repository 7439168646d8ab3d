package realtimeregister

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"domainprovisioning/domains"
)

// state is everything behind the mutex.
type state struct {
	domains          map[string]*domain
	elsewhere        map[string]elsewhere
	contacts         map[string]*contact
	contactOrder     []string
	processes        []*process
	notifications    []*notification
	behaviours       map[string]Behaviour
	templates        []string
	prices           map[string]ownPrice
	hosts            map[string][]hostAddress
	balance          int64
	lastProcess      int64
	lastNotification int64
	lastAuthcode     int
	lastZone         int64
	unwanted         map[string]bool // e-mail addresses of holders whom the registry refuses
}

// elsewhere is a domain at another registrar.
type elsewhere struct {
	authcode string
	locked   bool
	expires  time.Time
}

func newState(o Options) state {
	return state{
		domains: map[string]*domain{}, elsewhere: map[string]elsewhere{}, contacts: map[string]*contact{}, behaviours: map[string]Behaviour{},
		prices: map[string]ownPrice{}, hosts: map[string][]hostAddress{}, unwanted: map[string]bool{},
		balance: o.Balance, lastProcess: 70012344, lastNotification: 5000,
	}
}

// Domain is a domain that is registered here.
type Domain struct {
	Name, Registrant   string
	Contacts           map[string]string // by role
	NameServers        []string
	Zone               bool // served here
	Template           string
	Signed             bool // of the zone here
	Keys               []domains.DNSKEY
	DS                 []domains.DS
	Privacy, AutoRenew bool
	Locks              []string
	Created, Expires   time.Time
	AuthCode, Language string
}

// Contact is a contact. Members are made up in tests, but elsewhere they are personal
// data.
type Contact struct {
	Handle     string
	Members    map[string]any
	Properties map[string]map[string]string // by registry
}

// Process is a process in any state. Label is its action and, for an update, what it
// changes, such as "update:ns".
type Process struct {
	ID                    int64
	Label, Domain, Status string
	Ended                 bool // COMPLETED, FAILED or CANCELLED
	Period                int  // in months, if it has one
}

func (s *Server) look() func() {
	s.mu.Lock()
	s.settle()
	return s.mu.Unlock
}

// Domains lists the names of the domains of the account.
func (s *Server) Domains() []string {
	defer s.look()()
	return slices.Sorted(maps.Keys(s.state.domains))
}

// Domain returns a domain.
func (s *Server) Domain(name string) (Domain, bool) {
	defer s.look()()
	d := s.state.domains[name]
	if d == nil {
		return Domain{}, false
	}
	shown := Domain{
		Name: d.name, Registrant: d.registrant, Contacts: map[string]string{}, NameServers: slices.Clone(d.ns), Zone: d.zone != nil,
		Privacy: d.privacy, AutoRenew: d.autoRenew, Locks: slices.Clone(d.locks),
		Created: d.created, Expires: d.expires, AuthCode: d.authcode, Language: d.language,
	}
	if d.zone != nil {
		shown.Template, shown.Signed = d.zone.Template, d.zone.DNSSEC
	}
	for _, key := range d.keys {
		shown.Keys = append(shown.Keys, domains.DNSKEY{Flags: key.Flags, Protocol: key.Protocol, Algorithm: key.Algorithm, PublicKey: key.PublicKey})
	}
	for _, ds := range d.ds {
		shown.DS = append(shown.DS, domains.DS(ds))
	}
	for _, ref := range d.contacts {
		shown.Contacts[ref.Role] = ref.Handle
	}
	return shown, true
}

// Contacts lists the contacts in the order in which they were created.
func (s *Server) Contacts() []Contact {
	defer s.look()()
	out := make([]Contact, 0, len(s.state.contactOrder))
	for _, handle := range s.state.contactOrder {
		c := s.state.contacts[handle]
		out = append(out, Contact{Handle: handle, Members: maps.Clone(c.members), Properties: maps.Clone(c.properties)})
	}
	return out
}

// Processes lists all processes in the order in which they began.
func (s *Server) Processes() []Process {
	defer s.look()()
	out := make([]Process, 0, len(s.state.processes))
	for _, p := range s.state.processes {
		period := 0
		_ = json.Unmarshal(p.command["period"], &period)
		out = append(out, Process{ID: p.id, Label: p.label, Domain: p.identifier, Status: p.status, Ended: p.final(), Period: period})
	}
	return out
}

// Count counts the processes with a label that were started for a domain, whatever
// their outcome; a label that ends in "*" matches every label with that beginning.
func (s *Server) Count(label, domain string) int {
	n := 0
	for _, p := range s.Processes() {
		prefix, open := strings.CutSuffix(label, "*")
		if p.Domain == domain && (p.Label == label || open && strings.HasPrefix(p.Label, prefix)) {
			n++
		}
	}
	return n
}

// Waiting counts the unacknowledged notifications.
func (s *Server) Waiting() int {
	defer s.look()()
	n := 0
	for _, one := range s.state.notifications {
		if one.acknowledged == nil {
			n++
		}
	}
	return n
}

// Balance returns the account's balance and the amount reserved, in cents.
func (s *Server) Balance() (balance, reserved int64) {
	defer s.look()()
	return s.state.balance, s.reserved()
}

// SetBalance sets the account's balance, in cents.
func (s *Server) SetBalance(cents int64) {
	defer s.look()()
	s.state.balance = cents
}

// SetBehaviour decides how later processes on a domain end.
func (s *Server) SetBehaviour(domain string, b Behaviour) {
	defer s.look()()
	s.state.behaviours[domain] = b
}

// SetStatuses gives a domain additional statuses, such as SERVER_HOLD.
func (s *Server) SetStatuses(name string, statuses ...string) {
	defer s.look()()
	s.state.domains[name].held = statuses
}

// ChangeContact changes a member of a contact, as somebody might in the portal.
func (s *Server) ChangeContact(handle, member, value string) {
	defer s.look()()
	s.state.contacts[handle].members[member] = value
}

// Complete completes the newest process on a domain that is not done: one in progress,
// one in doubt, or a failed one, as if the registrar's support had restarted it.
func (s *Server) Complete(domain string) error {
	return s.finish(domain, func(p *process) bool { return p.status == statusCompleted }, func(p *process) {
		p.failWith = ""
		s.conclude(p)
	})
}

// Fail makes the newest open process on a domain fail, with a message.
func (s *Server) Fail(domain, message string) error {
	return s.finish(domain, (*process).final, func(p *process) { s.end(p, statusFailed, message) })
}

// Cancel ends the newest open process on a domain as cancelled.
func (s *Server) Cancel(domain string) error {
	return s.finish(domain, (*process).final, func(p *process) { s.end(p, statusCancelled, "") })
}

func (s *Server) finish(domain string, ended func(*process) bool, end func(*process)) error {
	defer s.look()()
	for _, p := range slices.Backward(s.state.processes) {
		if p.identifier == domain && !ended(p) && p.status != statusCancelled {
			end(p)
			return nil
		}
	}
	return fmt.Errorf("realtimeregister: no process on %s can end", domain)
}

// Garble makes the newest open process on a domain unreadable in every list; it can still be
// read by its number. Once it is completed, lists show that, and not what it has done.
func (s *Server) Garble(domain string) error {
	return s.finish(domain, (*process).final, func(p *process) { p.garbled = true })
}

// AddDomain adds a domain that already exists. By default it was created a year ago
// and expires a year after that. With Zone it has a zone here and our name servers.
func (s *Server) AddDomain(d Domain) {
	defer s.look()()
	made := &domain{
		name: d.Name, registrant: d.Registrant, ns: slices.Clone(d.NameServers), privacy: d.Privacy, autoRenew: d.AutoRenew,
		locks: slices.Clone(d.Locks), created: d.Created, expires: d.Expires, authcode: d.AuthCode,
	}
	for _, role := range slices.Sorted(maps.Keys(d.Contacts)) {
		made.contacts = append(made.contacts, contactRef{role, d.Contacts[role]})
	}
	if d.Zone {
		made.zone, made.ns = s.newZone(), slices.Clone(ownNameServers)
		made.zone.Template, made.zone.DNSSEC = d.Template, d.Signed
	}
	if made.created.IsZero() {
		made.created = s.options.Calendar().AddDate(-1, 0, 0)
	}
	if made.expires.IsZero() {
		made.expires = made.created.AddDate(1, 0, 0)
	}
	if made.authcode == "" {
		made.authcode = s.newAuthcode()
	}
	s.state.domains[d.Name] = made
}

// RemoveDomain removes a domain from the account without a process.
func (s *Server) RemoveDomain(name string) {
	defer s.look()()
	delete(s.state.domains, name)
}

// AddContact adds a contact, with all that is required of one.
func (s *Server) AddContact(handle string) {
	defer s.look()()
	s.keepContact(handle, map[string]any{
		"name": handle, "addressLine": []string{"1 Main Street"}, "postalCode": "10001", "city": "Sampleton", "country": "US",
		"email": handle + "@contact.example", "voice": "+1.2125550199",
	})
}

// AddRunning adds processes of an action, one on each name, that stay suspended and change
// nothing, and returns their numbers.
func (s *Server) AddRunning(action string, names ...string) []int64 {
	defer s.look()()
	now := s.options.Now()
	numbers := make([]int64, len(names))
	for i, name := range names {
		s.state.lastProcess++
		s.state.processes = append(s.state.processes, &process{
			id: s.state.lastProcess, status: statusSuspended, action: action, label: action, identifier: name, kind: "domain",
			created: now, updated: now, apply: func() string { return "" },
		})
		numbers[i] = s.state.lastProcess
	}
	return numbers
}

// AddElsewhere marks a name as registered at another registrar, with its auth code: it
// can be transferred in unless it is locked there.
func (s *Server) AddElsewhere(domain, authcode string, locked bool) {
	defer s.look()()
	s.state.elsewhere[domain] = elsewhere{authcode, locked, s.options.Calendar().AddDate(0, 3, 0)}
}

// AddTemplate adds a zone template.
func (s *Server) AddTemplate(handle string) {
	defer s.look()()
	s.state.templates = append(s.state.templates, handle)
}

// RefuseHolder makes the registry refuse holders with an e-mail address, as one may that has
// found out that nobody reads it.
func (s *Server) RefuseHolder(email string) {
	defer s.look()()
	s.state.unwanted[email] = true
}
