// Package orders says what was ordered: the typed order, the rules for it, and a Catalog
// of plans that turns it into units of work for the workflows.
//
// An order comes in one of two forms: the flat counted list of the order system's
// PlaceOrderAndAuthorize_API (ReadList), or JSON (ReadJSON). Each is read into the typed
// order at the edge of this package, by a table that maps every field to its name and
// place in that form (fields.go). Everything inward of the readers knows fields only.
// What is wrong is said in the words of the form that came, all of it at once (Incoming).
//
// The package is pure: no I/O beyond the given reader or writer, no clock. It does not
// know XML-RPC; the list arrives as Go values. Facts about the format come from
// docs/protocols/orders.md; those that the vendor does not document are in
// assumptions.go.
//
// Orders hold personal data and secrets. Every type here prints without them, and
// json.Marshal of an Order fails: WriteJSON is the only way to write a document, which
// must be sealed.
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

// NoPeriod is the Item.PlanPeriodID of an item that names no period.
const NoPeriod = -1

// Order is a complete order.
type Order struct {
	// Number is the order number; see ValidNumber. The list does not carry it: it is
	// empty after ReadList, and the intake sets it.
	Number             string
	VendorAccountID    int
	Items              []Item
	Customer           Person
	Payment            []Parameter // pay tool; may hold card data, see WithoutPayment
	AdditionalContacts []AdditionalContact
	// Trailing holds the values after the last section (int or string), which are
	// accepted only with Rules.TrailingSlots.
	Trailing []any
	// groupOrder holds the item ids in the order of their parameter groups. It is nil
	// if the groups follow the items, as they do in every known order.
	groupOrder []int
}

// AdditionalContact is a new user with contact data.
type AdditionalContact struct {
	Person

	ID int // AdditionalContactID: the user id that a domain's roles refer to
	at int // place in the document
}

// Parameter is a named text. Its value is never printed.
type Parameter struct {
	Name  string
	Value domains.Secret
}

// NewParameter returns a parameter; it hides the value from printing.
func NewParameter(name, value string) Parameter { return Parameter{name, domains.NewSecret(value)} }

// IsNewUser reports whether a role with this user id refers to a user who does not exist
// yet.
func (o *Order) IsNewUser(id int) bool { return isNewUser(o.AdditionalContacts, id) }

// AdditionalContact returns the data of a new user by its id.
func (o *Order) AdditionalContact(id int) (AdditionalContact, bool) {
	at := slices.IndexFunc(o.AdditionalContacts, func(c AdditionalContact) bool { return c.ID == id })
	if at < 0 {
		return AdditionalContact{}, false
	}
	return o.AdditionalContacts[at], true
}

// Item returns the item with the id.
func (o *Order) Item(id int) (Item, bool) {
	at := slices.IndexFunc(o.Items, func(i Item) bool { return i.ID == id })
	if at < 0 {
		return Item{}, false
	}
	return o.Items[at], true
}

// Place returns the place of an item in the order, for ItemField.
func (o *Order) Place(id int) int {
	item, _ := o.Item(id)
	return item.at
}

// PlaceOfContact returns the place of an additional contact, for ContactField.
func (o *Order) PlaceOfContact(id int) int {
	contact, _ := o.AdditionalContact(id)
	return contact.at
}

// WithoutPayment returns the order without the pay tool. Card data is never stored: call
// this before anything that outlives the request. The copy shares the rest.
func (o *Order) WithoutPayment() *Order {
	c := *o
	c.Payment = nil
	return &c
}

// String describes the order without personal data and secrets: ids, plans, operations
// and counts.
func (o Order) String() string {
	items := make([]string, len(o.Items))
	for i, item := range o.Items {
		items[i] = item.String()
	}
	number := o.Number
	if !ValidNumber(number) {
		number = "without number"
	}
	return fmt.Sprintf("order %s of vendor %d: items [%s], %s", number, o.VendorAccountID,
		strings.Join(items, "; "), many(len(o.AdditionalContacts), "additional contact"))
}

// Format prints String for every verb: the default verbs of a struct would go through its
// fields.
func (o Order) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(o.String())) }

// LogValue implements slog.LogValuer.
func (o Order) LogValue() slog.Value { return slog.StringValue(o.String()) }

var errMarshal = errors.New("orders: an order must not be marshalled; seal what WriteJSON writes")

// MarshalJSON always fails, so that no order enters a log or a workflow's history by
// accident. Use WriteJSON for sealed storage and Catalog.Resolve for workflow inputs.
func (o Order) MarshalJSON() ([]byte, error) { return nil, errMarshal }

// String returns the name, with the value redacted.
func (p Parameter) String() string { return shownName(p.Name) + "=" + p.Value.String() }

// Format prints String for every verb.
func (p Parameter) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(p.String())) }

// String returns only the id.
func (c AdditionalContact) String() string { return fmt.Sprintf("additional contact %d", c.ID) }

// Format prints String for every verb.
func (c AdditionalContact) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(c.String())) }

// ValidNumber reports whether a text has the form of an order number: 1 to 64 of
// [A-Za-z0-9._-].
func ValidNumber(number string) bool {
	if number == "" || len(number) > 64 {
		return false
	}
	return strings.Trim(number, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") == ""
}

// value returns the first parameter with the name.
func value(parameters []Parameter, name string) (domains.Secret, bool) {
	for _, parameter := range parameters {
		if parameter.Name == name {
			return parameter.Value, true
		}
	}
	return domains.Secret{}, false
}
