package registrarstest

import (
	"net/netip"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
)

// HostWorld is the World of a plug-in that registers hosts below a domain.
type HostWorld interface {
	World
	// Hosts counts the hosts of a name, and the requests to make one that are in progress.
	Hosts(name string) int
	// BreakHost makes the next CreateHost meet the fault. It reports false if the registrar has
	// no such fault.
	BreakHost(fault Fault) bool
}

// hostBelow returns a host below a domain.
func hostBelow(name domains.Name) domains.Host {
	return domains.Host{Name: "ns1." + name.String(), Addresses: []netip.Addr{
		netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1"),
	}}
}

// keepsHosts examines a HostKeeper, and that any other plug-in refuses hosts.
func keepsHosts(e *examination) {
	r, w := e.subject.New(e.t)
	keeper, keeps := r.(registrars.HostKeeper)
	if !keeps {
		refusesHosts(e, r, w)
		return
	}
	world, ok := w.(HostWorld)
	if !ok {
		e.find("the plug-in registers hosts, but its World does not count them")
		return
	}
	// An order for a new name on hosts below it is taken, and nothing is made yet.
	arriving := world.Request(registrars.Registration, 2)
	below := hostBelow(arriving.Domain)
	arriving.Contacts, arriving.NameServers, arriving.Hosts = nil, domains.NameServers{"ns2.dns.example", below.Name}, domains.Hosts{below}
	if err := r.Check(e.t.Context(), arriving); err != nil || world.Hosts(below.Name) != 0 {
		e.find("Check with hosts: %v, %d hosts", err, world.Hosts(below.Name))
	}
	domain := world.Request(registrars.NameServerChange, 1)
	host := hostBelow(domain.Domain)
	e.sees(keeper, host, registrars.FoundNothing)
	if _, err := keeper.CreateHost(e.t.Context(), host); err != nil {
		e.find("CreateHost: %v", err)
		return
	}
	e.sees(keeper, host, registrars.FoundObject)
	// A domain can be delegated to it.
	domain.NameServers = domains.NameServers{host.Name, "ns2.dns.example"}
	if operation, err := r.Submit(e.t.Context(), domain); err != nil || operation.Status == registrars.StatusFailed {
		e.find("a name server change to a host that exists: %s, %v", operation.Status, err)
	}
	if _, err := keeper.CreateHost(e.t.Context(), host); err == nil {
		e.find("a second CreateHost makes a second host, or hides that it exists")
	} else {
		e.trouble(r, "a second CreateHost", err)
	}
	if n := world.Hosts(host.Name); n != 1 {
		e.find("%d hosts", n)
	}
}

// refusesHosts: a plug-in that cannot register hosts says so before any call, and names the
// name server.
func refusesHosts(e *examination, r registrars.Registrar, w World) {
	for _, kind := range r.Describe().Kinds {
		if !kind.Delegates() {
			continue
		}
		request := w.Request(kind, 1)
		host := hostBelow(request.Domain)
		request.NameServers, request.Hosts = domains.NameServers{"ns2.dns.example", host.Name}, domains.Hosts{host}
		before := w.Calls()
		err := r.Check(e.t.Context(), request)
		class := e.trouble(r, string(kind)+": Check with hosts", err)
		refusal, ok := registrars.AsError(err)
		if class != registrars.ClassInvalid || !ok || refusal.Field != "nameServers.1" {
			e.find("%s: the plug-in registers no hosts, and its refusal does not name the name server: %v", kind, err)
		}
		if w.Calls() != before {
			e.find("%s: it asks the registrar before it refuses hosts", kind)
		}
	}
}

// findsLostHosts: after a lost answer the host is found by looking, and a request that never
// arrived leaves none.
func findsLostHosts(e *examination) {
	for _, fault := range []Fault{CutAfter, Malformed, CutBefore, HTTPError, RateLimited} {
		r, w := e.subject.New(e.t)
		keeper, keeps := r.(registrars.HostKeeper)
		world, ok := w.(HostWorld)
		if !keeps || !ok {
			return
		}
		domain := world.Request(registrars.NameServerChange, 1)
		host := hostBelow(domain.Domain)
		if !world.BreakHost(fault) {
			continue
		}
		_, err := keeper.CreateHost(e.t.Context(), host)
		class := e.trouble(r, "CreateHost: "+string(fault), err)
		want, left := registrars.FoundObject, 1
		if fault == CutBefore || fault == HTTPError || fault == RateLimited {
			want, left = registrars.FoundNothing, 0
		} else if class != registrars.ClassOutcomeUnknown {
			e.find("CreateHost: %s: class %s", fault, class)
		}
		e.sees(keeper, host, want)
		if n := world.Hosts(host.Name); n != left {
			e.find("CreateHost: %s: %d hosts", fault, n)
		}
	}
}

// sees expects what FindHost says of a host.
func (e *examination) sees(keeper registrars.HostKeeper, host domains.Host, want registrars.FindingState) {
	for range 2 {
		found, err := keeper.FindHost(e.t.Context(), host.Name)
		switch {
		case err != nil:
			e.find("FindHost: %v", err)
		case found.State != want:
			e.find("FindHost: %s, want %s", found.State, want)
		case want == registrars.FoundObject && !host.SameAddresses(found.Addresses):
			e.find("FindHost: other addresses: %v", found.Addresses)
		}
	}
}

// refusesLanguages: a code of a language means nothing for a name that is not
// internationalised.
func refusesLanguages(e *examination) {
	r, w := e.subject.New(e.t)
	if !r.Describe().Serves(registrars.Registration) {
		return
	}
	request := w.Request(registrars.Registration, 1)
	request.Language = "FRE"
	err := r.Check(e.t.Context(), request)
	class := e.trouble(r, "Check with a language", err)
	if refusal, ok := registrars.AsError(err); class != registrars.ClassInvalid || !ok || refusal.Field != "language" {
		e.find("a code of a language for a name of ASCII is not refused as such: %v", err)
	}
}
