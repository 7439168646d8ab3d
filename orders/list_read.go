package orders

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ReadList reads the flat counted list of PlaceOrderAndAuthorize_API
// (docs/protocols/orders.md, sections 1 to 6) and applies the rules. Values are those that
// an XML-RPC decoder returns; an Int may be any Go integer, or digits in a string. What is
// wrong with the order is in Incoming. The error is one of the limit errors
// (ErrTooManyValues, ErrTextTooLong, ErrNotText, ErrTooManyItems, ErrTooManyContacts).
//
// Reading normalises values that have two spellings: an Int in a string, leading zeros in
// a ProvisioningItem, blanks around a name and around a name server.
func (r Rules) ReadList(values []any) (*Incoming, error) {
	if len(values) > MaxValues {
		return nil, ErrTooManyValues
	}
	for _, value := range values {
		if text, ok := value.(string); ok {
			if err := textLimits(text); err != nil {
				return nil, err
			}
		}
	}
	l := listReader{Incoming: newIncoming(r, listWords{}), values: values}
	l.read()
	if len(l.Order.Items) > MaxItems {
		return nil, ErrTooManyItems
	}
	if len(l.Order.AdditionalContacts) > MaxContacts {
		return nil, ErrTooManyContacts
	}
	l.check()
	return l.Incoming, nil
}

// textLimits checks the length of a text, and that it is one.
func textLimits(text string) error {
	switch {
	case !utf8.ValidString(text):
		return ErrNotText
	case len(text) > MaxTextLength:
		return ErrTextTooLong
	}
	return nil
}

type listReader struct {
	*Incoming

	values   []any
	pos      int
	groupsOf []int // the items of the groups, in their order
}

// read reads the sections. If the list ends early, it reports nothing about what would
// have followed.
func (l *listReader) read() {
	l.itemsUnread, l.customerUnread = true, true
	if l.vendor() && l.items() && l.groups() {
		texts, ok := l.counted("ContactData", CustomerField(""), "ContactDataCounter", "slot")
		l.customerUnread = !l.person(texts, &l.Order.Customer, "ContactData", CustomerField("")) || !ok
		if ok && l.payment() && l.contacts() {
			l.trailing()
		}
	}
}

// wrong reports what is wrong with the list as such; message is a sentence of its own.
func (l *listReader) wrong(rule int, field Field, format string, args ...any) {
	l.unreadable = true
	l.RefuseFor(rule, field, fmt.Sprintf(format, args...))
}

// wholeNumber reads an Int: a Go integer, or digits in a string, within the 32 bits of
// <i4>. A double is not an Int, whole or not.
func wholeNumber(value any) (int, bool) {
	var n int64
	switch v := value.(type) {
	case int:
		n = int64(v)
	case int32:
		n = int64(v)
	case int64:
		n = v
	case string:
		return parseWhole(v)
	default:
		return 0, false
	}
	return int(n), n >= math.MinInt32 && n <= math.MaxInt32
}

// parseWhole reads digits with an optional minus.
func parseWhole(text string) (int, bool) {
	digits := strings.TrimPrefix(text, "-")
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 32)
	return int(n), err == nil
}

// isPair reports whether a value is a string that belongs to a section of strings, and
// not the counter that follows the section.
func isPair(value any) bool {
	text, ok := value.(string)
	return ok && strings.Contains(text, pairSeparator)
}

const notWhole = "must be a whole number of 0 or more"

// counter reads a counter. It returns -1 if the counter is unusable (which it reports),
// and false if the list has ended (which it reports as RuleListEnds). It does not consume
// a Name=Value in the counter's place.
func (l *listReader) counter(name, section string, field Field) (int, bool) {
	if l.pos >= len(l.values) {
		l.ends(section, 1)
		return -1, false
	}
	n, ok := wholeNumber(l.values[l.pos])
	if !ok || n < 0 {
		l.wrong(RuleCounterNotWhole, field, "%s %s", name, notWhole)
		n = -1
	}
	if !isPair(l.values[l.pos]) {
		l.pos++
	}
	return n, true
}

// run takes the strings of a section: the announced number of them, stopping at an Int,
// and any further Name=Value strings. This way a wrong counter does not shift the rest.
func (l *listReader) run(announced int) []any {
	start := l.pos
	for ; l.pos < len(l.values); l.pos++ {
		value := l.values[l.pos]
		if _, number := wholeNumber(value); number {
			break
		}
		if l.pos-start >= announced && !isPair(value) {
			break
		}
	}
	return l.values[start:l.pos]
}

// ends reports the fault RuleListEnds.
func (l *listReader) ends(section string, missing int) {
	field := items()
	switch section {
	case "VendorAccountID":
		field = head("vendorAccountId")
	case "ContactData":
		field = CustomerField("")
	case "PayTool":
		field = paymentField("")
	case "AdditionalContactsData":
		field = contacts()
	}
	l.wrong(RuleListEnds, field, "list ends in section %s: %s missing", section, many(missing, "value"))
}

func (l *listReader) vendor() bool {
	if len(l.values) == 0 {
		l.ends("VendorAccountID", 1)
		return false
	}
	id, ok := wholeNumber(l.values[0])
	if !ok || id < 0 {
		l.unread(RuleID, head("vendorAccountId"), notWhole)
	}
	l.Order.VendorAccountID = id
	l.pos = 1
	return true
}

