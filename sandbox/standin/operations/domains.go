package operations

import (
	"fmt"
	"hash/fnv"
	"slices"

	"domainprovisioning/wire/xmlrpc"
)

// addDomainRequest is safe to repeat. Its flag is inverted: zone_created 0 means
// that a zone was created (docs/protocols/operations.md, section 9.4).
func (s *Server) addDomainRequest(r *reader) (any, *failure) {
	id, sub := s.subscription(r)
	name := r.domainName()
	if f := r.done(); f != nil {
		return nil, f
	}
	if sub.kind != Domain {
		return nil, refused("Subscription #%d does not contain DNS Hosting.", id)
	}
	if !s.hasRequest(id, name) {
		s.state.requests = append(s.state.requests, request{subscription: id, account: sub.account, name: name})
	}
	made := s.state.addZone(name, s.options.Now(), s.options.NameServers)
	return xmlrpc.Struct{"name_servers": s.nameServers(name), "zone_created": !made}, nil
}

func (s *Server) hasRequest(subscription int, name string) bool {
	return slices.ContainsFunc(s.state.requests, func(q request) bool {
		return q.subscription == subscription && q.name == name
	})
}

// nameServers returns the elements as strings or as structs, because both are
// described. The name decides which, so that the choice stays the same.
func (s *Server) nameServers(name string) []any {
	h := fnv.New32a()
	_, _ = h.Write([]byte(name))
	rows := h.Sum32()%2 == 0
	list := []any{}
	for _, ns := range s.state.zones[name].nameServers {
		if rows {
			list = append(list, xmlrpc.Struct{"ns": ns})
		} else {
			list = append(list, ns)
		}
	}
	return list
}

func (s *Server) getNameServers(r *reader) (any, *failure) {
	id, _ := s.subscription(r)
	name := r.domainName()
	if f := r.done(); f != nil {
		return nil, f
	}
	if !s.hasRequest(id, name) {
		return nil, doesNotExist(fmt.Sprintf("Domain request '%s'", name))
	}
	return xmlrpc.Struct{"name_servers": s.nameServers(name)}, nil
}

func (s *Server) removeDomainRequest(r *reader) (any, *failure) {
	id, _ := s.subscription(r)
	name := r.domainName()
	if f := r.done(); f != nil {
		return nil, f
	}
	if !s.state.dropRequests(func(q request) bool { return q.subscription == id && q.name == name }) {
		return nil, doesNotExist(fmt.Sprintf("Domain request '%s'", name))
	}
	s.state.dropZone(name)
	s.state.removed("request %s", name)
	return nil, nil
}

// addDomain follows the table of docs/protocols/operations.md, section 9.6.
func (s *Server) addDomain(r *reader) (any, *failure) {
	subscriptionID, sub := s.subscription(r)
	name := r.domainName()
	id, chosen := r.optionalID("domain_id")
	status, hasStatus := s.registrarStatus(r)
	force := r.optionalBool("force")
	r.hosting()
	if f := r.done(); f != nil {
		return nil, f
	}
	oldID, old := s.state.domainByName(name)
	if old != nil && !force {
		return nil, alreadyExists(fmt.Sprintf("Domain '%s'", name))
	}
	if chosen && id != oldID && s.state.domains[id] != nil {
		return nil, alreadyExists(fmt.Sprintf("Domain #%d", id))
	}
	s.state.dropRequests(func(q request) bool {
		return q.name == name && (force || q.account == sub.account)
	})
	if old != nil && old.account == sub.account {
		if hasStatus {
			old.registrarStatus = status
		}
		return xmlrpc.Struct{"domain_id": oldID}, nil
	}
	delete(s.state.domains, oldID) // another customer's domain is deleted without warning
	if !chosen {
		id = s.state.newID()
	}
	s.state.putDomain(id, &domain{
		name: name, account: sub.account, subscription: subscriptionID, registrarStatus: status,
	})
	if sub.kind == Domain {
		s.state.addZone(name, s.options.Now(), s.options.NameServers)
	}
	return xmlrpc.Struct{"domain_id": id}, nil
}

func (s *Server) registrarStatus(r *reader) (status int, sent bool) {
	status, sent = r.optionalInt("registrar_status")
	if status < 0 || status > 2 {
		r.fail(badArgument("%s: registrar_status must be 0, 1 or 2.", r.method))
	}
	return status, sent
}

// hosting checks the arguments for hosting modules, of which the stand-in has none.
func (r *reader) hosting() {
	kind, sent := r.optionalInt("hosting_type")
	if sent && kind != 0 && kind != 2 {
		r.fail(badArgument("%s: hosting_type must be 0 or 2.", r.method))
	}
	parking, sent := r.optionalInt("domain_parking_type")
	if sent && (kind != 2 || parking < 0 || parking > 3) {
		r.fail(badArgument("%s: domain_parking_type must be 0 to 3, with hosting_type 2.", r.method))
	}
	r.optionalString("path")
}

func (s *Server) getDomainByName(r *reader) (any, *failure) {
	name := r.domainName()
	if f := r.done(); f != nil {
		return nil, f
	}
	id, d := s.state.domainByName(name)
	if d == nil {
		return nil, doesNotExist(fmt.Sprintf("Domain '%s'", name))
	}
	return xmlrpc.Struct{
		"domain_id": id, "domain_name": d.name, "account_id": d.account,
		"subscription_id": d.subscription, "registrar_status": d.registrarStatus,
	}, nil
}

// domain reads domain_id of a domain that must exist.
func (s *Server) domain(r *reader) (int, *domain) {
	id := r.int("domain_id")
	d := s.state.domains[id]
	if d == nil {
		r.fail(doesNotExist(fmt.Sprintf("Domain #%d", id)))
	}
	return id, d
}

func (s *Server) removeDomain(r *reader) (any, *failure) {
	id, d := s.domain(r)
	if f := r.done(); f != nil {
		return nil, f
	}
	delete(s.state.domains, id)
	s.state.dropZone(d.name)
	s.state.removed("domain %s", d.name)
	return nil, nil
}

func (s *Server) setDomainRegistrarStatus(r *reader) (any, *failure) {
	_, d := s.domain(r)
	status, sent := s.registrarStatus(r)
	if !sent {
		r.missing("registrar_status")
	}
	if f := r.done(); f != nil {
		return nil, f
	}
	d.registrarStatus = status
	return nil, nil
}

func (s *Server) bindServicesToDomain(r *reader) (any, *failure) {
	id, d := s.domain(r)
	subscriptionID, sub := s.subscription(r)
	if f := r.done(); f != nil {
		return nil, f
	}
	switch {
	case sub.kind != Hosting:
		return nil, refused("Subscription #%d holds no hosting services.", subscriptionID)
	case sub.account != d.account:
		return nil, refused("Domain #%d belongs to another account.", id)
	case slices.Contains(d.bound, subscriptionID):
		return nil, refused("Services of subscription #%d are already bound to domain #%d.", subscriptionID, id)
	}
	d.bound = append(d.bound, subscriptionID)
	return nil, nil
}

func (s *Server) unbindServicesFromDomain(r *reader) (any, *failure) {
	id, d := s.domain(r)
	subscriptionID, _ := s.subscription(r)
	if f := r.done(); f != nil {
		return nil, f
	}
	at := slices.Index(d.bound, subscriptionID)
	if at < 0 {
		return nil, refused("Services of subscription #%d are not bound to domain #%d.", subscriptionID, id)
	}
	d.bound = slices.Delete(d.bound, at, at+1)
	s.state.removed("services of %d on %s", subscriptionID, d.name)
	return nil, nil
}
