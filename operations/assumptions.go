package operations

import (
	"errors"
	"strings"

	"domainprovisioning/domains"
	"domainprovisioning/wire/xmlrpc"
)

// This file holds what no public document settles (docs/protocols/operations.md,
// sections 13 and 14). If a live server disagrees, change it here.

// DefaultPath is used if the URL has no path. It is documented; but some servers were
// seen to take "/" instead, so a given path is kept.
const DefaultPath = "/RPC2"

// Struct and result member names. Those marked with "?" are assumed: the methods
// exist, but their parameters are not documented.
const (
	memberAccountID       = "account_id"
	memberDomainID        = "domain_id"           // ? as output of pem.addDomain; documented on pem.addDomainToAccount
	memberDomainName      = "domain_name"         // ? on pem.getDomainByName and pem.getNameServers
	memberForce           = "force"               // ? sent as <boolean>; a record shows a plain 1
	memberLogin           = "login"               // observed on pem.getAccountMemberByLogin
	memberMemberID        = "member_id"           // ? on pem.removeAccountMember; observed on pem.getMemberFullInfo
	memberNameServer      = "ns"                  // ? elements of name_servers may be structs with it
	memberNameServers     = "name_servers"        // ? as output of pem.getNameServers
	memberNote            = "note"                // ? on pem.addAccount; known from pem.getAccountInfo
	memberParkingType     = "domain_parking_type" // ? on pem.addDomain; known from pem.addSubdomain
	memberPath            = "path"                // ? on pem.addDomain; known from pem.addSubdomain
	memberRegistrarStatus = "registrar_status"    // ? on pem.getDomainByName
	memberSubscriptionID  = "subscription_id"     // ? on pem.getNameServers and pem.bindServicesToDomain
	memberUserID          = "user_id"
)

// noValue stands for a postal code or a state where the country has none: both are
// mandatory, and an empty mandatory member can fail. That this text is accepted is assumed.
const noValue = "-"

// mandatory returns the postal code and the state of a normalised contact as they are sent.
func mandatory(contact domains.Contact) (zipcode, state string) {
	zipcode, state = contact.PostalCode, contact.State
	if zipcode == "" && !domains.HasPostalCode(contact.Country) {
		zipcode = noValue
	}
	if state == "" && !domains.HasState(contact.Country) {
		state = noValue
	}
	return zipcode, state
}

// withoutFillers undoes mandatory: no registrar sees what only Operations is given.
func withoutFillers(contact domains.Contact) domains.Contact {
	if contact.PostalCode == noValue && !domains.HasPostalCode(contact.Country) {
		contact.PostalCode = ""
	}
	if contact.State == noValue && !domains.HasState(contact.Country) {
		contact.State = ""
	}
	return contact
}

// domainParams returns the parameters that we assume for pem.removeDomain.
func domainParams(domainID int) xmlrpc.Struct {
	return xmlrpc.Struct{memberDomainID: domainID}
}

// bindingParams returns the parameters that we assume for pem.bindServicesToDomain: by the
// model, a domain and the hosting subscription.
func bindingParams(domainID, subscriptionID int) xmlrpc.Struct {
	return xmlrpc.Struct{memberDomainID: domainID, memberSubscriptionID: subscriptionID}
}

// nameServerParams returns the parameters that we assume for pem.getNameServers: the
// same as for pem.addDomainRequest, whose request it asks about.
func nameServerParams(subscriptionID int, domainName string) xmlrpc.Struct {
	return xmlrpc.Struct{memberSubscriptionID: subscriptionID, memberDomainName: domainName}
}

// rule is one row of the table that turns an error reply into a Kind. A row
// matches when every field that it gives matches.
type rule struct {
	module string
	exType int
	code   int
	text   string // part of error_message, lower case
	kind   Kind
}

// rules are tried in order: by module and exception type, then by code, then by
// text. Identities are documented where they have a number; the order, and the
// texts, are assumed by analogy with "Subscription #N already exists.", and so is
// that faults use the same words.
var rules = []rule{
	{module: "ResourceManagement", exType: 200, kind: KindNotFound},
	{module: "ResourceManagement", exType: 205, kind: KindExists},
	{module: "ResourceManagement", exType: 270, kind: KindUpgrade},
	{module: "OpenAPI", exType: 2001, kind: KindTransaction},
	{module: "OpenAPI", exType: 3001, kind: KindTransaction},
	{module: "OpenAPI", exType: 21, kind: KindArguments},
	{module: "Common", exType: 2, kind: KindArguments},

	{code: 2006, kind: KindNotFound},
	{code: 2007, kind: KindExists},
	{code: 2000, kind: KindUpgrade},

	{text: "failed to encode", kind: KindDNSData},
	{text: "already exist", kind: KindExists},
	{text: "does not exist", kind: KindNotFound},
}

// saysBound reports whether pem.bindServicesToDomain was refused because the services
// are already bound. How a repetition is refused is not known. An error reply promises
// that nothing was changed, so "already" suffices there; a fault promises nothing, so
// its text must be explicit.
func saysBound(err error) bool {
	if refusal, ok := errors.AsType[*Error](err); ok {
		return strings.Contains(strings.ToLower(refusal.Message), "already")
	}
	fault, ok := errors.AsType[*FaultError](err)
	return ok && (fault.Kind == KindExists || strings.Contains(strings.ToLower(fault.Text), "already bound"))
}

// Removal is a method that takes away what an order has made.
type Removal struct {
	Method string
	// Parameters says how far they are known. A removal whose parameters are not known is never
	// called by an undo: a person removes the thing.
	Parameters Knowledge
	// Ends is what a removal ends besides, as far as we assume it; "" for nothing.
	Ends string
}

// Knowledge says where a fact comes from.
type Knowledge string

// The sources.
const (
	Documented Knowledge = "documented"
	Observed   Knowledge = "observed"
	NotKnown   Knowledge = "not known"
)

// Callable reports whether the parameters of the removal are known.
func (r Removal) Callable() bool { return r.Parameters != NotKnown }

// removals lists the removals (docs/protocols/operations.md, section 10).
func removals() []Removal {
	return []Removal{
		{Method: "pem.removeDomainRequest", Parameters: Documented}, // subscription_id, domain_name
		{Method: "pem.removeSubscription", Parameters: Observed, Ends: "the services that it provides on a domain"},
		{Method: "pem.removeAccount", Parameters: Observed, Ends: "its staff members"},
		{Method: "pem.removeAccountMember", Parameters: NotKnown},
		{Method: "pem.removeDomain", Parameters: NotKnown},
		{Method: "pem.unbindServicesFromDomain", Parameters: NotKnown},
	}
}

// RemovalBy returns what is known about a removal; nothing is known about a method that is not
// listed.
func RemovalBy(method string) Removal {
	for _, removal := range removals() {
		if removal.Method == method {
			return removal
		}
	}
	return Removal{Method: method, Parameters: NotKnown}
}
