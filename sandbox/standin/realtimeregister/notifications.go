package realtimeregister

import (
	"maps"
	"net/http"
	"strconv"
	"time"
)

// notification tells of a process that has ended.
type notification struct {
	id           int64
	members      map[string]any
	acknowledged bool
	delivered    *time.Time
}

// notify adds a notification to the queue and has it pushed.
func (s *Server) notify(p *process) {
	s.state.lastNotification++
	n := &notification{id: s.state.lastNotification, members: map[string]any{
		"id": s.state.lastNotification, "fireDate": stamp(s.options.Now()), "message": "Process has ended", "customer": s.options.Customer,
		"process": p.id, "processType": p.kind, "processIdentifier": p.identifier, p.kind + "Name": p.identifier, "eventType": eventType,
		"notificationType": notificationType(p), "isAsync": !p.synchronous, "subjectStatus": p.status,
	}}
	if p.status == statusCancelled {
		n.members["subjectStatus"] = statusFailed // there is no word for cancelled
	}
	s.state.notifications = append(s.state.notifications, n)
	s.push.wake()
}

func notificationType(p *process) string {
	if p.kind == "host" {
		return "HostNotification"
	}
	switch p.label {
	case "create":
		return "CreateDomainNotification"
	case "renew":
		return "RenewDomainNotification"
	case "transfer":
		return "TransferDomainNotification"
	}
	return "DomainNotification"
}

// document returns a notification in its wire form, without acknowledgeDate,
// which appears neither in a webhook nor in poll.
func (n *notification) document() map[string]any {
	shown := maps.Clone(n.members)
	if n.delivered != nil {
		shown["deliveryDate"] = stamp(*n.delivered)
	}
	return shown
}

func (s *Server) poll(*call) (answer, *problem) {
	body := map[string]any{}
	waiting := 0
	for _, n := range s.state.notifications {
		if n.acknowledged {
			continue
		}
		if waiting++; waiting == 1 {
			body["notification"] = n.document()
		}
	}
	body["count"] = waiting
	return answer{status: http.StatusOK, body: body}, nil
}

func (s *Server) acknowledge(c *call) (answer, *problem) {
	if len(c.body) > 0 {
		return answer{}, bad("InvalidMessage", "No body is expected")
	}
	for _, n := range s.state.notifications {
		if strconv.FormatInt(n.id, 10) == c.vars[0] {
			n.acknowledged = true
			return answer{status: http.StatusOK}, nil
		}
	}
	return answer{}, missing("Notification")
}
