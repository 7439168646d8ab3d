package orders

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"strings"
)

// ReadJSON reads the JSON form of an order with the default Rules, which are
// those of the list. See testdata for documents. The fields are:
//
//	number              order number, optional
//	vendorAccountId     VendorAccountID
//	items[]             id, planId, periodId, parentId (default -1), and of the group:
//	  operation         "registration", "renewal" or "transfer"
//	  domain            DomainID: the label; the top-level domain comes from the plan.
//	                    A full name is accepted if it ends in the plan's top-level
//	                    domain, which Catalog.Resolve decides
//	  transferKey       required for every operation; "" unless it is a transfer
//	  nameServers[]     primary, secondary, third, fourth; null skips one
//	  contacts          owner, admin, billing, tech: user ids
//	  parameters        any other parameter, by its name, as a string
//	  apsDefaults       by service id, the resource as an object (or as its text)
//	  parameterOrder[]  parameter names in list order, if it differs from the above
//	groupOrder[]        item ids in the order of their groups, if it differs from items
//	customer            accountId | login, password, contact{...}, currency, ...,
//	                    slots (others, by name), slotOrder[]
//	payment             pay tool slots by name, as strings
//	additionalContacts[] id, and the fields of customer
//	trailing[]          values after the last section (Rules.TrailingSlots)
//
// contact has the fields of domains.Contact except title, for which the order
// system has no slot. Unknown fields and duplicate keys are faults, with a JSON
// pointer. Other errors: ErrTooLarge, ErrTooDeep, ErrTrailingData, ErrNotText,
// those of the limits of ReadList, and an error for a document that is not
// JSON.
func ReadJSON(r io.Reader) (*Order, error) { return Rules{}.ReadJSON(r) }

// ReadStored reads a document that WriteJSON has written: an order that has been accepted,
// whatever the rules and their settings were then. Errors are those of ReadJSON.
func ReadStored(r io.Reader) (*Order, error) { return storedRules().ReadJSON(r) }

// ReadJSON is like the package function, but with these Rules.
func (r Rules) ReadJSON(in io.Reader) (*Order, error) {
	tree, err := parseTree(in)
	if err != nil {
		return nil, err
	}
	j := jsonReader{checker: checker{rules: r}}
	if err := j.document(tree); err != nil {
		return nil, err
	}
	j.check(&j.draft)
	if err := j.err(); err != nil {
		return nil, err
	}
	order := j.draft.order()
	if err := j.limits(order); err != nil {
		return nil, err
	}
	return order, nil
}

type jsonReader struct {
	checker
	draft draft
}

// wrong reports a fault of the document's form.
func (j *jsonReader) wrong(at place, rule int, path, problem string) {
	if path == "" {
		path = "/"
	}
	j.add(at, Fault{Rule: rule, Item: NoItem, Path: path, Message: path + ": " + problem})
}

// object returns the members of an object that has only known fields.
func (j *jsonReader) object(n *node, at place, path string, known ...string) map[string]*node {
	fields := map[string]*node{}
	if n.kind != nodeObject {
		j.wrong(at, RuleJSONType, path, "must be an object")
		return fields
	}
	for _, m := range n.members {
		switch {
		case !slices.Contains(known, m.key):
			j.wrong(at, RuleJSONUnknown, pointer(path, m.key), "unknown field "+strconv.Quote(shown(m.key)))
		case fields[m.key] != nil:
			j.wrong(at, RuleJSONDuplicate, pointer(path, m.key), "duplicate key")
		default:
			fields[m.key] = m.value
		}
	}
	return fields
}

func (j *jsonReader) array(n *node, at place, path string) []*node {
	if n == nil {
		return nil
	}
	if n.kind != nodeArray {
		j.wrong(at, RuleJSONType, path, "must be an array")
	}
	return n.elems
}

// text reads a string; ok is false if there is none.
func (j *jsonReader) text(n *node, at place, path string) (string, bool) {
	if n == nil {
		return "", false
	}
	if n.kind != nodeString {
		j.wrong(at, RuleJSONType, path, "must be a string")
		return "", false
	}
	return n.text, true
}

// id reads a whole number of at least low; what names it in the fault, which is
// the same as for the list.
func (j *jsonReader) id(n *node, at place, path, what string, low int) (int, bool) {
	if n == nil {
		j.wrong(at, RuleJSONMissing, path, "is missing")
		return 0, false
	}
	id, ok := parseWhole(n.text)
	if n.kind != nodeNumber || !ok || id < low {
		fault := notWhole(RuleID, "", what, path)
		if low < 0 {
			fault.Message = what + " must be -1 or the id of an item"
		}
		j.add(at, fault)
		return 0, false
	}
	return id, true
}

