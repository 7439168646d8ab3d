package epp

// The namespaces of RFC 5730 to 5733, 3915, 5910, 8748, 8807, 8590, 9167 and 8334.
const (
	nsEPP         = "urn:ietf:params:xml:ns:epp-1.0"
	nsDomain      = "urn:ietf:params:xml:ns:domain-1.0"
	nsHost        = "urn:ietf:params:xml:ns:host-1.0"
	nsContact     = "urn:ietf:params:xml:ns:contact-1.0"
	nsRGP         = "urn:ietf:params:xml:ns:rgp-1.0"
	nsSecDNS      = "urn:ietf:params:xml:ns:secDNS-1.1"
	nsFee         = "urn:ietf:params:xml:ns:epp:fee-1.0"
	nsLoginSec    = "urn:ietf:params:xml:ns:epp:loginSec-1.0"
	nsChangePoll  = "urn:ietf:params:xml:ns:changePoll-1.0"
	nsMaintenance = "urn:ietf:params:xml:ns:epp:maintenance-1.0"
	nsLaunch      = "urn:ietf:params:xml:ns:launch-1.0"
)

// loose is the form of elements without a type: the schema takes anything there.
var loose = &form{loose: true}

// newGrammar returns all that a client may send.
func newGrammar() grammar {
	g := grammar{}
	g.add(nsEPP, map[string]*form{"epp": {parts: []part{either(
		[]part{one("hello", loose)},
		[]part{one("command", commandForm())},
	)}}})
	g.add(nsDomain, domainForms())
	g.add(nsHost, hostForms())
	g.add(nsContact, contactForms())
	g.add(nsRGP, rgpForms())
	g.add(nsSecDNS, secDNSForms())
	g.add(nsFee, feeForms())
	g.add(nsLoginSec, loginSecForms())
	g.add(nsLaunch, launchForms())
	return g
}

func commandForm() *form {
	object := group(part{elsewhere: true, least: 1, most: 1})
	version := like(`[1-9]+\.[0-9]+`, 3, 0) // another one than 1.0 has a code of its own, 2100
	extensions := group(some("extURI", leaf(uri)))
	login := group(
		one("clID", leaf(clID)), one("pw", leaf(password)), maybe("newPW", leaf(password)),
		one("options", group(one("version", leaf(version)), one("lang", leaf(language)))),
		one("svcs", group(some("objURI", leaf(uri)), maybe("svcExtension", extensions))),
	)
	poll := (&form{}).with("op", words("ack", "req"), true).with("msgID", anyToken, false)
	transfer := object.with("op", words("approve", "cancel", "query", "reject", "request"), true)
	return group(
		either(
			[]part{one("check", object)}, []part{one("create", object)}, []part{one("delete", object)}, []part{one("info", object)},
			[]part{one("login", login)}, []part{one("logout", loose)}, []part{one("poll", poll)}, []part{one("renew", object)},
			[]part{one("transfer", transfer)}, []part{one("update", object)},
		),
		maybe("extension", group(part{elsewhere: true, least: 1, most: -1})),
		maybe("clTRID", leaf(token(3, 64))),
	)
}

func pw() *form { return leaf(line(0, 0)).with("roid", roid, false) }

func authInfo(more ...[]part) *form {
	alternatives := append([][]part{
		{one("pw", pw())}, {one("ext", group(part{elsewhere: true, least: 1, most: 1}))},
	}, more...)
	return group(either(alternatives...))
}

func periodForm() *form { return leaf(whole(1, 99)).with("unit", words("y", "m"), true) }

func status(allowed ...string) *form {
	return leaf(line(0, 0)).with("s", words(allowed...), true).with("lang", language, false)
}

func addressForm() *form { return leaf(address).with("ip", words("v4", "v6"), false) }

