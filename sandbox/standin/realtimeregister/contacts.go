package realtimeregister

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"time"
)

var contactFields = []string{
	"name", "organization", "addressLine", "postalCode", "city", "state", "country", "email", "voice", "fax", "brand",
	"disclosedFields", "validations", "verifications", "customer", "handle",
}

// contact is a contact; its members are kept as sent.
type contact struct {
	handle           string
	members          map[string]any
	properties       map[string]map[string]string // by registry
	created, updated time.Time
}

var countryPattern = regexp.MustCompile(`^[A-Z]{2}$`)

func (s *Server) readContact(c *call) (answer, *problem) {
	found := s.state.contacts[c.vars[0]]
	if found == nil {
		return answer{}, missing("Contact")
	}
	return answer{status: http.StatusOK, body: s.contactDocument(found)}, nil
}

func (s *Server) contactDocument(found *contact) map[string]any {
	body := map[string]any{"customer": s.options.Customer, "handle": found.handle, "brand": defaultBrand, "createdDate": stamp(found.created)}
	maps.Copy(body, found.members)
	if !found.updated.IsZero() {
		body["updatedDate"] = stamp(found.updated)
	}
	if len(found.properties) > 0 {
		body["properties"] = found.properties
	}
	return body
}

func (s *Server) listContacts(c *call) (answer, *problem) {
	all := make([]map[string]any, 0, len(s.state.contactOrder))
	for _, handle := range s.state.contactOrder {
		all = append(all, s.contactDocument(s.state.contacts[handle]))
	}
	return listing{identifying: []string{"customer", "handle"}, filters: []string{
		"customer", "handle", "brand", "name", "organization", "addressLine", "postalCode", "city", "state", "country", "email", "voice", "fax",
		"createdDate", "updatedDate",
	}}.list(c, all)
}

func (s *Server) createContact(c *call) (answer, *problem) {
	handle := c.vars[0]
	f, refused := decode(c.body, contactFields...)
	if refused != nil {
		return answer{}, refused
	}
	if !handlePattern.MatchString(handle) {
		return answer{}, violation("handle", "invalid format", handle)
	}
	if refused := f.required(requiredOfContact...); refused != nil {
		return answer{}, refused
	}
	members := map[string]any{}
	if refused := contactMembers(f, members); refused != nil {
		return answer{}, refused
	}
	if s.state.contacts[handle] != nil {
		return answer{}, bad("ObjectExists", "Contact already exists")
	}
	s.keepContact(handle, members)
	return answer{status: http.StatusCreated}, nil
}

func (s *Server) keepContact(handle string, members map[string]any) {
	s.state.contacts[handle] = &contact{
		handle: handle, members: members, properties: map[string]map[string]string{}, created: s.options.Now(),
	}
	s.state.contactOrder = append(s.state.contactOrder, handle)
}

// updateContact changes the members that are sent, for all domains that use the contact. What is
// sent empty is cleared.
func (s *Server) updateContact(c *call) (answer, *problem) {
	found := s.state.contacts[c.vars[0]]
	if found == nil {
		return answer{}, missing("Contact")
	}
	f, refused := decode(c.body, append(slices.Clone(contactFields), "designatedAgent")...)
	if refused != nil {
		return answer{}, refused
	}
	members := maps.Clone(found.members)
	if refused := contactMembers(f, members); refused != nil {
		return answer{}, refused
	}
	for _, name := range requiredOfContact {
		if _, there := members[name]; !there {
			return answer{}, violation(name, "may not be empty", nil)
		}
	}
	found.members, found.updated = members, s.options.Now()
	return answer{status: http.StatusOK, body: map[string]any{}}, nil
}

func (s *Server) deleteContact(c *call) (answer, *problem) {
	handle := c.vars[0]
	if s.state.contacts[handle] == nil {
		return answer{}, missing("Contact")
	}
	for _, d := range s.state.domains {
		if d.registrant == handle || slices.ContainsFunc(d.contacts, func(ref contactRef) bool { return ref.Handle == handle }) {
			return answer{}, bad("ObjectStatusProhibitsOperation", "The contact is in use")
		}
	}
	delete(s.state.contacts, handle)
	s.state.contactOrder = slices.DeleteFunc(s.state.contactOrder, func(one string) bool { return one == handle })
	return answer{status: http.StatusNoContent}, nil
}

var (
	requiredOfContact = []string{"name", "addressLine", "postalCode", "city", "country", "email", "voice"}
	disclosable       = []string{
		"registryContactId", "email", "name", "organization", "addressLine", "city", "postalCode", "voice", "fax", "state", "country",
	}
)

