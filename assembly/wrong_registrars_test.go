package assembly_test

import (
	"fmt"
	"strings"

	"domainprovisioning/orders"
)

// wrongAtRegistrars are contacts that one registrar takes and another does not.
func wrongAtRegistrars() []wrong {
	at := func(sold int, name, pointer, part string, changes ...change) wrong {
		return wrong{name: name, change: both(plan(sold), both(changes...)), want: because(orders.RuleRegistrar, pointer, part)}
	}
	const contact, parameters = "/customer/contact/", "/items/1/parameters/"
	long := func(n int) string { return strings.Repeat("x", n) }
	tax := param(1, "taxNumber", "123")
	netim := func(slot string, most int, changes ...change) wrong {
		return at(planNetim, "Netim: long "+slot, "/customer/"+places[slot], "characters, and it has", append(changes, customer(slot, long(most+1)))...)
	}
	realtime := func(slot string, most int, changes ...change) wrong {
		return at(planRealtime, "Realtime Register: long "+slot, "/customer/"+places[slot], "characters, and it has", append(changes, customer(slot, long(most+1)))...)
	}
	belgium := both(customer("CountryID", "be"), noSlot("StateID"))
	return []wrong{
		netim("CityID", 30), netim("FirstNameID", 30), netim("LastNameID", 30), netim("CompanyNameID", 100), netim("AddressID", 80),
		netim("Address2ID", 80), netim("ZipID", 10, belgium),
		at(planNetim, "Netim: long e-mail address", contact+"email", "at most 128 characters, and it has 132", customer("EmailID", "jane@"+strings.Repeat("shop.", 24)+"example")),
		at(planNetim, "Netim: Cyrillic name", contact+"lastName", "only Latin letters, blanks, - and '", customer("LastNameID", "Иванова")),
		at(planNetim, "Netim: digit in a name", contact+"firstName", "only Latin letters, blanks, - and '", customer("FirstNameID", "Jane 2")),
		at(planNetim, "Netim: Italian province by its name", contact+"state", "at most 5 characters, and it has 6",
			customer("CountryID", "it"), customer("ZipID", "20121"), customer("StateID", "Milano")),
		at(planNetim, "Netim: Britain without a county", contact+"state", "required in this country, as a province code",
			customer("CountryID", "gb"), customer("ZipID", "SW1A 1AA"), noSlot("StateID")),
		realtime("CityID", 255), realtime("CompanyNameID", 255), realtime("AddressID", 255), realtime("Address2ID", 255), realtime("ZipID", 16, belgium),
		at(planRealtime, "Realtime Register: long names", contact+"lastName", "all names together: at most 255 characters, and it has 301", customer("FirstNameID", long(200)), customer("LastNameID", long(100))),
		at(planRealtime, "Realtime Register: country without postal codes", contact+"postalCode", "required by this registrar, even where the country has none",
			customer("CountryID", "ae"), noSlot("ZipID"), customer("StateID", "Dubai")),
		at(planProperty, "property missing", parameters+"taxNumber", "required in this top-level domain"),
		at(planProperty, "property that is no number", parameters+"taxNumber", "a whole number", param(1, "taxNumber", "GB-123")),
		at(planProperty, "property that is no date", parameters+"founded", "a date as 2026-01-31", tax, param(1, "founded", "31.01.2026")),
		at(planProperty, "property that is none of those", parameters+"legalForm", "one of LTD, SOLE", tax, param(1, "legalForm", "PLC")),
		at(planProperty, "property that nobody asked for", parameters+"shoeSize", "not asked for in this top-level domain", tax, param(1, "shoeSize", "42")),
		at(planProperty, "no company where one must be", contact+"organisation", "required in this top-level domain", tax, noSlot("CompanyNameID")),
		at(planProperty, "country that the registry does not take", contact+"country", "not one of those of this top-level domain", tax, customer("CountryID", "de"), customer("ZipID", "10115"), noSlot("StateID")),
		at(planPersons, "company where none may be", contact+"organisation", "must be empty: this top-level domain takes persons only"),
		{name: "existing customer whom Netim does not take", change: existing("500200"), want: []reason{
			{orders.RuleRegistrar, "/customer/accountId", "stands for a contact whose city breaks a rule: at most 30 characters, and it has 34 (registrar account netim)"},
			{orders.RuleRegistrar, "/customer/accountId", "stands for a contact whose lastName breaks a rule: only Latin letters"},
		}},
		{name: "existing user of no country at Names4Ever", change: both(plan(planClassic), existing("500100"), param(1, "TechContactID", "702")),
			want: because(orders.RuleRegistrar, "/items/1/contacts/tech", "stands for a contact whose country breaks a rule: not a country of ISO 3166 (registrar account names4ever)")},
		{name: "existing user whom Netim does not take", change: both(existing("500100"), param(1, "TechContactID", "700")),
			want: []reason{
				{orders.RuleRegistrar, "/items/1/contacts/tech", "stands for a contact whose city breaks a rule: at most 30 characters, and it has 34"},
				{orders.RuleRegistrar, "/items/1/contacts/tech", "stands for a contact whose lastName breaks a rule: only Latin letters"},
			}},
	}
}

