package config

import (
	"maps"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// DeskPage configures the desk page of the gateway.
type DeskPage struct {
	// URL is the address under which browsers reach the gateway; "" is the gateway's own. With
	// https the session's cookie is sent by TLS only, whoever ends it.
	URL string `yaml:"url"`
	// UserHeader is the header in which a proxy in front names the user whom it has logged in; ""
	// if there is none. It is believed from TrustedProxies only, which are networks or addresses.
	UserHeader     string   `yaml:"user_header"`
	TrustedProxies []string `yaml:"trusted_proxies"`
	// Scopes is what each such user may do. GroupsHeader is the header with the user's groups,
	// and GroupScopes what the members of each may do in addition.
	Scopes       []string            `yaml:"scopes"`
	GroupsHeader string              `yaml:"groups_header"`
	GroupScopes  map[string][]string `yaml:"group_scopes"`
}

// ByTLS reports whether browsers reach the page by TLS.
func (g Gateway) ByTLS() bool {
	return g.TLSCertFile != "" || strings.HasPrefix(g.Desk.URL, "https://")
}

// Proxies returns the trusted proxies as networks.
func (d DeskPage) Proxies() ([]netip.Prefix, error) {
	networks := make([]netip.Prefix, 0, len(d.TrustedProxies))
	for _, text := range d.TrustedProxies {
		network, err := netip.ParsePrefix(text)
		if address, single := netip.ParseAddr(text); single == nil {
			network, err = netip.PrefixFrom(address, address.BitLen()), nil
		}
		if err != nil {
			return nil, err
		}
		networks = append(networks, network.Masked())
	}
	return networks, nil
}

// headerForm is the form of the name of a header. Those that every proxy or browser sets itself
// cannot name a user.
var headerForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]{1,60}$`)

// deskScopes are the scopes of API keys, which users of the page have too.
var deskScopes = []string{"place", "read", "operate", "cancel"}

func (v *validator) deskPage(d DeskPage) {
	if d.URL != "" {
		v.endpoint("gateway.desk.url", d.URL, false)
		if u, err := url.Parse(d.URL); err == nil && strings.Trim(u.Path, "/") != "" {
			v.add("gateway.desk.url", "must have no path: the page is at /desk of it")
		}
	}
	for _, header := range []struct{ key, name string }{{"user_header", d.UserHeader}, {"groups_header", d.GroupsHeader}} {
		forbidden := []string{"authorization", "cookie", "host", "origin", "referer", "forwarded", "x-forwarded-for"}
		if header.name != "" && (!headerForm.MatchString(header.name) || slices.Contains(forbidden, strings.ToLower(header.name))) {
			v.add("gateway.desk."+header.key, "must be the name of a header that only the proxy sets, such as X-Forwarded-User")
		}
	}
	v.deskScopes(d)
	switch {
	case d.UserHeader == "" && (len(d.TrustedProxies) > 0 || len(d.Scopes) > 0 || d.GroupsHeader != "" || len(d.GroupScopes) > 0):
		v.add("gateway.desk.user_header", "is missing, without which the other settings about a proxy mean nothing")
	case d.UserHeader != "" && len(d.TrustedProxies) == 0:
		v.add("gateway.desk.trusted_proxies", "is missing: say from which addresses %s is believed", d.UserHeader)
	case d.UserHeader != "" && len(d.Scopes) == 0 && len(d.GroupScopes) == 0:
		v.add("gateway.desk.scopes", "is missing: say what users may do")
	case (d.GroupsHeader == "") != (len(d.GroupScopes) == 0):
		v.add("gateway.desk.groups_header", "and gateway.desk.group_scopes must be given together")
	case d.UserHeader != "" && strings.EqualFold(d.UserHeader, d.GroupsHeader):
		v.add("gateway.desk.groups_header", "must be another header than user_header")
	}
}

func (v *validator) deskScopes(d DeskPage) {
	if _, err := d.Proxies(); err != nil {
		v.add("gateway.desk.trusted_proxies", "must be networks or addresses, such as 10.1.2.0/24")
	}
	for _, scope := range d.Scopes {
		if !slices.Contains(deskScopes, scope) {
			v.add("gateway.desk.scopes", "must be some of %s", strings.Join(deskScopes, ", "))
		}
	}
	for _, group := range slices.Sorted(maps.Keys(d.GroupScopes)) {
		for _, scope := range d.GroupScopes[group] {
			if !slices.Contains(deskScopes, scope) {
				v.add("gateway.desk.group_scopes", "must give groups some of %s", strings.Join(deskScopes, ", "))
			}
		}
	}
}
