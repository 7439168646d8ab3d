package orders

import (
	"slices"
	"strconv"
	"strings"

	"domainprovisioning/domains"
)

// This file maps the fields of the typed order to their names in the two forms. The
// readers and writers go along these tables, and so do the texts of what is wrong.

// Parameter names with fixed rules (docs/protocols/orders.md, section 3.2). Any other
// name is a parameter of the service template or of the registrar.
const (
	ParamOperationType  = "OrderOperationType"
	ParamDomainID       = "DomainID" // a domain name, not an id
	ParamTransferKey    = "TransferKey"
	ParamOwnerContact   = paramOwner
	ParamAdminContact   = "AdminContactID"
	ParamBillingContact = "BillingContactID"
	ParamTechContact    = "TechContactID"
	ParamPrimaryNS      = "PrimaryNSID"
	ParamSecondaryNS    = "SecondaryNSID"
	ParamThirdNS        = "ThirdNSID"
	ParamFourthNS       = "FourthNSID"
	apsPrefix           = "aps_defaults_"

	// ParamSettings and those after it are our own; an order system may send them like a
	// registrar's parameters.
	ParamSettings = "DomainSettings" // JSON object of domains.Settings
	ParamExpires  = "ExpectedExpiry" // of a renewal or an adoption: YYYY-MM-DD
	ParamLanguage = "DomainLanguage" // of an internationalised name: the registry's code
	// ParamSubscription is a subscription of the account that the item uses instead of a new
	// one.
	ParamSubscription = "ExistingSubscriptionID"
)

// itemField is a parameter with a field of its own. set reports false for a text that the
// field cannot hold.
type itemField struct {
	parameter string
	path      string // in an item of the JSON form; its fields joined by "/"
	text      func(*Item) string
	set       func(*Item, string) bool
}

var itemFields = []itemField{
	{ParamOperationType, "operation",
		func(i *Item) string {
			if i.operation == 0 {
				return ""
			}
			return strconv.Itoa(int(i.operation))
		},
		func(i *Item, text string) bool {
			// The list has only the order system's own types.
			if op := parseType(text); !op.Ours() {
				i.operation = op
			}
			return i.operation != 0 || text == ""
		}},
	textField(ParamDomainID, "domain", func(i *Item) *string { return &i.domain }),
	textField(ParamTransferKey, "transferKey", func(i *Item) *string { return &i.transferKey }),
	roleField(ParamOwnerContact, domains.Owner), roleField(ParamAdminContact, domains.Admin),
	roleField(ParamBillingContact, domains.Billing), roleField(ParamTechContact, domains.Tech),
	serverField(ParamPrimaryNS, 0), serverField(ParamSecondaryNS, 1), serverField(ParamThirdNS, 2), serverField(ParamFourthNS, 3),
	textField(ParamSettings, "settings", func(i *Item) *string { return &i.settings }),
	textField(ParamExpires, "expires", func(i *Item) *string { return &i.expires }),
	// New fields go to the end: the documents of older orders must not change.
	textField(ParamLanguage, "language", func(i *Item) *string { return &i.language }),
	{ParamSubscription, "subscriptionId",
		func(i *Item) string { return i.subscription },
		func(i *Item, text string) bool {
			_, ok := canonicalID(text)
			if ok {
				i.subscription = text
			}
			return ok || text == "" // an empty parameter is one that is not given
		}},
}

func textField(parameter, path string, in func(*Item) *string) itemField {
	return itemField{
		parameter, path,
		func(i *Item) string { return *in(i) },
		func(i *Item, text string) bool { *in(i) = text; return true },
	}
}

func roleField(parameter string, role domains.Role) itemField {
	return itemField{
		parameter, "contacts/" + string(role),
		func(i *Item) string {
			if id := *i.roles.Of(role); id != nil {
				return strconv.Itoa(*id)
			}
			return ""
		},
		func(i *Item, text string) bool {
			id, ok := canonicalID(text)
			if ok {
				*i.roles.Of(role) = &id
			}
			return ok
		},
	}
}

