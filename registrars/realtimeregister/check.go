package realtimeregister

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/realtimeregister/internal"
)

const (
	ruleNotOffered = "not offered in this top-level domain"
	ruleNotHere    = "is not in this account"
)

// Check implements registrars.Registrar: our own rules first, then those of the
// top-level domain, then the name, and finally, if the contacts are known, a dry run at
// the registrar, which also gives the price. At intake they are not known: missing name
// servers, contacts and old expiry date are not checked, and the price is that of the
// price list, or of the answer about a premium name.
func (r *RealtimeRegister) Check(ctx context.Context, request registrars.Request) error {
	if err := checkSound(request); err != nil {
		return err
	}
	fields := r.checkFields(request)
	if fields != nil && !request.Ordered {
		return fields // enough for a person; an order is told everything
	}
	info, err := r.tld(ctx, suffix(request))
	if err != nil {
		return registrars.Join(fields, err)
	}
	broken := registrars.Join(
		fields, checkSyntax(request, info.Metadata.DomainSyntax), checkHosts(request, info.Metadata.Hosts), checkTLD(request, info.Metadata), checkContacts(request, info),
	)
	if request.Nameless() {
		return broken
	}
	name, err := r.checkName(ctx, request)
	switch {
	case errors.Is(err, errNotYetHere):
		err = nil
	case err == nil && (broken == nil || checkHandles(request) != nil):
		err = r.checkPrice(ctx, request, name) // a dry run would only repeat what is wrong
	}
	return registrars.Join(broken, err)
}

// errNotYetHere says that the domain of a setting is not in the account. The setting
// may be a late step of the order that brings the domain here; Submit checks again.
var errNotYetHere = errors.New("the domain is not in the account yet")

// checkRequest checks the rules that need no call.
func (r *RealtimeRegister) checkRequest(request registrars.Request) error {
	if err := checkSound(request); err != nil {
		return err
	}
	return r.checkFields(request)
}

// checkSound checks what all other rules rely on.
func checkSound(request registrars.Request) error {
	const name = "check"
	if _, served := serviceFor(request.Kind); !served {
		return errs.Unserved(name)
	}
	return request.Unsound().In(pluginName, name)
}

// checkFields checks the fields that are given.
func (r *RealtimeRegister) checkFields(request registrars.Request) error {
	found := []error{request.LongAuthCode(maxAuthCode).In(pluginName, "check"), r.checkSettings(request)}
	if request.Kind.Delegates() {
		found = append(found, checkNameServers(request))
	}
	return registrars.Join(found...)
}

func checkNameServers(request registrars.Request) error {
	const name = "check"
	if broken := request.Servers(maxNameServers); broken != nil {
		return broken.In(pluginName, name)
	}
	for at, host := range request.NameServers {
		if parsed, err := domains.ParseHost(host); err != nil || len(parsed) < 4 || parsed != host {
			return registrars.HostBroken(at, "a host name in lower case, of at least 4 characters").In(pluginName, name)
		}
	}
	return nil
}

// checkTLD compares the request with the rules of the top-level domain. An empty list
// forbids nothing.
func checkTLD(request registrars.Request, info internal.TLDMetadata) error {
	const name = "tlds/info"
	feature := map[registrars.Kind]string{
		registrars.Registration: "CREATE", registrars.Transfer: "TRANSFER", registrars.Renewal: "RENEW", registrars.Restore: "RESTORE",
	}[request.Kind]
	periods := info.CreateDomainPeriods
	if request.Kind == registrars.Renewal {
		periods = info.RenewDomainPeriods
	}
	switch {
	case feature != "" && lacks(info, feature):
		return errs.Invalid(name, "kind", ruleNotOffered)
	case request.Kind.HasPeriod() && len(periods) > 0 && !slices.Contains(periods, months(request.Years)):
		return errs.Invalid(name, "years", fmt.Sprintf("%d months are none of %v in this top-level domain", months(request.Years), periods))
	case request.Kind == registrars.Transfer && info.TransferRequiresAuthcode && request.AuthCode.IsZero():
		return errs.Invalid(name, "authCode", "required for a transfer in this top-level domain")
	}
	if count := len(request.NameServers); request.Kind.Delegates() && count > 0 {
		switch bounds := info.Nameservers; {
		case count < bounds.Least():
			return errs.Invalid(name, "nameServers", fmt.Sprintf("at least %d in this top-level domain", bounds.Least()))
		case bounds.Max != nil && count > *bounds.Max:
			return errs.Invalid(name, "nameServers", fmt.Sprintf("at most %d in this top-level domain", *bounds.Max))
		}
	}
	return checkSettingRules(request, info)
}

// checkContacts checks the given contacts that have not been created yet: the registrar
// already has the details of a contact with a handle.
func checkContacts(request registrars.Request, info internal.TLD) error {
	var all []error
	for _, role := range request.Kind.Roles() {
		contact, given := request.Contacts[role]
		rules := rulesFor(info, role)
		if role != registrars.Owner && rules != nil && rules.Least() > 1 {
			all = append(all, errs.Invalid("tlds/info", string(role), fmt.Sprintf("%d contacts are required in this top-level domain, and one is given", rules.Least())))
		}
		if !given || contact.Handle != "" {
			continue
		}
		contact.Role = role
		values, err := plainContact("check", contact)
		all = append(all, err)
		if rules != nil {
			all = append(all, checkContactRules(contact, values.contact, *rules))
		}
		if role == registrars.Owner {
			_, err := properties("tlds/info", contact, info)
			all = append(all, err)
		}
	}
	return registrars.Join(all...)
}

