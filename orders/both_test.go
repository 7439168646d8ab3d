package orders

import (
	"fmt"
	"strings"
	"testing"
)

// said is one reason: where, by which rule, and what goes after the name of the field.
type said struct {
	path    string
	rule    int
	problem string
}

// bothCase is an order that is wrong in both forms: parameter strings of a single domain
// item, and the JSON fields of the same item.
type bothCase struct {
	name   string
	params []string
	fields string
	want   []said
}

const (
	missingKey    = "must be sent for every operation type; leave its value empty for registration and renewal"
	noPrimary     = "is missing: name servers need a primary"
	noSecondary   = "is missing: name servers need a secondary"
	withNewDomain = "can be set only with a registration or a transfer"
)

func bothCases() []bothCase {
	reg := `"operation":"registration","domain":"shop","transferKey":""`
	one := func(path string, rule int, problem string) []said { return []said{{path, rule, problem}} }
	return []bothCase{
		{"parameter name", registration("=x"), reg + `,"parameters":{"":"x"}`,
			one("/items/0/parameters/", RuleParameterName, "is given without a name")},
		{"parameter twice", registration("R_ID=1", "R_ID=2"), reg + `,"parameters":{"R_ID":"1","R_ID":"2"}`,
			one("/items/0/parameters/R_ID", RuleParameterTwice, "is given twice")},
		{"missing operation", []string{"DomainID=shop", "TransferKey="}, `"domain":"shop","transferKey":""`,
			one("/items/0/operation", RuleDomainIncomplete, "is missing: it is one of ")},
		{"missing operation: empty", []string{"OrderOperationType=", "DomainID=shop", "TransferKey="}, `"operation":"","domain":"shop","transferKey":""`,
			one("/items/0/operation", RuleDomainIncomplete, "is missing: it is one of ")},
		{"unknown operation", []string{"OrderOperationType=30", "DomainID=shop", "TransferKey="}, `"operation":"30","domain":"shop","transferKey":""`,
			one("/items/0/operation", RuleOperationType, "is not one of ")},
		{"operation text is not quoted", []string{"OrderOperationType=s3cret", "DomainID=shop", "TransferKey="},
			`"operation":"s3cret","domain":"shop","transferKey":""`,
			one("/items/0/operation", RuleOperationType, "is not one of ")},
		{"missing domain", []string{"OrderOperationType=10", "TransferKey="}, `"operation":"registration","transferKey":""`,
			one("/items/0/domain", RuleDomainIncomplete, "is missing")},
		{"empty domain", []string{"OrderOperationType=10", "DomainID=", "TransferKey="}, `"operation":"registration","domain":"","transferKey":""`,
			one("/items/0/domain", RuleDomainEmpty, "must not be empty for a domain")},
		{"domain name", []string{"OrderOperationType=10", "DomainID=sh op", "TransferKey="}, `"operation":"registration","domain":"sh op","transferKey":""`,
			one("/items/0/domain", RuleDomainName, `"sh op" `)},
		{"no transfer key", []string{"OrderOperationType=20", "DomainID=shop"}, `"operation":"renewal","domain":"shop"`,
			one("/items/0/transferKey", RuleTransferKeyMissing, missingKey)},
		{"transfer key of a registration", []string{"OrderOperationType=10", "DomainID=shop", "TransferKey=s3cret"},
			`"operation":"registration","domain":"shop","transferKey":"s3cret"`,
			one("/items/0/transferKey", RuleTransferKeyUnwanted, "must be empty for registration and renewal")},
		{"transfer key of a renewal", []string{"OrderOperationType=20", "DomainID=shop", "TransferKey=s3cret"},
			`"operation":"renewal","domain":"shop","transferKey":"s3cret"`,
			one("/items/0/transferKey", RuleTransferKeyUnwanted, "must be empty for registration and renewal")},
		{"name servers: no secondary", registration("PrimaryNSID=ns1.dns.example"), reg + `,"nameServers":["ns1.dns.example"]`,
			one("/items/0/nameServers/1", RuleNameServerPair, noSecondary)},
		{"name servers: no primary", registration("SecondaryNSID=ns1.dns.example"), reg + `,"nameServers":[null,"ns1.dns.example"]`,
			one("/items/0/nameServers/0", RuleNameServerPair, noPrimary)},
		{"name servers: third alone", registration("ThirdNSID=ns1.dns.example"), reg + `,"nameServers":[null,null,"ns1.dns.example"]`,
			[]said{{"/items/0/nameServers/0", RuleNameServerPair, noPrimary}, {"/items/0/nameServers/1", RuleNameServerPair, noSecondary}}},
		{"fourth without third", registration("PrimaryNSID=ns1.dns.example", "SecondaryNSID=ns2.dns.example", "FourthNSID=ns4.dns.example"),
			reg + `,"nameServers":["ns1.dns.example","ns2.dns.example",null,"ns4.dns.example"]`,
			one("/items/0/nameServers/3", RuleFourthWithoutThird, "is given without a third")},
		{"name server twice", registration("PrimaryNSID=ns1.dns.example", "SecondaryNSID=NS1.dns.example."),
			reg + `,"nameServers":["ns1.dns.example","NS1.dns.example."]`,
			one("/items/0/nameServers/1", RuleNameServerTwice, "ns1.dns.example is given twice: name servers must be different")},
		{"name server name", registration("PrimaryNSID=ns1.dns.example", "SecondaryNSID=ns2.dns.example", "ThirdNSID=ns_1"),
			reg + `,"nameServers":["ns1.dns.example","ns2.dns.example","ns_1"]`,
			one("/items/0/nameServers/2", RuleNameServerName, `"ns_1" `)},
		{"name server: empty", registration("PrimaryNSID=ns1.dns.example", "SecondaryNSID="), reg + `,"nameServers":["ns1.dns.example",""]`,
			one("/items/0/nameServers/1", RuleNameServerPair, noSecondary)},
		{"language code", registration("DomainLanguage=fr fr"), reg + `,"language":"fr fr"`,
			one("/items/0/language", RuleLanguage, "must be a registry's code of a language: 1 to 10 letters, digits or hyphens")},
		{"language code: empty", registration("DomainLanguage="), reg + `,"language":""`,
			one("/items/0/language", RuleLanguage, "must be a registry's code of a language: 1 to 10 letters, digits or hyphens")},
		{"language code of a renewal", []string{"OrderOperationType=20", "DomainID=shop", "TransferKey=", "DomainLanguage=FRE"},
			`"operation":"renewal","domain":"shop","transferKey":"","language":"FRE"`,
			one("/items/0/language", RuleLanguage, "is for a registration only")},
		{"DNSSEC: short digest", registration(`DomainSettings={"dnssec":{"sign":true,"ds":[{"keyTag":1,"algorithm":13,"digestType":2,"digest":"ABCD"}]}}`),
			reg + `,"settings":{"dnssec":{"sign":true,"ds":[{"keyTag":1,"algorithm":13,"digestType":2,"digest":"ABCD"}]}}`,
			one("/items/0/settings/dnssec/ds/0/digest", RuleSettings, "must have 64 hexadecimal digits for digest type 2, and has 4")},
		{"DNSSEC: short key", registration(`DomainSettings={"dnssec":{"sign":true,"key":{"flags":257,"protocol":3,"algorithm":15,"publicKey":"AAAA"}}}`),
			reg + `,"settings":{"dnssec":{"sign":true,"key":{"flags":257,"protocol":3,"algorithm":15,"publicKey":"AAAA"}}}`,
			one("/items/0/settings/dnssec/key/publicKey", RuleSettings, "must have 32 octets for algorithm 15, and has 3")},
		{"name server: long name is cut", registration("PrimaryNSID="+strings.Repeat("a", 300), "SecondaryNSID=ns2.dns.example"),
			reg + `,"nameServers":["` + strings.Repeat("a", 300) + `","ns2.dns.example"]`,
			one("/items/0/nameServers/0", RuleNameServerName, `"`+strings.Repeat("a", 80)+`..." `)},
		{"name servers of a renewal", []string{"OrderOperationType=20", "DomainID=shop", "TransferKey=", "PrimaryNSID=ns1.dns.example", "SecondaryNSID=ns2.dns.example"},
			`"operation":"renewal","domain":"shop","transferKey":"","nameServers":["ns1.dns.example","ns2.dns.example"]`,
			one("/items/0/nameServers/0", RuleNameServersUnwanted, withNewDomain)},
		{"contact id: text", registration("TechContactID=me"), reg + `,"contacts":{"tech":"me"}`,
			one("/items/0/contacts/tech", RuleContactID, "must be a user id")},
		{"contact id: negative", registration("OwnerContactID=-1"), reg + `,"contacts":{"owner":-1}`,
			one("/items/0/contacts/owner", RuleContactID, "must be a user id")},
		{"aps: no service", registration("aps_defaults_={}"), reg + `,"apsDefaults":{"":{}}`,
			one("/items/0/apsDefaults/", RuleAPSService, "has no service id")},
		{"aps: twice", registration("aps_defaults_mail={}", "aps_defaults_mail={}"), reg + `,"apsDefaults":{"mail":{},"mail":{}}`,
			one("/items/0/apsDefaults/mail", RuleParameterTwice, "is given twice")},
		{"aps: no object", registration("aps_defaults_mail=[1]"), reg + `,"apsDefaults":{"mail":[1]}`,
			one("/items/0/apsDefaults/mail", RuleAPSObject, "is not a JSON object")},
		{"several in order", []string{"OrderOperationType=20", "DomainID=", "TransferKey=s3cret", "AdminContactID=x", "PrimaryNSID=-"},
			`"operation":"renewal","domain":"","transferKey":"s3cret","contacts":{"admin":"x"},"nameServers":["-"]`, []said{
				{"/items/0/domain", RuleDomainEmpty, "must not be empty for a domain"},
				{"/items/0/transferKey", RuleTransferKeyUnwanted, "must be empty for registration and renewal"},
				{"/items/0/contacts/admin", RuleContactID, "must be a user id"},
				{"/items/0/nameServers/0", RuleNameServerName, `"-" `},
				{"/items/0/nameServers/1", RuleNameServerPair, noSecondary},
				{"/items/0/nameServers/0", RuleNameServersUnwanted, withNewDomain},
			}},
	}
}

