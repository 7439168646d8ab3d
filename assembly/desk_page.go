package assembly

import (
	"fmt"
	"net"
	"strings"

	"domainprovisioning/config"
	"domainprovisioning/domains"
	"domainprovisioning/gateway"
	"domainprovisioning/gateway/page"
	"domainprovisioning/store"
)

// deskPage returns what the configuration says about the desk page.
func deskPage(cfg config.Gateway) (gateway.DeskPage, error) {
	trusted, err := cfg.Desk.Proxies()
	if err != nil {
		return gateway.DeskPage{}, fmt.Errorf("config: gateway.desk.trusted_proxies: %w", err)
	}
	scopes := func(words []string) []store.Scope {
		all := make([]store.Scope, len(words))
		for n, word := range words {
			all[n] = store.Scope(word)
		}
		return all
	}
	groups := make(map[string][]store.Scope, len(cfg.Desk.GroupScopes))
	for group, words := range cfg.Desk.GroupScopes {
		groups[group] = scopes(words)
	}
	return gateway.DeskPage{Secure: cfg.ByTLS(), Proxy: page.Proxy{
		UserHeader: cfg.Desk.UserHeader, Trusted: trusted, Scopes: scopes(cfg.Desk.Scopes), GroupsHeader: cfg.Desk.GroupsHeader, Groups: groups,
	}}, nil
}

// DeskURL is the address of the desk page for browsers. With a ticket it logs in once.
func DeskURL(cfg config.Gateway, ticket domains.Secret) string {
	base := strings.TrimRight(cfg.Desk.URL, "/")
	if base == "" {
		host, port, _ := net.SplitHostPort(cfg.Address)
		if address := net.ParseIP(host); host == "" || address != nil && address.IsUnspecified() {
			host = "127.0.0.1"
		}
		base = "http://" + net.JoinHostPort(host, port)
		if cfg.TLSCertFile != "" {
			base = "https://" + net.JoinHostPort(host, port)
		}
	}
	if ticket.Reveal() == "" {
		return base + "/desk/"
	}
	return base + "/desk/login?ticket=" + ticket.Reveal()
}
