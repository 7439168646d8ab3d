package internal

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"domainprovisioning/sandbox/standin/dns"
)

const zoneName = "shop.example."

// nameServer serves answers over UDP and counts the questions.
func nameServer(t *testing.T, answer dns.Answer) (netip.AddrPort, *atomic.Int64) {
	t.Helper()
	socket, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = socket.Close() })
	asked := new(atomic.Int64)
	go func() {
		_ = dns.Serve(socket, func(q dnsmessage.Question) (dnsmessage.Message, bool) {
			asked.Add(1)
			if q.Name.String() != zoneName || q.Type != dnsmessage.TypeSOA {
				t.Errorf("asked %v", q)
			}
			return answer(q)
		})
	}()
	return netip.MustParseAddrPort(socket.LocalAddr().String()), asked
}

func header(h dnsmessage.Header, answers ...dnsmessage.Resource) dns.Answer {
	return func(dnsmessage.Question) (dnsmessage.Message, bool) {
		return dnsmessage.Message{Header: h, Answers: answers}, true
	}
}

func silent(dnsmessage.Question) (dnsmessage.Message, bool) { return dnsmessage.Message{}, false }

// TestZoneTest: only a clear no of a name server itself counts.
func TestZoneTest(t *testing.T) {
	t.Parallel()
	soaOf := func(name string) dnsmessage.Resource {
		return dns.SOA(dnsmessage.MustNewName(name), dnsmessage.MustNewName("ns1.host.example."))
	}
	const authoritative, recursive = true, true
	for name, c := range map[string]struct {
		answer dns.Answer
		why    string
	}{
		"serves":                {header(dnsmessage.Header{Authoritative: authoritative}, soaOf(zoneName)), ""},
		"serves, other case":    {header(dnsmessage.Header{Authoritative: authoritative}, soaOf("Shop.EXAMPLE.")), ""},
		"serves, and recurses":  {header(dnsmessage.Header{Authoritative: authoritative, RecursionAvailable: recursive}, soaOf(zoneName)), ""},
		"refuses":               {header(dnsmessage.Header{RCode: dnsmessage.RCodeRefused}), "refuses to answer"},
		"no such name":          {header(dnsmessage.Header{Authoritative: authoritative, RCode: dnsmessage.RCodeNameError}), "does not exist"},
		"refers to others":      {header(dnsmessage.Header{}), "authoritatively"},
		"a copy, by its answer": {header(dnsmessage.Header{}, soaOf(zoneName)), "authoritatively"},
		"a zone above":          {header(dnsmessage.Header{Authoritative: authoritative}, soaOf("example.")), "no zone of that name"},
		"a name in a zone":      {header(dnsmessage.Header{Authoritative: authoritative}), "no zone of that name"},
		// These prove nothing.
		"in trouble":           {header(dnsmessage.Header{RCode: dnsmessage.RCodeServerFailure}), ""},
		"not implemented":      {header(dnsmessage.Header{RCode: dnsmessage.RCodeNotImplemented}), ""},
		"cut":                  {header(dnsmessage.Header{Truncated: true}), ""},
		"a resolver answers":   {header(dnsmessage.Header{RecursionAvailable: recursive}), ""},
		"a resolver refuses":   {header(dnsmessage.Header{RecursionAvailable: recursive, RCode: dnsmessage.RCodeRefused}), ""},
		"a resolver knows not": {header(dnsmessage.Header{RecursionAvailable: recursive, RCode: dnsmessage.RCodeNameError}), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, asked := nameServer(t, c.answer)
			problem := ZoneTest{Server: server.String()}.Run(t.Context(), "shop.example", []string{"ns1.host.example"})
			if (problem == nil) != (c.why == "") || (problem != nil && !strings.Contains(problem.Why, c.why)) {
				t.Errorf("got %+v, want %q", problem, c.why)
			}
			if asked.Load() != 1 {
				t.Errorf("asked %d times", asked.Load())
			}
		})
	}
}

