package epp_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/epp"
	standin "domainprovisioning/sandbox/standin/epp"
)

// TestFilesOfAnAccountAreRead: what is wrong with them is said when the configuration is checked,
// without their paths, and no more is read than a certificate has.
func TestFilesOfAnAccountAreRead(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	ca, certificate, key, err := standin.New(standin.Options{}).Certificates().WriteTo(folder)
	if err != nil {
		t.Fatal(err)
	}
	text, long := filepath.Join(folder, "text"), filepath.Join(folder, "long")
	for path, size := range map[string]int64{text: 10, long: 1<<20 + 1} {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(path, size); err != nil {
			t.Fatal(err)
		}
	}
	missing := filepath.Join(folder, "missing")
	for _, c := range []struct{ ca, certificate, key, want string }{
		{ca, certificate, key, ""},
		{"", "", "", ""},
		{missing, "", "", "epp.ca_file cannot be read: "},
		{folder, "", "", "epp.ca_file cannot be read: "},
		{long, "", "", "epp.ca_file is longer than 1048576 bytes"},
		{text, "", "", "epp.ca_file holds no certificate in PEM"},
		{ca, certificate, "", "epp.certificate_file needs key_file"},
		{ca, missing, key, "epp.certificate_file cannot be read: "},
		{ca, long, key, "epp.certificate_file is longer than 1048576 bytes"},
		{ca, certificate, missing, "epp.key_file cannot be read: "},
		{ca, certificate, long, "epp.key_file is longer than 1048576 bytes"},
		{ca, certificate, text, "epp.certificate_file and key_file cannot be used: "},
		{ca, ca, key, "epp.certificate_file and key_file cannot be used: "},
	} {
		settings := epp.DefaultSettings()
		settings.CAFile, settings.CertificateFile, settings.KeyFile = c.ca, c.certificate, c.key
		var wrong []string
		settings.Check(registrars.Account{
			URL: "epp://localhost", Login: worldLogin, Password: domains.NewSecret(worldPassword),
		}, func(key, rule string) { wrong = append(wrong, key+" "+rule) })
		got := strings.Join(wrong, "\n")
		if c.want == "" && got != "" || !strings.HasPrefix(got, c.want) || len(wrong) > 1 || strings.Contains(got, folder) {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

// TestTheEndOfACertificateIsKnown. One that has expired keeps no program from starting, because other
// accounts have work to do.
func TestTheEndOfACertificateIsKnown(t *testing.T) {
	t.Parallel()
	made := time.Now().AddDate(-30, 0, 0)
	old, err := standin.NewCertificates(made)
	if err != nil {
		t.Fatal(err)
	}
	_, certificate, key, err := old.WriteTo(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	settings := epp.DefaultSettings()
	settings.CertificateFile, settings.KeyFile = certificate, key
	account := registrars.Account{URL: "epp://localhost", Login: worldLogin, Password: domains.NewSecret(worldPassword)}
	settings.Check(account, func(key, rule string) { t.Errorf("%s %s", key, rule) })
	if _, err := settings.Open(account); err != nil {
		t.Error(err)
	}
	if ends := settings.Expires(account); len(ends) != 1 || ends[0].Key != "epp.certificate_file" || !ends[0].At.After(made) || ends[0].At.After(time.Now()) {
		t.Errorf("%+v", ends)
	}
	// The certificates of others that follow ours count as well.
	recent, err := standin.NewCertificates(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	chain := filepath.Join(t.TempDir(), "chain.pem")
	if err := os.WriteFile(chain, slices.Concat(recent.Client, recent.CA, old.CA), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(key, recent.ClientKey, 0o600); err != nil {
		t.Fatal(err)
	}
	settings.CertificateFile = chain
	if again := settings.Expires(account); len(again) != 1 || !again[0].At.Before(made.Add(standin.ValidFor+time.Minute)) || !again[0].At.After(made) {
		t.Errorf("with its chain: %+v", again)
	}
	settings.KeyFile = ""
	if ends := settings.Expires(account); len(ends) != 0 {
		t.Errorf("of what cannot be read: %+v", ends)
	}
}
