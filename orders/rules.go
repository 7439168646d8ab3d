package orders

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"domainprovisioning/domains"
)

// Rules are the settings of validation. The zero value is the strict default
// that the package functions use.
type Rules struct {
	// AllowEmptyTransferKey accepts a transfer without a key (drops
	// RuleTransferKeyEmpty), for top-level domains that have none.
	AllowEmptyTransferKey bool
	// DomainIDFullName requires the full domain name in DomainID of a domain item.
	// By default a label is expected. A full name is accepted too, and
	// Catalog.Resolve takes it if it ends in the plan's top-level domain.
	DomainIDFullName bool
	// TrailingSlots is how many values may follow the additional contacts
	// section (relaxes RuleLeftOver). From 21.0 the vendor may ask for a slot
	// that accepts Terms and Conditions, whose form is not known.
	TrailingSlots int
	// stored accepts what orders of earlier versions may hold (drops RuleText). It is for
	// orders that have been accepted.
	stored bool
}

// lenient returns Rules that accept the order if any setting does, or ever did.
func lenient(o *Order) Rules {
	rules := storedRules()
	rules.TrailingSlots = len(o.Trailing)
	return rules
}

// storedRules are those of orders that have been accepted, whatever the settings were then.
func storedRules() Rules {
	return Rules{AllowEmptyTransferKey: true, TrailingSlots: MaxValues, stored: true}
}

// Check validates a whole order. It returns nil, Faults, or the error of an
// exceeded limit.
func (r Rules) Check(o *Order) error {
	c := checker{rules: r}
	if err := c.limits(o); err != nil {
		return err
	}
	c.check(draftOf(o))
	return c.err()
}

// Warnings returns oddities that do not reject the order: RuleContactUnused, an
// additional contact that no role uses.
func (o *Order) Warnings() Faults {
	c := checker{rules: lenient(o)}
	c.check(draftOf(o))
	_, warnings := c.split()
	return warnings
}

type checker struct {
	report
	rules    Rules
	fromList bool
}

// limits checks the size of an order, whatever its contents.
func (c *checker) limits(o *Order) error {
	if len(o.Items) > MaxItems {
		return ErrTooManyItems
	}
	if len(o.AdditionalContacts) > MaxContacts {
		return ErrTooManyContacts
	}
	values := 6 + len(o.Items) + len(o.Contact.Slots) + len(o.Payment) + len(o.Trailing)
	all := []Slots{o.Contact.Slots, o.Payment}
	for _, item := range o.Items {
		values += 2 + len(item.Parameters)
		all = append(all, item.Parameters)
	}
	for _, contact := range o.AdditionalContacts {
		values += 2 + len(contact.Slots)
		all = append(all, contact.Slots)
	}
	if values > MaxValues {
		return ErrTooManyValues
	}
	for _, value := range o.Trailing {
		if text, ok := value.(string); ok {
			if err := textLimits(text); err != nil {
				return err
			}
		}
	}
	for _, slots := range all {
		for _, slot := range slots {
			if err := textLimits(slot.Name, slot.Value.Reveal()); err != nil {
				return err
			}
		}
	}
	return nil
}

// textLimits checks a string value of the list, given whole or in parts.
func textLimits(parts ...string) error {
	length := len(parts) - 1
	for _, part := range parts {
		length += len(part)
		if !utf8.ValidString(part) {
			return ErrNotText
		}
	}
	if length > MaxTextLength {
		return ErrTextTooLong
	}
	return nil
}

