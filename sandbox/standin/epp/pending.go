package epp

import (
	"fmt"
	"slices"
	"time"
)

// pending is a change of a domain that is accepted and not done.
type pending struct {
	domain         *domain
	change         change
	clTRID, svTRID string
	due            time.Time
	manual         bool
	failWith       string
	paid           int64
}

// change is what a command does to a domain.
type change struct {
	kind    string // create, renew, transfer, update, delete or restore
	status  string // while it is pending
	labels  []string
	command string // of the fee extension; "" costs nothing
	years   int64
	apply   func()
	undo    func() // what must be taken back if it fails; may be nil
}

// behaviour returns how changes of a domain end.
func (s *Server) behaviour(name string) Behaviour {
	if own, ok := s.state.behaviours[name]; ok {
		return own
	}
	b := s.options.Behaviour
	if !s.zone(name).Async {
		b.PendingFor = 0
	}
	return b
}

// carry begins a change: it takes the money and does it at once, or leaves it pending. The answer
// has a code and no data.
func (s *Server) carry(r *request, d *domain, c change) (reply *answer, price int64) {
	b := s.behaviour(d.name)
	waits := s.zone(d.name).Async || b.Manual || b.PendingFor > 0
	if c.command != "" {
		var refused *answer
		if price, refused = s.bill(r, d, c.command, c.years); refused != nil {
			return refused, 0
		}
	}
	if b.FailWith != "" && !waits {
		return refuse(2308).because(r.object, "%s", b.FailWith), 0
	}
	if c.command != "" {
		d.fee = agreedFee(r)
		s.state.balance -= price
	}
	s.count(d.name, c.labels...)
	if !waits {
		c.apply()
		return &answer{code: 1000}, price
	}
	d.pendingStatus = c.status
	s.state.pending = append(s.state.pending, &pending{
		domain: d, change: c, clTRID: r.clTRID, svTRID: r.svTRID,
		due: s.options.Now().Add(b.PendingFor), manual: b.Manual, failWith: b.FailWith, paid: price,
	})
	return &answer{code: 1001}, price
}

// How a pending change ends.
const (
	done = iota
	failed
	cancelled
)

// conclude ends a change that is due.
func (s *Server) conclude(p *pending) {
	if p.failWith != "" {
		s.end(p, failed, p.failWith)
		return
	}
	s.end(p, done, "")
}

func (s *Server) remove(p *pending) {
	s.state.pending = slices.DeleteFunc(s.state.pending, func(other *pending) bool { return other == p })
	p.domain.pendingStatus = ""
}

// drop ends a change without its effect, and gives back what it cost.
func (s *Server) drop(p *pending) {
	s.remove(p)
	s.state.balance += p.paid
	if p.change.undo != nil {
		p.change.undo()
	}
}

// end ends a change, and says so in the queue.
func (s *Server) end(p *pending, how int, why string) {
	if how == done {
		s.remove(p)
		p.change.apply()
	} else {
		s.drop(p)
	}
	text := fmt.Sprintf("The %s of %s is done.", p.change.kind, p.domain.name)
	switch {
	case how == cancelled:
		text = fmt.Sprintf("The %s of %s was cancelled.", p.change.kind, p.domain.name)
	case why != "":
		text = why
	case how == failed:
		text = fmt.Sprintf("The %s of %s has failed.", p.change.kind, p.domain.name)
	}
	if p.change.kind == "transfer" {
		s.endTransfer(p, how)
		s.queueUp(message{text: text, data: s.transferData(p.domain.name), needs: nsDomain})
		return
	}
	result := "0"
	if how == done {
		result = "1"
	}
	s.queueUp(message{text: text, needs: nsDomain, data: tag("domain:panData",
		leafTag("domain:name", p.domain.name, "paResult", result)+
			tag("domain:paTRID", optional("clTRID", p.clTRID)+leafTag("svTRID", p.svTRID))+
			at("domain:paDate", s.options.Now()), "xmlns:domain", nsDomain)})
}

// pendingOf returns the newest change of a domain that is pending.
func (s *Server) pendingOf(name string) *pending {
	for _, p := range slices.Backward(s.state.pending) {
		if p.domain.name == name {
			return p
		}
	}
	return nil
}

func (s *Server) finish(domain string, how int, why string) error {
	defer s.look()()
	p := s.pendingOf(domain)
	if p == nil {
		return fmt.Errorf("epp: no change of %s is pending", domain)
	}
	s.end(p, how, why)
	return nil
}

// Complete completes the newest pending change of a domain, and puts the news into the queue.
func (s *Server) Complete(domain string) error { return s.finish(domain, done, "") }

// Fail makes it fail, with a message. What it cost is given back.
func (s *Server) Fail(domain, message string) error { return s.finish(domain, failed, message) }

// Cancel ends it as cancelled. What it cost is given back.
func (s *Server) Cancel(domain string) error { return s.finish(domain, cancelled, "") }