// wantSaid compares the reasons of a refusal; problems are parts of their texts.
func wantSaid(t *testing.T, form string, err error, want []said) {
	t.Helper()
	faults := faultsOf(t, err)
	if len(faults) != len(want) {
		t.Errorf("%s: %q, want %d", form, messages(faults), len(want))
		return
	}
	for n, fault := range faults {
		if fault.Path != want[n].path || fault.Rule != want[n].rule || !strings.Contains(fault.Message, want[n].problem) {
			t.Errorf("%s: %+v, want %+v", form, fault, want[n])
		}
	}
}

func TestRulesOfListAndJSON(t *testing.T) {
	for _, test := range bothCases() {
		t.Run(test.name, func(t *testing.T) {
			document := fmt.Sprintf(`{"vendorAccountId":1,"items":[{"id":0,"planId":3,"periodId":5,%s}],"customer":{"accountId":500100}}`, test.fields)
			_, listErr := ReadList(oneDomain(test.params...).list())
			_, jsonErr := ReadJSON(strings.NewReader(document))
			for form, err := range map[string]error{"list": listErr, "JSON": jsonErr} {
				wantSaid(t, form, err, test.want)
				if err != nil && strings.Contains(err.Error(), "s3cret") {
					t.Errorf("%s: the text shows a value: %v", form, err)
				}
			}
		})
	}
}

