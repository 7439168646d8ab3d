package activities

import (
	"context"
	"fmt"
	"strings"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
)

// RegisterHosts makes sure that the hosts below a domain exist at the registrar with the
// ordered addresses. It looks first, and again after every error, so however often it is
// tried, each host is made once. A host that exists with other addresses is a conflict: it
// may serve other domains, so a person decides.
func (r *Registrar) RegisterHosts(ctx context.Context, in RegisterHostsInput) (RegisterHostsResult, error) {
	keeper, ok := r.Registrar.(registrars.HostKeeper)
	if !ok {
		return RegisterHostsResult{}, refuse(registrars.ClassInvalid,
			"activities: hosts below %s cannot be registered at %s", in.Domain, r.Account)
	}
	for _, host := range in.Hosts {
		if err := r.registerHost(ctx, keeper, host); err != nil {
			return RegisterHostsResult{}, err
		}
	}
	return RegisterHostsResult{}, nil
}

func (r *Registrar) registerHost(ctx context.Context, keeper registrars.HostKeeper, host domains.Host) error {
	there, err := r.hostExists(ctx, keeper, host)
	if there || err != nil {
		return err
	}
	status, trouble := keeper.CreateHost(ctx, host)
	if trouble == nil && status == registrars.StatusDone {
		return nil
	}
	if trouble == nil {
		return r.hostPends(host.Name)
	}
	if BehaviourOf(registrars.ClassOf(trouble)).Retry {
		return fail(trouble) // the next try looks
	}
	// "It exists" may be the trace of an earlier try, or of the domain's former registrar.
	if there, err := r.hostExists(ctx, keeper, host); there || err != nil {
		return err
	}
	return fail(trouble)
}

// hostExists reports whether a host exists as ordered. One that is being made, and one with
// other addresses, are errors.
func (r *Registrar) hostExists(ctx context.Context, keeper registrars.HostKeeper, host domains.Host) (bool, error) {
	found, err := keeper.FindHost(ctx, host.Name)
	switch {
	case err != nil:
		return false, fail(err)
	case found.State == registrars.FoundNothing:
		return false, nil
	case found.State == registrars.FoundObject && host.SameAddresses(found.Addresses):
		return true, nil
	case found.State == registrars.FoundObject:
		return false, refuse(registrars.ClassConflict, "activities: host %s exists at %s with other addresses (%s); ordered: %s",
			host.Name, r.Account, words(found.Addresses), words(host.Addresses))
	case found.State == registrars.Unclear:
		return false, again(registrars.ClassTemporary, max(hostWithin, r.Registrar.Describe().ShortestPoll),
			"activities: %s cannot tell whether it has the host %s", r.Account, host.Name)
	}
	return false, r.hostPends(host.Name)
}

// hostPends waits for a host that the registrar is making.
func (r *Registrar) hostPends(name string) error {
	return again(registrars.ClassTemporary, max(hostWithin, r.Registrar.Describe().ShortestPoll),
		"activities: %s is still making the host %s", r.Account, name)
}

// hostWithin is how long to wait before a registrar is asked again whether a host is there,
// if it may be asked that often.
const hostWithin = time.Minute

func words[T fmt.Stringer](values []T) string {
	texts := make([]string, len(values))
	for i, value := range values {
		texts[i] = value.String()
	}
	return strings.Join(texts, ", ")
}
