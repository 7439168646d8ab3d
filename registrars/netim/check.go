package netim

import (
	"context"
	"strings"

	"domainprovisioning/registrars"
	"domainprovisioning/registrars/netim/internal"
)

// Check implements registrars.Registrar: our own rules first, then domainTldInfo,
// then the contacts, the name, the price, and finally the name servers. Missing name
// servers, contacts and old expiry date are not checked: at intake they are not known
// yet. The balance is checked only when the request is complete, just before the money
// is spent: an order is not refused because of a balance that may still be raised.
func (n *Netim) Check(ctx context.Context, request registrars.Request) error {
	if err := checkSound(request); err != nil {
		return err
	}
	fields := checkFields(request)
	if fields != nil && !request.Ordered {
		return fields // enough for a person; an order is told everything
	}
	found := []error{fields, n.checkDetails(request)}
	info, err := n.TLDInfo(ctx, request.Suffix())
	if err != nil {
		return registrars.Join(append(found, err)...)
	}
	found = append(found, checkTLD(request, info), n.checkContacts(ctx, request))
	if request.Nameless() {
		return registrars.Join(found...)
	}
	premium, err := n.checkName(ctx, request)
	if err == nil {
		err = n.checkMoney(ctx, request, premium)
	}
	if err := registrars.Join(append(found, err)...); err != nil {
		return err
	}
	// This check is the last: it finds the only problem that passes by waiting, and it
	// must not hide another.
	return n.checkZone(ctx, request, info)
}

// checkDetails checks the details of contacts; the registrar already has those of a contact
// with a handle.
func (n *Netim) checkDetails(request registrars.Request) error {
	var found []error
	for _, role := range request.Kind.Roles() {
		contact, given := request.Contacts[role]
		if !given || contact.Handle != "" {
			continue
		}
		contact.Role = role
		_, err := n.contactValues("check", contact)
		found = append(found, err)
	}
	return registrars.Join(found...)
}

func serves(kind registrars.Kind) bool {
	_, ok := serviceFor(registrars.Request{Kind: kind})
	return ok
}

// checkRequest checks the rules that need no call.
func checkRequest(request registrars.Request) error {
	if err := checkSound(request); err != nil {
		return err
	}
	return checkFields(request)
}

// checkSound checks what all other rules rely on.
func checkSound(request registrars.Request) error {
	const name = "check"
	if !serves(request.Kind) {
		return errs.Unserved(name)
	}
	return request.Unsound().In(pluginName, name)
}

// checkFields checks the fields that are given.
func checkFields(request registrars.Request) error {
	const name = "check"
	found := []error{
		request.LongAuthCode(maxAuthCode).In(pluginName, name), request.UntakenLanguage().In(pluginName, name), checkSettings(request),
	}
	if request.Kind.Delegates() {
		found = append(found, request.Servers(maxNameServers).In(pluginName, name))
	}
	return registrars.Join(found...)
}

// checkTLD compares the request with the rules of the top-level domain.
func checkTLD(request registrars.Request, info TLDInfo) error {
	const name = "domainTldInfo"
	periods := map[registrars.Kind]string{
		registrars.Registration: info.PeriodCreate, registrars.Renewal: info.PeriodRenew,
	}[request.Kind]
	feature := map[registrars.Kind]Answer{
		registrars.LockChange: info.RegistrarLock, registrars.PrivacyChange: info.WhoisPrivacy,
		registrars.AutoRenewalChange: info.AutoRenewal, registrars.DNSSECChange: info.DNSSEC,
	}[request.Kind]
	switch {
	case request.Kind.HasPeriod() && !allows(periods, request.Years):
		return errs.Invalid(name, "years", "one of "+periods+" for this top-level domain")
	case request.Kind == registrars.Transfer && info.AuthCode == Yes && request.AuthCode.IsZero():
		return errs.Invalid(name, "authCode", "required for a transfer in this top-level domain")
	case request.Kind == registrars.AuthCodeChange && info.AuthCode == No:
		return errs.Invalid(name, "kind", "this top-level domain has no auth codes")
	case feature == No:
		return errs.Invalid(name, request.Kind.SettingField(), "not offered in this top-level domain")
	}
	return nil
}

