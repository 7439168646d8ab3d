package orders

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"domainprovisioning/domains"
)

// private returns an order in which every value of the customer contains
// "s3cret".
func private(t testing.TB) *Order {
	t.Helper()
	return mustRead(t, privateList())
}

func privateList() []any {
	customer := newCustomer()
	for i, slot := range customer {
		switch {
		case strings.HasPrefix(slot, "CountryID"), strings.HasPrefix(slot, "FullyRegistred"), strings.HasPrefix(slot, "EmailID"),
			strings.HasPrefix(slot, "Phone"):
		default:
			customer[i] = slot[:strings.Index(slot, "=")+1] + "s3cret"
		}
	}
	return sections{
		items:    []string{"3=5=0=-1"},
		groups:   []group{{0, []string{"OrderOperationType=90", "DomainID=s3cret", "TransferKey=s3cret", "R_NAME=s3cret", `aps_defaults_x={"p":"s3cret"}`, "TechContactID=900"}}},
		contact:  customer,
		payment:  []string{"CardNumberID=s3cret", "CVCID=s3cret"},
		contacts: []group{{900, user("the-other-s3cret", "PasswordID=s3cret")}},
	}.list()
}

// TestOrdersPrintNothingPrivate: no part of an order shows a value, whatever
// verb prints it.
func TestOrdersPrintNothingPrivate(t *testing.T) {
	o := private(t)
	things := []any{o, *o, o.Items, o.Items[0], &o.Items[0], o.Customer, &o.Customer,
		o.Payment, &o.Payment[0], o.AdditionalContacts, o.AdditionalContacts[0], o.Items[0].APSDefaults(), o.Items[0].RegistrarParameters(),
		o.Customer.Contact(), o.Customer.Password(), o.Items[0].TransferKey()}
	for _, thing := range things {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
			if text := fmt.Sprintf(verb, thing); strings.Contains(text, "s3cret") {
				t.Errorf("%s of %T prints %s", verb, thing, text)
			}
		}
	}
	// Verbs that do not fit a text print the fields of a struct; the types here
	// prevent that.
	for _, thing := range []any{o, o.Items[0], o.Customer, o.Payment, o.AdditionalContacts[0]} {
		if text := fmt.Sprintf("%d %x", thing, thing); strings.Contains(text, "s3cret") || strings.Contains(text, fmt.Sprintf("%x", "s3cret")) {
			t.Errorf("%T prints %s", thing, text)
		}
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("order", "order", o, "value", *o, "item", o.Items[0], "slots", o.Payment)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("order", "order", o, "value", *o, "slots", o.Payment)
	if strings.Contains(log.String(), "s3cret") {
		t.Errorf("the log shows %s", log.String())
	}
	for _, thing := range []any{o, *o, o.Customer, o.Payment, o.AdditionalContacts, o.Items} {
		if text, err := json.Marshal(thing); err == nil {
			t.Errorf("%T is marshalled: %s", thing, text)
		}
	}
}

func TestOrderString(t *testing.T) {
	o := mustRead(t, worked())
	want := "order without number of vendor 1: items [item 0 plan 20; item 1 plan 3 registration with item 0], " +
		"0 additional contacts"
	if got := fmt.Sprint(o); got != want {
		t.Errorf("printed %s", got)
	}
	o.Number = "SO-1"
	if got := o.String(); !strings.HasPrefix(got, "order SO-1 of vendor 1") {
		t.Errorf("printed %s", got)
	}
	o.Number = "line\nbreak" // not checked yet, but must not forge a log line
	if got := o.String(); strings.Contains(got, "\n") {
		t.Errorf("printed %q", got)
	}
}

// TestFaultsShowNothingPrivate: no fault of an order with wrong values
// everywhere shows one of them.
func TestFaultsShowNothingPrivate(t *testing.T) {
	list := privateList()
	for at, value := range list {
		for _, other := range []any{"s3cret", -1, 1.5, nil, "=s3cret", "s3cret=", 0, 9999} {
			if other == "s3cret=" {
				continue // here the word is a name, which may be shown
			}
			list[at] = other
			if _, err := ReadList(list); err != nil && strings.Contains(err.Error(), "s3cret") {
				t.Errorf("value %d is %v: %v", at, other, err)
			}
		}
		list[at] = value
	}
}

