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
		"port 0":              {func(a *registrars.Account, _ *epp.Settings) { a.URL += ":0" }, "url"},
		"port 65536":          {func(a *registrars.Account, _ *epp.Settings) { a.URL += ":65536" }, "url"},
		"port 65535":          {func(a *registrars.Account, _ *epp.Settings) { a.URL += ":65535" }, ""},
		"a login of words":    {func(a *registrars.Account, s *epp.Settings) { a.Login, s.RegistrarID = "My Registrar 1", "Its Id" }, ""},
		"a login, two blanks": {func(a *registrars.Account, _ *epp.Settings) { a.Login = "my  login" }, "login"},
		"a login of lines":    {func(a *registrars.Account, _ *epp.Settings) { a.Login = "my\nlogin" }, "login"},
		"an id with a blank":  {func(_ *registrars.Account, s *epp.Settings) { s.RegistrarID = "registrar " }, "epp.registrar_id"},
		"password, control":   {func(a *registrars.Account, _ *epp.Settings) { a.Password = domains.NewSecret("hunter2\x01") }, "password"},
		"password, tabulator": {func(a *registrars.Account, _ *epp.Settings) { a.Password = domains.NewSecret("hunt\ter2") }, "password"},
		"password, no text":   {func(a *registrars.Account, _ *epp.Settings) { a.Password = domains.NewSecret("hunter2\xff") }, "password"},
		"password, blanks":    {func(a *registrars.Account, _ *epp.Settings) { a.Password = domains.NewSecret("hunt  er2") }, "password"},
		"password, end blank": {func(a *registrars.Account, _ *epp.Settings) { a.Password = domains.NewSecret("hunter2 ") }, "password"},
		"a pass phrase":       {func(a *registrars.Account, _ *epp.Settings) { a.Password = domains.NewSecret("hunt er 2") }, ""},
		"hello, rarely":       {func(_ *registrars.Account, s *epp.Settings) { s.HelloEvery = 11 * time.Minute }, "epp.hello_every"},
		"a role twice":        {func(_ *registrars.Account, s *epp.Settings) { s.Contacts = []string{"owner", "tech", "tech"} }, "epp.contacts"},
		"sunrise":             {func(_ *registrars.Account, s *epp.Settings) { s.LaunchPhase = "sunrise" }, "epp.launch_phase"},
		"claims":              {func(_ *registrars.Account, s *epp.Settings) { s.LaunchPhase = "Claims" }, "epp.launch_phase"},
		"landrush":            {func(_ *registrars.Account, s *epp.Settings) { s.LaunchPhase = "landrush" }, ""},
		"a price of nothing":  {func(_ *registrars.Account, s *epp.Settings) { s.Prices = []string{"create 0.00EUR"} }, "epp.prices"},
		"two currencies":      {func(_ *registrars.Account, s *epp.Settings) { s.Prices = []string{"create 8.00EUR", "renew 8.00USD"} }, "epp.prices"},
		"prices, sound":       {func(_ *registrars.Account, s *epp.Settings) { s.Prices = []string{"create 8.00EUR", "renew 9.00EUR"} }, ""},
		"without a word":      {func(_ *registrars.Account, s *epp.Settings) { s.Without = []string{"fee"} }, "epp.without"},
		"without fees": {func(_ *registrars.Account, s *epp.Settings) {
			s.Without = []string{"urn:ietf:params:xml:ns:epp:fee-1.0", "http://registry.example/own-1.0"}
		}, ""},
		"without contacts": {func(_ *registrars.Account, s *epp.Settings) {
			s.Without = []string{"urn:ietf:params:xml:ns:contact-1.0"}
		}, "epp.without"},
		"without contacts, of none": {func(_ *registrars.Account, s *epp.Settings) {
			s.Without, s.Contacts = []string{"urn:ietf:params:xml:ns:contact-1.0"}, []string{}
		}, ""},
		"without hosts": {func(_ *registrars.Account, s *epp.Settings) { s.Without = []string{"urn:ietf:params:xml:ns:host-1.0"} }, "epp.without"},
		"without hosts, as attributes": {func(_ *registrars.Account, s *epp.Settings) {
			s.Without, s.Hosts = []string{"urn:ietf:params:xml:ns:host-1.0"}, "attributes"
		}, ""},
		"without launch, in a phase": {func(_ *registrars.Account, s *epp.Settings) {
			s.Without, s.LaunchPhase = []string{"urn:ietf:params:xml:ns:launch-1.0"}, "open"
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
