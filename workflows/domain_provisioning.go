package workflows

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/workflow"

	"domainprovisioning/activities"
	"domainprovisioning/domains"
	"domainprovisioning/messages"
	"domainprovisioning/orders"
	"domainprovisioning/registrars"
)

// UnitInput is the input of a workflow: one unit of work of an order, which is a domain
// with or without hosting, or hosting without a domain. It holds no personal data and no
// secret; activities read those from the store by order number.
type UnitInput struct {
	OrderNumber string      `json:"orderNumber"`
	Unit        orders.Unit `json:"unit"`
	// AccountID is the account to create if NewAccount is true, else the existing one.
	AccountID  int  `json:"accountId"`
	NewAccount bool `json:"newAccount"`
	// AskLogin is true if nobody has told yet whether the customer of a new account is new.
	AskLogin bool `json:"askLogin,omitempty"`
	// Users are created in the account in step 2.
	Users []activities.NewUser `json:"users,omitempty"`
	// Contacts says where the data of the domain's contacts are, and UserIDs which users
	// they are in Operations and Billing.
	Contacts activities.Contacts `json:"contacts,omitzero"`
	UserIDs  UserIDs             `json:"userIds,omitzero"`
	// These ids were reserved before the first call.
	DomainSubscriptionID  int `json:"domainSubscriptionId,omitempty"`
	HostingSubscriptionID int `json:"hostingSubscriptionId,omitempty"`
	DomainID              int `json:"domainId,omitempty"`
	// PendingDeadline is how long a registration may stay pending before a person
	// is told. It does not end the wait. Zero means DefaultPendingDeadline.
	PendingDeadline time.Duration `json:"pendingDeadline,omitempty"`
	// NewAuthCode is true if the registrar issues auth codes: a transfer then ends with a
	// new one.
	NewAuthCode bool `json:"newAuthCode,omitempty"`
	// BareTransfer is true for a transfer that brings the domain as it is: its contacts and name
	// servers are then set by requests of their own.
	BareTransfer bool `json:"bareTransfer,omitempty"`
	// RenewedBefore is the renewal of the same name that was carried out within its period;
	// nil if there is none.
	RenewedBefore *EarlierRenewal `json:"renewedBefore,omitempty"`
	// Notes are remarks about the order, for people.
	Notes []string `json:"notes,omitempty"`
}

// EarlierRenewal is a renewal that another order has carried out.
type EarlierRenewal struct {
	OrderNumber string    `json:"orderNumber"`
	At          time.Time `json:"at"` // UTC
}

// AccountUser stands for the first user of the existing account, whose id is not known
// until the account has been read. User 0 exists.
const AccountUser = -1

// UserIDs are the users behind a domain's contacts.
type UserIDs = domains.PerRole[int]

// UnitResult is the result of a workflow: what has been created.
type UnitResult struct {
	OrderNumber           string    `json:"orderNumber"`
	AccountID             int       `json:"accountId"`
	DomainSubscriptionID  int       `json:"domainSubscriptionId,omitempty"`
	HostingSubscriptionID int       `json:"hostingSubscriptionId,omitempty"`
	DomainID              int       `json:"domainId,omitempty"`
	BillingDomainID       int       `json:"billingDomainId,omitempty"`
	RegistrarReference    string    `json:"registrarReference,omitempty"`
	Expires               time.Time `json:"expires,omitzero"`
	// Unchanged says why nothing was changed at the registrar.
	Unchanged string `json:"unchanged,omitempty"`
	// Differences says in what the registrar's data differ from the order.
	Differences []string `json:"differences,omitempty"`
	// Undone says what has become of what a cancelled order made.
	Undone []messages.UndoLine `json:"undone,omitempty"`
}

// DomainProvisioning registers a domain with its hosting by the Domain and Hosting
// Provisioning Model, Version 2.
func DomainProvisioning(ctx workflow.Context, input UnitInput) (*UnitResult, error) {
	return carry(ctx, input, (*unitRun).registrationSteps)
}

// DomainTransfer is the same model for a domain that comes from another registrar. That
// registrar knows its auth code, so it gets a new one at the end.
func DomainTransfer(ctx workflow.Context, input UnitInput) (*UnitResult, error) {
	return carry(ctx, input, (*unitRun).transferSteps)
}

func (u *unitRun) registrationSteps() []step {
	return slices.Concat(u.model(), u.billingSteps(), u.delegationSteps(), u.lastSteps())
}

func (u *unitRun) transferSteps() []step {
	return slices.Concat(u.model(), u.billingSteps(), u.authCodeSteps(), u.contactSteps(), u.delegationSteps(), u.lastSteps())
}

// model returns the twelve steps in their order.
func (u *unitRun) model() []step {
	return u.modelWith(
		step{title: "Submit " + u.main.what() + " to the registrar", run: u.submitMain, request: u.main},
		step{title: "Registrar confirms the " + u.main.what(), run: u.confirmMain, request: u.main},
	)
}