// check applies the rules about content: all but those about counters and the
// form of a string, which the readers report.
func (c *checker) check(d *draft) {
	c.fromList = d.fromList
	if d.number != "" && !ValidNumber(d.number) {
		c.add(place{sectionHead, 0}, Fault{Rule: RuleNumber, Item: NoItem, Path: "/number",
			Message: "order number must be 1 to 10 letters, digits or hyphens"})
	}
	if d.vendor < 0 && !d.vendorUnread {
		c.add(place{sectionHead, 1}, notWhole(RuleID, "", "VendorAccountID", "/vendorAccountId"))
	}
	paths := c.checkItems(d)
	c.checkGroups(d, paths)
	c.checkSlots(d.contact, sectionContact, 0, "ContactData", func(name string) string {
		return contactSlotPath("/customer", name)
	})
	if !d.contactUnread {
		c.checkCustomer(d.contact.list)
	}
	c.checkSlots(d.payment, sectionPayment, 0, "PayTool", func(name string) string {
		return pointer("/payment", name)
	})
	c.checkContacts(d)
	bad := len(d.trailing) > c.rules.TrailingSlots
	for n, value := range d.trailing {
		_, isInt := value.(int)
		text, isText := value.(string)
		bad = bad || !isInt && !isText
		if problem := c.rules.textProblem(text, false); problem != "" {
			c.add(place{sectionEnd, n + 1}, Fault{Rule: RuleText, Item: NoItem, Path: pointer("/trailing", n),
				Message: "a value after the last section " + problem})
		}
	}
	if bad {
		c.add(place{sectionEnd, 0}, leftOver(len(d.trailing)))
	}
}

// checkItems applies RuleItemTwice, RuleParentItem and RuleItemForm, and returns
// the JSON path of each item id.
func (c *checker) checkItems(d *draft) map[int]string {
	paths := map[int]string{}
	for _, item := range d.items {
		path := pointer("/items", item.at)
		at := place{sectionItems, item.at, 1}
		if item.ID < 0 || item.PlanID < 0 || item.PlanPeriodID < 0 {
			c.add(at, badItem(path))
		}
		if _, used := paths[item.ID]; used {
			c.add(at, Fault{Rule: RuleItemTwice, Item: item.ID, Parameter: "ProvisioningItemID", Path: path + "/id",
				Message: fmt.Sprintf("ProvisioningItemID %d is used twice in the order", item.ID)})
			continue
		}
		paths[item.ID] = path
	}
	for _, item := range d.items {
		if _, ok := paths[item.ParentID]; !ok && item.ParentID != NoParent && !d.itemsUnread {
			c.add(place{sectionItems, item.at, 1}, Fault{Rule: RuleParentItem, Item: item.ID, Parameter: "ParentItemID",
				Path:    pointer("/items", item.at, "parentId"),
				Message: fmt.Sprintf("item %d: parent item %d is not in the order", item.ID, item.ParentID)})
		}
	}
	return paths
}

// checkGroups applies the rules about parameter groups and their contents.
func (c *checker) checkGroups(d *draft, paths map[int]string) {
	seen := map[int]bool{}
	services := map[string]bool{}
	for _, group := range d.groups {
		at := place{sectionParameters, group.at, 0}
		path, known := paths[group.item]
		switch {
		case !known && !d.itemsUnread:
			c.add(at, Fault{Rule: RuleGroupWithoutItem, Item: group.item, Parameter: "ProvisioningItemID",
				Message: fmt.Sprintf("provisioning parameters for item %d, but the order has no item %d", group.item, group.item)})
		case seen[group.item]:
			c.add(at, Fault{Rule: RuleGroupTwice, Item: group.item, Parameter: "ProvisioningItemID", Path: path,
				Message: fmt.Sprintf("item %d has two parameter groups", group.item)})
		}
		seen[group.item] = true
		g := groupChecker{checker: c, group: group, path: path}
		g.names()
		g.apsDefaults(services)
		g.contactIDs()
		g.nameServers()
		g.domain()
	}
}

