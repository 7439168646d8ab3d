package realtimeregister

import (
	"net/http"
	"slices"
)

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
		billables: []billable{{Product: s.product(d.name), Action: "RESTORE", Quantity: 1, Amount: t.restorePrice()}},
		apply: func() string {
			if s.state.domains[d.name] != d {
				return "Domain is gone"
			}
			d.redemption = false
			return ""
		},
		result: func(bool) map[string]any {
			return map[string]any{"domainName": d.name, "expiryDate": stamp(d.expires)}
		},
	})
}
