package epp

import (
	"context"
	"slices"
	"strings"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/epp/internal/objects"
)

// updated makes the judgement of an update by what the domain shows. It proves nothing while the
// domain leaves, or says something that nobody knows.
func updated(shown func(held, string) (string, bool)) func(held, string) registrars.FindingState {
	return func(domain held, sign string) registrars.FindingState {
		have, readable := shown(domain, sign)
		switch {
		case domain.raw.Has(objects.PendingUpdate):
			return registrars.FoundOperation
		case sign == "" || !readable || leaving(domain.raw):
			return registrars.Unclear
		case have == sign:
			return registrars.FoundObject
		case strange(domain.raw):
			return registrars.Unclear
		}
		return registrars.FoundNothing
	}
}

// only is for what the domain shows whatever was asked for.
func only(shown func(held) (string, bool)) func(held, string) (string, bool) {
	return func(domain held, _ string) (string, bool) { return shown(domain) }
}

func (e *EPP) changeOwner(_ context.Context, request registrars.Request) (objects.Command, error) {
	if !e.hasRole(registrars.Owner) {
		return nil, nil // the registry keeps no holder
	}
	return objects.UpdateDomain{Name: request.Domain.String(), Registrant: request.Contacts[registrars.Owner].Handle}, nil
}

func ownerSign(_ *EPP, request registrars.Request) string {
	return digest(strings.ToUpper(request.Contacts[registrars.Owner].Handle))
}

func ownerShown(domain held) (string, bool) {
	return digest(strings.ToUpper(domain.raw.Registrant)), true
}

// changeContacts takes the old contacts of the roles away and adds the new ones.
func (e *EPP) changeContacts(ctx context.Context, request registrars.Request) (objects.Command, error) {
	domain, err := e.here(ctx, request)
	if err != nil {
		return nil, err
	}
	_, wanted := e.contactsOf(request)
	command := objects.UpdateDomain{Name: request.Domain.String()}
	for _, contact := range wanted {
		if !slices.ContainsFunc(domain.raw.Contacts, contact.Same) {
			command.Add.Contacts = append(command.Add.Contacts, contact)
		}
	}
	for _, contact := range domain.raw.Contacts {
		ours := slices.ContainsFunc(wanted, func(w objects.ContactRef) bool { return w.Role == contact.Role })
		if ours && !slices.ContainsFunc(wanted, contact.Same) {
			command.Remove.Contacts = append(command.Remove.Contacts, contact)
		}
	}
	return unlessEmpty(command)
}

// unlessEmpty is the command, or nil if it would change nothing: registries refuse it.
func unlessEmpty(command objects.UpdateDomain) (objects.Command, error) {
	if command.Add.Empty() && command.Remove.Empty() {
		return nil, nil
	}
	return command, nil
}

// contactsSign names the roles that were set, because the domain may have others: roles.digest.
func contactsSign(e *EPP, request registrars.Request) string {
	_, wanted := e.contactsOf(request)
	return contactsDigest(wanted)
}

func contactsDigest(contacts []objects.ContactRef) string {
	if len(contacts) == 0 {
		return ""
	}
	roles, all := make([]string, len(contacts)), make([]string, len(contacts))
	for i, contact := range contacts {
		roles[i], all[i] = contact.Role, contact.Role+"="+strings.ToUpper(contact.Handle)
	}
	slices.Sort(roles)
	slices.Sort(all)
	return strings.Join(slices.Compact(roles), "+") + "." + digest(all...)
}

func contactsShown(domain held, sign string) (string, bool) {
	named, _, _ := strings.Cut(sign, ".")
	roles := strings.Split(named, "+")
	return contactsDigest(slices.DeleteFunc(slices.Clone(domain.raw.Contacts), func(contact objects.ContactRef) bool {
		return !slices.Contains(roles, contact.Role)
	})), true
}

func (e *EPP) changeNameServers(ctx context.Context, request registrars.Request) (objects.Command, error) {
	domain, err := e.here(ctx, request)
	if err != nil {
		return nil, err
	}
	wanted, err := e.delegation(ctx, request)
	if err != nil {
		return nil, err
	}
	command := objects.UpdateDomain{Name: request.Domain.String(), AsAttributes: e.settings.Hosts == hostAttributes}
	for _, host := range wanted {
		if !domain.NameServers.Contains(host.Name) {
			command.Add.NameServers = append(command.Add.NameServers, host)
		}
	}
	for at, name := range domain.NameServers {
		if !request.NameServers.Contains(name) {
			command.Remove.NameServers = append(command.Remove.NameServers, objects.Host{Name: domain.raw.NameServers[at].Name})
		}
	}
	if moves := !command.Add.Empty() || !command.Remove.Empty(); moves && request.Settings.DNSSEC != nil {
		// In one command: signed by the keys of one zone and served by the other, nobody would find it.
		if command.DNSSEC, err = e.signing(ctx, request, domain); err != nil {
			return nil, err
		}
	}
	return unlessEmpty(command)
}

func serversSign(_ *EPP, request registrars.Request) string {
	return serversDigest(request.NameServers)
}

func serversShown(domain held) (string, bool) { return serversDigest(domain.NameServers), true }

func serversDigest(servers domains.NameServers) string {
	sorted := make([]string, len(servers))
	for i, host := range servers {
		sorted[i] = strings.ToLower(host)
	}
	slices.Sort(sorted)
	return digest(sorted...)
}

func (e *EPP) changeAuthCode(_ context.Context, request registrars.Request) (objects.Command, error) {
	return objects.UpdateDomain{Name: request.Domain.String(), AuthInfo: e.authCode(request)}, nil
}

// codeSign is "" without a code of the caller: ours is random and known to nobody.
func codeSign(_ *EPP, request registrars.Request) string {
	if request.NewAuthCode.IsZero() {
		return ""
	}
	return digest(request.NewAuthCode.Reveal())
}

// codeShown is readable where the registry shows the code to the sponsor.
func codeShown(domain held) (string, bool) {
	return digest(domain.raw.AuthInfo.Reveal()), !domain.raw.AuthInfo.IsZero()
}

func (e *EPP) changeLock(ctx context.Context, request registrars.Request) (objects.Command, error) {
	domain, err := e.here(ctx, request)
	if err != nil {
		return nil, err
	}
	command := objects.UpdateDomain{Name: request.Domain.String()}
	switch have, want := domain.raw.Has(objects.ClientTransferProhibit), *request.Settings.Lock; {
	case want && !have:
		command.Add.Statuses = []string{objects.ClientTransferProhibit}
	case have && !want:
		command.Remove.Statuses = []string{objects.ClientTransferProhibit}
	}
	return unlessEmpty(command)
}

func lockSign(_ *EPP, request registrars.Request) string {
	if request.Settings.Lock == nil {
		return ""
	}
	return domains.OnOff(*request.Settings.Lock)
}

func lockShown(domain held) (string, bool) {
	return domains.OnOff(domain.raw.Has(objects.ClientTransferProhibit)), true
}