// checkContacts applies RuleContactLogin and RuleContactUnused, and the rules
// for slots.
func (c *checker) checkContacts(d *draft) {
	used := map[string]bool{}
	for _, group := range d.groups {
		for _, p := range group.params.list {
			if isContactParam(p.Name) {
				used[p.Value.Reveal()] = true
			}
		}
	}
	ids := map[int]bool{}
	for _, contact := range d.contacts {
		path := pointer("/additionalContacts", contact.at)
		at := place{sectionContacts, contact.at, 0}
		name := fmt.Sprintf("additional contact %d", contact.id)
		c.checkSlots(contact.slots, sectionContacts, contact.at, name, func(slot string) string {
			return contactSlotPath(path, slot)
		})
		login, _ := contact.slots.list.Get("LoginID")
		switch {
		case contact.id < 0:
			c.add(at, notWhole(RuleID, "", "AdditionalContactID", path+"/id"))
		case ids[contact.id]:
			c.add(at, Fault{Rule: RuleContactTwice, Item: NoItem, Parameter: "AdditionalContactID", Path: path + "/id",
				Message: name + " is given twice"})
		case !used[strconv.Itoa(contact.id)]:
			if warnUnusedContact {
				c.add(at, Fault{Rule: RuleContactUnused, Item: NoItem, Path: path, Warning: true,
					Message: name + " is not used by any contact parameter"})
			}
		case strings.TrimSpace(login.Reveal()) == "":
			c.add(place{sectionContacts, contact.at, atEnd}, Fault{Rule: RuleContactLogin, Item: NoItem, Parameter: "LoginID", Path: path + "/login",
				Message: name + ": LoginID is required for a new user"})
		}
		ids[contact.id] = true
	}
}

// checkSlots applies our rules for names to a section of Name=Value strings.
func (c *checker) checkSlots(slots draftSlots, section, element int, label string, path func(string) string) {
	seen := map[string]bool{}
	for n, slot := range slots.list {
		if slots.bad[n] {
			continue
		}
		fault := Fault{Item: NoItem, Parameter: shownName(slot.Name), Path: path(slot.Name)}
		badName, badText := c.rules.nameProblem(slot.Name), c.rules.textProblem(slot.Value.Reveal(), !slotOfLines(slot.Name))
		switch {
		case slot.Name == "":
			fault.Rule, fault.Message = RuleSlotName, label+": slot name is empty"
		case badName != "":
			fault.Rule, fault.Message = RuleSlotName, label+": a slot name "+badName
		case seen[slot.Name]:
			fault.Rule, fault.Message = RuleSlotTwice, label+": "+shownName(slot.Name)+" is given twice"
		case badText != "":
			fault.Rule, fault.Message = RuleText, label+": "+shownName(slot.Name)+" "+badText
		}
		seen[slot.Name] = true
		if fault.Rule != 0 {
			c.add(place{section, element, n + 1}, fault)
		}
	}
}

// slotOfLines reports a slot whose text may have several lines.
func slotOfLines(name string) bool {
	_, documented := findSlotField(name)
	return !documented || name == "PostAddressID"
}

func notWhole(rule int, prefix, what, path string) Fault {
	return Fault{Rule: rule, Item: NoItem, Parameter: what, Path: path,
		Message: prefix + what + " must be a whole number of 0 or more"}
}

func badItem(path string) Fault {
	return Fault{Rule: RuleItemForm, Item: NoItem, Parameter: "ProvisioningItem", Path: path,
		Message: "ProvisioningItem must be PlanID=PlanPeriodID=ProvisioningItemID=ParentItemID"}
}

func leftOver(n int) Fault {
	return Fault{Rule: RuleLeftOver, Item: NoItem, Path: "/trailing",
		Message: many(n, "value") + " left over after the additional contacts section"}
}

// isJSONObject is the check for RuleAPSObject.
func isJSONObject(text string) bool {
	return strings.HasPrefix(strings.TrimLeft(text, " \t\r\n"), "{") && json.Valid([]byte(text))
}

// validDomainID reports whether a text is a label or a full name that package
// domains can normalise.
func validDomainID(id string, fullName bool) bool {
	if fullName || strings.Contains(strings.TrimSuffix(strings.TrimSpace(id), "."), ".") {
		_, err := domains.ParseName(id)
		return err == nil
	}
	_, err := domains.Join(id, "example")
	return err == nil
}
