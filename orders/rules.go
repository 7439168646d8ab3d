package orders

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"domainprovisioning/domains"
)

// Rules are the settings of reading and validation. The zero value is the strict default.
type Rules struct {
	// DomainIDFullName requires the full domain name in DomainID of a domain item.
	// By default a label is expected. A full name is accepted too, and
	// Catalog.Resolve takes it if it ends in the plan's top-level domain.
	DomainIDFullName bool
	// TrailingSlots is how many values may follow the additional contacts
	// section (relaxes RuleLeftOver). From 21.0 the vendor may ask for a slot
	// that accepts Terms and Conditions, whose form is not known.
	TrailingSlots int
}

// check applies the rules for the order itself: all that needs no catalog.
func (in *Incoming) check() {
	o := in.Order
	if o.Number != "" && !ValidNumber(o.Number) {
		in.refuse(RuleNumber, NumberField(), "must be 1 to 64 letters, digits, dots, hyphens or underscores")
	}
	in.checkItems()
	services := map[string]bool{}
	for n := range o.Items {
		c := itemChecker{Incoming: in, item: &o.Items[n], whole: ItemField(o.Items[n].at, "")}
		c.check(services)
	}
	in.checkPerson(&o.Customer, CustomerField(""))
	if !in.customerUnread {
		in.checkCustomer()
	}
	for _, parameter := range o.Payment {
		in.checkText(paymentField(parameter.Name), parameter.Name, parameter.Value.Reveal(), true)
	}
	in.checkContacts()
	for _, value := range o.Trailing {
		if text, ok := value.(string); ok {
			in.checkText(trailing(), "", text, true)
		}
	}
	if extra := len(o.Trailing); extra > in.rules.TrailingSlots {
		in.RefuseFor(RuleLeftOver, trailing(), many(extra, "value")+" left over after the additional contacts section")
	}
}

// checkText applies RuleText to a name and its text.
func (in *Incoming) checkText(field Field, name, text string, oneLine bool) {
	if problem := textProblem(name, true); problem != "" {
		in.refuse(RuleText, field, "%s in its name", problem)
	} else if problem := textProblem(text, oneLine); problem != "" {
		in.refuse(RuleText, field, "%s", problem)
	}
}

// checkItems applies RuleItemTwice and RuleParentItem.
func (in *Incoming) checkItems() {
	ids := map[int]bool{}
	for _, item := range in.Order.Items {
		if ids[item.ID] {
			in.refuse(RuleItemTwice, ItemField(item.at, "id"), "%d is used twice in the order", item.ID)
		}
		ids[item.ID] = true
	}
	for _, item := range in.Order.Items {
		if !ids[item.ParentID] && item.ParentID != NoParent && !in.itemsUnread {
			in.refuse(RuleParentItem, ItemField(item.at, "parentId"), "%d is not an item of the order", item.ParentID)
		}
	}
}

// itemChecker applies the rules of one item.
type itemChecker struct {
	*Incoming

	item  *Item
	whole Field
}

func (c *itemChecker) check(services map[string]bool) {
	for _, name := range c.item.given {
		// The resources of a service are JSON, which may have lines.
		c.checkText(c.parameterField(c.whole, name), name, c.item.text(name), !isAPSParam(name))
	}
	c.resources(services)
	c.nameServers()
	c.settings()
	c.language()
	c.subscription()
	if c.item.isDomain {
		c.domain()
	}
}

// field is a field of the item.
func (c *itemChecker) field(path string) Field { return ItemField(c.item.at, path) }

// missing reports the fault of a field that is not there, unless something else was said
// about it, or the list ends within the item.
func (c *itemChecker) missing(rule int, path, problem string) {
	if !c.Refused(c.field(path)) && c.cutItem != c.item.at {
		c.Refuse(rule, c.field(path), problem)
	}
}

// resources applies RuleAPSService and RuleAPSObject; a service id is unique within the
// order.
func (c *itemChecker) resources(services map[string]bool) {
	for _, resource := range c.item.apsDefaults {
		field := c.whole.in("apsDefaults", resource.ServiceID)
		switch {
		case resource.ServiceID == "":
			c.Refuse(RuleAPSService, field, "has no service id")
		case services[resource.ServiceID]:
			c.Refuse(RuleAPSService, field, "is used twice in the order")
		}
		services[resource.ServiceID] = true
		if !isJSONObject(resource.Resource) {
			c.Refuse(RuleAPSObject, field, "is not a JSON object")
		}
	}
}

// isJSONObject is the check for RuleAPSObject.
func isJSONObject(text []byte) bool {
	return strings.HasPrefix(strings.TrimLeft(string(text), " \t\r\n"), "{") && json.Valid(text)
}