// wrongOperations are orders of something that cannot be done with the domain.
func wrongOperations() []wrong {
	says := func(name string, rule int, pointer, part string, changes ...change) wrong {
		return wrong{name: name, change: both(changes...), want: because(rule, pointer, part)}
	}
	registrar := func(name, pointer, part string, changes ...change) wrong {
		return says(name, orders.RuleRegistrar, pointer, part, changes...)
	}
	const first = "/items/0/"
	all := []wrong{
		{name: "unknown operation", change: operation("30"), want: because(orders.RuleOperationType, "/items/1/operation",
			"is not one of registration, renewal, transfer, owner-change, contact-change, name-server-change, settings-change, adoption"),
			listWant: because(orders.RuleOperationType, "/items/1/operation", "30 is not one of 10 (registration), 20 (renewal), 90 (transfer)")},
		{name: "without an operation", change: noParam(1, "OrderOperationType"), want: because(orders.RuleDomainIncomplete, "/items/1/operation", "is missing: it is one of ")},
		says("without a transfer key", orders.RuleTransferKeyMissing, "/items/1/transferKey", "must be sent for every operation type", noParam(1, "TransferKey")),
		says("transfer key of a registration", orders.RuleTransferKeyUnwanted, "/items/1/transferKey", "must be empty for registration and renewal", param(1, "TransferKey", "KEY-9")),
		says("empty transfer key", orders.RuleTransferKeyEmpty, first+"transferKey", "is empty for a transfer", of("90", "taken", planNetim)),
		registrar("transfer key too long", first+"transferKey", "characters", of("90", "taken", planNetim, param(0, "TransferKey", strings.Repeat("K", 300)))),
		registrar("transfer of a name that is free", first+"domain", "is not registered anywhere: order a registration", of("90", "shop", planNetim, param(0, "TransferKey", "KEY-9"))),
		registrar("transfer of what is here", first+"domain", "is in this account already", of("90", "mine", planNetim, param(0, "TransferKey", "KEY-9"))),
		registrar("transfer at Realtime Register of a name that is free", first+"domain", "is not registered anywhere: order a registration", of("90", "shop", planRealtime, param(0, "TransferKey", "KEY-9"))),
		registrar("transfer at Realtime Register of what is here", first+"domain", "is in this account already", of("90", "mine", planRealtime, param(0, "TransferKey", "KEY-9"))),
		registrar("transfer that the registry does not offer", first+"operation", "not offered in this top-level domain", of("90", "taken", planFixed, param(0, "TransferKey", "KEY-9"))),
		registrar("transfer at Names4Ever", first+"operation", `cannot be served: registrar account "names4ever" (Names4Ever) does not serve a transfer`, of("90", "taken", planClassic, param(0, "TransferKey", "KEY-9"))),
		registrar("renewal at Names4Ever", first+"operation", "does not serve a renewal", of("20", "mine", planClassic)),
		registrar("renewal of what is not here", first+"domain", "is not in this account", of("20", "shop", planNetim)),
		registrar("renewal at Realtime Register of what is not here", first+"domain", "is not in this account", of("20", "shop", planRealtime)),
		registrar("transfer above the limit", first+"domain", "the price of 12.50 EUR is above the plan's limit of 12.00 EUR", of("90", "taken", planLimited, param(0, "TransferKey", "KEY-9"))),
		registrar("renewal above the limit", first+"domain", "the price of 13.00 EUR is above the plan's limit of 12.00 EUR", of("20", "dearer", planLimited)),
		registrar("renewal of a premium name", first+"domain", "a premium name for 250.00 EUR, and the plan has no price limit for it", of("20", "silver", planNetim)),
		registrar("renewal for a period that the registry does not take", first+"periodId", "24 months are none of [12]", of("20", "mine", planFixed, func(o *order) { o.items[0].period = 2 })),
		registrar("registration for a period that the registry does not take", "/items/1/periodId", "24 months are none of [12]", plan(planFixed), period(2)),
		registrar("renewal from another date", first+"expires", "must be the registrar's date, "+expires, of("20", "mine", planNetim, param(0, "ExpectedExpiry", "2027-04-01"))),
		registrar("renewal at Realtime Register from another date", first+"expires", "must be the registrar's date, "+expires, of("20", "mine", planRealtime, param(0, "ExpectedExpiry", "2027-04-01"))),
		says("renewal from no date", orders.RuleExpires, first+"expires", "must be a date of the form YYYY-MM-DD", of("20", "mine", planNetim, param(0, "ExpectedExpiry", "01.05.2027"))),
		says("renewal from a day that is none", orders.RuleExpires, first+"expires", "must be a date of the form YYYY-MM-DD", of("20", "mine", planNetim, param(0, "ExpectedExpiry", "2027-02-30"))),
		says("expiry of a registration", orders.RuleExpires, "/items/1/expires", "is for a renewal or an adoption only", param(1, "ExpectedExpiry", expires)),
		registrar("lock at Names4Ever", "/items/1/settings/lock", "does not serve a lock-change", plan(planClassic), param(1, "DomainSettings", `{"lock": true}`)),
	}
	return append(append(all, wrongSettings()...), ourOperations()...)
}

