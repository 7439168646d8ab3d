package assembly_test

import (
	"strings"

	"domainprovisioning/orders"
)

// wrongPeople are orders of customers and for users whose data no system can use.
func wrongPeople() []wrong {
	all := []wrong{}
	for slot := range strings.FieldsSeq("LoginID PasswordID FirstNameID LastNameID AddressID CityID ZipID CountryID StateID EmailID PhoneCountryID PhoneNumberID") {
		missing := because(orders.RuleMissingData, "/customer/"+places[slot], "is missing")
		all = append(all, wrong{name: "without " + slot, change: noSlot(slot), want: missing},
			wrong{name: "empty " + slot, change: customer(slot, "  "), want: missing})
	}
	bad := func(name, part string, pairs ...string) wrong {
		var changes []change
		for i := 0; i < len(pairs); i += 2 {
			changes = append(changes, customer(pairs[i], pairs[i+1]))
		}
		return wrong{name: "customer: " + name, change: both(changes...), want: because(orders.RuleMalformedData, "/customer/"+places[pairs[len(pairs)-2]], part)}
	}
	abroad := func(name, part, country, state, zip string, last ...string) wrong {
		return bad(name, part, append([]string{"CountryID", country, "StateID", state, "ZipID", zip}, last...)...)
	}
	all = append(all,
		bad("country UK", "must be a code of two letters of ISO 3166-1: GB is meant", "CountryID", "UK"),
		bad("country USA", "must be a code of two letters of ISO 3166-1: US is meant", "CountryID", "USA"),
		bad("country by its name", "must be a code of two letters of ISO 3166-1: DE is meant", "CountryID", "Germany"),
		bad("country that is none", "must be a code of two letters of ISO 3166-1", "CountryID", "XX"),
		bad("country not assigned", "must be a code of two letters of ISO 3166-1", "CountryID", "XK"),
		bad("state that is none", "must be a state, province or territory of US", "StateID", "Bavaria"),
		bad("state of another country", "must be a state, province or territory of CA", "CountryID", "ca", "ZipID", "K1A 0B1", "StateID", "NY"),
		bad("postal code with letters", "must be five digits, or nine with a hyphen", "ZipID", "1000l"),
		abroad("postal code of the Netherlands", "must be a code such as 1234 AB", "nl", "", "12345"),
		abroad("postal code of Canada", "must be a code such as K1A 0B1", "ca", "ON", "10001"),
		abroad("postal code of Britain", "must be a code such as SW1A 1AA", "gb", "Kent", "10001"),
		abroad("postal code of Australia", "must be four digits", "au", "NSW", "10001"),
		bad("e-mail without a host", "must be an e-mail address such as name@example.com", "EmailID", "jane"),
		bad("e-mail with a name", "must be the address alone", "EmailID", "Jane <jane@shop.example>"),
		bad("two e-mail addresses", "must be an e-mail address such as name@example.com", "EmailID", "jane@shop.example, joe@shop.example"),
		bad("e-mail of one label", "has a domain that is not valid", "EmailID", "jane@shop"),
		bad("e-mail with a Unicode domain", `must have its domain in coded form ("xn--")`, "EmailID", "jane@büro.example"),
		bad("e-mail with a Unicode name", "must have only ASCII characters before the @", "EmailID", "jané@shop.example"),
		bad("e-mail with a long name", "has more than 64 characters before the @", "EmailID", strings.Repeat("j", 65)+"@shop.example"),
		bad("e-mail too long", "is longer than 254 characters", "EmailID", "jane@"+strings.Repeat("shop.", 50)+"example"),
		bad("telephone with letters", "must hold only digits", "PhoneNumberID", "555-SHOP"),
		bad("telephone with an extension", "must hold only digits", "PhoneNumberID", "5550100 x12"),
		bad("telephone too long", "makes more than 15 digits with the codes", "PhoneNumberID", "555010012345678"),
		bad("telephone too short", "is too short for a telephone number", "PhoneCountryID", "49", "PhoneAreaID", "", "PhoneNumberID", "1"),
		bad("telephone of no country", "is not a country code", "PhoneCountryID", "999"),
		bad("country code with the area", "is not a country code: +1 is one, and the rest belongs to the area code", "PhoneCountryID", "1212"),
		bad("country code with letters", "must hold only digits", "PhoneCountryID", "US"),
		bad("country in the area code", "must not begin with 00", "PhoneAreaID", "001212"),
		bad("telephone without its area", "is missing: the number has the length of one without its area code", "PhoneAreaID", ""),
		bad("extension with letters", "must hold only digits", "PhoneExtensionID", "ext 5"),
		bad("fax with letters", "must hold only digits", "FaxCountryID", "1", "FaxAreaID", "212", "FaxNumberID", "none"),
		bad("fax of no country", "is not a country code", "FaxNumberID", "5550100", "FaxAreaID", "212", "FaxCountryID", "999"),
		bad("currency that is none", "must be a code of three letters of ISO 4217", "CurrencyID", "EURO"),
		bad("flag that is none", "must be 0 or 1", "FullyRegistred", "yes"),
	)
	all = append(all, wrong{name: "fax without its country", change: both(customer("FaxNumberID", "5550100"), customer("FaxAreaID", "212")),
		want: because(orders.RuleMissingData, "/customer/contact/fax/countryCode", "is missing")})
	return append(append(all, wrongText()...), wrongAccounts()...)
}

