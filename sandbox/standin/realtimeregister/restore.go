package realtimeregister

import (
	"net/http"
	"slices"
)

// Phase is where a domain is in its life.
type Phase string

// The phases.
const (
	Active        Phase = "active"
	Expired       Phase = "expired"
	AutoRenewed   Phase = "renewed automatically"
	Redemption    Phase = "in redemption"
	PendingDelete Phase = "pending delete"
)

// SetPhase puts a domain into a phase. Expired ends its period yesterday, unless it has ended
// before, and AutoRenewed adds a year to it; the others leave its date alone.
func (s *Server) SetPhase(name string, phase Phase) {
	defer s.look()()
	d := s.state.domains[name]
	d.held, d.redemption, d.pendingDelete = nil, phase == Redemption, phase == PendingDelete
	switch phase {
	case Expired:
		if s.options.Calendar().Before(d.expires) {
			d.expires = s.options.Calendar().AddDate(0, 0, -1)
		}
		d.held = []string{statusExpired}
	case AutoRenewed:
		d.expires = d.expires.AddDate(1, 0, 0)
		d.held = []string{"AUTO_RENEW_PERIOD"}
	}
}

// Redeemable reports whether a domain is in redemption.
func (s *Server) Redeemable(name string) bool {
	defer s.look()()
	d := s.state.domains[name]
	return d != nil && d.redemption
}

const statusExpired = "EXPIRED"

// unexpire gives a domain, after a change of its date or its phase, the status EXPIRED if its
// period has ended and takes it away if it has not.
func (s *Server) unexpire(d *domain) {
	d.held = slices.DeleteFunc(d.held, func(status string) bool { return status == statusExpired })
	if s.options.Calendar().After(d.expires) {
		d.held = append(d.held, statusExpired)
	}
}

// GarbleDomain makes the name of a domain unreadable in lists; it can still be read by it.
func (s *Server) GarbleDomain(name string) {
	defer s.look()()
	s.state.domains[name].garbled = true
}

// restoreDomain brings a deleted domain back as long as it is in redemption. The charge must be
// acknowledged.
func (s *Server) restoreDomain(c *call) (answer, *problem) {
	f, refused := decode(c.body, "reason", "billables")
	if refused != nil {
		return answer{}, refused
	}
	d := s.state.domains[c.vars[0]]
	if d == nil {
		return answer{}, missing("Domain")
	}
	_, t, _ := s.tldOf(d.name)
	_, wrong := f.text("reason", 0, 255)
	if refused := firstOf(f.required("reason"), wrong); refused != nil {
		return answer{}, refused
	}
	switch {
	case slices.Contains(t.Without, "RESTORE"):
		return answer{}, bad("ValidationError", "RESTORE is not available")
	case !d.redemption:
		return answer{}, bad("ObjectStatusProhibitsOperation", "The domain is not in redemption")
	}
	return s.change(c, f, t, change{
		action: "restore", label: "restore", command: "RestoreDomainCommand", status: http.StatusOK,
		billables: []billable{{Product: s.product(d.name), Action: "RESTORE", Quantity: 1, Amount: s.own(d.name, t.restorePrice())}},
		apply: func() string {
			if s.state.domains[d.name] != d {
				return "Domain is gone"
			}
			d.redemption = false
			if t.RestoreIncludesRenew {
				d.expires = d.expires.AddDate(1, 0, 0)
			}
			s.unexpire(d)
			return ""
		},
		result: func(bool) map[string]any {
			return map[string]any{"domainName": d.name, "expiryDate": stamp(d.expires)}
		},
	})
}
