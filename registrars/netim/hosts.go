package netim

import (
	"context"
	"strings"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/netim/internal"
)

const hostCreate = "hostCreate"

// FindHost implements registrars.HostKeeper with queryHostList, and for a host that is not in
// it with queryOpePending. A host that is made between the two calls is found by the next
// look; until then a second hostCreate is refused.
func (n *Netim) FindHost(ctx context.Context, name string) (registrars.HeldHost, error) {
	c := call{name: "queryHostList"}
	value, err := n.call(ctx, c, internal.String(name))
	if err != nil {
		return registrars.HeldHost{}, err
	}
	hosts, err := internal.ReadHosts(value)
	if err != nil {
		return registrars.HeldHost{}, failure(c, err)
	}
	state := registrars.FoundNothing
	for _, host := range hosts {
		switch {
		case host.Odd && (host.Name == "" || strings.EqualFold(host.Name, name)):
			state = registrars.Unclear
		case strings.EqualFold(host.Name, name):
			return registrars.HeldHost{State: registrars.FoundObject, Addresses: host.Addresses}, nil
		}
	}
	pending, odd, err := n.pending(ctx)
	if err != nil {
		return registrars.HeldHost{}, err
	}
	if odd > 0 {
		state = registrars.Unclear
	}
	for _, operation := range pending {
		if operation.unclear() {
			state = registrars.Unclear
		}
		if strings.EqualFold(operation.code, hostCreate) && strings.EqualFold(operation.data, name) {
			return registrars.HeldHost{State: registrars.FoundOperation}, nil
		}
	}
	return registrars.HeldHost{State: state}, nil
}

// CreateHost implements registrars.HostKeeper with hostCreate.
func (n *Netim) CreateHost(ctx context.Context, host domains.Host) (registrars.Status, error) {
	c := call{name: hostCreate, writes: true, field: "nameServers"}
	v4, v6 := host.Split()
	value, err := n.call(ctx, c, internal.String(host.Name), internal.Strings(v4), internal.Strings(v6))
	if err != nil {
		return "", err
	}
	reply, err := internal.ReadOperation(value)
	if err != nil {
		return "", failure(c, err)
	}
	if reply.Type != "" && !strings.EqualFold(reply.Type, hostCreate) {
		return "", errs.UnknownOutcome(c.name, "the answer is about an operation of another kind")
	}
	switch status := statusOf(reply.Status); status {
	case registrars.StatusDone, registrars.StatusPending:
		return status, nil
	case registrars.StatusFailed, registrars.StatusCancelled:
		return "", &registrars.Error{
			Registrar: pluginName, Call: c.name, Class: registrars.ClassRejected, Field: c.field,
			Rule: "the host could not be registered", Detail: reply.Message,
		}
	}
	return "", errs.UnknownOutcome(c.name, "its status is not known")
}
