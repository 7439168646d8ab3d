package assembly

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/pem"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"domainprovisioning/activities"
	"domainprovisioning/config"
	"domainprovisioning/internal/exampleconfig"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/netim"
	"domainprovisioning/store"
	"domainprovisioning/vault"
)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// exampleConfig is config/example.yaml with a fresh SQLite database.
func exampleConfig(t *testing.T) config.Config {
	t.Helper()
	cfg, err := Load("../config/example.yaml", append(exampleconfig.Environment(), "DP_DATABASE_URL=sqlite:"+filepath.Join(t.TempDir(), "x.db")))
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

func TestTheExampleIsPutTogether(t *testing.T) {
	cfg := exampleConfig(t)
	second := cfg.Registrars["netim-main"]
	second.PendingDeadline = time.Hour
	cfg.Registrars["a-second"] = second
	a, err := New(t.Context(), cfg, quiet())
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close(context.WithoutCancel(t.Context()))
	if got := strings.Join(a.AccountNames(), " "); got != "a-second netim-main" {
		t.Errorf("accounts %s", got)
	}
	in := a.Intake(nil)
	if in.Accounts["a-second"].PendingDeadline != time.Hour || in.Accounts["netim-main"].PendingDeadline != 120*time.Hour {
		t.Errorf("each account has its own deadline: %+v", in.Accounts)
	}
	if in.Catalog == nil || in.Store == nil || in.Accounts["netim-main"].Registrar == nil {
		t.Error("the intake lacks a part")
	}
	logins := a.logins()
	if login := logins["netim-main"]; login.Login != "AB123" || login.Password.Reveal() != exampleconfig.Password {
		t.Errorf("Billing gets login %q", login.Login)
	}
}

func TestNoRequestTakesLongerThanTheShortestTimeToSettle(t *testing.T) {
	if activities.LongestSubmit > config.ShortestSettle {
		t.Errorf("a request may take %s, and the configuration takes it for settled after %s", activities.LongestSubmit, config.ShortestSettle)
	}
}

// TestAnAccountTakesWhatBothItsSecretsSign: while a secret is being changed, the old one
// is still valid.
func TestAnAccountTakesWhatBothItsSecretsSign(t *testing.T) {
	cfg := exampleConfig(t)
	account := cfg.Registrars["netim-main"]
	account.Plugin, account.Settings, account.CallbackSecret, account.CallbackSecretOld = "realtimeregister", nil, "new-key", "SHOP_KEY"
	cfg.Registrars["netim-main"] = account
	a, err := New(t.Context(), cfg, quiet())
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close(context.WithoutCancel(t.Context()))
	decoder, ok := a.Accounts["netim-main"].(registrars.CallbackDecoder)
	if !ok {
		t.Fatal("it decodes no callbacks")
	}
	// The example of docs/protocols/realtime-register.md, section 12.1, and the same body
	// signed with the new key.
	for _, signature := range []string{"wYBH4UGjiCOx6kC2gAoaJXyPCeURNN7d9X3HsV++Qwo=", sign("new-key", `{"id":5001,"message":"done"}`)} {
		notice, err := decoder.DecodeCallback(registrars.Callback{
			Method: http.MethodPost, Header: http.Header{"Signature": {signature}}, Body: []byte(`{"id":5001,"message":"done"}`),
		})
		if err != nil || notice.ID != "5001" {
			t.Errorf("got %+v, %v", notice, err)
		}
	}
}

func sign(key, body string) string {
	mac := hmac.New(sha256.New, []byte(key))
	_, _ = mac.Write([]byte(body))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func TestOrderRulesComeFromTheConfiguration(t *testing.T) {
	cfg := exampleConfig(t)
	cfg.Orders = config.Orders{DomainIDFullName: true, TrailingSlots: 3}
	a, err := New(t.Context(), cfg, quiet())
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close(context.WithoutCancel(t.Context()))
	if r := a.Intake(nil).Rules; !r.DomainIDFullName || r.TrailingSlots != 3 {
		t.Errorf("got %+v", r)
	}
}

func TestEveryMistakeOfThePlansIsNamed(t *testing.T) {
	cfg := exampleConfig(t)
	billing := &cfg.Plans.Domains[0].Billing
	billing.SetupFee, billing.RenewalFee, billing.PeriodType = "1,50", "1e3", 9
	_, err := New(t.Context(), cfg, quiet())
	for _, want := range []string{"billing.setup_fee", "billing.renewal_fee", "period type 9"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %v", want, err)
		}
	}
}

// TestMistakesNameTheirKey makes one mistake at a time. The error must name the key and
// show no secret.
func TestMistakesNameTheirKey(t *testing.T) {
	notPEM := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(notPEM, []byte("hunter2"), 0o600); err != nil {
		t.Fatal(err)
	}
	plan := func(change func(p *config.DomainPlan)) func(*config.Config) {
		return func(c *config.Config) { change(&c.Plans.Domains[0]) }
	}
	fee := func(change func(p *config.BillingPlan)) func(*config.Config) {
		return plan(func(p *config.DomainPlan) { change(&p.Billing) })
	}
	account := func(change func(r *config.Registrar)) func(*config.Config) {
		return func(c *config.Config) {
			r := c.Registrars["netim-main"]
			change(&r)
			c.Registrars["netim-main"] = r
		}
	}
	for name, c := range map[string]struct {
		change func(c *config.Config)
		want   string
	}{
		"setup fee":         {fee(func(p *config.BillingPlan) { p.SetupFee = "1,50" }), "config: plans.domains[0].billing.setup_fee: "},
		"subscription fee":  {fee(func(p *config.BillingPlan) { p.SubscriptionFee = "-1" }), "config: plans.domains[0].billing.subscription_fee: "},
		"renewal fee":       {fee(func(p *config.BillingPlan) { p.RenewalFee = "1e3" }), "config: plans.domains[0].billing.renewal_fee: "},
		"transfer fee":      {fee(func(p *config.BillingPlan) { p.TransferFee = "1.234" }), "config: plans.domains[0].billing.transfer_fee: "},
		"non refundable":    {fee(func(p *config.BillingPlan) { p.NonRefundable = "free" }), "config: plans.domains[0].billing.non_refundable: "},
		"period type":       {fee(func(p *config.BillingPlan) { p.PeriodType = 9 }), "config: plans: orders: plan 5: billing: period type 9"},
		"years":             {plan(func(p *config.DomainPlan) { p.Years = 11 }), "config: plans: orders: plan 5: years is 11"},
		"tld":               {plan(func(p *config.DomainPlan) { p.TLD = "-" }), "config: plans: orders: plan 5: top-level domain"},
		"hosting template":  {func(c *config.Config) { c.Plans.Hosting[0].Template = 0 }, "config: plans: orders: plan 20: "},
		"plan twice":        {func(c *config.Config) { c.Plans.Hosting[0].Plan = 5 }, "config: plans: orders: plan 5 is in the catalog twice"},
		"plug-in":           {account(func(r *config.Registrar) { r.Plugin = "gandi" }), `config: registrars.netim-main.plugin is "gandi" and must be one of: epp, example, names4ever, netim, realtimeregister`},
		"customer's handle": {account(func(r *config.Registrar) { r.Plugin, r.Login, r.Settings = "realtimeregister", "a b", nil }), "config: registrars.netim-main: realtimeregister: login must be the customer's handle"},
		"language":          {account(func(r *config.Registrar) { r.Settings = &netim.Settings{Language: "DE"} }), "config: registrars.netim-main: netim: netim.language must be EN or FR"},
		"no plan": {account(func(r *config.Registrar) { r.Plugin, r.Settings = "names4ever", nil }),
			"config: registrars.netim-main: names4ever: names4ever.plan_id is missing"},
		"operations CA":    {func(c *config.Config) { c.Operations.CAFile = "/nowhere/ca.pem" }, "config: operations.ca_file: "},
		"billing CA":       {func(c *config.Config) { c.Billing.CAFile = notPEM }, "config: billing.ca_file: "},
		"operations":       {func(c *config.Config) { c.Operations.URL = "nonsense" }, "config: operations: "},
		"billing":          {func(c *config.Config) { c.Billing.URL = "nonsense" }, "config: billing: "},
		"key no base64":    {func(c *config.Config) { c.Database.SealingKeys["k1"] = "hunter2!" }, "config: database.sealing_keys.k1 is not base64"},
		"key too short":    {func(c *config.Config) { c.Database.SealingKeys["k1"] = "aHVudGVyMg==" }, `config: database.sealing_keys: vault: sealing key "k1" must be 32 bytes`},
		"key id":           {func(c *config.Config) { c.Database.SealingKeys["k_1"] = c.Database.SealingKeys["k1"] }, `config: database.sealing_keys: vault: sealing key id "k_1"`},
		"range backwards":  {func(c *config.Config) { c.IDs.HostingSubscription = config.Range{First: 9, Last: 8} }, "config: ids.hosting_subscription is 9 to 8"},
		"range too high":   {func(c *config.Config) { c.IDs.Domain.Last = 1 << 31 }, "config: ids.domain is 1048576 to 2147483648"},
		"range from zero":  {func(c *config.Config) { c.IDs.Account.First = 0 }, "config: ids.account is 0 to"},
		"range half given": {func(c *config.Config) { c.IDs.User = config.Range{First: 7} }, "config: ids.user is 7 to 0"},
		"database scheme":  {func(c *config.Config) { c.Database.URL = "mysql://u:hunter2@localhost/x" }, "must begin with sqlite: or postgres://"},
		"database away":    {func(c *config.Config) { c.Database.URL = "postgres://u:hunter2@127.0.0.1:1/x?sslmode=disable" }, "correct database.url"},
		"DNS server":       {account(func(r *config.Registrar) { r.Settings = &netim.Settings{DNSServer: "192.0.2.53"} }), "config: registrars.netim-main: netim: netim.dns_server must be host:port"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := exampleConfig(t)
			c.change(&cfg)
			a, err := New(t.Context(), cfg, quiet())
			if err == nil {
				a.Close(context.WithoutCancel(t.Context()))
				t.Fatal("taken")
			}
			if !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %q, want one line with %q", err, c.want)
			}
			if strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "aHVudGVyMg") {
				t.Errorf("a secret is shown: %v", err)
			}
		})
	}
}

