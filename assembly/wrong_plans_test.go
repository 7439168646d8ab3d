package assembly_test

import "domainprovisioning/orders"

// wrongPlans are orders whose items do not fit the catalog or each other.
func wrongPlans() []wrong {
	return []wrong{
		{name: "unknown plan", change: plan(99), want: because(orders.RulePlanUnknown, "/items/1/planId", "99 is not in the plan catalog")},
		{name: "hosting plan for a domain", change: plan(planHosting), want: because(orders.RulePlanKind, "/items/1/planId", "20 is a hosting plan, but the item orders a domain")},
		{name: "unknown hosting plan", change: func(o *order) { o.items[0].plan = 98 }, want: because(orders.RulePlanUnknown, "/items/0/planId", "98 is not in the plan catalog")},
		{name: "domain plan for hosting", change: func(o *order) { o.items[0].plan = planNetim },
			want: because(orders.RulePlanKind, "/items/0/planId", "5 is a domain plan, but the item orders no operation for a domain")},
		{name: "unknown period", change: period(9), want: because(orders.RulePeriodUnknown, "/items/1/periodId", "9 is not a period of plan 5, which sells 1 (1 year), 2 (2 years)")},
		{name: "period that the registrar does not take", change: plan(planLong), want: because(orders.RuleRegistrar, "/items/1/periodId", "one of 2-3 for this top-level domain")},
		{name: "top-level domain that is not sold", change: plan(planUnsold), want: because(orders.RuleRegistrar, "/items/1/planId", "the top-level domain is not sold (registrar account netim)")},
		{name: "without what the plan requires", change: plan(planFields), want: because(orders.RuleRequiredField, "/items/1/parameters/R_ID", "is missing: plan 10 at registrar account netim requires it for a registration")},
		{name: "what the plan requires is empty", change: both(plan(planFields), param(1, "R_ID", " ")), want: because(orders.RuleRequiredField, "/items/1/parameters/R_ID", "is empty: plan 10")},
		{name: "subscription of a new customer", change: param(1, "ExistingSubscriptionID", "700"),
			want: because(orders.RuleSubscription, "/items/1/subscriptionId", "is for an order of an existing account")},
		{name: "subscription that is no id", change: both(existing("500100"), param(1, "ExistingSubscriptionID", "0")),
			want: because(orders.RuleSubscription, "/items/1/subscriptionId", "must be the id of a subscription")},
		{name: "subscription that is a text", change: both(existing("500100"), param(1, "ExistingSubscriptionID", "main")), only: onlyList,
			want: because(orders.RuleSubscription, "/items/1/subscriptionId", "must be the id of a subscription")},
		{name: "subscription that is not there", change: both(existing("500100"), param(0, "ExistingSubscriptionID", "699")),
			want: because(orders.RuleSubscription, "/items/0/subscriptionId", "699 is not a subscription in Operations")},
		{name: "subscription of a renewal", change: of("20", "mine", planNetim, param(0, "ExistingSubscriptionID", "700")),
			want: because(orders.RuleSubscription, "/items/0/subscriptionId", "is given, but a renewal uses no subscription")},
		{name: "no items", change: func(o *order) { o.items = nil }, want: because(orders.RuleNothingToProvide, "/items", "=the order has no items")},
		{name: "an item id twice", change: func(o *order) {
			o.items = []item{{plan: planHosting, id: 3, parent: -1, period: 36}, {plan: planHosting, id: 3, parent: -1, period: 36}}
		}, want: []reason{{orders.RuleItemTwice, "/items/1/id", "3 is used twice in the order"}}},
		{name: "a parent that is not there", change: func(o *order) { o.items[1].parent = 7 }, want: because(orders.RuleParentItem, "/items/1/parentId", "7 is not an item of the order")},
		{name: "a domain with a domain", change: func(o *order) { o.do(second(planNetim, "store")); o.items[2].parent = 1 },
			want: because(orders.RuleParentKind, "/items/2/parentId", "1 is not a hosting item")},
		{name: "hosting with hosting", change: func(o *order) { o.items = append(o.items, item{plan: planHosting, period: 36, id: 2, parent: 0}) },
			want: because(orders.RuleParentKind, "/items/2/parentId", "is given, but a hosting item cannot have a parent item")},
		{name: "renewal with hosting", change: both(operation("20"), label("mine"), existing("500100")),
			want: because(orders.RuleParentKind, "/items/1/parentId", "is given, but a renewal takes no hosting: order the hosting by itself")},
		{name: "renewal for a new customer", change: both(operation("20"), label("mine"), alone),
			want: because(orders.RuleAccount, "/customer/accountId", "is missing: a renewal is for a domain of an existing account")},
		{name: "a resource that is no object", change: param(0, "aps_defaults_mail", "on"), want: because(orders.RuleAPSObject, "/items/0/apsDefaults/mail", "is not a JSON object")},
		{name: "a resource twice", change: both(param(0, "aps_defaults_mail", "{}"), param(1, "aps_defaults_mail", "{}")),
			want: because(orders.RuleAPSService, "/items/1/apsDefaults/mail", "is used twice in the order")},
		{name: "a resource of no service", change: param(0, "aps_defaults_", "{}"), want: because(orders.RuleAPSService, "/items/0/apsDefaults/", "*has no service id")},
		{name: "a parameter without a name", change: param(1, "", "x"), want: because(orders.RuleParameterName, "/items/1/parameters/", "*is given without a name")},
		{name: "a slot without a name", change: customer("", "x"), want: because(orders.RuleSlotName, "/customer/slots/", "*is given without a name")},
		{name: "a number in use", only: onlyJSON, change: func(o *order) { o.number = "OPEN-1" }, want: because(0, "/number", "=order number OPEN-1 belongs to an order with other contents; use another number")},
		{name: "a number that is none", only: onlyJSON, change: func(o *order) { o.number = "ORDER 1/2" }, want: because(orders.RuleNumber, "/number", "must be 1 to 64 letters, digits, dots, hyphens or underscores")},
	}
}

