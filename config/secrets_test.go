package config_test

import (
	"os"
	"strings"
	"testing"

	"domainprovisioning/internal/exampleconfig"
)

func TestSecretsOfTheExampleAreRefused(t *testing.T) {
	raw, err := os.ReadFile("example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	content := strings.NewReplacer("# callback_secret: ", "callback_secret: ", "# callback_secret_old: ", "callback_secret_old: ").Replace(string(raw))
	_, err = read(t, content, "DP_OPERATIONS_LOGIN=a", "DP_OPERATIONS_PASSWORD=Change-Me", "DP_BILLING_USERNAME=a", "DP_BILLING_PASSWORD=change-me")
	if err == nil {
		t.Fatal("the example as it is was taken")
	}
	for _, key := range []string{
		"database.url", "database.sealing_keys.k1", "operations.password", "billing.password", "registrars.netim-main.password",
		"registrars.netim-main.billing_password", "registrars.netim-main.callback_secret", "registrars.netim-main.callback_secret_old",
	} {
		if strings.Count(err.Error(), "config: "+key+" must be changed") != 1 {
			t.Errorf("%s is not refused: %v", key, err)
		}
	}
	if _, err := read(t, example(t)); err != nil {
		t.Errorf("filled in: %v", err)
	}
}

func TestShortSecretsOfOurOwnAreRefused(t *testing.T) {
	for _, c := range []struct{ setting, refused string }{
		{"DP_REGISTRARS_NETIM_MAIN_CALLBACK_SECRET=fifteen-letters", "callback_secret must be at least 16 characters long"},
		// What a registrar asks for is not ours to judge.
		{"DP_REGISTRARS_NETIM_MAIN_PASSWORD=short", ""},
	} {
		_, err := read(t, example(t), c.setting)
		if (err == nil) != (c.refused == "") || err != nil && !strings.Contains(err.Error(), c.refused) {
			t.Errorf("%s: %v", c.setting, err)
		}
		if err != nil && strings.Contains(err.Error(), "fifteen-letters") {
			t.Error("the secret is shown")
		}
	}
	if len(exampleconfig.Password) < 16 {
		t.Error("the tests' own password is too short to prove it")
	}
}
