package registrarstest

import (
	"fmt"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
)

// expires is computed once, so that midnight cannot fall between a domain and its
// renewal.
var expires = time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 3, 0)

// Expires is when the domains in the requests expire: at midnight UTC, three months
// from now.
func Expires() time.Time { return expires }

// Request returns a sound request of a kind, about the domain d<number> of a top-level
// domain, for use by a World. Every field that the kind has is filled with a value of its own:
// five name servers, and contacts (see Contact). The caller takes away what the
// registrar does not take, such as the fifth name server; adds secrets, handles, additional
// fields of the owner (Extra, two where possible) and whatever else the registrar requires; and
// makes the stand-in hold the domain of the request, with the expiry date Expires and all
// switches off, and for a restore in redemption. Templates of the zone have the numbers 3 and 7.
func Request(kind registrars.Kind, number int, tld string) registrars.Request {
	request := registrars.Request{
		Key: fmt.Sprintf("SO-%d/0/%s", number, kind), Submission: 1, Kind: kind,
		Domain: domains.MustParseName(fmt.Sprintf("d%d.%s", number, tld)), TLD: tld,
		Contacts: map[registrars.Role]registrars.Contact{}, Settings: setting(kind),
	}
	if kind.HasPeriod() {
		request.Years = 1
	}
	switch kind {
	case registrars.Renewal:
		request.Expires = expires
	case registrars.Restore:
		// Without a limit a person would have to accept the price.
		request.PriceLimit = &registrars.Price{Cents: 1000_00}
	}
	if kind.Delegates() {
		// Not in the order of their names, so that sorting them is seen.
		request.NameServers = domains.NameServers{"ns3.dns.example", "ns1.dns.example", "ns5.dns.example", "ns2.dns.example", "ns4.dns.example"}
	}
	for _, role := range kind.Roles() {
		request.Contacts[role] = Contact(role)
	}
	return request
}

// setting returns a value for the one setting that a kind changes.
func setting(kind registrars.Kind) domains.Settings {
	on, template := true, zoneTemplates[0]
	switch kind {
	case registrars.DNSSECChange:
		return domains.Settings{DNSSEC: &domains.DNSSEC{Sign: true}}
	case registrars.LockChange:
		return domains.Settings{Lock: &on}
	case registrars.PrivacyChange:
		return domains.Settings{Privacy: &on}
	case registrars.AutoRenewalChange:
		return domains.Settings{AutoRenewal: &on}
	case registrars.ZoneReset:
		return domains.Settings{ZoneTemplate: &template}
	}
	return domains.Settings{}
}
