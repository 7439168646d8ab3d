package netim

import (
	"context"
	"maps"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/netim/internal"
)

// maxHandle is the size of the id arguments of domainCreate.
const maxHandle = 12

// member describes a text member of StructContact.
type member struct {
	name  string
	field string // our name for it, in errors
	limit int    // characters; 0: none known
	// extra says that the member is sent only if the order's item has a registrar parameter of
	// this name.
	extra bool
}

// members lists them in the order of the struct. The sizes of the names, of body and
// of everything after email are observed, the others documented; of the two sizes of
// email we use the smaller. isOwner stands between language and tmName, and additional
// at the end.
var members = []member{
	{name: "firstName", field: "firstName", limit: 30},
	{name: "lastName", field: "lastName", limit: 30},
	{name: "bodyForm", field: "organisation"},
	{name: "bodyName", field: "organisation", limit: 100},
	{name: "address1", field: "address1", limit: 80},
	{name: "address2", field: "address2", limit: 80},
	{name: "zipCode", field: "postalCode", limit: 10},
	{name: "area", field: "state", limit: 5},
	{name: "city", field: "city", limit: 30},
	{name: "country", field: "country", limit: 3},
	{name: "phone", field: "phone", limit: 25},
	{name: "fax", field: "fax", limit: 25},
	{name: "email", field: "email", limit: 128},
	{name: "language", field: "language", limit: 2},
	{name: isOwner, field: "role"},
	{name: "tmName", field: "tmName", limit: 50, extra: true},
	{name: "tmNumber", field: "tmNumber", limit: 20, extra: true},
	{name: "tmType", field: "tmType", extra: true},
	{name: "tmDate", field: "tmDate", extra: true},
	{name: "companyNumber", field: "companyNumber", limit: 20, extra: true},
	{name: "vatNumber", field: "vatNumber", limit: 20, extra: true},
	{name: "birthDate", field: "birthDate", extra: true},
	{name: "birthZipCode", field: "birthZipCode", limit: 10, extra: true},
	{name: "birthCity", field: "birthCity", limit: 50, extra: true},
	{name: "birthCountry", field: "birthCountry", extra: true},
	{name: "idNumber", field: "idNumber", limit: 20, extra: true},
}

const isOwner = "isOwner"

// contactValues is a contact in the API's terms.
type contactValues struct {
	texts      map[string]string // by member
	additional map[string]string // what the extension requires
	bound      map[string]string // what it requires per domain
	domain     string
}

// sought is a contact that FindContacts looks for.
type sought struct {
	contactValues
	handle string // "" until it is found
}

// FindContacts implements registrars.ContactKeeper with queryContactList by e-mail
// address, and contactInfo for the last few contacts found.
func (n *Netim) FindContacts(ctx context.Context, contacts []registrars.Contact) ([]string, error) {
	all := make([]*sought, len(contacts))
	byEmail := map[string][]*sought{}
	for i, contact := range contacts {
		values, err := n.contactValues(contactList, contact)
		if err != nil {
			return nil, err
		}
		all[i] = &sought{contactValues: values}
		email := values.texts["email"]
		byEmail[email] = append(byEmail[email], all[i])
	}
	for _, email := range slices.Sorted(maps.Keys(byEmail)) {
		if err := n.findContacts(ctx, email, byEmail[email]); err != nil {
			return nil, err
		}
	}
	handles := make([]string, len(all))
	for i, contact := range all {
		handles[i] = contact.handle
	}
	return handles, nil
}

const contactList = "queryContactList"

// findContacts looks for contacts with one e-mail address. A refused list is treated
// as an empty one, and an entry without an id is left out: at worst we create one contact
// too many.
func (n *Netim) findContacts(ctx context.Context, email string, open []*sought) error {
	c := call{name: contactList}
	value, err := n.call(ctx, c, internal.String(email), internal.String(internal.ContactFilterField))
	if refused(err, c.name) {
		return nil
	}
	if err != nil {
		return err
	}
	ids, err := internal.ReadContactIDs(value)
	if err != nil {
		return failure(c, err)
	}
	slices.Reverse(ids)
	for _, id := range ids[:min(len(ids), internal.ContactCandidates)] {
		c := call{name: "contactInfo"}
		found, err := n.call(ctx, c, internal.String(id))
		if refused(err, c.name) {
			continue // deleted in the meantime
		}
		if err != nil {
			return err
		}
		open = slices.DeleteFunc(open, func(contact *sought) bool {
			if !contact.equal(found) {
				return false
			}
			contact.handle = id
			n.owners.put(id, contact.texts[isOwner])
			return true
		})
		if len(open) == 0 {
			return nil
		}
	}
	return nil
}

// CreateContact implements registrars.ContactKeeper with contactCreate.
func (n *Netim) CreateContact(ctx context.Context, contact registrars.Contact) (string, error) {
	c := call{name: "contactCreate", writes: true}
	values, err := n.contactValues(c.name, contact)
	if err != nil {
		return "", err
	}
	reply, err := n.call(ctx, c, values.argument())
	if err != nil {
		return "", err
	}
	handle := reply.Text()
	if handle == "" {
		return "", errs.UnknownOutcome(c.name, "the answer holds no contact id")
	}
	n.owners.put(handle, values.texts[isOwner])
	return handle, nil
}

