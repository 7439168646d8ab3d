package assembly_test

import (
	"slices"
	"strings"

	"domainprovisioning/orders"
)

// wrongForms are orders that are wrong in several ways at once. Each says all of it.
func wrongForms() []wrong {
	sixth := both(label("my–shop"), plan(99), servers("ns_1.a.example", "ns2.a.example"), customer("CityID", ""), customer("EmailID", "jane"), customer("CountryID", "UK"))
	longCity := customer("CityID", strings.Repeat("c", 31))
	return []wrong{
		{name: "label, plan, name server, city, e-mail, country", change: sixth, want: []reason{
			{orders.RuleDomainName, theDomain, "a hyphen may be meant"},
			{orders.RulePlanUnknown, "/items/1/planId", "99 is not in the plan catalog"},
			{orders.RuleNameServerName, "/items/1/nameServers/0", `"ns_1.a.example" holds "_"`},
			{orders.RuleMissingData, "/customer/contact/city", "is missing"},
			{orders.RuleMalformedData, "/customer/contact/email", "must be an e-mail address"},
			{orders.RuleMalformedData, "/customer/contact/country", "GB is meant"},
		}},
		{name: "label, period, name server, city at Netim, e-mail, country", want: []reason{
			{orders.RuleDomainName, theDomain, "a hyphen may be meant"},
			{orders.RulePeriodUnknown, "/items/1/periodId", "9 is not a period of plan 5"},
			{orders.RuleNameServerName, "/items/1/nameServers/0", `"ns_1.a.example" holds "_"`},
			{orders.RuleRegistrar, "/customer/contact/city", "at most 30 characters, and it has 31"},
			{orders.RuleMalformedData, "/customer/contact/email", "must be an e-mail address"},
			{orders.RuleMalformedData, "/customer/contact/country", "GB is meant"},
		}, change: both(sixth, plan(planNetim), period(9), longCity)},
		{name: "everything that Names4Ever and the order form say", want: []reason{
			{orders.RuleRegistrar, "/items/1/language", "no code of a language can be given at this registrar"},
			{orders.RuleMalformedData, "/customer/contact/phone/areaCode", "without its area code"},
			{orders.RuleRegistrar, theDomain, "=Domain 'taken.classic' is already used."},
		}, change: both(plan(planClassic), label("taken"), param(1, "DomainLanguage", "DE"), customer("PhoneAreaID", ""))},
		{name: "everything that Realtime Register says", want: []reason{
			{orders.RuleRegistrar, theDomain, "this top-level domain takes 10 at most"},
			{orders.RuleRegistrar, "/items/1/language", "must not be given: the name is not internationalised"},
			{orders.RuleRegistrar, "/customer/contact/city", "at most 255 characters"},
			{orders.RuleRegistrar, "/items/1/settings/dnssec/ds/0/algorithm", "one of [3 5 6"},
		}, change: both(plan(planASCII), label("abcdefghijk"), param(1, "DomainLanguage", "DE"), customer("CityID", strings.Repeat("c", 256)),
			param(1, "DomainSettings", `{"dnssec": {"sign": true, "ds": [{"keyTag": 1, "algorithm": 200, "digestType": 2, "digest": "`+strings.Repeat("ab", 32)+`"}]}}`))},
		{name: "everything that Netim says", want: []reason{
			{orders.RuleRegistrar, "/items/1/language", "no code of a language can be given"},
			{orders.RuleRegistrar, "/items/1/periodId", "one of 2-3 for this top-level domain"},
			{orders.RuleRegistrar, "/customer/contact/city", "at most 30 characters, and it has 31"},
			{orders.RuleRegistrar, "/customer/contact/lastName", "only Latin letters"},
		}, change: both(plan(planLong), param(1, "DomainLanguage", "DE"), longCity, customer("LastNameID", "Иванова"))},
		{name: "one contact in every role", change: both(longCity, user("OwnerContactID", 7, longCity), param(1, "AdminContactID", "7"), param(1, "TechContactID", "7")), want: []reason{
			{orders.RuleRegistrar, "/additionalContacts/0/contact/city", "at most 30 characters, and it has 31"},
			{orders.RuleRegistrar, "/customer/contact/city", "at most 30 characters, and it has 31"},
		}},
		{name: "a customer with two names at one registrar", change: both(longCity, second(planNetim, "store")),
			want: because(orders.RuleRegistrar, "/customer/contact/city", "at most 30 characters, and it has 31")},
		{name: "a customer with names at two registrars", change: both(customer("CityID", strings.Repeat("c", 256)), second(planRealtime, "store")),
			want: []reason{
				{orders.RuleRegistrar, "/customer/contact/city", "at most 30 characters, and it has 256 (registrar account netim)"},
				{orders.RuleRegistrar, "/customer/contact/city", "at most 255 characters, and it has 256 (registrar account realtime)"},
			}},
		{name: "two rules for one field", change: customer("FirstNameID", strings.Repeat("Ж", 31)), want: []reason{
			{orders.RuleRegistrar, "/customer/contact/firstName", "at most 30 characters, and it has 31"},
			{orders.RuleRegistrar, "/customer/contact/firstName", "only Latin letters"},
		}},
		{name: "a bad label and another registry's rules", change: both(plan(planProperty), label("my shop"), noSlot("CompanyNameID"), customer("CountryID", "de"),
			customer("ZipID", "10115"), noSlot("StateID")), want: []reason{
			{orders.RuleDomainName, theDomain, "holds a blank at character 3"},
			{orders.RuleRegistrar, "/items/1/parameters/taxNumber", "required in this top-level domain"},
			{orders.RuleRegistrar, "/customer/contact/organisation", "required in this top-level domain"},
			{orders.RuleRegistrar, "/customer/contact/country", "not one of those of this top-level domain"},
		}},
		{name: "a bad label and a language at Names4Ever", change: both(plan(planClassic), label("my shop"), param(1, "DomainLanguage", "DE")), want: []reason{
			{orders.RuleDomainName, theDomain, "holds a blank at character 3"},
			{orders.RuleRegistrar, "/items/1/language", "no code of a language can be given at this registrar"},
		}},
		{name: "above the limit, and a city", change: both(plan(planLimited), label("dear"), longCity), want: []reason{
			{orders.RuleRegistrar, theDomain, "the price of 12.01 EUR is above the plan's limit of 12.00 EUR"},
			{orders.RuleRegistrar, "/customer/contact/city", "at most 30 characters, and it has 31"},
		}},
		{name: "premium, and a city", change: both(plan(planRealtime), label("golden"), customer("CityID", strings.Repeat("c", 256))), want: []reason{
			{orders.RuleRegistrar, theDomain, "a premium name for 250.00 EUR, and the plan has no price limit for it"},
			{orders.RuleRegistrar, "/customer/contact/city", "at most 255 characters, and it has 256"},
		}},
		{name: "an unknown account and a bad label", change: both(existing("500199"), label("my shop")), want: []reason{
			{orders.RuleAccount, "/customer/accountId", "500199 is not an account in Operations"},
			{orders.RuleDomainName, theDomain, "holds a blank at character 3"},
		}},
		{name: "nobody's user and a bad label", change: both(param(1, "TechContactID", "12"), label("my shop")), want: []reason{
			{orders.RuleAccount, "/items/1/contacts/tech", "names user 12, who is neither in Operations nor in the order"},
			{orders.RuleDomainName, theDomain, "holds a blank at character 3"},
		}},
		{name: "an unknown operation and a city", change: both(operation("30"), longCity, customer("CountryID", "UK")), want: []reason{
			{orders.RuleOperationType, "/items/1/operation", "is not one of registration"},
			{orders.RuleMalformedData, "/customer/contact/country", "GB is meant"},
		}, listWant: []reason{
			{orders.RuleOperationType, "/items/1/operation", "30 is not one of 10 (registration)"},
			{orders.RuleMalformedData, "/customer/contact/country", "GB is meant"},
		}},
		{name: "two DNSSEC records and a template", change: param(1, "DomainSettings", `{"zoneTemplate": 0, "dnssec": {"sign": true, "ds": [`+
			`{"keyTag": 70000, "algorithm": 13, "digestType": 2, "digest": "abcd"}, {"keyTag": 1, "algorithm": 0, "digestType": 2, "digest": "xyz"}]}}`),
			want: []reason{
				{orders.RuleSettings, "/items/1/settings/zoneTemplate", "must be a number above 0"},
				{orders.RuleSettings, "/items/1/settings/dnssec/ds/0/keyTag", "must be 0 to 65535"},
				{orders.RuleSettings, "/items/1/settings/dnssec/ds/0/digest", "must have 64 hexadecimal digits"},
				{orders.RuleSettings, "/items/1/settings/dnssec/ds/1/algorithm", "must be 1 to 255"},
				{orders.RuleSettings, "/items/1/settings/dnssec/ds/1/digest", "must be hexadecimal"},
			}},
	}
}

