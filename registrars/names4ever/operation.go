package names4ever

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode"

	"golang.org/x/text/language"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/names4ever/internal"
)

// requestID derives the id of a document from the key of its request. The same key
// always gives the same 36 characters, all of which XML can carry.
func requestID(request registrars.Request) string {
	sum := sha256.Sum256([]byte(request.Key + "\n"))
	return "REQ-" + hex.EncodeToString(sum[:16])
}

// callOf returns the operation that serves a kind; "" if none does.
func callOf(kind registrars.Kind) string {
	switch kind {
	case registrars.Registration:
		return internal.AddDomain
	case registrars.ContactChange, registrars.NameServerChange:
		return internal.ModifyDomain
	case registrars.Deletion:
		return internal.DeleteDomain
	}
	return ""
}

// operationOf converts a request to an operation of the API, and checks it. Its error names
// everything that is wrong. whole is false at the intake of an order, when contacts, name servers and password may not
// be known yet.
func operationOf(request registrars.Request, whole bool) (internal.Operation, error) {
	call := callOf(request.Kind)
	if call == "" {
		return internal.Operation{}, unserved()
	}
	found := []error{request.UnkeptHosts().In(pluginName, call), request.UntakenLanguage().In(pluginName, call)}
	operation := internal.NewOperation(call, request.Domain.String())
	operation.Password = request.DomainPassword.Reveal()
	if strings.ContainsFunc(operation.Password, notText) {
		found = append(found, errs.Invalid(call, "domainPassword", "domain password must be of characters that XML carries unchanged"))
	}
	switch request.Kind {
	case registrars.Registration:
		operation.Years = request.Years
		if owner, given := request.Contacts[registrars.Owner]; given {
			owner.Role = registrars.Owner
			found = append(found, owner.UntakenExtra().In(pluginName, call))
			if operation.Organization = organisationOf(owner.Details); operation.Organization == "" {
				found = append(found, errs.Invalid(call, "owner.organisation", internal.NoOrganization))
			}
		}
		operation.NameServers = nameServersOf(request.NameServers)
	case registrars.NameServerChange:
		if whole && len(request.NameServers) == 0 {
			found = append(found, errs.Invalid(call, "nameServers", internal.NameServerCount(0)))
		}
		operation.NameServers = nameServersOf(request.NameServers)
	}
	if request.Kind == registrars.Registration || request.Kind == registrars.ContactChange {
		contacts, err := contactsOf(call, request.Contacts)
		operation.Contacts, found = contacts, append(found, err)
	}
	if err := registrars.Join(found...); err != nil || request.Nameless() {
		return operation, err
	}
	return operation, broken(call, operation.Check(whole))
}

// notText reports whether XML would change the character on its way: the document
// would then carry a different password from the one stored.
func notText(r rune) bool { return unicode.IsControl(r) || r == unicode.ReplacementChar }

func nameServersOf(hosts domains.NameServers) []internal.NameServer {
	servers := make([]internal.NameServer, 0, len(hosts))
	for i, host := range hosts {
		servers = append(servers, internal.NameServer{Priority: i + 1, FQDN: host})
	}
	return servers
}

// organisationOf returns the registrant in the form that the API takes.
func organisationOf(owner domains.Contact) string {
	owner = owner.Normalised()
	return internal.Organization(owner.Organisation, strings.TrimSpace(owner.FirstName+" "+owner.LastName))
}

// contactsOf converts the contacts, in a fixed order. The owner is not one of them.
func contactsOf(call string, given map[registrars.Role]registrars.Contact) ([]internal.Contact, error) {
	var contacts []internal.Contact
	var found []error
	for _, known := range []struct {
		role registrars.Role
		name string
	}{
		{registrars.Admin, internal.TypeAdmin}, {registrars.Tech, internal.TypeTech}, {registrars.Billing, internal.TypeBilling},
	} {
		contact, has := given[known.role]
		if !has {
			continue
		}
		written, err := contactOf(call, known.role, contact)
		written.Type = known.name
		contacts, found = append(contacts, written), append(found, err)
	}
	return contacts, registrars.Join(found...)
}

// voiceOf formats a number as it is dialled from abroad.
func voiceOf(p domains.Phone) string {
	p = p.International()
	return internal.Voice(p.CountryCode, p.AreaCode, p.Number)
}

func contactOf(call string, role registrars.Role, given registrars.Contact) (internal.Contact, error) {
	given.Role = role
	broken := given.Missing()
	c := given.Details.Normalised()
	// Not Region.IsCountry: UK is one for it, and "ZZZ" in three letters.
	if c.Country != "" && domains.CountryProblem(c.Country) != "" {
		broken.Add(given.Breaks("country", "not a country of ISO 3166"))
	}
	region, _ := language.ParseRegion(c.Country)
	const tenDigits = "a number of country code 1 has ten digits"
	voice, fax := voiceOf(c.Phone), ""
	if !c.Phone.IsZero() && voice == "" {
		broken.Add(given.Breaks("phone", tenDigits))
	}
	if !c.Fax.IsZero() {
		if fax = voiceOf(c.Fax); fax == "" {
			broken.Add(given.Breaks("fax", tenDigits))
		}
	}
	return internal.Contact{
		FirstName: internal.FirstName(c.FirstName, c.MiddleName), LastName: c.LastName, Organization: c.Organisation,
		Address: internal.Address{
			Street: internal.Street(c.Address1, c.Address2), City: c.City, State: c.State,
			PostalCode: c.PostalCode, Country: region.ISO3(),
		},
		Voice: voice, Fax: fax, Email: c.Email,
	}, broken.In(pluginName, call)
}
