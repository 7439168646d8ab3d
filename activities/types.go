// Package activities wraps every call to the outside: one file per system, a
// struct with its dependencies, one input and one result struct a call. Each
// activity may run more than once for one step, because an answer can be lost
// after its effect; each therefore looks before it repeats, or uses an id that
// was reserved before the first call.
package activities

import (
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/orders"
	"domainprovisioning/registrars"
)

// ContactRef says where the data of a contact are, so that no personal data get into a
// workflow's history.
type ContactRef struct {
	Source ContactSource `json:"source"`
	// ID is the user id in the order of an additional contact, or the id of an
	// existing user in Operations.
	ID int `json:"id,omitempty"`
}

// ContactSource is the place where a contact's data are.
type ContactSource string

// The sources.
const (
	FromCustomer   ContactSource = "customer"   // the order's contact data
	FromAdditional ContactSource = "additional" // the order's additional contacts
	FromUser       ContactSource = "user"       // an existing user in Operations
	FromAccount    ContactSource = "account"    // the existing account in Operations
)

// AddAccountInput is step 1.
type AddAccountInput struct {
	Tries

	OrderNumber string `json:"orderNumber"`
	Revision    int    `json:"revision,omitempty"` // of the order; 0: as it was placed
	AccountID   int    `json:"accountId"`
	// AskLogin asks first whether somebody has the customer's login.
	AskLogin bool `json:"askLogin,omitempty"`
}

// AddAccountResult is the outcome of step 1.
type AddAccountResult struct {
	AccountID int `json:"accountId"`
}

// ReadAccountInput names an existing account.
type ReadAccountInput struct {
	AccountID int `json:"accountId"`
}

// ReadAccountResult says who can stand for the account as a contact.
type ReadAccountResult struct {
	UserID int `json:"userId"` // the account's first user; 0 when it has none
}

// NewUser is a user to create in an account.
type NewUser struct {
	UserID  int        `json:"userId"`
	Contact ContactRef `json:"contact"`
}

// AddAccountMemberInput is step 2: the staff member of a new account, and the
// users that the order brings along for a contact's role.
type AddAccountMemberInput struct {
	Tries

	OrderNumber string    `json:"orderNumber"`
	Revision    int       `json:"revision,omitempty"` // of the order
	AccountID   int       `json:"accountId"`
	Users       []NewUser `json:"users"`
}

// AddAccountMemberResult is the outcome of step 2.
type AddAccountMemberResult struct {
	// MemberIDs are what Operations calls them, in the order of the input.
	MemberIDs []int `json:"memberIds"`
}

// ActivateSubscriptionInput is step 3 or step 8.
type ActivateSubscriptionInput struct {
	Tries

	AccountID      int `json:"accountId"`
	SubscriptionID int `json:"subscriptionId"`
	Template       int `json:"template"`
	// OrderNumber and Item name the item.
	Revision    int    `json:"revision,omitempty"` // of the order
	OrderNumber string `json:"orderNumber"`
	Item        int    `json:"item"`
	// APSDefaults says that the stored order has parameters for services that provision
	// resources by themselves (aps_defaults_...).
	APSDefaults bool `json:"apsDefaults,omitempty"`
}

// ActivateSubscriptionResult is the outcome of step 3 or 8.
type ActivateSubscriptionResult struct {
	SubscriptionID int `json:"subscriptionId"`
}

// AddDomainRequestInput is step 4.
type AddDomainRequestInput struct {
	SubscriptionID int          `json:"subscriptionId"`
	Domain         domains.Name `json:"domain"`
}

// AddDomainRequestResult is the outcome of step 4.
type AddDomainRequestResult struct {
	NameServers domains.NameServers `json:"nameServers"`
	// NewZone says that a DNS zone was created; otherwise an existing one serves.
	NewZone bool `json:"newZone"`
}

// GetNameServersInput is step 5.
type GetNameServersInput struct {
	SubscriptionID int          `json:"subscriptionId"`
	Domain         domains.Name `json:"domain"`
	// Fallback are the name servers that step 4 gave.
	Fallback domains.NameServers `json:"fallback"`
}

// GetNameServersResult is the outcome of step 5.
type GetNameServersResult struct {
	NameServers domains.NameServers `json:"nameServers"`
}

// CreateDomainInput is step 7: addDomain with force 0 and registrar_status 0.
type CreateDomainInput struct {
	Tries

	AccountID      int          `json:"accountId"`
	SubscriptionID int          `json:"subscriptionId"`
	DomainID       int          `json:"domainId"`
	Domain         domains.Name `json:"domain"`
	// Adopts refuses a domain that exists and has a customer; see RegisterDomainInput.
	Adopts bool `json:"adopts,omitempty"`
}

// CreateDomainResult is the outcome of step 7.
type CreateDomainResult struct {
	// Created is false when the name exists: the branch of step 9.
	Created  bool `json:"created"`
	DomainID int  `json:"domainId,omitempty"`
}

