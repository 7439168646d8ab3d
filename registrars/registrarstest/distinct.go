package registrarstest

import (
	"encoding/base64"
	"strings"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
)

// Contact returns the contact of a role for the requests of a World. Every field is filled, and
// no two roles have a value in common, so that a field that is dropped or comes from another
// role is seen.
func Contact(role registrars.Role) registrars.Contact {
	contact := registrars.Contact{Role: role}
	switch role {
	case registrars.Owner:
		contact.Details = domains.Contact{
			Title: "Dr.", FirstName: "Olga", MiddleName: "Odile", LastName: "Holder", Organisation: "Holder & Daughters Ltd",
			Address1: "1 Holderstreet", Address2: "Floor 11", PostalCode: "10001", City: "New York", State: "NY", Country: "us",
			Phone: domains.Phone{CountryCode: "1", AreaCode: "212", Number: "5550100", Extension: "71"},
			Fax:   domains.Phone{CountryCode: "1", AreaCode: "212", Number: "5550101", Extension: "72"}, Email: "olga@holder.example",
		}
	case registrars.Admin:
		contact.Details = domains.Contact{
			Title: "Prof.", FirstName: "Andrée", MiddleName: "Anaïs", LastName: "Manager", Organisation: "Management Inc.",
			Address1: "2 Managers' Road", Address2: "Suite 22", PostalCode: "M5V 2T6", City: "Toronto", State: "ON", Country: "CA",
			Phone: domains.Phone{CountryCode: "1", AreaCode: "416", Number: "5550110", Extension: "73"},
			Fax:   domains.Phone{CountryCode: "1", AreaCode: "416", Number: "5550111", Extension: "74"}, Email: "andree@manager.example",
		}
	case registrars.Tech:
		contact.Details = domains.Contact{
			Title: "Eng.", FirstName: "Tim", MiddleName: "Theo", LastName: "Engineer", Organisation: "Engineering Pty",
			Address1: "3 Engine Lane", Address2: "Hall 33", PostalCode: "2000", City: "Sydney", State: "NSW", Country: "AU",
			// As it is dialled inside the country.
			Phone: domains.Phone{CountryCode: "61", AreaCode: "02", Number: "55500120", Extension: "75"},
			Fax:   domains.Phone{CountryCode: "61", AreaCode: "02", Number: "55500121", Extension: "76"}, Email: "tim@engineer.example",
		}
	case registrars.Billing:
		contact.Details = domains.Contact{
			Title: "Rag.", FirstName: "Bruno", MiddleName: "Biagio", LastName: "Payer", Organisation: "Pagamenti Srl",
			Address1: "Via dei Conti 4", Address2: "Scala 44", PostalCode: "00184", City: "Roma", State: "RM", Country: "IT",
			Phone: domains.Phone{CountryCode: "39", AreaCode: "06", Number: "5550130", Extension: "77"},
			Fax:   domains.Phone{CountryCode: "39", AreaCode: "06", Number: "5550131", Extension: "78"}, Email: "bruno@payer.example",
		}
	}
	return contact
}

// personal are texts of the contacts that no error may contain.
func personal() []string {
	roles := registrars.Roles()
	texts := make([]string, 0, 3*len(roles))
	for _, role := range roles {
		c := Contact(role).Details
		texts = append(texts, c.Email, c.Address1, c.Phone.Number)
	}
	return texts
}

// variant is a request of a kind with other content.
type variant struct {
	// field names what only this variant has; if it is not carried, the variant is left out. ""
	// is always requested.
	field string
	apply func(*registrars.Request)
}

// variants returns the contents with which a kind is requested. The requests of one list are
// about one domain, one after the other: a value that was set is set to another one.
func (s Subject) variants(kind registrars.Kind) [][]variant {
	plain := variant{apply: func(*registrars.Request) {}}
	set := func(settings domains.Settings) variant {
		return variant{kind.SettingField(), func(r *registrars.Request) { r.Settings = settings }}
	}
	on, off := true, false
	switch kind {
	case registrars.LockChange:
		return [][]variant{{set(domains.Settings{Lock: &on}), set(domains.Settings{Lock: &off})}}
	case registrars.PrivacyChange:
		return [][]variant{{set(domains.Settings{Privacy: &on}), set(domains.Settings{Privacy: &off})}}
	case registrars.AutoRenewalChange:
		return [][]variant{{set(domains.Settings{AutoRenewal: &on}), set(domains.Settings{AutoRenewal: &off})}}
	case registrars.ZoneReset:
		first, second := zoneTemplates[0], zoneTemplates[1]
		return [][]variant{{set(domains.Settings{ZoneTemplate: &first}), set(domains.Settings{ZoneTemplate: &second})}}
	case registrars.DNSSECChange:
		key, ds := set(domains.Settings{DNSSEC: &domains.DNSSEC{Sign: true, Key: distinctKey()}}), set(domains.Settings{DNSSEC: &domains.DNSSEC{Sign: true, DS: distinctDS()}})
		key.field, ds.field = "settings.dnssec.key", "settings.dnssec.ds"
		return [][]variant{
			{set(domains.Settings{DNSSEC: &domains.DNSSEC{Sign: true}}), set(domains.Settings{DNSSEC: &domains.DNSSEC{}})}, {key}, {ds},
		}
	case registrars.Registration:
		language := variant{"language", func(r *registrars.Request) {
			r.Language, r.Domain = s.Language, domains.MustParseName("bücher."+r.Suffix())
		}}
		return [][]variant{{plain}, {language}}
	}
	return [][]variant{{plain}}
}

// zoneTemplates are the numbers of the templates that requests ask for.
var zoneTemplates = [2]int{3, 7}

func distinctKey() *domains.DNSKEY {
	return &domains.DNSKEY{Flags: 257, Protocol: 3, Algorithm: 13, PublicKey: base64.StdEncoding.EncodeToString([]byte(strings.Repeat("key.", 16)))}
}

// distinctDS have one algorithm, because a key has only one.
func distinctDS() []domains.DS {
	return []domains.DS{
		{KeyTag: 4711, Algorithm: 13, DigestType: 2, Digest: strings.Repeat("AB12CD34", 8)},
		{KeyTag: 4712, Algorithm: 13, DigestType: 4, Digest: strings.Repeat("EF56AB78", 12)},
	}
}
