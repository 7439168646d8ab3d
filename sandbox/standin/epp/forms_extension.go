package epp

func rgpForms() map[string]*form {
	mixed := &form{mixed: true}
	said := mixed.with("lang", language, false)
	report := group(
		one("preData", mixed), one("postData", mixed), one("delTime", leaf(dateTime)), one("resTime", leaf(dateTime)),
		one("resReason", said), several("statement", said, 1, 2), maybe("other", mixed),
	)
	return map[string]*form{
		"update": group(one("restore", group(maybe("report", report)).with("op", words("request", "report"), true))),
	}
}

func secDNSForms() map[string]*form {
	key := group(one("flags", leaf(short)), one("protocol", leaf(octet)), one("alg", leaf(octet)), one("pubKey", leaf(base64Binary)))
	ds := group(
		one("keyTag", leaf(short)), one("alg", leaf(octet)), one("digestType", leaf(octet)), one("digest", leaf(hexBinary)), maybe("keyData", key),
	)
	life := maybe("maxSigLife", leaf(integer(`^[+-]?[0-9]+$`, 1, 1<<31-1)))
	records := []part{some("dsData", ds)}
	keys := []part{some("keyData", key)}
	set := group(life, either(records, keys))
	return map[string]*form{
		"create": set,
		"update": group(
			maybe("rem", group(either([]part{one("all", leaf(boolean))}, records, keys))),
			maybe("add", set), maybe("chg", group(life)),
		).with("urgent", boolean, false),
	}
}

func feeForms() map[string]*form {
	command := group(maybe("period", periodForm())).
		with("name", words("create", "delete", "renew", "update", "transfer", "restore", "custom"), false).
		with("customName", anyToken, false).with("phase", anyToken, false).with("subphase", anyToken, false).with("standard", boolean, false)
	fee := leaf(feeAmount).with("description", text, false).with("refundable", boolean, false).
		with("grace-period", duration, false).with("applied", words("immediate", "delayed"), false)
	transform := group(
		maybe("currency", leaf(currency)), some("fee", fee), several("credit", leaf(credit).with("description", text, false), 0, -1),
	)
	return map[string]*form{
		"check":  group(maybe("currency", leaf(currency)), some("command", command)),
		"create": transform, "renew": transform, "transfer": transform, "update": transform,
	}
}

func loginSecForms() map[string]*form {
	os, tech := maybe("os", leaf(anyToken)), maybe("tech", leaf(anyToken))
	agent := group(either(
		[]part{one("app", leaf(anyToken)), tech, os},
		[]part{one("tech", leaf(anyToken)), os},
		[]part{one("os", leaf(anyToken))},
	))
	long := leaf(token(6, 0))
	return map[string]*form{"loginSec": group(maybe("userAgent", agent), maybe("pw", long), maybe("newPW", long))}
}

// launchForms has what a registration in a phase needs, without marks.
func launchForms() map[string]*form {
	phase := leaf(words("sunrise", "landrush", "claims", "open", "custom")).with("name", anyToken, false)
	notice := group(
		one("noticeID", leaf(token(1, 0)).with("validatorID", anyToken, false)),
		one("notAfter", leaf(dateTime)), one("acceptedDate", leaf(dateTime)),
	)
	return map[string]*form{
		"create": group(one("phase", phase), several("notice", notice, 0, -1)).with("type", words("application", "registration"), false),
	}
}
