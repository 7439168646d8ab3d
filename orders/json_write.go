package orders

import (
	"bytes"
	"cmp"
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
// The document of an order never changes, whatever release writes it: its digest tells
// that an order is a repeat. For a document larger than MaxJSONSize the error is
// ErrTooLarge.
func WriteJSON(w io.Writer, o *Order) error {
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
		items = append(items, documentOfItem(&item))
	}
	add("items", items)
	if len(o.groupOrder) > 0 {
		ids := make([]any, 0, len(o.groupOrder))
		for _, id := range o.groupOrder {
			ids = append(ids, id)
		}
		add("groupOrder", ids)
	}
	add("customer", documentOfPerson(&jsonObject{}, &o.Customer))
	if len(o.Payment) > 0 {
		add("payment", documentOfPairs(o.Payment))
	}
	if len(o.AdditionalContacts) > 0 {
		contacts := make([]any, 0, len(o.AdditionalContacts))
		for _, contact := range o.AdditionalContacts {
			contacts = append(contacts, documentOfPerson(&jsonObject{{"id", contact.ID}}, &contact.Person))
		}
		add("additionalContacts", contacts)
	}
	if len(o.Trailing) > 0 {
		add("trailing", o.Trailing)
	}
	return doc
}

func documentOfItem(item *Item) *jsonObject {
	doc := &jsonObject{{"id", item.ID}, {"planId", item.PlanID}}
	if item.PlanPeriodID != NoPeriod {
		doc.set([]string{"periodId"}, item.PlanPeriodID)
	}
	doc.set([]string{"parentId"}, item.ParentID)
	sorted := inOrder(item.given, itemRank)
	var hosts []any
	var rest []Parameter
	aps := &jsonObject{}
	for _, name := range sorted {
		field, _ := findItemField(name)
		text := item.text(name)
		switch {
		case field.path == "operation":
			doc.set([]string{"operation"}, item.operation.String())
		case isRole(field.path):
			id, _ := canonicalID(text)
			doc.set(strings.Split(field.path, "/"), id)
		case isServer(field.path):
			hosts = append(hosts, documentOfServer(item.servers[itemRank(name)-itemRank(ParamPrimaryNS)]))
		case field.path == "subscriptionId":
			doc.set([]string{"subscriptionId"}, json.RawMessage(cmp.Or(text, "null")))
		case field.path == "settings":
			doc.set([]string{"settings"}, json.RawMessage(text))
		case field.path != "":
			doc.set([]string{field.path}, text)
		case isAPSParam(name):
			aps.set([]string{strings.TrimPrefix(name, apsPrefix)}, apsValue(text))
		default:
			rest = append(rest, NewParameter(name, text))
		}
	}
	if hosts != nil {
		doc.set([]string{"nameServers"}, hosts)
	}
	// An empty "parameters" distinguishes an empty group from none.
	if rest != nil || (item.given != nil && len(item.given) == 0) {
		doc.set([]string{"parameters"}, documentOfPairs(rest))
	}
	if len(*aps) > 0 {
		doc.set([]string{"apsDefaults"}, aps)
	}
	if !slices.Equal(sorted, item.given) {
		doc.set([]string{"parameterOrder"}, nameList(item.given))
	}
	return doc
}

func documentOfServer(s server) any {
	if len(s.addresses) == 0 {
		return s.host
	}
	addresses := make([]any, len(s.addresses))
	for n, address := range s.addresses {
		addresses[n] = address
	}
	return &jsonObject{{"host", s.host}, {"addresses", addresses}}
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
	if _, doubled := tree.doubledKey(nil); doubled {
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

// documentOfPerson writes contact data under readable names.
func documentOfPerson(doc *jsonObject, person *Person) *jsonObject {
	sorted := inOrder(person.given, personRank)
	var rest []Parameter
	for _, slot := range sorted {
		field, ok := findPersonField(slot)
		text := person.text(slot)
		if !ok {
			rest = append(rest, NewParameter(slot, text))
			continue
		}
		var value any = text
		if id, ok := canonicalID(text); ok && field.kind == idText {
			value = id
		}
		if field.kind == flagText && (text == "0" || text == "1") {
			value = text == "1"
		}
		doc.set(strings.Split(field.path, "/"), value)
	}
	if rest != nil {
		doc.set([]string{"slots"}, documentOfPairs(rest))
	}
	if !slices.Equal(sorted, person.given) {
		doc.set([]string{"slotOrder"}, nameList(person.given))
	}
	return doc
}

func documentOfPairs(parameters []Parameter) *jsonObject {
	doc := &jsonObject{}
	for _, parameter := range parameters {
		doc.set([]string{parameter.Name}, parameter.Value.Reveal())
	}
	return doc
}

func nameList(names []string) []any {
	list := make([]any, 0, len(names))
	for _, name := range names {
		list = append(list, name)
	}
	return list
}
