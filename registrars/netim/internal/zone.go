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

	"domainprovisioning/wire/exchange"
)

// Limits of the test of name servers.
const (
	zoneTimeout = 5 * time.Second
	zoneTry     = 1500 * time.Millisecond
	// zoneAddresses is the most addresses of a host that are asked.
	zoneAddresses = 3
	// largestAnswer is the largest answer that is read, in bytes; a longer one is cut,
	// and proves nothing.
	largestAnswer = 4096
)

// ZoneTest asks name servers for a zone as a registry does before it delegates.
type ZoneTest struct {
	// Server, as host:port, is asked instead of the name servers themselves.
	Server string
	// Addresses finds the addresses of a name server; nil asks the machine's resolver,
	// and omits those that no registry could reach.
	Addresses func(ctx context.Context, host string) ([]netip.AddrPort, error)
	// Try is how long one question waits for its answer; 0 means 1.5 s. After that the
	// next address is asked, or the only one once more.
	Try time.Duration
}

// ZoneProblem is a clear answer of a name server that it does not serve a zone.
type ZoneProblem struct{ Host, Why string }

// Run asks every host for the zone's SOA and returns the first host, in the order
// given, that clearly says that it does not serve the zone authoritatively, or nil
// if there is none. A host that has no address, does not answer, or answers in any
// other way proves nothing and is left to the registrar's own test.
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

// ask returns why a host does not serve the zone, or "" if it does or we cannot
// tell.
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
	// The final dot bypasses the machine's search list.
	found, err := new(net.Resolver).LookupNetIP(ctx, "ip", host+".")
	return public(found), err
}

// public returns the addresses that a registry could reach. An order names the
// hosts, and must not make this program talk to hosts in its own network.
func public(found []netip.Addr) []netip.AddrPort {
	var reachable []netip.AddrPort
	for _, address := range found {
		if address = address.Unmap(); exchange.Public(address) {
			reachable = append(reachable, netip.AddrPortFrom(address, dnsPort))
		}
	}
	return reachable
}

// soa asks one address over UDP. It ignores answers to other questions.
func (z ZoneTest) soa(ctx context.Context, address, zone string) (*dnsmessage.Message, error) {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(z.Try, zoneTry))
	defer cancel()
	name, err := dnsmessage.NewName(zone + ".")
	if err != nil {
		return nil, err
	}
	question := dnsmessage.Question{Name: name, Type: dnsmessage.TypeSOA, Class: dnsmessage.ClassINET}
	query := dnsmessage.Message{
		// Recursion is requested only so that a resolver between us and the name server,
		// which would answer in its place, reveals itself.
		Header:    dnsmessage.Header{ID: number(), RecursionDesired: true},
		Questions: []dnsmessage.Question{question},
	}
	packed, err := query.Pack()
	if err != nil {
		return nil, err
	}
	// The socket is connected, so that only the server that was asked can answer.
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

// judgeSOA says why an answer means that the zone is not served; it returns "" for
// any other answer. An answer from a resolver is not the name server's, a failure of
// the server may pass, and a truncated answer is incomplete.
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

// ParseServer checks the address of a DNS server to ask instead of the name servers.
func ParseServer(address string) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil || host == "" || port == "" {
		return errors.New("must be host:port")
	}
	return nil
}