// wrongJSON are documents that only JSON can get wrong.
func wrongJSON() []wrong {
	document := func(name string, rule int, pointer, part string, pairs ...string) wrong {
		return wrong{name: "JSON: " + name, only: onlyJSON, want: because(rule, pointer, part), inJSON: func(text string) string {
			for i := 0; i < len(pairs); i += 2 {
				if !strings.Contains(text, pairs[i]) {
					return "the order lacks " + pairs[i]
				}
				text = strings.Replace(text, pairs[i], pairs[i+1], 1)
			}
			return text
		}}
	}
	whole := func(name, part, text string) wrong {
		return wrong{name: "JSON: " + name, only: onlyJSON, want: because(0, "", "="+part), inJSON: func(string) string { return text }}
	}
	return []wrong{
		document("a number for a text", orders.RuleJSONType, theDomain, "must be a string", `"domain": "shop",
      "id": 1`, `"domain": 5,
      "id": 1`),
		document("a text for a number", orders.RuleID, "/items/1/planId", "must be a whole number of 0 or more", `"planId": 5`, `"planId": "5"`),
		document("half a plan", orders.RuleID, "/items/1/planId", "must be a whole number of 0 or more", `"planId": 5`, `"planId": 5.5`),
		document("a period below zero", orders.RuleID, "/items/1/periodId", "must be a whole number of 0 or more", `"periodId": 1,`, `"periodId": -1,`),
		document("a parent that is no number", orders.RuleID, "/items/1/parentId", "must be -1 or the id of an item", `"parentId": 0`, `"parentId": "0"`),
		document("no vendor", orders.RuleJSONMissing, "/vendorAccountId", "is missing", `,
  "vendorAccountId": 1`, ``),
		document("a vendor below zero", orders.RuleID, "/vendorAccountId", "must be a whole number of 0 or more", `"vendorAccountId": 1`, `"vendorAccountId": -1`),
		document("null for a text", orders.RuleJSONType, theDomain, "must be a string", `"domain": "shop",
      "id": 1`, `"domain": null,
      "id": 1`),
		document("a contact that is a text", orders.RuleJSONType, "/customer/contact/phone", "must be an object", `"phone": {`, `"phone": "+1 212 5550100", "fax": {`),
		document("an unknown field", orders.RuleJSONUnknown, "/items/1/colour", "is an unknown field", `"domain": "shop",
      "id": 1`, `"domain": "shop", "colour": "red",
      "id": 1`),
		document("an unknown field of the customer", orders.RuleJSONUnknown, "/customer/contact/zip", "is an unknown field", `"postalCode": "10001"`, `"zip": "10001", "postalCode": "10001"`),
		document("an unknown field of the order", orders.RuleJSONUnknown, "/comment", "is an unknown field", `"vendorAccountId": 1`, `"comment": "urgent", "vendorAccountId": 1`),
		document("a key twice", orders.RuleJSONDuplicate, "/customer/login", "is given twice", `"login": "jane@shop.example"`, `"login": "jane@shop.example", "login": "joe@shop.example"`),
		document("a key twice in the settings", orders.RuleJSONDuplicate, "/items/1/settings/lock", "is given twice", `"domain": "shop",
      "id": 1`, `"domain": "shop", "settings": {"lock": true, "lock": false},
      "id": 1`),
		document("a parameter with a field of its own", orders.RuleJSONReserved, "/items/1/parameters/DomainID", "has a field of its own", `"domain": "shop",
      "id": 1`, `"domain": "shop", "parameters": {"DomainID": "shop"},
      "id": 1`),
		document("a slot with a field of its own", orders.RuleJSONReserved, "/customer/slots/CityID", "has a field of its own", `"login": "jane@shop.example"`, `"login": "jane@shop.example", "slots": {"CityID": "x"}`),
		document("an order of names that does not fit", orders.RuleJSONOrder, "/items/1/parameterOrder", "must hold each name once", `"domain": "shop",
      "id": 1`, `"domain": "shop", "parameterOrder": ["DomainID"],
      "id": 1`),
		document("an order of groups that does not fit", orders.RuleJSONOrder, "/groupOrder", "must hold the id of each item with parameters once", `"vendorAccountId": 1`, `"groupOrder": [0, 0], "vendorAccountId": 1`),
		document("a slot twice but for blanks", orders.RuleSlotTwice, "/customer/slots/NoteID", "is given twice", `"login": "jane@shop.example"`, `"login": "jane@shop.example", "slots": {"NoteID": "x", " NoteID": "y"}`),
		document("a parameter twice but for blanks", orders.RuleParameterTwice, "/items/1/parameters/R_ID", "is given twice", `"domain": "shop",
      "id": 1`, `"domain": "shop", "parameters": {"R_ID": "x", " R_ID": "y"},
      "id": 1`),
		document("a name with an equals sign", orders.RuleSlotName, "/items/1/parameters/a=b", `must not hold "=" or outer blanks in its name`, `"domain": "shop",
      "id": 1`, `"domain": "shop", "parameters": {"a=b": "x"},
      "id": 1`),
		document("values left over", orders.RuleLeftOver, "/trailing", "=1 value left over after the additional contacts section", `"vendorAccountId": 1`, `"trailing": ["terms"], "vendorAccountId": 1`),
		document("a value left over that is none", orders.RuleJSONType, "/trailing/0", "must be a string or a whole number", `"vendorAccountId": 1`, `"trailing": [null], "vendorAccountId": 1`),
		document("an additional contact without an id", orders.RuleJSONMissing, "/additionalContacts/0/id", "is missing", `"additionalContacts": []`, `"additionalContacts": [{"login": "x"}]`),
		{name: "JSON: items that are none", only: onlyJSON, want: because(orders.RuleJSONType, "/items", "must be an array"),
			change: func(o *order) { o.items = nil }, inJSON: func(text string) string { return strings.Replace(text, `"items": []`, `"items": {}`, 1) }},
		{name: "JSON: no items at all", only: onlyJSON, want: because(orders.RuleJSONMissing, "/items", "is missing"),
			change: func(o *order) { o.items = nil }, inJSON: func(text string) string { return strings.Replace(text, `"items": [],`, ``, 1) }},
		{name: "JSON: a contact that is a list", only: onlyJSON, want: because(orders.RuleJSONType, "/customer/contact", "must be an object"),
			change: func(o *order) { o.customer = o.customer[:3] }, inJSON: func(text string) string { return strings.Replace(text, `"currency"`, `"contact": [], "currency"`, 1) }},
		whole("a text of 64 KiB", "orders: a value is longer than 65536 bytes", `{"number": "`+strings.Repeat("x", 1<<16+1)+`"}`),
		whole("nothing", "the order is empty", " \n"),
		whole("not JSON", "orders: ", `{"vendorAccountId": 1`),
		whole("an array", "the order is neither an XML-RPC call nor a JSON object", `[]`),
		whole("two documents", "orders: data follows the JSON document", `{"vendorAccountId": 1} {}`),
		whole("nested too deep", "orders: the JSON document is nested deeper than 32 levels", `{"items": `+strings.Repeat("[", 40)+strings.Repeat("]", 40)+"}"),
		whole("not UTF-8", "orders: a value is not valid UTF-8 text", "{\"number\": \"\xff\"}"),
		whole("too many items", "orders: the order has more than 100 items", `{"vendorAccountId": 1, "items": [`+strings.Repeat("{},", 100)+`{}]}`),
	}
}

