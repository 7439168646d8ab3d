package orders

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// ReadList reads the flat counted list of PlaceOrderAndAuthorize_API
// (docs/protocols/orders.md, sections 1 to 6) with the default Rules. Values are those
// that an XML-RPC decoder returns; an Int may be any Go integer, or digits in a string.
// The error is Faults with every reason to reject the order, or one of the limit errors
// (ErrTooManyValues, ErrTextTooLong, ErrNotText, ErrTooManyItems, ErrTooManyContacts).
//
// Reading normalises values that have two spellings: an Int in a string, leading zeros
// in a ProvisioningItem, blanks around a name and around a name server.
func ReadList(values []any) (*Order, error) { return Rules{}.ReadList(values) }

// ReadList is like the package function, but with these Rules.
func (r Rules) ReadList(values []any) (*Order, error) {
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
	l := listReader{checker: checker{rules: r}, values: values}
	l.read()
	if len(l.draft.items) > MaxItems {
		return nil, ErrTooManyItems
	}
	if len(l.draft.contacts) > MaxContacts {
		return nil, ErrTooManyContacts
	}
	l.draft.fromList = true
	l.check(&l.draft)
	if err := l.err(); err != nil {
		return nil, err
	}
	return l.draft.order(), nil
}

type listReader struct {
	checker
	values []any
	pos    int
	draft  draft
}

// read reads the sections. If the list ends early, it reports nothing about what would
// have followed.
func (l *listReader) read() {
	l.draft.contactUnread = true
	if l.vendor() && l.items() && l.groups() &&
		l.slots("ContactData", sectionContact, &l.draft.contact) {
		l.draft.contactUnread = len(l.draft.contact.bad) > 0
		if l.slots("PayTool", sectionPayment, &l.draft.payment) && l.contacts() {
			l.trailing()
		}
	}
}

// wholeNumber reads an Int: a Go integer, or digits in a string, within the 32
// bits of <i4>. A double is not an Int, whole or not.
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

// counter reads a counter. It returns -1 if the counter is unusable (which it reports),
// and false if the list has ended (which it reports as RuleListEnds). It does not
// consume a Name=Value in the counter's place.
func (l *listReader) counter(name, section string, at place) (int, bool) {
	if l.pos >= len(l.values) {
		l.ends(section, 1)
		return -1, false
	}
	n, ok := wholeNumber(l.values[l.pos])
	if !ok || n < 0 {
		l.add(at, notWhole(RuleCounterNotWhole, "", name, sectionPath(section)))
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
	l.add(place{sectionEnd, 2}, Fault{Rule: RuleListEnds, Item: NoItem, Parameter: section, Path: sectionPath(section),
		Message: fmt.Sprintf("list ends in section %s: %s missing", section, many(missing, "value"))})
}

func sectionPath(section string) string {
	switch section {
	case "VendorAccountID":
		return "/vendorAccountId"
	case "ContactData":
		return "/customer"
	case "PayTool":
		return "/payment"
	case "AdditionalContactsData":
		return "/additionalContacts"
	}
	return "/items"
}

func (l *listReader) vendor() bool {
	if len(l.values) == 0 {
		l.ends("VendorAccountID", 1)
		return false
	}
	id, ok := wholeNumber(l.values[0])
	if !ok || id < 0 {
		l.add(place{sectionHead, 1}, notWhole(RuleID, "", "VendorAccountID", "/vendorAccountId"))
		l.draft.vendorUnread = true
	}
	l.draft.vendor = id
	l.pos = 1
	return true
}

// counted reads a counter and its strings, and reports a wrong counter.
func (l *listReader) counted(section string, number int, counter, noun string) ([]any, bool) {
	at := place{number, 0, 0}
	announced, ok := l.counter(counter, section, at)
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
		follow := "follow"
		if len(texts) == 1 {
			follow = "follows"
		}
		l.add(at, Fault{Rule: RuleCounter, Item: NoItem, Parameter: counter, Path: sectionPath(section),
			Message: fmt.Sprintf("%s is %d, but %s %s", counter, announced, many(len(texts), noun), follow)})
	}
	return texts, true
}