func checkContactRules(contact registrars.Contact, values internal.Contact, rules internal.ContactRules) error {
	var broken registrars.Breaches
	switch {
	case rules.OrganizationRequired && values.Organization == "":
		broken.Add(contact.Breaks("organisation", "required in this top-level domain"))
	case rules.OrganizationAllowed != nil && !*rules.OrganizationAllowed && values.Organization != "":
		broken.Add(contact.Breaks("organisation", "must be empty: this top-level domain takes persons only"))
	}
	if len(rules.AllowedCountries) > 0 && !slices.Contains(rules.AllowedCountries, values.Country) {
		broken.Add(contact.Breaks("country", "not one of those of this top-level domain"))
	}
	return broken.In(pluginName, "tlds/info")
}

// checkName asks whether the name is where the request needs it. It returns what the
// answer says about a premium name.
func (r *RealtimeRegister) checkName(ctx context.Context, request registrars.Request) (internal.Check, error) {
	if request.Kind == registrars.Registration {
		return r.checkAvailable(ctx, request.Domain)
	}
	var found internal.Check
	const name = "domains/get"
	domain, err := r.readState(ctx, request.Domain)
	here := err == nil && !internal.Leaving(domain.raw.Status)
	missing := err != nil && registrars.ClassOf(err) == registrars.ClassNotFound
	switch {
	case err != nil && !missing:
		return found, err
	case request.Kind == registrars.Transfer && here:
		return found, errs.Invalid(name, "domain", "is in this account already")
	case request.Kind == registrars.Transfer:
		return r.checkRegistered(ctx, request.Domain)
	case missing && request.Kind.SettingField() != "":
		return found, errNotYetHere
	case missing:
		return found, errs.Invalid(name, "domain", ruleNotHere)
	}
	found.Premium = domain.raw.Premium
	if request.Kind == registrars.Restore {
		return found, registrars.Join(restorable(request, domain), untold(name, domain.raw.Odd))
	}
	if request.Kind == registrars.Renewal {
		if broken := request.Outdated(domain.Expires); broken != nil && !request.Expires.IsZero() {
			return found, broken.In(pluginName, name)
		}
		return found, untold(name, domain.raw.Odd)
	}
	s, _ := serviceFor(request.Kind)
	if s.reads {
		if err := s.readable(domain); err != nil {
			return found, err
		}
		_, err = s.body(&composition{request: request, domain: domain})
	}
	return found, err
}

// restorable refuses to restore a domain that is not in redemption, or whose restore somebody
// else has asked for already.
func restorable(request registrars.Request, domain state) error {
	const name = "domains/get"
	s, _ := serviceFor(request.Kind)
	if err := s.readable(domain); err != nil {
		return err
	}
	if internal.Busy(domain.raw.Status) {
		return &registrars.Error{
			Registrar: pluginName, Call: name, Class: registrars.ClassTemporary, Refused: true, Field: "domain",
			Rule: "another change of the domain is under way", After: internal.BusyWait,
		}
	}
	return request.Unrestorable(domain.Phase, internal.PlainWords(domain.raw.Status)).In(pluginName, name)
}

const nameCheck = "domains/check"

func (r *RealtimeRegister) availability(ctx context.Context, name domains.Name) (internal.Check, error) {
	var answer internal.Check
	err := r.read(ctx, nameCheck, internal.Path("domains", name.String(), "check"), &answer)
	if err == nil && answer.Available == nil {
		err = &registrars.Error{
			Registrar: pluginName, Call: nameCheck, Class: registrars.ClassTemporary, Field: "domain", Rule: "the registrar cannot tell whether it is available",
		}
	}
	return answer, err
}

// checkAvailable asks whether the name can be registered.
func (r *RealtimeRegister) checkAvailable(ctx context.Context, name domains.Name) (internal.Check, error) {
	answer, err := r.availability(ctx, name)
	if err == nil && !*answer.Available {
		err = &registrars.Error{
			Registrar: pluginName, Call: nameCheck, Class: registrars.ClassUnavailable, Field: "domain", Rule: "not available", Detail: answer.Reason,
		}
	}
	if err == nil {
		err = untold(nameCheck, answer.Odd)
	}
	return answer, err
}

// checkRegistered asks whether there is anything to transfer.
func (r *RealtimeRegister) checkRegistered(ctx context.Context, name domains.Name) (internal.Check, error) {
	answer, err := r.availability(ctx, name)
	if err == nil && *answer.Available {
		err = errs.Invalid(nameCheck, "domain", "is not registered anywhere: order a registration")
	}
	if err == nil {
		err = untold(nameCheck, answer.Odd)
	}
	return answer, err
}

// untold is the error of an answer that says of a premium name what cannot be read. Taken for
// absent, it would make the name an ordinary one.
func untold(call string, odd internal.Odd) error {
	if !oddAmong(odd, "premium", "currency", "price") {
		return nil
	}
	return &registrars.Error{
		Registrar: pluginName, Call: call, Class: registrars.ClassTemporary, Field: "domain", Rule: "the registrar cannot tell whether it is a premium name, and at which price",
	}
}
