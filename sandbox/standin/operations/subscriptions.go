package operations

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"domainprovisioning/wire/xmlrpc"
)

func (s *Server) activateSubscription(r *reader) (any, *failure) {
	id, chosen := r.optionalID("subscription_id")
	accountID, _ := s.account(r)
	template := r.int("service_template_id")
	name, _ := r.optionalString("subscription_name")
	r.limits()
	if r.sent("parameters") {
		// This would also create a domain, which the model does not use
		// (docs/protocols/operations.md, section 9.3).
		r.fail(refused("The stand-in knows activation without parameters only."))
	}
	if f := r.done(); f != nil {
		return nil, f
	}
	kind, known := s.options.Templates[template]
	switch {
	case !known:
		return nil, doesNotExist(fmt.Sprintf("Service template #%d", template))
	case kind == Inactive:
		return nil, refused("Service template #%d is not active.", template)
	case !s.state.hasMember(accountID):
		// The documents say "unpredictable"; failing is the kindest form of it.
		return nil, refused("Account #%d has no staff member.", accountID)
	}
	if !chosen {
		id = s.state.newID()
	}
	if s.state.subscriptions[id] != nil {
		return nil, subscriptionTaken(id)
	}
	s.state.subscriptions[id] = &subscription{
		account: accountID, template: template, kind: kind, name: name, created: s.options.Now(),
	}
	return xmlrpc.Struct{"subscription_id": id}, nil
}

// limits checks the form of resource_limits; the values are not used.
func (r *reader) limits() {
	v, sent := r.take("resource_limits")
	if !sent {
		return
	}
	list, ok := v.([]any)
	for _, v := range list {
		entry, _ := v.(xmlrpc.Struct)
		_, id := entry["resource_id"].(int)
		_, limit := entry["resource_limit"].(int)
		_, wide := entry["resource_limit64"].(string) // a bigint is sent as a string
		ok = ok && id && (limit || wide)
	}
	if !ok {
		r.fail(badArgument("%s: resource_limits must be an array of {resource_id, resource_limit}.", r.method))
	}
}

// subscription reads subscription_id of a subscription that must exist.
func (s *Server) subscription(r *reader) (int, *subscription) {
	id := r.int("subscription_id")
	sub := s.state.subscriptions[id]
	if sub == nil {
		r.fail(subscriptionUnknown(id))
	}
	return id, sub
}

func (s *Server) getSubscription(r *reader) (any, *failure) {
	id, sub := s.subscription(r)
	resources := r.optionalBool("get_resources")
	if f := r.done(); f != nil {
		return nil, f
	}
	info := sub.info(id)
	if resources {
		info["resource_types"] = []any{}
	}
	return info, nil
}

func (sub *subscription) info(id int) xmlrpc.Struct {
	return xmlrpc.Struct{
		"subscription_id": id, "name": sub.name, "c_date": sub.created.UTC().Format(time.DateTime),
		"st_id": sub.template, "st_version": 1, "owner_id": sub.account, "is_active": true,
	}
}

func (s *Server) getAccountSubscriptions(r *reader) (any, *failure) {
	account, _ := s.account(r)
	if f := r.done(); f != nil {
		return nil, f
	}
	list := []any{}
	for _, id := range slices.Sorted(maps.Keys(s.state.subscriptions)) {
		if sub := s.state.subscriptions[id]; sub.account == account {
			list = append(list, sub.info(id))
		}
	}
	return list, nil
}

func (s *Server) removeSubscription(r *reader) (any, *failure) {
	id, _ := s.subscription(r)
	if f := r.done(); f != nil {
		return nil, f
	}
	delete(s.state.subscriptions, id)
	for _, d := range s.state.domains {
		d.bound = slices.DeleteFunc(d.bound, func(b int) bool { return b == id })
		if d.subscription == id {
			d.subscription = 0 // the domain stays, with external DNS (docs/protocols/billing.md, section 9)
		}
	}
	var names []string
	s.state.dropRequests(func(q request) bool {
		if q.subscription != id {
			return false
		}
		names = append(names, q.name)
		return true
	})
	for _, name := range names {
		s.state.dropZone(name)
	}
	s.state.removed("subscription %d", id)
	return nil, nil
}
