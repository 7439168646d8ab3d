package orders

// draft is an order that is being checked, as far as its form could be read.
// Both readers fill one; a field at is always the position in the document.
type draft struct {
	fromList      bool // the order system's form, which has only its own operation types
	number        string
	vendor        int
	items         []draftItem
	groups        []draftGroup
	contact       draftSlots
	payment       draftSlots
	contacts      []draftContact
	trailing      []any
	itemsUnread   bool // an item could not be read: say nothing about unknown ids
	vendorUnread  bool
	contactUnread bool // a section could not be read: say nothing about missing slots
}

type draftItem struct {
	Item
	at int
}

type draftGroup struct {
	item   int
	at     int
	params draftSlots
}

type draftContact struct {
	id    int
	at    int
	slots draftSlots
}

// draftSlots may hold slots that were already reported; bad marks them, so that
// the others keep their positions.
type draftSlots struct {
	list Slots
	bad  map[int]bool
}

func (s *draftSlots) add(slot Slot) { s.list = append(s.list, slot) }

func (s *draftSlots) addBad() {
	if s.bad == nil {
		s.bad = map[int]bool{}
	}
	s.bad[len(s.list)] = true
	s.list = append(s.list, Slot{})
}

// draftOf splits an order into a draft, for checking and writing.
func draftOf(o *Order) *draft {
	d := &draft{
		number: o.Number, vendor: o.VendorAccountID, trailing: o.Trailing,
		contact: draftSlots{list: o.Contact.Slots}, payment: draftSlots{list: o.Payment},
	}
	var waiting []draftGroup
	for at, item := range o.Items {
		d.items = append(d.items, draftItem{Item: item, at: at})
		if item.HasGroup || len(item.Parameters) > 0 {
			waiting = append(waiting, draftGroup{item: item.ID, params: draftSlots{list: item.Parameters}})
		}
	}
	// Groups listed in GroupOrder come first. An id without a group is a fault
	// that check finds, because nothing is dropped here.
	for _, id := range o.GroupOrder {
		group := draftGroup{item: id}
		for n := range waiting {
			if waiting[n].item == id {
				group = waiting[n]
				waiting = append(waiting[:n:n], waiting[n+1:]...)
				break
			}
		}
		d.groups = append(d.groups, group)
	}
	d.groups = append(d.groups, waiting...)
	for at := range d.groups {
		d.groups[at].at = at
	}
	for at, contact := range o.AdditionalContacts {
		d.contacts = append(d.contacts, draftContact{id: contact.ID, at: at, slots: draftSlots{list: contact.Slots}})
	}
	return d
}

// order assembles the order from a draft without faults.
func (d *draft) order() *Order {
	o := &Order{
		Number: d.number, VendorAccountID: d.vendor, Contact: ContactData{Slots: d.contact.list},
		Payment: d.payment.list, Trailing: d.trailing,
	}
	position := map[int]int{}
	for n, item := range d.items {
		o.Items = append(o.Items, item.Item)
		position[item.ID] = n
	}
	last, ordered := -1, true
	for _, group := range d.groups {
		n := position[group.item]
		o.Items[n].HasGroup = true
		o.Items[n].Parameters = group.params.list
		o.GroupOrder = append(o.GroupOrder, group.item)
		ordered = ordered && n > last
		last = n
	}
	if ordered {
		o.GroupOrder = nil
	}
	for _, contact := range d.contacts {
		o.AdditionalContacts = append(o.AdditionalContacts, AdditionalContact{ID: contact.id, Slots: contact.slots.list})
	}
	return o
}
