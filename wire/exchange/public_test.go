package exchange_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"domainprovisioning/wire/exchange"
)

func TestPublic(t *testing.T) {
	for address, public := range map[string]bool{
		"192.0.2.1": true, "2001:db8::1": true, "10.1.2.3": false, "127.0.0.1": false, "::1": false, "169.254.1.1": false,
		"::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false, "fe80::1": false, "fd00::1": false, "0.0.0.0": false, "224.0.0.1": false,
		"0.1.2.3": false, "100.64.0.1": false, "198.18.0.1": false, "240.0.0.1": false, "255.255.255.255": false,
		"64:ff9b::7f00:1": false, "2002:7f00:1::": false, "::127.0.0.1": false, "fec0::1": false, "2001::1": false,
		"192.88.99.1": false, "::ffff:0:7f00:1": false, "::ffff:0:a00:1": false, "100::1": false, "100:0:0:1::1": false, "100:0:0:2::1": true, "5f00::1": false,
		"100.63.255.255": true, "100.128.0.1": true, "2003::1": true, "64:ff9c::1": true,
	} {
		if exchange.Public(netip.MustParseAddr(address)) != public {
			t.Errorf("%s: public is not %v", address, public)
		}
	}
}

// TestAPublicClientStaysOutside: what a document or a redirect names is asked by https and at a
// public address, and nothing is sent to any other.
func TestAPublicClientStaysOutside(t *testing.T) {
	var inside atomic.Int64
	within := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { inside.Add(1) }))
	t.Cleanup(within.Close)
	at, err := url.Parse(within.URL)
	if err != nil {
		t.Fatal(err)
	}
	var target string
	trusted := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/round":
			http.Redirect(w, r, "/round", http.StatusFound)
		case "/lure":
			http.Redirect(w, r, target, http.StatusFound)
		}
	}))
	t.Cleanup(trusted.Close)
	known, err := url.Parse(trusted.URL)
	if err != nil {
		t.Fatal(err)
	}
	client := exchange.PublicClient(nil, known)
	get := func(url string) error {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		response, err := client.Do(request)
		if err == nil {
			_ = response.Body.Close()
		}
		return err
	}
	if err := get(trusted.URL + "/plain"); err != nil {
		t.Errorf("a host of the configuration: %v", err)
	}
	for _, target = range []string{
		"https://localhost:" + at.Port(), "http://localhost:" + at.Port(), "https://127.0.0.2:" + at.Port(), "https://[::ffff:7f00:2]:" + at.Port(),
	} {
		if err := get(target); !errors.Is(err, exchange.ErrNotPublic) {
			t.Errorf("%s: %v", target, err)
		}
		if err := get(trusted.URL + "/lure"); !errors.Is(err, exchange.ErrNotPublic) {
			t.Errorf("a redirect to %s: %v", target, err)
		}
	}
	if err := get(trusted.URL + "/round"); err == nil || !strings.Contains(err.Error(), "too many redirects") {
		t.Errorf("a redirect without end: %v", err)
	}
	if n := inside.Load(); n != 0 {
		t.Errorf("%d requests to a host inside", n)
	}
}
