package outside

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/netip"
	"testing"

	"domainprovisioning/domains"
	"domainprovisioning/registrars/epp"
	standepp "domainprovisioning/sandbox/standin/epp"
)

// ServeRegistry lets a registry that speaks EPP listen until the test ends, and returns its address.
func ServeRegistry(t testing.TB, registry *standepp.Server) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- registry.Serve(listener) }()
	t.Cleanup(func() {
		_ = registry.Close()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return listener.Addr().String()
}

// UseRegistry puts a registry that speaks EPP behind the registrar account, in the place of Netim.
// It has the zone example, and the hosts of the name servers in it that Operations gives.
func (w *World) UseRegistry(t testing.TB) *standepp.Server {
	t.Helper()
	const login, password = "registrar1", "registry-password"
	registry := standepp.New(standepp.Options{
		Login: login, Password: password, Zones: map[string]standepp.Zone{"example": {}}, Now: w.now,
	})
	for _, host := range []string{"ns1.dns.example", "ns2.dns.example"} {
		registry.AddHost(host, netip.MustParseAddr("192.0.2.53"))
	}
	address := ServeRegistry(t, registry)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(registry.Certificates().CA)
	plugin, err := epp.New(epp.Config{
		Address: address, TLS: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: pool, ServerName: "localhost"},
		Login: login, Password: domains.NewSecret(password), Settings: epp.DefaultSettings(), CallsPerSecond: 10_000, Now: w.now,
	})
	if err != nil {
		t.Fatal(err)
	}
	account := w.Intake.Accounts[Account]
	account.Registrar = plugin
	w.Intake.Accounts[Account], w.Double = account, plugin
	return registry
}
