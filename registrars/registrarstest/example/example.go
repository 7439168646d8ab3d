// Package example is a complete plug-in for a registrar that does not exist: small enough to
// be read in one go, and examined like any other. docs/adding-a-registrar.md follows it.
//
// The invented API speaks JSON. A request carries the account's login in X-Reseller and its
// key as a bearer token:
//
//	GET  /v1/names/NAME          a name: {"name", "state", "servers", "expires"}
//	POST /v1/orders              places an order; the answer is its state
//	GET  /v1/orders/NUMBER       the state of an order
//	GET  /v1/orders?state=open   {"orders": [...]}: all open orders
//	GET  /v1/orders?token=TOKEN  {"orders": [...]}: the orders with the token
//
// An order has the type register or delegate; see the type order. A refusal has a 4xx status
// and the body {"error", "field", "text"}.
//
//	quirk                                                  consequence here
//	an order may be open for days                          pending; we watch the list of open orders
//	a state that is not in the manual                      StatusUnknown; we go on watching
//	the number of an order is only in the answer           Find searches by the token
//	for a token the answer is the first order that has it,  sent as a second guard, made from Request.Key; the
//	unless that was refused                                claim is the first guard
//	a refusal (4xx with a word) leaves no order            classes by the word; unknown words are ClassRejected
//	a 5xx, and a truncated body, say nothing               an order's outcome is unknown; a read is repeated
//	429 says when to try again                             ClassRateLimited
//	the holder is part of the order                        no ContactKeeper
//	extra fields of a registry are a map of texts          Contact.Extra, unchanged
//	texts may quote the order and its key                  Error.Detail, without the key, which is not logged
package example

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/wire/exchange"
)

const (
	pluginName = "example"
	errs       = registrars.Errors(pluginName)

	defaultTimeout = 30 * time.Second
	defaultChannel = "api"
	shortestPoll   = time.Minute
	maxNameServers = 6
	maxYears       = 10
)

// Example is the plug-in for one account. It is safe for concurrent use.
type Example struct {
	account  registrars.Account
	settings Settings
	client   *http.Client
}

var (
	_ registrars.Registrar     = (*Example)(nil)
	_ registrars.PendingLister = (*Example)(nil)
)

// Describe implements registrars.Registrar.
func (*Example) Describe() registrars.Descriptor {
	return registrars.Descriptor{
		Name: pluginName, Title: "Example",
		Kinds:        []registrars.Kind{registrars.Registration, registrars.NameServerChange},
		ShortestPoll: shortestPoll,
		Reads:        registrars.ReadsRegistrar,
		RenewalGuard: registrars.GuardNone,
		Duplicates:   "answered with the first, by its token",
		Assumptions:  []string{"the registrar is invented: all of it is documented"},
	}
}

// Check implements registrars.Registrar: first our own rules, which need no call, then the
// name.
func (e *Example) Check(ctx context.Context, request registrars.Request) error {
	const call = "names"
	if err := e.checkRequest(request); err != nil || request.Nameless() {
		return err
	}
	name, err := e.name(ctx, request.Domain)
	switch {
	case err != nil:
		return err
	case request.Kind == registrars.Registration && name.State != stateFree:
		return &registrars.Error{Registrar: pluginName, Call: call, Class: registrars.ClassUnavailable, Field: "domain", Rule: "not available"}
	case request.Kind == registrars.NameServerChange && name.State != stateOurs:
		return errs.Invalid(call, "domain", "is not in this account")
	}
	return nil
}

// checkRequest checks the fields that are given: when an order arrives, contacts and name
// servers may not be known yet.
func (e *Example) checkRequest(request registrars.Request) error {
	const call = "check"
	if !e.Describe().Serves(request.Kind) {
		return errs.Unserved(call)
	}
	for _, broken := range []*registrars.Broken{
		request.Unsound(), request.Servers(maxNameServers), request.UnkeptHosts(), request.UntakenLanguage(),
	} {
		if broken != nil {
			return broken.In(pluginName, call)
		}
	}
	if request.Years > maxYears {
		return errs.Invalid(call, "years", "at most 10")
	}
	if owner, given := request.Contacts[registrars.Owner]; given {
		owner.Role = registrars.Owner
		return owner.Missing().In(pluginName, call)
	}
	return nil
}

