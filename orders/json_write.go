package orders

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// WriteJSON writes the JSON form of an order.
//
// IT REVEALS EVERYTHING: passwords, transfer keys, card data and personal data
// are in the document in clear text. It is the form that the store seals. Never
// log it, never answer a request with it, never pass it to a workflow, and call
// WithoutPayment first.
//
// The order must be one that some setting of Rules accepts; otherwise the error
// is that of Rules.Check. For a document larger than MaxJSONSize it is
// ErrTooLarge.
func WriteJSON(w io.Writer, o *Order) error {
	if err := lenient(o).Check(o); err != nil {
		return err
	}
	var compact, indented bytes.Buffer
	if err := encode(&compact, documentOf(o)); err != nil {
		return err
	}
	if err := json.Indent(&indented, compact.Bytes(), "", "  "); err != nil {
		return fmt.Errorf("orders: write JSON: %w", err)
	}
	indented.WriteByte('\n')
	if indented.Len() > MaxJSONSize {
		return ErrTooLarge
	}
	if _, err := w.Write(indented.Bytes()); err != nil {
		return fmt.Errorf("orders: write JSON: %w", err)
	}
	return nil
}

func documentOf(o *Order) *jsonObject {
	doc := &jsonObject{}
	add := func(name string, value any) { doc.set([]string{name}, value) }
	if o.Number != "" {
		add("number", o.Number)
	}
	add("vendorAccountId", o.VendorAccountID)
	items := make([]any, 0, len(o.Items))
	for _, item := range o.Items {
		items = append(items, documentOfItem(item))
	}
	add("items", items)
	if len(o.GroupOrder) > 0 {
		ids := make([]any, 0, len(o.GroupOrder))
		for _, id := range o.GroupOrder {
			ids = append(ids, id)
		}
		add("groupOrder", ids)
	}
	add("customer", documentOfSlots(&jsonObject{}, o.Contact.Slots))
	if len(o.Payment) > 0 {
		add("payment", documentOfPairs(o.Payment))
	}
	if len(o.AdditionalContacts) > 0 {
		contacts := make([]any, 0, len(o.AdditionalContacts))
		for _, contact := range o.AdditionalContacts {
			contacts = append(contacts, documentOfSlots(&jsonObject{{"id", contact.ID}}, contact.Slots))
		}
		add("additionalContacts", contacts)
	}
	if len(o.Trailing) > 0 {
		add("trailing", o.Trailing)
	}
	return doc
}

func documentOfItem(item Item) *jsonObject {
	doc := &jsonObject{{"id", item.ID}, {"planId", item.PlanID}, {"periodId", item.PlanPeriodID}, {"parentId", item.ParentID}}
	params := canonicalParameters(item.Parameters)
	var hosts []any
	var rest Slots
	aps := &jsonObject{}
	for _, p := range params {
		value := p.Value.Reveal()
		switch {
		case p.Name == ParamOperationType:
			doc.set([]string{"operation"}, parseType(value).String())
		case p.Name == ParamDomainID:
			doc.set([]string{"domain"}, value)
		case p.Name == ParamTransferKey:
			doc.set([]string{"transferKey"}, value)
		case isContactParam(p.Name):
			id, _ := canonicalID(value)
			doc.set([]string{"contacts", roleField(p.Name)}, id)
		case isNameServerParam(p.Name):
			hosts = append(hosts, value)
		case p.Name == ParamSettings:
			doc.set([]string{"settings"}, json.RawMessage(value))
		case p.Name == ParamExpires:
			doc.set([]string{"expires"}, value)
		case isAPSParam(p.Name):
			aps.set([]string{strings.TrimPrefix(p.Name, apsPrefix)}, apsValue(value))
		default:
			rest = append(rest, p)
		}
	}
	if hosts != nil {
		doc.set([]string{"nameServers"}, hosts)
	}
	// An empty "parameters" distinguishes an empty group from none.
	if rest != nil || (item.HasGroup && len(params) == 0) {
		doc.set([]string{"parameters"}, documentOfPairs(rest))
	}
	if len(*aps) > 0 {
		doc.set([]string{"apsDefaults"}, aps)
	}
	if !slices.EqualFunc(params, item.Parameters, sameName) {
		doc.set([]string{"parameterOrder"}, nameList(item.Parameters))
	}
	return doc
}

// apsValue embeds a resource if reading it returns the same bytes, and
// otherwise writes it as a string.
func apsValue(value string) any {
	var compact bytes.Buffer
	if err := json.Compact(&compact, []byte(value)); err != nil || compact.String() != value {
		return value
	}
	tree, err := parseTreeBytes([]byte(value))
	if err != nil || tree.depth() > MaxJSONDepth/2 {
		return value
	}
	if _, doubled := tree.doubledKey(""); doubled {
		return value
	}
	return json.RawMessage(value)
}

func (n *node) depth() int {
	deepest := 0
	for _, m := range n.members {
		deepest = max(deepest, m.value.depth())
	}
	for _, elem := range n.elems {
		deepest = max(deepest, elem.depth())
	}
	return deepest + 1
}

// documentOfSlots writes contact data under readable names.
func documentOfSlots(doc *jsonObject, slots Slots) *jsonObject {
	canonical := canonicalSlots(slots)
	var rest Slots
	for _, slot := range canonical {
		field, ok := findSlotField(slot.Name)
		if !ok {
			rest = append(rest, slot)
			continue
		}
		var value any = slot.Value.Reveal()
		if id, ok := canonicalID(slot.Value.Reveal()); ok && field.kind == slotID {
			value = id
		}
		if field.kind == slotFlag && (value == "0" || value == "1") {
			value = value == "1"
		}
		doc.set(strings.Split(field.path, "/"), value)
	}
	if rest != nil {
		doc.set([]string{"slots"}, documentOfPairs(rest))
	}
	if !slices.EqualFunc(canonical, slots, sameName) {
		doc.set([]string{"slotOrder"}, nameList(slots))
	}
	return doc
}

func documentOfPairs(slots Slots) *jsonObject {
	doc := &jsonObject{}
	for _, slot := range slots {
		doc.set([]string{slot.Name}, slot.Value.Reveal())
	}
	return doc
}

func sameName(a, b Slot) bool { return a.Name == b.Name }

func nameList(slots Slots) []any {
	names := make([]any, 0, len(slots))
	for _, name := range slots.names() {
		names = append(names, name)
	}
	return names
}
