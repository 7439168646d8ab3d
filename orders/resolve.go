package orders

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
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
	// Name is zero if what was typed is refused: the rest can be checked all the same.
	Name        domains.Name        `json:"name"`
	TLD         string              `json:"tld"`       // the plan's, possibly of several labels, in ACE form
	Registrar   string              `json:"registrar"` // registrar account
	Years       int                 `json:"years"`
	NameServers domains.NameServers `json:"nameServers,omitempty"` // the customer's own; empty: the system's
	// Hosts are those of NameServers that are below the name, with their addresses.
	Hosts    domains.Hosts `json:"hosts,omitempty"`
	Template int           `json:"template"` // Operations service template
	Billing  BillingPlan   `json:"billing"`
	Contacts Roles         `json:"contacts"` // user ids; see Order.IsNewUser
	// APSDefaults says that the item has parameters for its services; see Item.APSDefaults.
	APSDefaults bool `json:"apsDefaults,omitempty"`
	// Settings are those that the item orders.
	Settings domains.Settings `json:"settings,omitzero"`
	// Expires is when the domain to renew or to adopt expires; zero if not given.
	Expires time.Time `json:"expires,omitzero"`
	// Subscription is the domain subscription to use; 0: a new one.
	Subscription int `json:"subscription,omitempty"`
	// Language is the registry's code of the language of an internationalised name.
	Language string `json:"language,omitempty"`
	// PriceLimits are the plan's.
	PriceLimits *PriceLimits `json:"priceLimits,omitempty"`
}

// HostingOrder is a hosting subscription of the order.
type HostingOrder struct {
	Item     int  `json:"item"`     // item id of the hosting
	Template int  `json:"template"` // Operations service template
	Create   bool `json:"create"`   // false: another Unit of the order creates it
	// Subscription is the one to use; 0: a new one.
	Subscription int `json:"subscription,omitempty"`
	// APSDefaults says that the item has parameters for its services; see Item.APSDefaults.
	APSDefaults bool `json:"apsDefaults,omitempty"`
}

// Resolve splits an order into units of work, in the order of its items. Each domain is a
// unit, together with the hosting item that it is bought with; of several domains on one
// hosting item, the first creates the hosting. A hosting item without a domain is a unit
// of its own. Resolve handles all operations; the caller decides which of them can be
// served.
//
// The domain's name consists of DomainID and the plan's top-level domain. A DomainID with
// a dot is treated as a full name and must end in that top-level domain.
//
// What does not fit the catalog is added to the reasons of the order. The units are those
// of all items that can be understood so far; see Incoming.Err for whether these are all.
func (c *Catalog) Resolve(in *Incoming) []Unit {
	r := resolver{Incoming: in, catalog: c, domainOf: map[string]int{}, hosted: map[int]bool{}}
	o := in.Order
	if len(o.Items) == 0 && !in.itemsUnread {
		r.RefuseFor(RuleNothingToProvide, items(), "the order has no items")
	}
	withDomain := map[int]bool{}
	for _, item := range o.Items {
		if item.IsDomain() {
			withDomain[item.ParentID] = true
		}
	}
	var work []Unit
	for n := range o.Items {
		item := &o.Items[n]
		if item.IsDomain() {
			if unit, ok := r.domain(item); ok {
				work = append(work, unit)
			}
		} else if hosting := r.hosting(item); hosting != nil && !withDomain[item.ID] {
			work = append(work, Unit{Item: item.ID, Hosting: hosting})
		}
	}
	return work
}

type resolver struct {
	*Incoming

	catalog  *Catalog
	domainOf map[string]int // name -> item that orders it
	hosted   map[int]bool   // hosting items that a domain already creates
}

func (r *resolver) domain(item *Item) (Unit, bool) {
	work := Unit{Item: item.ID, Type: item.Type(), Hosting: r.parent(item)}
	plan, ok := r.catalog.domains[item.PlanID]
	if !ok {
		r.noPlan(item, "a hosting plan, but the item orders a domain", r.catalog.sellsHosting(item.PlanID))
		return work, false
	}
	years := r.years(item, plan)
	if item.Type() == Transfer && item.has(ParamTransferKey) && item.transferKey == "" && !plan.AllowEmptyTransferKey {
		r.Refuse(RuleTransferKeyEmpty, ItemField(item.at, "transferKey"), "is empty for a transfer")
	}
	r.required(item, plan)
	name, ok := r.name(item, plan)
	if ok {
		if _, twice := r.domainOf[name.String()]; twice {
			r.refuse(RuleDomainTwice, ItemField(item.at, "domain"), "%s is ordered twice", name)
		}
		r.domainOf[name.String()] = item.ID
		r.below(item, name)
	}
	servers, err := item.NameServers()
	hosts, trouble := item.Hosts()
	if r.refusedIn(ItemField(item.at, "nameServers")) {
		servers, hosts, err, trouble = nil, nil, nil, nil // nobody is asked about what is wrong anyway
	}
	settings, unreadable := item.Settings()
	if err != nil || trouble != nil || unreadable != nil || item.Type() == 0 {
		return work, false // said already
	}
	language := item.Language()
	if r.Refused(ItemField(item.at, "language")) {
		language = ""
	}
	work.Domain = &DomainOrder{
		Name: name, TLD: plan.TLD, Registrar: plan.Registrar, Years: years,
		NameServers: servers, Hosts: hosts, Template: plan.Template, Billing: plan.Billing, Contacts: item.ContactIDs(),
		APSDefaults: len(item.APSDefaults()) > 0, Expires: item.Expires(), Settings: settings,
		Subscription: item.Subscription(), Language: language, PriceLimits: plan.PriceLimits,
	}
	return work, true
}

