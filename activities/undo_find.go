package activities

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/operations"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

// What may be taken back is looked for by its id, and must be of the order's account and made by
// the order: its id is one that the order reserved. A fault that says that nothing is there is
// believed: a mistake leaves something behind and removes nothing.

// kept is a finding that must stay.
func kept(format string, args ...any) (finding, error) {
	return finding{there: true, keep: fmt.Sprintf(format, args...)}, nil
}

// findDomain looks for the domain of the order.
func (o *Operations) findDomain(ctx context.Context, in TakeBackInput) (finding, error) {
	domain, err := o.Client.GetDomainByName(ctx, in.Domain)
	switch {
	case operations.SaysNotFound(err):
		return finding{}, nil
	case err != nil:
		return finding{}, err
	case domain.AccountID == 0:
		return kept("Operations does not say whose domain %d is", domain.ID)
	case domain.AccountID != in.AccountID:
		return kept("domain %d belongs to account %d", domain.ID, domain.AccountID)
	}
	made, err := o.Undo.Reserved(ctx, in.OrderNumber, store.DomainID, domain.ID)
	if err == nil && !made {
		// Step 11 does not choose the id of a domain that it makes.
		made, err = o.Undo.Reserved(ctx, in.OrderNumber, store.DomainSubscriptionID, domain.SubscriptionID)
	}
	if err != nil || made {
		return finding{there: true, hint: fmt.Sprintf(". Its id is %d", domain.ID)}, err
	}
	return kept("the order did not make domain %d", domain.ID)
}

// findServices tells whether services can be bound. Nothing tells whether they are.
func (o *Operations) findServices(ctx context.Context, in TakeBackInput) (finding, error) {
	domain, err := o.Client.GetDomainByName(ctx, in.Domain)
	if operations.SaysNotFound(err) {
		return finding{}, nil
	}
	if err != nil {
		return finding{}, err
	}
	if domain.AccountID != 0 && domain.AccountID != in.AccountID {
		return finding{}, nil
	}
	subscription, err := o.Client.GetSubscription(ctx, in.SubscriptionID)
	if operations.SaysNotFound(err) {
		return finding{}, nil
	}
	if err != nil {
		return finding{}, err
	}
	if subscription.OwnerID != in.AccountID {
		return kept("the subscription belongs to account %d", subscription.OwnerID)
	}
	return o.endsWith(ctx, in, store.HostingSubscriptionID, in.SubscriptionID, "the subscription")
}

// endsWith is a finding that goes with another one that the order made.
func (o *Operations) endsWith(ctx context.Context, in TakeBackInput, kind store.IDKind, id int, other string) (finding, error) {
	made, err := o.Undo.Reserved(ctx, in.OrderNumber, kind, id)
	if err != nil || !made {
		return finding{there: true}, err
	}
	return finding{there: true, hint: ". We assume that a removal of " + other + " ends this too"}, nil
}

// findDomainRequest looks for the request by its name servers.
func (o *Operations) findDomainRequest(ctx context.Context, in TakeBackInput) (finding, error) {
	found, err := o.subscriptionOf(ctx, in, store.DomainSubscriptionID)
	if err != nil || !found.there {
		return finding{}, err
	}
	if found.keep != "" {
		// The request may have been in it before the order.
		return found, nil
	}
	_, err = o.Client.GetNameServers(ctx, in.SubscriptionID, in.Domain)
	switch {
	case operations.SaysNotFound(err):
		return finding{}, nil
	case operations.IsRefused(err):
		// The parameters of the look are assumed, those of the removal documented.
		return finding{there: true, blind: true}, nil
	}
	return finding{there: err == nil}, err
}

// subscriptionOf looks for the subscription of the input, and keeps one that the order did not
// make.
func (o *Operations) subscriptionOf(ctx context.Context, in TakeBackInput, kind store.IDKind) (finding, error) {
	subscription, err := o.Client.GetSubscription(ctx, in.SubscriptionID)
	switch {
	case operations.SaysNotFound(err):
		return finding{}, nil
	case err != nil:
		return finding{}, err
	case subscription.OwnerID != in.AccountID:
		return kept("subscription %d belongs to account %d", in.SubscriptionID, subscription.OwnerID)
	}
	made, err := o.Undo.Reserved(ctx, in.OrderNumber, kind, in.SubscriptionID)
	if err == nil && !made {
		return kept("the order did not make subscription %d", in.SubscriptionID)
	}
	return finding{there: true}, err
}

