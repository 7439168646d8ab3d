package operations

import (
	"context"

	"domainprovisioning/domains"
	"domainprovisioning/wire/xmlrpc"
)

// AccountType distinguishes customers, resellers and the provider.
type AccountType string

// The account types. The provider's account can only be read.
const (
	AccountProvider AccountType = "A"
	AccountReseller AccountType = "R"
	AccountCustomer AccountType = "C"
)

// AddAccountParams are the parameters of pem.addAccount. Zero values are left out.
type AddAccountParams struct {
	AccountID         int         // chosen by the caller; 0: generated
	AccountType       AccountType // customer or reseller; empty: customer
	SubscriptionID    int         // supplies the accounts resource; 0: the server picks one
	ParentAccountID   int         // 0: the provider's account
	BrandedDomainName string
	Contact           domains.Contact // mandatory; with Organisation, a business account
	Locale            string
	Note              string // at most 255 characters
}

// AddAccount creates a customer or reseller account without a staff member and
// returns its id (step 1). Call AddAccountMember right after it: without a member, a
// later ActivateSubscription behaves unpredictably (docs/protocols/operations.md,
// section 9.1).
//
// The other form of the call, with external_info instead of a contact, is not
// offered, because the names of its members are not known.
func (c *Client) AddAccount(ctx context.Context, p AddAccountParams) (accountID int, err error) {
	const method = "pem.addAccount"
	check := checker{method: method}
	contact := p.Contact.Normalised()
	check.optionalID(memberAccountID, p.AccountID)
	check.optionalID(memberSubscriptionID, p.SubscriptionID)
	check.optionalID("parent_account_id", p.ParentAccountID)
	switch p.AccountType {
	case "", AccountCustomer, AccountReseller:
	default:
		check.add("account_type must be C or R")
	}
	check.contact(contact)
	check.atMost(memberNote, p.Note, 255)
	if err := check.err(); err != nil {
		return 0, err
	}
	params := xmlrpc.Struct{}
	optionalID(params, memberAccountID, p.AccountID)
	optionalID(params, memberSubscriptionID, p.SubscriptionID)
	optionalID(params, "parent_account_id", p.ParentAccountID)
	optional(params, "account_type", string(p.AccountType))
	optional(params, "branded_domain_name", p.BrandedDomainName)
	optional(params, "locale", p.Locale)
	optional(params, memberNote, p.Note)
	addContact(params, contact)
	return c.callID(ctx, method, params, memberAccountID, p.AccountID)
}

// Account is what pem.getAccountInfo returns about an account.
type Account struct {
	ID              int
	Type            AccountType
	ParentAccountID int
	Contact         domains.Contact
	Note            string
}

// GetAccountInfo reads an account.
func (c *Client) GetAccountInfo(ctx context.Context, accountID int) (Account, error) {
	const method = "pem.getAccountInfo"
	result, err := c.getByID(ctx, method, memberAccountID, accountID)
	if err != nil {
		return Account{}, err
	}
	account := Account{
		ID:              accountID,
		Type:            AccountType(result.text("account_type")),
		ParentAccountID: result.id("parent_account_id"),
		Contact:         result.contact(),
		Note:            result.text(memberNote),
	}
	if account.Type == "" {
		result.reply.fail(result.at("account_type"), "is missing")
	}
	if err := result.err(); err != nil {
		return Account{}, err
	}
	return account, nil
}

// RemoveAccount undoes AddAccount (parameters observed).
func (c *Client) RemoveAccount(ctx context.Context, accountID int) error {
	return c.doByID(ctx, "pem.removeAccount", memberAccountID, accountID)
}

// getByID calls a method whose only parameter is an id and whose result is a struct.
func (c *Client) getByID(ctx context.Context, method, member string, id int) (fields, error) {
	check := checker{method: method}
	check.id(member, id)
	if err := check.err(); err != nil {
		return fields{}, err
	}
	return c.callStruct(ctx, method, xmlrpc.Struct{member: id})
}

// doByID calls a method whose only parameter is an id and which has no output.
func (c *Client) doByID(ctx context.Context, method, member string, id int) error {
	check := checker{method: method}
	check.id(member, id)
	if err := check.err(); err != nil {
		return err
	}
	_, err := c.call(ctx, method, xmlrpc.Struct{member: id})
	return err
}
