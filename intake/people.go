package intake

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"domainprovisioning/activities"
	"domainprovisioning/domains"
	"domainprovisioning/operations"
	"domainprovisioning/orders"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

// people are the contacts of an order whose data are known: those in the order, and those
// that Operations has given.
type people map[activities.ContactRef]domains.Contact

// inOrder are the contacts whose data are in an order.
func inOrder(order *orders.Order) people {
	found := people{}
	if !order.Customer.IsExisting() {
		found[activities.ContactRef{Source: activities.FromCustomer}] = order.Customer.Contact()
	}
	for _, contact := range order.AdditionalContacts {
		found[activities.ContactRef{Source: activities.FromAdditional, ID: contact.ID}] = contact.Contact()
	}
	return found
}

// askOperations reads the account and the users that the order names. It adds the reasons
// that follow from them. What Operations does not answer stays unknown; the workflow asks
// again. asked is false if Operations has not told whether the customer is new. An Operations
// that does not answer must leave the registrars their time.
func (i *Intake) askOperations(
	ctx context.Context, within time.Duration, in *orders.Incoming, units []orders.Unit,
) (found people, asked bool) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	order := in.Order
	found = inOrder(order)
	account, existing := order.Customer.AccountID()
	if !order.Customer.IsExisting() {
		if problem := operations.CurrencyProblem(order.Customer.Currency()); problem != "" {
			in.Refuse(orders.RuleMalformedData, orders.CustomerField("currency"), problem)
		}
	}
	asked = i.askAboutCustomer(ctx, in)
	if i.Operations == nil {
		return found, asked
	}
	if existing {
		read, err := i.Operations.GetAccountInfo(ctx, account)
		switch {
		case operations.IsNotFound(err):
			in.Refuse(orders.RuleAccount, orders.CustomerField("accountId"), fmt.Sprintf("%d is not an account in Operations", account))
		case err != nil:
			i.unasked(ctx, err)
		default:
			found[activities.ContactRef{Source: activities.FromAccount}] = read.Contact.Normalised()
		}
	}
	i.askAboutSubscriptions(ctx, in, units)
	users := map[int]bool{}    // new ones that were asked about
	answers := map[int]error{} // existing ones, and what came of it
	for _, unit := range units {
		if unit.Domain == nil || ctx.Err() != nil {
			continue
		}
		for role, id := range unit.Domain.Contacts.All() {
			switch {
			case *id == nil:
			case order.IsNewUser(**id):
				if unit.Type.Provisions() && !users[**id] {
					i.askAboutNewUser(ctx, in, **id)
				}
				users[**id] = true
			default:
				i.askAboutUser(ctx, in, found, answers, **id, orders.ItemField(order.Place(unit.Item), "contacts/"+string(role)))
			}
		}
	}
	return found, asked
}

// askAboutCustomer refuses an order of a new customer who is known. Orders of ours that are
// under way tell the store; Operations tells all others, and what an order that was given up
// has left. It returns false if Operations did not answer.
func (i *Intake) askAboutCustomer(ctx context.Context, in *orders.Incoming) bool {
	customer := &in.Order.Customer
	field := orders.CustomerField("login")
	if customer.IsExisting() || strings.TrimSpace(customer.Login()) == "" {
		return true
	}
	account := in.Name(orders.CustomerField("accountId"))
	err := i.Store.FindCustomer(ctx, customer.Login())
	if known, ok := errors.AsType[*store.CustomerKnownError](err); ok {
		order := callerOf(ctx).name(known.Client, known.Label, known.OrderNumber)
		if order == "" {
			in.Refuse(orders.RuleAccount, field, "is that of a customer of another client; choose another")
			return true
		}
		has, once := "has", ""
		if i.Operations != nil {
			if _, err := i.Operations.GetAccountInfo(ctx, known.AccountID); operations.IsNotFound(err) {
				has, once = "is to have", ", once it is there,"
			}
		}
		in.Refuse(orders.RuleAccount, field, fmt.Sprintf("is that of order %s, which %s account %d: give that in %s%s instead of a new customer",
			order, has, known.AccountID, account, once))
		return true
	}
	if err != nil {
		i.Log.WarnContext(ctx, "the store could not be asked about the customer; it is asked again when the order is stored", "error", err)
	}
	if i.Operations == nil {
		return true
	}
	member, err := i.Operations.GetAccountMemberByLogin(ctx, customer.Login())
	switch {
	case err == nil:
		if !callerOf(ctx).All { // it may be that of another client's customer
			in.Refuse(orders.RuleAccount, field, fmt.Sprintf("is in use in Operations: give the customer's account in %s, or another login", account))
			return true
		}
		in.Refuse(orders.RuleAccount, field, fmt.Sprintf("is in use in Operations by %s: give that in %s instead of a new customer",
			accountWords(member.AccountID), account))
	case !operations.SaysNotFound(err):
		i.unasked(ctx, err)
		return false
	}
	return true
}

