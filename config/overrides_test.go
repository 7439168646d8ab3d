package config_test

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"domainprovisioning/config"
	"domainprovisioning/internal/exampleconfig"
)

// holding returns a file with this content.
func holding(t *testing.T, content string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "value")
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// Container secrets are files whose line endings depend on the editor or tool that wrote
// them.
func TestAValueFromAFile(t *testing.T) {
	for _, c := range []struct{ content, want string }{
		{"a-secret-of-ours", "a-secret-of-ours"}, {"a-secret-of-ours\n", "a-secret-of-ours"}, {"a-secret-of-ours\r\n", "a-secret-of-ours"},
		{"a-secret-of-ours\n\n", "a-secret-of-ours"}, {" a-secret-of-ours ", " a-secret-of-ours "}, {"a-secret-of-two\nlines\n", "a-secret-of-two\nlines"}, {"", ""},
	} {
		cfg, err := read(t, example(t), "DP_REGISTRARS_NETIM_MAIN_CALLBACK_SECRET_FILE="+holding(t, c.content))
		if got := string(cfg.Registrars["netim-main"].CallbackSecret); err != nil || got != c.want {
			t.Errorf("%q is %q, %v", c.content, got, err)
		}
	}
	// This is not only for secrets: a number is read the same way, and checked.
	cfg, err := read(t, example(t), "DP_DATABASE_MAX_CONNECTIONS_FILE="+holding(t, "7\n"))
	if err != nil || cfg.Database.MaxConnections != 7 {
		t.Errorf("%d, %v", cfg.Database.MaxConnections, err)
	}
	_, err = read(t, example(t), "DP_DATABASE_MAX_CONNECTIONS_FILE="+holding(t, "hunter2"))
	if err == nil || err.Error() != "config: database.max_connections must be a whole number, in the environment variable DP_DATABASE_MAX_CONNECTIONS" {
		t.Errorf("got %v", err)
	}
}

// A file that the environment names is not read if its variable does not apply.
func TestAVariableAndItsFileAreNotBoth(t *testing.T) {
	for name, environment := range map[string][]string{
		"both":           {"DP_BILLING_PASSWORD=hunter2", "DP_BILLING_PASSWORD_FILE=" + holding(t, "hunter2")},
		"an empty value": {"DP_BILLING_PASSWORD=", "DP_BILLING_PASSWORD_FILE=/nowhere/x"},
	} {
		_, err := read(t, example(t), environment...)
		if err == nil || err.Error() != "config: set DP_BILLING_PASSWORD or DP_BILLING_PASSWORD_FILE, not both" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := read(t, example(t), "DP_BILLING_URI_FILE=/nowhere/x"); err == nil || err.Error() != "config: the environment variable DP_BILLING_URI_FILE fits no key" {
		t.Errorf("a file for no key: %v", err)
	}
}

// A sealing key and a password need not be in the file at all.
func TestSecretsOnlyInTheEnvironment(t *testing.T) {
	content := strings.NewReplacer("    k1: "+exampleconfig.Key, `    k1: ""`, "    password: "+exampleconfig.Password, `    password: ""`,
		"  url: postgres://domainprovisioning:"+exampleconfig.Password+"@localhost/domainprovisioning?sslmode=verify-full", "").Replace(example(t))
	if _, err := read(t, content); err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Fatalf("without them: %v", err)
	}
	key := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32)))
	cfg, err := read(t, content, "DP_DATABASE_SEALING_KEYS_K1="+key, "DP_REGISTRARS_NETIM_MAIN_PASSWORD=a=b c",
		"DP_DATABASE_URL=postgres://u:p=q@localhost/x?sslmode=verify-full")
	if err != nil || string(cfg.Database.SealingKeys["k1"]) != key || cfg.Registrars["netim-main"].Password != "a=b c" ||
		cfg.Database.URL != "postgres://u:p=q@localhost/x?sslmode=verify-full" {
		t.Errorf("%v", err)
	}
}