func domainForms() map[string]*form {
	names := one("name", leaf(label))
	servers := group(either(
		[]part{some("hostObj", leaf(label))},
		[]part{some("hostAttr", group(one("hostName", leaf(label)), several("hostAddr", addressForm(), 0, -1)))},
	))
	contact := several("contact", leaf(clID).with("type", words("admin", "billing", "tech"), false), 0, -1)
	period := maybe("period", periodForm())
	change := group(
		maybe("ns", servers), contact,
		several("status", status(
			"clientDeleteProhibited", "clientHold", "clientRenewProhibited", "clientTransferProhibited", "clientUpdateProhibited",
			"inactive", "ok", "pendingCreate", "pendingDelete", "pendingRenew", "pendingTransfer", "pendingUpdate",
			"serverDeleteProhibited", "serverHold", "serverRenewProhibited", "serverTransferProhibited", "serverUpdateProhibited",
		), 0, 11),
	)
	return map[string]*form{
		"check":  group(some("name", leaf(label))),
		"create": group(names, period, maybe("ns", servers), maybe("registrant", leaf(clID)), contact, one("authInfo", authInfo())),
		"delete": group(names),
		"info": group(
			one("name", leaf(label).with("hosts", words("all", "del", "none", "sub"), false)), maybe("authInfo", authInfo()),
		),
		"renew":    group(names, one("curExpDate", leaf(date)), period),
		"transfer": group(names, period, maybe("authInfo", authInfo())),
		"update": group(names, maybe("add", change), maybe("rem", change), maybe("chg", group(
			maybe("registrant", leaf(token(0, 16))), maybe("authInfo", authInfo([]part{one("null", loose)})),
		))),
	}
}

func hostForms() map[string]*form {
	name := one("name", leaf(label))
	change := group(several("addr", addressForm(), 0, -1), several("status", status(
		"clientDeleteProhibited", "clientUpdateProhibited", "linked", "ok", "pendingCreate", "pendingDelete", "pendingTransfer",
		"pendingUpdate", "serverDeleteProhibited", "serverUpdateProhibited",
	), 0, 7))
	return map[string]*form{
		"check":  group(some("name", leaf(label))),
		"create": group(name, several("addr", addressForm(), 0, -1)),
		"delete": group(name),
		"info":   group(name),
		"update": group(name, maybe("add", change), maybe("rem", change), maybe("chg", group(name))),
	}
}

func contactForms() map[string]*form {
	id := one("id", leaf(clID))
	kind := words("loc", "int")
	street := several("street", leaf(line(0, 255)), 0, 3)
	address := group(street, one("city", leaf(line(1, 255))), maybe("sp", leaf(line(0, 255))), maybe("pc", leaf(token(0, 16))), one("cc", leaf(token(2, 2))))
	postal := group(one("name", leaf(line(1, 255))), maybe("org", leaf(line(0, 255))), one("addr", address)).with("type", kind, true)
	changed := group(maybe("name", leaf(line(1, 255))), maybe("org", leaf(line(0, 255))), maybe("addr", address)).with("type", kind, true)
	phone := leaf(e164).with("x", anyToken, false)
	which := (&form{}).with("type", kind, true)
	disclose := maybe("disclose", group(
		several("name", which, 0, 2), several("org", which, 0, 2), several("addr", which, 0, 2),
		maybe("voice", loose), maybe("fax", loose), maybe("email", loose),
	).with("flag", boolean, true))
	statuses := group(several("status", status(
		"clientDeleteProhibited", "clientTransferProhibited", "clientUpdateProhibited", "linked", "ok", "pendingCreate", "pendingDelete",
		"pendingTransfer", "pendingUpdate", "serverDeleteProhibited", "serverTransferProhibited", "serverUpdateProhibited",
	), 1, 7))
	return map[string]*form{
		"check": group(some("id", leaf(clID))),
		"create": group(
			id, several("postalInfo", postal, 1, 2), maybe("voice", phone), maybe("fax", phone), one("email", leaf(token(1, 0))),
			one("authInfo", authInfo()), disclose,
		),
		"delete":   group(id),
		"info":     group(id, maybe("authInfo", authInfo())),
		"transfer": group(id, maybe("authInfo", authInfo())),
		"update": group(id, maybe("add", statuses), maybe("rem", statuses), maybe("chg", group(
			several("postalInfo", changed, 0, 2), maybe("voice", phone), maybe("fax", phone), maybe("email", leaf(token(1, 0))),
			maybe("authInfo", authInfo()), disclose,
		))),
	}
}