// contactMembers checks the members of a request and puts them into members; an empty one is
// taken out.
func contactMembers(f fields, members map[string]any) *problem {
	for _, field := range []struct {
		name        string
		least, most int
	}{
		{"name", 1, 255}, {"organization", 0, 255}, {"postalCode", 0, 16}, {"city", 0, 255}, {"state", 0, 255}, {"email", 0, 255},
		{"country", 2, 2}, {"voice", 0, 255}, {"fax", 0, 255}, {"brand", 0, 40},
	} {
		value, refused := f.text(field.name, field.least, field.most)
		if refused != nil {
			return refused
		}
		phone := field.name == "voice" || field.name == "fax"
		switch {
		case value == "":
			if f.has(field.name) {
				delete(members, field.name)
			}
			continue
		case phone && !phonePattern.MatchString(value), field.name == "country" && !countryPattern.MatchString(value),
			field.name == "brand" && !handlePattern.MatchString(value):
			return violation(field.name, "invalid format", value)
		}
		members[field.name] = value
	}
	return firstOf(addressLines(f, members), disclosed(f, members))
}

func addressLines(f fields, members map[string]any) *problem {
	lines, refused := read[[]string](f, "addressLine")
	if refused != nil || !f.has("addressLine") {
		return refused
	}
	if len(lines) < 1 || len(lines) > 3 {
		return violation("addressLine", "size must be between 1 and 3", len(lines))
	}
	for i, line := range lines {
		if line == "" || len([]rune(line)) > 255 {
			return violation("addressLine["+strconv.Itoa(i)+"]", "size must be between 1 and 255", line)
		}
	}
	members["addressLine"] = lines
	return nil
}

func disclosed(f fields, members map[string]any) *problem {
	names, refused := read[[]string](f, "disclosedFields")
	if refused != nil || !f.has("disclosedFields") {
		return refused
	}
	for _, name := range names {
		if !slices.Contains(disclosable, name) {
			return violation("disclosedFields", "unknown field", name)
		}
	}
	members["disclosedFields"] = names
	if len(names) == 0 {
		delete(members, "disclosedFields")
	}
	return nil
}

func (s *Server) addProperties(c *call) (answer, *problem) {
	found := s.state.contacts[c.vars[0]]
	if found == nil {
		return answer{}, missing("Contact")
	}
	f, refused := decode(c.body, "properties", "intendedUsage")
	if refused != nil {
		return answer{}, refused
	}
	given, refused := s.readProperties(f, c.vars[1])
	if refused != nil {
		return answer{}, refused
	}
	if found.properties[c.vars[1]] != nil {
		return answer{}, bad("ObjectExists", "The contact has properties there")
	}
	found.properties[c.vars[1]] = given
	return answer{status: http.StatusOK, body: map[string]any{}}, nil
}

// changeProperties replaces the properties that are sent.
func (s *Server) changeProperties(c *call) (answer, *problem) {
	found := s.state.contacts[c.vars[0]]
	if found == nil {
		return answer{}, missing("Contact")
	}
	f, refused := decode(c.body, "properties")
	if refused != nil {
		return answer{}, refused
	}
	given, refused := s.readProperties(f, c.vars[1])
	if refused != nil {
		return answer{}, refused
	}
	if found.properties[c.vars[1]] == nil {
		return answer{}, bad("ObjectDoesNotExist", "The contact has no properties there")
	}
	maps.Copy(found.properties[c.vars[1]], given)
	found.updated = s.options.Now()
	return answer{status: http.StatusOK, body: map[string]any{}}, nil
}

// readProperties reads the properties of a request, which the registry must know.
func (s *Server) readProperties(f fields, registry string) (map[string]string, *problem) {
	given, refused := read[map[string]string](f, "properties")
	if refused != nil {
		return nil, refused
	}
	known := s.propertiesOf(registry)
	if known == nil {
		return nil, missing("Registry")
	}
	for name, value := range given {
		at := slices.IndexFunc(known, func(p Property) bool { return p.Name == name })
		if at < 0 {
			return nil, bad("ValidationError", "Property %s is not known", name)
		}
		if _, ok := known[at].Values[value]; len(known[at].Values) > 0 && !ok {
			return nil, bad("ValidationError", "Property %s has another value", name)
		}
	}
	if given == nil {
		given = map[string]string{}
	}
	return given, nil
}

// propertiesOf returns the properties that a registry requires; nil if there is no
// such registry.
func (s *Server) propertiesOf(provider string) []Property {
	for _, t := range s.options.TLDs {
		if t.provider() == provider {
			return append([]Property{}, t.Properties...)
		}
	}
	return nil
}

// fits checks whether a contact may be the holder of a domain.
func (s *Server) fits(t TLD, handle string) *problem {
	found := s.state.contacts[handle]
	if found == nil {
		return missing("Contact " + handle)
	}
	organization, _ := found.members["organization"].(string)
	country, _ := found.members["country"].(string)
	email, _ := found.members["email"].(string)
	switch {
	case s.state.unwanted[email]:
		return bad("ValidationError", "The registry does not accept this registrant")
	case t.OrganizationRequired && organization == "":
		return bad("ValidationError", "Registrant organization is required")
	case t.OrganizationForbidden && organization != "":
		return bad("ValidationError", "Registrant organization is not allowed")
	case len(t.Countries) > 0 && !slices.Contains(t.Countries, country):
		return bad("ValidationError", "Registrant country is not allowed")
	}
	for _, p := range t.Properties {
		if p.Mandatory && found.properties[t.provider()][p.Name] == "" {
			return bad("ValidationError", "Registrant lacks property %s", p.Name)
		}
	}
	return nil
}