// wrongServers are orders with name servers that cannot be.
func wrongServers() []wrong {
	const first, next = "/items/1/nameServers/0", "/items/1/nameServers/1"
	given := func(name string, want []reason, hosts ...string) wrong {
		return wrong{name: "name servers: " + name, change: servers(hosts...), want: want}
	}
	named := func(pointer, part string) []reason { return because(orders.RuleNameServerName, pointer, part) }
	all := []wrong{
		given("only a primary", because(orders.RuleNameServerPair, next, "is missing: name servers need a secondary"), "ns1.a.example"),
		given("only a secondary", because(orders.RuleNameServerPair, first, "is missing: name servers need a primary"), "", "ns2.a.example"),
		given("a fourth without a third", because(orders.RuleFourthWithoutThird, "/items/1/nameServers/3", "is given without a third"), "ns1.a.example", "ns2.a.example", "", "ns4.a.example"),
		given("twice", because(orders.RuleNameServerTwice, next, "ns1.a.example is given twice"), "ns1.a.example", "NS1.A.example."),
		given("underscore", named(first, "a hyphen may be meant"), "ns_1.a.example", "ns2.a.example"),
		given("one label", named(next, "has no top-level domain"), "ns1.a.example", "ns2"),
		given("address", named(first, "ends with a number, as an address does"), "192.0.2.1", "ns2.a.example"),
		given("symbol", named(next, `holds "♥" (U+2665) at character 3 in label 1`), "ns1.a.example", "ns♥.a.example"),
		given("empty label", named(first, "has an empty label"), "ns1..example", "ns2.a.example"),
		{name: "name servers: too short for Realtime Register", change: both(plan(planRealtime), servers("ns1.a.example", "a.b")),
			want: because(orders.RuleRegistrar, next, "of at least 4 characters")},
		given("below the name", because(orders.RuleHostBelow, first, "ns1.shop.example is below the ordered name and needs its addresses, "), "ns1.shop.example", "ns2.a.example"),
		given("the name itself", because(orders.RuleHostBelow, next, "shop.example is below the ordered name and needs its addresses, "), "ns1.a.example", "shop.example"),
		{name: "name servers of a renewal", change: of("20", "mine", planNetim, servers("ns1.a.example", "ns2.a.example")),
			want: because(orders.RuleNameServersUnwanted, "/items/0/nameServers/0", "can be set only with a registration or a transfer")},
		{name: "too few name servers for the registry", change: both(plan(planPersons), customer("CompanyNameID", ""), servers("ns1.a.example", "ns2.a.example")),
			want: because(orders.RuleRegistrar, "/items/1/nameServers", "at least 3 in this top-level domain")},
	}
	return append(all, wrongAddresses()...)
}

