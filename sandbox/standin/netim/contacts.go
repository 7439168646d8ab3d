package netim

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

type contact struct {
	id         string
	fields     map[string]string
	additional map[string]string
}

func (c *contact) isOwner() bool { return c.fields["isOwner"] == "1" }

// contactField is a row of docs/protocols/netim.md, section 7; the order is that of
// StructContact.
type contactField struct {
	name  string
	limit int
	check *regexp.Regexp // nil: any text
	need  bool
}

// phoneNumber is "+CC number" with one blank, as the page of StructContact says, or a
// national number, as in the examples of the vendor's client.
const phoneNumber = `^(\+\d{1,3} \d[\d ]*|0?[1-9][\d ]*)$`

var (
	latin   = regexp.MustCompile(`^[\p{Latin} '-]+$`)
	anyDate = regexp.MustCompile(`^(\d{4}-\d{2}-\d{2})?$`)
)

// contactFields is built once, because every contact is checked with it.
var contactFields = func() []contactField {
	pattern := regexp.MustCompile
	return []contactField{
		{"firstName", 30, latin, true}, {"lastName", 30, latin, true},
		{"bodyForm", 3, pattern(`^(IND|ORG)$`), true}, {"bodyName", 100, nil, false},
		{"address1", 80, nil, true}, {"address2", 80, nil, false}, {"zipCode", 10, nil, true},
		{"area", 5, nil, false}, {"city", 30, nil, true}, {"country", 3, pattern(`^[A-Z]{2}$`), true},
		{"phone", 25, pattern(phoneNumber), true}, {"fax", 25, pattern(phoneNumber), false},
		{"email", 128, pattern(`^[^@\s]+@[^@\s]+$`), true}, {"language", 2, pattern(`^(FR|EN)$`), true},
		{"isOwner", 1, pattern(`^[01]$`), true},
		{"tmName", 50, nil, false}, {"tmNumber", 20, nil, false}, {"tmType", 4, pattern(`^(INPI|OHIM|WIPO)?$`), false},
		{"tmDate", 10, anyDate, false}, {"companyNumber", 20, nil, false}, {"vatNumber", 20, nil, false},
		{"birthDate", 10, anyDate, false}, {"birthZipCode", 10, nil, false}, {"birthCity", 50, nil, false},
		{"birthCountry", 2, nil, false}, {"idNumber", 20, nil, false},
	}
}()

// areaCountries need a province code; the longer of two lists (docs/protocols/netim.md,
// section 7).
const areaCountries = "AU BR CA IE IT JP MX GB US"

func (s *Server) contactCreate(c *call) (any, *fault) {
	made, refused := readContact(c.args["contact"])
	if refused != nil {
		return nil, refused
	}
	s.state.contactCount++
	made.id = fmt.Sprintf("CT%05d", s.state.contactCount)
	s.state.addContact(made)
	return made.id, nil
}

// contactUpdate and contactOwnerUpdate each accept their own kind of contact, whose
// isOwner never changes (docs/protocols/netim.md, section 4).
func (s *Server) contactUpdate(c *call) (any, *fault) { return s.updateContact(c, false) }

func (s *Server) contactOwnerUpdate(c *call) (any, *fault) { return s.updateContact(c, true) }

func (s *Server) updateContact(c *call, owner bool) (any, *fault) {
	found := s.state.contact(c.string("idContact"))
	if found == nil || found.isOwner() != owner {
		return nil, invalid("idContact")
	}
	changed, refused := readContact(c.args["contact"])
	if refused != nil {
		return nil, refused
	}
	if changed.isOwner() != owner {
		return nil, invalid("isOwner")
	}
	code := "contactUpdate"
	if owner {
		code = "contactOwnerUpdate"
	}
	return s.start(c, order{code: code, data: found.id, apply: func() {
		found.fields, found.additional = changed.fields, changed.additional
		clear(s.state.contactsBy)
	}})
}

func readContact(in *node) (*contact, *fault) {
	fields := map[string]string{}
	for _, f := range contactFields {
		value := in.member(f.name).value()
		if !f.accepts(value) {
			return nil, invalid(f.name)
		}
		fields[f.name] = value
	}
	if (fields["bodyForm"] == "ORG") != (fields["bodyName"] != "") {
		return nil, invalid("bodyName")
	}
	if fields["area"] == "" && slices.Contains(strings.Fields(areaCountries), fields["country"]) {
		return nil, invalid("Province") // the word in the observed fault
	}
	return &contact{fields: fields, additional: in.member("additional").entries()}, nil
}

