package operations

import (
	"context"

	"domainprovisioning/domains"
	"domainprovisioning/xmlrpc"
)

// Auth is the login by which Operations itself authenticates a staff member.
type Auth struct {
	Login    string
	Password domains.Secret
}

// ExternalIdentity names a staff member whom an external system authenticates.
type ExternalIdentity struct {
	SystemName  string
	IdentityKey domains.Secret
}

// AddAccountMemberParams are those of pem.addAccountMember: either an external
// identity and nothing else, or auth together with a contact. The parameters
// login (deprecated since 2.9) and subscription_id (ignored since 5.5) are not
// offered.
type AddAccountMemberParams struct {
	AccountID        int
	UserID           int // chosen by the caller; 0: generated
	ExternalIdentity ExternalIdentity
	Auth             Auth
	Contact          domains.Contact // the fax number is optional
}

// AddAccountMember creates a staff member of an account (step 2). The result is
// the value that the API calls user_id; the vendor's client warns that it is a
// *member* id, so read it back with GetMemberFullInfo, which takes a member id.
//
// After a lost reply find the member with GetAccountMemberByLogin.
func (c *Client) AddAccountMember(ctx context.Context, p AddAccountMemberParams) (memberID int, err error) {
	const method = "pem.addAccountMember"
	check := checker{method: method}
	contact := p.Contact.Normalised()
	external := p.ExternalIdentity != ExternalIdentity{}
	check.id(memberAccountID, p.AccountID)
	check.optionalID(memberUserID, p.UserID)
	if external {
		check.required("external_identity.system_name", p.ExternalIdentity.SystemName)
		check.required("external_identity.identity_key", p.ExternalIdentity.IdentityKey.Reveal())
		if p.Auth != (Auth{}) || p.Contact != (domains.Contact{}) {
			check.add("external_identity must not come with auth, person, address, phone, fax or email")
		}
	} else {
		check.required("auth.login", p.Auth.Login)
		check.required("auth.password", p.Auth.Password.Reveal())
		check.contact(contact)
	}
	if err := check.err(); err != nil {
		return 0, err
	}
	params := xmlrpc.Struct{memberAccountID: p.AccountID}
	optionalID(params, memberUserID, p.UserID)
	if external {
		params["external_identity"] = xmlrpc.Struct{
			"system_name":  p.ExternalIdentity.SystemName,
			"identity_key": p.ExternalIdentity.IdentityKey.Reveal(),
		}
	} else {
		params["auth"] = xmlrpc.Struct{memberLogin: p.Auth.Login, "password": p.Auth.Password.Reveal()}
		addContact(params, contact)
	}
	// No fallback to the id sent: the server's value may be of another kind.
	return c.callID(ctx, method, params, memberUserID, 0)
}

// Member is a staff member. The reading methods' replies are not known and read
// leniently: fields that a reply lacks stay zero, except MemberID.
type Member struct {
	MemberID  int
	UserID    int
	AccountID int
	Login     string
	Contact   domains.Contact
}

func memberFrom(result xmlrpc.Struct) (Member, bool) {
	member := Member{
		MemberID:  number(result, memberMemberID),
		UserID:    number(result, memberUserID),
		AccountID: number(result, memberAccountID),
		Login:     text(result, memberLogin),
		Contact:   ContactFrom(result),
	}
	// A lone user_id is taken for the member id, as the reply of addAccountMember is.
	if member.MemberID == 0 {
		member.MemberID = member.UserID
	}
	if member.Login == "" {
		member.Login = text(members(result, "auth"), memberLogin)
	}
	return member, member.MemberID > 0
}

// GetAccountMembers lists the staff members of an account.
func (c *Client) GetAccountMembers(ctx context.Context, accountID int) ([]Member, error) {
	const method = "pem.getAccountMembers"
	check := checker{method: method}
	check.id(memberAccountID, accountID)
	if err := check.err(); err != nil {
		return nil, err
	}
	result, err := c.call(ctx, method, xmlrpc.Struct{memberAccountID: accountID})
	if err != nil {
		return nil, err
	}
	elements, ok := list(result)
	if !ok {
		return nil, malformed(method, "result is not an array")
	}
	found := make([]Member, 0, len(elements))
	for _, element := range elements {
		row, _ := element.(xmlrpc.Struct)
		member, ok := memberFrom(row)
		if !ok {
			return nil, malformed(method, "an element has no member_id")
		}
		if member.AccountID == 0 {
			member.AccountID = accountID
		}
		found = append(found, member)
	}
	return found, nil
}

// GetAccountMemberByLogin finds a staff member; IsNotFound when there is none.
func (c *Client) GetAccountMemberByLogin(ctx context.Context, login string) (Member, error) {
	const method = "pem.getAccountMemberByLogin"
	check := checker{method: method}
	check.required(memberLogin, login)
	if err := check.err(); err != nil {
		return Member{}, err
	}
	result, err := c.callStruct(ctx, method, xmlrpc.Struct{memberLogin: login})
	return readMember(method, result, err)
}

// GetMemberFullInfo reads a staff member, among others its user id.
func (c *Client) GetMemberFullInfo(ctx context.Context, memberID int) (Member, error) {
	const method = "pem.getMemberFullInfo"
	result, err := c.getByID(ctx, method, memberMemberID, memberID)
	return readMember(method, result, err)
}

func readMember(method string, result xmlrpc.Struct, err error) (Member, error) {
	if err != nil {
		return Member{}, err
	}
	member, ok := memberFrom(result)
	if !ok {
		return Member{}, malformed(method, "result has no member_id")
	}
	return member, nil
}

// RemoveAccountMember undoes AddAccountMember (parameters assumed).
func (c *Client) RemoveAccountMember(ctx context.Context, memberID int) error {
	return c.doByID(ctx, "pem.removeAccountMember", memberMemberID, memberID)
}