func (l *listReader) items() bool {
	texts, ok := l.counted("ProvisioningItems", sectionItems, "ProvisioningItemsCounter", "item")
	for at, text := range texts {
		item, good := parseItem(text)
		if !good {
			l.add(place{sectionItems, at, 1}, badItem(pointer("/items", at)))
			l.draft.itemsUnread = true
			continue
		}
		l.draft.items = append(l.draft.items, draftItem{item, at})
	}
	l.draft.itemsUnread = l.draft.itemsUnread || !ok
	return ok
}

// parseItem reads PlanID=PlanPeriodID=ProvisioningItemID=ParentItemID. Here "="
// separates four numbers; this is not a Name=Value.
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

// slots reads contact data or the pay tool.
func (l *listReader) slots(section string, number int, into *draftSlots) bool {
	texts, ok := l.counted(section, number, section+"Counter", "slot")
	l.pairs(texts, into, number, 0, section, sectionPath(section))
	return ok
}

// pairs splits Name=Value strings of contacts and payment.
func (l *listReader) pairs(texts []any, into *draftSlots, number, element int, label, path string) {
	for n, value := range texts {
		text, _ := value.(string)
		name, content, ok := splitPair(text)
		if !ok {
			into.addBad()
			l.add(place{number, element, n + 1}, Fault{Rule: RuleSlotNoPair, Item: NoItem, Path: path,
				Message: fmt.Sprintf("%s: slot %d is not Name=Value", label, n+1)})
			continue
		}
		into.add(NewSlot(name, content))
	}
}

// contacts reads the additional contacts, which are counted twice: the
// contacts, and the strings of each.
func (l *listReader) contacts() bool {
	const section = "AdditionalContactsData"
	announced, ok := l.counter("AdditionalContactsDataCounter", section, place{sectionContacts, -1, 0})
	if !ok {
		return false
	}
	for at := range announced {
		if l.pos+2 > len(l.values) {
			l.ends(section, 2*(announced-at)-(len(l.values)-l.pos))
			return false
		}
		path := pointer("/additionalContacts", at)
		id, good := wholeNumber(l.values[l.pos])
		if !good || id < 0 {
			l.add(place{sectionContacts, at, 0}, notWhole(RuleID, "", "AdditionalContactID", path+"/id"))
			if isPair(l.values[l.pos]) {
				return false // no structure to go on with
			}
		}
		l.pos++
		name := fmt.Sprintf("additional contact %d", id)
		if !good || id < 0 {
			name = "additional contact"
		}
		count, good2 := wholeNumber(l.values[l.pos])
		if !good2 || count < 0 {
			l.add(place{sectionContacts, at, 0}, notWhole(RuleCounterNotWhole, name+": ", "NumberOfParametersInContact", path))
			count, good2 = -1, false
		}
		if !isPair(l.values[l.pos]) {
			l.pos++
		}
		texts := l.contactTexts(count, at == announced-1)
		if good2 && len(texts) != count {
			l.add(place{sectionContacts, at, 0}, Fault{Rule: RuleContactCounter, Item: NoItem, Parameter: "NumberOfParametersInContact", Path: path,
				Message: fmt.Sprintf("%s: %s announced, %d present", name, many(count, "parameter"), len(texts))})
		}
		contact := draftContact{id: id, at: at}
		l.pairs(texts, &contact.slots, sectionContacts, at, name, path)
		if good && id >= 0 {
			l.draft.contacts = append(l.draft.contacts, contact)
		}
	}
	return announced >= 0
}

// contactTexts takes a contact's strings. After the last contact, further strings may
// be trailing slots, if those are allowed.
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
			}
		}
	}
	if len(rest) > 0 {
		l.draft.trailing = rest
	}
}
