package epp

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/epp/internal/objects"
)

// held is a domain of this account as the registry shows it, with what the contract makes of it.
type held struct {
	registrars.Domain
	raw objects.Domain
}

// ReadDomain implements registrars.Registrar.
func (e *EPP) ReadDomain(ctx context.Context, name domains.Name) (registrars.Domain, error) {
	read, err := e.read(ctx, name)
	return read.Domain, err
}

const nameInfo = "domain:info"

// read reads a domain of this account. The error for a domain that another registrar sponsors is
// of ClassNotFound without the code of one that does not exist.
func (e *EPP) read(ctx context.Context, name domains.Name) (held, error) {
	if name.IsZero() {
		return held{}, errs.Invalid(nameInfo, "domain", "required")
	}
	raw, err := e.info(ctx, name)
	if err != nil {
		return held{}, err
	}
	if !e.ours(raw) {
		return held{}, &registrars.Error{
			Registrar: pluginName, Call: nameInfo, Class: registrars.ClassNotFound, Field: "domain", Rule: "another registrar has it",
		}
	}
	offers, err := e.registry.Offers(ctx)
	if err != nil {
		return held{}, e.failure(nameInfo, false, err)
	}
	return e.heldOf(name, raw, offers.Grace), nil
}

// info reads a domain, whoever has it, as far as the registry shows it.
func (e *EPP) info(ctx context.Context, name domains.Name) (objects.Domain, error) {
	answer, err := e.ask(ctx, objects.InfoDomain{Name: name.String()})
	if err != nil {
		return objects.Domain{}, err
	}
	if answer.Domain == nil || !isName(answer.Domain.Name, name) || answer.Domain.Sponsor == "" {
		return objects.Domain{}, errs.NoAnswer(nameInfo, false, &objects.MalformedError{Why: "it is not about the domain, or does not say who has it"})
	}
	return *answer.Domain, nil
}

// ours reports whether the registry says that we have the domain.
func (e *EPP) ours(raw objects.Domain) bool { return e.isUs(raw.Sponsor) }

// isUs reports whether a registrar's id in an answer is ours.
func (e *EPP) isUs(id string) bool { return strings.EqualFold(id, e.settings.RegistrarID) }

// isName compares a name in an answer, which may be written in Unicode or with a dot at its end.
func isName(text string, name domains.Name) bool {
	if strings.EqualFold(text, name.String()) {
		return true
	}
	parsed, err := domains.ParseName(strings.TrimSuffix(text, "."))
	return err == nil && parsed == name
}

// heldOf makes of a domain what the contract knows. graced says that the registry shows grace
// periods (RFC 3915).
func (e *EPP) heldOf(name domains.Name, raw objects.Domain, graced bool) held {
	phase := e.phase(raw, graced)
	domain := registrars.Domain{
		Name: name, Handles: map[registrars.Role]string{}, Created: raw.Created, Expires: raw.Expires, Word: words(raw), Phase: phase,
		// A domain that the registry has renewed by itself is registered, while it can be given back.
		Active: (phase == registrars.PhaseActive || raw.In(objects.AutoRenewPeriod) && phase == registrars.PhaseRenewGrace) && !pending(raw, objects.PendingCreate),
	}
	locked := raw.Has(objects.ClientTransferProhibit)
	domain.Settings.Lock = &locked
	if !raw.UnreadableDNSSEC {
		domain.Settings.DNSSEC = &domains.DNSSEC{Sign: len(raw.DS)+len(raw.Keys) > 0}
	}
	if raw.Registrant != "" {
		domain.Handles[registrars.Owner] = raw.Registrant
	}
	for _, role := range []registrars.Role{registrars.Admin, registrars.Tech, registrars.Billing} {
		if handle := raw.Contact(string(role)); handle != "" {
			domain.Handles[role] = handle
		}
	}
	for _, server := range raw.NameServers {
		host, err := domains.ParseHost(server.Name)
		if err != nil {
			host = server.Name // shown unchanged, so that the caller sees the difference
		}
		domain.NameServers = append(domain.NameServers, host)
	}
	return held{domain, raw}
}

// phase is where the domain is in its life: unknown for any word that nobody knows.
func (e *EPP) phase(raw objects.Domain, graced bool) registrars.Phase {
	expired := !raw.Expires.IsZero() && raw.Expires.Before(e.now())
	switch {
	case strange(raw):
		return registrars.PhaseUnknown
	case raw.In(objects.RedemptionPeriod), raw.In(objects.PendingRestore):
		return registrars.PhaseRedemption
	case raw.In(objects.GraceDelete), raw.Has(objects.PendingDelete) && !graced:
		return registrars.PhasePendingDelete
	case raw.Has(objects.PendingDelete):
		return registrars.PhaseUnknown // the deletion is not carried out yet
	case raw.In(objects.AutoRenewPeriod), expired:
		return registrars.PhaseRenewGrace
	}
	return registrars.PhaseActive
}

// strange reports whether a domain has a word that nobody knows.
func strange(raw objects.Domain) bool {
	unknown := func(known []string) func(string) bool {
		return func(word string) bool { return !slices.Contains(known, word) }
	}
	return slices.ContainsFunc(raw.Statuses, unknown(objects.Statuses())) || slices.ContainsFunc(raw.Grace, unknown(objects.Graces()))
}

func pending(raw objects.Domain, statuses ...string) bool {
	return slices.ContainsFunc(statuses, raw.Has)
}

// leaving reports whether the domain is being deleted: its state proves nothing about a change.
func leaving(raw objects.Domain) bool {
	return raw.Has(objects.PendingDelete) || raw.In(objects.RedemptionPeriod) || raw.In(objects.PendingRestore) || raw.In(objects.GraceDelete)
}

var plainWord = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,39}$`)

// words are the statuses in the registry's words, as far as they can be shown.
func words(raw objects.Domain) string {
	var shown []string
	for _, word := range append(slices.Clone(raw.Statuses), raw.Grace...) {
		if plainWord.MatchString(word) && !slices.Contains(shown, word) {
			shown = append(shown, word)
		}
	}
	return strings.Join(shown, ", ")
}
