package orders

import (
	"fmt"
	"slices"
	"strings"

	"domainprovisioning/domains"
)

// ContactData identifies the customer on whose behalf the order is placed: a
// new customer by the contact slots, an existing one by AccountID.
type ContactData struct {
	Slots Slots
}

// Format hides the customer; it prints only the number of slots.
func (c ContactData) Format(f fmt.State, _ rune) {
	_, _ = f.Write([]byte(many(len(c.Slots), "contact slot")))
}

// slotKind is the type that a slot has in the JSON form.
type slotKind byte

const (
	slotText slotKind = iota
	slotID            // whole number
	slotFlag          // "1" true, "0" false
)

// slotField maps a documented slot to its place in the JSON form of a customer
// or an additional contact. The order is that of the vendor's table.
type slotField struct {
	slot string
	path string // fields joined by "/"
	kind slotKind
	need need
}

// need says whether a new customer's order must have the slot.
type need bool

const (
	optional need = false
	// required: account, staff member or registrar contact cannot be created
	// without it. These are our own rules (RuleMissingData); the vendor's page
	// marks no slot as mandatory. Operations requires StateID.
	required need = true
)

var slotFields = []slotField{
	{"AccountID", "accountId", slotID, optional},
	{"PromoCodeID", "promoCode", slotText, optional},
	{"LoginID", "login", slotText, required},
	{"PasswordID", "password", slotText, required},
	{"CurrencyID", "currency", slotText, optional},
	{"FullyRegistred", "fullyRegistered", slotFlag, optional}, // the vendor's spelling
	{"CompanyNameID", "contact/organisation", slotText, optional},
	{"CompanyNameLatinID", "companyNameLatin", slotText, optional},
	{"PostAddressID", "postalAddress", slotText, optional},
	{"TaxRegID", "taxId", slotText, optional},
	{"CustomerClassID", "customerClass", slotText, optional},
	{"FirstNameID", "contact/firstName", slotText, required},
	{"MiddleNameID", "contact/middleName", slotText, optional},
	{"LastNameID", "contact/lastName", slotText, required},
	{"AddressID", "contact/address1", slotText, required},
	{"Address2ID", "contact/address2", slotText, optional},
	{"CityID", "contact/city", slotText, required},
	{"ZipID", "contact/postalCode", slotText, required},
	{"CountryID", "contact/country", slotText, required},
	{"StateID", "contact/state", slotText, required},
	{"EmailID", "contact/email", slotText, required},
	{"PhoneCountryID", "contact/phone/countryCode", slotText, required},
	{"PhoneAreaID", "contact/phone/areaCode", slotText, optional},
	{"PhoneNumberID", "contact/phone/number", slotText, required},
	{"PhoneExtensionID", "contact/phone/extension", slotText, optional},
	{"FaxCountryID", "contact/fax/countryCode", slotText, optional},
	{"FaxAreaID", "contact/fax/areaCode", slotText, optional},
	{"FaxNumberID", "contact/fax/number", slotText, optional},
	{"FaxExtensionID", "contact/fax/extension", slotText, optional},
	{"BannerID", "banner", slotText, optional},
}

func findSlotField(slot string) (slotField, bool) {
	for _, field := range slotFields {
		if field.slot == slot {
			return field, true
		}
	}
	return slotField{}, false
}

// contactSlotPath returns the JSON pointer of a slot in the JSON form.
func contactSlotPath(base, slot string) string {
	if field, ok := findSlotField(slot); ok {
		return base + "/" + field.path
	}
	return pointer(base, "slots", slot)
}

// canonicalSlots returns the slots in the order of the JSON form: the
// documented ones in the vendor's order, then the rest.
func canonicalSlots(slots Slots) Slots {
	rank := func(s Slot) int {
		at := slices.IndexFunc(slotFields, func(f slotField) bool { return f.slot == s.Name })
		if at < 0 {
			return len(slotFields)
		}
		return at
	}
	sorted := slices.Clone(slots)
	slices.SortStableFunc(sorted, func(a, b Slot) int { return rank(a) - rank(b) })
	return sorted
}

// IsExisting reports whether the customer already has an account.
func (c ContactData) IsExisting() bool {
	_, ok := c.Slots.Get("AccountID")
	return ok
}

// AccountID returns the account of an existing customer.
func (c ContactData) AccountID() (int, bool) { return canonicalID(c.Slots.text("AccountID")) }

// Login returns the control panel login of a new customer.
func (c ContactData) Login() string { return c.Slots.text("LoginID") }

