package orders

import (
	"fmt"
	"slices"

	"domainprovisioning/domains"
)

// Person is a customer, or a new user: both have the same fields. Only the customer of an
// existing account has none but the account. Fields hold what was typed; Contact returns
// what the other systems get.
type Person struct {
	account, promoCode, login, password, currency, fullyRegistered, companyNameLatin,
	postalAddress, taxID, customerClass, banner string
	contact domains.Contact
	others  []Parameter // slots without a field here
	// given are the names of the slots that were there, even if empty, in their order.
	given []string
}

// IsExisting reports whether the customer already has an account.
func (p *Person) IsExisting() bool { return slices.Contains(p.given, "AccountID") }

// AccountID returns the account of an existing customer.
func (p *Person) AccountID() (int, bool) { return canonicalID(p.account) }

// Login returns the control panel login.
func (p *Person) Login() string { return p.login }

// Password returns the control panel password.
func (p *Person) Password() domains.Secret { return domains.NewSecret(p.password) }

// Currency returns the currency of a new account, or "".
func (p *Person) Currency() string { return p.currency }

// Contact returns the contact, normalised.
func (p *Person) Contact() domains.Contact {
	contact := p.contact.Normalised()
	// A personal account may have the person's name as company name; a registry
	// would treat such a contact as a company.
	if contact.Organisation == contact.FirstName+" "+contact.LastName {
		contact.Organisation = ""
	}
	return contact
}

// Format hides the person from every verb.
func (p Person) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(domains.Redacted)) }

// MarshalJSON always fails, as that of Order.
func (p Person) MarshalJSON() ([]byte, error) { return nil, errMarshal }

// text returns a slot by its name in the list.
func (p *Person) text(slot string) string {
	if field, ok := findPersonField(slot); ok {
		return *field.in(p)
	}
	other, _ := value(p.others, slot)
	return other.Reveal()
}
