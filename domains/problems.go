package domains

import (
	"fmt"
	"net/mail"
	"regexp"
	"strings"
	"unicode/utf8"
)

// Problem is something wrong with a field of a contact.
type Problem struct {
	// Field is the name in JSON, such as "postalCode" or "phone.countryCode".
	Field string
	// Problem completes the sentence "<field> ...". It never quotes the value.
	Problem string
}

// IsMissing reports whether the field is not given although it must be.
func (p Problem) IsMissing() bool { return p.Problem == missing }

// missing is the problem of a field that must be given.
const missing = "is missing"

// Problems returns everything that is wrong with a contact that somebody orders, in the
// order of the fields: what every system demands (postal code and state only where the
// country has them), and values that no system can use. Registrars have rules of their own.
func (c Contact) Problems() []Problem {
	var problems []Problem
	add := func(field, problem string) {
		if problem != "" {
			problems = append(problems, Problem{field, problem})
		}
	}
	required := func(field, value string) {
		if strings.TrimSpace(value) == "" {
			add(field, missing)
		}
	}
	required("firstName", c.FirstName)
	required("lastName", c.LastName)
	required("address1", c.Address1)
	add("postalCode", PostalCodeProblem(c.Country, c.PostalCode))
	required("city", c.City)
	add("state", StateProblem(c.Country, c.State))
	add("country", CountryProblem(c.Country))
	for _, problem := range c.Phone.Problems() {
		add("phone."+problem.Field, problem.Problem)
	}
	// Forms send the codes of a fax that nobody has.
	if strings.TrimSpace(c.Fax.Number) != "" {
		for _, problem := range c.Fax.Problems() {
			add("fax."+problem.Field, problem.Problem)
		}
	}
	add("email", EmailProblem(c.Email))
	return problems
}

// StateProblem says what is wrong with the state of an address, or "". It must be given
// where the country has states; which ones there are is known of US, CA and AU.
func StateProblem(country, state string) string {
	country = strings.ToUpper(strings.TrimSpace(country))
	if strings.TrimSpace(state) == "" {
		if HasState(country) {
			return missing
		}
		return ""
	}
	if _, ok := StateCode(country, state); !ok && world().states[country] != nil {
		return fmt.Sprintf("must be a state, province or territory of %s, by its code or its full name in English", country)
	}
	return ""
}

// postalForms are the forms of postal codes that are beyond doubt: those of countries
// whose post fixes one form, which people write without the country before it.
var postalForms = map[string]struct {
	form *regexp.Regexp
	like string
}{
	"AU": {regexp.MustCompile(`^[0-9]{4}$`), "four digits"},
	"CA": {regexp.MustCompile(`^[A-Za-z][0-9][A-Za-z][ -]?[0-9][A-Za-z][0-9]$`), "a code such as K1A 0B1"},
	"GB": {regexp.MustCompile(`^[A-Za-z]{1,2}[0-9][A-Za-z0-9]? ?[0-9][A-Za-z]{2}$`), "a code such as SW1A 1AA"},
	"NL": {regexp.MustCompile(`^[0-9]{4} ?[A-Za-z]{2}$`), "a code such as 1234 AB"},
	"US": {regexp.MustCompile(`^[0-9]{5}(-?[0-9]{4})?$`), "five digits, or nine with a hyphen"},
}

// PostalCodeProblem says what is wrong with the postal code of an address, or "". It must
// be given where the country has postal codes; their form is known of a few countries.
func PostalCodeProblem(country, code string) string {
	code = strings.TrimSpace(code)
	if code == "" {
		if HasPostalCode(country) {
			return missing
		}
		return ""
	}
	known, ok := postalForms[strings.ToUpper(strings.TrimSpace(country))]
	if ok && !known.form.MatchString(code) {
		return "must be " + known.like
	}
	return ""
}

// Limits of an e-mail address in characters (RFC 5321, section 4.5.3.1, with erratum 1690
// of RFC 3696).
const (
	maxEmail     = 254
	maxLocalPart = 64
)

// EmailProblem says what is wrong with an e-mail address, or "". It must be the address
// alone. A domain with other than ASCII letters must come in its coded form ("xn--"),
// because registrars keep addresses in ASCII, and a contact is never changed on its way.
func EmailProblem(address string) string {
	address = strings.TrimSpace(address)
	if address == "" {
		return missing
	}
	if utf8.RuneCountInString(address) > maxEmail {
		return fmt.Sprintf("is longer than %d characters", maxEmail)
	}
	parsed, err := mail.ParseAddress(address)
	if err != nil {
		return "must be an e-mail address such as name@example.com"
	}
	if parsed.Name != "" || parsed.Address != address {
		return "must be the address alone, without a name, a comment, brackets or quotes"
	}
	local, domain := address[:strings.LastIndexByte(address, '@')], address[strings.LastIndexByte(address, '@')+1:]
	switch {
	case len(local) > maxLocalPart:
		return fmt.Sprintf("has more than %d characters before the @", maxLocalPart)
	case !isASCII(local):
		return "must have only ASCII characters before the @"
	case !isASCII(domain):
		return `must have its domain in coded form ("xn--")`
	}
	if _, err := ParseHost(domain); err != nil {
		return "has a domain that is not valid"
	}
	return ""
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
}
