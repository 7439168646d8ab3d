package workflows

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/workflow"

	"domainprovisioning/activities"
	"domainprovisioning/domains"
	"domainprovisioning/orders"
	"domainprovisioning/registrars"
)

// ProvisioningInput is one unit of work of an order: a domain with or without
// hosting, or hosting without a domain. It holds no personal data and no secret;
// activities read those from the store by order number.
type ProvisioningInput struct {
	OrderNumber string              `json:"orderNumber"`
	Unit        orders.Provisioning `json:"unit"`
	// AccountID is the account to create, or the existing one.
	AccountID  int  `json:"accountId"`
	NewAccount bool `json:"newAccount"`
	// Users are created in the account in step 2.
	Users []activities.NewUser `json:"users,omitempty"`
	// Contacts are the domain's contacts, UserIDs what they are in Operations and
	// Billing.
	Contacts activities.Contacts `json:"contacts,omitzero"`
	UserIDs  UserIDs             `json:"userIds,omitzero"`
	// The ids that were reserved before the first call.
	DomainSubscriptionID  int `json:"domainSubscriptionId,omitempty"`
	HostingSubscriptionID int `json:"hostingSubscriptionId,omitempty"`
	DomainID              int `json:"domainId,omitempty"`
	// PendingDeadline is how long a registration may stay pending before a person
	// is told. It does not end the wait. Zero means DefaultPendingDeadline.
	PendingDeadline time.Duration `json:"pendingDeadline,omitempty"`
	// NewAuthCode says that a transfer ends with a new auth code: the registrar makes
	// them.
	NewAuthCode bool `json:"newAuthCode,omitempty"`
}

// AccountUser stands for the existing account's first user, who is not known
// before the account has been read. User 0 exists.
const AccountUser = -1

// UserIDs are the users behind a domain's contacts.
type UserIDs struct {
	Owner   int `json:"owner"`
	Admin   int `json:"admin"`
	Tech    int `json:"tech"`
	Billing int `json:"billing"`
}

// ProvisioningResult is what came to exist.
type ProvisioningResult struct {
	OrderNumber           string    `json:"orderNumber"`
	AccountID             int       `json:"accountId"`
	DomainSubscriptionID  int       `json:"domainSubscriptionId,omitempty"`
	HostingSubscriptionID int       `json:"hostingSubscriptionId,omitempty"`
	DomainID              int       `json:"domainId,omitempty"`
	BillingDomainID       int       `json:"billingDomainId,omitempty"`
	RegistrarReference    string    `json:"registrarReference,omitempty"`
	Expires               time.Time `json:"expires,omitzero"`
	// Unchanged says why nothing came to be changed at the registrar.
	Unchanged string `json:"unchanged,omitempty"`
	// Differences are what the registrar holds otherwise than ordered.
	Differences []string `json:"differences,omitempty"`
}

// DomainProvisioning carries one order, or one domain of it, through the Domain
// and Hosting Provisioning Model, Version 2.
func DomainProvisioning(ctx workflow.Context, input ProvisioningInput) (*ProvisioningResult, error) {
	return carry(ctx, input, (*provisioning).provisioningSteps)
}

// DomainTransfer is the same model for a domain that comes from another registrar.
// Its auth code is known to the registrar before, so a new one is made at the end,
// once.
func DomainTransfer(ctx workflow.Context, input ProvisioningInput) (*ProvisioningResult, error) {
	return carry(ctx, input, (*provisioning).transferSteps)
}

// carry runs the steps of a workflow and records how it ended.
func carry(ctx workflow.Context, input ProvisioningInput, steps func(*provisioning) []step) (*ProvisioningResult, error) {
	p, err := setup(ctx, input)
	if err != nil {
		return nil, err
	}
	if err := p.perform(ctx, steps(p)...); err != nil {
		return nil, p.end(ctx, err)
	}
	return p.result(), p.end(ctx, nil)
}

func (p *provisioning) provisioningSteps() []step {
	return slices.Concat(p.model(), p.billingSteps(), p.lastSteps())
}

func (p *provisioning) transferSteps() []step {
	return slices.Concat(p.model(), p.billingSteps(), p.authCodeSteps(), p.lastSteps())
}