// findOwnSubscription looks for a subscription that the order made, and whether anything else
// needs it.
func (o *Operations) findOwnSubscription(ctx context.Context, in TakeBackInput) (finding, error) {
	kind := store.DomainSubscriptionID
	if in.What == TakeBackHostingSubscription {
		kind = store.HostingSubscriptionID
	}
	found, err := o.subscriptionOf(ctx, in, kind)
	if err != nil || !found.there || found.keep != "" {
		return found, err
	}
	if in.InBilling {
		return kept("it stands in Billing: terminate it in Billing")
	}
	users, err := o.otherUnits(ctx, in, func(unit store.PlannedUnit) bool {
		return unit.DomainSubscriptionID == in.SubscriptionID || unit.HostingSubscriptionID == in.SubscriptionID
	})
	if err != nil {
		return finding{}, err
	}
	if len(users) > 0 {
		return kept("it is used by %s", strings.Join(users, ", "))
	}
	if in.What == TakeBackHostingSubscription || in.Domain.IsZero() {
		return found, nil
	}
	domain, err := o.Client.GetDomainByName(ctx, in.Domain)
	switch {
	case operations.SaysNotFound(err):
		return found, nil
	case err != nil:
		return finding{}, err
	case domain.AccountID != 0 && domain.AccountID != in.AccountID,
		domain.SubscriptionID != 0 && domain.SubscriptionID != in.SubscriptionID:
		return found, nil
	}
	return kept("domain %s (%d) stands on it", in.Domain, domain.ID)
}

