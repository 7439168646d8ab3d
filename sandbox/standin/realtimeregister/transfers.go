package realtimeregister

import (
	"net/http"
	"slices"
	"strconv"
)

func (s *Server) transferDomain(c *call) (answer, *problem) {
	f, refused := decode(c.body, append(slices.Clone(newDomainFields), "designatedAgent")...)
	if refused != nil {
		return answer{}, refused
	}
	d, t, refused := s.newDomain(c, f)
	if refused != nil {
		return answer{}, refused
	}
	other, known := s.state.elsewhere[d.name]
	switch {
	case s.state.domains[d.name] != nil:
		return answer{}, bad("ObjectExists", "Domain is in your account")
	case !known:
		return answer{}, missing("Domain")
	case slices.Contains(t.Without, "TRANSFER"):
		return answer{}, bad("ValidationError", "Transfers are not available")
	case t.NoAuthCode && f.has("authcode"):
		return answer{}, bad("ValidationError", "No authcode is supported")
	case !t.NoAuthCode && d.authcode != other.authcode:
		return answer{}, bad("AuthCodeInvalidError", "The authcode is wrong")
	case other.locked:
		return answer{}, bad("ObjectStatusProhibitsOperation", "The domain is locked")
	}
	return s.change(c, f, t, change{
		action: "incomingTransfer", label: "transfer", command: "TransferDomainCommand", billables: []billable{s.charge(d.name, t, "TRANSFER", 12)}, status: http.StatusOK,
		apply: func() string {
			delete(s.state.elsewhere, d.name)
			d.created, d.expires = other.expires.AddDate(-1, 0, 0), other.expires.AddDate(1, 0, 0)
			s.state.domains[d.name] = d
			return ""
		},
		result: func(bool) map[string]any {
			return s.transferState(s.state.processes[len(s.state.processes)-1])
		},
	})
}

// transferState returns the object with which transfer and transferinfo answer.
func (s *Server) transferState(p *process) map[string]any {
	words := map[string]string{
		statusCompleted: "completed", statusFailed: "failed", statusCancelled: "cancelled", statusSuspended: "pendingfoa", statusRunning: "pending",
	}
	word, ok := words[p.status]
	if !ok {
		word = "pendingsomething"
	}
	return map[string]any{
		"domainName": p.identifier, "status": word, "type": "IN", "processId": p.id, "requestedDate": stamp(p.created),
		"actionDate": stamp(p.created.AddDate(0, 0, 5)),
	}
}

func (s *Server) transferInfo(c *call) (answer, *problem) {
	for _, p := range slices.Backward(s.state.processes) {
		wanted := len(c.vars) == 1 || strconv.FormatInt(p.id, 10) == c.vars[1]
		if wanted && p.identifier == c.vars[0] && p.label == "transfer" {
			return answer{status: http.StatusOK, body: s.transferState(p)}, nil
		}
	}
	return answer{}, missing("Transfer")
}