// Submit implements registrars.Registrar. The claim goes with the one exchange that carries
// the order, and with no other.
func (e *Example) Submit(ctx context.Context, request registrars.Request) (registrars.Operation, error) {
	const call = "orders"
	if err := e.checkRequest(request); err != nil {
		return registrars.Operation{}, err
	}
	if broken := request.Incomplete(); broken != nil {
		return registrars.Operation{}, broken.In(pluginName, call)
	}
	if _, given := request.Contacts[registrars.Owner]; !given && request.Kind == registrars.Registration {
		return registrars.Operation{}, errs.Invalid(call, string(registrars.Owner), "required")
	}
	var placed order
	err := e.call(exchange.WithClaim(ctx, request.Claim), call, http.MethodPost, "orders", e.orderOf(request), &placed)
	if err != nil {
		return registrars.Operation{}, err
	}
	operation := placed.operation()
	if placed.Token != request.Key || operation.Domain != request.Domain || operation.Kind != request.Kind {
		return registrars.Operation{}, errs.UnknownOutcome(call, "the answer is about another order")
	}
	return operation, nil
}

// Operation implements registrars.Registrar.
func (e *Example) Operation(ctx context.Context, reference string) (registrars.Operation, error) {
	const call = "orders/get"
	if number, err := strconv.ParseInt(reference, 10, 64); err != nil || number < 1 {
		return registrars.Operation{}, errs.Invalid(call, "reference", "the number of an order")
	}
	var found order
	if err := e.call(ctx, call, http.MethodGet, "orders/"+reference, nil, &found); err != nil {
		return registrars.Operation{}, err
	}
	return found.operation(), nil
}

// PendingOperations implements registrars.PendingLister.
func (e *Example) PendingOperations(ctx context.Context) (registrars.Pending, error) {
	return e.orders(ctx, "orders/open", url.Values{"state": {stateOpen}})
}

// Find implements registrars.Registrar: it looks for an order with the token of the request.
// If there is none, the state of the name must agree before Find reports FoundNothing,
// because the request is then sent again.
func (e *Example) Find(ctx context.Context, request registrars.Request) (registrars.Finding, error) {
	const call = "orders/find"
	if !e.Describe().Serves(request.Kind) {
		return registrars.Finding{}, errs.Unserved(call)
	}
	if broken := request.Incomparable(); broken != nil {
		return registrars.Finding{}, broken.In(pluginName, call)
	}
	orders, err := e.orders(ctx, call, url.Values{"token": {request.Key}})
	if err != nil {
		return registrars.Finding{}, err
	}
	for _, operation := range orders.Operations {
		switch {
		case operation.Status == registrars.StatusDone:
			return request.Found(operation.Word), nil
		case !operation.Status.Final():
			return registrars.Finding{State: registrars.FoundOperation, Operation: operation}, nil
		}
	}
	name, err := e.name(ctx, request.Domain)
	switch {
	case err != nil:
		return registrars.Finding{}, err
	case len(orders.Unreadable) > 0: // any of them may be ours
	case request.Kind == registrars.Registration && name.State == stateFree:
		return registrars.Finding{State: registrars.FoundNothing}, nil
	case request.Kind == registrars.NameServerChange && name.State == stateOurs && !request.NameServers.Same(name.Servers):
		return registrars.Finding{State: registrars.FoundNothing}, nil
	}
	return registrars.Finding{State: registrars.Unclear}, nil
}

// ReadDomain implements registrars.Registrar.
func (e *Example) ReadDomain(ctx context.Context, domain domains.Name) (registrars.Domain, error) {
	name, err := e.name(ctx, domain)
	if err != nil {
		return registrars.Domain{}, err
	}
	if name.State != stateOurs {
		return registrars.Domain{}, &registrars.Error{Registrar: pluginName, Call: "names", Class: registrars.ClassNotFound}
	}
	return registrars.Domain{Name: domain, NameServers: name.Servers, Expires: name.Expires, Word: name.State, Active: true}, nil
}

// orderOf converts a request to an order.
func (e *Example) orderOf(request registrars.Request) order {
	placed := order{
		Token: request.Key, Channel: e.settings.Channel, Name: request.Domain.String(),
		Servers: request.NameServers, Years: request.Years, Type: typeOf[request.Kind],
	}
	if request.Kind == registrars.Registration {
		owner := request.Contacts[registrars.Owner]
		c := owner.Details.Normalised()
		placed.Extra, placed.Holder = owner.Extra, &holder{
			Name: strings.Join(strings.Fields(c.FirstName+" "+c.MiddleName+" "+c.LastName), " "), Organisation: c.Organisation, Street: strings.TrimSpace(c.Address1 + " " + c.Address2),
			PostalCode: c.PostalCode, City: c.City, Country: c.Country, Phone: c.Phone.E164(), Email: c.Email,
		}
	}
	return placed
}