// wrongAddresses are name servers with addresses, which only JSON has a place for.
func wrongAddresses() []wrong {
	host := func(name string, addresses ...any) map[string]any {
		return map[string]any{"host": name, "addresses": addresses}
	}
	given := func(name string, want []reason, hosts ...any) wrong {
		return wrong{name: "host: " + name, only: onlyJSON, change: func(o *order) { o.items[1].hosts = hosts }, want: want}
	}
	address := func(value any, part string) wrong {
		return given(part, because(orders.RuleHostAddress, "/items/1/nameServers/0/addresses/0", part), host("ns1.shop.example", value), "ns2.a.example")
	}
	many := make([]any, 14)
	for n := range many {
		many[n] = "192.0.2." + string(rune('a'+n))
	}
	return []wrong{
		address("ns1", "must be an IPv4 or IPv6 address"), address("::ffff:192.0.2.1", "must be written as an IPv4 address: 192.0.2.1"),
		address("127.0.0.1", "must not be a loopback address"), address("0.0.0.0", "must not be the unspecified address"),
		address("224.0.0.1", "must not be a multicast address"), address("fe80::1", "must not be a link-local address"),
		address("fe80::1%eth0", "must be an address without a zone"), address("255.255.255.255", "must not be the broadcast address"),
		given("an address twice", because(orders.RuleHostAddress, "/items/1/nameServers/0/addresses/1", "is given twice"), host("ns1.shop.example", "192.0.2.1", "192.0.2.1"), "ns2.a.example"),
		given("too many addresses", because(orders.RuleHostAddress, "/items/1/nameServers/0/addresses", "holds 14 addresses, and at most 13 are possible"), host("ns1.shop.example", many...), "ns2.a.example"),
		given("addresses of a foreign host", because(orders.RuleHostBelow, "/items/1/nameServers/0/addresses", "are given for ns1.a.example, which is not below the ordered name shop.example"), host("ns1.a.example", "192.0.2.1"), "ns2.a.example"),
		given("addresses of no host", because(orders.RuleJSONMissing, "/items/1/nameServers/0/host", "is missing"), map[string]any{"addresses": []any{"192.0.2.1"}}, "ns2.a.example"),
		given("five", because(orders.RuleJSONType, "/items/1/nameServers", "must hold at most 4 name servers"), "ns1.a.example", "ns2.a.example", "ns3.a.example", "ns4.a.example", "ns5.a.example"),
		given("a number", because(orders.RuleJSONType, "/items/1/nameServers/0", "must be a string"), 5, "ns2.a.example"),
		given("addresses without brackets", because(orders.RuleJSONType, "/items/1/nameServers/0/addresses", "must be an array"), map[string]any{"host": "ns1.shop.example", "addresses": "192.0.2.1"}, "ns2.a.example"),
		{name: "host: at a registrar that keeps none", only: onlyJSON, change: func(o *order) {
			o.do(plan(planClassic))
			o.items[1].hosts = []any{host("ns1.shop.classic", "192.0.2.1"), "ns2.a.example"}
		}, want: because(orders.RuleRegistrar, "/items/1/nameServers/0", "is below the domain, and hosts with addresses cannot be registered at this registrar")},
		{name: "host: too many addresses for the registry", only: onlyJSON, change: func(o *order) {
			o.do(plan(planASCII))
			o.items[1].hosts = []any{host("ns1.shop.ascii", "192.0.2.1", "192.0.2.2"), "ns2.a.example"}
		}, want: because(orders.RuleRegistrar, "/items/1/nameServers/0", "in this top-level domain")},
	}
}
