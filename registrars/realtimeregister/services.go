package realtimeregister

import (
	"context"
	"net/http"
	"slices"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/realtimeregister/internal"
)

// service describes the call that serves one kind of request.
type service struct {
	kind   registrars.Kind
	name   string // of the call
	method string
	path   string // follows domains/NAME; may be ""
	action string // of the process
	// paid says that the request may cost money, so it is quoted first.
	paid bool
	// reads says that the body depends on the domain's present state.
	reads bool
	// body builds the request's body; nil means that it has none.
	body func(*composition) (map[string]any, error)
	// shows are the members of the domain that body and verdict look at, beside its status.
	shows []string
	// verdict judges by the domain whether the request was carried out; nil means that the
	// domain does not show it.
	verdict func(registrars.Request, state) registrars.FindingState
}

// composition is what a body is built from.
type composition struct {
	request  registrars.Request
	customer string
	info     internal.TLD
	domain   state // for services that read it
	template string
}

const nameUpdate = "domains/update"

func update(
	kind registrars.Kind, body func(*composition) (map[string]any, error), verdict func(registrars.Request, state) registrars.FindingState, shows ...string,
) service {
	return service{
		kind: kind, name: nameUpdate, method: http.MethodPost, path: "update", action: internal.ActionUpdate, body: body, verdict: verdict, shows: shows,
	}
}

func (s service) thatCosts() service { s.paid = true; return s }
func (s service) thatReads() service { s.reads = true; return s }

// services lists everything that Submit serves.
var services = []service{
	{
		kind: registrars.Registration, name: "domains/create", method: http.MethodPost, action: internal.ActionCreate,
		paid: true, body: newDomain, verdict: arrived,
	},
	{
		kind: registrars.Transfer, name: "domains/transfer", method: http.MethodPost, path: "transfer", action: internal.ActionIncoming,
		paid: true, body: newDomain, verdict: arrived,
	},
	{
		kind: registrars.Renewal, name: "domains/renew", method: http.MethodPost, path: "renew", action: internal.ActionRenew,
		paid: true, body: period, verdict: renewed,
	},
	{
		kind: registrars.Restore, name: "domains/restore", method: http.MethodPost, path: "restore", action: internal.ActionRestore,
		paid: true, body: reason, verdict: restored,
	},
	update(registrars.OwnerChange, registrant, contactsSet, "registrant").thatCosts(),
	update(registrars.ContactChange, contacts, contactsSet, "contacts"),
	update(registrars.NameServerChange, nameServers, delegated, "ns"),
	update(registrars.AuthCodeChange, newAuthCode, nil),
	{
		kind: registrars.Deletion, name: "domains/delete", method: http.MethodDelete, action: internal.ActionDelete, verdict: deleted,
	},
	update(registrars.DNSSECChange, dnssec, signedAsAsked, membersDNSSEC...).thatReads(),
	update(registrars.LockChange, lock, switched).thatReads(),
	update(registrars.PrivacyChange, privacy, switched).thatCosts(),
	update(registrars.AutoRenewalChange, autoRenewal, switched),
	update(registrars.ZoneReset, zoneTemplate, nil, "zone").thatReads(),
}

func serviceFor(kind registrars.Kind) (service, bool) {
	at := slices.IndexFunc(services, func(s service) bool { return s.kind == kind })
	if at < 0 {
		return service{}, false
	}
	return services[at], true
}

// url returns the path to which the request goes.
func (s service) url(name domains.Name) string {
	if s.path == "" {
		return internal.Path("domains", name.String())
	}
	return internal.Path("domains", name.String(), s.path)
}

// compose builds the body of a request, or nil if it has none. It reads the domain
// first if the body depends on it.
func (r *RealtimeRegister) compose(ctx context.Context, s service, request registrars.Request) (map[string]any, error) {
	if s.body == nil {
		return nil, nil
	}
	c := &composition{request: request, customer: r.customer}
	var err error
	if c.info, err = r.tld(ctx, suffix(request)); err != nil {
		return nil, err
	}
	if s.reads {
		c.domain, err = r.readState(ctx, request.Domain)
		if err != nil && registrars.ClassOf(err) == registrars.ClassNotFound {
			return nil, errs.Invalid("domains/get", "domain", ruleNotHere)
		}
		if err == nil {
			err = s.readable(c.domain)
		}
		if err != nil {
			return nil, err
		}
	}
	if request.Settings.ZoneTemplate != nil {
		c.template = r.template(*request.Settings.ZoneTemplate)
	}
	return s.body(c)
}

// readable is the error of a domain from which no body can be made: the list that is sent
// would lack what could not be read.
func (s service) readable(domain state) error {
	if !domain.unread(s) {
		return nil
	}
	return &registrars.Error{
		Registrar: pluginName, Call: "domains/get", Class: registrars.ClassTemporary,
		Err: &internal.MalformedError{Why: "a member has another type"},
	}
}

