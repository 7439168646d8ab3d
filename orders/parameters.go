package orders

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"domainprovisioning/domains"
)

// Parameter names with fixed rules (docs/protocols/orders.md, section 3.2). Any other
// name is a parameter of the service template or of the registrar.
const (
	ParamOperationType  = "OrderOperationType"
	ParamDomainID       = "DomainID" // a domain name, not an id
	ParamTransferKey    = "TransferKey"
	ParamOwnerContact   = paramOwner
	ParamAdminContact   = "AdminContactID"
	ParamBillingContact = "BillingContactID"
	ParamTechContact    = "TechContactID"
	ParamPrimaryNS      = "PrimaryNSID"
	ParamSecondaryNS    = "SecondaryNSID"
	ParamThirdNS        = "ThirdNSID"
	ParamFourthNS       = "FourthNSID"
	apsPrefix           = "aps_defaults_"

	// ParamSettings and ParamExpires are our own; an order system may send them like a
	// registrar's parameters.
	ParamSettings = "DomainSettings" // JSON object of domains.Settings
	ParamExpires  = "ExpectedExpiry" // of a renewal: YYYY-MM-DD
)

var (
	contactParams    = [...]string{ParamOwnerContact, ParamAdminContact, ParamBillingContact, ParamTechContact}
	nameServerParams = [...]string{ParamPrimaryNS, ParamSecondaryNS, ParamThirdNS, ParamFourthNS}
	// auParams are the documented names of one registrar; they are listed only to
	// recognize them as names if a "=" is missing.
	auParams = [...]string{"R_NAME", "R_ID_TYPE", "R_ID", "E_TYPE", "E_NAME", "E_ID_TYPE", "E_ID", "P_REASON"}
)

func isContactParam(name string) bool    { return slices.Contains(contactParams[:], name) }
func isNameServerParam(name string) bool { return slices.Contains(nameServerParams[:], name) }
func isAPSParam(name string) bool        { return strings.HasPrefix(name, apsPrefix) }

// hasField reports whether a parameter has its own field in the JSON form.
func hasField(name string) bool {
	return name == ParamOperationType || name == ParamDomainID || name == ParamTransferKey ||
		isContactParam(name) || isNameServerParam(name) || isAPSParam(name) ||
		name == ParamSettings || name == ParamExpires
}

// isRegistrarField reports whether RegistrarParameters can return the name.
func isRegistrarField(name string) bool {
	return name != "" && name == strings.TrimSpace(name) && !strings.Contains(name, pairSeparator) && !hasField(name)
}

// isKnownParam reports whether a name is documented. Only such a name is quoted if a
// parameter has no "=", because any other text might be a value, even a secret.
func isKnownParam(name string) bool {
	return hasField(name) || slices.Contains(auParams[:], name)
}

// Value returns the value of a parameter.
func (i Item) Value(name string) (domains.Secret, bool) { return Slots(i.Parameters).Get(name) }

// IsDomain reports whether the item orders a domain.
func (i Item) IsDomain() bool { return isDomainGroup(i.Parameters) }

// Type returns what is ordered for the domain, or 0 for an item that is not a domain.
func (i Item) Type() Type {
	return parseType(Slots(i.Parameters).text(ParamOperationType))
}

// DomainLabel returns DomainID as sent: usually the label without the top-level
// domain, which the plan knows (see Catalog.Resolve). For a hosting item it is the
// hosting name, perhaps empty.
func (i Item) DomainLabel() string { return Slots(i.Parameters).text(ParamDomainID) }

// TransferKey returns the key of a transfer; it is zero for all other operations.
func (i Item) TransferKey() domains.Secret {
	key, _ := i.Value(ParamTransferKey)
	return key
}

// Roles are the ids of the users who become a domain's contacts; nil if the order
// names none. User 0 exists.
type Roles = domains.PerRole[*int]

// ContactIDs returns the contact roles of the item.
func (i Item) ContactIDs() Roles {
	var roles Roles
	for n, target := range []**int{&roles.Owner, &roles.Admin, &roles.Billing, &roles.Tech} {
		value, ok := i.Value(contactParams[n])
		if !ok {
			continue
		}
		if id, ok := canonicalID(value.Reveal()); ok {
			*target = &id
		}
	}
	return roles
}

