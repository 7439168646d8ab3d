package operations

import (
	"maps"
	"slices"
	"strings"

	"domainprovisioning/domains"
	"domainprovisioning/wire/xmlrpc"
)

// reader reads the arguments from the single struct, and keeps the first error. done
// also refuses arguments that no method read.
type reader struct {
	method string
	in     xmlrpc.Struct
	asked  map[string]bool
	failed *failure
}

func newReader(method string, in xmlrpc.Struct) *reader {
	return &reader{method: method, in: in, asked: map[string]bool{}}
}

func (r *reader) fail(f *failure) {
	if r.failed == nil {
		r.failed = f
	}
}

func (r *reader) done() *failure {
	if r.failed == nil {
		for _, name := range slices.Sorted(maps.Keys(r.in)) {
			if !r.asked[name] {
				return badArgument("%s has no argument %s.", r.method, name)
			}
		}
	}
	return r.failed
}

func (r *reader) take(name string) (any, bool) {
	r.asked[name] = true
	v, ok := r.in[name]
	return v, ok
}

func (r *reader) optionalInt(name string) (int, bool) {
	v, sent := r.take(name)
	if !sent {
		return 0, false
	}
	// Not xmlrpc.AsInt: an int in a string is a bigint (docs/protocols/operations.md,
	// section 4).
	n, ok := v.(int)
	if !ok {
		r.fail(badArgument("%s: %s must be an int.", r.method, name))
	}
	return n, ok
}

func (r *reader) int(name string) int {
	n, sent := r.optionalInt(name)
	if !sent {
		r.missing(name)
	}
	return n
}

func (r *reader) optionalID(name string) (int, bool) {
	id, sent := r.optionalInt(name)
	if sent && id <= 0 {
		r.fail(badArgument("%s: %s must be positive.", r.method, name))
	}
	return id, sent
}

func (r *reader) optionalString(name string) (string, bool) {
	v, sent := r.take(name)
	if !sent {
		return "", false
	}
	text, ok := v.(string)
	if !ok || text == "" { // optional parameters must be absent, not empty
		r.fail(badArgument("%s: %s must be a string that is not empty.", r.method, name))
	}
	return text, ok
}

func (r *reader) string(name string) string {
	text, sent := r.optionalString(name)
	if !sent {
		r.missing(name)
	}
	return text
}

// optionalBool accepts <boolean> and an int of 0 or 1 (docs/protocols/operations.md,
// section 4).
func (r *reader) optionalBool(name string) bool {
	v, sent := r.take(name)
	if !sent {
		return false
	}
	switch v := v.(type) {
	case bool:
		return v
	case int:
		if v == 0 || v == 1 {
			return v == 1
		}
	}
	r.fail(badArgument("%s: %s must be a boolean.", r.method, name))
	return false
}

func (r *reader) domainName() string {
	const name = "domain_name"
	parsed, err := domains.ParseName(r.string(name))
	if err != nil {
		r.fail(badArgument("%s: %s is not a domain name.", r.method, name))
	}
	return parsed.String()
}

func (r *reader) missing(name string) {
	r.fail(badArgument("%s: %s is missing.", r.method, name))
}

// contact is kept as received, so that look-ups return it.
type contact struct {
	person, address, phone, fax xmlrpc.Struct // fax may be nil
	email                       string
}

type shape struct{ need, optional, mayBeEmpty []string }

// shapes returns the members of the contact structs (docs/protocols/operations.md,
// section 9.1). Only area_code and ext_num may be empty strings.
func shapes() map[string]shape {
	phone := shape{need: []string{"country_code", "phone_num"}, mayBeEmpty: []string{"area_code", "ext_num"}}
	return map[string]shape{
		"person": {
			need:     []string{"first_name", "last_name"},
			optional: []string{"title", "middle_name", "company_name"},
		},
		"address": {
			need:     []string{"street_name", "zipcode", "city", "country", "state"},
			optional: []string{"house_num", "address2"},
		},
		"phone": phone,
		"fax":   phone,
	}
}

// contactNames returns the arguments that form a contact.
func contactNames() []string { return []string{"person", "address", "phone", "fax", "email"} }

// contact reads a contact; wrong returns the method's error for a wrong one.
func (r *reader) contact(wrong func() *failure) contact {
	var c contact
	c.person = r.part("person", true, wrong)
	c.address = r.part("address", true, wrong)
	c.phone = r.part("phone", true, wrong)
	c.fax = r.part("fax", false, wrong)
	v, _ := r.take("email")
	email, ok := v.(string)
	if !ok || strings.TrimSpace(email) == "" {
		r.fail(wrong())
	}
	c.email = email
	if c.address != nil {
		country, _ := c.address["country"].(string)
		if len(country) != 2 || strings.Trim(country, "abcdefghijklmnopqrstuvwxyz") != "" {
			r.fail(badArgument("%s: country must be two lower-case letters.", r.method))
		}
	}
	return c
}

func (r *reader) part(name string, need bool, wrong func() *failure) xmlrpc.Struct {
	v, sent := r.take(name)
	if !sent {
		if need {
			r.fail(wrong())
		}
		return nil
	}
	in, ok := v.(xmlrpc.Struct)
	if !ok || !shapes()[name].fits(in) {
		r.fail(wrong())
		return nil
	}
	return in
}

func (s shape) fits(in xmlrpc.Struct) bool {
	for _, name := range s.need {
		if _, sent := in[name]; !sent {
			return false
		}
	}
	// area_code is mandatory, although it may be empty; ext_num may be left out.
	if _, sent := in["area_code"]; !sent && slices.Contains(s.mayBeEmpty, "area_code") {
		return false
	}
	for name, v := range in {
		text, ok := v.(string)
		switch {
		case !ok:
			return false
		case slices.Contains(s.mayBeEmpty, name):
		case slices.Contains(s.need, name), slices.Contains(s.optional, name):
			if strings.TrimSpace(text) == "" {
				return false
			}
		default:
			return false
		}
	}
	return true
}
