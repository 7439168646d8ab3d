package orders

import (
	"maps"
	"strings"
)

// pairs reads an object of strings.
func (j *jsonReader) pairs(n *node, field Field, reserved func(string) bool, take func(name, text string)) {
	if n.kind != nodeObject {
		j.unread(RuleJSONType, field, "must be an object")
		return
	}
	for _, m := range n.members {
		name := strings.TrimSpace(m.key)
		if reserved != nil && reserved(name) {
			j.unread(RuleJSONReserved, field.in(m.key), "has a field of its own")
			continue
		}
		if text, ok := j.text(m.value, field.in(m.key)); ok {
			j.exceed(textLimits(name + pairSeparator + text))
			take(name, text)
		}
	}
}

// reorder sorts names in the order of a list of them.
func (j *jsonReader) reorder(n *node, field Field, names []string) []string {
	if n == nil {
		return names
	}
	// A map, because there may be many names, and searching for each would take
	// minutes.
	known := make(map[string]bool, len(names))
	for _, name := range names {
		known[name] = true
	}
	sorted := make([]string, 0, len(names))
	elems := j.array(n, field)
	for _, elem := range elems {
		if elem.kind == nodeString && known[elem.text] {
			sorted = append(sorted, elem.text)
			delete(known, elem.text)
		}
	}
	if len(elems) != len(sorted) || len(sorted) != len(names) {
		j.unread(RuleJSONOrder, field, "must hold each name once")
		return names
	}
	return sorted
}

// person reads customer data and the data of an additional contact. It returns the fields
// besides.
func (j *jsonReader) person(n *node, into *Person, whole Field, besides ...string) map[string]*node {
	if into == &j.Order.Customer {
		j.customerUnread = n.kind != nodeObject
	}
	nested := map[string][]string{} // object -> fields
	for _, field := range personFields {
		parent, name := "", field.path
		if cut := strings.LastIndexByte(field.path, '/'); cut >= 0 {
			parent, name = field.path[:cut], field.path[cut+1:]
		}
		nested[parent] = append(nested[parent], name)
	}
	f := j.object(n, whole, append(append(besides, nested[""]...), "contact", "slots", "slotOrder")...)
	all := maps.Clone(f)
	flatten := func(parent string, fields ...string) {
		if value := all[parent]; value != nil {
			for name, value := range j.object(value, whole.in(anySteps(parent)...), fields...) {
				all[parent+"/"+name] = value
			}
		}
	}
	flatten("contact", append(nested["contact"], "phone", "fax")...)
	flatten("contact/phone", nested["contact/phone"]...)
	flatten("contact/fax", nested["contact/fax"]...)
	for _, field := range personFields {
		n := all[field.path]
		switch {
		case n == nil:
		case field.kind == idText && n.kind == nodeNumber:
			j.personSlot(into, whole, field.slot, n.text)
		case field.kind == flagText && n.kind == nodeBool:
			flag := "0"
			if n.flag {
				flag = "1"
			}
			j.personSlot(into, whole, field.slot, flag)
		default:
			if text, ok := j.text(n, whole.in(anySteps(field.path)...)); ok {
				j.personSlot(into, whole, field.slot, text)
			}
		}
	}
	if f["slots"] != nil {
		j.pairs(f["slots"], whole.in("slots"), func(name string) bool {
			_, ok := findPersonField(name)
			return ok
		}, func(name, text string) { j.personSlot(into, whole, name, text) })
	}
	into.given = j.reorder(f["slotOrder"], whole.in("slotOrder"), into.given)
	return f
}

// anySteps splits a path into the steps of Field.in.
func anySteps(path string) []any {
	var steps []any
	for step := range strings.SplitSeq(path, "/") {
		steps = append(steps, step)
	}
	return steps
}

func (j *jsonReader) additional(at int, n *node) {
	contact := AdditionalContact{at: at}
	f := j.person(n, &contact.Person, ContactField(at, ""), "id")
	if n.kind != nodeObject {
		return
	}
	var ok bool
	if contact.ID, ok = j.id(f["id"], ContactField(at, "id"), 0); ok {
		j.Order.AdditionalContacts = append(j.Order.AdditionalContacts, contact)
	}
}
