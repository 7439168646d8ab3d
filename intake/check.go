package intake

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/orders"
	"domainprovisioning/registrars"
	"domainprovisioning/workflows"
)

// checkTimeout bounds the questions to Operations and registrars while a caller waits, for
// all items together. The workflow asks again about what was not answered in time.
const checkTimeout = 15 * time.Second

// checksAtOnce bounds how many items of an order are asked about at once.
const checksAtOnce = 4

// resolve splits an order into units of work, as far as it is understood. It adds the
// reasons why it cannot be served, whatever a registrar says.
func (i *Intake) resolve(in *orders.Incoming) []orders.Unit {
	units := i.Catalog.Resolve(in)
	served := units[:0]
	for _, unit := range units {
		if unit.Domain == nil || i.served(in, unit) {
			served = append(served, unit)
		}
	}
	return served
}

// served reports whether the unit's registrar account is configured and serves what the
// unit orders.
func (i *Intake) served(in *orders.Incoming, unit orders.Unit) bool {
	at := in.Order.Place(unit.Item)
	customer := &in.Order.Customer
	if account := orders.CustomerField("accountId"); !customer.IsExisting() && !unit.Type.Provisions() && !in.Refused(account) {
		in.Refuse(orders.RuleAccount, account, fmt.Sprintf("is missing: a %s is for a domain of an existing account", unit.Type))
	}
	if unit.Hosting != nil && !unit.Type.Provisions() {
		in.Refuse(orders.RuleParentKind, orders.ItemField(at, "parentId"),
			fmt.Sprintf("is given, but a %s takes no hosting: order the hosting by itself", unit.Type))
	}
	account, ok := i.Accounts[unit.Domain.Registrar]
	if !ok {
		in.Refuse(orders.RuleRegistrar, orders.ItemField(at, "planId"),
			fmt.Sprintf("names registrar account %q, which is not configured", unit.Domain.Registrar))
		return false
	}
	descriptor := account.Registrar.Describe()
	if unit.Type == orders.Transfer && len(unit.Domain.Hosts) > 0 {
		until := "is delegated to the system's name servers"
		if descriptor.BareTransfers {
			until = "keeps those that it has"
		}
		in.Note(orders.RuleHostBelow, orders.ItemField(at, "nameServers"), "are set after the transfer: until then the domain "+until)
	}
	ok = i.adoptable(in, unit, descriptor)
	for _, kind := range i.KindsOf(unit) {
		if !descriptor.Serves(kind) {
			field := orders.ItemField(at, "operation")
			if setting, ok := strings.CutPrefix(kind.SettingField(), "settings."); ok {
				field = orders.ItemField(at, "settings/"+setting)
			}
			in.Refuse(orders.RuleRegistrar, field,
				fmt.Sprintf("cannot be served: registrar account %q (%s) does not serve a %s", unit.Domain.Registrar, descriptor.Title, kind))
			ok = false
		}
	}
	return ok
}