// TestZoneTestAsksEveryHost at its own addresses, and names the first host that
// fails.
func TestZoneTestAsksEveryHost(t *testing.T) {
	t.Parallel()
	good, _ := nameServer(t, header(dnsmessage.Header{Authoritative: true},
		dns.SOA(dnsmessage.MustNewName(zoneName), dnsmessage.MustNewName("ns1.host.example."))))
	bad, _ := nameServer(t, header(dnsmessage.Header{RCode: dnsmessage.RCodeRefused}))
	hung, asked := nameServer(t, silent)
	test := ZoneTest{Try: 300 * time.Millisecond, Addresses: func(_ context.Context, host string) ([]netip.AddrPort, error) {
		addresses := map[string][]netip.AddrPort{
			"good": {good}, "fine": {good}, "bad": {bad}, "hung": {hung}, "half": {hung, bad}, "none": nil, "lost": {hung, hung, hung, hung, bad},
		}
		if found, ok := addresses[host]; ok {
			return found, nil
		}
		return nil, errors.New("no such host")
	}}
	for _, c := range []struct {
		hosts, want string
	}{
		{"good fine", ""},
		{"good bad", "bad"},
		{"bad half", "bad"},
		{"unknown none hung lost", ""},
		// The second address of the host answers.
		{"good half", "half"},
	} {
		problem := test.Run(t.Context(), "shop.example", strings.Fields(c.hosts))
		if (problem == nil) != (c.want == "") || (problem != nil && problem.Host != c.want) {
			t.Errorf("%s: got %+v, want %q", c.hosts, problem, c.want)
		}
	}
	// half twice with one question, hung with two, lost with three.
	if got := asked.Load(); got != 7 {
		t.Errorf("a server that does not answer was asked %d times", got)
	}
}

// TestZoneTestEndsWithItsContext, and ignores answers to other questions.
func TestZoneTestEndsWithItsContext(t *testing.T) {
	t.Parallel()
	socket, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = socket.Close() })
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		buffer := make([]byte, 512)
		_, from, err := socket.ReadFrom(buffer)
		if err != nil {
			return
		}
		var forged dnsmessage.Message
		if err := forged.Unpack(buffer); err != nil {
			t.Error(err)
		}
		forged.Response, forged.RCode = true, dnsmessage.RCodeRefused
		forged.ID++
		packed, err := forged.Pack()
		if err != nil {
			t.Error(err)
		}
		_, _ = socket.WriteTo([]byte("noise"), from)
		_, _ = socket.WriteTo(packed, from)
		cancel()
	}()
	if problem := (ZoneTest{Server: socket.LocalAddr().String()}).Run(ctx, "shop.example", []string{"ns1"}); problem != nil {
		t.Errorf("got %+v", problem)
	}
}

// TestNoHostOfOurOwnNetworkIsAsked: an order names the hosts.
func TestNoHostOfOurOwnNetworkIsAsked(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"192.0.2.1": "192.0.2.1:53", "2001:db8::1": "[2001:db8::1]:53", "::ffff:192.0.2.1": "192.0.2.1:53",
		"127.0.0.1": "", "10.0.0.1": "", "192.168.1.1": "", "169.254.1.1": "", "::1": "", "fd00::1": "", "fe80::1": "",
		"::ffff:10.0.0.1": "", "0.0.0.0": "", "224.0.0.1": "",
	} {
		got := public([]netip.Addr{netip.MustParseAddr(address)})
		if (len(got) == 0) != (want == "") || (len(got) == 1 && got[0].String() != want) {
			t.Errorf("%s: %v, want %q", address, got, want)
		}
	}
}

func TestParseServer(t *testing.T) {
	t.Parallel()
	for address, ok := range map[string]bool{"192.0.2.53:53": true, "[::1]:5353": true, "192.0.2.53": false, ":53": false, "host:": false} {
		if err := ParseServer(address); (err == nil) != ok {
			t.Errorf("%q: %v", address, err)
		}
	}
}
