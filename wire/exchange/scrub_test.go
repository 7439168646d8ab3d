package exchange_test

import (
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"net/url"
	"strings"
	"testing"

	"domainprovisioning/wire/exchange"
)

func TestASecretIsRemovedInEveryForm(t *testing.T) {
	asXML := func(s string) string {
		var b strings.Builder
		if err := xml.EscapeText(&b, []byte(s)); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	asJSON := func(s string) string {
		document, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		return string(document[1 : len(document)-1])
	}
	named := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;").Replace
	slashes := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "'", `\'`).Replace
	std, safe := base64.StdEncoding.EncodeToString, base64.RawURLEncoding.EncodeToString
	for _, secret := range []string{
		"correct horse", `a"b\c/d`, "<&>'\"", "pässwörd€", "tab\tand\nline", "p+s%w=rd&x", "🔑key🔑", "dpk_abcdefghij", strings.Repeat("longer ", 40) + "end", "Zürich?~}>>>", "it's a secret",
	} {
		for form, text := range map[string]string{
			"as it is": secret, "xml": asXML(secret), "xml by names": named(secret), "xml twice": asXML(asXML(secret)), "json": asJSON(secret), "json twice": asJSON(asJSON(secret)),
			"xml in json": asJSON(asXML(secret)), "sql": strings.ReplaceAll(secret, "'", "''"), "slashes": slashes(secret), "json in xml": asXML(asJSON(secret)),
			"query": url.QueryEscape(secret), "path": url.PathEscape(secret), "query twice": url.QueryEscape(url.QueryEscape(secret)), "query in lower case": strings.ToLower(url.QueryEscape(strings.ToLower(secret))),
			"base64": std([]byte(secret)), "base64 for an URL": safe([]byte(secret)), "http basic": std([]byte("user:" + secret)), "http basic of a": std([]byte("a:" + secret + "!")),
			"base64 in a query": url.QueryEscape(std([]byte("ab" + secret))), "base64 within": std([]byte("user=x&password=" + secret + "&more=1")),
		} {
			of := exchange.Secrets{"", secret}
			if form == "query in lower case" {
				of = append(of, strings.ToLower(secret))
			}
			got := of.Scrub("before: " + text + "; after")
			want := "before: " + exchange.Hidden + "; after"
			if got != want {
				t.Errorf("%q %s: %q leaves %q", secret, form, text, got)
			}
		}
		wrapped := std([]byte("user:" + secret + " and so on"))
		if len(wrapped) > 24 {
			wrapped = wrapped[:20] + "\r\n" + wrapped[20:]
			if got := (exchange.Secrets{secret}).Scrub(wrapped); strings.Contains(got, wrapped[12:20]) {
				t.Errorf("%q in lines: %q", secret, got)
			}
		}
	}
}

func TestWhatIsNoSecretStays(t *testing.T) {
	const text = "the account 1234567 is not active: abandon, cabin and taxi (tab) ab."
	for _, c := range []struct {
		secrets exchange.Secrets
		want    string
	}{
		{nil, text},
		{exchange.Secrets{"", "  "}, text},
		{exchange.Secrets{"passport", "12345678"}, text},
		{exchange.Secrets{"ab"}, strings.Replace(text, " ab.", " "+exchange.Hidden+".", 1)},
		{exchange.Secrets{"1234", "1234567"}, strings.Replace(text, "1234567", exchange.Hidden, 1)},
	} {
		if got := c.secrets.Scrub(text); got != c.want {
			t.Errorf("%q: got %q, want %q", c.secrets, got, c.want)
		}
	}
	if got := (exchange.Secrets{" #1! "}).Scrub("sent #1! or x#1!"); got != "sent "+exchange.Hidden+" or x"+exchange.Hidden {
		t.Errorf("a short one of signs leaves %q", got)
	}
}

// Whatever text comes, a secret that stands in it is gone.
func FuzzScrub(f *testing.F) {
	f.Add("secret", "before ", " after")
	f.Add("&#38;", "&amp;", "amp;")
	f.Fuzz(func(t *testing.T, secret, before, after string) {
		if len(secret) > 100 || len(before)+len(after) > 1000 {
			t.Skip()
		}
		secret = strings.TrimSpace(strings.ToValidUTF8(secret, ""))
		hidden := exchange.Hidden // a part of it cannot be told from what Scrub writes
		if len([]rune(secret)) < 4 || strings.Contains(hidden, secret) {
			t.Skip()
		}
		if got := (exchange.Secrets{secret}).Scrub(before + secret + after); strings.Contains(got, secret) && !strings.Contains(before+exchange.Hidden+after, secret) {
			t.Errorf("%q leaves %q", before+secret+after, got)
		}
	})
}

func BenchmarkScrub(b *testing.B) {
	secrets := exchange.Secrets{"a password of 24 letters", "0123456789abcdef0123456789abcdef"}
	text := strings.Repeat("the registry has refused the command ", 50)
	for b.Loop() {
		secrets.Scrub(text)
	}
}
