package assembly

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"domainprovisioning/config"
	"domainprovisioning/internal/exampleconfig"
	"domainprovisioning/internal/selfsigned"
	"domainprovisioning/sandbox/standin/epp"
)

// TestTheEndOfACertificateIsToldBefore: 30 days before it is warned of, also afterwards, when the
// check calls it a mistake. Programs start all the same, because their other accounts have work to do,
// and tell of it in their metrics.
func TestTheEndOfACertificateIsToldBefore(t *testing.T) {
	const key, day = "registrars.epp-main.epp.certificate_file", 24 * time.Hour
	folder := t.TempDir()
	example, err := os.ReadFile("../config/example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		left  time.Duration
		warns string
		wrong bool
	}{{31 * day, "", false}, {29 * day, key + " expires on ", false}, {-time.Hour, key + " has expired on ", true}} {
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
		for _, warnings := range [][]string{Warnings(cfg, time.Now()), warned(accountEnds(cfg), time.Now())} {
			if len(warnings) != min(1, len(c.warns)) || c.warns != "" && !strings.HasPrefix(warnings[0], c.warns) {
				t.Errorf("%s: warnings %q", c.left, warnings)
			}
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

// TestTheGatewaysOwnCertificateHasAnEnd, which is near a week before, or in the last quarter of a short
// life. The earliest of its chain counts.
func TestTheGatewaysOwnCertificateHasAnEnd(t *testing.T) {
	const day, expires, hasExpired = 24 * time.Hour, "gateway.tls_cert_file expires on ", "gateway.tls_cert_file has expired on "
	for name, c := range map[string]struct {
		life, left time.Duration
		further    time.Duration // what is left of one that follows it
		warns      string
	}{
		"renewed now by ACME":     {90 * day, 29 * day, 365 * day, ""},
		"not renewed":             {90 * day, 7*day - time.Hour, 365 * day, expires},
		"a short life, renewed":   {8 * day, 2*day + time.Hour, 365 * day, ""},
		"a short life":            {8 * day, 2*day - time.Hour, 365 * day, expires},
		"an hour, renewed":        {time.Hour, 20 * time.Minute, 365 * day, ""},
		"an hour":                 {time.Hour, 10 * time.Minute, 365 * day, expires},
		"expired":                 {90 * day, -time.Hour, 365 * day, hasExpired},
		"its chain":               {90 * day, 60 * day, 6 * day, expires},
		"its chain, a month left": {90 * day, 60 * day, 29 * day, ""},
		"its chain, expired":      {90 * day, 60 * day, -time.Hour, hasExpired},
	} {
		now := time.Now()
		certificate, key := selfsigned.Write(t, t.TempDir(), 1,
			selfsigned.Life{From: now.Add(c.left - c.life), Until: now.Add(c.left)}, selfsigned.Life{From: now.Add(-400 * day), Until: now.Add(c.further)})
		cfg := config.Config{Gateway: config.Gateway{Address: "127.0.0.1:0", TLSCertFile: certificate, TLSKeyFile: key}}
		if warnings := Warnings(cfg, now); len(warnings) != min(1, len(c.warns)) || c.warns != "" && !strings.HasPrefix(warnings[0], c.warns) {
			t.Errorf("%s: %q", name, warnings)
		}
		errs := expired(cfg, now)
		if (len(errs) == 1) != (c.warns == hasExpired) || len(errs) > 0 && !strings.HasPrefix(errs[0].Error(), "config: "+hasExpired) {
			t.Errorf("%s: %v", name, errs)
		}
		if warnings := warned(accountEnds(cfg), now); len(warnings) > 0 {
			t.Errorf("%s: of accounts: %q", name, warnings)
		}
	}
}