// modelWith returns the model with steps 6 and 10, which are those at the registrar.
func (u *unitRun) modelWith(six, ten step) []step {
	return []step{
		{title: "Add account", run: u.addAccount},
		{title: "Add staff member", run: u.addAccountMember},
		{title: "Activate domain subscription", run: u.activateDomainSubscription},
		{title: "Request domain and DNS zone", run: u.addDomainRequest},
		{title: "Get name servers", run: u.getNameServers, reads: true},
		six,
		{title: "Create domain", run: u.createDomain},
		{title: "Activate hosting subscription", run: u.activateHostingSubscription},
		{title: "Bind hosting services, or wait", run: u.bindServices},
		ten,
		{title: "Mark the domain registered", run: u.registerDomain, takesOver: true},
		{title: "Bind hosting services", run: u.bindServicesOnceRegistered},
	}
}

// billingSteps records the domain in Billing. The domain is registered by now, so this
// comes before any step that could hold it up.
func (u *unitRun) billingSteps() []step {
	return []step{{title: "Record the domain in Billing", run: u.addDomainSubscription, optional: true, records: true}}
}

// authCodeSteps changes the auth code if the registrar has auth codes.
func (u *unitRun) authCodeSteps() []step {
	if !u.input.NewAuthCode {
		return nil
	}
	return []step{u.requestStep("Change the auth code", &request{kind: registrars.AuthCodeChange}, true)}
}

func (u *unitRun) addAccount(ctx workflow.Context) (outcome, error) {
	if !u.input.NewAccount {
		read, err := call(ctx, u, "Read existing account", calls.Operations.ReadAccount,
			activities.ReadAccountInput{AccountID: u.input.AccountID})
		u.accountUser = read.UserID
		return skipped("the order is for existing account %d", u.input.AccountID), err
	}
	_, err := call(ctx, u, u.line(), calls.Operations.AddAccount, activities.AddAccountInput{
		OrderNumber: u.input.OrderNumber, Revision: u.revision, AccountID: u.input.AccountID, AskLogin: u.input.AskLogin,
	})
	return done("account %d", u.input.AccountID), err
}

func (u *unitRun) addAccountMember(ctx workflow.Context) (outcome, error) {
	if len(u.input.Users) == 0 {
		return skipped("the order is for existing account %d", u.input.AccountID), nil
	}
	_, err := call(ctx, u, u.line(), calls.Operations.AddAccountMember, activities.AddAccountMemberInput{
		OrderNumber: u.input.OrderNumber, Revision: u.revision, AccountID: u.input.AccountID, Users: u.input.Users,
	})
	return done("user %d", u.input.Users[0].UserID), err
}

func (u *unitRun) activateDomainSubscription(ctx workflow.Context) (outcome, error) {
	if u.domain == nil {
		return skipped(noDomain), nil
	}
	_, err := call(ctx, u, u.line(), calls.Operations.ActivateSubscription, activities.ActivateSubscriptionInput{
		AccountID: u.input.AccountID, SubscriptionID: u.input.DomainSubscriptionID, Template: u.domain.Template,
		OrderNumber: u.input.OrderNumber, Revision: u.revision, Item: u.input.Unit.Item, APSDefaults: u.domain.APSDefaults,
	})
	return done("subscription %d", u.input.DomainSubscriptionID), err
}

func (u *unitRun) addDomainRequest(ctx workflow.Context) (outcome, error) {
	if u.domain == nil {
		return skipped(noDomain), nil
	}
	added, err := call(ctx, u, u.line(), calls.Operations.AddDomainRequest,
		activities.AddDomainRequestInput{SubscriptionID: u.input.DomainSubscriptionID, Domain: u.domain.Name})
	u.zoneServers = added.NameServers
	if added.NewZone {
		return done("new DNS zone"), err
	}
	return done("the existing DNS zone serves"), err
}

func (u *unitRun) getNameServers(ctx workflow.Context) (outcome, error) {
	if u.domain == nil {
		return skipped(noDomain), nil
	}
	got, err := call(ctx, u, u.line(), calls.Operations.GetNameServers, activities.GetNameServersInput{
		SubscriptionID: u.input.DomainSubscriptionID, Domain: u.domain.Name, Fallback: u.zoneServers,
	})
	if err != nil {
		return outcome{}, err
	}
	u.systemServers = got.NameServers
	u.chooseServers()
	return u.servers(), nil
}

func (u *unitRun) createDomain(ctx workflow.Context) (outcome, error) {
	if u.domain == nil {
		return skipped(noDomain), nil
	}
	created, err := call(ctx, u, u.line(), calls.Operations.CreateDomain, activities.CreateDomainInput{
		AccountID: u.input.AccountID, SubscriptionID: u.input.DomainSubscriptionID,
		DomainID: u.input.DomainID, Domain: u.domain.Name, Adopts: u.adopts(),
	})
	if err != nil {
		return outcome{}, err
	}
	u.created = created.Created
	if !u.created {
		return done("the name exists; step 11 takes it over once the registrar has confirmed"), nil
	}
	u.domainID = created.DomainID
	return done("domain %d", u.domainID), nil
}

