package operations

import (
	"context"

	"domainprovisioning/domains"
	"domainprovisioning/wire/xmlrpc"
)

// RegistrarStatus is what Operations knows about a domain's registration.
type RegistrarStatus int

// The registrar statuses.
const (
	RegistrarStatusUnset         RegistrarStatus = -1 // sent: left out; read: absent
	RegistrarStatusUndefined     RegistrarStatus = 0  // the result of the check is undefined
	RegistrarStatusNotRegistered RegistrarStatus = 1
	RegistrarStatusRegistered    RegistrarStatus = 2
)

func (s RegistrarStatus) valid() bool {
	return s >= RegistrarStatusUnset && s <= RegistrarStatusRegistered
}

// DomainRequest is the result of AddDomainRequest.
type DomainRequest struct {
	NameServers domains.NameServers
	// ZoneExisted is true if an existing zone serves the request. On the wire,
	// zone_created is inverted: 0 means that a new zone was created. It is false if
	// the reply lacks the flag.
	ZoneExisted bool
}

// AddDomainRequest creates a domain request under the domain subscription, and a
// DNS zone if the name has none (step 4). It is safe to repeat: a request of the
// same name under the same subscription is returned unchanged. The zone is
// served only some time later, so a registrar's DNS check may fail at first.
func (c *Client) AddDomainRequest(ctx context.Context, subscriptionID int, name domains.Name) (DomainRequest, error) {
	const method = "pem.addDomainRequest"
	check := checker{method: method}
	check.id(memberSubscriptionID, subscriptionID)
	check.name(name)
	if err := check.err(); err != nil {
		return DomainRequest{}, err
	}
	result, err := c.callStruct(ctx, method, xmlrpc.Struct{memberSubscriptionID: subscriptionID, memberDomainName: name.String()})
	if err != nil {
		return DomainRequest{}, err
	}
	request := DomainRequest{
		NameServers: result.reply.nameServers(result.members[memberNameServers], result.at(memberNameServers)),
		ZoneExisted: result.flag("zone_created"),
	}
	if err := result.err(); err != nil {
		return DomainRequest{}, err
	}
	return request, nil
}

// RemoveDomainRequest undoes AddDomainRequest.
func (c *Client) RemoveDomainRequest(ctx context.Context, subscriptionID int, name domains.Name) error {
	const method = "pem.removeDomainRequest"
	check := checker{method: method}
	check.id(memberSubscriptionID, subscriptionID)
	check.name(name)
	if err := check.err(); err != nil {
		return err
	}
	_, err := c.call(ctx, method, xmlrpc.Struct{memberSubscriptionID: subscriptionID, memberDomainName: name.String()})
	return err
}

// GetNameServers reads the DNS servers that host the zone of a request (step 5).
// Its parameters are assumed: if the error satisfies IsArguments, use the list
// that AddDomainRequest returned, which is the same.
func (c *Client) GetNameServers(ctx context.Context, subscriptionID int, name domains.Name) (domains.NameServers, error) {
	const method = "pem.getNameServers"
	check := checker{method: method}
	check.id(memberSubscriptionID, subscriptionID)
	check.name(name)
	if err := check.err(); err != nil {
		return nil, err
	}
	result, err := c.call(ctx, method, nameServerParams(subscriptionID, name.String()))
	if err != nil {
		return nil, err
	}
	r := &reply{method: method}
	place := "result"
	if _, bare := result.([]any); !bare {
		result, place = r.members(result, place)[memberNameServers], place+"."+memberNameServers
	}
	servers := r.nameServers(result, place)
	if len(servers) == 0 {
		r.fail(place, "is missing or empty")
	}
	if r.trouble != nil {
		return nil, r.trouble
	}
	return servers, nil
}

func (r *reply) nameServers(value any, place string) domains.NameServers {
	elements := r.elements(value, place)
	if len(elements) == 0 {
		return nil
	}
	servers := make(domains.NameServers, 0, len(elements))
	for i, value := range elements {
		at := element(place, i)
		if row, ok := value.(xmlrpc.Struct); ok {
			value, at = row[memberNameServer], at+"."+memberNameServer
		}
		name, _ := value.(string)
		host, err := domains.ParseHost(name)
		switch {
		case err != nil:
			r.fail(at, "is not a host name")
		case servers.Contains(host):
			r.fail(at, "is given twice")
		}
		servers = append(servers, host)
	}
	return servers
}

// HostingType selects what AddDomain hosts first.
type HostingType int

// The hosting types; 1 is reserved and refused.
const (
	HostingPhysical HostingType = 0
	HostingParking  HostingType = 2
)

// Parking is how a domain with HostingParking is parked.
type Parking struct {
	Type int    // 0 parking, 1 standard forwarding, 2 single page, 3 frame forwarding
	Path string // forwarding URL; needed for types 1 and 3
}

// AddDomainParams are the parameters of pem.addDomain.
type AddDomainParams struct {
	SubscriptionID  int // mandatory; the domain subscription
	DomainID        int // chosen by the caller; 0: generated
	DomainName      domains.Name
	RegistrarStatus RegistrarStatus // always sent, unless RegistrarStatusUnset
	Force           bool            // always sent; see AddDomain
	HostingType     *HostingType    // nil: every module with "Auto host domains"
	Parking         *Parking        // only with HostingParking
}

