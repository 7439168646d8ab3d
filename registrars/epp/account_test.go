package epp_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/epp"
	standin "domainprovisioning/sandbox/standin/epp"
)

// TestSettingsAreChecked: each mistake is named by its key, and no value is shown.
func TestSettingsAreChecked(t *testing.T) {
	certificates, err := standin.NewCertificates(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	ca, certificate, key, err := certificates.WriteTo(dir)
	if err != nil {
		t.Fatal(err)
	}
	empty := filepath.Join(dir, "empty.pem")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	sound := registrars.Account{URL: "epp://epp.registry.example", Login: "registrar1", Password: domains.NewSecret("a-password"), CallsPerSecond: 5}
	for name, c := range map[string]struct {
		change func(*registrars.Account, *epp.Settings)
		key    string // "" is sound
	}{
		"sound": {func(*registrars.Account, *epp.Settings) {}, ""},
		"with certificates": {func(_ *registrars.Account, s *epp.Settings) {
			s.CAFile, s.CertificateFile, s.KeyFile = ca, certificate, key
		}, ""},
		"http":                   {func(a *registrars.Account, _ *epp.Settings) { a.URL = "https://epp.registry.example" }, "url"},
		"a path":                 {func(a *registrars.Account, _ *epp.Settings) { a.URL += "/hunter2" }, "url"},
		"a user":                 {func(a *registrars.Account, _ *epp.Settings) { a.URL = "epp://me:hunter2@registry.example" }, "url"},
		"a long login":           {func(a *registrars.Account, _ *epp.Settings) { a.Login = strings.Repeat("x", 17) }, "login"},
		"a short password":       {func(a *registrars.Account, _ *epp.Settings) { a.Password = domains.NewSecret("hunt") }, "password"},
		"no password":            {func(a *registrars.Account, _ *epp.Settings) { a.Password = domains.Secret{} }, "password"},
		"a certificate alone":    {func(_ *registrars.Account, s *epp.Settings) { s.CertificateFile = certificate }, "epp.certificate_file"},
		"another's key":          {func(_ *registrars.Account, s *epp.Settings) { s.CertificateFile, s.KeyFile = ca, key }, "epp.certificate_file"},
		"no authorities":         {func(_ *registrars.Account, s *epp.Settings) { s.CAFile = empty }, "epp.ca_file"},
		"a file that is missing": {func(_ *registrars.Account, s *epp.Settings) { s.CAFile = filepath.Join(dir, "none") }, "epp.ca_file"},
		"hosts":                  {func(_ *registrars.Account, s *epp.Settings) { s.Hosts = "both" }, "epp.hosts"},
		"postal":                 {func(_ *registrars.Account, s *epp.Settings) { s.Postal = "ext" }, "epp.postal"},
		"dnssec":                 {func(_ *registrars.Account, s *epp.Settings) { s.DNSSEC = "both" }, "epp.dnssec"},
		"sessions":               {func(_ *registrars.Account, s *epp.Settings) { s.Sessions = 51 }, "epp.sessions"},
		"hello":                  {func(_ *registrars.Account, s *epp.Settings) { s.HelloEvery = time.Second }, "epp.hello_every"},
		"roles":                  {func(_ *registrars.Account, s *epp.Settings) { s.Contacts = []string{"holder"} }, "epp.contacts"},
		"prefix":                 {func(_ *registrars.Account, s *epp.Settings) { s.HandlePrefix = "LONGER" }, "epp.handle_prefix"},
		"code":                   {func(_ *registrars.Account, s *epp.Settings) { s.AuthCodeLength = 8 }, "epp.auth_code_length"},
		"phase":                  {func(_ *registrars.Account, s *epp.Settings) { s.LaunchPhase = "sun rise" }, "epp.launch_phase"},
		"prices":                 {func(_ *registrars.Account, s *epp.Settings) { s.Prices = []string{"create 8"} }, "epp.prices"},
		"a price twice":          {func(_ *registrars.Account, s *epp.Settings) { s.Prices = []string{"create 8.00EUR", "create 9.00EUR"} }, "epp.prices"},
		"without domains": {func(_ *registrars.Account, s *epp.Settings) {
			s.Without = []string{"urn:ietf:params:xml:ns:domain-1.0"}
		}, "epp.without"},
		"language":  {func(_ *registrars.Account, s *epp.Settings) { s.Language = "english!" }, "epp.language"},
		"registrar": {func(_ *registrars.Account, s *epp.Settings) { s.RegistrarID = "x" }, "epp.registrar_id"},
		"keeping":   {func(_ *registrars.Account, s *epp.Settings) { s.KeepSessions = 48 * time.Hour }, "epp.keep_sessions"},
	} {
		account, settings := sound, epp.DefaultSettings()
		c.change(&account, &settings)
		var keys []string
		settings.Check(account, func(key, rule string) {
			keys = append(keys, key)
			if rule == "" || strings.Contains(rule, "hunter2") || strings.Contains(rule, dir) {
				t.Errorf("%s: %s %s", name, key, rule)
			}
		})
		_, err := settings.Open(account)
		if (err == nil) != (c.key == "") || err != nil && (!strings.Contains(err.Error(), c.key) || strings.Contains(err.Error(), "hunter2")) {
			t.Errorf("%s: Open: %v", name, err)
		}
		if len(keys) != min(1, len(c.key)) || c.key != "" && keys[0] != c.key {
			t.Errorf("%s: %v, want %q", name, keys, c.key)
		}
	}
}
