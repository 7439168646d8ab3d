package activities

import (
	"time"

	"domainprovisioning/domains"
)

// TakeBackWhat names a thing that an order makes in Operations.
type TakeBackWhat string

// The things, in the order in which an undo takes them back.
const (
	TakeBackServices            TakeBackWhat = "services"             // steps 9 and 12
	TakeBackDomain              TakeBackWhat = "domain"               // steps 7 and 11
	TakeBackHostingSubscription TakeBackWhat = "hosting-subscription" // step 8
	TakeBackDomainRequest       TakeBackWhat = "domain-request"       // step 4
	TakeBackDomainSubscription  TakeBackWhat = "domain-subscription"  // step 3
	TakeBackMembers             TakeBackWhat = "members"              // step 2
	TakeBackAccount             TakeBackWhat = "account"              // step 1
)

// TakeBackOrder lists the things in the order in which they are taken back: what stands on
// something else goes first.
func TakeBackOrder() []TakeBackWhat {
	return []TakeBackWhat{
		TakeBackServices, TakeBackDomain, TakeBackHostingSubscription, TakeBackDomainRequest,
		TakeBackDomainSubscription, TakeBackMembers, TakeBackAccount,
	}
}

// TakeBackInput names one thing that an item of an order has made, or may have made: its
// step was begun. The ids are those that the order reserved.
type TakeBackInput struct {
	OrderNumber string       `json:"orderNumber"`
	Revision    int          `json:"revision,omitempty"` // of the order
	Item        int          `json:"item"`
	What        TakeBackWhat `json:"what"`
	AccountID   int          `json:"accountId"`
	// SubscriptionID is the subscription to remove. For a domain request and for a domain it
	// is the one of the domain, for services the hosting subscription. The account and its
	// members need none.
	SubscriptionID int          `json:"subscriptionId,omitempty"`
	DomainID       int          `json:"domainId,omitempty"` // for a domain and for services
	Domain         domains.Name `json:"domain,omitzero"`
	Users          []NewUser    `json:"users,omitempty"` // for members
	// InBilling says that the subscription stands in Billing, so Billing has to end it.
	InBilling bool `json:"inBilling,omitempty"`
}

// TakeBackOutcome is what has become of a thing.
type TakeBackOutcome = string

// The outcomes.
const (
	TakeBackUndone   TakeBackOutcome = "undone"
	TakeBackKept     TakeBackOutcome = "kept"      // for the reason in the note
	TakeBackCouldNot TakeBackOutcome = "could-not" // the note says what a person has to do
	TakeBackNothing  TakeBackOutcome = "nothing"   // it does not exist
)

// TakeBackResult is the outcome of TakeBack.
type TakeBackResult struct {
	Outcome TakeBackOutcome `json:"outcome"`
	// Note is for people. It has no personal data.
	Note string `json:"note,omitempty"`
}

// FindRecordInput names a domain in Billing.
type FindRecordInput struct {
	AccountID int          `json:"accountId"`
	Domain    domains.Name `json:"domain"`
}

// FindRecordResult is the domain as Billing has it.
type FindRecordResult struct {
	DomainID int `json:"domainId,omitempty"` // 0: it is not there, or under another account
}

// WithdrawRequestInput names a request to take back at the registrar.
type WithdrawRequestInput struct {
	Registrar string `json:"registrar"`
	Key       string `json:"key"`
}

// WithdrawRequestResult is the state of the request after the try to withdraw it.
type WithdrawRequestResult struct {
	State RequestState `json:"state"`
	// Withdrawn says that nothing of the request goes on: it is cancelled, or was never made.
	Withdrawn bool   `json:"withdrawn"`
	Note      string `json:"note,omitempty"` // for people, such as the registrar's refusal
}

// ReturnableUntilInput names a confirmed registration.
type ReturnableUntilInput struct {
	Registrar   string       `json:"registrar"`
	TLD         string       `json:"tld"`
	Domain      domains.Name `json:"domain"`
	ConfirmedAt time.Time    `json:"confirmedAt"`
}

// ReturnableUntilResult is the last moment at which a registration can be given back.
type ReturnableUntilResult struct {
	Until  time.Time `json:"until,omitzero"`   // zero: not known
	Source string    `json:"source,omitempty"` // who says so: "the registrar" or "refund_days"
}