// An order is refused in the words of the form in which it came.
func TestFieldsAreNamedInTheCallersWords(t *testing.T) {
	order := &Order{Items: []Item{{ID: 7, at: 0}}, AdditionalContacts: []AdditionalContact{{ID: 900, at: 0}}}
	for _, c := range []struct {
		field      Field
		list, json string
	}{
		{head("vendorAccountId"), "VendorAccountID", "vendorAccountId"},
		{head("number"), "the order number", "number"},
		{WholeOrder(), "the order", "the order"},
		{ItemField(0, "domain"), "item 7: DomainID", "items[0].domain"},
		{ItemField(0, "planId"), "item 7: PlanID", "items[0].planId"},
		{ItemField(0, "periodId"), "item 7: PlanPeriodID", "items[0].periodId"},
		{ItemField(0, "parentId"), "item 7: ParentItemID", "items[0].parentId"},
		{ItemField(0, "nameServers/1"), "item 7: SecondaryNSID", "items[0].nameServers[1]"},
		{ItemField(0, "contacts/tech"), "item 7: TechContactID", "items[0].contacts.tech"},
		{ItemField(0, "settings/dnssec/ds/1/digest"), "item 7: DomainSettings: dnssec.ds[1].digest", "items[0].settings.dnssec.ds[1].digest"},
		{ItemField(0, "").in("parameters", "a/b"), "item 7: a/b", "items[0].parameters.a/b"},
		{ItemField(0, "").in("apsDefaults", "mail"), "item 7: aps_defaults_mail", "items[0].apsDefaults.mail"},
		{ItemField(3, "domain"), "the item at place 4: DomainID", "items[3].domain"},
		{CustomerField("contact/state"), "ContactData: StateID", "customer.contact.state"},
		{CustomerField("contact/phone/number"), "ContactData: PhoneNumberID", "customer.contact.phone.number"},
		{CustomerField("").in("slots", "X"), "ContactData: X", "customer.slots.X"},
		{ContactField(0, "contact/city"), "additional contact 900: CityID", "additionalContacts[0].contact.city"},
		{ContactField(0, "id"), "additional contact 900: AdditionalContactID", "additionalContacts[0].id"},
		{paymentField("CVCID"), "PayTool: CVCID", "payment.CVCID"},
	} {
		if got := (listWords{}).name(order, c.field); got != c.list {
			t.Errorf("%s: the list names it %q, want %q", c.field.Pointer(), got, c.list)
		}
		if got := (jsonWords{}).name(order, c.field); got != c.json {
			t.Errorf("%s: JSON names it %q, want %q", c.field.Pointer(), got, c.json)
		}
	}
	// Every field of the tables has a name in both forms.
	for _, field := range itemFields {
		if got := (listWords{}).name(order, ItemField(0, field.path)); got != "item 7: "+field.parameter {
			t.Errorf("%s is named %q", field.path, got)
		}
	}
	for _, field := range personFields {
		if got := (listWords{}).name(order, CustomerField(field.path)); got != "ContactData: "+field.slot {
			t.Errorf("%s is named %q", field.path, got)
		}
	}
	if list, json := (listWords{}).operations(), (jsonWords{}).operations(); list != "10 (registration), 20 (renewal), 90 (transfer)" ||
		json != "registration, renewal, transfer, owner-change, contact-change, name-server-change, settings-change, adoption, restore" {
		t.Errorf("operations %q, %q", list, json)
	}
}