func serverField(parameter string, n int) itemField {
	return textField(parameter, "nameServers/"+strconv.Itoa(n), func(i *Item) *string { return &i.servers[n].host })
}

// itemFieldAt returns the place of a parameter in the table, or -1.
func itemFieldAt(parameter string) int {
	return slices.IndexFunc(itemFields, func(f itemField) bool { return f.parameter == parameter })
}

func findItemField(parameter string) (itemField, bool) {
	at := itemFieldAt(parameter)
	if at < 0 {
		return itemField{}, false
	}
	return itemFields[at], true
}

func isRole(path string) bool   { return strings.HasPrefix(path, "contacts/") }
func isServer(path string) bool { return strings.HasPrefix(path, "nameServers/") }

// hasField reports whether a parameter has its own field in the JSON form.
func hasField(parameter string) bool {
	_, field := findItemField(parameter)
	return field || isAPSParam(parameter)
}

func isAPSParam(name string) bool { return strings.HasPrefix(name, apsPrefix) }

// isRegistrarField reports whether RegistrarParameters can return the name.
func isRegistrarField(name string) bool {
	return name != "" && name == strings.TrimSpace(name) && !strings.Contains(name, pairSeparator) && !hasField(name)
}

// auParams are the documented names of one registrar; they are listed only to recognize
// them as names if a "=" is missing.
var auParams = [...]string{"R_NAME", "R_ID_TYPE", "R_ID", "E_TYPE", "E_NAME", "E_ID_TYPE", "E_ID", "P_REASON"}

// isKnownParam reports whether a name is documented. Only such a name is quoted if a
// parameter has no "=", because any other text might be a value, even a secret.
func isKnownParam(name string) bool {
	return hasField(name) || slices.Contains(auParams[:], name)
}

// textKind is the type that a person's field has in the JSON form.
type textKind byte

const (
	plainText textKind = iota
	idText             // whole number
	flagText           // "1" true, "0" false
)

// personField is a documented slot of contact data. The order of the table is that of the
// vendor's.
type personField struct {
	slot string
	path string // in the JSON form; its fields joined by "/"
	kind textKind
	in   func(*Person) *string
}

