package domains

import (
	"fmt"
	"log/slog"
	"strings"
)

// Contact is a person or an organisation with an address, in the form that orders
// carry and that each system's client maps to its own fields. It is personal
// data: never log it, and never put it into an id, a search attribute, a memo or
// an error. Printing it therefore shows only Redacted.
//
// A new field must be left out of the JSON when it is empty: the digest by which a contact
// is found again at a registrar is made of it.
type Contact struct {
	Title        string `json:"title,omitempty"` // such as Dr.; orders have none
	FirstName    string `json:"firstName,omitempty"`
	MiddleName   string `json:"middleName,omitempty"`
	LastName     string `json:"lastName,omitempty"`
	Organisation string `json:"organisation,omitempty"` // empty: a person
	Address1     string `json:"address1,omitempty"`
	Address2     string `json:"address2,omitempty"`
	PostalCode   string `json:"postalCode,omitempty"`
	City         string `json:"city,omitempty"`
	State        string `json:"state,omitempty"`
	Country      string `json:"country,omitempty"` // ISO 3166-1 alpha-2, upper case
	Phone        Phone  `json:"phone,omitzero"`
	Fax          Phone  `json:"fax,omitzero"`
	Email        string `json:"email,omitempty"`
}

// IsOrganisation reports whether the contact is a company and not a person.
func (c Contact) IsOrganisation() bool { return strings.TrimSpace(c.Organisation) != "" }

// MissingFields returns the names of the empty fields that every system requires, as in
// the JSON form; a postal code only where the country has them.
func (c Contact) MissingFields() []string {
	var missing []string
	for _, field := range []struct{ name, value string }{
		{"firstName", c.FirstName},
		{"lastName", c.LastName},
		{"address1", c.Address1},
		{"postalCode", c.PostalCode},
		{"city", c.City},
		{"country", c.Country},
		{"phone.countryCode", c.Phone.CountryCode},
		{"phone.number", c.Phone.Number},
		{"email", c.Email},
	} {
		if strings.TrimSpace(field.value) == "" && (field.name != "postalCode" || HasPostalCode(c.Country)) {
			missing = append(missing, field.name)
		}
	}
	return missing
}

// Normalised returns the contact with blanks trimmed, the country in upper case,
// and the telephone parts reduced to digits.
func (c Contact) Normalised() Contact {
	for _, field := range []*string{
		&c.Title, &c.FirstName, &c.MiddleName, &c.LastName, &c.Organisation,
		&c.Address1, &c.Address2, &c.PostalCode, &c.City, &c.State, &c.Email,
	} {
		*field = strings.TrimSpace(*field)
	}
	c.Country = strings.ToUpper(strings.TrimSpace(c.Country))
	c.Phone = c.Phone.normalised()
	c.Fax = c.Fax.normalised()
	return c
}

// Format hides the contact from every verb: the default verbs of a struct would
// print its fields one by one.
func (c Contact) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(Redacted)) }

// LogValue hides the contact from structured logs.
func (c Contact) LogValue() slog.Value { return slog.StringValue(Redacted) }
