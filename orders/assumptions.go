package orders

import (
	"strings"

	"domainprovisioning/domains"
)

// This file holds every interpretation of the order format that is inferred and
// not documented (docs/protocols/orders.md, section 10). If a real system proves
// one wrong, change it here.
//
// Interpretations that need no code of their own:
//   - An empty section is written as its counter 0 (section 1).
//   - AdditionalContactsDataCounter counts contacts, not values (section 1).
//   - ContactInfoSlot strings use the names of the contact data (section 5).
//   - DomainID of a domain item is a label; Rules.DomainIDFullName changes it.
//   - RuleLeftOver, RuleGroupTwice, RuleParameterName, RuleParameterTwice and
//     RuleTransferKeyEmpty are ours. RuleLeftOver has a setting in Rules, and
//     RuleTransferKeyEmpty one in DomainPlan. The other three cannot be dropped: an
//     order with two values for one parameter has no single meaning.

// paramOwner is the owner's parameter. The page calls the fourth role "personal";
// only the order of the names shows that it is the owner.
const paramOwner = "OwnerContactID"

// pairSeparator separates name and value. Only its first occurrence counts,
// because values such as JSON objects contain more of them.
const pairSeparator = "="

// splitPair splits Name=Value at the first separator. Blanks around the name are
// trimmed, since a sample writes "PrimaryNSID = ns1..."; the value is unchanged,
// except that of a name server.
func splitPair(text string) (name, value string, ok bool) {
	name, value, ok = strings.Cut(text, pairSeparator)
	if !ok {
		return "", "", false
	}
	name = strings.TrimSpace(name)
	if field, _ := findItemField(name); isServer(field.path) {
		value = strings.TrimSpace(value)
	}
	return name, value, true
}

// ofDomains reports whether the page describes a parameter for domains only. An item with
// one is a domain; without OrderOperationType it lacks that (RuleDomainIncomplete), and is
// not a hosting item.
func ofDomains(parameter string) bool {
	field, _ := findItemField(parameter)
	return parameter == ParamOperationType || parameter == ParamTransferKey || isServer(field.path) || isRole(field.path)
}

// rejectEmptyDomainID is RuleDomainEmpty: a domain item must name its domain. The
// page allows an empty DomainID ("not defined") for hosting only.
const rejectEmptyDomainID = true

// rejectNameServersOnRenewal is RuleNameServersUnwanted for a renewal, inferred
// from "while ordering or transferring a domain".
const rejectNameServersOnRenewal = true

// noteUnusedContact is RuleContactUnused, a note: nothing says that an unused contact is
// harmful.
const noteUnusedContact = true

// isNewUser distinguishes new from existing users: a user is new exactly if an
// additional contact has the id. The order says nothing else about this.
func isNewUser(contacts []AdditionalContact, id int) bool {
	for _, contact := range contacts {
		if contact.ID == id {
			return true
		}
	}
	return false
}

// parseHost reads "names must comply with the RFC standards"
// (docs/protocols/orders.md, section 3.4) as host names of at most 253 characters
// with labels of letters, digits and hyphens, internationalised ones by their A-labels,
// and compares names without regard to case and a final dot, so that returned names can be
// compared with ==.
func parseHost(host string) (string, error) { return domains.OrderedHost(host) }
