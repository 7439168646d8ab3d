package orders

import (
	"fmt"
	"strings"
	"time"

	"domainprovisioning/domains"
)

// Unit is one unit of work: a domain, perhaps with hosting, or hosting alone. It is a
// workflow's input and holds no secret and no personal data: contacts are user ids, and
// the transfer key stays in the sealed order.
type Unit struct {
	Item    int           `json:"item"`                // item id of the domain, or of the hosting without one
	Type    Type          `json:"operation,omitempty"` // zero without a domain
	Domain  *DomainOrder  `json:"domain,omitempty"`
	Hosting *HostingOrder `json:"hosting,omitempty"`
}

// DomainOrder is an ordered domain with the values of its plan.
type DomainOrder struct {
	Name        domains.Name        `json:"name"`
	TLD         string              `json:"tld"`       // the plan's, possibly of several labels, in ACE form
	Registrar   string              `json:"registrar"` // registrar account
	Years       int                 `json:"years"`
	NameServers domains.NameServers `json:"nameServers,omitempty"` // the customer's own; empty: the system's
	Template    int                 `json:"template"`              // Operations service template
	Billing     BillingPlan         `json:"billing"`
	Contacts    Roles               `json:"contacts"` // user ids; see Order.IsNewUser
	// APSDefaults says that the item has parameters for its services; see Item.APSDefaults.
	APSDefaults bool `json:"apsDefaults,omitempty"`
	// Settings are those that the item orders.
	Settings domains.Settings `json:"settings,omitzero"`
	// Expires is when the domain expires before its renewal; zero if not given.
	Expires time.Time `json:"expires,omitzero"`
}

// HostingOrder is a hosting subscription of the order.
type HostingOrder struct {
	Item     int  `json:"item"`     // item id of the hosting
	Template int  `json:"template"` // Operations service template
	Create   bool `json:"create"`   // false: another Unit of the order creates it
	// APSDefaults says that the item has parameters for its services; see Item.APSDefaults.
	APSDefaults bool `json:"apsDefaults,omitempty"`
}

// Resolve splits an order into units of work, in the order of its items. Each domain is
// a unit, together with the hosting item that it is bought with; of several domains on
// one hosting item, the first creates the hosting. A hosting item without a domain is a
// unit of its own. Resolve handles all operations; the caller decides which of them can
// be served.
//
// The domain's name consists of DomainID and the plan's top-level domain. A DomainID
// with a dot is treated as a full name and must end in that top-level domain.
//
// The error is Faults with everything that does not fit the catalog, or the error of
// Rules.Check for an order that no setting accepts.
func (c *Catalog) Resolve(o *Order) ([]Unit, error) {
	if err := lenient(o).Check(o); err != nil {
		return nil, err
	}
	r := resolver{catalog: c, order: o, domainOf: map[string]int{}, hosted: map[int]bool{}}
	if len(o.Items) == 0 {
		r.add(place{sectionItems}, Fault{Rule: RuleNothingToProvide, Item: NoItem, Path: "/items", Message: "the order has no items"})
	}
	withDomain := map[int]bool{}
	for _, item := range o.Items {
		if item.IsDomain() {
			withDomain[item.ParentID] = true
		}
	}
	var work []Unit
	for at, item := range o.Items {
		switch {
		case item.IsDomain():
			work = append(work, r.domain(at, item))
		default:
			hosting := r.hosting(at, item)
			if !withDomain[item.ID] {
				work = append(work, Unit{Item: item.ID, Hosting: hosting})
			}
		}
	}
	if err := r.err(); err != nil {
		return nil, err
	}
	return work, nil
}

type resolver struct {
	report
	catalog  *Catalog
	order    *Order
	domainOf map[string]int // name -> item that orders it
	hosted   map[int]bool   // hosting items that a domain already creates
}

// fault reports a fault of an item; field is its JSON field.
func (r *resolver) fault(at int, item Item, rule int, field, format string, args ...any) {
	r.add(place{sectionItems, at, 0}, Fault{Rule: rule, Item: item.ID, Path: pointer("/items", at, field),
		Message: fmt.Sprintf("item %d: ", item.ID) + fmt.Sprintf(format, args...)})
}