func (j *jsonReader) document(tree *node) error {
	head := place{sectionHead, 2}
	f := j.object(tree, head, "", "number", "vendorAccountId", "items", "groupOrder", "customer",
		"payment", "additionalContacts", "trailing")
	if tree.kind != nodeObject {
		j.draft.vendorUnread, j.draft.contactUnread = true, true
		return nil
	}
	j.draft.number, _ = j.text(f["number"], head, "/number")
	var ok bool
	j.draft.vendor, ok = j.id(f["vendorAccountId"], head, "/vendorAccountId", "VendorAccountID", 0)
	j.draft.vendorUnread = !ok
	if f["items"] == nil {
		j.wrong(place{sectionItems, -1, 0}, RuleJSONMissing, "/items", "is missing")
	}
	items := j.array(f["items"], place{sectionItems, -1, 0}, "/items")
	if len(items) > MaxItems {
		return ErrTooManyItems
	}
	for at, item := range items {
		j.item(at, item)
	}
	j.groupOrder(f["groupOrder"])
	if f["customer"] != nil {
		j.contact(f["customer"], &j.draft.contact, "/customer", sectionContact, 0)
		j.draft.contactUnread = len(j.draft.contact.bad) > 0 || f["customer"].kind != nodeObject
	}
	if f["payment"] != nil {
		j.pairs(f["payment"], &j.draft.payment, "/payment", place{sectionPayment, 0, 0}, nil)
	}
	contacts := j.array(f["additionalContacts"], place{sectionContacts, -1, 0}, "/additionalContacts")
	if len(contacts) > MaxContacts {
		return ErrTooManyContacts
	}
	for at, contact := range contacts {
		j.additional(at, contact)
	}
	j.trailing(f["trailing"])
	return nil
}

// item reads an item and, if it has any field of one, its parameter group.
func (j *jsonReader) item(at int, n *node) {
	path := pointer("/items", at)
	here := place{sectionItems, at, 0}
	f := j.object(n, here, path, "id", "planId", "periodId", "parentId", "operation", "domain", "transferKey",
		"nameServers", "contacts", "settings", "expires", "parameters", "apsDefaults", "parameterOrder")
	if n.kind != nodeObject {
		j.draft.itemsUnread = true
		return
	}
	item := Item{ParentID: NoParent}
	var okID bool
	item.ID, okID = j.id(f["id"], here, path+"/id", "ProvisioningItemID", 0)
	item.PlanID, _ = j.id(f["planId"], here, path+"/planId", "PlanID", 0)
	item.PlanPeriodID, _ = j.id(f["periodId"], here, path+"/periodId", "PlanPeriodID", 0)
	if f["parentId"] != nil {
		if parent, ok := j.id(f["parentId"], here, path+"/parentId", "ParentItemID", NoParent); ok {
			item.ParentID = parent
		}
	}
	if !okID {
		j.draft.itemsUnread = true
		return
	}
	// Even with a bad plan or parent, the item itself is known.
	j.draft.items = append(j.draft.items, draftItem{Item: item, at: at})
	for _, field := range []string{
		"operation", "domain", "transferKey", "nameServers", "contacts", "settings", "expires", "parameters", "apsDefaults",
	} {
		if f[field] != nil {
			j.group(item.ID, len(j.draft.groups), path, f)
			return
		}
	}
}

func (j *jsonReader) group(id, at int, path string, f map[string]*node) {
	here := place{sectionParameters, at, 0}
	group := draftGroup{item: id, at: at}
	add := func(name, value string) { group.params.add(NewSlot(name, value)) }
	for _, field := range []struct{ json, name string }{
		{"operation", ParamOperationType}, {"domain", ParamDomainID}, {"transferKey", ParamTransferKey},
	} {
		if f[field.json] == nil {
			continue
		}
		text, ok := j.text(f[field.json], here, path+"/"+field.json)
		if !ok {
			group.params.addBad()
			continue
		}
		if field.name == ParamOperationType {
			var op Type
			if err := op.UnmarshalText([]byte(text)); err == nil && op != 0 {
				text = strconv.Itoa(int(op))
			}
		}
		add(field.name, text)
	}
	j.roles(f["contacts"], here, path+"/contacts", &group)
	hosts := j.array(f["nameServers"], here, path+"/nameServers")
	if len(hosts) > len(nameServerParams) {
		j.wrong(here, RuleJSONType, path+"/nameServers", "must hold at most 4 name servers")
		hosts = hosts[:len(nameServerParams)]
	}
	for n, host := range hosts {
		if host.kind == nodeNull {
			continue
		}
		if text, ok := j.text(host, here, pointer(path, "nameServers", n)); ok {
			add(nameServerParams[n], strings.TrimSpace(text))
		}
	}
	j.settings(f["settings"], path+"/settings", here, &group)
	if f["expires"] != nil {
		if text, ok := j.text(f["expires"], here, path+"/expires"); ok {
			add(ParamExpires, text)
		}
	}
	if f["parameters"] != nil {
		j.pairs(f["parameters"], &group.params, path+"/parameters", here, hasField)
	}
	if f["apsDefaults"] != nil {
		j.aps(f["apsDefaults"], here, path+"/apsDefaults", &group)
	}
	j.reorder(f["parameterOrder"], here, path+"/parameterOrder", &group.params)
	j.draft.groups = append(j.draft.groups, group)
}

