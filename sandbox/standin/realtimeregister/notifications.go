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
	acknowledged *time.Time
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

// WarnOfBalance adds a notification that is about no process: the balance has reached the watermark.
func (s *Server) WarnOfBalance(text string) {
	defer s.look()()
	s.state.lastNotification++
	s.state.notifications = append(s.state.notifications, &notification{id: s.state.lastNotification, members: map[string]any{
		"id": s.state.lastNotification, "fireDate": stamp(s.options.Now()), "message": text, "customer": s.options.Customer,
		"eventType": "WatermarkReachedEvent", "notificationType": "BillingNotification", "isAsync": true, "subjectStatus": "WARNING",
		"watermark": 1000, "currency": "EUR", "balance": s.state.balance,
	}})
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
		if n.acknowledged != nil {
			continue
		}
		if waiting++; waiting == 1 {
			body["notification"] = n.document()
		}
	}
	body["count"] = waiting
	return answer{status: http.StatusOK, body: body}, nil
}

// kept returns a notification as lists and single reads show it.
func (n *notification) kept() map[string]any {
	shown := n.document()
	if n.acknowledged != nil {
		shown["acknowledgeDate"] = stamp(*n.acknowledged)
	}
	return shown
}

// listNotifications lists all of them, the oldest first. They cannot be filtered by their
// process.
func (s *Server) listNotifications(c *call) (answer, *problem) {
	all := make([]map[string]any, 0, len(s.state.notifications))
	for _, n := range s.state.notifications {
		all = append(all, n.kept())
	}
	return listing{identifying: []string{"id"}, filters: []string{
		"id", "fireDate", "readDate", "acknowledgeDate", "deliveryDate", "message", "reason", "processType", "processIdentifier",
		"eventType", "notificationType", "subjectStatus", "statusDetail",
	}}.list(c, all)
}

func (s *Server) notificationOf(id string) (*notification, *problem) {
	for _, n := range s.state.notifications {
		if strconv.FormatInt(n.id, 10) == id {
			return n, nil
		}
	}
	return nil, missing("Notification")
}

func (s *Server) readNotification(c *call) (answer, *problem) {
	n, refused := s.notificationOf(c.vars[0])
	if refused != nil {
		return answer{}, refused
	}
	return answer{status: http.StatusOK, body: n.kept()}, nil
}

// acknowledge takes an empty body, and an empty object, which clients send too.
func (s *Server) acknowledge(c *call) (answer, *problem) {
	if len(c.body) > 0 {
		if _, refused := decode(c.body); refused != nil {
			return answer{}, refused
		}
	}
	n, refused := s.notificationOf(c.vars[0])
	if refused != nil {
		return answer{}, refused
	}
	if n.acknowledged == nil {
		n.acknowledged = new(s.options.Now())
	}
	return answer{status: http.StatusOK}, nil
}
