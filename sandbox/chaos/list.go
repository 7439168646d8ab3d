//go:build unix

package main

import "fmt"

// listOf returns the order system's own form of an order, with its counted slots. It has
// only registrations, renewals and transfers, and no settings.
func listOf(d document) (list []any, ok bool) {
	operations := map[string]int{"registration": 10, "renewal": 20, transfer: 90}
	items, _ := d["items"].([]any)
	list = []any{1, len(items)}
	var groups []any
	for _, one := range items {
		item, _ := one.(document)
		list = append(list, fmt.Sprintf("%v=%v=%v=%v", item["planId"], item["periodId"], item["id"], item["parentId"]))
		operation, _ := item["operation"].(string)
		if operation == "" {
			continue // hosting is listed with its domain
		}
		number, known := operations[operation]
		if !known || item["settings"] != nil {
			return nil, false
		}
		name := fmt.Sprintf("DomainID=%v", item["domain"])
		if len(items) > 1 {
			groups = append(groups, 0, 1, name)
		}
		groups = append(groups, item["id"], 3, fmt.Sprintf("OrderOperationType=%d", number), name, fmt.Sprintf("TransferKey=%v", item["transferKey"]))
	}
	if len(groups) == 0 {
		return nil, false
	}
	list = append(append(list, len(groups)), groups...)
	customer, _ := d["customer"].(document)
	slots := slotsOf(customer)
	list = append(append(list, len(slots)), slots...)
	return append(list, 2, "PayToolID=3", "IPAddressID=192.0.2.10", 0), true
}

func slotsOf(customer document) []any {
	if account, ok := customer["accountId"]; ok {
		return []any{fmt.Sprintf("AccountID=%v", account)}
	}
	contact, _ := customer["contact"].(document)
	phone, _ := contact["phone"].(document)
	var slots []any
	for _, slot := range []struct {
		name string
		from document
		part string
	}{
		{"LoginID", customer, "login"}, {"PasswordID", customer, "password"}, {"CurrencyID", customer, "currency"},
		{"CompanyNameID", contact, "organisation"}, {"FirstNameID", contact, "firstName"}, {"LastNameID", contact, "lastName"},
		{"AddressID", contact, "address1"}, {"CityID", contact, "city"}, {"ZipID", contact, "postalCode"},
		{"CountryID", contact, "country"}, {"StateID", contact, "state"}, {"EmailID", contact, "email"},
		{"PhoneCountryID", phone, "countryCode"}, {"PhoneAreaID", phone, "areaCode"}, {"PhoneNumberID", phone, "number"},
	} {
		slots = append(slots, fmt.Sprintf("%s=%v", slot.name, slot.from[slot.part]))
	}
	return slots
}
