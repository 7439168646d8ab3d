package domains

import (
	"net/netip"
	"slices"
	"strings"
)

// MaxHostAddresses is how many addresses an order may give for a host. A referral without
// EDNS has room for about as many.
const MaxHostAddresses = 13

// Host is a name server below the domain that it serves. Nobody could find it by its name
// alone, so the registry publishes its addresses with the delegation.
type Host struct {
	Name      string       `json:"host"` // as ParseHost returns it
	Addresses []netip.Addr `json:"addresses"`
}

// Hosts are name servers with addresses.
type Hosts []Host

// ParseHostAddress reads an address of a name server. It must be one of a single machine
// that can be reached from anywhere. The problem completes a sentence that begins with the
// name of the field; it is "" for an address that can be used.
func ParseHostAddress(text string) (address netip.Addr, problem string) {
	address, err := netip.ParseAddr(strings.TrimSpace(text))
	switch {
	case err != nil:
		return netip.Addr{}, "must be an IPv4 or IPv6 address, such as 192.0.2.1 or 2001:db8::1"
	case address.Zone() != "":
		problem = "must be an address without a zone"
	case address.Is4In6():
		problem = "must be written as an IPv4 address: " + address.Unmap().String()
	case address.IsUnspecified():
		problem = "must not be the unspecified address"
	case address.IsLoopback():
		problem = "must not be a loopback address"
	case address.IsMulticast():
		problem = "must not be a multicast address"
	case address.IsLinkLocalUnicast():
		problem = "must not be a link-local address"
	case address == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		problem = "must not be the broadcast address"
	}
	return address, problem
}

// Covers reports whether a host, as ParseHost returns it, is the domain itself or below
// it: then its registry needs the host's addresses.
func (n Name) Covers(host string) bool {
	return host == n.ascii || strings.HasSuffix(host, "."+n.ascii)
}

// SameAddresses compares with addresses in any order.
func (h Host) SameAddresses(other []netip.Addr) bool {
	sorted := func(list []netip.Addr) []netip.Addr {
		list = slices.Clone(list)
		slices.SortFunc(list, netip.Addr.Compare)
		return slices.Compact(list)
	}
	return slices.Equal(sorted(h.Addresses), sorted(other))
}

// Split returns the IPv4 and the IPv6 addresses in their text form.
func (h Host) Split() (v4, v6 []string) {
	for _, address := range h.Addresses {
		if address.Is4() {
			v4 = append(v4, address.String())
		} else {
			v6 = append(v6, address.String())
		}
	}
	return v4, v6
}

// Contains reports whether a host of the name is in the list.
func (hosts Hosts) Contains(name string) bool {
	return slices.ContainsFunc(hosts, func(h Host) bool { return h.Name == name })
}

// Names lists the names of the hosts.
func (hosts Hosts) Names() []string {
	names := make([]string, len(hosts))
	for i, host := range hosts {
		names[i] = host.Name
	}
	return names
}
