package operations

import (
	"fmt"
	"maps"
	"slices"

	"domainprovisioning/wire/xmlrpc"
)

func (s *Server) addAccount(r *reader) (any, *failure) {
	id, chosen := r.optionalID("account_id")
	a := account{kind: "C", parent: ProviderAccount}
	if kind, sent := r.optionalString("account_type"); sent {
		if kind != "C" && kind != "R" {
			r.fail(badArgument("%s: account_type must be C or R.", r.method))
		}
		a.kind = kind
	}
	if parent, sent := r.optionalInt("parent_account_id"); sent {
		if !s.state.accountExists(parent) {
			r.fail(doesNotExist(fmt.Sprintf("Account #%d", parent)))
		}
		a.parent = parent
	}
	if owner, sent := r.optionalInt("subscription_id"); sent && s.state.subscriptions[owner] == nil {
		r.fail(subscriptionUnknown(owner))
	}
	r.optionalString("branded_domain_name")
	a.note, _ = r.optionalString("note")
	if _, external := r.take("external_info"); external {
		if r.sent(append(contactNames(), "locale")...) {
			r.fail(accountArguments())
		}
	} else {
		a.contact = r.contact(accountArguments)
		r.optionalString("locale")
	}
	if f := r.done(); f != nil {
		return nil, f
	}
	if !chosen {
		id = s.state.newID()
	}
	if s.state.accountExists(id) {
		return nil, alreadyExists(fmt.Sprintf("Account #%d", id))
	}
	s.state.accounts[id] = &a
	return xmlrpc.Struct{"account_id": id}, nil
}

// sent reports whether any of the arguments was sent.
func (r *reader) sent(names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool { _, ok := r.in[name]; return ok })
}

// account reads account_id of an account that must exist; the provider's own
// account is not accepted.
func (s *Server) account(r *reader) (int, *account) {
	id := r.int("account_id")
	a := s.state.accounts[id]
	if a == nil {
		r.fail(doesNotExist(fmt.Sprintf("Account #%d", id)))
	}
	return id, a
}

func (s *Server) getAccountInfo(r *reader) (any, *failure) {
	_, a := s.account(r)
	if f := r.done(); f != nil {
		return nil, f
	}
	info := a.contact.info()
	info["account_type"], info["parent_account_id"], info["note"] = a.kind, a.parent, a.note
	return info, nil
}

func (c contact) info() xmlrpc.Struct {
	out := xmlrpc.Struct{"email": c.email}
	for name, part := range map[string]xmlrpc.Struct{
		"person": c.person, "address": c.address, "phone": c.phone, "fax": c.fax,
	} {
		if part != nil {
			out[name] = maps.Clone(part)
		}
	}
	return out
}

func (s *Server) removeAccount(r *reader) (any, *failure) {
	id, _ := s.account(r)
	if f := r.done(); f != nil {
		return nil, f
	}
	for _, sub := range s.state.subscriptions {
		if sub.account == id {
			return nil, refused("Account #%d has subscriptions.", id)
		}
	}
	for _, d := range s.state.domains {
		if d.account == id {
			return nil, refused("Account #%d has domains.", id)
		}
	}
	maps.DeleteFunc(s.state.members, func(_ int, m *member) bool { return m.account == id })
	delete(s.state.accounts, id)
	s.state.removed("account %d", id)
	return nil, nil
}

func (s *Server) addAccountMember(r *reader) (any, *failure) {
	var m member
	m.account, _ = s.account(r)
	id, chosen := r.optionalID("user_id")
	r.optionalInt("subscription_id") // ignored since 5.5
	m.login, _ = r.optionalString("login")
	if v, external := r.take("external_identity"); external {
		identity, _ := v.(xmlrpc.Struct)
		key, _ := identity["identity_key"].(string)
		system, _ := identity["system_name"].(string)
		if r.sent(append(contactNames(), "auth")...) || key == "" || system == "" {
			r.fail(memberArguments())
		}
		if m.login == "" {
			m.login = key
		}
	} else {
		m.contact = r.contact(memberArguments)
		auth, _ := r.take("auth")
		login, password := credentials(auth)
		if login == "" || password == "" {
			r.fail(memberArguments())
		}
		m.login = login // the password is not stored
	}
	if f := r.done(); f != nil {
		return nil, f
	}
	if !chosen {
		id = s.state.newID()
	}
	if s.state.members[id] != nil {
		return nil, alreadyExists(fmt.Sprintf("User #%d", id))
	}
	if taken, _ := s.state.memberByLogin(m.login); taken != 0 {
		return nil, alreadyExists("A member with this login")
	}
	s.state.putMember(id, &m)
	return xmlrpc.Struct{"user_id": id}, nil
}

func credentials(v any) (login, password string) {
	auth, _ := v.(xmlrpc.Struct)
	login, _ = auth["login"].(string)
	password, _ = auth["password"].(string)
	return login, password
}

func (s *Server) memberInfo(id int) xmlrpc.Struct {
	m := s.state.members[id]
	info := m.contact.info()
	info["member_id"], info["user_id"] = id, id+s.options.UserIDOffset
	info["login"], info["account_id"] = m.login, m.account
	return info
}

func (s *Server) getAccountMembers(r *reader) (any, *failure) {
	account, _ := s.account(r)
	if f := r.done(); f != nil {
		return nil, f
	}
	list := []any{}
	for _, id := range slices.Sorted(maps.Keys(s.state.members)) {
		if s.state.members[id].account == account {
			list = append(list, s.memberInfo(id))
		}
	}
	return list, nil
}

func (s *Server) getAccountMemberByLogin(r *reader) (any, *failure) {
	login := r.string("login")
	if f := r.done(); f != nil {
		return nil, f
	}
	id, found := s.state.memberByLogin(login)
	if !found {
		return nil, doesNotExist("A member with this login")
	}
	return s.memberInfo(id), nil
}

func (s *Server) member(r *reader) int {
	id := r.int("member_id")
	if s.state.members[id] == nil {
		r.fail(doesNotExist(fmt.Sprintf("Member #%d", id)))
	}
	return id
}

func (s *Server) getMemberFullInfo(r *reader) (any, *failure) {
	id := s.member(r)
	if f := r.done(); f != nil {
		return nil, f
	}
	return s.memberInfo(id), nil
}

func (s *Server) removeAccountMember(r *reader) (any, *failure) {
	id := s.member(r)
	if f := r.done(); f != nil {
		return nil, f
	}
	delete(s.state.members, id)
	s.state.removed("member %d", id)
	return nil, nil
}
