package orders

import (
	"slices"
	"strings"

	"domainprovisioning/domains"
)

// This file holds the rules for customers and contacts.

// checkContacts applies RuleContactLogin and RuleContactTwice, and notes a contact that no
// role uses. A new user without a password gets one when it is made.
func (in *Incoming) checkContacts() {
	used := map[int]bool{}
	for _, item := range in.Order.Items {
		for _, id := range item.roles.All() {
			if *id != nil {
				used[**id] = true
			}
		}
	}
	seen := map[int]bool{}
	logins := map[string]bool{} // of those who are made in Operations
	if !in.Order.Customer.IsExisting() {
		logins[strings.TrimSpace(in.Order.Customer.login)] = true
	}
	for n := range in.Order.AdditionalContacts {
		contact := &in.Order.AdditionalContacts[n]
		whole := ContactField(contact.at, "")
		in.checkPerson(&contact.Person, whole)
		switch {
		case seen[contact.ID]:
			in.refuse(RuleContactTwice, ContactField(contact.at, "id"), "%d is given twice", contact.ID)
		case !used[contact.ID]:
			if noteUnusedContact {
				in.Note(RuleContactUnused, whole, "is used by no role")
			}
		case strings.TrimSpace(contact.login) == "" && !in.registrarsOnly[contact.ID] && !in.Refused(whole.in("login")):
			in.Refuse(RuleContactLogin, whole.in("login"), "is required for a new user")
		}
		if login := strings.TrimSpace(contact.login); in.makes(contact.ID) && !seen[contact.ID] && login != "" {
			if logins[login] && !in.Refused(whole.in("login")) {
				in.Refuse(RuleContactLogin, whole.in("login"), "is that of another new user of the order")
			}
			logins[login] = true
		}
		seen[contact.ID] = true
		if used[contact.ID] && !in.Refused(whole) {
			in.checkContact(&contact.Person, whole)
		}
	}
}

// makes reports whether the new user becomes one in Operations: a role of a domain that is
// set up has the id, and the contact is not for the registrar alone.
func (in *Incoming) makes(id int) bool {
	return !in.registrarsOnly[id] && slices.ContainsFunc(in.Order.Items, func(i Item) bool {
		if !i.operation.Provisions() {
			return false
		}
		for _, role := range i.roles.All() {
			if *role != nil && **role == id {
				return true
			}
		}
		return false
	})
}

// checkPerson applies RuleText to contact data.
func (in *Incoming) checkPerson(person *Person, whole Field) {
	for _, slot := range person.given {
		field := whole.in("slots", slot)
		oneLine := false // what an unknown slot holds is not known
		if known, ok := findPersonField(slot); ok {
			field.path, oneLine = known.path, known.path != postalAddress
		}
		in.checkText(field, slot, person.text(slot), oneLine)
	}
}

// checkCustomer reports fields that a new customer lacks (RuleMissingData) and values that
// no later step can use (RuleMalformedData). An existing customer needs none of these,
// because the account has the data.
func (in *Incoming) checkCustomer() {
	customer := &in.Order.Customer
	flag := customer.fullyRegistered
	if field := CustomerField("fullyRegistered"); slices.Contains(customer.given, "FullyRegistred") && flag != "0" && flag != "1" && !in.Refused(field) {
		in.Refuse(RuleMalformedData, field, "must be 0 or 1")
	}
	account := CustomerField("accountId")
	if customer.IsExisting() {
		if _, ok := customer.AccountID(); !ok && !in.Refused(account) {
			in.Refuse(RuleMalformedData, account, "must be an account id")
		}
		return
	}
	if in.Refused(account) || in.Refused(CustomerField("")) {
		return // it is an existing customer, or not all of the customer was read
	}
	for path, text := range map[string]string{"login": customer.login, "password": customer.password} {
		if field := CustomerField(path); strings.TrimSpace(text) == "" && !in.Refused(field) {
			in.Refuse(RuleMissingData, field, "is missing")
		}
	}
	in.checkContact(customer, CustomerField(""))
}

// checkContact applies the rules for contacts that hold for every system.
func (in *Incoming) checkContact(person *Person, whole Field) {
	for _, problem := range person.contact.Problems() {
		field := whole.in(anySteps("contact/" + strings.ReplaceAll(problem.Field, ".", "/"))...)
		// Whether there must be a state or a postal code is known of a country only.
		ofCountry := problem.Field == "state" || problem.Field == "postalCode"
		if in.refusedAround(field) || ofCountry && problem.IsMissing() && domains.CountryProblem(person.contact.Country) != "" {
			continue
		}
		rule := RuleMalformedData
		if problem.IsMissing() {
			rule = RuleMissingData
		}
		in.Refuse(rule, field, problem.Problem)
	}
	contact := person.contact
	if code, ok := domains.StateCode(contact.Country, contact.State); ok && !strings.EqualFold(code, strings.TrimSpace(contact.State)) {
		in.Note(RuleMalformedData, whole.in("contact", "state"), "is a full name: a registrar that takes codes is sent its code")
	}
}
