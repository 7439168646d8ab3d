package orders

import "fmt"

// WriteList writes the flat counted list of PlaceOrderAndAuthorize_API: Go ints
// for counters and ids, strings for the rest. It reveals secrets: the list is
// for the call, not for a log. It checks the order with the default Rules
// first; the error is that of Rules.Check.
func WriteList(o *Order) ([]any, error) { return Rules{}.WriteList(o) }

// WriteList is like the package function, but with these Rules.
func (r Rules) WriteList(o *Order) ([]any, error) {
	if err := r.Check(o); err != nil {
		return nil, err
	}
	d := draftOf(o)
	list := []any{d.vendor, len(d.items)}
	for _, item := range d.items {
		list = append(list, fmt.Sprintf("%d=%d=%d=%d", item.PlanID, item.PlanPeriodID, item.Item.ID, item.ParentID))
	}
	slots := 0
	for _, group := range d.groups {
		slots += 2 + len(group.params.list)
	}
	list = append(list, slots)
	for _, group := range d.groups {
		list = append(list, group.item)
		list = appendSlots(list, group.params.list)
	}
	list = appendSlots(list, d.contact.list)
	list = appendSlots(list, d.payment.list)
	list = append(list, len(d.contacts))
	for _, contact := range d.contacts {
		list = append(list, contact.id)
		list = appendSlots(list, contact.slots.list)
	}
	list = append(list, d.trailing...)
	if len(list) > MaxValues {
		return nil, ErrTooManyValues
	}
	return list, nil
}

// appendSlots writes a counter and its Name=Value strings.
func appendSlots(list []any, slots Slots) []any {
	list = append(list, len(slots))
	for _, slot := range slots {
		list = append(list, slot.Name+pairSeparator+slot.Value.Reveal())
	}
	return list
}
