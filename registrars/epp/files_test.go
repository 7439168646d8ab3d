package epp_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

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