// newDomain builds the body of a registration or transfer.
func newDomain(c *composition) (map[string]any, error) {
	others, err := contactList(c)
	if err != nil {
		return nil, err
	}
	body := map[string]any{
		"customer": c.customer, "registrant": c.request.Contacts[registrars.Owner].Handle, "ns": c.request.NameServers,
		// Both are always sent: otherwise the account's defaults decide, and automatic
		// renewal is on.
		"privacyProtect": on(c.request.Settings.Privacy), "autoRenew": on(c.request.Settings.AutoRenewal),
	}
	if len(others) > 0 {
		body["contacts"] = others
	}
	if c.request.Kind == registrars.Registration {
		body["period"] = months(c.request.Years)
		if c.request.Language != "" {
			body["languageCode"] = c.request.Language
		}
		return body, nil
	}
	supported := c.info.Metadata.TransferSupportsAuthcode
	if !c.request.AuthCode.IsZero() && (supported == nil || *supported) {
		body["authcode"] = c.request.AuthCode.Reveal()
	}
	return body, nil
}

// months converts a period to months, which the API counts in.
func months(years int) int { return 12 * years }

func on(setting *bool) bool { return setting != nil && *setting }

// contactList returns the contacts other than the holder, as far as the registry has
// them.
func contactList(c *composition) ([]internal.ContactRef, error) {
	var list []internal.ContactRef
	for _, role := range []registrars.Role{registrars.Admin, registrars.Tech, registrars.Billing} {
		rules := rulesFor(c.info, role)
		handle := c.request.Contacts[role].Handle
		switch {
		case rules != nil && rules.Max != nil && *rules.Max == 0:
		case handle != "":
			list = append(list, internal.ContactRef{Role: roleWords[role], Handle: handle})
		case rules != nil && rules.Least() > 0:
			return nil, errs.Invalid("check", string(role), "required in this top-level domain")
		}
	}
	return list, nil
}

func rulesFor(info internal.TLD, role registrars.Role) *internal.ContactRules {
	switch role {
	case registrars.Owner:
		return &info.Metadata.Registrant
	case registrars.Admin:
		return info.Metadata.AdminContacts
	case registrars.Tech:
		return info.Metadata.TechContacts
	default:
		return info.Metadata.BillingContacts
	}
}

func period(c *composition) (map[string]any, error) {
	return map[string]any{"period": months(c.request.Years)}, nil
}

// reason gives the reason that a restore requires. It is the same for all, because a text of the
// order could hold personal data.
func reason(*composition) (map[string]any, error) {
	return map[string]any{"reason": internal.RestoreReason}, nil
}

func registrant(c *composition) (map[string]any, error) {
	return map[string]any{"registrant": c.request.Contacts[registrars.Owner].Handle}, nil
}

func contacts(c *composition) (map[string]any, error) {
	list, err := contactList(c)
	if err == nil && len(list) == 0 {
		err = errs.Invalid("check", "contacts", "this top-level domain has no contacts beside the owner")
	}
	return map[string]any{"contacts": list}, err
}

func nameServers(c *composition) (map[string]any, error) {
	return map[string]any{"ns": c.request.NameServers}, nil
}

func newAuthCode(*composition) (map[string]any, error) {
	return map[string]any{"authcode": ""}, nil
}

func privacy(c *composition) (map[string]any, error) {
	return map[string]any{"privacyProtect": *c.request.Settings.Privacy}, nil
}

func autoRenewal(c *composition) (map[string]any, error) {
	return map[string]any{"autoRenew": *c.request.Settings.AutoRenewal}, nil
}

// lock sends the whole list of statuses, with one added or removed.
func lock(c *composition) (map[string]any, error) {
	statuses := make([]string, 0, len(c.domain.raw.Status)+1)
	for _, status := range c.domain.raw.Status {
		if status != internal.StatusLock {
			statuses = append(statuses, status)
		}
	}
	if *c.request.Settings.Lock {
		statuses = append(statuses, internal.StatusLock)
	}
	return map[string]any{"status": statuses}, nil
}

// dnssec hands over key material, or lets the registrar sign a zone that it serves.
func dnssec(c *composition) (map[string]any, error) {
	wanted, raw := c.request.Settings.DNSSEC, c.domain.raw
	switch {
	case wanted.Key != nil:
		return map[string]any{"keyData": []internal.KeyData{keyOf(*wanted.Key)}}, nil
	case len(wanted.DS) > 0:
		records := make([]internal.DSData, len(wanted.DS))
		for i, ds := range wanted.DS {
			records[i] = internal.DSData(ds)
		}
		return map[string]any{"dsData": records}, nil
	case raw.Zone != nil:
		return map[string]any{"zone": map[string]any{"dnssec": wanted.Sign}}, nil
	case wanted.Sign:
		return nil, errs.Invalid("check", "settings.dnssec", "the registrar does not serve the zone and so cannot sign it: give key or ds")
	case len(raw.DSData) > 0:
		return map[string]any{"dsData": []internal.DSData{}}, nil
	}
	return map[string]any{"keyData": []internal.KeyData{}}, nil
}

func keyOf(key domains.DNSKEY) internal.KeyData {
	return internal.KeyData{Protocol: key.Protocol, Flags: key.Flags, Algorithm: key.Algorithm, PublicKey: key.PublicKey}
}

// zoneTemplate fills the zone at the registrar from a template. A domain without a zone
// there is refused, because it would be delegated away from its hosts.
func zoneTemplate(c *composition) (map[string]any, error) {
	if c.domain.raw.Zone == nil {
		return nil, errs.Invalid("check", "settings.zoneTemplate", "the domain has no zone on the registrar's name servers")
	}
	return map[string]any{"zone": map[string]any{"template": c.template}}, nil
}
