package orders

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// bothCase is one fault in both forms: parameter strings of a single domain
// item, and the JSON fields of the same item.
type bothCase struct {
	name   string
	params []string
	fields string
	path   string // of the first fault
	rules  []int
	want   []string
}

const (
	missingKey = "item 0: TransferKey must be sent for every operation type; leave its value empty for registration and renewal"
	bothNS     = "item 0: PrimaryNSID and SecondaryNSID are both required"
)

func bothCases() []bothCase {
	reg := `"operation":"registration","domain":"shop","transferKey":""`
	return []bothCase{
		{"parameter name", registration("=x"), reg + `,"parameters":{"":"x"}`, "/items/0/parameters/", []int{RuleParameterName},
			[]string{"item 0: parameter name is empty"}},
		{"parameter twice", registration("R_ID=1", "R_ID=2"), reg + `,"parameters":{"R_ID":"1","R_ID":"2"}`, "/items/0/parameters/R_ID", []int{RuleParameterTwice},
			[]string{"item 0: parameter R_ID is given twice"}},
		{"operation number", []string{"OrderOperationType=30", "DomainID=shop", "TransferKey="},
			`"operation":"30","domain":"shop","transferKey":""`, "/items/0/operation", []int{RuleOperationType},
			[]string{"item 0: OrderOperationType 30 is not one of 10 (registration), 20 (renewal), 90 (transfer)"}},
		{"operation text is not quoted", []string{"OrderOperationType=s3cret", "DomainID=shop", "TransferKey="},
			`"operation":"s3cret","domain":"shop","transferKey":""`, "/items/0/operation", []int{RuleOperationType},
			[]string{"item 0: OrderOperationType is not one of 10 (registration), 20 (renewal), 90 (transfer)"}},
		{"missing operation", []string{"DomainID=shop", "TransferKey="}, `"domain":"shop","transferKey":""`, "/items/0/operation", []int{RuleDomainIncomplete},
			[]string{"item 0: OrderOperationType is missing"}},
		{"missing operation: empty", []string{"OrderOperationType=", "DomainID=shop", "TransferKey="},
			`"operation":"","domain":"shop","transferKey":""`, "/items/0/operation", []int{RuleDomainIncomplete},
			[]string{"item 0: OrderOperationType is missing"}},
		{"missing domain", []string{"OrderOperationType=10", "TransferKey="}, `"operation":"registration","transferKey":""`, "/items/0/domain", []int{RuleDomainIncomplete},
			[]string{"item 0: DomainID is missing"}},
		{"empty domain", []string{"OrderOperationType=10", "DomainID=", "TransferKey="},
			`"operation":"registration","domain":"","transferKey":""`, "/items/0/domain", []int{RuleDomainEmpty},
			[]string{"item 0: DomainID must not be empty for a domain"}},
		{"no transfer key", []string{"OrderOperationType=20", "DomainID=shop"}, `"operation":"renewal","domain":"shop"`, "/items/0/transferKey", []int{RuleTransferKeyMissing},
			[]string{missingKey}},
		{"transfer key of a registration", []string{"OrderOperationType=10", "DomainID=shop", "TransferKey=s3cret"},
			`"operation":"registration","domain":"shop","transferKey":"s3cret"`, "/items/0/transferKey", []int{RuleTransferKeyUnwanted},
			[]string{"item 0: TransferKey must be empty for registration and renewal"}},
		{"transfer key of a renewal", []string{"OrderOperationType=20", "DomainID=shop", "TransferKey=s3cret"},
			`"operation":"renewal","domain":"shop","transferKey":"s3cret"`, "/items/0/transferKey", []int{RuleTransferKeyUnwanted},
			[]string{"item 0: TransferKey must be empty for registration and renewal"}},
		{"empty transfer key", []string{"OrderOperationType=90", "DomainID=shop", "TransferKey="},
			`"operation":"transfer","domain":"shop","transferKey":""`, "/items/0/transferKey", []int{RuleTransferKeyEmpty},
			[]string{"item 0: TransferKey is empty for a transfer"}},
		{"name servers: no secondary", registration("PrimaryNSID=ns1.dns.example"), reg + `,"nameServers":["ns1.dns.example"]`,
			"/items/0/nameServers/1", []int{RuleNameServerPair}, []string{bothNS}},
		{"name servers: no primary", registration("SecondaryNSID=ns1.dns.example"), reg + `,"nameServers":[null,"ns1.dns.example"]`,
			"/items/0/nameServers/0", []int{RuleNameServerPair}, []string{bothNS}},
		{"name servers: third alone", registration("ThirdNSID=ns1.dns.example"), reg + `,"nameServers":[null,null,"ns1.dns.example"]`,
			"/items/0/nameServers/0", []int{RuleNameServerPair}, []string{bothNS}},
		{"fourth without third", registration("PrimaryNSID=ns1.dns.example", "SecondaryNSID=ns2.dns.example", "FourthNSID=ns4.dns.example"),
			reg + `,"nameServers":["ns1.dns.example","ns2.dns.example",null,"ns4.dns.example"]`, "/items/0/nameServers/3", []int{RuleFourthWithoutThird},
			[]string{"item 0: FourthNSID given without ThirdNSID"}},
		{"name server twice", registration("PrimaryNSID=ns1.dns.example", "SecondaryNSID=NS1.dns.example."),
			reg + `,"nameServers":["ns1.dns.example","NS1.dns.example."]`, "/items/0/nameServers/1", []int{RuleNameServerTwice},
			[]string{"item 0: name servers must be different: ns1.dns.example is given twice"}},
		{"name server name", registration("PrimaryNSID=ns1.dns.example", "SecondaryNSID=ns2.dns.example", "ThirdNSID=ns_1"),
			reg + `,"nameServers":["ns1.dns.example","ns2.dns.example","ns_1"]`, "/items/0/nameServers/2", []int{RuleNameServerName},
			[]string{`item 0: ThirdNSID "ns_1" is not a valid host name`}},
		{"name server: empty", registration("PrimaryNSID=ns1.dns.example", "SecondaryNSID="),
			reg + `,"nameServers":["ns1.dns.example",""]`, "/items/0/nameServers/1", []int{RuleNameServerPair},
			[]string{bothNS}},
		{"name server: long name is cut", registration("PrimaryNSID="+strings.Repeat("a", 300), "SecondaryNSID=ns2.dns.example"),
			reg + `,"nameServers":["` + strings.Repeat("a", 300) + `","ns2.dns.example"]`, "/items/0/nameServers/0", []int{RuleNameServerName},
			[]string{`item 0: PrimaryNSID "` + strings.Repeat("a", 80) + `..." is not a valid host name`}},
		{"name servers of a renewal", []string{"OrderOperationType=20", "DomainID=shop", "TransferKey=", "PrimaryNSID=ns1.dns.example", "SecondaryNSID=ns2.dns.example"},
			`"operation":"renewal","domain":"shop","transferKey":"","nameServers":["ns1.dns.example","ns2.dns.example"]`, "/items/0/nameServers/0", []int{RuleNameServersUnwanted},
			[]string{"item 0: name servers can be set only with a registration or a transfer"}},
		{"contact id: text", registration("TechContactID=me"), reg + `,"contacts":{"tech":"me"}`, "/items/0/contacts/tech", []int{RuleContactID},
			[]string{"item 0: TechContactID must be a user id"}},
		{"contact id: negative", registration("OwnerContactID=-1"), reg + `,"contacts":{"owner":-1}`, "/items/0/contacts/owner", []int{RuleContactID},
			[]string{"item 0: OwnerContactID must be a user id"}},
		{"aps: no service", registration("aps_defaults_={}"), reg + `,"apsDefaults":{"":{}}`, "/items/0/apsDefaults/", []int{RuleAPSService},
			[]string{"item 0: aps_defaults_ has no service id"}},
		{"aps: twice", registration("aps_defaults_mail={}", "aps_defaults_mail={}"), reg + `,"apsDefaults":{"mail":{},"mail":{}}`,
			"/items/0/apsDefaults/mail", []int{RuleAPSService}, []string{"aps_defaults_mail is used twice in the order"}},
		{"aps: array", registration("aps_defaults_mail=[1]"), reg + `,"apsDefaults":{"mail":[1]}`, "/items/0/apsDefaults/mail", []int{RuleAPSObject},
			[]string{"item 0: aps_defaults_mail is not a JSON object"}},
		{"aps: broken", registration("aps_defaults_mail={"), reg + `,"apsDefaults":{"mail":"{"}`, "/items/0/apsDefaults/mail", []int{RuleAPSObject},
			[]string{"item 0: aps_defaults_mail is not a JSON object"}},
		{"domain name", []string{"OrderOperationType=10", "DomainID=sh op", "TransferKey="},
			`"operation":"registration","domain":"sh op","transferKey":""`, "/items/0/domain", []int{RuleDomainName},
			[]string{`item 0: DomainID "sh op" is not a valid domain label`}},
		{"several in order", []string{"OrderOperationType=20", "DomainID=", "TransferKey=s3cret", "AdminContactID=x", "PrimaryNSID=-"},
			`"operation":"renewal","domain":"","transferKey":"s3cret","contacts":{"admin":"x"},"nameServers":["-"]`, "/items/0/domain",
			[]int{RuleDomainEmpty, RuleTransferKeyUnwanted, RuleContactID, RuleNameServerPair, RuleNameServerName, RuleNameServersUnwanted}, []string{
				"item 0: DomainID must not be empty for a domain",
				"item 0: TransferKey must be empty for registration and renewal",
				"item 0: AdminContactID must be a user id",
				bothNS,
				`item 0: PrimaryNSID "-" is not a valid host name`,
				"item 0: name servers can be set only with a registration or a transfer",
			}},
	}
}