// wrongLists are calls that only the counted list can get wrong.
func wrongLists() []wrong {
	list := func(name string, rule int, pointer, part string, change func([]any) []any) wrong {
		return wrong{name: "list: " + name, only: onlyList, want: because(rule, pointer, part), inList: change}
	}
	set := func(old, now any) func([]any) []any {
		return func(values []any) []any {
			values = slices.Clone(values)
			if at := slices.Index(values, old); at >= 0 {
				values[at] = now
			}
			return values
		}
	}
	at := func(place int, now any) func([]any) []any {
		return func(values []any) []any { values = slices.Clone(values); values[place] = now; return values }
	}
	xml := func(name, part, old, now string) wrong {
		return wrong{name: "call: " + name, only: onlyList, want: because(0, "", "="+part), inXML: func(text string) string {
			if !strings.Contains(text, old) {
				return "the call lacks " + old
			}
			return strings.Replace(text, old, now, 1)
		}}
	}
	const first = "<value><i4>1</i4></value>" // the vendor
	return []wrong{
		list("wrong slot counter", orders.RuleSlotCounter, "/items", "=ProvisioningDataSlotCounter is 9, but the section holds 8 values: item 0 with 1 parameter makes 2 + 1, item 1 with 3 parameters makes 2 + 3", at(4, 9)),
		list("wrong parameter counter", orders.RuleParameterCounter, "/items/1", "=item 1: ProvisioningParametersCounter is 2, but 3 parameters follow", at(9, 2)),
		list("wrong item counter", orders.RuleCounter, "/items", "=ProvisioningItemsCounter is 1, but 2 items follow", at(1, 1)),
		list("cut", orders.RuleListEnds, "/payment", "=list ends in section PayTool: 1 value missing", func(values []any) []any { return values[:len(values)-2] }),
		list("without additional contacts", orders.RuleListEnds, "/additionalContacts", "=list ends in section AdditionalContactsData: 1 value missing", func(values []any) []any { return values[:len(values)-1] }),
		list("empty", orders.RuleListEnds, "/vendorAccountId", "=list ends in section VendorAccountID: 1 value missing", func([]any) []any { return nil }),
		list("values left over", orders.RuleLeftOver, "/trailing", "=1 value left over after the additional contacts section", func(values []any) []any { return append(values, "terms") }),
		list("counter below zero", orders.RuleCounterNotWhole, "/items", "=ProvisioningItemsCounter must be a whole number of 0 or more", at(1, -2)),
		list("group of no item", orders.RuleGroupWithoutItem, "/items", "=provisioning parameters for item 5, but the order has no item 5", at(5, 5)),
		list("item that is none", orders.RuleItemForm, "/items/1", "=ProvisioningItem must be PlanID=PlanPeriodID=ProvisioningItemID=ParentItemID", set("5=1=1=0", "5=1=1")),
		list("parameter without a value", orders.RuleParameterNoPair, theDomain, `=item 1: parameter "DomainID" is not Name=Value`, at(11, "DomainID")),
		list("parameter twice", orders.RuleParameterTwice, theDomain, "is given twice", func(values []any) []any {
			values = slices.Insert(slices.Clone(values), 12, any("DomainID=store"))
			values[4], values[9] = 9, 4
			return values
		}),
		list("slot without a value", orders.RuleSlotNoPair, "/customer", "=ContactData: slot 1 is not Name=Value", set("LoginID=jane@shop.example", "LoginID")),
		list("slot twice", orders.RuleSlotTwice, "/customer/login", "is given twice", set("CurrencyID=EUR", "LoginID=joe@shop.example")),
		list("contact counter", orders.RuleContactCounter, "/additionalContacts/0", "=additional contact 7: 2 parameters announced, 1 present", func(values []any) []any {
			return append(values[:len(values)-1], 1, 7, 2, "LoginID=joe@shop.example")
		}),
		list("vendor that is none", orders.RuleID, "/vendorAccountId", "=VendorAccountID must be a whole number of 0 or more", at(0, "main")),
		{name: "list: two groups for an item", only: onlyList, want: because(orders.RuleGroupTwice, "/items/1", "=item 1 has two parameter groups"), inList: func(values []any) []any {
			values = slices.Insert(slices.Clone(values), 13, any(1), any(1), any("R_ID=x"))
			values[4] = 11
			return values
		}},
		list("vendor that is half", orders.RuleID, "/vendorAccountId", "=VendorAccountID must be a whole number of 0 or more", at(0, 1.5)),
		xml("a nil", "xmlrpc: ", first, "<value><nil/></value>"),
		xml("an i8", "xmlrpc: ", first, "<value><i8>1</i8></value>"),
		xml("a number that is none", "xmlrpc: ", first, "<value><i4>one</i4></value>"),
		xml("a character that XML forbids", "xmlrpc: ", "Sampleton", "Sample&#1;ton"),
		xml("a document type", "xmlrpc: ", "<methodCall>", "<!DOCTYPE methodCall><methodCall>"),
		xml("another method of the server", `Method is "GetOrder_API" and must be PlaceOrderAndAuthorize_API`, "PlaceOrderAndAuthorize_API", "GetOrder_API"),
		xml("another server", `Server is "PEM" and must be BM`, "<value>BM</value>", "<value>PEM</value>"),
		xml("another call", `methodName is "Perform" and must be Execute`, "<methodName>Execute", "<methodName>Perform"),
		xml("without parameters", "billing: Execute needs the array Params", "<name>Params</name>", "<name>Parameters</name>"),
		xml("a transaction", "billing: AutoCommit must be Yes, or left out: transactions are not offered", "<struct>", "<struct><member><name>AutoCommit</name><value>No</value></member>"),
		xml("within a transaction", "billing: TransactionID must be left out: transactions are not offered", "<struct>", "<struct><member><name>TransactionID</name><value>5</value></member>"),
		xml("cut off", "xmlrpc: ", "</methodCall>", ""),
	}
}