// TestWholeOrderRulesOfListAndJSON covers the rules that need more than one item, or other
// sections.
func TestWholeOrderRulesOfListAndJSON(t *testing.T) {
	tests := []struct {
		name string
		list []any
		json string
		want said
	}{
		{"group without item", sections{groups: []group{{4, []string{"DomainID="}}}, contact: existing}.list(), "",
			said{"/items", RuleGroupWithoutItem, "provisioning parameters for item 4, but the order has no item 4"}},
		{"item id twice", sections{items: []string{"20=36=0=-1", "20=36=0=-1"}, contact: existing}.list(),
			`{"vendorAccountId":1,"items":[{"id":0,"planId":20,"periodId":36},{"id":0,"planId":20,"periodId":36}],"customer":{"accountId":500100}}`,
			said{"/items/1/id", RuleItemTwice, "0 is used twice in the order"}},
		{"parent", sections{items: []string{"20=36=0=-1", "20=36=1=9"}, contact: existing}.list(),
			`{"vendorAccountId":1,"items":[{"id":0,"planId":20,"periodId":36},{"id":1,"planId":20,"periodId":36,"parentId":9}],"customer":{"accountId":500100}}`,
			said{"/items/1/parentId", RuleParentItem, "9 is not an item of the order"}},
		{"login", withContacts([]string{"TechContactID=900"}, group{900, user("")[1:]}),
			`{"vendorAccountId":1,"items":[{"id":0,"planId":3,"periodId":5,"operation":"registration","domain":"shop","transferKey":"","contacts":{"tech":900}}],
			  "customer":{"accountId":500100},"additionalContacts":[{"id":900,` + userContact + `}]}`,
			said{"/additionalContacts/0/login", RuleContactLogin, "is required for a new user"}},
		{"empty login", withContacts([]string{"OwnerContactID=900"}, group{900, user("")}),
			`{"vendorAccountId":1,"items":[{"id":0,"planId":3,"periodId":5,"operation":"registration","domain":"shop","transferKey":"","contacts":{"owner":900}}],
			  "customer":{"accountId":500100},"additionalContacts":[{"id":900,"login":"",` + userContact + `}]}`,
			said{"/additionalContacts/0/login", RuleContactLogin, "is required for a new user"}},
		{"aps: in two items", sections{items: []string{"20=36=0=-1", "20=36=1=-1"}, contact: existing,
			groups: []group{{0, []string{"aps_defaults_mail={}"}}, {1, []string{"aps_defaults_mail={}"}}}}.list(),
			`{"vendorAccountId":1,"items":[{"id":0,"planId":20,"periodId":36,"apsDefaults":{"mail":{}}},{"id":1,"planId":20,"periodId":36,"apsDefaults":{"mail":{}}}],"customer":{"accountId":500100}}`,
			said{"/items/1/apsDefaults/mail", RuleAPSService, "is used twice in the order"}},
		{"slot name", sections{contact: append([]string{"=x"}, existing...)}.list(),
			`{"vendorAccountId":1,"items":[],"customer":{"accountId":500100,"slots":{"":"x"}}}`,
			said{"/customer/slots/", RuleSlotName, "is given without a name"}},
		{"slot twice", sections{contact: existing, payment: []string{"CVCID=1", "CVCID=2"}}.list(),
			`{"vendorAccountId":1,"items":[],"customer":{"accountId":500100},"payment":{"CVCID":"1","CVCID":"2"}}`,
			said{"/payment/CVCID", RuleSlotTwice, "is given twice"}},
		{"account", sections{contact: []string{"AccountID=x"}}.list(),
			`{"vendorAccountId":1,"items":[],"customer":{"accountId":"x"}}`,
			said{"/customer/accountId", RuleMalformedData, "must be an account id"}},
		{"contact twice", withContacts([]string{"TechContactID=900"}, group{900, user("a")}, group{900, user("b")}),
			`{"vendorAccountId":1,"items":[{"id":0,"planId":3,"periodId":5,"operation":"registration","domain":"shop","transferKey":"","contacts":{"tech":900}}],
			  "customer":{"accountId":500100},"additionalContacts":[{"id":900,"login":"a",` + userContact + `},{"id":900,"login":"b",` + userContact + `}]}`,
			said{"/additionalContacts/1/id", RuleContactTwice, "900 is given twice"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := ReadList(test.list)
			wantSaid(t, "list", err, []said{test.want})
			if test.json != "" { // a JSON group is part of its item
				_, err := ReadJSON(strings.NewReader(test.json))
				wantSaid(t, "JSON", err, []said{test.want})
			}
		})
	}
}

