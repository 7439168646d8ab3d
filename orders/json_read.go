package orders

import (
	"io"
	"slices"
	"strconv"
)

// ReadJSON reads the JSON form of an order and applies the rules. See testdata for
// documents. The fields are:
//
//	number              order number, optional
//	vendorAccountId     VendorAccountID
//	items[]             id, planId, periodId (default: the plan's), parentId (default -1), and:
//	  operation         "registration", "renewal", "transfer" or another of Type
//	  domain            DomainID: the label; the top-level domain comes from the plan.
//	                    A full name is accepted if it ends in the plan's top-level
//	                    domain, which Catalog.Resolve decides
//	  transferKey       required for a registration, renewal and transfer; "" unless it
//	                    is a transfer
//	  nameServers[]     primary, secondary, third, fourth; null skips one; a host, or
//	                    {host, addresses[]} for one below the ordered name
//	  contacts          owner, admin, billing, tech: user ids
//	  settings          domains.Settings
//	  expires           of a renewal: when the domain expires, YYYY-MM-DD
//	  language          of an internationalised name: the registry's code
//	  subscriptionId    a subscription of the account to use instead of a new one
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
// contact has the fields of domains.Contact except title, for which the order system has
// no slot. Unknown fields and duplicate keys are faults. What is wrong with the order is
// in Incoming. The error is ErrTooLarge, ErrTooDeep, ErrTrailingData, ErrNotText, one of
// the limits of ReadList, or that of a document that is not JSON.
func (r Rules) ReadJSON(in io.Reader) (*Incoming, error) {
	j, err := readJSON(r, in)
	if err != nil {
		return nil, err
	}
	j.check()
	return j.Incoming, nil
}

// ReadStored reads a document that WriteJSON has written: an order that has been accepted,
// whatever the rules and their settings were then. Errors are those of ReadJSON, and
// Faults for a document that cannot be read in full.
func ReadStored(in io.Reader) (*Order, error) {
	incoming, err := Reopen(in)
	if err != nil {
		return nil, err
	}
	return incoming.Order, nil
}

// Reopen reads a stored order so that a catalog can resolve it again. Errors are those of
// ReadStored.
func Reopen(in io.Reader) (*Incoming, error) {
	j, err := readJSON(Rules{}, in)
	if err != nil {
		return nil, err
	}
	return j.Incoming, j.Err()
}

func readJSON(rules Rules, in io.Reader) (*jsonReader, error) {
	tree, err := parseTree(in)
	if err != nil {
		return nil, err
	}
	j := &jsonReader{Incoming: newIncoming(rules, jsonWords{})}
	j.document(tree)
	return j, j.limit
}

type jsonReader struct {
	*Incoming

	values int   // texts read
	limit  error // the first limit that the document exceeds
}

// object returns the members of an object that has only known fields.
func (j *jsonReader) object(n *node, field Field, known ...string) map[string]*node {
	fields := map[string]*node{}
	if n.kind != nodeObject {
		j.unread(RuleJSONType, field, "must be an object")
		return fields
	}
	for _, m := range n.members {
		switch {
		case !slices.Contains(known, m.key):
			j.unread(RuleJSONUnknown, field.in(m.key), "is an unknown field")
		case fields[m.key] != nil:
			j.unread(RuleJSONDuplicate, field.in(m.key), "is given twice")
		default:
			fields[m.key] = m.value
		}
	}
	return fields
}

func (j *jsonReader) array(n *node, field Field) []*node {
	if n == nil {
		return nil
	}
	if n.kind != nodeArray {
		j.unread(RuleJSONType, field, "must be an array")
	}
	return n.elems
}

// text reads a string; ok is false if there is none.
func (j *jsonReader) text(n *node, field Field) (string, bool) {
	if n == nil {
		return "", false
	}
	if n.kind != nodeString {
		j.unread(RuleJSONType, field, "must be a string")
		return "", false
	}
	j.count(n.text)
	return n.text, true
}

// count checks the limits of texts.
func (j *jsonReader) count(text string) {
	j.values++
	err := textLimits(text)
	if j.values > MaxValues {
		err = ErrTooManyValues
	}
	j.exceed(err)
}

// exceed notes the first limit that is exceeded.
func (j *jsonReader) exceed(err error) {
	if j.limit == nil {
		j.limit = err
	}
}

// id reads a whole number of at least low.
func (j *jsonReader) id(n *node, field Field, low int) (int, bool) {
	if n == nil {
		j.unread(RuleJSONMissing, field, "is missing")
		return 0, false
	}
	id, ok := parseWhole(n.text)
	if n.kind == nodeNumber && ok && id >= low {
		return id, true
	}
	if low < 0 {
		j.unread(RuleID, field, "must be -1 or the id of an item")
	} else {
		j.unread(RuleID, field, notWhole)
	}
	return 0, false
}

func (j *jsonReader) document(tree *node) {
	f := j.object(tree, WholeOrder(), "number", "vendorAccountId", "items", "groupOrder", "customer", "payment", "additionalContacts", "trailing")
	if tree.kind != nodeObject {
		j.itemsUnread, j.customerUnread = true, true
		return
	}
	j.Order.Number, _ = j.text(f["number"], head("number"))
	j.Order.VendorAccountID, _ = j.id(f["vendorAccountId"], head("vendorAccountId"), 0)
	if f["items"] == nil {
		j.unread(RuleJSONMissing, items(), "is missing")
	}
	elems := j.array(f["items"], items())
	j.itemsUnread = j.Refused(items())
	if len(elems) > MaxItems {
		j.exceed(ErrTooManyItems)
		return
	}
	for at, item := range elems {
		j.item(at, item)
	}
	j.groupOrder(f["groupOrder"])
	if f["customer"] != nil {
		j.person(f["customer"], &j.Order.Customer, CustomerField(""))
	}
	if f["payment"] != nil {
		j.pairs(f["payment"], paymentField(""), nil, j.paymentSlot)
	}
	people := j.array(f["additionalContacts"], contacts())
	if len(people) > MaxContacts {
		j.exceed(ErrTooManyContacts)
		return
	}
	for at, contact := range people {
		j.additional(at, contact)
	}
	j.trailing(f["trailing"])
}

func (j *jsonReader) trailing(n *node) {
	for i, elem := range j.array(n, trailing()) {
		number, ok := parseWhole(elem.text)
		switch {
		case elem.kind == nodeString:
			j.count(elem.text)
			j.Order.Trailing = append(j.Order.Trailing, elem.text)
		case elem.kind == nodeNumber && ok:
			j.Order.Trailing = append(j.Order.Trailing, number)
		default:
			j.unread(RuleJSONType, trailing().in(i), "must be a string or a whole number")
		}
	}
}

func (j *jsonReader) groupOrder(n *node) {
	if n == nil {
		return
	}
	field := head("groupOrder")
	groups := map[string]int{}
	for _, item := range j.Order.Items {
		if item.given != nil {
			groups[strconv.Itoa(item.ID)] = item.ID
		}
	}
	all := len(groups)
	for _, elem := range j.array(n, field) {
		id, ok := groups[elem.text]
		if !ok || elem.kind != nodeNumber {
			j.unread(RuleJSONOrder, field, "must hold the id of each item with parameters once")
			return
		}
		delete(groups, elem.text)
		j.Order.groupOrder = append(j.Order.groupOrder, id)
	}
	if len(j.Order.groupOrder) != all {
		j.unread(RuleJSONOrder, field, "must hold the id of each item with parameters once")
	}
}