// The environment changes accounts and keys that the file names, but adds none, because a
// name of two words could be split in two ways.
func TestTheEnvironmentAddsNoAccount(t *testing.T) {
	for _, variable := range []string{"DP_REGISTRARS_OTHER_PASSWORD", "DP_DATABASE_SEALING_KEYS_K2", "DP_REGISTRARS_NETIM_MAIN", "DP_"} {
		_, err := read(t, example(t), variable+"=hunter2")
		if err == nil || err.Error() != "config: the environment variable "+variable+" fits no key" {
			t.Errorf("%s: %v", variable, err)
		}
	}
}

// All mistakes in the environment are reported at once, sorted, before those in the
// values.
func TestMistakesInTheEnvironmentAreNamedTogether(t *testing.T) {
	_, err := read(t, example(t), "DP_Z=hunter2", "DP_A=hunter2", "DP_WORKER_ACTIVITIES=hunter2", "DP_GATEWAY_BURST=0")
	want := "config: worker.activities must be a whole number, in the environment variable DP_WORKER_ACTIVITIES\n" +
		"config: the environment variable DP_A fits no key\nconfig: the environment variable DP_Z fits no key\n" +
		"config: gateway.burst is 0 and must be at least 1"
	if err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

// If a variable occurs twice, the last one wins, as for the programs themselves.
func TestAVariableThatIsThereTwice(t *testing.T) {
	cfg, err := read(t, example(t), "DP_WORKER_ACTIVITIES=1", "DP_WORKER_ACTIVITIES=2", "NODP_WORKER_ACTIVITIES=3")
	if err != nil || cfg.Worker.Activities != 2 {
		t.Errorf("%d, %v", cfg.Worker.Activities, err)
	}
}

// An account's defaults are filled in after the environment, which may clear a value too.
func TestDefaultsComeAfterTheEnvironment(t *testing.T) {
	cfg, err := read(t, example(t), "DP_REGISTRARS_NETIM_MAIN_SETTLE=0s", "DP_REGISTRARS_NETIM_MAIN_CALLS_AT_ONCE=0", "DP_REGISTRARS_NETIM_MAIN_PENDING_DEADLINE=0s")
	account := cfg.Registrars["netim-main"]
	if err != nil || account.Settle.Minutes() != 5 || account.CallsAtOnce != 4 || account.PendingDeadline.Hours() != 120 {
		t.Errorf("%+v, %v", account, err)
	}
	if got, want := fmt.Sprintf("%+v", cfg.Gateway), fmt.Sprintf("%+v", config.Defaults().Gateway); got != want {
		t.Errorf("the example shows other defaults than those of the gateway: %+v", cfg.Gateway)
	}
}

// Two accounts whose names run into one another: it must not be left to chance which of them
// gets a password.
func TestAVariableOfTwoKeysIsRefused(t *testing.T) {
	content := strings.Replace(example(t), "\nplans:", `
  netim-main-billing:
    plugin: netim
    url: https://api.netim.com/2.0/
    login: AB124
    password: `+exampleconfig.Password+`
plans:`, 1)
	const variable = "DP_REGISTRARS_NETIM_MAIN_BILLING_PASSWORD"
	for _, value := range []string{variable + "=hunter2", variable + "_FILE=" + exampleFile(t)} {
		_, err := read(t, content, value)
		if err == nil || err.Error() != "config: the environment variable "+variable+" fits more than one key; rename an account" {
			t.Errorf("%s: %v", value, err)
		}
	}
	if _, err := read(t, content, "DP_REGISTRARS_NETIM_MAIN_PASSWORD=hunter2"); err != nil {
		t.Errorf("a variable of one key: %v", err)
	}
}

func exampleFile(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(name, []byte("hunter2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestARateIsANumber(t *testing.T) {
	for _, value := range []string{"NaN", "Inf", "-Inf", "-1"} {
		for variable, want := range map[string]string{
			"DP_REGISTRARS_NETIM_MAIN_CALLS_PER_SECOND": "registrars.netim-main.calls_per_second must be",
			"DP_GATEWAY_REQUESTS_PER_SECOND":            "gateway.requests_per_second is",
		} {
			if _, err := read(t, example(t), variable+"="+value); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s=%s: %v", variable, value, err)
			}
		}
	}
}
