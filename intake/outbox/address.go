package outbox

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"domainprovisioning/wire/exchange"
)

// longestURL is the longest address of an endpoint, in bytes.
const longestURL = 2000

// CheckURL checks the address of an endpoint: https, at a host on the Internet. A host among
// private may be anywhere, and by http if it is this machine. What a name leads to is checked
// when it is dialled. The error is the rule that the address breaks.
func CheckURL(address string, private []string) error {
	if len(address) > longestURL {
		return fmt.Errorf("must have at most %d bytes", longestURL)
	}
	target, err := url.Parse(address)
	switch {
	case err != nil, target.Scheme == "", target.Hostname() == "":
		return errors.New("must be an absolute address such as https://orders.example/news")
	case target.Scheme != "https" && target.Scheme != "http":
		return errors.New("must begin with https://")
	case target.User != nil:
		return errors.New("must hold no user name or password: lists show it; the signature says who sends")
	case target.Fragment != "":
		return errors.New("must have no fragment")
	}
	host := target.Hostname()
	allowed := slices.ContainsFunc(private, func(one string) bool { return strings.EqualFold(one, host) })
	if target.Scheme == "http" && (!allowed || !loopback(host)) {
		return errors.New("must begin with https://; http is for this machine only, if hooks.private_hosts names it")
	}
	if ip, err := netip.ParseAddr(host); !allowed && (err == nil && !exchange.Public(ip) || loopback(host)) {
		return errors.New("must be a host on the Internet, or one of hooks.private_hosts")
	}
	return nil
}

// loopback reports whether a host is this machine.
func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback() || strings.EqualFold(host, "localhost") || strings.HasSuffix(strings.ToLower(host), ".localhost")
}

// hostOf is a host of the configuration as it stands in a URL.
func hostOf(host string) string {
	if ip, err := netip.ParseAddr(host); err == nil && ip.Is6() {
		return "[" + host + "]"
	}
	return host
}