// RegisterDomainInput is step 11: addDomain with force 1 and registrar_status 2.
type RegisterDomainInput struct {
	Tries

	AccountID      int          `json:"accountId"`
	SubscriptionID int          `json:"subscriptionId"`
	Domain         domains.Name `json:"domain"`
	// AllowTakeover permits replacing a domain of another account.
	AllowTakeover bool `json:"allowTakeover,omitempty"`
	// Adopts never replaces a domain of another account, whatever is permitted.
	Adopts bool `json:"adopts,omitempty"`
}

// RegisterDomainResult is the outcome of step 11.
type RegisterDomainResult struct {
	DomainID  int  `json:"domainId"`
	TakenOver bool `json:"takenOver,omitempty"`
}

// BindServicesInput is step 9 or step 12.
type BindServicesInput struct {
	DomainID       int `json:"domainId"`
	SubscriptionID int `json:"subscriptionId"`
}

// BindServicesResult is the outcome of step 9 or 12.
type BindServicesResult struct{}

// Contacts are the contacts of a domain by role. A change does not touch a role that is
// zero.
type Contacts = domains.PerRole[ContactRef]

// SubmitRequestInput is one request of an order to a registrar, such as in step 6.
type SubmitRequestInput struct {
	OrderNumber string          `json:"orderNumber"`
	Revision    int             `json:"revision,omitempty"` // of the order
	Item        int             `json:"item"`
	AccountID   int             `json:"accountId"`
	Registrar   string          `json:"registrar"`
	Kind        registrars.Kind `json:"kind"`
	Domain      domains.Name    `json:"domain"`
	TLD         string          `json:"tld"`
	Years       int             `json:"years,omitempty"`
	// Expires is when the domain expires before its renewal.
	Expires     time.Time           `json:"expires,omitzero"`
	NameServers domains.NameServers `json:"nameServers,omitempty"`
	// Language is as in registrars.Request.
	Language string           `json:"language,omitempty"`
	Contacts Contacts         `json:"contacts,omitzero"`
	Settings domains.Settings `json:"settings,omitzero"`
	// Reopenings counts how often a person has asked for a new submission after the
	// registrar had refused or failed the request. A failed request is submitted again only
	// if this number is higher than the ledger's.
	Reopenings int `json:"reopenings,omitempty"`
	// NothingThere says that a person has looked at the registrar, which cannot tell by
	// itself, and has found nothing of an earlier submission.
	NothingThere bool `json:"nothingThere,omitempty"`
	// PriceLimit and AcceptedPrice are as in registrars.Request.
	PriceLimit    *registrars.Price `json:"priceLimit,omitempty"`
	AcceptedPrice *registrars.Price `json:"acceptedPrice,omitempty"`
	// GiveBack is the last moment at which a deletion gives a registration back; see
	// ReturnableUntil. A later one is refused.
	GiveBack time.Time `json:"giveBack,omitzero"`
	// Verify is compared at once if the registrar has carried the request out; nil leaves it to
	// VerifyDomain. What this input says already is not repeated in it.
	Verify *VerifyDomainInput `json:"verify,omitempty"`
}

// RequestState is the state of a request, such as after step 6 or step 10.
type RequestState struct {
	Key       string            `json:"key"`
	Reference string            `json:"reference,omitempty"`
	Status    registrars.Status `json:"status"`
	Word      string            `json:"word,omitempty"`
	// Reason is why the request has failed, in words of ours, such as what a person has stated.
	// Histories of older releases have the registrar's text here.
	Reason string `json:"reason,omitempty"`
	// Told is the registrar's text about a failure. It reaches no history: Quotes replaces it by
	// Quote, a reference to it, and Said, its beginning where histories are sealed.
	Told        string `json:"-"`
	Quote       string `json:"quote,omitempty"`
	Said        string `json:"said,omitempty"`
	OwnerHandle string `json:"ownerHandle,omitempty"`
	// Reopened is the number of Reopenings that the ledger has seen.
	Reopened int `json:"reopened,omitempty"`
	// Finished is when the ledger learned the end of the request; zero while it goes on.
	Finished time.Time `json:"finished,omitzero"`
	// Expires is when a transferred domain expires, by the registrar's date; zero if the
	// registrar cannot tell.
	Expires time.Time `json:"expires,omitzero"`
	// Needless says why no request was needed. The status is then done, and the ledger has no
	// row.
	Needless string `json:"needless,omitempty"`
	// Verified is the domain as read together with the answer that the request is done, if it was
	// asked for and the domain is as ordered.
	Verified *VerifyDomainResult `json:"verified,omitempty"`
}

// RegisterHostsInput names the hosts below a domain that must exist at the registrar.
type RegisterHostsInput struct {
	Registrar string        `json:"registrar"`
	Domain    domains.Name  `json:"domain"`
	Hosts     domains.Hosts `json:"hosts"`
}

// RegisterHostsResult is empty.
type RegisterHostsResult struct{}

// ConfirmRequestInput names the request to ask about.
type ConfirmRequestInput struct {
	Registrar string `json:"registrar"`
	Key       string `json:"key"`
	// Verify is as in SubmitRequestInput; the domain is that of the request.
	Verify *VerifyDomainInput `json:"verify,omitempty"`
}

