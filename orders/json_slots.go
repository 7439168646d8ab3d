package orders

import (
	"maps"
	"strings"
)

// pairs reads an object of strings. A duplicate key is kept twice, so that the
// rule about parameters or slots given twice reports it.
func (j *jsonReader) pairs(n *node, into *draftSlots, path string, here place, reserved func(string) bool) {
	if n.kind != nodeObject {
		j.wrong(here, RuleJSONType, path, "must be an object")
		return
	}
	for _, m := range n.members {
		name := strings.TrimSpace(m.key)
		if reserved != nil && reserved(name) {
			j.wrong(here, RuleJSONReserved, pointer(path, m.key), shownName(name)+" has a field of its own")
			into.addBad()
			continue
		}
		text, ok := j.text(m.value, here, pointer(path, m.key))
		if !ok {
			into.addBad()
			continue
		}
		into.add(NewSlot(name, text))
	}
}

// reorder sorts slots in the order of a list of their names.
func (j *jsonReader) reorder(n *node, here place, path string, slots *draftSlots) {
	if n == nil || len(slots.bad) > 0 {
		return
	}
	// A map, because there may be many names, and searching for each would take
	// minutes.
	byName := make(map[string]Slot, len(slots.list))
	for _, slot := range slots.list {
		byName[slot.Name] = slot
	}
	elems := j.array(n, here, path)
	sorted := make(Slots, 0, len(slots.list))
	for _, elem := range elems {
		if slot, ok := byName[elem.text]; ok && elem.kind == nodeString {
			sorted = append(sorted, slot)
			delete(byName, elem.text)
		}
	}
	if len(elems) != len(sorted) || len(sorted) != len(slots.list) {
		j.wrong(here, RuleJSONOrder, path, "must hold each name once")
		return
	}
	slots.list = sorted
}

// contact reads customer data and the data of an additional contact.
func (j *jsonReader) contact(n *node, into *draftSlots, path string, section, element int, known ...string) map[string]*node {
	here := place{section, element, 0}
	known = append(known, "slots", "slotOrder")
	nested := map[string][]string{} // object -> fields
	for _, field := range slotFields {
		parent, name := "", field.path
		if cut := strings.LastIndexByte(field.path, '/'); cut >= 0 {
			parent, name = field.path[:cut], field.path[cut+1:]
		}
		nested[parent] = append(nested[parent], name)
	}
	known = append(known, nested[""]...)
	f := j.object(n, here, path, append(known, "contact")...)
	all := map[string]*node{}
	maps.Copy(all, f)
	flatten := func(parent string, fields ...string) {
		if value := all[parent]; value != nil {
			for name, value := range j.object(value, here, path+"/"+parent, fields...) {
				all[parent+"/"+name] = value
			}
		}
	}
	flatten("contact", append(nested["contact"], "phone", "fax")...)
	flatten("contact/phone", nested["contact/phone"]...)
	flatten("contact/fax", nested["contact/fax"]...)
	for _, field := range slotFields {
		value := all[field.path]
		switch {
		case value == nil:
		case field.kind == slotID && value.kind == nodeNumber:
			into.add(NewSlot(field.slot, value.text))
		case field.kind == slotFlag && value.kind == nodeBool:
			flag := "0"
			if value.flag {
				flag = "1"
			}
			into.add(NewSlot(field.slot, flag))
		default:
			if text, ok := j.text(value, here, path+"/"+field.path); ok {
				into.add(NewSlot(field.slot, text))
			} else {
				into.addBad()
			}
		}
	}
	if f["slots"] != nil {
		j.pairs(f["slots"], into, path+"/slots", here, func(name string) bool {
			_, ok := findSlotField(name)
			return ok
		})
	}
	j.reorder(f["slotOrder"], here, path+"/slotOrder", into)
	return f
}

func (j *jsonReader) additional(at int, n *node) {
	path := pointer("/additionalContacts", at)
	contact := draftContact{at: at}
	f := j.contact(n, &contact.slots, path, sectionContacts, at, "id")
	if n.kind != nodeObject {
		return
	}
	var ok bool
	if contact.id, ok = j.id(f["id"], place{sectionContacts, at, 0}, path+"/id", "AdditionalContactID", 0); ok {
		j.draft.contacts = append(j.draft.contacts, contact)
	}
}