// model is the twelve steps in their order.
func (p *provisioning) model() []step {
	return []step{
		{"Add account", p.addAccount, nil},
		{"Add staff member", p.addAccountMember, nil},
		{"Activate domain subscription", p.activateDomainSubscription, nil},
		{"Request domain and DNS zone", p.addDomainRequest, nil},
		{getNameServersStep, p.getNameServers, nil},
		{"Submit " + p.main.what() + " to the registrar", p.submitMain, p.main},
		{"Create domain", p.createDomain, nil},
		{"Activate hosting subscription", p.activateHostingSubscription, nil},
		{"Bind hosting services, or wait", p.bindServices, nil},
		{"Registrar confirms the " + p.main.what(), p.confirmMain, p.main},
		{"Mark the domain registered", p.registerDomain, nil},
		{"Bind hosting services", p.bindServicesOnceRegistered, nil},
	}
}

// billingSteps record the domain in Billing: before anything that could hold it up,
// because it is registered by now.
func (p *provisioning) billingSteps() []step {
	return []step{{"Record the domain in Billing", p.addDomainSubscription, nil}}
}

// authCodeSteps make a new auth code where the registrar has them.
func (p *provisioning) authCodeSteps() []step {
	if !p.input.NewAuthCode {
		return nil
	}
	r := &request{kind: registrars.AuthCodeChange}
	return []step{{"Change the auth code", func(ctx workflow.Context) (outcome, error) {
		err := p.carryOut(ctx, r)
		return p.requestDone(r), err
	}, r}}
}

func (p *provisioning) addAccount(ctx workflow.Context) (outcome, error) {
	if !p.input.NewAccount {
		var read activities.ReadAccountResult
		err := workflow.ExecuteActivity(operationsCall(ctx, "Read existing account"), calls.Operations.ReadAccount,
			activities.ReadAccountInput{AccountID: p.input.AccountID}).Get(ctx, &read)
		p.accountUser = read.UserID
		return skipped("the order is for existing account %d", p.input.AccountID), err
	}
	var added activities.AddAccountResult
	err := workflow.ExecuteActivity(operationsCall(ctx, "1 Add account"), calls.Operations.AddAccount,
		activities.AddAccountInput{OrderNumber: p.input.OrderNumber, AccountID: p.input.AccountID}).Get(ctx, &added)
	return done("account %d", p.input.AccountID), err
}

func (p *provisioning) addAccountMember(ctx workflow.Context) (outcome, error) {
	if len(p.input.Users) == 0 {
		return skipped("the order is for existing account %d", p.input.AccountID), nil
	}
	var added activities.AddAccountMemberResult
	err := workflow.ExecuteActivity(operationsCall(ctx, "2 Add staff member"), calls.Operations.AddAccountMember,
		activities.AddAccountMemberInput{
			OrderNumber: p.input.OrderNumber, AccountID: p.input.AccountID, Users: p.input.Users,
		}).Get(ctx, &added)
	return done("user %d", p.input.Users[0].UserID), err
}

func (p *provisioning) activateDomainSubscription(ctx workflow.Context) (outcome, error) {
	if p.domain == nil {
		return skipped(noDomain), nil
	}
	var activated activities.ActivateSubscriptionResult
	err := workflow.ExecuteActivity(operationsCall(ctx, "3 Activate domain subscription"), calls.Operations.ActivateSubscription,
		activities.ActivateSubscriptionInput{
			AccountID: p.input.AccountID, SubscriptionID: p.input.DomainSubscriptionID, Template: p.domain.Template,
			OrderNumber: p.input.OrderNumber, Item: p.input.Unit.Item, APSDefaults: p.domain.APSDefaults,
		}).Get(ctx, &activated)
	return done("subscription %d", p.input.DomainSubscriptionID), err
}

