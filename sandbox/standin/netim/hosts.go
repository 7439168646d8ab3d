package netim

import (
	"maps"
	"net/netip"
	"slices"
	"strings"

	"domainprovisioning/domains"
)

// host is a name server below a domain, with its addresses as sent.
type host struct{ v4, v6 []string }

// Host is a host that is registered here.
type Host struct {
	Name       string
	IPv4, IPv6 []string
}

// hostCreate registers a host below a domain of the account. Once it exists, or while it is
// being made, another one of the name is refused.
func (s *Server) hostCreate(c *call) (any, *fault) {
	name, err := domains.ParseHost(c.string("host"))
	if err != nil {
		return nil, invalid("host")
	}
	if s.superordinate(name) == nil {
		return nil, faultf(codeNotOurs, "Domain is not under your management")
	}
	v4, ok4 := addresses(c.args["ipv4"], netip.Addr.Is4)
	v6, ok6 := addresses(c.args["ipv6"], netip.Addr.Is6)
	switch {
	case !ok4 || len(v4)+len(v6) == 0:
		return nil, invalid("ipv4")
	case !ok6:
		return nil, invalid("ipv6")
	case s.state.hosts[name] != nil || s.state.pendingFor(name, "hostCreate") != nil:
		return nil, refuse("Host exists")
	}
	return s.start(c, order{code: "hostCreate", data: name, apply: func() { s.state.hosts[name] = &host{v4, v6} }})
}

// addresses reads an array of addresses of one kind.
func addresses(list *node, fits func(netip.Addr) bool) ([]string, bool) {
	var all []string
	if list == nil {
		return nil, true
	}
	for _, item := range list.children {
		address, err := netip.ParseAddr(item.value())
		if err != nil || !fits(address) || slices.Contains(all, address.String()) {
			return nil, false
		}
		all = append(all, address.String())
	}
	return all, true
}

func (s *Server) queryHostList(c *call) (any, *fault) {
	list := array{kind: "ns1:StructHostList"}
	matches := wildcard(c.string("filter"))
	for _, name := range slices.Sorted(maps.Keys(s.state.hosts)) {
		if !matches(name) {
			continue
		}
		list.items = append(list.items, structure{"StructHostList", []field{
			{"name", name}, {"ipv4", texts(s.state.hosts[name].v4)}, {"ipv6", texts(s.state.hosts[name].v6)},
		}})
	}
	return list, nil
}

func texts(values []string) array {
	list := array{kind: kindString}
	for _, value := range values {
		list.items = append(list.items, value)
	}
	return list
}

// superordinate returns the domain of the account that a host is below.
func (s *Server) superordinate(name string) *registration {
	for {
		if r := s.state.registrations[name]; r != nil {
			return r
		}
		_, rest, more := strings.Cut(name, ".")
		if !more {
			return nil
		}
		name = rest
	}
}

// glued reports whether a domain can be delegated to a host: one below the domain itself must
// be registered first.
func (s *Server) glued(name, ns string) bool {
	return ns != name && !strings.HasSuffix(ns, "."+name) || s.state.hosts[ns] != nil
}

// Hosts lists the hosts by name.
func (s *Server) Hosts() []Host {
	defer s.look()()
	out := make([]Host, 0, len(s.state.hosts))
	for _, name := range slices.Sorted(maps.Keys(s.state.hosts)) {
		h := s.state.hosts[name]
		out = append(out, Host{name, slices.Clone(h.v4), slices.Clone(h.v6)})
	}
	return out
}

// AddHost adds a host that exists already.
func (s *Server) AddHost(h Host) {
	defer s.look()()
	s.state.hosts[h.Name] = &host{slices.Clone(h.IPv4), slices.Clone(h.IPv6)}
}
