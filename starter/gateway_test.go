package main

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"domainprovisioning/assembly"
	"domainprovisioning/gateway"
	"domainprovisioning/internal/selfsigned"
	"domainprovisioning/registrars"
)

const exampleSecret = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz"

func TestKeysAreMadeListedAndRevoked(t *testing.T) {
	configured(t)
	if got := start(t, "", "keys", "list"); got.err == nil || !strings.Contains(got.err.Error(), "run `starter migrate`") {
		t.Errorf("without tables: %v", got.err)
	}
	start(t, "", "migrate")
	made := start(t, "", "keys", "create", "shop", "--scope", "place, read")
	if made.err != nil || !regexp.MustCompile(`^dpk_[a-z2-7]{10}_[A-Z2-7]{52}\n$`).MatchString(made.out) {
		t.Fatalf("%v, %q", made.err, made.out)
	}
	var document struct {
		Name, Key string
		Scopes    []string
	}
	if got := start(t, "", "keys", "create", "desk", "--scope", "operate", "--json"); json.Unmarshal([]byte(got.out), &document) != nil ||
		document.Name != "desk" || document.Key == "" || len(document.Scopes) != 1 {
		t.Errorf("got %s, %v", got.out, got.err)
	}
	if got := start(t, "", "keys", "revoke", "shop"); got.err != nil || got.out != "API key shop is revoked\n" {
		t.Errorf("got %s, %v", got.out, got.err)
	}
	listed := start(t, "", "keys", "list").out
	if !regexp.MustCompile(`(?m)^shop +shop +[a-z2-7]{10} +place,read +\S+ \S+ +\S+ +- +20`).MatchString(listed) || !regexp.MustCompile(`(?m)^desk .* operate .* -$`).MatchString(listed) {
		t.Errorf("listed\n%s", listed)
	}
	if strings.Contains(listed, strings.TrimSpace(made.out)) || strings.Contains(listed, document.Key) {
		t.Error("a key is shown again")
	}
	for _, c := range []struct {
		want string
		args []string
	}{
		{"at least one scope", []string{"create", "x"}}, {`scope "root"`, []string{"create", "x", "--scope", "root"}},
		{"shop already", []string{"create", "shop", "--scope", "read"}}, {"there is no API key nobody", []string{"revoke", "nobody"}},
	} {
		if got := start(t, "", append([]string{"keys"}, c.args...)...); got.err == nil || !strings.Contains(got.err.Error(), c.want) {
			t.Errorf("keys %v: %v, want %q", c.args, got.err, c.want)
		}
	}
}

func TestTheInboxIsListed(t *testing.T) {
	configured(t)
	start(t, "", "migrate")
	if got := start(t, "", "inbox"); got.err != nil || !strings.HasPrefix(got.out, "RECEIVED") {
		t.Errorf("%s, %v", got.out, got.err)
	}
	if got := start(t, "", "inbox", "--json", "--state", "unmatched"); got.err != nil || strings.TrimSpace(got.out) != "[]" {
		t.Errorf("%s, %v", got.out, got.err)
	}
	if got := start(t, "", "inbox", "--state", "lost"); got.err == nil || !strings.Contains(got.err.Error(), "--state") {
		t.Errorf("%v", got.err)
	}
}

// The printed curl command carries a callback that the gateway accepts.
func TestACallbackIsSigned(t *testing.T) {
	configured(t, "# callback_secret: change-me", "callback_secret: "+exampleSecret)
	got := start(t, "", "callback", "sign", "netim-main", "--domain", "shop.example", "--event", "it's-1", "--gateway", "https://gw.example/")
	if got.err != nil || !strings.HasPrefix(got.out, "curl 'https://gw.example/v1/registrars/netim-main/callbacks' \\\n") {
		t.Fatalf("%v\n%s", got.err, got.out)
	}
	header := http.Header{}
	for _, match := range regexp.MustCompile(`-H '((?:[^']|'\\'')*)'`).FindAllStringSubmatch(got.out, -1) {
		name, value, _ := strings.Cut(strings.ReplaceAll(match[1], `'\''`, "'"), ": ")
		header.Set(name, value)
	}
	body := regexp.MustCompile(`--data-raw '(.*)'`).FindStringSubmatch(got.out)[1]
	webhook, err := assembly.Webhook(exampleSecret)
	if err != nil {
		t.Fatal(err)
	}
	notice, err := webhook.DecodeCallback(registrars.Callback{Method: http.MethodPost, Header: header, Body: []byte(body), ReceivedAt: time.Now()})
	if err != nil || notice.ID != "it's-1" || notice.Domain.String() != "shop.example" || notice.Claim != "done" {
		t.Errorf("%+v, %v", notice, err)
	}
	if strings.Contains(got.out, exampleSecret) {
		t.Error("the secret is printed")
	}
}

