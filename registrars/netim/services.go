package netim

import (
	"strings"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/netim/internal"
)

// service describes the function that serves one kind of request.
type service struct {
	kind     registrars.Kind
	function string
	// codes are those under which the operation is listed, in any case.
	codes []string
	// paid says that the request may cost money. fee is the member of
	// StructQueryDomainPrice, and perYear says that it is multiplied by the years.
	paid    bool
	fee     string
	perYear bool
	// when chooses between services of one kind; nil means always.
	when func(registrars.Request) bool
	// arguments follow the session id, in the order of the API.
	arguments []argument
	// verdict judges by the domain whether the request was carried out; nil means
	// that the domain does not show it.
	verdict func(registrars.Request, state) registrars.FindingState
}

// argument builds one argument of a function, or several that belong together.
type argument func(registrars.Request) []internal.Value

// services lists everything that Submit serves. A domainSetPreference without a
// suffix is not among the codes, because it may be any setting.
var services = []service{
	{
		kind: registrars.Registration, function: "domainCreate", codes: []string{"domainCreate", "domainCreateLP"},
		paid: true, fee: "Fee4Registration", perYear: true,
		arguments: []argument{domainName, owner, others, nameServers, duration, noTemplate}, verdict: arrived,
	},
	{
		kind: registrars.Transfer, function: "domainTransferIn",
		codes: append([]string{"domainTransferIn"}, internal.OtherTransferCodes()...),
		paid:  true, fee: "Fee4Transfer",
		arguments: []argument{domainName, authCode, owner, others, nameServers}, verdict: transferred,
	},
	{
		kind: registrars.Renewal, function: "domainRenew", codes: []string{"domainRenew"},
		paid: true, fee: "Fee4Renewal", perYear: true,
		arguments: []argument{domainName, duration}, verdict: renewed,
	},
	{
		kind: registrars.Restore, function: "domainRestore", codes: []string{"domainRestore"},
		paid: true, fee: "Fee4Restore",
		arguments: []argument{domainName}, verdict: restored,
	},
	{
		kind: registrars.OwnerChange, function: "domainTransferOwner", codes: []string{"domainTransferOwner"},
		paid: true, fee: "Fee4Trade",
		arguments: []argument{domainName, owner}, verdict: contactsSet,
	},
	{
		kind: registrars.ContactChange, function: "domainChangeContact", codes: []string{"domainChangeContact"},
		arguments: []argument{domainName, others}, verdict: contactsSet,
	},
	{
		kind: registrars.NameServerChange, function: "domainChangeDNS", codes: []string{"domainChangeDNS"},
		arguments: []argument{domainName, nameServers}, verdict: delegated,
	},
	{
		kind: registrars.AuthCodeChange, function: "domainAuthID", codes: []string{"domainAuthid"},
		arguments: []argument{domainName, toReseller},
	},
	{
		kind: registrars.Deletion, function: "domainDelete", codes: []string{"domainDelete"},
		arguments: []argument{domainName, deleteNow}, verdict: deleted,
	},
	{
		kind: registrars.DNSSECChange, function: "domainSetDNSsec", codes: []string{"domainSetDNSSEC"},
		when: signedHere, arguments: []argument{domainName, signature}, verdict: signed,
	},
	{
		kind: registrars.DNSSECChange, function: "domainSetDNSSecExt", codes: []string{"domainSetDNSSECExt"},
		arguments: []argument{domainName, keyMaterial}, verdict: keysKnown,
	},
	preference(registrars.LockChange, "registrar_lock"),
	preference(registrars.PrivacyChange, "whois_privacy"),
	preference(registrars.AutoRenewalChange, "auto_renew"),
	{
		kind: registrars.ZoneReset, function: "domainZoneInit", codes: []string{"domainZoneInit"},
		arguments: []argument{domainName, template},
	},
}

const setPreference = "domainSetPreference"

func preference(kind registrars.Kind, name string) service {
	return service{
		kind: kind, function: setPreference, codes: []string{setPreference + "." + name}, verdict: switched,
		arguments: []argument{domainName, func(r registrars.Request) []internal.Value {
			return []internal.Value{internal.String(name), internal.String(flag(*r.Kind.Switch(r.Settings)))}
		}},
	}
}

