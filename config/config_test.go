package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"domainprovisioning/assembly"
	"domainprovisioning/config"
	"domainprovisioning/internal/exampleconfig"
)

func example(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile("example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return exampleconfig.Fill(string(content))
}

func read(t *testing.T, content string, environment ...string) (config.Config, error) {
	t.Helper()
	return config.Read(strings.NewReader(content), environment, assembly.Plugins())
}

func TestExampleIsValidAndComplete(t *testing.T) {
	cfg, err := config.Load("example.yaml", append(exampleconfig.Environment(), "DP_DATABASE_URL=sqlite:x.db"), assembly.Plugins())
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Registrars["netim-main"].WatchEvery != 10*time.Minute || cfg.Plans.Domains[0].Periods[2] != 2 {
		t.Errorf("got %+v", cfg)
	}
	content := example(t)
	for _, key := range config.Keys() {
		if !strings.Contains(content, key+":") {
			t.Errorf("config/example.yaml does not explain %s", key)
		}
	}
}

func TestDefaultsFillWhatIsLeftOut(t *testing.T) {
	content := example(t)
	for _, line := range []string{"    watch_every: 10m\n", "    settle: 5m\n", "    calls_at_once: 4\n", "  activities: 100\n", "    timeout: 90s\n"} {
		if !strings.Contains(content, line) {
			t.Fatalf("the example has changed: %q", line)
		}
		content = strings.Replace(content, line, "", 1)
	}
	cfg, err := read(t, content)
	if err != nil {
		t.Fatal(err)
	}
	account := cfg.Registrars["netim-main"]
	if account.WatchEvery != 10*time.Minute || account.Settle != 5*time.Minute || account.CallsAtOnce != 4 ||
		account.Timeout != 90*time.Second || cfg.Worker.Activities != 100 {
		t.Errorf("got %+v", account)
	}
}

// TestMistakesAreNamed changes the example in one place at a time. The error must name
// the key.
func TestMistakesAreNamed(t *testing.T) {
	for name, c := range map[string]struct{ from, to, want string }{
		"unknown key":        {"  max_connections: 10", "  max_conections: 10", "unknown key database.max_conections"},
		"not a number":       {"  max_connections: 10", "  max_connections: many", "line"},
		"no database":        {"  url: postgres://domainprovisioning:" + exampleconfig.Password + "@localhost/domainprovisioning?sslmode=verify-full", "", "database.url is missing"},
		"no such key":        {"sealing_key: k1", "sealing_key: k2", `database.sealing_keys lacks the key "k2"`},
		"no key":             {"sealing_key: k1", "", "database.sealing_key is missing"},
		"short key":          {"k1: " + exampleconfig.Key[:4], "k1: ", "database.sealing_keys.k1 must be 32 bytes in base64"},
		"no worker":          {"activities: 100", "activities: 0", "worker.activities is 0 and must be at least 1"},
		"too slow":           {"  timeout: 90s\n  # PEM", "  timeout: 3h\n  # PEM", "operations.timeout is 3h0m0s"},
		"password only":      {"  login: \"\"\n  password: \"\"", "  login: \"\"\n  password: x", "operations.login and operations.password must be given together"},
		"credentials in URL": {"http://operations.internal", "http://u:p@operations.internal", "operations.url must not hold a login or password"},
		"no scheme":          {"https://billing.internal:5224/RPC2", "billing.internal", "billing.url must be a URL"},
		"wrong scheme":       {"https://billing.internal", "ftp://billing.internal", "billing.url must begin with"},
		"plain registrar":    {"https://api.netim.com", "http://api.netim.com", "registrars.netim-main.url must begin with https://"},
		"plug-in's rule":     {"      language: EN", "      language: DE", "registrars.netim-main.netim.language must be EN or FR"},
		"plug-in's login":    {"    login: AB123", "    login: AB1234567", "registrars.netim-main.login must have 1 to 8 characters"},
		"no such plug-in":    {"plugin: netim", "plugin: gandi", `registrars.netim-main.plugin is "gandi" and must be one of: epp, example, names4ever, netim, realtimeregister`},
		"bad account name":   {"  netim-main:", "  Netim_Main:", "registrars.Netim_Main must be named"},
		"too often":          {"watch_every: 10m", "watch_every: 4m", "registrars.netim-main.watch_every is 4m0s and must be at least 5m0s"},
		"settles too soon":   {"settle: 5m", "settle: 3m59s", "registrars.netim-main.settle is 3m59s and must be at least 4m0s"},
		"settles too late":   {"settle: 5m", "settle: 25h", "registrars.netim-main.settle is 25h0m0s and must be at most 24h0m0s"},
		"no login":           {"    login: AB123", "    login: \"\"", "registrars.netim-main.login is missing"},
		"short deadline":     {"pending_deadline: 120h", "pending_deadline: 1m", "registrars.netim-main.pending_deadline"},
		"old secret only":    {"    # callback_secret_old: " + exampleconfig.Password, "    callback_secret_old: " + exampleconfig.Password, "registrars.netim-main.callback_secret_old is the previous secret"},
		"long login":         {"billing_login: AB123", "billing_login: " + strings.Repeat("x", 41), "registrars.netim-main.billing_login is longer than 40"},
		"long password":      {"billing_password: " + exampleconfig.Password, "billing_password: " + strings.Repeat("x", 33), "registrars.netim-main.billing_password is longer than 32"},
		"unknown registrar":  {"registrar: netim-main", "registrar: elsewhere", `plans.domains[0].registrar "elsewhere" is not one of registrars`},
		"two documents":      {"ids:", "---\nids:", "more than one document"},
		"no plans":           {"plans:\n", "plans: {}\nunused:\n", "unknown key unused"},
	} {
		t.Run(name, func(t *testing.T) {
			content := example(t)
			if !strings.Contains(content, c.from) {
				t.Fatalf("the example lacks %q", c.from)
			}
			_, err := read(t, strings.Replace(content, c.from, c.to, 1))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestAllMistakesAreNamedAtOnce(t *testing.T) {
	_, err := read(t, "")
	for _, want := range []string{"database.url", "operations.url", "billing.url", "registrars is missing", "plans is missing"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %v", want, err)
		}
	}
}

func TestEnvironmentOverridesSingleValues(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(secret, []byte("from-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := read(t, example(t),
		"DP_DATABASE_URL=sqlite:/tmp/x.db", "DP_DATABASE_MAX_CONNECTIONS=3", "DP_WORKER_STOP_TIMEOUT=5s",
		"DP_ORDERS_DOMAIN_ID_FULL_NAME=true", "DP_REGISTRARS_NETIM_MAIN_CALLS_PER_SECOND=1.5",
		"DP_REGISTRARS_NETIM_MAIN_PASSWORD_FILE="+secret, "DP_IDS_DOMAIN_FIRST=7", "PATH=/bin")
	if err != nil {
		t.Fatal(err)
	}
	account := cfg.Registrars["netim-main"]
	if cfg.Database.URL != "sqlite:/tmp/x.db" || cfg.Database.MaxConnections != 3 || cfg.Worker.StopTimeout != 5*time.Second ||
		!cfg.Orders.DomainIDFullName || account.CallsPerSecond != 1.5 || account.Password != "from-file" || cfg.IDs.Domain.First != 7 {
		t.Error("a value was not overridden")
	}
}

func TestMistakesInTheEnvironmentAreNamed(t *testing.T) {
	for variable, want := range map[string]string{
		"DP_DATABASE_URI=x":                                "DP_DATABASE_URI fits no key",
		"DP_DATABASE_MAX_CONNECTIONS=hunter":               "config: database.max_connections must be a whole number, in the environment variable DP_DATABASE_MAX_CONNECTIONS",
		"DP_WORKER_STOP_TIMEOUT=hunter":                    "worker.stop_timeout must be a duration such as 90s, 10m or 120h, in the environment variable DP_WORKER_STOP_TIMEOUT",
		"DP_BILLING_PASSWORD_FILE=/nowhere":                "DP_BILLING_PASSWORD_FILE",
		"DP_PLANS_DOMAINS=hunter":                          "DP_PLANS_DOMAINS fits no key",
		"DP_ORDERS_DOMAIN_ID_FULL_NAME=hunter":             "must be true or false",
		"DP_REGISTRARS_NETIM_MAIN_CALLS_PER_SECOND=hunter": "must be a number",
	} {
		_, err := read(t, example(t), variable)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter") {
			t.Errorf("%s: got %v, want %q", variable, err, want)
		}
	}
	_, err := read(t, example(t), "DP_BILLING_PASSWORD=a", "DP_BILLING_PASSWORD_FILE=b")
	if err == nil || !strings.Contains(err.Error(), "not both") {
		t.Errorf("got %v", err)
	}
}

func TestMissingFileSaysWhatToDo(t *testing.T) {
	_, err := config.Load(filepath.Join(t.TempDir(), "none.yaml"), nil, nil)
	if err == nil || !strings.Contains(err.Error(), "config/example.yaml") || !strings.Contains(err.Error(), config.FileVariable) {
		t.Errorf("got %v", err)
	}
}

func TestCallbackSecretsComeFromTheEnvironment(t *testing.T) {
	content := strings.Replace(example(t), "    # callback_secret: "+exampleconfig.Password, "    callback_secret: the-older-secret", 1)
	content = strings.Replace(content, "    # callback_secret_old: "+exampleconfig.Password, "    callback_secret_old: \"\"", 1)
	cfg, err := read(t, content, "DP_REGISTRARS_NETIM_MAIN_CALLBACK_SECRET=a-newer-secret-01", "DP_REGISTRARS_NETIM_MAIN_CALLBACK_SECRET_OLD=the-older-secret")
	if account := cfg.Registrars["netim-main"]; err != nil || account.CallbackSecret != "a-newer-secret-01" || account.CallbackSecretOld != "the-older-secret" {
		t.Errorf("got %v", err)
	}
}

func TestARegistrarThatGoesOnByItselfIsWaitedForLess(t *testing.T) {
	cfg, err := read(t, everyPlugin(t))
	if account := cfg.Registrars["realtime-main"]; err != nil || account.Timeout != time.Minute {
		t.Errorf("time-out %s, %v", account.Timeout, err)
	}
}

func TestSecretsAreNotPrinted(t *testing.T) {
	cfg, err := read(t, strings.Replace(example(t), "    # callback_secret: "+exampleconfig.Password, "    callback_secret: "+exampleconfig.Password, 1))
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range []string{fmt.Sprintf("%v", cfg), fmt.Sprintf("%+v", cfg), fmt.Sprintf("%#v", cfg)} {
		if strings.Contains(shown, ""+exampleconfig.Password) || strings.Contains(shown, exampleconfig.Key) {
			t.Errorf("a secret is in %s", shown)
		}
	}
}