func (r *resolver) domain(at int, item Item) Unit {
	work := Unit{Item: item.ID, Type: item.Type(), Hosting: r.parent(at, item)}
	plan, ok := r.catalog.domains[item.PlanID]
	if !ok {
		if _, hosting := r.catalog.hosting[item.PlanID]; hosting {
			r.fault(at, item, RulePlanKind, "planId", "plan %d is a hosting plan, but the item orders a domain", item.PlanID)
		} else {
			r.unknownPlan(at, item)
		}
		return work
	}
	servers, err := item.NameServers()
	if err != nil { // Check has checked them: only an order that was changed since can get here
		r.fault(at, item, RuleNameServerName, "nameServers", "the name servers are not valid")
	}
	name, ok := r.name(at, item, plan)
	if !ok {
		return work
	}
	if _, twice := r.domainOf[name.String()]; twice {
		r.fault(at, item, RuleDomainTwice, "domain", "domain %s is ordered twice", name)
	}
	r.domainOf[name.String()] = item.ID
	work.Domain = &DomainOrder{
		Name: name, TLD: plan.TLD, Registrar: plan.Registrar, Years: plan.years(item.PlanPeriodID),
		NameServers: servers, Template: plan.Template, Billing: plan.Billing, Contacts: item.ContactIDs(),
		APSDefaults: len(item.APSDefaults()) > 0, Expires: item.Expires(),
	}
	work.Domain.Settings, err = item.Settings()
	if err != nil { // as above
		r.fault(at, item, RuleSettings, "settings", "%s", err)
	}
	r.required(at, item, plan)
	return work
}

// required checks for the parameters that the plan's registry requires of a holder. They
// are required if the order names a holder; an empty value counts as missing.
func (r *resolver) required(at int, item Item, plan DomainPlan) {
	switch item.Type() {
	case Registration, Transfer, OwnerChange:
	default:
		return
	}
	for _, name := range plan.RequiredFields {
		value, given := item.Value(name)
		if given && strings.TrimSpace(value.Reveal()) != "" {
			continue
		}
		problem := "missing"
		if given {
			problem = "empty"
		}
		r.add(place{sectionItems, at, 0}, Fault{
			Rule: RuleRequiredField, Item: item.ID, Parameter: name, Path: parameterPath(pointer("/items", at), name),
			Message: fmt.Sprintf("item %d: parameter %s is %s: plan %d at registrar account %s requires it for a %s",
				item.ID, shownName(name), problem, plan.PlanID, plan.Registrar, item.Type()),
		})
	}
}

// name returns the domain's name under the plan's top-level domain.
func (r *resolver) name(at int, item Item, plan DomainPlan) (domains.Name, bool) {
	id := strings.TrimSuffix(strings.TrimSpace(item.DomainLabel()), ".")
	if strings.Contains(id, ".") {
		full, err := domains.ParseName(id)
		if err != nil {
			r.fault(at, item, RuleDomainName, "domain", "DomainID %q is not a valid domain name", shown(id))
			return domains.Name{}, false
		}
		label, ok := strings.CutSuffix(full.String(), "."+plan.TLD)
		if !ok || strings.Contains(label, ".") {
			r.fault(at, item, RuleForeignTLD, "domain", "DomainID %q is not a name under the plan's top-level domain %s", shown(id), plan.TLD)
			return domains.Name{}, false
		}
		return full, true
	}
	name, err := domains.Join(id, plan.TLD)
	if err != nil {
		r.fault(at, item, RuleDomainName, "domain", "DomainID %q is not a valid domain label", shown(id))
		return domains.Name{}, false
	}
	return name, true
}

// parent returns the hosting that a domain is bought with, or nil if there is none.
func (r *resolver) parent(at int, item Item) *HostingOrder {
	if item.ParentID == NoParent {
		return nil
	}
	parent, _ := r.order.Item(item.ParentID)
	if parent.IsDomain() {
		r.fault(at, item, RuleParentKind, "parentId", "its parent item %d is not a hosting item", item.ParentID)
		return nil
	}
	// An unknown or wrong plan of the parent is reported with the parent.
	plan := r.catalog.hosting[parent.PlanID]
	create := !r.hosted[parent.ID]
	r.hosted[parent.ID] = true
	return &HostingOrder{
		Item: parent.ID, Template: plan.Template, Create: create, APSDefaults: len(parent.APSDefaults()) > 0,
	}
}

func (r *resolver) hosting(at int, item Item) *HostingOrder {
	plan, ok := r.catalog.hosting[item.PlanID]
	if !ok {
		if _, domain := r.catalog.domains[item.PlanID]; domain {
			r.fault(at, item, RulePlanKind, "planId", "plan %d is a domain plan, but the item has no OrderOperationType", item.PlanID)
		} else {
			r.unknownPlan(at, item)
		}
		return nil
	}
	if item.ParentID != NoParent {
		r.fault(at, item, RuleParentKind, "parentId", "a hosting item cannot have a parent item")
	}
	return &HostingOrder{
		Item: item.ID, Template: plan.Template, Create: true, APSDefaults: len(item.APSDefaults()) > 0,
	}
}

func (r *resolver) unknownPlan(at int, item Item) {
	r.fault(at, item, RulePlanUnknown, "planId", "plan %d is not in the plan catalog", item.PlanID)
}
