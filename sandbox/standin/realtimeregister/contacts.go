package realtimeregister

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
)

var contactFields = []string{
	"name", "organization", "addressLine", "postalCode", "city", "state", "country", "email", "voice", "fax", "brand",
	"disclosedFields", "validations", "verifications", "customer", "handle",
}

// contact is a contact; its members are kept as sent.
type contact struct {
	handle     string
	members    map[string]any
	properties map[string]map[string]string // by registry
}

var countryPattern = regexp.MustCompile(`^[A-Z]{2}$`)

func (s *Server) readContact(c *call) (answer, *problem) {
	found := s.state.contacts[c.vars[0]]
	if found == nil {
		return answer{}, missing("Contact")
	}
	body := map[string]any{"customer": s.options.Customer, "handle": found.handle}
	maps.Copy(body, found.members)
	if len(found.properties) > 0 {
		body["properties"] = found.properties
	}
	return answer{status: http.StatusOK, body: body}, nil
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
	members, refused := contactMembers(f)
	if refused != nil {
		return answer{}, refused
	}
	if s.state.contacts[handle] != nil {
		return answer{}, bad("ObjectExists", "Contact already exists")
	}
	s.state.contacts[handle] = &contact{handle: handle, members: members, properties: map[string]map[string]string{}}
	s.state.contactOrder = append(s.state.contactOrder, handle)
	return answer{status: http.StatusCreated}, nil
}

func contactMembers(f fields) (map[string]any, *problem) {
	if refused := f.required("name", "addressLine", "postalCode", "city", "country", "email", "voice"); refused != nil {
		return nil, refused
	}
	members := map[string]any{}
	for _, field := range []struct {
		name        string
		least, most int
	}{
		{"name", 1, 255}, {"organization", 0, 255}, {"postalCode", 0, 16}, {"city", 0, 255}, {"state", 0, 255}, {"email", 0, 255},
		{"country", 2, 2}, {"voice", 0, 255}, {"fax", 0, 255},
	} {
		value, refused := f.text(field.name, field.least, field.most)
		if refused != nil {
			return nil, refused
		}
		phone := field.name == "voice" || field.name == "fax"
		switch {
		case value == "":
			continue
		case phone && !phonePattern.MatchString(value), field.name == "country" && !countryPattern.MatchString(value):
			return nil, violation(field.name, "invalid format", value)
		}
		members[field.name] = value
	}
	lines, refused := read[[]string](f, "addressLine")
	if refused != nil {
		return nil, refused
	}
	if len(lines) < 1 || len(lines) > 3 {
		return nil, violation("addressLine", "size must be between 1 and 3", len(lines))
	}
	for i, line := range lines {
		if line == "" || len([]rune(line)) > 255 {
			return nil, violation("addressLine["+strconv.Itoa(i)+"]", "size must be between 1 and 255", line)
		}
	}
	members["addressLine"] = lines
	return members, nil
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
	given, refused := read[map[string]string](f, "properties")
	if refused != nil {
		return answer{}, refused
	}
	known := s.propertiesOf(c.vars[1])
	if known == nil {
		return answer{}, missing("Registry")
	}
	if found.properties[c.vars[1]] != nil {
		return answer{}, bad("ObjectExists", "The contact has properties there")
	}
	for name, value := range given {
		at := slices.IndexFunc(known, func(p Property) bool { return p.Name == name })
		if at < 0 {
			return answer{}, bad("ValidationError", "Property %s is not known", name)
		}
		if _, ok := known[at].Values[value]; len(known[at].Values) > 0 && !ok {
			return answer{}, bad("ValidationError", "Property %s has another value", name)
		}
	}
	found.properties[c.vars[1]] = given
	return answer{status: http.StatusOK, body: map[string]any{}}, nil
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