// below applies RuleHostBelow: the registry needs the addresses of a name server below the
// ordered name, and takes none of others.
func (r *resolver) below(item *Item, name domains.Name) {
	if !item.Type().Provisions() && item.Type() != NameServerChange {
		return // it takes no name servers, which is said already
	}
	for n, server := range item.servers {
		field := ItemField(item.at, "").in("nameServers", n)
		if strings.TrimSpace(server.host) == "" || r.refusedIn(field) {
			continue
		}
		host, err := server.name()
		switch {
		case err != nil: // said already
		case name.Covers(host) && len(server.addresses) == 0:
			r.refuse(RuleHostBelow, field, "%s is below the ordered name and needs its addresses, %s", shown(host), r.words.addresses())
		case !name.Covers(host) && len(server.addresses) > 0:
			r.refuse(RuleHostBelow, field.in("addresses"), "are given for %s, which is not below the ordered name %s", shown(host), name)
		}
	}
}

// years returns the ordered period.
func (r *resolver) years(item *Item, plan DomainPlan) int {
	years, ok := plan.years(item.PlanPeriodID)
	if ok || r.Refused(ItemField(item.at, "periodId")) {
		return years
	}
	sold := make([]string, 0, len(plan.Periods))
	for _, period := range slices.Sorted(maps.Keys(plan.Periods)) {
		sold = append(sold, fmt.Sprintf("%d (%s)", period, many(plan.Periods[period], "year")))
	}
	r.refuse(RulePeriodUnknown, ItemField(item.at, "periodId"), "%d is not a period of plan %d, which sells %s",
		item.PlanPeriodID, plan.PlanID, cmp.Or(strings.Join(sold, ", "), "none by its id"))
	return plan.Years
}

// required checks for the parameters that the plan's registry requires of a holder. They
// are required if the order names a holder; an empty value counts as missing.
func (r *resolver) required(item *Item, plan DomainPlan) {
	switch item.Type() {
	case Registration, Transfer, OwnerChange:
	default:
		return
	}
	for _, name := range plan.RequiredFields {
		value, given := value(item.others, name)
		if given && strings.TrimSpace(value.Reveal()) != "" {
			continue
		}
		problem := "missing"
		if given {
			problem = "empty"
		}
		r.refuse(RuleRequiredField, ItemField(item.at, "").in("parameters", name), "is %s: plan %d at registrar account %s requires it for a %s",
			problem, plan.PlanID, plan.Registrar, item.Type())
	}
}

// name returns the domain's name under the plan's top-level domain.
func (r *resolver) name(item *Item, plan DomainPlan) (domains.Name, bool) {
	field := ItemField(item.at, "domain")
	if r.Refused(field) || !item.has(ParamDomainID) {
		return domains.Name{}, false
	}
	if !isFullName(item.domain) {
		name, err := domains.Ordered(item.domain, plan.TLD)
		if err != nil {
			r.refuse(RuleDomainName, field, "%q %s", shown(item.domain), problemOf(err))
		}
		return name, err == nil
	}
	full, err := domains.OrderedName(item.domain)
	if err != nil {
		r.refuse(RuleDomainName, field, "%q %s", shown(item.domain), problemOf(err))
		return full, false
	}
	label, ok := strings.CutSuffix(full.String(), "."+plan.TLD)
	if !ok || strings.Contains(label, ".") {
		r.refuse(RuleForeignTLD, field, "%q is not a name under the plan's top-level domain %s", shown(item.domain), plan.TLD)
		return domains.Name{}, false
	}
	return full, true
}

// parent returns the hosting that a domain is bought with, or nil if there is none.
func (r *resolver) parent(item *Item) *HostingOrder {
	if item.ParentID == NoParent {
		return nil
	}
	parent, ok := r.Order.Item(item.ParentID)
	if !ok {
		return nil // said already
	}
	if parent.IsDomain() {
		r.refuse(RuleParentKind, ItemField(item.at, "parentId"), "%d is not a hosting item", item.ParentID)
		return nil
	}
	// An unknown or wrong plan of the parent is reported with the parent.
	plan := r.catalog.hosting[parent.PlanID]
	create := !r.hosted[parent.ID]
	r.hosted[parent.ID] = true
	return &HostingOrder{
		Item: parent.ID, Template: plan.Template, Create: create, APSDefaults: len(parent.APSDefaults()) > 0,
		Subscription: parent.Subscription(),
	}
}

func (r *resolver) hosting(item *Item) *HostingOrder {
	plan, ok := r.catalog.hosting[item.PlanID]
	if !ok {
		r.noPlan(item, "a domain plan, but the item orders no operation for a domain", r.catalog.sellsDomains(item.PlanID))
		return nil
	}
	if item.ParentID != NoParent && !r.Refused(ItemField(item.at, "parentId")) {
		r.Refuse(RuleParentKind, ItemField(item.at, "parentId"), "is given, but a hosting item cannot have a parent item")
	}
	return &HostingOrder{
		Item: item.ID, Template: plan.Template, Create: true, APSDefaults: len(item.APSDefaults()) > 0,
		Subscription: item.Subscription(),
	}
}

// noPlan reports a plan that the catalog does not have, or that is of the other kind.
func (r *resolver) noPlan(item *Item, kind string, other bool) {
	field := ItemField(item.at, "planId")
	switch {
	case r.Refused(field):
	case other:
		r.refuse(RulePlanKind, field, "%d is %s", item.PlanID, kind)
	default:
		r.refuse(RulePlanUnknown, field, "%d is not in the plan catalog", item.PlanID)
	}
}

func (c *Catalog) sellsDomains(plan int) bool { _, ok := c.domains[plan]; return ok }
func (c *Catalog) sellsHosting(plan int) bool { _, ok := c.hosting[plan]; return ok }