// Password returns the control panel password of a new customer.
func (c ContactData) Password() domains.Secret { return domains.NewSecret(c.Slots.text("PasswordID")) }

// Currency returns the currency of the new account, or "".
func (c ContactData) Currency() string { return c.Slots.text("CurrencyID") }

// CompanyName returns the company as sent, or "" for a personal account. For a
// personal account the vendor also allows first and last name here; Contact
// distinguishes the two.
func (c ContactData) CompanyName() string { return c.Slots.text("CompanyNameID") }

// TaxID returns the tax registration number, or "".
func (c ContactData) TaxID() string { return c.Slots.text("TaxRegID") }

// PromoCode returns the promotion code, or "".
func (c ContactData) PromoCode() string { return c.Slots.text("PromoCodeID") }

// Contact returns the customer's contact, normalised.
func (c ContactData) Contact() domains.Contact { return c.Slots.contact() }

// Login returns the login of the new user.
func (c AdditionalContact) Login() string { return c.Slots.text("LoginID") }

// Password returns the password of the new user.
func (c AdditionalContact) Password() domains.Secret {
	return domains.NewSecret(c.Slots.text("PasswordID"))
}

// Contact returns the new user's contact, normalised.
func (c AdditionalContact) Contact() domains.Contact { return c.Slots.contact() }

func (s Slots) contact() domains.Contact {
	contact := domains.Contact{
		FirstName:    s.text("FirstNameID"),
		MiddleName:   s.text("MiddleNameID"),
		LastName:     s.text("LastNameID"),
		Organisation: s.text("CompanyNameID"),
		Address1:     s.text("AddressID"),
		Address2:     s.text("Address2ID"),
		PostalCode:   s.text("ZipID"),
		City:         s.text("CityID"),
		State:        s.text("StateID"),
		Country:      s.text("CountryID"),
		Phone: domains.Phone{
			CountryCode: s.text("PhoneCountryID"), AreaCode: s.text("PhoneAreaID"),
			Number: s.text("PhoneNumberID"), Extension: s.text("PhoneExtensionID"),
		},
		Fax: domains.Phone{
			CountryCode: s.text("FaxCountryID"), AreaCode: s.text("FaxAreaID"),
			Number: s.text("FaxNumberID"), Extension: s.text("FaxExtensionID"),
		},
		Email: s.text("EmailID"),
	}.Normalised()
	// A personal account may have the person's name as company name; a registry
	// would treat such a contact as a company.
	if contact.Organisation == contact.FirstName+" "+contact.LastName {
		contact.Organisation = ""
	}
	return contact
}

// checkCustomer reports slots that a new customer lacks (RuleMissingData) and
// values that no later step can use (RuleMalformedData). An existing customer
// needs none of these, because the account has the data.
func (c *checker) checkCustomer(slots Slots) {
	place := func(n int) place { return place{sectionContact, atEnd, n} }
	bad := func(n int, rule int, slot, problem string) {
		c.add(place(n), Fault{Rule: rule, Item: NoItem, Parameter: slot,
			Path: contactSlotPath("/customer", slot), Message: "ContactData: " + slot + " " + problem})
	}
	if flag, ok := slots.Get("FullyRegistred"); ok && flag.Reveal() != "0" && flag.Reveal() != "1" {
		bad(0, RuleMalformedData, "FullyRegistred", "must be 0 or 1")
	}
	if account, ok := slots.Get("AccountID"); ok {
		if _, ok := canonicalID(account.Reveal()); !ok {
			bad(0, RuleMalformedData, "AccountID", "must be an account id")
		}
		return
	}
	for n, field := range slotFields {
		value := strings.TrimSpace(slots.text(field.slot))
		if field.need != required {
			continue
		}
		if value == "" {
			bad(n, RuleMissingData, field.slot, "is missing")
			continue
		}
		switch field.slot {
		case "CountryID":
			if len(value) != 2 || strings.Trim(strings.ToLower(value), "abcdefghijklmnopqrstuvwxyz") != "" {
				bad(n, RuleMalformedData, field.slot, "must be two letters")
			}
		case "EmailID":
			if at := strings.LastIndexByte(value, '@'); at < 1 || at == len(value)-1 {
				bad(n, RuleMalformedData, field.slot, "must be an e-mail address")
			}
		case "PhoneCountryID", "PhoneNumberID":
			if !strings.ContainsAny(value, "0123456789") {
				bad(n, RuleMalformedData, field.slot, "must hold digits")
			}
		}
	}
}
