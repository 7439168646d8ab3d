// Package orders says what was ordered: the typed order, its validation, and
// the two forms it travels in - the flat counted list of the order system's
// PlaceOrderAndAuthorize_API (ReadList, WriteList) and JSON (ReadJSON,
// WriteJSON). A Catalog turns an order into units of work for the workflows.
//
// The package is pure: no I/O beyond the given reader or writer, no clock. It
// does not know XML-RPC; the list arrives as Go values. Facts about the format
// come from docs/protocols/orders.md; those that the vendor does not document are
// in assumptions.go.
//
// Orders hold personal data and secrets. Every value that a customer typed is a
// domains.Secret, every type here prints without them, and json.Marshal of an
// Order fails: WriteJSON is the only way to write a document, which must be
// sealed.
package orders

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"domainprovisioning/domains"
)

// NoParent is the Item.ParentID of a service, and of a domain bought alone.
const NoParent = -1

// Order is a complete order. It keeps each section of the list, and unknown
// parameters and slots in their places, so that reading and then writing
// reproduces the list.
type Order struct {
	// Number is the order number, 1 to 10 of [A-Za-z0-9-] (Str(10) in Billing).
	// The list does not carry it: it is empty after ReadList, and the intake
	// sets it.
	Number          string
	VendorAccountID int
	Items           []Item
	// GroupOrder holds the item ids in the order of their parameter groups. It is
	// nil if the groups follow the items, as they do in every known order.
	GroupOrder         []int
	Contact            ContactData
	Payment            Slots // pay tool; may hold card data, see WithoutPayment
	AdditionalContacts []AdditionalContact
	// Trailing holds the values after the last section (int or string), which are
	// accepted only with Rules.TrailingSlots.
	Trailing []any
}

// Item is one ordered service plan: a ProvisioningItem with its parameters.
type Item struct {
	ID           int
	PlanID       int
	PlanPeriodID int
	ParentID     int         // id of the hosting item that a domain is bought with, or NoParent
	HasGroup     bool        // the order holds a parameter group, perhaps empty, for the item
	Parameters   []Parameter // in the order of the list
}

// AdditionalContact is a new user with contact data.
type AdditionalContact struct {
	ID    int // AdditionalContactID: the user id that contact parameters refer to
	Slots Slots
}

// Slot is one Name=Value of any section. Its value is never printed.
type Slot struct {
	Name  string
	Value domains.Secret
}

// Parameter is a Slot of a provisioning parameter group.
type Parameter = Slot

// Slots are the slots of a section in the order of the list.
type Slots []Slot

// NewSlot returns a slot; it hides the value from printing.
func NewSlot(name, value string) Slot { return Slot{Name: name, Value: domains.NewSecret(value)} }

// Get returns the value of the first slot with the name.
func (s Slots) Get(name string) (domains.Secret, bool) {
	for _, slot := range s {
		if slot.Name == name {
			return slot.Value, true
		}
	}
	return domains.Secret{}, false
}

// text returns the value of a slot, or "".
func (s Slots) text(name string) string {
	value, _ := s.Get(name)
	return value.Reveal()
}

// names returns the slot names in order.
func (s Slots) names() []string {
	names := make([]string, len(s))
	for i, slot := range s {
		names[i] = slot.Name
	}
	return names
}

// IsNewUser reports whether a contact parameter with this user id refers to a
// user who does not exist yet.
func (o *Order) IsNewUser(id int) bool { return isNewUser(o.AdditionalContacts, id) }

// AdditionalContact returns the contact data of a new user by its id.
func (o *Order) AdditionalContact(id int) (AdditionalContact, bool) {
	for _, contact := range o.AdditionalContacts {
		if contact.ID == id {
			return contact, true
		}
	}
	return AdditionalContact{}, false
}

// Item returns the item with the id.
func (o *Order) Item(id int) (Item, bool) {
	for _, item := range o.Items {
		if item.ID == id {
			return item, true
		}
	}
	return Item{}, false
}

// WithoutPayment returns a deep copy without the pay tool. Card data is never
// stored: call this before anything that outlives the request.
func (o *Order) WithoutPayment() *Order {
	c := *o
	c.Payment = nil
	c.Items = slices.Clone(o.Items)
	for i := range c.Items {
		c.Items[i].Parameters = slices.Clone(c.Items[i].Parameters)
	}
	c.GroupOrder = slices.Clone(o.GroupOrder)
	c.Contact.Slots = slices.Clone(o.Contact.Slots)
	c.AdditionalContacts = slices.Clone(o.AdditionalContacts)
	for i := range c.AdditionalContacts {
		c.AdditionalContacts[i].Slots = slices.Clone(c.AdditionalContacts[i].Slots)
	}
	c.Trailing = slices.Clone(o.Trailing)
	return &c
}

// String describes the order without personal data and secrets: ids, plans,
// operations and counts.
func (o Order) String() string {
	items := make([]string, len(o.Items))
	for i, item := range o.Items {
		items[i] = item.String()
	}
	number := o.Number
	if !ValidNumber(number) {
		number = "without number"
	}
	return fmt.Sprintf("order %s of vendor %d: items [%s], %s, %s, %s", number, o.VendorAccountID,
		strings.Join(items, "; "), many(len(o.Contact.Slots), "contact slot"),
		many(len(o.Payment), "payment slot"), many(len(o.AdditionalContacts), "additional contact"))
}

// Format prints String for every verb: the default verbs of a struct would go
// through its fields.
func (o Order) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(o.String())) }

// LogValue implements slog.LogValuer.
func (o Order) LogValue() slog.Value { return slog.StringValue(o.String()) }

// MarshalJSON always fails, so that no order enters a log or a workflow's history
// by accident. Use WriteJSON for sealed storage and Resolve for workflow inputs.
func (o Order) MarshalJSON() ([]byte, error) {
	return nil, errors.New("orders: an order must not be marshalled; seal what WriteJSON writes")
}

// String describes the item without its parameter values.
func (i Item) String() string {
	text := fmt.Sprintf("item %d plan %d", i.ID, i.PlanID)
	if op := i.Type(); op != 0 {
		text += " " + op.String()
	}
	if i.ParentID != NoParent {
		text += fmt.Sprintf(" with item %d", i.ParentID)
	}
	return text
}

// Format prints String for every verb.
func (i Item) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(i.String())) }

// String returns the name, with the value redacted.
func (s Slot) String() string { return shownName(s.Name) + "=" + s.Value.String() }

// Format prints String for every verb.
func (s Slot) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(s.String())) }

// String returns only the id.
func (c AdditionalContact) String() string { return fmt.Sprintf("additional contact %d", c.ID) }

// Format prints String for every verb.
func (c AdditionalContact) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(c.String())) }

// ValidNumber reports whether a text has the form of an order number: 1 to 10 of
// [A-Za-z0-9-].
func ValidNumber(number string) bool {
	if number == "" || len(number) > 10 {
		return false
	}
	return strings.Trim(number, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-") == ""
}
