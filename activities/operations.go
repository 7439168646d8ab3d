package activities

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"domainprovisioning/domains"
	"domainprovisioning/operations"
	"domainprovisioning/orders"
	"domainprovisioning/registrars"
)

// OrderReader opens stored orders and keeps the secrets we make.
type OrderReader interface {
	Order(ctx context.Context, number string, revision int) (*orders.Order, error)
	KeepSecret(ctx context.Context, reference string, secret domains.Secret) (domains.Secret, error)
}

// Operations holds the activities that call Operations. Every id is reserved before the
// first call, so a repeated try finds by it what an earlier one has created: see once.
type Operations struct {
	Client *operations.Client
	Orders OrderReader
	Undo   UndoLedger
	// Repeats says whether this is not the first try; nil asks Temporal.
	Repeats func(ctx context.Context) bool
}

// AddAccount is step 1.
func (o *Operations) AddAccount(ctx context.Context, in AddAccountInput) (AddAccountResult, error) {
	order, err := o.Orders.Order(ctx, in.OrderNumber, in.Revision)
	if err != nil {
		return AddAccountResult{}, fail(err)
	}
	contact := order.Customer.Contact()
	if in.AskLogin {
		if err := o.checkLogin(ctx, in.AccountID, order.Customer.Login()); err != nil {
			return AddAccountResult{}, fail(err)
		}
	}
	err = o.once(ctx, in.Tries, func(ctx context.Context) (bool, error) {
		return o.findAccountOf(ctx, in.OrderNumber, in.Revision, in.AccountID)
	}, func() error {
		_, err := o.Client.AddAccount(ctx, operations.AddAccountParams{AccountID: in.AccountID, Contact: contact})
		return err
	}, nil)
	return AddAccountResult{AccountID: in.AccountID}, fail(err)
}

// ReadAccount checks that an existing account is there, and returns the user who stands
// for it if the order names none.
func (o *Operations) ReadAccount(ctx context.Context, in ReadAccountInput) (ReadAccountResult, error) {
	if _, err := o.Client.GetAccountInfo(ctx, in.AccountID); err != nil {
		return ReadAccountResult{}, fail(err)
	}
	members, err := o.Client.GetAccountMembers(ctx, in.AccountID)
	if err != nil {
		return ReadAccountResult{}, fail(err)
	}
	if len(members) == 0 {
		return ReadAccountResult{}, refuse(registrars.ClassInvalid,
			"activities: account %d has no staff member in Operations; add one, then retry", in.AccountID)
	}
	id := members[0].UserID
	if id == 0 {
		id = members[0].MemberID
	}
	return ReadAccountResult{UserID: id}, nil
}

// AddAccountMember is step 2.
func (o *Operations) AddAccountMember(ctx context.Context, in AddAccountMemberInput) (AddAccountMemberResult, error) {
	order, err := o.Orders.Order(ctx, in.OrderNumber, in.Revision)
	if err != nil {
		return AddAccountMemberResult{}, fail(err)
	}
	var result AddAccountMemberResult
	for _, user := range in.Users {
		id, err := o.addMember(ctx, order, in, user)
		if err != nil {
			return AddAccountMemberResult{}, fail(err)
		}
		result.MemberIDs = append(result.MemberIDs, id)
	}
	return result, nil
}

func (o *Operations) addMember(ctx context.Context, order *orders.Order, in AddAccountMemberInput, user NewUser) (int, error) {
	login, password, contact, err := credentials(order, user.Contact)
	if err != nil {
		return 0, err
	}
	if password.IsZero() {
		// Operations requires a password for each login. If the order has none for a
		// contact's user, we generate one and keep it sealed.
		reference := fmt.Sprintf("order/%s/user/%d/password", in.OrderNumber, user.UserID)
		password, err = o.Orders.KeepSecret(ctx, reference, domains.NewSecret(rand.Text()))
		if err != nil {
			return 0, err
		}
	}
	var id int
	err = o.once(ctx, in.Tries, func(ctx context.Context) (there bool, err error) {
		id, err = o.findMember(ctx, in.AccountID, user.UserID, login)
		return id != 0, err
	}, func() (err error) {
		id, err = o.Client.AddAccountMember(ctx, operations.AddAccountMemberParams{
			AccountID: in.AccountID, UserID: user.UserID, Contact: contact,
			Auth: operations.Auth{Login: login, Password: password},
		})
		return err
	}, refuse(registrars.ClassConflict,
		"activities: user id %d is taken in Operations, but not by the login of this order", user.UserID))
	return id, err
}

