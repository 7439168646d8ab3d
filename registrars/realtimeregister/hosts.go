package realtimeregister

import (
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/realtimeregister/internal"
)

// FindHost implements registrars.HostKeeper: the host itself, or else an open process that
// makes it. One that ends between the two calls is found by the next look; until then a
// second host is refused.
func (r *RealtimeRegister) FindHost(ctx context.Context, name string) (registrars.HeldHost, error) {
	const call = "hosts/get"
	var host internal.Host
	err := r.read(ctx, call, internal.Path("hosts", name), &host)
	if err == nil {
		found := registrars.HeldHost{State: registrars.FoundObject}
		for _, one := range host.Addresses {
			address, err := netip.ParseAddr(one.Address)
			if err != nil {
				return registrars.HeldHost{}, &registrars.Error{
					Registrar: pluginName, Call: call, Class: registrars.ClassTemporary, Err: &internal.MalformedError{Why: "an address that is none"},
				}
			}
			found.Addresses = append(found.Addresses, address)
		}
		return found, nil
	}
	// It is not there, or in another account (403): then CreateHost is refused.
	if registrars.ClassOf(err) != registrars.ClassNotFound {
		return registrars.HeldHost{}, err
	}
	list, err := r.processes(ctx, url.Values{
		"identifier:eq": {name}, "type:eq": {internal.TypeHost}, "order": {"-createdDate"}, "limit": {strconv.Itoa(internal.RecentProcesses)},
	})
	if err != nil {
		return registrars.HeldHost{}, err
	}
	state := registrars.FoundNothing
	for _, process := range list {
		switch {
		case process.Identifier == "" || process.Unreadable() != "" && strings.EqualFold(process.Identifier, name):
			state = registrars.Unclear // it stands in the list of this host
		case strings.EqualFold(process.Identifier, name) && !statusOf(internal.FateOf(process.Status)).Final():
			return registrars.HeldHost{State: registrars.FoundOperation}, nil
		}
	}
	return registrars.HeldHost{State: state}, nil
}

// CreateHost implements registrars.HostKeeper. Callers look after an error, so "it exists" and
// a failed process are plain refusals here.
func (r *RealtimeRegister) CreateHost(ctx context.Context, host domains.Host) (registrars.Status, error) {
	body := internal.Host{Addresses: make([]internal.HostAddress, len(host.Addresses))}
	for i, address := range host.Addresses {
		version := internal.IPv4
		if address.Is6() {
			version = internal.IPv6
		}
		body.Addresses[i] = internal.HostAddress{Version: version, Address: address.String()}
	}
	c := call{
		Call: internal.Call{Method: http.MethodPost, Path: internal.Path("hosts", host.Name), Body: body, Writes: true}, name: "hosts/create",
	}
	answer, err := r.do(ctx, c)
	if e, ok := registrars.AsError(err); ok {
		switch e.Code {
		case typeExists:
			e.Class, e.Field, e.Rule = registrars.ClassConflict, "nameServers", "the host exists"
		case typeProcessError:
			e.Class, e.Field, e.Rule = registrars.ClassRejected, "nameServers", "the registrar could not register the host"
		case typeMissing:
			e.Class, e.Field, e.Rule = registrars.ClassRejected, "nameServers", "the domain of the host does not exist at the registrar"
		}
	}
	if err != nil {
		return "", err
	}
	if !answer.Empty() {
		var host internal.Host
		if err := answer.Read(&host); err != nil {
			return "", r.failure(c, err)
		}
	}
	done, ok := internal.Finished(answer.Status)
	switch {
	case !ok:
		return "", unknownStatus(c.name, answer.Status)
	case !done:
		return registrars.StatusPending, nil
	}
	return registrars.StatusDone, nil
}