// wrongText are texts that cannot travel.
func wrongText() []wrong {
	line := func(slot string) wrong {
		return wrong{name: "line break in " + slot, change: customer(slot, "a\nb"),
			want: because(orders.RuleText, "/customer/"+places[slot], "must be one line: it holds a line break, U+000A, at character 2")}
	}
	// An XML document that holds such a character is none, so only JSON can carry it here.
	never := func(name string, change change, pointer, part string) wrong {
		return wrong{name: "text: " + name, only: onlyJSON, change: change, want: because(orders.RuleText, pointer, part)}
	}
	var all []wrong
	for slot := range strings.FieldsSeq("CityID AddressID CompanyNameID LastNameID EmailID LoginID PasswordID PromoCodeID") {
		all = append(all, line(slot))
	}
	return append(all,
		wrong{name: "separator of lines in a city", change: customer("CityID", "Sample\u2028ton"), want: because(orders.RuleText, "/customer/contact/city", "it holds a line break, U+2028, at character 7")},
		wrong{name: "line break in a payment", change: func(o *order) { o.payment = o.payment.with("PayToolID", "3\r\n4") },
			want: because(orders.RuleText, "/payment/PayToolID", "it holds a line break, U+000D, at character 2")},
		wrong{name: "line break in a parameter", change: param(1, "R_NAME", "Jane\nExample"), want: because(orders.RuleText, "/items/1/parameters/R_NAME", "it holds a line break, U+000A, at character 5")},
		wrong{name: "line break in a transfer key", change: of("90", "taken", planNetim, param(0, "TransferKey", "KEY\n9")),
			want: because(orders.RuleText, "/items/0/transferKey", "it holds a line break, U+000A, at character 4")},
		never("control character", customer("CityID", "Sample\u0001ton"), "/customer/contact/city", "holds a character that cannot be sent: U+0001, at character 7"),
		never("no character", customer("CompanyNameID", "Shop\uFFFE"), "/customer/contact/organisation", "holds a character that cannot be sent: U+FFFE, at character 5"),
		never("zero", customer("PasswordID", "pass\u0000word"), "/customer/password", "holds a character that cannot be sent: U+0000, at character 5"),
		never("bell in a slot without a field", customer("NoteID", "\u0007"), "/customer/slots/NoteID", "U+0007, at character 1"),
		never("escape in a name", customer("Note\u001bID", "x"), "/customer/slots/Note\u001bID", "*holds a character that cannot be sent: U+001B, at character 5 in its name"),
		never("address of several lines", customer("PostAddressID", "1 Main Street\n\u0002"), "/customer/postalAddress", "U+0002, at character 15"),
	)
}

// wrongAccounts are customers and users who are not those that they seem to be.
func wrongAccounts() []wrong {
	const tech = "/items/1/contacts/tech"
	seventh := func(name string, rule int, pointer, part string, changes ...change) wrong {
		return wrong{name: "user: " + name, change: user("TechContactID", 7, changes...), want: because(rule, "/additionalContacts/0"+pointer, part)}
	}
	return []wrong{
		{name: "account that is not there", change: existing("500199"), want: because(orders.RuleAccount, "/customer/accountId", "500199 is not an account in Operations")},
		{name: "account that is no number", change: existing("main"), want: because(orders.RuleMalformedData, "/customer/accountId", "must be an account id")},
		{name: "account with zeros before", change: existing("0500100"), only: onlyList, want: because(orders.RuleMalformedData, "/customer/accountId", "must be an account id")},
		{name: "login in Operations", change: customer("LoginID", "user-500100"),
			want: because(orders.RuleAccount, "/customer/login", "is in use in Operations: give the customer's account in ")},
		{name: "login of an open order", change: customer("LoginID", "open@shop.example"),
			want: because(orders.RuleAccount, "/customer/login", "is that of order OPEN-1, which is to have account ")},
		{name: "role that is no id", change: param(1, "TechContactID", "Jane"), want: because(orders.RuleContactID, tech, "must be a user id")},
		{name: "role below zero", change: param(1, "TechContactID", "-1"), want: because(orders.RuleContactID, tech, "must be a user id")},
		{name: "role of nobody", change: param(1, "TechContactID", "12"), want: because(orders.RuleAccount, tech, "names user 12, who is neither in Operations nor in the order")},
		{name: "role of nobody in an existing account", change: both(existing("500100"), param(1, "OwnerContactID", "12")),
			want: because(orders.RuleAccount, "/items/1/contacts/owner", "names user 12, who is neither in Operations nor in the order")},
		seventh("without a login", orders.RuleContactLogin, "/login", "is required for a new user", noSlot("LoginID")),
		seventh("login in Operations", orders.RuleAccount, "/login", "is in use in Operations by a user of another account: give another login", customer("LoginID", "user-500100")),
		seventh("without a city", orders.RuleMissingData, "/contact/city", "is missing", noSlot("CityID")),
		seventh("country UK", orders.RuleMalformedData, "/contact/country", "GB is meant", customer("CountryID", "UK")),
		seventh("telephone with letters", orders.RuleMalformedData, "/contact/phone/number", "must hold only digits", customer("PhoneNumberID", "CALL ME")),
		seventh("line break in a city", orders.RuleText, "/contact/city", "it holds a line break", customer("CityID", "a\nb")),
		seventh("city too long at Netim", orders.RuleRegistrar, "/contact/city", "at most 30 characters, and it has 31 (registrar account netim)", customer("CityID", strings.Repeat("c", 31))),
		seventh("login of the customer", orders.RuleContactLogin, "/login", "is that of another new user of the order", customer("LoginID", "jane@shop.example")),
		{name: "user: two with one login", change: both(user("TechContactID", 7), user("AdminContactID", 8, customer("LoginID", "user-7@shop.example"))),
			want: because(orders.RuleContactLogin, "/additionalContacts/1/login", "is that of another new user of the order")},
		{name: "user: two with one id", change: both(user("TechContactID", 7), user("AdminContactID", 7)),
			want: because(orders.RuleContactTwice, "/additionalContacts/1/id", "7 is given twice")},
	}
}
