package activities

import (
	"context"
	"strings"

	"domainprovisioning/domains"
	"domainprovisioning/operations"
	"domainprovisioning/registrars"
)

// What an earlier try may have created in Operations is found by the reserved id, or by a
// login, and compared with what we would create. A fault that says that nothing is there is
// believed here, because the call that follows is guarded by the id.

// findAccountOf is findAccount for the customer of an order, whose data may have been amended
// after the account was made.
func (o *Operations) findAccountOf(ctx context.Context, number string, revision, accountID int) (bool, error) {
	for ; ; revision-- {
		order, err := o.Orders.Order(ctx, number, revision)
		if err != nil {
			return false, err
		}
		there, err := o.findAccount(ctx, accountID, order.Customer.Contact())
		if conflict := err != nil && registrars.ClassOf(err) == registrars.ClassConflict; !conflict || revision == 0 {
			return there, err
		}
	}
}

// findAccount reports whether an earlier try has created the account with our id.
func (o *Operations) findAccount(ctx context.Context, accountID int, contact domains.Contact) (bool, error) {
	account, err := o.Client.GetAccountInfo(ctx, accountID)
	if operations.SaysNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	have, want := account.Contact.Normalised(), contact.Normalised()
	for _, part := range []struct {
		place, have string
		same        bool
	}{
		{"result.email", have.Email, strings.EqualFold(have.Email, want.Email)},
		{"result.person.last_name", have.LastName, have.LastName == want.LastName},
		{"result.person.first_name", have.FirstName, have.FirstName == want.FirstName},
	} {
		if part.have == "" {
			return false, operations.Missing("pem.getAccountInfo", part.place)
		}
		if !part.same {
			return false, refuse(registrars.ClassConflict, "activities: account id %d belongs to somebody else in Operations", accountID)
		}
	}
	return true, nil
}

// checkLogin refuses the account of a customer who has one: step 2 could not give it the
// login, and would leave an account without anybody.
func (o *Operations) checkLogin(ctx context.Context, accountID int, login string) error {
	if strings.TrimSpace(login) == "" {
		return nil
	}
	member, err := o.Client.GetAccountMemberByLogin(ctx, login)
	switch {
	case operations.SaysNotFound(err):
		return nil
	case err != nil:
		return err
	case member.AccountID == 0 || member.AccountID == accountID:
		return nil
	}
	return refuse(registrars.ClassConflict,
		"activities: the login of the customer is in use by account %d in Operations; cancel this order, and order for that account", member.AccountID)
}

// findMember returns the member id of our login in our account, or 0 if nobody has the
// login.
func (o *Operations) findMember(ctx context.Context, accountID, userID int, login string) (int, error) {
	member, err := o.Client.GetAccountMemberByLogin(ctx, login)
	if operations.SaysNotFound(err) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	// If the reply does not name the account, the account's list of members does.
	if member.AccountID == 0 {
		member.AccountID, err = o.accountOf(ctx, accountID, login)
		if err != nil {
			return 0, err
		}
	}
	if member.AccountID != accountID {
		return 0, refuse(registrars.ClassConflict,
			"activities: the login of user %d is taken by another account in Operations", userID)
	}
	return member.MemberID, nil
}

// accountOf returns the account id when the account has a member of the login,
// and 0 otherwise.
func (o *Operations) accountOf(ctx context.Context, accountID int, login string) (int, error) {
	members, err := o.Client.GetAccountMembers(ctx, accountID)
	if err != nil {
		return 0, err
	}
	for _, member := range members {
		if strings.EqualFold(member.Login, login) {
			return accountID, nil
		}
	}
	return 0, nil
}

// findSubscription reports whether the subscription with our id is ours.
func (o *Operations) findSubscription(ctx context.Context, in ActivateSubscriptionInput) (bool, error) {
	subscription, err := o.Client.GetSubscription(ctx, in.SubscriptionID)
	if operations.SaysNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if subscription.OwnerID != in.AccountID {
		return false, refuse(registrars.ClassConflict,
			"activities: subscription id %d belongs to another account in Operations", in.SubscriptionID)
	}
	if subscription.ServiceTemplateID != 0 && subscription.ServiceTemplateID != in.Template {
		return false, refuse(registrars.ClassConflict,
			"activities: subscription %d exists with service template %d, not %d",
			in.SubscriptionID, subscription.ServiceTemplateID, in.Template)
	}
	return true, nil
}
