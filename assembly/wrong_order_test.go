package assembly_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// order is an order that has no form yet. Names are those of the list, as
// docs/protocols/orders.md has them.
type order struct {
	number   string // the list has no place for it
	vendor   int
	items    []item
	customer texts
	payment  texts
	contacts []contact
}

type item struct {
	plan, period, id, parent int
	parameters               texts
	// hosts are name servers with addresses, for which the list has no place.
	hosts []any
}

type contact struct {
	id    int
	slots texts
}

type text struct{ name, value string }

type texts []text

func (all texts) with(name, value string) texts {
	if at := slices.IndexFunc(all, func(t text) bool { return t.name == name }); at >= 0 {
		all[at].value = value
		return all
	}
	return append(all, text{name, value})
}

func (all texts) without(name string) texts {
	return slices.DeleteFunc(all, func(t text) bool { return t.name == name })
}

// newOrder orders hosting and a domain at Netim with it, for a new customer. It is right.
func newOrder() *order {
	return &order{
		vendor: 1,
		items: []item{
			{plan: planHosting, period: 36, id: 0, parent: -1, parameters: texts{{"DomainID", "shop"}}},
			{plan: planNetim, period: 1, id: 1, parent: 0, parameters: texts{{"OrderOperationType", "10"}, {"DomainID", "shop"}, {"TransferKey", ""}}},
		},
		customer: append(texts{{"LoginID", "jane@shop.example"}, {"PasswordID", "a-long-pass-phrase"}, {"CurrencyID", "EUR"}}, person()...),
		payment:  texts{{"PayToolID", "3"}},
	}
}

func person() texts {
	return texts{
		{"CompanyNameID", "Example Shop Ltd"}, {"FirstNameID", "Jane"}, {"LastNameID", "Example"}, {"AddressID", "1 Main Street"},
		{"CityID", "Sampleton"}, {"ZipID", "10001"}, {"CountryID", "us"}, {"StateID", "NY"}, {"EmailID", "jane@shop.example"},
		{"PhoneCountryID", "1"}, {"PhoneAreaID", "212"}, {"PhoneNumberID", "5550100"},
	}
}

// change makes an order wrong, or another one.
type change func(*order)

func (o *order) do(changes ...change) {
	for _, change := range changes {
		change(o)
	}
}

func both(changes ...change) change { return func(o *order) { o.do(changes...) } }

// param sets a parameter of an item, by its place.
func param(at int, name, value string) change {
	return func(o *order) { o.items[at].parameters = o.items[at].parameters.with(name, value) }
}

func noParam(at int, name string) change {
	return func(o *order) { o.items[at].parameters = o.items[at].parameters.without(name) }
}

// label is what the domain is called.
func label(text string) change { return param(1, "DomainID", text) }

// plan orders the domain by another plan.
func plan(id int) change { return func(o *order) { o.items[1].plan = id } }

func period(id int) change { return func(o *order) { o.items[1].period = id } }

// operation orders something else for the domain.
func operation(code string) change { return param(1, "OrderOperationType", code) }

func customer(slot, value string) change {
	return func(o *order) { o.customer = o.customer.with(slot, value) }
}

func noSlot(slot string) change { return func(o *order) { o.customer = o.customer.without(slot) } }

// existing orders for an account that exists.
func existing(account string) change {
	return func(o *order) { o.customer = texts{{"AccountID", account}} }
}

// alone leaves the hosting out, as changes of a domain demand. The domain is then the first
// item.
func alone(o *order) { o.items = o.items[1:]; o.items[0].parent = -1 }

// of is an order of an operation for a domain that the known customer has.
func of(code, domain string, sold int, changes ...change) change {
	return both(plan(sold), operation(code), label(domain), existing(strconv.Itoa(knownAccount)), alone, both(changes...))
}

// user adds an additional contact that has a role of the domain.
func user(role string, id int, changes ...change) change {
	return func(o *order) {
		whole := &order{customer: append(texts{{"LoginID", fmt.Sprintf("user-%d@shop.example", id)}, {"PasswordID", "another-pass-phrase"}}, person()...)}
		whole.do(changes...)
		o.contacts = append(o.contacts, contact{id, whole.customer})
		o.do(param(len(o.items)-1, role, strconv.Itoa(id)))
	}
}

func servers(hosts ...string) change {
	return func(o *order) {
		for n, host := range hosts {
			o.do(param(len(o.items)-1, []string{"PrimaryNSID", "SecondaryNSID", "ThirdNSID", "FourthNSID"}[n], host))
		}
	}
}

// places are the places of names in the JSON form.
var places = map[string]string{
	"OrderOperationType": "operation", "DomainID": "domain", "TransferKey": "transferKey",
	"OwnerContactID": "contacts/owner", "AdminContactID": "contacts/admin", "BillingContactID": "contacts/billing", "TechContactID": "contacts/tech",
	"PrimaryNSID": "nameServers/0", "SecondaryNSID": "nameServers/1", "ThirdNSID": "nameServers/2", "FourthNSID": "nameServers/3",
	"DomainSettings": "settings", "ExpectedExpiry": "expires", "DomainLanguage": "language", "ExistingSubscriptionID": "subscriptionId",

	"AccountID": "accountId", "PromoCodeID": "promoCode", "LoginID": "login", "PasswordID": "password", "CurrencyID": "currency",
	"FullyRegistred": "fullyRegistered", "PostAddressID": "postalAddress", "TaxRegID": "taxId", "BannerID": "banner",
	"CompanyNameID": "contact/organisation", "FirstNameID": "contact/firstName", "MiddleNameID": "contact/middleName", "LastNameID": "contact/lastName",
	"AddressID": "contact/address1", "Address2ID": "contact/address2", "CityID": "contact/city", "ZipID": "contact/postalCode",
	"CountryID": "contact/country", "StateID": "contact/state", "EmailID": "contact/email",
	"PhoneCountryID": "contact/phone/countryCode", "PhoneAreaID": "contact/phone/areaCode", "PhoneNumberID": "contact/phone/number", "PhoneExtensionID": "contact/phone/extension",
	"FaxCountryID": "contact/fax/countryCode", "FaxAreaID": "contact/fax/areaCode", "FaxNumberID": "contact/fax/number", "FaxExtensionID": "contact/fax/extension",
}

