package orders

import (
	"slices"
	"strconv"
	"strings"

	"domainprovisioning/domains"
)

// This file reads what an amendment says about people.

// customer merges the amendment's customer into that of the order.
func (a *amender) customer(n *node) {
	whole := CustomerField("")
	if a.Order.Customer.IsExisting() {
		a.unread(RuleAmend, whole, "%s", inOperations)
		return
	}
	a.merge(a.without(n, whole, []string{"accountId"}, cannotBeAmended), &a.Order.Customer, whole)
}

// contact merges the amendment's data of a role into the contact that has the role. That is an
// additional contact that nothing else uses. Otherwise the role gets an additional contact of
// its own, because the data of a customer, or of a contact with several roles, are also those
// of a user in Operations: it begins with a copy of these data, but for an account or a user
// that exists with nothing, because their data are not in the order. Such a contact is for the
// registrar alone, never becomes a user, and has no login.
func (a *amender) contact(role domains.Role, n *node) {
	field := a.touch(a.whole.in("contacts", role))
	switch {
	case !a.item.operation.sends(role):
		a.unread(RuleAmend, field, "cannot be amended: for the operation %s, the registrar gets no such contact", a.item.operation)
		return
	case n.kind != nodeObject:
		a.unread(RuleJSONType, field, "must be an object")
		return
	}
	contact := a.contactOf(role)
	a.to.roles[contact.at] = role
	a.merge(&node{kind: nodeObject, members: []member{{"contact", n}}}, &contact.Person, ContactField(contact.at, ""))
}

// sends reports whether the registrar gets the contact of a role.
func (t Type) sends(role domains.Role) bool {
	switch t {
	case Registration, Transfer:
		return true
	case OwnerChange:
		return role == domains.Owner
	case ContactChange:
		return role != domains.Owner
	}
	return false
}

// contactOf returns the additional contact that an amendment of a role changes. It stays valid
// until the next one is added.
func (a *amender) contactOf(role domains.Role) *AdditionalContact {
	var data Person
	made := len(a.Order.AdditionalContacts)
	switch id := *a.item.roles.Of(role); {
	case id == nil && !a.Order.Customer.IsExisting():
		data = a.Order.Customer.contactData()
		a.amends.copied[made] = CustomerField("")
	case id == nil:
	default:
		at := slices.IndexFunc(a.Order.AdditionalContacts, func(c AdditionalContact) bool { return c.ID == *id })
		if at >= 0 && a.uses[*id] == 1 {
			return &a.Order.AdditionalContacts[at]
		}
		if at >= 0 {
			data = a.Order.AdditionalContacts[at].contactData()
			a.amends.copied[made] = ContactField(a.Order.AdditionalContacts[at].at, "")
		}
	}
	contact := AdditionalContact{Person: data, ID: a.freeID(), at: made}
	a.Order.AdditionalContacts = append(a.Order.AdditionalContacts, contact)
	a.registrarsOnly[contact.ID] = true
	parameter := itemFields[slices.IndexFunc(itemFields, func(f itemField) bool { return f.path == "contacts/"+string(role) })].parameter
	a.item.clear(parameter)
	a.parameter(a.item, a.whole, parameter, strconv.Itoa(contact.ID))
	return &a.Order.AdditionalContacts[made]
}

// freeID returns the lowest id, from 1, that no role and no additional contact of the order
// has: the order then refers by it to the new contact alone.
func (a *amender) freeID() int {
	for id := 1; ; id++ {
		if a.Order.IsNewUser(id) || a.uses[id] > 0 {
			continue
		}
		return id
	}
}

// uses counts the roles that have each user id.
func (o *Order) uses() map[int]int {
	uses := map[int]int{}
	for n := range o.Items {
		for _, id := range o.Items[n].roles.All() {
			if *id != nil {
				uses[**id]++
			}
		}
	}
	return uses
}

// contactData returns a person that has the contact data alone.
func (p *Person) contactData() Person {
	data := Person{contact: p.contact}
	for _, slot := range p.given {
		if field, ok := findPersonField(slot); ok && strings.HasPrefix(field.path, "contact/") {
			data.given = append(data.given, slot)
		}
	}
	return data
}

// merge replaces the fields of a person that a node gives, and removes those that are null.
func (a *amender) merge(n *node, into *Person, whole Field) {
	before := slices.Clone(into.given)
	for _, path := range n.leaves("") {
		a.touch(whole.in(anySteps(path)...))
		for _, field := range personFields {
			// null in the place of an object, such as a fax, removes all of it.
			if field.path == path || strings.HasPrefix(field.path, path+"/") {
				*field.in(into) = ""
				into.given = slices.DeleteFunc(into.given, func(slot string) bool { return slot == field.slot })
			}
		}
	}
	a.person(a.withoutSlots(n.withoutNull(), whole), into, whole)
	into.given = arranged(before, into.given, personRank)
}

// withoutSlots refuses the fields of a person that have no meaning of their own.
func (a *amender) withoutSlots(n *node, whole Field) *node {
	return a.without(n, whole, []string{"slots", "slotOrder"}, "is an unknown field")
}

// leaves returns the paths of all members that are no objects.
func (n *node) leaves(prefix string) []string {
	var paths []string
	for _, m := range n.members {
		path := prefix + segment(m.key)
		if m.value.kind == nodeObject {
			paths = append(paths, m.value.leaves(path+"/")...)
		} else {
			paths = append(paths, path)
		}
	}
	return paths
}

// withoutNull returns a copy of an object without the members that are null. A key that is
// given twice stays, to be refused.
func (n *node) withoutNull() *node {
	rest := *n
	rest.members = nil
	times := map[string]int{}
	for _, m := range n.members {
		times[m.key]++
	}
	for _, m := range n.members {
		if m.value.kind != nodeNull || times[m.key] > 1 {
			rest.members = append(rest.members, member{m.key, m.value.withoutNull()})
		}
	}
	return &rest
}