// wrongSettings are settings that cannot be made. They are the same object in both forms.
func wrongSettings() []wrong {
	set := func(name string, rule int, path, part, settings string, changes ...change) wrong {
		return wrong{name: "settings: " + name, change: both(param(1, "DomainSettings", settings), both(changes...)), want: because(rule, "/items/1/settings"+path, part)}
	}
	form := func(name, path, part, settings string) wrong {
		return set(name, orders.RuleSettings, path, part, settings)
	}
	registrar := func(name string, sold int, path, part, settings string) wrong {
		return set(name, orders.RuleRegistrar, path, part, settings, plan(sold))
	}
	ds := func(digestType, digest string) string {
		return `{"dnssec": {"sign": true, "ds": [{"keyTag": 1, "algorithm": 13, "digestType": ` + digestType + `, "digest": "` + digest + `"}]}}`
	}
	key := func(flags, protocol, algorithm, publicKey string) string {
		return `{"dnssec": {"sign": true, "key": {"flags": ` + flags + `, "protocol": ` + protocol + `, "algorithm": ` + algorithm + `, "publicKey": "` + publicKey + `"}}}`
	}
	good := ds("2", strings.Repeat("ab", 32))
	return []wrong{
		form("nothing", "", "changes nothing", `{}`),
		form("unknown", "", `has the unknown field "colour"`, `{"colour": "red"}`),
		form("unknown in DNSSEC", "", `has the unknown field "keys"`, `{"dnssec": {"sign": true, "keys": []}}`),
		form("key and records", "/dnssec", "takes key or ds, not both", strings.Replace(good, `"ds"`, `"key": {"flags": 257, "protocol": 3, "algorithm": 15, "publicKey": "`+strings.Repeat("A", 43)+`="}, "ds"`, 1)),
		form("nine records", "/dnssec/ds", "takes at most 8 records", records(9, 13)),
		form("lock that is no flag", "/lock", "has the wrong type", `{"lock": "on"}`),
		form("template zero", "/zoneTemplate", "must be a number above 0", `{"zoneTemplate": 0}`),
		form("SHA-256 digest too short", "/dnssec/ds/0/digest", "must have 64 hexadecimal digits for digest type 2, and has 40", ds("2", strings.Repeat("ab", 20))),
		form("SHA-1 digest too long", "/dnssec/ds/0/digest", "must have 40 hexadecimal digits for digest type 1, and has 64", ds("1", strings.Repeat("ab", 32))),
		form("SHA-384 digest too short", "/dnssec/ds/0/digest", "must have 96 hexadecimal digits for digest type 4, and has 64", ds("4", strings.Repeat("ab", 32))),
		form("digest that is none", "/dnssec/ds/0/digest", "must be hexadecimal", ds("2", "digest")),
		form("digest type zero", "/dnssec/ds/0/digestType", "must be 1 to 255", ds("0", strings.Repeat("ab", 32))),
		form("key too short", "/dnssec/key/publicKey", "must have 64 octets for algorithm 13, and has 3", key("257", "3", "13", "AAAA")),
		form("key that is none", "/dnssec/key/publicKey", "must be base64", key("257", "3", "13", "???")),
		form("RSA key cut", "/dnssec/key/publicKey", "is not a whole RSA key", key("257", "3", "8", "AwEA")),
		form("flags of no key", "/dnssec/key/flags", "must be 256 or 257", key("1", "3", "13", strings.Repeat("AAAA", 21)+"AA==")),
		form("protocol of no key", "/dnssec/key/protocol", "must be 3", key("257", "4", "13", strings.Repeat("AAAA", 21)+"AA==")),
		form("key without signing", "/dnssec/sign", "must be true with key or ds", strings.Replace(good, "true", "false", 1)),
		registrar("lock where there is none", planPlain, "/lock", "not offered in this top-level domain", `{"lock": true}`),
		registrar("privacy where there is none", planPlain, "/privacy", "not offered in this top-level domain", `{"privacy": true}`),
		registrar("automatic renewal where there is none", planPlain, "/autoRenewal", "not offered in this top-level domain", `{"autoRenewal": true}`),
		registrar("DNSSEC where there is none", planPlain, "/dnssec", "not offered in this top-level domain", good),
		registrar("DNSSEC at a registry without", planFixed, "/dnssec", "not offered in this top-level domain", good),
		registrar("privacy at a registry without", planFixed, "/privacy", "not offered in this top-level domain", `{"privacy": true}`),
		registrar("lock at a registry without", planFixed, "/lock", "not offered in this top-level domain", `{"lock": true}`),
		registrar("algorithm that the API does not know", planRealtime, "/dnssec/ds/0/algorithm", "one of [3 5 6 7 8", strings.Replace(good, "13", "200", 1)),
		registrar("algorithm that the registry does not take", planRealtime, "/dnssec/ds/0/algorithm", "one of [8 10 13 14 15 16] in this top-level domain", strings.Replace(good, "13", "5", 1)),
		registrar("digest type that the API does not know", planRealtime, "/dnssec/ds/0/digestType", "1, 2 or 4", ds("3", strings.Repeat("ab", 32))),
		registrar("more records than the registry takes", planRealtime, "/dnssec/ds", "at most 4 records in this top-level domain", records(5, 13)),
		registrar("records of two algorithms at Netim", planNetim, "/dnssec/ds/1/algorithm", "the same for all records at this registrar", strings.Replace(records(2, 13), "13", "8", 1)),
		{name: "settings: no JSON", change: param(1, "DomainSettings", "on"), want: because(orders.RuleJSONType, "/items/1/settings", "must be an object"),
			listWant: because(orders.RuleSettings, "/items/1/settings", "must be a JSON object of dnssec, lock, privacy, autoRenewal and zoneTemplate")},
	}
}