func (j *jsonReader) roles(n *node, here place, path string, group *draftGroup) {
	if n == nil {
		return
	}
	var fields []string
	for _, name := range contactParams {
		fields = append(fields, roleField(name))
	}
	f := j.object(n, here, path, fields...)
	for i, field := range fields {
		switch value := f[field]; {
		case value == nil:
		case value.kind == nodeNumber:
			group.params.add(NewSlot(contactParams[i], value.text))
		default: // the fault is the same as for the list, RuleContactID
			group.params.add(NewSlot(contactParams[i], ""))
		}
	}
}

// settings keeps the object unchanged; the rules read it.
func (j *jsonReader) settings(n *node, path string, here place, group *draftGroup) {
	if n == nil {
		return
	}
	if n.kind != nodeObject {
		j.wrong(here, RuleJSONType, path, "must be an object")
		return
	}
	if at, doubled := n.doubledKey(path); doubled {
		j.wrong(here, RuleJSONDuplicate, at, "duplicate key")
	}
	var compact bytes.Buffer
	_ = json.Compact(&compact, n.raw) // already parsed: cannot fail
	group.params.add(NewSlot(ParamSettings, compact.String()))
}

// aps reads resources: objects, or strings that contain the text of an object.
func (j *jsonReader) aps(n *node, here place, path string, group *draftGroup) {
	if n.kind != nodeObject {
		j.wrong(here, RuleJSONType, path, "must be an object")
		return
	}
	for _, m := range n.members {
		name := strings.TrimSpace(apsPrefix + m.key)
		switch m.value.kind {
		case nodeString:
			group.params.add(NewSlot(name, m.value.text))
		case nodeObject:
			if at, doubled := m.value.doubledKey(pointer(path, m.key)); doubled {
				j.wrong(here, RuleJSONDuplicate, at, "duplicate key")
			}
			var compact bytes.Buffer
			_ = json.Compact(&compact, m.value.raw) // already parsed: cannot fail
			group.params.add(NewSlot(name, compact.String()))
		default: // the fault is the same as for the list, RuleAPSObject
			group.params.add(NewSlot(name, ""))
		}
	}
}

func (j *jsonReader) groupOrder(n *node) {
	here := place{sectionParameters, -1, 0}
	if n == nil {
		return
	}
	var sorted []draftGroup
	elems := j.array(n, here, "/groupOrder")
	if len(elems) > len(j.draft.groups) {
		elems = elems[:len(j.draft.groups)+1] // one too many is enough to say so
	}
	for _, elem := range elems {
		for i, group := range j.draft.groups {
			if elem.kind == nodeNumber && elem.text == strconv.Itoa(group.item) &&
				!slices.ContainsFunc(sorted, func(g draftGroup) bool { return g.at == j.draft.groups[i].at }) {
				sorted = append(sorted, group)
				break
			}
		}
	}
	if len(elems) != len(sorted) || len(sorted) != len(j.draft.groups) {
		j.wrong(here, RuleJSONOrder, "/groupOrder", "must hold the id of each item with parameters once")
		return
	}
	j.draft.groups = sorted
}

func (j *jsonReader) trailing(n *node) {
	here := place{sectionEnd, 0, 0}
	for i, elem := range j.array(n, here, "/trailing") {
		number, ok := parseWhole(elem.text)
		switch {
		case elem.kind == nodeString:
			j.draft.trailing = append(j.draft.trailing, elem.text)
		case elem.kind == nodeNumber && ok:
			j.draft.trailing = append(j.draft.trailing, number)
		default:
			j.wrong(here, RuleJSONType, pointer("/trailing", i), "must be a string or a whole number")
		}
	}
}