// nameServers applies the rules from RuleNameServerPair to RuleNameServersUnwanted.
func (c *itemChecker) nameServers() {
	var given []int
	hosts := map[string]bool{}
	for n, server := range c.item.servers {
		// An empty parameter is one that is not given.
		raw := strings.TrimSpace(server.host)
		c.addresses(n, server)
		if raw == "" {
			continue
		}
		given = append(given, n)
		field := c.whole.in("nameServers", n)
		host, err := parseHost(raw)
		switch {
		case err != nil:
			c.refuse(RuleNameServerName, field, "%q %s", shown(raw), problemOf(err))
		case hosts[host]:
			c.refuse(RuleNameServerTwice, field, "%s is given twice: name servers must be different", shown(host))
		}
		hosts[host] = true
	}
	if given == nil {
		return
	}
	for n, which := range []string{"a primary", "a secondary"} {
		if !slices.Contains(given, n) && !c.refusedIn(c.whole.in("nameServers", n)) {
			c.missing(RuleNameServerPair, fmt.Sprintf("nameServers/%d", n), "is missing: name servers need "+which)
		}
	}
	if slices.Contains(given, 3) && !slices.Contains(given, 2) {
		c.Refuse(RuleFourthWithoutThird, c.field("nameServers/3"), "is given without a third")
	}
	unwanted := c.whole.in("nameServers", given[0])
	switch c.item.operation {
	case Renewal:
		if rejectNameServersOnRenewal {
			c.Refuse(RuleNameServersUnwanted, unwanted, "can be set only with a registration or a transfer")
		}
	case OwnerChange, ContactChange, SettingsChange, Adoption, Restore:
		c.Refuse(RuleNameServersUnwanted, unwanted, "can be set only with a registration, a transfer or a name-server-change")
	}
}

// settings applies RuleSettings and RuleExpires.
func (c *itemChecker) settings() {
	if c.item.has(ParamSettings) {
		settings, err := domains.ParseSettings([]byte(c.item.settings))
		problems := settings.Problems()
		if !isJSONObject([]byte(c.item.settings)) {
			c.unreadable = true // the JSON form has no place for it
		}
		if bad, ok := errors.AsType[*domains.SettingsError](err); ok {
			problems = append(bad.Problems, problems...)
		}
		for _, problem := range problems {
			c.Refuse(RuleSettings, c.whole.in(anySteps(settingPath(problem.Field))...), problem.Problem)
		}
	}
	if c.item.has(ParamExpires) {
		if _, err := time.Parse(time.DateOnly, c.item.expires); err != nil {
			c.Refuse(RuleExpires, c.field("expires"), "must be a date of the form YYYY-MM-DD")
		} else if c.item.operation != Renewal && c.item.operation != Adoption {
			c.Refuse(RuleExpires, c.field("expires"), "is for a renewal or an adoption only")
		}
	}
}

// settingPath turns "settings.dnssec.ds[0].digest" into "settings/dnssec/ds/0/digest".
func settingPath(name string) string {
	return strings.NewReplacer(".", "/", "[", "/", "]", "").Replace(name)
}

// domain applies the rules from RuleOperationType to RuleTransferKeyUnwanted, and
// RuleOperationNeeds.
func (c *itemChecker) domain() {
	item := c.item
	if item.operation == 0 {
		c.missing(RuleDomainIncomplete, "operation", "is missing: it is one of "+c.words.operations())
	}
	name := c.field("domain")
	switch {
	case !item.has(ParamDomainID):
		c.missing(RuleDomainIncomplete, "domain", "is missing")
	case c.Refused(name):
	case strings.TrimSpace(item.domain) == "":
		if rejectEmptyDomainID {
			c.Refuse(RuleDomainEmpty, name, "must not be empty for a domain")
		}
	default:
		if problem := c.rules.nameProblem(item.domain); problem != "" {
			c.refuse(RuleDomainName, name, "%q %s", shown(item.domain), problem)
		}
	}
	key := c.field("transferKey")
	switch op := item.operation; {
	case !item.has(ParamTransferKey):
		if !op.Ours() {
			c.missing(RuleTransferKeyMissing, "transferKey",
				"must be sent for every operation type; leave its value empty for registration and renewal")
		}
	case item.transferKey == "":
	case op == Registration || op == Renewal:
		c.Refuse(RuleTransferKeyUnwanted, key, "must be empty for registration and renewal")
	case op.Ours():
		c.Refuse(RuleTransferKeyUnwanted, key, "is for a transfer only")
	}
	c.needs()
}

// needs reports the fault of an operation that lacks the value that it needs.
func (c *itemChecker) needs() {
	item := c.item
	lacks := func(path, problem string) { c.missing(RuleOperationNeeds, path, problem) }
	switch {
	case item.operation == OwnerChange && item.roles.Owner == nil:
		lacks("contacts/owner", "is missing: an owner-change needs the new owner")
	case item.operation == ContactChange && item.roles.Admin == nil && item.roles.Tech == nil && item.roles.Billing == nil:
		lacks("contacts/admin", "is missing, and so are tech and billing: a contact-change needs one of them")
	case item.operation == NameServerChange && item.servers[0].host == "":
		lacks("nameServers/0", "is missing: a name-server-change needs name servers")
	case item.operation == SettingsChange && !item.has(ParamSettings):
		lacks("settings", "is missing: a settings-change needs settings")
	}
}

// nameProblem says why a label or a full name cannot be a domain's name; "" for one that
// can.
func (r Rules) nameProblem(id string) string {
	var err error
	if r.DomainIDFullName || isFullName(id) {
		_, err = domains.OrderedName(id)
	} else {
		_, err = domains.Ordered(id, "example")
	}
	return problemOf(err)
}

// isFullName reports whether a text has several labels.
func isFullName(id string) bool {
	return strings.Contains(strings.TrimSuffix(strings.TrimSpace(id), "."), ".")
}

// problemOf returns what is wrong with a name, to be said after it; "" for no error.
func problemOf(err error) string {
	if err == nil {
		return ""
	}
	if name, ok := errors.AsType[*domains.NameError](err); ok {
		return name.Problem
	}
	return "is not a valid name"
}
