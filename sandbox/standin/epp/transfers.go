package epp

import (
	"errors"
	"time"
)

// transfer is the newest transfer of a domain.
type transfer struct {
	status           string
	requester, other string
	requested, acted time.Time
	expires          time.Time // after it; zero once it has failed
}

// transferData is the answer about a transfer, and the message when it ends.
func (s *Server) transferData(name string) string {
	t := s.state.transfers[name]
	expires := ""
	if !s.options.OmitDates {
		expires = at("domain:exDate", t.expires)
	}
	return tag("domain:trnData", leafTag("domain:name", name)+leafTag("domain:trStatus", t.status)+
		leafTag("domain:reID", t.requester)+at("domain:reDate", t.requested)+
		leafTag("domain:acID", t.other)+at("domain:acDate", t.acted)+expires, "xmlns:domain", nsDomain)
}

func (s *Server) requestTransfer(r *request) *answer {
	d, refused := s.find(r)
	if refused != nil {
		return refused
	}
	auth := r.object.get("authInfo")
	switch {
	case s.ours(d):
		return refuse(2106).because(r.object.get("name"), "the domain is with this registrar")
	case auth == nil:
		return refuse(2003).because(r.object, "lacks authInfo")
	case d.pendingStatus == "pendingTransfer":
		return refuse(2300).because(r.object.get("name"), "a transfer is pending")
	}
	if refused := d.authorizes(auth); refused != nil {
		return refused
	}
	if refused := blocked(r, d, "clientTransferProhibited", "serverTransferProhibited"); refused != nil {
		return refused
	}
	if years, ok := yearsOf(r.object.get("period")); !ok || years != 1 {
		return refuse(2306).because(r.object.get("period"), "a transfer adds one year")
	}
	previous, before := s.state.transfers[d.name], d.sponsor
	today := s.today()
	expires := d.expires.AddDate(1, 0, 0)
	if latest := today.AddDate(mostYears, 0, 0); expires.After(latest) {
		expires = latest
	}
	made := &transfer{status: "pending", requester: s.options.Login, other: before, requested: today, acted: today.AddDate(0, 0, 5), expires: expires}
	s.state.transfers[d.name] = made
	reply, price := s.carry(r, d, change{
		kind: "transfer", status: "pendingTransfer", labels: []string{"transfer"}, command: "transfer", years: 1,
		apply: func() {
			s.move(d, s.options.Login, expires)
			made.status, made.acted = "serverApproved", s.today()
		},
	})
	if reply.code >= 2000 {
		if s.state.transfers[d.name] = previous; previous == nil {
			delete(s.state.transfers, d.name)
		}
		return reply
	}
	reply.data = s.transferData(d.name)
	reply.more = s.feeResult(r, "trnData", price)
	return reply
}

// move gives a domain to a registrar, with the hosts below it (RFC 5731, section 3.2.4). Its contacts
// stay with the one who made them.
func (s *Server) move(d *domain, to string, expires time.Time) {
	d.sponsor, d.expires, d.moved = to, expires, s.today()
	for _, name := range s.hostsBelow(d.name) {
		s.state.hosts[name].sponsor = to
	}
}

// endTransfer notes how a transfer has ended that was pending.
func (s *Server) endTransfer(p *pending, how int) {
	t := s.state.transfers[p.domain.name]
	t.acted = s.today()
	switch {
	case how == done && p.manual:
		t.status = "clientApproved"
	case how == done:
		t.status = "serverApproved"
	case how == failed:
		t.status, t.expires = "clientRejected", time.Time{}
	default:
		t.status, t.expires = "serverCancelled", time.Time{}
	}
}

func (s *Server) queryTransfer(r *request) *answer {
	n := r.object.get("name")
	d, refused := s.find(r)
	if refused != nil {
		return refused
	}
	t := s.state.transfers[d.name]
	entitled := t == nil && s.ours(d) || t != nil && (t.requester == s.options.Login || t.other == s.options.Login)
	if auth := r.object.get("authInfo"); auth != nil { // RFC 5731, section 3.1.3
		if refused := d.authorizes(auth); refused != nil {
			return refused
		}
		entitled = true
	}
	switch {
	case !entitled:
		return refuse(2201).because(n, "is neither ours nor asked for by us")
	case t == nil:
		return refuse(2301).because(n, "no transfer was ever asked for")
	}
	return &answer{code: 1000, data: s.transferData(d.name)}
}

func (s *Server) cancelTransfer(r *request) *answer {
	n := r.object.get("name")
	d, refused := s.find(r)
	if refused != nil {
		return refused
	}
	p := s.pendingOf(d.name)
	switch t := s.state.transfers[d.name]; {
	case p == nil || p.change.kind != "transfer":
		return refuse(2301).because(n, "no transfer is pending")
	case t.requester != s.options.Login:
		return refuse(2201).because(n, "another registrar has asked for the transfer")
	case s.behaviour(d.name).NoCancel:
		return refuse(2304).because(n, "the transfer cannot be cancelled any more")
	}
	s.drop(p)
	t := s.state.transfers[d.name]
	t.status, t.acted, t.expires = "clientCancelled", s.today(), time.Time{}
	return &answer{code: 1000, data: s.transferData(d.name)}
}

// decideTransfer approves or rejects that another registrar takes a domain.
func (s *Server) decideTransfer(r *request) *answer {
	n := r.object.get("name")
	d, refused := s.find(r)
	if refused != nil {
		return refused
	}
	p := s.pendingOf(d.name)
	switch {
	case p == nil || p.change.kind != "transfer":
		return refuse(2301).because(n, "no transfer is pending")
	case !s.ours(d):
		return refuse(2201).because(n, "the domain is with another registrar")
	}
	s.drop(p)
	t := s.state.transfers[d.name]
	if r.call == "domain.transfer.approve" {
		p.change.apply()
		t.status = "clientApproved"
	} else {
		t.status, t.expires = "clientRejected", time.Time{}
	}
	t.acted = s.today()
	return &answer{code: 1000, data: s.transferData(d.name)}
}

// RequestAway is another registrar's request for a domain of ours. It stays pending until the
// client, Complete, Fail or Cancel decides, and the queue tells of it. It fails for a domain that
// is locked or not there, and for a wrong code.
func (s *Server) RequestAway(name, authInfo string) error {
	defer s.look()()
	d := s.state.domains[name]
	switch {
	case d == nil || !s.ours(d):
		return errors.New("epp: not registered here")
	case d.has("clientTransferProhibited", "serverTransferProhibited", "pendingDelete") || d.pendingStatus != "":
		return errors.New("epp: the domain is locked, or changing")
	case authInfo != d.authInfo:
		return errors.New("epp: the code is wrong")
	}
	today := s.today()
	s.state.transfers[name] = &transfer{
		status: "pending", requester: otherRegistrar, other: d.sponsor, requested: today, acted: today.AddDate(0, 0, 5), expires: d.expires.AddDate(1, 0, 0),
	}
	d.pendingStatus = "pendingTransfer"
	s.state.pending = append(s.state.pending, &pending{
		domain: d, svTRID: s.newTRID(), manual: true,
		change: change{kind: "transfer", apply: func() { s.move(d, otherRegistrar, d.expires.AddDate(1, 0, 0)) }},
	})
	s.queueUp(message{text: "Another registrar asks for " + name + ".", needs: nsDomain, data: s.transferData(name)})
	return nil
}
