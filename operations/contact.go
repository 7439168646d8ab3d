package operations

import (
	"strings"

	"domainprovisioning/domains"
	"domainprovisioning/wire/xmlrpc"
)

// addContact writes a normalised contact to the five members that all account and
// member methods share (docs/protocols/operations.md, section 9.1). area_code and
// ext_num are sent even if empty, as a known client does; every other optional member
// is left out if it is empty.
func addContact(params xmlrpc.Struct, contact domains.Contact) {
	person := xmlrpc.Struct{"first_name": contact.FirstName, "last_name": contact.LastName}
	optional(person, "title", contact.Title)
	optional(person, "middle_name", contact.MiddleName)
	// A company name makes the account a business account.
	optional(person, "company_name", contact.Organisation)
	zipcode, state := mandatory(contact)
	address := xmlrpc.Struct{
		"street_name": contact.Address1,
		"zipcode":     zipcode,
		"city":        contact.City,
		"state":       state,
		"country":     strings.ToLower(contact.Country),
	}
	optional(address, "address2", contact.Address2)
	params["person"] = person
	params["address"] = address
	params["phone"] = phoneStruct(contact.Phone)
	if !contact.Fax.IsZero() {
		params["fax"] = phoneStruct(contact.Fax)
	}
	params["email"] = contact.Email
}

func phoneStruct(phone domains.Phone) xmlrpc.Struct {
	return xmlrpc.Struct{
		"country_code": phone.CountryCode,
		"area_code":    phone.AreaCode,
		"phone_num":    phone.Number,
		"ext_num":      phone.Extension,
	}
}

func optional(params xmlrpc.Struct, name, value string) {
	if value != "" {
		params[name] = value
	}
}

func optionalID(params xmlrpc.Struct, name string, id int) {
	if id != 0 {
		params[name] = id
	}
}

// contact reads person, address, phone, fax and email of a result, such as that of
// pem.getAccountInfo. Missing fields stay empty. The house number, which
// domains.Contact keeps in the street, is appended to it.
func (f fields) contact() domains.Contact {
	person, address := f.inner("person"), f.inner("address")
	street := address.text("street_name")
	if number := address.text("house_num"); number != "" {
		street = strings.TrimSpace(street + " " + number)
	}
	contact := domains.Contact{
		Title:        person.text("title"),
		FirstName:    person.text("first_name"),
		MiddleName:   person.text("middle_name"),
		LastName:     person.text("last_name"),
		Organisation: person.text("company_name"),
		Address1:     street,
		Address2:     address.text("address2"),
		PostalCode:   address.text("zipcode"),
		City:         address.text("city"),
		State:        address.text("state"),
		Country:      address.text("country"),
		Phone:        f.inner("phone").phone(),
		Fax:          f.inner("fax").phone(),
		Email:        f.text("email"),
	}.Normalised()
	return withoutFillers(contact)
}

func (f fields) phone() domains.Phone {
	return domains.Phone{
		CountryCode: f.text("country_code"),
		AreaCode:    f.text("area_code"),
		Number:      f.text("phone_num"),
		Extension:   f.text("ext_num"),
	}
}