// credentials returns login, password and data of a new user from the order.
func credentials(order *orders.Order, ref ContactRef) (login string, password domains.Secret, contact domains.Contact, err error) {
	switch ref.Source {
	case FromCustomer:
		return order.Customer.Login(), order.Customer.Password(), order.Customer.Contact(), nil
	case FromAdditional:
		additional, ok := order.AdditionalContact(ref.ID)
		if !ok {
			return "", domains.Secret{}, domains.Contact{}, refuse(registrars.ClassInvalid,
				"activities: the order has no additional contact %d", ref.ID)
		}
		return additional.Login(), additional.Password(), additional.Contact(), nil
	default:
		return "", domains.Secret{}, domains.Contact{}, refuse(registrars.ClassInvalid,
			"activities: a %s contact is no new user", ref.Source)
	}
}

// ActivateSubscription is step 3 or step 8.
func (o *Operations) ActivateSubscription(ctx context.Context, in ActivateSubscriptionInput) (ActivateSubscriptionResult, error) {
	parameters, err := o.apsDefaults(ctx, in)
	if err != nil {
		return ActivateSubscriptionResult{}, fail(err)
	}
	err = o.once(ctx, in.Tries, func(ctx context.Context) (bool, error) { return o.findSubscription(ctx, in) }, func() error {
		_, err := o.Client.ActivateSubscription(ctx, operations.ActivateSubscriptionParams{
			SubscriptionID: in.SubscriptionID, AccountID: in.AccountID, ServiceTemplateID: in.Template, Parameters: parameters,
		})
		return err
	}, nil)
	return ActivateSubscriptionResult{SubscriptionID: in.SubscriptionID}, fail(err)
}

// apsDefaults returns the parameters of services that provision resources by themselves.
// The model calls activateSubscription without parameters, but an order that has these
// must not lose them.
func (o *Operations) apsDefaults(ctx context.Context, in ActivateSubscriptionInput) ([]operations.Parameter, error) {
	if !in.APSDefaults {
		return nil, nil
	}
	order, err := o.Orders.Order(ctx, in.OrderNumber, in.Revision)
	if err != nil {
		return nil, err
	}
	item, ok := order.Item(in.Item)
	if !ok {
		return nil, refuse(registrars.ClassInvalid, "activities: the order has no item %d", in.Item)
	}
	var parameters []operations.Parameter
	for _, service := range item.APSDefaults() {
		parameters = append(parameters, operations.Parameter{
			Name: "aps_defaults_" + service.ServiceID, Value: string(service.Resource),
		})
	}
	return parameters, nil
}

// AddDomainRequest is step 4. It is safe to repeat: an existing request is returned. If the
// call is refused because the request exists, step 5 shows whether it is ours.
func (o *Operations) AddDomainRequest(ctx context.Context, in AddDomainRequestInput) (AddDomainRequestResult, error) {
	request, err := o.Client.AddDomainRequest(ctx, in.SubscriptionID, in.Domain)
	if operations.IsExists(err) {
		servers, trouble := o.Client.GetNameServers(ctx, in.SubscriptionID, in.Domain)
		if trouble == nil {
			return AddDomainRequestResult{NameServers: servers}, nil
		}
		if !operations.IsRefused(trouble) {
			err = trouble
		}
	}
	if err != nil {
		return AddDomainRequestResult{}, fail(err)
	}
	return AddDomainRequestResult{NameServers: request.NameServers, NewZone: !request.ZoneExisted}, nil
}

// GetNameServers is step 5. Its parameters are not documented; if the server refuses them, the
// name servers of step 4 are used. So they are if the request is gone, because an earlier run
// has made a domain of it.
func (o *Operations) GetNameServers(ctx context.Context, in GetNameServersInput) (GetNameServersResult, error) {
	servers, err := o.Client.GetNameServers(ctx, in.SubscriptionID, in.Domain)
	if operations.IsArguments(err) || operations.SaysNotFound(err) && len(in.Fallback) > 0 {
		servers, err = in.Fallback, nil
	}
	if err != nil {
		return GetNameServersResult{}, fail(err)
	}
	if len(servers) < domains.MinNameServers {
		return GetNameServersResult{}, refuse(registrars.ClassInvalid,
			"activities: Operations gave %d name servers for the zone, and a registration needs %d; complete the DNS hosting, then retry",
			len(servers), domains.MinNameServers)
	}
	return GetNameServersResult{NameServers: servers}, nil
}

