package orders

import (
	"bytes"
	"encoding/json"
	"strings"
)

// item reads an item. Even with a bad id, plan or parent, what it orders is known.
func (j *jsonReader) item(at int, n *node) {
	whole := ItemField(at, "")
	f := j.object(n, whole, itemPaths()...)
	if n.kind != nodeObject {
		j.itemsUnread = true
		return
	}
	item := Item{ParentID: NoParent, PlanPeriodID: NoPeriod, at: at}
	var known bool
	if item.ID, known = j.id(f["id"], whole.in("id"), 0); !known {
		j.itemsUnread = true
		item.ID = -1 - at
	}
	item.PlanID, _ = j.id(f["planId"], whole.in("planId"), 0)
	if f["periodId"] != nil {
		item.PlanPeriodID, _ = j.id(f["periodId"], whole.in("periodId"), 0)
	}
	if f["parentId"] != nil {
		if parent, ok := j.id(f["parentId"], whole.in("parentId"), NoParent); ok {
			item.ParentID = parent
		}
	}
	for _, field := range itemPaths()[4:15] {
		if f[field] != nil {
			item.given = []string{}
		}
	}
	j.fields(&item, whole, f)
	j.Order.Items = append(j.Order.Items, item)
}

// fields reads what an item has besides its ids, in the order of the JSON form.
func (j *jsonReader) fields(item *Item, whole Field, f map[string]*node) {
	if text, ok := j.text(f["operation"], whole.in("operation")); ok {
		j.operation(item, whole.in("operation"), text)
	}
	for _, field := range []struct{ json, parameter string }{{"domain", ParamDomainID}, {"transferKey", ParamTransferKey}} {
		if text, ok := j.text(f[field.json], whole.in(field.json)); ok {
			j.parameter(item, whole, field.parameter, text)
		}
	}
	j.roles(f["contacts"], item, whole)
	j.servers(f["nameServers"], item, whole)
	if n := f["settings"]; n != nil && j.nested(n, whole.in("settings")) {
		j.parameter(item, whole, ParamSettings, compact(n))
	}
	if text, ok := j.text(f["expires"], whole.in("expires")); ok {
		j.parameter(item, whole, ParamExpires, text)
	}
	if n := f["subscriptionId"]; n != nil && (n.kind == nodeNumber || n.kind == nodeNull) {
		j.parameter(item, whole, ParamSubscription, n.text)
	} else if n != nil {
		j.unread(RuleJSONType, whole.in("subscriptionId"), "must be a number")
	}
	if text, ok := j.text(f["language"], whole.in("language")); ok {
		j.parameter(item, whole, ParamLanguage, text)
	}
	if f["parameters"] != nil {
		j.pairs(f["parameters"], whole.in("parameters"), hasField, func(name, text string) { j.parameter(item, whole, name, text) })
	}
	if f["apsDefaults"] != nil {
		j.aps(f["apsDefaults"], item, whole)
	}
	item.given = j.reorder(f["parameterOrder"], whole.in("parameterOrder"), item.given)
}

// operation takes the word of an operation.
func (j *jsonReader) operation(item *Item, field Field, word string) {
	item.isDomain = true
	item.given = append(item.given, ParamOperationType)
	if err := item.operation.UnmarshalText([]byte(word)); err != nil {
		j.unread(RuleOperationType, field, "is not one of %s", j.words.operations())
	}
}

func (j *jsonReader) roles(n *node, item *Item, whole Field) {
	if n == nil {
		return
	}
	roles := roleFields()
	f := j.object(n, whole.in("contacts"), roles...)
	for _, field := range itemFields {
		role, ok := strings.CutPrefix(field.path, "contacts/")
		if n := f[role]; ok && n != nil {
			text := n.text
			if n.kind != nodeNumber {
				text = "" // no id
			}
			j.parameter(item, whole, field.parameter, text)
		}
	}
}

// servers reads name servers: hosts, or hosts with their addresses.
func (j *jsonReader) servers(n *node, item *Item, whole Field) {
	hosts := j.array(n, whole.in("nameServers"))
	if len(hosts) > maxServers {
		j.unread(RuleJSONType, whole.in("nameServers"), "must hold at most %d name servers", maxServers)
		hosts = hosts[:maxServers]
	}
	for n, host := range hosts {
		field := whole.in("nameServers", n)
		switch host.kind {
		case nodeNull:
			continue
		case nodeObject:
			f := j.object(host, field, "host", "addresses")
			for i, elem := range j.array(f["addresses"], field.in("addresses")) {
				if text, ok := j.text(elem, field.in("addresses", i)); ok {
					item.servers[n].addresses = append(item.servers[n].addresses, text)
				}
			}
			if host = f["host"]; host == nil {
				j.unread(RuleJSONMissing, field.in("host"), "is missing")
			}
		case nodeBool, nodeNumber, nodeString, nodeArray: // a string, or a fault
		}
		if text, ok := j.text(host, field); ok {
			j.parameter(item, whole, itemFields[itemRank(ParamPrimaryNS)+n].parameter, strings.TrimSpace(text))
		}
	}
}

// nested reports whether a value is an object without duplicate keys, which is kept
// unchanged.
func (j *jsonReader) nested(n *node, field Field) bool {
	if n.kind != nodeObject {
		j.unread(RuleJSONType, field, "must be an object")
		return false
	}
	if path, doubled := n.doubledKey(nil); doubled {
		j.unread(RuleJSONDuplicate, field.in(path...), "is given twice")
	}
	return true
}

func compact(n *node) string {
	var text bytes.Buffer
	_ = json.Compact(&text, n.raw) // already parsed: cannot fail
	return text.String()
}

// aps reads resources: objects, or strings that contain the text of an object.
func (j *jsonReader) aps(n *node, item *Item, whole Field) {
	if n.kind != nodeObject {
		j.unread(RuleJSONType, whole.in("apsDefaults"), "must be an object")
		return
	}
	for _, m := range n.members {
		name := strings.TrimSpace(apsPrefix + m.key)
		text := ""
		switch m.value.kind {
		case nodeString:
			text = m.value.text
		case nodeObject:
			if j.nested(m.value, whole.in("apsDefaults", m.key)) {
				text = compact(m.value)
			}
		case nodeNull, nodeBool, nodeNumber, nodeArray: // no object, as RuleAPSObject says
		}
		j.count(text)
		j.parameter(item, whole, name, text)
	}
}