func TestRulesOfListAndJSON(t *testing.T) {
	for _, test := range bothCases() {
		t.Run(test.name, func(t *testing.T) {
			document := fmt.Sprintf(`{"vendorAccountId":1,"items":[{"id":0,"planId":3,"periodId":5,%s}],"customer":{"accountId":500100}}`, test.fields)
			_, listErr := ReadList(oneDomain(test.params...).list())
			_, jsonErr := ReadJSON(strings.NewReader(document))
			for form, err := range map[string]error{"list": listErr, "JSON": jsonErr} {
				wantMessages(t, err, test.want...)
				faults := faultsOf(t, err)
				if got := rules(faults); !slices.Equal(got, test.rules) {
					t.Errorf("%s: rules %v, want %v", form, got, test.rules)
				}
				if len(faults) > 0 && (faults[0].Path != test.path || faults[0].Item != 0) {
					t.Errorf("%s: path %q item %d, want %q", form, faults[0].Path, faults[0].Item, test.path)
				}
				if err != nil && strings.Contains(err.Error(), "s3cret") {
					t.Errorf("%s: the text shows a value: %v", form, err)
				}
			}
		})
	}
}

// TestWholeOrderRulesOfListAndJSON covers the rules that need more than one
// item, or other sections.
func TestWholeOrderRulesOfListAndJSON(t *testing.T) {
	tests := []struct {
		name string
		list []any
		json string
		rule int
		path string
		want string
	}{
		{"group without item", sections{groups: []group{{4, []string{"DomainID="}}}, contact: existing}.list(),
			"", RuleGroupWithoutItem, "", "provisioning parameters for item 4, but the order has no item 4"},
		{"item id twice", sections{items: []string{"20=36=0=-1", "20=36=0=-1"}, contact: existing}.list(),
			`{"vendorAccountId":1,"items":[{"id":0,"planId":20,"periodId":36},{"id":0,"planId":20,"periodId":36}],"customer":{"accountId":500100}}`,
			RuleItemTwice, "/items/1/id", "ProvisioningItemID 0 is used twice in the order"},
		{"parent", sections{items: []string{"20=36=0=-1", "20=36=1=9"}, contact: existing}.list(),
			`{"vendorAccountId":1,"items":[{"id":0,"planId":20,"periodId":36},{"id":1,"planId":20,"periodId":36,"parentId":9}],"customer":{"accountId":500100}}`,
			RuleParentItem, "/items/1/parentId", "item 1: parent item 9 is not in the order"},
		{"login", withContacts([]string{"TechContactID=900"}, group{900, []string{"FirstNameID=Jo"}}),
			`{"vendorAccountId":1,"items":[{"id":0,"planId":3,"periodId":5,"operation":"registration","domain":"shop","transferKey":"","contacts":{"tech":900}}],
			  "customer":{"accountId":500100},"additionalContacts":[{"id":900,"contact":{"firstName":"Jo"}}]}`,
			RuleContactLogin, "/additionalContacts/0/login", "additional contact 900: LoginID is required for a new user"},
		{"empty login", withContacts([]string{"OwnerContactID=900"}, group{900, []string{"LoginID="}}),
			`{"vendorAccountId":1,"items":[{"id":0,"planId":3,"periodId":5,"operation":"registration","domain":"shop","transferKey":"","contacts":{"owner":900}}],
			  "customer":{"accountId":500100},"additionalContacts":[{"id":900,"login":""}]}`,
			RuleContactLogin, "/additionalContacts/0/login", "additional contact 900: LoginID is required for a new user"},
		{"aps: in two items", sections{items: []string{"20=36=0=-1", "20=36=1=-1"}, contact: existing,
			groups: []group{{0, []string{"aps_defaults_mail={}"}}, {1, []string{"aps_defaults_mail={}"}}}}.list(),
			`{"vendorAccountId":1,"items":[{"id":0,"planId":20,"periodId":36,"apsDefaults":{"mail":{}}},{"id":1,"planId":20,"periodId":36,"apsDefaults":{"mail":{}}}],"customer":{"accountId":500100}}`,
			RuleAPSService, "/items/1/apsDefaults/mail", "aps_defaults_mail is used twice in the order"},
		{"slot name", sections{contact: append([]string{"=x"}, existing...)}.list(),
			`{"vendorAccountId":1,"items":[],"customer":{"accountId":500100,"slots":{"":"x"}}}`,
			RuleSlotName, "/customer/slots/", "ContactData: slot name is empty"},
		{"slot twice", sections{contact: existing, payment: []string{"CVCID=1", "CVCID=2"}}.list(),
			`{"vendorAccountId":1,"items":[],"customer":{"accountId":500100},"payment":{"CVCID":"1","CVCID":"2"}}`,
			RuleSlotTwice, "/payment/CVCID", "PayTool: CVCID is given twice"},
		{"account", sections{contact: []string{"AccountID=x"}}.list(),
			`{"vendorAccountId":1,"items":[],"customer":{"accountId":"x"}}`,
			RuleMalformedData, "/customer/accountId", "ContactData: AccountID must be an account id"},
		{"contact twice", withContacts([]string{"TechContactID=900"}, group{900, []string{"LoginID=a"}}, group{900, []string{"LoginID=b"}}),
			`{"vendorAccountId":1,"items":[{"id":0,"planId":3,"periodId":5,"operation":"registration","domain":"shop","transferKey":"","contacts":{"tech":900}}],
			  "customer":{"accountId":500100},"additionalContacts":[{"id":900,"login":"a"},{"id":900,"login":"b"}]}`,
			RuleContactTwice, "/additionalContacts/1/id", "additional contact 900 is given twice"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := ReadList(test.list)
			wantMessages(t, err, test.want)
			all := []Faults{faultsOf(t, err)}
			if test.json != "" { // a JSON group is part of its item
				_, err := ReadJSON(strings.NewReader(test.json))
				wantMessages(t, err, test.want)
				all = append(all, faultsOf(t, err))
			}
			for _, faults := range all {
				if len(faults) == 1 && (faults[0].Rule != test.rule || faults[0].Path != test.path) {
					t.Errorf("rule %d path %q, want %d %q", faults[0].Rule, faults[0].Path, test.rule, test.path)
				}
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
		{"CountryID", "deu", "/customer/contact/country", "must be two letters"},
		{"CountryID", "1a", "/customer/contact/country", "must be two letters"},
		{"StateID", "", "/customer/contact/state", "is missing"},
		{"EmailID", "", "/customer/contact/email", "is missing"},
		{"EmailID", "jane", "/customer/contact/email", "must be an e-mail address"},
		{"PhoneCountryID", "", "/customer/contact/phone/countryCode", "is missing"},
		{"PhoneNumberID", "none", "/customer/contact/phone/number", "must hold digits"},
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
	if faults := faultsOf(t, err); len(faults) != 12 || faults[2].Message != "ContactData: FirstNameID is missing" {
		t.Errorf("faults of an empty section: %v", messages(faults))
	}
}
