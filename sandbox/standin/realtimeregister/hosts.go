package realtimeregister

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// hostAddress is an address of a host.
type hostAddress struct {
	Version string `json:"ipVersion"`
	Address string `json:"address"`
}

// isBelow reports whether a host is the domain or below it.
func isBelow(host, name string) bool { return host == name || strings.HasSuffix(host, "."+name) }

func (s *Server) readHost(c *call) (answer, *problem) {
	addresses := s.state.hosts[c.vars[0]]
	if addresses == nil {
		return answer{}, missing("Host")
	}
	return answer{status: http.StatusOK, body: map[string]any{"hostName": c.vars[0], "addresses": addresses}}, nil
}

// createHost makes a host below a domain of the account.
func (s *Server) createHost(c *call) (answer, *problem) {
	name := c.vars[0]
	f, refused := decode(c.body, "addresses")
	if refused != nil {
		return answer{}, refused
	}
	if len(name) < 4 || len(name) > 255 || !namePattern.MatchString(name) {
		return answer{}, violation("hostName", "invalid format", name)
	}
	_, t, ok := s.tldOf(name)
	if !ok || !s.isOurs(name) {
		return answer{}, missing("Domain")
	}
	addresses, refused := readAddresses(f, t)
	if refused != nil {
		return answer{}, refused
	}
	if s.state.hosts[name] != nil {
		return answer{}, bad("ObjectExists", "Host already exists")
	}
	return s.change(c, f, t, change{
		action: "create", label: "host:create", kind: "host", command: "CreateHostCommand", status: http.StatusCreated,
		apply: func() string {
			if s.state.hosts[name] != nil {
				return "Host exists already"
			}
			s.state.hosts[name] = addresses
			return ""
		},
	})
}

// isOurs reports whether a host is below a domain of the account.
func (s *Server) isOurs(host string) bool {
	for name := range s.state.domains {
		if isBelow(host, name) {
			return true
		}
	}
	return false
}

// hostsBelow lists the hosts below a domain.
func (s *Server) hostsBelow(domain string) []string {
	var below []string
	for host := range s.state.hosts {
		if isBelow(host, domain) {
			below = append(below, host)
		}
	}
	slices.Sort(below)
	return below
}

func readAddresses(f fields, t TLD) ([]hostAddress, *problem) {
	list, refused := read[[]hostAddress](f, "addresses")
	if refused != nil {
		return nil, refused
	}
	if len(list) < 1 || len(list) > t.hostAddresses() {
		return nil, bad("ValidationError", "Between 1 and %d addresses are needed", t.hostAddresses())
	}
	for i, one := range list {
		address, err := netip.ParseAddr(one.Address)
		if err != nil || one.Version != map[bool]string{true: "V4", false: "V6"}[address.Is4()] || slices.Contains(list[:i], one) {
			return nil, violation("addresses", "invalid address", one.Address)
		}
	}
	return list, nil
}

// nameServers reads the member ns. A host below the domain must exist.
func (s *Server) nameServers(f fields, name string, t TLD) ([]string, *problem) {
	ns, refused := read[[]string](f, "ns")
	if refused != nil || len(ns) == 0 {
		return ns, refused
	}
	least, most := t.nameServers()
	if len(ns) < least || len(ns) > most {
		return nil, bad("ValidationError", "Between %d and %d name servers are needed", least, most)
	}
	for _, host := range ns {
		if len(host) < 4 || !namePattern.MatchString(host) {
			return nil, violation("ns", "invalid format", host)
		}
		if isBelow(host, name) && s.state.hosts[host] == nil {
			return nil, missing("Host " + host)
		}
	}
	return ns, nil
}

// Hosts returns the addresses of all hosts, by name.
func (s *Server) Hosts() map[string][]string {
	defer s.look()()
	out := map[string][]string{}
	for name, list := range s.state.hosts {
		for _, one := range list {
			out[name] = append(out[name], one.Address)
		}
	}
	return out
}

// AddHost adds a host that exists already.
func (s *Server) AddHost(name string, addresses ...string) {
	defer s.look()()
	for _, address := range addresses {
		version := "V6"
		if strings.Contains(address, ".") {
			version = "V4"
		}
		s.state.hosts[name] = append(s.state.hosts[name], hostAddress{version, address})
	}
}