var personFields = []personField{
	{"AccountID", "accountId", idText, func(p *Person) *string { return &p.account }},
	{"PromoCodeID", "promoCode", plainText, func(p *Person) *string { return &p.promoCode }},
	{"LoginID", "login", plainText, func(p *Person) *string { return &p.login }},
	{"PasswordID", "password", plainText, func(p *Person) *string { return &p.password }},
	{"CurrencyID", "currency", plainText, func(p *Person) *string { return &p.currency }},
	{"FullyRegistred", "fullyRegistered", flagText, func(p *Person) *string { return &p.fullyRegistered }}, // the vendor's spelling
	{"CompanyNameID", "contact/organisation", plainText, func(p *Person) *string { return &p.contact.Organisation }},
	{"CompanyNameLatinID", "companyNameLatin", plainText, func(p *Person) *string { return &p.companyNameLatin }},
	{"PostAddressID", postalAddress, plainText, func(p *Person) *string { return &p.postalAddress }},
	{"TaxRegID", "taxId", plainText, func(p *Person) *string { return &p.taxID }},
	{"CustomerClassID", "customerClass", plainText, func(p *Person) *string { return &p.customerClass }},
	{"FirstNameID", "contact/firstName", plainText, func(p *Person) *string { return &p.contact.FirstName }},
	{"MiddleNameID", "contact/middleName", plainText, func(p *Person) *string { return &p.contact.MiddleName }},
	{"LastNameID", "contact/lastName", plainText, func(p *Person) *string { return &p.contact.LastName }},
	{"AddressID", "contact/address1", plainText, func(p *Person) *string { return &p.contact.Address1 }},
	{"Address2ID", "contact/address2", plainText, func(p *Person) *string { return &p.contact.Address2 }},
	{"CityID", "contact/city", plainText, func(p *Person) *string { return &p.contact.City }},
	{"ZipID", "contact/postalCode", plainText, func(p *Person) *string { return &p.contact.PostalCode }},
	{"CountryID", "contact/country", plainText, func(p *Person) *string { return &p.contact.Country }},
	{"StateID", "contact/state", plainText, func(p *Person) *string { return &p.contact.State }},
	{"EmailID", "contact/email", plainText, func(p *Person) *string { return &p.contact.Email }},
	{"PhoneCountryID", "contact/phone/countryCode", plainText, func(p *Person) *string { return &p.contact.Phone.CountryCode }},
	{"PhoneAreaID", "contact/phone/areaCode", plainText, func(p *Person) *string { return &p.contact.Phone.AreaCode }},
	{"PhoneNumberID", "contact/phone/number", plainText, func(p *Person) *string { return &p.contact.Phone.Number }},
	{"PhoneExtensionID", "contact/phone/extension", plainText, func(p *Person) *string { return &p.contact.Phone.Extension }},
	{"FaxCountryID", "contact/fax/countryCode", plainText, func(p *Person) *string { return &p.contact.Fax.CountryCode }},
	{"FaxAreaID", "contact/fax/areaCode", plainText, func(p *Person) *string { return &p.contact.Fax.AreaCode }},
	{"FaxNumberID", "contact/fax/number", plainText, func(p *Person) *string { return &p.contact.Fax.Number }},
	{"FaxExtensionID", "contact/fax/extension", plainText, func(p *Person) *string { return &p.contact.Fax.Extension }},
	{"BannerID", "banner", plainText, func(p *Person) *string { return &p.banner }},
}

// postalAddress is the only field of a person whose text may have several lines.
const postalAddress = "postalAddress"

// IsContactField reports whether a name is that of a contact's field, such as "city" or
// "phone.number", or of a telephone number as a whole.
func IsContactField(name string) bool {
	path := "contact/" + strings.ReplaceAll(name, ".", "/")
	return name == "phone" || name == "fax" || slices.ContainsFunc(personFields, func(f personField) bool { return f.path == path })
}

// personFieldAt returns the place of a slot in the table, or -1.
func personFieldAt(slot string) int {
	return slices.IndexFunc(personFields, func(f personField) bool { return f.slot == slot })
}

func findPersonField(slot string) (personField, bool) {
	at := personFieldAt(slot)
	if at < 0 {
		return personField{}, false
	}
	return personFields[at], true
}

// canonicalID reads a user or account id: digits without sign or leading zeros, within
// the 32 bits of an XML-RPC <i4>. Any other spelling of the same id would not survive the
// JSON form.
func canonicalID(text string) (int, bool) {
	id, err := strconv.ParseInt(text, 10, 32)
	if err != nil || id < 0 || strconv.FormatInt(id, 10) != text {
		return 0, false
	}
	return int(id), true
}

// inOrder returns the names in the order of a table, those that are not in it last, each
// group in its own order.
func inOrder(names []string, rank func(name string) int) []string {
	sorted := slices.Clone(names)
	slices.SortStableFunc(sorted, func(a, b string) int { return rank(a) - rank(b) })
	return sorted
}

// itemRank is the order of parameters in the JSON form: the fields first, then the rest,
// then the APS defaults.
func itemRank(parameter string) int {
	at := itemFieldAt(parameter)
	switch {
	case at >= 0:
		return at
	case isAPSParam(parameter):
		return len(itemFields) + 1
	}
	return len(itemFields)
}

// personRank is the order of slots in the JSON form: the documented ones in the vendor's
// order, then the rest.
func personRank(slot string) int {
	at := personFieldAt(slot)
	if at < 0 {
		return len(personFields)
	}
	return at
}
