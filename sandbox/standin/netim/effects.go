package netim

import (
	"errors"
	"slices"
)

// Effects counts what was done to a domain, not what was requested: an operation
// counts when it is done.
type Effects struct {
	Renewals          []int    // years of each
	AuthCodes         []string // in the order in which they were created
	Preferences       []string // such as "registrar_lock=1"
	ZoneInits         []int    // templates
	OwnerChanges      int
	ContactChanges    int
	NameServerChanges int
	Signatures        int // set or removed
	Deletions         int
	Restorations      int
}

func (st *state) effect(domain string) *Effects {
	if st.effects[domain] == nil {
		st.effects[domain] = &Effects{}
	}
	return st.effects[domain]
}

// Effects returns what was done to a domain, even after it has left.
func (s *Server) Effects(domain string) Effects {
	defer s.look()()
	e := *s.state.effect(domain)
	e.Renewals, e.AuthCodes = slices.Clone(e.Renewals), slices.Clone(e.AuthCodes)
	e.Preferences, e.ZoneInits = slices.Clone(e.Preferences), slices.Clone(e.ZoneInits)
	return e
}

// AddElsewhere marks a name as registered at another registrar, with its transfer
// key: it can be transferred in.
func (s *Server) AddElsewhere(domain, key string) { s.AddTaken(domain, key) }

// LockElsewhere locks or unlocks a name at its other registrar: a locked one
// cannot be transferred in.
func (s *Server) LockElsewhere(domain string, locked bool) {
	defer s.look()()
	s.state.locked[domain] = locked
}

// TransferOut is another registrar's attempt to take a domain away with a key. It
// fails for a locked domain, and for a key other than the newest.
func (s *Server) TransferOut(domain, key string) error {
	defer s.look()()
	r := s.state.registrations[domain]
	switch {
	case r == nil:
		return errors.New("netim: not registered here")
	case r.flag("registrar_lock") == 1:
		return errors.New("netim: the domain is locked")
	case key != r.authID:
		return errors.New("netim: the key is wrong")
	}
	delete(s.state.registrations, domain)
	s.state.taken[domain] = key
	return nil
}

// SetBalance sets the reseller's balance, in hundredths.
func (s *Server) SetBalance(hundredths int) {
	defer s.look()()
	s.state.balance = hundredths
}

// SetHardLimit sets the amount that the balance must not fall below, in
// hundredths; a negative one is credit.
func (s *Server) SetHardLimit(hundredths int) {
	defer s.look()()
	s.state.hardLimit = hundredths
}