func TestACallbackThatCannotBeSigned(t *testing.T) {
	configured(t)
	for want, args := range map[string][]string{
		`there is no registrar account "nobody"`: {"sign", "nobody", "--domain", "shop.example"},
		"callback_secret is missing":             {"sign", "netim-main", "--domain", "shop.example"},
	} {
		if got := start(t, "", append([]string{"callback"}, args...)...); got.err == nil || !strings.Contains(got.err.Error(), want) {
			t.Errorf("%v: %v", args, got.err)
		}
	}
	secret := start(t, "", "callback", "secret")
	if _, err := assembly.Webhook(strings.TrimSpace(secret.out)); err != nil {
		t.Errorf("%q: %v", secret.out, err)
	}
	if first, second := gateway.NewWebhookSecret(), gateway.NewWebhookSecret(); first == second {
		t.Error("the same secret twice")
	}
}

// These are the questions of the shell when the tab key is pressed.
func TestTheShellCompletes(t *testing.T) {
	configured(t)
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if got := start(t, "", "completion", shell); got.err != nil || !strings.Contains(got.out, "starter") {
			t.Errorf("%s: %v", shell, got.err)
		}
	}
	for word, want := range map[string]string{"inb": "inbox\t", "o": "order\t"} {
		if got := start(t, "", "__complete", word); got.err != nil || !strings.Contains(got.out, want) {
			t.Errorf("%s: %q, %v", word, got.out, got.err)
		}
	}
	if got := start(t, "", "__complete", "callback", "sign", ""); got.err != nil || !strings.HasPrefix(got.out, "netim-main\n") {
		t.Errorf("accounts: %q, %v", got.out, got.err)
	}
	// If nothing answers, nothing is offered, and no error disturbs the prompt.
	if got := start(t, "", "__complete", "status", ""); got.err != nil || !strings.HasPrefix(got.out, ":") {
		t.Errorf("orders: %q, %v", got.out, got.err)
	}
}

func TestServeNamesWhatIsWrongBeforeItServes(t *testing.T) {
	configured(t, "address: 127.0.0.1:8088", "address: 127.0.0.1:0")
	if got := start(t, "", "serve"); got.err == nil || !strings.Contains(got.err.Error(), "run `starter migrate`") {
		t.Errorf("%v", got.err)
	}
	start(t, "", "migrate")
	t.Setenv("DP_GATEWAY_ADDRESS", "192.0.2.1:80")
	if got := start(t, "", "serve"); got.err == nil || !strings.Contains(got.err.Error(), "gateway.address") {
		t.Errorf("%v", got.err)
	}
}

// TestServeTellsWhatHasExpired, and goes on: others than those who verify it may still be served.
func TestServeTellsWhatHasExpired(t *testing.T) {
	configured(t)
	for left, says := range map[time.Duration]string{
		time.Hour: `"gateway.tls_cert_file expires on `, -time.Hour: `"gateway.tls_cert_file has expired on `,
	} {
		now := time.Now()
		certificate, key := selfsigned.Write(t, t.TempDir(), 1, selfsigned.Life{From: now.AddDate(0, 0, -90), Until: now.Add(left)})
		t.Setenv("DP_GATEWAY_TLS_CERT_FILE", certificate)
		t.Setenv("DP_GATEWAY_TLS_KEY_FILE", key)
		got := start(t, "", "serve")
		if got.err == nil || !strings.Contains(got.err.Error(), "run `starter migrate`") || strings.Count(got.errOut, says) != 1 {
			t.Errorf("%s: %v, %s", left, got.err, got.errOut)
		}
	}
}
