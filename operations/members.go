package operations

import (
	"context"
	"strings"

	"domainprovisioning/domains"
	"domainprovisioning/wire/xmlrpc"
)

// Auth is the login with which Operations itself authenticates a staff member.
type Auth struct {
	Login    string
	Password domains.Secret
}

// ExternalIdentity identifies a staff member whom an external system authenticates.
type ExternalIdentity struct {
	SystemName  string
	IdentityKey domains.Secret
}

// AddAccountMemberParams are the parameters of pem.addAccountMember: either only an
// external identity, or auth together with a contact. The parameters login
// (deprecated since 2.9) and subscription_id (ignored since 5.5) are not offered.
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
// After a lost reply, find the member with GetAccountMemberByLogin.
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
	// No fallback to the id sent: the server's value may be a different kind of id.
	return c.callID(ctx, method, params, memberUserID, 0)
}

// Member is a staff member. The replies of the reading methods are not documented:
// fields that a reply lacks stay zero, except MemberID.
type Member struct {
	MemberID  int
	UserID    int
	AccountID int
	Login     string
	Contact   domains.Contact
}

func (f fields) member() Member {
	member := f.identity()
	member.Contact = f.contact()
	return member
}

// identity reads a member without its contact.
func (f fields) identity() Member {
	member := Member{
		MemberID:  f.id(memberMemberID),
		UserID:    f.id(memberUserID),
		AccountID: f.id(memberAccountID),
		Login:     f.text(memberLogin),
	}
	// A lone user_id is treated as the member id, like the reply of addAccountMember.
	if member.MemberID == 0 {
		member.MemberID = member.UserID
	}
	if member.Login == "" {
		member.Login = f.inner("auth").text(memberLogin)
	}
	if member.MemberID == 0 {
		f.reply.fail(f.at(memberMemberID), "is missing")
	}
	return member
}

// GetAccountMembers lists the staff members of an account. The contact of a member stays zero
// where it cannot be read, so that it does not hide the others; who the member is must be
// readable, because nobody may be missing from the list.
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
	r := &reply{method: method}
	elements, place := r.list(result)
	found := make([]Member, 0, len(elements))
	for i, value := range elements {
		row := r.row(value, element(place, i))
		member := row.identity()
		row.reply = &reply{method: method}
		if contact := row.contact(); row.err() == nil {
			member.Contact = contact
		}
		if member.AccountID == 0 {
			member.AccountID = accountID
		}
		found = append(found, member)
	}
	if r.trouble != nil {
		return nil, r.trouble
	}
	return found, nil
}

// GetAccountMemberByLogin finds a staff member; the error satisfies IsNotFound if
// there is none.
func (c *Client) GetAccountMemberByLogin(ctx context.Context, login string) (Member, error) {
	const method = "pem.getAccountMemberByLogin"
	check := checker{method: method}
	check.required(memberLogin, login)
	if err := check.err(); err != nil {
		return Member{}, err
	}
	result, err := c.callStruct(ctx, method, xmlrpc.Struct{memberLogin: login})
	if err != nil {
		return Member{}, err
	}
	member := result.member()
	if member.Login != "" && !strings.EqualFold(member.Login, strings.TrimSpace(login)) {
		result.reply.fail(result.at(memberLogin), "is another one")
	}
	return member, result.err()
}

// GetMemberFullInfo reads a staff member, including its user id.
func (c *Client) GetMemberFullInfo(ctx context.Context, memberID int) (Member, error) {
	result, err := c.getByID(ctx, "pem.getMemberFullInfo", memberMemberID, memberID)
	if err != nil {
		return Member{}, err
	}
	return result.member(), result.err()
}

// RemoveAccountMember undoes AddAccountMember. Its parameters are assumed, so only tests call
// it; see RemovalBy.
func (c *Client) RemoveAccountMember(ctx context.Context, memberID int) error {
	return c.doByID(ctx, "pem.removeAccountMember", memberMemberID, memberID)
}
