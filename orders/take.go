package orders

import (
	"slices"
	"strings"
)

// This file takes named texts into the fields of the typed order, for both readers.

// parameter takes a parameter of an item; whole is the item's own place.
func (in *Incoming) parameter(item *Item, whole Field, name, text string) {
	field := in.parameterField(whole, name)
	known, hasField := findItemField(name)
	item.isDomain = item.isDomain || ofDomains(name)
	switch {
	case name == "":
		in.unread(RuleParameterName, field, "is given without a name")
	case nameProblem(name) != "":
		in.unread(RuleSlotName, field, "%s", nameProblem(name))
	case item.has(name):
		in.unread(RuleParameterTwice, field, "is given twice")
	case !hasField:
		item.add(name, text)
	default:
		item.given = append(item.given, name)
		if !known.set(item, text) {
			in.unsettable(field, text)
		}
	}
}

// unsettable reports a text that its field cannot hold. Only a number is shown, because
// other text may be anything.
func (in *Incoming) unsettable(field Field, text string) {
	if isRole(field.path) {
		in.unread(RuleContactID, field, "must be a user id")
		return
	}
	if field.path == "subscriptionId" {
		in.unread(RuleSubscription, field, "must be the id of a subscription")
		return
	}
	number := text + " "
	if _, whole := parseWhole(text); !whole || len(text) > 11 {
		number = ""
	}
	in.unread(RuleOperationType, field, "%sis not one of %s", number, in.words.operations())
}

// parameterField is the place of a parameter, by its name in the list.
func (in *Incoming) parameterField(whole Field, name string) Field {
	if field, ok := findItemField(name); ok {
		whole.path = field.path
		return whole
	}
	if service, ok := strings.CutPrefix(name, apsPrefix); ok {
		return whole.in("apsDefaults", service)
	}
	return whole.in("parameters", name)
}

// personSlot takes a slot of contact data; whole is the person's own place.
func (in *Incoming) personSlot(person *Person, whole Field, name, text string) {
	known, hasField := findPersonField(name)
	field := whole.in("slots", name)
	if hasField {
		field = whole
		field.path = known.path
	}
	switch {
	case !in.slotName(field, name, slices.Contains(person.given, name)):
		return
	case hasField:
		*known.in(person) = text
	default:
		person.others = append(person.others, NewParameter(name, text))
	}
	person.given = append(person.given, name)
}

func (in *Incoming) paymentSlot(name, text string) {
	_, twice := value(in.Order.Payment, name)
	if in.slotName(paymentField(name), name, twice) {
		in.Order.Payment = append(in.Order.Payment, NewParameter(name, text))
	}
}

// slotName reports a name that cannot be taken.
func (in *Incoming) slotName(field Field, name string, twice bool) bool {
	switch {
	case name == "":
		in.unread(RuleSlotName, field, "is given without a name")
	case nameProblem(name) != "":
		in.unread(RuleSlotName, field, "%s", nameProblem(name))
	case twice:
		in.unread(RuleSlotTwice, field, "is given twice")
	default:
		return true
	}
	return false
}