// serviceFor finds the service of a complete request.
func serviceFor(request registrars.Request) (service, bool) {
	for _, s := range services {
		if s.kind == request.Kind && (s.when == nil || s.when(request)) {
			return s, true
		}
	}
	return service{}, false
}

// reports tells whether a reply to the service's function may carry the code:
// that of its kind, or the bare name of the function.
func (s service) reports(code string) bool {
	return kindOf(code) == s.kind || strings.EqualFold(code, s.function)
}

// kindOf returns the kind of an operation code; "" for a kind that we never ask
// for, and for a code that does not determine the kind.
func kindOf(code string) registrars.Kind {
	for _, s := range services {
		for _, known := range s.codes {
			if strings.EqualFold(known, code) {
				return s.kind
			}
		}
	}
	return ""
}

func domainName(r registrars.Request) []internal.Value {
	return []internal.Value{internal.String(r.Domain.String())}
}

func authCode(r registrars.Request) []internal.Value {
	return []internal.Value{internal.Secret(r.AuthCode.Reveal())}
}

func owner(r registrars.Request) []internal.Value { return handles(r, registrars.Owner) }

func others(r registrars.Request) []internal.Value {
	return handles(r, registrars.Admin, registrars.Tech, registrars.Billing)
}

func handles(r registrars.Request, roles ...registrars.Role) []internal.Value {
	values := make([]internal.Value, 0, len(roles))
	for _, role := range roles {
		values = append(values, internal.String(r.Contacts[role].Handle))
	}
	return values
}

// nameServers always builds five arguments, as the API requires.
func nameServers(r registrars.Request) []internal.Value {
	values := make([]internal.Value, 0, maxNameServers)
	for i := range maxNameServers {
		host := ""
		if i < len(r.NameServers) {
			host = r.NameServers[i]
		}
		values = append(values, internal.String(host))
	}
	return values
}

func duration(r registrars.Request) []internal.Value {
	return []internal.Value{internal.Int(r.Years)}
}

// noTemplate leaves the zone of a new domain to the account's template.
func noTemplate(registrars.Request) []internal.Value { return []internal.Value{internal.Nil()} }

// toReseller asks for the new code to be sent to us; 1 would mail it to the
// registrant.
func toReseller(registrars.Request) []internal.Value {
	return []internal.Value{internal.Int(0)}
}

func deleteNow(registrars.Request) []internal.Value {
	return []internal.Value{internal.String("NOW")}
}

func signedHere(r registrars.Request) bool {
	return r.Settings.DNSSEC == nil || r.Settings.DNSSEC.Key == nil && len(r.Settings.DNSSEC.DS) == 0
}

func signature(r registrars.Request) []internal.Value {
	value := 0
	if r.Settings.DNSSEC.Sign {
		value = 1
	}
	return []internal.Value{internal.Int(value)}
}

// keyMaterial sends one algorithm for all records; checkDNSSEC has made sure
// that they agree.
func keyMaterial(r registrars.Request) []internal.Value {
	d := r.Settings.DNSSEC
	key := domains.DNSKEY{Flags: internal.DSFlags, Protocol: internal.DSProtocol}
	if d.Key != nil {
		key = *d.Key
	} else {
		key.Algorithm = d.DS[0].Algorithm
	}
	return []internal.Value{
		internal.Array("StructDSRecord", d.DS, func(ds domains.DS) internal.Value {
			return internal.Struct("StructDSRecord", internal.Member{Name: "key", Value: internal.Int(ds.KeyTag)},
				internal.Member{Name: "type", Value: internal.Int(ds.DigestType)}, internal.Member{Name: "digest", Value: internal.String(ds.Digest)})
		}),
		internal.Int(key.Flags), internal.Int(key.Protocol), internal.Int(key.Algorithm), internal.String(key.PublicKey),
	}
}

func template(r registrars.Request) []internal.Value {
	return []internal.Value{internal.Int(*r.Settings.ZoneTemplate)}
}

func flag(on bool) string {
	if on {
		return "1"
	}
	return "0"
}
