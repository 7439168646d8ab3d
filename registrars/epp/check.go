package epp

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/epp/internal/objects"
)

const (
	ruleNotHere = "is not in this account"
	nameCheck   = "domain:check"
	mostYears   = 99 // of the schema; registries take less and say so
)

var plainHandle = regexp.MustCompile(`^[!-~]{3,16}$`)

// Check implements registrars.Registrar: our own rules first, then whether the name is where the
// request needs it, and what it costs, in one command where the registry tells prices.
func (e *EPP) Check(ctx context.Context, request registrars.Request) error {
	if err := checkSound(request); err != nil {
		return err
	}
	broken := registrars.Join(e.checkFields(request), e.checkContacts(request))
	if broken != nil && !request.Ordered || request.Nameless() {
		return broken
	}
	err := e.checkName(ctx, request)
	if errors.Is(err, errNotYetHere) {
		err = nil
	}
	return registrars.Join(broken, err)
}

// checkRequest checks the rules that need no call.
func (e *EPP) checkRequest(request registrars.Request) error {
	if err := checkSound(request); err != nil {
		return err
	}
	return e.checkFields(request)
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
func (e *EPP) checkFields(request registrars.Request) error {
	const name = "check"
	found := []error{
		request.LongAuthCode(maxAuthCode).In(pluginName, name), request.UntakenLanguage().In(pluginName, name), e.checkSettings(request),
	}
	if request.Kind.HasPeriod() && request.Years > mostYears {
		found = append(found, errs.Invalid(name, "years", fmt.Sprintf("at most %d", mostYears)))
	}
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
		if parsed, err := domains.ParseHost(host); err != nil || parsed != host {
			return registrars.HostBroken(at, "a host name in lower case").In(pluginName, name)
		}
	}
	return nil
}

// checkSettings checks the value of a setting.
func (e *EPP) checkSettings(request registrars.Request) error {
	const name = "check"
	if broken := request.Unset(); broken != nil {
		return broken.In(pluginName, name)
	}
	if request.Kind == registrars.DNSSECChange || request.Kind == registrars.NameServerChange && request.Settings.DNSSEC != nil {
		return e.checkDNSSEC(request).In(pluginName, name)
	}
	return nil
}

// errNotYetHere says that the domain of a setting is not in the account. The setting may be a
// late step of the order that brings the domain here; Submit checks again.
var errNotYetHere = errors.New("the domain is not in the account yet")

// checkName asks whether the name is where the request needs it, and what the request costs.
func (e *EPP) checkName(ctx context.Context, request registrars.Request) error {
	if request.Kind == registrars.Registration {
		free, err := e.available(ctx, request)
		switch {
		case err != nil:
			return err
		case !free.Free:
			return &registrars.Error{
				Registrar: pluginName, Call: nameCheck, Class: registrars.ClassUnavailable, Field: "domain", Rule: "not available", Detail: free.Reason,
			}
		}
		return e.checkPrice(ctx, request)
	}
	domain, err := e.read(ctx, request.Domain)
	here := err == nil && !leaving(domain.raw)
	missing := err != nil && registrars.ClassOf(err) == registrars.ClassNotFound
	switch {
	case err != nil && !missing:
		return err
	case request.Kind == registrars.Transfer && here:
		return errs.Invalid(nameInfo, "domain", "is in this account already")
	case request.Kind == registrars.Transfer && missing && hasCode(err, objects.NotThere):
		return errs.Invalid(nameInfo, "domain", "is not registered anywhere: order a registration")
	case request.Kind == registrars.Transfer:
		return e.checkPrice(ctx, request)
	case missing && request.Kind.SettingField() != "":
		return errNotYetHere
	case missing:
		return errs.Invalid(nameInfo, "domain", ruleNotHere)
	}
	switch request.Kind {
	case registrars.Restore:
		if broken := request.Unrestorable(domain.Phase, domain.Word); broken != nil {
			return broken.In(pluginName, nameInfo)
		}
	case registrars.Renewal:
		if broken := request.Outdated(domain.Expires); broken != nil && !request.Expires.IsZero() {
			return broken.In(pluginName, nameInfo)
		}
	}
	return e.checkPrice(ctx, request)
}

// available asks whether a name can be registered. Where the registry tells prices, it tells
// them in the same answer, and they are remembered for checkPrice.
func (e *EPP) available(ctx context.Context, request registrars.Request) (objects.Availability, error) {
	question, err := e.question(ctx, request)
	if err != nil {
		return objects.Availability{}, err
	}
	answer, err := e.ask(ctx, question)
	if err != nil {
		return objects.Availability{}, err
	}
	e.keepQuote(request, answer)
	for _, one := range answer.Available {
		if isName(one.Name, request.Domain) {
			return one, nil
		}
	}
	return objects.Availability{}, &registrars.Error{
		Registrar: pluginName, Call: nameCheck, Class: registrars.ClassTemporary, Field: "domain", Rule: "the registry does not say whether it is available",
	}
}