// otherUnits names the units of work that use something of the order's account: those of every
// order that are not cancelled, without the one that takes it back, and without those of the same
// order that have taken back the same thing. Of several that are cancelled at once, the last one
// removes it. Those of other clients have no names: the client of the order reads them.
func (o *Operations) otherUnits(ctx context.Context, in TakeBackInput, uses func(store.PlannedUnit) bool) ([]string, error) {
	units, err := o.Undo.UnitsOfAccount(ctx, in.OrderNumber, in.AccountID)
	if err != nil {
		return nil, err
	}
	steps, err := o.Undo.UndoSteps(ctx, in.OrderNumber)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, unit := range units {
		letGo := unit.OrderNumber == in.OrderNumber && (unit.Item == in.Item || slices.ContainsFunc(steps, func(step store.UndoStep) bool {
			return step.Item == unit.Item && step.What == string(in.What)
		}))
		if unit.State == store.UnitCancelled && unit.GivenUp != nil && !unit.GivenUp.Keep {
			letGo = true // it has taken back what it made; one that was closed or kept still uses it
		}
		if letGo || !uses(unit) {
			continue
		}
		name := fmt.Sprintf("item %d of order %s", unit.Item, unit.OrderNumber)
		if unit.OtherClient {
			name = "an order of another client"
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names, nil
}

// findOwnMembers looks for users that the order made.
func (o *Operations) findOwnMembers(ctx context.Context, in TakeBackInput) (finding, error) {
	members, err := o.Client.GetAccountMembers(ctx, in.AccountID)
	if operations.SaysNotFound(err) {
		return finding{}, nil
	}
	if err != nil {
		return finding{}, err
	}
	byID, byLogin, err := o.ownMembers(ctx, in.OrderNumber, in.Revision, members)
	if err != nil || byID+byLogin == 0 {
		return finding{}, err
	}
	found, err := o.endsWith(ctx, in, store.AccountID, in.AccountID, "the account")
	if err == nil && byID == 0 && found.hint == "" {
		return kept("the login of the order has another id, so it may have been there before")
	}
	return found, err
}

// ownMembers counts the members that are users of the order. What Operations calls the id of a
// user is not always the id that was chosen, so the login counts too.
func (o *Operations) ownMembers(ctx context.Context, number string, revision int, members []operations.Member) (byID, byLogin int, err error) {
	if len(members) == 0 {
		return 0, 0, nil
	}
	var logins []string
	for ; revision >= 0; revision-- {
		order, err := o.Orders.Order(ctx, number, revision)
		if err != nil {
			return 0, 0, err
		}
		logins = append(logins, order.Customer.Login())
		for _, contact := range order.AdditionalContacts {
			logins = append(logins, contact.Login())
		}
	}
	for _, member := range members {
		made, err := o.Undo.Reserved(ctx, number, store.UserID, member.MemberID)
		if err == nil && !made && member.UserID != member.MemberID {
			made, err = o.Undo.Reserved(ctx, number, store.UserID, member.UserID)
		}
		switch {
		case err != nil:
			return 0, 0, err
		case made:
			byID++
		case member.Login != "" && slices.ContainsFunc(logins, func(login string) bool { return strings.EqualFold(login, member.Login) }):
			byLogin++
		}
	}
	return byID, byLogin, nil
}

func userNames(users []NewUser) string {
	names := make([]string, len(users))
	for i, user := range users {
		names[i] = strconv.Itoa(user.UserID)
	}
	if len(names) == 1 {
		return "user " + names[0]
	}
	return "users " + strings.Join(names, ", ")
}

// findOwnAccount looks for the account that the order made, and whether anybody needs it.
func (o *Operations) findOwnAccount(ctx context.Context, in TakeBackInput) (finding, error) {
	made, err := o.Undo.Reserved(ctx, in.OrderNumber, store.AccountID, in.AccountID)
	if err != nil {
		return finding{}, err
	}
	if !made {
		return kept("the order did not make it")
	}
	there, err := o.findAccountOf(ctx, in.OrderNumber, in.Revision, in.AccountID)
	if class, _ := permanent(err); err != nil && class == registrars.ClassConflict {
		return kept("its name or e-mail address is not that of the order, so it belongs to somebody else or was changed since")
	}
	if err != nil || !there {
		return finding{}, err
	}
	for _, needs := range []func(context.Context, TakeBackInput) (string, error){
		o.unitsOn, o.subscriptionsOn, o.domainsOn, o.othersIn,
	} {
		if why, err := needs(ctx, in); err != nil || why != "" {
			return finding{there: true, keep: why}, err
		}
	}
	return finding{there: true}, nil
}

func (o *Operations) unitsOn(ctx context.Context, in TakeBackInput) (string, error) {
	units, err := o.otherUnits(ctx, in, func(store.PlannedUnit) bool { return true })
	if err != nil || len(units) == 0 {
		return "", err
	}
	return "it is used by " + strings.Join(units, ", "), nil
}

// A removal may go on for a while after Operations has accepted it: until goneWithin has passed,
// a subscription that was removed and is still shown is waited for, looking again after goneAgain.
const (
	goneWithin = time.Hour
	goneAgain  = time.Minute
)

func (o *Operations) subscriptionsOn(ctx context.Context, in TakeBackInput) (string, error) {
	subscriptions, err := o.Client.GetAccountSubscriptions(ctx, in.AccountID)
	if err != nil || len(subscriptions) == 0 {
		return "", err
	}
	steps, err := o.Undo.UndoSteps(ctx, in.OrderNumber)
	if err != nil {
		return "", err
	}
	leaving := 0
	names := make([]string, len(subscriptions))
	for i, subscription := range subscriptions {
		names[i] = fmt.Sprintf("subscription %d", subscription.ID)
		if slices.ContainsFunc(steps, func(step store.UndoStep) bool {
			return step.Object == names[i] && step.State == store.Undone && step.Age() < goneWithin
		}) {
			leaving++
		}
	}
	if leaving == len(names) {
		return "", again(registrars.ClassTemporary, goneAgain, "activities: Operations still shows %s, which was removed", strings.Join(names, ", "))
	}
	return "it has " + strings.Join(names, ", "), nil
}

// domainsOn names the domains of the account that we know of: Operations lists none.
func (o *Operations) domainsOn(ctx context.Context, in TakeBackInput) (string, error) {
	units, err := o.Undo.UnitsOfAccount(ctx, in.OrderNumber, in.AccountID)
	if err != nil {
		return "", err
	}
	names, ours := []string{in.Domain.String()}, map[string]bool{in.Domain.String(): true}
	for _, unit := range units {
		names = append(names, unit.Domain)
		ours[unit.Domain] = ours[unit.Domain] || !unit.OtherClient
	}
	slices.Sort(names)
	for _, text := range slices.Compact(names) {
		if text == "" {
			continue
		}
		name, err := domains.ParseName(text)
		if err != nil {
			return "", fmt.Errorf("activities: the name of a unit of work: %w", err)
		}
		domain, err := o.Client.GetDomainByName(ctx, name)
		switch {
		case operations.SaysNotFound(err):
		case err != nil:
			return "", err
		case domain.AccountID != 0 && domain.AccountID != in.AccountID:
		case !ours[text]:
			return "it has a domain of another client's order", nil
		default:
			return fmt.Sprintf("it has domain %s (%d)", name, domain.ID), nil
		}
	}
	return "", nil
}

// othersIn tells whether the account has members that the order did not make.
func (o *Operations) othersIn(ctx context.Context, in TakeBackInput) (string, error) {
	members, err := o.Client.GetAccountMembers(ctx, in.AccountID)
	if err != nil {
		return "", err
	}
	byID, byLogin, err := o.ownMembers(ctx, in.OrderNumber, in.Revision, members)
	if others := len(members) - byID - byLogin; err == nil && others > 0 {
		return fmt.Sprintf("%d of its users were not made by the order", others), nil
	}
	return "", err
}
