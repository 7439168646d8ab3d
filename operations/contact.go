package operations

import (
	"strings"

	"domainprovisioning/domains"
	"domainprovisioning/xmlrpc"
)

// addContact puts a normalised contact into the five members that all account
// and member methods share (operations.md, section 9.1). area_code and ext_num
// go out empty if need be, which a client is known to do; every other optional
// member is left out when it is empty.
func addContact(params xmlrpc.Struct, contact domains.Contact) {
	person := xmlrpc.Struct{"first_name": contact.FirstName, "last_name": contact.LastName}
	optional(person, "title", contact.Title)
	optional(person, "middle_name", contact.MiddleName)
	// A company name makes the account a business account.
	optional(person, "company_name", contact.Organisation)
	address := xmlrpc.Struct{
		"street_name": contact.Address1,
		"zipcode":     contact.PostalCode,
		"city":        contact.City,
		"state":       contact.State,
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

// ContactFrom reads person, address, phone, fax and email of a result, such as
// that of pem.getAccountInfo. What is missing stays empty. The house number,
// which domains.Contact keeps in the street, is put behind it.
func ContactFrom(result xmlrpc.Struct) domains.Contact {
	person, address := members(result, "person"), members(result, "address")
	street := text(address, "street_name")
	if number := text(address, "house_num"); number != "" {
		street = strings.TrimSpace(street + " " + number)
	}
	return domains.Contact{
		Title:        text(person, "title"),
		FirstName:    text(person, "first_name"),
		MiddleName:   text(person, "middle_name"),
		LastName:     text(person, "last_name"),
		Organisation: text(person, "company_name"),
		Address1:     street,
		Address2:     text(address, "address2"),
		PostalCode:   text(address, "zipcode"),
		City:         text(address, "city"),
		State:        text(address, "state"),
		Country:      text(address, "country"),
		Phone:        phoneFrom(members(result, "phone")),
		Fax:          phoneFrom(members(result, "fax")),
		Email:        text(result, "email"),
	}.Normalised()
}

func phoneFrom(phone xmlrpc.Struct) domains.Phone {
	return domains.Phone{
		CountryCode: text(phone, "country_code"),
		AreaCode:    text(phone, "area_code"),
		Number:      text(phone, "phone_num"),
		Extension:   text(phone, "ext_num"),
	}
}

// The readers below are lenient: a missing member, or one of another type, is
// the zero value. Callers check what they cannot do without.

func members(s xmlrpc.Struct, name string) xmlrpc.Struct {
	inner, _ := s[name].(xmlrpc.Struct)
	return inner
}

func text(s xmlrpc.Struct, name string) string {
	value, _ := xmlrpc.AsString(s[name])
	return strings.TrimSpace(value)
}

func number(s xmlrpc.Struct, name string) int {
	value, _ := xmlrpc.AsInt(s[name])
	return value
}

// list reads a result that should be an array: the array itself, or a struct
// around a single one.
func list(result any) ([]any, bool) {
	switch v := result.(type) {
	case nil:
		return nil, true
	case []any:
		return v, true
	case xmlrpc.Struct:
		if len(v) == 1 {
			for _, inner := range v {
				elements, ok := inner.([]any)
				return elements, ok
			}
		}
		return nil, len(v) == 0
	}
	return nil, false
}
