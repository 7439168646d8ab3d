package exchange

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"syscall"
	"time"
)

// notPublic is the one list for everything whose target comes from outside: endpoints of order
// systems, RDAP servers, hosts of the DNS. It has the ranges of IANA's registries of special-purpose
// addresses (iana-ipv4-special-registry, iana-ipv6-special-registry)
// that are not reachable from everywhere or that hold the address of another host, besides those
// that netip knows. The ranges for documentation are not among them: they lead nowhere.
var notPublic = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),       // this network
	netip.MustParsePrefix("100.64.0.0/10"),   // shared by the customers of a carrier, and inside clouds
	netip.MustParsePrefix("192.0.0.0/24"),    // protocol assignments
	netip.MustParsePrefix("192.88.99.0/24"),  // 6to4 relays, deprecated
	netip.MustParsePrefix("198.18.0.0/15"),   // benchmarks
	netip.MustParsePrefix("240.0.0.0/4"),     // reserved
	netip.MustParsePrefix("::/96"),           // IPv4-compatible
	netip.MustParsePrefix("::ffff:0:0:0/96"), // IPv4-translated
	netip.MustParsePrefix("64:ff9b::/96"),    // IPv4 behind NAT64
	netip.MustParsePrefix("64:ff9b:1::/48"),
	netip.MustParsePrefix("100::/64"),       // discarded
	netip.MustParsePrefix("100:0:0:1::/64"), // dummy
	netip.MustParsePrefix("2001::/23"),      // protocol assignments, with Teredo
	netip.MustParsePrefix("2002::/16"),      // 6to4
	netip.MustParsePrefix("5f00::/16"),      // segment routing
	netip.MustParsePrefix("fec0::/10"),      // site-local
}

// Public reports whether an address can be one of a host on the Internet. Where somebody else
// names a host, this program must not be made to talk to its own network.
func Public(address netip.Addr) bool {
	address = address.Unmap()
	return address.IsGlobalUnicast() && !address.IsPrivate() &&
		!slices.ContainsFunc(notPublic, func(prefix netip.Prefix) bool { return prefix.Contains(address) })
}

// ErrNotPublic says that a host that somebody else has named is not on the Internet, or is not
// asked by https.
var ErrNotPublic = errors.New("the host is not public, or not asked by https")

// mostRedirects is how many redirects are followed.
const mostRedirects = 5

// PublicClient is HTTPClient for reading at hosts that others name, in a document or by a
// redirect. Apart from the hosts of the trusted URLs, which are the configuration's, it asks
// by https and at public addresses only. Behind a proxy, or with a transport that is given, the
// names of hosts are resolved elsewhere, and only addresses in URLs are checked.
func PublicClient(given *http.Client, trusted ...*url.URL) *http.Client {
	hosts := trustedHosts{}
	for _, target := range trusted {
		if target != nil {
			hosts[target.Hostname()] = true
		}
	}
	client := HTTPClient(given)
	client.CheckRedirect = func(request *http.Request, via []*http.Request) error {
		if len(via) > mostRedirects {
			return errors.New("too many redirects")
		}
		return hosts.check(request.URL)
	}
	if transport, ok := client.Transport.(*http.Transport); ok && given == nil {
		client.Transport = publicTransport{hosts, transport}
		transport.DialContext = dialPublic
	}
	return client
}

type trustedHosts map[string]bool

// check checks what the URL itself shows.
func (h trustedHosts) check(target *url.URL) error {
	if h[target.Hostname()] {
		return nil
	}
	address, err := netip.ParseAddr(target.Hostname())
	if target.Scheme != "https" || err == nil && !Public(address) {
		return ErrNotPublic
	}
	return nil
}

// publicTransport marks the requests whose host is to be resolved to public addresses.
type publicTransport struct {
	hosts trustedHosts
	base  *http.Transport
}

// RoundTrip implements http.RoundTripper.
func (t publicTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	if err := t.hosts.check(request.URL); err != nil {
		return nil, err
	}
	proxy, err := t.base.Proxy(request)
	if err != nil {
		return nil, err
	}
	if proxy == nil && !t.hosts[request.URL.Hostname()] {
		request = request.WithContext(context.WithValue(request.Context(), onlyPublic{}, true))
	}
	return t.base.RoundTrip(request)
}

type onlyPublic struct{}

// dialPublic dials, for a marked request, public addresses only. The address is checked after
// the name has been resolved, so that no second answer of the DNS comes in between.
func dialPublic(ctx context.Context, network, target string) (net.Conn, error) {
	dialer := net.Dialer{Timeout: 10 * time.Second}
	if ctx.Value(onlyPublic{}) != nil {
		dialer.Control = func(_, resolved string, _ syscall.RawConn) error {
			at, err := netip.ParseAddrPort(resolved)
			if err != nil || !Public(at.Addr()) {
				return fmt.Errorf("dial: %w", ErrNotPublic)
			}
			return nil
		}
	}
	return dialer.DialContext(ctx, network, target)
}