func (p *provisioning) addDomainRequest(ctx workflow.Context) (outcome, error) {
	if p.domain == nil {
		return skipped(noDomain), nil
	}
	var added activities.AddDomainRequestResult
	err := workflow.ExecuteActivity(operationsCall(ctx, "4 Request domain and DNS zone"), calls.Operations.AddDomainRequest,
		activities.AddDomainRequestInput{SubscriptionID: p.input.DomainSubscriptionID, Domain: p.domain.Name}).Get(ctx, &added)
	p.zoneServers = added.NameServers
	if added.NewZone {
		return done("new DNS zone"), err
	}
	return done("the existing DNS zone serves"), err
}

func (p *provisioning) getNameServers(ctx workflow.Context) (outcome, error) {
	if p.domain == nil {
		return skipped(noDomain), nil
	}
	var got activities.GetNameServersResult
	err := workflow.ExecuteActivity(operationsCall(ctx, "5 Get name servers"), calls.Operations.GetNameServers,
		activities.GetNameServersInput{
			SubscriptionID: p.input.DomainSubscriptionID, Domain: p.domain.Name, Fallback: p.zoneServers,
		}).Get(ctx, &got)
	if err != nil {
		return outcome{}, err
	}
	// The customer's own name servers win: they are what was ordered.
	if len(p.domain.NameServers) > 0 {
		p.nameServers = p.domain.NameServers
		return done("the customer's own: %s", list(p.nameServers)), nil
	}
	p.nameServers = got.NameServers
	return done("%s", list(p.nameServers)), nil
}

func (p *provisioning) createDomain(ctx workflow.Context) (outcome, error) {
	if p.domain == nil {
		return skipped(noDomain), nil
	}
	var created activities.CreateDomainResult
	err := workflow.ExecuteActivity(operationsCall(ctx, "7 Create domain"), calls.Operations.CreateDomain,
		activities.CreateDomainInput{
			AccountID: p.input.AccountID, SubscriptionID: p.input.DomainSubscriptionID,
			DomainID: p.input.DomainID, Domain: p.domain.Name,
		}).Get(ctx, &created)
	if err != nil {
		return outcome{}, err
	}
	p.created = created.Created
	if !p.created {
		return done("the name exists; step 11 takes it over once the registrar has confirmed"), nil
	}
	p.domainID = created.DomainID
	return done("domain %d", p.domainID), nil
}

func (p *provisioning) activateHostingSubscription(ctx workflow.Context) (outcome, error) {
	if p.hosting == nil {
		return skipped(noHosting), nil
	}
	// Several domains of an order may share one hosting subscription. Each of them
	// activates it under the same reserved id, so it is created once whichever
	// comes first, and none waits for another.
	var activated activities.ActivateSubscriptionResult
	err := workflow.ExecuteActivity(operationsCall(ctx, "8 Activate hosting subscription"), calls.Operations.ActivateSubscription,
		activities.ActivateSubscriptionInput{
			AccountID: p.input.AccountID, SubscriptionID: p.input.HostingSubscriptionID, Template: p.hosting.Template,
			OrderNumber: p.input.OrderNumber, Item: p.hosting.Item, APSDefaults: p.hosting.APSDefaults,
		}).Get(ctx, &activated)
	return done("subscription %d", p.input.HostingSubscriptionID), err
}

func (p *provisioning) bindServices(ctx workflow.Context) (outcome, error) {
	switch {
	case p.domain == nil:
		return skipped(noDomain), nil
	case p.hosting == nil:
		return skipped(noHosting), nil
	case !p.created:
		return skipped("no call: the name existed in step 7, so binding waits for step 12"), nil
	}
	return p.bind(ctx, "9 Bind hosting services")
}

func (p *provisioning) registerDomain(ctx workflow.Context) (outcome, error) {
	if p.domain == nil {
		return skipped(noDomain), nil
	}
	var registered activities.RegisterDomainResult
	err := workflow.ExecuteActivity(operationsCall(ctx, "11 Mark the domain registered"), calls.Operations.RegisterDomain,
		activities.RegisterDomainInput{
			AccountID: p.input.AccountID, SubscriptionID: p.input.DomainSubscriptionID,
			Domain: p.domain.Name, AllowTakeover: p.allowTakeover,
		}).Get(ctx, &registered)
	if err != nil {
		return outcome{}, err
	}
	// A domain that was created anew has lost what step 9 bound to the old one.
	if registered.DomainID != p.domainID {
		p.bound = false
	}
	p.domainID = registered.DomainID
	if registered.TakenOver {
		return done("domain %d replaces one of another account", p.domainID), nil
	}
	return done("domain %d", p.domainID), nil
}

