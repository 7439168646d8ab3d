package orders

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"domainprovisioning/domains"
)

// Amendment is a stored order with an amendment. The embedded Incoming is the order as it is
// to be; what is wrong with it is said in the words of the amendment, with JSON pointers into
// it. A reason that also holds against the stored order refuses nothing, unless it is about
// something that the amendment replaces: orders that were accepted under older rules stay
// amendable.
type Amendment struct {
	*Incoming

	// Stored is the order that is amended, with what the rules of today say against it. Who
	// adds reasons to the amended order adds the same kind of reasons to this one.
	Stored *Incoming
}

// Amend reads an amendment of one item of a stored order and applies the rules. It has these
// fields, each of which replaces what the order says:
//
//	customer            the fields of an order's customer, merged one by one into those of
//	                    a new customer; null removes one
//	contacts            owner, admin, billing, tech: contact data, merged in the same way;
//	                    see amender.contact for whose they become
//	nameServers[]       as in an item; null: those of the system
//	transferKey, expires, language, settings as in an item; null removes them
//	parameters          by name, merged; null removes one, or all of them
//	planId, periodId    of the item; null: the plan's own period
//	hosting             planId, periodId of the hosting that the domain is bought with
//
// What identifies the order is not amendable: domain, operation, account, ids and parents.
// The limits are those of ReadJSON, and so are the errors; what is wrong with the amendment is
// in Amendment.
func (r Rules) Amend(document []byte, item int, amendment []byte) (*Amendment, error) {
	tree, err := parseTree(bytes.NewReader(amendment))
	if err != nil {
		return nil, err
	}
	stored, err := readJSON(r, bytes.NewReader(document))
	if err != nil {
		return nil, err
	}
	amended, err := readJSON(r, bytes.NewReader(document))
	if err != nil {
		return nil, err
	}
	if err := stored.Err(); err != nil {
		return nil, err
	}
	at := slices.IndexFunc(amended.Order.Items, func(i Item) bool { return i.ID == item })
	if at < 0 {
		return nil, fmt.Errorf("orders: the order has no item %d", item)
	}
	a := &amender{jsonReader: amended, item: &amended.Order.Items[at], whole: ItemField(at, ""), uses: amended.Order.uses()}
	a.to = &amendWords{item: at, hosting: none, roles: map[int]domains.Role{}}
	if parent := slices.IndexFunc(amended.Order.Items, func(i Item) bool { return i.ID == a.item.ParentID }); parent >= 0 && parent != at {
		a.hosting, a.to.hosting = &amended.Order.Items[parent], parent
	}
	stored.words, amended.words = a.to, a.to
	amended.amends = &amends{stored: stored.Incoming, copied: map[int]Field{}}
	only := map[int]bool{}
	for _, contact := range stored.Order.AdditionalContacts {
		if strings.TrimSpace(contact.login) == "" {
			only[contact.ID] = true // a new user of an order that was accepted has one
		}
	}
	stored.registrarsOnly, amended.registrarsOnly = only, only
	a.document(tree)
	if len(a.Order.AdditionalContacts) > MaxContacts {
		a.exceed(ErrTooManyContacts)
	}
	if a.limit != nil {
		return nil, a.limit
	}
	stored.check()
	amended.check()
	return &Amendment{Incoming: amended.Incoming, Stored: stored.Incoming}, nil
}

// amender reads an amendment into an order.
type amender struct {
	*jsonReader

	item    *Item
	hosting *Item // that the domain is bought with, or nil
	whole   Field // the item's own place
	to      *amendWords
	uses    map[int]int
}

// touch notes that the amendment replaces a field.
func (a *amender) touch(field Field) Field {
	a.amends.touched = append(a.amends.touched, field)
	return field
}

const (
	cannotBeAmended = "cannot be amended: cancel the order and place another"
	inOperations    = "is an existing account: correct it in Operations, then retry"
)

// amendable are the fields of an amendment, fixed those that an order has and an amendment
// cannot replace.
func amendable() []string {
	return []string{
		"customer", "contacts", "nameServers", "transferKey", "settings", "language", "expires", "parameters", "planId", "periodId", "hosting",
	}
}

func fixed() []string {
	return []string{
		"number", "vendorAccountId", "items", "groupOrder", "payment", "additionalContacts", "trailing",
		"id", "parentId", "operation", "domain", "subscriptionId", "apsDefaults", "parameterOrder",
	}
}

// ofDomain are the fields that only an item with a domain has.
func ofDomain() []string {
	return []string{"contacts", "nameServers", "transferKey", "settings", "language", "expires"}
}