// NameServers returns the name servers outside the system, normalised, the primary
// first; nil if the order names none. The error is that of domains.ParseNameServers
// and does not occur in an order that was read.
func (i Item) NameServers() (domains.NameServers, error) {
	var hosts []string
	for _, name := range nameServerParams {
		// An empty parameter is one that is not given.
		if host, ok := i.Value(name); ok && strings.TrimSpace(host.Reveal()) != "" {
			hosts = append(hosts, host.Reveal())
		}
	}
	return domains.ParseNameServers(hosts)
}

// Settings returns the settings of the domain that the item asks for. The error
// does not occur in an order that was read.
func (i Item) Settings() (domains.Settings, error) {
	value, ok := i.Value(ParamSettings)
	if !ok {
		return domains.Settings{}, nil
	}
	return domains.ParseSettings([]byte(value.Reveal()))
}

// Expires returns when the domain expires before its renewal, or zero if the item
// does not say.
func (i Item) Expires() time.Time {
	value, _ := i.Value(ParamExpires)
	day, err := time.Parse(time.DateOnly, value.Reveal())
	if err != nil {
		return time.Time{}
	}
	return day
}

// APSDefault is the initial state of an APS resource. The resource may hold personal
// data and is never printed.
type APSDefault struct {
	ServiceID string
	Resource  json.RawMessage // a JSON object
}

// Format prints only the service id.
func (d APSDefault) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(apsPrefix + d.ServiceID)) }

// APSDefaults returns the aps_defaults_<serviceId> parameters in order.
func (i Item) APSDefaults() []APSDefault {
	var all []APSDefault
	for _, p := range i.Parameters {
		if isAPSParam(p.Name) {
			all = append(all, APSDefault{strings.TrimPrefix(p.Name, apsPrefix), json.RawMessage(p.Value.Reveal())})
		}
	}
	return all
}

// RegistrarParameters returns the parameters without fixed rules, such as
// R_NAME, in order. They belong to the registrar or to the service template.
func (i Item) RegistrarParameters() []Parameter {
	var rest []Parameter
	for _, p := range i.Parameters {
		if !hasField(p.Name) {
			rest = append(rest, p)
		}
	}
	return rest
}

// canonicalID reads a user or account id: digits without sign or leading zeros,
// within the 32 bits of an XML-RPC <i4>. Any other spelling of the same id would not
// survive the JSON form.
func canonicalID(text string) (int, bool) {
	id, err := strconv.ParseInt(text, 10, 32)
	if err != nil || id < 0 || strconv.FormatInt(id, 10) != text {
		return 0, false
	}
	return int(id), true
}

// parameterPath returns the JSON pointer of a parameter in the JSON form of its item.
func parameterPath(item, name string) string {
	switch {
	case item == "":
		return ""
	case name == ParamOperationType:
		return item + "/operation"
	case name == ParamDomainID:
		return item + "/domain"
	case name == ParamTransferKey:
		return item + "/transferKey"
	case isContactParam(name):
		return item + "/contacts/" + roleField(name)
	case isNameServerParam(name):
		return pointer(item, "nameServers", slices.Index(nameServerParams[:], name))
	case isAPSParam(name):
		return pointer(item, "apsDefaults", strings.TrimPrefix(name, apsPrefix))
	case name == ParamSettings:
		return item + "/settings"
	case name == ParamExpires:
		return item + "/expires"
	}
	return pointer(item, "parameters", name)
}

// roleField is the JSON name of a contact parameter: AdminContactID is admin.
func roleField(name string) string {
	return strings.ToLower(strings.TrimSuffix(name, "ContactID"))
}

// canonicalParameters returns the parameters in the order of the JSON form: the
// fields first, then the rest, then the APS defaults.
func canonicalParameters(params []Parameter) []Parameter {
	fixed := slices.Concat([]string{ParamOperationType, ParamDomainID, ParamTransferKey},
		contactParams[:], nameServerParams[:], []string{ParamSettings, ParamExpires})
	rank := func(p Parameter) int {
		if at := slices.Index(fixed, p.Name); at >= 0 {
			return at
		}
		if isAPSParam(p.Name) {
			return len(fixed) + 1
		}
		return len(fixed)
	}
	sorted := slices.Clone(params)
	slices.SortStableFunc(sorted, func(a, b Parameter) int { return rank(a) - rank(b) })
	return sorted
}