// checkZone asks the name servers for the zone if the registry tests them before it
// delegates. Only a clear no holds the request back until the zone is there; doubtful
// cases are left to the registrar's own test.
func (n *Netim) checkZone(ctx context.Context, request registrars.Request, info TLDInfo) error {
	if info.ZoneCheck != Yes || !request.Kind.Delegates() || len(request.NameServers) == 0 {
		return nil
	}
	problem := n.zones.Run(ctx, request.Domain.String(), request.NameServers)
	if problem == nil {
		return nil
	}
	return &registrars.Error{
		Registrar: pluginName, Call: "check", Class: registrars.ClassTemporary, Refused: true, Field: "nameServers",
		Rule: problem.Host + " " + problem.Why + "; the top-level domain tests name servers first", After: internal.DNSCheckWait,
	}
}

// checkContacts reads contacts that already exist: the owner's contact must have been
// created as an owner's, and no other contact may be. This property of a contact
// never changes.
func (n *Netim) checkContacts(ctx context.Context, request registrars.Request) error {
	for _, role := range request.Kind.Roles() {
		handle := request.Contacts[role].Handle
		if handle == "" {
			continue
		}
		if strings.EqualFold(handle, n.login) {
			if role == registrars.Owner {
				return errs.Invalid("contactInfo", string(role), "must not be the reseller")
			}
			continue
		}
		owner, known := n.owners.get(handle)
		if !known {
			c := call{name: "contactInfo", field: string(role)}
			found, err := n.call(ctx, c, internal.String(handle))
			if refused(err, c.name) {
				return errs.Invalid(c.name, string(role), "not a contact of this account")
			}
			if err != nil {
				return err
			}
			owner = found.Field(isOwner)
			n.owners.put(handle, owner)
		}
		switch {
		case role == registrars.Owner && owner == "0":
			return errs.Invalid("contactInfo", string(role), "must be a contact made as an owner (isOwner 1)")
		case role != registrars.Owner && owner == "1":
			return errs.Invalid("contactInfo", string(role), "must not be a contact made as an owner (isOwner 0)")
		}
	}
	return nil
}

// checkName asks whether the name is where the request needs it. premium is known only of a
// name that is to come here.
func (n *Netim) checkName(ctx context.Context, request registrars.Request) (premium bool, err error) {
	switch request.Kind {
	case registrars.Registration:
		return n.checkAvailable(ctx, request.Domain)
	case registrars.Transfer:
		domain, err := n.ReadDomain(ctx, request.Domain)
		switch {
		case err == nil && !internal.Gone(domain.Word) && !internal.NeverCame(domain.Word):
			return false, errs.Invalid("domainInfo", "domain", "is in this account already")
		// A name that is not ours may be refused in unknown words.
		case err != nil && registrars.ClassOf(err) != registrars.ClassNotFound && !refused(err, "domainInfo"):
			return false, asRead(err)
		}
		return n.checkRegistered(ctx, request.Domain)
	case registrars.Renewal, registrars.Restore:
		return false, n.checkHeld(ctx, request)
	}
	return false, nil
}

// checkHeld asks for the state that a renewal or restore needs.
func (n *Netim) checkHeld(ctx context.Context, request registrars.Request) error {
	const name = "domainInfo"
	domain, err := n.ReadDomain(ctx, request.Domain)
	switch {
	case registrars.ClassOf(err) == registrars.ClassNotFound && err != nil, err == nil && internal.Gone(domain.Word):
		return errs.Invalid(name, "domain", "is not in this account")
	case err != nil:
		return asRead(err)
	case request.Kind == registrars.Restore:
		return request.Unrestorable(domain.Phase, internal.PlainStatus(domain.Word)).In(pluginName, name)
	case request.Expires.IsZero():
		return nil
	}
	return request.Outdated(domain.Expires).In(pluginName, name)
}

// asRead keeps an answer about another domain from looking like a paid call with an
// unknown outcome, because a check changes nothing and may be repeated.
func asRead(err error) error {
	if e, ok := registrars.AsError(err); ok && e.Class == registrars.ClassOutcomeUnknown {
		e.Class = registrars.ClassTemporary
	}
	return err
}