// TestNewCustomerRules: a new customer needs the data from which later steps
// create accounts and contacts.
func TestNewCustomerRules(t *testing.T) {
	s := oneDomain(registration()...)
	s.contact = newCustomer()
	roundTrip(t, mustRead(t, s.list()))

	for _, test := range []struct{ slot, value, path, want string }{
		{"LoginID", "", "/customer/login", "is missing"},
		{"PasswordID", "", "/customer/password", "is missing"},
		{"FirstNameID", " ", "/customer/contact/firstName", "is missing"},
		{"LastNameID", "", "/customer/contact/lastName", "is missing"},
		{"AddressID", "", "/customer/contact/address1", "is missing"},
		{"CityID", "", "/customer/contact/city", "is missing"},
		{"ZipID", "", "/customer/contact/postalCode", "is missing"},
		{"CountryID", "", "/customer/contact/country", "is missing"},
		{"CountryID", "deu", "/customer/contact/country", "must be a code of two letters of ISO 3166-1: DE is meant"},
		{"CountryID", "1a", "/customer/contact/country", "must be a code of two letters of ISO 3166-1"},
		{"EmailID", "", "/customer/contact/email", "is missing"},
		{"EmailID", "jane", "/customer/contact/email", "must be an e-mail address such as name@example.com"},
		{"PhoneCountryID", "", "/customer/contact/phone/countryCode", "is missing"},
		{"PhoneNumberID", "none", "/customer/contact/phone/number", "must hold only digits, and blank . - / ( ) between them"},
		{"FullyRegistred", "yes", "/customer/fullyRegistered", "must be 0 or 1"},
	} {
		s.contact = newCustomer()
		for i, slot := range s.contact {
			if strings.HasPrefix(slot, test.slot+"=") {
				s.contact[i] = test.slot + "=" + test.value
			}
		}
		_, err := ReadList(s.list())
		wantMessages(t, err, "ContactData: "+test.slot+" "+test.want)
		if faults := faultsOf(t, err); len(faults) == 1 && faults[0].Path != test.path {
			t.Errorf("path %q, want %q", faults[0].Path, test.path)
		}
	}

	s.contact = nil
	_, err := ReadList(s.list())
	if faults := faultsOf(t, err); len(faults) != 10 || faults[2].Message != "ContactData: FirstNameID is missing" {
		t.Errorf("faults of an empty section: %v", messages(faults))
	}
}
