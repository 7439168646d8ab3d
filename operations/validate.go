package operations

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/currency"

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
	zipcode, state := mandatory(contact)
	c.required("person.first_name", contact.FirstName)
	c.required("person.last_name", contact.LastName)
	c.required("address.street_name", contact.Address1)
	c.required("address.zipcode", zipcode)
	c.required("address.city", contact.City)
	c.required("address.state", state)
	if country := contact.Country; len(country) != 2 || strings.Trim(country, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		c.add("address.country must be two letters")
	}
	c.phone("phone", contact.Phone)
	if !contact.Fax.IsZero() {
		c.phone("fax", contact.Fax)
	}
	c.required("email", contact.Email)
}

func (c *checker) phone(field string, phone domains.Phone) {
	c.required(field+".country_code", phone.CountryCode)
	c.required(field+".phone_num", phone.Number)
}

// PasswordProblem says what is wrong with the password of a new staff member, or "". It
// completes the sentence "the password ...". The documents only say that it is mandatory
// (docs/protocols/operations.md, section 9.2): a policy of the installation is not known.
func PasswordProblem(password domains.Secret) string { return emptyProblem(password.Reveal()) }

// LoginProblem says what is wrong with the login of a new staff member, or "", by the same
// rule as PasswordProblem. Whether it is taken, only Operations knows.
func LoginProblem(login string) string { return emptyProblem(login) }

func emptyProblem(value string) string {
	if strings.TrimSpace(value) == "" {
		return "is missing"
	}
	return ""
}

// CurrencyProblem says what is wrong with the currency of a new account, or "". It may be
// empty, and is a code of ISO 4217 in either case; those of no money are refused.
func CurrencyProblem(code string) string {
	code = strings.TrimSpace(code)
	if code == "" {
		return ""
	}
	unit, err := currency.ParseISO(code)
	if err != nil || unit == currency.XXX || unit == currency.XTS {
		return "must be a code of three letters of ISO 4217"
	}
	return ""
}
