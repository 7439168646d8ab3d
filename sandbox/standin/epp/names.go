package epp

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/idna"
)

var ldh = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)

// nameOf reads a name of a domain or a host: letters, digits and hyphens in at least two labels. A
// label with hyphens in its third and fourth place must be an A-label.
func nameOf(n *node) (string, *answer) {
	name := strings.ToLower(n.text)
	labels := strings.Split(name, ".")
	if len(labels) < 2 || len(name) > 253 {
		return "", refuse(2005).because(n, "is not a domain name of at least two labels")
	}
	for _, label := range labels {
		if len(label) > mostLabel || !ldh.MatchString(label) {
			return "", refuse(2005).because(n, "the label %s is not of letters, digits and hyphens", label)
		}
		if len(label) > 3 && label[2:4] == "--" && !isALabel(label) {
			return "", refuse(2005).because(n, "the label %s is no A-label", label)
		}
	}
	return name, nil
}

func isALabel(label string) bool {
	unicode, err := idna.Punycode.ToUnicode(label)
	if err != nil || unicode == label {
		return false
	}
	back, err := idna.Punycode.ToASCII(unicode)
	return err == nil && back == label
}

// zoneOf returns the zone that a name is in.
func (s *Server) zoneOf(name string) (zone string, ok bool) {
	for rest := name; ; {
		_, after, found := strings.Cut(rest, ".")
		if !found {
			return "", false
		}
		if _, known := s.options.Zones[after]; known {
			return after, true
		}
		rest = after
	}
}

// zone returns the rules for a name.
func (s *Server) zone(name string) Zone {
	zone, _ := s.zoneOf(name)
	return s.options.Zones[zone]
}

// registrable: a domain of the name can exist here, one label below its zone.
func (s *Server) registrable(name string) bool {
	zone, ok := s.zoneOf(name)
	return ok && !strings.Contains(strings.TrimSuffix(name, "."+zone), ".")
}

// superordinate returns the domain that a host is below, if that would be one of this registry.
func (s *Server) superordinate(host string) (string, bool) {
	zone, ok := s.zoneOf(host)
	if !ok {
		return "", false
	}
	labels := strings.Split(strings.TrimSuffix(host, "."+zone), ".")
	return labels[len(labels)-1] + "." + zone, true
}

// below: a host has the name of a domain or one below it.
func below(host, domain string) bool { return host == domain || strings.HasSuffix(host, "."+domain) }

// addressesOf reads the addresses of a host.
func addressesOf(nodes []*node) ([]netip.Addr, *answer) {
	var list []netip.Addr
	for _, n := range nodes {
		address, err := netip.ParseAddr(n.text)
		six := n.attr("ip") == "v6"
		switch {
		case err != nil || address.Zone() != "" || address.Is6() != six:
			return nil, refuse(2005).because(n, "is not an address of IP%s", map[bool]string{true: "v6", false: "v4"}[six])
		case address.IsLoopback() || address.IsUnspecified() || address.IsMulticast() || address.IsLinkLocalUnicast():
			return nil, refuse(2306).because(n, "is not an address that others can reach")
		case slices.Contains(list, address):
			return nil, refuse(2306).because(n, "is there twice")
		}
		list = append(list, address)
	}
	return list, nil
}