// TestLoadNamesWhatEveryRoomFindsWrong: one run reports the mistakes against the rules of
// the plug-in, the catalog and the ranges of ids.
func TestLoadNamesWhatEveryRoomFindsWrong(t *testing.T) {
	content, err := os.ReadFile("../config/example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "x.yaml")
	broken := strings.Replace(exampleconfig.Fill(string(content)), "      years: 1\n", "      years: 11\n", 1)
	if err := os.WriteFile(file, []byte(broken), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = Load(file, []string{"DP_REGISTRARS_NETIM_MAIN_NETIM_LANGUAGE=DE", "DP_IDS_DOMAIN_FIRST=0"})
	for _, want := range []string{"netim-main.netim.language must be EN or FR", "plan 5: years is 11", "ids.domain is 0 to"} {
		if err == nil || strings.Count(err.Error(), want) != 1 {
			t.Errorf("%q is not named once in %v", want, err)
		}
	}
}

func TestAllProblemsOfThePlansAreNamed(t *testing.T) {
	cfg := exampleConfig(t)
	cfg.Plans.Domains[0].Years, cfg.Plans.Hosting[0].Template = 0, 0
	_, err := New(t.Context(), cfg, quiet())
	if err == nil {
		t.Fatal("taken")
	}
	for line := range strings.SplitSeq(err.Error(), "\n") {
		if !strings.HasPrefix(line, "config: plans: orders: plan ") {
			t.Errorf("line %q", line)
		}
	}
}

// TestCertificateAuthoritiesAreTrusted calls a server whose certificate is only trusted
// because of the configured file.
func TestCertificateAuthoritiesAreTrusted(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
	file := filepath.Join(t.TempDir(), "ca.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(file, block, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, trusted := range map[string]bool{file: true, "": false} {
		c, err := operationsClient(config.Operations{URL: server.URL, Timeout: 5 * time.Second, CAFile: path})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.GetAccountInfo(t.Context(), 1)
		if refused := err != nil && strings.Contains(err.Error(), "certificate"); refused == trusted {
			t.Errorf("with CA file %q: %v", path, err)
		}
	}
}

func TestTheNamedKeySealsAndOldOnesOpen(t *testing.T) {
	key := func(b byte) config.Secret {
		return config.Secret(base64.StdEncoding.EncodeToString([]byte(strings.Repeat(string(b), vault.KeyBytes))))
	}
	old, err := sealer(config.Database{SealingKey: "a", SealingKeys: map[string]config.Secret{"a": key('a')}})
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := old.Seal([]byte("text"), "context")
	if err != nil {
		t.Fatal(err)
	}
	both, err := sealer(config.Database{SealingKey: "b", SealingKeys: map[string]config.Secret{"a": key('a'), "b": key('b')}})
	if err != nil {
		t.Fatal(err)
	}
	if opened, err := both.Open(sealed, "context"); err != nil || string(opened) != "text" {
		t.Errorf("got %q, %v", opened, err)
	}
	sealed, err = both.Seal([]byte("text"), "context")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := old.Open(sealed, "context"); err == nil {
		t.Error("the new key does not seal")
	}
}

func TestRangesDefaultOneByOne(t *testing.T) {
	got, err := ranges(config.IDs{Domain: config.Range{First: 5, Last: 9}})
	want := store.DefaultRanges()
	want.Domain = store.Range{First: 5, Last: 9}
	if err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
}