// operationWords are the order system's own operations in JSON.
var operationWords = map[string]string{"10": "registration", "20": "renewal", "90": "transfer"}

// json writes the JSON form.
func (o *order) json(t *testing.T) string {
	t.Helper()
	document := map[string]any{"vendorAccountId": o.vendor, "customer": object(o.customer, "slots")}
	if o.number != "" {
		document["number"] = o.number
	}
	items := []any{}
	for _, i := range o.items {
		one := object(i.parameters, "parameters")
		one["id"], one["planId"], one["periodId"], one["parentId"] = i.id, i.plan, i.period, i.parent
		if i.hosts != nil {
			one["nameServers"] = i.hosts
		}
		items = append(items, one)
	}
	document["items"] = items
	payment := map[string]string{}
	for _, slot := range o.payment {
		payment[slot.name] = slot.value
	}
	document["payment"] = payment
	contacts := []any{}
	for _, c := range o.contacts {
		one := object(c.slots, "slots")
		one["id"] = c.id
		contacts = append(contacts, one)
	}
	document["additionalContacts"] = contacts
	var written bytes.Buffer
	encoder := json.NewEncoder(&written)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(document); err != nil {
		t.Fatal(err)
	}
	return written.String()
}

// object puts texts at their places; others, by their names, into a member of their own.
func object(all texts, others string) map[string]any {
	made := map[string]any{}
	for _, one := range all {
		place, known := places[one.name]
		if service, aps := strings.CutPrefix(one.name, "aps_defaults_"); aps {
			place, known = "apsDefaults/"+service, true
		}
		if !known {
			place = others + "/" + one.name
		}
		put(made, strings.SplitN(place, "/", 3), jsonValue(one))
	}
	return made
}

func put(into map[string]any, path []string, value any) {
	switch {
	case len(path) == 1:
		into[path[0]] = value
	case path[0] == "nameServers":
		list, _ := into[path[0]].([]any)
		n, _ := strconv.Atoi(path[1])
		for len(list) <= n {
			list = append(list, nil)
		}
		list[n] = value
		into[path[0]] = list
	default:
		inner, ok := into[path[0]].(map[string]any)
		if !ok {
			inner = map[string]any{}
			into[path[0]] = inner
		}
		put(inner, path[1:], value)
	}
}

// jsonValue is a text in its JSON type; one that is not of the type stays a text.
func jsonValue(one text) any {
	number, err := strconv.Atoi(one.value)
	switch place := places[one.name]; {
	case place == "operation":
		if word, ok := operationWords[one.value]; ok {
			return word
		}
	case (place == "accountId" || place == "subscriptionId" || strings.HasPrefix(place, "contacts/")) && err == nil:
		return number
	case place == "fullyRegistered" && (one.value == "0" || one.value == "1"):
		return one.value == "1"
	case (place == "settings" || strings.HasPrefix(one.name, "aps_defaults_")) && strings.HasPrefix(one.value, "{") && json.Valid([]byte(one.value)):
		return json.RawMessage(one.value)
	}
	return one.value
}

// list writes the values of the counted list.
func (o *order) list() []any {
	values := []any{o.vendor, len(o.items)}
	slots := 0
	for _, i := range o.items {
		values = append(values, fmt.Sprintf("%d=%d=%d=%d", i.plan, i.period, i.id, i.parent))
		if i.parameters != nil {
			slots += 2 + len(i.parameters)
		}
	}
	values = append(values, slots)
	for _, i := range o.items {
		if i.parameters != nil {
			values = append(append(values, i.id), i.parameters.pairs()...)
		}
	}
	values = append(append(values, o.customer.pairs()...), o.payment.pairs()...)
	values = append(values, len(o.contacts))
	for _, c := range o.contacts {
		values = append(append(values, c.id), c.slots.pairs()...)
	}
	return values
}

// pairs are the texts as strings, after their number.
func (all texts) pairs() []any {
	values := []any{len(all)}
	for _, one := range all {
		values = append(values, one.name+"="+one.value)
	}
	return values
}

// call writes values as a call of Execute.
func call(t *testing.T, values []any) string {
	t.Helper()
	var document bytes.Buffer
	document.WriteString(`<?xml version="1.0" encoding="UTF-8"?>
<methodCall><methodName>Execute</methodName><params><param><value><struct>
<member><name>Server</name><value>BM</value></member>
<member><name>Method</name><value>PlaceOrderAndAuthorize_API</value></member>
<member><name>Params</name><value><array><data>
`)
	for _, value := range values {
		switch v := value.(type) {
		case int:
			fmt.Fprintf(&document, "<value><i4>%d</i4></value>\n", v)
		case float64:
			fmt.Fprintf(&document, "<value><double>%g</double></value>\n", v)
		case string:
			document.WriteString("<value><string>")
			if err := xml.EscapeText(&document, []byte(v)); err != nil {
				t.Fatal(err)
			}
			document.WriteString("</string></value>\n")
		default:
			t.Fatalf("a value is a %T", value)
		}
	}
	document.WriteString("</data></array></value></member>\n</struct></value></param></params></methodCall>\n")
	return document.String()
}