// contactValues converts a contact and checks it against the limits of the API. Its
// errors name every field that breaks one, and the limit, never the value.
func (n *Netim) contactValues(call string, contact registrars.Contact) (contactValues, error) {
	d := contact.Details.Normalised()
	broken := contact.Missing()
	form, owner := "IND", "0"
	if d.IsOrganisation() {
		form = "ORG"
	}
	if contact.Role == registrars.Owner {
		owner = "1"
	}
	values := contactValues{additional: map[string]string{}, bound: map[string]string{}, domain: contact.Domain.String(), texts: map[string]string{
		"firstName": strings.TrimSpace(d.FirstName + " " + d.MiddleName), "lastName": d.LastName,
		"bodyForm": form, "bodyName": d.Organisation,
		"address1": d.Address1, "address2": d.Address2, "zipCode": d.PostalCode, "area": area(d),
		"city": d.City, "country": d.Country, "phone": phone(d.Phone), "fax": phone(d.Fax),
		"email": d.Email, "language": n.language, isOwner: owner,
	}}
	if internal.NeedsArea(d.Country) && values.texts["area"] == "" {
		broken.Add(contact.Breaks("state", "required in this country, as a province code"))
	}
	for name, value := range contact.Extra {
		if value = strings.TrimSpace(value); value == "" {
			continue
		}
		switch {
		case slices.ContainsFunc(members, func(m member) bool { return m.extra && m.name == name }):
			values.texts[name] = value
		case values.domain != "" && slices.Contains(n.bound, name):
			values.bound[name] = value
		default:
			values.additional[name] = value
		}
	}
	for _, m := range members {
		// Composed letters count as one character.
		text := norm.NFC.String(values.texts[m.name])
		values.texts[m.name] = text
		if rule := registrars.AtMost(m.limit, text); m.limit > 0 && rule != "" {
			broken.Add(contact.Breaks(m.field, rule))
		}
	}
	for _, name := range []string{"firstName", "lastName"} {
		if !isName(values.texts[name]) {
			broken.Add(contact.Breaks(name, "only Latin letters, blanks, - and '"))
		}
	}
	if len(d.Country) != 2 && d.Country != "" {
		broken.Add(contact.Breaks("country", "a code of two letters"))
	}
	return values, broken.In(pluginName, call)
}

// area is the province where the API takes one. A full name is translated to its code.
func area(d domains.Contact) string {
	if !internal.NeedsArea(d.Country) {
		return ""
	}
	if code, ok := domains.StateCode(d.Country, d.State); ok {
		return code
	}
	return d.State
}

// isName reports whether a text keeps to the alphabet of firstName and lastName. We do
// not transcribe names: registrants decide how their names are written in Latin
// letters.
func isName(text string) bool {
	for _, r := range text {
		if !unicode.Is(unicode.Latin, r) && r != ' ' && r != '-' && r != '\'' {
			return false
		}
	}
	return true
}

// phone formats a number as "+CC number" with one blank. The API has no place for
// extensions.
func phone(p domains.Phone) string {
	if p.IsZero() || p.CountryCode == "" {
		return ""
	}
	p = p.International()
	return "+" + p.CountryCode + " " + p.AreaCode + p.Number
}

// argument returns the argument of contactCreate.
func (v contactValues) argument() internal.Value {
	var parts []internal.Member
	for _, m := range members {
		text := v.texts[m.name]
		switch {
		case m.name == isOwner:
			parts = append(parts, internal.Member{Name: isOwner, Value: internal.Value{Type: "xsd:int", Text: text}})
		case !m.extra || text != "":
			parts = append(parts, internal.Member{Name: m.name, Value: internal.String(text)})
		}
	}
	if len(v.additional)+len(v.bound) > 0 {
		nested := map[string]map[string]string{}
		for field, value := range v.bound {
			nested[field] = map[string]string{v.domain: value}
		}
		parts = append(parts, internal.Member{Name: "additional", Value: internal.NestedMap(v.additional, nested)})
	}
	return internal.Struct("StructContact", parts...)
}

// equal compares all members with those of a StructContactReturn. A nested field
// cannot be compared unless it is known to be bound to a domain. A contact that cannot be read
// is not taken for ours: a second one costs nothing, and a wrong holder does.
func (v contactValues) equal(found *internal.Node) bool {
	for _, m := range members {
		if member := found.Member(m.name); member != nil && len(member.Children) > 0 {
			return false // no text: it is not taken for an empty one
		}
		have, want := found.Field(m.name), v.texts[m.name]
		if m.name == "phone" || m.name == "fax" {
			have, want = strings.ReplaceAll(have, " ", ""), strings.ReplaceAll(want, " ", "")
		}
		if norm.NFC.String(have) != want {
			return false
		}
	}
	additional, nested, readable := found.Member("additional").NestedEntries()
	if !readable || !maps.Equal(additional, v.additional) || len(nested) != len(v.bound) {
		return false
	}
	// The values of such a field for other domains do not matter here.
	for field, value := range v.bound {
		if nested[field][v.domain] != value {
			return false
		}
	}
	return true
}