func (u *unitRun) activateHostingSubscription(ctx workflow.Context) (outcome, error) {
	if u.hosting == nil {
		return skipped(noHosting), nil
	}
	// Several domains of an order may share one hosting subscription. Each of them
	// activates it under the same reserved id, so the first one creates it and none waits
	// for another.
	_, err := call(ctx, u, u.line(), calls.Operations.ActivateSubscription, activities.ActivateSubscriptionInput{
		AccountID: u.input.AccountID, SubscriptionID: u.input.HostingSubscriptionID, Template: u.hosting.Template,
		OrderNumber: u.input.OrderNumber, Revision: u.revision, Item: u.hosting.Item, APSDefaults: u.hosting.APSDefaults,
	})
	return done("subscription %d", u.input.HostingSubscriptionID), err
}

func (u *unitRun) bindServices(ctx workflow.Context) (outcome, error) {
	switch {
	case u.domain == nil:
		return skipped(noDomain), nil
	case u.hosting == nil:
		return skipped(noHosting), nil
	case !u.created:
		return skipped("no call: the name existed in step 7, so binding waits for step 12"), nil
	}
	return u.bind(ctx)
}

func (u *unitRun) registerDomain(ctx workflow.Context) (outcome, error) {
	if u.domain == nil {
		return skipped(noDomain), nil
	}
	registered, err := call(ctx, u, u.line(), calls.Operations.RegisterDomain, activities.RegisterDomainInput{
		AccountID: u.input.AccountID, SubscriptionID: u.input.DomainSubscriptionID,
		Domain: u.domain.Name, AllowTakeover: u.allowTakeover, Adopts: u.adopts(),
	})
	if err != nil {
		return outcome{}, err
	}
	// A domain that was created again has lost the services that step 9 bound.
	if registered.DomainID != u.domainID {
		u.bound = false
	}
	u.domainID = registered.DomainID
	if registered.TakenOver {
		return done("domain %d replaces one of another account", u.domainID), nil
	}
	return done("domain %d", u.domainID), nil
}

func (u *unitRun) bindServicesOnceRegistered(ctx workflow.Context) (outcome, error) {
	switch {
	case u.domain == nil:
		return skipped(noDomain), nil
	case u.hosting == nil:
		return skipped(noHosting), nil
	case u.bound:
		return skipped("bound in step 9"), nil
	}
	return u.bind(ctx)
}

func (u *unitRun) bind(ctx workflow.Context) (outcome, error) {
	_, err := call(ctx, u, u.summary("Bind hosting services"), calls.Operations.BindServicesToDomain,
		activities.BindServicesInput{DomainID: u.domainID, SubscriptionID: u.input.HostingSubscriptionID})
	u.bound = err == nil
	return done("domain %d to subscription %d", u.domainID, u.input.HostingSubscriptionID), err
}

func (u *unitRun) addDomainSubscription(ctx workflow.Context) (outcome, error) {
	if u.domain == nil {
		return skipped(noDomain), nil
	}
	users := u.userIDs()
	added, err := call(ctx, u, u.line(), calls.Billing.AddDomainSubscription, activities.AddDomainSubscriptionInput{
		SubscriptionID: u.input.DomainSubscriptionID, ParentID: u.input.HostingSubscriptionID,
		AccountID: u.input.AccountID, Registrar: u.domain.Registrar, Domain: u.domain.Name, Years: u.domain.Years,
		Plan: u.domain.Billing, NameServers: u.nameServers,
		OwnerID: users.Owner, AdminID: users.Admin, BillingID: users.Billing, TechID: users.Tech,
		RegisteredAt: u.main.confirmedAt, ExpiresAt: u.main.state.Expires,
	})
	u.billingDomainID = added.DomainID
	return done("Billing domain %d", added.DomainID), err
}

const (
	noDomain  = "the order has no domain"
	noHosting = "the order has no hosting"
)

// summary is the title of a call or timer in the Web UI. It begins with the number of the
// step.
func (u *unitRun) summary(format string, args ...any) string {
	return trim(fmt.Sprintf("%d ", u.current)+fmt.Sprintf(format, args...), 200)
}

// line is the summary of a call that does exactly what the title of its step says.
func (u *unitRun) line() string { return label(u.steps[u.current-1]) }

func list(hosts domains.NameServers) string { return strings.Join(hosts, ", ") }

func done(format string, args ...any) outcome { return outcome{note: fmt.Sprintf(format, args...)} }

func skipped(format string, args ...any) outcome {
	return outcome{skipped: true, note: fmt.Sprintf(format, args...)}
}
