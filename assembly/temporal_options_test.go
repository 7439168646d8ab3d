package assembly

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"domainprovisioning/internal/frontend"
	"domainprovisioning/vault"
)

// certified is a certificate for this machine with its key, and both as PEM files.
func certified(t *testing.T) (pair tls.Certificate, certFile, keyFile string) {
	t.Helper()
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	pair = server.TLS.Certificates[0]
	key, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for file, block := range map[string]*pem.Block{
		certFile: {Type: "CERTIFICATE", Bytes: pair.Certificate[0]}, keyFile: {Type: "PRIVATE KEY", Bytes: key},
	} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return pair, certFile, keyFile
}

// dial connects with these settings; settings alternates names and values.
func dial(t *testing.T, settings ...string) error {
	t.Helper()
	noSettings(t)
	for i := 0; i < len(settings); i += 2 {
		t.Setenv(settings[i], settings[i+1])
	}
	connected, err := DialTemporal(t.Context(), quiet(), &vault.Codec{})
	if err == nil {
		connected.Close()
	}
	return err
}

func TestTheEnvironmentSaysWhereTemporalIs(t *testing.T) {
	temporal := frontend.New(t)
	if err := dial(t, "TEMPORAL_ADDRESS", temporal.Address); err != nil {
		t.Errorf("without a namespace it is the default one: %v", err)
	}
	err := dial(t, "TEMPORAL_ADDRESS", temporal.Address, "TEMPORAL_NAMESPACE", "orders")
	if want := "temporal: " + temporal.Address + ` has no namespace "orders"; create it or set TEMPORAL_NAMESPACE`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %q", err, want)
	}
	profile := filepath.Join(t.TempDir(), "temporal.toml")
	if err := os.WriteFile(profile, []byte("[profile.prod]\naddress = \""+temporal.Address+"\"\nnamespace = \"default\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	noSettings(t)
	t.Setenv("TEMPORAL_CONFIG_FILE", profile)
	t.Setenv("TEMPORAL_PROFILE", "prod")
	connected, err := DialTemporal(t.Context(), quiet(), &vault.Codec{})
	if err != nil {
		t.Fatalf("by a profile: %v", err)
	}
	connected.Close()
}

func TestTheAPIKeyIsSentEncrypted(t *testing.T) {
	pair, ca, _ := certified(t)
	temporal := frontend.New(t, grpc.Creds(credentials.NewServerTLSFromCert(&pair)))
	if err := dial(t, "TEMPORAL_ADDRESS", temporal.Address, "TEMPORAL_API_KEY", "hunter2", "TEMPORAL_TLS_SERVER_CA_CERT_PATH", ca); err != nil {
		t.Fatal(err)
	}
	if got := temporal.Authorization(); got != "Bearer hunter2" {
		t.Errorf("authorised with %q", got)
	}
	plain := frontend.New(t)
	err := dial(t, "TEMPORAL_ADDRESS", plain.Address, "TEMPORAL_API_KEY", "hunter2")
	if err == nil || strings.Contains(err.Error(), "hunter2") || plain.Authorization() != "" {
		t.Errorf("to a server without TLS: %v, and it has heard %q", err, plain.Authorization())
	}
	if err := dial(t, "TEMPORAL_ADDRESS", temporal.Address, "TEMPORAL_TLS", "true"); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("a server that nobody vouches for: %v", err)
	}
}

func TestTheServerKnowsUsByOurCertificate(t *testing.T) {
	pair, cert, key := certified(t)
	temporal := frontend.New(t, grpc.Creds(credentials.NewTLS(&tls.Config{
		Certificates: []tls.Certificate{pair}, ClientAuth: tls.RequireAnyClientCert, MinVersion: tls.VersionTLS13,
	})))
	with := []string{"TEMPORAL_ADDRESS", temporal.Address, "TEMPORAL_TLS_SERVER_CA_CERT_PATH", cert}
	if err := dial(t, with...); err == nil || strings.Contains(err.Error(), "\n") {
		t.Errorf("without a certificate: %v", err)
	}
	if err := dial(t, append(with, "TEMPORAL_TLS_CLIENT_CERT_PATH", cert, "TEMPORAL_TLS_CLIENT_KEY_PATH", key)...); err != nil {
		t.Error(err)
	}
}

// An unreadable setting is refused before dialling. A gateway, which dials later, also
// refuses it at its start.
func TestSettingsOfTemporalThatAreMalformed(t *testing.T) {
	_, cert, key := certified(t)
	garbage := filepath.Join(t.TempDir(), "garbage.pem")
	if err := os.WriteFile(garbage, []byte("hunter2"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		settings []string
		want     string
	}{
		"a switch":                 {[]string{"TEMPORAL_TLS", "yes"}, "TEMPORAL_TLS must be true or false"},
		"another switch":           {[]string{"TEMPORAL_TLS_DISABLE_HOST_VERIFICATION", "on"}, "TEMPORAL_TLS_DISABLE_HOST_VERIFICATION must be true or false"},
		"no such CA":               {[]string{"TEMPORAL_TLS_SERVER_CA_CERT_PATH", "/nowhere/ca.pem"}, "failed reading server CA cert path"},
		"a CA that is none":        {[]string{"TEMPORAL_TLS_SERVER_CA_CERT_PATH", garbage}, "failed adding server CA to CA pool"},
		"a certificate alone":      {[]string{"TEMPORAL_TLS_CLIENT_CERT_PATH", cert}, "other must be present too"},
		"a key alone":              {[]string{"TEMPORAL_TLS_CLIENT_KEY_DATA", "hunter2"}, "other must be present too"},
		"a certificate that is no": {[]string{"TEMPORAL_TLS_CLIENT_CERT_PATH", garbage, "TEMPORAL_TLS_CLIENT_KEY_PATH", key}, "failed loading client cert/key path"},
		"a key that is no":         {[]string{"TEMPORAL_TLS_CLIENT_CERT_PATH", cert, "TEMPORAL_TLS_CLIENT_KEY_PATH", garbage}, "failed loading client cert/key path"},
	} {
		t.Run(name, func(t *testing.T) {
			temporal := frontend.New(t)
			err := dial(t, append(c.settings, "TEMPORAL_ADDRESS", temporal.Address, "TEMPORAL_API_KEY", "hunter2")...)
			lazy, atStart := LazyTemporal(quiet(), &vault.Codec{})
			if atStart == nil {
				lazy.Close()
			}
			for _, got := range []error{err, atStart} {
				if got == nil || !strings.HasPrefix(got.Error(), "temporal: the TEMPORAL_* settings: ") || !strings.Contains(got.Error(), c.want) ||
					strings.ContainsAny(got.Error(), "\n") || strings.Contains(got.Error(), "hunter2") {
					t.Errorf("got %v, want %q", got, c.want)
				}
			}
			if temporal.Authorization() != "" {
				t.Error("it was dialled")
			}
		})
	}
}

func TestAGatewayAsksForTemporalWhenItNeedsIt(t *testing.T) {
	noSettings(t)
	temporal := frontend.New(t)
	t.Setenv("TEMPORAL_ADDRESS", temporal.Address)
	lazy, err := LazyTemporal(quiet(), &vault.Codec{})
	if err != nil {
		t.Fatal(err)
	}
	defer lazy.Close()
	if err := TemporalUp(t.Context(), lazy); err != nil {
		t.Errorf("it is up: %v", err)
	}
	temporal.Stop()
	if err := TemporalUp(t.Context(), lazy); err == nil {
		t.Error("it is down")
	}
}
