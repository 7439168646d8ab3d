package epp

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"domainprovisioning/domains"
)

// state is everything behind the mutex.
type state struct {
	password     string
	balance      int64
	sessions     map[*session]bool // those that are logged in
	domains      map[string]*domain
	hosts        map[string]*host
	contacts     map[string]*contact
	contactOrder []string
	pending      []*pending
	transfers    map[string]*transfer // the newest of each domain
	queue        []message
	warnings     []Warning // for who logs in
	behaviours   map[string]Behaviour
	prices       map[string]map[string]int64 // of single names, by command
	premium      map[string]bool
	effects      map[effect]int
	lastTRID     int64
	lastROID     int64
	lastMessage  int64
}

// effect is what was done, and to what.
type effect struct{ label, name string }

func newState(o Options) state {
	return state{
		password: o.Password, balance: max(o.Balance, 0), sessions: map[*session]bool{}, domains: map[string]*domain{},
		hosts: map[string]*host{}, contacts: map[string]*contact{}, transfers: map[string]*transfer{}, behaviours: map[string]Behaviour{},
		prices: map[string]map[string]int64{}, premium: map[string]bool{}, effects: map[effect]int{}, lastMessage: 1000,
	}
}

// domain is a domain of the registry, of whatever registrar.
type domain struct {
	name, roid, sponsor, creator, updater string
	registrant                            string
	contacts                              []contactRef
	servers                               []server
	statuses                              []string // set by the client
	held                                  []string // set by the registry
	pendingStatus                         string   // of the change that is not done yet
	ds                                    []domains.DS
	keys                                  []domains.DNSKEY
	created, updated, moved, expires      time.Time
	renewed, autoRenewed, deleted         time.Time
	restoring                             bool // the report of a restore is due
	authInfo                              string
	years                                 int    // of the newest create or renew
	fee                                   string // sent with the newest command that costs money
	phase                                 string
	paid                                  int64 // for its creation
	autoPaid                              int64
}

type contactRef struct{ kind, id string }

// server is a name server; addresses are there only as attributes of the domain.
type server struct {
	name      string
	addresses []netip.Addr
}

func (s *Server) newROID(kind string) string {
	s.state.lastROID++
	return fmt.Sprintf("%s%d-%s", kind, s.state.lastROID, roidSuffix)
}

// ours: the registrar of this stand-in sponsors it.
func (s *Server) ours(d *domain) bool { return d.sponsor == s.options.Login }

// today is the registry's clock.
func (s *Server) today() time.Time { return s.options.Calendar().UTC().Truncate(time.Second) }

// count notes effects on an object.
func (s *Server) count(name string, labels ...string) {
	for _, label := range labels {
		s.state.effects[effect{label, name}]++
	}
}

// allStatuses returns the statuses of a domain as RFC 5731 combines them.
func (d *domain) allStatuses() []string {
	list := slices.Concat(d.statuses, d.held)
	if d.pendingStatus != "" {
		list = append(list, d.pendingStatus)
	}
	if !d.deleted.IsZero() && !slices.Contains(list, "pendingDelete") {
		list = append(list, "pendingDelete")
	}
	if len(d.servers) == 0 {
		list = append(list, "inactive")
	}
	if len(list) == 0 {
		list = append(list, "ok")
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func (d *domain) has(statuses ...string) bool {
	all := d.allStatuses()
	return slices.ContainsFunc(statuses, func(one string) bool { return slices.Contains(all, one) })
}

// rgp returns the statuses of RFC 3915, the one that says most first.
func (d *domain) rgp(now time.Time) []string {
	if !d.deleted.IsZero() {
		switch {
		case d.restoring:
			return []string{"pendingRestore"}
		case now.Before(d.deleted.Add(redemption)):
			return []string{"redemptionPeriod"}
		}
		return []string{"pendingDelete"}
	}
	var list []string
	for _, grace := range []struct {
		status string
		since  time.Time
		lasts  time.Duration
	}{
		{"autoRenewPeriod", d.autoRenewed, autoRenewGrace}, {"renewPeriod", d.renewed, renewGrace},
		{"transferPeriod", d.moved, transferGrace}, {"addPeriod", d.created, addGrace},
	} {
		if !grace.since.IsZero() && now.Before(grace.since.Add(grace.lasts)) {
			list = append(list, grace.status)
		}
	}
	return list
}

// settle ends what is due. It runs before every command and before every inspection by a test, so
// that no timer is needed.
func (s *Server) settle() {
	now := s.options.Now()
	for _, p := range slices.Clone(s.state.pending) {
		if !p.manual && !now.Before(p.due) {
			s.conclude(p)
		}
	}
	today := s.today()
	for _, d := range s.state.domains {
		switch {
		case !d.deleted.IsZero() && !d.restoring && !today.Before(d.deleted.Add(redemption+afterwards)):
			s.forget(d)
		case d.deleted.IsZero() && d.pendingStatus != "pendingCreate" && s.zone(d.name).AutoRenew:
			s.renewExpired(d, today)
		}
	}
}

// renewExpired renews a domain that has expired for as many years as it takes.
func (s *Server) renewExpired(d *domain, today time.Time) {
	for !d.expires.After(today) {
		d.autoRenewed = d.expires
		d.expires = d.expires.AddDate(1, 0, 0)
		if s.ours(d) {
			d.autoPaid = s.price(d.name, "renew")
			s.state.balance -= d.autoPaid
		}
	}
}

// forget removes a domain, what was pending of it, and the hosts below it.
func (s *Server) forget(d *domain) {
	delete(s.state.domains, d.name)
	s.state.pending = slices.DeleteFunc(s.state.pending, func(p *pending) bool { return p.domain == d })
	for name := range s.state.hosts {
		if below(name, d.name) {
			delete(s.state.hosts, name)
		}
	}
}
