package orders

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// rawGroup is a parameter group as found in the list.
type rawGroup struct {
	id, counter any
	texts       []any
	end         int // position after the group
}

// groups reads the provisioning parameters. Two things give the section's
// length: its slot counter, and the groups themselves. If they agree, that is
// its end. If they do not, the section ends where the remaining sections fit the
// rest of the list, so that one wrong counter is reported as such and the rest
// is still checked.
func (l *listReader) groups() bool {
	const section = "ProvisioningData"
	slots, ok := l.counter("ProvisioningDataSlotCounter", section, items())
	if !ok {
		return false
	}
	start := l.pos
	groups := l.scanGroups(start, slots)
	n := l.sectionEnd(start, slots, groups)
	groups = groups[:n]
	l.pos = start
	if n > 0 {
		l.pos = groups[n-1].end
	}
	length := l.pos - start

	missing := 0
	rest := len(l.values) - l.pos
	if slots > length && start+slots > len(l.values) && rest <= 1 {
		missing = slots - length - rest
	} else if n > 0 && rest == 0 {
		if announced, ok := wholeNumber(groups[n-1].counter); ok {
			missing = max(0, announced-len(groups[n-1].texts))
		}
	}
	if slots >= 0 && slots != length && missing == 0 {
		l.wrongSlotCounter(slots, length, groups)
	}
	for at, group := range groups {
		l.group(group, missing > 0 && at == n-1)
	}
	l.keepGroupOrder()
	if missing > 0 {
		l.ends(section, missing)
		return false
	}
	return true
}

// scanGroups finds everything that looks like a group: two values that are not
// Name=Value, followed by strings. It stops at a well-formed end.
func (l *listReader) scanGroups(start, slots int) []rawGroup {
	var groups []rawGroup
	for l.pos+1 < len(l.values) && !isPair(l.values[l.pos]) && !isPair(l.values[l.pos+1]) {
		if l.pos-start == slots && l.tailFits(l.pos) {
			break
		}
		group := rawGroup{id: l.values[l.pos], counter: l.values[l.pos+1]}
		announced, ok := wholeNumber(group.counter)
		if !ok {
			announced = 0 // the strings that look like parameters
		}
		l.pos += 2
		group.texts = l.run(announced)
		group.end = l.pos
		groups = append(groups, group)
	}
	return groups
}

// sectionEnd chooses how many of the scanned groups belong to the section.
func (l *listReader) sectionEnd(start, slots int, groups []rawGroup) int {
	end := func(n int) int {
		if n == 0 {
			return start
		}
		return groups[n-1].end
	}
	counted := -1
	fitting := -1
	for n := range len(groups) + 1 {
		fits := l.tailFits(end(n))
		if end(n)-start == slots {
			if fits {
				return n
			}
			counted = n
		}
		if fits && (fitting <= 0) {
			fitting = n
		}
	}
	switch {
	case fitting >= 0:
		return fitting
	case counted >= 0:
		return counted
	}
	return len(groups)
}

// tailFits reports whether the sections after the parameters take exactly the
// values from pos on.
func (l *listReader) tailFits(pos int) bool {
	count := func() (int, bool) {
		if pos >= len(l.values) {
			return 0, false
		}
		n, ok := wholeNumber(l.values[pos])
		pos++
		return n, ok && n >= 0
	}
	pairs := func(n int) bool {
		for range n {
			if pos >= len(l.values) || !isPair(l.values[pos]) {
				return false
			}
			pos++
		}
		return true
	}
	for range 2 { // contact data, pay tool
		if n, ok := count(); !ok || !pairs(n) {
			return false
		}
	}
	contacts, ok := count()
	if !ok {
		return false
	}
	for range contacts {
		if _, ok := count(); !ok {
			return false
		}
		if n, ok := count(); !ok || !pairs(n) {
			return false
		}
	}
	return len(l.values)-pos <= l.rules.TrailingSlots
}

// group reads one group. If the list ends within the group, the number of its parameters
// proves nothing.
func (l *listReader) group(raw rawGroup, cut bool) {
	id, ok := wholeNumber(raw.id)
	if !ok || id < 0 {
		l.wrong(RuleID, items(), "ProvisioningItemID %s", notWhole)
		return
	}
	prefix := fmt.Sprintf("item %d: ", id)
	at := slices.IndexFunc(l.Order.Items, func(item Item) bool { return item.ID == id })
	field := items()
	item := &Item{at: none} // for a group that belongs to no item
	switch {
	case at < 0 && !l.itemsUnread:
		l.wrong(RuleGroupWithoutItem, field, "provisioning parameters for item %d, but the order has no item %d", id, id)
	case at >= 0 && l.Order.Items[at].given != nil:
		field = ItemField(l.Order.Items[at].at, "")
		l.wrong(RuleGroupTwice, field, "item %d has two parameter groups", id)
	case at >= 0:
		item = &l.Order.Items[at]
		field = ItemField(item.at, "")
	}
	switch announced, ok := wholeNumber(raw.counter); {
	case !ok || announced < 0:
		l.wrong(RuleCounterNotWhole, field, "%sProvisioningParametersCounter %s", prefix, notWhole)
	case announced != len(raw.texts) && !cut:
		l.wrong(RuleParameterCounter, field, "%sProvisioningParametersCounter is %d, but %s",
			prefix, announced, following(len(raw.texts), "parameter"))
	}
	item.given = []string{}
	for n, value := range raw.texts {
		text, isText := value.(string)
		if name, content, ok := splitPair(text); ok {
			l.parameter(item, field, name, content)
			continue
		}
		name := strings.TrimSpace(text)
		if isText && isKnownParam(name) && len(name) <= 80 && !isAPSParam(name) {
			l.wrong(RuleParameterNoPair, l.parameterField(field, name), "%sparameter %q is not Name=Value", prefix, name)
			continue
		}
		l.wrong(RuleParameterNoPair, field, "%sparameter %d is not Name=Value", prefix, n+1)
	}
	if cut {
		l.cutItem = item.at
	}
	if item.at != none {
		l.groupsOf = append(l.groupsOf, id)
	}
}

// keepGroupOrder notes the order of the groups, if it is not that of the items.
func (l *listReader) keepGroupOrder() {
	last, ordered := -1, true
	for _, id := range l.groupsOf {
		at := slices.IndexFunc(l.Order.Items, func(item Item) bool { return item.ID == id })
		ordered = ordered && at > last
		last = at
	}
	if !ordered {
		l.Order.groupOrder = l.groupsOf
	}
}

// wrongSlotCounter reports the fault RuleSlotCounter.
func (l *listReader) wrongSlotCounter(slots, length int, groups []rawGroup) {
	var parts []string
	for i, group := range groups {
		if i == 20 {
			parts = append(parts, fmt.Sprintf("and %d more", len(groups)-i))
			break
		}
		id := "?"
		if n, ok := wholeNumber(group.id); ok {
			id = strconv.Itoa(n)
		}
		parts = append(parts, fmt.Sprintf("item %s with %s makes 2 + %d", id, many(len(group.texts), "parameter"), len(group.texts)))
	}
	message := fmt.Sprintf("ProvisioningDataSlotCounter is %d, but the section holds %s", slots, many(length, "value"))
	if len(parts) > 0 {
		message += ": " + strings.Join(parts, ", ")
	}
	l.wrong(RuleSlotCounter, items(), "%s", message)
}
