package assembly

import (
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"domainprovisioning/config"
	"domainprovisioning/domains"
	"domainprovisioning/internal/exampleconfig"
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

// TestTheEndOfACertificateIsToldBefore: 30 days before it is warned of, and afterwards the check calls
// it a mistake. Programs start all the same, because their other accounts have work to do, and tell of
// it in their metrics.
func TestTheEndOfACertificateIsToldBefore(t *testing.T) {
	const key, day = "registrars.epp-main.epp.certificate_file", 24 * time.Hour
	folder := t.TempDir()
	example, err := os.ReadFile("../config/example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		left          time.Duration
		warned, wrong bool
	}{{31 * day, false, false}, {29 * day, true, false}, {-time.Hour, false, true}} {
		certificates, err := epp.NewCertificates(time.Now().Add(c.left - epp.ValidFor))
		if err != nil {
			t.Fatal(err)
		}
		_, certificate, keyFile, err := certificates.WriteTo(folder)
		if err != nil {
			t.Fatal(err)
		}
		account := "  epp-main:\n    plugin: epp\n    url: epp://epp.registry.example\n    login: registrar1\n    password: change-me\n" +
			"    epp:\n      certificate_file: " + certificate + "\n      key_file: " + keyFile + "\n"
		file := filepath.Join(folder, "x.yaml")
		content := strings.Replace(string(example), "  # epp-main:\n", account, 1)
		if err := os.WriteFile(file, []byte(exampleconfig.Fill(content)), 0o600); err != nil {
			t.Fatal(err)
		}
		environment := []string{"DP_DATABASE_URL=sqlite:" + filepath.Join(folder, "x.db")}
		cfg, err := Load(file, environment)
		if err != nil {
			t.Fatal(err)
		}
		_, err = Check(file, environment)
		if named := err != nil && strings.Contains(err.Error(), "config: "+key+" has expired on "); named != c.wrong || (err != nil) != c.wrong {
			t.Errorf("%s: %v", c.left, err)
		}
		if warnings := strings.Join(Warnings(cfg, time.Now()), "\n"); strings.Contains(warnings, key+" expires on ") != c.warned {
			t.Errorf("%s: warnings %q", c.left, warnings)
		}
		a, err := Prepare(cfg, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		metrics := httptest.NewRecorder()
		a.Metrics.Handler(a.Log).ServeHTTP(metrics, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
		if !strings.Contains(metrics.Body.String(), `domainprovisioning_expires_timestamp_seconds{setting="`+key+`"}`) {
			t.Errorf("%s: no metric", c.left)
		}
	}
}

// TestTheGatewaysOwnCertificateHasAnEnd.
func TestTheGatewaysOwnCertificateHasAnEnd(t *testing.T) {
	certificates, err := epp.NewCertificates(time.Now().Add(time.Hour - epp.ValidFor))
	if err != nil {
		t.Fatal(err)
	}
	_, certificate, key := written(t, certificates)
	cfg := config.Config{Gateway: config.Gateway{Address: "127.0.0.1:0", TLSCertFile: certificate, TLSKeyFile: key}}
	if warnings := Warnings(cfg, time.Now()); len(warnings) != 1 || !strings.HasPrefix(warnings[0], "gateway.tls_cert_file expires on ") {
		t.Errorf("%q", warnings)
	}
	if errs := expired(cfg, time.Now().Add(2*time.Hour)); len(errs) != 1 || !strings.Contains(errs[0].Error(), "config: gateway.tls_cert_file has expired on ") {
		t.Errorf("%v", errs)
	}
}

// TestARegistryOfEPPIsTriedAsFarAsALogin, with the certificate of the account.
func TestARegistryOfEPPIsTriedAsFarAsALogin(t *testing.T) {
	server := epp.New(epp.Options{ClientCertificate: true})
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	t.Cleanup(func() {
		_ = server.Close()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
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
		_, port, err := net.SplitHostPort(listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
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
