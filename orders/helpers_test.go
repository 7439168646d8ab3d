package orders

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// group is a parameter group of a list that is being built.
type group struct {
	item   int
	params []string
}

// sections builds a list with correct counters.
type sections struct {
	vendor   any
	items    []string
	groups   []group
	contact  []string
	payment  []string
	contacts []group
}

func (s sections) list() []any {
	vendor := s.vendor
	if vendor == nil {
		vendor = 1
	}
	list := []any{vendor, len(s.items)}
	list = appendAll(list, s.items)
	slots := 0
	for _, g := range s.groups {
		slots += 2 + len(g.params)
	}
	list = append(list, slots)
	for _, g := range s.groups {
		list = appendAll(append(list, g.item, len(g.params)), g.params)
	}
	list = appendAll(append(list, len(s.contact)), s.contact)
	list = appendAll(append(list, len(s.payment)), s.payment)
	list = append(list, len(s.contacts))
	for _, g := range s.contacts {
		list = appendAll(append(list, g.item, len(g.params)), g.params)
	}
	return list
}

func appendAll(list []any, texts []string) []any {
	for _, text := range texts {
		list = append(list, text)
	}
	return list
}

// existing is the contact data of an existing customer.
var existing = []string{"AccountID=500100"}

// oneDomain is a domain bought alone by an existing customer.
func oneDomain(params ...string) sections {
	return sections{items: []string{"3=5=0=-1"}, groups: []group{{0, params}}, contact: existing}
}

// registration returns the three parameters of every registration, and more.
func registration(more ...string) []string {
	return append([]string{"OrderOperationType=10", "DomainID=shop", "TransferKey="}, more...)
}

// worked is the 19-value order of docs/protocols/orders.md, section 1.
func worked() []any {
	return []any{
		1,
		2, "20=36=0=-1", "3=5=1=0",
		8, 0, 1, "DomainID=shop", 1, 3, "OrderOperationType=10", "DomainID=shop", "TransferKey=",
		1, "AccountID=500100",
		2, "PayToolID=3", "IPAddressID=192.0.2.10",
		0,
	}
}

// newCustomer returns every slot that provisioning needs.
func newCustomer() []string {
	return []string{
		"LoginID=jane", "PasswordID=hunter2-secret", "CurrencyID=EUR", "FullyRegistred=1", "CompanyNameID=Example Wings",
		"FirstNameID=Jane", "LastNameID=Example", "AddressID=1 High Street", "CityID=Sampleton", "ZipID=12345",
		"CountryID=de", "StateID=BY", "EmailID=jane@example.com",
		"PhoneCountryID=49", "PhoneAreaID=89", "PhoneNumberID=123456",
	}
}

// ReadList reads a list with the default rules; the error holds what is wrong with it.
func ReadList(list []any) (*Order, error) { return readList(Rules{}, list) }

func readList(rules Rules, list []any) (*Order, error) {
	in, err := rules.ReadList(list)
	if err != nil {
		return nil, err
	}
	return accepted(in)
}

// ReadJSON reads a document with the default rules; the error holds what is wrong with it.
func ReadJSON(r io.Reader) (*Order, error) { return readDocument(Rules{}, r) }

func readDocument(rules Rules, r io.Reader) (*Order, error) {
	in, err := rules.ReadJSON(r)
	if err != nil {
		return nil, err
	}
	return accepted(in)
}

func accepted(in *Incoming) (*Order, error) {
	if err := in.Err(); err != nil {
		return nil, err
	}
	return in.Order, nil
}

// user returns the slots of a new user who can become a contact.
func user(login string, more ...string) []string {
	return append([]string{
		"LoginID=" + login, "FirstNameID=Jo", "LastNameID=Example", "AddressID=1 High Street", "CityID=Sampleton", "ZipID=12345",
		"CountryID=de", "EmailID=jo@example.com", "PhoneCountryID=49", "PhoneAreaID=89", "PhoneNumberID=123456",
	}, more...)
}

// userContact is the contact of user in JSON.
const userContact = `"contact":{"firstName":"Jo","lastName":"Example","address1":"1 High Street","city":"Sampleton","postalCode":"12345","country":"de",
	"email":"jo@example.com","phone":{"countryCode":"49","areaCode":"89","number":"123456"}}`

func mustRead(t testing.TB, list []any) *Order {
	t.Helper()
	o, err := ReadList(list)
	if err != nil {
		t.Fatalf("ReadList: %v", err)
	}
	return o
}

func mustReadJSON(t testing.TB, text string) *Order {
	t.Helper()
	o, err := ReadJSON(strings.NewReader(text))
	if err != nil {
		t.Fatalf("ReadJSON: %v", err)
	}
	return o
}

func mustWriteJSON(t testing.TB, o *Order) string {
	t.Helper()
	var b bytes.Buffer
	if err := WriteJSON(&b, o); err != nil {
		t.Fatalf("WriteJSON: %v", err)
	}
	return b.String()
}

// faultsOf returns the faults of an error, and fails on any other error.
func faultsOf(t testing.TB, err error) Faults {
	t.Helper()
	if err == nil {
		return nil
	}
	var faults Faults
	if !errors.As(err, &faults) {
		t.Fatalf("error is no Faults: %v", err)
	}
	return faults
}

func messages(faults Faults) []string {
	all := make([]string, 0, len(faults))
	for _, f := range faults {
		all = append(all, f.Message)
	}
	return all
}

func rules(faults Faults) []int {
	all := make([]int, 0, len(faults))
	for _, f := range faults {
		all = append(all, f.Rule)
	}
	return all
}

func wantMessages(t *testing.T, err error, want ...string) {
	t.Helper()
	got := messages(faultsOf(t, err))
	if !slices.Equal(got, want) {
		t.Errorf("faults:\n  %s\nwant:\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// roundTrip checks that an order survives its document.
func roundTrip(t testing.TB, o *Order) {
	t.Helper()
	document := mustWriteJSON(t, o)
	again, err := ReadStored(strings.NewReader(document))
	if err != nil {
		t.Fatalf("ReadStored of the written document: %v", err)
	}
	if !reflect.DeepEqual(o, again) {
		t.Fatalf("the document changed the order:\n%v\n%v", o, again)
	}
	if second := mustWriteJSON(t, again); second != document {
		t.Fatalf("second document differs from the first")
	}
}