func (f contactField) accepts(value string) bool {
	if value == "" {
		return !f.need
	}
	return len([]rune(value)) <= f.limit && (f.check == nil || f.check.MatchString(value))
}

func (st *state) contact(id string) *contact { return st.contactsByID[id] }

func (st *state) addContact(c *contact) {
	st.contacts = append(st.contacts, c)
	st.contactsByID[c.id] = c
	for name, by := range st.contactsBy {
		key := folded(c.fields[name])
		by[key] = append(by[key], c)
	}
}

// contactsWith returns the contacts whose field has a value, without regard to case, in
// the order in which they were created. It indexes a field when the field is first
// used, because otherwise each of thousands of orders would search thousands of
// contacts.
func (st *state) contactsWith(name, value string) []*contact {
	by := st.contactsBy[name]
	if by == nil {
		by = map[string][]*contact{}
		for _, c := range st.contacts {
			key := folded(c.fields[name])
			by[key] = append(by[key], c)
		}
		st.contactsBy[name] = by
	}
	return by[folded(value)]
}

// folded returns the same text for texts that strings.EqualFold treats as equal.
func folded(text string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			least = min(least, next)
		}
		return least
	}, text)
}

func (s *Server) contactInfo(c *call) (any, *fault) {
	found := s.state.contact(c.string("idContact"))
	if found == nil {
		return nil, invalid("idContact")
	}
	fields := []field{{"idContact", found.id}}
	for _, f := range contactFields {
		if f.name == "isOwner" {
			owner := 0
			if found.isOwner() {
				owner = 1
			}
			fields = append(fields, field{f.name, owner})
			continue
		}
		fields = append(fields, field{f.name, found.fields[f.name]})
	}
	additional := mapping{}
	nested := map[string]int{}
	for _, key := range slices.Sorted(maps.Keys(found.additional)) {
		name, domain, bound := strings.Cut(key, "/")
		if !bound {
			additional = append(additional, field{key, found.additional[key]})
			continue
		}
		at, begun := nested[name]
		if !begun {
			at = len(additional)
			nested[name] = at
			additional = append(additional, field{name, mapping{}})
		}
		if inner, ok := additional[at].value.(mapping); ok {
			inner = append(inner, field{domain, found.additional[key]})
			additional[at].value = inner
		}
	}
	return structure{"StructContactReturn", append(fields, field{"additional", additional})}, nil
}

func (s *Server) queryContactList(c *call) (any, *fault) {
	name := c.string("field")
	known := slices.ContainsFunc(contactFields, func(f contactField) bool { return f.name == name })
	if !known && name != "idContact" && name != "" {
		return nil, invalid("field")
	}
	list := array{kind: "ns1:StructContactList"}
	filter := c.string("filter")
	candidates := s.state.contacts
	if known && filter != "" && !strings.Contains(filter, "*") {
		candidates = s.state.contactsWith(name, filter)
	}
	matches := wildcard(filter)
	for _, found := range candidates {
		value := found.fields[name]
		if name == "idContact" {
			value = found.id
		}
		if name == "" || matches(value) {
			list.items = append(list.items, structure{"StructContactList", []field{
				{"idContact", found.id}, {"firstName", found.fields["firstName"]},
				{"lastName", found.fields["lastName"]}, {"bodyName", found.fields["bodyName"]},
			}})
		}
	}
	return list, nil
}

// wildcard returns a filter that ignores case; * matches any text, and so does an empty
// filter.
func wildcard(filter string) func(text string) bool {
	if filter == "" {
		return func(string) bool { return true }
	}
	if !strings.Contains(filter, "*") {
		return func(text string) bool { return strings.EqualFold(filter, text) }
	}
	pattern := strings.ReplaceAll(regexp.QuoteMeta(filter), `\*`, ".*")
	return regexp.MustCompile("(?is)^" + pattern + "$").MatchString
}

// owner and others enforce the rule of isOwner (docs/protocols/netim.md, section 4):
// the owner needs 1, the others need 0 or are the reseller.
func (s *Server) owner(c *call) *fault {
	found := s.state.contact(c.string("idOwner"))
	switch {
	case found == nil || !found.isOwner():
		return invalid("idOwner")
	case s.state.unwanted[found.fields["email"]]:
		return refuse(textHolder)
	}
	return nil
}

func (s *Server) others(c *call) *fault {
	for _, name := range []string{"idAdmin", "idTech", "idBilling"} {
		id := c.string(name)
		if strings.EqualFold(id, s.options.Login) {
			continue
		}
		if found := s.state.contact(id); found == nil || found.isOwner() {
			return invalid(name)
		}
	}
	return nil
}
