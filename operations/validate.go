package operations

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"domainprovisioning/domains"
)

// checker collects the problems of the parameters of one call. Its messages use
// the names of fields on the wire, and never contain values.
type checker struct {
	method   string
	problems []string
}

func (c *checker) add(format string, args ...any) {
	c.problems = append(c.problems, fmt.Sprintf(format, args...))
}

func (c *checker) err() error {
	if len(c.problems) == 0 {
		return nil
	}
	return &InvalidError{Method: c.method, Problems: c.problems}
}

// id checks a mandatory id. Ids are signed 32-bit (docs/protocols/operations.md,
// section 11).
func (c *checker) id(field string, id int) {
	if id < 1 || id > math.MaxInt32 {
		c.add("%s must be between 1 and 2147483647", field)
	}
}

// optionalID accepts 0 as "left out".
func (c *checker) optionalID(field string, id int) {
	if id != 0 {
		c.id(field, id)
	}
}

func (c *checker) required(field, value string) {
	if strings.TrimSpace(value) == "" {
		c.add("%s must not be empty", field)
	}
}

func (c *checker) atMost(field, value string, characters int) {
	if utf8.RuneCountInString(value) > characters {
		c.add("%s is longer than %d characters", field, characters)
	}
}

func (c *checker) name(name domains.Name) {
	if name.IsZero() {
		c.add("domain_name must not be empty")
	}
}

// contact checks the contact of docs/protocols/operations.md, section 9.1. Empty
// mandatory contact data makes the server answer with a misleading "wrong set of
// arguments" (Common/2), so we refuse it here and name the field.
func (c *checker) contact(contact domains.Contact) {
	c.required("person.first_name", contact.FirstName)
	c.required("person.last_name", contact.LastName)
	c.required("address.street_name", contact.Address1)
	c.required("address.zipcode", contact.PostalCode)
	c.required("address.city", contact.City)
	c.required("address.state", contact.State)
	if country := contact.Country; len(country) != 2 || strings.Trim(country, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		c.add("address.country must be two letters")
	}
	c.phone("phone", contact.Phone)
	if contact.Fax != (domains.Phone{}) {
		c.phone("fax", contact.Fax)
	}
	c.required("email", contact.Email)
}

func (c *checker) phone(field string, phone domains.Phone) {
	c.required(field+".country_code", phone.CountryCode)
	c.required(field+".phone_num", phone.Number)
}