// AddDomainSubscriptionInput records the registered domain in Billing.
type AddDomainSubscriptionInput struct {
	Tries

	SubscriptionID int                 `json:"subscriptionId"`
	ParentID       int                 `json:"parentId"` // 0: no hosting subscription
	AccountID      int                 `json:"accountId"`
	Registrar      string              `json:"registrar"`
	Domain         domains.Name        `json:"domain"`
	Years          int                 `json:"years"`
	Plan           orders.BillingPlan  `json:"plan"`
	NameServers    domains.NameServers `json:"nameServers"`
	OwnerID        int                 `json:"ownerId"`
	AdminID        int                 `json:"adminId"`
	BillingID      int                 `json:"billingId"`
	TechID         int                 `json:"techId"`
	// RegisteredAt is when the period began. If ExpiresAt is set, it is the registrar's date,
	// and the period ends on it instead.
	RegisteredAt time.Time `json:"registeredAt"`
	ExpiresAt    time.Time `json:"expiresAt,omitzero"`
}

// AddDomainSubscriptionResult is Billing's id of the domain.
type AddDomainSubscriptionResult struct {
	DomainID int  `json:"domainId"`
	Existing bool `json:"existing,omitempty"` // it was there already
}

// VerifyDomainInput says what the registrar should hold. Zero fields are not compared.
type VerifyDomainInput struct {
	Registrar   string              `json:"registrar,omitempty"`
	Domain      domains.Name        `json:"domain,omitzero"`
	NameServers domains.NameServers `json:"nameServers,omitempty"`
	OwnerHandle string              `json:"ownerHandle,omitempty"`
	// Holder is compared where no request has told OwnerHandle.
	Holder *Holder `json:"holder,omitempty"`
	// Expires is when the domain should expire. Earliest is the first acceptable date if the
	// registry may count from an earlier day.
	Expires  time.Time        `json:"expires,omitzero"`
	Earliest time.Time        `json:"earliest,omitzero"`
	Settings domains.Settings `json:"settings,omitzero"`
	// Restored says that it was taken out of redemption: it may have expired.
	Restored bool `json:"restored,omitempty"`
}

// Holder says where the data of an ordered holder are.
type Holder struct {
	OrderNumber string     `json:"orderNumber"`
	Revision    int        `json:"revision,omitempty"` // of the order
	Item        int        `json:"item"`
	AccountID   int        `json:"accountId"`
	Contact     ContactRef `json:"contact"`
}

// ReadDomainInput names the domain to read.
type ReadDomainInput struct {
	Registrar string       `json:"registrar"`
	Domain    domains.Name `json:"domain"`
	// RestoreUnder asks what a restore includes under this registry suffix; "" does not ask.
	RestoreUnder string `json:"restoreUnder,omitempty"`
}

// ReadDomainResult is the domain as the registrar has it.
type ReadDomainResult struct {
	Expires     time.Time           `json:"expires,omitzero"`
	NameServers domains.NameServers `json:"nameServers,omitempty"`
	Word        string              `json:"word,omitempty"`
	// Active says that it is registered; see registrars.Domain.
	Active bool `json:"active,omitempty"`
	// RestoreIncludesRenewal answers RestoreUnder; nil means that it is not known.
	RestoreIncludesRenewal *bool `json:"restoreIncludesRenewal,omitempty"`
}

// VerifyDomainResult lists the differences from the order; none is good.
type VerifyDomainResult struct {
	Differences []string  `json:"differences,omitempty"`
	Expires     time.Time `json:"expires,omitzero"`
	// Notes are worth knowing but are not differences.
	Notes []string `json:"notes,omitempty"`
	// ReadAt is when the domain was read, if that was together with the answer to a request.
	ReadAt time.Time `json:"readAt,omitzero"`
}

// SweepPendingOperationsInput is the input of a round of the watch.
type SweepPendingOperationsInput struct {
	Registrar string `json:"registrar"`
}

// SweepPendingOperationsResult counts what a round did.
type SweepPendingOperationsResult struct {
	Open     int `json:"open"`     // operations that were looked after
	Calls    int `json:"calls"`    // calls to the registrar
	Finished int `json:"finished"` // operations whose orders were told
	Adopted  int `json:"adopted"`  // unknown ones that were recognised
	Failed   int `json:"failed"`   // operations that could not be followed up
	// Restarted counts failed and cancelled ones that go on after all.
	Restarted int `json:"restarted,omitempty"`
	// Abandoned counts operations that finished after their orders had ended.
	Abandoned int `json:"abandoned"`
	// Unreadable counts the items of the registrar's list that could not be read.
	Unreadable int `json:"unreadable,omitempty"`
	// Notices counts the notices taken out of the registrar's queue. QueueFailed says that
	// some were left in it because of an error.
	Notices     int  `json:"notices,omitempty"`
	QueueFailed bool `json:"queueFailed,omitempty"`
}

// CheckOperationInput names a row of the ledger.
type CheckOperationInput struct {
	Key string `json:"key"`
}

// CheckOperationResult is the state of the ledger's row before and after.
type CheckOperationResult struct {
	Before string `json:"before"`
	Now    string `json:"now"`
	Word   string `json:"word,omitempty"` // the status in the registrar's words
}