// AddDomain creates a domain and returns its id (steps 7 and 11).
//
// Without force, an existing name is an error (IsExists), even if an earlier try
// of the same call created it: call GetDomainByName first. With force, a domain
// of that name under the same account stays and gets the registrar status, but
// one under ANOTHER ACCOUNT IS DELETED without warning: read its owner first,
// and use force only after the registrar's confirmation.
func (c *Client) AddDomain(ctx context.Context, p AddDomainParams) (domainID int, err error) {
	const method = "pem.addDomain"
	check := checker{method: method}
	check.id(memberSubscriptionID, p.SubscriptionID)
	check.optionalID(memberDomainID, p.DomainID)
	check.name(p.DomainName)
	if !p.RegistrarStatus.valid() {
		check.add("registrar_status must be 0, 1 or 2")
	}
	if p.HostingType != nil && *p.HostingType != HostingPhysical && *p.HostingType != HostingParking {
		check.add("hosting_type must be 0 or 2")
	}
	params := xmlrpc.Struct{
		memberSubscriptionID: p.SubscriptionID,
		memberDomainName:     p.DomainName.String(),
		memberForce:          p.Force,
	}
	if p.Parking != nil {
		if p.HostingType == nil || *p.HostingType != HostingParking {
			check.add("domain_parking_type is only for hosting_type 2")
		}
		if p.Parking.Type < 0 || p.Parking.Type > 3 {
			check.add("domain_parking_type must be 0, 1, 2 or 3")
		}
		if p.Parking.Type == 1 || p.Parking.Type == 3 {
			check.required(memberPath, p.Parking.Path)
		}
		params[memberParkingType] = p.Parking.Type
		optional(params, memberPath, p.Parking.Path)
	}
	if err := check.err(); err != nil {
		return 0, err
	}
	optionalID(params, memberDomainID, p.DomainID)
	if p.RegistrarStatus != RegistrarStatusUnset {
		params[memberRegistrarStatus] = int(p.RegistrarStatus)
	}
	if p.HostingType != nil {
		params["hosting_type"] = int(*p.HostingType)
	}
	return c.callID(ctx, method, params, memberDomainID, p.DomainID)
}

// Domain is what pem.getDomainByName returns (reply assumed). A zero AccountID
// or SubscriptionID, and RegistrarStatusUnset, mean that the reply did not say.
type Domain struct {
	ID              int
	Name            domains.Name
	AccountID       int
	SubscriptionID  int
	RegistrarStatus RegistrarStatus
}

// GetDomainByName finds a domain and its owner; the error satisfies IsNotFound
// if there is none. A domain request is not a domain and is not found.
func (c *Client) GetDomainByName(ctx context.Context, name domains.Name) (Domain, error) {
	const method = "pem.getDomainByName"
	check := checker{method: method}
	check.name(name)
	if err := check.err(); err != nil {
		return Domain{}, err
	}
	result, err := c.callStruct(ctx, method, xmlrpc.Struct{memberDomainName: name.String()})
	if err != nil {
		return Domain{}, err
	}
	domain := Domain{
		ID:              result.mustID(memberDomainID),
		Name:            name,
		AccountID:       result.id(memberAccountID),
		SubscriptionID:  result.id(memberSubscriptionID),
		RegistrarStatus: RegistrarStatusUnset,
	}
	if got := result.text(memberDomainName); got != "" {
		if parsed, err := domains.ParseName(got); err != nil || parsed != name {
			result.reply.fail(result.at(memberDomainName), "is another one")
		}
	}
	if result.members[memberRegistrarStatus] != nil {
		if status := RegistrarStatus(result.id(memberRegistrarStatus)); status.valid() {
			domain.RegistrarStatus = status
		}
	}
	if err := result.err(); err != nil {
		return Domain{}, err
	}
	return domain, nil
}

// RemoveDomain undoes AddDomain. Its parameters are assumed, so only tests call it; see
// RemovalBy.
func (c *Client) RemoveDomain(ctx context.Context, domainID int) error {
	const method = "pem.removeDomain"
	check := checker{method: method}
	check.id(memberDomainID, domainID)
	if err := check.err(); err != nil {
		return err
	}
	_, err := c.call(ctx, method, domainParams(domainID))
	return err
}

// BindServicesToDomain provisions the hosting services of a subscription on a
// domain (steps 9 and 12; parameters assumed). A refusal that says "already" is
// treated as success, with already set, so a repetition does no harm.
func (c *Client) BindServicesToDomain(ctx context.Context, domainID, subscriptionID int) (already bool, err error) {
	const method = "pem.bindServicesToDomain"
	check := checker{method: method}
	check.id(memberDomainID, domainID)
	check.id(memberSubscriptionID, subscriptionID)
	if err := check.err(); err != nil {
		return false, err
	}
	_, err = c.call(ctx, method, bindingParams(domainID, subscriptionID))
	if saysBound(err) {
		return true, nil
	}
	return false, err
}
