package epp

import (
	"context"
	"net/netip"
	"strconv"
	"strings"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/epp/internal/objects"
)

// FindHost implements registrars.HostKeeper. Where hosts are attributes, one exists when its
// domain is delegated to it.
func (e *EPP) FindHost(ctx context.Context, name string) (registrars.HeldHost, error) {
	if e.settings.Hosts == hostAttributes {
		return e.findAttribute(ctx, name)
	}
	answer, err := e.ask(ctx, objects.InfoHost{Name: name})
	switch {
	case hasCode(err, objects.NotThere):
		return registrars.HeldHost{State: registrars.FoundNothing}, nil
	case err != nil && registrars.ClassOf(err) == registrars.ClassNotFound:
		return registrars.HeldHost{State: registrars.FoundNothing}, nil // another registrar's: CreateHost is refused
	case err != nil:
		return registrars.HeldHost{}, err
	case answer.Host == nil || !strings.EqualFold(answer.Host.Name, name):
		return registrars.HeldHost{}, errs.NoAnswer("host:info", false, &objects.MalformedError{Why: "it is not about the host"})
	}
	e.know(name)
	return registrars.HeldHost{State: registrars.FoundObject, Addresses: answer.Host.Addresses}, nil
}

// CreateHost implements registrars.HostKeeper.
func (e *EPP) CreateHost(ctx context.Context, host domains.Host) (registrars.Status, error) {
	if e.settings.Hosts == hostAttributes {
		return e.createAttribute(ctx, host)
	}
	answer, err := e.ask(ctx, objects.CreateHost{Host: objects.Host{Name: host.Name, Addresses: host.Addresses}})
	if refused, ok := registrars.AsError(err); ok {
		switch {
		case hasCode(err, objects.Exists):
			refused.Class, refused.Field, refused.Rule = registrars.ClassConflict, "nameServers", "the host exists"
		case hasCode(err, objects.NotThere):
			refused.Class, refused.Field, refused.Rule = registrars.ClassRejected, "nameServers", "the domain of the host does not exist at the registry"
		}
	}
	if err != nil {
		return "", err
	}
	e.know(host.Name)
	return statusOfCode(answer.Code()), nil
}

func statusOfCode(code objects.Code) registrars.Status {
	if code == objects.Pending {
		return registrars.StatusPending
	}
	return registrars.StatusDone
}

// above is the domain of this account that a host is below.
func (e *EPP) above(ctx context.Context, host string) (held, error) {
	missing := errs.Invalid(nameInfo, "nameServers", "a host below a domain of the account")
	for _, parent, more := strings.Cut(host, "."); more; _, parent, more = strings.Cut(parent, ".") {
		name, err := domains.ParseName(parent)
		if err != nil {
			break // a top-level domain
		}
		domain, err := e.read(ctx, name)
		if err == nil || registrars.ClassOf(err) != registrars.ClassNotFound {
			return domain, err
		}
		missing = err
	}
	return held{}, missing
}

func (e *EPP) findAttribute(ctx context.Context, name string) (registrars.HeldHost, error) {
	domain, err := e.above(ctx, name)
	if err != nil && registrars.ClassOf(err) == registrars.ClassNotFound {
		return registrars.HeldHost{State: registrars.FoundNothing}, nil
	}
	if err != nil {
		return registrars.HeldHost{}, err
	}
	for _, server := range domain.raw.NameServers {
		if strings.EqualFold(server.Name, name) {
			return registrars.HeldHost{State: registrars.FoundObject, Addresses: server.Addresses}, nil
		}
	}
	if domain.raw.Has(objects.PendingUpdate) {
		return registrars.HeldHost{State: registrars.FoundOperation}, nil
	}
	return registrars.HeldHost{State: registrars.FoundNothing}, nil
}

// createAttribute delegates the domain of a host to it as well: an attribute lives nowhere else.
func (e *EPP) createAttribute(ctx context.Context, host domains.Host) (registrars.Status, error) {
	domain, err := e.above(ctx, host.Name)
	if err != nil && registrars.ClassOf(err) == registrars.ClassNotFound {
		return "", &registrars.Error{
			Registrar: pluginName, Call: nameInfo, Class: registrars.ClassRejected, Field: "nameServers", Rule: "the domain of the host is not in this account",
		}
	}
	if err != nil {
		return "", err
	}
	if domain.NameServers.Contains(host.Name) {
		return "", &registrars.Error{Registrar: pluginName, Call: nameInfo, Class: registrars.ClassConflict, Field: "nameServers", Rule: "the host exists"}
	}
	answer, err := e.ask(ctx, objects.UpdateDomain{
		Name: domain.Name.String(), AsAttributes: true, Add: objects.Part{NameServers: []objects.Host{{Name: host.Name, Addresses: host.Addresses}}},
	})
	if err != nil {
		return "", err
	}
	return statusOfCode(answer.Code()), nil
}