// ask adds what Operations and the registrars say against an order, as far as they can
// tell without spending anything. It reports whether Operations has told that the customer
// is new, or known.
func (i *Intake) ask(ctx context.Context, in *orders.Incoming, units []orders.Unit) bool {
	// The caller's deadline must leave time to store the order as well.
	within := checkTimeout
	if deadline, ok := ctx.Deadline(); ok {
		within = min(within, time.Until(deadline)/2)
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	people, asked := i.askOperations(ctx, within/3, in, units)
	answers := make([][]error, len(units))
	var group sync.WaitGroup
	tokens := make(chan struct{}, checksAtOnce)
	for n, unit := range units {
		if unit.Domain == nil {
			continue
		}
		tokens <- struct{}{}
		group.Go(func() {
			defer func() { <-tokens }()
			answers[n] = i.askRegistrar(ctx, in.Order, unit, people)
		})
	}
	group.Wait()
	for n, unit := range units {
		for _, err := range answers[n] {
			i.refuseAnswer(ctx, in, unit, err)
		}
	}
	i.askWhoseAdopted(ctx, in, units)
	return asked
}

// askRegistrar asks about the domain of a unit and about each of its requests.
func (i *Intake) askRegistrar(ctx context.Context, order *orders.Order, unit orders.Unit, people people) []error {
	var answers []error
	switch {
	case unit.Domain.Name.IsZero(): // it is refused, and only the rest is checked
	case unit.Type == orders.Adoption:
		answers = append(answers, i.askAdoption(ctx, unit))
	case !unit.Type.Provisions():
		answers = append(answers, i.askHeld(ctx, unit))
	}
	answers = append(answers, i.askRequests(ctx, order, unit, people)...)
	return slices.DeleteFunc(answers, func(err error) bool { return err == nil })
}

// askRequests lets the plug-in check each request of a unit.
func (i *Intake) askRequests(ctx context.Context, order *orders.Order, unit orders.Unit, people people) []error {
	registrar := i.Accounts[unit.Domain.Registrar].Registrar
	bare := registrar.Describe().BareTransfers
	kinds := i.KindsOf(unit)
	answers := make([]error, 0, len(kinds))
	for _, kind := range kinds {
		request := requestOf(order, unit, kind, people)
		switch {
		case bare && workflows.FollowsTransfer(unit, kind):
			request.Domain = domains.Name{} // it is not here yet, so only the rest is checked
		case kind == registrars.NameServerChange && unit.Type.Provisions():
			continue // it follows the main request, with which its name servers are checked
		}
		answers = append(answers, registrar.Check(ctx, request))
	}
	return slices.DeleteFunc(answers, func(err error) bool { return err == nil })
}

// KindsOf is workflows.KindsOf for the registrar account of a unit.
func (i *Intake) KindsOf(unit orders.Unit) []registrars.Kind {
	if unit.Domain == nil {
		return nil
	}
	account, ok := i.Accounts[unit.Domain.Registrar]
	return workflows.KindsOf(unit, ok && account.Registrar.Describe().BareTransfers)
}

// askHeld asks the registrar for the domain that an order changes, where it tells which
// domains the account has. A setting alone is no reason for a plug-in to ask: it may be the
// last step of an order that brings the domain here.
func (i *Intake) askHeld(ctx context.Context, unit orders.Unit) error {
	registrar := i.Accounts[unit.Domain.Registrar].Registrar
	descriptor := registrar.Describe()
	if !descriptor.Adopts() {
		return nil
	}
	_, err := registrar.ReadDomain(ctx, unit.Domain.Name)
	if err != nil && registrars.ClassOf(err) == registrars.ClassNotFound {
		return (&registrars.Broken{Field: "domain", Rule: "is not in this account"}).In(descriptor.Name, unit.Type.String())
	}
	return err
}

// refuseAnswer adds a registrar's reasons, in the words of the order.
func (i *Intake) refuseAnswer(ctx context.Context, in *orders.Incoming, unit orders.Unit, err error) {
	unanswered := func(class registrars.Class) {
		i.Log.WarnContext(ctx, "the registrar could not be asked at intake; the workflow asks again",
			"registrar", unit.Domain.Registrar, "class", class)
	}
	reasons := registrars.Reasons(err)
	for _, reason := range reasons {
		switch reason.Class {
		case registrars.ClassUnavailable:
			// Billing's wording for a name that is taken (docs/protocols/orders.md,
			// section 7).
			in.RefuseFor(orders.RuleRegistrar, orders.ItemField(in.Order.Place(unit.Item), "domain"),
				fmt.Sprintf("Domain '%s' is already used.", unit.Domain.Name))
		case registrars.ClassInvalid, registrars.ClassRejected, registrars.ClassPrice:
			field, of := fieldOf(in.Order, unit, reason.Field)
			problem := fmt.Sprintf("%s (registrar account %s)", broken(reason), unit.Domain.Registrar)
			if of != "" {
				problem = "stands for a contact whose " + of + " " + problem
			}
			// One contact may have several roles, and a name several requests.
			if !in.RefusedNear(field, orders.RuleRegistrar) {
				in.RefuseOnce(orders.RuleRegistrar, field, problem)
			}
		default:
			unanswered(reason.Class)
		}
	}
	if len(reasons) == 0 {
		unanswered(registrars.ClassOf(err))
	}
}

// broken is the rule that is broken, without a name of a field.
func broken(reason *registrars.Error) string {
	if reason.Rule == "" {
		return "is refused: " + strings.TrimSpace(string(reason.Class)+" "+reason.Code)
	}
	return "breaks a rule: " + reason.Rule
}

// fieldOf is the field of the order that a registrar's field stands for. Of a contact that is
// not in the order it is where the order names the contact; of is then the contact's field.
func fieldOf(order *orders.Order, unit orders.Unit, name string) (field orders.Field, of string) {
	if role, rest, _ := strings.Cut(name, "."); isRole(role) {
		return fieldOfContact(order, unit, domains.Role(role), rest)
	}
	return fieldOfItem(order.Place(unit.Item), name), ""
}

// fieldOfItem is the field of an item that a registrar's field stands for.
func fieldOfItem(item int, name string) orders.Field {
	first, rest, _ := strings.Cut(name, ".")
	switch first {
	case "years":
		return orders.ItemField(item, "periodId")
	case "authCode":
		return orders.ItemField(item, "transferKey")
	case "tld":
		return orders.ItemField(item, "planId")
	case "kind":
		return orders.ItemField(item, "operation")
	case "nameServers":
		return orders.ItemField(item, strings.TrimSuffix("nameServers/"+strings.ReplaceAll(rest, ".", "/"), "/"))
	case "expires", "language":
		return orders.ItemField(item, first)
	case "settings":
		return orders.ItemField(item, strings.TrimSuffix("settings/"+strings.NewReplacer(".", "/", "[", "/", "]", "").Replace(rest), "/"))
	}
	return orders.ItemField(item, "domain")
}

func isRole(name string) bool {
	var roles orders.Roles
	return roles.Of(domains.Role(name)) != nil
}

// fieldOfContact is the field of the contact that has a role.
func fieldOfContact(order *orders.Order, unit orders.Unit, role domains.Role, name string) (field orders.Field, of string) {
	id := *unit.Domain.Contacts.Of(role)
	path := ""
	if name != "" {
		path = "contact/" + strings.ReplaceAll(name, ".", "/")
	}
	switch {
	case name != "" && !orders.IsContactField(name):
		return orders.ItemField(order.Place(unit.Item), "parameters/"+name), ""
	case id == nil && order.Customer.IsExisting():
		return orders.CustomerField("accountId"), name
	case id == nil:
		return orders.CustomerField(path), ""
	case order.IsNewUser(*id):
		return orders.ContactField(order.PlaceOfContact(*id), path), ""
	}
	return orders.ItemField(order.Place(unit.Item), "contacts/"+string(role)), name
}
