package orders

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"domainprovisioning/domains"
)

// Item is an ordered plan: a domain, or hosting. Fields hold what was typed.
type Item struct {
	ID           int
	PlanID       int
	PlanPeriodID int // or NoPeriod
	ParentID     int // id of the hosting item that a domain is bought with, or NoParent

	operation   Type
	isDomain    bool // it orders a domain, even if the operation cannot be read
	domain      string
	transferKey string
	roles       Roles
	servers     [maxServers]server
	settings    string // JSON object of domains.Settings
	expires     string // YYYY-MM-DD
	language    string
	// subscription is the id of one that exists, or "".
	subscription string
	apsDefaults  []APSDefault
	others       []Parameter
	// given are the names of the parameters that were there, even if empty, in their
	// order; nil for an item without a parameter group.
	given []string
	at    int // place in the document
}

// maxServers is the number of name servers that the order system has parameters for.
const maxServers = 4

// server is a name server as typed, with its addresses if it has any.
type server struct {
	host      string
	addresses []string
}

// name returns the host's name, normalised. That of an order that was accepted stays
// readable, whatever the rules are now.
func (s server) name() (string, error) {
	if host, err := domains.ParseHost(s.host); err == nil {
		return host, nil
	}
	return parseHost(s.host)
}

// Roles are the ids of the users who become a domain's contacts; nil if the order names
// none. User 0 exists.
type Roles = domains.PerRole[*int]

// IsDomain reports whether the item orders a domain.
func (i *Item) IsDomain() bool { return i.isDomain }

// Type returns what is ordered for the domain, or 0 for an item that is not a domain.
func (i *Item) Type() Type { return i.operation }

// DomainLabel returns DomainID as typed: usually the label without the top-level domain,
// which the plan knows (see Catalog.Resolve). For a hosting item it is the hosting name,
// perhaps empty.
func (i *Item) DomainLabel() string { return i.domain }

// TransferKey returns the key of a transfer; it is zero for all other operations.
func (i *Item) TransferKey() domains.Secret { return domains.NewSecret(i.transferKey) }

// ContactIDs returns the contact roles of the item.
func (i *Item) ContactIDs() Roles { return i.roles }

// NameServers returns the name servers outside the system, normalised, the primary first;
// nil if the order names none. The error does not occur in an order that was accepted.
func (i *Item) NameServers() (domains.NameServers, error) {
	var hosts []string
	for _, server := range i.servers {
		// An empty parameter is one that is not given.
		if strings.TrimSpace(server.host) == "" {
			continue
		}
		host, err := server.name()
		if err != nil {
			return nil, err
		}
		hosts = append(hosts, host)
	}
	return domains.ParseNameServers(hosts)
}

// Settings returns the settings of the domain that the item asks for. The error does not
// occur in an order that was accepted.
func (i *Item) Settings() (domains.Settings, error) {
	if i.settings == "" {
		return domains.Settings{}, nil
	}
	return domains.ParseSettings([]byte(i.settings))
}

// Expires returns when the domain to renew or to adopt expires, or zero if the item does
// not say.
func (i *Item) Expires() time.Time {
	day, err := time.Parse(time.DateOnly, i.expires)
	if err != nil {
		return time.Time{}
	}
	return day
}

// Subscription returns the id of the subscription that the item uses instead of a new one; 0
// if it does not name one.
func (i *Item) Subscription() int {
	id, _ := canonicalID(i.subscription)
	return id
}

// Language returns the registry's code of the language of an internationalised name; "" if
// the item gives none.
func (i *Item) Language() string { return i.language }

// Hosts returns the name servers that the order gives addresses for, normalised. The error
// does not occur in an order that was accepted.
func (i *Item) Hosts() (domains.Hosts, error) {
	var hosts domains.Hosts
	for _, server := range i.servers {
		if len(server.addresses) == 0 {
			continue
		}
		name, err := server.name()
		if err != nil {
			return nil, err
		}
		host := domains.Host{Name: name}
		for _, text := range server.addresses {
			address, problem := domains.ParseHostAddress(text)
			if problem != "" {
				return nil, fmt.Errorf("orders: an address of name server %s %s", name, problem)
			}
			host.Addresses = append(host.Addresses, address)
		}
		hosts = append(hosts, host)
	}
	return hosts, nil
}

// APSDefault is the initial state of an APS resource. The resource may hold personal data
// and is never printed.
type APSDefault struct {
	ServiceID string
	Resource  json.RawMessage // a JSON object
}

// Format prints only the service id.
func (d APSDefault) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(apsPrefix + d.ServiceID)) }

// APSDefaults returns the aps_defaults_<serviceId> parameters in order.
func (i *Item) APSDefaults() []APSDefault { return i.apsDefaults }

// RegistrarParameters returns the parameters without fixed rules, such as R_NAME, in
// order. They belong to the registrar or to the service template.
func (i *Item) RegistrarParameters() []Parameter { return i.others }

// String describes the item without its parameter values.
func (i Item) String() string {
	text := fmt.Sprintf("item %d plan %d", i.ID, i.PlanID)
	if i.operation != 0 {
		text += " " + i.operation.String()
	}
	if i.ParentID != NoParent {
		text += fmt.Sprintf(" with item %d", i.ParentID)
	}
	return text
}

// Format prints String for every verb.
func (i Item) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(i.String())) }

// MarshalJSON always fails, as that of Order.
func (i Item) MarshalJSON() ([]byte, error) { return nil, errMarshal }

// has reports whether a parameter was given, even an empty one.
func (i *Item) has(parameter string) bool { return slices.Contains(i.given, parameter) }

// text returns a parameter by its name in the list.
func (i *Item) text(parameter string) string {
	if field, ok := findItemField(parameter); ok {
		return field.text(i)
	}
	if service, ok := strings.CutPrefix(parameter, apsPrefix); ok {
		for _, aps := range i.apsDefaults {
			if aps.ServiceID == service {
				return string(aps.Resource)
			}
		}
	}
	other, _ := value(i.others, parameter)
	return other.Reveal()
}

// add takes a parameter that has no field of its own; the item has none of that name yet.
func (i *Item) add(parameter, text string) {
	if service, ok := strings.CutPrefix(parameter, apsPrefix); ok {
		i.apsDefaults = append(i.apsDefaults, APSDefault{service, json.RawMessage(text)})
	} else {
		i.others = append(i.others, NewParameter(parameter, text))
	}
	i.given = append(i.given, parameter)
}
