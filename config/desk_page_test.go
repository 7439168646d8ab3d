package config_test

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

const proxied = "gateway.desk."

func TestAProxyThatLogsInIsConfiguredWhollyOrNotAtAll(t *testing.T) {
	whole := map[string]string{
		proxied + "user_header": "X-Forwarded-User", proxied + "trusted_proxies": "[10.1.2.3/24, 192.0.2.7, 2001:db8::/32]", proxied + "scopes": "[read]",
		proxied + "groups_header": "X-Forwarded-Groups", proxied + "group_scopes": "{support: [operate], chiefs: [operate, cancel]}",
	}
	cfg, err := checked(t, whole)
	if err != nil {
		t.Fatal(err)
	}
	networks, err := cfg.Gateway.Desk.Proxies()
	want := []string{"10.1.2.0/24", "192.0.2.7/32", "2001:db8::/32"}
	if err != nil || fmt.Sprint(networks) != fmt.Sprint(want) || !slices.Contains(networks, netip.MustParsePrefix("192.0.2.7/32")) {
		t.Errorf("trusted are %v, %v", networks, err)
	}
	if groups := cfg.Gateway.Desk.GroupScopes; !slices.Equal(groups["chiefs"], []string{"operate", "cancel"}) {
		t.Errorf("groups: %v", groups)
	}
	for _, c := range []struct{ key, value, want string }{
		{"user_header", `""`, "gateway.desk.user_header is missing"},
		{"trusted_proxies", "[]", "gateway.desk.trusted_proxies is missing"},
		{"groups_header", `""`, "must be given together"},
		{"group_scopes", "{}", "must be given together"},
		{"group_scopes", "{support: [root]}", "must give groups some of"},
		{"groups_header", "x-forwarded-user", "must be another header"},
	} {
		values := maps.Clone(whole)
		values[proxied+c.key] = c.value
		if _, err := checked(t, values); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %s: got %v, want %q", c.key, c.value, err, c.want)
		}
	}
}

func TestBrowsersReachThePageByTLSIfItsAddressSaysSo(t *testing.T) {
	for address, want := range map[string]bool{`""`: false, "http://desk.internal": false, "https://desk.internal": true} {
		cfg, err := checked(t, map[string]string{proxied + "url": address})
		if err != nil || cfg.Gateway.ByTLS() != want {
			t.Errorf("%s: %v, %v", address, cfg.Gateway.ByTLS(), err)
		}
	}
}