func (a *amender) document(tree *node) {
	f := a.object(a.without(tree, a.whole, fixed(), cannotBeAmended), a.whole, amendable()...)
	if !a.item.isDomain {
		for _, name := range ofDomain() {
			if f[name] != nil {
				a.unread(RuleAmend, a.whole.in(name), "is for a domain, and item %d is hosting", a.item.ID)
				delete(f, name)
			}
		}
	}
	given := slices.Clone(a.item.given)
	if n := f["customer"]; n != nil {
		a.customer(n)
	}
	if n := f["contacts"]; n != nil {
		roles := a.object(n, a.whole.in("contacts"), roleFields()...)
		for _, role := range roleFields() {
			if n := roles[role]; n != nil {
				a.contact(domains.Role(role), n)
			}
		}
	}
	a.fields(a.item, a.whole, a.cleared(f))
	a.item.given = arranged(given, a.item.given, itemRank)
	slices.SortStableFunc(a.item.others, func(p, q Parameter) int {
		return slices.Index(a.item.given, p.Name) - slices.Index(a.item.given, q.Name)
	})
	a.plan(a.item, a.whole, f)
	switch n := f["hosting"]; {
	case n == nil:
	case a.hosting == nil:
		a.unread(RuleAmend, a.whole.in("hosting"), "cannot be amended: no hosting is ordered with item %d", a.item.ID)
	default:
		whole := ItemField(a.hosting.at, "")
		a.plan(a.hosting, whole, a.object(n, whole, "planId", "periodId"))
	}
}

// without refuses members of an object, and returns the object without them.
func (a *amender) without(n *node, whole Field, names []string, problem string) *node {
	rest := *n
	rest.members = nil
	for _, m := range n.members {
		if slices.Contains(names, m.key) {
			a.unread(RuleAmend, whole.in(m.key), "%s", problem)
		} else {
			rest.members = append(rest.members, m)
		}
	}
	return &rest
}

// cleared removes from the item what the amendment replaces, and returns the fields to be read
// instead, which are those that are not null.
func (a *amender) cleared(f map[string]*node) map[string]*node {
	read := map[string]*node{}
	for name, parameters := range map[string][]string{
		"transferKey": {ParamTransferKey}, "settings": {ParamSettings}, "language": {ParamLanguage}, "expires": {ParamExpires},
		"nameServers": {ParamPrimaryNS, ParamSecondaryNS, ParamThirdNS, ParamFourthNS},
	} {
		n := f[name]
		if n == nil {
			continue
		}
		a.touch(a.whole.in(name))
		a.item.clear(parameters...)
		if n.kind != nodeNull {
			read[name] = n
		}
	}
	if n := f["parameters"]; n != nil {
		read["parameters"] = a.parameters(n)
	}
	return read
}

// parameters clears the parameters that the amendment names, and returns those to be read.
func (a *amender) parameters(n *node) *node {
	whole := a.whole.in("parameters")
	if n.kind == nodeNull {
		for _, other := range slices.Clone(a.item.others) {
			a.touch(whole.in(other.Name))
			a.item.clear(other.Name)
		}
		return nil
	}
	rest := *n
	rest.members = nil
	seen := map[string]bool{}
	for _, m := range n.members {
		name := strings.TrimSpace(m.key)
		switch {
		case hasField(name): // refused when it is read
		case seen[name]:
			a.unread(RuleParameterTwice, whole.in(name), "is given twice")
			continue
		default:
			a.touch(whole.in(name))
			a.item.clear(name)
		}
		seen[name] = true
		if m.value.kind != nodeNull || hasField(name) {
			rest.members = append(rest.members, m)
		}
	}
	return &rest
}

// plan reads the plan of an item.
func (a *amender) plan(item *Item, whole Field, f map[string]*node) {
	if n := f["planId"]; n != nil {
		if id, ok := a.id(n, a.touch(whole.in("planId")), 0); ok {
			item.PlanID = id
		}
	}
	n := f["periodId"]
	if n == nil {
		return
	}
	field := a.touch(whole.in("periodId"))
	if n.kind == nodeNull {
		item.PlanPeriodID = NoPeriod
	} else if id, ok := a.id(n, field, 0); ok {
		item.PlanPeriodID = id
	}
}

// clear removes parameters from the item.
func (i *Item) clear(parameters ...string) {
	for _, name := range parameters {
		switch field, known := findItemField(name); {
		case isServer(field.path):
			i.servers[itemRank(name)-itemRank(ParamPrimaryNS)] = server{}
		case isRole(field.path):
			*i.roles.Of(domains.Role(strings.TrimPrefix(field.path, "contacts/"))) = nil
		case known:
			field.set(i, "")
		default:
			if i.others = slices.DeleteFunc(i.others, func(p Parameter) bool { return p.Name == name }); len(i.others) == 0 {
				i.others = nil
			}
		}
		i.given = slices.DeleteFunc(i.given, func(given string) bool { return given == name })
	}
}

// arranged puts names that were read again in their old places. Names that were in the order
// of the table stay so, and otherwise new ones go to the end.
func arranged(before, after []string, rank func(string) int) []string {
	if after == nil {
		return nil
	}
	kept := make([]string, 0, len(after))
	for _, names := range [][]string{before, after} {
		for _, name := range names {
			if slices.Contains(after, name) && !slices.Contains(kept, name) {
				kept = append(kept, name)
			}
		}
	}
	if slices.Equal(before, inOrder(before, rank)) {
		return inOrder(kept, rank)
	}
	return kept
}