// delegation returns the hosts of a request in its order, after making those objects that the
// registry does not know. Such a host is not below the domain, and has no addresses here.
func (e *EPP) delegation(ctx context.Context, request registrars.Request) ([]objects.Host, error) {
	hosts := make([]objects.Host, len(request.NameServers))
	for i, name := range request.NameServers {
		hosts[i] = objects.Host{Name: name}
	}
	if e.settings.Hosts == hostAttributes {
		return hosts, e.addresses(ctx, request, hosts)
	}
	var unknown []string
	for _, name := range request.NameServers {
		if !e.knows(name) {
			unknown = append(unknown, name)
		}
	}
	missing, err := e.missing(ctx, unknown)
	if err != nil {
		return nil, err
	}
	for _, name := range missing {
		if err := e.makeHost(ctx, request, name); err != nil {
			return nil, err
		}
	}
	return hosts, nil
}

// checkedFrom is the number of hosts from which on one question costs less than to try each: most
// domains have two, and those of a platform are known after the first order.
const checkedFrom = 3

// missing returns those hosts that have to be made, or tried.
func (e *EPP) missing(ctx context.Context, unknown []string) ([]string, error) {
	if len(unknown) < checkedFrom {
		return unknown, nil
	}
	answer, err := e.ask(ctx, objects.CheckHosts{Names: unknown})
	if err != nil {
		return nil, err
	}
	taken := map[string]bool{}
	for _, one := range answer.Available {
		taken[strings.ToLower(one.Name)] = !one.Free
	}
	var missing []string
	for _, name := range unknown {
		if taken[name] {
			e.know(name)
		} else {
			missing = append(missing, name)
		}
	}
	return missing, nil
}

// makeHost makes a host that is not below the domain. One that exists serves as it is.
func (e *EPP) makeHost(ctx context.Context, request registrars.Request, name string) error {
	if strings.HasSuffix(name, "."+request.Domain.String()) {
		return nil // made by CreateHost, which knows its addresses; or the registry refuses it
	}
	_, err := e.ask(ctx, objects.CreateHost{Host: objects.Host{Name: name}})
	if err == nil || hasCode(err, objects.Exists) {
		e.know(name)
		return nil
	}
	refused, ok := registrars.AsError(err)
	if !ok {
		return err
	}
	switch refused.Class {
	case registrars.ClassOutcomeUnknown:
		refused.Class = registrars.ClassTemporary // a host costs nothing, and the next try finds it
	case registrars.ClassInvalid, registrars.ClassRejected, registrars.ClassNotFound:
		refused.Class, refused.Field = registrars.ClassInvalid, "nameServers"
		for at, host := range request.NameServers {
			if host == name {
				refused.Field += "." + strconv.Itoa(at)
			}
		}
		refused.Rule = "the registry has no such host and makes none: " + refused.Rule
	}
	return err
}

// addresses fills in the addresses of hosts below the domain, where hosts are attributes: they are
// those that the domain has, or that the order gives.
func (e *EPP) addresses(ctx context.Context, request registrars.Request, hosts []objects.Host) error {
	known := map[string][]netip.Addr{}
	for _, host := range request.Hosts {
		known[strings.ToLower(host.Name)] = host.Addresses
	}
	for i, host := range hosts {
		if !strings.HasSuffix(host.Name, "."+request.Domain.String()) {
			continue
		}
		addresses, ok := known[host.Name]
		if !ok {
			found, err := e.findAttribute(ctx, host.Name)
			if err != nil {
				return err
			}
			addresses = found.Addresses
		}
		hosts[i].Addresses = addresses
	}
	return nil
}

// most bounds each of the things that a process remembers. Forgetting costs a command.
const most = 10_000

func remember[V any](e *EPP, all map[string]V, key string, value V) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(all) >= most {
		clear(all)
	}
	all[key] = value
}

func (e *EPP) know(name string) { remember(e, e.hosts, strings.ToLower(name), true) }

// unknow forgets hosts that the registry seems to lack.
func (e *EPP) unknow(names domains.NameServers) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, name := range names {
		delete(e.hosts, strings.ToLower(name))
	}
}

func (e *EPP) knows(name string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.hosts[strings.ToLower(name)]
}
