package operations

import (
	"context"
	"math"
	"strconv"

	"domainprovisioning/wire/xmlrpc"
)

// Unlimited is the value of a resource limit that means no limit.
const Unlimited = -1

// ResourceLimit overrides a limit of the service template. A limit that does not
// fit into 32 bits is sent as resource_limit64, a string.
type ResourceLimit struct {
	ResourceID int
	Limit      int64 // Unlimited, or 0 and above
}

// Parameter is a provisioning parameter: var_name and var_value.
type Parameter struct{ Name, Value string }

// ActivateSubscriptionParams are the parameters of pem.activateSubscription. Zero
// values are left out.
type ActivateSubscriptionParams struct {
	SubscriptionID    int // chosen by the caller; 0: generated
	Name              string
	AccountID         int // mandatory
	ServiceTemplateID int // mandatory; the template must be active
	ResourceLimits    []ResourceLimit
	// Parameters make the call create a domain as well. The provisioning model does not
	// use them: AddDomain creates the domain.
	Parameters []Parameter
}

// ActivateSubscription creates a subscription, sets its limits, starts its
// provisioning and returns its id (steps 3 and 8). A repetition after it took effect
// always fails with IsExists: read the subscription with GetSubscription then, and
// compare the owner.
func (c *Client) ActivateSubscription(ctx context.Context, p ActivateSubscriptionParams) (subscriptionID int, err error) {
	const method = "pem.activateSubscription"
	check := checker{method: method}
	check.optionalID(memberSubscriptionID, p.SubscriptionID)
	check.id(memberAccountID, p.AccountID)
	check.id("service_template_id", p.ServiceTemplateID)
	limits := make([]any, 0, len(p.ResourceLimits))
	parameters := make([]any, 0, len(p.Parameters))
	for _, limit := range p.ResourceLimits {
		check.id("resource_limits.resource_id", limit.ResourceID)
		if limit.Limit < Unlimited {
			check.add("resource_limits.resource_limit must be -1 or above")
		}
		row := xmlrpc.Struct{"resource_id": limit.ResourceID}
		if limit.Limit > math.MaxInt32 {
			row["resource_limit64"] = strconv.FormatInt(limit.Limit, 10)
		} else {
			row["resource_limit"] = limit.Limit
		}
		limits = append(limits, row)
	}
	for _, parameter := range p.Parameters {
		check.required("parameters.var_name", parameter.Name)
		parameters = append(parameters, xmlrpc.Struct{"var_name": parameter.Name, "var_value": parameter.Value})
	}
	if err := check.err(); err != nil {
		return 0, err
	}
	params := xmlrpc.Struct{memberAccountID: p.AccountID, "service_template_id": p.ServiceTemplateID}
	optionalID(params, memberSubscriptionID, p.SubscriptionID)
	optional(params, "subscription_name", p.Name)
	if len(limits) > 0 {
		params["resource_limits"] = limits
	}
	if len(parameters) > 0 {
		params["parameters"] = parameters
	}
	return c.callID(ctx, method, params, memberSubscriptionID, p.SubscriptionID)
}

// Subscription is what Operations returns about a subscription.
type Subscription struct {
	ID                int
	Name              string
	OwnerID           int // the account
	ServiceTemplateID int
	Active            bool
}

// GetSubscription reads a subscription, without its resources.
func (c *Client) GetSubscription(ctx context.Context, subscriptionID int) (Subscription, error) {
	const method = "pem.getSubscription"
	check := checker{method: method}
	check.id(memberSubscriptionID, subscriptionID)
	if err := check.err(); err != nil {
		return Subscription{}, err
	}
	result, err := c.callStruct(ctx, method, xmlrpc.Struct{memberSubscriptionID: subscriptionID, "get_resources": false})
	if err != nil {
		return Subscription{}, err
	}
	subscription := result.subscription()
	switch {
	case subscription.OwnerID == 0:
		result.reply.fail(result.at("owner_id"), "is missing")
	case subscription.ID == 0:
		subscription.ID = subscriptionID
	case subscription.ID != subscriptionID:
		result.reply.fail(result.at(memberSubscriptionID), "is another one")
	}
	if err := result.err(); err != nil {
		return Subscription{}, err
	}
	return subscription, nil
}

func (f fields) subscription() Subscription {
	return Subscription{
		ID:                f.id(memberSubscriptionID),
		Name:              f.text("name"),
		OwnerID:           f.id("owner_id"),
		ServiceTemplateID: f.id("st_id"),
		Active:            f.flag("is_active"),
	}
}

// GetAccountSubscriptions lists the subscriptions of an account. The reply is not
// documented: elements may be ids or structs, and only ID is always set. Use
// GetSubscription for the rest.
func (c *Client) GetAccountSubscriptions(ctx context.Context, accountID int) ([]Subscription, error) {
	const method = "pem.getAccountSubscriptions"
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
	found := make([]Subscription, 0, len(elements))
	for i, value := range elements {
		at := element(place, i)
		if id, ok := xmlrpc.AsInt(value); ok {
			value = xmlrpc.Struct{memberSubscriptionID: id}
		}
		row := r.row(value, at)
		subscription := row.subscription()
		if subscription.ID == 0 {
			r.fail(at, "has no id")
		}
		found = append(found, subscription)
	}
	if r.trouble != nil {
		return nil, r.trouble
	}
	return found, nil
}

// RemoveSubscription undoes ActivateSubscription. Never call it for a subscription
// that exists in Billing: terminate such a subscription in Billing
// (docs/protocols/operations.md, section 10). Scripts have seen faults from this call.
func (c *Client) RemoveSubscription(ctx context.Context, subscriptionID int) error {
	return c.doByID(ctx, "pem.removeSubscription", memberSubscriptionID, subscriptionID)
}