func (p *provisioning) bindServicesOnceRegistered(ctx workflow.Context) (outcome, error) {
	switch {
	case p.domain == nil:
		return skipped(noDomain), nil
	case p.hosting == nil:
		return skipped(noHosting), nil
	case p.bound:
		return skipped("bound in step 9"), nil
	}
	return p.bind(ctx, "12 Bind hosting services")
}

func (p *provisioning) bind(ctx workflow.Context, summary string) (outcome, error) {
	var bound activities.BindServicesResult
	err := workflow.ExecuteActivity(operationsCall(ctx, summary), calls.Operations.BindServicesToDomain,
		activities.BindServicesInput{DomainID: p.domainID, SubscriptionID: p.input.HostingSubscriptionID}).Get(ctx, &bound)
	p.bound = err == nil
	return done("domain %d to subscription %d", p.domainID, p.input.HostingSubscriptionID), err
}

func (p *provisioning) addDomainSubscription(ctx workflow.Context) (outcome, error) {
	if p.domain == nil {
		return skipped(noDomain), nil
	}
	users := p.userIDs()
	var added activities.AddDomainSubscriptionResult
	err := workflow.ExecuteActivity(operationsCall(ctx, "Record the domain in Billing"), calls.Billing.AddDomainSubscription,
		activities.AddDomainSubscriptionInput{
			SubscriptionID: p.input.DomainSubscriptionID, ParentID: p.input.HostingSubscriptionID,
			AccountID: p.input.AccountID, Registrar: p.domain.Registrar, Domain: p.domain.Name, Years: p.domain.Years,
			Plan: p.domain.Billing, NameServers: p.nameServers,
			OwnerID: users.Owner, AdminID: users.Admin, BillingID: users.Billing, TechID: users.Tech,
			RegisteredAt: p.main.confirmedAt,
		}).Get(ctx, &added)
	p.billingDomainID = added.DomainID
	return done("Billing domain %d", added.DomainID), err
}

func (p *provisioning) verifyDomain(ctx workflow.Context) (outcome, error) {
	if p.domain == nil {
		return skipped(noDomain), nil
	}
	verify := activities.VerifyDomainInput{
		Registrar: p.domain.Registrar, Domain: p.domain.Name, NameServers: p.nameServers,
		OwnerHandle: p.main.state.OwnerHandle, Settings: p.domain.Settings,
	}
	switch p.main.kind {
	case registrars.Registration:
		verify.Expires = p.main.confirmedAt.AddDate(p.domain.Years, 0, 0)
	case registrars.Renewal:
		verify.Expires = p.main.expires.AddDate(p.domain.Years, 0, 0)
	}
	var verified activities.VerifyDomainResult
	err := workflow.ExecuteActivity(registrarCall(ctx, p.domain.Registrar, "Verify at "+p.domain.Registrar),
		calls.Registrar.VerifyDomain, verify).Get(ctx, &verified)
	if err != nil {
		return outcome{}, err
	}
	p.expires, p.differences = verified.Expires, verified.Differences
	if n := len(verified.Differences); n > 0 {
		p.notes = append(p.notes, verified.Differences...)
		return done("%d differences", n), nil
	}
	return done("as ordered"), nil
}

const (
	noDomain  = "the order has no domain"
	noHosting = "the order has no hosting"
)

// summary is what the Web UI shows of a call or a timer: the step's number first.
func (p *provisioning) summary(format string, args ...any) string {
	return trim(fmt.Sprintf("%d ", p.current)+fmt.Sprintf(format, args...), 200)
}

func list(hosts domains.NameServers) string { return strings.Join(hosts, ", ") }

func done(format string, args ...any) outcome { return outcome{note: fmt.Sprintf(format, args...)} }

func skipped(format string, args ...any) outcome {
	return outcome{skipped: true, note: fmt.Sprintf(format, args...)}
}