// CreateDomain is step 7. Only "the name exists" leads to the waiting branch. A repeated
// try after a lost answer finds its own domain, which has the reserved id.
func (o *Operations) CreateDomain(ctx context.Context, in CreateDomainInput) (CreateDomainResult, error) {
	var result CreateDomainResult
	err := o.once(ctx, in.Tries, func(ctx context.Context) (bool, error) {
		domain, err := o.Client.GetDomainByName(ctx, in.Domain)
		if operations.SaysNotFound(err) {
			return false, nil
		}
		ours := domain.ID == in.DomainID && (domain.AccountID == 0 || domain.AccountID == in.AccountID)
		result = CreateDomainResult{Created: ours, DomainID: domain.ID}
		if err == nil && in.Adopts && !ours {
			err = notAdoptable(domain, in.AccountID)
		}
		return err == nil, err
	}, func() error {
		id, err := o.Client.AddDomain(ctx, operations.AddDomainParams{
			SubscriptionID: in.SubscriptionID, DomainID: in.DomainID, DomainName: in.Domain,
			RegistrarStatus: operations.RegistrarStatusUndefined, Force: false,
		})
		result = CreateDomainResult{Created: true, DomainID: id}
		return err
	}, refuse(registrars.ClassConflict, "activities: domain id %d is taken in Operations by another name", in.DomainID))
	if err != nil {
		return CreateDomainResult{}, fail(err)
	}
	return result, nil
}

// RegisterDomain is step 11. It runs only after the registrar's confirmation, and reads
// the owner first, because with force 1 Operations deletes a domain of another account
// without asking. A fault does not prove that there is no such domain.
func (o *Operations) RegisterDomain(ctx context.Context, in RegisterDomainInput) (RegisterDomainResult, error) {
	takeover := false
	domain, err := o.Client.GetDomainByName(ctx, in.Domain)
	switch {
	case operations.IsNotFound(err):
	case err != nil:
		return RegisterDomainResult{}, fail(err)
	case domain.AccountID == 0:
		return RegisterDomainResult{}, refuse(registrars.ClassConflict,
			"activities: Operations does not say whose domain %d is, so it is not replaced", domain.ID)
	case in.Adopts && domain.AccountID != in.AccountID:
		return RegisterDomainResult{}, anothers(domain)
	case domain.AccountID != in.AccountID:
		if !in.AllowTakeover {
			return RegisterDomainResult{}, refuse(registrars.ClassConflict,
				"activities: the domain exists in Operations under account %d; make sure that this account has lost the name, then retry with permission to take it over",
				domain.AccountID)
		}
		takeover = true
	case in.mayRepeat(ctx, o.Repeats) && registered(domain, in) && domain.SubscriptionID == in.SubscriptionID:
		// An earlier try has done it, or the domain belongs to another subscription.
		return RegisterDomainResult{DomainID: domain.ID}, nil
	}
	id, err := o.Client.AddDomain(ctx, operations.AddDomainParams{
		SubscriptionID: in.SubscriptionID, DomainName: in.Domain,
		RegistrarStatus: operations.RegistrarStatusRegistered, Force: true,
	})
	if operations.IsExists(err) {
		// This should not happen with force 1. The domain that exists decides.
		domain, trouble := o.Client.GetDomainByName(ctx, in.Domain)
		if trouble == nil && registered(domain, in) {
			return RegisterDomainResult{DomainID: domain.ID, TakenOver: takeover}, nil
		}
	}
	if err != nil {
		return RegisterDomainResult{}, fail(err)
	}
	return RegisterDomainResult{DomainID: id, TakenOver: takeover}, nil
}

func registered(domain operations.Domain, in RegisterDomainInput) bool {
	return domain.AccountID == in.AccountID && domain.RegistrarStatus == operations.RegistrarStatusRegistered
}

// BindServicesToDomain is step 9 or step 12. No call tells which services are bound, so it
// is simply repeated; a refusal with "already" is treated as success.
func (o *Operations) BindServicesToDomain(ctx context.Context, in BindServicesInput) (BindServicesResult, error) {
	_, err := o.Client.BindServicesToDomain(ctx, in.DomainID, in.SubscriptionID)
	return BindServicesResult{}, fail(err)
}

// classifyOperations maps an Operations error to a class.
func classifyOperations(err error) (registrars.Class, string, bool) {
	if operations.Denied(err) {
		return registrars.ClassAuth, "", true
	}
	if _, ok := errors.AsType[*operations.InvalidError](err); ok {
		return registrars.ClassInvalid, "", true
	}
	if e, ok := errors.AsType[*operations.FaultError](err); ok {
		if operations.OutcomeUnknown(err) {
			return registrars.ClassOutcomeUnknown, e.Text, true
		}
		return registrars.ClassTemporary, e.Text, true
	}
	if e, ok := errors.AsType[*operations.Error](err); ok {
		switch e.Kind {
		case operations.KindExists:
			return registrars.ClassConflict, e.Message, true
		case operations.KindNotFound:
			return registrars.ClassNotFound, e.Message, true
		case operations.KindArguments, operations.KindDNSData:
			return registrars.ClassInvalid, e.Message, true
		case operations.KindTransaction:
			return registrars.ClassTemporary, e.Message, true
		default:
			return registrars.ClassRejected, e.Message, true
		}
	}
	return "", "", false
}