func TestFaultNamesAreCleaned(t *testing.T) {
	name := "bad\nname" + strings.Repeat("x", 100)
	_, err := ReadList(oneDomain(registration(name+"=1", name+"=2")...).list())
	text := err.Error()
	if strings.Contains(text, "\n") || len(text) > 400 {
		t.Errorf("fault %q", text)
	}
}

func TestWithoutPayment(t *testing.T) {
	o := private(t)
	o.Number = "SO-1"
	stored := o.WithoutPayment()
	if stored.Payment != nil || len(o.Payment) != 2 {
		t.Errorf("payment of the copy %v, of the order %v", stored.Payment, o.Payment)
	}
	if document := mustWriteJSON(t, stored); strings.Contains(document, "CardNumberID") {
		t.Errorf("card data in %s", document)
	}
	roundTrip(t, stored)
	stored.Payment = o.Payment
	if !reflect.DeepEqual(stored, o) {
		t.Error("the copy differs in more than the payment")
	}
}

func TestContactMapping(t *testing.T) {
	s := oneDomain(registration("OwnerContactID=900")...)
	s.contact = append(newCustomer(), "MiddleNameID=Q", "Address2ID=2nd floor", "PhoneExtensionID=5", "FaxCountryID=+49", "FaxAreaID=(0)89",
		"FaxNumberID=12-34", "FaxExtensionID=6", "TaxRegID=DE1", "PromoCodeID=SPRING")
	s.contacts = []group{{900, []string{"LoginID=jo", "PasswordID=pw", "FirstNameID= Jo ", "LastNameID=Example", "CompanyNameID=Jo Example",
		"AddressID=1 High Street", "CityID=Sampleton", "ZipID=1010", "CountryID=at", "EmailID=jo@example.com", "PhoneCountryID=43", "PhoneNumberID=6641234567"}}}
	o := mustRead(t, s.list())
	want := domains.Contact{
		FirstName: "Jane", MiddleName: "Q", LastName: "Example", Organisation: "Example Wings", Address1: "1 High Street",
		Address2: "2nd floor", PostalCode: "12345", City: "Sampleton", State: "BY", Country: "DE", Email: "jane@example.com",
		Phone: domains.Phone{CountryCode: "49", AreaCode: "89", Number: "123456", Extension: "5"},
		Fax:   domains.Phone{CountryCode: "49", AreaCode: "089", Number: "1234", Extension: "6"},
	}
	if got := o.Customer.Contact(); got != want {
		t.Error("the customer's contact differs")
	}
	if missing := o.Customer.Contact().MissingFields(); missing != nil {
		t.Errorf("missing %s", missing)
	}
	c := o.Customer
	if c.IsExisting() || c.Login() != "jane" || c.Password().Reveal() != "hunter2-secret" || c.text("CurrencyID") != "EUR" ||
		c.text("TaxRegID") != "DE1" || c.text("PromoCodeID") != "SPRING" {
		t.Error("the customer's data differ")
	}
	if _, ok := c.AccountID(); ok {
		t.Error("a new customer has an account")
	}
	user, ok := o.AdditionalContact(900)
	if !ok || user.Login() != "jo" || user.Password().Reveal() != "pw" {
		t.Errorf("additional contact %v", user)
	}
	// For a personal account the company is the person's name, or empty.
	if got := user.Contact(); got.IsOrganisation() || got.FirstName != "Jo" || got.Country != "AT" {
		t.Error("the additional contact differs")
	}
	if _, ok := o.AdditionalContact(1); ok {
		t.Error("found an absent contact")
	}
	if _, ok := o.Item(7); ok {
		t.Error("found an absent item")
	}
}
