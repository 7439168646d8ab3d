package orders

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// listWords are the names of PlaceOrderAndAuthorize_API.
type listWords struct{}

func (listWords) name(o *Order, f Field) string {
	switch f.part {
	case partItems:
		if f.at == none {
			return "the order"
		}
		return listItem(o, f.at) + listItemField(f.path)
	case partCustomer:
		return "ContactData: " + listPersonField(f.path)
	case partPayment:
		return "PayTool: " + unescaped(f.path)
	case partContacts:
		return listContact(o, f.at) + listPersonField(f.path)
	case partEnd:
		return "a value after the last section"
	}
	switch f.path {
	case "vendorAccountId":
		return "VendorAccountID"
	case "number":
		return "the order number"
	}
	return "the order"
}

func (listWords) pointer(f Field) string { return f.Pointer() }

// operations lists the order system's own types; ours are not in its list.
func (listWords) operations() string {
	var all []string
	for _, known := range typeWords {
		if !known.operation.Ours() {
			all = append(all, fmt.Sprintf("%d (%s)", int(known.operation), known.word))
		}
	}
	return strings.Join(all, ", ")
}

func (listWords) addresses() string {
	return "and PlaceOrderAndAuthorize_API has no place for addresses: order it in the JSON form"
}

func listItem(o *Order, at int) string {
	for _, item := range o.Items {
		if item.at == at {
			return fmt.Sprintf("item %d: ", item.ID)
		}
	}
	return fmt.Sprintf("the item at place %d: ", at+1)
}

func listContact(o *Order, at int) string {
	for _, contact := range o.AdditionalContacts {
		if contact.at == at {
			return contact.String() + ": "
		}
	}
	return "additional contact: "
}

func listItemField(path string) string {
	for _, field := range itemFields {
		if field.path == path {
			return field.parameter
		}
	}
	first, rest, _ := strings.Cut(path, "/")
	switch first {
	case "id":
		return "ProvisioningItemID"
	case "planId":
		return "PlanID"
	case "periodId":
		return "PlanPeriodID"
	case "parentId":
		return "ParentItemID"
	case "parameters":
		return unescaped(rest)
	case "apsDefaults":
		if rest == "" {
			return apsPrefix
		}
		return apsPrefix + unescaped(rest)
	case "settings":
		if rest == "" {
			return ParamSettings
		}
		// The parameter holds the same object as the JSON form.
		return ParamSettings + ": " + steps(rest)
	case "nameServers":
		return "the name servers"
	case "contacts":
		return ParamOwnerContact
	}
	return "the item"
}

func listPersonField(path string) string {
	for _, field := range personFields {
		if field.path == path {
			return field.slot
		}
	}
	if other, ok := strings.CutPrefix(path, "slots/"); ok {
		if other == "" {
			return "a slot"
		}
		return unescaped(other)
	}
	switch path {
	case "id":
		return "AdditionalContactID"
	case "contact/phone":
		return "PhoneNumberID"
	case "contact/fax":
		return "FaxNumberID"
	}
	return "the contact data"
}

// jsonWords are the names of the JSON form, as paths: items[0].domain.
type jsonWords struct{}

func (jsonWords) name(_ *Order, f Field) string {
	if f == WholeOrder() {
		return "the order"
	}
	return steps(strings.Trim(f.Pointer(), "/"))
}

func (jsonWords) pointer(f Field) string { return f.Pointer() }

// steps writes a path as it is written in programs: items[0].domain.
func steps(path string) string {
	var name strings.Builder
	for n, step := range strings.Split(path, "/") {
		if _, err := strconv.Atoi(step); err == nil && n > 0 {
			name.WriteString("[" + step + "]")
			continue
		}
		if n > 0 {
			name.WriteByte('.')
		}
		name.WriteString(unescaped(step))
	}
	return name.String()
}

func (jsonWords) operations() string {
	all := make([]string, 0, len(typeWords))
	for _, known := range typeWords {
		all = append(all, known.word)
	}
	return strings.Join(all, ", ")
}

func (jsonWords) addresses() string {
	return `as {"host": "...", "addresses": ["..."]}`
}

// roleFields are the roles in the JSON form, in the order of the parameters.
func roleFields() []string {
	var roles []string
	for _, field := range itemFields {
		if role, ok := strings.CutPrefix(field.path, "contacts/"); ok {
			roles = append(roles, role)
		}
	}
	return slices.Clip(roles)
}
