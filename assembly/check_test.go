package assembly

import (
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"domainprovisioning/config"
	"domainprovisioning/domains"
	"domainprovisioning/internal/outside"
	"domainprovisioning/registrars"
	eppplugin "domainprovisioning/registrars/epp"
	"domainprovisioning/sandbox/standin/epp"
)

// TestAnAddressOfAnotherProtocolIsTried: the port that it does not have is the plug-in's.
func TestAnAddressOfAnotherProtocolIsTried(t *testing.T) {
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	port := listener.Addr().(*net.TCPAddr).Port
	for _, c := range []struct {
		address string
		port    int
		reached bool
	}{
		{"epp://127.0.0.1", port, true}, {"epp://127.0.0.1:" + strconv.Itoa(port), 700, true}, {"epp://127.0.0.1", 0, false},
	} {
		if err := open(t.Context(), c.address, c.port, "", ""); (err == nil) != c.reached || err != nil && ExitCodeOf(err) != ExitUnreachable {
			t.Errorf("%s, else port %d: %v", c.address, c.port, err)
		}
	}
}

// TestARegistryOfEPPIsTriedAsFarAsALogin, with the certificate of the account.
func TestARegistryOfEPPIsTriedAsFarAsALogin(t *testing.T) {
	server := epp.New(epp.Options{ClientCertificate: true})
	_, port, err := net.SplitHostPort(outside.ServeRegistry(t, server))
	if err != nil {
		t.Fatal(err)
	}
	strangers, err := epp.NewCertificates(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	authority, certificate, key := written(t, server.Certificates())
	other, otherCertificate, otherKey := written(t, strangers)
	for name, c := range map[string]struct {
		files eppplugin.Settings
		code  ExitCode
		says  string
	}{
		"as it should be":       {eppplugin.Settings{CAFile: authority, CertificateFile: certificate, KeyFile: key}, ExitOK, "urn:ietf:params:xml:ns:domain-1.0"},
		"another's certificate": {eppplugin.Settings{CAFile: authority, CertificateFile: otherCertificate, KeyFile: otherKey}, ExitRefused, "the registry refuses our certificate"},
		"no certificate":        {eppplugin.Settings{CAFile: authority}, ExitRefused, "the registry refuses our certificate"},
		"another registry":      {eppplugin.Settings{CAFile: other, CertificateFile: certificate, KeyFile: key}, ExitUnreachable, "certificate signed by unknown authority"},
	} {
		settings := eppplugin.DefaultSettings()
		settings.CAFile, settings.CertificateFile, settings.KeyFile = c.files.CAFile, c.files.CertificateFile, c.files.KeyFile
		account, err := settings.Open(registrars.Account{
			URL: "epp://localhost:" + port, Login: "registrar1", Password: domains.NewSecret("epp-password"),
		})
		if err != nil {
			t.Fatal(err)
		}
		a := &Assembly{
			Config:   config.Config{Registrars: map[string]config.Registrar{"epp-main": {Plugin: "epp"}}},
			Accounts: map[string]registrars.Registrar{"epp-main": account},
		}
		said, err := a.reachAccount(t.Context(), "epp-main")
		if err != nil {
			said = err.Error()
		}
		if ExitCodeOf(err) != c.code || !strings.Contains(said, c.says) {
			t.Errorf("%s: %s, %v", name, said, err)
		}
	}
	if server.Calls("login") != 0 {
		t.Errorf("%d logins", server.Calls("login"))
	}
}

// written writes certificates into files of their own.
func written(t *testing.T, certificates *epp.Certificates) (authority, certificate, key string) {
	t.Helper()
	authority, certificate, key, err := certificates.WriteTo(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return authority, certificate, key
}