// askAboutNewUser refuses a new user whose login somebody has.
func (i *Intake) askAboutNewUser(ctx context.Context, in *orders.Incoming, id int) {
	user, _ := in.Order.AdditionalContact(id)
	field := orders.ContactField(in.Order.PlaceOfContact(id), "login")
	if strings.TrimSpace(user.Login()) == "" || in.Refused(field) {
		return
	}
	member, err := i.Operations.GetAccountMemberByLogin(ctx, user.Login())
	switch {
	case err == nil:
		if own, existing := in.Order.Customer.AccountID(); !callerOf(ctx).All && (!existing || own != member.AccountID) {
			in.Refuse(orders.RuleAccount, field, "is in use in Operations by a user of another account: give another login")
			return
		}
		in.Refuse(orders.RuleAccount, field, fmt.Sprintf("is in use in Operations by user %d of %s: let the roles name that user, or give another login",
			member.UserID, accountWords(member.AccountID)))
	case !operations.SaysNotFound(err):
		i.unasked(ctx, err)
	}
}

// askAboutUser reads an existing user who has a role, once for all roles.
func (i *Intake) askAboutUser(ctx context.Context, in *orders.Incoming, found people, answers map[int]error, id int, field orders.Field) {
	err, answered := answers[id]
	if !answered {
		var member operations.Member
		if member, err = i.Operations.GetMemberFullInfo(ctx, id); err == nil {
			found[activities.ContactRef{Source: activities.FromUser, ID: id}] = member.Contact.Normalised()
		}
		answers[id] = err
	}
	switch {
	case operations.IsNotFound(err):
		in.Refuse(orders.RuleAccount, field, fmt.Sprintf("names user %d, who is neither in Operations nor in the order", id))
	case err != nil && !answered:
		i.unasked(ctx, err)
	}
}

// accountWords names the account of a user, which Operations may leave out.
func accountWords(id int) string {
	if id == 0 {
		return "an account"
	}
	return fmt.Sprintf("account %d", id)
}

func (i *Intake) unasked(ctx context.Context, err error) {
	i.Log.WarnContext(ctx, "Operations could not be asked at intake; the workflow asks again", "error", err)
}

// contacts returns the contacts of a request whose data are known.
func (p people) contacts(order *orders.Order, unit orders.Unit, kind registrars.Kind) map[registrars.Role]registrars.Contact {
	item, _ := order.Item(unit.Item)
	contacts := map[registrars.Role]registrars.Contact{}
	for _, role := range kind.Roles() {
		details, known := p[activities.ContactOf(order, *unit.Domain.Contacts.Of(role))]
		if !known || kind == registrars.ContactChange && *unit.Domain.Contacts.Of(role) == nil && !unit.Type.Provisions() {
			continue
		}
		contact := registrars.Contact{Role: role, Domain: unit.Domain.Name, Details: details}
		if role == registrars.Owner {
			contact.Extra = map[string]string{}
			for _, parameter := range item.RegistrarParameters() {
				contact.Extra[parameter.Name] = parameter.Value.Reveal()
			}
		}
		contacts[role] = contact
	}
	return contacts
}
