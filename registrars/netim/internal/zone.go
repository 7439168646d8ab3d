package internal

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// Bounds of the test of name servers.
const (
	zoneTimeout = 5 * time.Second
	zoneTry     = 1500 * time.Millisecond
	// zoneAddresses of a host are asked at the most.
	zoneAddresses = 3
	// largestAnswer that is read; a longer one is cut, and proves nothing.
	largestAnswer = 4096
)

// ZoneTest asks name servers for a zone as a registry does before it delegates.
type ZoneTest struct {
	// Server, as host:port, is asked instead of the name servers themselves.
	Server string
	// Addresses finds the addresses of a name server; nil asks the machine's
	// resolver, and leaves out those that no registry could reach.
	Addresses func(ctx context.Context, host string) ([]netip.AddrPort, error)
	// Try is how long one question waits for its answer; 0 is 1.5 s. Then it is asked
	// at the next address, or once more at the only one.
	Try time.Duration
}

// ZoneProblem is a clear answer of a name server that does not serve a zone.
type ZoneProblem struct{ Host, Why string }

// Run asks every host for the zone's SOA and returns the first one, in the order
// given, which says clearly that it does not serve the zone authoritatively; nil
// when there is none. A host that has no address, does not answer, or answers in
// any other way proves nothing: it is left to the registrar's own test.
func (z ZoneTest) Run(ctx context.Context, zone string, hosts []string) *ZoneProblem {
	ctx, cancel := context.WithTimeout(ctx, zoneTimeout)
	defer cancel()
	reasons := make([]string, len(hosts))
	var asking sync.WaitGroup
	for i, host := range hosts {
		asking.Go(func() { reasons[i] = z.ask(ctx, zone, host) })
	}
	asking.Wait()
	for i, why := range reasons {
		if why != "" {
			return &ZoneProblem{Host: hosts[i], Why: why}
		}
	}
	return nil
}

// ask returns why a host does not serve the zone, "" when it does or cannot tell.
func (z ZoneTest) ask(ctx context.Context, zone, host string) string {
	for _, address := range z.addresses(ctx, host) {
		if reply, err := z.soa(ctx, address, zone); err == nil {
			return judgeSOA(reply, zone)
		}
	}
	return ""
}

func (z ZoneTest) addresses(ctx context.Context, host string) []string {
	if z.Server != "" {
		return []string{z.Server, z.Server}
	}
	lookup := z.Addresses
	if lookup == nil {
		lookup = publicAddresses
	}
	found, err := lookup(ctx, host)
	if err != nil || len(found) == 0 {
		return nil
	}
	if len(found) == 1 {
		found = append(found, found[0])
	}
	addresses := make([]string, 0, zoneAddresses)
	for _, address := range found[:min(len(found), zoneAddresses)] {
		addresses = append(addresses, address.String())
	}
	return addresses
}

const dnsPort = 53

func publicAddresses(ctx context.Context, host string) ([]netip.AddrPort, error) {
	// The dot keeps the search list of the machine out.
	found, err := new(net.Resolver).LookupNetIP(ctx, "ip", host+".")
	return public(found), err
}

// public leaves the addresses that a registry may ask. An order names the hosts, and
// must not make this program talk to others in its own network.
func public(found []netip.Addr) []netip.AddrPort {
	var reachable []netip.AddrPort
	for _, address := range found {
		if address = address.Unmap(); address.IsGlobalUnicast() && !address.IsPrivate() {
			reachable = append(reachable, netip.AddrPortFrom(address, dnsPort))
		}
	}
	return reachable
}

// soa asks one address over UDP. An answer to another question is not ours, and is
// passed over.
func (z ZoneTest) soa(ctx context.Context, address, zone string) (*dnsmessage.Message, error) {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(z.Try, zoneTry))
	defer cancel()
	name, err := dnsmessage.NewName(zone + ".")
	if err != nil {
		return nil, err
	}
	question := dnsmessage.Question{Name: name, Type: dnsmessage.TypeSOA, Class: dnsmessage.ClassINET}
	query := dnsmessage.Message{
		// Recursion is wanted only so that a resolver between us and the name server,
		// which answers for it, shows itself.
		Header:    dnsmessage.Header{ID: number(), RecursionDesired: true},
		Questions: []dnsmessage.Question{question},
	}
	packed, err := query.Pack()
	if err != nil {
		return nil, err
	}
	// Connected, so that only the one who was asked can answer.
	conn, err := new(net.Dialer).DialContext(ctx, "udp", address)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if _, err := conn.Write(packed); err != nil {
		return nil, err
	}
	buffer := make([]byte, largestAnswer)
	for {
		n, err := conn.Read(buffer)
		if err != nil {
			return nil, err
		}
		var reply dnsmessage.Message
		if err := reply.Unpack(buffer[:n]); err != nil {
			continue
		}
		if reply.Response && reply.ID == query.ID && len(reply.Questions) == 1 && same(reply.Questions[0], question) {
			return &reply, nil
		}
	}
}

func number() uint16 {
	var id [2]byte
	_, _ = rand.Read(id[:]) // it never fails
	return binary.BigEndian.Uint16(id[:])
}

func same(a, b dnsmessage.Question) bool {
	return a.Type == b.Type && a.Class == b.Class && strings.EqualFold(a.Name.String(), b.Name.String())
}

// judgeSOA says why an answer means that the zone is not served, "" for any other.
// An answer from a resolver is not the name server's, trouble of the server may
// pass, and a cut answer is not known.
func judgeSOA(reply *dnsmessage.Message, zone string) string {
	switch {
	case reply.Truncated, reply.RecursionAvailable && !reply.Authoritative:
		return ""
	case reply.RCode == dnsmessage.RCodeRefused:
		return "refuses to answer for the zone"
	case reply.RCode == dnsmessage.RCodeNameError:
		return "says that the name does not exist"
	case reply.RCode != dnsmessage.RCodeSuccess:
		return ""
	case !reply.Authoritative:
		return "does not answer for the zone authoritatively"
	}
	for _, answer := range reply.Answers {
		if answer.Header.Type == dnsmessage.TypeSOA && strings.EqualFold(answer.Header.Name.String(), zone+".") {
			return ""
		}
	}
	return "has no zone of that name"
}

// ParseServer checks an address that is asked instead of the name servers.
func ParseServer(address string) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil || host == "" || port == "" {
		return errors.New("must be host:port")
	}
	return nil
}