// records are settings with so many DS records.
func records(count, algorithm int) string {
	all := make([]string, count)
	for n := range all {
		all[n] = fmt.Sprintf(`{"keyTag": %d, "algorithm": %d, "digestType": 2, "digest": "%s"}`, n, algorithm, strings.Repeat("ab", 32))
	}
	return `{"dnssec": {"sign": true, "ds": [` + strings.Join(all, ", ") + `]}}`
}

// ourOperations are those that only JSON has a word for.
func ourOperations() []wrong {
	only := func(name string, rule int, pointer, part, word, domain string, sold int, changes ...change) wrong {
		return wrong{name: word + " " + name, only: onlyJSON, want: because(rule, pointer, part),
			change: both(of(word, domain, sold, noParam(0, "TransferKey")), both(changes...))}
	}
	const first = "/items/0/"
	return []wrong{
		only("without an owner", orders.RuleOperationNeeds, first+"contacts/owner", "is missing: an owner-change needs the new owner", "owner-change", "mine", planNetim),
		only("without a contact", orders.RuleOperationNeeds, first+"contacts/admin", "is missing, and so are tech and billing", "contact-change", "mine", planNetim),
		only("without name servers", orders.RuleOperationNeeds, first+"nameServers/0", "is missing: a name-server-change needs name servers", "name-server-change", "mine", planNetim),
		only("without settings", orders.RuleOperationNeeds, first+"settings", "is missing: a settings-change needs settings", "settings-change", "mine", planNetim),
		only("with a key", orders.RuleTransferKeyUnwanted, first+"transferKey", "is for a transfer only", "settings-change", "mine", planNetim,
			param(0, "TransferKey", "KEY-9"), param(0, "DomainSettings", `{"lock": true}`)),
		only("with name servers", orders.RuleNameServersUnwanted, first+"nameServers/0", "can be set only with a registration, a transfer or a name-server-change", "settings-change", "mine", planNetim,
			servers("ns1.a.example", "ns2.a.example"), param(0, "DomainSettings", `{"lock": true}`)),
		only("of an owner that Netim does not take", orders.RuleRegistrar, "/additionalContacts/0/contact/city", "at most 30 characters, and it has 31", "owner-change", "mine", planNetim,
			user("OwnerContactID", 7, customer("CityID", strings.Repeat("c", 31)))),
		only("of what is not here", orders.RuleRegistrar, first+"domain", "is not in this account", "name-server-change", "shop", planRealtime, servers("ns1.a.example", "ns2.a.example")),
		only("of what is not at Netim", orders.RuleRegistrar, first+"domain", "is not in this account", "name-server-change", "shop", planNetim, servers("ns1.a.example", "ns2.a.example")),
		only("of what is not here", orders.RuleRegistrar, first+"domain", "is not in this account", "settings-change", "shop", planRealtime, param(0, "DomainSettings", `{"lock": true}`)),
		only("of what is not at Netim", orders.RuleRegistrar, first+"domain", "is not in this account", "settings-change", "shop", planNetim, param(0, "DomainSettings", `{"lock": true}`)),
		only("of what is not at Netim", orders.RuleRegistrar, first+"domain", "is not in this account", "contact-change", "shop", planNetim, user("TechContactID", 7)),
		only("of what is not at Netim", orders.RuleRegistrar, first+"domain", "is not in this account", "owner-change", "shop", planNetim, user("OwnerContactID", 7)),
		only("above the limit", orders.RuleRegistrar, first+"domain", "the price of 13.00 EUR is above the plan's limit of 12.00 EUR", "owner-change", "dearer", planLimited, user("OwnerContactID", 7)),
		only("of what is not here", orders.RuleRegistrar, first+"domain", "must be in the registrar account already, and it is not", "adoption", "shop", planNetim),
		only("of another customer's", orders.RuleAccount, first+"domain", "exists in Operations under account 500777", "adoption", "theirs", planNetim),
		only("of another expiry", orders.RuleRegistrar, first+"expires", "must be the registrar's date, "+expires, "adoption", "mine", planNetim, param(0, "ExpectedExpiry", "2027-04-01")),
		only("of what is registered", orders.RuleRegistrar, first+"domain", "must be in redemption, and is registered", "restore", "mine", planNetim),
		only("of what is registered there", orders.RuleRegistrar, first+"domain", "must be in redemption, and is registered", "restore", "mine", planRealtime),
		only("of what is not here", orders.RuleRegistrar, first+"domain", "is not in this account", "restore", "shop", planRealtime),
		only("of what is not at Netim", orders.RuleRegistrar, first+"domain", "is not in this account", "restore", "shop", planNetim),
		only("above the limit", orders.RuleRegistrar, first+"domain", "the price of 10.00 EUR is above the plan's limit of 9.00 EUR", "restore", "gone", planLimited),
		only("at Names4Ever", orders.RuleRegistrar, first+"operation", "does not serve a restore", "restore", "mine", planClassic),
		only("at Names4Ever", orders.RuleRegistrar, first+"operation", "does not tell which domains it has", "adoption", "mine", planClassic),
		only("with name servers", orders.RuleNameServersUnwanted, first+"nameServers/0", "can be set only with", "adoption", "mine", planNetim, servers("ns1.a.example", "ns2.a.example")),
	}
}