// counted reads a counter and its strings, and reports a wrong counter.
func (l *listReader) counted(section string, field Field, counter, noun string) ([]any, bool) {
	announced, ok := l.counter(counter, section, field)
	if !ok {
		return nil, false
	}
	texts := l.run(announced)
	switch {
	case announced < 0 || len(texts) == announced:
	case l.pos == len(l.values) && len(texts) < announced:
		l.ends(section, announced-len(texts))
		return texts, false
	default:
		l.wrong(RuleCounter, field, "%s is %d, but %s", counter, announced, following(len(texts), noun))
	}
	return texts, true
}

// following says how many strings a counter is followed by.
func following(n int, noun string) string {
	if n == 1 {
		return "1 " + noun + " follows"
	}
	return many(n, noun) + " follow"
}

func (l *listReader) items() bool {
	texts, ok := l.counted("ProvisioningItems", items(), "ProvisioningItemsCounter", "item")
	l.itemsUnread = !ok
	for at, text := range texts {
		item, good := parseItem(text)
		if !good {
			l.wrong(RuleItemForm, ItemField(at, ""), "ProvisioningItem must be PlanID=PlanPeriodID=ProvisioningItemID=ParentItemID")
			l.itemsUnread = true
			continue
		}
		item.at = at
		l.Order.Items = append(l.Order.Items, item)
	}
	return ok
}

// parseItem reads PlanID=PlanPeriodID=ProvisioningItemID=ParentItemID. Here "=" separates
// four numbers; this is not a Name=Value.
func parseItem(value any) (Item, bool) {
	text, _ := value.(string)
	parts := strings.Split(text, pairSeparator)
	if len(parts) != 4 {
		return Item{}, false
	}
	var numbers [4]int
	for i, part := range parts {
		n, ok := parseWhole(part)
		if !ok || (n < 0 && i < 3) {
			return Item{}, false
		}
		numbers[i] = n
	}
	return Item{PlanID: numbers[0], PlanPeriodID: numbers[1], ID: numbers[2], ParentID: numbers[3]}, true
}

// pairs splits Name=Value strings of contacts and payment. It returns false if one cannot
// be split.
func (l *listReader) pairs(texts []any, label string, field Field, take func(name, text string)) bool {
	all := true
	for n, value := range texts {
		text, _ := value.(string)
		name, content, ok := splitPair(text)
		if !ok {
			l.wrong(RuleSlotNoPair, field, "%s: slot %d is not Name=Value", label, n+1)
			all = false
			continue
		}
		take(name, content)
	}
	return all
}

// person reads contact data.
func (l *listReader) person(texts []any, into *Person, label string, field Field) bool {
	return l.pairs(texts, label, field, func(name, text string) { l.personSlot(into, field, name, text) })
}

func (l *listReader) payment() bool {
	texts, ok := l.counted("PayTool", paymentField(""), "PayToolCounter", "slot")
	l.pairs(texts, "PayTool", paymentField(""), l.paymentSlot)
	return ok
}

// contacts reads the additional contacts, which are counted twice: the contacts, and the
// strings of each.
func (l *listReader) contacts() bool {
	const section = "AdditionalContactsData"
	announced, ok := l.counter("AdditionalContactsDataCounter", section, contacts())
	if !ok {
		return false
	}
	for at := range announced {
		if l.pos+2 > len(l.values) {
			l.ends(section, 2*(announced-at)-(len(l.values)-l.pos))
			return false
		}
		whole := ContactField(at, "")
		id, good := wholeNumber(l.values[l.pos])
		if !good || id < 0 {
			l.wrong(RuleID, ContactField(at, "id"), "AdditionalContactID %s", notWhole)
			if isPair(l.values[l.pos]) {
				return false // no structure to go on with
			}
		}
		l.pos++
		contact := AdditionalContact{ID: id, at: at}
		name := contact.String()
		if !good || id < 0 {
			name = "additional contact"
		}
		count, good2 := wholeNumber(l.values[l.pos])
		if !good2 || count < 0 {
			l.wrong(RuleCounterNotWhole, whole, "%s: NumberOfParametersInContact %s", name, notWhole)
			count, good2 = -1, false
		}
		if !isPair(l.values[l.pos]) {
			l.pos++
		}
		texts := l.contactTexts(count, at == announced-1)
		if good2 && len(texts) != count {
			l.wrong(RuleContactCounter, whole, "%s: %s announced, %d present", name, many(count, "parameter"), len(texts))
		}
		l.Order.AdditionalContacts = append(l.Order.AdditionalContacts, contact)
		last := len(l.Order.AdditionalContacts) - 1
		l.person(texts, &l.Order.AdditionalContacts[last].Person, name, whole)
		if !good || id < 0 {
			l.Order.AdditionalContacts = l.Order.AdditionalContacts[:last]
		}
	}
	return announced >= 0
}

// contactTexts takes a contact's strings. After the last contact, further strings may be
// trailing slots, if those are allowed.
func (l *listReader) contactTexts(count int, last bool) []any {
	if !last || l.rules.TrailingSlots == 0 {
		return l.run(count)
	}
	start := l.pos
	for l.pos < len(l.values) && l.pos-start < count {
		if _, number := wholeNumber(l.values[l.pos]); number {
			break
		}
		l.pos++
	}
	return l.values[start:l.pos]
}

func (l *listReader) trailing() {
	rest := slices.Clone(l.values[l.pos:])
	for i, value := range rest {
		if _, text := value.(string); !text {
			if n, ok := wholeNumber(value); ok {
				rest[i] = n
			} else {
				l.wrong(RuleLeftOver, trailing(), "a value after the last section is neither an Int nor a Str")
			}
		}
	}
	if len(rest) > 0 {
		l.Order.Trailing = rest
	}
}
